/* SPDX-License-Identifier: BSD-2-Clause */
/* One of several workers that serve the same resources at the same addresses.
 * The system gives each peer's datagrams to one of them, by its address. What
 * that one cannot answer it sends on: protected messages to the owner of their
 * security context, acknowledgements to whoever sent what they acknowledge. A
 * message that leaves over a session of another worker goes there. Observers
 * are told by the worker that has them. */
#ifndef COVEY_SERVE_CREW_H
#define COVEY_SERVE_CREW_H

#include "shared.h"

#include <coap_link.h>
#include <post.h>

struct server;

/* What a worker is told about itself and the others; kept. */
struct server_crew {
    unsigned me;
    unsigned count;
    struct shared *shared;
    post *post;
    /* Who has the security context that this kid names, with kid context or
     * without; the number of a worker, or COUNT and more: nobody. NULL: there
     * are no contexts, and nothing is sent on. */
    unsigned (*owner)(void *user, covey_bytes kid, covey_bytes kid_context);
    void *user;
};

struct crew {
    const struct server_crew *of; /* NULL: one process alone */
    uint64_t *seen;               /* versions of resources, told to ours */
    const dtls_peer *guest; /* who is behind the message of another worker */
};

/* After the tables of the server, before its links; false: no memory. */
bool crew_open(struct server *s);
void crew_close(struct server *s);
/* Message IDs that tell this worker from the others. */
void crew_message_ids(const struct server *s, covey_message_parameters *m);
/* Is this link here, or only with the first worker? */
bool crew_has_link(const struct server *s, const struct link_listen *listen);
/* The others hear that this resource has changed. */
void crew_changed(struct server *s, const struct resource *r);
/* The others hear that a session has ended. */
void crew_lost(struct link *k, const covey_path *path);
/* Who is at the other end of a session, here or with another worker. */
const dtls_peer *crew_peer(const struct link *k, const covey_path *path);
/* The lock of the resources; NULL: there is none. */
struct shared *crew_shared(const struct server *s);

#endif
