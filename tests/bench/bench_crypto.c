/* SPDX-License-Identifier: BSD-2-Clause */
/* What the provider for hosts costs: the baseline of everything that is built
 * on it. Beside each operation is libcrypto or libsodium called directly, so
 * that what the table of covey/crypto.h adds can be seen. */
#include "bench.h"

#include "crypto/openssl/openssl.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    AAD = 33,
    LEN = 65,
    TAG = 8,
    NONCE = 13,
    TBS = 300
};

static covey_crypto crypto;

static struct {
    covey_key ccm;
    covey_key gcm;
    covey_key chacha;
    covey_key ctr;
    covey_key ed25519;
    covey_key p256;
    covey_key x25519;
    EVP_CIPHER_CTX *bare;
    EVP_CIPHER_CTX *bare_open;
    uint8_t sk[64];
    uint8_t pk[32];
    uint8_t nonce[NONCE];
    uint8_t aad[AAD];
    uint8_t plain[TBS];
    uint8_t out[TBS + 2 * COVEY_TAG_MAX];
    uint8_t sealed[TBS + COVEY_TAG_MAX];
    uint8_t eddsa[64];
    uint8_t es256[64];
} s;

/* A failing operation would be fast. */
static void must(int good, const char *what)
{
    if (!good) {
        fprintf(stderr, "bench_crypto: %s failed\n", what);
        exit(1);
    }
}

static void next_nonce(uint32_t i)
{
    memcpy(s.nonce, &i, sizeof i);
}

static uint32_t seal_with(covey_key *key, size_t nonce_len, uint32_t times)
{
    int ctr = key == &s.ctr;

    for (uint32_t i = 0; i < times; i++) {
        covey_writer w = covey_writer_of(s.out, sizeof s.out);
        next_nonce(i);
        must(crypto.seal(crypto.provider, key,
                         covey_bytes_of(s.nonce, nonce_len),
                         covey_bytes_of(s.aad, ctr ? 0 : AAD),
                         covey_bytes_of(s.plain, LEN), &w) == COVEY_OK,
             "seal");
    }
    return s.out[0];
}

static uint32_t ccm_seal(void *state, uint32_t times)
{
    return seal_with(state, NONCE, times);
}

static uint32_t other_seal(void *state, uint32_t times)
{
    return seal_with(state, 12, times);
}

static uint32_t ccm_open(void *state, uint32_t times)
{
    covey_bytes sealed = covey_bytes_of(s.sealed, LEN + TAG);

    next_nonce(0);
    for (uint32_t i = 0; i < times; i++) {
        covey_writer w = covey_writer_of(s.out, sizeof s.out);
        must(crypto.open(crypto.provider, state,
                         covey_bytes_of(s.nonce, NONCE),
                         covey_bytes_of(s.aad, AAD), sealed, &w) == COVEY_OK,
             "open");
    }
    return s.out[0];
}

/* The same message by the fewest calls of libcrypto. */
static uint32_t bare_seal(void *state, uint32_t times)
{
    OSSL_PARAM tag[2] = { OSSL_PARAM_construct_octet_string(
                              OSSL_CIPHER_PARAM_AEAD_TAG, s.out + LEN, TAG),
                          OSSL_PARAM_construct_end() };
    int n = 0;

    for (uint32_t i = 0; i < times; i++) {
        next_nonce(i);
        must(EVP_EncryptInit_ex2(state, NULL, NULL, s.nonce, NULL) == 1 &&
                 EVP_EncryptUpdate(state, NULL, &n, NULL, LEN) == 1 &&
                 EVP_EncryptUpdate(state, NULL, &n, s.aad, AAD) == 1 &&
                 EVP_EncryptUpdate(state, s.out, &n, s.plain, LEN) == 1 &&
                 EVP_CIPHER_CTX_get_params(state, tag) == 1,
             "EVP_EncryptUpdate");
    }
    return s.out[0];
}

static uint32_t bare_open(void *state, uint32_t times)
{
    OSSL_PARAM tag[2] = { OSSL_PARAM_construct_octet_string(
                              OSSL_CIPHER_PARAM_AEAD_TAG, s.sealed + LEN, TAG),
                          OSSL_PARAM_construct_end() };
    int n = 0;

    next_nonce(0);
    for (uint32_t i = 0; i < times; i++) {
        must(EVP_DecryptInit_ex2(state, NULL, NULL, s.nonce, tag) == 1 &&
                 EVP_DecryptUpdate(state, NULL, &n, NULL, LEN) == 1 &&
                 EVP_DecryptUpdate(state, NULL, &n, s.aad, AAD) == 1 &&
                 EVP_DecryptUpdate(state, s.out, &n, s.sealed, LEN) == 1,
             "EVP_DecryptUpdate");
    }
    return s.out[0];
}

static uint32_t two_hmacs(void *state, uint32_t times)
{
    (void)state;
    for (uint32_t i = 0; i < times; i++) {
        for (int k = 0; k < 2; k++) {
            covey_writer w = covey_writer_of(s.out, sizeof s.out);
            must(crypto.hmac(crypto.provider, COVEY_HMAC_256_256,
                             covey_bytes_of(s.aad, 16),
                             covey_bytes_of(s.plain, 16), &w) == COVEY_OK,
                 "hmac");
        }
    }
    return s.out[0];
}

static uint32_t hkdf(void *state, uint32_t times)
{
    (void)state;
    for (uint32_t i = 0; i < times; i++) {
        covey_writer w = covey_writer_of(s.out, 16);
        must(crypto.hkdf(crypto.provider, COVEY_HMAC_256_256,
                         covey_bytes_of(s.aad, 16),
                         covey_bytes_of(s.plain, 16),
                         covey_bytes_of(s.plain, 15), &w) == COVEY_OK,
             "hkdf");
    }
    return s.out[0];
}

static uint32_t evp_kdf(void *state, uint32_t times)
{
    char digest[] = "SHA256";
    OSSL_PARAM params[5] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, s.aad, 16),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, s.plain, 16),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, s.plain, 15),
        OSSL_PARAM_construct_end(),
    };

    for (uint32_t i = 0; i < times; i++) {
        must(EVP_KDF_derive(state, s.out, 16, params) == 1, "EVP_KDF_derive");
    }
    return s.out[0];
}

static uint32_t sign_with(covey_key *key, int32_t alg, uint32_t times)
{
    for (uint32_t i = 0; i < times; i++) {
        covey_writer w = covey_writer_of(s.out, sizeof s.out);
        must(crypto.sign(crypto.provider, key, alg,
                         covey_bytes_of(s.plain, TBS), &w) == COVEY_OK,
             "sign");
    }
    return 0;
}

static uint32_t verify_with(covey_key *key, int32_t alg,
                            const uint8_t *signature, uint32_t times)
{
    for (uint32_t i = 0; i < times; i++) {
        must(crypto.verify(crypto.provider, key, alg,
                           covey_bytes_of(s.plain, TBS),
                           covey_bytes_of(signature, 64)) == COVEY_OK,
             "verify");
    }
    return 0;
}

static uint32_t eddsa_sign(void *state, uint32_t times)
{
    return sign_with(state, COVEY_EDDSA, times);
}

static uint32_t eddsa_verify(void *state, uint32_t times)
{
    return verify_with(state, COVEY_EDDSA, s.eddsa, times);
}

static uint32_t es256_sign(void *state, uint32_t times)
{
    return sign_with(state, COVEY_ES256, times);
}

static uint32_t es256_verify(void *state, uint32_t times)
{
    return verify_with(state, COVEY_ES256, s.es256, times);
}

static uint32_t bare_sign(void *state, uint32_t times)
{
    (void)state;
    for (uint32_t i = 0; i < times; i++) {
        must(crypto_sign_ed25519_detached(s.out, NULL, s.plain, TBS, s.sk) ==
                 0,
             "crypto_sign_ed25519_detached");
    }
    return 0;
}

static uint32_t bare_verify(void *state, uint32_t times)
{
    (void)state;
    for (uint32_t i = 0; i < times; i++) {
        must(crypto_sign_ed25519_verify_detached(s.eddsa, s.plain, TBS,
                                                 s.pk) == 0,
             "crypto_sign_ed25519_verify_detached");
    }
    return 0;
}

static uint32_t agree(void *state, uint32_t times)
{
    for (uint32_t i = 0; i < times; i++) {
        covey_writer w = covey_writer_of(s.out, sizeof s.out);
        must(crypto.agree(crypto.provider, state, state, &w) == COVEY_OK,
             "agree");
    }
    return s.out[0];
}

static EVP_CIPHER_CTX *bare_key(int direction, const uint8_t *raw)
{
    EVP_CIPHER *type = EVP_CIPHER_fetch(NULL, "AES-128-CCM", NULL);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

    must(EVP_CipherInit_ex2(ctx, type, NULL, NULL, direction, NULL) == 1 &&
             EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, NONCE, NULL) ==
                 1 &&
             EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG, NULL) == 1 &&
             EVP_CipherInit_ex2(ctx, NULL, raw, NULL, direction, NULL) == 1,
         "AES-128-CCM");
    EVP_CIPHER_free(type);
    return ctx;
}

static void cipher(int32_t alg, covey_key *key)
{
    covey_bytes raw = covey_bytes_of(s.plain, covey_aead_find(alg)->key_len);

    must(crypto.cipher_key(crypto.provider, alg, raw, key) == COVEY_OK,
         covey_alg_name(alg));
}

static void asymmetric(int32_t curve, covey_key *key)
{
    must(crypto.private_key(crypto.provider, curve,
                            covey_bytes_of(s.plain, 32), key) == COVEY_OK,
         covey_curve_name(curve));
}

static void set_up(void)
{
    for (size_t i = 0; i < sizeof s.plain; i++) {
        s.plain[i] = (uint8_t)(i + 1);
    }
    must(covey_openssl_open(&crypto) == COVEY_OK, "covey_openssl_open");
    cipher(COVEY_AES_CCM_16_64_128, &s.ccm);
    cipher(COVEY_A128GCM, &s.gcm);
    cipher(COVEY_CHACHA20_POLY1305, &s.chacha);
    cipher(COVEY_A128CTR, &s.ctr);
    asymmetric(COVEY_ED25519, &s.ed25519);
    asymmetric(COVEY_P256, &s.p256);
    asymmetric(COVEY_X25519, &s.x25519);
    s.bare = bare_key(1, s.plain);
    s.bare_open = bare_key(0, s.plain);
    crypto_sign_ed25519_seed_keypair(s.pk, s.sk, s.plain);
    (void)ccm_seal(&s.ccm, 1);
    memcpy(s.sealed, s.out, sizeof s.sealed);
    (void)eddsa_sign(&s.ed25519, 1);
    memcpy(s.eddsa, s.out, sizeof s.eddsa);
    (void)es256_sign(&s.p256, 1);
    memcpy(s.es256, s.out, sizeof s.es256);
}

static void tear_down(EVP_KDF_CTX *kdf)
{
    covey_key *keys[] = { &s.ccm,     &s.gcm,  &s.chacha, &s.ctr,
                          &s.ed25519, &s.p256, &s.x25519 };

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        crypto.key_drop(crypto.provider, keys[i]);
    }
    EVP_CIPHER_CTX_free(s.bare);
    EVP_CIPHER_CTX_free(s.bare_open);
    EVP_KDF_CTX_free(kdf);
    covey_openssl_close(&crypto);
}

int main(int argc, char **argv)
{
    set_up();
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *kdf_ctx = EVP_KDF_CTX_new(kdf);
    const bench_case cases[] = {
        { "AES-CCM-16-64-128 seal, libcrypto", bare_seal, s.bare, -1, LEN },
        { "AES-CCM-16-64-128 seal", ccm_seal, &s.ccm, 0, LEN },
        { "AES-CCM-16-64-128 open, libcrypto", bare_open, s.bare_open, -1,
          LEN },
        { "AES-CCM-16-64-128 open", ccm_open, &s.ccm, 2, LEN },
        { "A128GCM seal", other_seal, &s.gcm, 0, LEN },
        { "ChaCha20/Poly1305 seal", other_seal, &s.chacha, 0, LEN },
        { "A128CTR", other_seal, &s.ctr, 0, LEN },
        { "two HMAC 256/256", two_hmacs, NULL, -1, 16 },
        { "HKDF SHA-256, 16 bytes", hkdf, NULL, 7, 16 },
        { "HKDF SHA-256, 16 bytes, EVP_KDF", evp_kdf, kdf_ctx, 7, 16 },
        { "Ed25519 sign, libsodium", bare_sign, NULL, -1, TBS },
        { "Ed25519 sign", eddsa_sign, &s.ed25519, 10, TBS },
        { "Ed25519 verify, libsodium", bare_verify, NULL, -1, TBS },
        { "Ed25519 verify", eddsa_verify, &s.ed25519, 12, TBS },
        { "ES256 sign", es256_sign, &s.p256, -1, TBS },
        { "ES256 verify", es256_verify, &s.p256, -1, TBS },
        { "ECDH X25519", agree, &s.x25519, -1, 32 },
        { "ECDH Ed25519 as X25519", agree, &s.ed25519, 16, 32 },
        { "ECDH P-256", agree, &s.p256, -1, 32 },
    };
    int status = 0;

    EVP_KDF_free(kdf);
    status = bench_main(argc, argv, cases, sizeof cases / sizeof cases[0],
                        "AEAD: 65 bytes of plaintext, 33 of AAD, a new nonce "
                        "each; signatures over 300 bytes");
    tear_down(kdf_ctx);
    return status;
}
