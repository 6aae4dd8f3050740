/* SPDX-License-Identifier: BSD-2-Clause */
/* Somebody on the way who cuts protected messages into blocks, and knows
 * nothing of OSCORE: he copies all options and cuts what stands behind the
 * payload marker. */
#ifndef COVEY_SIM_CUTTER_H
#define COVEY_SIM_CUTTER_H

#include "stack.h"

enum {
    CUT_SZX = 0, /* blocks of 16 bytes */
    CUT_BLOCK = 16
};

/* A message of which blocks are made. */
struct cut {
    uint8_t bytes[STACK_MTU];
    size_t len;
    covey_coap_message whole;
    unsigned count;  /* of blocks */
    uint16_t id;     /* of the next one */
    covey_bytes tag; /* an option that it has not; absent: none */
    uint16_t tag_number;
    covey_bytes token; /* absent: the message's own */
};

void cut_begin(struct cut *c, covey_bytes message);
/* A block of it, with this option to say which. */
covey_bytes cut_block(struct cut *c, uint16_t number, unsigned num,
                      covey_coap_type type);
/* The message has this option about blocks. */
void cut_expect(const covey_coap_message *m, uint16_t number, unsigned num,
                bool more);

#endif
