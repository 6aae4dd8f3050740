/* SPDX-License-Identifier: BSD-2-Clause */
#include <covey/coap.h>

#include "kit.h"

#include <stdlib.h>

static uint8_t storage[70000];

struct refusal {
    const char *why;
    const char *hex;
    covey_status expected;
};

/* The inputs on which other stacks failed, and every bound beside them. */
/* clang-format off */
static const struct refusal refusals[] = {
    { "nothing at all", "", COVEY_E_SHORT },
    { "one byte", "40", COVEY_E_SHORT },
    { "three bytes", "40 01 00", COVEY_E_SHORT },
    { "version 0", "00 01 00 00", COVEY_E_UNSUPPORTED },
    { "version 2", "80 01 00 00", COVEY_E_UNSUPPORTED },
    { "version 3", "c0 01 00 00", COVEY_E_UNSUPPORTED },
    { "version 2 with everything else wrong", "8f 00 00 00 ff",
      COVEY_E_UNSUPPORTED },

    { "Empty with a token", "41 00 00 01 aa", COVEY_E_FORMAT },
    { "Empty with a TKL and no token", "48 00 00 01", COVEY_E_FORMAT },
    { "Empty with TKL 13 and no extension", "4d 00 00 01", COVEY_E_FORMAT },
    { "Empty with a byte behind it", "40 00 00 01 00", COVEY_E_FORMAT },
    { "Empty with an option", "40 00 00 01 b1 61", COVEY_E_FORMAT },
    { "Empty with a payload", "40 00 00 01 ff 61", COVEY_E_FORMAT },
    { "RST with a payload", "70 00 00 01 ff 61", COVEY_E_FORMAT },

    { "TKL 1 without a token", "41 01 00 00", COVEY_E_SHORT },
    { "TKL 8, token of 7", "48 01 00 00 01 02 03 04 05 06 07",
      COVEY_E_SHORT },
    { "TKL 12, token of 11", "4c 01 00 00 01 02 03 04 05 06 07 08 09 0a 0b",
      COVEY_E_SHORT },
    { "TKL 13 in four bytes", "4d 01 00 00", COVEY_E_SHORT },
    { "TKL 13, extension but no token", "4d 01 00 00 00", COVEY_E_SHORT },
    { "TKL 13, token of 12",
      "4d 01 00 00 00 01 02 03 04 05 06 07 08 09 0a 0b 0c", COVEY_E_SHORT },
    { "TKL 14 in four bytes", "4e 01 00 00", COVEY_E_SHORT },
    { "TKL 14, half an extension", "4e 01 00 00 00", COVEY_E_SHORT },
    { "TKL 14, no token", "4e 01 00 00 00 00", COVEY_E_SHORT },
    { "TKL 14, the longest token announced", "4e 01 00 00 ff ff aa",
      COVEY_E_SHORT },
    { "TKL 15", "4f 01 00 00", COVEY_E_FORMAT },
    { "TKL 15 and enough bytes", "4f 01 00 00 01 02 03 04 05 06 07 08 09",
      COVEY_E_FORMAT },

    { "marker without payload", "40 01 00 00 ff", COVEY_E_FORMAT },
    { "marker without payload behind a token", "41 01 00 00 aa ff",
      COVEY_E_FORMAT },
    { "marker without payload behind an option", "40 01 00 00 b1 61 ff",
      COVEY_E_FORMAT },

    { "delta 15 that is no marker", "40 01 00 00 f0", COVEY_E_FORMAT },
    { "delta 15, length 14", "40 01 00 00 fe 00 00", COVEY_E_FORMAT },
    { "length 15", "40 01 00 00 0f", COVEY_E_FORMAT },
    { "length 15 and many bytes", "40 01 00 00 1f 00 00 00 00 00 00 00 00 00",
      COVEY_E_FORMAT },
    { "length 15 behind a cut extension of delta", "40 01 00 00 df",
      COVEY_E_FORMAT },

    { "delta 13, no extension", "40 01 00 00 d0", COVEY_E_SHORT },
    { "delta 14, no extension", "40 01 00 00 e0", COVEY_E_SHORT },
    { "delta 14, half an extension", "40 01 00 00 e0 00", COVEY_E_SHORT },
    { "length 13, no extension", "40 01 00 00 0d", COVEY_E_SHORT },
    { "length 13, value one too short",
      "40 01 00 00 0d 00 01 02 03 04 05 06 07 08 09 0a 0b 0c",
      COVEY_E_SHORT },
    { "length 14, no extension", "40 01 00 00 0e", COVEY_E_SHORT },
    { "length 14, half an extension", "40 01 00 00 0e 00", COVEY_E_SHORT },
    { "length 14, no value", "40 01 00 00 0e 00 00", COVEY_E_SHORT },
    { "both extended, only one extension", "40 01 00 00 dd 00",
      COVEY_E_SHORT },
    { "length past the end", "40 01 00 00 b2 61", COVEY_E_SHORT },
    { "length past the end by one, second option", "40 01 00 00 b1 61 02 62",
      COVEY_E_SHORT },
    { "length 65535+269, which 16 bits would make 268",
      "40 01 00 00 0e ff ff 00 00", COVEY_E_SHORT },
    { "length 65535, which with 269 wraps to nothing much",
      "40 01 00 00 0e fe f3 00", COVEY_E_SHORT },

    { "number 65535 + 1", "40 01 00 00 e0 fe f2 10", COVEY_E_FORMAT },
    { "number 65804 at once", "40 01 00 00 e0 ff ff", COVEY_E_FORMAT },
    { "number 65536 at once", "40 01 00 00 e0 fe f3", COVEY_E_FORMAT },
    { "ffff and ffff, which 16 bits would make 65534",
      "40 01 00 00 e0 fe f2 e0 fe f2", COVEY_E_FORMAT },
    { "number wraps back to Uri-Path in 16 bits",
      "40 01 00 00 e0 fe f2 c0 b1 61", COVEY_E_FORMAT },
    { "number too large and value cut off: the number is first",
      "40 01 00 00 ee ff ff", COVEY_E_FORMAT },
};
/* clang-format on */

static void refuses_what_is_malformed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        covey_coap_message m;
        covey_coap_message before;

        kit_case(refusals[i].why);
        memset(&m, 0x5a, sizeof m);
        memcpy(&before, &m, sizeof m);
        CHECK_STATUS(refusals[i].expected,
                     covey_coap_parse(&m, kit_hex(refusals[i].hex, storage,
                                                  sizeof storage)));
        assert_memory_equal(&before, &m, sizeof m);
    }
    kit_case(NULL);
}

/* The same faults behind the header of an OSCORE plaintext. */
static void refuses_the_same_in_an_inner_message(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        covey_coap_message m;
        covey_bytes b = kit_hex(refusals[i].hex, storage, sizeof storage);
        if (b.len <= 4 || b.ptr[0] != 0x40) {
            continue;
        }
        kit_case(refusals[i].why);
        /* Code, then what follows the Message ID. */
        storage[3] = storage[1];
        CHECK_STATUS(refusals[i].expected,
                     covey_coap_parse_inner(
                         &m, covey_bytes_of(storage + 3, b.len - 3)));
    }
    kit_case(NULL);
}

static void takes_a_message_apart(void **state)
{
    (void)state;
    covey_coap_message m;
    covey_bytes b = kit_hex("62"        /* version 1, ACK, TKL 2 */
                            "45"        /* 2.05 Content */
                            "12 34"     /* Message ID */
                            "aa bb"     /* token */
                            "c1 32"     /* 12 Content-Format: 50 */
                            "ff 7b 7d", /* payload {} */
                            storage, sizeof storage);

    CHECK_STATUS(COVEY_OK, covey_coap_parse(&m, b));
    assert_int_equal(COVEY_COAP_ACK, m.type);
    assert_int_equal(COVEY_COAP_CODE(2, 5), m.code);
    assert_int_equal(0x1234, m.message_id);
    CHECK_HEX("aa bb", m.token);
    CHECK_HEX("c1 32", m.options);
    CHECK_HEX("7b 7d", m.payload);
    /* No copies: everything points into the datagram. */
    assert_ptr_equal(b.ptr + 4, m.token.ptr);
    assert_ptr_equal(b.ptr + 9, m.payload.ptr);
}

static void tells_absent_from_empty(void **state)
{
    (void)state;
    covey_coap_message m;

    CHECK_STATUS(COVEY_OK, covey_coap_parse(&m, kit_hex("40 01 00 00", storage,
                                                        sizeof storage)));
    assert_non_null(m.token.ptr);
    assert_int_equal(0, m.token.len);
    assert_int_equal(0, m.options.len);
    assert_null(m.payload.ptr);
}

static void accepts_a_ping_of_every_type(void **state)
{
    (void)state;
    for (uint8_t type = 0; type < 4; type++) {
        uint8_t b[4] = { (uint8_t)(0x40 | type << 4), 0, 0xff, 0xff };
        covey_coap_message m;
        CHECK_STATUS(COVEY_OK, covey_coap_parse(&m, covey_bytes_of(b, 4)));
        assert_int_equal(type, m.type);
        assert_int_equal(0xffff, m.message_id);
    }
}

/* RFC 8974 Section 2.1: 12 | 13, 268 | 269, 65804. */
static void accepts_tokens_at_the_bounds(void **state)
{
    static const struct {
        uint32_t len;
        uint8_t tkl;
        uint8_t ext[2];
        size_t ext_len;
    } cases[] = {
        { 0, 0, { 0 }, 0 },       { 8, 8, { 0 }, 0 },
        { 9, 9, { 0 }, 0 },       { 12, 12, { 0 }, 0 },
        { 13, 13, { 0 }, 1 },     { 268, 13, { 0xff }, 1 },
        { 269, 14, { 0, 0 }, 2 }, { 524, 14, { 0, 0xff }, 2 },
        { 525, 14, { 1, 0 }, 2 }, { 65804, 14, { 0xff, 0xff }, 2 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        covey_coap_message m;
        size_t len = 4 + cases[i].ext_len + cases[i].len;
        uint8_t *b = calloc(1, len);

        assert_non_null(b);
        b[0] = (uint8_t)(0x40 | cases[i].tkl);
        b[1] = 1;
        memcpy(b + 4, cases[i].ext, cases[i].ext_len);
        CHECK_STATUS(COVEY_OK, covey_coap_parse(&m, covey_bytes_of(b, len)));
        assert_int_equal(cases[i].len, m.token.len);
        assert_ptr_equal(b + 4 + cases[i].ext_len, m.token.ptr);
        if (cases[i].len > 0) {
            CHECK_STATUS(COVEY_E_SHORT,
                         covey_coap_parse(&m, covey_bytes_of(b, len - 1)));
        }
        free(b);
    }
}

static void walks_options_at_the_bounds(void **state)
{
    static const uint32_t sizes[] = { 0,   1,   12,  13,    14,   268,
                                      269, 270, 524, 65534, 65535 };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        for (size_t j = 0; j < COUNT_OF(sizes); j++) {
            uint8_t ext[2];
            size_t n;
            size_t at = 1;
            covey_bytes list;
            uint32_t number = 0;
            covey_bytes value;

            unsigned delta = covey_coap_nibble(sizes[i], ext, &n);
            memcpy(storage + at, ext, n);
            at += n;
            unsigned length = covey_coap_nibble(sizes[j], ext, &n);
            memcpy(storage + at, ext, n);
            at += n;
            storage[0] = (uint8_t)(delta << 4 | length);
            assert_true(at + sizes[j] <= sizeof storage);
            list = covey_bytes_of(storage, at + sizes[j]);
            CHECK_STATUS(COVEY_OK,
                         covey_coap_option_take(&list, &number, &value));
            assert_int_equal(sizes[i], number);
            assert_int_equal(sizes[j], value.len);
            assert_ptr_equal(storage + at, value.ptr);
            assert_int_equal(0, list.len);
        }
    }
}

static void accepts_the_longest_option(void **state)
{
    uint8_t *b = calloc(1, 4 + 3 + COVEY_COAP_OPTION_LENGTH_MAX);
    size_t len = 4 + 3 + COVEY_COAP_OPTION_LENGTH_MAX;
    covey_coap_message m;
    covey_coap_option_iter it;
    covey_coap_option o;

    (void)state;
    assert_non_null(b);
    memcpy(b, "\x40\x01\x00\x00\x0e\xff\xff", 7);
    CHECK_STATUS(COVEY_OK, covey_coap_parse(&m, covey_bytes_of(b, len)));
    it = covey_coap_options_of(&m);
    assert_true(covey_coap_option_next(&it, &o));
    assert_int_equal(0, o.number);
    assert_int_equal(65804, o.value.len);
    assert_false(covey_coap_option_next(&it, &o));
    CHECK_STATUS(COVEY_E_SHORT,
                 covey_coap_parse(&m, covey_bytes_of(b, len - 1)));
    free(b);
}

static void walks_repeated_and_unknown_options(void **state)
{
    (void)state;
    covey_coap_message m;
    covey_coap_option_iter it;
    covey_coap_option o;
    static const struct {
        uint16_t number;
        const char *hex;
    } expected[] = {
        { 11, "61" }, { 11, "" },  { 11, "62" },
        { 292, "" },  { 292, "" }, { 65535, "ff" },
    };

    CHECK_STATUS(COVEY_OK,
                 covey_coap_parse(&m, kit_hex("40 01 00 00"
                                              "b1 61 00 01 62"
                                              "e0 00 0c"
                                              "00"
                                              "e1 fd ce ff",
                                              storage, sizeof storage)));
    it = covey_coap_options_of(&m);
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        uint8_t want[8];
        assert_true(covey_coap_option_next(&it, &o));
        assert_int_equal(expected[i].number, o.number);
        CHECK_SPAN(kit_hex(expected[i].hex, want, sizeof want), o.value);
    }
    assert_false(covey_coap_option_next(&it, &o));
    assert_int_equal(0, it.left.len);
}

static void stops_at_a_fault_in_an_unchecked_list(void **state)
{
    (void)state;
    covey_coap_message m = { 0 };
    covey_coap_option_iter it;
    covey_coap_option o;

    m.options = kit_hex("b1 61 02 62", storage, sizeof storage);
    it = covey_coap_options_of(&m);
    assert_true(covey_coap_option_next(&it, &o));
    assert_false(covey_coap_option_next(&it, &o));
    assert_int_equal(2, it.left.len);
    /* It stays there. */
    assert_false(covey_coap_option_next(&it, &o));
    assert_int_equal(2, it.left.len);
}

static void take_leaves_its_arguments_alone_on_failure(void **state)
{
    (void)state;
    static const struct refusal cases[] = {
        { "nothing", "", COVEY_E_SHORT },
        { "marker", "ff 61", COVEY_E_FORMAT },
        { "delta cut off", "e0 00", COVEY_E_SHORT },
        { "value cut off", "02 00", COVEY_E_SHORT },
        { "number too large", "10", COVEY_E_FORMAT },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        covey_bytes list = kit_hex(cases[i].hex, storage, sizeof storage);
        covey_bytes before = list;
        covey_bytes value = { storage + 99, 7 };
        uint32_t number = 65535;

        kit_case(cases[i].why);
        CHECK_STATUS(cases[i].expected,
                     covey_coap_option_take(&list, &number, &value));
        assert_int_equal(65535, number);
        assert_ptr_equal(before.ptr, list.ptr);
        assert_int_equal(before.len, list.len);
        assert_ptr_equal(storage + 99, value.ptr);
        assert_int_equal(7, value.len);
    }
    kit_case(NULL);
}

static void an_absent_span_is_an_empty_input(void **state)
{
    (void)state;
    covey_coap_message m = { 0 };
    covey_coap_option_iter it = covey_coap_options_of(&m);
    covey_coap_option o;
    covey_bytes none = { NULL, 0 };

    CHECK_STATUS(COVEY_E_SHORT, covey_coap_parse(&m, none));
    CHECK_STATUS(COVEY_E_SHORT, covey_coap_parse_inner(&m, none));
    assert_false(covey_coap_option_next(&it, &o));
}

static void parses_an_inner_message(void **state)
{
    (void)state;
    covey_coap_message m;

    CHECK_STATUS(COVEY_OK,
                 covey_coap_parse_inner(&m, kit_hex("01 b3 74 76 31 ff 00",
                                                    storage, sizeof storage)));
    assert_int_equal(1, m.code);
    assert_int_equal(COVEY_COAP_CON, m.type);
    assert_int_equal(0, m.message_id);
    assert_non_null(m.token.ptr);
    assert_int_equal(0, m.token.len);
    CHECK_HEX("b3 74 76 31", m.options);
    CHECK_HEX("00", m.payload);
}

static void length_codes_have_their_bounds(void **state)
{
    static const struct {
        uint32_t value;
        unsigned nibble;
        const char *ext;
    } cases[] = {
        { 0, 0, "" },           { 12, 12, "" },         { 13, 13, "00" },
        { 268, 13, "ff" },      { 269, 14, "00 00" },   { 524, 14, "00 ff" },
        { 525, 14, "01 00" },   { 65804, 14, "ff ff" }, { 65805, 15, "" },
        { UINT32_MAX, 15, "" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint8_t ext[2];
        size_t ext_len = 99;
        assert_int_equal(cases[i].nibble,
                         covey_coap_nibble(cases[i].value, ext, &ext_len));
        CHECK_HEX(cases[i].ext, covey_bytes_of(ext, ext_len));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_is_malformed),
        cmocka_unit_test(refuses_the_same_in_an_inner_message),
        cmocka_unit_test(takes_a_message_apart),
        cmocka_unit_test(tells_absent_from_empty),
        cmocka_unit_test(accepts_a_ping_of_every_type),
        cmocka_unit_test(accepts_tokens_at_the_bounds),
        cmocka_unit_test(walks_options_at_the_bounds),
        cmocka_unit_test(accepts_the_longest_option),
        cmocka_unit_test(walks_repeated_and_unknown_options),
        cmocka_unit_test(stops_at_a_fault_in_an_unchecked_list),
        cmocka_unit_test(take_leaves_its_arguments_alone_on_failure),
        cmocka_unit_test(an_absent_span_is_an_empty_input),
        cmocka_unit_test(parses_an_inner_message),
        cmocka_unit_test(length_codes_have_their_bounds),
    };
    return KIT_RUN(tests);
}
