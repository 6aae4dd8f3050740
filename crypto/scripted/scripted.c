/* SPDX-License-Identifier: BSD-2-Clause */
/* One function of the table after the other: count, perhaps fail, pass on. */
#include "scripted.h"

#include <string.h>

/* True if this call is the one to fail. Every function asks once. */
static bool fails(covey_scripted *s)
{
    return s->calls++ == s->fail_at;
}

static bool is_empty(const uint64_t *words, size_t count)
{
    uint64_t all = 0;

    for (size_t i = 0; i < count; i++) {
        all |= words[i];
    }
    return all == 0;
}

/* A handle more, if it was made. */
static covey_status alive(covey_scripted *s, covey_status st)
{
    s->live += st == COVEY_OK;
    return st;
}

static covey_status cipher_key(void *provider, int32_t alg, covey_bytes raw,
                               covey_key *key)
{
    covey_scripted *s = provider;

    memset(key, 0, sizeof *key);
    return fails(s) ? COVEY_E_CRYPTO
                    : alive(s, s->inner->cipher_key(s->inner->provider, alg,
                                                    raw, key));
}

static covey_status seal(void *provider, covey_key *key, covey_bytes nonce,
                         covey_bytes aad, covey_bytes plaintext,
                         covey_writer *out)
{
    covey_scripted *s = provider;

    return fails(s) ? COVEY_E_CRYPTO
                    : s->inner->seal(s->inner->provider, key, nonce, aad,
                                     plaintext, out);
}

static covey_status open(void *provider, covey_key *key, covey_bytes nonce,
                         covey_bytes aad, covey_bytes sealed,
                         covey_writer *out)
{
    covey_scripted *s = provider;

    return fails(s) ? COVEY_E_CRYPTO
                    : s->inner->open(s->inner->provider, key, nonce, aad,
                                     sealed, out);
}

static covey_status hmac(void *provider, int32_t alg, covey_bytes key,
                         covey_bytes data, covey_writer *out)
{
    covey_scripted *s = provider;

    return fails(s) ? COVEY_E_CRYPTO
                    : s->inner->hmac(s->inner->provider, alg, key, data, out);
}

static covey_status hkdf(void *provider, int32_t alg, covey_bytes salt,
                         covey_bytes ikm, covey_bytes info, covey_writer *out)
{
    covey_scripted *s = provider;

    return fails(s)
               ? COVEY_E_CRYPTO
               : s->inner->hkdf(s->inner->provider, alg, salt, ikm, info, out);
}

static covey_status hkdf_expand(void *provider, int32_t alg, covey_bytes prk,
                                covey_bytes info, covey_writer *out)
{
    covey_scripted *s = provider;

    return fails(s) ? COVEY_E_CRYPTO
                    : s->inner->hkdf_expand(s->inner->provider, alg, prk, info,
                                            out);
}

static covey_status hash_begin(void *provider, int32_t alg, covey_hash *hash)
{
    covey_scripted *s = provider;

    memset(hash, 0, sizeof *hash);
    return fails(s)
               ? COVEY_E_CRYPTO
               : alive(s, s->inner->hash_begin(s->inner->provider, alg, hash));
}

static covey_status hash_update(void *provider, covey_hash *hash,
                                covey_bytes data)
{
    covey_scripted *s = provider;

    return fails(s) ? COVEY_E_CRYPTO
                    : s->inner->hash_update(s->inner->provider, hash, data);
}

static covey_status hash_clone(void *provider, const covey_hash *hash,
                               covey_hash *copy)
{
    covey_scripted *s = provider;

    memset(copy, 0, sizeof *copy);
    return fails(s) ? COVEY_E_CRYPTO
                    : alive(s, s->inner->hash_clone(s->inner->provider, hash,
                                                    copy));
}

static void hash_drop(void *provider, covey_hash *hash)
{
    covey_scripted *s = provider;

    s->live -=
        !is_empty(hash->opaque, sizeof hash->opaque / sizeof hash->opaque[0]);
    s->inner->hash_drop(s->inner->provider, hash);
}

/* A handle that a failure leaves behind is dropped, as the interface says. */
static covey_status hash_finish(void *provider, covey_hash *hash,
                                covey_writer *out)
{
    covey_scripted *s = provider;
    covey_status st = COVEY_E_CRYPTO;

    if (fails(s)) {
        hash_drop(provider, hash);
        return st;
    }
    st = s->inner->hash_finish(s->inner->provider, hash, out);
    s->live -= st == COVEY_OK || st == COVEY_E_CRYPTO;
    return st;
}

static covey_status private_key(void *provider, int32_t curve, covey_bytes raw,
                                covey_key *key)
{
    covey_scripted *s = provider;

    memset(key, 0, sizeof *key);
    return fails(s) ? COVEY_E_CRYPTO
                    : alive(s, s->inner->private_key(s->inner->provider, curve,
                                                     raw, key));
}

static covey_status public_key(void *provider, int32_t curve,
                               covey_bytes encoded, covey_key *key)
{
    covey_scripted *s = provider;

    memset(key, 0, sizeof *key);
    return fails(s) ? COVEY_E_CRYPTO
                    : alive(s, s->inner->public_key(s->inner->provider, curve,
                                                    encoded, key));
}

static covey_status public_of(void *provider, const covey_key *key,
                              covey_writer *out)
{
    covey_scripted *s = provider;

    return fails(s) ? COVEY_E_CRYPTO
                    : s->inner->public_of(s->inner->provider, key, out);
}

static covey_status sign(void *provider, covey_key *key, int32_t alg,
                         covey_bytes tbs, covey_writer *out)
{
    covey_scripted *s = provider;

    return fails(s) ? COVEY_E_CRYPTO
                    : s->inner->sign(s->inner->provider, key, alg, tbs, out);
}

static covey_status verify(void *provider, covey_key *key, int32_t alg,
                           covey_bytes tbs, covey_bytes signature)
{
    covey_scripted *s = provider;

    return fails(s) ? COVEY_E_CRYPTO
                    : s->inner->verify(s->inner->provider, key, alg, tbs,
                                       signature);
}

static covey_status agree(void *provider, covey_key *own,
                          const covey_key *peer, covey_writer *out)
{
    covey_scripted *s = provider;

    return fails(s) ? COVEY_E_CRYPTO
                    : s->inner->agree(s->inner->provider, own, peer, out);
}

static covey_status ecqv_public(void *provider, covey_bytes factor,
                                covey_bytes point, const covey_key *base,
                                covey_key *key)
{
    covey_scripted *s = provider;

    memset(key, 0, sizeof *key);
    return fails(s)
               ? COVEY_E_CRYPTO
               : alive(s, s->inner->ecqv_public(s->inner->provider, factor,
                                                point, base, key));
}

static covey_status ecqv_private(void *provider, int32_t curve,
                                 covey_bytes factor, covey_bytes secret,
                                 covey_bytes addend, covey_writer *out)
{
    covey_scripted *s = provider;

    return fails(s) ? COVEY_E_CRYPTO
                    : s->inner->ecqv_private(s->inner->provider, curve, factor,
                                             secret, addend, out);
}

static void key_drop(void *provider, covey_key *key)
{
    covey_scripted *s = provider;

    s->live -=
        !is_empty(key->opaque, sizeof key->opaque / sizeof key->opaque[0]);
    s->inner->key_drop(s->inner->provider, key);
}

/* The script, then a counter through a mixing function (splitmix64). */
static uint8_t next_random(covey_scripted *s)
{
    uint64_t z = s->seed += UINT64_C(0x9e3779b97f4a7c15);

    if (s->random.len > 0) {
        s->random.len--;
        return *s->random.ptr++;
    }
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint8_t)(z >> 56);
}

static covey_status random(void *provider, covey_writer *out)
{
    covey_scripted *s = provider;

    if (fails(s)) {
        return COVEY_E_CRYPTO;
    }
    if (out->failed != COVEY_OK) {
        return out->failed;
    }
    while (out->pos < out->cap) {
        out->base[out->pos++] = next_random(s);
    }
    return COVEY_OK;
}

void covey_scripted_open(covey_scripted *s, const covey_crypto *inner,
                         covey_crypto *crypto)
{
    memset(s, 0, sizeof *s);
    s->inner = inner ? inner : &covey_toy;
    s->fail_at = COVEY_SCRIPTED_NEVER;
    *crypto = (covey_crypto){
        .provider = s,
        .cipher_key = cipher_key,
        .seal = seal,
        .open = open,
        .hmac = hmac,
        .hkdf = hkdf,
        .hkdf_expand = hkdf_expand,
        .hash_begin = hash_begin,
        .hash_update = hash_update,
        .hash_clone = hash_clone,
        .hash_finish = hash_finish,
        .hash_drop = hash_drop,
        .private_key = private_key,
        .public_key = public_key,
        .public_of = public_of,
        .sign = sign,
        .verify = verify,
        .agree = agree,
        .ecqv_public = ecqv_public,
        .ecqv_private = ecqv_private,
        .key_drop = key_drop,
        .random = random,
    };
}

void covey_scripted_rewind(covey_scripted *s, int fail_at)
{
    s->calls = 0;
    s->fail_at = fail_at;
    s->seed = 0;
}
