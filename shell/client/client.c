/* SPDX-License-Identifier: BSD-2-Clause */
#include "client.h"

#include "internal.h"

#include <outer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- sending ------------------------------------------------------------- */

void client__show(client *c, bool sent, const covey_path *path,
                  covey_bytes bytes)
{
    const client_handlers *on = &c->options.on;

    if (on->datagram != NULL) {
        on->datagram(on->user, sent, path, bytes);
    }
}

static covey_status depart(client *c, const covey_path *path,
                           const covey_writer *w)
{
    client__show(c, true, path, covey_written(w));
    c->refused = COVEY_OK;
    c->carrier->commit(c, path, w);
    return c->refused;
}

static bool has_room(client *c, covey_writer *w)
{
    *w = c->carrier->departure(c);
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

void client__pump(client *c)
{
    covey_path path;
    covey_writer w;

    while (has_room(c, &w) &&
           covey_endpoint_transmit(&c->endpoint, loop_now().mono, &path, &w)) {
        (void)depart(c, &path, &w); /* it has left before */
    }
    tell_events(c);
    c->carrier->settle(c);
    loop_alarm_set(c->alarm, covey_endpoint_deadline(&c->endpoint));
}

static void on_due(void *user)
{
    client__pump(user);
}

/* --- receiving ----------------------------------------------------------- */

void client__deliver(client *c, const covey_path *path,
                     const covey_endpoint_in *in)
{
    const client_handlers *on = &c->options.on;

    switch (in->kind) {
    case COVEY_ENDPOINT_NOTHING:
        break;
    case COVEY_ENDPOINT_REQUEST:
    case COVEY_ENDPOINT_CHALLENGE:
        covey_endpoint_reject(&c->endpoint, &in->request);
        break;
    case COVEY_ENDPOINT_RESPONSE:
        if (on->response != NULL) {
            on->response(on->user, path, in);
        }
        break;
    }
    client__pump(c); /* before the next one, see covey_message_receive */
}

void client__receive(client *c, const covey_path *path, covey_bytes datagram)
{
    covey_endpoint_in in;

    client__show(c, false, path, datagram);
    if (covey_endpoint_receive(&c->endpoint, loop_now().mono, path, datagram,
                               &in) != COVEY_OK) {
        in.kind = COVEY_ENDPOINT_NOTHING; /* what it means has been done */
    }
    client__deliver(c, path, &in);
}

/* --- requests ------------------------------------------------------------ */

covey_coap_composer *client_begin(client *c, const covey_endpoint_call *call)
{
    c->call = *call;
    if (c->path.connection != 0) {
        c->call.path = c->path;
    }
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
    st = sent.now ? depart(c, &sent.path, &c->departure) : COVEY_OK;
    if (st != COVEY_OK) {
        covey_endpoint_cancel(&c->endpoint, sent.exchange);
    }
    *exchange = sent.exchange;
    loop_alarm_set(c->alarm, 0);
    return st;
}

covey_status client_ping(client *c, const covey_path *path)
{
    covey_endpoint_sent sent;
    covey_writer w;
    covey_status st;

    if (c->carrier->ping != NULL) {
        return c->carrier->ping(c);
    }
    if (c->path.connection != 0) {
        path = &c->path;
    }
    (void)has_room(c, &w);
    st = covey_endpoint_ping(&c->endpoint, loop_now().mono, path, UINT64_MAX,
                             &w, &sent);
    if (st == COVEY_OK && sent.now) {
        st = depart(c, path, &w);
    }
    loop_alarm_set(c->alarm, 0);
    return st;
}

uint32_t client_bert(const client *c)
{
    return c->carrier->bert != NULL ? c->carrier->bert(c) : 0;
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
                      .slots = c->exchange_slots,
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
        .outer = c->outer,
    };

    return memory;
}

/* As long a response as a datagram could be. */
static bool open_outer(client *c)
{
    const covey_crypto *crypto = c->options.crypto;
    const outer_options options = { .size = DATAGRAM,
                                    .responses = WHOLES,
                                    .protected = EXCHANGES,
                                    .streams = c->carrier->streams,
                                    .random = { crypto->random,
                                                crypto->provider } };

    if (c->options.protector_count > 0) {
        c->outer = outer_new(&options);
    }
    return c->outer != NULL || c->options.protector_count == 0;
}

static covey_status start_endpoint(client *c)
{
    const covey_crypto *crypto = c->options.crypto;
    const bool ready = open_outer(c);
    const covey_endpoint_memory memory = memory_of(c);
    covey_endpoint_config config = {
        .streams = c->carrier->streams,
        .message = covey_message_defaults(),
        .protectors = c->options.protectors,
        .protector_count = c->options.protector_count,
        .random = { crypto->random, crypto->provider },
        .token_len = c->options.token_len,
        .token_rest = CLIENT_TOKEN_REST,
    };
    config.message.message_id_first = c->options.message_id_first;
    config.message.message_id_bits = c->options.message_id_bits;
    uint8_t seed[sizeof config.seed];
    covey_writer w = covey_writer_of(seed, sizeof seed);
    covey_status st =
        ready ? crypto->random(crypto->provider, &w) : COVEY_E_ROOM;

    if (st != COVEY_OK) {
        return st;
    }
    memcpy(&config.seed, seed, sizeof seed);
    covey_chunks_init(&c->chunks, c->chunk, CHUNKS);
    return covey_endpoint_init(&c->endpoint, &config, &memory,
                               loop_now().mono);
}

client *client_open(loop *l, const client_options *options,
                    char error[CLIENT_ERROR_MAX])
{
    static const struct client_carrier *const carriers[] = {
        [COVEY_UDP] = &client_udp,
        [COVEY_DTLS] = &client_dtls,
        [COVEY_TCP] = &client_tcp,
        [COVEY_TLS] = &client_tcp,
    };
    client *c = calloc(1, sizeof *c);
    covey_status st;

    if (c == NULL) {
        snprintf(error, CLIENT_ERROR_MAX, "out of memory");
        return NULL;
    }
    c->options = *options;
    c->carrier = carriers[options->transport];
    c->loop = l;
    c->alarm = loop_alarm_new(l, on_due, c);
    st = c->alarm != NULL ? start_endpoint(c) : COVEY_E_ROOM;
    if (st != COVEY_OK) {
        snprintf(error, CLIENT_ERROR_MAX, "no endpoint: %s [%s]",
                 covey_status_text(st), covey_status_name(st));
    } else if (c->carrier->open(c, error)) {
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
    loop_alarm_end(c->alarm);
    c->carrier->close(c);
    covey_wipe(c->scratch, sizeof c->scratch);
    free(c->outer);
    free(c);
}
