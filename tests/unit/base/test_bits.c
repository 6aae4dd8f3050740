/* SPDX-License-Identifier: BSD-2-Clause */
/* Every function of bits.h against a model that handles one bit at a time:
 * all shifts of both sides, all lengths of up to 40 bits and more, three
 * patterns of surroundings. Storage is exact-sized where it is read, so that
 * a sanitizer sees the first byte beyond. */
#include "kit.h"

#include <covey/bits.h>

#include <stdlib.h>

enum {
    LENGTHS = 40
};

/* --- the model -------------------------------------------------------- */

static unsigned get_bit(const uint8_t *base, uint32_t at)
{
    return (unsigned)base[at / 8] >> (7 - at % 8) & 1;
}

static void set_bit(uint8_t *base, uint32_t at, unsigned bit)
{
    unsigned mask = 1u << (7 - at % 8);
    base[at / 8] = (uint8_t)(bit ? base[at / 8] | mask : base[at / 8] & ~mask);
}

static void model_copy(uint8_t *dst, uint32_t dst_off, const uint8_t *src,
                       uint32_t src_off, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        set_bit(dst, dst_off + i, get_bit(src, src_off + i));
    }
}

static void fill_random(uint8_t *p, size_t n, uint64_t seed)
{
    kit_random r = { seed };

    for (size_t i = 0; i < n; i++) {
        p[i] = (uint8_t)kit_next(&r);
    }
}

/* Exactly the bytes that hold `bits` bits, random; the caller frees. */
static uint8_t *exact_bytes(uint32_t bits, uint64_t seed)
{
    size_t n = (bits + 7) / 8;
    uint8_t *p = malloc(n > 0 ? n : 1);

    assert_non_null(p);
    fill_random(p, n, seed);
    return p;
}

/* --- spans of bits ---------------------------------------------------- */

static void loads_every_length_from_every_offset(void **state)
{
    (void)state;
    for (uint32_t off = 0; off < 24; off++) {
        for (unsigned n = 0; n <= 32; n++) {
            uint8_t *p = exact_bytes(off + n, off * 64 + n + 1);
            uint32_t expected = 0;
            for (unsigned i = 0; i < n; i++) {
                expected = expected << 1 | get_bit(p, off + i);
            }
            assert_true(covey_bits_load(p, off, n) == expected);
            free(p);
        }
    }
}

static void loads_no_bits_from_nowhere(void **state)
{
    (void)state;
    assert_int_equal(covey_bits_load(NULL, 0, 0), 0);
}

static void compare_once(uint32_t a_off, uint32_t b_off, uint32_t n)
{
    uint8_t *a = exact_bytes(a_off + n, 3);
    uint8_t *b = exact_bytes(b_off + n, 4);

    model_copy(b, b_off, a, a_off, n);
    assert_true(covey_bits_equal(a, a_off, b, b_off, n));
    for (uint32_t i = 0; i < n; i++) {
        set_bit(b, b_off + i, !get_bit(b, b_off + i));
        assert_false(covey_bits_equal(a, a_off, b, b_off, n));
        assert_true(covey_bits_equal(a, a_off, b, b_off, i));
        set_bit(b, b_off + i, !get_bit(b, b_off + i));
    }
    free(a);
    free(b);
}

static void equal_sees_every_single_bit_at_every_shift(void **state)
{
    (void)state;
    for (uint32_t a_off = 0; a_off < 16; a_off++) {
        for (uint32_t b_off = 0; b_off < 16; b_off++) {
            for (uint32_t n = 0; n <= LENGTHS; n++) {
                compare_once(a_off, b_off, n);
            }
        }
    }
}

static void nothing_equals_nothing(void **state)
{
    (void)state;
    assert_true(covey_bits_equal(NULL, 0, NULL, 0, 0));
}

/* Copies into surroundings of all zeros, all ones and noise: the neighbours
 * must stay. */
static void copy_once(uint32_t dst_off, uint32_t src_off, uint32_t n)
{
    static const int fills[] = { 0x00, 0xff, -1 };
    uint8_t *src = exact_bytes(src_off + n, dst_off + 1);

    for (size_t i = 0; i < COUNT_OF(fills); i++) {
        uint8_t expected[16];
        uint8_t actual[16];
        if (fills[i] < 0) {
            fill_random(expected, sizeof expected, 99);
        } else {
            memset(expected, fills[i], sizeof expected);
        }
        memcpy(actual, expected, sizeof actual);
        model_copy(expected, dst_off, src, src_off, n);
        covey_bits_copy(actual, dst_off, src, src_off, n);
        CHECK_SPAN(covey_bytes_of(expected, sizeof expected),
                   covey_bytes_of(actual, sizeof actual));
    }
    free(src);
}

static void copies_every_length_between_all_shifts(void **state)
{
    (void)state;
    for (uint32_t dst_off = 0; dst_off < 16; dst_off++) {
        for (uint32_t src_off = 0; src_off < 16; src_off++) {
            for (uint32_t n = 0; n <= LENGTHS; n++) {
                copy_once(dst_off, src_off, n);
            }
        }
    }
}

static void copies_a_long_payload_between_all_shifts(void **state)
{
    static uint8_t src[1282];
    static uint8_t expected[1282];
    static uint8_t actual[1282];

    (void)state;
    fill_random(src, sizeof src, 5);
    for (uint32_t shifts = 0; shifts < 64; shifts++) {
        memset(expected, 0x5e, sizeof expected);
        memset(actual, 0x5e, sizeof actual);
        model_copy(expected, shifts / 8, src, shifts % 8, 1280 * 8);
        covey_bits_copy(actual, shifts / 8, src, shifts % 8, 1280 * 8);
        assert_memory_equal(expected, actual, sizeof actual);
    }
}

static void copies_nothing_to_nowhere(void **state)
{
    (void)state;
    covey_bits_copy(NULL, 0, NULL, 0, 0);
}

/* --- writer ----------------------------------------------------------- */

/* A writer over exactly `cap` bytes whose first `used` bits are ones and
 * whose remainder is noise. */
static covey_bit_writer writer_with(uint8_t *storage, size_t cap,
                                    uint32_t used)
{
    covey_bit_writer w = covey_bit_writer_of(storage, cap);

    fill_random(storage, cap, 17);
    for (uint32_t i = 0; i < used; i++) {
        covey_bits_put(&w, 1, 1);
    }
    assert_int_equal(w.pos, used);
    return w;
}

/* The invariant, and that `pos` bits are those of `expected`. */
static void check_written(const covey_bit_writer *w, const uint8_t *expected)
{
    covey_bytes written = covey_bits_written(w);

    assert_int_equal(written.len, (w->pos + 7) / 8);
    for (uint32_t i = 0; i < w->pos; i++) {
        assert_int_equal(get_bit(written.ptr, i), get_bit(expected, i));
    }
    for (uint32_t i = w->pos; i < written.len * 8; i++) {
        assert_int_equal(get_bit(written.ptr, i), 0);
    }
}

static void put_once(uint32_t used, unsigned n, uint32_t value)
{
    uint8_t storage[7];
    uint8_t expected[7];
    covey_bit_writer w = writer_with(storage, sizeof storage, used);

    memset(expected, 0xff, sizeof expected);
    for (unsigned i = 0; i < n; i++) {
        set_bit(expected, used + i, value >> (n - 1 - i) & 1);
    }
    covey_bits_put(&w, value, n);
    CHECK_STATUS(COVEY_OK, w.failed);
    assert_int_equal(w.pos, used + n);
    check_written(&w, expected);
}

static void puts_the_low_bits_of_a_value_anywhere(void **state)
{
    static const uint32_t values[] = { 0, 0xffffffffu, 0xa5c3f00fu, 1,
                                       0x80000000u };

    (void)state;
    for (uint32_t used = 0; used < 17; used++) {
        for (unsigned n = 0; n <= 32; n++) {
            for (size_t i = 0; i < COUNT_OF(values); i++) {
                put_once(used, n, values[i]);
            }
        }
    }
}

static void put_span_once(uint32_t used, uint32_t off, uint32_t n)
{
    uint8_t storage[8];
    uint8_t expected[8];
    uint8_t *src = exact_bytes(off + n, used * 8 + off + 1);
    covey_bit_writer w = writer_with(storage, sizeof storage, used);

    memset(expected, 0xff, sizeof expected);
    model_copy(expected, used, src, off, n);
    covey_bits_put_span(&w, src, off, n);
    CHECK_STATUS(COVEY_OK, w.failed);
    assert_int_equal(w.pos, used + n);
    check_written(&w, expected);
    free(src);
}

static void puts_every_span_between_all_shifts(void **state)
{
    (void)state;
    for (uint32_t used = 0; used < 16; used++) {
        for (uint32_t off = 0; off < 8; off++) {
            for (uint32_t n = 0; n <= LENGTHS; n++) {
                put_span_once(used, off, n);
            }
        }
    }
}

/* Storage of two bytes, `used` bits of it filled, and n bits too many. */
static void exceed_once(uint32_t used, uint32_t n, bool span)
{
    uint8_t src[8] = { 0 };
    uint8_t storage[3];
    covey_bit_writer w = writer_with(storage, 2, used);

    storage[2] = 0x5e;
    if (span) {
        covey_bits_put_span(&w, src, 3, n);
    } else {
        covey_bits_put(&w, 0, n);
    }
    CHECK_STATUS(COVEY_E_ROOM, w.failed);
    assert_int_equal(w.pos, used);
    covey_bits_put(&w, 0, 0);
    covey_bits_put_span(&w, src, 0, 0);
    covey_bits_put(&w, 0, 1);
    CHECK_STATUS(COVEY_E_ROOM, w.failed);
    assert_int_equal(w.pos, used);
    assert_int_equal(storage[2], 0x5e);
    for (uint32_t i = 0; i < used; i++) {
        assert_int_equal(get_bit(storage, i), 1);
    }
}

static void fails_when_full_and_stays_so(void **state)
{
    (void)state;
    for (uint32_t used = 0; used <= 16; used++) {
        for (uint32_t n = 17 - used; n <= 32; n++) {
            exceed_once(used, n, false);
            exceed_once(used, n, true);
        }
    }
}

static void refuses_a_span_whose_length_would_wrap(void **state)
{
    uint8_t storage[2];
    covey_bit_writer w = writer_with(storage, sizeof storage, 5);

    (void)state;
    covey_bits_put_span(&w, storage, 0, UINT32_MAX);
    CHECK_STATUS(COVEY_E_ROOM, w.failed);
    assert_int_equal(w.pos, 5);
}

static void a_writer_without_storage_takes_no_bit(void **state)
{
    covey_bit_writer w = covey_bit_writer_of(NULL, 0);

    (void)state;
    covey_bits_put(&w, 0, 0);
    covey_bits_put_span(&w, NULL, 0, 0);
    covey_bits_rewind(&w, 0);
    CHECK_STATUS(COVEY_OK, w.failed);
    assert_int_equal(covey_bits_written(&w).len, 0);
    covey_bits_put(&w, 0, 1);
    CHECK_STATUS(COVEY_E_ROOM, w.failed);
}

/* Writes `full` one bits, rewinds to `to`, writes `n` zero bits and a one. */
static void rewind_once(uint32_t full, uint32_t to, unsigned n)
{
    uint8_t storage[8];
    uint8_t expected[8];
    covey_bit_writer w = writer_with(storage, sizeof storage, full);

    memset(expected, 0xff, sizeof expected);
    covey_bits_rewind(&w, to);
    assert_int_equal(w.pos, to);
    check_written(&w, expected);
    for (unsigned i = 0; i < n; i++) {
        set_bit(expected, to + i, 0);
    }
    covey_bits_put(&w, 0, n);
    covey_bits_put(&w, 1, 1);
    assert_int_equal(w.pos, to + n + 1);
    check_written(&w, expected);
}

static void rewinds_to_every_bit(void **state)
{
    (void)state;
    for (uint32_t full = 0; full <= 24; full++) {
        for (uint32_t to = 0; to <= full; to++) {
            for (unsigned n = 0; n <= 17; n++) {
                rewind_once(full, to, n);
            }
        }
    }
}

static void rewinding_clears_the_failure(void **state)
{
    uint8_t storage[2];
    covey_bit_writer w = writer_with(storage, sizeof storage, 13);

    (void)state;
    covey_bits_put(&w, 0, 4);
    CHECK_STATUS(COVEY_E_ROOM, w.failed);
    covey_bits_rewind(&w, 11);
    CHECK_STATUS(COVEY_OK, w.failed);
    covey_bits_put(&w, 0x15, 5);
    CHECK_STATUS(COVEY_OK, w.failed);
    CHECK_HEX("fff5", covey_bits_written(&w));
}

static void huge_storage_is_used_up_to_the_limit(void **state)
{
    uint8_t byte = 0;
    size_t most = COVEY_BITS_MAX / 8;

    (void)state;
    assert_int_equal(covey_bit_writer_of(&byte, most).cap, most * 8);
    assert_int_equal(covey_bit_writer_of(&byte, most + 1).cap, COVEY_BITS_MAX);
    assert_int_equal(covey_bit_writer_of(&byte, SIZE_MAX).cap, COVEY_BITS_MAX);
    assert_int_equal(covey_bit_reader_of(covey_bytes_of(&byte, most)).len,
                     most * 8);
    assert_int_equal(covey_bit_reader_of(covey_bytes_of(&byte, most + 1)).len,
                     COVEY_BITS_MAX);
    assert_int_equal(covey_bit_reader_of(covey_bytes_of(&byte, SIZE_MAX)).len,
                     COVEY_BITS_MAX);
}

/* --- reader ----------------------------------------------------------- */

/* Two reads of n and m bits from `len` bytes, with every outcome. */
static void read_twice(size_t len, unsigned n, unsigned m, bool skip)
{
    uint8_t *p = exact_bytes((uint32_t)len * 8, len + 7);
    covey_bit_reader r = covey_bit_reader_of(covey_bytes_of(p, len));
    const unsigned steps[2] = { n, m };
    uint32_t pos = 0;
    bool failed = false;

    for (int i = 0; i < 2; i++) {
        uint32_t expected = 0;
        failed = failed || steps[i] > len * 8 - pos;
        for (unsigned k = 0; k < steps[i] && !failed; k++) {
            expected = expected << 1 | get_bit(p, pos + k);
        }
        if (skip) {
            assert_int_equal(covey_bits_skip(&r, steps[i]), pos);
        } else {
            assert_true(covey_bits_get(&r, steps[i]) == expected);
        }
        pos += failed ? 0 : steps[i];
        CHECK_STATUS(failed ? COVEY_E_SHORT : COVEY_OK, r.failed);
        assert_int_equal(r.pos, pos);
        assert_int_equal(covey_bits_left(&r), failed ? 0 : len * 8 - pos);
    }
    free(p);
}

static void reads_and_skips_or_fails_for_good(void **state)
{
    (void)state;
    for (size_t len = 0; len <= 6; len++) {
        for (unsigned n = 0; n <= 32; n++) {
            for (unsigned m = 0; m <= 32; m++) {
                read_twice(len, n, m, false);
                read_twice(len, n, m, true);
            }
        }
    }
}

static void refuses_to_skip_a_length_that_would_wrap(void **state)
{
    uint8_t bytes[2] = { 0xff, 0xff };
    covey_bit_reader r = covey_bit_reader_of(covey_bytes_of(bytes, 2));

    (void)state;
    assert_int_equal(covey_bits_get(&r, 3), 7);
    assert_int_equal(covey_bits_skip(&r, UINT32_MAX), 3);
    CHECK_STATUS(COVEY_E_SHORT, r.failed);
    assert_int_equal(r.pos, 3);
    assert_int_equal(covey_bits_get(&r, 1), 0);
}

static void an_absent_span_has_no_bits(void **state)
{
    covey_bit_reader r = covey_bit_reader_of(covey_bytes_of(NULL, 0));

    (void)state;
    assert_int_equal(covey_bits_left(&r), 0);
    assert_int_equal(covey_bits_get(&r, 0), 0);
    CHECK_STATUS(COVEY_OK, r.failed);
    assert_int_equal(covey_bits_get(&r, 1), 0);
    CHECK_STATUS(COVEY_E_SHORT, r.failed);
}

static void what_was_put_is_got_back(void **state)
{
    kit_random random = { 1 };

    (void)state;
    for (int round = 0; round < 2000; round++) {
        uint8_t storage[64];
        uint32_t values[40];
        unsigned sizes[40];
        int count = 0;
        covey_bit_writer w = covey_bit_writer_of(storage, sizeof storage);
        while (count < 40) {
            sizes[count] = kit_next(&random) % 33;
            values[count] = kit_next(&random);
            covey_bits_put(&w, values[count], sizes[count]);
            if (w.failed != COVEY_OK) {
                break;
            }
            count++;
        }
        covey_bit_reader r = covey_bit_reader_of(covey_bits_written(&w));
        for (int i = 0; i < count; i++) {
            uint64_t mask = (UINT64_C(1) << sizes[i]) - 1;
            assert_true(covey_bits_get(&r, sizes[i]) == (values[i] & mask));
        }
        assert_true(covey_bits_left(&r) < 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loads_every_length_from_every_offset),
        cmocka_unit_test(loads_no_bits_from_nowhere),
        cmocka_unit_test(equal_sees_every_single_bit_at_every_shift),
        cmocka_unit_test(nothing_equals_nothing),
        cmocka_unit_test(copies_every_length_between_all_shifts),
        cmocka_unit_test(copies_a_long_payload_between_all_shifts),
        cmocka_unit_test(copies_nothing_to_nowhere),
        cmocka_unit_test(puts_the_low_bits_of_a_value_anywhere),
        cmocka_unit_test(puts_every_span_between_all_shifts),
        cmocka_unit_test(fails_when_full_and_stays_so),
        cmocka_unit_test(refuses_a_span_whose_length_would_wrap),
        cmocka_unit_test(a_writer_without_storage_takes_no_bit),
        cmocka_unit_test(rewinds_to_every_bit),
        cmocka_unit_test(rewinding_clears_the_failure),
        cmocka_unit_test(huge_storage_is_used_up_to_the_limit),
        cmocka_unit_test(reads_and_skips_or_fails_for_good),
        cmocka_unit_test(refuses_to_skip_a_length_that_would_wrap),
        cmocka_unit_test(an_absent_span_has_no_bits),
        cmocka_unit_test(what_was_put_is_got_back),
    };

    return KIT_RUN(tests);
}
