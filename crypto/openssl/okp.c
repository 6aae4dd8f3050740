/* SPDX-License-Identifier: BSD-2-Clause */
/* Ed25519 and X25519 by libsodium. The key is inside the handle, after its
 * first word: 32 bytes of private key (zeros in a public one), then 32 bytes
 * of public key, which is also libsodium's own layout for Ed25519. */
#include "internal.h"

#include <sodium.h>

enum {
    PART = 32
};

static const uint8_t *private_of(const covey_key *key)
{
    return (const uint8_t *)&key->opaque[1];
}

static uint8_t *private_in(covey_key *key)
{
    return (uint8_t *)&key->opaque[1];
}

static const uint8_t *public_part(const covey_key *key)
{
    return private_of(key) + PART;
}

static covey_status public_bytes(struct provider *p, const covey_key *key,
                                 uint8_t *out)
{
    (void)p;
    memcpy(out, public_part(key), PART);
    return COVEY_OK;
}

static void drop(covey_key *key)
{
    (void)key; /* the caller wipes the handle, and nothing is behind it */
}

static covey_status ed25519_private(struct provider *p, const uint8_t *raw,
                                    covey_key *key)
{
    uint8_t pk[PART];

    (void)p;
    return crypto_sign_ed25519_seed_keypair(pk, private_in(key), raw) == 0
               ? COVEY_OK
               : COVEY_E_CRYPTO;
}

/* Only points of the prime-order group: the keys that RFC 8032 generates all
 * are, and whether a signature verifies with another one depends on the
 * implementation. This refuses y = 1 and y = -1, too. */
static covey_status ed25519_public(struct provider *p, covey_bytes encoded,
                                   covey_key *key)
{
    (void)p;
    if (encoded.len != PART ||
        crypto_core_ed25519_is_valid_point(encoded.ptr) != 1) {
        return COVEY_E_RANGE;
    }
    memcpy(private_in(key) + PART, encoded.ptr, PART);
    return COVEY_OK;
}

static covey_status ed25519_sign(struct provider *p, covey_key *key,
                                 covey_bytes tbs, uint8_t *signature)
{
    (void)p;
    return crypto_sign_ed25519_detached(signature, NULL, tbs.ptr, tbs.len,
                                        private_of(key)) == 0
               ? COVEY_OK
               : COVEY_E_CRYPTO;
}

static covey_status ed25519_verify(struct provider *p, covey_key *key,
                                   int32_t alg, covey_bytes tbs,
                                   covey_bytes signature)
{
    (void)p;
    (void)alg;
    return crypto_sign_ed25519_verify_detached(signature.ptr, tbs.ptr, tbs.len,
                                               public_part(key)) == 0
               ? COVEY_OK
               : COVEY_E_AUTH;
}

/* libsodium refuses points of small order, whose product is zero. */
static covey_status x25519(const uint8_t *scalar, const uint8_t *point,
                           uint8_t *shared)
{
    if (crypto_scalarmult_curve25519(shared, scalar, point) != 0) {
        covey_wipe(shared, PART);
        return COVEY_E_RANGE;
    }
    return COVEY_OK;
}

/* RFC 10021, pairwise keys: both keys are moved to Curve25519. */
static covey_status ed25519_agree(struct provider *p, const covey_key *own,
                                  const covey_key *peer, uint8_t *shared)
{
    uint8_t scalar[PART];
    uint8_t point[PART];
    covey_status st = COVEY_E_RANGE;

    (void)p;
    if (crypto_sign_ed25519_pk_to_curve25519(point, public_part(peer)) == 0) {
        st = crypto_sign_ed25519_sk_to_curve25519(scalar, private_of(own)) == 0
                 ? x25519(scalar, point, shared)
                 : COVEY_E_CRYPTO;
        covey_wipe(scalar, sizeof scalar);
    }
    return st;
}

static covey_status x25519_private(struct provider *p, const uint8_t *raw,
                                   covey_key *key)
{
    uint8_t *at = private_in(key);

    (void)p;
    memcpy(at, raw, PART);
    return crypto_scalarmult_curve25519_base(at + PART, at) == 0
               ? COVEY_OK
               : COVEY_E_CRYPTO;
}

/* Every 32 bytes are a public key (RFC 7748 Section 5). */
static covey_status x25519_public(struct provider *p, covey_bytes encoded,
                                  covey_key *key)
{
    (void)p;
    if (encoded.len != PART) {
        return COVEY_E_RANGE;
    }
    memcpy(private_in(key) + PART, encoded.ptr, PART);
    return COVEY_OK;
}

static covey_status x25519_agree(struct provider *p, const covey_key *own,
                                 const covey_key *peer, uint8_t *shared)
{
    (void)p;
    return x25519(private_of(own), public_part(peer), shared);
}

const struct family family_ed25519 = {
    .make_private = ed25519_private,
    .make_public = ed25519_public,
    .public_bytes = public_bytes,
    .sign = ed25519_sign,
    .verify = ed25519_verify,
    .agree = ed25519_agree,
    .drop = drop,
};

const struct family family_x25519 = {
    .make_private = x25519_private,
    .make_public = x25519_public,
    .public_bytes = public_bytes,
    .agree = x25519_agree,
    .drop = drop,
};
