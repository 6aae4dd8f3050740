/* SPDX-License-Identifier: BSD-2-Clause */
/* Datagrams of UDP, and the groups whose member the socket is. On a thin link
 * SCHC packets are in them (schc_link.h). */
#include "kind.h"

#include <net/if.h>
#include <schc_link.h>
#include <stdio.h>
#include <stdlib.h>
#include <udp.h>

enum {
    DATAGRAM_MAX = 4096,
    ROUNDS = 8, /* batches before others get their turn */
    RECEIVE_BUFFER = 1 << 22
};

struct link_udp {
    udp_socket *socket;
    bool shared; /* it is not ours */
    loop_watch *watch;
    schc_link *schc;               /* NULL: datagrams are messages */
    uint8_t message[DATAGRAM_MAX]; /* that will be compressed */
};

/* --- sending ------------------------------------------------------------- */

static covey_writer departure(struct link *k)
{
    struct link_udp *u = k->state;
    covey_writer w = udp_departure(u->socket);

    if (w.failed != COVEY_OK && udp_flush(u->socket)) {
        w = udp_departure(u->socket);
    }
    return u->schc != NULL && w.failed == COVEY_OK
               ? covey_writer_of(u->message, sizeof u->message)
               : w;
}

static void commit(struct link *k, const covey_path *path,
                   const covey_writer *written)
{
    const struct link_udp *u = k->state;
    covey_writer packet;

    if (u->schc == NULL) {
        udp_commit(u->socket, path, written);
        return;
    }
    packet = udp_departure(u->socket);
    /* What no rule fits is counted. */
    if (schc_link_compress(u->schc, covey_written(written), &packet) ==
        COVEY_OK) {
        udp_commit(u->socket, path, &packet);
    }
}

static void settle(struct link *k)
{
    const struct link_udp *u = k->state;

    loop_watch_set(u->watch,
                   udp_flush(u->socket) ? LOOP_READ : LOOP_READ | LOOP_WRITE);
}

/* --- receiving ----------------------------------------------------------- */

static void take(struct link *k, covey_time now, const covey_path *path,
                 covey_bytes datagram)
{
    const struct link_udp *u = k->state;

    if (u->schc == NULL ||
        schc_link_decompress(u->schc, datagram, &datagram) == COVEY_OK) {
        link_receive(k, now, path, datagram);
    }
}

static void on_ready(void *user, int events)
{
    struct link *k = user;
    const struct link_udp *u = k->state;
    const covey_time now = loop_now();
    size_t count = UDP_BATCH;
    covey_path path;

    (void)events;
    /* That somebody cannot be reached anybody could say, but of this host. */
    while (udp_unreachable(u->socket, &path)) {
        if (covey_address_is_loopback(&path.peer) && k->owner->lost != NULL) {
            k->owner->lost(k, &path);
        }
    }
    /* Who cannot send does not receive: the network then drops for us. */
    for (int round = 0;
         round < ROUNDS && count == UDP_BATCH && udp_flush(u->socket);
         round++) {
        count = udp_receive(u->socket);
        for (size_t i = 0; i < count; i++) {
            const covey_bytes datagram = udp_datagram(u->socket, i, &path);
            take(k, now, &path, datagram);
        }
    }
    link_turn(k, now.mono);
}

/* --- opening and closing ------------------------------------------------- */

/* 0 lets the routes decide; false if there is no such interface. */
static bool find_interface(const char *name, uint32_t *index)
{
    *index = name != NULL ? if_nametoindex(name) : 0;
    return name == NULL || *index != 0;
}

static bool join(const struct link *k, const covey_address *local)
{
    const struct link_udp *u = k->state;
    const struct link_owner *owner = k->owner;
    char error[UDP_ERROR_MAX];

    for (size_t i = 0; i < owner->group_count; i++) {
        const struct link_group *g = &owner->groups[i];
        if (!link_group_is_at(g, local)) {
            continue;
        }
        uint32_t interface;
        if (!find_interface(g->interface, &interface)) {
            link_tell(k, "udp.interface", g->interface);
            return false;
        }
        if (!udp_join(u->socket, &g->address, interface, error)) {
            link_tell(k, "udp.join", error);
            return false;
        }
    }
    return true;
}

static bool open_schc(struct link_udp *u, const struct link_schc *schc)
{
    const schc_link_options options = { .rules = schc->rules,
                                        .sends = schc->sends,
                                        .message_max = DATAGRAM_MAX };

    u->schc = schc_link_open(&options, stderr);
    return u->schc != NULL;
}

udp_socket *link_udp_socket(const covey_address *local, bool shared,
                            char error[UDP_ERROR_MAX])
{
    const udp_options options = { .local = *local,
                                  .datagram_max =
                                      DATAGRAM_MAX + SCHC_LINK_MORE,
                                  .reuse_port = shared,
                                  .receive_buffer = RECEIVE_BUFFER };

    return udp_open(&options, error);
}

static bool open(struct link *k, const struct link_listen *listen)
{
    struct link_udp *u = calloc(1, sizeof *u);
    char error[UDP_ERROR_MAX];

    k->state = u;
    if (u == NULL) {
        link_tell(k, "link.open", "out of memory");
        return false;
    }
    if (listen->schc != NULL && !open_schc(u, listen->schc)) {
        return false;
    }
    u->shared = listen->socket != NULL;
    u->socket = u->shared ? listen->socket
                          : link_udp_socket(&listen->address,
                                            listen->reuse_port, error);
    if (u->socket == NULL) {
        link_tell(k, "udp.open", error);
        return false;
    }
    u->watch = loop_watch_new(k->owner->loop, udp_fd(u->socket), LOOP_READ,
                              on_ready, k);
    if (u->watch == NULL) {
        link_tell(k, "link.open", "out of memory");
        return false;
    }
    k->local = udp_local(u->socket);
    return join(k, &listen->address);
}

/* What the rules were good for, told at the end. */
static void tell_counts(const struct link *k, const schc_link *schc)
{
    const schc_link_count sent = schc_link_sent(schc);
    const schc_link_count received = schc_link_received(schc);
    const log_value values[] = {
        log_number("sent", sent.packets),
        log_number("sent_bytes", sent.packet_bytes),
        log_number("of_bytes", sent.message_bytes),
        log_number("sent_whole", sent.whole),
        log_number("not_sent", sent.refused),
        log_number("received", received.packets),
        log_number("received_bytes", received.packet_bytes),
        log_number("became_bytes", received.message_bytes),
        log_number("received_whole", received.whole),
        log_number("refused", received.refused),
    };
    const log_event event = { .level = LOG_LEVEL_NOTICE,
                              .name = "schc.link",
                              .values = values,
                              .count = sizeof values / sizeof values[0] };

    log_write(k->owner->log, &event);
}

static void close_link(struct link *k)
{
    struct link_udp *u = k->state;

    if (u == NULL) {
        return;
    }
    if (u->schc != NULL && u->socket != NULL) {
        tell_counts(k, u->schc);
    }
    schc_link_close(u->schc);
    if (u->watch != NULL) {
        loop_watch_end(u->watch);
    }
    if (u->socket != NULL && !u->shared) {
        udp_close(u->socket);
    }
    free(u);
}

static const schc_link *schc_of(const struct link *k)
{
    const struct link_udp *u = k->state;

    return u != NULL ? u->schc : NULL;
}

const struct link_kind link_udp = { .scheme = "",
                                    .message_max = DATAGRAM_MAX,
                                    .open = open,
                                    .close = close_link,
                                    .departure = departure,
                                    .commit = commit,
                                    .settle = settle,
                                    .schc = schc_of };
