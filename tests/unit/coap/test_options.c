/* SPDX-License-Identifier: BSD-2-Clause */
#include <covey/coap_options.h>

#include "kit.h"

static uint8_t storage[2048];

static void integers_are_read_with_leading_zeros(void **state)
{
    static const struct {
        const char *hex;
        uint32_t expected;
    } cases[] = {
        { "", 0 },
        { "00", 0 },
        { "00 00 00 00", 0 },
        { "01", 1 },
        { "00 01", 1 },
        { "01 00", 256 },
        { "ff ff ff", 0xffffff },
        { "80 00 00 00", 0x80000000 },
        { "ff ff ff ff", 0xffffffff },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint32_t v = 4711;
        kit_case(cases[i].hex);
        CHECK_STATUS(COVEY_OK,
                     covey_option_uint(
                         kit_hex(cases[i].hex, storage, sizeof storage), &v));
        assert_int_equal(cases[i].expected, v);
    }
    kit_case(NULL);
}

static void integers_of_five_bytes_are_refused(void **state)
{
    (void)state;
    uint32_t v = 4711;

    CHECK_STATUS(COVEY_E_RANGE, covey_option_uint(SPAN("\0\0\0\0\1"), &v));
    CHECK_STATUS(COVEY_E_RANGE,
                 covey_option_uint(SPAN("\0\0\0\0\0\0\0\0"), &v));
    assert_int_equal(4711, v);
}

static void integers_are_written_in_their_shortest_form(void **state)
{
    static const struct {
        uint32_t value;
        const char *hex;
    } cases[] = {
        { 0, "" },
        { 1, "01" },
        { 255, "ff" },
        { 256, "01 00" },
        { 65535, "ff ff" },
        { 65536, "01 00 00" },
        { 0xffffff, "ff ff ff" },
        { 0x1000000, "01 00 00 00" },
        { 0xffffffff, "ff ff ff ff" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint8_t buf[4];
        covey_bytes b = covey_option_uint_encode(cases[i].value, buf);
        CHECK_HEX(cases[i].hex, b);
        /* Present, even if empty. */
        assert_non_null(b.ptr);
    }
}

struct bound {
    uint16_t number;
    size_t min;
    size_t max;
};

/* The bounds once more, from RFC 7252 Table 4 and the documents of the other
 * options, so that a slip in the table shows. */
static const struct bound bounds[] = {
    { 1, 0, 8 },     { 2, 0, 4 },      { 3, 1, 255 },     { 4, 1, 8 },
    { 5, 0, 0 },     { 6, 0, 3 },      { 7, 0, 2 },       { 8, 0, 255 },
    { 9, 0, 255 },   { 11, 0, 255 },   { 12, 0, 2 },      { 13, 0, 4 },
    { 14, 0, 4 },    { 15, 0, 255 },   { 16, 1, 1 },      { 17, 0, 2 },
    { 19, 0, 3 },    { 20, 0, 255 },   { 21, 0, 0 },      { 23, 0, 3 },
    { 24, 1, 8 },    { 27, 0, 3 },     { 28, 0, 4 },      { 31, 0, 3 },
    { 35, 1, 1034 }, { 39, 1, 255 },   { 60, 0, 4 },      { 235, 1, 1023 },
    { 239, 0, 3 },   { 248, 5, 1034 }, { 252, 1, 40 },    { 258, 0, 1 },
    { 292, 0, 8 },   { 65002, 1, 5 },  { 65004, 1, 255 },
};

static void lengths_are_bounded(void **state)
{
    size_t count;

    (void)state;
    (void)covey_option_all(&count);
    assert_int_equal(COUNT_OF(bounds), count);
    for (size_t i = 0; i < COUNT_OF(bounds); i++) {
        const struct bound *b = &bounds[i];
        for (size_t len = 0; len <= b->max + 1; len++) {
            covey_status want =
                len >= b->min && len <= b->max ? COVEY_OK : COVEY_E_RANGE;
            covey_bytes value = covey_bytes_of(storage, len);
            if (want != covey_option_check(b->number, value, false)) {
                fail_msg("option %u, length %zu", (unsigned)b->number, len);
            }
        }
    }
}

static void only_some_options_repeat(void **state)
{
    static const uint16_t repeatable[] = { 1, 4, 8, 11, 15, 20, 24, 31, 292 };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bounds); i++) {
        covey_status want = COVEY_E_RANGE;
        for (size_t j = 0; j < COUNT_OF(repeatable); j++) {
            if (repeatable[j] == bounds[i].number) {
                want = COVEY_OK;
            }
        }
        CHECK_STATUS(want, covey_option_check(
                               bounds[i].number,
                               covey_bytes_of(storage, bounds[i].min), true));
    }
}

static void unknown_options_are_named_so(void **state)
{
    static const uint16_t unknown[] = { 0,  10,  18,  22,   25,
                                        61, 128, 293, 9999, 65535 };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(unknown); i++) {
        CHECK_STATUS(COVEY_E_UNSUPPORTED,
                     covey_option_check(unknown[i], SPAN("x"), false));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_are_read_with_leading_zeros),
        cmocka_unit_test(integers_of_five_bytes_are_refused),
        cmocka_unit_test(integers_are_written_in_their_shortest_form),
        cmocka_unit_test(lengths_are_bounded),
        cmocka_unit_test(only_some_options_repeat),
        cmocka_unit_test(unknown_options_are_named_so),
    };
    return KIT_RUN(tests);
}
