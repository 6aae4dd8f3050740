/* SPDX-License-Identifier: BSD-2-Clause */
/* One handshake of TLS 1.2 or DTLS 1.2, as far as the server's first words,
 * and where its certificates are wanted as far as its key exchange. One that
 * the server would go on with is ended by an alert, over TCP by the
 * connection. */
#ifndef COVEY_AUDIT_DIALOGUE_H
#define COVEY_AUDIT_DIALOGUE_H

#include "flight.h"
#include "hello.h"
#include "probe.h"

typedef struct dialogue {
    hello_offer offer;
    flight *flight; /* what comes after the first words, or NULL */
    uint8_t random[FLIGHT_RANDOM]; /* ours, the same with a cookie */
    uint8_t cookie[HELLO_COOKIE_MAX];
    bool asked_for_cookie;
    size_t first_len;
    hello_answer answer; /* its spans do not last */
    probe_result result;
} dialogue;

/* `follow`: with the cookie, if one is asked for. */
void dialogue_hold(probe *p, dialogue *d, bool follow);
/* A note about its answer. */
void dialogue_tell(probe *p, const dialogue *d);
/* A server may refuse in silence, or by closing the stream. */
enum audit_outcome dialogue_outcome(const dialogue *d);

#endif
