/* SPDX-License-Identifier: BSD-2-Clause */
/* Clients, a proxy of a group and its servers on a network that loses,
 * doubles, delays and so reorders datagrams, two thousand times with another
 * seed. The proxy is core/proxy between two endpoints, as covey-proxy has it.
 * A client gets only answers to what it asked, each once, each with the origin
 * that it has, none that came to the proxy after T' unless something is
 * observed; a server hears a request once; every request ends, once; in the
 * end all tables are empty, and all tokens and all memory are there again. */
#include "stack.h"

#include "net.h"

#include <covey/proxy.h>
#include <crypto/scripted/scripted.h>

enum {
    SEEDS = 2000,
    CLIENTS = 2,
    SERVERS = 3,
    REQUESTS = 6,
    NOTIFICATIONS = 3,
    STEPS_MAX = 20000,
    MARGIN = 20000, /* ms: the network may be slow */
    END = 60000,    /* then clients lose their interest */
    GET = 0x01,
    CONTENT = 0x45,
    PORT = 5683
};

/* Nodes in the order in which they join. */
enum {
    NEAR,
    FAR,
    FIRST_CLIENT,
    FIRST_SERVER = FIRST_CLIENT + CLIENTS,
    NODES = FIRST_SERVER + SERVERS
};

struct request {
    covey_ms start;
    covey_coap_type type;
    unsigned client;
    unsigned server; /* SERVERS: the group */
    bool observe;
    uint32_t wait; /* T', s */
    bool sent;
    bool told; /* a notification has passed the proxy */
    unsigned ended;
    covey_ms until; /* at the proxy, of a group */
    uint32_t seen[SERVERS];
    /* At each server. */
    struct {
        unsigned heard;
        unsigned answers;
        covey_ms answer_at; /* COVEY_NEVER: not now */
        covey_endpoint_request request;
    } at[SERVERS];
};

static struct world {
    sim_net net;
    watch watch;
    stack node[NODES];
    covey_address address[NODES];
    covey_address group;
    kit_random random;
    covey_ms now;
    struct request request[REQUESTS];
    covey_proxy proxy;
    covey_proxy_row rows[REQUESTS];
    covey_proxy_client clients[1];
    covey_endpoint_kept kept[REQUESTS];
    bool over;
} world;

static unsigned delivered;
static unsigned observed;
static unsigned late;

static uint32_t below(uint32_t n)
{
    return kit_next(&world.random) % n;
}

static void leave(unsigned node, const covey_path *path, const covey_writer *w)
{
    sim_send(&world.net, world.now, &world.address[node], path,
             covey_written(w));
}

/* --- clients ------------------------------------------------------------- */

static void put_uri(covey_coap_composer *c, const covey_address *to)
{
    const covey_proxy_origin origin = { COVEY_SCHEME_COAP, *to };
    uint8_t uri[COVEY_PROXY_ORIGIN_MAX];
    covey_writer w = covey_writer_of(uri, sizeof uri);

    covey_proxy_origin_put_uri(&w, &origin, PORT);
    covey_coap_put_option(c, COVEY_OPTION_PROXY_URI, covey_written(&w));
}

static void start(unsigned x)
{
    struct request *r = &world.request[x];
    const unsigned node = FIRST_CLIENT + r->client;
    const bool group = r->server == SERVERS;
    const covey_endpoint_call call = {
        .path = { .peer = world.address[NEAR] },
        .type = r->type,
        .code = GET,
        .patience = r->wait * 1000 + MARGIN,
        .many = group,
        .user = x,
    };
    uint8_t bytes[SIM_MTU];
    const uint8_t payload = (uint8_t)x;
    covey_writer out = covey_writer_of(bytes, sizeof bytes);
    covey_endpoint_sent sent;
    covey_draft d;

    covey_endpoint_request_begin(&world.node[node].endpoint, &d, &call, &out);
    if (group) {
        covey_coap_put_uint(&d.composer, COVEY_OPTION_MULTICAST_TIMEOUT,
                            r->wait);
    }
    if (r->observe) {
        covey_coap_put_uint(&d.composer, COVEY_OPTION_OBSERVE, 0);
    }
    put_uri(&d.composer,
            group ? &world.group : &world.address[FIRST_SERVER + r->server]);
    covey_coap_put_payload(&d.composer, covey_bytes_of(&payload, 1));
    CHECK_STATUS(COVEY_OK,
                 covey_endpoint_request_send(&world.node[node].endpoint,
                                             world.now, &d, &call, &sent));
    if (sent.now) {
        leave(node, &sent.path, &out);
    }
    r->sent = true;
}

static void on_answer(unsigned client, const covey_endpoint_in *in)
{
    struct request *r = &world.request[in->user];
    const covey_bytes payload = in->message.payload;
    covey_proxy_origin origin;
    unsigned server;

    if (in->message.code != CONTENT) {
        return; /* the proxy's own word */
    }
    assert_int_equal(payload.len, 3);
    server = payload.ptr[1];
    assert_int_equal(payload.ptr[0], in->user);
    assert_int_equal(r->client, client);
    assert_true(server < SERVERS);
    assert_int_equal(r->seen[server] >> payload.ptr[2] & 1u, 0);
    r->seen[server] |= 1u << payload.ptr[2];
    if (r->server == SERVERS) {
        assert_true(covey_proxy_origin_find(&origin, &in->message, PORT));
        assert_true(covey_address_equal(
            &origin.address, &world.address[FIRST_SERVER + server]));
    } else {
        assert_int_equal(server, r->server);
    }
    delivered++;
}

/* --- servers ------------------------------------------------------------- */

static void on_request(unsigned server, const covey_endpoint_in *in)
{
    covey_bytes value;
    unsigned x;
    struct request *r;

    assert_int_equal(in->message.payload.len, 1);
    x = in->message.payload.ptr[0];
    r = &world.request[x];
    assert_true(in->duplicate || r->at[server].heard++ == 0);
    assert_true(r->server == SERVERS || r->server == server);
    assert_false(
        covey_option_get(&in->message, COVEY_OPTION_PROXY_URI, &value));
    r->at[server].request = in->request;
    r->at[server].answer_at = world.now + below((r->wait + 2) * 1000);
}

static void answer(unsigned x, unsigned server)
{
    struct request *r = &world.request[x];
    const unsigned node = FIRST_SERVER + server;
    const covey_endpoint_reply how = { .type = COVEY_COAP_NON,
                                       .watch = true,
                                       .user = x };
    const uint8_t payload[] = { (uint8_t)x, (uint8_t)server,
                                (uint8_t)r->at[server].answers };
    const bool more =
        r->observe && ++r->at[server].answers < NOTIFICATIONS && !world.over;
    uint8_t bytes[SIM_MTU];
    covey_writer out = covey_writer_of(bytes, sizeof bytes);
    covey_endpoint_sent sent;
    covey_draft d;

    r->at[server].request.leisure = 0;
    covey_endpoint_reply_begin(&world.node[node].endpoint, &d,
                               &r->at[server].request, CONTENT, &out);
    if (more) {
        covey_coap_put_uint(&d.composer, COVEY_OPTION_OBSERVE,
                            r->at[server].answers);
    }
    covey_coap_put_payload(&d.composer,
                           covey_bytes_of(payload, sizeof payload));
    if (covey_endpoint_reply_send(&world.node[node].endpoint, world.now, &d,
                                  &how, &sent) == COVEY_OK &&
        sent.now) {
        leave(node, &sent.path, &out);
    }
    r->at[server].answer_at = more ? world.now + 1 + below(8000) : COVEY_NEVER;
}

/* --- the proxy ----------------------------------------------------------- */

static covey_proxy_ref ref_of(uint64_t user)
{
    return (covey_proxy_ref){ (uint32_t)user, (uint32_t)(user >> 32) };
}

static void end(covey_proxy_ref ref)
{
    covey_exchange_ref exchange;

    if (covey_proxy_exchange(&world.proxy, ref, &exchange)) {
        covey_proxy_close(&world.proxy, ref);
        covey_endpoint_cancel(&world.node[FAR].endpoint, exchange);
    }
}

static void send_on(const covey_endpoint_in *in, const covey_proxy_ask *ask,
                    const covey_proxy_target *target, covey_proxy_ref ref)
{
    const bool group = ask->group != NULL;
    const covey_endpoint_call call = {
        .path = { .peer = target->address, .group = group },
        .type = group ? COVEY_COAP_NON : (covey_coap_type)in->request.type,
        .code = in->message.code,
        .patience = group ? ask->wait.seconds * 1000 : 90000,
        .server_limit = UINT16_MAX,
        .user = (uint64_t)ref.serial << 32 | ref.row
    };
    const covey_proxy_onward how = { .target = target };
    uint8_t bytes[SIM_MTU];
    covey_writer out = covey_writer_of(bytes, sizeof bytes);
    covey_endpoint_sent sent;
    covey_draft d;

    covey_endpoint_request_begin(&world.node[FAR].endpoint, &d, &call, &out);
    covey_proxy_put_request(&d.composer, &in->message, &how);
    CHECK_STATUS(COVEY_OK,
                 covey_endpoint_request_send(&world.node[FAR].endpoint,
                                             world.now, &d, &call, &sent));
    if (sent.now) {
        leave(FAR, &sent.path, &out);
    }
    covey_proxy_bind(&world.proxy, ref, sent.exchange);
}

static void forward(const covey_endpoint_in *in)
{
    uint8_t host[COVEY_PROXY_HOST_MAX];
    covey_writer storage = covey_writer_of(host, sizeof host);
    struct request *r = &world.request[in->message.payload.ptr[0]];
    covey_proxy_ask ask = {
        .from = { .path = in->request.path,
                  .token = covey_bytes_of(in->request.token,
                                          in->request.token_len) },
    };
    covey_proxy_target target;
    covey_proxy_ref ref;
    covey_ms retry;

    if (in->duplicate || world.over) {
        covey_endpoint_acknowledge(&world.node[NEAR].endpoint, &in->request);
        return;
    }
    assert_int_equal(covey_proxy_screen_request(&in->message), 0);
    CHECK_STATUS(COVEY_OK,
                 covey_proxy_target_read(&target, &in->message, &storage));
    if (covey_address_is_group(&target.address)) {
        CHECK_STATUS(COVEY_OK, covey_proxy_wait_read(&in->message, &ask.wait));
        ask.group = &target.address;
        r->until = world.now + ask.wait.seconds * 1000;
        covey_endpoint_acknowledge(&world.node[NEAR].endpoint, &in->request);
    }
    assert_int_equal(
        covey_proxy_admit(&world.proxy, world.now, &ask, &ref, &retry),
        COVEY_PROXY_ADMITTED);
    covey_endpoint_keep(&world.kept[ref.row], &in->request);
    send_on(in, &ask, &target, ref);
}

static void homeward(const covey_path *path, const covey_endpoint_in *in)
{
    const covey_proxy_ref ref = ref_of(in->user);
    struct request *r = &world.request[in->message.payload.ptr[0]];
    const bool notified = covey_oscore_has_observe(&in->message);
    covey_proxy_homeward how = { .group_port = PORT,
                                 .origin = { COVEY_SCHEME_COAP, path->peer } };
    covey_endpoint_reply reply = { .watch = true, .user = in->user };
    covey_endpoint_request request;
    covey_proxy_from from;
    uint8_t bytes[SIM_MTU];
    covey_writer out = covey_writer_of(bytes, sizeof bytes);
    covey_endpoint_sent sent;
    covey_draft d;

    if (!covey_proxy_known(&world.proxy, ref, &how.profile) ||
        covey_proxy_answer(&world.proxy, world.now, ref, notified) !=
            COVEY_PROXY_FORWARD) {
        return;
    }
    assert_true(r->server != SERVERS || r->told || world.now < r->until);
    r->told |= notified;
    observed += notified;
    assert_true(covey_proxy_whose(&world.proxy, ref, &from));
    CHECK_STATUS(COVEY_OK,
                 covey_endpoint_recall(&request, &world.kept[ref.row],
                                       &from.path, from.token));
    reply.type = (covey_coap_type)request.type;
    covey_endpoint_reply_begin(&world.node[NEAR].endpoint, &d, &request,
                               in->message.code, &out);
    covey_proxy_put_response(&d.composer, &in->message, &how);
    if (covey_endpoint_reply_send(&world.node[NEAR].endpoint, world.now, &d,
                                  &reply, &sent) == COVEY_OK &&
        sent.now) {
        leave(NEAR, &sent.path, &out);
    }
}

/* --- the world ----------------------------------------------------------- */

static void on_event(unsigned node, const covey_endpoint_report *event)
{
    switch (node) {
    case NEAR:
        if (event->what != COVEY_ENDPOINT_REPLY_ACKNOWLEDGED) {
            end(ref_of(event->user)); /* the client wants no more */
        }
        break;
    case FAR:
        covey_proxy_close(&world.proxy, ref_of(event->user));
        break;
    default:
        if (node >= FIRST_SERVER) {
            if (event->what == COVEY_ENDPOINT_REPLY_RESET) {
                world.request[event->user].at[node - FIRST_SERVER].answer_at =
                    COVEY_NEVER;
            }
            break;
        }
        assert_int_equal(++world.request[event->user].ended, 1);
    }
}

static void drive(unsigned node)
{
    covey_endpoint *e = &world.node[node].endpoint;
    covey_endpoint_report event;
    uint8_t bytes[SIM_MTU];
    covey_writer out = covey_writer_of(bytes, sizeof bytes);
    covey_path path;
    unsigned turns = 0;

    do {
        assert_true(++turns < 6);
        while (covey_endpoint_transmit(e, world.now, &path, &out)) {
            leave(node, &path, &out);
            out.pos = 0;
        }
        while (covey_endpoint_event(e, &event)) {
            on_event(node, &event);
        }
    } while (covey_endpoint_deadline(e) <= world.now);
}

static void arrive(const sim_packet *p)
{
    unsigned node = 0;
    covey_path path = p->path;
    covey_endpoint_in in;

    while (!covey_address_equal(&p->to, &world.address[node])) {
        node++;
    }
    if (path.group && node < FIRST_SERVER) {
        return; /* no member */
    }
    if (covey_endpoint_receive(&world.node[node].endpoint, world.now, &path,
                               covey_bytes_of(p->bytes, p->len),
                               &in) != COVEY_OK) {
        in.kind = COVEY_ENDPOINT_NOTHING;
    }
    if (in.kind == COVEY_ENDPOINT_REQUEST && node == NEAR) {
        forward(&in);
    } else if (in.kind == COVEY_ENDPOINT_REQUEST) {
        assert_true(node >= FIRST_SERVER);
        on_request(node - FIRST_SERVER, &in);
    } else if (in.kind == COVEY_ENDPOINT_RESPONSE && node == FAR) {
        homeward(&path, &in);
    } else if (in.kind == COVEY_ENDPOINT_RESPONSE) {
        on_answer(node - FIRST_CLIENT, &in);
    }
    for (unsigned i = 0; i < NODES; i++) {
        drive(i);
    }
}

/* Observations would go on for ever. */
static void lose_interest(void)
{
    world.over = true;
    for (unsigned c = 0; c < CLIENTS; c++) {
        stack *s = &world.node[FIRST_CLIENT + c];
        const covey_path path = { .peer = world.address[FIRST_CLIENT + c] };
        covey_proxy_ref ref = { 0, 0 };
        for (uint32_t i = 0; i < STACK_ROWS; i++) {
            covey_endpoint_cancel(
                &s->endpoint, (covey_exchange_ref){ i, s->rows[i].serial });
        }
        while (covey_proxy_of_path(&world.proxy, &path, &ref)) {
            end(ref);
        }
    }
}

static covey_ms next_time(void)
{
    covey_ms next = world.over ? COVEY_NEVER : END;

    next = covey_earlier(next, sim_next(&world.net));
    for (unsigned i = 0; i < NODES; i++) {
        next = covey_earlier(next,
                             covey_endpoint_deadline(&world.node[i].endpoint));
    }
    for (unsigned x = 0; x < REQUESTS; x++) {
        const struct request *r = &world.request[x];
        next = covey_earlier(next, r->sent ? COVEY_NEVER : r->start);
        for (unsigned i = 0; i < SERVERS; i++) {
            next = covey_earlier(next, r->at[i].answer_at);
        }
    }
    return next;
}

static void step(void)
{
    const sim_packet *p;

    if (!world.over && world.now >= END) {
        lose_interest();
    }
    for (unsigned x = 0; x < REQUESTS; x++) {
        if (!world.request[x].sent && world.request[x].start <= world.now) {
            start(x);
        }
        for (unsigned i = 0; i < SERVERS; i++) {
            if (world.request[x].at[i].answer_at <= world.now) {
                answer(x, i);
            }
        }
    }
    while ((p = sim_arrive(&world.net, world.now)) != NULL) {
        arrive(p);
    }
    for (unsigned i = 0; i < NODES; i++) {
        drive(i);
    }
}

static void build(uint64_t seed)
{
    static const covey_proxy_limits limits = { REQUESTS, REQUESTS, 100, 0, 1 };
    const covey_proxy_memory memory = { world.rows, REQUESTS, world.clients,
                                        1 };
    sim_weather weather;

    memset(&world, 0, sizeof world);
    world.random.state = 2 * seed + 1;
    weather.loss = below(60);
    weather.copies = below(60);
    weather.delay = below(100);
    weather.jitter = below(1500);
    sim_init(&world.net, &weather, seed);
    watch_open(&world.watch, &covey_toy, seed);
    for (unsigned i = 0; i < NODES; i++) {
        world.address[i] = sim_join(&world.net, (uint8_t)(i + 1));
        stack_start(&world.node[i], &world.watch, NULL, NULL, seed + i, 0);
    }
    world.group = world.address[0];
    assert_true(covey_proxy_ip_get(SPAN("224.0.1.187"), &world.group));
    CHECK_STATUS(COVEY_OK,
                 covey_proxy_init(&world.proxy, &memory, &limits, seed, 0));
    for (unsigned x = 0; x < REQUESTS; x++) {
        struct request *r = &world.request[x];
        r->start = below(20000);
        r->type = below(2) == 0 ? COVEY_COAP_CON : COVEY_COAP_NON;
        r->client = below(CLIENTS);
        r->server = below(2) == 0 ? SERVERS : below(SERVERS);
        r->observe = below(3) == 0;
        r->wait = 1 + below(6);
        for (unsigned i = 0; i < SERVERS; i++) {
            r->at[i].answer_at = COVEY_NEVER;
        }
    }
}

static void run(uint64_t seed)
{
    covey_ms next;
    unsigned steps = 0;
    covey_proxy_ref ref = { 0, 0 };

    build(seed);
    while ((next = next_time()) != COVEY_NEVER) {
        assert_true(++steps < STEPS_MAX);
        assert_true(next >= world.now || steps == 1);
        world.now = next > world.now ? next : world.now;
        step();
    }
    late += (unsigned)world.node[FAR].endpoint.counters.unwanted;
    for (unsigned x = 0; x < REQUESTS; x++) {
        assert_int_equal(world.request[x].ended, 1);
    }
    for (unsigned i = 0; i < NODES; i++) {
        const covey_path path = { .peer = world.address[i] };
        assert_false(covey_proxy_of_path(&world.proxy, &path, &ref));
        stack_is_empty(&world.node[i]);
    }
    for (uint32_t i = world.proxy.free, n = 0; n < REQUESTS; n++) {
        assert_true(i < REQUESTS); /* as many rows are free as there are */
        i = world.rows[i].next;
    }
}

static void every_request_ends_and_nothing_is_left(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        run(seed);
    }
    /* It was about something. */
    assert_true(delivered > 4 * SEEDS);
    assert_true(observed > SEEDS);
    assert_true(late > SEEDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_request_ends_and_nothing_is_left),
    };

    return KIT_RUN(tests);
}
