/* SPDX-License-Identifier: BSD-2-Clause */
#include "peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <udp.h>

enum {
    ROUNDS = 8, /* batches before others get their turn */
    OUT = 1 << 12,
    CHUNKS = 20, /* for each message that is outstanding */
    MEMORY = 16,
    RECEIVE_BUFFER = 1 << 22
};

struct peer {
    loop *loop;
    udp_socket *udp;
    loop_watch *watch;
    loop_alarm *alarm;
    covey_endpoint endpoint;
    covey_endpoint_config config;
    covey_endpoint_memory tables;
    covey_chunks chunks;
    covey_chunk *chunk_rows;
    uint32_t chunk_count;
    peer_handlers on;
    bool deaf; /* the endpoint is not set up */
    uint64_t received;
    void *memory[MEMORY];
    size_t memory_count;
};

/* --- memory -------------------------------------------------------------- */

static void *allocate(peer *p, size_t count, size_t size)
{
    void *rows = calloc(count, size);

    p->memory[p->memory_count++] = rows;
    return rows;
}

static void allocate_messages(peer *p, uint32_t seen, uint32_t out)
{
    covey_message_memory *m = &p->tables.message;

    m->seen_count = seen;
    m->peer_count = out + 1;
    m->out_count = out;
    m->chunks = &p->chunks;
    m->seen = allocate(p, seen, sizeof *m->seen);
    m->peers = allocate(p, m->peer_count, sizeof *m->peers);
    m->out = allocate(p, out, sizeof *m->out);
    m->timers = allocate(p, out, sizeof *m->timers);
    m->slots = allocate(p, COVEY_MESSAGE_SLOTS((size_t)seen, out + 1, out),
                        sizeof *m->slots);
    p->chunk_count = CHUNKS * out;
    p->chunk_rows = allocate(p, p->chunk_count, sizeof *p->chunk_rows);
}

static void allocate_exchanges(peer *p, uint32_t rows)
{
    covey_endpoint_memory *t = &p->tables;

    t->exchange.row_count = rows;
    t->exchange.rows = allocate(p, rows, sizeof *t->exchange.rows);
    t->exchange.timers = allocate(p, rows, sizeof *t->exchange.timers);
    t->exchange.slots =
        allocate(p, COVEY_SLOTS((size_t)rows), sizeof *t->exchange.slots);
    t->rows = allocate(p, rows, sizeof *t->rows);
    t->security = allocate(p, rows, sizeof *t->security);
    t->security_next = allocate(p, rows, sizeof *t->security_next);
    t->security_count = rows;
    t->scratch_len = (size_t)2 * PEER_DATAGRAM_MAX;
    t->scratch = allocate(p, t->scratch_len, 1);
}

static bool allocate_all(peer *p, const peer_options *options)
{
    allocate_messages(p, options->duplicates,
                      options->outstanding != 0 ? options->outstanding : OUT);
    if (options->requests > 0) {
        allocate_exchanges(p, options->requests);
    }
    for (size_t i = 0; i < p->memory_count; i++) {
        if (p->memory[i] == NULL) {
            return false;
        }
    }
    return true;
}

bool peer_forget(peer *p, covey_time now)
{
    covey_writer seed =
        covey_writer_of((uint8_t *)&p->config.seed, sizeof p->config.seed);

    udp_discard(p->udp);
    covey_chunks_init(&p->chunks, p->chunk_rows, p->chunk_count);
    p->deaf =
        p->config.random.fill(p->config.random.user, &seed) != COVEY_OK ||
        covey_endpoint_init(&p->endpoint, &p->config, &p->tables, now.mono) !=
            COVEY_OK;
    return !p->deaf;
}

/* --- what leaves --------------------------------------------------------- */

/* False: the network takes no more now. */
static bool flush(peer *p)
{
    if (p->on.leave != NULL && !p->on.leave(p->on.user)) {
        udp_discard(p->udp);
    }
    return udp_flush(p->udp);
}

covey_writer peer_departure(peer *p)
{
    covey_writer w = udp_departure(p->udp);

    if (w.failed != COVEY_OK && flush(p)) {
        w = udp_departure(p->udp);
    }
    return w;
}

void peer_commit(peer *p, const covey_endpoint_sent *sent,
                 const covey_writer *written)
{
    if (sent->now) {
        udp_commit(p->udp, &sent->path, written);
    }
}

static void transmit(peer *p, covey_time now)
{
    while (!p->deaf) {
        covey_path path;
        covey_writer w = peer_departure(p);
        if (w.failed != COVEY_OK ||
            !covey_endpoint_transmit(&p->endpoint, now.mono, &path, &w)) {
            return;
        }
        if (w.failed == COVEY_OK) {
            udp_commit(p->udp, &path, &w);
        }
    }
}

void peer_flush(peer *p, covey_time now)
{
    covey_endpoint_report report;

    transmit(p, now);
    while (!p->deaf && covey_endpoint_event(&p->endpoint, &report)) {
        if (p->on.report != NULL) {
            p->on.report(p->on.user, p, now, &report);
        }
    }
    transmit(p, now);
    loop_watch_set(p->watch, flush(p) ? LOOP_READ : LOOP_READ | LOOP_WRITE);
    loop_alarm_set(p->alarm, p->deaf ? COVEY_NEVER
                                     : covey_endpoint_deadline(&p->endpoint));
}

/* --- what comes ---------------------------------------------------------- */

static void deliver(peer *p, covey_time now, covey_endpoint_in *in)
{
    switch (in->kind) {
    case COVEY_ENDPOINT_REQUEST:
    case COVEY_ENDPOINT_CHALLENGE:
        if (p->on.request != NULL) {
            p->on.request(p->on.user, p, now, in);
        } else {
            covey_endpoint_reject(&p->endpoint, &in->request);
        }
        break;
    case COVEY_ENDPOINT_RESPONSE:
        if (p->on.response != NULL) {
            p->on.response(p->on.user, p, now, in);
        }
        break;
    case COVEY_ENDPOINT_NOTHING:
        break;
    }
}

void peer_take(peer *p, covey_time now, const covey_path *path,
               covey_bytes datagram)
{
    covey_endpoint_in in;
    covey_status st;

    p->received++;
    if (p->deaf || (p->on.admit != NULL &&
                    !p->on.admit(p->on.user, p, now, path, datagram))) {
        return;
    }
    /* What is wrong with it is counted, and its reaction is owed. */
    st = covey_endpoint_receive(&p->endpoint, now.mono, path, datagram, &in);
    if (st == COVEY_OK) {
        deliver(p, now, &in);
    } else if (st == COVEY_E_AUTH && p->on.refused != NULL) {
        p->on.refused(p->on.user, p, path, &in.opened);
    }
    transmit(p, now);
}

static void settle(peer *p, covey_time now)
{
    if (p->on.settle != NULL) {
        p->on.settle(p->on.user, now);
    }
    peer_flush(p, now);
}

static void on_ready(void *user, int events)
{
    peer *p = user;
    const covey_time now = loop_now();
    size_t count = UDP_BATCH;
    covey_path path;

    (void)events;
    /* Who cannot be reached is not believed: anybody could say so. */
    while (udp_unreachable(p->udp, &path)) {
    }
    /* Who cannot send does not receive: the network then drops for us. */
    for (int round = 0; round < ROUNDS && count == UDP_BATCH && flush(p);
         round++) {
        count = udp_receive(p->udp);
        for (size_t i = 0; i < count; i++) {
            const covey_bytes datagram = udp_datagram(p->udp, i, &path);
            peer_take(p, now, &path, datagram);
        }
    }
    settle(p, now);
}

static void on_due(void *user)
{
    settle(user, loop_now());
}

/* --- opening and closing ------------------------------------------------- */

static bool open_all(peer *p, const peer_options *options,
                     char error[PEER_ERROR_MAX])
{
    const udp_options udp = { .local = options->local,
                              .datagram_max = PEER_DATAGRAM_MAX,
                              .receive_buffer = RECEIVE_BUFFER };

    p->udp = udp_open(&udp, error);
    if (p->udp == NULL) {
        return false;
    }
    p->watch = loop_watch_new(p->loop, udp_fd(p->udp), LOOP_READ, on_ready, p);
    p->alarm = loop_alarm_new(p->loop, on_due, p);
    if (p->watch == NULL || p->alarm == NULL || !allocate_all(p, options) ||
        !peer_forget(p, loop_now())) {
        snprintf(error, PEER_ERROR_MAX, "out of memory or of random bytes");
        return false;
    }
    return true;
}

peer *peer_open(loop *l, const peer_options *options,
                char error[PEER_ERROR_MAX])
{
    peer *p = calloc(1, sizeof *p);

    if (p == NULL) {
        snprintf(error, PEER_ERROR_MAX, "out of memory");
        return NULL;
    }
    p->loop = l;
    p->on = options->on;
    p->config = (covey_endpoint_config){
        .message = covey_message_defaults(),
        .protectors = options->protectors,
        .protector_count = options->protector_count,
        .random = options->random,
    };
    if (options->ack_timeout != 0) {
        p->config.message.ack_timeout = options->ack_timeout;
    }
    if (!open_all(p, options, error)) {
        peer_close(p);
        return NULL;
    }
    return p;
}

void peer_close(peer *p)
{
    if (p == NULL) {
        return;
    }
    loop_watch_end(p->watch);
    if (p->alarm != NULL) {
        loop_alarm_end(p->alarm);
    }
    if (p->udp != NULL) {
        udp_close(p->udp);
    }
    for (size_t i = 0; i < p->memory_count; i++) {
        free(p->memory[i]);
    }
    free(p);
}

covey_address peer_local(const peer *p)
{
    return udp_local(p->udp);
}

uint64_t peer_received(const peer *p)
{
    return p->received;
}

covey_endpoint *peer_endpoint(peer *p)
{
    return &p->endpoint;
}
