/* SPDX-License-Identifier: BSD-2-Clause */
/* The examples of RFC 8949: Appendix A in both modes, and Appendix F.1, none
 * of which is well formed. */
#include <covey/cbor.h>

#include "kit.h"

struct example {
    const char *diagnostic;
    const char *hex;
    covey_status deterministic; /* what that mode says */
};

/* clang-format off */
static const struct example appendix_a[] = {
    { "0", "00", COVEY_OK },
    { "1", "01", COVEY_OK },
    { "10", "0a", COVEY_OK },
    { "23", "17", COVEY_OK },
    { "24", "1818", COVEY_OK },
    { "25", "1819", COVEY_OK },
    { "100", "1864", COVEY_OK },
    { "1000", "1903e8", COVEY_OK },
    { "1000000", "1a000f4240", COVEY_OK },
    { "1000000000000", "1b000000e8d4a51000", COVEY_OK },
    { "18446744073709551615", "1bffffffffffffffff", COVEY_OK },
    { "18446744073709551616", "c249010000000000000000", COVEY_OK },
    { "-18446744073709551616", "3bffffffffffffffff", COVEY_OK },
    { "-18446744073709551617", "c349010000000000000000", COVEY_OK },
    { "-1", "20", COVEY_OK },
    { "-10", "29", COVEY_OK },
    { "-100", "3863", COVEY_OK },
    { "-1000", "3903e7", COVEY_OK },
    { "0.0", "f90000", COVEY_E_UNSUPPORTED },
    { "-0.0", "f98000", COVEY_E_UNSUPPORTED },
    { "1.0", "f93c00", COVEY_E_UNSUPPORTED },
    { "1.1", "fb3ff199999999999a", COVEY_E_UNSUPPORTED },
    { "1.5", "f93e00", COVEY_E_UNSUPPORTED },
    { "65504.0", "f97bff", COVEY_E_UNSUPPORTED },
    { "100000.0", "fa47c35000", COVEY_E_UNSUPPORTED },
    { "3.4028234663852886e+38", "fa7f7fffff", COVEY_E_UNSUPPORTED },
    { "1.0e+300", "fb7e37e43c8800759c", COVEY_E_UNSUPPORTED },
    { "5.960464477539063e-8", "f90001", COVEY_E_UNSUPPORTED },
    { "0.00006103515625", "f90400", COVEY_E_UNSUPPORTED },
    { "-4.0", "f9c400", COVEY_E_UNSUPPORTED },
    { "-4.1", "fbc010666666666666", COVEY_E_UNSUPPORTED },
    { "Infinity", "f97c00", COVEY_E_UNSUPPORTED },
    { "NaN", "f97e00", COVEY_E_UNSUPPORTED },
    { "-Infinity", "f9fc00", COVEY_E_UNSUPPORTED },
    { "Infinity, single", "fa7f800000", COVEY_E_UNSUPPORTED },
    { "NaN, single", "fa7fc00000", COVEY_E_UNSUPPORTED },
    { "-Infinity, single", "faff800000", COVEY_E_UNSUPPORTED },
    { "Infinity, double", "fb7ff0000000000000", COVEY_E_UNSUPPORTED },
    { "NaN, double", "fb7ff8000000000000", COVEY_E_UNSUPPORTED },
    { "-Infinity, double", "fbfff0000000000000", COVEY_E_UNSUPPORTED },
    { "false", "f4", COVEY_OK },
    { "true", "f5", COVEY_OK },
    { "null", "f6", COVEY_OK },
    { "undefined", "f7", COVEY_OK },
    { "simple(16)", "f0", COVEY_OK },
    { "simple(255)", "f8ff", COVEY_OK },
    { "0(\"2013-03-21T20:04:00Z\")",
      "c074323031332d30332d32315432303a30343a30305a", COVEY_OK },
    { "1(1363896240)", "c11a514b67b0", COVEY_OK },
    { "1(1363896240.5)", "c1fb41d452d9ec200000", COVEY_E_UNSUPPORTED },
    { "23(h'01020304')", "d74401020304", COVEY_OK },
    { "24(h'6449455446')", "d818456449455446", COVEY_OK },
    { "32(\"http://www.example.com\")",
      "d82076687474703a2f2f7777772e6578616d706c652e636f6d", COVEY_OK },
    { "h''", "40", COVEY_OK },
    { "h'01020304'", "4401020304", COVEY_OK },
    { "\"\"", "60", COVEY_OK },
    { "\"a\"", "6161", COVEY_OK },
    { "\"IETF\"", "6449455446", COVEY_OK },
    { "\"\\\"\\\\\"", "62225c", COVEY_OK },
    { "\"\\u00fc\"", "62c3bc", COVEY_OK },
    { "\"\\u6c34\"", "63e6b0b4", COVEY_OK },
    { "\"\\ud800\\udd51\"", "64f0908591", COVEY_OK },
    { "[]", "80", COVEY_OK },
    { "[1, 2, 3]", "83010203", COVEY_OK },
    { "[1, [2, 3], [4, 5]]", "8301820203820405", COVEY_OK },
    { "[1, 2, ... 25]",
      "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
      COVEY_OK },
    { "{}", "a0", COVEY_OK },
    { "{1: 2, 3: 4}", "a201020304", COVEY_OK },
    { "{\"a\": 1, \"b\": [2, 3]}", "a26161016162820203", COVEY_OK },
    { "[\"a\", {\"b\": \"c\"}]", "826161a161626163", COVEY_OK },
    { "{\"a\": \"A\", ... \"e\": \"E\"}",
      "a56161614161626142616361436164614461656145", COVEY_OK },
    { "(_ h'0102', h'030405')", "5f42010243030405ff", COVEY_E_FORMAT },
    { "(_ \"strea\", \"ming\")", "7f657374726561646d696e67ff",
      COVEY_E_FORMAT },
    { "[_ ]", "9fff", COVEY_E_FORMAT },
    { "[_ 1, [2, 3], [_ 4, 5]]", "9f018202039f0405ffff", COVEY_E_FORMAT },
    { "[_ 1, [2, 3], [4, 5]]", "9f01820203820405ff", COVEY_E_FORMAT },
    { "[1, [2, 3], [_ 4, 5]]", "83018202039f0405ff", COVEY_E_FORMAT },
    { "[1, [_ 2, 3], [4, 5]]", "83019f0203ff820405", COVEY_E_FORMAT },
    { "[_ 1, 2, ... 25]",
      "9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff",
      COVEY_E_FORMAT },
    { "{_ \"a\": 1, \"b\": [_ 2, 3]}", "bf61610161629f0203ffff",
      COVEY_E_FORMAT },
    { "[\"a\", {_ \"b\": \"c\"}]", "826161bf61626163ff", COVEY_E_FORMAT },
    { "{_ \"Fun\": true, \"Amt\": -2}", "bf6346756ef563416d7421ff",
      COVEY_E_FORMAT },
};

static const char *const appendix_f1[] = {
    /* end of input in a head */
    "18", "19", "1a", "1b", "1901", "1a0102", "1b01020304050607", "38",
    "58", "78", "98", "9a01ff00", "b8", "d8", "f8", "f900", "fa0000",
    "fb000000",
    /* strings of definite length with short data */
    "41", "61", "5affffffff00", "5bffffffffffffffff010203",
    "7affffffff00", "7b7fffffffffffffff010203",
    /* arrays and maps of definite length not closed */
    "81", "818181818181818181", "8200", "a1", "a20102", "a100", "a2000000",
    /* tag without content */
    "c0",
    /* strings of indefinite length not closed */
    "5f4100", "7f6100",
    /* arrays and maps of indefinite length not closed */
    "9f", "9f0102", "bf", "bf01020102", "819f", "9f8000",
    "9f9f9f9f9fffffffff", "9f819f819f9fffffff",
    /* reserved additional information */
    "1c", "1d", "1e", "3c", "3d", "3e", "5c", "5d", "5e", "7c", "7d", "7e",
    "9c", "9d", "9e", "bc", "bd", "be", "dc", "dd", "de", "fc", "fd", "fe",
    /* reserved two-byte encodings of simple values */
    "f800", "f801", "f818", "f81f",
    /* chunks of the wrong type */
    "5f00ff", "5f21ff", "5f6100ff", "5f80ff", "5fa0ff", "5fc000ff",
    "5fe0ff", "7f4100ff",
    /* chunks of indefinite length */
    "5f5f4100ffff", "7f7f6100ffff",
    /* break where none may be */
    "ff", "81ff", "8200ff", "a1ff", "a1ff00", "a100ff", "a20000ff",
    "9f81ff", "9f829f819f9fffffffff",
    /* a key without a value */
    "bf00ff", "bf000000ff",
    /* types without an indefinite length */
    "1f", "3f", "df",
};
/* clang-format on */

static void takes_appendix_a(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(appendix_a); i++) {
        const struct example *e = &appendix_a[i];
        uint8_t storage[64];
        covey_bytes bytes = kit_hex(e->hex, storage, sizeof storage);
        covey_cbor_reader r =
            covey_cbor_reader_of(bytes, COVEY_CBOR_WELL_FORMED);

        kit_case(e->diagnostic);
        CHECK_SPAN(bytes, covey_cbor_get_item(&r));
        assert_true(covey_cbor_done(&r));
        r = covey_cbor_reader_of(bytes, COVEY_CBOR_DETERMINISTIC);
        covey_cbor_skip(&r);
        CHECK_STATUS(e->deterministic, r.in.failed);
        assert_int_equal(e->deterministic == COVEY_OK, covey_cbor_done(&r));
    }
    kit_case(NULL);
}

static void refuses_appendix_f1(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(appendix_f1); i++) {
        for (int mode = 0; mode < 2; mode++) {
            uint8_t storage[16];
            covey_cbor_reader r = covey_cbor_reader_of(
                kit_hex(appendix_f1[i], storage, sizeof storage),
                (covey_cbor_mode)mode);
            covey_bytes item;

            kit_case(appendix_f1[i]);
            item = covey_cbor_get_item(&r);
            assert_null(item.ptr);
            assert_int_equal(0, item.len);
            assert_true(r.in.failed == COVEY_E_SHORT ||
                        r.in.failed == COVEY_E_FORMAT ||
                        (r.in.failed == COVEY_E_UNSUPPORTED &&
                         r.mode == COVEY_CBOR_DETERMINISTIC));
        }
    }
    kit_case(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_appendix_a),
        cmocka_unit_test(refuses_appendix_f1),
    };
    return KIT_RUN(tests);
}
