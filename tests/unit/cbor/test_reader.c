/* SPDX-License-Identifier: BSD-2-Clause */
#include <covey/cbor.h>

#include "kit.h"

#define DET COVEY_CBOR_DETERMINISTIC
#define ANY COVEY_CBOR_WELL_FORMED

static uint8_t storage[64];

static covey_cbor_reader over(const char *hex, covey_cbor_mode mode)
{
    return covey_cbor_reader_of(kit_hex(hex, storage, sizeof storage), mode);
}

/* What is asked for. */
enum get {
    GET_UINT,
    GET_INT,
    GET_BYTES,
    GET_TEXT,
    GET_ARRAY,
    GET_MAP,
    GET_TAG,
    GET_BOOL,
    GET_NULL,
    GET_SIMPLE,
    GET_ITEM,
    GETS
};

/* The result as a number that is 0 wherever nothing was got. */
static uint64_t get(covey_cbor_reader *r, enum get what)
{
    switch (what) {
    case GET_UINT:
        return covey_cbor_get_uint(r);
    case GET_INT:
        return (uint64_t)covey_cbor_get_int(r);
    case GET_BYTES:
        return covey_cbor_get_bytes(r).ptr != NULL;
    case GET_TEXT:
        return covey_cbor_get_text(r).ptr != NULL;
    case GET_ARRAY:
        return covey_cbor_get_array(r);
    case GET_MAP:
        return covey_cbor_get_map(r);
    case GET_TAG:
        return covey_cbor_get_tag(r);
    case GET_BOOL:
        return covey_cbor_get_bool(r);
    case GET_NULL:
        covey_cbor_get_null(r);
        return 0;
    case GET_SIMPLE:
        return covey_cbor_get_simple(r);
    case GET_ITEM:
    case GETS:
        break;
    }
    return covey_cbor_get_item(r).ptr != NULL;
}

struct refusal {
    const char *why;
    const char *hex;
    covey_cbor_mode mode;
    enum get what;
    covey_status expected;
};

/* clang-format off */
static const struct refusal refusals[] = {
    { "nothing", "", ANY, GET_UINT, COVEY_E_SHORT },
    { "uint: argument of 1 missing", "18", ANY, GET_UINT, COVEY_E_SHORT },
    { "uint: argument of 2 cut", "1901", ANY, GET_UINT, COVEY_E_SHORT },
    { "uint: argument of 4 cut", "1a010203", ANY, GET_UINT, COVEY_E_SHORT },
    { "uint: argument of 8 cut in its second half", "1b01020304050607", ANY,
      GET_UINT, COVEY_E_SHORT },
    { "uint: reserved 28", "1c00", ANY, GET_UINT, COVEY_E_FORMAT },
    { "uint: reserved 30", "1e00", ANY, GET_UINT, COVEY_E_FORMAT },
    { "uint: indefinite", "1fff", ANY, GET_UINT, COVEY_E_FORMAT },
    { "uint: 23 in two bytes", "1817", DET, GET_UINT, COVEY_E_FORMAT },
    { "uint: 255 in three", "1900ff", DET, GET_UINT, COVEY_E_FORMAT },
    { "uint: 65535 in five", "1a0000ffff", DET, GET_UINT, COVEY_E_FORMAT },
    { "uint: 2^32 - 1 in nine", "1b00000000ffffffff", DET, GET_UINT,
      COVEY_E_FORMAT },
    { "uint: is negative", "20", DET, GET_UINT, COVEY_E_FORMAT },
    { "uint: is text", "6130", DET, GET_UINT, COVEY_E_FORMAT },
    { "int: is a byte string", "4101", DET, GET_INT, COVEY_E_FORMAT },
    { "int: is a bignum", "c24101", DET, GET_INT, COVEY_E_FORMAT },
    { "int: is floating point", "f93c00", ANY, GET_INT, COVEY_E_FORMAT },
    { "int: is floating point, deterministic", "f93c00", DET, GET_INT,
      COVEY_E_UNSUPPORTED },
    { "int: 2^63", "1b8000000000000000", DET, GET_INT, COVEY_E_RANGE },
    { "int: -2^63 - 1", "3b8000000000000000", DET, GET_INT, COVEY_E_RANGE },
    { "bytes: longer than what is there", "4201", ANY, GET_BYTES,
      COVEY_E_SHORT },
    { "bytes: a length that wraps in 64 bits", "5bffffffffffffffff00", ANY,
      GET_BYTES, COVEY_E_SHORT },
    { "bytes: a length that wraps in 32 bits", "5b000000010000000000", ANY,
      GET_BYTES, COVEY_E_SHORT },
    { "bytes: length 1 in two bytes", "580100", DET, GET_BYTES,
      COVEY_E_FORMAT },
    { "bytes: in chunks", "5f4101ff", ANY, GET_BYTES, COVEY_E_UNSUPPORTED },
    { "bytes: in chunks, deterministic", "5f4101ff", DET, GET_BYTES,
      COVEY_E_FORMAT },
    { "bytes: is text", "6161", DET, GET_BYTES, COVEY_E_FORMAT },
    { "text: is bytes", "4161", DET, GET_TEXT, COVEY_E_FORMAT },
    { "text: in chunks", "7f6161ff", ANY, GET_TEXT, COVEY_E_UNSUPPORTED },
    { "text: longer than what is there", "62 61", DET, GET_TEXT,
      COVEY_E_SHORT },
    { "array: more items than bytes", "8200", ANY, GET_ARRAY,
      COVEY_E_SHORT },
    { "array: 2^64 - 1 items", "9bffffffffffffffff00", ANY, GET_ARRAY,
      COVEY_E_SHORT },
    { "array: indefinite, deterministic", "9fff", DET, GET_ARRAY,
      COVEY_E_FORMAT },
    { "array: is a map", "a0", DET, GET_ARRAY, COVEY_E_FORMAT },
    { "map: more pairs than half the bytes", "a2010203", ANY, GET_MAP,
      COVEY_E_SHORT },
    { "map: 2^63 pairs, which wraps when doubled", "bb800000000000000000",
      ANY, GET_MAP, COVEY_E_SHORT },
    { "map: indefinite, deterministic", "bfff", DET, GET_MAP,
      COVEY_E_FORMAT },
    { "map: is an array", "80", DET, GET_MAP, COVEY_E_FORMAT },
    { "tag: is an integer", "12", DET, GET_TAG, COVEY_E_FORMAT },
    { "tag: in two bytes", "d81200", DET, GET_TAG, COVEY_E_FORMAT },
    { "tag: indefinite", "df00", ANY, GET_TAG, COVEY_E_FORMAT },
    { "bool: is null", "f6", DET, GET_BOOL, COVEY_E_FORMAT },
    { "bool: is an integer", "01", DET, GET_BOOL, COVEY_E_FORMAT },
    { "bool: true in two bytes", "f815", ANY, GET_BOOL, COVEY_E_FORMAT },
    { "bool: nothing", "", ANY, GET_BOOL, COVEY_E_SHORT },
    { "null: is undefined", "f7", DET, GET_NULL, COVEY_E_FORMAT },
    { "null: is false", "f4", DET, GET_NULL, COVEY_E_FORMAT },
    { "null: nothing", "", DET, GET_NULL, COVEY_E_SHORT },
    { "simple: is floating point", "f93c00", ANY, GET_SIMPLE,
      COVEY_E_FORMAT },
    { "simple: is a break", "ff", ANY, GET_SIMPLE, COVEY_E_FORMAT },
    { "simple: is an integer", "14", ANY, GET_SIMPLE, COVEY_E_FORMAT },
    { "simple: 31 in two bytes", "f81f", ANY, GET_SIMPLE, COVEY_E_FORMAT },
    { "simple: second byte missing", "f8", ANY, GET_SIMPLE, COVEY_E_SHORT },
    { "item: a break", "ff", ANY, GET_ITEM, COVEY_E_FORMAT },
    { "item: nothing", "", DET, GET_ITEM, COVEY_E_SHORT },
};
/* clang-format on */

static void refuses_and_stays_so(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        const struct refusal *c = &refusals[i];
        covey_cbor_reader r = over(c->hex, c->mode);

        kit_case(c->why);
        assert_int_equal(0, get(&r, c->what));
        CHECK_STATUS(c->expected, r.in.failed);
        assert_int_equal(0, r.in.pos);
        for (int what = 0; what < GETS; what++) {
            assert_int_equal(0, get(&r, (enum get)what));
            CHECK_STATUS(c->expected, r.in.failed);
            assert_int_equal(0, r.in.pos);
        }
        assert_int_equal(COVEY_CBOR_END, covey_cbor_peek(&r));
        assert_false(covey_cbor_at_null(&r));
        assert_false(covey_cbor_done(&r));
        CHECK_STATUS(c->expected, covey_cbor_finish(&r));
        covey_cbor_fail(&r, COVEY_E_RANGE);
        CHECK_STATUS(c->expected, r.in.failed);
    }
    kit_case(NULL);
}

static void reads_every_type(void **state)
{
    covey_cbor_reader r =
        over("8c 1bffffffffffffffff 3b7fffffffffffffff 17 420102 40 634b6579 "
             "d83df5 f4 f6 f820 e0 a0",
             DET);

    (void)state;
    assert_int_equal(12, covey_cbor_get_array(&r));
    assert_true(covey_cbor_get_uint(&r) == UINT64_MAX);
    assert_true(covey_cbor_get_int(&r) == INT64_MIN);
    assert_int_equal(23, covey_cbor_get_int(&r));
    CHECK_HEX("0102", covey_cbor_get_bytes(&r));
    CHECK_HEX("", covey_cbor_get_bytes(&r));
    CHECK_SPAN(SPAN("Key"), covey_cbor_get_text(&r));
    assert_int_equal(61, covey_cbor_get_tag(&r));
    assert_true(covey_cbor_get_bool(&r));
    assert_false(covey_cbor_get_bool(&r));
    assert_true(covey_cbor_at_null(&r));
    covey_cbor_get_null(&r);
    assert_false(covey_cbor_at_null(&r));
    assert_int_equal(32, covey_cbor_get_simple(&r));
    assert_int_equal(0, covey_cbor_get_simple(&r));
    assert_int_equal(0, covey_cbor_get_map(&r));
    assert_true(covey_cbor_done(&r));
}

static void takes_longer_heads_where_well_formed_is_enough(void **state)
{
    covey_cbor_reader r = over("1b0000000000000005 590001ff b90000", ANY);

    (void)state;
    assert_int_equal(5, covey_cbor_get_uint(&r));
    CHECK_HEX("ff", covey_cbor_get_bytes(&r));
    assert_int_equal(0, covey_cbor_get_map(&r));
    assert_true(covey_cbor_done(&r));
}

static void an_empty_string_is_present(void **state)
{
    covey_cbor_reader r = over("4060", DET);

    (void)state;
    assert_non_null(covey_cbor_get_bytes(&r).ptr);
    assert_non_null(covey_cbor_get_text(&r).ptr);
    assert_true(covey_cbor_done(&r));
}

static void an_absent_span_has_no_items(void **state)
{
    covey_bytes absent = { NULL, 0 };
    covey_cbor_reader r = covey_cbor_reader_of(absent, DET);

    (void)state;
    assert_true(covey_cbor_done(&r));
    assert_int_equal(COVEY_CBOR_END, covey_cbor_peek(&r));
    covey_cbor_skip(&r);
    CHECK_STATUS(COVEY_E_SHORT, r.in.failed);
}

static covey_cbor_type type_of(unsigned first)
{
    if (first >= 0xf9 && first <= 0xfb) {
        return COVEY_CBOR_FLOAT;
    }
    if (first == 0xff) {
        return COVEY_CBOR_BREAK;
    }
    return first >= 0xe0 ? COVEY_CBOR_SIMPLE : (covey_cbor_type)(first / 32);
}

static void peeks_at_every_first_byte(void **state)
{
    (void)state;
    for (unsigned first = 0; first < 256; first++) {
        uint8_t byte = (uint8_t)first;
        covey_cbor_reader r =
            covey_cbor_reader_of(covey_bytes_of(&byte, 1), DET);

        assert_int_equal(type_of(first), covey_cbor_peek(&r));
        assert_int_equal(first == 0xf6, covey_cbor_at_null(&r));
        assert_int_equal(0, r.in.pos);
    }
}

/* The sum of a map's integers: keys and values. */
static int64_t sum(covey_cbor_reader *r)
{
    int64_t total = 0;

    for (size_t n = covey_cbor_get_map(r); covey_cbor_more(r, &n);) {
        total += covey_cbor_get_int(r);
        total += covey_cbor_get_int(r);
    }
    return total;
}

static void walks_maps_of_either_length(void **state)
{
    covey_cbor_reader r =
        over("a3 0102 0304 2000 bf 0102 0304 ff a0 bfff", ANY);

    (void)state;
    assert_int_equal(9, sum(&r));
    assert_int_equal(10, sum(&r));
    assert_int_equal(0, sum(&r));
    assert_int_equal(0, sum(&r));
    assert_true(covey_cbor_done(&r));
}

static void a_walk_ends_at_the_first_failure(void **state)
{
    static const char *const broken[] = {
        "a3 0102 03f4 0506", "bf 0102 03ff", "bf 0102",
        "bf 0102 03 f4 ff",  "a2 0102 ff00",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        covey_cbor_reader r = over(broken[i], ANY);

        kit_case(broken[i]);
        (void)sum(&r);
        assert_false(covey_cbor_done(&r));
        assert_int_not_equal(COVEY_OK, r.in.failed);
    }
    kit_case(NULL);
}

static void no_more_after_the_end(void **state)
{
    covey_cbor_reader r = over("9fff00", ANY);
    size_t n = covey_cbor_get_array(&r);

    (void)state;
    assert_true(n == COVEY_CBOR_INDEFINITE);
    assert_false(covey_cbor_more(&r, &n));
    assert_false(covey_cbor_more(&r, &n));
    assert_int_equal(0, covey_cbor_get_int(&r));
    assert_true(covey_cbor_done(&r));
}

static covey_status keys(const char *hex)
{
    covey_cbor_reader r = over(hex, DET);
    covey_bytes last = { NULL, 0 };

    for (size_t n = covey_cbor_get_map(&r); covey_cbor_more(&r, &n);) {
        covey_cbor_key_ascends(&r, &last);
        covey_cbor_skip(&r);
        covey_cbor_skip(&r);
    }
    return r.in.failed;
}

static void keys_ascend_bytewise(void **state)
{
    (void)state;
    /* 10, 100, -1, "z", "aa", [100], [-1], false: RFC 8949 4.2.1 */
    CHECK_STATUS(COVEY_OK, keys("a8 0a00 186400 2000 617a00 62616100 81186400 "
                                "812000 f400"));
    CHECK_STATUS(COVEY_OK, keys("a0"));
    CHECK_STATUS(COVEY_E_FORMAT, keys("a2 0100 0100"));
    CHECK_STATUS(COVEY_E_FORMAT, keys("a2 0200 0100"));
    CHECK_STATUS(COVEY_E_FORMAT, keys("a2 2000 0100"));
    CHECK_STATUS(COVEY_E_FORMAT, keys("a2 62616100 617a00"));
    CHECK_STATUS(COVEY_E_FORMAT, keys("a3 0100 0300 0200"));
    CHECK_STATUS(COVEY_E_FORMAT, keys("a1 1801 00"));
    CHECK_STATUS(COVEY_E_SHORT, keys("a1 6261 00"));
}

static void what_is_left_is_a_fault(void **state)
{
    covey_cbor_reader r = over("0102", DET);

    (void)state;
    CHECK_STATUS(COVEY_E_FORMAT, covey_cbor_finish(&r));
    covey_cbor_skip(&r);
    CHECK_STATUS(COVEY_E_FORMAT, covey_cbor_finish(&r));
    assert_false(covey_cbor_done(&r));
    covey_cbor_skip(&r);
    CHECK_STATUS(COVEY_OK, covey_cbor_finish(&r));
    assert_true(covey_cbor_done(&r));
}

static void a_callers_refusal_sticks(void **state)
{
    covey_cbor_reader r = over("0102", DET);

    (void)state;
    assert_int_equal(1, covey_cbor_get_int(&r));
    covey_cbor_fail(&r, COVEY_E_RANGE);
    assert_int_equal(0, covey_cbor_get_int(&r));
    CHECK_STATUS(COVEY_E_RANGE, r.in.failed);
    assert_false(covey_cbor_done(&r));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_and_stays_so),
        cmocka_unit_test(reads_every_type),
        cmocka_unit_test(takes_longer_heads_where_well_formed_is_enough),
        cmocka_unit_test(an_empty_string_is_present),
        cmocka_unit_test(an_absent_span_has_no_items),
        cmocka_unit_test(peeks_at_every_first_byte),
        cmocka_unit_test(walks_maps_of_either_length),
        cmocka_unit_test(a_walk_ends_at_the_first_failure),
        cmocka_unit_test(no_more_after_the_end),
        cmocka_unit_test(keys_ascend_bytewise),
        cmocka_unit_test(what_is_left_is_a_fault),
        cmocka_unit_test(a_callers_refusal_sticks),
    };
    return KIT_RUN(tests);
}
