/* SPDX-License-Identifier: BSD-2-Clause */
/* What a server of TLS 1.2 or DTLS 1.2 says after its ServerHello, as far as
 * its certificates and the key exchange that it signs with the key of the
 * first, neither of which is encrypted there. Nothing is verified; a message
 * that does not come in its order, or not whole, is as if it had not come. */
#ifndef COVEY_AUDIT_FLIGHT_H
#define COVEY_AUDIT_FLIGHT_H

#include <covey/bytes.h>

enum {
    FLIGHT_MAX = 16384, /* bytes of messages, up to the key exchange */
    FLIGHT_RANDOM = 32,
    FLIGHT_ENTRIES = 8
};

typedef enum flight_state {
    FLIGHT_MORE = 0,     /* it may still come */
    FLIGHT_CERTIFICATES, /* they are there, and what comes behind them */
    FLIGHT_NONE,         /* the flight has ended without any */
    FLIGHT_ALERT,
    FLIGHT_OTHER /* not TLS, or more than is taken */
} flight_state;

typedef struct flight {
    bool dtls;
    flight_state state;
    uint8_t alert;
    size_t len;     /* bytes of messages */
    size_t pos;     /* of these, messages that are done */
    bool begun;     /* DTLS: a ServerHello has come */
    uint16_t seq;   /* DTLS: number of the message that comes next */
    size_t raw_len; /* TLS: bytes of a record that has not come whole */
    uint8_t random[FLIGHT_RANDOM];       /* of the server */
    size_t count;                        /* also while more may come */
    covey_bytes entries[FLIGHT_ENTRIES]; /* DER, of `messages` */
    covey_bytes exchange; /* body of ServerKeyExchange, of `messages`; absent:
                           * there is none, or it has not come */
    uint8_t messages[FLIGHT_MAX];
    uint8_t raw[FLIGHT_MAX + 5];
} flight;

void flight_begin(flight *f, bool dtls);
/* A datagram, or what has come next of a stream. */
flight_state flight_take(flight *f, covey_bytes in);

#endif
