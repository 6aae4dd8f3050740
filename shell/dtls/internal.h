/* SPDX-License-Identifier: BSD-2-Clause */
/* The server inside: rows of sessions, and the one that listens. */
#ifndef COVEY_SHELL_DTLS_SERVER_INTERNAL_H
#define COVEY_SHELL_DTLS_SERVER_INTERNAL_H

#include "datagrams.h"
#include "dtls_server.h"
#include "policy.h"

#define ROW_NONE UINT32_MAX

enum {
    HELLO_RANDOM = 32,
    COOKIE = 32, /* bytes: HMAC-SHA-256 */
    SECRETS = 2  /* of cookies: this one and the one before */
};

enum session_state {
    SESSION_FREE,
    SESSION_SHAKING,
    SESSION_OPEN,
    SESSION_STATES
};

/* A row. Which of the same state come first is the order of their lists: by
 * when they were last heard of. */
struct session {
    dtls_server *server;
    SSL *ssl;
    struct datagrams datagrams;
    enum session_state state;
    covey_path path; /* its connection is the name of the session */
    covey_ms heard;  /* last, if it is open; else when it began */
    covey_ms resend; /* SHAKING: what was lost leaves again */
    uint8_t random[HELLO_RANDOM];
    bool broken;    /* nothing can be sent any more */
    uint32_t early; /* records that came before their epoch */
    dtls_peer peer;
    uint32_t chain; /* the next from an address with the same hash */
    uint32_t next;
    uint32_t prev;
};

struct session_list {
    uint32_t first;
    uint32_t last;
    uint32_t count;
};

struct dtls_server {
    dtls_server_options options;
    struct policy policy;
    SSL_CTX *ctx;
    BIO_METHOD *method;
    dtls_server_counters counters;
    struct session *rows;
    uint32_t row_count;
    bool broken; /* one of them is */
    struct session_list lists[SESSION_STATES];
    uint32_t *heads;
    uint32_t head_mask;
    uint64_t hash_key;
    /* The one that listens, to whom, and what that one said. */
    SSL *listener;
    struct datagrams listening;
    const covey_path *asking;
    const uint8_t *random;
    uint8_t secrets[SECRETS][COOKIE];
    covey_ms secret_until;
    uint8_t decoy[COOKIE]; /* the key of those who have none */
    uint8_t plain[DTLS_DATAGRAM_MAX];
};

/* --- table.c: rows, by address and by age -------------------------------- */

/* False: no memory. */
bool table_open(dtls_server *s);
void table_close(dtls_server *s);
/* The session of this name, in whichever state; NULL: there is none. */
struct session *table_named(const dtls_server *s, const covey_path *path);
/* Those on this path, at most one of a state; NULL: there is none. */
struct session *table_find(const dtls_server *s, const covey_path *path,
                           enum session_state state);
/* How many of a state come from this address, and the oldest of them. */
uint32_t table_count(const dtls_server *s, const covey_path *path,
                     enum session_state state, struct session **oldest);
/* The oldest of a state; NULL: there is none. */
struct session *table_oldest(const dtls_server *s, enum session_state state);
/* A row in the state SHAKING with a new name; there is a free one. */
struct session *table_add(dtls_server *s, const covey_path *path);
/* It is the youngest of that state now; FREE: it has left its path. */
void table_move(struct session *x, enum session_state state);

/* --- session.c ----------------------------------------------------------- */

/* The listener has seen a good cookie: it becomes a session, and the
 * ClientHello that it has taken is the first of its handshake. */
void session_begin(dtls_server *s, covey_ms now, const covey_path *path);
void session_feed(struct session *x, covey_ms now, covey_bytes datagram);
bool session_send(struct session *x, covey_bytes plain);
/* What of the handshake was lost leaves again. */
void session_resend(struct session *x, covey_ms now);
/* `notify`: with close_notify, if it is open. */
void session_finish(struct session *x, const char *reason, bool notify);
/* The same, and tells nothing. */
void session_release(struct session *x);

/* --- cookie.c ------------------------------------------------------------ */

/* False: no random bytes. */
bool cookie_open(dtls_server *s);
void cookie_refresh(dtls_server *s, covey_ms now);

/* --- keys.c, peer.c ------------------------------------------------------ */

void keys_use(dtls_server *s);
/* Whom the handshake has proved the other side to be. False: no memory. */
bool dtls__peer_learn(dtls_peer *p, SSL *ssl);
void dtls__peer_forget(dtls_peer *p);

#endif
