/* SPDX-License-Identifier: BSD-2-Clause */
/* A client and a server that talk through two buffers, and answer what their
 * engines ask: everything is trusted unless a test says otherwise. */
#ifndef TLS_PAIR_H
#define TLS_PAIR_H

#include "kit.h"

#include <covey/tls.h>

enum {
    PAIR_BUFFER = 1 << 17,
    PAIR_KEYS = 3
};

struct side {
    covey_tls t;
    covey_tls_config config;
    covey_tls_credential credentials[PAIR_KEYS];
    covey_bytes entries[PAIR_KEYS];
    uint8_t spki[PAIR_KEYS][200];
    covey_key keys[PAIR_KEYS];
    uint8_t memory[COVEY_TLS_MEMORY];
    size_t memory_len;
    covey_tls_verdict verdict;
    /* The verdict's alert instead, if it is not NULL. */
    uint8_t (*judge)(const struct side *s, const covey_tls_report *r);
    uint8_t out[PAIR_BUFFER]; /* to the other side */
    size_t out_len;
    size_t sent; /* bytes in all */
    uint8_t data[PAIR_BUFFER];
    size_t data_len;
    bool connected;
    bool peer_closed;
    bool failed;
    uint8_t alert;
    bool from_peer;
    const char *why;
    covey_its_finding finding;
    size_t chains; /* questions */
    size_t signatures;
    covey_key *element; /* the key that signs what is asked; NULL: keys[0] */
    bool wait;          /* it does not answer */
    bool element_fails; /* as the provider does */
    size_t logged;
    bool has_session;
    covey_tls_session session;
    uint8_t ticket[600];
    const covey_bytes *issuers; /* of the repository */
    size_t issuer_count;
    covey_bytes name;
    const covey_tls_session *resume;
    /* Sees and may change what goes to the other side. */
    void (*tamper)(struct side *s, void *user);
    void *user;
};

struct pair {
    struct side client;
    struct side server;
    covey_time now;
};

/* Both sides with raw public keys of P-256 and Ed25519. */
void pair_open(struct pair *p, const covey_crypto *crypto);
/* Begins both; configuration may have been changed before. */
void pair_start(struct pair *p);
/* Until nothing moves any more. */
void pair_run(struct pair *p);
/* Drops engines, keeps keys: another pair_start may follow. */
void pair_stop(struct pair *p);
void pair_close(struct pair *p);

/* Makes a side send all it has to. */
void pair_flush(struct side *s, covey_time now);
/* Gives bytes to a side, as far as it takes them; how many. */
size_t pair_give(struct side *s, covey_time now, covey_bytes bytes);
void pair_send(struct side *s, covey_time now, covey_bytes data);

void pair_connected(struct pair *p);
/* This side ended it with this alert. */
void pair_refused(const struct side *s, unsigned alert);

#endif
