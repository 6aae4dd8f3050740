/* SPDX-License-Identifier: BSD-2-Clause */
/* What a server is made from, wherever that comes from: a configuration, or a
 * program (serve.h). */
#ifndef COVEY_SERVE_SETUP_H
#define COVEY_SERVE_SETUP_H

#include "resource.h"

#include <covey/endpoint.h>

enum {
    SERVER_AMPLIFICATION = 3 /* RFC 9175 Section 2.6 */
};

/* What messages are carried by. */
enum server_transport {
    SERVER_LISTEN_UDP,
    SERVER_LISTEN_TCP
};

/* An address that is listened to. */
struct server_listen {
    covey_address address;
    enum server_transport transport;
};

/* A multicast address that requests are taken from. */
struct server_group {
    covey_address address;
    const char *interface; /* by name; NULL: the routes decide */
};

struct server_setup {
    const struct server_listen *listen;
    size_t listen_count;
    const struct server_group *groups;
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
};

/* Whether a group is heard at this address: that of all interfaces, with its
 * family and port. */
bool server_group_is_at(const struct server_group *g,
                        const covey_address *local);

#endif
