/* SPDX-License-Identifier: BSD-2-Clause */
/* Datagrams of UDP, and the groups whose member the socket is. */
#include "link.h"

#include <net/if.h>
#include <stdlib.h>
#include <udp.h>

enum {
    DATAGRAM_MAX = 4096,
    ROUNDS = 8, /* batches before others get their turn */
    RECEIVE_BUFFER = 1 << 22
};

struct link_udp {
    udp_socket *socket;
    loop_watch *watch;
};

/* --- sending ------------------------------------------------------------- */

static covey_writer departure(struct link *k)
{
    const struct link_udp *u = k->state;
    covey_writer w = udp_departure(u->socket);

    if (w.failed != COVEY_OK && udp_flush(u->socket)) {
        w = udp_departure(u->socket);
    }
    return w;
}

static void commit(struct link *k, const covey_path *path,
                   const covey_writer *written)
{
    const struct link_udp *u = k->state;

    udp_commit(u->socket, path, written);
}

static void settle(struct link *k)
{
    const struct link_udp *u = k->state;

    loop_watch_set(u->watch,
                   udp_flush(u->socket) ? LOOP_READ : LOOP_READ | LOOP_WRITE);
}

/* --- receiving ----------------------------------------------------------- */

static void on_ready(void *user, int events)
{
    struct link *k = user;
    const struct link_udp *u = k->state;
    const covey_time now = loop_now();
    size_t count = UDP_BATCH;
    covey_path path;

    (void)events;
    /* Who cannot be reached is not believed: anybody could say so. */
    while (udp_unreachable(u->socket, &path)) {
    }
    /* Who cannot send does not receive: the network then drops for us. */
    for (int round = 0;
         round < ROUNDS && count == UDP_BATCH && udp_flush(u->socket);
         round++) {
        count = udp_receive(u->socket);
        for (size_t i = 0; i < count; i++) {
            const covey_bytes datagram = udp_datagram(u->socket, i, &path);
            link_receive(k, now, &path, datagram);
        }
    }
    link_settle(k, now.mono);
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
    const struct server_setup *setup = &k->server->setup;
    char error[UDP_ERROR_MAX];

    for (size_t i = 0; i < setup->group_count; i++) {
        const struct server_group *g = &setup->groups[i];
        if (!server_group_is_at(g, local)) {
            continue;
        }
        uint32_t interface;
        if (!find_interface(g->interface, &interface)) {
            server_tell(k->server, LOG_LEVEL_ERROR, "udp.interface",
                        g->interface);
            return false;
        }
        if (!udp_join(u->socket, &g->address, interface, error)) {
            server_tell(k->server, LOG_LEVEL_ERROR, "udp.join", error);
            return false;
        }
    }
    return true;
}

static bool open(struct link *k, const struct server_listen *listen,
                 covey_address *bound)
{
    const udp_options options = { .local = listen->address,
                                  .datagram_max = DATAGRAM_MAX,
                                  .receive_buffer = RECEIVE_BUFFER };
    struct server *s = k->server;
    struct link_udp *u = calloc(1, sizeof *u);
    char error[UDP_ERROR_MAX];

    k->state = u;
    if (u == NULL) {
        server_tell(s, LOG_LEVEL_ERROR, "server.start", "out of memory");
        return false;
    }
    u->socket = udp_open(&options, error);
    if (u->socket == NULL) {
        server_tell(s, LOG_LEVEL_ERROR, "udp.open", error);
        return false;
    }
    u->watch =
        loop_watch_new(s->loop, udp_fd(u->socket), LOOP_READ, on_ready, k);
    if (u->watch == NULL) {
        server_tell(s, LOG_LEVEL_ERROR, "server.start", "out of memory");
        return false;
    }
    *bound = udp_local(u->socket);
    return join(k, &listen->address);
}

static void close_link(struct link *k)
{
    struct link_udp *u = k->state;

    if (u == NULL) {
        return;
    }
    if (u->watch != NULL) {
        loop_watch_end(u->watch);
    }
    if (u->socket != NULL) {
        udp_close(u->socket);
    }
    free(u);
}

const struct link_kind link_udp = { .scheme = "",
                                    .message_max = DATAGRAM_MAX,
                                    .open = open,
                                    .close = close_link,
                                    .departure = departure,
                                    .commit = commit,
                                    .settle = settle };
