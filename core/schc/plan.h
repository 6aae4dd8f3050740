/* SPDX-License-Identifier: BSD-2-Clause */
/* Plans: what index.c prepares for each rule and direction. */
#ifndef COVEY_CORE_SCHC_PLAN_H
#define COVEY_CORE_SCHC_PLAN_H

#include "schc_internal.h"

/* Bytes of the fixed headers of all layers, one after the other. */
enum {
    FIXED_UDP = IPV6_HEADER,
    FIXED_COAP = FIXED_UDP + UDP_HEADER,
    FIXED_BYTES = FIXED_COAP + COAP_HEADER
};

/* All header fields of a rule that are compared for equality and not sent, as
 * one masked comparison and as the bytes to begin a packet with. */
struct covey__schc_plan {
    uint8_t mask[FIXED_BYTES];
    uint8_t value[FIXED_BYTES];
    struct covey__schc_rest rest;
};

/* Makes the plan of a sound rule. `fields` has room for field_count indices
 * and is kept by the plan; the result says how many were used. */
uint16_t covey__schc_plan_make(struct covey__schc_plan *plan,
                               const covey_schc_rule *rule,
                               covey_schc_direction direction,
                               uint16_t *fields);

/* True if a packet with these layers has the bytes that the plan asks for. */
bool covey__schc_plan_agrees(const struct covey__schc_plan *plan,
                             const uint8_t *packet, unsigned layers);

/* The fixed headers of these layers, to begin a packet with. */
const uint8_t *covey__schc_plan_head(const struct covey__schc_plan *plan,
                                     unsigned layers);

#endif
