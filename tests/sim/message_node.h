/* SPDX-License-Identifier: BSD-2-Clause */
/* An endpoint that is a message layer and nothing above it, on the simulated
 * network; and what is true of every datagram that it sends. */
#ifndef COVEY_SIM_MESSAGE_NODE_H
#define COVEY_SIM_MESSAGE_NODE_H

#include "message_check.h"
#include "net.h"

enum {
    NODE_SEEN = 64,
    NODE_PEERS = 8,
    NODE_OUT = 16,
    NODE_CHUNKS = 96,
    NODE_TRACE = 256
};

/* One message, however often it was sent. */
typedef struct node_sent {
    uint8_t header[4];
    covey_address to;
    uint32_t sum; /* over all bytes */
    covey_ms last;
    covey_ms interval;
    unsigned times;
} node_sent;

/* Rows that the tables have, of those above. */
typedef struct node_size {
    uint32_t seen;
    uint32_t peers;
    uint32_t out;
    uint32_t chunks;
} node_size;

typedef struct node {
    covey_message_layer layer;
    covey_message_memory memory;
    covey_message_seen seen[NODE_SEEN];
    covey_message_peer peers[NODE_PEERS];
    covey_message_out out[NODE_OUT];
    covey_timer timers[NODE_OUT];
    covey_slot slots[COVEY_MESSAGE_SLOTS(NODE_SEEN, NODE_PEERS, NODE_OUT)];
    covey_chunk chunk[NODE_CHUNKS];
    covey_chunks chunks;
    covey_address address;
    covey_ms late; /* the most that the node is behind its deadlines */
    node_sent trace[NODE_TRACE];
    unsigned traced;
} node;

void node_start(node *n, const node_size *size,
                const covey_message_parameters *p, const covey_address *a,
                uint64_t seed);
/* What leaves the node goes through here: a message that is repeated has the
 * same bytes as before, and a Confirmable one leaves when RFC 7252 Section 4.2
 * wants it to. */
void node_send(node *n, sim_net *net, covey_ms now, const covey_path *path,
               covey_bytes datagram);
/* Transmits until there is nothing more; the deadline then lies ahead but for
 * events. */
void node_transmit(node *n, sim_net *net, covey_ms now);
/* Nothing is on its way out, nothing is stored but replies. */
void node_is_quiet(const node *n);
/* After this all replies are forgotten, and everything is free. */
void node_forgets(node *n, covey_ms now);

#endif
