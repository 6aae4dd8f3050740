/* SPDX-License-Identifier: BSD-2-Clause */
/* A client that is protected end to end with a server, and again with a proxy
 * on the way: three endpoints, four contexts. */
#include "lab.h"

#include <crypto/scripted/scripted.h>

#define BAD_GATEWAY COVEY_COAP_CODE(5, 2)

enum {
    CLIENT = 1,
    PROXY,
    SERVER,
    ROWS = 4
};

struct chain {
    watch watch;
    stack client; /* its context is the one with the server */
    stack leg;    /* of this only the context with the proxy */
    stack proxy;
    stack server;
    covey_nested_protector nested;
    covey_nested_row rows[ROWS];
    uint8_t scratch[STACK_MTU];
    stack home; /* server and proxy in one, with the contexts of both */
    covey_nested_protector served;
    uint8_t served_scratch[STACK_MTU];
    covey_bytes echo; /* that the client brings back */
    bool many;        /* responses are wanted */
    covey_endpoint_in at_proxy;
    covey_endpoint_in in;
    covey_endpoint_sent sent;
    uint8_t bytes[STACK_MTU];
    covey_writer out;
};

static covey_path path_of(unsigned who)
{
    const covey_path path = { .peer = { .ip = { 192, 0, 2, (uint8_t)who },
                                        .port = 5683,
                                        .family = COVEY_FAMILY_IPV4 } };

    return path;
}

static struct chain *chain_open(void)
{
    static struct chain c;

    memset(&c, 0, sizeof c);
    watch_open(&c.watch, &covey_toy, 1);
    stack_start(&c.client, &c.watch, "C", "S", 1, 0);
    stack_start(&c.leg, &c.watch, "c", "P", 2, 0);
    stack_start(&c.proxy, &c.watch, "P", "c", 3, 0);
    stack_start(&c.server, &c.watch, "S", "C", 4, 0);
    c.leg.oscore.inner = covey_oscore_proxy_inner;
    c.leg.oscore.inner_count = covey_oscore_proxy_inner_count;
    c.proxy.oscore.inner = covey_oscore_proxy_inner;
    c.proxy.oscore.inner_count = covey_oscore_proxy_inner_count;
    c.nested.inner = &c.client.oscore.protector;
    c.nested.outer = &c.leg.oscore.protector;
    c.nested.outer_context = &c.leg.context;
    c.nested.rows = c.rows;
    c.nested.row_count = ROWS;
    c.nested.scratch = c.scratch;
    c.nested.scratch_len = sizeof c.scratch;
    covey_nested_protector_init(&c.nested);
    c.served.inner = &c.server.oscore.protector;
    c.served.outer = &c.proxy.oscore.protector;
    c.served.scratch = c.served_scratch;
    c.served.scratch_len = sizeof c.served_scratch;
    covey_nested_protector_init(&c.served);
    c.home.other = &c.served.protector;
    stack_start(&c.home, &c.watch, NULL, NULL, 5, 0);
    return &c;
}

static void chain_close(struct chain *c)
{
    covey_endpoint_report event;
    unsigned rows = 0;

    for (uint32_t i = 0; i < STACK_ROWS; i++) {
        const covey_exchange_ref ref = { i, c->client.rows[i].serial };
        covey_endpoint_cancel(&c->client.endpoint, ref);
    }
    while (covey_endpoint_event(&c->client.endpoint, &event)) {
    }
    for (uint32_t i = c->nested.free; i != UINT32_MAX; i = c->rows[i].next) {
        rows++;
    }
    assert_int_equal(rows, ROWS);
    covey_oscore_drop(&c->client.context);
    covey_oscore_drop(&c->leg.context);
    covey_oscore_drop(&c->proxy.context);
    covey_oscore_drop(&c->server.context);
}

static void begin(struct chain *c)
{
    c->out = covey_writer_of(c->bytes, sizeof c->bytes);
}

static covey_status ask(struct chain *c)
{
    const covey_endpoint_call call = { .path = path_of(PROXY),
                                       .type = COVEY_COAP_NON,
                                       .code = GET,
                                       .protector = &c->nested.protector,
                                       .context = &c->client.context,
                                       .many = c->many };
    covey_draft d;

    begin(c);
    covey_endpoint_request_begin(&c->client.endpoint, &d, &call, &c->out);
    covey_coap_put_option(&d.composer, COVEY_OPTION_URI_HOST, SPAN("lamp"));
    covey_coap_put_option(&d.composer, COVEY_OPTION_URI_PATH, SPAN("on"));
    covey_coap_put_option(&d.composer, COVEY_OPTION_PROXY_SCHEME,
                          SPAN("coap"));
    if (c->echo.ptr != NULL) {
        covey_coap_put_option(&d.composer, COVEY_OPTION_ECHO, c->echo);
    }
    return covey_endpoint_request_send(&c->client.endpoint, 0, &d, &call,
                                       &c->sent);
}

static covey_status arrive(struct chain *c, stack *at, unsigned from,
                           covey_endpoint_in *in)
{
    static uint8_t arrived[STACK_MTU];
    const covey_path path = path_of(from);

    memcpy(arrived, c->bytes, c->out.pos);
    return covey_endpoint_receive(&at->endpoint, 0, &path,
                                  covey_bytes_of(arrived, c->out.pos), in);
}

static bool has(const covey_coap_message *m, uint16_t number)
{
    covey_bytes value;

    return covey_option_get(m, number, &value);
}

static void copy_sealed(covey_draft *d, const covey_coap_message *m)
{
    covey_bytes value;

    if (covey_option_get(m, COVEY_OPTION_OSCORE, &value)) {
        covey_coap_put_option(&d->composer, COVEY_OPTION_OSCORE, value);
    }
    covey_coap_put_payload(&d->composer, m->payload);
}

/* What the proxy has opened goes on to the server as it is. */
static void forward(struct chain *c)
{
    const covey_endpoint_call call = { .path = path_of(SERVER),
                                       .type = COVEY_COAP_NON,
                                       .code = c->at_proxy.message.code,
                                       .patience = 5000 };
    covey_draft d;

    begin(c);
    covey_endpoint_request_begin(&c->proxy.endpoint, &d, &call, &c->out);
    copy_sealed(&d, &c->at_proxy.message);
    CHECK_STATUS(COVEY_OK, covey_endpoint_request_send(&c->proxy.endpoint, 0,
                                                       &d, &call, &c->sent));
}

/* A message as the reply of the proxy to the client. */
static void reply(struct chain *c, const covey_coap_message *m)
{
    covey_draft d;

    begin(c);
    covey_endpoint_reply_begin(&c->proxy.endpoint, &d, &c->at_proxy.request,
                               m->code, &c->out);
    copy_sealed(&d, m);
    CHECK_STATUS(COVEY_OK, covey_endpoint_reply_send(&c->proxy.endpoint, 0, &d,
                                                     NULL, &c->sent));
}

static void serve(struct chain *c)
{
    covey_draft d;

    begin(c);
    covey_endpoint_reply_begin(&c->server.endpoint, &d, &c->in.request,
                               CONTENT, &c->out);
    covey_coap_put_payload(&d.composer, SPAN("x"));
    CHECK_STATUS(COVEY_OK, covey_endpoint_reply_send(&c->server.endpoint, 0,
                                                     &d, NULL, &c->sent));
}

/* A request is at the proxy. */
static struct chain *asked(void)
{
    struct chain *c = chain_open();

    CHECK_STATUS(COVEY_OK, ask(c));
    CHECK_STATUS(COVEY_OK, arrive(c, &c->proxy, CLIENT, &c->at_proxy));
    assert_int_equal(c->at_proxy.kind, COVEY_ENDPOINT_REQUEST);
    return c;
}

static void there_and_back_through_a_proxy(void **state)
{
    struct chain *c = chain_open();
    covey_coap_message m;

    (void)state;
    CHECK_STATUS(COVEY_OK, ask(c));
    CHECK_STATUS(COVEY_OK, covey_coap_parse(&m, covey_written(&c->out)));
    assert_true(has(&m, COVEY_OPTION_OSCORE));
    assert_false(has(&m, COVEY_OPTION_URI_HOST));
    assert_false(has(&m, COVEY_OPTION_PROXY_SCHEME));
    CHECK_STATUS(COVEY_OK, arrive(c, &c->proxy, CLIENT, &c->at_proxy));
    CHECK_SPAN(SPAN("c"), c->at_proxy.opened.sender);
    assert_true(has(&c->at_proxy.message, COVEY_OPTION_URI_HOST));
    assert_true(has(&c->at_proxy.message, COVEY_OPTION_PROXY_SCHEME));
    assert_true(has(&c->at_proxy.message, COVEY_OPTION_OSCORE));
    assert_false(has(&c->at_proxy.message, COVEY_OPTION_URI_PATH));
    forward(c);
    CHECK_STATUS(COVEY_OK, arrive(c, &c->server, PROXY, &c->in));
    CHECK_SPAN(SPAN("C"), c->in.opened.sender);
    assert_true(has(&c->in.message, COVEY_OPTION_URI_PATH));
    serve(c);
    CHECK_STATUS(COVEY_OK, arrive(c, &c->proxy, SERVER, &c->in));
    assert_int_equal(c->in.kind, COVEY_ENDPOINT_RESPONSE);
    assert_int_equal(c->in.opened.kind, COVEY_REPLY_OPEN);
    assert_true(has(&c->in.message, COVEY_OPTION_OSCORE));
    reply(c, &c->in.message);
    CHECK_STATUS(COVEY_OK, arrive(c, &c->client, PROXY, &c->in));
    assert_int_equal(c->in.kind, COVEY_ENDPOINT_RESPONSE);
    assert_int_equal(c->in.opened.layers, 2);
    CHECK_SPAN(SPAN("S"), c->in.opened.sender);
    assert_int_equal(c->in.message.code, CONTENT);
    CHECK_SPAN(SPAN("x"), c->in.message.payload);
    chain_close(c);
}

static void an_error_of_the_proxy_has_one_layer(void **state)
{
    const covey_coap_message error = { .code = BAD_GATEWAY };
    struct chain *c = asked();

    (void)state;
    reply(c, &error);
    CHECK_STATUS(COVEY_OK, arrive(c, &c->client, PROXY, &c->in));
    assert_int_equal(c->in.opened.layers, 1);
    CHECK_SPAN(SPAN("P"), c->in.opened.sender);
    assert_int_equal(c->in.message.code, BAD_GATEWAY);
    chain_close(c);
}

static void many_responses_come_if_they_are_wanted(void **state)
{
    const covey_coap_message error = { .code = BAD_GATEWAY };
    struct chain *c = chain_open();
    uint8_t first[STACK_MTU];
    size_t len = 0;

    (void)state;
    c->many = true;
    CHECK_STATUS(COVEY_OK, ask(c));
    CHECK_STATUS(COVEY_OK, arrive(c, &c->proxy, CLIENT, &c->at_proxy));
    for (unsigned i = 0; i < 4; i++) {
        reply(c, &error);
        if (i == 0) {
            len = c->out.pos;
            memcpy(first, c->bytes, len);
        }
        CHECK_STATUS(COVEY_OK, arrive(c, &c->client, PROXY, &c->in));
        assert_int_equal(c->in.kind, COVEY_ENDPOINT_RESPONSE);
        assert_false(c->in.last);
    }
    c->bytes[3] ^= 0x55; /* the last one again, as another message */
    CHECK_STATUS(COVEY_E_AUTH, arrive(c, &c->client, PROXY, &c->in));
    assert_int_equal(c->in.opened.fault, COVEY_OSCORE_REPLAY);
    /* REQ-SEC-03: nor once more without a Partial IV, as the first one. */
    first[3] ^= 0xaa;
    memcpy(c->bytes, first, len);
    c->out.pos = len;
    CHECK_STATUS(COVEY_E_AUTH, arrive(c, &c->client, PROXY, &c->in));
    chain_close(c);
}

static void a_proxy_does_not_speak_for_the_server(void **state)
{
    const covey_coap_message forged = { .code = CONTENT,
                                        .payload = SPAN("on") };
    struct chain *c = asked();

    (void)state;
    reply(c, &forged);
    CHECK_STATUS(COVEY_E_AUTH, arrive(c, &c->client, PROXY, &c->in));
    assert_int_equal(c->in.kind, COVEY_ENDPOINT_NOTHING);
    chain_close(c);
}

static void what_the_proxy_changes_is_seen(void **state)
{
    struct chain *c = asked();

    (void)state;
    forward(c);
    CHECK_STATUS(COVEY_OK, arrive(c, &c->server, PROXY, &c->in));
    serve(c);
    c->bytes[c->out.pos - 1] ^= 1;
    CHECK_STATUS(COVEY_OK, arrive(c, &c->proxy, SERVER, &c->in));
    reply(c, &c->in.message);
    CHECK_STATUS(COVEY_E_AUTH, arrive(c, &c->client, PROXY, &c->in));
    assert_int_equal(c->in.opened.fault, COVEY_OSCORE_NOT_DECRYPTED);
    chain_close(c);
}

static void a_layer_that_cannot_be_sealed_leaves_nothing(void **state)
{
    struct chain *c = chain_open();

    (void)state;
    c->client.store_fails = true;
    CHECK_STATUS(COVEY_E_NOT_STORED, ask(c));
    c->client.store_fails = false;
    c->leg.store_fails = true;
    CHECK_STATUS(COVEY_E_NOT_STORED, ask(c));
    c->leg.store_fails = false;
    c->nested.scratch_len = 20;
    CHECK_STATUS(COVEY_E_ROOM, ask(c));
    c->nested.scratch_len = sizeof c->scratch;
    for (unsigned i = 0; i < ROWS; i++) {
        CHECK_STATUS(COVEY_OK, ask(c));
    }
    CHECK_STATUS(COVEY_E_ROOM, ask(c));
    chain_close(c);
}

/* A response is only taken with protection by who has asked with it. */
static void who_has_not_forwarded_takes_nothing_sealed(void **state)
{
    struct chain *c = asked();

    (void)state;
    c->at_proxy.message.options = covey_bytes_of(NULL, 0);
    forward(c);
    c->bytes[0] = 0x58; /* as if the server had answered with OSCORE */
    c->bytes[1] = CONTENT;
    c->out.pos = 4 + 8;
    covey_write_bytes(&c->out, SPAN("\x90\xff\x01"));
    CHECK_STATUS(COVEY_OK, arrive(c, &c->proxy, SERVER, &c->in));
    assert_int_equal(c->in.kind, COVEY_ENDPOINT_NOTHING);
    assert_int_equal(c->proxy.endpoint.counters.unwanted, 1);
    chain_close(c);
}

/* --- server and proxy in one --------------------------------------------- */

static covey_status come_home(struct chain *c)
{
    return arrive(c, &c->home, CLIENT, &c->in);
}

static void answer_home(struct chain *c, uint8_t code)
{
    covey_draft d;

    begin(c);
    covey_endpoint_reply_begin(&c->home.endpoint, &d, &c->in.request, code,
                               &c->out);
    if (code == CONTENT) {
        covey_coap_put_payload(&d.composer, SPAN("x"));
    } else {
        covey_coap_put_option(&d.composer, COVEY_OPTION_ECHO, SPAN("fresh"));
    }
    CHECK_STATUS(COVEY_OK, covey_endpoint_reply_send(&c->home.endpoint, 0, &d,
                                                     NULL, &c->sent));
}

/* What the client takes from it. */
static void hear(struct chain *c, uint8_t code)
{
    CHECK_STATUS(COVEY_OK, arrive(c, &c->client, PROXY, &c->in));
    assert_int_equal(c->in.kind, COVEY_ENDPOINT_RESPONSE);
    assert_int_equal(c->in.message.code, code);
    assert_int_equal(c->in.opened.layers, 2);
    CHECK_SPAN(SPAN("S"), c->in.opened.sender);
}

static void a_server_answers_through_both_layers(void **state)
{
    struct chain *c = chain_open();
    covey_endpoint_in asked;

    (void)state;
    CHECK_STATUS(COVEY_OK, ask(c));
    CHECK_STATUS(COVEY_OK, come_home(c));
    assert_int_equal(c->in.kind, COVEY_ENDPOINT_REQUEST);
    assert_int_equal(c->in.opened.layers, 2);
    CHECK_SPAN(SPAN("C"), c->in.opened.sender);
    assert_true(has(&c->in.message, COVEY_OPTION_URI_PATH));
    asked = c->in;
    answer_home(c, CONTENT);
    hear(c, CONTENT);
    CHECK_SPAN(SPAN("x"), c->in.message.payload);
    /* A copy of the request is as good: the watch would see a nonce twice. */
    c->in = asked;
    answer_home(c, CONTENT);
    c->in = asked;
    answer_home(c, CONTENT);
    chain_close(c);
}

static void a_server_takes_no_replay_of_either_layer(void **state)
{
    struct chain *c = chain_open();

    (void)state;
    CHECK_STATUS(COVEY_OK, ask(c));
    CHECK_STATUS(COVEY_OK, come_home(c));
    c->bytes[3] ^= 1;
    CHECK_STATUS(COVEY_E_AUTH, come_home(c));
    assert_int_equal(c->in.opened.fault, COVEY_OSCORE_REPLAY);
    c->bytes[c->out.pos - 1] ^= 1;
    c->bytes[3] ^= 2;
    CHECK_STATUS(COVEY_E_AUTH, come_home(c));
    chain_close(c);
}

static void one_layer_is_enough_for_what_is_for_the_proxy(void **state)
{
    struct chain *c = chain_open();
    const covey_endpoint_call call = { .path = path_of(PROXY),
                                       .type = COVEY_COAP_NON,
                                       .code = GET,
                                       .protector = &c->leg.oscore.protector,
                                       .context = &c->leg.context };
    covey_draft d;

    (void)state;
    begin(c);
    covey_endpoint_request_begin(&c->client.endpoint, &d, &call, &c->out);
    CHECK_STATUS(COVEY_OK, covey_endpoint_request_send(&c->client.endpoint, 0,
                                                       &d, &call, &c->sent));
    CHECK_STATUS(COVEY_OK, come_home(c));
    assert_int_equal(c->in.kind, COVEY_ENDPOINT_REQUEST);
    assert_int_equal(c->in.opened.layers, 1);
    CHECK_SPAN(SPAN("c"), c->in.opened.sender);
    answer_home(c, CONTENT);
    CHECK_STATUS(COVEY_OK, arrive(c, &c->client, PROXY, &c->in));
    CHECK_SPAN(SPAN("P"), c->in.opened.sender);
    CHECK_SPAN(SPAN("x"), c->in.message.payload);
    chain_close(c);
}

static void a_layer_that_is_not_known_is_refused(void **state)
{
    struct chain *c = chain_open();

    (void)state;
    covey_oscore_drop(&c->server.context);
    stack_start(&c->server, &c->watch, "S", "D", 7, 0);
    CHECK_STATUS(COVEY_OK, ask(c));
    CHECK_STATUS(COVEY_E_AUTH, come_home(c));
    assert_int_equal(c->in.opened.fault, COVEY_OSCORE_NO_CONTEXT);
    covey_oscore_drop(&c->proxy.context);
    stack_start(&c->proxy, &c->watch, "P", "d", 8, 0);
    CHECK_STATUS(COVEY_OK, ask(c));
    CHECK_STATUS(COVEY_E_AUTH, come_home(c));
    assert_int_equal(c->in.opened.fault, COVEY_OSCORE_NO_CONTEXT);
    chain_close(c);
}

/* Power was lost: of the windows of these layers. */
static void forget(struct chain *c, bool inner, bool outer)
{
    if (inner) {
        covey_oscore_drop(&c->server.context);
        c->server.stored.window = COVEY_OSCORE_WINDOW_LOST;
        stack_start(&c->server, &c->watch, "S", "C", 7, 0);
    }
    if (outer) {
        covey_oscore_drop(&c->proxy.context);
        c->proxy.stored.window = COVEY_OSCORE_WINDOW_LOST;
        stack_start(&c->proxy, &c->watch, "P", "c", 8, 0);
    }
}

static void a_lost_window_of_either_layer_is_a_challenge(void **state)
{
    (void)state;
    for (unsigned lost = 1; lost < 4; lost++) {
        struct chain *c = chain_open();
        forget(c, (lost & 1u) != 0, (lost & 2u) != 0);
        CHECK_STATUS(COVEY_OK, ask(c));
        CHECK_STATUS(COVEY_OK, come_home(c));
        assert_int_equal(c->in.kind, COVEY_ENDPOINT_CHALLENGE);
        answer_home(c, COVEY_COAP_CODE(4, 1));
        hear(c, COVEY_COAP_CODE(4, 1));
        c->echo = SPAN("fresh");
        CHECK_STATUS(COVEY_OK, ask(c));
        CHECK_STATUS(COVEY_OK, come_home(c));
        assert_int_equal(c->in.kind, COVEY_ENDPOINT_CHALLENGE);
        CHECK_STATUS(COVEY_OK,
                     covey_endpoint_recover(&c->home.endpoint, 0, &c->in));
        assert_int_equal(c->in.kind, COVEY_ENDPOINT_REQUEST);
        answer_home(c, CONTENT);
        hear(c, CONTENT);
        CHECK_STATUS(COVEY_OK, ask(c));
        CHECK_STATUS(COVEY_OK, come_home(c));
        assert_int_equal(c->in.kind, COVEY_ENDPOINT_REQUEST);
        chain_close(c);
    }
}

static void a_server_does_nothing_that_it_cannot_store(void **state)
{
    struct chain *c = chain_open();

    (void)state;
    c->server.store_fails = true;
    CHECK_STATUS(COVEY_OK, ask(c));
    CHECK_STATUS(COVEY_E_AUTH, come_home(c));
    assert_int_equal(c->in.opened.fault, COVEY_OSCORE_OURS);
    c->server.store_fails = false;
    c->served.scratch_len = 20;
    CHECK_STATUS(COVEY_OK, ask(c));
    CHECK_STATUS(COVEY_E_AUTH, come_home(c));
    c->served.scratch_len = sizeof c->served_scratch;
    CHECK_STATUS(COVEY_OK, ask(c));
    CHECK_STATUS(COVEY_OK, come_home(c));
    chain_close(c);
}

/* With garbage in the outer layer, which the client vouches for. */
static void what_is_inside_must_be_a_message(void **state)
{
    static const char *const inside[] = { "\x90", "\x91\x20", "\x90\xff\x01" };
    const covey_oscore_work work = {
        .inner = covey_oscore_proxy_inner,
        .inner_count = covey_oscore_proxy_inner_count,
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(inside); i++) {
        struct chain *c = chain_open();
        covey_coap_message m = { .code = 2,
                                 .type = COVEY_COAP_NON,
                                 .token = SPAN("") };
        uint8_t plain[8] = { 2 };
        covey_writer w = covey_writer_of(plain, sizeof plain);
        covey_oscore_exchange x;
        covey_oscore_state next;
        w.pos = 1;
        covey_write_bytes(&w, covey_bytes_text(inside[i]));
        if (covey_oscore_due(&c->leg.context, &next)) {
            CHECK_STATUS(COVEY_OK,
                         covey_oscore_stored(&c->leg.context, &next));
        }
        begin(c);
        CHECK_STATUS(COVEY_OK, covey_oscore_seal_request(&c->leg.context, &x,
                                                         &m, covey_written(&w),
                                                         &work, &c->out));
        CHECK_STATUS(COVEY_E_AUTH, come_home(c));
        assert_int_equal(c->in.kind, COVEY_ENDPOINT_NOTHING);
        chain_close(c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back_through_a_proxy),
        cmocka_unit_test(an_error_of_the_proxy_has_one_layer),
        cmocka_unit_test(many_responses_come_if_they_are_wanted),
        cmocka_unit_test(a_proxy_does_not_speak_for_the_server),
        cmocka_unit_test(what_the_proxy_changes_is_seen),
        cmocka_unit_test(a_layer_that_cannot_be_sealed_leaves_nothing),
        cmocka_unit_test(who_has_not_forwarded_takes_nothing_sealed),
        cmocka_unit_test(a_server_answers_through_both_layers),
        cmocka_unit_test(a_server_takes_no_replay_of_either_layer),
        cmocka_unit_test(one_layer_is_enough_for_what_is_for_the_proxy),
        cmocka_unit_test(a_layer_that_is_not_known_is_refused),
        cmocka_unit_test(a_lost_window_of_either_layer_is_a_challenge),
        cmocka_unit_test(a_server_does_nothing_that_it_cannot_store),
        cmocka_unit_test(what_is_inside_must_be_a_message),
    };

    return KIT_RUN(tests);
}
