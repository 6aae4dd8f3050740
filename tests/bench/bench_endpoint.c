/* SPDX-License-Identifier: BSD-2-Clause */
/* What an endpoint costs without sockets: a Confirmable GET with a path of two
 * segments comes, its response of 2.05 with 12 bytes leaves with the
 * acknowledgement; from clients on 64 ports, so that each request is new.
 * First the message layer alone, then the endpoint, then with OSCORE: the
 * server's end, for which requests are protected beforehand, and both ends. */
#include "bench.h"

#include <covey/endpoint.h>
#include <crypto/openssl/openssl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_OF(a) (sizeof(a) / sizeof(a)[0])

enum {
    PORTS = 64,
    SEEN = 4096,
    OUT = 8,
    PEERS = PORTS + OUT,
    CHUNKS = 4 * SEEN,
    ROWS = 4,
    BYTES = 256,
    BATCH = 1024,
    CONTENT = 0x45
};

struct end {
    covey_endpoint endpoint;
    covey_message_seen seen[SEEN];
    covey_message_peer peers[PEERS];
    covey_message_out out[OUT];
    covey_timer message_timers[OUT];
    covey_slot slots[COVEY_MESSAGE_SLOTS(SEEN, PEERS, OUT)];
    covey_chunk chunk[CHUNKS];
    covey_chunks chunks;
    covey_exchange_row exchanges[ROWS];
    covey_slot exchange_slots[COVEY_SLOTS(ROWS)];
    covey_timer timers[ROWS];
    covey_endpoint_row rows[ROWS];
    covey_security security[ROWS];
    uint32_t security_next[ROWS];
    uint8_t scratch[2 * BYTES];
    covey_oscore_protector oscore;
    const covey_protector *protectors[1];
    covey_oscore_context context;
};

struct bench {
    covey_crypto crypto;
    struct end client;
    struct end server;
    struct end plain;
    covey_message_layer alone;
    covey_oscore_context pristine;
    uint8_t batch[BATCH][BYTES];
    size_t batch_len[BATCH];
    covey_path path;
    uint32_t done;
};

/* clang-format off */
static const uint8_t request[] = {
    0x44, 0x01, 0x00, 0x00, 0xa1, 0xb2, 0xc3, 0xd4,      /* token */
    0xb7, 's', 'e', 'n', 's', 'o', 'r', 's',             /* Uri-Path */
    0x04, 't', 'e', 'm', 'p',
};
static const uint8_t payload[] = {
    '2', '2', '.', '3', ' ', 'C', 'e', 'l', 's', 'i', 'u', 's',
};
/* clang-format on */

static void expect(bool so, const char *what)
{
    if (!so) {
        fprintf(stderr, "bench_endpoint: %s\n", what);
        exit(1);
    }
}

static covey_oscore_context *find(void *user, covey_bytes kid,
                                  covey_bytes kid_context)
{
    struct end *s = user;

    (void)kid, (void)kid_context;
    return &s->context;
}

/* A store that takes no time. */
static covey_status store(void *user, const covey_oscore_context *c,
                          const covey_oscore_state *state)
{
    (void)user, (void)c, (void)state;
    return COVEY_OK;
}

static covey_message_memory memory_of(struct end *s)
{
    const covey_message_memory m = {
        .seen = s->seen,
        .seen_count = SEEN,
        .peers = s->peers,
        .peer_count = PEERS,
        .out = s->out,
        .timers = s->message_timers,
        .out_count = OUT,
        .slots = s->slots,
        .chunks = &s->chunks,
    };

    covey_chunks_init(&s->chunks, s->chunk, CHUNKS);
    return m;
}

static void protect(struct bench *b, struct end *s, const char *sender,
                    const char *recipient)
{
    const covey_oscore_parameters p = {
        .aead = COVEY_AES_CCM_16_64_128,
        .hkdf = COVEY_HMAC_256_256,
        .master_secret = covey_bytes_of(request, 16),
        .sender_id = covey_bytes_of((const uint8_t *)sender, 1),
        .recipient_id = covey_bytes_of((const uint8_t *)recipient, 1),
    };
    const covey_oscore_start start = { .ahead = 1u << 20 };

    expect(covey_oscore_setup(&s->context, &b->crypto, &p, &start) == COVEY_OK,
           "no context");
    covey_oscore_protector_init(&s->oscore);
    s->oscore.find = find;
    s->oscore.store = store;
    s->oscore.user = s;
    s->protectors[0] = &s->oscore.protector;
}

static void open_end(struct bench *b, struct end *s)
{
    covey_endpoint_config config = {
        .message = covey_message_defaults(),
        .protectors = s->protectors,
        .protector_count = s->protectors[0] != NULL,
        .random = { b->crypto.random, b->crypto.provider },
        .seed = 1,
    };
    const covey_endpoint_memory memory = {
        .message = memory_of(s),
        .exchange = { s->exchanges, s->timers, ROWS, s->exchange_slots, NULL,
                      0 },
        .rows = s->rows,
        .security = s->security,
        .security_next = s->security_next,
        .security_count = ROWS,
        .scratch = s->scratch,
        .scratch_len = sizeof s->scratch,
    };

    expect(covey_endpoint_init(&s->endpoint, &config, &memory, 0) == COVEY_OK,
           "no endpoint");
}

/* The next port, and the Message ID that is new for it. */
static void turn(struct bench *b, uint8_t *datagram)
{
    b->path.peer.port = (uint16_t)(b->done % PORTS);
    datagram[2] = (uint8_t)(b->done / PORTS >> 8);
    datagram[3] = (uint8_t)(b->done / PORTS);
    b->done++;
}

static uint32_t message_alone(void *state, uint32_t times)
{
    struct bench *b = state;
    uint8_t datagram[sizeof request];
    uint8_t out[BYTES];
    uint32_t sum = 0;

    memcpy(datagram, request, sizeof request);
    for (uint32_t i = 0; i < times; i++) {
        covey_writer w = covey_writer_of(out, sizeof out);
        covey_message_letter letter = { .type = COVEY_COAP_CON };
        covey_coap_composer c;
        covey_message_sent sent;
        covey_message_in in;
        covey_path path;
        turn(b, datagram);
        expect(covey_message_receive(&b->alone, 0, &b->path,
                                     covey_bytes_of(datagram, sizeof datagram),
                                     &in) == COVEY_OK &&
                   in.kind == COVEY_MESSAGE_REQUEST,
               "no request");
        in.message.code = CONTENT;
        c = covey_coap_compose(&w, &in.message);
        covey_coap_put_payload(&c, covey_bytes_of(payload, sizeof payload));
        letter.path = b->path;
        letter.answers = in.ref;
        expect(covey_coap_finish(&c) == COVEY_OK &&
                   covey_message_send(&b->alone, 0, &letter, &w, &sent) ==
                       COVEY_OK,
               "not sent");
        sum += out[0] + covey_message_transmit(&b->alone, 0, &path, &w);
    }
    return sum;
}

static void reply(struct end *s, const covey_endpoint_in *in,
                  covey_writer *out)
{
    covey_endpoint_sent sent;
    covey_draft d;

    covey_endpoint_reply_begin(&s->endpoint, &d, &in->request, CONTENT, out);
    covey_coap_put_payload(&d.composer,
                           covey_bytes_of(payload, sizeof payload));
    expect(covey_endpoint_reply_send(&s->endpoint, 0, &d, NULL, &sent) ==
                   COVEY_OK &&
               sent.now,
           "no reply");
}

static uint32_t serve(struct bench *b, struct end *s, uint8_t *datagram,
                      size_t len, covey_writer *out)
{
    covey_endpoint_in in;
    covey_path path;

    expect(covey_endpoint_receive(&s->endpoint, 0, &b->path,
                                  covey_bytes_of(datagram, len),
                                  &in) == COVEY_OK &&
               in.kind == COVEY_ENDPOINT_REQUEST,
           "no request");
    reply(s, &in, out);
    return out->base[0] + covey_endpoint_transmit(&s->endpoint, 0, &path, out);
}

static uint32_t plain(void *state, uint32_t times)
{
    struct bench *b = state;
    uint8_t datagram[sizeof request];
    uint8_t out[BYTES];
    uint32_t sum = 0;

    memcpy(datagram, request, sizeof request);
    for (uint32_t i = 0; i < times; i++) {
        covey_writer w = covey_writer_of(out, sizeof out);
        turn(b, datagram);
        sum += serve(b, &b->plain, datagram, sizeof datagram, &w);
    }
    return sum;
}

/* The batch again and again; the window is set back in between. */
static uint32_t oscore_server(void *state, uint32_t times)
{
    struct bench *b = state;
    uint8_t out[BYTES];
    uint32_t sum = 0;

    for (uint32_t i = 0; i < times; i++) {
        covey_writer w = covey_writer_of(out, sizeof out);
        if (i % BATCH == 0) {
            b->server.context.window = b->pristine.window;
        }
        turn(b, b->batch[i % BATCH]);
        sum += serve(b, &b->server, b->batch[i % BATCH],
                     b->batch_len[i % BATCH], &w);
    }
    return sum;
}

static covey_bytes ask(struct bench *b, uint8_t *bytes)
{
    const covey_endpoint_call call = {
        .path = b->path,
        .code = 1,
        .protector = &b->client.oscore.protector,
        .context = &b->client.context,
    };
    covey_endpoint *e = &b->client.endpoint;
    covey_writer w = covey_writer_of(bytes, BYTES);
    covey_endpoint_sent sent;
    covey_draft d;

    covey_endpoint_request_begin(e, &d, &call, &w);
    covey_coap_put_option(&d.composer, COVEY_OPTION_URI_PATH,
                          covey_bytes_of(request + 9, 7));
    covey_coap_put_option(&d.composer, COVEY_OPTION_URI_PATH,
                          covey_bytes_of(request + 17, 4));
    expect(covey_endpoint_request_send(e, 0, &d, &call, &sent) == COVEY_OK &&
               sent.now,
           "not asked");
    return covey_written(&w);
}

static uint32_t oscore_both(void *state, uint32_t times)
{
    struct bench *b = state;
    covey_endpoint *e = &b->client.endpoint;
    uint8_t bytes[BYTES];
    uint8_t out[BYTES];
    uint32_t sum = 0;

    for (uint32_t i = 0; i < times; i++) {
        covey_writer w = covey_writer_of(out, sizeof out);
        covey_endpoint_report report;
        covey_endpoint_in in;
        /* Not the ports of the other case: these IDs are the client's. */
        b->path.peer.port = (uint16_t)(PORTS + b->done++ % PORTS);
        sum += serve(b, &b->server, bytes, ask(b, bytes).len, &w);
        expect(covey_endpoint_receive(e, 0, &b->path, covey_written(&w),
                                      &in) == COVEY_OK &&
                   in.kind == COVEY_ENDPOINT_RESPONSE &&
                   covey_endpoint_event(e, &report),
               "not answered");
    }
    return sum;
}

static void prepare_batch(struct bench *b)
{
    covey_oscore_state state;

    b->pristine = b->server.context;
    for (unsigned i = 0; i < BATCH; i++) {
        covey_endpoint_report report;
        b->path.peer.port = (uint16_t)(i % PORTS);
        b->batch_len[i] = ask(b, b->batch[i]).len;
        covey_endpoint_cancel(
            &b->client.endpoint,
            (covey_exchange_ref){ 0, b->client.rows[0].serial });
        while (covey_endpoint_event(&b->client.endpoint, &report)) {
        }
        if (i == 0 && covey_oscore_due(&b->server.context, &state)) {
            expect(covey_oscore_stored(&b->server.context, &state) == COVEY_OK,
                   "not stored");
        }
    }
}

int main(int argc, char **argv)
{
    static struct bench b;
    static struct end alone;
    const bench_case cases[] = {
        { "GET, message layer alone", message_alone, &b, -1, 0 },
        { "GET, endpoint", plain, &b, 0, 0 },
        { "GET over OSCORE, server", oscore_server, &b, 0, 0 },
        { "GET over OSCORE, both ends", oscore_both, &b, 0, 0 },
    };
    const covey_message_parameters p = covey_message_defaults();
    const covey_message_memory m = memory_of(&alone);
    char note[200];

    b.path.peer.family = COVEY_FAMILY_IPV4;
    b.path.peer.ip[0] = 192;
    expect(covey_openssl_open(&b.crypto) == COVEY_OK, "no provider");
    protect(&b, &b.client, "c", "s");
    protect(&b, &b.server, "s", "c");
    open_end(&b, &b.client);
    open_end(&b, &b.server);
    open_end(&b, &b.plain);
    expect(covey_message_init(&b.alone, &p, &m, 1, 0) == COVEY_OK,
           "no message layer");
    prepare_batch(&b);
    snprintf(note, sizeof note,
             "bytes: an endpoint %zu, a request that is kept %zu; an exchange "
             "%zu, protected %zu more",
             sizeof(covey_endpoint), sizeof(covey_endpoint_request),
             sizeof(covey_exchange_row) + COVEY_SLOTS(sizeof(covey_slot)) +
                 sizeof(covey_timer) + sizeof(covey_endpoint_row),
             sizeof(covey_security) + sizeof(uint32_t));
    return bench_main(argc, argv, cases, COUNT_OF(cases), note);
}
