/* SPDX-License-Identifier: BSD-2-Clause */
/* A forged source address must not make this server send much to somebody who
 * never asked (RFC 9175 Section 2.6): who has not shown to be where its
 * datagrams come from gets answers in proportion to what it sent, and is asked
 * for Echo where they would be longer. */
#ifndef COVEY_SERVE_REACH_H
#define COVEY_SERVE_REACH_H

#include <covey/endpoint.h>
#include <covey/transfer.h>

struct reach {
    covey_echo echo;
    covey_echo_row *rows;
    uint32_t factor; /* 0: no limit */
};

/* False: no memory, or no random bytes. */
bool reach_open(struct reach *r, uint32_t factor, covey_random random);
void reach_close(struct reach *r);
/* The longest answer to this request without knowing more; SIZE_MAX if it is
 * protected, or comes over a connection. */
size_t reach_room(const struct reach *r, const covey_endpoint_in *in);
/* Whether an answer of this length may go, SIZE_MAX standing for one with no
 * end. */
bool reach_allows(struct reach *r, covey_ms now, const covey_endpoint_in *in,
                  size_t len);
/* What the client is to repeat its request with. False: no random bytes. */
bool reach_challenge(struct reach *r, covey_ms now,
                     const covey_endpoint_in *in,
                     uint8_t value[COVEY_ECHO_LEN]);

#endif
