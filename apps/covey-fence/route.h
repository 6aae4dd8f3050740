/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the host reaches a target, and the cable between host and tool, over
 * rtnetlink. */
#ifndef COVEY_FENCE_ROUTE_H
#define COVEY_FENCE_ROUTE_H

#include <covey/address.h>

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

typedef struct fence_route {
    uint32_t index; /* of the device */
    char device[16];
    uint8_t mac[6];
    covey_address source;
    covey_address hop; /* the target itself, or the router before it */
} fence_route;

/* Asks the kernel. False with a message: no route, no Ethernet, or a name that
 * is not for rules. */
bool route_find(const covey_address *target, fence_route *out, FILE *messages);

#define CABLE_INSIDE "fence0"

/* A cable from a new device of this name to one in the network namespace of a
 * process, which has the address of the auditor's device. */
bool cable_lay(const char *name, pid_t inside, const uint8_t mac[6],
               FILE *messages);
/* Its other end, and there the one way to the target; called inside. */
bool cable_connect(const fence_route *r, const covey_address *target,
                   FILE *messages);

#endif
