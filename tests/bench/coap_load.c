/* SPDX-License-Identifier: BSD-2-Clause */
/* Asks a CoAP server for a resource as fast as it answers: a fixed number of
 * requests in flight, from many ports, since one endpoint has no more than
 * 65,536 Message IDs. An answer is known by its token; what it says does not
 * matter here, so that an echo can be measured the same way.
 *
 * usage: coap_load ADDRESS PORT PATH [--non] [--ports N] [--window N]
 *                  [--milliseconds N]
 * Prints one JSON object. */
#include <covey/coap_options.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <system_address.h>
#include <time.h>
#include <udp.h>

enum {
    PORTS_MAX = 256,
    WINDOW_MAX = 65536,
    LATENCIES_MAX = 1 << 22,
    TOKEN_LEN = 4
};

/* A request that has been lost is sent anew, and counted. */
#define LOST_AFTER_US 300000u

struct port {
    udp_socket *socket;
    uint16_t message_id;
};

struct slot {
    uint64_t sent_us;
    uint32_t generation; /* in the token, so that late answers are known */
    uint32_t port;
};

struct load {
    covey_path path;
    const char *resource;
    covey_coap_type type;
    unsigned port_count;
    unsigned window;
    unsigned milliseconds;
    struct port ports[PORTS_MAX];
    struct slot slots[WINDOW_MAX];
    uint32_t *latencies;
    size_t answers;
    size_t lost;
    size_t late;
};

static struct load load = {
    .type = COVEY_COAP_CON,
    .port_count = 64,
    .window = 1024,
    .milliseconds = 2000,
};

static uint64_t now_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

/* Slot and generation: 16 bits each. */
static void token_of(uint8_t token[TOKEN_LEN], uint32_t slot,
                     uint32_t generation)
{
    token[0] = (uint8_t)(slot >> 8);
    token[1] = (uint8_t)slot;
    token[2] = (uint8_t)(generation >> 8);
    token[3] = (uint8_t)generation;
}

static void ask(uint32_t slot, uint64_t now)
{
    struct slot *s = &load.slots[slot];
    struct port *p = &load.ports[s->port];
    uint8_t token[TOKEN_LEN];
    const covey_coap_message head = {
        .type = load.type,
        .code = COVEY_COAP_CODE(0, 1),
        .message_id = p->message_id++,
        .token = { token, sizeof token },
    };
    covey_writer w = udp_departure(p->socket);
    covey_coap_composer c;

    if (w.failed != COVEY_OK) {
        (void)udp_flush(p->socket);
        w = udp_departure(p->socket);
    }
    s->generation = (s->generation + 1) & 0xffffu;
    s->sent_us = now;
    token_of(token, slot, s->generation);
    c = covey_coap_compose(&w, &head);
    covey_coap_put_option(
        &c, COVEY_OPTION_URI_PATH,
        covey_bytes_of((const uint8_t *)load.resource, strlen(load.resource)));
    if (covey_coap_finish(&c) == COVEY_OK) {
        udp_commit(p->socket, &load.path, &w);
    }
}

static void take(covey_bytes bytes, uint64_t now)
{
    covey_coap_message m;
    uint32_t slot;
    uint32_t generation;

    if (covey_coap_parse(&m, bytes) != COVEY_OK || m.token.len != TOKEN_LEN) {
        return;
    }
    slot = (uint32_t)m.token.ptr[0] << 8 | m.token.ptr[1];
    generation = (uint32_t)m.token.ptr[2] << 8 | m.token.ptr[3];
    if (slot >= load.window || load.slots[slot].generation != generation) {
        load.late++;
        return;
    }
    if (load.answers < LATENCIES_MAX) {
        load.latencies[load.answers] =
            (uint32_t)(now - load.slots[slot].sent_us);
    }
    load.answers++;
    ask(slot, now);
}

static void ask_again_for_what_is_lost(uint64_t now)
{
    for (uint32_t i = 0; i < load.window; i++) {
        if (now - load.slots[i].sent_us > LOST_AFTER_US) {
            load.lost++;
            ask(i, now);
        }
    }
}

static void serve(struct port *p)
{
    size_t n;

    do {
        const uint64_t now = now_us();
        n = udp_receive(p->socket);
        for (size_t i = 0; i < n; i++) {
            covey_path from;
            take(udp_datagram(p->socket, i, &from), now);
        }
        (void)udp_flush(p->socket);
    } while (n == UDP_BATCH);
}

static void run(void)
{
    struct pollfd polls[PORTS_MAX];
    const uint64_t start = now_us();
    const uint64_t end = start + (uint64_t)load.milliseconds * 1000u;
    uint64_t checked = start;
    uint64_t now = start;

    for (unsigned i = 0; i < load.port_count; i++) {
        polls[i] = (struct pollfd){ .fd = udp_fd(load.ports[i].socket),
                                    .events = POLLIN };
    }
    for (uint32_t i = 0; i < load.window; i++) {
        load.slots[i].port = i % load.port_count;
        ask(i, now);
    }
    for (unsigned i = 0; i < load.port_count; i++) {
        (void)udp_flush(load.ports[i].socket);
    }
    while (now < end) {
        (void)poll(polls, load.port_count, 100);
        for (unsigned i = 0; i < load.port_count; i++) {
            if (polls[i].revents != 0) {
                serve(&load.ports[i]);
            }
        }
        now = now_us();
        if (now - checked > LOST_AFTER_US / 3) {
            checked = now;
            ask_again_for_what_is_lost(now);
        }
    }
}

static int ascending(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a;
    const uint32_t y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static unsigned quantile(double q, size_t n)
{
    return n == 0 ? 0 : load.latencies[(size_t)((double)(n - 1) * q)];
}

static void report(void)
{
    const size_t n =
        load.answers < LATENCIES_MAX ? load.answers : LATENCIES_MAX;

    qsort(load.latencies, n, sizeof load.latencies[0], ascending);
    printf("{\"answers\":%zu,\"per_second\":%.0f,\"lost\":%zu,\"late\":%zu,"
           "\"p50_us\":%u,\"p99_us\":%u,\"ports\":%u,\"window\":%u}\n",
           load.answers, (double)load.answers * 1000.0 / load.milliseconds,
           load.lost, load.late, quantile(0.5, n), quantile(0.99, n),
           load.port_count, load.window);
}

static bool number(const char *text, unsigned max, unsigned *out)
{
    char *end;
    const unsigned long n = text != NULL ? strtoul(text, &end, 10) : 0;

    *out = (unsigned)n;
    return n > 0 && n <= max && *end == '\0';
}

static bool arguments(int argc, char **argv)
{
    bool ok = argc >= 4 &&
              address_parse(argv[1], (uint16_t)strtoul(argv[2], NULL, 10),
                            &load.path.peer);

    load.resource = ok ? argv[3] : "";
    for (int i = 4; ok && i < argc; i++) {
        if (strcmp(argv[i], "--non") == 0) {
            load.type = COVEY_COAP_NON;
        } else if (strcmp(argv[i], "--ports") == 0) {
            ok = number(argv[++i], PORTS_MAX, &load.port_count);
        } else if (strcmp(argv[i], "--window") == 0) {
            ok = number(argv[++i], WINDOW_MAX, &load.window);
        } else if (strcmp(argv[i], "--milliseconds") == 0) {
            ok = number(argv[++i], 20000, &load.milliseconds);
        } else {
            ok = false;
        }
    }
    return ok;
}

int main(int argc, char **argv)
{
    char error[UDP_ERROR_MAX];
    udp_options o = { .datagram_max = 512, .receive_buffer = 1u << 20 };

    if (!arguments(argc, argv)) {
        fputs("usage: coap_load ADDRESS PORT PATH [--non] [--ports N] "
              "[--window N] [--milliseconds N]\n",
              stderr);
        return 2;
    }
    o.local.family = load.path.peer.family;
    load.latencies = calloc(LATENCIES_MAX, sizeof load.latencies[0]);
    for (unsigned i = 0; i < load.port_count; i++) {
        load.ports[i].socket = udp_open(&o, error);
        if (load.latencies == NULL || load.ports[i].socket == NULL) {
            fprintf(stderr, "coap_load: %s\n",
                    load.latencies == NULL ? "memory" : error);
            return 4;
        }
        load.ports[i].message_id = (uint16_t)(now_us() + 977u * i);
    }
    run();
    report();
    for (unsigned i = 0; i < load.port_count; i++) {
        udp_close(load.ports[i].socket);
    }
    free(load.latencies);
    return 0;
}
