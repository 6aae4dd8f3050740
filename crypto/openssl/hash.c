/* SPDX-License-Identifier: BSD-2-Clause */
/* SHA-2: in one go with the provider's own contexts, and step by step with a
 * context per handle. */
#include "internal.h"

static const struct {
    int32_t hash;
    int32_t hmac;
    const char *name;
    size_t len;
    size_t block;
} rows[HASH_COUNT] = {
    { COVEY_SHA_256, COVEY_HMAC_256_256, "SHA256", 32, 64 },
    { COVEY_SHA_384, COVEY_HMAC_384_384, "SHA384", 48, 128 },
    { COVEY_SHA_512, COVEY_HMAC_512_512, "SHA512", 64, 128 },
};

bool hashes_fetch(struct provider *p)
{
    for (size_t i = 0; i < HASH_COUNT; i++) {
        struct hash_row *h = &p->hashes[i];

        h->len = rows[i].len;
        h->block = rows[i].block;
        h->md = EVP_MD_fetch(NULL, rows[i].name, NULL);
        h->ctx = EVP_MD_CTX_new();
        if (!h->md || !h->ctx) {
            return false;
        }
    }
    return true;
}

struct hash_row *hash_find(struct provider *p, int32_t alg)
{
    for (size_t i = 0; i < HASH_COUNT; i++) {
        if (rows[i].hash == alg || rows[i].hmac == alg) {
            return &p->hashes[i];
        }
    }
    return NULL;
}

bool hash_parts(struct hash_row *h, const covey_bytes *parts, size_t count,
                uint8_t *digest)
{
    bool good = EVP_DigestInit_ex2(h->ctx, h->md, NULL) == 1;

    for (size_t i = 0; i < count; i++) {
        good =
            good && EVP_DigestUpdate(h->ctx, parts[i].ptr, parts[i].len) == 1;
    }
    good = good && EVP_DigestFinal_ex(h->ctx, digest, NULL) == 1;
    /* This wipes the state. The next beginning would free it anyway. */
    return EVP_MD_CTX_reset(h->ctx) == 1 && good;
}

/* The context behind a handle that is not empty, or NULL. */
static EVP_MD_CTX *context_of(const covey_hash *hash)
{
    return handle_kind_of(hash->opaque[0]) == HANDLE_HASH
               ? handle_load(hash->opaque[1])
               : NULL;
}

covey_status hash_begin(void *provider, int32_t alg, covey_hash *hash)
{
    const covey_alg *row = covey_alg_find(alg);
    struct hash_row *h = NULL;
    EVP_MD_CTX *ctx = NULL;

    memset(hash, 0, sizeof *hash);
    if (row && row->kind == COVEY_ALG_HASH) {
        h = hash_find(provider, alg);
    }
    if (!h) {
        return COVEY_E_UNSUPPORTED;
    }
    ctx = EVP_MD_CTX_new();
    if (!ctx || EVP_DigestInit_ex2(ctx, h->md, NULL) != 1) {
        EVP_MD_CTX_free(ctx);
        return host_failure();
    }
    hash->opaque[0] = handle_word(HANDLE_HASH, alg);
    hash->opaque[1] = handle_store(ctx);
    return COVEY_OK;
}

covey_status hash_update(void *provider, covey_hash *hash, covey_bytes data)
{
    EVP_MD_CTX *ctx = context_of(hash);

    (void)provider;
    if (!ctx) {
        return COVEY_E_ARGUMENT;
    }
    return EVP_DigestUpdate(ctx, data.ptr, data.len) == 1 ? COVEY_OK
                                                          : host_failure();
}

covey_status hash_clone(void *provider, const covey_hash *hash,
                        covey_hash *copy)
{
    EVP_MD_CTX *from = context_of(hash);
    EVP_MD_CTX *ctx = NULL;

    (void)provider;
    memset(copy, 0, sizeof *copy);
    if (!from) {
        return COVEY_E_ARGUMENT;
    }
    ctx = EVP_MD_CTX_new();
    if (!ctx || EVP_MD_CTX_copy_ex(ctx, from) != 1) {
        EVP_MD_CTX_free(ctx);
        return host_failure();
    }
    copy->opaque[0] = hash->opaque[0];
    copy->opaque[1] = handle_store(ctx);
    return COVEY_OK;
}

covey_status hash_finish(void *provider, covey_hash *hash, covey_writer *out)
{
    EVP_MD_CTX *ctx = context_of(hash);
    struct hash_row *h = hash_find(provider, handle_id_of(hash->opaque[0]));
    covey_status st = COVEY_OK;

    if (!ctx || !h) {
        return COVEY_E_ARGUMENT;
    }
    st = has_room(out, h->len);
    if (st != COVEY_OK) {
        return st;
    }
    if (EVP_DigestFinal_ex(ctx, writer_at(out), NULL) == 1) {
        out->pos += h->len;
    } else {
        st = host_failure();
    }
    hash_drop(provider, hash);
    return st;
}

void hash_drop(void *provider, covey_hash *hash)
{
    (void)provider;
    EVP_MD_CTX_free(context_of(hash)); /* wipes the state */
    memset(hash, 0, sizeof *hash);
}
