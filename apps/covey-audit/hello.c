/* SPDX-License-Identifier: BSD-2-Clause */
#include "hello.h"

enum {
    RECORD_ALERT = 21, /* RFC 5246 Appendix A.1 */
    RECORD_HANDSHAKE = 22,
    CLIENT_HELLO = 1,
    SERVER_HELLO = 2,
    HELLO_VERIFY_REQUEST = 3, /* RFC 6347 Section 4.3.2 */
    ALERT_FATAL = 2,
    ALERT_USER_CANCELED = 90,
    EXT_NAME = 0,    /* RFC 6066 Section 3 */
    EXT_GROUPS = 10, /* RFC 8422 */
    EXT_POINTS = 11,
    EXT_SIGNATURES = 13 /* RFC 5246 */
};

/* --- writing ------------------------------------------------------------- */

/* Puts a length of two bytes where room was left for it. */
static void close_u16(covey_writer *w, size_t at)
{
    if (w->failed == COVEY_OK) {
        const size_t len = w->pos - at - 2;
        w->base[at] = (uint8_t)(len >> 8);
        w->base[at + 1] = (uint8_t)(len & 0xff);
    }
}

static size_t open_u16(covey_writer *w)
{
    const size_t at = w->pos;

    covey_write_u16(w, 0);
    return at;
}

static void write_list(covey_writer *w, uint16_t extension,
                       const uint16_t *values, size_t count)
{
    covey_write_u16(w, extension);
    const size_t outer = open_u16(w);
    const size_t inner = open_u16(w);
    for (size_t i = 0; i < count; i++) {
        covey_write_u16(w, values[i]);
    }
    close_u16(w, inner);
    close_u16(w, outer);
}

static void write_name(covey_writer *w, covey_bytes name)
{
    if (name.len == 0) {
        return;
    }
    covey_write_u16(w, EXT_NAME);
    const size_t outer = open_u16(w);
    const size_t list = open_u16(w);
    covey_write_u8(w, 0); /* host_name */
    const size_t at = open_u16(w);
    covey_write_bytes(w, name);
    close_u16(w, at);
    close_u16(w, list);
    close_u16(w, outer);
}

/* What a server needs to choose any of the suites. */
static void write_extensions(covey_writer *w, covey_bytes name)
{
    static const uint16_t groups[] = { 23, 24, 29 }; /* P-256, P-384, X25519 */
    static const uint16_t signatures[] = { 0x0403, 0x0503, 0x0401, 0x0804,
                                           0x0501, 0x0203, 0x0201 };
    const size_t at = open_u16(w);

    write_name(w, name);
    write_list(w, EXT_GROUPS, groups, sizeof groups / sizeof groups[0]);
    covey_write_u16(w, EXT_POINTS);
    covey_write_u16(w, 2);
    covey_write_u16(w, 0x0100); /* one: uncompressed */
    write_list(w, EXT_SIGNATURES, signatures,
               sizeof signatures / sizeof signatures[0]);
    close_u16(w, at);
}

static void write_body(covey_writer *w, const hello_offer *o,
                       const uint8_t random[32])
{
    covey_write_u16(w, o->version);
    covey_write_bytes(w, covey_bytes_of(random, 32));
    covey_write_u8(w, 0); /* no session */
    if (o->dtls) {
        covey_write_u8(w, (uint8_t)o->cookie.len);
        covey_write_bytes(w, o->cookie);
    }
    const size_t suites = open_u16(w);
    for (size_t i = 0; i < o->suite_count; i++) {
        covey_write_u16(w, o->suites[i]);
    }
    close_u16(w, suites);
    covey_write_u16(w, 0x0100); /* one compression method: none */
    write_extensions(w, o->name);
}

static void write_u24(covey_writer *w, uint32_t v)
{
    covey_write_u8(w, (uint8_t)(v >> 16 & 0xff));
    covey_write_u16(w, (uint16_t)(v & 0xffff));
}

/* Type, version, and for DTLS epoch 0 and a number. */
static void write_record(covey_writer *w, uint8_t type, const hello_offer *o,
                         uint16_t seq)
{
    covey_write_u8(w, type);
    /* RFC 5246 Appendix E.1: 1.0 before a version has been chosen */
    covey_write_u16(w, o->dtls ? HELLO_DTLS_1_0 : HELLO_TLS_1_0);
    if (o->dtls) {
        covey_write_u32(w, 0);
        covey_write_u16(w, 0);
        covey_write_u16(w, seq);
    }
}

bool hello_write(covey_writer *out, const hello_offer *o,
                 const uint8_t random[32])
{
    uint8_t storage[HELLO_MAX + HELLO_COOKIE_MAX];
    covey_writer body = covey_writer_of(storage, sizeof storage);

    if (o->cookie.len > HELLO_COOKIE_MAX || o->name.len > HELLO_NAME_MAX) {
        return false;
    }
    write_body(&body, o, random);
    write_record(out, RECORD_HANDSHAKE, o, o->message_seq);
    const size_t at = open_u16(out);
    covey_write_u8(out, CLIENT_HELLO);
    write_u24(out, (uint32_t)body.pos);
    if (o->dtls) {
        covey_write_u16(out, o->message_seq);
        write_u24(out, 0);
        write_u24(out, (uint32_t)body.pos);
    }
    covey_write_bytes(out, covey_written(&body));
    close_u16(out, at);
    return body.failed == COVEY_OK && out->failed == COVEY_OK;
}

bool hello_write_alert(covey_writer *out, const hello_offer *o)
{
    write_record(out, RECORD_ALERT, o, (uint16_t)(o->message_seq + 1));
    covey_write_u16(out, 2);
    covey_write_u8(out, ALERT_FATAL);
    covey_write_u8(out, ALERT_USER_CANCELED);
    return out->failed == COVEY_OK;
}

/* --- reading ------------------------------------------------------------- */

static uint32_t read_u24(covey_reader *r)
{
    const uint32_t high = covey_read_u8(r);

    return high << 16 | covey_read_u16(r);
}

static void read_server_hello(covey_reader *r, hello_answer *a)
{
    a->version = covey_read_u16(r);
    covey_read_bytes(r, 32);
    covey_read_bytes(r, covey_read_u8(r)); /* session */
    a->suite = covey_read_u16(r);
    if (r->failed == COVEY_OK) {
        a->kind = HELLO_SERVER;
    }
}

static void read_verify(covey_reader *r, hello_answer *a)
{
    a->version = covey_read_u16(r);
    a->cookie = covey_read_bytes(r, covey_read_u8(r));
    if (r->failed == COVEY_OK) {
        a->kind = HELLO_VERIFY;
    }
}

static void read_handshake(covey_reader *r, bool dtls, hello_answer *a)
{
    const uint8_t type = covey_read_u8(r);

    read_u24(r);
    if (dtls) {
        covey_read_u16(r);
        /* the first piece of the message, which holds all that is wanted */
        if (read_u24(r) != 0) {
            a->kind = HELLO_OTHER;
            return;
        }
        read_u24(r);
    }
    if (type == SERVER_HELLO) {
        read_server_hello(r, a);
    } else if (type == HELLO_VERIFY_REQUEST && dtls) {
        read_verify(r, a);
    } else if (r->failed == COVEY_OK) {
        a->kind = HELLO_OTHER;
    }
}

hello_answer hello_read(covey_bytes in, bool dtls)
{
    covey_reader r = covey_reader_of(in);
    hello_answer a = { .kind = HELLO_MORE };
    const uint8_t type = covey_read_u8(&r);
    const uint16_t version = covey_read_u16(&r);

    if (r.failed == COVEY_OK && version >> 8 != (dtls ? 0xfe : 0x03)) {
        a.kind = HELLO_OTHER;
        return a;
    }
    if (dtls) {
        covey_read_bytes(&r, 8);
    }
    covey_read_u16(&r);
    if (type == RECORD_ALERT) {
        covey_read_u8(&r);
        a.alert = covey_read_u8(&r);
        a.kind = r.failed == COVEY_OK ? HELLO_ALERT : HELLO_MORE;
    } else if (type == RECORD_HANDSHAKE) {
        read_handshake(&r, dtls, &a);
    } else if (r.failed == COVEY_OK) {
        a.kind = HELLO_OTHER;
    }
    return a;
}
