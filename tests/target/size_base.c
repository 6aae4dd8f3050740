/* SPDX-License-Identifier: BSD-2-Clause */
/* What every image with a module of the core has anyway: the functions of
 * base that SCHC uses, and the C library's memcpy and its friends. The text of
 * size_schc.c less this one is what SCHC adds (tools/size-report). */
#include <covey/bits.h>

#include <string.h>

static uint8_t *volatile storage;
static volatile uint32_t number;

static uint32_t bytes(void)
{
    covey_writer w = covey_writer_of(storage, number);
    covey_bytes some = covey_bytes_of(storage, number);
    const uint8_t *reserved = covey_write_reserve(&w, number);

    covey_write_u8(&w, (uint8_t)number);
    covey_write_bytes(&w, some);
    memset(storage, (int)number, number);
    memcpy(storage + number, storage, number);
    return (uint32_t)w.pos + (reserved != NULL) +
           (memcmp(storage, storage + number, number) == 0);
}

static uint32_t bits(void)
{
    covey_bit_writer w = covey_bit_writer_of(storage, number);
    covey_bit_reader r = covey_bit_reader_of(covey_bytes_of(storage, number));

    covey_bits_put(&w, number, number);
    covey_bits_put_span(&w, storage, number, number);
    covey_bits_rewind(&w, number);
    covey_bits_copy(storage, number, storage, number, number);
    return covey_bits_get(&r, number) + covey_bits_skip(&r, number) +
           covey_bits_left(&r) + covey_bits_load(storage, number, number) +
           covey_bits_equal(storage, number, storage, number, number) + w.pos;
}

int main(void)
{
    return (int)(bytes() + bits());
}
