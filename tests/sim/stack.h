/* SPDX-License-Identifier: BSD-2-Clause */
/* An endpoint with small tables and one security context of plain OSCORE, its
 * storage, and a provider that sees every nonce: a toy, so that what runs can
 * be followed to the last byte. */
#ifndef COVEY_SIM_STACK_H
#define COVEY_SIM_STACK_H

#include "kit.h"

#include <covey/endpoint.h>

enum {
    STACK_SEEN = 64,
    STACK_PEERS = 8,
    STACK_OUT = 16,
    STACK_CHUNKS = 160,
    STACK_ROWS = 12,
    STACK_MTU = 1280,
    STACK_OUTER = 2,
    STACK_WHOLE = 256, /* MAX_UNFRAGMENTED_SIZE */
    STACK_SENT = 96,
    STACK_NONCES = 512
};

/* Keys and nonces that were used for sealing. */
typedef struct watch {
    covey_crypto crypto;
    const covey_crypto *inner;
    kit_random random;
    struct {
        covey_key key;
        uint8_t nonce[COVEY_NONCE_MAX];
    } used[STACK_NONCES];
    unsigned count;
} watch;

void watch_open(watch *w, const covey_crypto *toy, uint64_t seed);

typedef struct stack {
    covey_endpoint endpoint;
    covey_message_seen seen[STACK_SEEN];
    covey_message_peer peers[STACK_PEERS];
    covey_message_out out[STACK_OUT];
    covey_timer message_timers[STACK_OUT];
    covey_slot slots[COVEY_MESSAGE_SLOTS(STACK_SEEN, STACK_PEERS, STACK_OUT)];
    covey_chunk chunk[STACK_CHUNKS];
    covey_chunks chunks;
    covey_exchange_row exchanges[STACK_ROWS];
    covey_slot exchange_slots[COVEY_SLOTS(STACK_ROWS)];
    covey_timer timers[STACK_ROWS];
    covey_exchange_responder responders[STACK_ROWS];
    covey_endpoint_row rows[STACK_ROWS];
    covey_security security[STACK_ROWS];
    uint32_t security_next[STACK_ROWS];
    uint8_t scratch[2 * STACK_MTU];
    covey_outer outer;
    covey_upload_row uploads[STACK_OUTER];
    covey_outer_row parts[STACK_OUTER];
    uint8_t storage[2][STACK_OUTER * STACK_WHOLE];
    uint8_t kept[STACK_ROWS * STACK_SENT];

    covey_oscore_context context;
    covey_oscore_protector oscore;
    bool streams;                 /* instead of datagrams: set before start */
    const covey_protector *other; /* besides, or NULL: set before start */
    const covey_protector *protectors[2];
    covey_oscore_state stored; /* survives */
    uint32_t ahead;            /* 0: 16; set before start */
    unsigned stores;
    bool store_fails;
} stack;

/* sender: of this end, e.g. "C"; the other end has the other. NULL: without
 * protection. What `stored` says is taken up again. */
void stack_start(stack *s, watch *w, const char *sender, const char *recipient,
                 uint64_t seed, covey_ms now);
/* No exchange, nothing on its way, every chunk free but those of replies. */
void stack_is_empty(const stack *s);

#endif
