/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages that a person hands to `covey group`, and the intermediate values
 * of protected ones. */
#ifndef COVEY_APP_GROUP_MESSAGE_H
#define COVEY_APP_GROUP_MESSAGE_H

#include "group_report.h"
#include "group_session.h"

#include <covey/coap.h>
#include <covey/coap_options.h>

typedef struct group_message {
    uint8_t *bytes;
    size_t len;
    covey_coap_message coap;
    bool request; /* else a response */
    /* The OSCORE option, if the message is a protected one; absent and empty
     * otherwise. */
    covey_bytes value;
    covey_oscore_option option;
} group_message;

/* The message that the command line gives, and with --request the protected
 * request that it answers, which a response must have and nothing else may.
 * An exit code; what is wrong has been printed. */
int group_message_read(group_message *m, group_message *request,
                       const group_args *args);
/* Finds out what bytes that are in m already say. */
COVEY_MUST_USE covey_status group_message_parse(group_message *m);
/* Allowed on one of all zeros. */
void group_message_free(group_message *m);

/* The exchange that a request began, as this member knows it who was its
 * server or its client; nothing in the request is verified. False if that
 * cannot be said: a pairwise request of the client to an unknown peer. */
bool group_message_exchange(group_session *s, const group_message *request,
                            bool client, covey_group_exchange *exchange);

/* --- group_trace.c ------------------------------------------------------- */

typedef struct group_trace {
    const group_message *message; /* with an OSCORE option */
    const group_message *request; /* itself, or that which it answers */
    const group_party *from;      /* NULL: not known */
    const group_party *to;        /* pairwise mode */
    bool checks;                  /* only the signature, and reads nothing */
    bool withheld; /* refused: nothing is decrypted (Section 7.2) */
} group_trace;

/* Every value between this message and what it protects, for those who look
 * for the first one that differs. Steps that are impossible are left out. */
void group_trace_report(group_report *r, group_session *s,
                        const group_trace *t);

#endif
