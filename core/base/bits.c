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

/* Up to 8 bits that may straddle two bytes, right-aligned; n is 1 to 8. */
static unsigned load8(const uint8_t *p, unsigned shift, unsigned n)
{
    unsigned v = (unsigned)p[0] << 8;

    if (shift + n > 8) {
        v |= p[1];
    }
    return (v >> (16 - shift - n)) & ((1u << n) - 1);
}

uint32_t covey_bits_load(const uint8_t *base, uint32_t off, unsigned n)
{
    if (n == 0) {
        return 0;
    }
    const uint8_t *p = base + (off >> 3);
    unsigned left = n + (off & 7);
    uint32_t v = 0;

    /* The first byte's leading bits fall off at the top, or are masked. */
    v = *p++ & (0xffu >> (off & 7));
    while (left > 15) {
        v = v << 8 | *p++;
        left -= 8;
    }
    if (left > 8) {
        left -= 8;
        v = v << left | (uint32_t)*p >> (8 - left);
    } else {
        v >>= 8 - left;
    }
    return v;
}

bool covey_bits_equal(const uint8_t *a, uint32_t a_off, const uint8_t *b,
                      uint32_t b_off, uint32_t n)
{
    if (((a_off | b_off) & 7) == 0) {
        uint32_t whole = n >> 3;
        if (whole > 0 &&
            memcmp(a + (a_off >> 3), b + (b_off >> 3), whole) != 0) {
            return false;
        }
        a_off += whole * 8;
        b_off += whole * 8;
        n &= 7;
    }
    while (n > 0) {
        unsigned step = n < 24 ? n : 24;
        if (covey_bits_load(a, a_off, step) !=
            covey_bits_load(b, b_off, step)) {
            return false;
        }
        a_off += step;
        b_off += step;
        n -= step;
    }
    return true;
}

void covey_bits_copy(uint8_t *dst, uint32_t dst_off, const uint8_t *src,
                     uint32_t src_off, uint32_t n)
{
    if (n == 0) {
        return;
    }
    uint8_t *d = dst + (dst_off >> 3);
    const uint8_t *s = src + (src_off >> 3);
    unsigned d_shift = dst_off & 7;
    unsigned s_shift = src_off & 7;
    unsigned head = 8 - d_shift < n ? 8 - d_shift : n;

    if (d_shift != 0) {
        unsigned down = 8 - d_shift - head;
        unsigned mask = ((1u << head) - 1) << down;
        *d = (uint8_t)((*d & ~mask) | load8(s, s_shift, head) << down);
        d++;
        s += (s_shift + head) >> 3;
        s_shift = (s_shift + head) & 7;
        n -= head;
    }
    if (s_shift == 0) {
        memcpy(d, s, n >> 3);
        d += n >> 3;
        s += n >> 3;
    } else {
        for (uint32_t i = n >> 3; i > 0; i--, s++) {
            *d++ = (uint8_t)(s[0] << s_shift | s[1] >> (8 - s_shift));
        }
    }
    n &= 7;
    if (n > 0) {
        unsigned v = load8(s, s_shift, n) << (8 - n);
        *d = (uint8_t)((*d & (0xffu >> n)) | v);
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
    unsigned used = w->pos & 7;

    w->pos += n;
    while (n > 0) {
        unsigned take = 8 - used < n ? 8 - used : n;
        unsigned bits = (value >> (n - take)) & ((1u << take) - 1);
        unsigned keep = used ? *p : 0;

        *p++ = (uint8_t)(keep | bits << (8 - used - take));
        n -= take;
        used = 0;
    }
}

void covey_bits_put_span(covey_bit_writer *w, const uint8_t *base,
                         uint32_t off, uint32_t n)
{
    if (!has_room(w, n) || n == 0) {
        return;
    }
    uint32_t end = w->pos + n;

    /* The copy keeps what follows in the last byte, so that must be zero. */
    if ((w->pos & 7) == 0 || (w->pos >> 3) != ((end - 1) >> 3)) {
        w->base[(end - 1) >> 3] = 0;
    }
    covey_bits_copy(w->base, w->pos, base, off, n);
    w->pos = end;
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
