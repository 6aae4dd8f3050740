/* SPDX-License-Identifier: BSD-2-Clause */
/* A link is one address of a server or proxy: an endpoint, and what carries
 * its messages. Who has links knows them by the functions below; what carries
 * messages is one kind of several, each with a file of its own.
 *
 * Nothing is allocated once a link is open, but for connections. */
#ifndef COVEY_SHELL_LINK_H
#define COVEY_SHELL_LINK_H

#include <covey/endpoint.h>
#include <covey/schc.h>
#include <dtls_server.h>
#include <log.h>
#include <loop.h>
#include <refused.h>
#include <tls_setup.h>
#include <udp.h>

enum {
    LINK_TEXT_MAX = 96
};

struct link;
struct link_kind;

/* --- what a link is made from -------------------------------------------- */

/* What messages are carried by. */
enum link_transport {
    LINK_UDP,
    LINK_TCP,
    LINK_DTLS,
    LINK_TLS
};

/* Messages of a thin link, UDP only (schc_link.h). */
struct link_schc {
    const char *rules;
    covey_schc_direction sends;
    /* As of covey_message_parameters. */
    uint16_t message_id_first;
    uint8_t message_id_bits;
};

/* An address that is listened to. */
struct link_listen {
    covey_address address;
    enum link_transport transport;
    bool reuse_port; /* several processes on one port: the kernel deals out */
    const struct link_schc *schc;    /* NULL: messages go as they are */
    const dtls_server_options *dtls; /* of DTLS, without its events */
    /* UDP and DTLS: of link_socket, and outlives the link. NULL: the link has
     * one of its own. */
    struct udp_socket *socket;
    struct link_counts *counts; /* NULL: the link's own */
    tls_setup *tls;             /* TLS: who we are and whom we take; kept */
    /* TLS: what link_secure_open makes it of. */
    const tls_setup_options *tls_options;
};

/* A multicast address that requests are taken from. */
struct link_group {
    covey_address address;
    const char *interface; /* by name; NULL: the routes decide */
};

/* Whether a group is heard at this address: that of all interfaces, with its
 * family and port. */
bool link_group_is_at(const struct link_group *g, const covey_address *local);

/* The endpoint of a link. */
struct link_setup {
    covey_endpoint_config endpoint; /* streams and seed are the link's to set,
                                       and Message IDs if it is a thin one */
    uint32_t duplicates;            /* requests that are remembered */
    uint32_t exchanges;             /* of ours under way; 0: it never asks */
    uint32_t responders;            /* to those of them that go to groups */
    /* The longest protected request that is put together from outer blocks
     * (outer.h); 0: none are. */
    uint32_t unfragmented;
};

/* What has come. Several processes at one address have these in memory that
 * all of them see; each writes its own. */
typedef struct link_counts {
    uint64_t received; /* messages */
    refused_count refused;
} link_counts;

/* Who has links. Kept by them, as what it points to. */
struct link_owner {
    void *user;
    const log_sink *log;
    loop *loop;
    const struct link_group *groups; /* joined where they can be heard */
    size_t group_count;
    /* A request, challenge or response; path is that of its datagram. */
    void (*received)(struct link *k, covey_time now, const covey_path *path,
                     covey_endpoint_in *in);
    void (*event)(struct link *k, covey_ms now,
                  const covey_endpoint_report *event);
    /* The connection of this path has ended, and what waited for it. */
    void (*lost)(struct link *k, const covey_path *path);
    /* Several processes at one address: how many (0: this one alone), and
     * which this is. Where one is alone the functions are NULL. */
    uint32_t crew;
    uint32_t me;
    /* A datagram that another one has to answer: true if it has it now. */
    bool (*elsewhere)(struct link *k, const covey_path *path,
                      covey_bytes datagram);
    /* A message to the connection of another one, true if it is. */
    bool (*away)(struct link *k, const covey_path *path, covey_bytes message);
    /* After each turn of the loop: link_settle for all links that may have
     * something to send. NULL: for that link alone. */
    void (*settle)(void *user, covey_ms now);
};

/* --- links --------------------------------------------------------------- */

struct link {
    const struct link_owner *owner;
    const struct link_kind *kind;
    void *state; /* the kind's */
    loop_alarm *alarm;
    covey_endpoint endpoint;
    covey_chunks chunks;
    covey_address local; /* as bound */
    void *memory[16];
    size_t memory_count;
    link_counts *counts;
    link_counts own; /* unless link_listen says where */
};

/* False: it has been told why. Closing is allowed in any case. */
bool link_open(struct link *k, const struct link_owner *owner,
               const struct link_setup *setup,
               const struct link_listen *listen);
void link_close(struct link *k);
/* "coap+tcp://127.0.0.1:5683"; plain addresses for UDP. */
const char *link_text(const struct link *k, char out[LINK_TEXT_MAX]);
/* NULL: it is no thin one. */
const struct schc_link *link_schc_of(const struct link *k);
/* Where the next message is written; failed if the network takes no more. */
covey_writer link_departure(struct link *k);
/* What was written there leaves, if it is to leave now. */
void link_commit(struct link *k, const covey_endpoint_sent *sent,
                 const covey_writer *written);
/* How long a message with several blocks may be to this peer; 0: it takes one
 * block at most. */
uint32_t link_bert(const struct link *k, const covey_path *path);
/* Who is at the other end of this session of DTLS; NULL: it is none. */
const dtls_peer *link_peer(const struct link *k, const covey_path *path);
/* Who is at the other end of this connection of TLS: PSID, SSP and HashedId8
 * of a certificate of ITS, for tls_permits (tls_permission.h). NULL: it is
 * none, or has ended. */
const covey_tls_peer *link_tls_peer(const struct link *k,
                                    const covey_path *path);
/* What the endpoint owes and tells; then its messages leave. */
void link_settle(struct link *k, covey_ms now);

/* --- several processes at one address ------------------------------------ */

/* A socket beside others at the same address, for UDP and DTLS. NULL with a
 * sentence in `error`. */
struct udp_socket *link_socket(const covey_address *local,
                               char error[UDP_ERROR_MAX]);
/* What came to another one. */
void link_deliver(struct link *k, covey_time now, const covey_path *path,
                  covey_bytes datagram);
/* Leaves to a connection of this link. */
void link_pass(struct link *k, covey_ms now, const covey_path *path,
               covey_bytes message);

#endif
