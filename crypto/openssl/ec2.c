/* SPDX-License-Identifier: BSD-2-Clause */
/* Curves with two coordinates, by libcrypto: ECDSA and ECDH. Behind a handle
 * are the key and, from the first signature on, the context that signs, or
 * likewise verifies: making one costs libcrypto more than it should per
 * message. */
#include "internal.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/params.h>

enum {
    SCALAR_MAX = 48,
    POINT_MAX = 1 + 2 * SCALAR_MAX,
    DER_MAX = 3 + 2 * (2 + 1 + SCALAR_MAX), /* ECDSA-Sig-Value */

    AT_PKEY = 1, /* words of the handle */
    AT_SIGNER = 2,
    AT_VERIFIER = 3
};

struct ec2 {
    int32_t curve;
    int nid;
    const char *name;
    int32_t hash; /* that its signatures go with */
    size_t scalar;
};

/* clang-format off */
static const struct ec2 ec2s[EC2_COUNT] = {
    { COVEY_P256, NID_X9_62_prime256v1, SN_X9_62_prime256v1,
      COVEY_SHA_256, 32 },
    { COVEY_P384, NID_secp384r1, SN_secp384r1, COVEY_SHA_384, 48 },
    { COVEY_BRAINPOOLP256R1, NID_brainpoolP256r1, SN_brainpoolP256r1,
      COVEY_SHA_256, 32 },
    { COVEY_BRAINPOOLP384R1, NID_brainpoolP384r1, SN_brainpoolP384r1,
      COVEY_SHA_384, 48 },
};
/* clang-format on */

bool ec2_fetch(struct provider *p)
{
    bool good = true;

    p->bn = BN_CTX_secure_new();
    for (size_t i = 0; i < EC2_COUNT; i++) {
        p->ec2[i] = EC_GROUP_new_by_curve_name(ec2s[i].nid);
        good = good && p->ec2[i];
    }
    return good && p->bn;
}

void ec2_release(struct provider *p)
{
    for (size_t i = 0; i < EC2_COUNT; i++) {
        EC_GROUP_free(p->ec2[i]);
    }
    BN_CTX_free(p->bn);
}

/* The index of a handle's curve, which is one of these: only keys of this
 * family come here. */
static size_t index_of(const covey_key *key)
{
    size_t i = 0;

    while (i < EC2_COUNT - 1 &&
           ec2s[i].curve != handle_id_of(key->opaque[0])) {
        i++;
    }
    return i;
}

static const struct ec2 *ec2_of(const covey_key *key)
{
    return &ec2s[index_of(key)];
}

const EC_GROUP *ec2_group(struct provider *p, int32_t curve, size_t *scalar)
{
    for (size_t i = 0; i < EC2_COUNT; i++) {
        if (ec2s[i].curve == curve) {
            *scalar = ec2s[i].scalar;
            return p->ec2[i];
        }
    }
    return NULL;
}

static size_t point_len(const struct ec2 *c)
{
    return 1 + 2 * c->scalar;
}

static EVP_PKEY *pkey_of(const covey_key *key)
{
    return handle_load(key->opaque[AT_PKEY]);
}

/* The key object from an uncompressed point, and for a private key from the
 * scalar in the order of bytes that OSSL_PARAM wants. */
static EVP_PKEY *pkey_from(const struct ec2 *c, uint8_t *point,
                           uint8_t *native_scalar)
{
    char group[20] = { 0 };
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *pkey = NULL;
    OSSL_PARAM params[4] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point,
                                          point_len(c)),
        OSSL_PARAM_construct_end(),
        OSSL_PARAM_construct_end(),
    };

    memcpy(group, c->name, strlen(c->name));
    if (native_scalar) {
        params[2] = OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY,
                                            native_scalar, c->scalar);
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
static covey_status point_of_scalar(struct provider *p, const EC_GROUP *group,
                                    const BIGNUM *d, uint8_t *point)
{
    EC_POINT *q = NULL;
    covey_status st = COVEY_E_CRYPTO;

    if (BN_is_zero(d) || BN_cmp(d, EC_GROUP_get0_order(group)) >= 0) {
        return COVEY_E_RANGE;
    }
    q = EC_POINT_new(group);
    if (q && EC_POINT_mul(group, q, d, NULL, NULL, p->bn) == 1 &&
        EC_POINT_point2oct(group, q, POINT_CONVERSION_UNCOMPRESSED, point,
                           POINT_MAX, p->bn) > 0) {
        st = COVEY_OK;
    }
    EC_POINT_free(q);
    return st;
}

static covey_status ec2_private(struct provider *p, const uint8_t *raw,
                                covey_key *key)
{
    const struct ec2 *c = ec2_of(key);
    uint8_t native[SCALAR_MAX];
    uint8_t point[POINT_MAX];
    EVP_PKEY *pkey = NULL;
    BIGNUM *d = BN_secure_new();
    covey_status st = COVEY_E_CRYPTO;

    if (!d || !BN_bin2bn(raw, (int)c->scalar, d)) {
        goto out;
    }
    BN_set_flags(d, BN_FLG_CONSTTIME);
    st = point_of_scalar(p, p->ec2[index_of(key)], d, point);
    if (st != COVEY_OK) {
        goto out;
    }
    if (BN_bn2nativepad(d, native, (int)c->scalar) == (int)c->scalar) {
        pkey = pkey_from(c, point, native);
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
static covey_status ec2_public(struct provider *p, covey_bytes encoded,
                               covey_key *key)
{
    const struct ec2 *c = ec2_of(key);
    const EC_GROUP *group = p->ec2[index_of(key)];
    uint8_t point[POINT_MAX];
    EC_POINT *q = NULL;
    EVP_PKEY *pkey = NULL;
    covey_status st = COVEY_E_CRYPTO;

    if (!(encoded.len == point_len(c) && encoded.ptr[0] == 4) &&
        !(encoded.len == 1 + c->scalar &&
          (encoded.ptr[0] == 2 || encoded.ptr[0] == 3))) {
        return COVEY_E_RANGE;
    }
    q = EC_POINT_new(group);
    if (!q) {
        return COVEY_E_CRYPTO;
    }
    if (EC_POINT_oct2point(group, q, encoded.ptr, encoded.len, p->bn) != 1) {
        st = reason_for_point();
    } else if (EC_POINT_point2oct(group, q, POINT_CONVERSION_UNCOMPRESSED,
                                  point, POINT_MAX, p->bn) > 0) {
        pkey = pkey_from(c, point, NULL);
        key->opaque[AT_PKEY] = handle_store(pkey);
        st = pkey ? COVEY_OK : COVEY_E_CRYPTO;
    }
    EC_POINT_free(q);
    return st;
}

static covey_status ec2_public_bytes(struct provider *p, const covey_key *key,
                                     uint8_t *out)
{
    size_t want = point_len(ec2_of(key));
    size_t len = 0;

    (void)p;
    if (EVP_PKEY_get_octet_string_param(pkey_of(key), OSSL_PKEY_PARAM_PUB_KEY,
                                        out, want, &len) != 1 ||
        len != want) {
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
static bool raw_from_der(const uint8_t *der, size_t len, uint8_t *raw,
                         int scalar)
{
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)len);
    bool good =
        sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, scalar) == scalar &&
        BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + scalar, scalar) == scalar;

    ECDSA_SIG_free(sig);
    return good;
}

/* And back; the length, or 0. */
static size_t der_from_raw(covey_bytes raw, uint8_t *der)
{
    int scalar = (int)raw.len / 2;
    ECDSA_SIG *sig = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(raw.ptr, scalar, NULL);
    BIGNUM *s = BN_bin2bn(raw.ptr + scalar, scalar, NULL);
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

static covey_status ec2_sign(struct provider *p, covey_key *key,
                             covey_bytes tbs, uint8_t *signature)
{
    const struct ec2 *c = ec2_of(key);
    struct hash_row *h = hash_find(p, c->hash);
    EVP_PKEY_CTX *ctx = context_at(key, AT_SIGNER, EVP_PKEY_sign_init);
    uint8_t digest[COVEY_HASH_MAX];
    uint8_t der[DER_MAX] = { 0 };
    size_t len = sizeof der;

    if (!ctx || !hash_parts(h, &tbs, 1, digest) ||
        EVP_PKEY_sign(ctx, der, &len, digest, h->len) != 1 ||
        len > sizeof der || /* so it says "no memory", with success */
        !raw_from_der(der, len, signature, (int)c->scalar)) {
        return host_failure();
    }
    return COVEY_OK;
}

static covey_status ec2_verify(struct provider *p, covey_key *key, int32_t alg,
                               covey_bytes tbs, covey_bytes signature)
{
    struct hash_row *h = hash_find(p, ec2_of(key)->hash);
    EVP_PKEY_CTX *ctx = context_at(key, AT_VERIFIER, EVP_PKEY_verify_init);
    uint8_t digest[COVEY_HASH_MAX];
    uint8_t der[DER_MAX];
    size_t len = der_from_raw(signature, der);

    (void)alg;
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

static covey_status ec2_agree(struct provider *p, const covey_key *own,
                              const covey_key *peer, uint8_t *shared)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey_of(own), NULL);
    size_t want = ec2_of(own)->scalar;
    size_t len = want;
    bool good = ctx && EVP_PKEY_derive_init(ctx) == 1 &&
                EVP_PKEY_derive_set_peer(ctx, pkey_of(peer)) == 1 &&
                EVP_PKEY_derive(ctx, shared, &len) == 1 && len == want;

    (void)p;
    EVP_PKEY_CTX_free(ctx);
    return good ? COVEY_OK : host_failure();
}

static void ec2_drop(covey_key *key)
{
    EVP_PKEY_CTX_free(handle_load(key->opaque[AT_SIGNER]));
    EVP_PKEY_CTX_free(handle_load(key->opaque[AT_VERIFIER]));
    EVP_PKEY_free(pkey_of(key)); /* wipes the scalar */
}

const struct family family_ec2 = {
    .make_private = ec2_private,
    .make_public = ec2_public,
    .public_bytes = ec2_public_bytes,
    .sign = ec2_sign,
    .verify = ec2_verify,
    .agree = ec2_agree,
    .drop = ec2_drop,
};
