/* SPDX-License-Identifier: BSD-2-Clause */
/* A lab with somebody on the way who cuts what the server says. */
#ifndef COVEY_TEST_ENDPOINT_OUTER_LAB_H
#define COVEY_TEST_ENDPOINT_OUTER_LAB_H

#include "cutter.h"
#include "lab.h"

enum {
    OUTER_OPTION = 40 /* bytes of what makes messages long enough */
};

/* The server answers, long enough to be cut: *c. */
void outer_reply(lab *l, struct cut *c, const struct cut *asked);
/* A request has been answered: in four blocks of *c. It was *asked. */
lab *outer_open(struct cut *c, struct cut *asked, covey_coap_type type);
/* The same, and it observes: to the first response nothing was done. *kept is
 * the request, for notifications. */
lab *outer_observe(struct cut *asked, covey_endpoint_request *kept);
/* A notification in two blocks. */
void outer_notify(lab *l, struct cut *c, const covey_endpoint_request *kept);

/* A block arrives, of this type and with the Message ID that is next. */
covey_status outer_block(lab *l, struct cut *c, unsigned num,
                         covey_coap_type type);
/* The first block arrives, and the second one is asked for. */
void outer_first(lab *l, struct cut *c, const struct cut *asked);
/* A block arrives in answer to what the client has asked last. */
covey_status outer_answer(lab *l, struct cut *c, unsigned num);
/* The client asks for this one. */
void outer_asks(lab *l, const struct cut *asked, unsigned num);
/* Blocks arrive, from this one and before that one; each next is asked for. */
void outer_more(lab *l, struct cut *c, const struct cut *asked, unsigned num,
                unsigned end);
/* All of it, which is delivered. */
void outer_fetch(lab *l, struct cut *c, const struct cut *asked);

#endif
