/* SPDX-License-Identifier: BSD-2-Clause */
#include <covey/spki.h>

#include "keys.h"
#include "kit.h"

static uint8_t storage[512];

struct sound {
    const char *name;
    const char *hex;
    const char *key;
    covey_spki_algorithm algorithm;
};

/* clang-format off */
static const struct sound sounds[] = {
    { "Ed25519", ED25519_SPKI, ED25519_KEY, COVEY_SPKI_ED25519 },
    { "X25519", X25519_SPKI, X25519_KEY, COVEY_SPKI_X25519 },
    { "Ed448", ED448_SPKI, ED448_KEY, COVEY_SPKI_ED448 },
    { "X448", X448_SPKI, X448_KEY, COVEY_SPKI_X448 },
    { "P-256", P256_SPKI, "04" P256_X P256_Y, COVEY_SPKI_P256 },
    { "P-256", P256_SHORT_SPKI, "02" P256_X, COVEY_SPKI_P256 },
    { "P-256", "3039" P256_ID "032200" "03" P256_X, "03" P256_X,
      COVEY_SPKI_P256 },
    { "P-384", P384_SPKI, P384_KEY, COVEY_SPKI_P384 },
    { "P-521", P521_SPKI, P521_KEY, COVEY_SPKI_P521 },
    { "RSA", RSA_SPKI, RSA_KEY, COVEY_SPKI_RSA },
};
/* clang-format on */

static void finds_algorithm_and_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(sounds); i++) {
        covey_bytes der = kit_hex(sounds[i].hex, storage, sizeof storage);
        covey_spki spki;

        kit_case(sounds[i].name);
        CHECK_STATUS(COVEY_OK, covey_spki_parse(&spki, der));
        assert_int_equal(sounds[i].algorithm, spki.algorithm);
        assert_string_equal(sounds[i].name, covey_spki_name(spki.algorithm));
        CHECK_HEX(sounds[i].key, spki.key);
        CHECK_SPAN(der, spki.whole);
    }
    kit_case(NULL);
    assert_string_equal("unknown", covey_spki_name((covey_spki_algorithm)0));
}

static void check_refused(covey_status expected, covey_bytes der)
{
    covey_spki spki;
    covey_spki before;

    memset(&spki, 0x5a, sizeof spki);
    memcpy(&before, &spki, sizeof spki);
    CHECK_STATUS(expected, covey_spki_parse(&spki, der));
    assert_memory_equal(&before, &spki, sizeof spki);
}

struct refusal {
    const char *why;
    const char *hex;
    covey_status expected;
};

#define LATER ED25519_KEY

/* clang-format off */
static const struct refusal refusals[] = {
    { "nothing", "", COVEY_E_SHORT },
    { "no length", "30", COVEY_E_SHORT },
    { "empty SEQUENCE", "3000", COVEY_E_SHORT },
    { "a SET", "312a300506032b6570032100" LATER, COVEY_E_FORMAT },
    { "indefinite length", "3080300506032b6570032100" LATER "0000",
      COVEY_E_FORMAT },
    { "reserved length of lengths", "30ff300506032b6570032100" LATER,
      COVEY_E_FORMAT },
    { "length in five bytes", "3085000000002a300506032b6570032100" LATER,
      COVEY_E_FORMAT },
    { "length of length missing", "3082", COVEY_E_SHORT },
    { "length in two bytes where one is enough",
      "30812a300506032b6570032100" LATER, COVEY_E_FORMAT },
    { "length in three bytes with a zero first",
      "308200812a300506032b6570032100" LATER, COVEY_E_FORMAT },
    { "length of 2^32 - 1", "3084ffffffff300506032b6570032100" LATER,
      COVEY_E_SHORT },
    { "a byte after the end", ED25519_SPKI "00", COVEY_E_FORMAT },
    { "a byte after the key", "302c300506032b6570032100" LATER "0500",
      COVEY_E_FORMAT },
    { "no key", "3007300506032b6570", COVEY_E_SHORT },
    { "no algorithm", "3023032100" LATER, COVEY_E_FORMAT },
    { "key as OCTET STRING", "302a300506032b6570042100" LATER,
      COVEY_E_FORMAT },
    { "key as BIT STRING in pieces", "302a300506032b6570232100" LATER,
      COVEY_E_FORMAT },
    { "BIT STRING without its first byte", "3009300506032b65700300",
      COVEY_E_FORMAT },
    { "one unused bit", "302a300506032b6570032101" LATER, COVEY_E_FORMAT },
    { "eight unused bits", "302a300506032b6570032108" LATER,
      COVEY_E_FORMAT },
    { "AlgorithmIdentifier empty", "302530000321" "00" LATER,
      COVEY_E_FORMAT },
    { "AlgorithmIdentifier without an identifier", "302730020500032100"
      LATER, COVEY_E_FORMAT },
    { "identifier goes beyond its AlgorithmIdentifier",
      "302a300506042b6570032100" LATER, COVEY_E_FORMAT },
    { "Ed25519 with parameters NULL, RFC 8410 Section 3",
      "302c300706032b65700500032100" LATER, COVEY_E_UNSUPPORTED },
    { "P-256 without parameters", "302e300906072a8648ce3d0201032100" LATER,
      COVEY_E_UNSUPPORTED },
    { "secp256k1", SECP256K1_SPKI, COVEY_E_UNSUPPORTED },
    { "an identifier nobody knows", "302a300506032b6572032100" LATER,
      COVEY_E_UNSUPPORTED },
    { "RSA without NULL", "3011300b06092a864886f70d010101030200aa",
      COVEY_E_UNSUPPORTED },
    { "Ed25519 of 31 bytes",
      "3029300506032b6570032000" "bf44096984cdfe8541bac167dc3b96c85086aa30b6b6"
      "cb0c5c38ad703166e1", COVEY_E_FORMAT },
    { "Ed25519 of 33 bytes", "302b300506032b6570032200" LATER "00",
      COVEY_E_FORMAT },
    { "Ed25519 of no bytes", "300a300506032b6570030100", COVEY_E_FORMAT },
    { "X25519 of the length of X448", "3042300506032b656e033900" X448_KEY,
      COVEY_E_FORMAT },
    { "P-256 point at infinity", "3018" P256_ID "030200" "00",
      COVEY_E_FORMAT },
    { "P-256 without a point", "3017" P256_ID "030100", COVEY_E_FORMAT },
    { "P-256 hybrid form 6", "3059" P256_ID "034200" "06" P256_X P256_Y,
      COVEY_E_FORMAT },
    { "P-256 uncompressed form, one coordinate",
      "3039" P256_ID "032200" "04" P256_X, COVEY_E_FORMAT },
    { "P-256 compressed form, two coordinates",
      "3059" P256_ID "034200" "02" P256_X P256_Y, COVEY_E_FORMAT },
    { "P-256 raw, without a first byte", "3058" P256_ID "034100" P256_X
      P256_Y, COVEY_E_FORMAT },
};
/* clang-format on */

static void refuses_what_is_no_der_or_no_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        kit_case(refusals[i].why);
        check_refused(refusals[i].expected,
                      kit_hex(refusals[i].hex, storage, sizeof storage));
    }
    kit_case(NULL);
}

/* Every input of up to three bytes is refused: too short for any key. */
static void refuses_all_small_inputs(void **state)
{
    uint8_t bytes[3];
    covey_spki spki;

    (void)state;
    for (size_t len = 0; len <= 3; len++) {
        for (uint32_t n = 0; n < (uint32_t)1 << 8 * len; n++) {
            covey_bytes der = covey_bytes_of(bytes, len);

            for (size_t i = 0; i < len; i++) {
                bytes[i] = (uint8_t)(n >> 8 * i);
            }
            assert_int_not_equal(COVEY_OK, covey_spki_parse(&spki, der));
            assert_int_not_equal(COVEY_OK,
                                 covey_spki_of_certificate(&spki, der));
        }
    }
}

/* Each byte before the key has one value only: DER is one encoding. The
 * exceptions are named: Ed25519 and X25519 differ in one. */
static void every_byte_before_the_key_counts(void **state)
{
    covey_bytes der = kit_hex(ED25519_SPKI, storage, sizeof storage);
    unsigned accepted = 0;

    (void)state;
    for (size_t at = 0; at < 12; at++) {
        uint8_t right = storage[at];

        for (unsigned value = 0; value < 256; value++) {
            covey_spki spki;

            storage[at] = (uint8_t)value;
            if (covey_spki_parse(&spki, der) == COVEY_OK) {
                accepted++;
                assert_true(value == right ||
                            spki.algorithm == COVEY_SPKI_X25519);
            }
        }
        storage[at] = right;
    }
    assert_int_equal(12 + 1, accepted);
}

static void refuses_every_prefix_and_any_longer_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(sounds); i++) {
        covey_bytes der = kit_hex(sounds[i].hex, storage, sizeof storage);

        kit_case(sounds[i].hex);
        for (size_t len = 0; len < der.len; len++) {
            check_refused(COVEY_E_SHORT, covey_bytes_of(storage, len));
        }
        storage[der.len] = 0;
        check_refused(COVEY_E_FORMAT, covey_bytes_of(storage, der.len + 1));
    }
    kit_case(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_algorithm_and_key),
        cmocka_unit_test(refuses_what_is_no_der_or_no_key),
        cmocka_unit_test(refuses_all_small_inputs),
        cmocka_unit_test(every_byte_before_the_key_counts),
        cmocka_unit_test(refuses_every_prefix_and_any_longer_one),
    };
    return KIT_RUN(tests);
}
