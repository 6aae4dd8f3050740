/* SPDX-License-Identifier: BSD-2-Clause */
/* Sessions of DTLS (RFC 7252 Section 9) on a socket. Each is a connection to
 * the endpoint; what is observed or half sent ends with it. */
#include "kind.h"

#include <stdlib.h>
#include <system_address.h>
#include <udp.h>

enum {
    ROUNDS = 8 /* batches before others get their turn */
};

struct link_dtls {
    udp_socket *socket;
    bool shared; /* it is not ours */
    loop_watch *watch;
    loop_alarm *alarm;
    dtls_server *sessions;
    uint8_t out[DTLS_MESSAGE_MAX];
};

/* --- sending ------------------------------------------------------------- */

/* Where a datagram is written; failed if the network takes no more. */
static covey_writer datagram(const struct link_dtls *d)
{
    covey_writer w = udp_departure(d->socket);

    if (w.failed != COVEY_OK && udp_flush(d->socket)) {
        w = udp_departure(d->socket);
    }
    return w;
}

/* What finds no room is lost, and comes again as after any loss. */
static void on_depart(void *user, const covey_path *path, covey_bytes bytes)
{
    const struct link *k = user;
    const struct link_dtls *d = k->state;
    covey_writer w = datagram(d);

    covey_write_bytes(&w, bytes);
    if (w.failed == COVEY_OK) {
        udp_commit(d->socket, path, &w);
    }
}

static covey_writer departure(struct link *k)
{
    struct link_dtls *d = k->state;
    covey_writer w = datagram(d);

    return w.failed == COVEY_OK ? covey_writer_of(d->out, sizeof d->out) : w;
}

static void commit(struct link *k, const covey_path *path,
                   const covey_writer *written)
{
    const struct link_dtls *d = k->state;

    (void)dtls_server_send(d->sessions, path, covey_written(written));
    covey_wipe(written->base, written->pos);
}

static void settle(struct link *k)
{
    const struct link_dtls *d = k->state;

    loop_watch_set(d->watch,
                   udp_flush(d->socket) ? LOOP_READ : LOOP_READ | LOOP_WRITE);
    loop_alarm_set(d->alarm, dtls_server_deadline(d->sessions));
}

/* --- sessions ------------------------------------------------------------ */

static void tell(const struct link *k, const char *name,
                 const covey_path *path, log_value what)
{
    char peer[ADDRESS_TEXT_MAX];
    const log_value values[] = {
        log_string("peer", address_text(&path->peer, peer)),
        what,
    };
    const log_event event = { .level = LOG_LEVEL_INFO,
                              .name = name,
                              .section = "RFC 7252 9.1",
                              .values = values,
                              .count = 2 };

    log_write(k->owner->log, &event);
}

static void on_opened(void *user, const covey_path *path,
                      const dtls_peer *peer)
{
    tell(user, "dtls.open", path,
         log_string("client", peer->count > 0 ? peer->names[0] : "anybody"));
}

static void on_failed(void *user, const covey_path *path, const char *reason)
{
    tell(user, "dtls.refused", path, log_string("why", reason));
}

static void on_lost(void *user, const covey_path *path, const char *reason)
{
    struct link *k = user;

    tell(k, "dtls.end", path, log_string("why", reason));
    k->owner->lost(k, path);
    covey_endpoint_lost(&k->endpoint, path);
}

static const dtls_peer *peer(const struct link *k, const covey_path *path)
{
    const struct link_dtls *d = k->state;

    return dtls_server_peer(d->sessions, path);
}

/* --- receiving ----------------------------------------------------------- */

static void on_received(void *user, const covey_path *path, covey_bytes plain)
{
    link_receive(user, loop_now(), path, plain);
}

static void on_ready(void *user, int events)
{
    struct link *k = user;
    const struct link_dtls *d = k->state;
    const covey_ms now = loop_now().mono;
    size_t count = UDP_BATCH;
    covey_path path;

    (void)events;
    /* Who cannot be reached is not believed: anybody could say so. */
    while (udp_unreachable(d->socket, &path)) {
    }
    for (int round = 0;
         round < ROUNDS && count == UDP_BATCH && udp_flush(d->socket);
         round++) {
        count = udp_receive(d->socket);
        for (size_t i = 0; i < count; i++) {
            const covey_bytes bytes = udp_datagram(d->socket, i, &path);
            dtls_server_receive(d->sessions, now, &path, bytes);
        }
    }
    link_turn(k, now);
}

static void on_due(void *user)
{
    struct link *k = user;
    const struct link_dtls *d = k->state;
    const covey_ms now = loop_now().mono;

    dtls_server_expire(d->sessions, now);
    link_turn(k, now);
}

/* --- opening and closing ------------------------------------------------- */

static bool open_sessions(struct link *k, const dtls_server_options *from)
{
    struct link_dtls *d = k->state;
    dtls_server_options options = *from;
    char error[DTLS_ERROR_MAX];

    options.events = (dtls_server_events){ .user = k,
                                           .depart = on_depart,
                                           .received = on_received,
                                           .opened = on_opened,
                                           .lost = on_lost,
                                           .failed = on_failed };
    options.crew = k->owner->crew;
    options.me = k->owner->me;
    d->sessions = dtls_server_new(&options, error);
    if (d->sessions == NULL) {
        link_tell(k, "dtls.open", error);
    }
    return d->sessions != NULL;
}

static bool open(struct link *k, const struct link_listen *listen)
{
    struct link_dtls *d = calloc(1, sizeof *d);
    char error[UDP_ERROR_MAX];

    k->state = d;
    if (d == NULL) {
        link_tell(k, "link.open", "out of memory");
        return false;
    }
    d->shared = listen->socket != NULL;
    d->socket = d->shared ? listen->socket
                          : link_udp_socket(&listen->address,
                                            listen->reuse_port, error);
    if (d->socket == NULL) {
        link_tell(k, "udp.open", error);
        return false;
    }
    d->watch = loop_watch_new(k->owner->loop, udp_fd(d->socket), LOOP_READ,
                              on_ready, k);
    d->alarm = loop_alarm_new(k->owner->loop, on_due, k);
    if (d->watch == NULL || d->alarm == NULL) {
        link_tell(k, "link.open", "out of memory");
        return false;
    }
    k->local = udp_local(d->socket);
    return open_sessions(k, listen->dtls);
}

static void close_link(struct link *k)
{
    struct link_dtls *d = k->state;

    if (d == NULL) {
        return;
    }
    dtls_server_end(d->sessions); /* close_notify to all */
    loop_watch_end(d->watch);
    loop_alarm_end(d->alarm);
    if (d->socket != NULL) {
        (void)udp_flush(d->socket);
    }
    if (!d->shared) {
        udp_close(d->socket);
    }
    covey_wipe(d, sizeof *d);
    free(d);
}

const struct link_kind link_dtls = { .scheme = "coaps://",
                                     .message_max = DTLS_MESSAGE_MAX,
                                     .open = open,
                                     .close = close_link,
                                     .departure = departure,
                                     .commit = commit,
                                     .settle = settle,
                                     .peer = peer };
