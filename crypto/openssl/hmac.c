/* SPDX-License-Identifier: BSD-2-Clause */
/* HMAC (RFC 2104) and HKDF (RFC 5869) over the provider's hash contexts.
 * libcrypto's EVP_MAC and EVP_KDF look names up and set parameters per call,
 * which costs several times the hashing of what OSCORE derives. */
#include "internal.h"

enum {
    BLOCK_MAX = 128,
    PARTS_MAX = 3,
    ROUNDS_MAX = 255
};

/* The key brought to the size of a block (RFC 2104 Section 2). */
static bool block_of_key(struct hash_row *h, covey_bytes key, uint8_t *block)
{
    memset(block, 0, h->block);
    if (key.len > h->block) {
        return hash_parts(h, &key, 1, block);
    }
    if (key.len > 0) {
        memcpy(block, key.ptr, key.len);
    }
    return true;
}

static void mask(uint8_t *block, size_t len, uint8_t with)
{
    for (size_t i = 0; i < len; i++) {
        block[i] ^= with;
    }
}

/* HMAC over up to PARTS_MAX parts. `mac` may be one of the parts: it is
 * written when all have been read. */
static bool hmac_parts(struct hash_row *h, covey_bytes key,
                       const covey_bytes *parts, size_t count, uint8_t *mac)
{
    uint8_t block[BLOCK_MAX] = { 0 };
    uint8_t inner[COVEY_HASH_MAX] = { 0 };
    covey_bytes all[1 + PARTS_MAX] = { covey_bytes_of(block, h->block) };
    covey_bytes outer[2] = { covey_bytes_of(block, h->block),
                             covey_bytes_of(inner, h->len) };
    bool good = block_of_key(h, key, block);

    memcpy(all + 1, parts, count * sizeof parts[0]);
    mask(block, h->block, 0x36);
    good = good && hash_parts(h, all, 1 + count, inner);
    mask(block, h->block, 0x36 ^ 0x5c);
    good = good && hash_parts(h, outer, 2, mac);
    covey_wipe(block, sizeof block);
    covey_wipe(inner, sizeof inner);
    return good;
}

/* The row of an HMAC algorithm, or NULL: the number of a hash is none. */
static struct hash_row *hmac_find(struct provider *p, int32_t alg)
{
    const covey_alg *row = covey_alg_find(alg);

    return row && row->kind == COVEY_ALG_HMAC ? hash_find(p, alg) : NULL;
}

covey_status hmac_once(void *provider, int32_t alg, covey_bytes key,
                       covey_bytes data, covey_writer *out)
{
    struct hash_row *h = hmac_find(provider, alg);
    covey_status st = COVEY_OK;

    if (!h) {
        return COVEY_E_UNSUPPORTED;
    }
    st = has_room(out, h->len);
    if (st != COVEY_OK) {
        return st;
    }
    if (!hmac_parts(h, key, &data, 1, writer_at(out))) {
        return host_failure();
    }
    out->pos += h->len;
    return COVEY_OK;
}

/* T(1) | T(2) | ... of RFC 5869 Section 2.3, to the end of the writer. */
static covey_status expand(struct hash_row *h, covey_bytes prk,
                           covey_bytes info, covey_writer *out)
{
    uint8_t t[COVEY_HASH_MAX];
    uint8_t round = 0;
    size_t left = out->cap - out->pos;
    uint8_t *to = writer_at(out);
    covey_status st = COVEY_OK;

    while (left > 0) {
        round++;
        covey_bytes parts[PARTS_MAX] = { covey_bytes_of(
                                             t, round == 1 ? 0 : h->len),
                                         info, covey_bytes_of(&round, 1) };
        if (!hmac_parts(h, prk, parts, PARTS_MAX, t)) {
            st = host_failure();
            covey_wipe(out->base + out->pos, out->cap - out->pos);
            goto out;
        }
        size_t n = left < h->len ? left : h->len;
        memcpy(to, t, n);
        to += n;
        left -= n;
    }
    out->pos = out->cap;
out:
    covey_wipe(t, sizeof t);
    return st;
}

static covey_status refuse(const struct hash_row *h, const covey_writer *out)
{
    size_t len = out->cap - out->pos;

    if (!h) {
        return COVEY_E_UNSUPPORTED;
    }
    if (out->failed != COVEY_OK) {
        return out->failed;
    }
    return len == 0 || len > ROUNDS_MAX * h->len ? COVEY_E_RANGE : COVEY_OK;
}

covey_status hkdf_both(void *provider, int32_t alg, covey_bytes salt,
                       covey_bytes ikm, covey_bytes info, covey_writer *out)
{
    struct hash_row *h = hmac_find(provider, alg);
    uint8_t prk[COVEY_HASH_MAX];
    covey_status st = refuse(h, out);

    if (st != COVEY_OK) {
        return st;
    }
    st = hmac_parts(h, salt, &ikm, 1, prk)
             ? expand(h, covey_bytes_of(prk, h->len), info, out)
             : host_failure();
    covey_wipe(prk, sizeof prk);
    return st;
}

covey_status hkdf_expand(void *provider, int32_t alg, covey_bytes prk,
                         covey_bytes info, covey_writer *out)
{
    struct hash_row *h = hmac_find(provider, alg);
    covey_status st = refuse(h, out);

    if (st != COVEY_OK) {
        return st;
    }
    return prk.len < h->len ? COVEY_E_RANGE : expand(h, prk, info, out);
}
