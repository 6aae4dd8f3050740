/* SPDX-License-Identifier: BSD-2-Clause */
/* What a server is made from, wherever that comes from: a configuration, or a
 * program (serve.h). */
#ifndef COVEY_SERVE_SETUP_H
#define COVEY_SERVE_SETUP_H

#include "resource.h"

#include <coap_link.h>

enum {
    SERVER_AMPLIFICATION = 3, /* RFC 9175 Section 2.6 */
    /* Of duplicates a server of 10,000 requests a second sees those of 13
     * seconds; RFC 7252 Section 4.8.2 wants 247 s of one that hears less. */
    SERVER_DUPLICATES = 1 << 17,
    SERVER_OBSERVERS = 1 << 14
};

struct server_crew;

/* A request and what was said to it. */
struct server_answered {
    const covey_endpoint_in *in;
    uint8_t code;
    uint64_t us; /* from the one to the other, without the leisure of groups */
};

struct server_setup {
    const struct server_crew *crew; /* crew.h; NULL: one process alone */
    const struct link_listen *listen;
    size_t listen_count;
    const struct link_group *groups;
    size_t group_count;
    struct resources *resources;
    /* As of covey_endpoint_config. */
    const covey_protector *const *protectors;
    size_t protector_count;
    covey_random random;
    /* How many times as much goes to an address as came from it, before it is
     * known to be true (reach.h); 0: no limit. */
    uint32_t amplification;
    /* Within how many ms answers to groups are spread; 0: as the standard
     * says, depending on their protection. */
    uint32_t leisure;
    /* As of struct link_setup; 0: none. */
    uint32_t unfragmented;
    /* Requests to an address that are remembered, 120 bytes for each. */
    uint32_t duplicates;
    /* Observations, 80 bytes for each, and up to 210 more while it is there;
     * further ones are answered without Observe. */
    uint32_t observers;
    /* Is told of each request that has had an answer. NULL: nobody wants to
     * know. */
    void (*answered)(void *user, const struct server_answered *what);
    void *user;
};

#endif
