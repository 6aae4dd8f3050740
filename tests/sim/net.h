/* SPDX-License-Identifier: BSD-2-Clause */
/* A network of datagrams in simulated time: they are lost, doubled, late, and
 * so out of order, as a seed decides. Whoever sends says his own address; what
 * goes to a group reaches all nodes that have joined the network. */
#ifndef COVEY_SIM_NET_H
#define COVEY_SIM_NET_H

#include "kit.h"

#include <covey/address.h>
#include <covey/time.h>

enum {
    SIM_MTU = 1280,
    SIM_PACKETS = 256,
    SIM_NODES = 32
};

typedef struct sim_weather {
    uint32_t loss;   /* chance in 256 */
    uint32_t copies; /* chance in 256 that a datagram comes twice */
    uint32_t delay;  /* ms at least */
    uint32_t jitter; /* ms more at most */
} sim_weather;

typedef struct sim_packet {
    covey_ms at;
    covey_address to; /* the node, also when a group was addressed */
    covey_path path;  /* as the receiver sees it */
    size_t len;
    uint8_t bytes[SIM_MTU];
} sim_packet;

typedef struct sim_net {
    sim_weather weather;
    kit_random random;
    covey_address node[SIM_NODES];
    unsigned nodes;
    sim_packet *packet[SIM_PACKETS]; /* on their way, in no order */
    unsigned count;
    sim_packet storage[SIM_PACKETS];
    unsigned lost;
    unsigned copied;
    unsigned arrived;
} sim_net;

void sim_init(sim_net *net, const sim_weather *weather, uint64_t seed);
/* 192.0.2.<number>, port 5683. */
covey_address sim_join(sim_net *net, uint8_t number);
/* Sends from a node along a departure path. */
void sim_send(sim_net *net, covey_ms now, const covey_address *from,
              const covey_path *path, covey_bytes datagram);
/* When something arrives next; COVEY_NEVER if nothing is on its way. */
covey_ms sim_next(const sim_net *net);
/* The next that has arrived, valid until the next call of sim_send; NULL if
 * there is none. */
const sim_packet *sim_arrive(sim_net *net, covey_ms now);

#endif
