/* SPDX-License-Identifier: BSD-2-Clause */
#include "flight.h"

#include <string.h>

enum {
    RECORD_ALERT = 21, /* RFC 5246 Appendix A.1 */
    RECORD_HANDSHAKE = 22,
    SERVER_HELLO = 2,
    CERTIFICATE = 11,
    SERVER_KEY_EXCHANGE = 12,
    CERTIFICATE_STATUS = 22, /* RFC 6066 Section 8 */
    HEAD = 4,                /* type and length of a message */
    DTLS_HEAD = 12, /* and its number and piece, RFC 6347 Section 4.2.2 */
    TLS_RECORD = 5
};

static uint32_t read_u24(covey_reader *r)
{
    const uint32_t high = covey_read_u8(r);

    return high << 16 | covey_read_u16(r);
}

static flight_state end(flight *f, flight_state state)
{
    f->state = state;
    return state;
}

void flight_begin(flight *f, bool dtls)
{
    f->dtls = dtls;
    f->state = FLIGHT_MORE;
    f->alert = 0;
    f->len = 0;
    f->pos = 0;
    f->begun = false;
    f->seq = 0;
    f->raw_len = 0;
    memset(f->random, 0, sizeof f->random);
    f->count = 0;
    f->exchange = covey_bytes_of(NULL, 0);
}

/* --- messages ------------------------------------------------------------ */

/* RFC 5246 Section 7.4.2. */
static flight_state read_entries(flight *f, covey_bytes body)
{
    covey_reader r = covey_reader_of(body);
    covey_reader list = covey_reader_of(covey_read_bytes(&r, read_u24(&r)));

    while (covey_read_left(&list) > 0) {
        const covey_bytes one = covey_read_bytes(&list, read_u24(&list));
        if (list.failed != COVEY_OK || f->count == FLIGHT_ENTRIES) {
            f->count = 0;
            return end(f, FLIGHT_OTHER);
        }
        f->entries[f->count++] = one;
    }
    if (!covey_read_done(&r)) {
        f->count = 0;
        return end(f, FLIGHT_OTHER);
    }
    return f->count > 0 ? f->state : end(f, FLIGHT_NONE);
}

static void read_hello(flight *f, covey_bytes body)
{
    covey_reader r = covey_reader_of(body);

    covey_read_u16(&r); /* version */
    const covey_bytes random = covey_read_bytes(&r, FLIGHT_RANDOM);
    if (r.failed == COVEY_OK) {
        memcpy(f->random, random.ptr, FLIGHT_RANDOM);
    }
}

/* RFC 5246 Section 7.3: ServerHello, Certificate, maybe its status, and
 * ServerKeyExchange, unless the key of the certificate itself is used. */
static void read_message(flight *f, uint8_t type, covey_bytes body)
{
    if (f->count > 0 && type == CERTIFICATE_STATUS) {
        return;
    }
    if (f->count > 0) {
        f->exchange = type == SERVER_KEY_EXCHANGE ? body : f->exchange;
        (void)end(f, FLIGHT_CERTIFICATES);
    } else if (type == CERTIFICATE) {
        (void)read_entries(f, body);
    } else if (type == SERVER_HELLO) {
        read_hello(f, body);
    } else {
        (void)end(f, FLIGHT_NONE); /* a key exchange without any */
    }
}

/* Messages that are there whole. */
static flight_state read_messages(flight *f)
{
    while (f->state == FLIGHT_MORE && f->len - f->pos >= HEAD) {
        const uint8_t *at = f->messages + f->pos;
        const size_t len =
            (size_t)at[1] << 16 | (size_t)at[2] << 8 | (size_t)at[3];
        if (len > FLIGHT_MAX - HEAD - f->pos) {
            return end(f, FLIGHT_OTHER);
        }
        if (len > f->len - f->pos - HEAD) {
            break;
        }
        f->pos += HEAD + len;
        f->seq++;
        read_message(f, at[0], covey_bytes_of(at + HEAD, len));
    }
    return f->state;
}

static bool append(flight *f, covey_bytes more)
{
    if (more.len > sizeof f->messages - f->len) {
        return false;
    }
    if (more.len > 0) {
        memcpy(f->messages + f->len, more.ptr, more.len);
    }
    f->len += more.len;
    return true;
}

/* A piece of the message that comes next, if it goes on where the last one has
 * ended; a message stands in `messages` as TLS has it. */
static flight_state take_piece(flight *f, covey_reader *r)
{
    const covey_bytes head = covey_bytes_of(r->base + r->pos, HEAD);

    const uint8_t type = covey_read_u8(r);
    read_u24(r);
    const uint16_t seq = covey_read_u16(r);
    const uint32_t offset = read_u24(r);
    const covey_bytes piece = covey_read_bytes(r, read_u24(r));
    if (r->failed != COVEY_OK) {
        return end(f, FLIGHT_OTHER);
    }
    /* behind a HelloVerifyRequest it has another number */
    if (!f->begun && type == SERVER_HELLO) {
        f->begun = true;
        f->seq = seq;
    }
    const size_t have = f->len - f->pos;
    if (!f->begun || seq != f->seq ||
        (have == 0 ? offset != 0 : offset + HEAD != have)) {
        return f->state;
    }
    if ((have == 0 && !append(f, head)) || !append(f, piece)) {
        return end(f, FLIGHT_OTHER);
    }
    return read_messages(f);
}

/* --- records ------------------------------------------------------------- */

static flight_state take_body(flight *f, uint8_t type, covey_bytes body)
{
    covey_reader r = covey_reader_of(body);

    if (type == RECORD_ALERT) {
        covey_read_u8(&r);
        f->alert = covey_read_u8(&r);
        return end(f, FLIGHT_ALERT);
    }
    if (type != RECORD_HANDSHAKE) {
        return end(f, FLIGHT_OTHER);
    }
    if (!f->dtls) {
        return append(f, body) ? read_messages(f) : end(f, FLIGHT_OTHER);
    }
    while (f->state == FLIGHT_MORE && covey_read_left(&r) >= DTLS_HEAD) {
        (void)take_piece(f, &r);
    }
    return f->state;
}

static flight_state take_datagram(flight *f, covey_bytes in)
{
    covey_reader r = covey_reader_of(in);

    while (f->state == FLIGHT_MORE && covey_read_left(&r) > 0) {
        const uint8_t type = covey_read_u8(&r);
        const uint8_t major = covey_read_u8(&r);
        covey_read_bytes(&r, 9); /* minor version, epoch, number */
        const covey_bytes body = covey_read_bytes(&r, covey_read_u16(&r));
        if (r.failed != COVEY_OK || major != 0xfe) {
            return end(f, FLIGHT_OTHER);
        }
        (void)take_body(f, type, body);
    }
    return f->state;
}

/* Records that are there whole; what is left of `raw` moves to its front. */
static flight_state take_stream(flight *f)
{
    size_t pos = 0;

    while (f->state == FLIGHT_MORE && f->raw_len - pos >= TLS_RECORD) {
        const uint8_t *at = f->raw + pos;
        const size_t len = (size_t)at[3] << 8 | (size_t)at[4];
        if (at[1] != 0x03 || len > FLIGHT_MAX) {
            return end(f, FLIGHT_OTHER);
        }
        if (len > f->raw_len - pos - TLS_RECORD) {
            break;
        }
        (void)take_body(f, at[0], covey_bytes_of(at + TLS_RECORD, len));
        pos += TLS_RECORD + len;
    }
    memmove(f->raw, f->raw + pos, f->raw_len - pos);
    f->raw_len -= pos;
    return f->state;
}

flight_state flight_take(flight *f, covey_bytes in)
{
    if (f->dtls) {
        return take_datagram(f, in);
    }
    while (f->state == FLIGHT_MORE && in.len > 0) {
        const size_t room = sizeof f->raw - f->raw_len;
        const size_t n = in.len < room ? in.len : room;
        memcpy(f->raw + f->raw_len, in.ptr, n);
        f->raw_len += n;
        in = covey_bytes_of(in.ptr + n, in.len - n);
        (void)take_stream(f);
    }
    return f->state;
}
