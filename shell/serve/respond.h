/* SPDX-License-Identifier: BSD-2-Clause */
/* An answer as a message: its options, and the part of its body that was asked
 * for. */
#ifndef COVEY_SERVE_RESPOND_H
#define COVEY_SERVE_RESPOND_H

#include "resource.h"

#include <covey/endpoint.h>
#include <covey/transfer.h>

/* What goes into the message besides the answer. */
struct respond {
    covey_slice slice;
    bool sliced; /* Block2 is said */
    bool has_observe;
    uint32_t observe;
    bool has_block1;
    covey_block block1;
    covey_bytes echo; /* absent: none */
};

enum {
    RESPOND_BERT_MAX = 1 << 14, /* bytes of a body in one message */
    /* A header with its token, all options of an answer, the marker. */
    RESPOND_AROUND = 4 + COVEY_ENDPOINT_TOKEN_MAX + 36
};

/* What a part may be. */
struct respond_bounds {
    bool group;    /* the request came to a group */
    size_t room;   /* for the whole message */
    uint32_t bert; /* bytes of several blocks in one message, over streams
                      (RFC 8323 Section 6); 0: one block at most */
};

/* How many bytes of a body go into a message of several blocks that may be so
 * long; 0: none such is possible. */
uint32_t respond_bert(uint32_t message_max);
/* Chooses the part of the body for this request, and answers with an error if
 * there is none such. */
void respond_slice(struct respond *how, const covey_coap_message *request,
                   const struct respond_bounds *bounds,
                   struct resource_answer *answer);
/* Options and payload; the code is the caller's to set. */
void respond_put(covey_coap_composer *c, const struct respond *how,
                 const struct resource_answer *answer);

#endif
