/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys of parties: written in mandates, read from files. */
#include "internal.h"

#include <crypto/openssl/pem.h>

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static const struct kind_row {
    const char *prefix;
    int32_t curve;
    uint8_t len;
} kinds[] = {
    { "ed25519:", COVEY_ED25519, 32 },
    { "p256:", COVEY_P256, 33 },
};

enum {
    FILE_MAX = 16384
};

static int digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

bool mandate_key_parse(const char *text, size_t len, mandate_key *key)
{
    for (size_t i = 0; i < COUNT(kinds); i++) {
        const size_t head = strlen(kinds[i].prefix);
        mandate_key k = { .curve = kinds[i].curve, .len = kinds[i].len };

        if (len != head + (size_t)2 * k.len ||
            memcmp(text, kinds[i].prefix, head) != 0) {
            continue;
        }
        for (size_t n = 0; n < k.len; n++) {
            const int high = digit(text[head + 2 * n]);
            const int low = digit(text[head + 2 * n + 1]);
            if (high < 0 || low < 0) {
                return false;
            }
            k.bytes[n] = (uint8_t)((unsigned)high << 4 | (unsigned)low);
        }
        *key = k;
        return true;
    }
    return false;
}

const char *mandate_key_text(const mandate_key *key,
                             char out[MANDATE_KEY_TEXT_MAX])
{
    size_t at = 0;

    out[0] = '\0';
    for (size_t i = 0; i < COUNT(kinds); i++) {
        if (kinds[i].curve == key->curve) {
            at = (size_t)snprintf(out, MANDATE_KEY_TEXT_MAX, "%s",
                                  kinds[i].prefix);
        }
    }
    for (size_t i = 0; i < key->len; i++, at += 2) {
        snprintf(out + at, MANDATE_KEY_TEXT_MAX - at, "%02x", key->bytes[i]);
    }
    return out;
}

bool mandate_key_equal(const mandate_key *a, const mandate_key *b)
{
    return a->curve == b->curve && a->len == b->len &&
           memcmp(a->bytes, b->bytes, a->len) == 0;
}

/* --- files --------------------------------------------------------------- */

static bool read_private(const char *path, uint8_t *text, size_t *len,
                         FILE *messages)
{
    struct stat about;
    FILE *in = fopen(path, "rb");
    bool good = false;

    if (in == NULL || fstat(fileno(in), &about) != 0) {
        fprintf(messages, "%s: error: %s\n", path, strerror(errno));
    } else if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        fprintf(messages,
                "%s: error: others may use this private key (mode %04o); "
                "expected mode 0600\n",
                path, (unsigned)(about.st_mode & 07777u));
    } else {
        *len = fread(text, 1, FILE_MAX, in);
        good = !ferror(in);
    }
    if (in != NULL) {
        fclose(in);
    }
    return good;
}

/* The key of a signer: point in its short form. */
static bool take_public(const covey_crypto *crypto, const covey_key *own,
                        int32_t curve, mandate_key *key)
{
    uint8_t encoded[COVEY_PUBLIC_MAX];
    covey_writer w = covey_writer_of(encoded, sizeof encoded);
    mandate_key k = { .curve = curve };

    if (crypto->public_of(crypto->provider, own, &w) != COVEY_OK) {
        return false;
    }
    if (curve == COVEY_ED25519) {
        k.len = 32;
        memcpy(k.bytes, encoded, 32);
    } else {
        /* SEC 1 Section 2.3.3: 02 or 03 by the last bit of y, then x */
        k.len = 33;
        k.bytes[0] = (uint8_t)(2 | (encoded[64] & 1));
        memcpy(k.bytes + 1, encoded + 1, 32);
    }
    *key = k;
    return true;
}

bool mandate_key_load(const char *path, const covey_crypto *crypto,
                      covey_key *own, mandate_key *key, FILE *messages)
{
    uint8_t text[FILE_MAX];
    uint8_t raw[COVEY_PRIVATE_MAX];
    covey_writer w = covey_writer_of(raw, sizeof raw);
    size_t len = 0;
    int32_t curve = 0;

    if (!read_private(path, text, &len, messages)) {
        return false;
    }
    covey_status st =
        covey_pem_private_key(covey_bytes_of(text, len), &curve, &w);
    if (st == COVEY_OK && curve != COVEY_ED25519 && curve != COVEY_P256) {
        st = COVEY_E_UNSUPPORTED;
    }
    if (st == COVEY_OK) {
        st = crypto->private_key(crypto->provider, curve, covey_written(&w),
                                 own);
    }
    covey_wipe(text, sizeof text);
    covey_wipe(raw, sizeof raw);
    if (st != COVEY_OK || !take_public(crypto, own, curve, key)) {
        fprintf(messages,
                "%s: error: expected a private key of Ed25519 or P-256 in "
                "PEM, without password (RFC 7468 Section 10)\n",
                path);
        return false;
    }
    return true;
}
