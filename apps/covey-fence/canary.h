/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A datagram to an address that nobody has, as a raw frame, which is how tools
 * get around filters of the host. */
#ifndef COVEY_FENCE_CANARY_H
#define COVEY_FENCE_CANARY_H

#include "route.h"

/* At most this long. */
enum {
    CANARY_MAX = 14 + 40 + 8
};

/* Its length. */
size_t canary_make(const fence_route *r, uint8_t out[CANARY_MAX]);
/* Out of the inner end of the cable; called inside. */
bool canary_send(const fence_route *r, FILE *messages);

#endif
