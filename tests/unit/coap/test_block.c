/* SPDX-License-Identifier: BSD-2-Clause */
#include <covey/coap_options.h>

#include "kit.h"

struct good {
    const char *hex;
    covey_block block;
};

static const struct good cases[] = {
    { "", { 0, false, 0 } },
    { "02", { 0, false, 2 } },
    { "08", { 0, true, 0 } },
    { "3a", { 3, true, 2 } },
    { "f7", { 15, false, 7 } },
    { "01 00", { 16, false, 0 } },
    { "ff ff", { 4095, true, 7 } },
    { "01 00 06", { 4096, false, 6 } },
    { "ff ff ff", { 0xfffff, true, 7 } },
};

static void blocks_go_both_ways(void **state)
{
    uint8_t storage[8];
    uint8_t buf[3];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        covey_block b;
        covey_bytes out;

        kit_case(cases[i].hex);
        CHECK_STATUS(COVEY_OK,
                     covey_block_parse(
                         kit_hex(cases[i].hex, storage, sizeof storage), &b));
        assert_int_equal(cases[i].block.num, b.num);
        assert_int_equal(cases[i].block.more, b.more);
        assert_int_equal(cases[i].block.szx, b.szx);
        CHECK_STATUS(COVEY_OK, covey_block_encode(&b, buf, &out));
        CHECK_HEX(cases[i].hex, out);
        assert_non_null(out.ptr);
    }
    kit_case(NULL);
}

static void leading_zeros_are_accepted(void **state)
{
    (void)state;
    covey_block b;

    CHECK_STATUS(COVEY_OK, covey_block_parse(SPAN("\x00\x00\x3a"), &b));
    assert_int_equal(3, b.num);
}

static void four_bytes_are_refused(void **state)
{
    (void)state;
    covey_block b = { 7, true, 1 };

    CHECK_STATUS(COVEY_E_RANGE,
                 covey_block_parse(SPAN("\x00\x00\x00\x00"), &b));
    CHECK_STATUS(COVEY_E_RANGE,
                 covey_block_parse(SPAN("\x00\x00\x00\x00\x00"), &b));
    assert_int_equal(7, b.num);
}

static void what_does_not_fit_is_not_encoded(void **state)
{
    static const covey_block bad[] = {
        { 0x100000, false, 0 },
        { UINT32_MAX, false, 0 },
        { 0, false, 8 },
        { 0, true, 255 },
    };
    uint8_t buf[3] = { 1, 2, 3 };
    covey_bytes out = SPAN("x");

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        CHECK_STATUS(COVEY_E_ARGUMENT, covey_block_encode(&bad[i], buf, &out));
    }
    CHECK_HEX("78", out);
    CHECK_HEX("01 02 03", covey_bytes_of(buf, 3));
}

static void a_block_becomes_an_option(void **state)
{
    static const covey_block good = { 2, true, 6 };
    static const covey_block bad = { 0x100000, false, 0 };
    uint8_t message[16];
    covey_writer w = covey_writer_of(message, sizeof message);
    covey_coap_composer c =
        covey_coap_compose_inner(&w, COVEY_COAP_CODE(0, 1));

    (void)state;
    covey_coap_put_block(&c, COVEY_OPTION_BLOCK2, &good);
    covey_coap_put_block(&c, COVEY_OPTION_BLOCK1, &bad);
    CHECK_STATUS(COVEY_OK, covey_coap_finish(&c));
    CHECK_HEX("01 d1 0a 2e", covey_written(&w));
}

static void sizes_follow_the_exponent(void **state)
{
    static const uint32_t sizes[] = { 16, 32, 64, 128, 256, 512, 1024, 1024 };

    (void)state;
    for (uint8_t szx = 0; szx < COUNT_OF(sizes); szx++) {
        assert_int_equal(sizes[szx], covey_block_size(szx));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_go_both_ways),
        cmocka_unit_test(leading_zeros_are_accepted),
        cmocka_unit_test(four_bytes_are_refused),
        cmocka_unit_test(what_does_not_fit_is_not_encoded),
        cmocka_unit_test(a_block_becomes_an_option),
        cmocka_unit_test(sizes_follow_the_exponent),
    };
    return KIT_RUN(tests);
}
