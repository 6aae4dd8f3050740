/* SPDX-License-Identifier: BSD-2-Clause */
/* CBOR in its deterministic encoding (RFC 8949 Section 4.2.1). Floating point
 * and indefinite lengths are never written. */
#include <covey/cbor.h>

#include "cbor_internal.h"

#include <string.h>

size_t covey_cbor_head_size(uint64_t argument)
{
    if (argument < INFO_1) {
        return 1;
    }
    if (argument <= UINT8_MAX) {
        return 2;
    }
    if (argument <= UINT16_MAX) {
        return 3;
    }
    return argument <= UINT32_MAX ? 5 : 9;
}

/* All of the head or, without room, nothing. */
static void put_head(covey_writer *w, unsigned major, uint64_t argument)
{
    unsigned info = INFO_1;
    uint8_t *p;
    size_t size;

    if (argument < INFO_1) {
        covey_write_u8(w, (uint8_t)(major << 5 | (unsigned)argument));
        return;
    }
    size = covey_cbor_head_size(argument);
    p = covey_write_reserve(w, size);
    if (p == NULL) {
        return;
    }
    for (size_t n = size - 1; n > 1; n /= 2) { /* 1, 2, 4, 8 bytes */
        info++;
    }
    p[0] = (uint8_t)(major << 5 | info);
    while (--size > 0) {
        p[size] = (uint8_t)argument;
        argument >>= 8;
    }
}

/* Major type and argument of an integer: -1 - n stands for n. */
static unsigned split(int64_t value, uint64_t *argument)
{
    *argument = value < 0 ? ~(uint64_t)value : (uint64_t)value;
    return value < 0 ? MAJOR_NINT : MAJOR_UINT;
}

size_t covey_cbor_int_size(int64_t value)
{
    uint64_t argument;

    (void)split(value, &argument);
    return covey_cbor_head_size(argument);
}

void covey_cbor_put_uint(covey_writer *w, uint64_t value)
{
    put_head(w, MAJOR_UINT, value);
}

void covey_cbor_put_int(covey_writer *w, int64_t value)
{
    uint64_t argument;
    unsigned major = split(value, &argument);

    put_head(w, major, argument);
}

void covey_cbor_put_bytes_head(covey_writer *w, size_t len)
{
    put_head(w, MAJOR_BYTES, len);
}

void covey_cbor_put_bytes(covey_writer *w, covey_bytes bytes)
{
    put_head(w, MAJOR_BYTES, bytes.len);
    covey_write_bytes(w, bytes);
}

void covey_cbor_put_text(covey_writer *w, covey_bytes text)
{
    put_head(w, MAJOR_TEXT, text.len);
    covey_write_bytes(w, text);
}

void covey_cbor_put_array(covey_writer *w, size_t count)
{
    put_head(w, MAJOR_ARRAY, count);
}

void covey_cbor_put_map(covey_writer *w, size_t count)
{
    put_head(w, MAJOR_MAP, count);
}

void covey_cbor_put_tag(covey_writer *w, uint64_t tag)
{
    put_head(w, MAJOR_TAG, tag);
}

void covey_cbor_put_bool(covey_writer *w, bool value)
{
    put_head(w, MAJOR_OTHER, value ? SIMPLE_TRUE : SIMPLE_FALSE);
}

void covey_cbor_put_null(covey_writer *w)
{
    put_head(w, MAJOR_OTHER, SIMPLE_NULL);
}

void covey_cbor_put_simple(covey_writer *w, uint8_t value)
{
    if (value < SIMPLE_RESERVED || value >= SIMPLE_LONG) {
        put_head(w, MAJOR_OTHER, value);
    } else if (w->failed == COVEY_OK) {
        w->failed = COVEY_E_ARGUMENT;
    }
}

covey_cbor_wrapping covey_cbor_wrap(covey_writer *w, size_t expected)
{
    covey_cbor_wrapping wrap = { w->pos, 0 };

    (void)covey_write_reserve(w, covey_cbor_head_size(expected));
    wrap.content = w->pos;
    return wrap;
}

void covey_cbor_wrap_end(covey_writer *w, covey_cbor_wrapping wrap)
{
    size_t len = w->pos - wrap.content;
    size_t size = covey_cbor_head_size(len);
    size_t reserved = wrap.content - wrap.head;

    if (size > reserved) {
        (void)covey_write_reserve(w, size - reserved);
    }
    if (w->failed != COVEY_OK) {
        return;
    }
    if (size != reserved) {
        memmove(w->base + wrap.head + size, w->base + wrap.content, len);
    }
    w->pos = wrap.head;
    put_head(w, MAJOR_BYTES, len);
    w->pos += len;
}
