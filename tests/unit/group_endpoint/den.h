/* SPDX-License-Identifier: BSD-2-Clause */
/* Three members of a group: one asks, two answer; and the datagram that left
 * last. */
#ifndef COVEY_TEST_GROUP_ENDPOINT_DEN_H
#define COVEY_TEST_GROUP_ENDPOINT_DEN_H

#include "clan.h"

#define GET          0x01
#define POST         0x02
#define CONTENT      0x45
#define UNAUTHORIZED 0x81

enum {
    ASKER, /* asks */
    BOB,   /* these answer */
    CAROL,
    DEN_MEMBERS
};

typedef struct den_kept {
    uint8_t bytes[STACK_MTU];
    size_t len;
} den_kept;

typedef struct den {
    clan clan;
    covey_ms now;
    covey_endpoint_in in;
    den_kept left; /* last */
    covey_endpoint_sent sent;
    covey_endpoint_call call; /* what requests are to be */
    covey_bytes option;       /* value of one option in what is composed */
    uint16_t number;          /* its number; 0: none */
} den;

/* Nobody has started. */
den *den_open(void);
/* All have. */
den *den_start(void);
void den_close(den *d);

clan_member *den_member(den *d, unsigned who);
/* Where messages of this member come from. */
covey_path den_path(unsigned who);

/* A request to all, in group mode; or to one. */
covey_status den_ask_all(den *d);
covey_status den_ask(den *d, unsigned who);
/* What left last arrives from one at another, or, from the asker, as it was
 * addressed; d->in. */
covey_status den_arrive(den *d, unsigned from, unsigned at);
covey_status den_inject(den *d, const covey_path *path, unsigned at,
                        const den_kept *datagram);
/* The same, and it is delivered. */
void den_heard(den *d, unsigned from, unsigned at);
/* Answers what is in d->in, at once, with the payload "x". */
covey_status den_reply(den *d, unsigned who, uint8_t code);
bool den_transmit(den *d, unsigned who);
covey_endpoint_report den_event(den *d, unsigned who, int what);
/* The asker waits no more. */
void den_forget(den *d);

/* What left last. */
covey_coap_message den_left(const den *d);
/* Its OSCORE option. */
covey_oscore_option den_option(const den *d);

#endif
