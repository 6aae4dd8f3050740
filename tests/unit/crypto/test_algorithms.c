/* SPDX-License-Identifier: BSD-2-Clause */
#include "kit.h"

#include <covey/crypto.h>

/* Written down from the registry a second time, with the registry's numbers
 * and not our names for them. */
/* clang-format off */
static const struct {
    int32_t id;
    covey_alg_kind kind;
    unsigned key, nonce, out;
    const char *name;
} registry[] = {
    {  1, COVEY_ALG_AEAD, 128, 12, 128, "A128GCM" },
    {  2, COVEY_ALG_AEAD, 192, 12, 128, "A192GCM" },
    {  3, COVEY_ALG_AEAD, 256, 12, 128, "A256GCM" },
    { 10, COVEY_ALG_AEAD, 128, 13,  64, "AES-CCM-16-64-128" },
    { 11, COVEY_ALG_AEAD, 256, 13,  64, "AES-CCM-16-64-256" },
    { 12, COVEY_ALG_AEAD, 128,  7,  64, "AES-CCM-64-64-128" },
    { 13, COVEY_ALG_AEAD, 256,  7,  64, "AES-CCM-64-64-256" },
    { 24, COVEY_ALG_AEAD, 256, 12, 128, "ChaCha20/Poly1305" },
    { 30, COVEY_ALG_AEAD, 128, 13, 128, "AES-CCM-16-128-128" },
    { 31, COVEY_ALG_AEAD, 256, 13, 128, "AES-CCM-16-128-256" },
    { 32, COVEY_ALG_AEAD, 128,  7, 128, "AES-CCM-64-128-128" },
    { 33, COVEY_ALG_AEAD, 256,  7, 128, "AES-CCM-64-128-256" },
    /* of ours: RFC 6655 Section 3, 12 bytes of nonce */
    { -65537, COVEY_ALG_TLS_AEAD, 128, 12,  64, "AES-CCM-24-64-128" },
    { -65538, COVEY_ALG_TLS_AEAD, 128, 12, 128, "AES-CCM-24-128-128" },
    { -65534, COVEY_ALG_CIPHER, 128, 12, 0, "A128CTR" },
    { -65533, COVEY_ALG_CIPHER, 192, 12, 0, "A192CTR" },
    { -65532, COVEY_ALG_CIPHER, 256, 12, 0, "A256CTR" },
    {  5, COVEY_ALG_HMAC, 0, 0, 256, "HMAC 256/256" },
    {  6, COVEY_ALG_HMAC, 0, 0, 384, "HMAC 384/384" },
    {  7, COVEY_ALG_HMAC, 0, 0, 512, "HMAC 512/512" },
    { -16, COVEY_ALG_HASH, 0, 0, 256, "SHA-256" },
    { -43, COVEY_ALG_HASH, 0, 0, 384, "SHA-384" },
    { -44, COVEY_ALG_HASH, 0, 0, 512, "SHA-512" },
    {  -7, COVEY_ALG_SIGNATURE, 0, 0, 0, "ES256" },
    {  -8, COVEY_ALG_SIGNATURE, 0, 0, 0, "EdDSA" },
    { -35, COVEY_ALG_SIGNATURE, 0, 0, 0, "ES384" },
    { -36, COVEY_ALG_SIGNATURE, 0, 0, 0, "ES512" },
    { -265, COVEY_ALG_SIGNATURE, 0, 0, 0, "ESB256" },
    { -267, COVEY_ALG_SIGNATURE, 0, 0, 0, "ESB384" },
    { -37, COVEY_ALG_SIGNATURE, 0, 0, 0, "PS256" },
    { -38, COVEY_ALG_SIGNATURE, 0, 0, 0, "PS384" },
    { -39, COVEY_ALG_SIGNATURE, 0, 0, 0, "PS512" },
    { -27, COVEY_ALG_AGREEMENT, 0, 0, 0, "ECDH-SS + HKDF-256" },
    { -28, COVEY_ALG_AGREEMENT, 0, 0, 0, "ECDH-SS + HKDF-512" },
};
/* clang-format on */

static void knows_the_lengths_of_every_algorithm(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(registry); i++) {
        const covey_alg *a = covey_alg_find(registry[i].id);
        assert_non_null(a);
        assert_int_equal(a->id, registry[i].id);
        assert_int_equal(a->kind, registry[i].kind);
        assert_int_equal(a->key_len * 8, registry[i].key);
        assert_int_equal(a->nonce_len, registry[i].nonce);
        assert_int_equal(a->out_len * 8, registry[i].out);
        assert_string_equal(covey_alg_name(a->id), registry[i].name);
    }
}

static void finds_nothing_else(void **state)
{
    (void)state;
    for (int32_t id = -70000; id < 70000; id++) {
        bool known = false;
        for (size_t i = 0; i < COUNT_OF(registry); i++) {
            known = known || registry[i].id == id;
        }
        assert_int_equal(covey_alg_find(id) != NULL, known);
    }
    assert_null(covey_alg_find(INT32_MIN));
    assert_null(covey_alg_find(INT32_MAX));
}

static void takes_only_content_encryption_for_an_aead(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(registry); i++) {
        bool encrypts = registry[i].kind == COVEY_ALG_AEAD ||
                        registry[i].kind == COVEY_ALG_TLS_AEAD ||
                        registry[i].kind == COVEY_ALG_CIPHER;
        assert_int_equal(covey_aead_find(registry[i].id) != NULL, encrypts);
    }
    assert_null(covey_aead_find(-65531)); /* A128CBC, RFC 10021 forbids */
    assert_null(covey_aead_find(0));
}

static void stays_within_the_greatest_lengths(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(registry); i++) {
        const covey_alg *a = covey_alg_find(registry[i].id);
        assert_true(a->key_len <= COVEY_KEY_MAX);
        assert_true(a->nonce_len <= COVEY_NONCE_MAX);
        assert_true(a->out_len <= COVEY_HASH_MAX);
        if (covey_aead_find(a->id) != NULL) {
            assert_true(a->out_len <= COVEY_TAG_MAX);
        }
    }
}

static void gives_the_length_of_fitting_signatures_only(void **state)
{
    static const struct {
        int32_t alg, curve;
        size_t len;
    } fit[] = {
        { -8, 6, 64 },  { -8, 7, 114 },  { -7, 1, 64 },
        { -35, 2, 96 }, { -36, 3, 132 },
    };

    (void)state;
    for (int32_t alg = -50; alg < 50; alg++) {
        for (int32_t curve = -2; curve < 20; curve++) {
            size_t len = 0;
            for (size_t i = 0; i < COUNT_OF(fit); i++) {
                if (fit[i].alg == alg && fit[i].curve == curve) {
                    len = fit[i].len;
                }
            }
            assert_int_equal(covey_signature_len(alg, curve), len);
            assert_true(len <= COVEY_SIGNATURE_MAX);
        }
    }
}

static void names_what_it_refuses(void **state)
{
    (void)state;
    assert_string_equal(covey_alg_name(-65531), "A128CBC");
    assert_string_equal(covey_alg_name(-9), "ESP256");
    assert_string_equal(covey_alg_name(-19), "Ed25519");
    assert_string_equal(covey_alg_name(0), "unknown algorithm");
    assert_string_equal(covey_alg_name(-65528), "unknown algorithm");
    assert_string_equal(covey_curve_name(6), "Ed25519");
    assert_string_equal(covey_curve_name(1), "P-256");
    assert_string_equal(covey_curve_name(8), "secp256k1");
    assert_string_equal(covey_curve_name(0), "unknown curve");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_lengths_of_every_algorithm),
        cmocka_unit_test(finds_nothing_else),
        cmocka_unit_test(takes_only_content_encryption_for_an_aead),
        cmocka_unit_test(stays_within_the_greatest_lengths),
        cmocka_unit_test(gives_the_length_of_fitting_signatures_only),
        cmocka_unit_test(names_what_it_refuses),
    };

    return KIT_RUN(tests);
}
