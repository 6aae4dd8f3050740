/* SPDX-License-Identifier: BSD-2-Clause */
/* Which option goes where, RFC 8613 Section 4.1, without the table of names
 * that coap_options.h has; and other small questions about messages. */
#include "oscore_internal.h"

#include <string.h>

/* draft-tiloca-core-groupcomm-proxy-01 Section 10, as suggested there. */
#define MULTICAST_SIGNALING 65002u

const uint16_t covey_oscore_proxy_inner[] = {
    COVEY_OPTION_URI_HOST,  COVEY_OPTION_URI_PORT,     COVEY_OPTION_OSCORE,
    COVEY_OPTION_PROXY_URI, COVEY_OPTION_PROXY_SCHEME, MULTICAST_SIGNALING,
};
const size_t covey_oscore_proxy_inner_count =
    sizeof covey_oscore_proxy_inner / sizeof covey_oscore_proxy_inner[0];

bool covey_oscore_outer(uint16_t number, uint8_t code)
{
    if (COVEY__CODE_CLASS(code) == COVEY__CLASS_SIGNAL) {
        return number == COVEY_OPTION_OSCORE;
    }
    switch (number) {
    case COVEY_OPTION_URI_HOST:
    case COVEY_OPTION_URI_PORT:
    case COVEY_OPTION_OSCORE:
    case COVEY_OPTION_HOP_LIMIT:
    case COVEY_OPTION_EDHOC:
    case COVEY_OPTION_PROXY_URI:
    case COVEY_OPTION_PROXY_SCHEME:
    case COVEY_OPTION_PROXY_CRI:
    case COVEY_OPTION_PROXY_SCHEME_NUMBER:
    case MULTICAST_SIGNALING:
        return true;
    default:
        return false;
    }
}

bool covey__oscore_listed(const covey_oscore_work *work, uint16_t number)
{
    for (size_t i = 0; i < work->inner_count; i++) {
        if (work->inner[i] == number) {
            return true;
        }
    }
    return false;
}

bool covey__oscore_find_option(const covey_coap_message *m, uint16_t number,
                               covey_bytes *value)
{
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_coap_option o;

    while (covey_coap_option_next(&it, &o) && o.number <= number) {
        if (o.number == number) {
            *value = o.value;
            return true;
        }
    }
    return false;
}

void covey__oscore_note_observe(covey_oscore_exchange *x,
                                const covey_coap_message *request)
{
    covey_bytes value;
    uint32_t observe;

    x->observe =
        covey__oscore_find_option(request, COVEY_OPTION_OBSERVE, &value);
    x->registration = x->observe &&
                      covey_option_uint(value, &observe) == COVEY_OK &&
                      observe == 0;
}

void covey__oscore_put_value(covey_writer *w, const covey_oscore_option *o)
{
    unsigned flags = (unsigned)o->partial_iv.len;

    flags |= o->kid.ptr != NULL ? COVEY_OSCORE_FLAG_K : 0u;
    flags |= o->kid_context.ptr != NULL ? COVEY_OSCORE_FLAG_H : 0u;
    if (flags == 0) {
        return; /* the empty value */
    }
    covey_write_u8(w, (uint8_t)flags);
    covey_write_bytes(w, o->partial_iv);
    if (o->kid_context.ptr != NULL) {
        covey_write_u8(w, (uint8_t)o->kid_context.len);
        covey_write_bytes(w, o->kid_context);
    }
    covey_write_bytes(w, o->kid);
}

covey_status covey__oscore_get_value(covey_oscore_option *out,
                                     covey_bytes value)
{
    const unsigned known =
        COVEY_OSCORE_FLAG_H | COVEY_OSCORE_FLAG_K | COVEY_OSCORE_FLAG_N;
    covey_reader r = covey_reader_of(value);
    covey_oscore_option o = { 0 };
    unsigned flags = 0;
    unsigned n;

    if (value.len > 0) {
        flags = covey_read_u8(&r);
        if ((flags & ~known) != 0) {
            return COVEY_E_UNSUPPORTED;
        }
    }
    n = flags & COVEY_OSCORE_FLAG_N;
    if ((value.len > 0 && flags == 0) || n > COVEY_OSCORE_PIV_MAX) {
        return COVEY_E_FORMAT;
    }
    if (n > 0) {
        o.partial_iv = covey_read_bytes(&r, n);
    }
    if ((flags & COVEY_OSCORE_FLAG_H) != 0) {
        o.kid_context = covey_read_bytes(&r, covey_read_u8(&r));
    }
    if ((flags & COVEY_OSCORE_FLAG_K) != 0) {
        o.kid = covey_read_rest(&r);
    }
    if (!covey_read_done(&r)) {
        return r.failed != COVEY_OK ? r.failed : COVEY_E_FORMAT;
    }
    *out = o;
    return COVEY_OK;
}

bool covey__oscore_is_request(uint8_t code)
{
    return (COVEY__CODE_CLASS(code) == COVEY__CLASS_REQUEST &&
            code != COVEY_COAP_EMPTY) ||
           COVEY__CODE_CLASS(code) == COVEY__CLASS_SIGNAL;
}

bool covey__oscore_is_response(uint8_t code)
{
    /* Class 1 is not assigned, class 6 neither; 3 is left to later. */
    return COVEY__CODE_CLASS(code) >= 2 && COVEY__CODE_CLASS(code) != 6;
}

void covey__oscore_copy(uint8_t *to, covey_bytes from)
{
    if (from.len > 0) {
        memcpy(to, from.ptr, from.len);
    }
}

covey_oscore_exchange covey__oscore_exchange_of(covey_bytes kid,
                                                covey_bytes piv)
{
    covey_oscore_exchange x = { 0 };

    x.kid_len = (uint8_t)kid.len;
    x.piv_len = (uint8_t)piv.len;
    covey__oscore_copy(x.kid, kid);
    covey__oscore_copy(x.piv, piv);
    return x;
}

covey_coap_composer covey__oscore_begin(covey_writer *out,
                                        const covey_coap_message *head,
                                        const covey_oscore_work *work)
{
    return work->stream ? covey_coap_compose_stream(out, head)
                        : covey_coap_compose(out, head);
}
