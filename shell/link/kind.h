/* SPDX-License-Identifier: BSD-2-Clause */
/* What a kind of link does; shared inside shell/link. */
#ifndef COVEY_SHELL_LINK_KIND_H
#define COVEY_SHELL_LINK_KIND_H

#include "coap_link.h"

/* `open` is called with an endpoint that is ready; if it fails it has told
 * why, and `close` follows in any case. */
struct link_kind {
    const char *scheme; /* before its address in the log */
    size_t message_max; /* the longest message, either way */
    bool streams;       /* as of covey_endpoint_config */
    /* Sets k->state and k->local. */
    bool (*open)(struct link *k, const struct link_listen *listen);
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
    /* As link_peer; NULL: nobody is known. */
    const dtls_peer *(*peer)(const struct link *k, const covey_path *path);
    /* As link_tls_peer; NULL: nobody is known. */
    const covey_tls_peer *(*tls_peer)(const struct link *k,
                                      const covey_path *path);
    /* As link_schc_of; NULL: never. */
    const struct schc_link *(*schc)(const struct link *k);
};

extern const struct link_kind link_udp;
extern const struct link_kind link_tcp;
extern const struct link_kind link_dtls;
extern const struct link_kind link_tls;

/* As link_socket, perhaps alone at its address. */
udp_socket *link_udp_socket(const covey_address *local, bool shared,
                            char error[UDP_ERROR_MAX]);
/* What the endpoint itself owes leaves. */
void link_transmit(struct link *k, covey_ms now);
/* For kinds that carry datagrams: takes one, and answers it. link_turn
 * follows after the last. */
void link_receive(struct link *k, covey_time now, const covey_path *path,
                  covey_bytes datagram);
/* Everything that came has been taken. */
void link_turn(struct link *k, covey_ms now);
/* A line of the log about something that failed. */
void link_tell(const struct link *k, const char *name, const char *why);

#endif
