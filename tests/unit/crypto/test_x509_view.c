/* SPDX-License-Identifier: BSD-2-Clause */
/* What stands in a certificate, trusted or not. Names are tried with those
 * that openssl makes in tests/cli/audit_cert.py. */
#include "x509_make.h"

#include <covey/x509.h>

#include <openssl/obj_mac.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_dates_strength_and_who_signed),
        cmocka_unit_test(refuses_what_is_no_certificate),
    };

    return KIT_RUN(tests);
}
