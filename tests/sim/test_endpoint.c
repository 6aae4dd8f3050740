/* SPDX-License-Identifier: BSD-2-Clause */
/* A client and a server with OSCORE on a network that loses, doubles, delays
 * and so reorders datagrams, ten thousand times with another seed; in every
 * fourth run the server loses its power in the middle, with few or many
 * numbers reserved, and challenges the client. Every exchange ends, once; no
 * request and no response is delivered twice, nor is a request that was
 * answered with a challenge; no nonce is used twice, whatever survives; in the
 * end all tables are empty. */
#include "stack.h"

#include "net.h"

#include <crypto/scripted/scripted.h>

enum {
    SEEDS = 10000,
    EXCHANGES = 8,
    NOTIFICATIONS = 4,
    STEPS_MAX = 20000,
    CONTENT = 0x45,
    UNAUTHORIZED = 0x81
};

struct exchange {
    covey_ms start;
    covey_coap_type type;
    uint8_t code;
    bool observe;
    bool cancel; /* rather than wait for the last notification */
    bool sent;
    bool challenged; /* by the last answer */
    bool echo;       /* asked again with the value of the challenge */
    unsigned ended;
    unsigned answers;
    unsigned seen; /* which of the answers, a bit each */
    /* At the server. */
    unsigned delivered[2]; /* with Echo: the second */
    bool refused;
    unsigned told;      /* answers so far */
    covey_ms answer_at; /* COVEY_NEVER: not now */
    covey_endpoint_request request;
};

static struct world {
    sim_net net;
    watch watch;
    stack client;
    stack server;
    covey_address address[2];
    kit_random random;
    covey_ms now;
    covey_ms cut_at; /* power; COVEY_NEVER */
    struct exchange exchange[EXCHANGES];
} world;

static unsigned answered;
static unsigned timed_out;
static unsigned restarted;
static unsigned challenged;
static unsigned recovered;

static uint32_t below(uint32_t n)
{
    return kit_next(&world.random) % n;
}

static void leave(bool server, const covey_path *path, covey_bytes datagram)
{
    sim_send(&world.net, world.now, &world.address[server], path, datagram);
}

/* --- the client ---------------------------------------------------------- */

static void start(unsigned x)
{
    struct exchange *e = &world.exchange[x];
    const covey_endpoint_call call = {
        .path = { .peer = world.address[1] },
        .type = e->type,
        .code = e->code,
        .protector = &world.client.oscore.protector,
        .context = &world.client.context,
        .patience = 20000,
        .user = x,
    };
    uint8_t bytes[SIM_MTU];
    const uint8_t payload = (uint8_t)x;
    covey_writer out = covey_writer_of(bytes, sizeof bytes);
    covey_endpoint_sent sent;
    covey_draft d;

    covey_endpoint_request_begin(&world.client.endpoint, &d, &call, &out);
    if (e->observe) {
        covey_coap_put_uint(&d.composer, COVEY_OPTION_OBSERVE, 0);
    }
    if (e->echo) {
        covey_coap_put_option(&d.composer, COVEY_OPTION_ECHO, SPAN("fresh"));
    }
    covey_coap_put_payload(&d.composer, covey_bytes_of(&payload, 1));
    CHECK_STATUS(COVEY_OK,
                 covey_endpoint_request_send(&world.client.endpoint, world.now,
                                             &d, &call, &sent));
    if (sent.now) {
        leave(false, &sent.path, covey_written(&out));
    }
    e->sent = true;
}

static void on_response(const covey_endpoint_in *in)
{
    struct exchange *e = &world.exchange[in->user];
    const covey_bytes payload = in->message.payload;

    assert_int_equal(in->opened.kind, COVEY_REPLY_PAIRWISE);
    if (in->message.code == UNAUTHORIZED) {
        /* Also late, by a copy of a request whose answers have come. */
        assert_false(e->echo);
        e->answers++;
        e->challenged = true;
        return;
    }
    assert_int_equal(payload.len, 2);
    assert_int_equal(payload.ptr[0], in->user);
    assert_true(payload.ptr[1] <= NOTIFICATIONS);
    assert_int_equal(e->seen >> payload.ptr[1] & 1u, 0);
    assert_int_equal(e->ended, 0);
    e->seen |= 1u << payload.ptr[1];
    e->answers++;
    if (e->cancel && e->answers > 1) {
        covey_endpoint_cancel(&world.client.endpoint, in->exchange);
    }
}

static void on_client_event(const covey_endpoint_report *event)
{
    struct exchange *e = &world.exchange[event->user];

    assert_true(event->what < COVEY_ENDPOINT_REPLY_ACKNOWLEDGED);
    assert_true(e->sent);
    assert_int_equal(++e->ended, 1);
    answered += event->what == COVEY_ENDPOINT_ANSWERED;
    timed_out += event->what == COVEY_ENDPOINT_TIMED_OUT;
    assert_int_equal(event->responses, e->answers);
    assert_true(event->what != COVEY_ENDPOINT_ANSWERED || e->answers > 0);
    assert_true(event->what != COVEY_ENDPOINT_UNPROTECTED || restarted > 0);
    if (e->challenged) { /* a new request, under a number of its own */
        e->challenged = false;
        e->echo = true;
        e->sent = false;
        e->start = world.now;
        e->ended = 0;
        e->answers = 0;
        e->seen = 0;
    }
}

/* An observation that the network has cut is the application's to end. */
static void give_up(void)
{
    for (uint32_t i = 0; i < STACK_ROWS; i++) {
        const covey_exchange_ref ref = { i, world.client.rows[i].serial };
        covey_endpoint_cancel(&world.client.endpoint, ref);
    }
}

/* --- the server ---------------------------------------------------------- */

static void challenge(const covey_endpoint_in *in)
{
    uint8_t bytes[SIM_MTU];
    covey_writer out = covey_writer_of(bytes, sizeof bytes);
    covey_endpoint_sent sent;
    covey_draft d;

    covey_endpoint_reply_begin(&world.server.endpoint, &d, &in->request,
                               UNAUTHORIZED, &out);
    covey_coap_put_option(&d.composer, COVEY_OPTION_ECHO, SPAN("fresh"));
    CHECK_STATUS(COVEY_OK,
                 covey_endpoint_reply_send(&world.server.endpoint, world.now,
                                           &d, NULL, &sent));
    if (sent.now) {
        leave(true, &sent.path, covey_written(&out));
    }
    world.exchange[in->message.payload.ptr[0]].refused = true;
    challenged++;
}

/* Whether it is to be delivered. */
static bool is_fresh(covey_endpoint_in *in)
{
    covey_bytes echo;

    if (in->kind == COVEY_ENDPOINT_REQUEST) {
        return true;
    }
    if (!covey_option_get(&in->message, COVEY_OPTION_ECHO, &echo)) {
        challenge(in);
        return false;
    }
    recovered++;
    CHECK_SPAN(SPAN("fresh"), echo);
    CHECK_STATUS(COVEY_OK, covey_endpoint_recover(&world.server.endpoint,
                                                  world.now, in));
    return true;
}

static void on_request(const covey_endpoint_in *in)
{
    struct exchange *e;
    covey_bytes echo;
    bool again;
    unsigned x;

    assert_int_equal(in->message.payload.len, 1);
    x = in->message.payload.ptr[0];
    assert_true(x < EXCHANGES);
    e = &world.exchange[x];
    assert_int_equal(in->message.code, e->code);
    again = covey_option_get(&in->message, COVEY_OPTION_ECHO, &echo);
    assert_true(again || !e->refused);
    assert_int_equal(e->delivered[again]++, 0);
    e->told = 0;
    e->request = in->request;
    e->answer_at = world.now + (below(2) == 0 ? 0 : below(3000));
}

static void reply(unsigned x)
{
    struct exchange *e = &world.exchange[x];
    const covey_endpoint_reply how = { .type = below(2) == 0 ? COVEY_COAP_CON
                                                             : COVEY_COAP_NON,
                                       .watch = true,
                                       .user = x };
    const uint8_t payload[] = { (uint8_t)x, (uint8_t)++e->told };
    const bool more = e->observe && e->told < NOTIFICATIONS;
    uint8_t bytes[SIM_MTU];
    covey_writer out = covey_writer_of(bytes, sizeof bytes);
    covey_endpoint_sent sent;
    covey_draft d;

    covey_endpoint_reply_begin(&world.server.endpoint, &d, &e->request,
                               CONTENT, &out);
    if (more) {
        covey_coap_put_uint(&d.composer, COVEY_OPTION_OBSERVE, e->told);
    }
    covey_coap_put_payload(&d.composer,
                           covey_bytes_of(payload, sizeof payload));
    CHECK_STATUS(COVEY_OK,
                 covey_endpoint_reply_send(&world.server.endpoint, world.now,
                                           &d, &how, &sent));
    if (sent.now) {
        leave(true, &sent.path, covey_written(&out));
    }
    e->answer_at = more ? world.now + 1 + below(8000) : COVEY_NEVER;
}

static void on_server_event(const covey_endpoint_report *event)
{
    assert_true(event->what >= COVEY_ENDPOINT_REPLY_ACKNOWLEDGED);
    if (event->what == COVEY_ENDPOINT_REPLY_RESET) {
        world.exchange[event->user].answer_at = COVEY_NEVER;
    }
}

/* All is lost but what was stored. */
static void cut(uint64_t seed)
{
    world.cut_at = COVEY_NEVER;
    covey_oscore_drop(&world.server.context);
    stack_start(&world.server, &world.watch, "S", "C", ~seed, world.now);
    for (unsigned x = 0; x < EXCHANGES; x++) {
        world.exchange[x].answer_at = COVEY_NEVER;
    }
    restarted++;
}

/* --- the world ----------------------------------------------------------- */

static void drive(bool server)
{
    covey_endpoint *e =
        server ? &world.server.endpoint : &world.client.endpoint;
    covey_endpoint_report event;
    uint8_t bytes[SIM_MTU];
    covey_writer out = covey_writer_of(bytes, sizeof bytes);
    covey_path path;
    unsigned turns = 0;

    do {
        assert_true(++turns < 4);
        while (covey_endpoint_transmit(e, world.now, &path, &out)) {
            CHECK_STATUS(COVEY_OK, out.failed);
            leave(server, &path, covey_written(&out));
            out.pos = 0;
        }
        while (covey_endpoint_event(e, &event)) {
            if (server) {
                on_server_event(&event);
            } else {
                on_client_event(&event);
            }
        }
    } while (covey_endpoint_deadline(e) <= world.now);
}

static void arrive(const sim_packet *p)
{
    const bool server = covey_address_equal(&p->to, &world.address[1]);
    covey_endpoint_in in;
    covey_status st = covey_endpoint_receive(
        server ? &world.server.endpoint : &world.client.endpoint, world.now,
        &p->path, covey_bytes_of(p->bytes, p->len), &in);

    if (in.kind != COVEY_ENDPOINT_NOTHING) {
        CHECK_STATUS(COVEY_OK, st);
        assert_int_equal(in.kind == COVEY_ENDPOINT_RESPONSE, !server);
        if (server && is_fresh(&in)) {
            on_request(&in);
            /* Some at once, with the request's own nonce. */
            if (world.exchange[in.message.payload.ptr[0]].answer_at ==
                world.now) {
                reply(in.message.payload.ptr[0]);
            }
        } else if (!server) {
            on_response(&in);
        }
    }
    drive(server);
}

static covey_ms next_time(void)
{
    covey_ms next = covey_earlier(sim_next(&world.net), world.cut_at);

    next =
        covey_earlier(next, covey_endpoint_deadline(&world.client.endpoint));
    next =
        covey_earlier(next, covey_endpoint_deadline(&world.server.endpoint));
    for (unsigned x = 0; x < EXCHANGES; x++) {
        const struct exchange *e = &world.exchange[x];
        next = covey_earlier(next, e->sent ? e->answer_at : e->start);
    }
    return next;
}

static void step(uint64_t seed)
{
    const sim_packet *p;

    if (world.cut_at <= world.now) {
        cut(seed);
    }
    for (unsigned x = 0; x < EXCHANGES; x++) {
        if (!world.exchange[x].sent && world.exchange[x].start <= world.now) {
            start(x);
        }
        if (world.exchange[x].answer_at <= world.now) {
            reply(x);
        }
    }
    while ((p = sim_arrive(&world.net, world.now)) != NULL) {
        arrive(p);
    }
    drive(false);
    drive(true);
}

static void build(uint64_t seed)
{
    sim_weather weather;

    memset(&world, 0, sizeof world);
    world.random.state = 2 * seed + 1;
    weather.loss = below(100);
    weather.copies = below(80);
    weather.delay = below(200);
    weather.jitter = below(3000);
    sim_init(&world.net, &weather, seed);
    watch_open(&world.watch, &covey_toy, seed);
    world.address[0] = sim_join(&world.net, 1);
    world.address[1] = sim_join(&world.net, 2);
    world.server.ahead = seed % 8 == 3 ? 4096 : 16;
    stack_start(&world.client, &world.watch, "C", "S", seed, 0);
    stack_start(&world.server, &world.watch, "S", "C", seed + 1, 0);
    world.cut_at = seed % 4 == 3 ? below(30000) : COVEY_NEVER;
    for (unsigned x = 0; x < EXCHANGES; x++) {
        struct exchange *e = &world.exchange[x];
        e->start = below(40000);
        e->type = below(2) == 0 ? COVEY_COAP_CON : COVEY_COAP_NON;
        e->observe = below(3) == 0;
        e->cancel = below(2) == 0;
        e->code = e->observe ? 5 : (uint8_t)(1 + below(5)); /* FETCH */
        e->answer_at = COVEY_NEVER;
    }
}

static void run(uint64_t seed)
{
    covey_ms next;
    unsigned steps = 0;

    build(seed);
    while ((next = next_time()) != COVEY_NEVER) {
        assert_true(++steps < STEPS_MAX);
        assert_true(next >= world.now);
        world.now = next;
        step(seed);
    }
    give_up();
    drive(false);
    world.now += 300000; /* what was muted, what was stored */
    step(seed);
    for (unsigned x = 0; x < EXCHANGES; x++) {
        assert_int_equal(world.exchange[x].ended, 1);
    }
    stack_is_empty(&world.client);
    stack_is_empty(&world.server);
    covey_oscore_drop(&world.client.context);
    covey_oscore_drop(&world.server.context);
}

static void every_exchange_ends_and_nothing_comes_twice(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        run(seed);
    }
    /* The weather let enough through, and not too much. */
    assert_true(answered > SEEDS * EXCHANGES / 2);
    assert_true(timed_out > SEEDS / 10);
    assert_true(restarted >= SEEDS / 5);
    assert_true(challenged > restarted / 4 && recovered > restarted / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_exchange_ends_and_nothing_comes_twice),
    };

    return KIT_RUN(tests);
}
