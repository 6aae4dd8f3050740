/* SPDX-License-Identifier: BSD-2-Clause */
/* The first flight of a TLS or DTLS server. First byte: which of the two, and
 * for TLS where the stream is cut: that makes no difference. Entries and the
 * key exchange lie in what was gathered. */
#include <apps/covey-audit/flight.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static flight whole;
static flight parts;

static void check(bool good)
{
    if (!good) {
        abort();
    }
}

static void check_flight(const flight *f)
{
    check(f->len <= FLIGHT_MAX && f->pos <= f->len);
    check(f->count <= FLIGHT_ENTRIES);
    check(f->state != FLIGHT_CERTIFICATES || f->count > 0);
    check(f->exchange.ptr == NULL || f->state == FLIGHT_CERTIFICATES);
    check(f->exchange.ptr == NULL ||
          (f->exchange.ptr >= f->messages &&
           f->exchange.ptr + f->exchange.len <= f->messages + f->len));
    for (size_t i = 0; i < f->count; i++) {
        const covey_bytes e = f->entries[i];
        check(e.ptr >= f->messages && e.len <= f->len &&
              e.ptr + e.len <= f->messages + f->len);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > 40000) {
        return 0;
    }
    const bool dtls = (data[0] & 1) != 0;
    const covey_bytes in = covey_bytes_of(data + 1, size - 1);
    const size_t step = (size_t)(data[0] >> 1) + 1;

    flight_begin(&whole, dtls);
    (void)flight_take(&whole, in);
    check_flight(&whole);
    flight_begin(&parts, dtls);
    for (size_t at = 0; at < in.len; at += step) {
        const size_t left = in.len - at;
        (void)flight_take(
            &parts, covey_bytes_of(in.ptr + at, left < step ? left : step));
        check_flight(&parts);
    }
    check(dtls || (parts.state == whole.state && parts.count == whole.count &&
                   parts.exchange.len == whole.exchange.len));
    return 0;
}
