/* SPDX-License-Identifier: BSD-2-Clause */
/* A socket, its endpoint, and the loop between them. Nothing is allocated once
 * it is open. */
#include "server.h"

#include <net/if.h>
#include <stdlib.h>
#include <system_address.h>

enum {
    DATAGRAM_MAX = 4096,
    ROUNDS = 8, /* batches before others get their turn */
    /* Of duplicates a server of 10,000 requests a second sees those of 13
     * seconds; RFC 7252 Section 4.8.2 wants 247 s of one that hears less. */
    SEEN = 1 << 17,
    OUT = 1 << 13, /* notifications and delayed answers on their way */
    PEERS = OUT + 1,
    CHUNKS = 1 << 16,
    RECEIVE_BUFFER = 1 << 22
};

/* --- opening ------------------------------------------------------------- */

static void *allocate(struct link *k, size_t count, size_t size)
{
    void *p = calloc(count, size);

    k->memory[k->memory_count++] = p;
    return p;
}

static bool endpoint_open(struct link *k, covey_ms now)
{
    const struct server_setup *setup = &k->server->setup;
    covey_endpoint_memory m = {
        .message = { .seen_count = SEEN,
                     .peer_count = PEERS,
                     .out_count = OUT,
                     .chunks = &k->chunks },
        .scratch_len = (size_t)2 * DATAGRAM_MAX,
    };
    covey_endpoint_config config = {
        .message = covey_message_defaults(),
        .protectors = setup->protectors,
        .protector_count = setup->protector_count,
        .random = setup->random,
    };
    covey_writer seed =
        covey_writer_of((uint8_t *)&config.seed, sizeof config.seed);
    covey_chunk *chunks = allocate(k, CHUNKS, sizeof *chunks);

    m.message.seen = allocate(k, SEEN, sizeof *m.message.seen);
    m.message.peers = allocate(k, PEERS, sizeof *m.message.peers);
    m.message.out = allocate(k, OUT, sizeof *m.message.out);
    m.message.timers = allocate(k, OUT, sizeof *m.message.timers);
    m.message.slots =
        allocate(k, COVEY_MESSAGE_SLOTS((size_t)SEEN, PEERS, OUT),
                 sizeof *m.message.slots);
    m.scratch = allocate(k, m.scratch_len, 1);
    for (size_t i = 0; i < k->memory_count; i++) {
        if (k->memory[i] == NULL) {
            return false;
        }
    }
    covey_chunks_init(&k->chunks, chunks, CHUNKS);
    return config.random.fill(config.random.user, &seed) == COVEY_OK &&
           covey_endpoint_init(&k->endpoint, &config, &m, now) == COVEY_OK;
}

/* 0 lets the routes decide; false if there is no such interface. */
static bool find_interface(const char *name, uint32_t *index)
{
    *index = name != NULL ? if_nametoindex(name) : 0;
    return name == NULL || *index != 0;
}

static bool join(struct link *k, const covey_address *local)
{
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
        if (!udp_join(k->udp, &g->address, interface, error)) {
            server_tell(k->server, LOG_LEVEL_ERROR, "udp.join", error);
            return false;
        }
    }
    return true;
}

/* --- the loop ------------------------------------------------------------ */

covey_writer link_departure(struct link *k)
{
    covey_writer w = udp_departure(k->udp);

    if (w.failed != COVEY_OK && udp_flush(k->udp)) {
        w = udp_departure(k->udp);
    }
    return w;
}

void link_commit(struct link *k, const covey_endpoint_sent *sent,
                 const covey_writer *written)
{
    if (sent->now) {
        udp_commit(k->udp, &sent->path, written);
    }
}

static void transmit(struct link *k, covey_ms now)
{
    for (;;) {
        covey_path path;
        covey_writer w = link_departure(k);
        if (w.failed != COVEY_OK ||
            !covey_endpoint_transmit(&k->endpoint, now, &path, &w)) {
            return;
        }
        if (w.failed == COVEY_OK) {
            udp_commit(k->udp, &path, &w);
        }
    }
}

void link_settle(struct link *k, covey_ms now)
{
    covey_endpoint_report event;

    transmit(k, now);
    while (covey_endpoint_event(&k->endpoint, &event)) {
        notify_event(k->server, &event);
    }
    loop_watch_set(k->watch,
                   udp_flush(k->udp) ? LOOP_READ : LOOP_READ | LOOP_WRITE);
    loop_alarm_set(k->alarm, covey_endpoint_deadline(&k->endpoint));
}

static void on_datagram(struct link *k, covey_time now, size_t i)
{
    covey_endpoint_in in;
    covey_path path;
    const covey_bytes datagram = udp_datagram(k->udp, i, &path);

    /* What is wrong with it is counted, and its reaction is owed. */
    if (covey_endpoint_receive(&k->endpoint, now.mono, &path, datagram, &in) ==
            COVEY_OK &&
        in.kind != COVEY_ENDPOINT_NOTHING) {
        dispatch(k, now, &in);
    }
    transmit(k, now.mono);
}

static void on_ready(void *user, int events)
{
    struct link *k = user;
    const covey_time now = loop_now();
    size_t count = UDP_BATCH;
    covey_path lost;

    (void)events;
    /* Who cannot be reached is not believed: anybody could say so. */
    while (udp_unreachable(k->udp, &lost)) {
    }
    /* Who cannot send does not receive: the network then drops for us. */
    for (int round = 0;
         round < ROUNDS && count == UDP_BATCH && udp_flush(k->udp); round++) {
        count = udp_receive(k->udp);
        for (size_t i = 0; i < count; i++) {
            on_datagram(k, now, i);
        }
    }
    link_settle(k, now.mono);
}

static void on_due(void *user)
{
    link_settle(user, loop_now().mono);
}

bool link_open(struct link *k, struct server *s, const covey_address *local)
{
    const udp_options options = { .local = *local,
                                  .datagram_max = DATAGRAM_MAX,
                                  .receive_buffer = RECEIVE_BUFFER };
    char error[UDP_ERROR_MAX];
    char text[ADDRESS_TEXT_MAX];

    k->server = s;
    k->udp = udp_open(&options, error);
    if (k->udp == NULL) {
        server_tell(s, LOG_LEVEL_ERROR, "udp.open", error);
        return false;
    }
    if (!endpoint_open(k, loop_now().mono)) {
        server_tell(s, LOG_LEVEL_ERROR, "server.start",
                    "out of memory or of random bytes");
        return false;
    }
    k->watch = loop_watch_new(s->loop, udp_fd(k->udp), LOOP_READ, on_ready, k);
    k->alarm = loop_alarm_new(s->loop, on_due, k);
    if (k->watch == NULL || k->alarm == NULL) {
        server_tell(s, LOG_LEVEL_ERROR, "server.start", "out of memory");
        return false;
    }
    const covey_address bound = udp_local(k->udp);
    server_tell(s, LOG_LEVEL_NOTICE, "server.listen",
                address_text(&bound, text));
    return join(k, local);
}

void link_close(struct link *k)
{
    if (k->watch != NULL) {
        loop_watch_end(k->watch);
    }
    if (k->alarm != NULL) {
        loop_alarm_end(k->alarm);
    }
    if (k->udp != NULL) {
        udp_close(k->udp);
    }
    for (size_t i = 0; i < k->memory_count; i++) {
        free(k->memory[i]);
    }
}
