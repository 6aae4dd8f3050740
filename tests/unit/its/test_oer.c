/* SPDX-License-Identifier: BSD-2-Clause */
/* Canonical OER: every input of up to three bytes is read as a naive model
 * reads it, and what was read is written as the same bytes. */
#include "its_internal.h"
#include "kit.h"

/* Length and value of "length octet, then so many octets", or -1. */
static int64_t model_number(const uint8_t *in, size_t len, bool with_sign)
{
    size_t n = len > 0 ? in[0] : 0;
    int64_t v = 0;

    if (n == 0 || n > 127 || n + 1 != len) {
        return -1;
    }
    if (n > 1 && (with_sign ? (in[1] == 0 && in[2] < 128) ||
                                  (in[1] == 255 && in[2] >= 128)
                            : in[1] == 0)) {
        return -1;
    }
    for (size_t i = 1; i <= n; i++) {
        v = v << 8 | in[i];
    }
    return with_sign && in[1] >= 128 ? v - (INT64_C(1) << 8 * n) + 1000000 : v;
}

static void check_number(const uint8_t *in, size_t len)
{
    uint8_t out[8];
    covey_writer w = covey_writer_of(out, sizeof out);
    struct oer u = covey__oer_of(covey_bytes_of(in, len));
    struct oer s = u;
    uint64_t v = covey__oer_unsigned(&u);
    int32_t i = covey__oer_integer(&s);
    int64_t expected = model_number(in, len, false);

    if ((expected >= 0) != (covey__oer_end(&u, NULL) == COVEY_OK)) {
        fail_msg("unsigned %zu: %02x %02x %02x", len, in[0], in[1], in[2]);
    }
    if (expected >= 0) {
        covey__oer_put_unsigned(&w, v);
        assert_int_equal(v, expected);
        assert_memory_equal(out, in, len);
        assert_int_equal(w.pos, len);
    }
    expected = model_number(in, len, true);
    if ((expected != -1) != (covey__oer_end(&s, NULL) == COVEY_OK)) {
        fail_msg("integer %zu: %02x %02x %02x", len, in[0], in[1], in[2]);
    }
    if (expected != -1) {
        w.pos = 0;
        covey__oer_put_integer(&w, i);
        assert_int_equal(i < 0 ? i + 1000000 : i, expected);
        assert_memory_equal(out, in, len);
        assert_int_equal(w.pos, len);
    }
}

static void reads_numbers_of_up_to_two_octets_as_the_model(void **state)
{
    uint8_t in[3] = { 0 };

    (void)state;
    check_number(in, 0);
    for (unsigned v = 0; v < 1u << 24; v += v < 0x30000 ? 1 : 0x101) {
        in[0] = (uint8_t)(v >> 16);
        in[1] = (uint8_t)(v >> 8);
        in[2] = (uint8_t)v;
        check_number(in, 1);
        check_number(in, 2);
        check_number(in, 3);
    }
}

static int model_length(const uint8_t *in, size_t len)
{
    if (len == 1 && in[0] < 128) {
        return in[0];
    }
    if (len == 2 && in[0] == 0x81 && in[1] >= 128) {
        return in[1];
    }
    return len == 3 && in[0] == 0x82 && in[1] > 0 ? in[1] << 8 | in[2] : -1;
}

static void reads_lengths_of_up_to_three_octets_as_the_model(void **state)
{
    uint8_t in[3];
    uint8_t out[4];

    (void)state;
    for (unsigned v = 0; v < 1u << 24; v++) {
        in[0] = (uint8_t)(v >> 16);
        in[1] = (uint8_t)(v >> 8);
        in[2] = (uint8_t)v;
        for (size_t len = 1; len <= 3; len++) {
            struct oer o = covey__oer_of(covey_bytes_of(in, len));
            size_t n = covey__oer_length(&o);
            int expected = model_length(in, len);
            if ((expected >= 0) != covey_read_done(&o.r) ||
                (expected >= 0 && n != (size_t)expected)) {
                fail_msg("length %zu: %06x", len, v);
            }
            if (expected >= 0) {
                covey_writer w = covey_writer_of(out, sizeof out);
                covey__oer_put_length(&w, n);
                assert_int_equal(w.pos, len);
                assert_memory_equal(out, in, len);
            }
        }
        v += v > 0x840000 ? 0xfff : 0;
    }
}

static void reads_the_greatest_numbers(void **state)
{
    struct oer o = covey__oer_of(SPAN("\x08\xff\xff\xff\xff\xff\xff\xff\xff"
                                      "\x04\x80\x00\x00\x00"
                                      "\x04\x7f\xff\xff\xff"
                                      "\x00\x11\x22\x33\x44\x55\x66\x77"));
    uint8_t out[32];
    covey_writer w = covey_writer_of(out, sizeof out);

    (void)state;
    assert_true(covey__oer_unsigned(&o) == UINT64_MAX);
    assert_int_equal(covey__oer_integer(&o), INT32_MIN);
    assert_int_equal(covey__oer_integer(&o), INT32_MAX);
    assert_true(covey__oer_u64(&o) == UINT64_C(0x0011223344556677));
    CHECK_STATUS(COVEY_OK, covey__oer_end(&o, NULL));
    covey__oer_put_unsigned(&w, UINT64_MAX);
    covey__oer_put_integer(&w, INT32_MIN);
    covey__oer_put_integer(&w, INT32_MAX);
    covey__oer_put_u64(&w, UINT64_C(0x0011223344556677));
    CHECK_SPAN(covey_bytes_of(o.r.base, o.r.len), covey_written(&w));
}

/* What the first refusal was stays, wherever it came from. */
static void remembers_the_first_reason_and_where(void **state)
{
    covey_its_finding why;
    struct oer o = covey__oer_of(SPAN("\x01\x05\x81\x7f\xff"));

    (void)state;
    assert_int_equal(covey__oer_quantity(&o, 0, 4), 0);
    (void)covey__oer_length(&o);
    CHECK_STATUS(COVEY_E_UNSUPPORTED, covey__oer_end(&o, &why));
    assert_int_equal(why.reason, COVEY_ITS_R_QUANTITY);
    assert_int_equal(why.found, 5);
    assert_int_equal(why.expected, 4);
    assert_int_equal(why.offset, 2);
    o = covey__oer_of(SPAN("\x01\x05\x81\x7f\xff"));
    assert_int_equal(covey__oer_quantity(&o, 0, 5), 5);
    (void)covey__oer_length(&o);
    CHECK_STATUS(COVEY_E_FORMAT, covey__oer_end(&o, &why));
    assert_int_equal(why.reason, COVEY_ITS_R_CANONICAL);
    assert_int_equal(why.offset, 2);
}

struct bits {
    const char *why;
    const char *hex;
    uint32_t bits;
};

/* clang-format off */
static const struct bits bitmaps[] = {
    { "3 additions known, the third there", "020520", 0x20000000 },
    { "4 additions known, the third there", "020420", 0x20000000 },
    { "8 known, all there", "0200ff", 0xff000000 },
    { "9 known, the last there", "03070080", 0x00800000 },
    { "32 known", "050000000001", 1 },
    { "none there", "020500", 0 },
    { "an unused bit set", "020510", 0 },
    { "eight unused bits", "02087f", 0 },
    { "no bits", "0100", 0 },
    { "nothing", "00", 0 },
    { "more than 32", "06000000000080", 0 },
};
/* clang-format on */

static void reads_which_additions_are_there(void **state)
{
    uint8_t storage[16];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bitmaps); i++) {
        struct oer o =
            covey__oer_of(kit_hex(bitmaps[i].hex, storage, sizeof storage));
        kit_case(bitmaps[i].why);
        assert_int_equal(covey__oer_bitmap(&o), bitmaps[i].bits);
        assert_int_equal(covey__oer_fine(&o), bitmaps[i].bits != 0);
    }
    kit_case(NULL);
}

static void gives_each_reason_its_words(void **state)
{
    (void)state;
    for (int i = 0; i < COVEY_ITS_REASON_COUNT; i++) {
        assert_true(strlen(covey_its_reason_text((covey_its_reason)i)) > 4);
        assert_true(strlen(covey_its_reason_clause((covey_its_reason)i)) > 0);
    }
    assert_string_equal(covey_its_reason_text(COVEY_ITS_REASON_COUNT),
                        "unknown reason");
    assert_string_equal(covey_its_reason_clause((covey_its_reason)-1), "-");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_numbers_of_up_to_two_octets_as_the_model),
        cmocka_unit_test(reads_lengths_of_up_to_three_octets_as_the_model),
        cmocka_unit_test(reads_the_greatest_numbers),
        cmocka_unit_test(remembers_the_first_reason_and_where),
        cmocka_unit_test(reads_which_additions_are_there),
        cmocka_unit_test(gives_each_reason_its_words),
    };
    return KIT_RUN(tests);
}
