/* SPDX-License-Identifier: BSD-2-Clause */
/* A socket, its endpoint, and the loop between them. Nothing is allocated once
 * it is open, and no client costs a descriptor. */
#include "proxy.h"

#include <stdlib.h>
#include <system_address.h>

enum {
    ROUNDS = 8,
    SEEN = 1 << 16,
    OUT = 1 << 13,
    PEERS = OUT + 1,
    CHUNKS = 1 << 15,
    RESPONDERS = 1 << 15,
    RECEIVE_BUFFER = 1 << 22
};

static void *allocate(struct leg *k, size_t count, size_t size)
{
    void *p = calloc(count, size);

    k->memory[k->memory_count++] = p;
    return p;
}

static bool endpoint_open(struct leg *k, covey_ms now)
{
    struct proxy *p = k->proxy;
    const uint32_t rows = k->far ? (uint32_t)p->config->requests : 0;
    covey_endpoint_memory m = {
        .message = { .seen_count = SEEN,
                     .peer_count = PEERS,
                     .out_count = OUT,
                     .chunks = &k->chunks },
        .scratch_len = (size_t)2 * PROXY_DATAGRAM,
    };
    covey_endpoint_config config = { .message = covey_message_defaults(),
                                     .random = proxy_random(p),
                                     .passes_sealed = true };
    covey_writer seed =
        covey_writer_of((uint8_t *)&config.seed, sizeof config.seed);
    covey_chunk *chunks = allocate(k, CHUNKS, sizeof *chunks);

    config.message.nstart = (uint32_t)p->config->nstart;
    m.message.seen = allocate(k, SEEN, sizeof *m.message.seen);
    m.message.peers = allocate(k, PEERS, sizeof *m.message.peers);
    m.message.out = allocate(k, OUT, sizeof *m.message.out);
    m.message.timers = allocate(k, OUT, sizeof *m.message.timers);
    m.message.slots =
        allocate(k, COVEY_MESSAGE_SLOTS((size_t)SEEN, PEERS, OUT),
                 sizeof *m.message.slots);
    m.scratch = allocate(k, m.scratch_len, 1);
    if (k->far) {
        m.exchange.rows = allocate(k, rows, sizeof *m.exchange.rows);
        m.exchange.timers = allocate(k, rows, sizeof *m.exchange.timers);
        m.exchange.row_count = rows;
        m.exchange.responders =
            allocate(k, RESPONDERS, sizeof *m.exchange.responders);
        m.exchange.responder_count = RESPONDERS;
        m.rows = allocate(k, rows, sizeof *m.rows);
    }
    for (size_t i = 0; i < k->memory_count; i++) {
        if (k->memory[i] == NULL) {
            return false;
        }
    }
    covey_chunks_init(&k->chunks, chunks, CHUNKS);
    return config.random.fill(config.random.user, &seed) == COVEY_OK &&
           covey_endpoint_init(&k->endpoint, &config, &m, now) == COVEY_OK;
}

/* --- the loop ------------------------------------------------------------ */

covey_writer leg_departure(struct leg *k)
{
    covey_writer w = udp_departure(k->udp);

    if (w.failed != COVEY_OK && udp_flush(k->udp)) {
        w = udp_departure(k->udp);
    }
    return w;
}

void leg_commit(struct leg *k, const covey_endpoint_sent *sent,
                const covey_writer *written)
{
    if (sent->now) {
        udp_commit(k->udp, &sent->path, written);
    }
}

static void transmit(struct leg *k, covey_ms now)
{
    for (;;) {
        covey_path path;
        covey_writer w = leg_departure(k);
        if (w.failed != COVEY_OK ||
            !covey_endpoint_transmit(&k->endpoint, now, &path, &w)) {
            return;
        }
        if (w.failed == COVEY_OK) {
            udp_commit(k->udp, &path, &w);
        }
    }
}

void leg_settle(struct leg *k, covey_ms now)
{
    covey_endpoint_report event;

    transmit(k, now);
    while (covey_endpoint_event(&k->endpoint, &event)) {
        if (k->far) {
            homeward_event(k->proxy, now, &event);
        } else {
            forward_event(k->proxy, &event);
        }
    }
    loop_watch_set(k->watch,
                   udp_flush(k->udp) ? LOOP_READ : LOOP_READ | LOOP_WRITE);
    loop_alarm_set(k->alarm, covey_endpoint_deadline(&k->endpoint));
}

/* A request on one leg makes another one send. Near ones last: what far ones
 * tell becomes their answers. */
static void settle_all(struct proxy *p, covey_ms now)
{
    for (size_t i = 0; i < PROXY_FAR; i++) {
        leg_settle(&p->far[i], now);
    }
    for (size_t i = 0; i < p->near_count; i++) {
        leg_settle(&p->near[i], now);
    }
}

static void on_datagram(struct leg *k, covey_ms now, size_t i)
{
    covey_endpoint_in in;
    covey_path path;
    const covey_bytes datagram = udp_datagram(k->udp, i, &path);

    if (covey_endpoint_receive(&k->endpoint, now, &path, datagram, &in) !=
        COVEY_OK) {
        in.kind = COVEY_ENDPOINT_NOTHING; /* its reaction is owed */
    }
    switch (in.kind) {
    case COVEY_ENDPOINT_REQUEST:
        if (k->far) {
            covey_endpoint_reject(&k->endpoint, &in.request);
        } else {
            forward(k, now, &in);
        }
        break;
    case COVEY_ENDPOINT_RESPONSE:
        homeward(k, now, &path, &in);
        break;
    case COVEY_ENDPOINT_NOTHING:
    case COVEY_ENDPOINT_CHALLENGE: /* there is no protection here */
        break;
    }
    transmit(k, now);
}

static void on_ready(void *user, int events)
{
    struct leg *k = user;
    const covey_ms now = loop_now().mono;
    size_t count = UDP_BATCH;
    covey_path lost;

    (void)events;
    /* Who cannot be reached is not believed: anybody could say so. */
    while (udp_unreachable(k->udp, &lost)) {
    }
    for (int round = 0;
         round < ROUNDS && count == UDP_BATCH && udp_flush(k->udp); round++) {
        count = udp_receive(k->udp);
        for (size_t i = 0; i < count; i++) {
            on_datagram(k, now, i);
        }
    }
    settle_all(k->proxy, now);
}

static void on_due(void *user)
{
    const struct leg *k = user;

    settle_all(k->proxy, loop_now().mono);
}

bool leg_open(struct leg *k, struct proxy *p, const covey_address *local,
              bool far)
{
    const udp_options options = { .local = *local,
                                  .datagram_max = PROXY_DATAGRAM,
                                  .receive_buffer = RECEIVE_BUFFER };
    char error[UDP_ERROR_MAX];
    char text[ADDRESS_TEXT_MAX];

    k->proxy = p;
    k->far = far;
    k->udp = udp_open(&options, error);
    if (k->udp == NULL) {
        proxy_tell(p, LOG_LEVEL_ERROR, "udp.open", error);
        return false;
    }
    k->watch = loop_watch_new(p->loop, udp_fd(k->udp), LOOP_READ, on_ready, k);
    k->alarm = loop_alarm_new(p->loop, on_due, k);
    if (!endpoint_open(k, loop_now().mono) || k->watch == NULL ||
        k->alarm == NULL) {
        proxy_tell(p, LOG_LEVEL_ERROR, "proxy.start",
                   "out of memory or of random bytes");
        return false;
    }
    if (!far) {
        const covey_address bound = udp_local(k->udp);
        proxy_tell(p, LOG_LEVEL_NOTICE, "proxy.listen",
                   address_text(&bound, text));
    }
    return true;
}

void leg_close(struct leg *k)
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
