/* SPDX-License-Identifier: BSD-2-Clause */
#include <covey/spki.h>

#include "certificates.h"
#include "keys.h"
#include "kit.h"

static uint8_t storage[1024];

static covey_bytes certificate(const char *hex)
{
    return kit_hex(hex, storage, sizeof storage);
}

static void finds_the_subjects_key(void **state)
{
    covey_spki spki;
    covey_bytes der;

    (void)state;
    der = certificate(ED25519_CERTIFICATE);
    CHECK_STATUS(COVEY_OK, covey_spki_of_certificate(&spki, der));
    assert_int_equal(COVEY_SPKI_ED25519, spki.algorithm);
    CHECK_HEX(ED25519_CERTIFICATE_KEY, spki.key);
    CHECK_HEX("302a300506032b6570032100" ED25519_CERTIFICATE_KEY, spki.whole);
    der = certificate(P256_CERTIFICATE);
    CHECK_STATUS(COVEY_OK, covey_spki_of_certificate(&spki, der));
    assert_int_equal(COVEY_SPKI_P256, spki.algorithm);
    CHECK_HEX(P256_SPKI, spki.whole);
    der = certificate(RSA_CERTIFICATE);
    CHECK_STATUS(COVEY_OK, covey_spki_of_certificate(&spki, der));
    assert_string_equal("RSA", covey_spki_name(spki.algorithm));
}

/* A certificate from parts: what stands in TBSCertificate, and around it. */
#define ANYTHING "3000" /* algorithm, name, validity: not looked at */
#define SERIAL   "020101"
#define BEFORE   SERIAL ANYTHING ANYTHING ANYTHING ANYTHING
#define SIGNED   ANYTHING "030100"

/* clang-format off */
struct part {
    const char *why;
    const char *hex;
    covey_status expected;
};

/* The lengths: BEFORE has 11 bytes, an Ed25519 SPKI 44, SIGNED 5. */
static const struct part parts[] = {
    { "version 1, the least there can be",
      "303e" "3037" BEFORE ED25519_SPKI SIGNED, COVEY_OK },
    { "version 3", "3043" "303c" "a003020102" BEFORE ED25519_SPKI SIGNED,
      COVEY_OK },
    { "unique identifiers and extensions",
      "3046" "303f" BEFORE ED25519_SPKI "810100" "820100" "a300" SIGNED,
      COVEY_OK },
    { "subjectUniqueID alone", "3041" "303a" BEFORE ED25519_SPKI "820100"
      SIGNED, COVEY_OK },
    { "extensions before subjectUniqueID",
      "3043" "303c" BEFORE ED25519_SPKI "a300" "820100" SIGNED,
      COVEY_E_FORMAT },
    { "extensions twice", "3042" "303b" BEFORE ED25519_SPKI "a300" "a300"
      SIGNED, COVEY_E_FORMAT },
    { "something unknown after the key",
      "3040" "3039" BEFORE ED25519_SPKI "a400" SIGNED, COVEY_E_FORMAT },
    { "no key", "3012" "300b" BEFORE SIGNED, COVEY_E_SHORT },
    { "no serial number", "303b" "3034" ANYTHING ANYTHING ANYTHING ANYTHING
      ED25519_SPKI SIGNED, COVEY_E_FORMAT },
    { "one name too few", "303c" "3035" SERIAL ANYTHING ANYTHING ANYTHING
      ED25519_SPKI SIGNED, COVEY_E_SHORT },
    { "no signature", "303b" "3037" BEFORE ED25519_SPKI ANYTHING,
      COVEY_E_SHORT },
    { "no signature algorithm", "303c" "3037" BEFORE ED25519_SPKI "030100",
      COVEY_E_FORMAT },
    { "something after the signature",
      "3040" "3037" BEFORE ED25519_SPKI SIGNED "0500", COVEY_E_FORMAT },
    { "something after the certificate",
      "303e" "3037" BEFORE ED25519_SPKI SIGNED "00", COVEY_E_FORMAT },
    { "tag number in several bytes",
      "303e" "3f37" BEFORE ED25519_SPKI SIGNED, COVEY_E_FORMAT },
    { "a key that is not one",
      "3016" "300f" BEFORE "30020000" SIGNED, COVEY_E_FORMAT },
    { "a bare SubjectPublicKeyInfo", ED25519_SPKI, COVEY_E_FORMAT },
};
/* clang-format on */

static void checks_the_outer_structure(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        covey_spki spki;
        covey_spki before;

        kit_case(parts[i].why);
        memset(&spki, 0x5a, sizeof spki);
        memcpy(&before, &spki, sizeof spki);
        CHECK_STATUS(parts[i].expected, covey_spki_of_certificate(
                                            &spki, certificate(parts[i].hex)));
        if (parts[i].expected == COVEY_OK) {
            CHECK_HEX(ED25519_KEY, spki.key);
        } else {
            assert_memory_equal(&before, &spki, sizeof spki);
        }
    }
    kit_case(NULL);
}

static void refuses_every_prefix(void **state)
{
    covey_bytes der = certificate(P256_CERTIFICATE);

    (void)state;
    for (size_t len = 0; len < der.len; len++) {
        covey_spki spki;

        CHECK_STATUS(COVEY_E_SHORT, covey_spki_of_certificate(
                                        &spki, covey_bytes_of(storage, len)));
    }
}

/* One byte changed in every way: whatever is still accepted has a key of its
 * algorithm's length inside the certificate. */
static void survives_every_changed_byte(void **state)
{
    covey_bytes der = certificate(P256_CERTIFICATE);
    unsigned accepted = 0;

    (void)state;
    for (size_t at = 0; at < der.len; at++) {
        uint8_t right = storage[at];

        for (unsigned value = 0; value < 256; value++) {
            covey_spki spki;

            storage[at] = (uint8_t)value;
            if (covey_spki_of_certificate(&spki, der) == COVEY_OK) {
                accepted++;
                assert_int_equal(COVEY_SPKI_P256, spki.algorithm);
                assert_int_equal(65, spki.key.len);
                assert_true(spki.whole.ptr >= der.ptr &&
                            spki.key.ptr + 65 <= der.ptr + der.len);
            }
        }
        storage[at] = right;
    }
    assert_true(accepted > der.len);
    assert_true(accepted < 256 * der.len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_subjects_key),
        cmocka_unit_test(checks_the_outer_structure),
        cmocka_unit_test(refuses_every_prefix),
        cmocka_unit_test(survives_every_changed_byte),
    };
    return KIT_RUN(tests);
}
