/* SPDX-License-Identifier: BSD-2-Clause */
/* Options as a receiver may rely on them: out of bounds is as if not there,
 * critical ones must be understood. */
#include "kit.h"

#include <covey/coap_options.h>

/* A message of nothing but these options. */
static covey_coap_message options(const char *hex, uint8_t *storage,
                                  size_t cap)
{
    covey_coap_message m = { 0 };

    m.options = kit_hex(hex, storage, cap);
    return m;
}

static void gives_the_first_sound_value(void **state)
{
    uint8_t room[64];
    /* Uri-Path "a", "b" (11), Size1 300 (60) */
    covey_coap_message m = options("b161 0162 d224 012c", room, sizeof room);
    covey_bytes value = { 0 };
    uint32_t size = 0;

    (void)state;
    assert_true(covey_option_sound(&m, COVEY_OPTION_URI_PATH, &value));
    CHECK_SPAN(SPAN("a"), value);
    assert_true(covey_option_sound_uint(&m, COVEY_OPTION_SIZE1, &size));
    assert_int_equal(300, size);
    assert_false(covey_option_sound(&m, COVEY_OPTION_ETAG, &value));
    assert_false(covey_option_sound(&m, COVEY_OPTION_ECHO, &value));
    CHECK_SPAN(SPAN("a"), value);
}

static void passes_over_values_out_of_bounds(void **state)
{
    uint8_t room[64];
    /* Observe of 4 bytes, then of 1 (6) */
    covey_coap_message m = options("64 01020304 01 05", room, sizeof room);
    covey_block block = { 7, true, 7 };
    uint32_t observe = 0;

    (void)state;
    assert_true(covey_option_sound_uint(&m, COVEY_OPTION_OBSERVE, &observe));
    assert_int_equal(5, observe);
    /* Block2 of 4 bytes (23) */
    m = options("d40a 00000001", room, sizeof room);
    assert_false(covey_option_sound_block(&m, COVEY_OPTION_BLOCK2, &block));
    assert_int_equal(7, block.num);
    m = options("d10a 1e", room, sizeof room);
    assert_true(covey_option_sound_block(&m, COVEY_OPTION_BLOCK2, &block));
    assert_int_equal(1, block.num);
    assert_true(block.more);
    assert_int_equal(6, block.szx);
    /* A number that is not in the table has no definition to satisfy. */
    m = options("e0fef2", room, sizeof room);
    assert_false(covey_option_sound(&m, 65535, &m.payload));
}

static void lets_understood_options_pass(void **state)
{
    static const uint16_t known[] = { 3, 11, 17, 9999 };
    uint8_t room[64];
    uint16_t number = 1;
    static const char *const cases[] = {
        "",           "3161 8161 0162", /* Uri-Host, Uri-Path twice */
        "00",                           /* option 0 is elective */
        "6401020304", /* Observe of 4 bytes is elective too */
        "e02602",     /* 9999, not in the table: no bounds */
        "e02602 00",  /* twice */
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        covey_coap_message m = options(cases[i], room, sizeof room);
        kit_case(cases[i]);
        CHECK_STATUS(COVEY_OK,
                     covey_option_screen(&m, known, COUNT_OF(known), &number));
        assert_int_equal(1, number);
    }
    kit_case(NULL);
}

static void names_the_first_that_is_not_understood(void **state)
{
    static const uint16_t known[] = { 3, 7, 11, 17 };
    static const struct {
        const char *why;
        const char *hex;
        uint16_t number;
    } cases[] = {
        { "If-Match is not among them", "10", 1 },
        { "9999 after Uri-Path", "b161 e025f7", 9999 },
        { "Uri-Host twice", "3161 0161", 3 },
        { "Uri-Host of no length", "30", 3 },
        { "Uri-Port of three bytes", "73010203", 7 },
        { "Accept of three bytes", "d304010203", 17 },
        { "Proxy-Uri", "d11661", 35 },
        { "If-None-Match before a bad Accept", "50 c3010203", 5 },
    };
    uint8_t room[64];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        covey_coap_message m = options(cases[i].hex, room, sizeof room);
        uint16_t number = 0;
        kit_case(cases[i].why);
        CHECK_STATUS(COVEY_E_UNSUPPORTED,
                     covey_option_screen(&m, known, COUNT_OF(known), &number));
        assert_int_equal(cases[i].number, number);
    }
    kit_case(NULL);
}

/* Uri-Path of 256 bytes: one more than its definition allows. */
static void refuses_a_path_segment_that_is_too_long(void **state)
{
    static const uint16_t known[] = { 11 };
    uint8_t room[2 + 256] = { 0xbd, 256 - 13 };
    covey_coap_message m = { 0 };
    uint16_t number = 0;

    (void)state;
    m.options = covey_bytes_of(room, sizeof room);
    CHECK_STATUS(COVEY_E_UNSUPPORTED,
                 covey_option_screen(&m, known, 1, &number));
    assert_int_equal(11, number);
    room[1] = 255 - 13;
    m.options.len--;
    CHECK_STATUS(COVEY_OK, covey_option_screen(&m, known, 1, &number));
}

static void understands_nothing_from_an_empty_list(void **state)
{
    uint8_t room[8];
    covey_coap_message m = options("b0", room, sizeof room);
    uint16_t number = 0;

    (void)state;
    CHECK_STATUS(COVEY_E_UNSUPPORTED,
                 covey_option_screen(&m, NULL, 0, &number));
    assert_int_equal(11, number);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_first_sound_value),
        cmocka_unit_test(passes_over_values_out_of_bounds),
        cmocka_unit_test(lets_understood_options_pass),
        cmocka_unit_test(names_the_first_that_is_not_understood),
        cmocka_unit_test(refuses_a_path_segment_that_is_too_long),
        cmocka_unit_test(understands_nothing_from_an_empty_list),
    };

    return KIT_RUN(tests);
}
