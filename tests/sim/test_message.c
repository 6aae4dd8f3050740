/* SPDX-License-Identifier: BSD-2-Clause */
/* A client and two servers on a network that loses, doubles, delays and so
 * reorders datagrams, ten thousand times with another seed: every exchange
 * ends, and only once; nothing is delivered twice, but for safe requests that
 * say so; all rows and chunks come back. message_node.c looks at every
 * datagram. The servers do with requests whatever servers may do. */
#include "message_node.h"

enum {
    SERVERS = 2,
    EXCHANGES = 10,
    NEVER_ENDS = 2000000, /* ms: ten exchanges, one after the other */
    GROUP = SERVERS       /* as the destination of an exchange */
};

enum behaviour {
    AT_ONCE,
    ACKNOWLEDGED_THEN_LATE,
    LATE, /* before or after the acknowledgement comes by itself */
    REJECTED,
    ACKNOWLEDGED_ONLY,
    NEVER,
    BEHAVIOURS
};

/* One exchange as a server sees it. */
struct served {
    unsigned delivered;
    covey_ms reply_at; /* COVEY_NEVER: not pending */
    covey_path path;
    covey_message_ref to;
    enum behaviour behaviour;
    uint32_t delay;
    bool replied;
    bool con;       /* the reply is a Confirmable message of its own */
    unsigned ended; /* of that message */
};

struct exchange {
    covey_ms start;
    covey_coap_type type;
    uint8_t code;
    unsigned to; /* a server, or GROUP */
    covey_message_ref ref;
    bool sent;
    bool refused; /* no room */
    unsigned ended;
    unsigned answers[SERVERS];
    struct served served[SERVERS];
};

struct world {
    sim_net net;
    node node[1 + SERVERS]; /* the client is the first */
    struct exchange exchange[EXCHANGES];
    kit_random random;
    covey_ms now;
    bool ample; /* tables hold whatever comes */
    unsigned answered;
    unsigned timed_out;
    unsigned repeated; /* safe requests delivered again */
};

static struct world world;

static uint32_t below(uint32_t n)
{
    return kit_next(&world.random) % n;
}

/* --- messages ----------------------------------------------------------- */

/* Header, a token that names the exchange, a payload that depends on it. */
static covey_writer compose(uint8_t *bytes, uint8_t code, unsigned x)
{
    covey_writer w = covey_writer_of(bytes, SIM_MTU);

    covey_write_u8(&w, 0x41);
    covey_write_u8(&w, code);
    covey_write_u16(&w, 0);
    covey_write_u8(&w, (uint8_t)x);
    covey_write_u8(&w, 0xff);
    for (unsigned i = 0; i <= x * 17 % 150; i++) {
        covey_write_u8(&w, (uint8_t)(x * 7 + i));
    }
    return w;
}

static bool send(unsigned from, const covey_message_letter *letter,
                 uint8_t code, unsigned x, covey_message_ref *ref)
{
    node *n = &world.node[from];
    uint8_t bytes[SIM_MTU];
    covey_writer w = compose(bytes, code, x);
    covey_message_sent sent;
    covey_status st =
        covey_message_send(&n->layer, world.now, letter, &w, &sent);

    if (st != COVEY_OK) {
        CHECK_STATUS(COVEY_E_ROOM, st);
        assert_false(world.ample);
        return false;
    }
    *ref = sent.ref;
    if (sent.now) {
        node_send(n, &world.net, world.now, &letter->path, covey_written(&w));
    }
    return true;
}

/* --- servers ------------------------------------------------------------ */

static void reply(unsigned server, unsigned x)
{
    struct exchange *e = &world.exchange[x];
    struct served *s = &e->served[server];
    covey_message_letter letter = {
        .path = covey_message_back(&s->path),
        .answers = s->to,
        .type = s->con ? COVEY_COAP_CON : COVEY_COAP_NON,
        .delay = s->delay,
        .user = x,
        .watch = true,
    };
    covey_message_ref ref = { 0, 0 };

    s->reply_at = COVEY_NEVER;
    if (!send(1 + server, &letter, 0x45, x, &ref)) {
        return;
    }
    s->replied = true;
    s->con = s->con && ref.serial != 0;
}

static void on_request(unsigned server, const covey_path *path,
                       const covey_message_in *in)
{
    unsigned x = in->message.token.ptr[0];
    struct exchange *e = &world.exchange[x];
    struct served *s = &e->served[server];
    node *n = &world.node[1 + server];

    assert_int_equal(in->message.code, e->code);
    if (in->duplicate) {
        assert_int_equal(e->code, 1);
        assert_int_equal(e->type, COVEY_COAP_CON);
        assert_true(s->replied || !world.ample);
        world.repeated++;
    } else if (world.ample) {
        assert_int_equal(s->delivered, 0);
    }
    s->delivered++;
    s->path = *path;
    s->to = in->ref;
    switch (in->duplicate ? AT_ONCE : s->behaviour) {
    case ACKNOWLEDGED_THEN_LATE:
        covey_message_acknowledge(&n->layer, in->ref);
        s->reply_at = world.now + below(4000);
        break;
    case LATE:
        s->reply_at = world.now + below(1500);
        break;
    case REJECTED:
        covey_message_reject(&n->layer, in->ref);
        break;
    case ACKNOWLEDGED_ONLY:
        covey_message_acknowledge(&n->layer, in->ref);
        break;
    case NEVER:
        break;
    case AT_ONCE:
    case BEHAVIOURS:
        s->delay = path->group ? below(5000) : 0;
        reply(server, x);
        break;
    }
}

/* --- the client --------------------------------------------------------- */

static void start(struct exchange *e)
{
    covey_message_letter letter = { .type = e->type,
                                    .user = (uint64_t)(e - world.exchange) };
    const covey_address group = { .ip = { 224, 0, 1, 187 },
                                  .port = 5683,
                                  .family = COVEY_FAMILY_IPV4 };

    letter.path.group = e->to == GROUP;
    letter.path.peer =
        letter.path.group ? group : world.node[1 + e->to].address;
    e->sent = true;
    e->refused = !send(0, &letter, e->code, (unsigned)letter.user, &e->ref);
}

static unsigned server_of(const covey_path *path)
{
    for (unsigned i = 0; i < SERVERS; i++) {
        if (covey_address_equal(&path->peer, &world.node[1 + i].address)) {
            return i;
        }
    }
    fail();
    return 0;
}

static void on_response(const covey_path *path, const covey_message_in *in)
{
    unsigned x = in->message.token.ptr[0];
    struct exchange *e = &world.exchange[x];
    unsigned server = server_of(path);
    covey_message_layer *l = &world.node[0].layer;

    assert_true(e->sent);
    assert_true(e->served[server].replied);
    if (in->piggybacked) {
        assert_int_equal(in->user, x);
        assert_int_equal(e->type, COVEY_COAP_CON);
        covey_message_cancel(l, in->ref);
        e->ended++;
    } else if (e->type == COVEY_COAP_CON && e->ended == 0) {
        covey_message_cancel(l, e->ref);
        e->ended++;
    } else {
        covey_message_cancel(l, e->ref);
        if (e->answers[server] == 0 && below(8) == 0) {
            covey_message_reject(l, in->ref); /* not wanted any more */
        }
    }
    e->answers[server]++;
    world.answered++;
    if (world.ample) {
        assert_int_equal(e->answers[server], 1);
    }
}

/* --- the world ---------------------------------------------------------- */

static void deliver(unsigned to, const sim_packet *p)
{
    node *n = &world.node[to];
    covey_message_in in;

    CHECK_STATUS(COVEY_OK,
                 covey_message_receive(&n->layer, world.now, &p->path,
                                       covey_bytes_of(p->bytes, p->len), &in));
    if (in.kind == COVEY_MESSAGE_REQUEST) {
        assert_true(to > 0);
        on_request(to - 1, &p->path, &in);
    } else if (in.kind == COVEY_MESSAGE_RESPONSE) {
        assert_int_equal(to, 0);
        on_response(&p->path, &in);
    }
}

static void hear(unsigned who)
{
    covey_message_report r;

    while (covey_message_event(&world.node[who].layer, &r)) {
        struct exchange *e = &world.exchange[r.user];
        world.timed_out += r.outcome == COVEY_MESSAGE_TIMED_OUT;
        if (who > 0) {
            e->served[who - 1].ended++;
            continue;
        }
        e->ended++;
        assert_true(r.outcome == COVEY_MESSAGE_RESET ||
                    e->type == COVEY_COAP_CON);
        /* A response may still come. */
    }
}

static covey_ms next_step(void)
{
    covey_ms next = sim_next(&world.net);

    for (unsigned i = 0; i <= SERVERS; i++) {
        next =
            covey_earlier(next, covey_message_deadline(&world.node[i].layer));
    }
    for (unsigned x = 0; x < EXCHANGES; x++) {
        const struct exchange *e = &world.exchange[x];
        if (!e->sent) {
            next = covey_earlier(next, e->start);
        }
        for (unsigned i = 0; i < SERVERS; i++) {
            next = covey_earlier(next, e->served[i].reply_at);
        }
    }
    return next;
}

static void act(void)
{
    for (unsigned x = 0; x < EXCHANGES; x++) {
        struct exchange *e = &world.exchange[x];
        if (!e->sent && e->start <= world.now) {
            start(e);
        }
        for (unsigned i = 0; i < SERVERS; i++) {
            if (e->served[i].reply_at <= world.now) {
                reply(i, x);
            }
        }
    }
}

static void step(covey_ms now)
{
    const sim_packet *p;

    world.now = now;
    while ((p = sim_arrive(&world.net, now)) != NULL) {
        for (unsigned i = 0; i <= SERVERS; i++) {
            if (covey_address_equal(&p->to, &world.node[i].address)) {
                deliver(i, p);
                node_transmit(&world.node[i], &world.net, now);
                hear(i);
                break;
            }
        }
    }
    act();
    for (unsigned i = 0; i <= SERVERS; i++) {
        node_transmit(&world.node[i], &world.net, now);
        hear(i);
    }
}

static void draw_exchange(struct exchange *e)
{
    static const uint8_t codes[] = { 1, 1, 2, 3 };

    memset(e, 0, sizeof *e);
    e->start = below(20000);
    e->type = below(3) ? COVEY_COAP_CON : COVEY_COAP_NON;
    e->code = codes[below(COUNT_OF(codes))];
    e->to = below(SERVERS + 1);
    if (e->to == GROUP) {
        e->type = COVEY_COAP_NON;
    }
    for (unsigned i = 0; i < SERVERS; i++) {
        e->served[i].reply_at = COVEY_NEVER;
        e->served[i].behaviour = (enum behaviour)below(BEHAVIOURS);
        if (below(2)) {
            e->served[i].behaviour = AT_ONCE;
        }
        e->served[i].con = below(2) != 0;
    }
}

static void create(uint64_t seed, const sim_weather *weather,
                   const node_size *size)
{
    covey_message_parameters p = covey_message_defaults();

    world.random.state = seed * 2654435761u + 1;
    world.now = 0;
    p.nstart = 1 + below(4);
    p.probing_rate = 1 + below(200);
    sim_init(&world.net, weather, seed);
    for (unsigned i = 0; i <= SERVERS; i++) {
        covey_address a = sim_join(&world.net, (uint8_t)(1 + i));
        node_start(&world.node[i], size, &p, &a, seed * 3 + i);
        world.node[i].late = seed % 3 == 0 ? 30 : 0;
    }
    for (unsigned x = 0; x < EXCHANGES; x++) {
        draw_exchange(&world.exchange[x]);
    }
}

static void check_nodes(void)
{
    for (unsigned i = 0; i <= SERVERS; i++) {
        const char *fault = sim_message_fault(&world.node[i].layer);
        if (fault != NULL) {
            fail_msg("node %u: %s", i, fault);
        }
    }
}

static void run(bool look)
{
    for (;;) {
        covey_ms next = next_step();
        if (next == COVEY_NEVER) {
            break;
        }
        assert_true(next < NEVER_ENDS);
        next = next > world.now ? next : world.now;
        step(next + below((uint32_t)world.node[0].late + 1));
        if (look) {
            check_nodes();
        }
    }
}

static void check_end(void)
{
    for (unsigned x = 0; x < EXCHANGES; x++) {
        const struct exchange *e = &world.exchange[x];
        assert_true(e->sent);
        if (!e->refused) {
            assert_true(e->ended <= 1);
            assert_true(e->ended == 1 || e->type == COVEY_COAP_NON);
        }
        for (unsigned i = 0; i < SERVERS && world.ample; i++) {
            assert_true(e->served[i].ended <= 1);
            assert_true(!e->served[i].con || !e->served[i].replied ||
                        e->served[i].ended == 1);
        }
    }
    for (unsigned i = 0; i <= SERVERS; i++) {
        node_is_quiet(&world.node[i]);
        node_forgets(&world.node[i], world.now);
    }
}

static void simulate(uint64_t seed, const sim_weather *weather,
                     const node_size *size)
{
    world.ample = size->seen == NODE_SEEN;
    create(seed, weather, size);
    run(seed % 100 == 0);
    check_end();
}

static const node_size ample = { NODE_SEEN, NODE_PEERS, NODE_OUT,
                                 NODE_CHUNKS };

static void every_exchange_ends_in_any_weather(void **state)
{
    unsigned copied = 0;
    unsigned lost = 0;

    (void)state;
    world.answered = world.timed_out = world.repeated = 0;
    for (uint64_t seed = 0; seed < 10000; seed++) {
        const sim_weather weather = {
            .loss = (uint32_t)(seed % 5) * 40,
            .copies = (uint32_t)(seed % 3) * 50,
            .delay = (uint32_t)(seed % 7) * 20,
            .jitter = (uint32_t)(seed % 11) * 300,
        };
        simulate(seed, &weather, &ample);
        copied += world.net.copied;
        lost += world.net.lost;
    }
    print_message("%u responses, %u lost datagrams, %u doubled, %u safe "
                  "requests again, %u timed out\n",
                  world.answered, lost, copied, world.repeated,
                  world.timed_out);
    /* None of it must become rare unnoticed. */
    assert_true(world.answered > 30000);
    assert_true(world.repeated > 5000);
    assert_true(world.timed_out > 1000);
}

/* Every request that is answered gets its response. */
static void in_good_weather_all_is_answered(void **state)
{
    const sim_weather fine = { .delay = 10, .jitter = 300 };

    (void)state;
    for (uint64_t seed = 0; seed < 500; seed++) {
        simulate(seed, &fine, &ample);
        for (unsigned x = 0; x < EXCHANGES; x++) {
            const struct exchange *e = &world.exchange[x];
            for (unsigned i = 0; i < SERVERS; i++) {
                bool asked = e->to == i || e->to == GROUP;
                assert_int_equal(e->served[i].delivered, asked);
                assert_int_equal(e->answers[i], e->served[i].replied);
                assert_int_equal(e->served[i].replied,
                                 asked && e->served[i].behaviour <= LATE);
            }
        }
        for (unsigned i = 0; i <= SERVERS; i++) {
            assert_int_equal(world.node[i].layer.counters.retransmissions, 0);
        }
    }
}

static void small_tables_lose_but_do_not_leak(void **state)
{
    static const node_size sizes[] = {
        { 1, 1, 1, 1 }, { 2, 2, 2, 3 }, { 3, 2, 4, 8 }, { 8, 3, 2, 4 }
    };
    const sim_weather weather = { 40, 40, 20, 2000 };

    (void)state;
    for (uint64_t seed = 0; seed < 2000; seed++) {
        simulate(seed, &weather, &sizes[seed % COUNT_OF(sizes)]);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_exchange_ends_in_any_weather),
        cmocka_unit_test(in_good_weather_all_is_answered),
        cmocka_unit_test(small_tables_lose_but_do_not_leak),
    };
    return KIT_RUN(tests);
}
