/* SPDX-License-Identifier: BSD-2-Clause */
/* DTLS 1.2 (RFC 6347) as a client, with a pre-shared key or with X.509,
 * without a socket: datagrams of the peer in, datagrams to it out. libssl does
 * it; raw public keys are not possible with OpenSSL 3.0. */
#ifndef COVEY_SHELL_DTLS_H
#define COVEY_SHELL_DTLS_H

#include <covey/bytes.h>
#include <covey/time.h>

enum {
    DTLS_ERROR_MAX = 256,
    DTLS_IDENTITY_MAX = 128,
    DTLS_KEY_MAX = 256,
    DTLS_RECORD_MAX = 1 << 14,
    /* Of a datagram: what every path of IPv6 takes, less its headers (RFC 8200
     * Section 5). */
    DTLS_MTU = 1280 - 48
};

typedef struct dtls dtls;

/* What is told. No call is made from inside a call to dtls_end. */
typedef struct dtls_events {
    void *user;
    /* A datagram to the peer. */
    void (*depart)(void *user, covey_bytes datagram);
    /* The handshake is done; the peer is who it should be. */
    void (*opened)(void *user);
    /* What the peer sent, one record. */
    void (*received)(void *user, covey_bytes plain);
    /* It has ended, for this reason; dtls_end is still to be called, later. */
    void (*closed)(void *user, const char *reason);
} dtls_events;

/* Spans and strings are kept until dtls_end. With an identity the key is used,
 * and nothing about certificates. */
typedef struct dtls_options {
    const char *identity; /* of the pre-shared key; NULL: X.509 */
    covey_bytes key;
    const char *name; /* host or address that the certificate must be for */
    const char *ca;   /* PEM; NULL: what this system trusts */
    const char *certificate; /* PEM, of ours with its chain; NULL: none */
    const char *private_key; /* PEM */
    dtls_events events;
} dtls_options;

/* NULL with a sentence in `error`. Nothing leaves yet. */
dtls *dtls_new(const dtls_options *options, char error[DTLS_ERROR_MAX]);
/* The first datagram leaves. */
void dtls_start(dtls *d);
/* Takes one of the peer's; what is no record of this session is ignored, as
 * Section 4.1.2.7 has it. */
void dtls_receive(dtls *d, covey_bytes datagram);
/* The longest message that fits into a datagram of DTLS_MTU; 0: not open. */
size_t dtls_room(const dtls *d);
/* Protects and sends one message. False: not open, or too long. */
bool dtls_send(dtls *d, covey_bytes plain);
/* When to call dtls_expire, COVEY_NEVER if there is no need: what was lost of
 * the handshake leaves again (Section 4.2.4). */
covey_ms dtls_deadline(dtls *d, covey_ms now);
void dtls_expire(dtls *d);
/* Says close_notify if it is open; all keys are wiped. NULL is allowed. */
void dtls_end(dtls *d);

#endif
