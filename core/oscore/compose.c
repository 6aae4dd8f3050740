/* SPDX-License-Identifier: BSD-2-Clause */
/* The plaintext of a message, RFC 8613 Section 5.3: its code, the options of
 * class E, its payload.
 *
 * Proxy-Uri is split (Section 4.1.3.3): path and query come in here as
 * Uri-Path and Uri-Query, the rest stays outside (protect.c). */
#include "oscore_internal.h"

/* RFC 7252 Section 5.10: the longest Uri-Path and Uri-Query. */
#define SEGMENT_MAX 255u

/* Where the parts of a URI go, in the order of their numbers. */
static const uint16_t parts[] = { COVEY_OPTION_URI_PATH,
                                  COVEY_OPTION_URI_QUERY };

#define PARTS (sizeof parts / sizeof parts[0])

/* The URI to be split; without one there is nothing left to do. */
struct split {
    covey_uri_segments segments[PARTS];
    size_t done;
};

static covey_status begin_split(struct split *s, const covey_coap_message *m,
                                covey_bytes proxy_uri)
{
    covey_bytes other;
    covey_uri uri;
    covey_status st;

    s->done = PARTS;
    if (proxy_uri.ptr == NULL) {
        return COVEY_OK;
    }
    /* RFC 7252 Section 5.10.2: they do not stand beside one another. */
    if (covey_option_get(m, COVEY_OPTION_URI_PATH, &other) ||
        covey_option_get(m, COVEY_OPTION_URI_QUERY, &other)) {
        return COVEY_E_ARGUMENT;
    }
    st = covey_uri_parse(&uri, proxy_uri);
    if (st == COVEY_OK) {
        s->segments[0] = covey_uri_path_segments(&uri);
        s->segments[1] = covey_uri_query_segments(&uri);
        s->done = 0;
    }
    return st;
}

static covey_status put_segments(covey_coap_composer *c, uint16_t number,
                                 covey_uri_segments segments)
{
    uint8_t storage[SEGMENT_MAX];
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_bytes value;

    while (covey_uri_next_segment(&segments, &w, &value)) {
        covey_coap_put_option(c, number, value);
        w.pos = 0;
    }
    return w.failed != COVEY_OK ? COVEY_E_RANGE : COVEY_OK;
}

/* Path and query of a split URI, as soon as the options have come to a higher
 * number. */
static covey_status put_split(covey_coap_composer *c, struct split *s,
                              uint32_t before)
{
    covey_status st = COVEY_OK;

    while (st == COVEY_OK && s->done < PARTS && before > parts[s->done]) {
        st = put_segments(c, parts[s->done], s->segments[s->done]);
        s->done++;
    }
    return st;
}

static covey_status put_inner(covey_coap_composer *c,
                              const covey_coap_message *m,
                              const covey_oscore_work *work,
                              const covey_coap_option *o)
{
    static const uint8_t nothing[1] = { 0 };

    if (!covey_oscore_outer(o->number, m->code) ||
        covey__oscore_listed(work, o->number)) {
        /* Section 4.1.3.5.2: the order is in the Partial IV. */
        const bool notification = o->number == COVEY_OPTION_OBSERVE &&
                                  !covey_oscore_is_request(m->code);
        covey_coap_put_option(c, o->number,
                              notification ? covey_bytes_of(nothing, 0)
                                           : o->value);
    } else if (o->number == COVEY_OPTION_OSCORE) {
        return COVEY_E_ARGUMENT;
    }
    return COVEY_OK;
}

covey_status covey__oscore_compose(covey_writer *plaintext,
                                   const covey_coap_message *m,
                                   const covey_oscore_work *work,
                                   covey_bytes proxy_uri)
{
    covey_writer w = *plaintext;
    covey_coap_composer c = covey_coap_compose_inner(&w, m->code);
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_coap_option o;
    struct split s;
    covey_status st = begin_split(&s, m, proxy_uri);

    while (st == COVEY_OK && covey_coap_option_next(&it, &o)) {
        st = put_split(&c, &s, o.number);
        if (st == COVEY_OK) {
            st = put_inner(&c, m, work, &o);
        }
    }
    if (st == COVEY_OK) {
        st = put_split(&c, &s, UINT32_MAX);
    }
    covey_coap_put_payload(&c, m->payload);
    if (st == COVEY_OK) {
        st = covey_coap_finish(&c);
    }
    if (st == COVEY_OK) {
        *plaintext = w;
    }
    return st;
}

covey_status covey_oscore_compose(covey_writer *plaintext,
                                  const covey_coap_message *m,
                                  const covey_oscore_work *work)
{
    covey_bytes proxy_uri = { NULL, 0 };

    if (!covey__oscore_listed(work, COVEY_OPTION_PROXY_URI) &&
        covey_oscore_outer(COVEY_OPTION_PROXY_URI, m->code)) {
        (void)covey_option_get(m, COVEY_OPTION_PROXY_URI, &proxy_uri);
    }
    return covey__oscore_compose(plaintext, m, work, proxy_uri);
}
