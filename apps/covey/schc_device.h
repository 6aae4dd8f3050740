/* SPDX-License-Identifier: BSD-2-Clause */
/* Which way a packet goes: who the devices are, told by the command line or
 * guessed. */
#ifndef COVEY_APP_SCHC_DEVICE_H
#define COVEY_APP_SCHC_DEVICE_H

#include "schc_flow.h"
#include "schc_session.h"

typedef struct schc_sides {
    bool guessed;
    bool by_app;         /* everybody who talks with `address` is a device */
    uint8_t address[16]; /* guessed */
    /* Some packets have one address at both ends, as on a loopback: there the
     * port tells which end is the device's. */
    bool loopback;
    bool device_on_port;
    /* How many of the packets looked at fit a rule this way, and how many the
     * other way round. */
    uint32_t looked_at;
    uint32_t fit;
    uint32_t fit_otherwise;
} schc_sides;

/* The packet as the stack sees it; absent if it has no place in the stack. */
covey_bytes schc_device_packet(const schc_flow *flow, const schc_packet *p,
                               covey_schc_stack stack);

/* Without --device: the address that occurs most is the device or the
 * application, whichever lets more packets fit. */
schc_sides schc_device_sides(const schc_session *s, const schc_flow *flow);

/* False: neither from nor to a device. */
bool schc_device_direction(const schc_session *s, const schc_sides *sides,
                           const schc_packet *p,
                           covey_schc_direction *direction);

/* "2001:db8::3"; IPv4 for addresses that are only four bytes long. */
#define SCHC_ADDRESS_MAX 48u
const char *schc_device_address(const uint8_t address[16],
                                char buf[SCHC_ADDRESS_MAX]);

#endif
