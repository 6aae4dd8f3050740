/* SPDX-License-Identifier: BSD-2-Clause */
#include <covey/cose.h>

#include "kit.h"

/* The first key of RFC 9052 Appendix C.7.1. */
#define X "65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d"
#define Y "1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c"
#define KID                                                                   \
    "6d65726961646f632e6272616e64796275636b406275636b6c616e642e6578616d706c6" \
    "5"
#define OKP_X                                                                 \
    "84f779252b1e1a5eb624342d8ea93e3b6a3d247b378c98a6a6c6711ae072eb77"

static uint8_t storage[512];

static covey_bytes bytes(const char *hex)
{
    return kit_hex(hex, storage, sizeof storage);
}

static void reads_an_ec2_key(void **state)
{
    covey_cose_key key;
    uint8_t room[COVEY_PUBLIC_MAX];
    covey_writer w = covey_writer_of(room, sizeof room);
    covey_bytes cbor =
        bytes("a6 2001 215820" X "225820" Y "0102 0258 24" KID "0326");

    (void)state;
    CHECK_STATUS(COVEY_OK, covey_cose_key_parse(&key, cbor));
    assert_int_equal(COVEY_KTY_EC2, key.kty);
    assert_int_equal(COVEY_P256, key.curve);
    assert_int_equal(COVEY_ES256, key.alg);
    CHECK_SPAN(SPAN("meriadoc.brandybuck@buckland.example"), key.kid);
    CHECK_HEX(X, key.x);
    CHECK_HEX(Y, key.y);
    assert_null(key.d.ptr);
    covey_cose_key_put_public(&w, &key);
    CHECK_HEX("04" X Y, covey_written(&w));
}

static void reads_a_sign_bit(void **state)
{
    static const struct {
        const char *y;
        const char *point;
    } signs[] = { { "22f5", "03" X }, { "22f4", "02" X } };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(signs); i++) {
        uint8_t room[128];
        covey_writer w = covey_writer_of(room, sizeof room);
        covey_cose_key key;

        covey_write_bytes(&w, bytes("a4 0102 2001 215820" X));
        covey_write_bytes(&w, bytes(signs[i].y));
        CHECK_STATUS(COVEY_OK, covey_cose_key_parse(&key, covey_written(&w)));
        assert_null(key.y.ptr);
        assert_int_equal(i == 0, key.y_odd);
        w = covey_writer_of(storage, sizeof storage);
        covey_cose_key_put_public(&w, &key);
        CHECK_HEX(signs[i].point, covey_written(&w));
    }
}

static void reads_an_okp_key(void **state)
{
    covey_cose_key key;
    uint8_t room[COVEY_PUBLIC_MAX];
    covey_writer w = covey_writer_of(room, sizeof room);

    (void)state;
    CHECK_STATUS(COVEY_OK, covey_cose_key_parse(
                               &key, bytes("a4 0101 0327 2006 215820" OKP_X)));
    assert_int_equal(COVEY_KTY_OKP, key.kty);
    assert_int_equal(COVEY_ED25519, key.curve);
    assert_int_equal(COVEY_EDDSA, key.alg);
    assert_null(key.kid.ptr);
    covey_cose_key_put_public(&w, &key);
    CHECK_HEX(OKP_X, covey_written(&w));
}

/* Entries in any order, longer heads, indefinite length, and entries that
 * mean nothing here: key_ops, Base IV, labels as text, private labels. */
static void takes_what_others_encode(void **state)
{
    static const char *const same[] = {
        "a4 0327 0101 2006 215820" OKP_X,
        "a4 215820" OKP_X "2006 0327 0101",
        "bf 0101 0327 2006 215820" OKP_X "ff",
        "b90004 190001 01 0327 3800 06 21590020" OKP_X,
        "a8 0101 0327 0482 0102 0541ff 616101 2006 215820" OKP_X
        "3a00010000f97c00",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(same); i++) {
        covey_cose_key key;

        kit_case(same[i]);
        CHECK_STATUS(COVEY_OK, covey_cose_key_parse(&key, bytes(same[i])));
        assert_int_equal(COVEY_ED25519, key.curve);
        assert_int_equal(COVEY_EDDSA, key.alg);
        CHECK_HEX(OKP_X, key.x);
    }
    kit_case(NULL);
}

struct refusal {
    const char *why;
    const char *hex;
    covey_status expected;
};

/* clang-format off */
static const struct refusal refusals[] = {
    { "nothing", "", COVEY_E_SHORT },
    { "an array", "80", COVEY_E_FORMAT },
    { "an empty map", "a0", COVEY_E_FORMAT },
    { "more entries than bytes", "a4010120", COVEY_E_SHORT },
    { "a byte after the end", "a3 0101 2006 215820" OKP_X "00",
      COVEY_E_FORMAT },
    { "no kty", "a2 2006 215820" OKP_X, COVEY_E_FORMAT },
    { "no crv", "a2 0101 215820" OKP_X, COVEY_E_FORMAT },
    { "no x", "a2 0101 2006", COVEY_E_FORMAT },
    { "no y", "a3 0102 2001 215820" X, COVEY_E_FORMAT },
    { "OKP with y", "a4 0101 2006 215820" OKP_X "225820" Y,
      COVEY_E_FORMAT },
    { "OKP with a sign bit", "a4 0101 2006 215820" OKP_X "22f5",
      COVEY_E_FORMAT },
    { "kty twice", "a4 0101 0101 2006 215820" OKP_X, COVEY_E_FORMAT },
    { "x twice", "a4 0101 2006 215820" OKP_X "215820" OKP_X,
      COVEY_E_FORMAT },
    { "kid twice, the second longer encoded",
      "a5 0101 0240 180240 2006 215820" OKP_X, COVEY_E_FORMAT },
    { "a label that is a byte string", "a4 0101 2006 215820" OKP_X "4000",
      COVEY_E_FORMAT },
    { "a label that is a simple value", "a4 0101 2006 215820" OKP_X "f600",
      COVEY_E_FORMAT },
    { "kty a byte string", "a3 014101 2006 215820" OKP_X, COVEY_E_FORMAT },
    { "kid text", "a4 0101 026161 2006 215820" OKP_X, COVEY_E_FORMAT },
    { "kid an integer", "a4 0101 0201 2006 215820" OKP_X, COVEY_E_FORMAT },
    { "alg null", "a4 0101 03f6 2006 215820" OKP_X, COVEY_E_FORMAT },
    { "x text", "a3 0101 2006 217820" OKP_X, COVEY_E_FORMAT },
    { "x in chunks", "a3 0101 2006 215f5820" OKP_X "ff",
      COVEY_E_UNSUPPORTED },
    { "y an integer", "a4 0102 2001 215820" X "2201", COVEY_E_FORMAT },
    { "y null", "a4 0102 2001 215820" X "22f6", COVEY_E_FORMAT },
    { "d text", "a4 0101 2006 215820" OKP_X "2360", COVEY_E_FORMAT },
    { "x of 31 bytes", "a3 0101 2006 21581f"
      "f779252b1e1a5eb624342d8ea93e3b6a3d247b378c98a6a6c6711ae072eb77",
      COVEY_E_RANGE },
    { "x of 33 bytes", "a3 0101 2006 21582100" OKP_X, COVEY_E_RANGE },
    { "x empty", "a3 0101 2006 2140", COVEY_E_RANGE },
    { "x without its leading zero, which must stay (RFC 9053 7.1.1)",
      "a4 0102 2001 21581f"
      "f779252b1e1a5eb624342d8ea93e3b6a3d247b378c98a6a6c6711ae072eb77"
      "225820" Y, COVEY_E_RANGE },
    { "y of 33 bytes", "a4 0102 2001 215820" X "22582100" Y,
      COVEY_E_RANGE },
    { "y empty", "a4 0102 2001 215820" X "2240", COVEY_E_RANGE },
    { "d of one byte", "a4 0101 2006 215820" OKP_X "234101",
      COVEY_E_RANGE },
    { "P-384 with coordinates of P-256", "a4 0102 2002 215820" X "225820" Y,
      COVEY_E_RANGE },
    { "OKP on P-256", "a3 0101 2001 215820" X, COVEY_E_RANGE },
    { "EC2 on Ed25519", "a4 0102 2006 215820" X "225820" Y, COVEY_E_RANGE },
    { "RSA", "a3 0103 2041aa 2143010001", COVEY_E_FORMAT },
    { "RSA, deterministic order up to kty only", "a1 0103",
      COVEY_E_UNSUPPORTED },
    { "symmetric", "a2 0104 6161 00", COVEY_E_UNSUPPORTED },
    { "kty 0, reserved", "a3 0100 2006 215820" OKP_X, COVEY_E_UNSUPPORTED },
    { "kty text", "a3 01634f4b50 2006 215820" OKP_X, COVEY_E_UNSUPPORTED },
    { "crv 0, reserved", "a3 0101 2000 215820" OKP_X, COVEY_E_UNSUPPORTED },
    { "secp256k1", "a4 0102 2008 215820" X "225820" Y,
      COVEY_E_UNSUPPORTED },
    { "crv 262, which is 6 in a byte", "a3 0101 20190106 215820" OKP_X,
      COVEY_E_UNSUPPORTED },
    { "crv text", "a3 0101 206745643235353139 215820" OKP_X,
      COVEY_E_UNSUPPORTED },
    { "crv beyond 32 bits", "a3 0101 201b0000000100000006 215820" OKP_X,
      COVEY_E_UNSUPPORTED },
    { "alg text", "a4 0101 036161 2006 215820" OKP_X, COVEY_E_UNSUPPORTED },
    { "alg below 32 bits", "a4 0101 033a80000000 2006 215820" OKP_X,
      COVEY_E_UNSUPPORTED },
    { "alg beyond 64 bits", "a4 0101 031bffffffffffffffff 2006 215820" OKP_X,
      COVEY_E_RANGE },
    { "key_ops nested too deep", "a4 0101 04"
      "8181818181818181818181818181818181 00 2006 215820" OKP_X,
      COVEY_E_UNSUPPORTED },
};
/* clang-format on */

static void refuses_what_is_no_public_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        covey_cose_key key;
        covey_cose_key before;

        kit_case(refusals[i].why);
        memset(&key, 0x5a, sizeof key);
        memcpy(&before, &key, sizeof key);
        CHECK_STATUS(refusals[i].expected,
                     covey_cose_key_parse(&key, bytes(refusals[i].hex)));
        assert_memory_equal(&before, &key, sizeof key);
    }
    kit_case(NULL);
}

/* In the order of RFC 8949 Section 4.2.1. */
static void writes_the_deterministic_encoding(void **state)
{
    static const char *const keys[] = {
        "a3 0101 2006 215820" OKP_X,
        "a4 0101 0327 2006 215820" OKP_X,
        "a6 0101 0241aa 0327 2006 215820" OKP_X "235820" Y,
        "a4 0102 2001 215820" X "225820" Y,
        "a4 0102 2001 215820" X "22f4",
        "a7 0102 0240 0326 2001 215820" X "22f5 235820" Y,
        "a3 0101 2004 215820" OKP_X,
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        uint8_t room[256];
        covey_writer w = covey_writer_of(room, sizeof room);
        covey_cose_key key;
        covey_cbor_reader r;

        kit_case(keys[i]);
        CHECK_STATUS(COVEY_OK, covey_cose_key_parse(&key, bytes(keys[i])));
        covey_cose_key_put(&w, &key);
        assert_int_equal(COVEY_OK, w.failed);
        CHECK_HEX(keys[i], covey_written(&w));
        r = covey_cbor_reader_of(covey_written(&w), COVEY_CBOR_DETERMINISTIC);
        covey_cbor_skip(&r);
        assert_true(covey_cbor_done(&r));
        for (size_t cap = 0; cap < covey_written(&w).len; cap++) {
            covey_writer tight = covey_writer_of(room, cap);

            covey_cose_key_put(&tight, &key);
            CHECK_STATUS(COVEY_E_ROOM, tight.failed);
        }
    }
    kit_case(NULL);
}

static void refuses_all_small_inputs(void **state)
{
    uint8_t small[3];

    (void)state;
    for (size_t len = 0; len <= 3; len++) {
        for (uint32_t n = 0; n < (uint32_t)1 << 8 * len; n++) {
            covey_bytes input = covey_bytes_of(small, len);
            covey_cose_key key;

            for (size_t i = 0; i < len; i++) {
                small[i] = (uint8_t)(n >> 8 * i);
            }
            assert_int_not_equal(COVEY_OK, covey_cose_key_parse(&key, input));
            assert_int_not_equal(COVEY_OK,
                                 covey_cose_credential_key(&key, input));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_an_ec2_key),
        cmocka_unit_test(reads_a_sign_bit),
        cmocka_unit_test(reads_an_okp_key),
        cmocka_unit_test(takes_what_others_encode),
        cmocka_unit_test(refuses_what_is_no_public_key),
        cmocka_unit_test(writes_the_deterministic_encoding),
        cmocka_unit_test(refuses_all_small_inputs),
    };
    return KIT_RUN(tests);
}
