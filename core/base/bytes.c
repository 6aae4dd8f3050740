/* SPDX-License-Identifier: BSD-2-Clause */
/* Sticky-failure reader and writer over bytes. Invariant of both: pos never
 * exceeds the length, so `len - pos` never wraps. */
#include <covey/bytes.h>

#include <string.h>

covey_bytes covey_bytes_text(const char *text)
{
    size_t len = 0;

    /* Without its bound the compiler knows this loop as strlen, which the
     * core does not have. */
    while (len < COVEY_TEXT_MAX && text[len] != '\0') {
        len++;
    }
    return covey_bytes_of((const uint8_t *)text, len);
}

bool covey_bytes_equal(covey_bytes a, covey_bytes b)
{
    if (a.ptr == NULL || b.ptr == NULL) {
        return a.ptr == b.ptr;
    }
    return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

covey_reader covey_reader_of(covey_bytes bytes)
{
    /* Not NULL even for an absent span: NULL + 0 has no meaning in C. */
    static const uint8_t nothing[1] = { 0 };
    covey_reader r = { bytes.ptr ? bytes.ptr : nothing, bytes.len, 0,
                       COVEY_OK };
    return r;
}

/* The only place where a reader moves: n bytes from here, or NULL and the
 * failure remembered. */
static const uint8_t *take(covey_reader *r, size_t n)
{
    const uint8_t *p = NULL;

    if (r->failed == COVEY_OK && n <= r->len - r->pos) {
        p = r->base + r->pos;
        r->pos += n;
    } else {
        r->failed = COVEY_E_SHORT;
    }
    return p;
}

uint8_t covey_read_u8(covey_reader *r)
{
    const uint8_t *p = take(r, 1);
    return p ? p[0] : 0;
}

uint16_t covey_read_u16(covey_reader *r)
{
    const uint8_t *p = take(r, 2);
    return p ? (uint16_t)((unsigned)p[0] << 8 | p[1]) : 0;
}

uint32_t covey_read_u32(covey_reader *r)
{
    const uint8_t *p = take(r, 4);
    return p ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
                   (uint32_t)p[2] << 8 | p[3]
             : 0;
}

covey_bytes covey_read_bytes(covey_reader *r, size_t n)
{
    const uint8_t *p = take(r, n);
    return covey_bytes_of(p, p ? n : 0);
}

covey_bytes covey_read_rest(covey_reader *r)
{
    return covey_read_bytes(r, r->len - r->pos);
}

size_t covey_read_left(const covey_reader *r)
{
    return r->failed == COVEY_OK ? r->len - r->pos : 0;
}

bool covey_read_done(const covey_reader *r)
{
    return r->failed == COVEY_OK && r->pos == r->len;
}

covey_writer covey_writer_of(uint8_t *storage, size_t cap)
{
    covey_writer w = { storage, cap, 0, COVEY_OK };
    return w;
}

/* The only place where a writer moves. */
static uint8_t *claim(covey_writer *w, size_t n)
{
    uint8_t *p = NULL;

    if (w->failed == COVEY_OK && n <= w->cap - w->pos) {
        /* Storage of no bytes may be NULL, and NULL + 0 has no meaning. */
        p = w->pos > 0 ? w->base + w->pos : w->base;
        w->pos += n;
    } else {
        w->failed = COVEY_E_ROOM;
    }
    return p;
}

void covey_write_u8(covey_writer *w, uint8_t v)
{
    uint8_t *p = claim(w, 1);

    if (p) {
        p[0] = v;
    }
}

void covey_write_u16(covey_writer *w, uint16_t v)
{
    uint8_t *p = claim(w, 2);

    if (p) {
        p[0] = (uint8_t)(v >> 8);
        p[1] = (uint8_t)v;
    }
}

void covey_write_u32(covey_writer *w, uint32_t v)
{
    uint8_t *p = claim(w, 4);

    if (p) {
        p[0] = (uint8_t)(v >> 24);
        p[1] = (uint8_t)(v >> 16);
        p[2] = (uint8_t)(v >> 8);
        p[3] = (uint8_t)v;
    }
}

void covey_write_bytes(covey_writer *w, covey_bytes bytes)
{
    uint8_t *p = claim(w, bytes.len);

    if (p && bytes.len > 0) {
        memcpy(p, bytes.ptr, bytes.len);
    }
}

uint8_t *covey_write_reserve(covey_writer *w, size_t n)
{
    uint8_t *p = claim(w, n);

    if (p && n > 0) {
        memset(p, 0, n);
    }
    return p;
}

covey_bytes covey_written(const covey_writer *w)
{
    return covey_bytes_of(w->base, w->pos);
}
