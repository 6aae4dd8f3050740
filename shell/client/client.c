/* SPDX-License-Identifier: BSD-2-Clause */
#include "client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <udp.h>

/* One who asks has few exchanges at a time, but a whole group may answer. */
enum {
    EXCHANGES = 16,
    RESPONDERS = 4096,
    SEEN = 4096,
    PEERS = 16,
    OUT = 32,
    CHUNKS = 4096, /* 240 kB of messages that may have to be sent again */
    DATAGRAM = UDP_DATAGRAM_MAX,
    /* Two plain messages, and by how much composing may make them longer. */
    SCRATCH = 2 * (DATAGRAM + DATAGRAM / 8 + 512)
};

struct client {
    covey_endpoint endpoint;
    client_options options;
    udp_socket *socket;
    loop_watch *watch;
    loop_alarm *alarm;
    /* The request that is being put together. */
    covey_endpoint_call call;
    covey_draft draft;
    covey_writer departure;
    /* Tables of the endpoint. */
    covey_chunks chunks;
    covey_message_seen seen[SEEN];
    covey_message_peer peers[PEERS];
    covey_message_out out[OUT];
    covey_timer out_timers[OUT];
    covey_message_slot slots[COVEY_MESSAGE_SLOTS(SEEN, PEERS, OUT)];
    covey_chunk chunk[CHUNKS];
    covey_exchange_row exchanges[EXCHANGES];
    covey_timer timers[EXCHANGES];
    covey_exchange_responder responders[RESPONDERS];
    covey_endpoint_row rows[EXCHANGES];
    covey_security security[EXCHANGES];
    uint32_t security_next[EXCHANGES];
    uint8_t scratch[SCRATCH];
};

/* --- sending ------------------------------------------------------------- */

static void depart(client *c, const covey_path *path, const covey_writer *w)
{
    const client_handlers *on = &c->options.on;

    if (on->datagram != NULL) {
        on->datagram(on->user, true, path, covey_written(w));
    }
    udp_commit(c->socket, path, w);
}

static bool flush(client *c)
{
    const client_handlers *on = &c->options.on;
    const uint64_t before = udp_counters_of(c->socket).failed;
    const bool all = udp_flush(c->socket);
    const udp_counters now = udp_counters_of(c->socket);

    if (now.failed != before && on->unsendable != NULL) {
        on->unsendable(on->user, now.last_error);
    }
    return all;
}

/* Room for one more datagram; a queue that the system does not take waits
 * until the socket is writable. */
static bool has_room(client *c, covey_writer *w)
{
    *w = udp_departure(c->socket);
    if (w->failed != COVEY_OK && flush(c)) {
        *w = udp_departure(c->socket);
    }
    return w->failed == COVEY_OK;
}

static void tell_events(client *c)
{
    const client_handlers *on = &c->options.on;
    covey_endpoint_report report;

    while (covey_endpoint_event(&c->endpoint, &report)) {
        if (on->ended != NULL) {
            on->ended(on->user, &report);
        }
    }
}

/* Whatever is due: out, told, and the alarm set for the next time. */
static void pump(client *c)
{
    covey_path path;
    covey_writer w;

    while (has_room(c, &w) &&
           covey_endpoint_transmit(&c->endpoint, loop_now().mono, &path, &w)) {
        depart(c, &path, &w);
    }
    tell_events(c);
    loop_watch_set(c->watch, flush(c) ? LOOP_READ : LOOP_READ | LOOP_WRITE);
    loop_alarm_set(c->alarm, covey_endpoint_deadline(&c->endpoint));
}

static void on_due(void *user)
{
    pump(user);
}

/* --- receiving ----------------------------------------------------------- */

static void receive(client *c, const covey_path *path, covey_bytes datagram)
{
    const client_handlers *on = &c->options.on;
    covey_endpoint_in in;

    if (on->datagram != NULL) {
        on->datagram(on->user, false, path, datagram);
    }
    if (covey_endpoint_receive(&c->endpoint, loop_now().mono, path, datagram,
                               &in) != COVEY_OK) {
        in.kind = COVEY_ENDPOINT_NOTHING; /* what it means has been done */
    }
    switch (in.kind) {
    case COVEY_ENDPOINT_NOTHING:
        break;
    case COVEY_ENDPOINT_REQUEST:
    case COVEY_ENDPOINT_CHALLENGE:
        covey_endpoint_reject(&c->endpoint, &in.request);
        break;
    case COVEY_ENDPOINT_RESPONSE:
        if (on->response != NULL) {
            on->response(on->user, path, &in);
        }
        break;
    }
    pump(c); /* before the next one, see covey_message_receive */
}

static void on_ready(void *user, int events)
{
    client *c = user;
    const client_handlers *on = &c->options.on;
    covey_path path;
    size_t count;

    (void)events;
    while ((count = udp_receive(c->socket)) > 0) {
        for (size_t i = 0; i < count; i++) {
            const covey_bytes bytes = udp_datagram(c->socket, i, &path);
            receive(c, &path, bytes);
        }
    }
    while (udp_unreachable(c->socket, &path)) {
        if (on->unreachable != NULL) {
            on->unreachable(on->user, &path);
        }
    }
    pump(c);
}

/* --- requests ------------------------------------------------------------ */

covey_coap_composer *client_begin(client *c, const covey_endpoint_call *call)
{
    c->call = *call;
    /* Without room the composer says so when it is sent. */
    (void)has_room(c, &c->departure);
    covey_endpoint_request_begin(&c->endpoint, &c->draft, &c->call,
                                 &c->departure);
    return &c->draft.composer;
}

covey_status client_send(client *c, covey_exchange_ref *exchange)
{
    covey_endpoint_sent sent;
    covey_status st = covey_endpoint_request_send(
        &c->endpoint, loop_now().mono, &c->draft, &c->call, &sent);

    if (st != COVEY_OK) {
        return st;
    }
    if (sent.now) {
        depart(c, &sent.path, &c->departure);
    }
    *exchange = sent.exchange;
    loop_alarm_set(c->alarm, 0);
    return COVEY_OK;
}

covey_status client_ping(client *c, const covey_path *path)
{
    covey_endpoint_sent sent;
    covey_writer w;
    covey_status st;

    (void)has_room(c, &w);
    st = covey_endpoint_ping(&c->endpoint, loop_now().mono, path, UINT64_MAX,
                             &w, &sent);
    if (st == COVEY_OK && sent.now) {
        depart(c, path, &w);
    }
    loop_alarm_set(c->alarm, 0);
    return st;
}

void client_cancel(client *c, covey_exchange_ref exchange)
{
    covey_endpoint_cancel(&c->endpoint, exchange);
    loop_alarm_set(c->alarm, 0);
}

/* --- opening ------------------------------------------------------------- */

static covey_endpoint_memory memory_of(client *c)
{
    const covey_endpoint_memory memory = {
        .message = { .seen = c->seen,
                     .seen_count = SEEN,
                     .peers = c->peers,
                     .peer_count = PEERS,
                     .out = c->out,
                     .timers = c->out_timers,
                     .out_count = OUT,
                     .slots = c->slots,
                     .chunks = &c->chunks },
        .exchange = { .rows = c->exchanges,
                      .timers = c->timers,
                      .row_count = EXCHANGES,
                      .responders = c->responders,
                      .responder_count = RESPONDERS },
        .rows = c->rows,
        .security = c->security,
        .security_next = c->security_next,
        .security_count = EXCHANGES,
        .scratch = c->scratch,
        .scratch_len = sizeof c->scratch,
    };

    return memory;
}

static covey_status start_endpoint(client *c)
{
    const covey_crypto *crypto = c->options.crypto;
    const covey_endpoint_memory memory = memory_of(c);
    covey_endpoint_config config = {
        .message = covey_message_defaults(),
        .protectors = c->options.protectors,
        .protector_count = c->options.protector_count,
        .random = { crypto->random, crypto->provider },
    };
    uint8_t seed[sizeof config.seed];
    covey_writer w = covey_writer_of(seed, sizeof seed);
    covey_status st = crypto->random(crypto->provider, &w);

    if (st != COVEY_OK) {
        return st;
    }
    memcpy(&config.seed, seed, sizeof seed);
    covey_chunks_init(&c->chunks, c->chunk, CHUNKS);
    return covey_endpoint_init(&c->endpoint, &config, &memory,
                               loop_now().mono);
}

static bool start_socket(client *c, loop *l, char error[CLIENT_ERROR_MAX])
{
    const udp_options options = {
        .local = { .family = (uint8_t)c->options.family },
        .datagram_max = DATAGRAM,
        .interface = c->options.interface,
    };

    c->socket = udp_open(&options, error);
    if (c->socket == NULL) {
        return false;
    }
    c->watch = loop_watch_new(l, udp_fd(c->socket), LOOP_READ, on_ready, c);
    c->alarm = loop_alarm_new(l, on_due, c);
    if (c->watch == NULL || c->alarm == NULL) {
        snprintf(error, CLIENT_ERROR_MAX, "the loop takes no socket: %s",
                 strerror(errno));
        return false;
    }
    return true;
}

client *client_open(loop *l, const client_options *options,
                    char error[CLIENT_ERROR_MAX])
{
    client *c = calloc(1, sizeof *c);
    covey_status st;

    if (c == NULL) {
        snprintf(error, CLIENT_ERROR_MAX, "out of memory");
        return NULL;
    }
    c->options = *options;
    st = start_endpoint(c);
    if (st != COVEY_OK) {
        snprintf(error, CLIENT_ERROR_MAX, "no endpoint: %s [%s]",
                 covey_status_text(st), covey_status_name(st));
    } else if (start_socket(c, l, error)) {
        return c;
    }
    client_close(c);
    return NULL;
}

void client_close(client *c)
{
    if (c == NULL) {
        return;
    }
    loop_watch_end(c->watch);
    loop_alarm_end(c->alarm);
    udp_close(c->socket);
    covey_wipe(c->scratch, sizeof c->scratch);
    free(c);
}
