/* SPDX-License-Identifier: BSD-2-Clause */
/* Datagrams of UDP, from one socket to all peers; on a thin link with SCHC
 * packets in them. */
#include "internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <udp.h>

struct client_udp {
    udp_socket *socket;
    loop_watch *watch;
    uint8_t message[CLIENT_MESSAGE_MAX]; /* that will be compressed */
};

static bool flush(client *c)
{
    const struct client_udp *u = c->state;
    const client_handlers *on = &c->options.on;
    const uint64_t before = udp_counters_of(u->socket).failed;
    const bool all = udp_flush(u->socket);
    const udp_counters now = udp_counters_of(u->socket);

    if (now.failed != before && on->unsendable != NULL) {
        on->unsendable(on->user, now.last_error);
    }
    return all;
}

/* A queue that the system does not take waits until the socket is writable. */
static covey_writer departure(client *c)
{
    struct client_udp *u = c->state;
    covey_writer w = udp_departure(u->socket);

    if (w.failed != COVEY_OK && flush(c)) {
        w = udp_departure(u->socket);
    }
    return c->options.schc != NULL && w.failed == COVEY_OK
               ? covey_writer_of(u->message, sizeof u->message)
               : w;
}

static void commit(client *c, const covey_path *path,
                   const covey_writer *written)
{
    const struct client_udp *u = c->state;
    const client_handlers *on = &c->options.on;
    covey_writer packet;

    if (c->options.schc == NULL) {
        udp_commit(u->socket, path, written);
        return;
    }
    packet = udp_departure(u->socket);
    c->refused =
        schc_link_compress(c->options.schc, covey_written(written), &packet);
    if (c->refused == COVEY_OK) {
        if (on->packet != NULL) {
            on->packet(on->user, true, path, covey_written(&packet));
        }
        udp_commit(u->socket, path, &packet);
    }
}

static void settle(client *c)
{
    const struct client_udp *u = c->state;

    loop_watch_set(u->watch, flush(c) ? LOOP_READ : LOOP_READ | LOOP_WRITE);
}

static void receive(client *c, const covey_path *path, covey_bytes bytes)
{
    const client_handlers *on = &c->options.on;
    schc_link *schc = c->options.schc;

    if (schc != NULL && on->packet != NULL) {
        on->packet(on->user, false, path, bytes);
    }
    /* What is no packet is counted; there is nobody to answer. */
    if (schc == NULL ||
        schc_link_decompress(schc, bytes, &bytes) == COVEY_OK) {
        client__receive(c, path, bytes);
    }
}

static void on_ready(void *user, int events)
{
    client *c = user;
    const struct client_udp *u = c->state;
    const client_handlers *on = &c->options.on;
    covey_path path;
    size_t count;

    (void)events;
    while ((count = udp_receive(u->socket)) > 0) {
        for (size_t i = 0; i < count; i++) {
            const covey_bytes bytes = udp_datagram(u->socket, i, &path);
            receive(c, &path, bytes);
        }
    }
    while (udp_unreachable(u->socket, &path)) {
        if (on->unreachable != NULL) {
            on->unreachable(on->user, &path);
        }
    }
    client__pump(c);
}

static bool open(client *c, char error[CLIENT_ERROR_MAX])
{
    const udp_options options = {
        .local = { .family = (uint8_t)c->options.family },
        .datagram_max = CLIENT_MESSAGE_MAX,
        .interface = c->options.interface,
    };
    struct client_udp *u = calloc(1, sizeof *u);

    c->state = u;
    if (u == NULL) {
        snprintf(error, CLIENT_ERROR_MAX, "out of memory");
        return false;
    }
    u->socket = udp_open(&options, error);
    if (u->socket == NULL) {
        return false;
    }
    u->watch =
        loop_watch_new(c->loop, udp_fd(u->socket), LOOP_READ, on_ready, c);
    if (u->watch == NULL) {
        snprintf(error, CLIENT_ERROR_MAX, "the loop takes no socket: %s",
                 strerror(errno));
        return false;
    }
    return true;
}

static void close_socket(client *c)
{
    struct client_udp *u = c->state;

    if (u != NULL) {
        loop_watch_end(u->watch);
        udp_close(u->socket);
        free(u);
    }
}

const struct client_carrier client_udp = { .open = open,
                                           .close = close_socket,
                                           .departure = departure,
                                           .commit = commit,
                                           .settle = settle };
