/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The filter as text for libnftables. Everything in it comes from numbers of
 * ours; no text from outside gets in. */
#ifndef COVEY_FENCE_RULES_H
#define COVEY_FENCE_RULES_H

#include "order.h"
#include "route.h"

#include <stdio.h>

/* Counters, in the order in which they are reported. */
enum {
    COUNTER_PASSED = 0, /* to the target, with what they are about */
    COUNTER_NEIGHBOUR,  /* ARP and neighbour discovery that went out */
    COUNTER_ANSWERS,    /* of the target */
    COUNTER_SCOPE,      /* dropped: another host, protocol, port, form */
    COUNTER_SOURCE,     /* dropped: a forged sender */
    COUNTER_OTHER,      /* dropped: not IP of the target's version */
    COUNTER_HELD,       /* dropped: too fast */
    COUNTER_SPENT,      /* dropped: beyond the budget */
    COUNTER_CANARY,     /* the canary came to the filter */
    COUNTER_DEAD,       /* and went no further */
    COUNTERS
};

extern const char *const rules_counters[COUNTERS];

/* Names of the host's side: its device and the table. */
typedef struct rules_names {
    char device[16];
    char table[24];
} rules_names;

void rules_print(FILE *out, const fence_order *o, const fence_route *r,
                 const rules_names *names);
/* Nothing passes from here on; the counters stay. */
void rules_print_close(FILE *out, const rules_names *names);

#endif
