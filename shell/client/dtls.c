/* SPDX-License-Identifier: BSD-2-Clause */
/* DTLS (RFC 7252 Section 9) to one peer, on a UDP socket of its own. Requests
 * may be sent once the handshake is done. */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <udp.h>

enum {
    PATIENCE = 30000 /* ms for the handshake */
};

struct client_dtls {
    udp_socket *socket;
    loop_watch *watch;
    loop_alarm *alarm;
    dtls *session;
    covey_ms due; /* of the handshake; COVEY_NEVER: it is done, or failed */
    bool told;    /* that it has ended */
    uint8_t out[CLIENT_MESSAGE_MAX];
};

/* --- sending ------------------------------------------------------------- */

/* A datagram of the session; what does not find room is lost, and libssl or
 * the message layer sends it again. */
static void on_depart(void *user, covey_bytes datagram)
{
    client *c = user;
    const struct client_dtls *t = c->state;
    const covey_path path = { .peer = c->options.peer };
    covey_writer w = udp_departure(t->socket);

    if (w.failed != COVEY_OK && udp_flush(t->socket)) {
        w = udp_departure(t->socket);
    }
    covey_write_bytes(&w, datagram);
    if (w.failed == COVEY_OK) {
        udp_commit(t->socket, &path, &w);
    }
}

static covey_writer departure(client *c)
{
    struct client_dtls *t = c->state;

    return covey_writer_of(t->out, sizeof t->out);
}

static void commit(client *c, const covey_path *path,
                   const covey_writer *written)
{
    const struct client_dtls *t = c->state;

    (void)path;
    c->refused =
        written->pos <= dtls_room(t->session) ? COVEY_OK : COVEY_E_ROOM;
    (void)dtls_send(t->session, covey_written(written));
    covey_wipe(written->base, written->pos);
}

static void settle(client *c)
{
    struct client_dtls *t = c->state;
    const covey_ms now = loop_now().mono;

    loop_watch_set(t->watch,
                   udp_flush(t->socket) ? LOOP_READ : LOOP_READ | LOOP_WRITE);
    loop_alarm_set(t->alarm,
                   covey_earlier(t->due, dtls_deadline(t->session, now)));
}

/* --- receiving ----------------------------------------------------------- */

static void on_opened(void *user)
{
    client *c = user;
    struct client_dtls *t = c->state;

    t->due = COVEY_NEVER;
    if (c->options.on.ready != NULL) {
        c->options.on.ready(c->options.on.user);
    }
}

static void on_received(void *user, covey_bytes plain)
{
    client *c = user;

    client__receive(c, &c->path, plain);
}

static void on_closed(void *user, const char *reason)
{
    client *c = user;
    struct client_dtls *t = c->state;

    if (t->told) {
        return;
    }
    t->told = true;
    t->due = COVEY_NEVER;
    covey_endpoint_lost(&c->endpoint, &c->path);
    if (c->options.on.closed != NULL) {
        c->options.on.closed(c->options.on.user, reason);
    }
}

static void on_ready(void *user, int events)
{
    client *c = user;
    const struct client_dtls *t = c->state;
    covey_path path;
    size_t count;

    (void)events;
    while ((count = udp_receive(t->socket)) > 0) {
        for (size_t i = 0; i < count; i++) {
            const covey_bytes bytes = udp_datagram(t->socket, i, &path);
            if (covey_address_equal(&path.peer, &c->options.peer)) {
                dtls_receive(t->session, bytes);
            }
        }
    }
    while (udp_unreachable(t->socket, &path)) {
        if (c->options.on.unreachable != NULL) {
            c->options.on.unreachable(c->options.on.user, &path);
        }
    }
    client__pump(c);
}

static void on_due(void *user)
{
    client *c = user;
    const struct client_dtls *t = c->state;

    if (t->due <= loop_now().mono) {
        on_closed(c, "nobody answers the handshake of DTLS");
        return;
    }
    dtls_expire(t->session);
    client__pump(c);
}

/* --- opening and closing ------------------------------------------------- */

static bool open_session(client *c, char error[CLIENT_ERROR_MAX])
{
    struct client_dtls *t = c->state;
    dtls_options options = *c->options.dtls;

    options.events = (dtls_events){ .user = c,
                                    .depart = on_depart,
                                    .opened = on_opened,
                                    .received = on_received,
                                    .closed = on_closed };
    t->session = dtls_new(&options, error);
    if (t->session == NULL) {
        return false;
    }
    t->due = loop_now().mono + PATIENCE;
    dtls_start(t->session);
    settle(c);
    return true;
}

static bool open(client *c, char error[CLIENT_ERROR_MAX])
{
    const udp_options options = { .local = { .family =
                                                 c->options.peer.family },
                                  .datagram_max = UDP_DATAGRAM_MAX };
    struct client_dtls *t = calloc(1, sizeof *t);

    snprintf(error, CLIENT_ERROR_MAX, "out of memory");
    c->state = t;
    if (t == NULL) {
        return false;
    }
    c->path.peer = c->options.peer;
    c->path.transport = COVEY_DTLS;
    c->path.connection = 1;
    t->socket = udp_open(&options, error);
    if (t->socket == NULL) {
        return false;
    }
    t->watch =
        loop_watch_new(c->loop, udp_fd(t->socket), LOOP_READ, on_ready, c);
    t->alarm = loop_alarm_new(c->loop, on_due, c);
    return t->watch != NULL && t->alarm != NULL && open_session(c, error);
}

static void close_session(client *c)
{
    struct client_dtls *t = c->state;

    if (t == NULL) {
        return;
    }
    dtls_end(t->session); /* close_notify */
    loop_watch_end(t->watch);
    loop_alarm_end(t->alarm);
    if (t->socket != NULL) {
        (void)udp_flush(t->socket);
    }
    udp_close(t->socket);
    covey_wipe(t->out, sizeof t->out);
    free(t);
}

const struct client_carrier client_dtls = { .open = open,
                                            .close = close_session,
                                            .departure = departure,
                                            .commit = commit,
                                            .settle = settle };
