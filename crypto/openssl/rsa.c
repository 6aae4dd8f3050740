/* SPDX-License-Identifier: BSD-2-Clause */
/* RSA by libcrypto, for what X.509 peers sign with: RSASSA-PSS is verified
 * (RFC 8017 Section 8.1.2), nothing else. The hash of MGF1 is that of the
 * message, and the salt is as long (RFC 8446 Section 4.2.3). */
#include "internal.h"

#include <openssl/decoder.h>
#include <openssl/rsa.h>

enum {
    AT_PKEY = 1, /* word of the handle */
    BITS_MIN = 2048,
    BITS_MAX = 8192
};

static EVP_PKEY *pkey_of(const covey_key *key)
{
    return handle_load(key->opaque[AT_PKEY]);
}

/* RSAPublicKey in DER, to the last byte. */
static covey_status rsa_public(struct provider *p, covey_bytes encoded,
                               covey_key *key)
{
    const unsigned char *at = encoded.ptr;
    size_t left = encoded.len;
    EVP_PKEY *pkey = NULL;
    OSSL_DECODER_CTX *ctx = OSSL_DECODER_CTX_new_for_pkey(
        &pkey, "DER", "type-specific", "RSA", EVP_PKEY_PUBLIC_KEY, NULL, NULL);
    bool decoded =
        ctx && left > 0 && OSSL_DECODER_from_data(ctx, &at, &left) == 1;

    (void)p;
    OSSL_DECODER_CTX_free(ctx);
    if (!ctx) {
        return COVEY_E_CRYPTO;
    }
    if (!decoded || left != 0 || EVP_PKEY_get_bits(pkey) < BITS_MIN ||
        EVP_PKEY_get_bits(pkey) > BITS_MAX) {
        EVP_PKEY_free(pkey);
        return COVEY_E_RANGE;
    }
    key->opaque[AT_PKEY] = handle_store(pkey);
    return COVEY_OK;
}

static int32_t hash_of(int32_t alg)
{
    return alg == COVEY_PS384   ? COVEY_SHA_384
           : alg == COVEY_PS512 ? COVEY_SHA_512
                                : COVEY_SHA_256;
}

static bool set_up(EVP_PKEY_CTX *ctx, const struct hash_row *h)
{
    return EVP_PKEY_verify_init(ctx) == 1 &&
           EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_signature_md(ctx, h->md) == 1 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, h->md) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1;
}

static covey_status rsa_verify(struct provider *p, covey_key *key, int32_t alg,
                               covey_bytes tbs, covey_bytes signature)
{
    struct hash_row *h = hash_find(p, hash_of(alg));
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey_of(key), NULL);
    uint8_t digest[COVEY_HASH_MAX];
    covey_status st = COVEY_E_CRYPTO;

    if (ctx && set_up(ctx, h) && hash_parts(h, &tbs, 1, digest)) {
        /* It does not say why; a forgery is the likely reason. */
        st = signature.len > 0 &&
                     EVP_PKEY_verify(ctx, signature.ptr, signature.len, digest,
                                     h->len) == 1
                 ? COVEY_OK
                 : COVEY_E_AUTH;
    }
    EVP_PKEY_CTX_free(ctx);
    return st;
}

static void rsa_drop(covey_key *key)
{
    EVP_PKEY_free(pkey_of(key));
}

const struct family family_rsa = {
    .make_public = rsa_public,
    .verify = rsa_verify,
    .drop = rsa_drop,
};
