/* SPDX-License-Identifier: BSD-2-Clause */
/* A client and a server with the contexts of RFC 8613 Appendix C.1 and the
 * host's provider, and messages written as hex. */
#ifndef COVEY_TEST_OSCORE_FIXTURE_H
#define COVEY_TEST_OSCORE_FIXTURE_H

#include "kit.h"

#include <covey/oscore.h>

#define MESSAGE_MAX 2048u

struct pair {
    covey_crypto crypto;
    covey_oscore_context client;
    covey_oscore_context server;
};

/* Everything that one protected message needs. */
struct buffers {
    uint8_t input[MESSAGE_MAX];
    uint8_t output[MESSAGE_MAX];
    uint8_t scratch[MESSAGE_MAX];
    covey_oscore_work work;
    covey_writer out;
};

/* Algorithm 10, IDs "" and 01, all numbers stored. */
void pair_open(struct pair *p);
void pair_open_with(struct pair *p, const covey_oscore_start *client,
                    const covey_oscore_start *server);
void pair_close(struct pair *p);
/* Confirms whatever is due, as if storage were always quick. */
void pair_store(covey_oscore_context *c);

struct buffers *buffers_new(void);
/* A message from hex, in the input. */
covey_coap_message buffers_message(struct buffers *b, const char *hex);
/* Ready for the next one. */
void buffers_reset(struct buffers *b);

/* The message goes through protect and is expected to succeed; the result
 * lies in storage, the parsed form points into it. */
struct wire {
    uint8_t bytes[MESSAGE_MAX];
    size_t len;
    covey_coap_message m;
};
void send_request(struct wire *w, covey_oscore_context *c,
                  covey_oscore_exchange *x, const char *hex);
void send_response(struct wire *w, covey_oscore_context *c,
                   covey_oscore_exchange *x, const char *hex, bool own_piv);
/* A datagram as it is. */
void wire_of(struct wire *w, const char *hex);
/* Parses the bytes again after they have been tampered with. */
void wire_parse(struct wire *w);

/* Unprotects; the original message then lies in b->out. */
covey_unprotect take_request(struct buffers *b, covey_oscore_context *c,
                             covey_oscore_exchange *x, const struct wire *w,
                             covey_oscore_received *r);
covey_unprotect take_response(struct buffers *b, covey_oscore_context *c,
                              covey_oscore_exchange *x, const struct wire *w,
                              covey_oscore_received *r);

#endif
