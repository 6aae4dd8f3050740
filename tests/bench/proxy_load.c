/* SPDX-License-Identifier: BSD-2-Clause */
/* Clients of a proxy and the servers behind it, both at once, since what is
 * measured is what lies between them. With a multicast address as target all
 * servers answer each request, at once; else each request is for one of them
 * in turn. A fixed number of requests is under way; the delay of an answer
 * counts from when its server wrote it.
 *
 * No client port may get a Message ID twice, and no server may use one twice:
 * within their lifetime (RFC 7252 Section 4.4) that is an error, and then the
 * figures count for nothing: exit code 3. So ports are many, and servers have
 * addresses of their own, 127.x.0.2 and on, for each run.
 *
 * usage: proxy_load ADDRESS PORT TARGET PORT [--servers N] [--network X]
 *                   [--ports N] [--window N] [--milliseconds N]
 *                   [--collect SECONDS] [--oscore CONTEXT] [--fill N]
 * --fill: so many requests that nobody answers, then it waits for a line. */
#include "load_oscore.h"

#include <covey/coap_options.h>
#include <covey/proxy.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <system_address.h>
#include <time.h>
#include <udp.h>
#include <unistd.h>

enum {
    PORTS_MAX = 1024,
    SERVERS_MAX = 200,
    WINDOW_MAX = 65536,
    DELAYS_MAX = 1 << 23,
    TOKEN_LEN = 4,
    URI_MAX = 64,
    IDS = 1 << 16,
    STAMP = 8, /* bytes at the beginning of a payload */
    READY = 64,
    BATCH = 16
};

/* A request whose answers are lost is given up, and counted. */
#define LOST_AFTER_US 500000u

struct port {
    udp_socket *socket;
    uint16_t message_id;
    uint8_t seen[IDS / 8]; /* Message IDs of answers */
};

struct slot {
    uint64_t sent_us;
    uint32_t generation; /* in the token, so that late answers are known */
    uint32_t port;
    uint32_t missing; /* answers */
};

static struct {
    covey_path proxy;
    covey_address target;
    bool group;
    unsigned servers;
    unsigned network;
    unsigned port_count;
    unsigned window;
    unsigned milliseconds;
    unsigned collect;
    unsigned fill;
    const char *context;
    struct load_oscore oscore;
    struct port ports[PORTS_MAX];
    struct slot slots[WINDOW_MAX];
    udp_socket *server;
    uint16_t ids[SERVERS_MAX]; /* the next Message ID of each server */
    uint32_t sent[SERVERS_MAX];
    int poll;
    uint32_t *delays;
    uint64_t asked;
    uint32_t written; /* a port */
    size_t answers;
    size_t lost;
    size_t late;
    size_t refused;
    size_t reused;
} load = {
    .servers = 50,
    .network = 1,
    .port_count = 256,
    .window = 16,
    .milliseconds = 2000,
    .collect = 1,
};

static uint64_t now_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

static covey_writer departure(udp_socket *s)
{
    covey_writer w = udp_departure(s);

    if (w.failed != COVEY_OK) {
        (void)udp_flush(s);
        w = udp_departure(s);
    }
    return w;
}

/* --- servers ------------------------------------------------------------- */

static void answer(const covey_coap_message *request, covey_path to,
                   unsigned server)
{
    static const uint8_t rest[7] = "22.3 C";
    covey_writer w = departure(load.server);
    const covey_coap_message head = { .type = COVEY_COAP_NON,
                                      .code = COVEY_COAP_CODE(2, 5),
                                      .token = request->token,
                                      .message_id = load.ids[server]++ };
    covey_coap_composer c = covey_coap_compose(&w, &head);
    uint8_t payload[STAMP + sizeof rest];
    const uint64_t now = now_us();

    load.reused += ++load.sent[server] > IDS;
    memcpy(payload, &now, STAMP);
    memcpy(payload + STAMP, rest, sizeof rest);
    covey_coap_put_payload(&c, covey_bytes_of(payload, sizeof payload));
    to.local.ip[1] = (uint8_t)load.network;
    to.local.ip[0] = 127;
    to.local.ip[2] = 0;
    to.local.ip[3] = (uint8_t)(server + 2);
    if (covey_coap_finish(&c) == COVEY_OK) {
        udp_commit(load.server, &to, &w);
    }
}

static void serve(void)
{
    size_t n;

    do {
        n = udp_receive(load.server);
        for (size_t i = 0; i < n; i++) {
            covey_path from;
            covey_coap_message m;
            const covey_bytes bytes = udp_datagram(load.server, i, &from);
            if (load.fill > 0 || covey_coap_parse(&m, bytes) != COVEY_OK) {
                continue;
            }
            if (load.group) {
                for (unsigned k = 0; k < load.servers; k++) {
                    answer(&m, from, k);
                }
            } else {
                answer(&m, from, from.local.ip[3] - 2u);
            }
        }
        (void)udp_flush(load.server);
    } while (n == UDP_BATCH);
}

/* --- clients ------------------------------------------------------------- */

static void put_request(covey_coap_composer *c, unsigned server)
{
    char uri[URI_MAX];
    char to[ADDRESS_TEXT_MAX];
    covey_address target = load.target;

    if (!load.group) {
        target.ip[3] = (uint8_t)(server + 2);
    }
    snprintf(uri, sizeof uri, "coap://%s/x", address_text(&target, to));
    if (load.group) {
        covey_coap_put_uint(c, COVEY_OPTION_MULTICAST_TIMEOUT, load.collect);
    }
    covey_coap_put_option(c, COVEY_OPTION_PROXY_URI,
                          covey_bytes_of((uint8_t *)uri, strlen(uri)));
}

static bool write_request(uint32_t slot, const covey_coap_message *head,
                          covey_writer *w)
{
    uint8_t bytes[256];
    covey_writer plain = covey_writer_of(bytes, sizeof bytes);
    const bool sealed = load.context != NULL;
    covey_coap_composer c = covey_coap_compose(sealed ? &plain : w, head);
    covey_coap_message m;

    put_request(&c, head->token.ptr[1] % load.servers);
    if (covey_coap_finish(&c) != COVEY_OK) {
        return false;
    }
    return !sealed ||
           (covey_coap_parse(&m, covey_written(&plain)) == COVEY_OK &&
            load_oscore_seal(&load.oscore, slot, &m, w));
}

static void ask(uint32_t slot, uint64_t now)
{
    struct slot *s = &load.slots[slot];
    /* Ports in turn: each gets as many answers as the others. What is for
     * one server leaves in batches. */
    const uint32_t at =
        (uint32_t)(load.asked++ / (load.group ? 1 : BATCH) % load.port_count);
    struct port *p = &load.ports[at];
    covey_writer w = departure(p->socket);
    uint8_t token[TOKEN_LEN];
    covey_coap_message head = { .type = COVEY_COAP_NON,
                                .code = COVEY_COAP_CODE(0, 1) };

    s->generation = (s->generation + 1) & 0xffffu;
    s->port = at;
    s->sent_us = now;
    s->missing = load.group ? load.servers : 1;
    token[0] = (uint8_t)(slot >> 8);
    token[1] = (uint8_t)slot;
    token[2] = (uint8_t)(s->generation >> 8);
    token[3] = (uint8_t)s->generation;
    head.token = covey_bytes_of(token, sizeof token);
    head.message_id = p->message_id++;
    if (write_request(slot, &head, &w)) {
        udp_commit(p->socket, &load.proxy, &w);
    }
    if (at != load.written) {
        (void)udp_flush(load.ports[load.written].socket);
        load.written = at;
    }
}

/* All but the port that was written to last has left already. */
static void flush(void)
{
    (void)udp_flush(load.ports[load.written].socket);
}

static void count(const covey_coap_message *m, uint64_t now)
{
    uint64_t stamp;

    if (m->payload.len < STAMP || m->code != COVEY_COAP_CODE(2, 5)) {
        load.refused++;
        return;
    }
    memcpy(&stamp, m->payload.ptr, STAMP);
    if (load.answers < DELAYS_MAX) {
        load.delays[load.answers] = (uint32_t)(now - stamp);
    }
    load.answers++;
}

static void take(struct port *p, covey_bytes bytes, uint64_t now)
{
    uint8_t plain[1024];
    covey_coap_message m;
    struct slot *s;
    uint32_t slot;

    if (covey_coap_parse(&m, bytes) != COVEY_OK || m.token.len != TOKEN_LEN) {
        load.refused++;
        return;
    }
    load.reused += p->seen[m.message_id / 8] >> m.message_id % 8 & 1;
    p->seen[m.message_id / 8] |= (uint8_t)(1u << m.message_id % 8);
    slot = (uint32_t)m.token.ptr[0] << 8 | m.token.ptr[1];
    s = &load.slots[slot % WINDOW_MAX];
    if (slot >= load.window || s->missing == 0 ||
        s->generation != ((uint32_t)m.token.ptr[2] << 8 | m.token.ptr[3])) {
        load.late++;
        return;
    }
    if (load.context != NULL &&
        !load_oscore_opens(&load.oscore, slot, &m,
                           covey_writer_of(plain, sizeof plain))) {
        load.refused++;
        return;
    }
    count(&m, now);
    if (--s->missing == 0) {
        ask(slot, now);
    }
}

static void hear(struct port *p)
{
    size_t n;

    do {
        n = udp_receive(p->socket);
        const uint64_t now = now_us();
        for (size_t i = 0; i < n; i++) {
            covey_path from;
            take(p, udp_datagram(p->socket, i, &from), now);
        }
    } while (n == UDP_BATCH);
}

static void look_for_what_is_lost(uint64_t now)
{
    for (uint32_t i = 0; i < load.window; i++) {
        struct slot *s = &load.slots[i];
        if (now - s->sent_us > LOST_AFTER_US) {
            load.lost += s->missing;
            ask(i, now);
        }
    }
}

static void turn(int timeout)
{
    struct epoll_event ready[READY];
    const int n = epoll_wait(load.poll, ready, READY, timeout);

    for (int i = 0; i < n; i++) {
        if (ready[i].data.u32 == PORTS_MAX) {
            serve();
        } else {
            hear(&load.ports[ready[i].data.u32]);
        }
    }
    flush();
}

static void run(void)
{
    const uint64_t start = now_us();
    const uint64_t end = start + (uint64_t)load.milliseconds * 1000u;
    uint64_t checked = start;
    uint64_t now = start;

    for (uint32_t i = 0; i < load.window; i++) {
        ask(i, now);
    }
    flush();
    while (now < end) {
        turn(100);
        now = now_us();
        if (now - checked > LOST_AFTER_US / 5) {
            checked = now;
            look_for_what_is_lost(now);
        }
    }
}

/* Live requests, a few at a time so that none is lost. */
static void fill(void)
{
    char line[8];

    load.window = load.fill;
    for (uint32_t i = 0; i < load.fill; i++) {
        ask(i, now_us());
        if (i % 32 == 31) {
            turn(5);
        }
    }
    puts("filled");
    fflush(stdout);
    (void)!read(STDIN_FILENO, line, sizeof line);
}

/* --- report -------------------------------------------------------------- */

static int ascending(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a;
    const uint32_t y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static unsigned quantile(double q, size_t n)
{
    return n == 0 ? 0 : load.delays[(size_t)((double)(n - 1) * q)];
}

static void report(void)
{
    const size_t n = load.answers < DELAYS_MAX ? load.answers : DELAYS_MAX;

    qsort(load.delays, n, sizeof load.delays[0], ascending);
    printf("{\"answers\":%zu,\"per_second\":%.0f,\"lost\":%zu,\"late\":%zu,"
           "\"refused\":%zu,\"reused\":%zu,\"p50_us\":%u,\"p99_us\":%u}\n",
           load.answers, (double)load.answers * 1000.0 / load.milliseconds,
           load.lost, load.late, load.refused, load.reused, quantile(0.5, n),
           quantile(0.99, n));
}

/* --- beginning ----------------------------------------------------------- */

static bool argument(const char *name, const char *value)
{
    const struct {
        const char *name;
        unsigned max;
        unsigned *out;
    } numbers[] = {
        { "--servers", SERVERS_MAX, &load.servers },
        { "--network", 254, &load.network },
        { "--ports", PORTS_MAX, &load.port_count },
        { "--window", WINDOW_MAX, &load.window },
        { "--milliseconds", 20000, &load.milliseconds },
        { "--collect", 300, &load.collect },
        { "--fill", WINDOW_MAX, &load.fill },
    };

    if (strcmp(name, "--oscore") == 0) {
        load.context = value;
        return true;
    }
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (strcmp(name, numbers[i].name) == 0) {
            char *end;
            const unsigned long n = strtoul(value, &end, 10);
            *numbers[i].out = (unsigned)n;
            return n > 0 && n <= numbers[i].max && *end == '\0';
        }
    }
    return false;
}

static bool arguments(int argc, char **argv)
{
    if (argc < 5 || argc % 2 == 0 ||
        !address_parse(argv[1], (uint16_t)strtoul(argv[2], NULL, 10),
                       &load.proxy.peer) ||
        !address_parse(argv[3], (uint16_t)strtoul(argv[4], NULL, 10),
                       &load.target)) {
        return false;
    }
    load.group = covey_address_is_group(&load.target);
    for (int i = 5; i < argc; i += 2) {
        if (!argument(argv[i], argv[i + 1])) {
            return false;
        }
    }
    return true;
}

static bool watch(int fd, uint32_t what)
{
    struct epoll_event e = { .events = EPOLLIN, .data.u32 = what };

    return epoll_ctl(load.poll, EPOLL_CTL_ADD, fd, &e) == 0;
}

static bool open_server(char error[UDP_ERROR_MAX])
{
    const udp_options o = { .datagram_max = 512,
                            .receive_buffer = 1u << 22,
                            .local = { .family = COVEY_FAMILY_IPV4,
                                       .port = load.target.port } };

    load.server = udp_open(&o, error);
    return load.server != NULL &&
           (!load.group || udp_join(load.server, &load.target, 1, error)) &&
           watch(udp_fd(load.server), PORTS_MAX);
}

static bool open_ports(char error[UDP_ERROR_MAX])
{
    const udp_options o = { .datagram_max = 512,
                            .receive_buffer = 1u << 19,
                            .local = { .family = COVEY_FAMILY_IPV4 } };

    for (uint32_t i = 0; i < load.port_count; i++) {
        load.ports[i].socket = udp_open(&o, error);
        if (load.ports[i].socket == NULL ||
            !watch(udp_fd(load.ports[i].socket), i)) {
            return false;
        }
        load.ports[i].message_id = (uint16_t)(now_us() + 977u * i);
    }
    return true;
}

static bool open_all(void)
{
    char error[UDP_ERROR_MAX] = "no memory";

    load.poll = epoll_create1(0);
    load.delays = calloc(DELAYS_MAX, sizeof load.delays[0]);
    if (load.poll < 0 || load.delays == NULL || !open_server(error) ||
        !open_ports(error)) {
        fprintf(stderr, "proxy_load: %s\n", error);
        return false;
    }
    return load.context == NULL ||
           load_oscore_open(&load.oscore, load.context, WINDOW_MAX, true);
}

int main(int argc, char **argv)
{
    if (!arguments(argc, argv)) {
        fputs("usage: proxy_load ADDRESS PORT TARGET PORT [--servers N] "
              "[--network X]\n"
              "                  [--ports N] [--window N] [--milliseconds N]\n"
              "                  [--collect SECONDS] [--oscore CONTEXT] "
              "[--fill N]\n",
              stderr);
        return 2;
    }
    if (!open_all()) {
        return 4;
    }
    if (load.fill > 0) {
        fill();
        return 0;
    }
    run();
    report();
    if (load.context != NULL) {
        load_oscore_close(&load.oscore);
    }
    return load.reused > 0 ? 3 : 0;
}
