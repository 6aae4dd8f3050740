/* SPDX-License-Identifier: BSD-2-Clause */
/* What all kinds of links have in common: an endpoint, its memory and its
 * alarm. Nothing is allocated once it is open. */
#include "link.h"

#include <stdio.h>
#include <stdlib.h>
#include <system_address.h>

enum {
    OUT = 1 << 13, /* notifications and delayed answers on their way */
    PEERS = OUT + 1,
    CHUNKS = 1 << 16
};

/* --- the endpoint -------------------------------------------------------- */

static void *allocate(struct link *k, size_t count, size_t size)
{
    void *p = calloc(count, size);

    k->memory[k->memory_count++] = p;
    return p;
}

/* The tables of the message layer, which streams do not have. */
static void allocate_tables(struct link *k, covey_message_memory *m)
{
    const uint32_t seen = k->server->setup.duplicates;
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

static bool endpoint_open(struct link *k, const struct server_listen *listen,
                          covey_ms now)
{
    const struct server_setup *setup = &k->server->setup;
    covey_endpoint_memory m = { .scratch_len = 2 * k->kind->message_max };
    covey_endpoint_config config = {
        .streams = k->kind->streams,
        .message = covey_message_defaults(),
        .protectors = setup->protectors,
        .protector_count = setup->protector_count,
        .random = setup->random,
    };
    covey_writer seed =
        covey_writer_of((uint8_t *)&config.seed, sizeof config.seed);

    m.scratch = allocate(k, m.scratch_len, 1);
    if (!k->kind->streams) {
        allocate_tables(k, &m.message);
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

/* --- the loop ------------------------------------------------------------ */

covey_writer link_departure(struct link *k)
{
    return k->kind->departure(k);
}

void link_commit(struct link *k, const covey_endpoint_sent *sent,
                 const covey_writer *written)
{
    if (sent->now) {
        k->kind->commit(k, &sent->path, written);
    }
}

uint32_t link_bert(const struct link *k, const covey_path *path)
{
    return k->kind->bert != NULL ? k->kind->bert(k, path) : 0;
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
            k->kind->commit(k, &path, &w);
        }
    }
}

void link_settle(struct link *k, covey_ms now)
{
    covey_endpoint_report event;

    link_transmit(k, now);
    while (covey_endpoint_event(&k->endpoint, &event)) {
        notify_event(k->server, &event);
    }
    if (k->kind->settle != NULL) {
        k->kind->settle(k);
    }
    loop_alarm_set(k->alarm, covey_endpoint_deadline(&k->endpoint));
}

void link_receive(struct link *k, covey_time now, const covey_path *path,
                  covey_bytes datagram)
{
    covey_endpoint_in in;

    /* What is wrong with it is counted, and its reaction is owed. */
    if (covey_endpoint_receive(&k->endpoint, now.mono, path, datagram, &in) ==
            COVEY_OK &&
        in.kind != COVEY_ENDPOINT_NOTHING) {
        dispatch(k, now, &in);
    }
    link_transmit(k, now.mono);
}

static void on_due(void *user)
{
    link_settle(user, loop_now().mono);
}

/* --- opening and closing ------------------------------------------------- */

bool link_open(struct link *k, struct server *s,
               const struct server_listen *listen)
{
    static const struct link_kind *const kinds[] = {
        [SERVER_LISTEN_UDP] = &link_udp,
        [SERVER_LISTEN_TCP] = &link_tcp,
    };
    covey_address bound;
    char address[ADDRESS_TEXT_MAX];
    char text[ADDRESS_TEXT_MAX + 16];

    k->server = s;
    k->kind = kinds[listen->transport];
    k->alarm = loop_alarm_new(s->loop, on_due, k);
    if (k->alarm == NULL || !endpoint_open(k, listen, loop_now().mono)) {
        server_tell(s, LOG_LEVEL_ERROR, "server.start",
                    "out of memory or of random bytes");
        return false;
    }
    if (!k->kind->open(k, listen, &bound)) {
        return false;
    }
    snprintf(text, sizeof text, "%s%s", k->kind->scheme,
             address_text(&bound, address));
    server_tell(s, LOG_LEVEL_NOTICE, "server.listen", text);
    return true;
}

void link_close(struct link *k)
{
    if (k->alarm != NULL) {
        loop_alarm_end(k->alarm);
    }
    k->kind->close(k);
    for (size_t i = 0; i < k->memory_count; i++) {
        free(k->memory[i]);
    }
}
