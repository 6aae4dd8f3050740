/* SPDX-License-Identifier: BSD-2-Clause */
/* What of a message goes on, and what goes back (RFC 7252 Sections 5.7.1 and
 * 5.10). Whatever is safe to forward passes byte for byte, known or not: that
 * is also how an OSCORE option passes that is not for us. */
#include <covey/cbor.h>
#include <covey/proxy.h>

#define BAD_OPTION  COVEY_COAP_CODE(4, 2)
#define BAD_GATEWAY COVEY_COAP_CODE(5, 2)

/* --- which options are understood ---------------------------------------- */

/* Unsafe ones, ascending. */
static const uint16_t in_requests[] = {
    COVEY_OPTION_MULTICAST_TIMEOUT,
    COVEY_OPTION_URI_HOST,
    COVEY_OPTION_OBSERVE,
    COVEY_OPTION_URI_PORT,
    COVEY_OPTION_URI_PATH,
    COVEY_OPTION_MAX_AGE,
    COVEY_OPTION_URI_QUERY,
    COVEY_OPTION_BLOCK2,
    COVEY_OPTION_BLOCK1,
    COVEY_OPTION_PROXY_URI,
    COVEY_OPTION_PROXY_SCHEME,
    COVEY_OPTION_PROXY_CRI,
    COVEY_OPTION_PROXY_SCHEME_NUMBER,
    COVEY_OPTION_NO_RESPONSE,
    COVEY_OPTION_MULTICAST_SIGNALING,
};
static const uint16_t in_responses[] = {
    COVEY_OPTION_MULTICAST_TIMEOUT,
    COVEY_OPTION_OBSERVE,
    COVEY_OPTION_MAX_AGE,
    COVEY_OPTION_BLOCK2,
    COVEY_OPTION_BLOCK1,
    COVEY_OPTION_MULTICAST_SIGNALING,
};

static bool is_among(uint16_t number, const uint16_t *numbers, size_t count)
{
    size_t i = 0;

    while (i < count && numbers[i] != number) {
        i++;
    }
    return i < count;
}

/* Only the unsafe ones are ours to judge. */
static bool is_sound(const covey_coap_message *m, const uint16_t *numbers,
                     size_t count)
{
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_coap_option o;
    uint32_t before = COVEY_COAP_OPTION_NUMBER_MAX + 1;

    while (covey_coap_option_next(&it, &o)) {
        if (covey_option_unsafe(o.number) &&
            (!is_among(o.number, numbers, count) ||
             covey_option_check(o.number, o.value, o.number == before) !=
                 COVEY_OK)) {
            return false;
        }
        before = o.number;
    }
    return true;
}

uint8_t covey_proxy_screen_request(const covey_coap_message *m)
{
    covey_proxy_wait wait;

    return is_sound(m, in_requests,
                    sizeof in_requests / sizeof in_requests[0]) &&
                   covey_proxy_wait_read(m, &wait) == COVEY_OK
               ? 0
               : BAD_OPTION;
}

uint8_t covey_proxy_screen_response(const covey_coap_message *m)
{
    return is_sound(m, in_responses,
                    sizeof in_responses / sizeof in_responses[0])
               ? 0
               : BAD_GATEWAY;
}

/* --- onward -------------------------------------------------------------- */

/* Ours or replaced; a Max-Age in a request means nothing. */
static bool stays_here(uint16_t number, const covey_proxy_onward *how)
{
    static const uint16_t always[] = { COVEY_OPTION_MULTICAST_TIMEOUT,
                                       COVEY_OPTION_MAX_AGE,
                                       COVEY_OPTION_HOP_LIMIT,
                                       COVEY_OPTION_MULTICAST_SIGNALING };
    static const uint16_t target[] = {
        COVEY_OPTION_URI_HOST,  COVEY_OPTION_URI_PORT,
        COVEY_OPTION_PROXY_URI, COVEY_OPTION_PROXY_SCHEME,
        COVEY_OPTION_PROXY_CRI, COVEY_OPTION_PROXY_SCHEME_NUMBER
    };

    return is_among(number, always, sizeof always / sizeof always[0]) ||
           (how->chain == NULL &&
            is_among(number, target, sizeof target / sizeof target[0])) ||
           (number == COVEY_OPTION_BLOCK1 && how->whole);
}

/* Path or query of a Proxy-Uri, piece by piece. */
static void put_segments(covey_coap_composer *c, uint16_t number,
                         covey_uri_segments it)
{
    uint8_t buf[COVEY_PROXY_HOST_MAX];
    covey_writer w = covey_writer_of(buf, sizeof buf);
    covey_bytes value;

    while (covey_uri_next_segment(&it, &w, &value)) {
        covey_coap_put_option(c, number, value);
        w.pos = 0;
    }
    if (w.failed != COVEY_OK && c->failed == COVEY_OK) {
        c->failed = w.failed; /* longer than an option may be */
    }
}

/* The same of a CRI, whose texts have been read before. */
static void put_texts(covey_coap_composer *c, uint16_t number, covey_bytes all)
{
    covey_cbor_reader r = covey_cbor_reader_of(all, COVEY_CBOR_DETERMINISTIC);
    size_t left = all.ptr != NULL ? covey_cbor_get_array(&r) : 0;

    while (covey_cbor_more(&r, &left)) {
        covey_coap_put_option(c, number, covey_cbor_get_text(&r));
    }
}

/* Uri-* of the target. */
static void put_target(covey_coap_composer *c, uint16_t number,
                       const covey_proxy_target *t)
{
    const bool path = number == COVEY_OPTION_URI_PATH;

    if (number == COVEY_OPTION_URI_HOST) {
        if (t->name.ptr != NULL) {
            covey_coap_put_option(c, number, t->name);
        }
    } else if (t->from_uri) {
        put_segments(c, number,
                     path ? covey_uri_path_segments(&t->uri)
                          : covey_uri_query_segments(&t->uri));
    } else if (t->from_cri) {
        put_texts(c, number, path ? t->path : t->query);
    }
}

static void put_wait(covey_coap_composer *c, uint16_t number,
                     const covey_proxy_wait *wait)
{
    uint8_t buf[4];
    covey_bytes value;

    if (wait != NULL && wait->profile != COVEY_PROXY_NONE &&
        covey_proxy_wait_option(wait, buf, &value) == number) {
        covey_coap_put_option(c, number, value);
    }
}

/* What is put in at the place of this number. */
static void put_ours(covey_coap_composer *c, uint16_t number,
                     const covey_proxy_onward *how)
{
    switch (number) {
    case COVEY_OPTION_HOP_LIMIT:
        if (how->hop_limit > 0) {
            covey_coap_put_uint(c, number, how->hop_limit);
        }
        break;
    case COVEY_OPTION_MULTICAST_TIMEOUT:
    case COVEY_OPTION_MULTICAST_SIGNALING:
        put_wait(c, number, how->chain);
        break;
    default:
        if (how->chain == NULL) {
            put_target(c, number, how->target);
        }
        break;
    }
}

/* Several blocks in one message are for streams (RFC 8323 Section 6); their
 * numbers count blocks of 1024 bytes, too. */
static void put_option(covey_coap_composer *c, const covey_coap_option *o)
{
    const bool block =
        o->number == COVEY_OPTION_BLOCK1 || o->number == COVEY_OPTION_BLOCK2;
    uint8_t buf[3];
    covey_writer w = covey_writer_of(buf, sizeof buf);

    covey_write_bytes(&w, o->value);
    if (!block || w.failed != COVEY_OK || w.pos == 0 ||
        (buf[w.pos - 1] & 7u) != 7) {
        covey_coap_put_option(c, o->number, o->value);
        return;
    }
    buf[w.pos - 1] &= 0xfeu;
    covey_coap_put_option(c, o->number, covey_written(&w));
}

void covey_proxy_put_request(covey_coap_composer *c,
                             const covey_coap_message *m,
                             const covey_proxy_onward *how)
{
    static const uint16_t ours[] = {
        COVEY_OPTION_MULTICAST_TIMEOUT, COVEY_OPTION_URI_HOST,
        COVEY_OPTION_URI_PATH,          COVEY_OPTION_URI_QUERY,
        COVEY_OPTION_HOP_LIMIT,         COVEY_OPTION_MULTICAST_SIGNALING
    };
    const size_t count = sizeof ours / sizeof ours[0];
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_coap_option o;
    size_t next = 0;

    while (covey_coap_option_next(&it, &o)) {
        for (; next < count && ours[next] < o.number; next++) {
            put_ours(c, ours[next], how);
        }
        if (!stays_here(o.number, how)) {
            put_option(c, &o);
        }
    }
    for (; next < count; next++) {
        put_ours(c, ours[next], how);
    }
    covey_coap_put_payload(c, how->whole ? how->payload : m->payload);
}

/* --- homeward ------------------------------------------------------------ */

static uint16_t origin_number(covey_proxy_profile profile)
{
    return profile == COVEY_PROXY_SEED ? COVEY_OPTION_RESPONSE_FORWARDING
                                       : COVEY_OPTION_REPLY_FROM;
}

static void put_origin(covey_coap_composer *c, const covey_proxy_homeward *how)
{
    uint8_t buf[COVEY_PROXY_ORIGIN_MAX];
    covey_writer w = covey_writer_of(buf, sizeof buf);

    if (how->profile == COVEY_PROXY_SEED) {
        covey_proxy_origin_put_uri(&w, &how->origin, how->group_port);
    } else {
        covey_proxy_origin_put_cri(&w, &how->origin);
    }
    covey_coap_put_option(c, origin_number(how->profile), covey_written(&w));
}

/* Nobody but the proxy says who answered. */
static bool is_claim(uint16_t number)
{
    return number == COVEY_OPTION_REPLY_FROM ||
           number == COVEY_OPTION_RESPONSE_FORWARDING ||
           number == COVEY_OPTION_MULTICAST_TIMEOUT ||
           number == COVEY_OPTION_MULTICAST_SIGNALING;
}

void covey_proxy_put_response(covey_coap_composer *c,
                              const covey_coap_message *m,
                              const covey_proxy_homeward *how)
{
    const uint16_t number = origin_number(how->profile);
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_coap_option o;
    bool owed = how->profile != COVEY_PROXY_NONE;

    while (covey_coap_option_next(&it, &o)) {
        if (owed && o.number > number) {
            put_origin(c, how);
            owed = false;
        }
        if (how->profile == COVEY_PROXY_NONE || !is_claim(o.number)) {
            covey_coap_put_option(c, o.number, o.value);
        }
    }
    if (owed) {
        put_origin(c, how);
    }
    covey_coap_put_payload(c, m->payload);
}
