/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests through a proxy: what it is told, and who it says has answered.
 * Seed 003 (draft-tiloca-core-groupcomm-proxy-01) Section 5, and
 * draft-ietf-core-groupcomm-proxy-07. */
#ifndef COVEY_APP_REQUEST_PROXY_H
#define COVEY_APP_REQUEST_PROXY_H

#include "request_args.h"

#include <covey/endpoint.h>
#include <covey/transfer.h>

enum {
    REQUEST_MARGIN = 2000,    /* ms, unless given */
    REQUEST_PROXY_URI = 1034, /* bytes, RFC 7252 Section 5.10 */
    REQUEST_SERVERS = 1024    /* that are told apart */
};

/* Does the URI name a group, as far as one can see? Names are the proxy's to
 * resolve; who gives --collect thinks so. */
bool request_proxy_many(const struct request_args *a);
/* Puts the timeout option into the draft, and No-Response if nobody waits.
 * `collect`: ms, unless given. */
void request_proxy_wait(struct request_args *a, uint32_t collect);
/* How long answers are collected here: T, in ms. */
uint32_t request_proxy_patience(const struct request_args *a,
                                uint32_t collect);
/* The URI of the request, but at another address; empty if that is too long.
 */
covey_bytes request_proxy_at(const struct request_args *a,
                             const covey_proxy_origin *origin,
                             uint8_t buf[REQUEST_PROXY_URI]);

/* The origin that is told outside of what is protected end to end, read before
 * that protection drops it: a protector around the one for that. */
struct request_origin {
    covey_protector protector;
    const covey_protector *inner; /* set before init */
    uint16_t group_port;          /* the same */
    covey_proxy_origin origin;    /* of what was opened last, */
    bool known;                   /* if it had one */
};

void request_origin_init(struct request_origin *o);

/* --- servers, as they answer --------------------------------------------- */

struct request_server {
    covey_proxy_origin origin;
    covey_observation observation;
};

struct request_servers {
    struct request_server list[REQUEST_SERVERS];
    size_t count;
};

/* The one with this origin; NULL: there are too many already. */
struct request_server *request_servers_get(struct request_servers *s,
                                           const covey_proxy_origin *origin);

#endif
