/* SPDX-License-Identifier: BSD-2-Clause */
/* A message on its way through seed 000 Sections 4.2 and 5.2, step by step:
 * composed, compressed with the inner rules, sealed, compressed with the
 * link's outer rules; and backwards. Rules and expected bytes come from the
 * examples of draft-ietf-schc-8824-update-09. */
#ifndef COVEY_TEST_JOIN_H
#define COVEY_TEST_JOIN_H

#include "kit.h"

#include <covey/oscore.h>
#include <covey/schc.h>
#include <json.h>

/* Section 8.3 has no proxy; Section 10 goes from the device through one. */
enum section {
    SECTION_8,
    SECTION_10
};

enum {
    JOIN_MAX = 256
};

struct octets {
    uint8_t bytes[JOIN_MAX];
    size_t len;
};

covey_bytes octets_span(const struct octets *o);

/* A file of vectors with its rules: those for the inside, shared by the ends,
 * and those of the links. */
struct vectors {
    rules_json *doc;
    rules_file *file;
    covey_schc_rules inner;
    covey_schc_rules outer;
};

void vectors_open(struct vectors *v, enum section section);
void vectors_close(struct vectors *v);
/* Hex digits of a member of one vector; the test fails if there is none. */
const char *vectors_hex(const struct vectors *v, const char *name,
                        const char *member);
/* The same within the vector's `oscore`. */
const char *vectors_oscore(const struct vectors *v, const char *name,
                           const char *member);

/* SCHC one way and back; octets change only on success. */
covey_status squeeze(const covey_schc_context *rules, covey_schc_direction way,
                     covey_bytes packet, struct octets *schc);
covey_status expand(const covey_schc_context *rules, covey_schc_direction way,
                    covey_bytes schc, struct octets *packet);

/* One end of an exchange. The inner rules belong to the security context, the
 * outer ones to the link. */
struct end {
    covey_oscore_context *context;
    covey_oscore_exchange exchange;
    covey_schc_context inner;
    covey_schc_context outer;
};

/* What each step made of the message. */
struct steps {
    struct octets plaintext; /* composed, or decompressed */
    struct octets inner;     /* what is encrypted */
    struct octets sealed;    /* the OSCORE message */
    struct octets frame;     /* what the link carries */
    struct octets message;   /* assembled */
};

/* The step that refused a frame. */
enum stop {
    DELIVERED,
    AT_OUTER,
    AT_MESSAGE, /* what the outer rules built is no OSCORE message */
    AT_OPEN,
    AT_INNER,
    AT_ASSEMBLE
};

struct arrival {
    enum stop stop;
    covey_status status; /* of SCHC, or of the message */
    covey_oscore_received received;
};

/* The whole way out; every step must succeed. */
void join_send(struct end *from, covey_schc_direction way, const char *message,
               struct steps *s);
/* Seals these bytes in the place of a compressed plaintext, and goes on. */
void join_send_inner(struct end *from, covey_schc_direction way,
                     const char *message, covey_bytes inner, struct steps *s);
/* The whole way in of s->frame, until a step refuses. */
struct arrival join_receive(struct end *to, covey_schc_direction way,
                            struct steps *s);

/* Both ends, AES-CCM-16-64-128; the client's next Partial IV is 04 as in the
 * examples, and inner and outer rules are those of the file. */
struct join_pair {
    covey_oscore_context client;
    covey_oscore_context server;
    struct end near; /* the client's end */
    struct end far;
};
void join_open(struct join_pair *p, const covey_crypto *crypto,
               const struct vectors *v, covey_bytes client_id);
void join_close(struct join_pair *p);

/* A CoAP message as a proxy forwards it: other Message ID and Token, without
 * Proxy-Scheme (RFC 7252 Section 5.7.2). */
void forward(const struct octets *in, uint16_t message_id, covey_bytes token,
             struct octets *out);

#endif
