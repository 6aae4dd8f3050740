/* SPDX-License-Identifier: BSD-2-Clause */
/* DTLS 1.2 (RFC 6347) as a server of many clients, with pre-shared keys, with
 * X.509, or with both; without a socket: datagrams in, datagrams out, and who
 * it is that speaks. libssl does the handshakes; raw public keys are not
 * possible with OpenSSL 3.0.
 *
 * Who has not shown to be where its datagrams come from costs nothing but an
 * answer (HelloVerifyRequest) that is no longer than what it answers. Who has
 * shown that, but not who it is, has one of a few rows for a short time, and
 * takes it from nobody but its like. A session that is open ends if it has
 * been silent for long, and if room is needed for another, then the one that
 * has been silent longest.
 *
 * A client that begins anew from the same address has a session beside its old
 * one until the new one is open; then the old one ends (Section 4.2.8). */
#ifndef COVEY_SHELL_DTLS_SERVER_H
#define COVEY_SHELL_DTLS_SERVER_H

#include "dtls.h"

#include <covey/address.h>

enum {
    DTLS_KEYS_MAX = 4096,
    DTLS_NAMES_MAX = 16,
    DTLS_NAME_MAX = 256,
    /* Of one message: what fits into one record, and that into DTLS_MTU, with
     * the longest that a record has around it: 13 bytes before, 8 of a nonce
     * and 16 of a tag. */
    DTLS_MESSAGE_MAX = DTLS_MTU - 37,
    DTLS_DATAGRAM_MAX = 4096 /* the longest that is looked at */
};

typedef struct dtls_server dtls_server;

/* What a client has proved to be, by names that begin with their kind:
 * "psk:" and an identity, "subject:" and a distinguished name as RFC 2253 has
 * it, "dns:", "uri:", "email:", "ip:" and an alternative name of its
 * certificate. None: nothing was asked for. */
typedef struct dtls_peer {
    size_t count;
    char *names[DTLS_NAMES_MAX];
} dtls_peer;

/* NULL is nobody. */
bool dtls_peer_is(const dtls_peer *p, const char *name);
/* Has it the form of such a name? */
bool dtls_name_sound(const char *name);

/* Handlers may send, but not end the server; `depart` does neither. A path is
 * that of the client's datagrams, with transport and connection: a session has
 * a number that is not used again for long. */
typedef struct dtls_server_events {
    void *user;
    /* A datagram from path->local to path->peer; its connection is 0. */
    void (*depart)(void *user, const covey_path *path, covey_bytes datagram);
    /* One message of a client. */
    void (*received)(void *user, const covey_path *path, covey_bytes plain);
    /* Sessions, as they begin and end; while something is received, or
     * expires. `lost` of those that were open, `failed` of those that were
     * not. NULL: not told. */
    void (*opened)(void *user, const covey_path *path, const dtls_peer *peer);
    void (*lost)(void *user, const covey_path *path, const char *reason);
    void (*failed)(void *user, const covey_path *path, const char *reason);
} dtls_server_events;

typedef enum dtls_clients {
    DTLS_CLIENTS_ANY,      /* certificates are not asked for */
    DTLS_CLIENTS_MAY_SHOW, /* a good certificate, or none */
    DTLS_CLIENTS_MUST_SHOW
} dtls_clients;

typedef struct dtls_key {
    char identity[DTLS_IDENTITY_MAX + 1]; /* zeros behind it */
    uint8_t key[DTLS_KEY_MAX];
    uint16_t len; /* 1 to DTLS_KEY_MAX */
} dtls_key;

/* Strings and keys are kept until dtls_server_end. */
typedef struct dtls_server_options {
    const dtls_key *keys;
    size_t key_count;        /* up to DTLS_KEYS_MAX; 0: no pre-shared keys */
    const char *certificate; /* PEM, of ours with its chain; NULL: none */
    const char *private_key; /* PEM */
    dtls_clients clients;    /* who have no key */
    const char *ca;          /* PEM, of clients' certificates */
    /* 0 in any of these: the default. */
    uint32_t sessions;    /* open at a time: 1,024 */
    uint32_t handshakes;  /* that have not come to their end: 256 */
    uint32_t per_address; /* of each, from one IP address: 128 */
    covey_ms idle;        /* an open session is silent: an hour */
    covey_ms patience;    /* with a handshake: 30 s */
    /* Servers in several processes that must not give the same numbers to
     * sessions: how many, and which this is. 0: there is but one. */
    uint32_t crew;
    uint32_t me;
    dtls_server_events events;
} dtls_server_options;

/* NULL with a sentence in `error`. */
dtls_server *dtls_server_new(const dtls_server_options *options,
                             char error[DTLS_ERROR_MAX]);
/* Takes a datagram from path->peer to path->local, whatever is in it. Nothing
 * is taken from groups (RFC 7252 Section 9.1.1). */
void dtls_server_receive(dtls_server *s, covey_ms now, const covey_path *path,
                         covey_bytes datagram);
/* Protects and sends one message to the session of this path. False: it is not
 * open, or its datagram would be longer than DTLS_MTU. */
bool dtls_server_send(dtls_server *s, const covey_path *path,
                      covey_bytes plain);
/* NULL: the session is not open. Lives until it ends. */
const dtls_peer *dtls_server_peer(const dtls_server *s,
                                  const covey_path *path);
/* When to call dtls_server_expire; COVEY_NEVER if there is no need. */
covey_ms dtls_server_deadline(const dtls_server *s);
void dtls_server_expire(dtls_server *s, covey_ms now);
/* Says close_notify to all, and tells nothing; keys are wiped. NULL is
 * allowed. */
void dtls_server_end(dtls_server *s);

typedef struct dtls_server_counters {
    uint64_t hellos; /* that were asked to come again with a cookie */
    uint64_t opened;
    uint64_t failed;    /* handshakes */
    uint64_t displaced; /* open sessions that made room */
    uint64_t strays;    /* datagrams of no session */
    uint64_t too_long;  /* messages that did not leave, too long datagrams */
} dtls_server_counters;

dtls_server_counters dtls_server_counters_of(const dtls_server *s);

#endif
