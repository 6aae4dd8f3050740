/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether a response is sent, and how long after. Pure functions; the message
 * layer holds what is delayed. */
#include <covey/exchange.h>

#include <covey/coap_options.h>

#define CONTENT COVEY_COAP_CODE(2, 5)

void covey_reply_read(covey_reply_terms *terms,
                      const covey_coap_message *request)
{
    uint32_t value;

    terms->has_no_response =
        covey_option_sound_uint(request, COVEY_OPTION_NO_RESPONSE, &value);
    terms->no_response = terms->has_no_response ? (uint8_t)value : 0;
}

bool covey_reply_wanted(const covey_reply_terms *terms, uint8_t code,
                        size_t payload_len)
{
    const unsigned kind = code >> 5;

    /* RFC 7967 Section 2.1: bit n - 1 stands for class n. */
    if (terms->has_no_response && kind > 0 &&
        (terms->no_response >> (kind - 1) & 1) != 0) {
        return false;
    }
    if (!terms->group || terms->always ||
        (terms->has_no_response && terms->authenticated)) {
        return true;
    }
    return kind == 2 && !(code == CONTENT && payload_len == 0);
}

uint32_t covey_reply_leisure(covey_reply_security security)
{
    switch (security) {
    case COVEY_REPLY_GROUP_MODE:
        return 20000;
    case COVEY_REPLY_PAIRWISE:
        return 13000;
    case COVEY_REPLY_OPEN:
        break;
    }
    return 5000;
}

uint32_t covey_reply_delay(uint32_t leisure, uint32_t random)
{
    return (uint32_t)(((uint64_t)leisure + 1) * random >> 32);
}
