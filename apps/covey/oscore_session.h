/* SPDX-License-Identifier: BSD-2-Clause */
/* What all verbs of `covey oscore` begin with: the context of a file, its raw
 * keys to explain with, a message in hex. */
#ifndef COVEY_APP_OSCORE_SESSION_H
#define COVEY_APP_OSCORE_SESSION_H

#include "oscore_args.h"
#include "oscore_report.h"
#include <oscore_state.h>

#include <context.h>

struct oscore_session {
    const struct oscore_args *args;
    context_file *file;
    const covey_oscore_parameters *parameters; /* in the file */
    covey_crypto crypto;
    covey_oscore_keys keys;
    covey_oscore_context context; /* after oscore_session_start */
    struct oscore_state state;
    uint8_t *bytes; /* of the message */
    covey_bytes all;
    covey_coap_message message; /* in it */
    struct oscore_report report;
};

/* Reads the context file and derives the keys. An exit code; anything but
 * EXIT_DONE has been explained on standard error. Close it in any case. */
int oscore_session_open(struct oscore_session *s,
                        const struct oscore_args *args);
void oscore_session_close(struct oscore_session *s);

/* Reads the message. */
int oscore_session_message(struct oscore_session *s);

/* Sets up the context, from the state file if there is one. */
int oscore_session_start(struct oscore_session *s);
/* Stores what has to be durable before anything is printed: that the next
 * `numbers` sequence numbers are used, and all requests below `window`
 * received. Without a state file it only tells the context. */
int oscore_session_keep(struct oscore_session *s, uint64_t numbers,
                        uint64_t window);

/* The exchange that a response belongs to, from --request or --request-piv.
 * `own`: the request was sent by this end. */
int oscore_session_exchange(struct oscore_session *s, bool own,
                            covey_oscore_exchange *exchange);

#endif
