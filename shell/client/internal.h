/* SPDX-License-Identifier: BSD-2-Clause */
/* A client inside: its endpoint, and what carries its messages. */
#ifndef COVEY_SHELL_CLIENT_INTERNAL_H
#define COVEY_SHELL_CLIENT_INTERNAL_H

#include "client.h"

/* What a carrier does. */
struct client_carrier {
    bool streams; /* as of covey_endpoint_config */
    /* The endpoint is ready. False with a sentence; `close` follows in any
     * case. A connection sets c->path, and tells `ready` when it is made. */
    bool (*open)(client *c, char error[CLIENT_ERROR_MAX]);
    /* c->state may be NULL. */
    void (*close)(client *c);
    /* An empty writer for one message; one that has failed: not now. */
    covey_writer (*departure)(client *c);
    /* What was written there leaves; if it never can, c->refused says why. */
    void (*commit)(client *c, const covey_path *path,
                   const covey_writer *written);
    /* Nothing more is written for now. */
    void (*settle)(client *c);
    /* NULL: covey_endpoint_ping. */
    covey_status (*ping)(client *c);
    /* As client_bert; NULL: 0. */
    uint32_t (*bert)(const client *c);
};

extern const struct client_carrier client_udp;
extern const struct client_carrier client_tcp;
extern const struct client_carrier client_dtls;

/* One who asks has few exchanges at a time, but a whole group may answer. */
enum {
    EXCHANGES = 16,
    RESPONDERS = 4096,
    SEEN = 4096,
    PEERS = 16,
    OUT = 32,
    CLIENT_TOKEN_REST = 250000, /* ms, draft-ietf-core-groupcomm-bis 3.1.5 */
    WHOLES = 2,                 /* responses in outer blocks at a time */
    CHUNKS = 4096, /* 240 kB of messages that may have to be sent again */
    DATAGRAM = CLIENT_MESSAGE_MAX,
    /* Two plain messages, and by how much composing may make them longer. */
    SCRATCH = 2 * (DATAGRAM + DATAGRAM / 8 + 512)
};

struct client {
    covey_endpoint endpoint;
    client_options options;
    const struct client_carrier *carrier;
    void *state; /* the carrier's */
    loop *loop;
    loop_alarm *alarm;
    covey_path path; /* of a connection: all requests go there */
    /* The request that is being put together. */
    covey_endpoint_call call;
    covey_draft draft;
    covey_writer departure;
    covey_status refused; /* what commit could not send at all */
    /* Tables of the endpoint. */
    covey_chunks chunks;
    covey_message_seen seen[SEEN];
    covey_message_peer peers[PEERS];
    covey_message_out out[OUT];
    covey_timer out_timers[OUT];
    covey_slot slots[COVEY_MESSAGE_SLOTS(SEEN, PEERS, OUT)];
    covey_chunk chunk[CHUNKS];
    covey_exchange_row exchanges[EXCHANGES];
    covey_slot exchange_slots[COVEY_SLOTS(EXCHANGES)];
    covey_timer timers[EXCHANGES];
    covey_exchange_responder responders[RESPONDERS];
    covey_endpoint_row rows[EXCHANGES];
    covey_security security[EXCHANGES];
    uint32_t security_next[EXCHANGES];
    covey_outer *outer; /* NULL: nothing is protected */
    uint8_t scratch[SCRATCH];
};

/* A message in whole is told to whoever wants to see it. */
void client__show(client *c, bool sent, const covey_path *path,
                  covey_bytes bytes);
/* A datagram has come. */
void client__receive(client *c, const covey_path *path, covey_bytes datagram);
/* What the endpoint has taken from it or from a stream. */
void client__deliver(client *c, const covey_path *path,
                     const covey_endpoint_in *in);
/* Whatever is due: out, told, and the alarm set for the next time. */
void client__pump(client *c);

#endif
