/* SPDX-License-Identifier: BSD-2-Clause */
/* Asks a CoAP server for a resource, from many ports, since one endpoint has
 * no more than 65,536 Message IDs: as fast as it answers, with a fixed number
 * of requests in flight, or at a fixed rate. An answer is known by its token;
 * what it says does not matter, so that an echo can be measured the same way.
 * With a context of OSCORE it does: each is opened and has to be 2.05.
 *
 * At a fixed rate a latency counts from when the request was due, not from
 * when this program came to send it, and at most `window` are in flight.
 *
 * usage: coap_load ADDRESS PORT PATH [--non] [--ports N] [--window N]
 *                  [--rate N] [--milliseconds N] [--oscore CONTEXT] [--text]
 * Prints one JSON object, or a line of text. */
#include "load_oscore.h"

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
    REQUEST_MAX = 128,
    RATE_MAX = 10000000,
    TOKEN_LEN = 4
};

/* A request that has been lost is sent anew, and counted. */
#define LOST_AFTER_US 300000u

struct port {
    udp_socket *socket;
    uint16_t message_id;
};

struct slot {
    uint64_t due_us;     /* or when it was sent, without a rate */
    uint32_t generation; /* in the token, so that late answers are known */
    uint32_t port;
    bool asked;
};

struct load {
    covey_path path;
    uint8_t request[REQUEST_MAX];
    covey_coap_message plain; /* in there, without Message ID and token */
    covey_coap_type type;
    unsigned port_count;
    unsigned window;
    unsigned rate; /* a second; 0: as fast as answers come */
    unsigned milliseconds;
    const char *context; /* NULL: without OSCORE */
    bool text;
    struct load_oscore oscore;
    struct port ports[PORTS_MAX];
    struct slot slots[WINDOW_MAX];
    uint32_t idle[WINDOW_MAX]; /* slots, a ring: the longest idle is next */
    uint32_t idle_first;
    uint32_t idle_count;
    uint32_t *latencies;
    size_t answers;
    size_t lost;
    size_t late;
    size_t refused; /* not opened, or no 2.05 */
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

static bool write_request(uint32_t slot, const covey_coap_message *m,
                          covey_writer *w)
{
    covey_coap_composer c;

    if (load.context != NULL) {
        return load_oscore_seal(&load.oscore, slot, m, w);
    }
    c = covey_coap_compose(w, m);
    if (covey_coap_finish(&c) != COVEY_OK) {
        return false;
    }
    covey_write_bytes(w, m->options);
    return w->failed == COVEY_OK;
}

static void ask(uint32_t slot, uint32_t port, uint64_t due)
{
    struct slot *s = &load.slots[slot];
    struct port *p = &load.ports[port];
    uint8_t token[TOKEN_LEN];
    covey_coap_message m = load.plain;
    covey_writer w = udp_departure(p->socket);

    if (w.failed != COVEY_OK) {
        (void)udp_flush(p->socket);
        w = udp_departure(p->socket);
    }
    s->generation = (s->generation + 1) & 0xffffu;
    s->port = port;
    s->due_us = due;
    s->asked = true;
    token_of(token, slot, s->generation);
    m.token = covey_bytes_of(token, sizeof token);
    m.message_id = p->message_id++;
    if (write_request(slot, &m, &w)) {
        udp_commit(p->socket, &load.path, &w);
    }
}

static void rest(uint32_t slot)
{
    load.slots[slot].asked = false;
    load.idle[(load.idle_first + load.idle_count++) % load.window] = slot;
}

static void count(uint64_t latency)
{
    if (load.answers < LATENCIES_MAX) {
        load.latencies[load.answers] = (uint32_t)latency;
    }
    load.answers++;
}

static void take(covey_bytes bytes, uint64_t now)
{
    uint8_t plain[1024];
    covey_coap_message m;
    uint32_t slot;
    uint32_t generation;

    if (covey_coap_parse(&m, bytes) != COVEY_OK || m.token.len != TOKEN_LEN) {
        return;
    }
    slot = (uint32_t)m.token.ptr[0] << 8 | m.token.ptr[1];
    generation = (uint32_t)m.token.ptr[2] << 8 | m.token.ptr[3];
    if (slot >= load.window || !load.slots[slot].asked ||
        load.slots[slot].generation != generation) {
        load.late++;
        return;
    }
    if (load.context != NULL &&
        !load_oscore_opens(&load.oscore, slot, &m,
                           covey_writer_of(plain, sizeof plain))) {
        load.refused++;
    } else {
        count(now - load.slots[slot].due_us);
    }
    if (load.rate != 0) {
        rest(slot);
    } else {
        ask(slot, load.slots[slot].port, now);
    }
}

/* Port by port, each flushed before the next: that is the order in which
 * they arrive. */
static void ask_all(uint64_t now)
{
    for (uint32_t p = 0; p < load.port_count; p++) {
        for (uint32_t i = p; i < load.window; i += load.port_count) {
            ask(i, p, now);
        }
        (void)udp_flush(load.ports[p].socket);
    }
}

static void look_for_what_is_lost(uint64_t now)
{
    for (uint32_t i = 0; i < load.window; i++) {
        const struct slot *s = &load.slots[i];
        if (!s->asked || now - s->due_us <= LOST_AFTER_US) {
            continue;
        }
        load.lost++;
        if (load.rate != 0) {
            rest(i);
        } else {
            ask(i, s->port, now);
            (void)udp_flush(load.ports[s->port].socket);
        }
    }
}

/* All that is due leaves by one port, the next time by the next one. */
static void ask_what_is_due(uint64_t start, uint64_t now)
{
    static uint64_t asked;
    static uint32_t port;
    const uint64_t due = (now - start) * load.rate / 1000000u;

    for (; asked < due && load.idle_count > 0; asked++) {
        const uint32_t slot = load.idle[load.idle_first];
        load.idle_first = (load.idle_first + 1) % load.window;
        load.idle_count--;
        ask(slot, port, start + (asked + 1) * 1000000u / load.rate);
    }
    (void)udp_flush(load.ports[port].socket);
    port = (port + 1) % load.port_count;
}

/* Who never sleeps is stopped by the system for a twentieth of each second if
 * he comes before all others: that would be the latency. */
static void doze(void)
{
    const struct timespec moment = { .tv_nsec = 50000 };

    (void)nanosleep(&moment, NULL);
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
    if (load.rate == 0) {
        ask_all(now);
    }
    while (now < end) {
        (void)poll(polls, load.port_count, load.rate == 0 ? 100 : 0);
        for (unsigned i = 0; i < load.port_count; i++) {
            if (polls[i].revents != 0) {
                serve(&load.ports[i]);
            }
        }
        now = now_us();
        if (load.rate != 0) {
            ask_what_is_due(start, now);
            doze();
        }
        if (now - checked > LOST_AFTER_US / 3) {
            checked = now;
            look_for_what_is_lost(now);
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
    printf(load.text
               ? "%zu answers, %.0f a second; lost %zu, late %zu, refused "
                 "%zu; p50 %u us, p99 %u us; ports %u, window %u, rate %u\n"
               : "{\"answers\":%zu,\"per_second\":%.0f,\"lost\":%zu,"
                 "\"late\":%zu,\"refused\":%zu,\"p50_us\":%u,"
                 "\"p99_us\":%u,\"ports\":%u,\"window\":%u,\"rate\":%u}\n",
           load.answers, (double)load.answers * 1000.0 / load.milliseconds,
           load.lost, load.late, load.refused, quantile(0.5, n),
           quantile(0.99, n), load.port_count, load.window, load.rate);
}

static bool number(const char *text, unsigned max, unsigned *out)
{
    char *end;
    const unsigned long n = text != NULL ? strtoul(text, &end, 10) : 0;

    *out = (unsigned)n;
    return n > 0 && n <= max && *end == '\0';
}

static bool compose_request(const char *resource)
{
    const covey_coap_message head = { .type = load.type,
                                      .code = COVEY_COAP_CODE(0, 1) };
    covey_writer w = covey_writer_of(load.request, sizeof load.request);
    covey_coap_composer c = covey_coap_compose(&w, &head);

    covey_coap_put_option(
        &c, COVEY_OPTION_URI_PATH,
        covey_bytes_of((const uint8_t *)resource, strlen(resource)));
    return covey_coap_finish(&c) == COVEY_OK &&
           covey_coap_parse(&load.plain, covey_written(&w)) == COVEY_OK;
}

/* One argument, or two; how many. 0: not understood. */
static int argument(const char *name, const char *value)
{
    const struct {
        const char *name;
        unsigned max;
        unsigned *out;
    } numbers[] = {
        { "--ports", PORTS_MAX, &load.port_count },
        { "--window", WINDOW_MAX, &load.window },
        { "--rate", RATE_MAX, &load.rate },
        { "--milliseconds", 20000, &load.milliseconds },
    };

    if (strcmp(name, "--non") == 0) {
        load.type = COVEY_COAP_NON;
        return 1;
    }
    if (strcmp(name, "--text") == 0) {
        load.text = true;
        return 1;
    }
    if (strcmp(name, "--oscore") == 0 && value != NULL) {
        load.context = value;
        return 2;
    }
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (strcmp(name, numbers[i].name) == 0) {
            return number(value, numbers[i].max, numbers[i].out) ? 2 : 0;
        }
    }
    return 0;
}

static bool arguments(int argc, char **argv)
{
    if (argc < 4 ||
        !address_parse(argv[1], (uint16_t)strtoul(argv[2], NULL, 10),
                       &load.path.peer)) {
        return false;
    }
    for (int i = 4, n = 0; i < argc; i += n) {
        n = argument(argv[i], argv[i + 1]);
        if (n == 0) {
            return false;
        }
    }
    return compose_request(argv[3]);
}

static bool open_all(void)
{
    char error[UDP_ERROR_MAX];
    const udp_options o = { .datagram_max = 512,
                            .receive_buffer = 1u << 20,
                            .local = { .family = load.path.peer.family } };

    load.latencies = calloc(LATENCIES_MAX, sizeof load.latencies[0]);
    if (load.latencies == NULL) {
        fputs("coap_load: no memory\n", stderr);
        return false;
    }
    for (unsigned i = 0; i < load.port_count; i++) {
        load.ports[i].socket = udp_open(&o, error);
        if (load.ports[i].socket == NULL) {
            fprintf(stderr, "coap_load: %s\n", error);
            return false;
        }
        load.ports[i].message_id = (uint16_t)(now_us() + 977u * i);
    }
    for (uint32_t i = 0; i < load.window; i++) {
        rest(i);
    }
    return load.context == NULL ||
           load_oscore_open(&load.oscore, load.context, load.window, false);
}

int main(int argc, char **argv)
{
    if (!arguments(argc, argv)) {
        fputs("usage: coap_load ADDRESS PORT PATH [--non] [--ports N] "
              "[--window N]\n"
              "                 [--rate N] [--milliseconds N] "
              "[--oscore CONTEXT] [--text]\n",
              stderr);
        return 2;
    }
    if (!open_all()) {
        return 4;
    }
    run();
    report();
    for (unsigned i = 0; i < load.port_count; i++) {
        udp_close(load.ports[i].socket);
    }
    if (load.context != NULL) {
        load_oscore_close(&load.oscore);
    }
    free(load.latencies);
    return 0;
}
