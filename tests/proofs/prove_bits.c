/* SPDX-License-Identifier: BSD-2-Clause */
/* Harness for Frama-C's Eva (tests/proofs/run): every function of bits.h over
 * every alignment and length within twelve bytes, for all contents at once.
 * No alarm means: no access outside, no undefined shift, nothing read before
 * it is written, for any data. That results are right is shown by the
 * exhaustive tests in tests/unit/base. */
#include <covey/bits.h>

#include "__fc_builtin.h"

#include <string.h>

/* memcpy byte by byte: Frama-C's own contract refuses a pointer just past
 * the end even where nothing is copied. */
static void *model_memcpy(void *to, const void *from, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ((uint8_t *)to)[i] = ((const uint8_t *)from)[i];
    }
    return to;
}
#define memcpy model_memcpy

#include "../../core/base/bits.c"

enum {
    BYTES = 12
};

static uint8_t from[BYTES];
static uint8_t to[BYTES];

static void fill(void)
{
    /* Any contents. */
    Frama_C_make_unknown((char *)from, BYTES);
    Frama_C_make_unknown((char *)to, BYTES);
}

static void prove_load(void)
{
    for (uint32_t off = 0; off < 24; off++) {
        for (unsigned n = 0; n <= 32; n++) {
            (void)covey_bits_load(from + BYTES - (off + n + 7) / 8, off, n);
        }
    }
}

/* The spans end with the last byte, so one byte too far is an alarm. */
static void prove_spans(void)
{
    for (uint32_t a = 0; a < 8; a++) {
        for (uint32_t b = 0; b < 8; b++) {
            for (uint32_t n = 0; n <= 40; n++) {
                uint8_t *dst = to + BYTES - (a + n + 7) / 8;
                const uint8_t *src = from + BYTES - (b + n + 7) / 8;
                (void)covey_bits_equal(dst, a, src, b, n);
                covey_bits_copy(dst, a, src, b, n);
            }
        }
    }
}

static void prove_writer(void)
{
    for (size_t cap = 0; cap <= 3; cap++) {
        for (unsigned used = 0; used <= cap * 8; used++) {
            for (unsigned n = 0; n <= 32; n++) {
                uint8_t *storage = to + BYTES - cap;
                covey_bit_writer w = covey_bit_writer_of(storage, cap);
                covey_bits_put_span(&w, from, 0, used);
                covey_bits_put(&w, (uint32_t)from[0] * 0x1010101u, n);
                covey_bits_put_span(&w, from + BYTES - (3 + n + 7) / 8, 3, n);
                (void)covey_bits_written(&w);
                covey_bits_rewind(&w, used);
                covey_bits_put(&w, from[1], n);
            }
        }
    }
}

static void prove_reader(void)
{
    for (size_t len = 0; len <= 6; len++) {
        for (unsigned n = 0; n <= 32; n++) {
            covey_bit_reader r =
                covey_bit_reader_of(covey_bytes_of(from + BYTES - len, len));
            (void)covey_bits_get(&r, n);
            (void)covey_bits_skip(&r, n);
            (void)covey_bits_get(&r, 32 - n);
            (void)covey_bits_left(&r);
        }
    }
}

void prove(void);

void prove(void)
{
    fill();
    prove_load();
    prove_spans();
    prove_writer();
    prove_reader();
}
