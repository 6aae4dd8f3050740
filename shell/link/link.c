/* SPDX-License-Identifier: BSD-2-Clause */
/* What all kinds of links have in common: an endpoint, its memory and its
 * alarm. Nothing is allocated once it is open. */
#include "kind.h"

#include <outer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <system_address.h>

enum {
    OUT = 1 << 13, /* notifications and delayed answers on their way */
    PEERS = OUT + 1,
    CHUNKS = 1 << 16,
    WHOLES = 16 /* requests in outer blocks at a time */
};

void link_tell(const struct link *k, const char *name, const char *why)
{
    const log_value value = log_string("what", why);
    const log_event event = {
        .level = LOG_LEVEL_ERROR, .name = name, .values = &value, .count = 1
    };

    log_write(k->owner->log, &event);
}

bool link_group_is_at(const struct link_group *g, const covey_address *local)
{
    static const uint8_t any[sizeof local->ip];

    return local->family == g->address.family &&
           local->port == g->address.port &&
           memcmp(local->ip, any, sizeof any) == 0;
}

/* --- the endpoint -------------------------------------------------------- */

static void *allocate(struct link *k, size_t count, size_t size)
{
    void *p = calloc(count, size);

    k->memory[k->memory_count++] = p;
    return p;
}

/* The tables of the message layer, which streams do not have. */
static void allocate_tables(struct link *k, uint32_t seen,
                            covey_message_memory *m)
{
    covey_chunk *chunks = allocate(k, CHUNKS, sizeof *chunks);

    m->seen = allocate(k, seen, sizeof *m->seen);
    m->peers = allocate(k, PEERS, sizeof *m->peers);
    m->out = allocate(k, OUT, sizeof *m->out);
    m->timers = allocate(k, OUT, sizeof *m->timers);
    m->slots = allocate(k, COVEY_MESSAGE_SLOTS((size_t)seen, PEERS, OUT),
                        sizeof *m->slots);
    m->seen_count = seen;
    m->peer_count = PEERS;
    m->out_count = OUT;
    m->chunks = &k->chunks;
    if (chunks != NULL) {
        covey_chunks_init(&k->chunks, chunks, CHUNKS);
    }
}

/* Those of requests that are begun here. */
static void allocate_exchanges(struct link *k, const struct link_setup *setup,
                               covey_endpoint_memory *m)
{
    covey_exchange_memory *x = &m->exchange;

    x->rows = allocate(k, setup->exchanges, sizeof *x->rows);
    x->slots =
        allocate(k, COVEY_SLOTS((size_t)setup->exchanges), sizeof *x->slots);
    x->timers = allocate(k, setup->exchanges, sizeof *x->timers);
    x->row_count = setup->exchanges;
    if (setup->responders > 0) {
        x->responders = allocate(k, setup->responders, sizeof *x->responders);
        x->responder_count = setup->responders;
    }
    m->rows = allocate(k, setup->exchanges, sizeof *m->rows);
}

/* For requests that somebody on the way has cut. */
static void allocate_outer(struct link *k, const struct link_setup *setup,
                           covey_endpoint_memory *m)
{
    const outer_options options = { .size = setup->unfragmented,
                                    .requests = WHOLES,
                                    .streams = k->kind->streams,
                                    .random = setup->endpoint.random };
    const size_t half = (size_t)setup->unfragmented + OUTER_AROUND;

    m->outer = outer_new(&options);
    k->memory[k->memory_count++] = m->outer;
    m->scratch_len = 2 * half > m->scratch_len ? 2 * half : m->scratch_len;
}

static bool endpoint_open(struct link *k, const struct link_setup *setup,
                          const struct link_listen *listen, covey_ms now)
{
    covey_endpoint_memory m = { .scratch_len = 2 * k->kind->message_max };
    covey_endpoint_config config = setup->endpoint;
    covey_writer seed =
        covey_writer_of((uint8_t *)&config.seed, sizeof config.seed);

    config.streams = k->kind->streams;
    if (setup->unfragmented > 0 && config.protector_count > 0) {
        allocate_outer(k, setup, &m);
    }
    m.scratch = allocate(k, m.scratch_len, 1);
    if (!k->kind->streams) {
        allocate_tables(k, setup->duplicates, &m.message);
    }
    if (setup->exchanges > 0) {
        allocate_exchanges(k, setup, &m);
    }
    for (size_t i = 0; i < k->memory_count; i++) {
        if (k->memory[i] == NULL) {
            return false;
        }
    }
    if (listen->schc != NULL) {
        config.message.message_id_first = listen->schc->message_id_first;
        config.message.message_id_bits = listen->schc->message_id_bits;
    }
    return config.random.fill(config.random.user, &seed) == COVEY_OK &&
           covey_endpoint_init(&k->endpoint, &config, &m, now) == COVEY_OK;
}

struct udp_socket *link_socket(const covey_address *local,
                               char error[UDP_ERROR_MAX])
{
    return link_udp_socket(local, true, error);
}

/* --- the loop ------------------------------------------------------------ */

covey_writer link_departure(struct link *k)
{
    return k->kind->departure(k);
}

static void leave(struct link *k, const covey_path *path,
                  const covey_writer *written)
{
    const struct link_owner *o = k->owner;

    if (path->connection == 0 || o->away == NULL ||
        !o->away(k, path, covey_written(written))) {
        k->kind->commit(k, path, written);
    }
}

void link_commit(struct link *k, const covey_endpoint_sent *sent,
                 const covey_writer *written)
{
    if (sent->now) {
        leave(k, &sent->path, written);
    }
}

uint32_t link_bert(const struct link *k, const covey_path *path)
{
    return k->kind->bert != NULL ? k->kind->bert(k, path) : 0;
}

const dtls_peer *link_peer(const struct link *k, const covey_path *path)
{
    return k->kind->peer != NULL ? k->kind->peer(k, path) : NULL;
}

const covey_tls_peer *link_tls_peer(const struct link *k,
                                    const covey_path *path)
{
    return k->kind->tls_peer != NULL ? k->kind->tls_peer(k, path) : NULL;
}

void link_transmit(struct link *k, covey_ms now)
{
    for (;;) {
        covey_path path;
        covey_writer w = link_departure(k);
        if (w.failed != COVEY_OK ||
            !covey_endpoint_transmit(&k->endpoint, now, &path, &w)) {
            return;
        }
        if (w.failed == COVEY_OK) {
            leave(k, &path, &w);
        }
    }
}

void link_settle(struct link *k, covey_ms now)
{
    covey_endpoint_report event;

    link_transmit(k, now);
    while (covey_endpoint_event(&k->endpoint, &event)) {
        k->owner->event(k, now, &event);
    }
    if (k->kind->settle != NULL) {
        k->kind->settle(k);
    }
    loop_alarm_set(k->alarm, covey_endpoint_deadline(&k->endpoint));
}

void link_turn(struct link *k, covey_ms now)
{
    if (k->owner->settle != NULL) {
        k->owner->settle(k->owner->user, now);
    } else {
        link_settle(k, now);
    }
}

static void take(struct link *k, covey_time now, const covey_path *path,
                 covey_bytes datagram)
{
    covey_endpoint_in in;
    /* What is wrong with it is counted, and its reaction is owed. */
    const covey_status st =
        covey_endpoint_receive(&k->endpoint, now.mono, path, datagram, &in);

    k->counts->received++;
    if (st == COVEY_E_AUTH) {
        refused_message(&k->counts->refused, k->owner->log, &path->peer,
                        &in.opened);
    }
    if (st == COVEY_OK && in.kind != COVEY_ENDPOINT_NOTHING) {
        k->owner->received(k, now, path, &in);
    }
    link_transmit(k, now.mono);
}

void link_receive(struct link *k, covey_time now, const covey_path *path,
                  covey_bytes datagram)
{
    if (k->owner->elsewhere == NULL ||
        !k->owner->elsewhere(k, path, datagram)) {
        take(k, now, path, datagram);
    }
}

void link_deliver(struct link *k, covey_time now, const covey_path *path,
                  covey_bytes datagram)
{
    take(k, now, path, datagram);
    link_turn(k, now.mono);
}

void link_pass(struct link *k, covey_ms now, const covey_path *path,
               covey_bytes message)
{
    covey_writer w = link_departure(k);

    covey_write_bytes(&w, message);
    if (w.failed == COVEY_OK) {
        k->kind->commit(k, path, &w);
    }
    link_settle(k, now);
}

static void on_due(void *user)
{
    link_turn(user, loop_now().mono);
}

/* --- opening and closing ------------------------------------------------- */

bool link_open(struct link *k, const struct link_owner *owner,
               const struct link_setup *setup,
               const struct link_listen *listen)
{
    static const struct link_kind *const kinds[] = {
        [LINK_UDP] = &link_udp,
        [LINK_TCP] = &link_tcp,
        [LINK_DTLS] = &link_dtls,
        [LINK_TLS] = &link_tls,
    };

    memset(k, 0, sizeof *k);
    k->owner = owner;
    k->kind = kinds[listen->transport];
    k->counts = listen->counts != NULL ? listen->counts : &k->own;
    k->alarm = loop_alarm_new(owner->loop, on_due, k);
    if (k->alarm == NULL ||
        !endpoint_open(k, setup, listen, loop_now().mono)) {
        link_tell(k, "link.open", "out of memory or of random bytes");
        return false;
    }
    return k->kind->open(k, listen);
}

const char *link_text(const struct link *k, char out[LINK_TEXT_MAX])
{
    char address[ADDRESS_TEXT_MAX];

    snprintf(out, LINK_TEXT_MAX, "%s%s", k->kind->scheme,
             address_text(&k->local, address));
    return out;
}

const struct schc_link *link_schc_of(const struct link *k)
{
    return k->kind != NULL && k->kind->schc != NULL ? k->kind->schc(k) : NULL;
}

void link_close(struct link *k)
{
    if (k->kind == NULL) {
        return; /* it was never opened */
    }
    if (k->alarm != NULL) {
        loop_alarm_end(k->alarm);
    }
    k->kind->close(k);
    for (size_t i = 0; i < k->memory_count; i++) {
        free(k->memory[i]);
    }
}
