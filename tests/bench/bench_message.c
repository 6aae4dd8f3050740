/* SPDX-License-Identifier: BSD-2-Clause */
/* The message layer of a server: a Confirmable request comes, its reply goes
 * with the acknowledgement, nothing else is owed; with full tables of 1,000,
 * 10,000 and 100,000 rows and clients on 64 ports, so that each request is
 * new and the oldest row goes for it. A GET is remembered, the reply to a
 * POST stored. Then notifications: with so many outstanding, each to a client
 * of its own, the oldest is acknowledged and one more sent. */
#include "bench.h"

#include <covey/message.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_OF(a) (sizeof(a) / sizeof(a)[0])

enum {
    PORTS = 64,
    SIZES = 3,
    KINDS = 3,
    CHUNKS_PER_ROW = 1,
    BYTES = 128
};

static const uint32_t sizes[SIZES] = { 1000, 10000, 100000 };

struct server {
    covey_message_layer layer;
    covey_message_memory memory;
    covey_chunks chunks;
    covey_path path;
    uint32_t clients;
    uint32_t done;
    uint8_t code;
    uint16_t *ids; /* of notifications, by client */
};

/* clang-format off */
static const uint8_t request[] = {
    0x44, 0x01, 0x00, 0x00, 0xa1, 0xb2, 0xc3, 0xd4,      /* token */
    0xb7, 's', 'e', 'n', 's', 'o', 'r', 's',             /* Uri-Path */
    0x04, 't', 'e', 'm', 'p',
};
static const uint8_t response[] = {
    0x44, 0x45, 0x00, 0x00, 0xa1, 0xb2, 0xc3, 0xd4,
    0xff, '2', '2', '.', '3', ' ', 'C', 'e', 'l', 's', 'i', 'u', 's', '.',
};
/* clang-format on */

static void *allocate(size_t count, size_t each)
{
    void *p = calloc(count, each);

    if (p == NULL) {
        fputs("bench_message: no memory\n", stderr);
        exit(1);
    }
    return p;
}

static struct server *start(uint32_t size, uint8_t code, uint32_t outs)
{
    struct server *s = allocate(1, sizeof *s);
    covey_message_memory *m = &s->memory;
    covey_message_parameters p = covey_message_defaults();

    m->seen_count = size;
    m->peer_count = outs + PORTS;
    m->out_count = outs;
    m->seen = allocate(m->seen_count, sizeof *m->seen);
    m->peers = allocate(m->peer_count, sizeof *m->peers);
    m->out = allocate(m->out_count, sizeof *m->out);
    m->timers = allocate(m->out_count, sizeof *m->timers);
    m->slots = allocate(
        COVEY_MESSAGE_SLOTS(m->seen_count, m->peer_count, m->out_count),
        sizeof *m->slots);
    m->chunks = &s->chunks;
    s->ids = allocate(outs, sizeof *s->ids);
    covey_chunks_init(
        &s->chunks,
        allocate((size + outs) * CHUNKS_PER_ROW, sizeof(covey_chunk)),
        (size + outs) * CHUNKS_PER_ROW);
    s->path.peer.family = COVEY_FAMILY_IPV4;
    s->path.peer.ip[0] = 192;
    s->path.local.family = COVEY_FAMILY_IPV4;
    s->path.local.port = COVEY_COAP_PORT;
    s->clients = outs;
    s->code = code;
    if (covey_message_init(&s->layer, &p, m, 1, 0) != COVEY_OK) {
        exit(1);
    }
    return s;
}

/* The n-th client. */
static void turn_to(struct server *s, uint32_t n)
{
    s->path.peer.port = (uint16_t)n;
    s->path.peer.ip[2] = (uint8_t)(n >> 16);
}

static uint32_t answer(struct server *s, const covey_message_letter *letter,
                       uint8_t out[BYTES])
{
    covey_writer w = covey_writer_of(out, BYTES);
    covey_message_sent sent;

    covey_write_bytes(&w, covey_bytes_of(response, sizeof response));
    if (covey_message_send(&s->layer, s->layer.timers.now, letter, &w,
                           &sent) != COVEY_OK ||
        !sent.now) {
        abort();
    }
    return out[0];
}

static uint32_t serve(void *state, uint32_t times)
{
    struct server *s = state;
    uint8_t datagram[sizeof request];
    uint8_t out[BYTES];
    uint32_t sum = 0;

    memcpy(datagram, request, sizeof request);
    datagram[1] = s->code;
    for (uint32_t i = 0; i < times; i++, s->done++) {
        covey_message_letter letter = { .type = COVEY_COAP_CON };
        covey_writer w = covey_writer_of(out, sizeof out);
        covey_message_in in;
        covey_path path;
        turn_to(s, s->done % PORTS);
        datagram[2] = (uint8_t)(s->done / PORTS >> 8);
        datagram[3] = (uint8_t)(s->done / PORTS);
        if (covey_message_receive(&s->layer, 0, &s->path,
                                  covey_bytes_of(datagram, sizeof datagram),
                                  &in) != COVEY_OK ||
            in.kind != COVEY_MESSAGE_REQUEST || in.duplicate) {
            abort();
        }
        letter.path = s->path;
        letter.answers = in.ref;
        sum += answer(s, &letter, out);
        sum += covey_message_transmit(&s->layer, 0, &path, &w);
    }
    return sum;
}

static void notify_one(struct server *s, uint32_t client)
{
    covey_message_letter letter = { .type = COVEY_COAP_CON };
    uint8_t out[BYTES];

    turn_to(s, client);
    letter.path = s->path;
    (void)answer(s, &letter, out);
    s->ids[client] = (uint16_t)(out[2] << 8 | out[3]);
}

static uint32_t notify(void *state, uint32_t times)
{
    struct server *s = state;
    uint32_t sum = 0;

    for (uint32_t i = 0; i < times; i++, s->done++) {
        uint32_t client = s->done % s->clients;
        uint16_t id = s->ids[client];
        const uint8_t ack[] = { 0x60, 0, (uint8_t)(id >> 8), (uint8_t)id };
        covey_message_in in;
        covey_message_report report;
        turn_to(s, client);
        if (covey_message_receive(&s->layer, 0, &s->path,
                                  covey_bytes_of(ack, sizeof ack),
                                  &in) != COVEY_OK ||
            !covey_message_event(&s->layer, &report)) {
            abort();
        }
        sum += report.outcome;
        notify_one(s, client);
    }
    return sum;
}

static uint32_t parse(void *state, uint32_t times)
{
    uint32_t sum = 0;

    (void)state;
    for (uint32_t i = 0; i < times; i++) {
        covey_coap_message m;
        sum += (uint32_t)covey_coap_parse(
            &m, covey_bytes_of(request, sizeof request));
        sum += m.message_id;
    }
    return sum;
}

int main(int argc, char **argv)
{
    static struct server *servers[SIZES][KINDS];
    static const char *const names[KINDS][SIZES] = {
        { "GET, table of 1,000", "GET, table of 10,000",
          "GET, table of 100,000" },
        { "POST, table of 1,000", "POST, table of 10,000",
          "POST, table of 100,000" },
        { "notification, 1,000 outstanding",
          "notification, 10,000 outstanding",
          "notification, 100,000 outstanding" },
    };
    bench_case cases[1 + KINDS * SIZES] = { { "parse a request", parse, NULL,
                                              -1, sizeof request } };
    const size_t slots = COVEY_SLOTS(sizeof(covey_slot));
    char note[200];

    for (unsigned i = 0; i < SIZES; i++) {
        servers[i][0] = start(sizes[i], 1, 1);
        servers[i][1] = start(sizes[i], 2, 1);
        servers[i][2] = start(1, 0, sizes[i]);
        (void)serve(servers[i][0], sizes[i]);
        (void)serve(servers[i][1], sizes[i]);
        for (uint32_t c = 0; c < sizes[i]; c++) {
            notify_one(servers[i][2], c);
        }
        for (unsigned k = 0; k < KINDS; k++) {
            const bench_case row = { names[k][i], k == 2 ? notify : serve,
                                     servers[i][k], 0, sizeof request };
            cases[1 + k * SIZES + i] = row;
        }
    }
    snprintf(note, sizeof note,
             "bytes a row with slots and timer: seen %zu, out %zu, peer %zu; "
             "a chunk %zu for %d; the layer itself %zu",
             sizeof(covey_message_seen) + slots,
             sizeof(covey_message_out) + sizeof(covey_timer) + slots,
             sizeof(covey_message_peer) + slots, sizeof(covey_chunk),
             COVEY_CHUNK_LEN, sizeof(covey_message_layer));
    return bench_main(argc, argv, cases, COUNT_OF(cases), note);
}
