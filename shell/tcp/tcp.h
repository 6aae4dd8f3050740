/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP connections that bring whole messages: bytes are collected until the
 * receiver takes them, up to a bound; sending never blocks, also up to a
 * bound. On shell/loop. SIGPIPE is ignored from the first connection on. */
#ifndef COVEY_SHELL_TCP_H
#define COVEY_SHELL_TCP_H

#include <covey/address.h>
#include <covey/bytes.h>
#include <loop.h>

enum {
    TCP_ERROR_MAX = 256
};

typedef struct tcp_connection tcp_connection;
typedef struct tcp_listener tcp_listener;

/* What is told of connections. No call is made from inside a call to tcp_*. */
typedef struct tcp_events {
    void *user;
    /* Accepted, or connected as asked. */
    void (*opened)(void *user, tcp_connection *c);
    /* Everything that has come and was not taken before. How much is taken
     * now; the rest comes again with what comes next. */
    size_t (*received)(void *user, tcp_connection *c, covey_bytes bytes);
    /* All that tcp_send took has left. */
    void (*drained)(void *user, tcp_connection *c);
    /* The last call; `reason` is NULL if the peer ended it orderly. */
    void (*closed)(void *user, tcp_connection *c, const char *reason);
} tcp_events;

typedef struct tcp_options {
    tcp_events events;       /* drained may be NULL */
    size_t receive_max;      /* bytes that wait to be taken: a longer message
                                ends the connection */
    size_t send_max;         /* bytes that wait to leave */
    unsigned connection_max; /* listeners: accepted at a time; 0: 1024 */
    bool reuse_port;         /* listeners: several processes on one port */
} tcp_options;

/* Accepts connections. NULL with a sentence in `error`. */
tcp_listener *tcp_listen(loop *on, const covey_address *local,
                         const tcp_options *options,
                         char error[TCP_ERROR_MAX]);
/* As bound: with the port that the system chose. */
covey_address tcp_local(const tcp_listener *l);
/* No more connections; those that are open stay. They may outlive it. */
void tcp_listener_end(tcp_listener *l);

/* Begins to connect; `opened` or `closed` follows. */
tcp_connection *tcp_connect(loop *on, const covey_address *peer,
                            const tcp_options *options,
                            char error[TCP_ERROR_MAX]);
covey_address tcp_peer(const tcp_connection *c);
/* Anything, for the one who gets the events. */
void tcp_set_data(tcp_connection *c, void *data);
void *tcp_data(const tcp_connection *c);

/* Takes all bytes, or none: false, too much is waiting already, or the
 * connection is ending. */
bool tcp_send(tcp_connection *c, covey_bytes bytes);
/* How many of these bytes have not left yet. */
size_t tcp_waiting(const tcp_connection *c);
/* From `received`: a peer that does not read is not listened to. Nothing more
 * comes until all that tcp_send took has left; then what was not taken comes
 * again. Nothing if nothing waits. */
void tcp_hold(tcp_connection *c);
/* Ends it once everything that was taken has left. `closed` follows. */
void tcp_end(tcp_connection *c);
/* Ends it now. `closed` follows. */
void tcp_abort(tcp_connection *c);

#endif
