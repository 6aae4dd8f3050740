/* SPDX-License-Identifier: BSD-2-Clause */
/* Hop-Limit, RFC 8768. */
#include <covey/exchange.h>

#include <covey/coap_options.h>

#define BAD_REQUEST       COVEY_COAP_CODE(4, 0)
#define HOP_LIMIT_REACHED COVEY_COAP_CODE(5, 8)

uint8_t covey_hop_limit(const covey_coap_message *request, uint8_t initial,
                        uint8_t *hop_limit)
{
    covey_bytes value;

    if (!covey_option_get(request, COVEY_OPTION_HOP_LIMIT, &value)) {
        *hop_limit = initial;
        return 0;
    }
    if (value.len != 1 || value.ptr[0] == 0) {
        return BAD_REQUEST;
    }
    if (value.ptr[0] == 1) {
        return HOP_LIMIT_REACHED;
    }
    *hop_limit = (uint8_t)(value.ptr[0] - 1);
    return 0;
}
