/* SPDX-License-Identifier: BSD-2-Clause */
/* Which option a number names. Those of signalling messages share no numbers
 * with the others, nor with each other: each code has its own (RFC 8323
 * Section 5.2). They are critical or elective like all, but nobody forwards or
 * caches them. */
#include "coap_app.h"

#include <covey/exchange.h>
#include <strings.h>

#define EMPTY  COVEY_FORMAT_EMPTY
#define UINT   COVEY_FORMAT_UINT
#define STRING COVEY_FORMAT_STRING
#define E      COVEY_CLASS_E /* not shown */

struct signal_option {
    uint8_t code;
    covey_option_def def;
};

/* RFC 8323 Section 11.2, RFC 8974 Section 5.1. */
static const struct signal_option signals[] = {
    { COVEY_SIGNAL_CSM,
      { COVEY_SIGNAL_MAX_MESSAGE_SIZE, "Max-Message-Size", UINT, 0, 4, false,
        E, "RFC 8323" } },
    { COVEY_SIGNAL_CSM,
      { COVEY_SIGNAL_BLOCK_WISE_TRANSFER, "Block-Wise-Transfer", EMPTY, 0, 0,
        false, E, "RFC 8323" } },
    { COVEY_SIGNAL_CSM,
      { COVEY_SIGNAL_EXTENDED_TOKEN_LENGTH, "Extended-Token-Length", UINT, 0,
        3, false, E, "RFC 8974" } },
    { COVEY_SIGNAL_PING,
      { COVEY_SIGNAL_CUSTODY, "Custody", EMPTY, 0, 0, false, E, "RFC 8323" } },
    { COVEY_SIGNAL_PONG,
      { COVEY_SIGNAL_CUSTODY, "Custody", EMPTY, 0, 0, false, E, "RFC 8323" } },
    { COVEY_SIGNAL_RELEASE,
      { COVEY_SIGNAL_ALTERNATIVE_ADDRESS, "Alternative-Address", STRING, 1,
        255, true, E, "RFC 8323" } },
    { COVEY_SIGNAL_RELEASE,
      { COVEY_SIGNAL_HOLD_OFF, "Hold-Off", UINT, 0, 3, false, E,
        "RFC 8323" } },
    { COVEY_SIGNAL_ABORT,
      { COVEY_SIGNAL_BAD_CSM_OPTION, "Bad-CSM-Option", UINT, 0, 2, false, E,
        "RFC 8323" } },
};

#define SIGNAL_COUNT (sizeof signals / sizeof signals[0])

bool coap_is_signal(uint8_t code)
{
    return code >> 5 == 7;
}

const covey_option_def *coap_option_def(uint8_t code, uint16_t number)
{
    if (!coap_is_signal(code)) {
        return covey_option_find(number);
    }
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        if (signals[i].code == code && signals[i].def.number == number) {
            return &signals[i].def;
        }
    }
    return NULL;
}

static const covey_option_def *by_name(uint8_t code, const char *name)
{
    if (!coap_is_signal(code)) {
        return covey_option_by_name(name);
    }
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        if (signals[i].code == code &&
            strcasecmp(signals[i].def.name, name) == 0) {
            return &signals[i].def;
        }
    }
    return NULL;
}

bool coap_option_number_find(uint8_t code, const char *text, uint16_t *number)
{
    const covey_option_def *def = by_name(code, text);
    uint32_t v;

    if (def != NULL) {
        *number = def->number;
        return true;
    }
    if (!coap_parse_number(text, COVEY_COAP_OPTION_NUMBER_MAX, &v)) {
        return false;
    }
    *number = (uint16_t)v;
    return true;
}
