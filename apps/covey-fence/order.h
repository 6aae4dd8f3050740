/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a fence is to let through: one host, from the auditor's addresses,
 * these protocols and ports, so many packets in so much time. Whoever asks for
 * a fence has asked the gate of the audit; this reads what came of it, and
 * believes nothing. covey-fence(8) has the form. */
#ifndef COVEY_FENCE_ORDER_H
#define COVEY_FENCE_ORDER_H

#include <covey/address.h>
#include <covey/bytes.h>

#include <stdio.h>

enum {
    ORDER_SOURCES_MAX = 16,
    ORDER_PERMITS_MAX = 8192,
    ORDER_TEXT_MAX = 1 << 18,
    ORDER_RATE_MAX = 1000,     /* packets a second */
    ORDER_BUDGET_MAX = 200000, /* packets in all */
    ORDER_SECONDS_MAX = 86399  /* less than a day: the budget's own period */
};

/* The canaries: addresses that nobody has (RFC 7600, RFC 6666). */
#define ORDER_CANARY4 "192.0.0.8"
#define ORDER_CANARY6 "100::1"

/* Of TCP and UDP with ports, of the others without. */
typedef struct order_permit {
    uint16_t first;
    uint16_t last;
    uint8_t protocol;
} order_permit;

typedef struct fence_order {
    covey_address target;
    covey_address sources[ORDER_SOURCES_MAX];
    uint32_t source_count;
    uint32_t packets_s;
    uint32_t bytes_s;
    uint32_t budget;
    uint32_t seconds;
    uint32_t permit_count;
    order_permit permits[ORDER_PERMITS_MAX]; /* ascending, none touch */
} fence_order;

/* Reads the whole text, up to and with its line "end". False with a message
 * that names the line; *out is then of no use. */
bool order_read(covey_bytes text, fence_order *out, FILE *messages);

/* Whether a text is complete: its last line is "end". */
bool order_is_complete(covey_bytes text);

/* Has this protocol ports in an order? */
bool order_has_ports(uint8_t protocol);

#endif
