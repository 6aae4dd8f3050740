/* SPDX-License-Identifier: BSD-2-Clause */
/* One message layer on the bench: datagrams in as hex, what it sends and says
 * compared with what is expected, its tables looked through each time. */
#ifndef COVEY_TEST_MESSAGE_LAB_H
#define COVEY_TEST_MESSAGE_LAB_H

#include "kit.h"
#include "message_check.h"

enum {
    LAB_SEEN = 16,
    LAB_PEERS = 8,
    LAB_OUT = 6,
    LAB_CHUNKS = 12,
    /* Stored with a message: the address that it leaves from. */
    LAB_WAY = sizeof(covey_address) + sizeof(uint32_t),
    LAB_BYTES = 2048
};

struct lab {
    covey_message_layer layer;
    covey_message_memory memory;
    covey_message_seen seen[LAB_SEEN];
    covey_message_peer peers[LAB_PEERS];
    covey_message_out out[LAB_OUT];
    covey_timer timers[LAB_OUT];
    covey_slot slots[COVEY_MESSAGE_SLOTS(LAB_SEEN, LAB_PEERS, LAB_OUT)];
    covey_chunk chunk[LAB_CHUNKS];
    covey_chunks chunks;
    covey_ms now;
    covey_path path;          /* of what is received and sent */
    uint8_t in[LAB_BYTES];    /* the last that was received */
    uint8_t bytes[LAB_BYTES]; /* the last that was sent */
    covey_writer sent;
    covey_path to; /* where that went */
};

extern struct lab lab;

/* A peer at 192.0.2.<number>:5683, asked at 192.0.2.1. */
covey_path lab_path(uint8_t number);
/* A layer with these parameters, or the defaults. */
void lab_start(const covey_message_parameters *p);
void lab_check(void);

/* Receives; the status must be this one. */
covey_message_in lab_receive(covey_status status, const char *hex);
/* Receives a request that comes up; what to answer. */
covey_message_ref lab_request(const char *hex);
/* The next that is transmitted, as hex; NULL: there must be nothing. */
void lab_transmits(const char *hex);
/* Whatever is transmitted next, kept in lab.sent. */
bool lab_transmit(void);
/* Sends; hex is written with any type and Message ID. What leaves, now or
 * later, has the message in lab.sent. */
covey_message_sent lab_send(const covey_message_letter *letter,
                            const char *hex);
void lab_refuses(covey_status status, const covey_message_letter *letter,
                 const char *hex);
/* The next event is this one; outcome 0: there is none. */
void lab_event(int outcome, uint64_t user);
/* The Message ID of lab.sent. */
uint16_t lab_id(void);
/* Empty messages and others about a Message ID. */
covey_message_in lab_answer(unsigned first, unsigned code, uint16_t id,
                            const char *rest);

#endif
