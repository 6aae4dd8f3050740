/* SPDX-License-Identifier: BSD-2-Clause */
#include <covey/cbor.h>

#include "kit.h"

static uint8_t storage[70000];

static covey_writer fresh(size_t cap)
{
    memset(storage, 0xa5, sizeof storage);
    return covey_writer_of(storage, cap);
}

struct number {
    int64_t value;
    const char *hex;
};

/* clang-format off */
static const struct number numbers[] = {
    { 0, "00" },
    { 23, "17" },
    { 24, "1818" },
    { 255, "18ff" },
    { 256, "190100" },
    { 65535, "19ffff" },
    { 65536, "1a00010000" },
    { 4294967295, "1affffffff" },
    { 4294967296, "1b0000000100000000" },
    { INT64_MAX, "1b7fffffffffffffff" },
    { -1, "20" },
    { -24, "37" },
    { -25, "3818" },
    { -256, "38ff" },
    { -257, "390100" },
    { -65534, "39fffd" }, /* A128CTR */
    { -65536, "39ffff" },
    { -65537, "3a00010000" },
    { INT64_MIN, "3b7fffffffffffffff" },
};
/* clang-format on */

static void writes_the_shortest_head(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        covey_writer w = fresh(sizeof storage);

        kit_case(numbers[i].hex);
        covey_cbor_put_int(&w, numbers[i].value);
        CHECK_HEX(numbers[i].hex, covey_written(&w));
        assert_int_equal(w.pos, covey_cbor_int_size(numbers[i].value));
        if (numbers[i].value >= 0) {
            w = fresh(sizeof storage);
            covey_cbor_put_uint(&w, (uint64_t)numbers[i].value);
            CHECK_HEX(numbers[i].hex, covey_written(&w));
            assert_int_equal(w.pos,
                             covey_cbor_head_size((uint64_t)numbers[i].value));
        }
    }
    kit_case(NULL);
}

static void writes_every_type(void **state)
{
    covey_bytes absent = { NULL, 0 };
    covey_writer w = fresh(sizeof storage);

    (void)state;
    covey_cbor_put_array(&w, 12);
    covey_cbor_put_uint(&w, UINT64_MAX);
    covey_cbor_put_bytes(&w, SPAN("\x01\x02"));
    covey_cbor_put_bytes(&w, absent);
    covey_cbor_put_text(&w, COVEY_CBOR_LITERAL("Key"));
    covey_cbor_put_map(&w, 1);
    covey_cbor_put_int(&w, 1);
    covey_cbor_put_null(&w);
    covey_cbor_put_tag(&w, 61);
    covey_cbor_put_bool(&w, true);
    covey_cbor_put_bool(&w, false);
    covey_cbor_put_simple(&w, 23);
    covey_cbor_put_simple(&w, 32);
    covey_cbor_put_simple(&w, 0);
    covey_cbor_put_bytes_head(&w, 256);
    assert_int_equal(COVEY_OK, w.failed);
    CHECK_HEX("8c 1bffffffffffffffff 420102 40 634b6579 a101f6 d83df5 f4 f7 "
              "f820 e0 590100",
              covey_written(&w));
}

static void refuses_simple_values_that_do_not_exist(void **state)
{
    (void)state;
    for (unsigned value = 24; value < 32; value++) {
        covey_writer w = fresh(sizeof storage);

        covey_cbor_put_simple(&w, (uint8_t)value);
        CHECK_STATUS(COVEY_E_ARGUMENT, w.failed);
        assert_int_equal(0, w.pos);
        covey_cbor_put_null(&w);
        assert_int_equal(0, w.pos);
    }
}

static void keeps_the_first_failure(void **state)
{
    covey_writer w = fresh(0);

    (void)state;
    covey_cbor_put_null(&w);
    covey_cbor_put_simple(&w, 24);
    CHECK_STATUS(COVEY_E_ROOM, w.failed);
}

/* Everything that is put, put once more with less room than it needs. */
static void put_all(covey_writer *w)
{
    covey_cbor_wrapping wrap;

    covey_cbor_put_array(w, 3);
    covey_cbor_put_int(w, -65534);
    wrap = covey_cbor_wrap(w, 3);
    covey_cbor_put_text(w, COVEY_CBOR_LITERAL("a text longer than expected"));
    covey_cbor_wrap_end(w, wrap);
    covey_cbor_put_bytes(w, SPAN("end"));
}

static void writes_nothing_beyond_its_room(void **state)
{
    covey_writer w = fresh(sizeof storage);
    size_t whole;

    (void)state;
    put_all(&w);
    assert_int_equal(COVEY_OK, w.failed);
    whole = w.pos;
    for (size_t cap = 0; cap < whole; cap++) {
        w = fresh(cap);
        put_all(&w);
        CHECK_STATUS(COVEY_E_ROOM, w.failed);
        assert_true(w.pos <= cap);
        for (size_t i = cap; i <= whole; i++) {
            assert_int_equal(0xa5, storage[i]);
        }
    }
    w = fresh(whole);
    put_all(&w);
    assert_int_equal(COVEY_OK, w.failed);
}

/* Content of every length around the sizes of heads, expected to be of every
 * other such length. */
static void wraps_whatever_was_expected(void **state)
{
    static const size_t lens[] = { 0,   1,   23,    24,    25,
                                   255, 256, 65535, 65536, 65537 };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lens); i++) {
        for (size_t k = 0; k < COUNT_OF(lens); k++) {
            covey_writer w = fresh(sizeof storage);
            size_t head = covey_cbor_head_size(lens[i]);
            covey_cbor_wrapping wrap;
            covey_cbor_reader r;
            covey_bytes content;
            uint8_t *p;

            covey_cbor_put_null(&w);
            wrap = covey_cbor_wrap(&w, lens[k]);
            p = covey_write_reserve(&w, lens[i]);
            assert_non_null(p);
            for (size_t n = 0; n < lens[i]; n++) {
                p[n] = (uint8_t)(n * 7 + 1);
            }
            covey_cbor_wrap_end(&w, wrap);
            assert_int_equal(COVEY_OK, w.failed);
            assert_int_equal(1 + head + lens[i], w.pos);
            covey_cbor_put_null(&w);

            r = covey_cbor_reader_of(covey_written(&w),
                                     COVEY_CBOR_DETERMINISTIC);
            covey_cbor_get_null(&r);
            content = covey_cbor_get_bytes(&r);
            covey_cbor_get_null(&r);
            assert_true(covey_cbor_done(&r));
            assert_int_equal(lens[i], content.len);
            for (size_t n = 0; n < content.len; n++) {
                assert_int_equal((uint8_t)(n * 7 + 1), content.ptr[n]);
            }
        }
    }
}

/* external_aad of RFC 8613 Appendix C.4, as the text there prints it. */
static void wraps_the_aad_of_rfc8613(void **state)
{
    covey_bytes empty = { NULL, 0 };
    covey_writer w = fresh(sizeof storage);
    covey_cbor_wrapping wrap;

    (void)state;
    covey_cbor_put_array(&w, 3);
    covey_cbor_put_text(&w, COVEY_CBOR_LITERAL("Encrypt0"));
    covey_cbor_put_bytes(&w, empty);
    wrap = covey_cbor_wrap(&w, 9);
    covey_cbor_put_array(&w, 5);
    covey_cbor_put_uint(&w, 1);
    covey_cbor_put_array(&w, 1);
    covey_cbor_put_int(&w, 10);
    covey_cbor_put_bytes(&w, empty);
    covey_cbor_put_bytes(&w, SPAN("\x14"));
    covey_cbor_put_bytes(&w, empty);
    covey_cbor_wrap_end(&w, wrap);
    CHECK_HEX("8368456e63727970743040488501810a40411440", covey_written(&w));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_shortest_head),
        cmocka_unit_test(writes_every_type),
        cmocka_unit_test(refuses_simple_values_that_do_not_exist),
        cmocka_unit_test(keeps_the_first_failure),
        cmocka_unit_test(writes_nothing_beyond_its_room),
        cmocka_unit_test(wraps_whatever_was_expected),
        cmocka_unit_test(wraps_the_aad_of_rfc8613),
    };
    return KIT_RUN(tests);
}
