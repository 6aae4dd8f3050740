/* SPDX-License-Identifier: BSD-2-Clause */
#include "ct.h"

#include <crypto/scripted/scripted.h>

#include <string.h>

enum {
    ROOM = 1024,
    SPANS = 4
};

/* Defined copies of the inputs of one call. */
struct glass {
    uint8_t bytes[SPANS][ROOM];
    unsigned used;
};

static covey_bytes see(struct glass *g, covey_bytes span)
{
    uint8_t *copy = g->bytes[g->used++];

    if (span.len > ROOM || g->used > SPANS) {
        VALGRIND_PRINTF("ct: no room for a copy\n");
        return covey_bytes_of(copy, 0);
    }
    memcpy(copy, span.ptr, span.len);
    ct_reveal(copy, span.len);
    return covey_bytes_of(copy, span.len);
}

static covey_key see_key(const covey_key *key)
{
    covey_key copy = *key;

    ct_reveal(&copy, sizeof copy);
    return copy;
}

/* What has been appended since then is a secret. */
static covey_status hide(covey_status st, covey_writer *out, size_t begin)
{
    ct_poison(out->base + begin, out->pos - begin);
    return st;
}

static covey_status hide_key(covey_status st, covey_key *key)
{
    if (st == COVEY_OK) {
        ct_poison(key, sizeof *key);
    }
    return st;
}

static covey_status cipher_key(void *provider, int32_t alg, covey_bytes raw,
                               covey_key *key)
{
    struct glass g = { .used = 0 };

    return hide_key(covey_toy.cipher_key(provider, alg, see(&g, raw), key),
                    key);
}

static covey_status seal(void *provider, covey_key *key, covey_bytes nonce,
                         covey_bytes aad, covey_bytes plaintext,
                         covey_writer *out)
{
    struct glass g = { .used = 0 };
    covey_key seen = see_key(key);

    return covey_toy.seal(provider, &seen, see(&g, nonce), see(&g, aad),
                          see(&g, plaintext), out);
}

static covey_status unseal(void *provider, covey_key *key, covey_bytes nonce,
                           covey_bytes aad, covey_bytes sealed,
                           covey_writer *out)
{
    struct glass g = { .used = 0 };
    covey_key seen = see_key(key);

    return covey_toy.open(provider, &seen, see(&g, nonce), see(&g, aad),
                          see(&g, sealed), out);
}

static covey_status hmac(void *provider, int32_t alg, covey_bytes key,
                         covey_bytes data, covey_writer *out)
{
    struct glass g = { .used = 0 };
    const size_t begin = out->pos;

    return hide(
        covey_toy.hmac(provider, alg, see(&g, key), see(&g, data), out), out,
        begin);
}

static covey_status hkdf(void *provider, int32_t alg, covey_bytes salt,
                         covey_bytes ikm, covey_bytes info, covey_writer *out)
{
    struct glass g = { .used = 0 };
    const size_t begin = out->pos;

    return hide(covey_toy.hkdf(provider, alg, see(&g, salt), see(&g, ikm),
                               see(&g, info), out),
                out, begin);
}

static covey_status hkdf_expand(void *provider, int32_t alg, covey_bytes prk,
                                covey_bytes info, covey_writer *out)
{
    struct glass g = { .used = 0 };
    const size_t begin = out->pos;

    return hide(
        covey_toy.hkdf_expand(provider, alg, see(&g, prk), see(&g, info), out),
        out, begin);
}

static covey_status private_key(void *provider, int32_t curve, covey_bytes raw,
                                covey_key *key)
{
    struct glass g = { .used = 0 };

    return hide_key(covey_toy.private_key(provider, curve, see(&g, raw), key),
                    key);
}

static covey_status public_key(void *provider, int32_t curve,
                               covey_bytes encoded, covey_key *key)
{
    return covey_toy.public_key(provider, curve, encoded, key);
}

static covey_status public_of(void *provider, const covey_key *key,
                              covey_writer *out)
{
    const covey_key seen = see_key(key);

    return covey_toy.public_of(provider, &seen, out);
}

static covey_status sign(void *provider, covey_key *key, int32_t alg,
                         covey_bytes tbs, covey_writer *out)
{
    struct glass g = { .used = 0 };
    covey_key seen = see_key(key);

    return covey_toy.sign(provider, &seen, alg, see(&g, tbs), out);
}

static covey_status verify(void *provider, covey_key *key, int32_t alg,
                           covey_bytes tbs, covey_bytes signature)
{
    struct glass g = { .used = 0 };
    covey_key seen = see_key(key);

    return covey_toy.verify(provider, &seen, alg, see(&g, tbs),
                            see(&g, signature));
}

static covey_status agree(void *provider, covey_key *own,
                          const covey_key *peer, covey_writer *out)
{
    const size_t begin = out->pos;
    covey_key seen = see_key(own);
    const covey_key other = see_key(peer);

    return hide(covey_toy.agree(provider, &seen, &other, out), out, begin);
}

static void key_drop(void *provider, covey_key *key)
{
    ct_reveal(key, sizeof *key);
    covey_toy.key_drop(provider, key);
}

const covey_crypto ct_provider = {
    .cipher_key = cipher_key,
    .seal = seal,
    .open = unseal,
    .hmac = hmac,
    .hkdf = hkdf,
    .hkdf_expand = hkdf_expand,
    .private_key = private_key,
    .public_key = public_key,
    .public_of = public_of,
    .sign = sign,
    .verify = verify,
    .agree = agree,
    .key_drop = key_drop,
};
