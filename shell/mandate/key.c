/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys of parties: written in mandates, read from files. */
#include "internal.h"

#include <crypto/openssl/pem.h>

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <text.h>

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

bool mandate_key_parse(const char *text, size_t len, mandate_key *key)
{
    for (size_t i = 0; i < COUNT(kinds); i++) {
        const size_t head = strlen(kinds[i].prefix);
        mandate_key k = { .curve = kinds[i].curve, .len = kinds[i].len };

        if (len != head + (size_t)2 * k.len ||
            memcmp(text, kinds[i].prefix, head) != 0) {
            continue;
        }
        if (!text_hex_read(text + head, len - head, k.bytes)) {
            return false;
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
    text_hex(covey_bytes_of(key->bytes, key->len), out + at);
    return out;
}

bool mandate_key_equal(const mandate_key *a, const mandate_key *b)
{
    return a->curve == b->curve && a->len == b->len &&
           memcmp(a->bytes, b->bytes, a->len) == 0;
}

static int32_t alg_of(const mandate_key *key)
{
    return key->curve == COVEY_ED25519 ? COVEY_EDDSA : COVEY_ES256;
}

bool mandate_key_sign(const covey_crypto *crypto, covey_key *own,
                      const mandate_key *key, covey_bytes tbs,
                      uint8_t signature[MANDATE_SIGNATURE])
{
    covey_writer w = covey_writer_of(signature, MANDATE_SIGNATURE);

    return crypto->sign(crypto->provider, own, alg_of(key), tbs, &w) ==
               COVEY_OK &&
           w.pos == MANDATE_SIGNATURE;
}

bool mandate_key_verify(const covey_crypto *crypto, const mandate_key *key,
                        covey_bytes tbs,
                        const uint8_t signature[MANDATE_SIGNATURE])
{
    covey_key handle;

    if (crypto->public_key(crypto->provider, key->curve,
                           covey_bytes_of(key->bytes, key->len),
                           &handle) != COVEY_OK) {
        return false;
    }
    const covey_status st =
        crypto->verify(crypto->provider, &handle, alg_of(key), tbs,
                       covey_bytes_of(signature, MANDATE_SIGNATURE));
    crypto->key_drop(crypto->provider, &handle);
    return st == COVEY_OK;
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
