/* SPDX-License-Identifier: BSD-2-Clause */
/* Bits and bytes on the processor itself: unaligned spans, shifts and 32-bit
 * arithmetic are where a small core differs from a large one. The model
 * handles one bit at a time, as in tests/unit/base/test_bits.c. */
#include "runner.h"

#include <covey/bits.h>

#include <string.h>

static unsigned get_bit(const uint8_t *base, uint32_t at)
{
    return (unsigned)base[at / 8] >> (7 - at % 8) & 1;
}

static void set_bit(uint8_t *base, uint32_t at, unsigned bit)
{
    unsigned mask = 1u << (7 - at % 8);
    base[at / 8] = (uint8_t)(bit ? base[at / 8] | mask : base[at / 8] & ~mask);
}

static void fill(uint8_t *p, size_t n, uint32_t seed)
{
    for (size_t i = 0; i < n; i++) {
        seed = seed * 1664525u + 1013904223u;
        p[i] = (uint8_t)(seed >> 24);
    }
}

static void loads_every_length_from_every_offset(void)
{
    uint8_t p[8];

    run_case("load");
    fill(p, sizeof p, 1);
    for (uint32_t off = 0; off < 24; off++) {
        for (unsigned n = 0; n <= 32; n++) {
            uint32_t expected = 0;
            for (unsigned i = 0; i < n; i++) {
                expected = expected << 1 | get_bit(p, off + i);
            }
            CHECK(covey_bits_load(p, off, n) == expected);
        }
    }
}

static void copies_between_all_shifts(void)
{
    uint8_t src[8];
    uint8_t expected[8];
    uint8_t actual[8];

    run_case("copy and equal");
    fill(src, sizeof src, 2);
    for (uint32_t shifts = 0; shifts < 64; shifts++) {
        for (uint32_t n = 0; n <= 40; n++) {
            fill(expected, sizeof expected, n);
            memcpy(actual, expected, sizeof actual);
            for (uint32_t i = 0; i < n; i++) {
                set_bit(expected, shifts / 8 + i,
                        get_bit(src, shifts % 8 + i));
            }
            covey_bits_copy(actual, shifts / 8, src, shifts % 8, n);
            CHECK(memcmp(actual, expected, sizeof actual) == 0);
            CHECK(covey_bits_equal(actual, shifts / 8, src, shifts % 8, n));
        }
    }
}

static void gets_back_what_was_put(void)
{
    uint8_t storage[64];
    covey_bit_writer w = covey_bit_writer_of(storage, sizeof storage);

    run_case("put and get");
    for (unsigned n = 1; n <= 31; n++) {
        covey_bits_put(&w, 0x55555555u, n);
    }
    CHECK(w.failed == COVEY_OK && w.pos == 496);
    covey_bit_reader r = covey_bit_reader_of(covey_bits_written(&w));
    for (unsigned n = 1; n <= 31; n++) {
        CHECK(covey_bits_get(&r, n) == (0x55555555u & ((1u << n) - 1)));
    }
    CHECK(covey_bits_left(&r) == 0);
    covey_bits_put(&w, 0, 17);
    CHECK(w.failed == COVEY_E_ROOM && w.pos == 496);
    CHECK(covey_bits_get(&r, 1) == 0 && r.failed == COVEY_E_SHORT);
}

static void reads_unaligned_integers(void)
{
    uint8_t p[8];

    run_case("reader");
    fill(p, sizeof p, 3);
    for (size_t at = 0; at <= 4; at++) {
        covey_reader r = covey_reader_of(covey_bytes_of(p + at, 4));
        uint32_t expected = (uint32_t)p[at] << 24 | (uint32_t)p[at + 1] << 16 |
                            (uint32_t)p[at + 2] << 8 | p[at + 3];
        CHECK(covey_read_u32(&r) == expected);
        CHECK(covey_read_done(&r));
        CHECK(covey_read_u8(&r) == 0 && r.failed == COVEY_E_SHORT);
    }
}

static void refuses_lengths_that_would_wrap(void)
{
    uint8_t p[4] = { 1, 2, 3, 4 };
    covey_reader r = covey_reader_of(covey_bytes_of(p, sizeof p));
    covey_writer w = covey_writer_of(p, sizeof p);
    covey_bit_reader b = covey_bit_reader_of(covey_bytes_of(p, sizeof p));

    run_case("wrap");
    (void)covey_read_u8(&r);
    CHECK(covey_read_bytes(&r, SIZE_MAX).ptr == NULL);
    CHECK(r.failed == COVEY_E_SHORT);
    covey_write_u8(&w, 1);
    CHECK(covey_write_reserve(&w, SIZE_MAX) == NULL);
    CHECK(w.failed == COVEY_E_ROOM);
    (void)covey_bits_get(&b, 5);
    (void)covey_bits_skip(&b, UINT32_MAX);
    CHECK(b.failed == COVEY_E_SHORT && b.pos == 5);
}

int main(void)
{
    loads_every_length_from_every_offset();
    copies_between_all_shifts();
    gets_back_what_was_put();
    reads_unaligned_integers();
    refuses_lengths_that_would_wrap();
    return run_result();
}
