/* SPDX-License-Identifier: BSD-2-Clause */
/* A link is one address of the server: an endpoint, and what carries its
 * messages. The rest of the server knows links only by the functions of
 * server.h; what carries messages is one kind of several, each with a file of
 * its own. */
#ifndef COVEY_SERVE_LINK_H
#define COVEY_SERVE_LINK_H

#include "server.h"

/* What a kind of link does. `open` is called with an endpoint that is ready;
 * if it fails it has told why, and `close` follows in any case. */
struct link_kind {
    const char *scheme; /* before its address in the log */
    size_t message_max; /* the longest message, either way */
    bool streams;       /* as of covey_endpoint_config */
    /* Sets k->state; *bound is what the log calls the link. */
    bool (*open)(struct link *k, const struct server_listen *listen,
                 covey_address *bound);
    /* k->state may be NULL. */
    void (*close)(struct link *k);
    /* An empty writer of message_max bytes for one message, until commit or
     * the next call. One that has failed: nothing can leave now; `link_settle`
     * is to be called when that changes. */
    covey_writer (*departure)(struct link *k);
    /* What was written there leaves to path. What cannot is lost, as networks
     * do. */
    void (*commit)(struct link *k, const covey_path *path,
                   const covey_writer *written);
    /* Nothing more is written for now: what is queued leaves. NULL: nothing is
     * ever queued. */
    void (*settle)(struct link *k);
    /* As link_bert; NULL: no several blocks in one message. */
    uint32_t (*bert)(const struct link *k, const covey_path *path);
};

extern const struct link_kind link_udp;
extern const struct link_kind link_tcp;

/* What the endpoint itself owes leaves. */
void link_transmit(struct link *k, covey_ms now);
/* For kinds that carry datagrams: takes one, and answers it. link_settle
 * follows after the last. */
void link_receive(struct link *k, covey_time now, const covey_path *path,
                  covey_bytes datagram);

#endif
