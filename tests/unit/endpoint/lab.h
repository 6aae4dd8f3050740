/* SPDX-License-Identifier: BSD-2-Clause */
/* Two endpoints side by side, and the datagram that lies between them. */
#ifndef COVEY_TEST_ENDPOINT_LAB_H
#define COVEY_TEST_ENDPOINT_LAB_H

#include "stack.h"

#define GET       0x01
#define POST      0x02
#define CONTENT   0x45
#define NOT_FOUND 0x84

typedef struct lab {
    watch watch;
    stack client;
    stack server;
    covey_ms now;
    covey_endpoint_in in;
    uint8_t bytes[STACK_MTU]; /* what left last */
    covey_writer out;
    covey_coap_message left; /* the same, taken apart; if any left */
    covey_endpoint_sent sent;
    uint8_t token[COVEY_EXCHANGE_TOKEN_MAX]; /* of the last lab_begin */
    covey_endpoint_call call; /* what requests are to be; code GET */
    covey_bytes option;       /* value of one option in what is composed */
    uint16_t number;          /* its number; 0: none */
} lab;

lab *lab_open(bool oscore);
/* The way from the client to the server or back, as it arrives. */
covey_path lab_path(bool from_server);

/* A request of the client with the option, left in `bytes`. */
covey_status lab_request(lab *l);
/* The request is on its way; its Message ID. */
uint16_t lab_begin(lab *l);
/* A message of the server that nobody composed: type, code, the token of the
 * last lab_begin, options and payload as given. */
covey_bytes lab_forge(const lab *l, covey_coap_type type, uint8_t code,
                      uint16_t id, covey_bytes rest);
/* A reply of the server to a request, with payload "x". */
covey_status lab_reply(lab *l, const covey_endpoint_request *r, uint8_t code,
                       const covey_endpoint_reply *how);
/* What left last arrives at the server or the client; l->in. */
covey_status lab_arrive(lab *l, bool at_server);
/* The same with a datagram. */
covey_status lab_inject(lab *l, bool at_server, covey_bytes datagram);
/* What the endpoint itself has to send, into `bytes`; false: nothing. */
bool lab_transmit(lab *l, bool server);
/* Its next event is this one; 0: there is none. */
covey_endpoint_report lab_event(lab *l, bool server, int what);
/* Gets a fresh request to the server, where l->in has it. */
void lab_ask(lab *l);
/* The reply that left last arrives and is the end. */
void lab_answered(lab *l);
/* The client waits no more. */
void lab_forget(lab *l);

/* The Partial IV of what left last; absent if it has none. */
covey_bytes lab_piv(const lab *l);

/* What left last, for later. */
typedef struct lab_kept {
    uint8_t bytes[STACK_MTU];
    size_t len;
} lab_kept;

void lab_keep(lab_kept *k, const lab *l);
covey_bytes lab_kept_span(const lab_kept *k);

/* Both are empty, and no nonce was used twice. */
void lab_close(lab *l);

#endif
