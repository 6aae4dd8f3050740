/* SPDX-License-Identifier: BSD-2-Clause */
/* Content encryption. A key is two EVP_CIPHER_CTX with their key schedules,
 * one for each direction; a message gives one of them a new nonce and nothing
 * else.
 *
 * Traps of libcrypto's CCM that this file goes round:
 * - Lengths of nonce and tag go into the first block, and are read when the
 *   key is set: they must be set before it.
 * - The direction is chosen when the key is set, too: turning a context round
 *   later gives wrong tags.
 * - The length of the message must be given before the AAD.
 * - Nobody checks that the length fits into the bytes that the nonce leaves.
 * - An empty message must be run like others, with pointers that are not
 *   NULL, otherwise its tag is neither made nor compared. */
#include "internal.h"

#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/params.h>

enum mode {
    MODE_CCM,
    MODE_STREAM, /* GCM and ChaCha20/Poly1305: tag at the end */
    MODE_CTR
};

static const char *const names[CIPHER_COUNT] = {
    "AES-128-CCM", "AES-256-CCM", "AES-128-GCM",
    "AES-192-GCM", "AES-256-GCM", "AES-128-CTR",
    "AES-192-CTR", "AES-256-CTR", "ChaCha20-Poly1305",
};

/* The length field has 15 - nonce bytes (RFC 3610 Section 2.1); what 8 bytes
 * can count does not fit into libcrypto's int. */
enum {
    CCM_MAX_12 = 0xffffff,
    CCM_MAX_13 = 0xffff
};

enum {
    OPENING = 0,
    SEALING = 1
}; /* as libcrypto counts directions */

struct cipher {
    EVP_CIPHER_CTX *ctx; /* of the direction that is wanted */
    enum mode mode;
    uint8_t nonce_len;
    uint8_t tag_len;
};

/* Index into names, and the mode, of a content encryption algorithm. */
static size_t index_of(const covey_alg *alg, enum mode *mode)
{
    size_t by_key = (size_t)(alg->key_len - 16) / 8;

    if (alg->id == COVEY_CHACHA20_POLY1305) {
        *mode = MODE_STREAM;
        return 8;
    }
    if (alg->kind == COVEY_ALG_CIPHER) {
        *mode = MODE_CTR;
        return 5 + by_key;
    }
    if (alg->id >= COVEY_A128GCM && alg->id <= COVEY_A256GCM) {
        *mode = MODE_STREAM;
        return 2 + by_key;
    }
    *mode = MODE_CCM;
    return by_key / 2;
}

bool ciphers_fetch(struct provider *p)
{
    for (size_t i = 0; i < CIPHER_COUNT; i++) {
        p->ciphers[i] = EVP_CIPHER_fetch(NULL, names[i], NULL);
        if (!p->ciphers[i]) {
            return false;
        }
    }
    return true;
}

/* What seal and open need is packed into the handle, so that no table is
 * searched per message. */
enum {
    AT_CTX = 1,
    AT_SHAPE = 3
};

static void store_shape(covey_key *key, const struct cipher *c)
{
    key->opaque[AT_SHAPE] = (uint64_t)c->mode << 16 |
                            (uint64_t)c->nonce_len << 8 | (uint64_t)c->tag_len;
}

static bool load(const covey_key *key, size_t direction, struct cipher *c)
{
    uint64_t shape = key->opaque[AT_SHAPE];

    c->ctx = handle_load(key->opaque[AT_CTX + direction]);
    c->mode = (enum mode)(shape >> 16);
    c->nonce_len = (uint8_t)(shape >> 8 & 0xff);
    c->tag_len = (uint8_t)(shape & 0xff);
    return handle_kind_of(key->opaque[0]) == HANDLE_CIPHER;
}

static bool set_key(const struct cipher *c, int direction,
                    const EVP_CIPHER *type, covey_bytes raw)
{
    size_t nonce_len = c->nonce_len;
    OSSL_PARAM lengths[3] = {
        OSSL_PARAM_construct_size_t(OSSL_CIPHER_PARAM_AEAD_IVLEN, &nonce_len),
        OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, NULL,
                                          c->tag_len),
        OSSL_PARAM_construct_end(),
    };

    return c->ctx &&
           EVP_CipherInit_ex2(c->ctx, type, NULL, NULL, direction,
                              c->mode == MODE_CCM ? lengths : NULL) == 1 &&
           EVP_CipherInit_ex2(c->ctx, NULL, raw.ptr, NULL, direction, NULL) ==
               1;
}

covey_status cipher_key(void *provider, int32_t alg, covey_bytes raw,
                        covey_key *key)
{
    struct provider *p = provider;
    const covey_alg *row = covey_aead_find(alg);
    struct cipher c;

    memset(key, 0, sizeof *key);
    if (!row) {
        return COVEY_E_UNSUPPORTED;
    }
    if (raw.len != row->key_len) {
        return COVEY_E_RANGE;
    }
    size_t index = index_of(row, &c.mode);
    c.nonce_len = row->nonce_len;
    c.tag_len = row->out_len;
    store_shape(key, &c);
    for (int direction = OPENING; direction <= SEALING; direction++) {
        c.ctx = EVP_CIPHER_CTX_new();
        key->opaque[AT_CTX + direction] = handle_store(c.ctx);
        if (!set_key(&c, direction, p->ciphers[index], raw)) {
            cipher_drop(key);
            memset(key, 0, sizeof *key);
            return host_failure();
        }
    }
    key->opaque[0] = handle_word(HANDLE_CIPHER, alg);
    return COVEY_OK;
}

/* libcrypto wipes the key schedules. */
void cipher_drop(covey_key *key)
{
    EVP_CIPHER_CTX_free(handle_load(key->opaque[AT_CTX + OPENING]));
    EVP_CIPHER_CTX_free(handle_load(key->opaque[AT_CTX + SEALING]));
}

/* What both directions refuse before they begin. */
static covey_status refuse(const struct cipher *c, covey_bytes nonce,
                           covey_bytes aad, size_t plaintext_len)
{
    if (c->mode == MODE_CTR && aad.len > 0) {
        return COVEY_E_ARGUMENT;
    }
    if (nonce.len != c->nonce_len || aad.len > INT_MAX ||
        plaintext_len > INT_MAX - COVEY_TAG_MAX ||
        (c->nonce_len == 13 && plaintext_len > CCM_MAX_13) ||
        (c->nonce_len == 12 && c->mode == MODE_CCM &&
         plaintext_len > CCM_MAX_12)) {
        return COVEY_E_RANGE;
    }
    return COVEY_OK;
}

/* A nonce for the next message, and the tag to compare with when opening. The
 * counter block of CTR has four zero bytes more (RFC 9459 Section 4). */
static bool begin(const struct cipher *c, int direction, covey_bytes nonce,
                  uint8_t *tag)
{
    uint8_t iv[16] = { 0 };
    OSSL_PARAM set[2] = {
        OSSL_PARAM_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, tag, c->tag_len),
        OSSL_PARAM_END,
    };

    memcpy(iv, nonce.ptr, nonce.len);
    return EVP_CipherInit_ex2(c->ctx, NULL, NULL, iv, direction,
                              tag ? set : NULL) == 1;
}

/* The length for CCM, then the AAD, for either direction. */
static bool give_aad(const struct cipher *c, covey_bytes aad, size_t len)
{
    int n = 0;

    if (c->mode == MODE_CCM &&
        EVP_CipherUpdate(c->ctx, NULL, &n, NULL, (int)len) != 1) {
        return false;
    }
    return aad.len == 0 ||
           EVP_CipherUpdate(c->ctx, NULL, &n, aad.ptr, (int)aad.len) == 1;
}

static bool run(const struct cipher *c, const uint8_t *in, size_t len,
                uint8_t *out)
{
    static const uint8_t empty[1];
    uint8_t none[1];
    int n = 0;

    if (len == 0) {
        return c->mode != MODE_CCM ||
               EVP_CipherUpdate(c->ctx, none, &n, empty, 0) == 1;
    }
    return EVP_CipherUpdate(c->ctx, out, &n, in, (int)len) == 1 &&
           (size_t)n == len;
}

/* CCM has nothing left to do here; for the others it makes or compares the
 * tag. */
static bool finish(const struct cipher *c)
{
    uint8_t none[16];
    int n = 0;

    return c->mode != MODE_STREAM || EVP_CipherFinal_ex(c->ctx, none, &n) == 1;
}

static bool get_tag(const struct cipher *c, uint8_t *tag)
{
    OSSL_PARAM get[2] = {
        OSSL_PARAM_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, tag, c->tag_len),
        OSSL_PARAM_END,
    };

    return c->tag_len == 0 || EVP_CIPHER_CTX_get_params(c->ctx, get) == 1;
}

covey_status cipher_seal(void *provider, covey_key *key, covey_bytes nonce,
                         covey_bytes aad, covey_bytes plaintext,
                         covey_writer *out)
{
    struct cipher c;
    covey_status st = COVEY_OK;

    (void)provider;
    if (!load(key, SEALING, &c)) {
        return COVEY_E_ARGUMENT;
    }
    st = refuse(&c, nonce, aad, plaintext.len);
    if (st != COVEY_OK) {
        return st;
    }
    size_t total = plaintext.len + c.tag_len;
    st = has_room(out, total);
    if (st != COVEY_OK || total == 0) {
        return st;
    }
    uint8_t *to = out->base + out->pos;
    if (!begin(&c, SEALING, nonce, NULL) ||
        !give_aad(&c, aad, plaintext.len) ||
        !run(&c, plaintext.ptr, plaintext.len, to) || !finish(&c) ||
        !get_tag(&c, to + plaintext.len)) {
        covey_wipe(to, total);
        return host_failure();
    }
    out->pos += total;
    return COVEY_OK;
}

covey_status cipher_open(void *provider, covey_key *key, covey_bytes nonce,
                         covey_bytes aad, covey_bytes sealed,
                         covey_writer *out)
{
    uint8_t tag[COVEY_TAG_MAX] = { 0 };
    struct cipher c;
    covey_status st = COVEY_OK;

    (void)provider;
    if (!load(key, OPENING, &c)) {
        return COVEY_E_ARGUMENT;
    }
    if (sealed.len < c.tag_len) {
        return COVEY_E_AUTH;
    }
    size_t len = sealed.len - c.tag_len;
    st = refuse(&c, nonce, aad, len);
    if (st != COVEY_OK) {
        return st;
    }
    st = has_room(out, len);
    if (st != COVEY_OK) {
        return st;
    }
    if (c.tag_len > 0) {
        memcpy(tag, sealed.ptr + len, c.tag_len);
    }
    if (!begin(&c, OPENING, nonce, c.tag_len > 0 ? tag : NULL) ||
        !give_aad(&c, aad, len)) {
        return host_failure();
    }
    /* From here on libcrypto does not say why it fails; a forged message is
     * the reason by far, and refusing it is right in any case. */
    uint8_t *to = writer_at(out);
    if (!run(&c, sealed.ptr, len, to) || !finish(&c)) {
        if (len > 0) {
            covey_wipe(to, len);
        }
        (void)host_failure();
        return COVEY_E_AUTH;
    }
    out->pos += len;
    return COVEY_OK;
}
