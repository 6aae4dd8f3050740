/* SPDX-License-Identifier: BSD-2-Clause */
/* Bit reader, bit writer and bit spans, most significant bit first.
 *
 * Workload: SCHC fields of 1 to 64 bits, and payloads of up to 1,280 bytes
 * that begin at any bit. Whole bytes are moved whenever the alignment allows;
 * otherwise two neighbouring bytes make one. 32-bit arithmetic only: on
 * Cortex-M0+ wider shifts are calls.
 *
 * Invariant of the writer: bits after pos in the last byte are zero. */
#include <covey/bits.h>

#include <string.h>

/* Only the bytes that the span touches are read: at most five. */
uint32_t covey_bits_load(const uint8_t *base, uint32_t off, unsigned n)
{
    if (n == 0) {
        return 0; /* base may be NULL, and NULL + 0 has no meaning */
    }
    const uint8_t *p = base + (off >> 3);
    unsigned shift = off & 7;
    unsigned end = shift + n;
    uint32_t v = (uint32_t)p[0] << 24;
    if (end > 8) {
        v |= (uint32_t)p[1] << 16;
    }
    if (end > 16) {
        v |= (uint32_t)p[2] << 8;
    }
    if (end > 24) {
        v |= p[3];
    }
    v <<= shift;
    if (end > 32) {
        v |= (uint32_t)p[4] >> (8 - shift);
    }
    return v >> (32 - n);
}

bool covey_bits_equal(const uint8_t *a, uint32_t a_off, const uint8_t *b,
                      uint32_t b_off, uint32_t n)
{
    uint32_t step = n & ~UINT32_C(7);

    if (((a_off | b_off) & 7) == 0 && step > 0) {
        if (memcmp(a + (a_off >> 3), b + (b_off >> 3), step >> 3) != 0) {
            return false;
        }
        n -= step;
        a_off += step;
        b_off += step;
    }
    while (n > 0) {
        step = n < 32 ? n : 32;
        if (covey_bits_load(a, a_off, step) !=
            covey_bits_load(b, b_off, step)) {
            return false;
        }
        n -= step;
        a_off += step;
        b_off += step;
    }
    return true;
}

/* Whole bytes to a byte boundary, from any bit. */
static void copy_bytes(uint8_t *d, const uint8_t *src, uint32_t src_off,
                       uint32_t count)
{
    const uint8_t *s = src + (src_off >> 3);
    unsigned shift = src_off & 7;

    if (shift == 0) {
        memcpy(d, s, count);
        return;
    }
    for (; count > 0; count--, s++) {
        *d++ = (uint8_t)(s[0] << shift | s[1] >> (8 - shift));
    }
}

void covey_bits_copy(uint8_t *dst, uint32_t dst_off, const uint8_t *src,
                     uint32_t src_off, uint32_t n)
{
    if (n == 0) {
        return;
    }
    uint8_t *d = dst + (dst_off >> 3);
    unsigned at = dst_off & 7;

    while (n > 0) {
        uint32_t step = n & ~UINT32_C(7);

        if (at == 0 && step > 0) {
            copy_bytes(d, src, src_off, step >> 3);
            d += step >> 3;
        } else {
            step = 8 - at < n ? 8 - at : n;
            unsigned down = 8 - at - step;
            unsigned mask = ((1u << step) - 1) << down;
            unsigned bits = covey_bits_load(src, src_off, step) << down;
            *d = (uint8_t)((*d & ~mask) | bits);
            d++;
            at = 0;
        }
        src_off += step;
        n -= step;
    }
}

covey_bit_writer covey_bit_writer_of(uint8_t *storage, size_t cap_bytes)
{
    uint32_t cap = cap_bytes > COVEY_BITS_MAX / 8 ? COVEY_BITS_MAX
                                                  : (uint32_t)cap_bytes * 8;
    covey_bit_writer w = { storage, cap, 0, COVEY_OK };

    return w;
}

/* Room for n bits, or the failure remembered. */
static bool has_room(covey_bit_writer *w, uint32_t n)
{
    if (w->failed != COVEY_OK || n > w->cap - w->pos) {
        w->failed = COVEY_E_ROOM;
        return false;
    }
    return true;
}

void covey_bits_put(covey_bit_writer *w, uint32_t value, unsigned n)
{
    if (!has_room(w, n) || n == 0) {
        return;
    }
    uint8_t *p = w->base + (w->pos >> 3);
    unsigned at = w->pos & 7;

    w->pos += n;
    value <<= 32 - n; /* to the left end */
    *p = (uint8_t)((at ? *p : 0u) | value >> (24 + at));
    value <<= 8 - at;
    for (at += n; at > 8; at -= 8) {
        *++p = (uint8_t)(value >> 24);
        value <<= 8;
    }
}

void covey_bits_put_span(covey_bit_writer *w, const uint8_t *base,
                         uint32_t off, uint32_t n)
{
    if (n <= 32) {
        covey_bits_put(w, covey_bits_load(base, off, n), n);
        return;
    }
    if (has_room(w, n)) {
        /* The copy keeps what follows in the last byte: make that zero. */
        w->base[(w->pos + n - 1) >> 3] = 0;
        covey_bits_copy(w->base, w->pos, base, off, n);
        w->pos += n;
    }
}

void covey_bits_rewind(covey_bit_writer *w, uint32_t pos)
{
    w->pos = pos;
    w->failed = COVEY_OK;
    if ((pos & 7) != 0) {
        uint8_t *last = &w->base[pos >> 3];
        *last = (uint8_t)(*last & ~(0xffu >> (pos & 7)));
    }
}

covey_bytes covey_bits_written(const covey_bit_writer *w)
{
    return covey_bytes_of(w->base, (w->pos + 7) >> 3);
}

covey_bit_reader covey_bit_reader_of(covey_bytes bytes)
{
    uint32_t len = bytes.len > COVEY_BITS_MAX / 8 ? COVEY_BITS_MAX
                                                  : (uint32_t)bytes.len * 8;
    covey_bit_reader r = { bytes.ptr, len, 0, COVEY_OK };

    return r;
}

uint32_t covey_bits_skip(covey_bit_reader *r, uint32_t n)
{
    uint32_t at = r->pos;

    if (r->failed != COVEY_OK || n > r->len - r->pos) {
        r->failed = COVEY_E_SHORT;
        return at;
    }
    r->pos += n;
    return at;
}

uint32_t covey_bits_get(covey_bit_reader *r, unsigned n)
{
    uint32_t at = covey_bits_skip(r, n);

    return r->failed == COVEY_OK ? covey_bits_load(r->base, at, n) : 0;
}

uint32_t covey_bits_left(const covey_bit_reader *r)
{
    return r->failed == COVEY_OK ? r->len - r->pos : 0;
}
