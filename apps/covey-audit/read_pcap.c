/* SPDX-License-Identifier: BSD-2-Clause */
/* A capture: who spoke with whom over UDP, how much and when. What was said is
 * not told. A secret in the query of a CoAP request is told as its digest, so
 * that the report can name it and nobody can use it. */
#include "reader.h"

#include <covey/coap.h>
#include <covey/coap_options.h>

#include <capture.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <system_address.h>
#include <text.h>

enum {
    FLOWS_MAX = 4096,
    SECRETS_MAX = 64,
    COAP_PORT = 5683
};

typedef struct flow {
    covey_address from;
    covey_address to;
    uint64_t packets;
    uint64_t bytes; /* of payload */
    uint64_t clear; /* messages of CoAP with a payload that is not protected */
    int64_t first;
    int64_t last;
} flow;

typedef struct flows {
    reader *out;
    size_t count;
    size_t secrets;
    uint64_t other;
    bool full;
    flow all[FLOWS_MAX];
} flows;

static covey_address address_of(const capture_datagram *d,
                                const capture_endpoint *e)
{
    covey_address a = { .port = e->port };

    if (d->version == 4) {
        a.family = COVEY_FAMILY_IPV4;
        memcpy(a.ip, e->address + 12, 4);
    } else {
        a.family = COVEY_FAMILY_IPV6;
        memcpy(a.ip, e->address, 16);
    }
    return a;
}

/* That of these two ends, perhaps a new one; NULL: there are too many. */
static flow *find(flows *f, const covey_address *from, const covey_address *to,
                  int64_t when)
{
    for (size_t i = 0; i < f->count; i++) {
        if (covey_address_equal(&f->all[i].from, from) &&
            covey_address_equal(&f->all[i].to, to)) {
            return &f->all[i];
        }
    }
    if (f->count == FLOWS_MAX) {
        f->full = true;
        return NULL;
    }
    flow *new = &f->all[f->count++];
    new->from = *from;
    new->to = *to;
    new->first = when;
    return new;
}

/* --- secrets ------------------------------------------------------------- */

/* "password=1234": the value, if the name says that it is one. */
static covey_bytes secret_in(covey_bytes query)
{
    static const char *const names[] = {
        "password", "passwd", "pwd", "psk", "secret", "token", "apikey", "key",
    };
    const covey_bytes none = { NULL, 0 };
    const uint8_t *equals = memchr(query.ptr, '=', query.len);

    if (query.len == 0 || equals == NULL) {
        return none;
    }
    const size_t len = (size_t)(equals - query.ptr);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strlen(names[i]) == len &&
            strncasecmp((const char *)query.ptr, names[i], len) == 0) {
            return covey_bytes_of(equals + 1, query.len - len - 1);
        }
    }
    return none;
}

static void tell_secret(flows *f, const flow *w, covey_bytes secret,
                        covey_bytes query)
{
    char when[24];
    const covey_crypto *c = f->out->crypto;
    uint8_t digest[32];
    char hex[65];
    char name[READER_FIELD_MAX + 1];
    char from[ADDRESS_TEXT_MAX];
    char to[ADDRESS_TEXT_MAX];
    covey_writer out = covey_writer_of(digest, sizeof digest);
    covey_hash h;
    size_t len = query.len - secret.len - 1;

    if (f->secrets == SECRETS_MAX || c == NULL ||
        c->hash_begin(c->provider, COVEY_SHA_256, &h) != COVEY_OK) {
        return;
    }
    if (c->hash_update(c->provider, &h, secret) == COVEY_OK &&
        c->hash_finish(c->provider, &h, &out) == COVEY_OK) {
        len = len < READER_FIELD_MAX ? len : READER_FIELD_MAX;
        memcpy(name, query.ptr, len);
        name[len] = '\0';
        const char *const fields[] = {
            address_text(&w->from, from),
            address_text(&w->to, to),
            text_hex(covey_bytes_of(digest, sizeof digest), hex),
            name,
            reader_number((uint64_t)w->last, when),
            NULL
        };
        reader_line(f->out, "secret", fields);
        f->secrets++;
    }
    c->hash_drop(c->provider, &h);
}

/* Whether a message says something that everybody can read; what it is is not
 * looked at (AUD-093). */
static bool is_clear(const flow *w, const covey_coap_message *m)
{
    covey_bytes value;

    return (w->from.port == COAP_PORT || w->to.port == COAP_PORT) &&
           m->payload.len > 0 &&
           !covey_option_get(m, COVEY_OPTION_OSCORE, &value);
}

static void look_into(flows *f, flow *w, covey_bytes payload)
{
    covey_coap_message m;
    covey_coap_option_iter it;
    covey_coap_option o;

    if (covey_coap_parse(&m, payload) != COVEY_OK) {
        return;
    }
    w->clear += is_clear(w, &m) ? 1 : 0;
    it = covey_coap_options_of(&m);
    while (covey_coap_option_next(&it, &o)) {
        const covey_bytes secret = o.number == COVEY_OPTION_URI_QUERY
                                       ? secret_in(o.value)
                                       : (covey_bytes){ NULL, 0 };
        if (secret.ptr != NULL && secret.len > 0) {
            tell_secret(f, w, secret, o.value);
        }
    }
}

/* --- the capture --------------------------------------------------------- */

static void take(flows *f, const capture_datagram *d, int64_t when)
{
    const covey_address from = address_of(d, &d->source);
    const covey_address to = address_of(d, &d->destination);
    flow *w = find(f, &from, &to, when);

    if (w == NULL) {
        return;
    }
    w->packets++;
    w->bytes += d->payload.len;
    w->first = when < w->first ? when : w->first;
    w->last = when > w->last ? when : w->last;
    look_into(f, w, d->payload);
}

static void tell(const flows *f)
{
    char from[ADDRESS_TEXT_MAX];
    char to[ADDRESS_TEXT_MAX];
    char numbers[5][24];

    for (size_t i = 0; i < f->count; i++) {
        const flow *w = &f->all[i];
        const char *const fields[] = {
            address_text(&w->from, from),
            address_text(&w->to, to),
            reader_number(w->packets, numbers[0]),
            reader_number(w->bytes, numbers[1]),
            reader_number((uint64_t)w->first, numbers[2]),
            reader_number((uint64_t)w->last, numbers[3]),
            reader_number(w->clear, numbers[4]),
            NULL
        };
        reader_line(f->out, "flow", fields);
    }
    if (f->other > 0) {
        const char *const fields[] = { reader_number(f->other, numbers[0]),
                                       NULL };
        reader_line(f->out, "other", fields);
    }
}

static void read_frames(flows *f, capture_file *file)
{
    char error[CAPTURE_ERROR_MAX] = "";
    capture_datagram d;
    capture_verdict verdict = CAPTURE_NOT_IP;
    capture_next_result got = capture_next(file, &d, &verdict, error);

    for (; got == CAPTURE_FRAME;
         got = capture_next(file, &d, &verdict, error)) {
        const int64_t when = capture_seconds(file);
        if (verdict == CAPTURE_UDP && when >= 0) {
            take(f, &d, when);
        } else {
            f->other++;
        }
    }
    tell(f);
    reader_end(f->out, got == CAPTURE_END && !f->full,
               f->full ? "too many pairs of hosts" : error);
}

void reader_pcap(reader *r, covey_bytes text)
{
    char error[CAPTURE_ERROR_MAX] = "no capture";
    flows *f = calloc(1, sizeof *f);
    /* a stream in memory wants to be able to write; it is only read */
    uint8_t *copy = text.len > 0 ? malloc(text.len) : NULL;
    FILE *in = NULL;
    capture_file *file = NULL;

    if (copy != NULL) {
        memcpy(copy, text.ptr, text.len);
        in = fmemopen(copy, text.len, "rb");
    }
    if (in != NULL) {
        file = capture_open_stream(in, "capture", error);
    }
    if (f != NULL && file != NULL) {
        f->out = r;
        read_frames(f, file);
    } else {
        reader_none(r, error);
    }
    capture_close(file);
    free(copy);
    free(f);
}
