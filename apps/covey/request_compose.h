/* SPDX-License-Identifier: BSD-2-Clause */
/* The options of a request: those that the caller gave, in order, and those
 * of the transfer. */
#ifndef COVEY_APP_REQUEST_COMPOSE_H
#define COVEY_APP_REQUEST_COMPOSE_H

#include "request_args.h"

#include <covey/transfer.h>

struct request_parts {
    const covey_fetch_request *want;
    covey_bytes echo;      /* empty: none */
    covey_bytes proxy_uri; /* in the place of the caller's, without timeout:
                              to one server; empty: as it is */
    bool observe; /* the caller's Observe option goes with it: the blocks
                         of a notification are fetched without */
};

/* Options and payload. */
void request_compose(const struct request_args *a,
                     const struct request_parts *parts,
                     covey_coap_composer *c);

#endif
