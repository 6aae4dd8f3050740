/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys that only peers of TLS have: P-384 as printed, RSA as libcrypto signs
 * with it. */
#include "kit.h"

#include "crypto/openssl/openssl.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

static covey_crypto crypto;

/* RFC 6979 Appendix A.2.6, P-384 with SHA-384, message "sample". */
static void verifies_p384_as_rfc_6979(void **state)
{
    static const char public_hex[] =
        "04ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64"
        "def8f0ea9055866064a254515480bc13"
        "8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1"
        "288b231c3ae0d4fe7344fd2533264720";
    static const char private_hex[] =
        "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d8"
        "96d5724e4c70a825f872c9ea60d2edf5";
    static const char signature_hex[] =
        "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c"
        "81a648152e44acf96e36dd1e80fabe46"
        "99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94f"
        "a329c145786e679e7b82c71a38628ac8";
    uint8_t raw[200];
    uint8_t out[COVEY_PUBLIC_MAX];
    covey_writer w = covey_writer_of(out, sizeof out);
    covey_key own;
    covey_key peer;

    (void)state;
    CHECK_STATUS(COVEY_OK, crypto.private_key(
                               crypto.provider, COVEY_P384,
                               kit_hex(private_hex, raw, sizeof raw), &own));
    CHECK_STATUS(COVEY_OK, crypto.public_of(crypto.provider, &own, &w));
    CHECK_HEX(public_hex, covey_written(&w));
    CHECK_STATUS(COVEY_OK, crypto.public_key(crypto.provider, COVEY_P384,
                                             covey_written(&w), &peer));
    covey_bytes sig = kit_hex(signature_hex, raw, sizeof raw);
    CHECK_STATUS(COVEY_OK, crypto.verify(crypto.provider, &peer, COVEY_ES384,
                                         SPAN("sample"), sig));
    CHECK_STATUS(COVEY_E_AUTH,
                 crypto.verify(crypto.provider, &peer, COVEY_ES384,
                               SPAN("Sample"), sig));
    crypto.key_drop(crypto.provider, &own);
    crypto.key_drop(crypto.provider, &peer);
}

/* An RSA key of so many bits and its RSAPublicKey. */
static EVP_PKEY *rsa_of(unsigned bits, uint8_t *der, size_t *len)
{
    EVP_PKEY *pkey = EVP_RSA_gen(bits);
    uint8_t *at = der;

    assert_non_null(pkey);
    int n = i2d_PublicKey(pkey, &at);
    assert_true(n > 0);
    *len = (size_t)n;
    return pkey;
}

static size_t sign_pss(EVP_PKEY *pkey, const EVP_MD *md, int salt,
                       covey_bytes tbs, uint8_t *sig)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pctx = NULL;
    size_t len = 1024;

    assert_int_equal(EVP_DigestSignInit(ctx, &pctx, md, NULL, pkey), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING),
                     1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, salt), 1);
    assert_int_equal(EVP_DigestSign(ctx, sig, &len, tbs.ptr, tbs.len), 1);
    EVP_MD_CTX_free(ctx);
    return len;
}

static void verifies_rsa_pss_with_a_salt_like_the_hash(void **state)
{
    static const int32_t algs[] = { COVEY_PS256, COVEY_PS384, COVEY_PS512 };
    const EVP_MD *mds[] = { EVP_sha256(), EVP_sha384(), EVP_sha512() };
    uint8_t der[600];
    uint8_t sig[1024];
    size_t len = 0;
    EVP_PKEY *pkey = rsa_of(2048, der, &len);
    covey_bytes tbs = SPAN("to be signed");
    covey_key key;

    (void)state;
    CHECK_STATUS(COVEY_OK, crypto.public_key(crypto.provider, COVEY_RSA,
                                             covey_bytes_of(der, len), &key));
    for (size_t i = 0; i < COUNT_OF(algs); i++) {
        size_t n = sign_pss(pkey, mds[i], RSA_PSS_SALTLEN_DIGEST, tbs, sig);
        covey_bytes good = covey_bytes_of(sig, n);
        CHECK_STATUS(COVEY_OK,
                     crypto.verify(crypto.provider, &key, algs[i], tbs, good));
        CHECK_STATUS(COVEY_E_AUTH,
                     crypto.verify(crypto.provider, &key, algs[(i + 1) % 3],
                                   tbs, good));
        CHECK_STATUS(COVEY_E_AUTH, crypto.verify(crypto.provider, &key,
                                                 algs[i], SPAN("x"), good));
        for (size_t cut = 0; cut < n; cut += 15) {
            CHECK_STATUS(COVEY_E_AUTH,
                         crypto.verify(crypto.provider, &key, algs[i], tbs,
                                       covey_bytes_of(sig, cut)));
        }
        n = sign_pss(pkey, mds[i], 0, tbs, sig);
        CHECK_STATUS(COVEY_E_AUTH,
                     crypto.verify(crypto.provider, &key, algs[i], tbs,
                                   covey_bytes_of(sig, n)));
    }
    crypto.key_drop(crypto.provider, &key);
    EVP_PKEY_free(pkey);
}

static void does_nothing_else_with_rsa(void **state)
{
    uint8_t der[600];
    uint8_t out[300];
    size_t len = 0;
    EVP_PKEY *pkey = rsa_of(2048, der, &len);
    covey_writer w = covey_writer_of(out, sizeof out);
    covey_key key;
    covey_key none;

    (void)state;
    CHECK_STATUS(COVEY_OK, crypto.public_key(crypto.provider, COVEY_RSA,
                                             covey_bytes_of(der, len), &key));
    CHECK_STATUS(COVEY_E_ARGUMENT, crypto.sign(crypto.provider, &key,
                                               COVEY_PS256, SPAN("x"), &w));
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 crypto.verify(crypto.provider, &key, COVEY_ES256, SPAN("x"),
                               covey_bytes_of(out, 64)));
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 crypto.agree(crypto.provider, &key, &key, &w));
    CHECK_STATUS(COVEY_E_UNSUPPORTED,
                 crypto.public_of(crypto.provider, &key, &w));
    CHECK_STATUS(COVEY_E_UNSUPPORTED,
                 crypto.private_key(crypto.provider, COVEY_RSA,
                                    covey_bytes_of(der, 32), &none));
    assert_int_equal(w.pos, 0);
    crypto.key_drop(crypto.provider, &key);
    EVP_PKEY_free(pkey);
}

static void refuses_rsa_keys_that_are_short_or_damaged(void **state)
{
    uint8_t der[600];
    size_t len = 0;
    EVP_PKEY *pkey = rsa_of(1024, der, &len);
    covey_key key;

    (void)state;
    CHECK_STATUS(COVEY_E_RANGE,
                 crypto.public_key(crypto.provider, COVEY_RSA,
                                   covey_bytes_of(der, len), &key));
    EVP_PKEY_free(pkey);
    pkey = rsa_of(2048, der, &len);
    for (size_t cut = 0; cut < len; cut++) {
        CHECK_STATUS(COVEY_E_RANGE,
                     crypto.public_key(crypto.provider, COVEY_RSA,
                                       covey_bytes_of(der, cut), &key));
    }
    der[len] = 0;
    CHECK_STATUS(COVEY_E_RANGE,
                 crypto.public_key(crypto.provider, COVEY_RSA,
                                   covey_bytes_of(der, len + 1), &key));
    EVP_PKEY_free(pkey);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verifies_p384_as_rfc_6979),
        cmocka_unit_test(verifies_rsa_pss_with_a_salt_like_the_hash),
        cmocka_unit_test(does_nothing_else_with_rsa),
        cmocka_unit_test(refuses_rsa_keys_that_are_short_or_damaged),
    };
    int failed = 0;

    if (covey_openssl_open(&crypto) != COVEY_OK) {
        return 1;
    }
    failed = KIT_RUN(tests);
    covey_openssl_close(&crypto);
    return failed;
}
