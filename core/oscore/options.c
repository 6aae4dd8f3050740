/* SPDX-License-Identifier: BSD-2-Clause */
/* Which option goes where, RFC 8613 Section 4.1, without the table of names
 * that coap_options.h has; and other small questions about messages. */
#include "oscore_internal.h"

#include <string.h>

const uint16_t covey_oscore_proxy_inner[] = {
    COVEY_OPTION_MULTICAST_TIMEOUT, COVEY_OPTION_URI_HOST,
    COVEY_OPTION_URI_PORT,          COVEY_OPTION_OSCORE,
    COVEY_OPTION_PROXY_URI,         COVEY_OPTION_PROXY_SCHEME,
    COVEY_OPTION_PROXY_CRI,         COVEY_OPTION_PROXY_SCHEME_NUMBER,
    COVEY_OPTION_REPLY_FROM,        COVEY_OPTION_MULTICAST_SIGNALING,
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
    case COVEY_OPTION_MULTICAST_TIMEOUT:
    case COVEY_OPTION_REPLY_FROM:
    case COVEY_OPTION_MULTICAST_SIGNALING:
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

bool covey_oscore_has_observe(const covey_coap_message *m)
{
    covey_bytes value;

    return COVEY__CODE_CLASS(m->code) != COVEY__CLASS_SIGNAL &&
           covey_option_get(m, COVEY_OPTION_OBSERVE, &value);
}

void covey_oscore_note_observe(covey_oscore_exchange *x,
                               const covey_coap_message *request)
{
    covey_bytes value;
    uint32_t observe;

    /* In signalling messages the number means something else. */
    x->observe = COVEY__CODE_CLASS(request->code) != COVEY__CLASS_SIGNAL &&
                 covey_option_get(request, COVEY_OPTION_OBSERVE, &value);
    x->registration = x->observe &&
                      covey_option_uint(value, &observe) == COVEY_OK &&
                      observe == 0;
}

bool covey_oscore_is_request(uint8_t code)
{
    return (COVEY__CODE_CLASS(code) == COVEY__CLASS_REQUEST &&
            code != COVEY_COAP_EMPTY) ||
           COVEY__CODE_CLASS(code) == COVEY__CLASS_SIGNAL;
}

bool covey_oscore_is_response(uint8_t code)
{
    /* Class 1 is not assigned, class 6 neither; 3 is left to later. */
    return COVEY__CODE_CLASS(code) >= 2 && COVEY__CODE_CLASS(code) != 6;
}

void covey_oscore_copy(uint8_t *to, covey_bytes from)
{
    if (from.len > 0) {
        memcpy(to, from.ptr, from.len);
    }
}

void covey_oscore_exchange_begin(covey_oscore_exchange *x, covey_bytes kid,
                                 covey_bytes piv)
{
    memset(x, 0, sizeof *x);
    x->kid_len = (uint8_t)kid.len;
    x->piv_len = (uint8_t)piv.len;
    covey_oscore_copy(x->kid, kid);
    covey_oscore_copy(x->piv, piv);
}

covey_coap_composer covey__oscore_begin(covey_writer *out,
                                        const covey_coap_message *head,
                                        const covey_oscore_work *work)
{
    return work->stream ? covey_coap_compose_stream(out, head)
                        : covey_coap_compose(out, head);
}
