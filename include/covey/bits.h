/* SPDX-License-Identifier: BSD-2-Clause */
/* Bits, most significant first, as SCHC sends them (RFC 8724 Section 7).
 * Positions and lengths count bits. A span of bits is a base pointer and an
 * offset in bits from it; callers guarantee that the bytes exist. */
#ifndef COVEY_BITS_H
#define COVEY_BITS_H

#include <covey/bytes.h>

/* The longest bit string the functions below accept: 2^28 - 1 bits, so that
 * positions never wrap. */
#define COVEY_BITS_MAX 0x0fffffffu

/* n bits (0 to 32) at offset `off`, right-aligned. */
uint32_t covey_bits_load(const uint8_t *base, uint32_t off, unsigned n);

/* True if n bits at a+a_off equal n bits at b+b_off. */
bool covey_bits_equal(const uint8_t *a, uint32_t a_off, const uint8_t *b,
                      uint32_t b_off, uint32_t n);

/* Caller's storage being filled with bits. Bits after `pos` in the last byte
 * are always zero. `failed` is COVEY_OK or COVEY_E_ROOM and sticks. */
typedef struct covey_bit_writer {
    uint8_t *base;
    uint32_t cap; /* bits */
    uint32_t pos; /* bits written */
    covey_status failed;
} covey_bit_writer;

/* A storage longer than COVEY_BITS_MAX bits is used only that far. */
covey_bit_writer covey_bit_writer_of(uint8_t *storage, size_t cap_bytes);
/* The n (0 to 32) least significant bits of `value`. */
void covey_bits_put(covey_bit_writer *w, uint32_t value, unsigned n);
/* n bits at base+off; must not overlap the writer's storage. */
void covey_bits_put_span(covey_bit_writer *w, const uint8_t *base,
                         uint32_t off, uint32_t n);
/* Forgets everything after `pos`, which is not beyond what was written, and
 * clears a failure that came after it. */
void covey_bits_rewind(covey_bit_writer *w, uint32_t pos);
/* The bytes so far, the last one padded with zero bits. */
covey_bytes covey_bits_written(const covey_bit_writer *w);

/* `failed` is COVEY_OK or COVEY_E_SHORT and sticks; reads then give 0. */
typedef struct covey_bit_reader {
    const uint8_t *base;
    uint32_t len; /* bits */
    uint32_t pos; /* bits read */
    covey_status failed;
} covey_bit_reader;

/* Bytes beyond COVEY_BITS_MAX bits are not read. */
covey_bit_reader covey_bit_reader_of(covey_bytes bytes);
/* n (0 to 32) bits, right-aligned. */
uint32_t covey_bits_get(covey_bit_reader *r, unsigned n);
/* Passes over n bits and returns the offset where they begin. */
uint32_t covey_bits_skip(covey_bit_reader *r, uint32_t n);
uint32_t covey_bits_left(const covey_bit_reader *r);

/* Overwrites n bits at dst+dst_off, leaving the neighbours as they are. */
void covey_bits_copy(uint8_t *dst, uint32_t dst_off, const uint8_t *src,
                     uint32_t src_off, uint32_t n);

#endif
