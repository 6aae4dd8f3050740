/* SPDX-License-Identifier: BSD-2-Clause */
/* The interface of tcp.h once more, over TCP or over TLS 1.3 (tls_stream.h):
 * who brings messages over streams, as CoAP does (RFC 8323), need not know
 * which of the two it is.
 *
 * A server or a proxy that takes certificates of ITS:
 *     options.tls = tls_setup_open(...);        what it is and whom it takes
 *     channel_listen(...);
 *     in `opened` or later: channel_peer(c)     PSID, SSP, HashedId8
 *     tls_permits(list, count, channel_peer(c)) (tls_permission.h)
 * Over TLS `opened` is told when the handshake is done, and a session ends
 * when the peer's certificate expires (RFC 8902 Section 7.2). */
#ifndef COVEY_SHELL_CHANNEL_H
#define COVEY_SHELL_CHANNEL_H

#include <tcp.h>
#include <tls_setup.h>

typedef struct channel channel;
typedef struct channel_listener channel_listener;

/* As tcp_events. `reason` of a handshake that failed says which alert; it is
 * told without `opened`, unless the listener has been ended. */
typedef struct channel_events {
    void *user;
    void (*opened)(void *user, channel *c);
    size_t (*received)(void *user, channel *c, covey_bytes bytes);
    void (*closed)(void *user, channel *c, const char *reason);
} channel_events;

typedef struct channel_options {
    channel_events events;
    tls_setup *tls; /* NULL: TCP; kept until the last connection is closed */
    const char *server_name; /* TLS, who connects: NULL: none */
    size_t receive_max;
    size_t send_max;
    unsigned connection_max;
    bool reuse_port;
} channel_options;

/* All as in tcp.h. */
channel_listener *channel_listen(loop *on, const covey_address *local,
                                 const channel_options *options,
                                 char error[TCP_ERROR_MAX]);
covey_address channel_local(const channel_listener *l);
/* As tcp_listener_end; handshakes that are not done end, too. */
void channel_listener_end(channel_listener *l);
channel *channel_connect(loop *on, const covey_address *peer,
                         const channel_options *options,
                         char error[TCP_ERROR_MAX]);
covey_address channel_remote(const channel *c);
void channel_set_data(channel *c, void *data);
void *channel_data(const channel *c);
bool channel_send(channel *c, covey_bytes bytes);
size_t channel_waiting(const channel *c);
void channel_hold(channel *c);
void channel_end(channel *c);
void channel_abort(channel *c);

/* Who the peer is; NULL over TCP, and before `opened`. */
const covey_tls_peer *channel_peer(const channel *c);

#endif
