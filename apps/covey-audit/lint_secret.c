/* SPDX-License-Identifier: BSD-2-Clause */
/* What a secret is worth. It is never tried on anybody: it is compared with a
 * list, and looked at. */
#include "lint.h"

#include <ctype.h>
#include <hex.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* Keys of examples, which people take along. A text that can be read as hex is
 * tried both ways. */
static const struct published {
    const char *key;
    const char *where;
} published[] = {
    { "secretPSK", "examples of libcoap, tinydtls, Californium and RIOT" },
    { "sesame", "examples of Californium" },
    { "password", "examples of Californium" },
    { "0102030405060708090a0b0c0d0e0f10", "RFC 8613 Appendix C" },
    { "000102030405060708090a0b0c0d0e0f", "examples of Mbed TLS and Zephyr" },
    { "0f0e0d0c0b0a09080706050403020100", "test vectors" },
    { "1a2b3c4d", "examples of OpenSSL and wolfSSL" },
    { "1a2b3c4d5e6f", "examples of OpenSSL" },
    { "0123456789abcdef", "examples of many products" },
    { "00112233445566778899aabbccddeeff", "FIPS 197" },
    { "2b7e151628aed2a6abf7158809cf4f3c", "FIPS 197" },
    { "c0c1c2c3c4c5c6c7c8c9cacbcccdcecf", "RFC 3610" },
    { "404142434445464748494a4b4c4d4e4f", "SP 800-38C" },
    { "12345678", "examples of many products" },
    { "1234567890", "examples of many products" },
    { "1234567890123456", "examples of many products" },
    { "admin", "factory settings of many products" },
    { "default", "factory settings of many products" },
    { "secret", "examples of many products" },
    { "test", "examples of many products" },
    { "psk", "examples of many products" },
    { "123456", "examples of many products" },
};

static bool has_digest(const covey_crypto *crypto, covey_bytes key,
                       const char *sha256)
{
    char hex[65];

    return audit_digest(crypto, key, hex) && strcmp(hex, sha256) == 0;
}

const char *lint_secret_published(const covey_crypto *crypto,
                                  const char *sha256)
{
    for (size_t i = 0; i < COUNT(published); i++) {
        const char *key = published[i].key;
        uint8_t *bytes = NULL;
        size_t len = 0;
        char error[80];
        bool same = has_digest(
            crypto, covey_bytes_of((const uint8_t *)key, strlen(key)), sha256);
        if (!same &&
            hex_parse(key, strlen(key), &bytes, &len, error, sizeof error)) {
            same = has_digest(crypto, covey_bytes_of(bytes, len), sha256);
            free(bytes);
        }
        if (same) {
            return published[i].where;
        }
    }
    return NULL;
}

/* --- what it consists of ------------------------------------------------- */

static bool all(covey_bytes s, int (*is)(int))
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] > '~' || is(s.ptr[i]) == 0) {
            return false;
        }
    }
    return s.len > 0;
}

/* The same step from byte to byte, as of 1, 2, 3 and of 7, 7, 7. */
static bool is_a_row(covey_bytes s)
{
    for (size_t i = 2; i < s.len; i++) {
        if ((uint8_t)(s.ptr[i] - s.ptr[i - 1]) !=
            (uint8_t)(s.ptr[1] - s.ptr[0])) {
            return false;
        }
    }
    return true;
}

/* A beginning that comes again to the end. */
static bool repeats(covey_bytes s)
{
    for (size_t n = 1; n <= s.len / 2; n++) {
        if (memcmp(s.ptr, s.ptr + n, s.len - n) == 0) {
            return true;
        }
    }
    return false;
}

static size_t distinct(covey_bytes s)
{
    bool seen[256] = { false };
    size_t count = 0;

    for (size_t i = 0; i < s.len; i++) {
        count += seen[s.ptr[i]] ? 0 : 1;
        seen[s.ptr[i]] = true;
    }
    return count;
}

unsigned lint_secret_bits(covey_bytes secret, const char **why)
{
    const unsigned len = secret.len < 1024 ? (unsigned)secret.len : 1024;

    *why = NULL;
    if (is_a_row(secret) || repeats(secret)) {
        *why = "a pattern";
        return 8 * (len < 2 ? len : 2);
    }
    if (distinct(secret) * 4 <= len) {
        *why = "few different bytes";
        return len * 2;
    }
    if (all(secret, isdigit)) {
        *why = "digits";
        return len * 10 / 3;
    }
    if (all(secret, isxdigit)) {
        *why = "hexadecimal digits";
        return len * 4;
    }
    if (all(secret, isprint)) {
        *why = "a text, as people make it";
        return len * 4;
    }
    return len * 8;
}
