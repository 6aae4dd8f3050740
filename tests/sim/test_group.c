/* SPDX-License-Identifier: BSD-2-Clause */
/* One member asks, four answer, on a network that loses, doubles, delays and
 * so reorders datagrams, four thousand times with another seed (as often as
 * COVEY_SIM_SEEDS says). In every second run one member has joined late and
 * wants an Echo first; in every third another one loses its power in the
 * middle. Every exchange ends, once; no member acts twice upon a request, no
 * answer is delivered twice, each is the one of its member; no nonce is used
 * twice, whatever survives; in the end all tables are empty. */
#include "clan.h"

#include "net.h"

#include <stdlib.h>

enum {
    SEEDS = 4000,
    PLANNED = 6,
    EXCHANGES = 40, /* with those that bring back an Echo value */
    ANSWERS = 2,    /* of each member to each request */
    LATE = 1,       /* the member that has joined late */
    WEAK = 2,       /* the one that loses its power */
    STEPS_MAX = 20000,
    CONTENT = 0x45,
    UNAUTHORIZED = 0x81
};

struct exchange {
    covey_ms start;
    unsigned to; /* the member; 0: all */
    bool echo;
    bool sent;
    unsigned ended;
    unsigned answers;
    struct {
        unsigned delivered; /* at the member */
        unsigned told;
        unsigned seen;      /* which of its answers, a bit each */
        covey_ms answer_at; /* COVEY_NEVER: not now */
        covey_endpoint_request request;
    } at[CLAN_MAX];
};

static struct world {
    sim_net net;
    clan clan;
    covey_address address[CLAN_MAX];
    kit_random random;
    covey_ms now;
    covey_ms cut_at; /* power; COVEY_NEVER */
    struct exchange exchange[EXCHANGES];
    unsigned count;
} world;

static unsigned answered;
static unsigned silent;
static unsigned challenged;
static unsigned recovered;
static unsigned restarted;

static uint32_t below(uint32_t n)
{
    return kit_next(&world.random) % n;
}

static covey_endpoint *endpoint(unsigned who)
{
    return &world.clan.member[who].stack.endpoint;
}

static void leave(unsigned who, const covey_path *path, covey_bytes datagram)
{
    sim_send(&world.net, world.now, &world.address[who], path, datagram);
}

/* --- who asks ------------------------------------------------------------ */

static struct exchange *plan(covey_ms start, unsigned to)
{
    struct exchange *e = &world.exchange[world.count++];

    assert_true(world.count <= EXCHANGES);
    e->start = start;
    e->to = to;
    for (unsigned i = 0; i < CLAN_MAX; i++) {
        e->at[i].answer_at = COVEY_NEVER;
    }
    return e;
}

static void start(unsigned x)
{
    struct exchange *e = &world.exchange[x];
    clan_member *m = &world.clan.member[0];
    covey_endpoint_call call = {
        .path = { .peer = world.address[e->to] },
        .type = COVEY_COAP_NON,
        .code = 5, /* FETCH */
        .protector = &m->protector.protector,
        .context = &m->group,
        .patience = 15000,
        .server_limit = ANSWERS,
        .user = x,
    };
    const uint8_t payload = (uint8_t)x;
    uint8_t bytes[SIM_MTU];
    covey_writer out = covey_writer_of(bytes, sizeof bytes);
    covey_endpoint_sent sent;
    covey_draft d;
    covey_status st;

    if (e->to == 0) {
        call.path.peer.ip[0] = 224;
        call.path.group = true;
    } else {
        call.to = clan_id(&world.clan.member[e->to]);
    }
    covey_endpoint_request_begin(&m->stack.endpoint, &d, &call, &out);
    if (e->echo) {
        covey_coap_put_option(&d.composer, COVEY_OPTION_ECHO, SPAN("fresh"));
    }
    covey_coap_put_payload(&d.composer, covey_bytes_of(&payload, 1));
    st = covey_endpoint_request_send(&m->stack.endpoint, world.now, &d, &call,
                                     &sent);
    if (st == COVEY_E_ROOM) { /* so many at a time */
        e->start = world.now + 1000;
        return;
    }
    CHECK_STATUS(COVEY_OK, st);
    e->sent = true;
    if (sent.now) {
        leave(0, &sent.path, covey_written(&out));
    }
}

static void on_response(const covey_endpoint_in *in)
{
    struct exchange *e = &world.exchange[in->user];
    const covey_bytes payload = in->message.payload;
    const unsigned who = in->opened.sender.ptr[0] - 1u;
    const bool pairwise =
        e->to != 0 ||
        world.clan.member[who].protector.reply == COVEY_GROUP_REPLY_PAIRWISE;

    assert_int_equal(in->opened.kind,
                     pairwise ? COVEY_REPLY_PAIRWISE : COVEY_REPLY_GROUP_MODE);
    assert_int_equal(payload.len, 3);
    assert_int_equal(payload.ptr[0], in->user);
    assert_int_equal(payload.ptr[1], who);
    assert_int_equal(e->at[who].seen >> payload.ptr[2] & 1u, 0);
    assert_int_equal(e->ended, 0);
    e->at[who].seen |= 1u << payload.ptr[2];
    e->answers++;
    if (in->message.code == UNAUTHORIZED && !e->echo) {
        plan(world.now + 1 + below(100), who)->echo = true;
    }
}

static void on_event(const covey_endpoint_report *event)
{
    struct exchange *e = &world.exchange[event->user];

    assert_true(event->what < COVEY_ENDPOINT_REPLY_ACKNOWLEDGED);
    assert_true(e->sent);
    assert_int_equal(++e->ended, 1);
    assert_int_equal(event->responses, e->answers);
    if (e->answers > 0) {
        answered++;
    } else {
        silent++;
    }
}

/* --- who answers --------------------------------------------------------- */

static void reply(unsigned who, unsigned x, uint8_t code)
{
    struct exchange *e = &world.exchange[x];
    const uint8_t payload[] = { (uint8_t)x, (uint8_t)who,
                                (uint8_t)e->at[who].told++ };
    uint8_t bytes[SIM_MTU];
    covey_writer out = covey_writer_of(bytes, sizeof bytes);
    covey_endpoint_sent sent;
    covey_draft d;

    e->at[who].request.terms.always = true;
    covey_endpoint_reply_begin(endpoint(who), &d, &e->at[who].request, code,
                               &out);
    if (code == UNAUTHORIZED) {
        covey_coap_put_option(&d.composer, COVEY_OPTION_ECHO, SPAN("fresh"));
    }
    covey_coap_put_payload(&d.composer,
                           covey_bytes_of(payload, sizeof payload));
    CHECK_STATUS(COVEY_OK, covey_endpoint_reply_send(endpoint(who), world.now,
                                                     &d, NULL, &sent));
    if (sent.now) {
        leave(who, &sent.path, covey_written(&out));
    }
    e->at[who].answer_at = code == CONTENT && e->to == 0 &&
                                   e->at[who].told < ANSWERS && below(2) == 0
                               ? world.now + 1 + below(4000)
                               : COVEY_NEVER;
}

static void on_request(unsigned who, covey_endpoint_in *in)
{
    const unsigned x = in->message.payload.ptr[0];
    struct exchange *e = &world.exchange[x];
    covey_bytes echo;

    assert_int_equal(in->message.payload.len, 1);
    assert_true(x < world.count);
    assert_int_equal(in->opened.sender.ptr[0], 1);
    assert_false(in->opened.suspicious);
    if (in->kind == COVEY_ENDPOINT_CHALLENGE &&
        covey_option_get(&in->message, COVEY_OPTION_ECHO, &echo)) {
        CHECK_SPAN(SPAN("fresh"), echo);
        if (covey_endpoint_recover(endpoint(who), world.now, in) != COVEY_OK) {
            return;
        }
        recovered++;
    }
    e->at[who].request = in->request;
    if (in->kind == COVEY_ENDPOINT_CHALLENGE) {
        challenged++;
        reply(who, x, UNAUTHORIZED);
        return;
    }
    assert_int_equal(e->at[who].delivered++, 0);
    reply(who, x, CONTENT);
}

/* All is lost but what was stored. */
static void cut(uint64_t seed)
{
    world.cut_at = COVEY_NEVER;
    clan_stop(&world.clan, WEAK);
    clan_start(&world.clan, WEAK, ~seed, world.now);
    for (unsigned x = 0; x < world.count; x++) {
        world.exchange[x].at[WEAK].answer_at = COVEY_NEVER;
    }
    restarted++;
}

/* --- the world ----------------------------------------------------------- */

static void drive(unsigned who)
{
    covey_endpoint *e = endpoint(who);
    covey_endpoint_report event;
    uint8_t bytes[SIM_MTU];
    covey_writer out = covey_writer_of(bytes, sizeof bytes);
    covey_path path;
    unsigned turns = 0;

    do {
        assert_true(++turns < 4);
        while (covey_endpoint_transmit(e, world.now, &path, &out)) {
            CHECK_STATUS(COVEY_OK, out.failed);
            leave(who, &path, covey_written(&out));
            out.pos = 0;
        }
        while (covey_endpoint_event(e, &event)) {
            assert_int_equal(who, 0);
            on_event(&event);
        }
    } while (covey_endpoint_deadline(e) <= world.now);
}

static void arrive(const sim_packet *p)
{
    const unsigned who = p->to.ip[3] - 1u;
    covey_endpoint_in in;
    covey_status st =
        covey_endpoint_receive(endpoint(who), world.now, &p->path,
                               covey_bytes_of(p->bytes, p->len), &in);

    if (in.kind == COVEY_ENDPOINT_RESPONSE) {
        CHECK_STATUS(COVEY_OK, st);
        on_response(&in);
    } else if (in.kind != COVEY_ENDPOINT_NOTHING) {
        CHECK_STATUS(COVEY_OK, st);
        on_request(who, &in);
    }
    drive(who);
}

static covey_ms next_time(void)
{
    covey_ms next = covey_earlier(sim_next(&world.net), world.cut_at);

    for (unsigned i = 0; i < CLAN_MAX; i++) {
        next = covey_earlier(next, covey_endpoint_deadline(endpoint(i)));
    }
    for (unsigned x = 0; x < world.count; x++) {
        const struct exchange *e = &world.exchange[x];
        next = e->sent ? next : covey_earlier(next, e->start);
        for (unsigned i = 0; i < CLAN_MAX; i++) {
            next = covey_earlier(next, e->at[i].answer_at);
        }
    }
    return next;
}

static void step(uint64_t seed)
{
    const sim_packet *p;

    if (world.cut_at <= world.now) {
        cut(seed);
    }
    for (unsigned x = 0; x < world.count; x++) {
        if (!world.exchange[x].sent && world.exchange[x].start <= world.now) {
            start(x);
        }
        for (unsigned i = 1; i < CLAN_MAX; i++) {
            if (world.exchange[x].at[i].answer_at <= world.now) {
                reply(i, x, CONTENT);
            }
        }
    }
    while ((p = sim_arrive(&world.net, world.now)) != NULL) {
        arrive(p);
    }
    for (unsigned i = 0; i < CLAN_MAX; i++) {
        drive(i);
    }
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
    clan_open(&world.clan, CLAN_MAX, seed);
    world.clan.member[LATE].windows_invalid = seed % 2 == 1;
    for (unsigned i = 0; i < CLAN_MAX; i++) {
        world.address[i] = sim_join(&world.net, (uint8_t)(i + 1));
        world.clan.member[i].protector.reply =
            i % 2 == 0 ? COVEY_GROUP_REPLY_AS_ASKED
                       : COVEY_GROUP_REPLY_PAIRWISE;
        clan_start(&world.clan, i, seed * CLAN_MAX + i, 0);
    }
    world.cut_at = seed % 3 == 2 ? below(30000) : COVEY_NEVER;
    for (unsigned x = 0; x < PLANNED; x++) {
        (void)plan(below(40000), below(3) == 0 ? 1 + below(CLAN_MAX - 1) : 0);
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
    world.now += 300000; /* what was stored */
    step(seed);
    for (unsigned x = 0; x < world.count; x++) {
        assert_int_equal(world.exchange[x].ended, 1);
    }
    for (unsigned i = 0; i < CLAN_MAX; i++) {
        stack_is_empty(&world.clan.member[i].stack);
        assert_true(clan_is_idle(&world.clan.member[i]));
        clan_stop(&world.clan, i);
    }
    assert_int_equal(world.clan.script.live, CLAN_MAX); /* private keys */
}

static void every_exchange_ends_and_nothing_comes_twice(void **state)
{
    const char *more = getenv("COVEY_SIM_SEEDS");
    const uint64_t seeds = more != NULL ? strtoull(more, NULL, 10) : SEEDS;

    (void)state;
    for (uint64_t seed = 0; seed < seeds; seed++) {
        run(seed);
    }
    /* The weather let enough through, and not too much. */
    assert_true(answered > seeds * PLANNED / 2);
    assert_true(silent > seeds / 100);
    assert_true(challenged > seeds / 4);
    assert_true(recovered > seeds / 8);
    assert_true(restarted >= seeds / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_exchange_ends_and_nothing_comes_twice),
    };

    return KIT_RUN(tests);
}
