/* SPDX-License-Identifier: BSD-2-Clause */
/* What the options of a request say. */
#include "engine.h"

#include <covey/coap_options.h>

#include <string.h>

/* Critical options that are acted upon, here or around the engine. */
static const uint16_t understood[] = {
    COVEY_OPTION_IF_MATCH, COVEY_OPTION_URI_HOST, COVEY_OPTION_IF_NONE_MATCH,
    COVEY_OPTION_URI_PORT, COVEY_OPTION_URI_PATH, COVEY_OPTION_URI_QUERY,
    COVEY_OPTION_ACCEPT,   COVEY_OPTION_BLOCK2,   COVEY_OPTION_BLOCK1,
};

/* They ask for a proxy, which this is not: RFC 7252 Section 5.10.2. */
static bool is_for_proxy(uint16_t number)
{
    return number == COVEY_OPTION_PROXY_URI ||
           number == COVEY_OPTION_PROXY_SCHEME ||
           number == COVEY_OPTION_PROXY_CRI ||
           number == COVEY_OPTION_PROXY_SCHEME_NUMBER;
}

/* A path that is too long for a key is none of ours. */
static bool add_segment(struct wish *w, covey_bytes segment)
{
    if (segment.len > UINT8_MAX || segment.len >= sizeof w->key - w->key_len) {
        return false;
    }
    w->key[w->key_len] = (uint8_t)segment.len;
    memcpy(w->key + w->key_len + 1, segment.ptr, segment.len);
    w->key_len += segment.len + 1;
    return true;
}

/* Lengths are as defined: the option was screened, or it is elective and of
 * another length, and then as if it were not there (Section 5.4.3). */
static uint8_t take(struct wish *w, const covey_coap_option *o)
{
    uint32_t number;

    switch (o->number) {
    case COVEY_OPTION_IF_MATCH:
        w->if_match = true;
        break;
    case COVEY_OPTION_IF_NONE_MATCH:
        w->if_none_match = true;
        break;
    case COVEY_OPTION_ETAG:
        w->etags = true;
        break;
    case COVEY_OPTION_URI_PATH:
        if (!add_segment(w, o->value)) {
            return CODE(4, 4);
        }
        break;
    case COVEY_OPTION_ACCEPT:
        w->accepts = covey_option_uint(o->value, &number) == COVEY_OK;
        w->accept = w->accepts ? (uint16_t)number : 0;
        break;
    case COVEY_OPTION_CONTENT_FORMAT:
        if (!w->has_format && o->value.len <= 2 &&
            covey_option_uint(o->value, &number) == COVEY_OK) {
            w->has_format = true;
            w->format = (uint16_t)number;
        }
        break;
    default:
        break;
    }
    return 0;
}

uint8_t wish_read(struct wish *w, const covey_coap_message *m)
{
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_coap_option o;
    uint8_t code = 0;
    uint16_t number;

    w->key_len = 0;
    w->accepts = w->has_format = false;
    w->if_match = w->if_none_match = w->etags = false;
    while (covey_coap_option_next(&it, &o)) {
        if (is_for_proxy(o.number)) {
            return CODE(5, 5);
        }
        code = code != 0 ? code : take(w, &o);
    }
    if (covey_option_screen(m, understood,
                            sizeof understood / sizeof understood[0],
                            &number) != COVEY_OK) {
        return CODE(4, 2);
    }
    return code;
}

bool wish_has_tag(const covey_coap_message *m, uint16_t number,
                  covey_bytes etag)
{
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_coap_option o;

    while (covey_coap_option_next(&it, &o) && o.number <= number) {
        if (o.number == number &&
            ((number == COVEY_OPTION_IF_MATCH && o.value.len == 0) ||
             covey_bytes_equal(o.value, etag))) {
            return true;
        }
    }
    return false;
}
