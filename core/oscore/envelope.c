/* SPDX-License-Identifier: BSD-2-Clause */
/* The outer message around a ciphertext: code, options of class U, OSCORE
 * option, payload marker (RFC 8613 Sections 4.1, 4.2 and 6). Everything that
 * can fail without the provider fails in begin, when no sequence number has
 * been taken yet. */
#include "oscore_internal.h"

/* RFC 7252 Section 12.1; RFC 8132 for FETCH. */
#define CODE_POST    COVEY_COAP_CODE(0, 2)
#define CODE_FETCH   COVEY_COAP_CODE(0, 5)
#define CODE_CHANGED COVEY_COAP_CODE(2, 4)
#define CODE_CONTENT COVEY_COAP_CODE(2, 5)

/* The length of a stream's message is put in front at the end. */
#define STREAM_LENGTH 4u

/* Section 4.2; Section 4.1.3.5 for Observe. What answers a FETCH is Content
 * for those on the way, notification or not. */
static uint8_t outer_code(const covey_oscore_envelope *e)
{
    if (covey_oscore_is_request(e->m->code) && !e->response) {
        return e->observe ? CODE_FETCH : CODE_POST;
    }
    return e->observe ? CODE_CONTENT : CODE_CHANGED;
}

/* Section 4.1.3.3: what is left of Proxy-Uri once path and query have gone
 * inside: scheme and authority, as they stand in the text. */
static covey_status proxy_uri_head(covey_bytes *text)
{
    covey_uri uri;
    const uint8_t *end = text->ptr + text->len;
    covey_status st = covey_uri_parse(&uri, *text);

    if (st != COVEY_OK) {
        return st;
    }
    if (uri.path.len > 0) {
        end = uri.path.ptr;
    } else if (uri.query.ptr != NULL) {
        end = uri.query.ptr - 1; /* its question mark */
    }
    text->len = (size_t)(end - text->ptr);
    return COVEY_OK;
}

/* Goes outside: class U, and Observe beside its inner copy. */
static bool goes_outside(const covey_oscore_envelope *e, uint16_t number)
{
    if (number == COVEY_OPTION_OBSERVE) {
        return COVEY__CODE_CLASS(e->m->code) != COVEY__CLASS_SIGNAL;
    }
    return covey_oscore_outer(number, e->m->code) &&
           number != COVEY_OPTION_OSCORE &&
           !covey__oscore_listed(e->work, number);
}

static void put_option(covey_oscore_envelope *e)
{
    uint8_t storage[COVEY_OSCORE_VALUE_MAX];
    covey_writer value = covey_writer_of(storage, sizeof storage);

    covey_oscore_value_put(&value, &e->option);
    covey_coap_put_option(&e->composer, COVEY_OPTION_OSCORE,
                          covey_written(&value));
    if (e->w.failed == COVEY_OK) {
        e->value = covey_bytes_of(e->w.base + e->w.pos - value.pos, value.pos);
    }
}

/* Everything in front of the ciphertext; *proxy_uri is what is to be split. */
static covey_status put_head(covey_oscore_envelope *e, covey_bytes *proxy_uri)
{
    covey_coap_option_iter it = covey_coap_options_of(e->m);
    covey_coap_option o;
    bool option_done = false;
    covey_status st = COVEY_OK;

    while (st == COVEY_OK && covey_coap_option_next(&it, &o)) {
        if (!option_done && o.number > COVEY_OPTION_OSCORE) {
            put_option(e);
            option_done = true;
        }
        if (goes_outside(e, o.number)) {
            if (o.number == COVEY_OPTION_PROXY_URI) {
                *proxy_uri = o.value;
                st = proxy_uri_head(&o.value);
            }
            covey_coap_put_option(&e->composer, o.number, o.value);
        }
    }
    if (!option_done) {
        put_option(e);
    }
    covey_write_u8(&e->w, COVEY_COAP_PAYLOAD_MARKER);
    if (st == COVEY_OK) {
        st = e->composer.failed;
    }
    return st != COVEY_OK ? st : e->w.failed;
}

covey_status covey_oscore_envelope_begin(covey_oscore_envelope *e,
                                         const covey_writer *out)
{
    covey_coap_message head = *e->m;
    covey_bytes proxy_uri = { NULL, 0 };
    const size_t tail = e->tail + (e->work->stream ? STREAM_LENGTH : 0);
    size_t start;
    covey_status st;

    e->w = *out;
    e->composed = false;
    if (e->plaintext.ptr != NULL && e->plaintext.len == 0) {
        return COVEY_E_ARGUMENT;
    }
    head.code = outer_code(e);
    e->composer = covey__oscore_begin(&e->w, &head, e->work);
    st = put_head(e, &proxy_uri);
    start = e->w.pos;
    if (st == COVEY_OK && e->plaintext.ptr == NULL) {
        e->composed = true;
        st = covey__oscore_compose(&e->w, e->m, e->work, proxy_uri);
        e->plaintext = covey_bytes_of(e->w.base + start, e->w.pos - start);
        e->w.pos = start;
    }
    if (st == COVEY_OK && (e->plaintext.len > e->w.cap - start ||
                           tail > e->w.cap - start - e->plaintext.len)) {
        st = COVEY_E_ROOM;
    }
    return st;
}

covey_status covey_oscore_envelope_end(covey_oscore_envelope *e,
                                       covey_status st, covey_writer *out)
{
    if (st == COVEY_OK) {
        st = covey_coap_finish(&e->composer);
    }
    if (st == COVEY_OK) {
        *out = e->w;
    } else if (e->composed) {
        covey_wipe(out->base + out->pos, out->cap - out->pos);
    }
    return st;
}
