/* SPDX-License-Identifier: BSD-2-Clause */
/* Hashes of certificates, with the toy. Real values: test_shared.c. */
#include <covey/its.h>

#include "hex_certificates.h"
#include "kit.h"

#include "crypto/scripted/scripted.h"

static uint8_t storage[1024];

static covey_bytes hex(const char *text)
{
    return kit_hex(text, storage, sizeof storage);
}

static covey_bytes digest_input(const covey_its_cert *c,
                                const covey_crypto *crypto, uint8_t *out)
{
    covey_writer w = covey_writer_of(out, 128);
    covey_its_digest d = { .len = 32 };

    CHECK_STATUS(COVEY_OK, covey_its_digest_of(&d, c, crypto));
    covey_write_bytes(&w, covey_bytes_of(d.bytes, d.len));
    CHECK_STATUS(COVEY_OK, covey_its_cert_input(&w, c, NULL, crypto));
    return covey_written(&w);
}

/* The forms in which keys and r may come change neither HashedId8 nor what is
 * signed. */
static void hashes_every_form_as_the_canonical_one(void **state)
{
    static const char *const forms[] = {
        "800300"
        "8100"
        "91" HEAD APP_CAM "00"
        "80"
        "83" X32 "80"
        "80"
        "83" X32 SIGNATURE "020480"
        "01"
        "80",
        "800300"
        "8100"
        "91" HEAD APP_CAM "00"
        "80"
        "84" X32 Y32 "80"
        "80"
        "84" X32 Y32 "020480"
        "01"
        "80" SIGNATURE,
        "800300"
        "8100"
        "91" HEAD APP_CAM "00"
        "80"
        "83" X32 "80"
        "80"
        "84" X32 Y32 "020480"
        "01"
        "80"
        "80"
        "84" X32 Y32 Y32,
        "800300"
        "8100"
        "91" HEAD APP_CAM "00"
        "80"
        "84" X32 Y32 "80"
        "80"
        "83" X32 "020480"
        "01"
        "80"
        "80"
        "82" X32 Y32,
    };
    uint8_t first[128] = { 0 };
    uint8_t other[128] = { 0 };
    covey_bytes expected = { NULL, 0 };
    covey_scripted s;
    covey_crypto crypto;
    covey_its_cert c;

    (void)state;
    covey_scripted_open(&s, NULL, &crypto);
    for (size_t i = 1; i < COUNT_OF(forms); i++) {
        CHECK_STATUS(COVEY_OK, covey_its_cert_decode(&c, hex(forms[i]), NULL));
        assert_false(covey_its_cert_is_canonical(&c));
        covey_bytes now = digest_input(&c, &crypto, i == 1 ? first : other);
        if (i == 1) {
            expected = now;
        }
        CHECK_SPAN(expected, now);
    }
    assert_int_equal(s.live, 0);
    CHECK_STATUS(COVEY_E_FORMAT, /* additions before the signature */
                 covey_its_cert_decode(&c, hex(forms[0]), NULL));
}

static void fails_with_the_provider(void **state)
{
    static const char *const certs[] = {
        "800300"
        "8100"
        "10" HEAD APP_CAM "80"
        "80"
        "84" X32 Y32 "80"
        "84" X32 Y32 Y32,
        "800300"
        "8100"
        "10" HEAD APP_CAM KEY SIGNATURE,
    };
    uint8_t out[128];
    covey_scripted s;
    covey_crypto crypto;

    (void)state;
    covey_scripted_open(&s, NULL, &crypto);
    for (size_t i = 0; i < COUNT_OF(certs); i++) {
        covey_its_cert c;
        covey_its_digest d;
        covey_status st = COVEY_E_CRYPTO;
        CHECK_STATUS(COVEY_OK, covey_its_cert_decode(&c, hex(certs[i]), NULL));
        for (int n = 0; st != COVEY_OK; n++) {
            covey_writer w = covey_writer_of(out, sizeof out);
            covey_scripted_rewind(&s, n);
            st = covey_its_digest_of(&d, &c, &crypto);
            if (st == COVEY_OK) {
                st = covey_its_cert_input(&w, &c, NULL, &crypto);
            }
            if (st != COVEY_OK) {
                CHECK_STATUS(COVEY_E_CRYPTO, st);
            }
            assert_int_equal(s.live, 0);
        }
        covey_scripted_rewind(&s, COVEY_SCRIPTED_NEVER);
        d.len = 48;
        covey_writer w = covey_writer_of(out, sizeof out);
        CHECK_STATUS(COVEY_E_ARGUMENT,
                     covey_its_cert_input(&w, &c, &d, &crypto));
        w = covey_writer_of(out, 63);
        CHECK_STATUS(COVEY_E_ROOM,
                     covey_its_cert_input(&w, &c, NULL, &crypto));
    }
}

static void refuses_to_hash_with_sm3(void **state)
{
    uint8_t out[128];
    covey_writer w = covey_writer_of(out, sizeof out);
    covey_its_digest d;
    covey_its_cert c;

    (void)state;
    CHECK_STATUS(COVEY_OK, covey_its_cert_decode(&c,
                                                 hex("800300"
                                                     "8102"
                                                     "10" HEAD APP_CAM "80"
                                                     "8421"
                                                     "82" X32 "8440" X32 Y32),
                                                 NULL));
    assert_string_equal(covey_its_alg_name(c.verify_key.alg), "SM2");
    assert_string_equal(covey_its_hash_name(c.issuer_hash), "SM3");
    assert_int_equal(covey_its_curve(c.verify_key.alg), 0);
    CHECK_STATUS(COVEY_E_UNSUPPORTED, covey_its_digest_of(&d, &c, &covey_toy));
    CHECK_STATUS(COVEY_E_UNSUPPORTED,
                 covey_its_cert_input(&w, &c, NULL, &covey_toy));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_every_form_as_the_canonical_one),
        cmocka_unit_test(fails_with_the_provider),
        cmocka_unit_test(refuses_to_hash_with_sm3),
    };
    return KIT_RUN(tests);
}
