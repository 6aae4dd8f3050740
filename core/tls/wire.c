/* SPDX-License-Identifier: BSD-2-Clause */
/* Vectors of RFC 8446 Section 3.4 and the DER of ECDSA signatures. */
#include "tls_internal.h"

enum {
    DER_SEQUENCE = 0x30,
    DER_INTEGER = 0x02
};

size_t covey__tls_begin(covey_writer *w, size_t n)
{
    (void)covey_write_reserve(w, n);
    return w->pos;
}

void covey__tls_end(covey_writer *w, size_t n, size_t at)
{
    size_t len = w->pos - at;

    if (w->failed != COVEY_OK) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        w->base[at - 1 - i] = (uint8_t)(len >> 8 * i);
    }
}

static uint32_t read_u24(covey_reader *r)
{
    uint32_t high = covey_read_u8(r);

    return high << 16 | covey_read_u16(r);
}

covey_bytes covey__tls_vector(covey_reader *r, size_t n)
{
    size_t len = n == 1   ? covey_read_u8(r)
                 : n == 2 ? covey_read_u16(r)
                          : read_u24(r);

    return covey_read_bytes(r, len);
}

/* A positive integer in its shortest form, as `half` bytes. */
static bool read_integer(covey_reader *r, uint8_t *out, size_t half)
{
    uint8_t tag = covey_read_u8(r);
    covey_bytes v = covey__tls_vector(r, 1);

    if (r->failed != COVEY_OK || tag != DER_INTEGER || v.len == 0 ||
        (v.ptr[0] & 0x80) != 0) {
        return false;
    }
    if (v.ptr[0] == 0 && v.len > 1) {
        if ((v.ptr[1] & 0x80) == 0) {
            return false;
        }
        v = covey_bytes_of(v.ptr + 1, v.len - 1);
    }
    if (v.len > half) {
        return false;
    }
    memset(out, 0, half - v.len);
    memcpy(out + half - v.len, v.ptr, v.len);
    return true;
}

/* With curves of up to 384 bits all lengths have one byte. */
bool covey__tls_ecdsa_raw(covey_bytes der, uint8_t *raw, size_t half)
{
    covey_reader r = covey_reader_of(der);
    uint8_t tag = covey_read_u8(&r);
    covey_bytes both = covey__tls_vector(&r, 1);
    covey_reader in = covey_reader_of(both);

    return covey_read_done(&r) && tag == DER_SEQUENCE && both.len < 128 &&
           read_integer(&in, raw, half) &&
           read_integer(&in, raw + half, half) && covey_read_done(&in);
}

static void write_integer(covey_writer *w, const uint8_t *v, size_t len)
{
    while (len > 1 && *v == 0) {
        v++;
        len--;
    }
    covey_write_u8(w, DER_INTEGER);
    covey_write_u8(w, (uint8_t)(len + (*v >> 7)));
    if (*v & 0x80) {
        covey_write_u8(w, 0);
    }
    covey_write_bytes(w, covey_bytes_of(v, len));
}

void covey__tls_ecdsa_der(covey_bytes raw, covey_writer *w)
{
    size_t half = raw.len / 2;
    size_t at = 0;

    covey_write_u8(w, DER_SEQUENCE);
    at = covey__tls_begin(w, 1);
    write_integer(w, raw.ptr, half);
    write_integer(w, raw.ptr + half, half);
    covey__tls_end(w, 1, at);
}
