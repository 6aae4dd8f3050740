/* SPDX-License-Identifier: BSD-2-Clause */
/* What stands in a certificate, trusted or not. Names are tried with those
 * that openssl makes in tests/cli/audit_cert.py. */
#include "x509_make.h"

#include <covey/x509.h>

#include <openssl/obj_mac.h>
#include <openssl/rsa.h>

#define FROM INT64_C(1700000000)
#define TO   INT64_C(4000000000)

static const plan usual = { .serial = "01",
                            .key = NID_X9_62_prime256v1,
                            .from = FROM,
                            .to = TO,
                            .basic = NONE,
                            .usage = "critical,digitalSignature",
                            .aki = NONE };
static const plan issuer_plan = { .serial = "00",
                                  .key = NID_X9_62_prime256v1,
                                  .from = FROM,
                                  .to = TO,
                                  .basic = "critical,CA:TRUE",
                                  .usage = "critical,keyCertSign",
                                  .aki = NONE };

static covey_x509_view look(const plan *wanted, bool issued)
{
    const plan nothing = { .serial = NULL };
    covey_x509_view view = { .key_bits = 0 };
    made issuer = { .cert = NULL };
    made m = { .cert = NULL };

    make(&issuer, &nothing, &issuer_plan, NULL);
    make(&m, wanted, &usual, issued ? &issuer : NULL);
    CHECK_STATUS(COVEY_OK, covey_x509_view_of(der_of(&m), &view));
    assert_false(covey_x509_is_for(der_of(&m), "192.0.2.1"));
    assert_false(covey_x509_is_for(der_of(&m), "lamp.example"));
    unmake(&m);
    unmake(&issuer);
    return view;
}

static void says_dates_strength_and_who_signed(void **state)
{
    const plan plain = { .serial = NULL };
    const plan small = { .key = KEY_RSA_1024 };
    const plan old = { .sha1 = true, .aki = "keyid:always" };
    covey_x509_view v = look(&plain, false);

    (void)state;
    assert_true(v.valid_from == FROM && v.valid_until == TO);
    assert_true(v.self_signed && !v.old_hash);
    assert_int_equal(v.key_bits, 128);
    assert_int_equal(v.names + v.addresses, 0);
    v = look(&small, false);
    assert_int_equal(v.key_bits, 80);
    v = look(&old, true);
    assert_true(v.old_hash && !v.self_signed);
}

static void refuses_what_is_no_certificate(void **state)
{
    const plan nothing = { .serial = NULL };
    covey_x509_view view = { .key_bits = 7 };
    uint8_t bytes[2001] = { 0 };
    made m = { .cert = NULL };

    (void)state;
    make(&m, &nothing, &usual, NULL);
    memcpy(bytes, m.der, m.len);
    for (size_t n = 0; n < m.len; n++) {
        CHECK_STATUS(COVEY_E_FORMAT,
                     covey_x509_view_of(covey_bytes_of(bytes, n), &view));
    }
    CHECK_STATUS(COVEY_E_FORMAT,
                 covey_x509_view_of(covey_bytes_of(bytes, m.len + 1), &view));
    CHECK_STATUS(COVEY_E_FORMAT,
                 covey_x509_view_of(covey_bytes_of(NULL, 0), &view));
    assert_false(covey_x509_is_for(covey_bytes_of(bytes, 3), "192.0.2.1"));
    assert_int_equal(view.key_bits, 7);
    unmake(&m);
}

/* --- what its key has signed --------------------------------------------- */

static const struct {
    uint16_t number;
    int key;
    const EVP_MD *(*hash)(void);
    bool pss;
} schemes[] = {
    { 0x0201, KEY_RSA_2048, EVP_sha1, false },
    { 0x0401, KEY_RSA_2048, EVP_sha256, false },
    { 0x0501, KEY_RSA_2048, EVP_sha384, false },
    { 0x0601, KEY_RSA_2048, EVP_sha512, false },
    { 0x0804, KEY_RSA_2048, EVP_sha256, true },
    { 0x0805, KEY_RSA_2048, EVP_sha384, true },
    { 0x0806, KEY_RSA_2048, EVP_sha512, true },
    { 0x0203, NID_X9_62_prime256v1, EVP_sha1, false },
    { 0x0403, NID_X9_62_prime256v1, EVP_sha256, false },
    { 0x0503, NID_secp384r1, EVP_sha384, false },
    { 0x0603, NID_X9_62_prime256v1, EVP_sha512, false },
    { 0x0807, EVP_PKEY_ED25519, NULL, false },
};

static covey_bytes sign(const made *m, size_t scheme, covey_bytes tbs,
                        uint8_t *out, size_t cap)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *how = NULL;
    const EVP_MD *hash =
        schemes[scheme].hash != NULL ? schemes[scheme].hash() : NULL;

    assert_int_equal(1, EVP_DigestSignInit(ctx, &how, hash, NULL, m->key));
    if (schemes[scheme].pss) {
        assert_true(EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING) >
                    0);
        assert_true(
            EVP_PKEY_CTX_set_rsa_pss_saltlen(how, RSA_PSS_SALTLEN_DIGEST) > 0);
    }
    assert_int_equal(1, EVP_DigestSign(ctx, out, &cap, tbs.ptr, tbs.len));
    EVP_MD_CTX_free(ctx);
    return covey_bytes_of(out, cap);
}

/* Of each scheme the own signature and no other, over the same and nothing
 * else, by one key. */
static void knows_what_a_key_has_signed(void **state)
{
    const covey_bytes tbs = SPAN("random, random, parameters");
    uint8_t storage[512];
    made m = { .cert = NULL };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(schemes); i++) {
        const plan wanted = { .key = schemes[i].key };
        if (i == 0 || schemes[i].key != schemes[i - 1].key) {
            unmake(&m);
            make(&m, &wanted, &usual, NULL);
        }
        const covey_bytes given = sign(&m, i, tbs, storage, sizeof storage);
        for (size_t k = 0; k < COUNT_OF(schemes); k++) {
            const covey_status st =
                covey_x509_verify(der_of(&m), schemes[k].number, tbs, given);
            const bool fits = EVP_PKEY_get_base_id(m.key) ==
                              (schemes[k].key == KEY_RSA_2048 ? EVP_PKEY_RSA
                               : schemes[k].hash == NULL ? EVP_PKEY_ED25519
                                                         : EVP_PKEY_EC);
            CHECK_STATUS(k == i ? COVEY_OK
                         : fits ? COVEY_E_AUTH
                                : COVEY_E_UNSUPPORTED,
                         st);
        }
        CHECK_STATUS(COVEY_E_AUTH,
                     covey_x509_verify(der_of(&m), schemes[i].number,
                                       SPAN("something else"), given));
        CHECK_STATUS(COVEY_E_AUTH,
                     covey_x509_verify(der_of(&m), schemes[i].number, tbs,
                                       covey_bytes_of(NULL, 0)));
        storage[given.len / 2] ^= 1;
        CHECK_STATUS(
            COVEY_E_AUTH,
            covey_x509_verify(der_of(&m), schemes[i].number, tbs, given));
    }
    unmake(&m);
}

static void verifies_nothing_without_scheme_or_certificate(void **state)
{
    static const uint16_t others[] = { 0x0000, 0x0101, 0x0402, 0x0808,
                                       0xffff };
    const plan nothing = { .serial = NULL };
    made m = { .cert = NULL };

    (void)state;
    make(&m, &nothing, &usual, NULL);
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        CHECK_STATUS(
            COVEY_E_UNSUPPORTED,
            covey_x509_verify(der_of(&m), others[i], SPAN("a"), SPAN("b")));
    }
    for (size_t n = 0; n < m.len; n++) {
        CHECK_STATUS(COVEY_E_FORMAT,
                     covey_x509_verify(covey_bytes_of(m.der, n), 0x0403,
                                       SPAN("a"), SPAN("b")));
    }
    unmake(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_dates_strength_and_who_signed),
        cmocka_unit_test(refuses_what_is_no_certificate),
        cmocka_unit_test(knows_what_a_key_has_signed),
        cmocka_unit_test(verifies_nothing_without_scheme_or_certificate),
    };

    return KIT_RUN(tests);
}
