/* SPDX-License-Identifier: BSD-2-Clause */
/* An endpoint of CoAP on one UDP socket that both answers and asks: what a
 * program needs that serves nodes and has news for them. The endpoint is
 * covey/endpoint.h's; here are its memory, its socket and its loop.
 *
 * Datagrams come in batches. When one has been worked off, `settle` says so:
 * time to decide what several requests share. What is to leave is queued until
 * `leave` agrees, so that one write to the disk can stand before many
 * answers. */
#ifndef COVEY_SHELL_PEER_H
#define COVEY_SHELL_PEER_H

#include <covey/endpoint.h>
#include <loop.h>

enum {
    PEER_ERROR_MAX = 256,
    PEER_DATAGRAM_MAX = 4096
};

typedef struct peer peer;

/* From handlers replies and requests may be sent; the peer stays open. Those
 * that are NULL are not called. */
typedef struct peer_handlers {
    /* Whether a datagram is to be opened now; it is dropped otherwise. Who
     * wants it later keeps a copy and brings it back (peer_take). */
    bool (*admit)(void *user, peer *p, covey_time now, const covey_path *path,
                  covey_bytes datagram);
    /* COVEY_ENDPOINT_REQUEST or _CHALLENGE. */
    void (*request)(void *user, peer *p, covey_time now,
                    covey_endpoint_in *in);
    /* Protected, and refused for what is wrong with it. */
    void (*refused)(void *user, peer *p, const covey_path *path,
                    const covey_opened *opened);
    void (*response)(void *user, peer *p, covey_time now,
                     const covey_endpoint_in *in);
    void (*report)(void *user, peer *p, covey_time now,
                   const covey_endpoint_report *report);
    /* What had come is worked off. */
    void (*settle)(void *user, covey_time now);
    /* Before what is queued leaves; false: it is forgotten instead. */
    bool (*leave)(void *user);
    void *user;
} peer_handlers;

typedef struct peer_options {
    covey_address local;
    /* As of covey_endpoint_config; kept. */
    const covey_protector *const *protectors;
    size_t protector_count;
    covey_random random;
    uint32_t requests;    /* of ours that are under way at a time */
    uint32_t duplicates;  /* messages that are remembered */
    uint32_t outstanding; /* messages of ours that are; 0: 4096 */
    uint32_t ack_timeout; /* ms, RFC 7252 Section 4.8; 0: 2000 */
    peer_handlers on;
} peer_options;

/* NULL with a sentence in `error`. */
peer *peer_open(loop *l, const peer_options *options,
                char error[PEER_ERROR_MAX]);
/* NULL is allowed. Before the loop is freed. */
void peer_close(peer *p);
/* As bound. */
covey_address peer_local(const peer *p);
/* How many datagrams have come. */
uint64_t peer_received(const peer *p);
covey_endpoint *peer_endpoint(peer *p);

/* Where the next message is written: failed if the network takes no more. */
covey_writer peer_departure(peer *p);
/* What was written there is queued, if it is to leave now. */
void peer_commit(peer *p, const covey_endpoint_sent *sent,
                 const covey_writer *written);

/* As if it had just come; `settle` is the caller's to call. */
void peer_take(peer *p, covey_time now, const covey_path *path,
               covey_bytes datagram);
/* What the endpoint owes and tells, and what is queued leaves. For those who
 * have sent something from outside of the handlers. */
void peer_flush(peer *p, covey_time now);
/* Nothing is known any more of messages and exchanges, and nothing of it is
 * told: as after a new start. Not from handlers but `leave` and `settle`.
 * False: no random bytes; the peer takes nothing until it is tried again. */
bool peer_forget(peer *p, covey_time now);

#endif
