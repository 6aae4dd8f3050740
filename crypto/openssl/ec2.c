/* SPDX-License-Identifier: BSD-2-Clause */
/* P-256 by libcrypto: ES256 and ECDH. Behind a handle are the key and, from
 * the first signature on, the context that signs, or likewise verifies: making
 * one costs libcrypto more than it should per message. */
#include "internal.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/params.h>

enum {
    SCALAR = 32,
    POINT = 65,
    COMPRESSED = 33,
    DER_MAX = 72, /* ECDSA-Sig-Value with two integers of 33 bytes */
    SIGNATURE = 64,

    AT_PKEY = 1, /* words of the handle */
    AT_SIGNER = 2,
    AT_VERIFIER = 3
};

bool p256_fetch(struct provider *p)
{
    p->bn = BN_CTX_secure_new();
    p->p256 = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    return p->bn && p->p256;
}

static EVP_PKEY *pkey_of(const covey_key *key)
{
    return handle_load(key->opaque[AT_PKEY]);
}

/* The key object from an uncompressed point, and for a private key from the
 * scalar in the order of bytes that OSSL_PARAM wants. */
static EVP_PKEY *pkey_from(uint8_t *point, uint8_t *native_scalar)
{
    char group[] = SN_X9_62_prime256v1;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *pkey = NULL;
    OSSL_PARAM params[4] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point,
                                          POINT),
        OSSL_PARAM_construct_end(),
        OSSL_PARAM_construct_end(),
    };

    if (native_scalar) {
        params[2] = OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY,
                                            native_scalar, SCALAR);
    }
    if (!ctx || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(
            ctx, &pkey, native_scalar ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
            params) != 1) {
        pkey = NULL;
    }
    EVP_PKEY_CTX_free(ctx);
    return pkey;
}

/* The uncompressed public point of a scalar within 1..n-1. */
static covey_status point_of_scalar(struct provider *p, const BIGNUM *d,
                                    uint8_t *point)
{
    EC_POINT *q = NULL;
    covey_status st = COVEY_E_CRYPTO;

    if (BN_is_zero(d) || BN_cmp(d, EC_GROUP_get0_order(p->p256)) >= 0) {
        return COVEY_E_RANGE;
    }
    q = EC_POINT_new(p->p256);
    if (q && EC_POINT_mul(p->p256, q, d, NULL, NULL, p->bn) == 1 &&
        EC_POINT_point2oct(p->p256, q, POINT_CONVERSION_UNCOMPRESSED, point,
                           POINT, p->bn) == POINT) {
        st = COVEY_OK;
    }
    EC_POINT_free(q);
    return st;
}

static covey_status p256_private(struct provider *p, const uint8_t *raw,
                                 covey_key *key)
{
    uint8_t native[SCALAR];
    uint8_t point[POINT];
    EVP_PKEY *pkey = NULL;
    BIGNUM *d = BN_secure_new();
    covey_status st = COVEY_E_CRYPTO;

    if (!d || !BN_bin2bn(raw, SCALAR, d)) {
        goto out;
    }
    BN_set_flags(d, BN_FLG_CONSTTIME);
    st = point_of_scalar(p, d, point);
    if (st != COVEY_OK) {
        goto out;
    }
    if (BN_bn2nativepad(d, native, SCALAR) == SCALAR) {
        pkey = pkey_from(point, native);
    }
    key->opaque[AT_PKEY] = handle_store(pkey);
    st = pkey ? COVEY_OK : COVEY_E_CRYPTO;
out:
    covey_wipe(native, sizeof native);
    BN_clear_free(d);
    return st;
}

/* Why libcrypto did not take a point: the point, or memory. */
static covey_status reason_for_point(void)
{
    covey_status st = COVEY_E_RANGE;
    unsigned long error = 0;

    while ((error = ERR_get_error()) != 0) {
        if (ERR_GET_REASON(error) == ERR_R_MALLOC_FAILURE) {
            st = COVEY_E_CRYPTO;
        }
    }
    return st;
}

/* Decompression and the check that the point is on the curve (SEC 1 Section
 * 2.3.4) are libcrypto's; its hybrid form 06 and 07 and its one byte for
 * infinity are not COSE's. The cofactor is 1: nothing else to check. */
static covey_status p256_public(struct provider *p, covey_bytes encoded,
                                covey_key *key)
{
    uint8_t point[POINT];
    EC_POINT *q = NULL;
    EVP_PKEY *pkey = NULL;
    covey_status st = COVEY_E_CRYPTO;

    if (!(encoded.len == POINT && encoded.ptr[0] == 4) &&
        !(encoded.len == COMPRESSED &&
          (encoded.ptr[0] == 2 || encoded.ptr[0] == 3))) {
        return COVEY_E_RANGE;
    }
    q = EC_POINT_new(p->p256);
    if (!q) {
        return COVEY_E_CRYPTO;
    }
    if (EC_POINT_oct2point(p->p256, q, encoded.ptr, encoded.len, p->bn) != 1) {
        st = reason_for_point();
    } else if (EC_POINT_point2oct(p->p256, q, POINT_CONVERSION_UNCOMPRESSED,
                                  point, POINT, p->bn) == POINT) {
        pkey = pkey_from(point, NULL);
        key->opaque[AT_PKEY] = handle_store(pkey);
        st = pkey ? COVEY_OK : COVEY_E_CRYPTO;
    }
    EC_POINT_free(q);
    return st;
}

static covey_status p256_public_bytes(struct provider *p, const covey_key *key,
                                      uint8_t *out)
{
    size_t len = 0;

    (void)p;
    if (EVP_PKEY_get_octet_string_param(pkey_of(key), OSSL_PKEY_PARAM_PUB_KEY,
                                        out, POINT, &len) != 1 ||
        len != POINT) {
        return host_failure();
    }
    return COVEY_OK;
}

/* The context in a word of the handle, made with the first use. */
static EVP_PKEY_CTX *context_at(covey_key *key, size_t at,
                                int (*init)(EVP_PKEY_CTX *))
{
    EVP_PKEY_CTX *ctx = handle_load(key->opaque[at]);

    if (!ctx) {
        ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey_of(key), NULL);
        if (!ctx || init(ctx) != 1) {
            EVP_PKEY_CTX_free(ctx);
            return NULL;
        }
        key->opaque[at] = handle_store(ctx);
    }
    return ctx;
}

/* r | s (RFC 9053 Section 2.1) from libcrypto's ECDSA-Sig-Value. */
static bool raw_from_der(const uint8_t *der, size_t len, uint8_t *raw)
{
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)len);
    bool good =
        sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, SCALAR) == SCALAR &&
        BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + SCALAR, SCALAR) == SCALAR;

    ECDSA_SIG_free(sig);
    return good;
}

/* And back; the length, or 0. */
static size_t der_from_raw(const uint8_t *raw, uint8_t *der)
{
    ECDSA_SIG *sig = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(raw, SCALAR, NULL);
    BIGNUM *s = BN_bin2bn(raw + SCALAR, SCALAR, NULL);
    int len = 0;

    if (sig && r && s && ECDSA_SIG_set0(sig, r, s) == 1) {
        len = i2d_ECDSA_SIG(sig, &der);
    } else {
        BN_free(r);
        BN_free(s);
    }
    ECDSA_SIG_free(sig);
    return len > 0 ? (size_t)len : 0;
}

static covey_status p256_sign(struct provider *p, covey_key *key,
                              covey_bytes tbs, uint8_t *signature)
{
    struct hash_row *h = hash_find(p, COVEY_SHA_256);
    EVP_PKEY_CTX *ctx = context_at(key, AT_SIGNER, EVP_PKEY_sign_init);
    uint8_t digest[COVEY_HASH_MAX];
    uint8_t der[DER_MAX] = { 0 };
    size_t len = sizeof der;

    if (!ctx || !hash_parts(h, &tbs, 1, digest) ||
        EVP_PKEY_sign(ctx, der, &len, digest, h->len) != 1 ||
        len > sizeof der || /* so it says "no memory", with success */
        !raw_from_der(der, len, signature)) {
        return host_failure();
    }
    return COVEY_OK;
}

static covey_status p256_verify(struct provider *p, covey_key *key,
                                covey_bytes tbs, const uint8_t *signature)
{
    struct hash_row *h = hash_find(p, COVEY_SHA_256);
    EVP_PKEY_CTX *ctx = context_at(key, AT_VERIFIER, EVP_PKEY_verify_init);
    uint8_t digest[COVEY_HASH_MAX];
    uint8_t der[DER_MAX];
    size_t len = der_from_raw(signature, der);

    if (!ctx || len == 0 || !hash_parts(h, &tbs, 1, digest)) {
        return host_failure();
    }
    int right = EVP_PKEY_verify(ctx, der, len, digest, h->len);
    if (right != 1) { /* 0: wrong; negative: the host failed */
        (void)host_failure();
        return right == 0 ? COVEY_E_AUTH : COVEY_E_CRYPTO;
    }
    return COVEY_OK;
}

static covey_status p256_agree(struct provider *p, const covey_key *own,
                               const covey_key *peer, uint8_t *shared)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey_of(own), NULL);
    size_t len = SCALAR;
    bool good = ctx && EVP_PKEY_derive_init(ctx) == 1 &&
                EVP_PKEY_derive_set_peer(ctx, pkey_of(peer)) == 1 &&
                EVP_PKEY_derive(ctx, shared, &len) == 1 && len == SCALAR;

    (void)p;
    EVP_PKEY_CTX_free(ctx);
    return good ? COVEY_OK : host_failure();
}

static void p256_drop(covey_key *key)
{
    EVP_PKEY_CTX_free(handle_load(key->opaque[AT_SIGNER]));
    EVP_PKEY_CTX_free(handle_load(key->opaque[AT_VERIFIER]));
    EVP_PKEY_free(pkey_of(key)); /* wipes the scalar */
}

const struct family family_p256 = {
    .make_private = p256_private,
    .make_public = p256_public,
    .public_bytes = p256_public_bytes,
    .sign = p256_sign,
    .verify = p256_verify,
    .agree = p256_agree,
    .drop = p256_drop,
};
