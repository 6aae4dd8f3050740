/* SPDX-License-Identifier: BSD-2-Clause */
/* The rest of a large answer to a group request: what follows the first block
 * is asked of the one member that has begun it (RFC 7959 Section 2.8), in
 * pairwise mode if the group has Group OSCORE. One member after the other. */
#ifndef COVEY_APP_REQUEST_REST_H
#define COVEY_APP_REQUEST_REST_H

#include "request_exchange.h"

/* Takes an answer that is not the whole, to be reported when it is. False: it
 * is to be reported as it is. */
bool request_rest_begin(struct request_run *r, const covey_path *path,
                        const covey_endpoint_in *in);
/* A response to what is asked here; false: it is none. */
bool request_rest_take(struct request_run *r, const covey_path *path,
                       const covey_endpoint_in *in);
/* The end of an exchange, which may be one of these. */
void request_rest_ended(struct request_run *r,
                        const covey_endpoint_report *report);
/* Is there something to come yet? The run then ends with it. */
bool request_rest_waits(struct request_run *r);
void request_rest_free(struct request_run *r);

#endif
