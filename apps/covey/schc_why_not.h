/* SPDX-License-Identifier: BSD-2-Clause */
/* Why rules do not fit a packet, in sentences. */
#ifndef COVEY_APP_SCHC_WHY_NOT_H
#define COVEY_APP_SCHC_WHY_NOT_H

#include "schc_session.h"

/* "coap-code: wants 0.01 GET, the packet has 0.02 POST"; to be freed, NULL
 * without memory. */
char *schc_why_not_text(const covey_schc_context *ctx,
                        covey_schc_direction direction, covey_bytes packet,
                        uint16_t rule, const covey_schc_finding *finding);

/* One line per compression rule. */
void schc_why_not_print(const schc_session *s, covey_bytes packet, FILE *out);

#endif
