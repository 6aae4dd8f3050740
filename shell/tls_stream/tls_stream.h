/* SPDX-License-Identifier: BSD-2-Clause */
/* TLS 1.3 over TCP: drives the engine of the core (covey/tls.h) with what
 * shell/tcp brings. Questions of the engine go to the owner, who answers them
 * with covey_tls_chain or covey_tls_signature before `told` returns. */
#ifndef COVEY_SHELL_TLS_STREAM_H
#define COVEY_SHELL_TLS_STREAM_H

#include <covey/tls.h>

#include <tcp.h>

typedef struct tls_stream tls_stream;
typedef struct tls_stream_listener tls_stream_listener;

/* No call is made from inside a call to tls_stream_*. */
typedef struct tls_stream_events {
    void *user;
    /* A connection has come, and its handshake begins; may be NULL. */
    void (*accepted)(void *user, tls_stream *s);
    /* Whatever the engine tells (covey_tls_report). */
    void (*told)(void *user, tls_stream *s, const covey_tls_report *report);
    /* Data of the peer. */
    void (*received)(void *user, tls_stream *s, covey_bytes data);
    /* All that was sent has left; may be NULL. */
    void (*drained)(void *user, tls_stream *s);
    /* The last call; `reason` is NULL if TCP ended orderly. Whether TLS did,
     * COVEY_TLS_PEER_CLOSED has told: without it data may be missing. */
    void (*closed)(void *user, tls_stream *s, const char *reason);
} tls_stream_events;

typedef struct tls_stream_options {
    tls_stream_events events;
    const covey_tls_config *config; /* kept */
    size_t memory;                  /* for the handshake; 0: 16 KiB */
    unsigned connection_max;        /* listeners; 0: 1,024 */
} tls_stream_options;

/* NULL with a sentence in `error`. */
tls_stream_listener *tls_stream_listen(loop *on, const covey_address *local,
                                       const tls_stream_options *options,
                                       char error[TCP_ERROR_MAX]);
covey_address tls_stream_local(const tls_stream_listener *l);
/* No more connections; those that are open stay. */
void tls_stream_listener_end(tls_stream_listener *l);

/* server_name and session as in covey_tls_client; the session's ticket is
 * copied. */
tls_stream *tls_stream_connect(loop *on, const covey_address *peer,
                               const tls_stream_options *options,
                               covey_bytes server_name,
                               const covey_tls_session *session,
                               char error[TCP_ERROR_MAX]);

covey_tls *tls_stream_engine(tls_stream *s);
void tls_stream_set_data(tls_stream *s, void *data);
void *tls_stream_data(const tls_stream *s);
covey_address tls_stream_peer(const tls_stream *s);

/* Protects and sends all of it. False: not connected, or too much waits. */
bool tls_stream_send(tls_stream *s, covey_bytes data);
/* How many bytes of it, protected, have not left yet. */
size_t tls_stream_waiting(const tls_stream *s);
/* As tcp_hold, from `received`; false: nothing waits, and nothing is held. */
bool tls_stream_hold(tls_stream *s);
/* close_notify, and then the end of the TCP connection once the peer has ended
 * its direction, too. */
void tls_stream_close(tls_stream *s);
/* Ends it now; close_notify leaves if it can. */
void tls_stream_abort(tls_stream *s);

#endif
