/* SPDX-License-Identifier: BSD-2-Clause */
/* A client of CoAP on one UDP socket, or on one connection: an endpoint
 * without I/O (covey/endpoint.h), a socket (udp.h, tcp.h) and a loop (loop.h)
 * put together.
 * Requests go out; what comes back, what becomes of them, and what the
 * network says about the peer are told through handlers, while the loop runs.
 *
 * A client serves nothing: requests that reach its port are met with a Reset.
 */
#ifndef COVEY_SHELL_CLIENT_H
#define COVEY_SHELL_CLIENT_H

#include <covey/crypto.h>
#include <covey/endpoint.h>
#include <dtls.h>
#include <loop.h>
#include <schc_link.h>
#include <tls_setup.h>

enum {
    CLIENT_ERROR_MAX = 256,
    CLIENT_MESSAGE_MAX = 65535 /* bytes */
};

typedef struct client client;

/* From handlers requests may be begun and cancelled, and the loop stopped,
 * but the client stays open. Those that are NULL are not called. */
typedef struct client_handlers {
    /* A response, plain; `path` is where it comes from. Spans live until the
     * handler returns. */
    void (*response)(void *user, const covey_path *path,
                     const covey_endpoint_in *in);
    /* The end of an exchange, or what became of a ping. */
    void (*ended)(void *user, const covey_endpoint_report *report);
    /* The network cannot reach this peer (ICMP). */
    void (*unreachable)(void *user, const covey_path *path);
    /* The system does not send to where a datagram should go; `reason` is an
     * errno. */
    void (*unsendable)(void *user, int reason);
    /* Connections: requests may be begun from now on. */
    void (*ready)(void *user);
    /* The connection has ended, or there was none; `reason` is a sentence. All
     * exchanges have been told. */
    void (*closed)(void *user, const char *reason);
    /* Every message, as it leaves and as it came; over TCP with the framing of
     * streams. */
    void (*datagram)(void *user, bool sent, const covey_path *path,
                     covey_bytes bytes);
    /* On a thin link also its packet: behind the message that leaves, before
     * the one that comes. */
    void (*packet)(void *user, bool sent, const covey_path *path,
                   covey_bytes bytes);
    void *user;
} client_handlers;

typedef struct client_options {
    covey_transport transport;  /* UDP, DTLS, TCP, TLS */
    const dtls_options *dtls;   /* without its events */
    tls_setup *tls;             /* TLS; kept until the loop ends */
    const char *server_name;    /* TLS; NULL: none */
    covey_address peer;         /* connections: the only one */
    covey_family family;        /* of all peers */
    uint32_t interface;         /* that multicast leaves by; 0: any */
    const covey_crypto *crypto; /* for random numbers */
    /* As of covey_endpoint_config. */
    const covey_protector *const *protectors;
    size_t protector_count;
    /* Messages are its packets; NULL: they go as they are. Kept. */
    schc_link *schc;
    /* As of covey_endpoint_config; 0: the defaults. */
    uint8_t token_len;
    uint8_t message_id_bits;
    uint16_t message_id_first;
    client_handlers on;
} client_options;

/* NULL with a sentence in `error`. What options point to is kept. */
client *client_open(loop *l, const client_options *options,
                    char error[CLIENT_ERROR_MAX]);
/* NULL is allowed. Before the loop is freed. */
void client_close(client *c);

/* Begins a request: its options, in ascending order, and its payload are put
 * through the composer that is returned; then it is sent. Not begun twice
 * without sending. Over a connection it goes there, whatever its path says. */
covey_coap_composer *client_begin(client *c, const covey_endpoint_call *call);
/* As covey_endpoint_request_send and schc_link_compress; *exchange is written
 * on success. */
COVEY_MUST_USE covey_status client_send(client *c,
                                        covey_exchange_ref *exchange);
/* Asks whether the peer is there, RFC 7252 Section 4.3, RFC 8323 Section 5.4.
 * Its Reset or Pong is told as COVEY_ENDPOINT_REPLY_RESET. As
 * covey_message_send. */
COVEY_MUST_USE covey_status client_ping(client *c, const covey_path *path);
/* How many bytes of a body the peer takes in one message of several blocks
 * (RFC 8323 Section 6); 0: it does not, or is not known yet. */
uint32_t client_bert(const client *c);
/* As covey_endpoint_cancel. */
void client_cancel(client *c, covey_exchange_ref exchange);

#endif
