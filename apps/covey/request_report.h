/* SPDX-License-Identifier: BSD-2-Clause */
/* Answers on standard output, and what went over the wire on standard error
 * (or, as JSON, between the answers). */
#ifndef COVEY_APP_REQUEST_REPORT_H
#define COVEY_APP_REQUEST_REPORT_H

#include "request_args.h"

#include <covey/address.h>
#include <covey/endpoint.h>
#include <covey/time.h>
#include <schc_link.h>

struct request_answer {
    covey_address origin;       /* family NONE: a proxy did not tell */
    const covey_address *proxy; /* NULL: directly */
    covey_ms delay;             /* since the request was sent */
    const covey_coap_message *message;
    const covey_opened *opened; /* how it was protected; NULL: a pong */
    bool list;                  /* one of several origins */
};

void request_report_answer(const struct request_args *a,
                           const struct request_answer *answer);
/* That the peer is there. */
void request_report_pong(const struct request_args *a,
                         const struct request_answer *answer);

/* "2.05 Content". */
enum {
    REQUEST_CODE_TEXT = 48
};
const char *request_code_text(uint8_t code, char text[REQUEST_CODE_TEXT]);

/* --- request_trace.c: --explain ------------------------------------------ */

struct request_trace {
    const char *what; /* "sent", "received" */
    covey_address peer;
    covey_ms at; /* since the first datagram */
    bool stream; /* framed for one */
};

/* A message as it is on the wire. */
void request_trace_datagram(const struct request_args *a,
                            const struct request_trace *t, covey_bytes bytes);
/* A SCHC packet. */
void request_trace_packet(const struct request_args *a,
                          const struct request_trace *t, const schc_link *k,
                          covey_bytes packet);
/* What a link has saved, at the end; NULL: nothing. */
void request_trace_link(const struct request_args *a, const schc_link *k);
/* What is inside of one that is protected. */
void request_trace_plain(const struct request_args *a,
                         const struct request_trace *t,
                         const covey_coap_message *m);

#endif
