/* SPDX-License-Identifier: BSD-2-Clause */
/* Two endpoints and a connection between them, whose bytes arrive in pieces
 * of any length (RFC 8323). */
#include "stack.h"

#include <crypto/scripted/scripted.h>

#define GET     0x01
#define CONTENT 0x45

enum {
    PIPE = 8192,
    BODY = 600,
    USER = 77
};

/* One end of the connection. */
struct end {
    stack stack;
    covey_stream stream;
    uint8_t bytes[PIPE]; /* that have left the other end */
    size_t len;
    size_t seen; /* of them have arrived */
    covey_endpoint_in in;
    covey_endpoint_request request; /* the last that came */
    unsigned requests;
    unsigned responses;
    covey_signal_verdict verdict;
};

static struct world {
    watch watch;
    struct end client;
    struct end server;
    covey_ms now;
    covey_endpoint_call call;
    covey_endpoint_sent sent;
} w;

static const covey_signal_config limits = { 4096, true, 1000 };

static void end_open(struct end *e, const char *sender, const char *recipient,
                     uint32_t connection)
{
    const covey_path path = { .connection = connection,
                              .transport = COVEY_TCP };

    e->stack.streams = true;
    stack_start(&e->stack, &w.watch, sender, recipient, connection, 0);
    covey_stream_init(&e->stream, &path, &limits, 0);
}

static void open_both(bool oscore)
{
    memset(&w, 0, sizeof w);
    watch_open(&w.watch, &covey_toy, 1);
    end_open(&w.client, oscore ? "C" : NULL, "S", 1);
    end_open(&w.server, oscore ? "S" : NULL, "C", 2);
    w.call.path = w.client.stream.path;
    w.call.type = COVEY_COAP_CON;
    w.call.code = GET;
    w.call.patience = 10000;
    w.call.user = USER;
    if (oscore) {
        w.call.protector = &w.client.stack.oscore.protector;
        w.call.context = &w.client.stack.context;
    }
}

static void close_both(void)
{
    stack_is_empty(&w.client.stack);
    stack_is_empty(&w.server.stack);
    covey_oscore_drop(&w.client.stack.context);
    covey_oscore_drop(&w.server.stack.context);
}

/* --- what leaves --------------------------------------------------------- */

static struct end *other(const struct end *e)
{
    return e == &w.client ? &w.server : &w.client;
}

static covey_writer room(const struct end *from)
{
    struct end *to = other(from);

    return covey_writer_of(to->bytes + to->len, PIPE - to->len);
}

static void leave(const struct end *from, const covey_writer *out)
{
    CHECK_STATUS(COVEY_OK, out->failed);
    other(from)->len += out->pos;
}

/* Signals, and what the endpoint owes. */
static void drain(struct end *from)
{
    covey_writer out = room(from);
    covey_path path;

    while (
        covey_signal_transmit(&from->stream.signal, &out) ||
        covey_endpoint_transmit(&from->stack.endpoint, w.now, &path, &out)) {
        leave(from, &out);
        out = room(from);
    }
}

static covey_status ask(uint16_t number, covey_bytes option)
{
    covey_endpoint *e = &w.client.stack.endpoint;
    covey_writer out = room(&w.client);
    covey_draft d;
    covey_status st;

    covey_endpoint_request_begin(e, &d, &w.call, &out);
    if (number != 0) {
        covey_coap_put_option(&d.composer, number, option);
    }
    st = covey_endpoint_request_send(e, w.now, &d, &w.call, &w.sent);
    if (st == COVEY_OK) {
        assert_true(w.sent.now);
        leave(&w.client, &out);
    }
    return st;
}

static void reply(const covey_endpoint_request *r, size_t len, bool observe)
{
    static uint8_t body[PIPE];
    const covey_endpoint_reply how = { .type = COVEY_COAP_CON, .user = 1 };
    covey_endpoint *e = &w.server.stack.endpoint;
    covey_writer out = room(&w.server);
    covey_endpoint_sent sent;
    covey_draft d;

    memset(body, 'x', sizeof body);
    covey_endpoint_reply_begin(e, &d, r, CONTENT, &out);
    if (observe) {
        covey_coap_put_uint(&d.composer, COVEY_OPTION_OBSERVE, 0);
    }
    covey_coap_put_payload(&d.composer, covey_bytes_of(body, len));
    CHECK_STATUS(COVEY_OK,
                 covey_endpoint_reply_send(e, w.now, &d, &how, &sent));
    assert_true(sent.now);
    assert_int_equal(sent.message.serial, 0);
    assert_int_equal(sent.path.connection, r->path.connection);
    leave(&w.server, &out);
}

/* --- what arrives -------------------------------------------------------- */

/* Takes what can be taken of what has arrived. The bytes are in storage of
 * their exact length, so that a sanitizer sees who reads too far. */
static void take(struct end *e)
{
    size_t used = 0;

    do {
        uint8_t *copy = test_malloc(e->seen + 1);
        memcpy(copy + 1, e->bytes, e->seen);
        e->verdict = covey_stream_receive(
            &e->stream, &e->stack.endpoint, w.now,
            covey_bytes_of(copy + 1, e->seen), &used, &e->in);
        if (e->in.kind == COVEY_ENDPOINT_REQUEST) {
            e->request = e->in.request;
            e->requests++;
        }
        if (e->in.kind == COVEY_ENDPOINT_RESPONSE) {
            assert_int_equal(e->in.user, USER);
            assert_int_equal(e->in.message.payload.len, BODY);
            e->responses++;
        }
        test_free(copy);
        memmove(e->bytes, e->bytes + used, e->len - used);
        e->len -= used;
        e->seen -= used;
        drain(e);
    } while (used > 0);
}

/* Everything that is on its way arrives, `piece` bytes at a time. */
static void flow(struct end *e, size_t piece)
{
    while (e->seen < e->len) {
        e->seen += piece < e->len - e->seen ? piece : e->len - e->seen;
        take(e);
    }
}

static void meet(size_t piece)
{
    drain(&w.client);
    drain(&w.server);
    flow(&w.server, piece);
    flow(&w.client, piece);
}

static void expect(int what)
{
    covey_endpoint_report event = { .user = USER };
    const bool has = covey_endpoint_event(&w.client.stack.endpoint, &event);

    assert_int_equal(what, has ? (int)event.what : 0);
    assert_int_equal(event.user, USER);
}

/* --- exchanges ----------------------------------------------------------- */

static void one_exchange(bool oscore, size_t piece)
{
    open_both(oscore);
    meet(piece);
    CHECK_STATUS(COVEY_OK, ask(COVEY_OPTION_URI_PATH, SPAN("t")));
    flow(&w.server, piece);
    assert_int_equal(w.server.requests, 1);
    assert_int_equal(w.server.request.terms.authenticated, oscore);
    reply(&w.server.request, BODY, false);
    flow(&w.client, piece);
    assert_int_equal(w.client.responses, 1);
    assert_true(w.client.in.kind == COVEY_ENDPOINT_NOTHING);
    expect(COVEY_ENDPOINT_ANSWERED);
    expect(0);
    close_both();
}

static void is_answered_wherever_the_stream_is_cut(void **state)
{
    (void)state;
    for (size_t piece = 1; piece < BODY + 40; piece++) {
        one_exchange(false, piece);
    }
}

static void is_protected_wherever_the_stream_is_cut(void **state)
{
    (void)state;
    for (size_t piece = 1; piece < BODY + 60; piece += 7) {
        one_exchange(true, piece);
    }
}

static void answers_many_requests_at_once_in_any_order(void **state)
{
    covey_endpoint_request first;

    (void)state;
    open_both(true);
    meet(PIPE);
    CHECK_STATUS(COVEY_OK, ask(0, SPAN("")));
    flow(&w.server, PIPE);
    first = w.server.request;
    CHECK_STATUS(COVEY_OK, ask(0, SPAN("")));
    CHECK_STATUS(COVEY_OK, ask(0, SPAN("")));
    flow(&w.server, PIPE);
    assert_int_equal(w.server.requests, 3);
    reply(&w.server.request, BODY, false);
    reply(&first, BODY, false);
    flow(&w.client, PIPE);
    assert_int_equal(w.client.responses, 2);
    expect(COVEY_ENDPOINT_ANSWERED);
    expect(COVEY_ENDPOINT_ANSWERED);
    expect(0);
    w.now += w.call.patience; /* nobody answers the second */
    drain(&w.client);
    expect(COVEY_ENDPOINT_TIMED_OUT);
    close_both();
}

static void waits_for_an_answer_from_the_beginning(void **state)
{
    (void)state;
    open_both(false);
    meet(PIPE);
    CHECK_STATUS(COVEY_OK, ask(0, SPAN("")));
    assert_true(covey_endpoint_deadline(&w.client.stack.endpoint) <=
                w.call.patience);
    w.now = w.call.patience - 1;
    drain(&w.client);
    expect(0);
    w.now = w.call.patience;
    drain(&w.client);
    expect(COVEY_ENDPOINT_TIMED_OUT);
    close_both();
}

static void takes_an_answer_only_from_its_own_connection(void **state)
{
    (void)state;
    open_both(false);
    meet(PIPE);
    CHECK_STATUS(COVEY_OK, ask(0, SPAN("")));
    flow(&w.server, PIPE);
    reply(&w.server.request, BODY, false);
    w.client.stream.path.connection = 9;
    flow(&w.client, PIPE);
    assert_int_equal(w.client.responses, 0);
    assert_int_equal(w.client.stack.endpoint.counters.unwanted, 1);
    covey_endpoint_cancel(&w.client.stack.endpoint, w.sent.exchange);
    expect(COVEY_ENDPOINT_CANCELLED);
    close_both();
}

/* --- observation and the end of connections ------------------------------ */

static void observes_until_the_connection_is_gone(void **state)
{
    (void)state;
    open_both(true);
    meet(PIPE);
    CHECK_STATUS(COVEY_OK, ask(COVEY_OPTION_OBSERVE, SPAN("")));
    flow(&w.server, PIPE);
    for (unsigned i = 1; i < 6; i++) {
        reply(&w.server.request, BODY, true);
        flow(&w.client, 11);
        assert_int_equal(w.client.responses, i);
        w.now += 100000;
        drain(&w.client);
        expect(0);
    }
    covey_endpoint_lost(&w.client.stack.endpoint, &w.client.stream.path);
    expect(COVEY_ENDPOINT_LOST);
    close_both();
}

static void what_nobody_waits_for_is_ignored(void **state)
{
    (void)state;
    open_both(false);
    meet(PIPE);
    CHECK_STATUS(COVEY_OK, ask(COVEY_OPTION_OBSERVE, SPAN("")));
    flow(&w.server, PIPE);
    covey_endpoint_cancel(&w.client.stack.endpoint, w.sent.exchange);
    expect(COVEY_ENDPOINT_CANCELLED);
    reply(&w.server.request, BODY, true);
    flow(&w.client, PIPE);
    assert_int_equal(w.client.responses, 0);
    assert_int_equal(w.server.len, 0); /* there is no Reset */
    close_both();
}

static void pings_and_releases_beside_requests(void **state)
{
    (void)state;
    open_both(false);
    meet(PIPE);
    covey_signal_ping(&w.client.stream.signal, w.now, 7);
    CHECK_STATUS(COVEY_OK, ask(0, SPAN("")));
    drain(&w.client);
    flow(&w.server, 3);
    assert_int_equal(w.server.requests, 1);
    reply(&w.server.request, BODY, false);
    flow(&w.client, PIPE);
    assert_int_equal(covey_signal_deadline(&w.client.stream.signal),
                     COVEY_NEVER); /* the Pong was there */
    expect(COVEY_ENDPOINT_ANSWERED);
    CHECK_STATUS(COVEY_OK, covey_signal_release(&w.server.stream.signal, 0,
                                                (covey_bytes){ NULL, 0 }));
    drain(&w.server);
    w.client.seen = w.client.len;
    {
        size_t used;
        assert_int_equal(covey_stream_receive(
                             &w.client.stream, &w.client.stack.endpoint, w.now,
                             covey_bytes_of(w.client.bytes, w.client.len),
                             &used, &w.client.in),
                         COVEY_SIGNAL_RELEASED);
        assert_int_equal(w.client.in.kind, COVEY_ENDPOINT_NOTHING);
    }
    close_both();
}

/* --- refusals ------------------------------------------------------------ */

static void refuses_what_it_cannot_open(void **state)
{
    (void)state;
    open_both(true);
    w.server.stack.endpoint.protector_count = 0;
    meet(PIPE);
    CHECK_STATUS(COVEY_OK, ask(0, SPAN("")));
    flow(&w.server, 5);
    assert_int_equal(w.server.requests, 0);
    assert_int_equal(w.server.stack.endpoint.counters.refused, 1);
    flow(&w.client, 5);
    assert_int_equal(w.client.responses, 0);
    expect(COVEY_ENDPOINT_UNPROTECTED);
    close_both();
}

static void has_no_datagrams_groups_or_empty_pings(void **state)
{
    covey_endpoint *e = &w.client.stack.endpoint;
    uint8_t bytes[16];
    covey_writer out = covey_writer_of(bytes, sizeof bytes);

    (void)state;
    open_both(false);
    CHECK_STATUS(COVEY_E_UNSUPPORTED,
                 covey_endpoint_receive(e, 0, &w.call.path,
                                        SPAN("\x40\x01\x00\x01"),
                                        &w.client.in));
    assert_int_equal(w.client.in.kind, COVEY_ENDPOINT_NOTHING);
    CHECK_STATUS(COVEY_E_UNSUPPORTED,
                 covey_endpoint_ping(e, 0, &w.call.path, 1, &out, &w.sent));
    w.call.path.group = true;
    CHECK_STATUS(COVEY_E_ARGUMENT, ask(0, SPAN("")));
    expect(0);
    close_both();
}

static void a_request_that_does_not_fit_was_never_begun(void **state)
{
    covey_endpoint *e = &w.client.stack.endpoint;
    uint8_t bytes[64];

    (void)state;
    open_both(true);
    for (size_t cap = 0; cap < 20; cap++) {
        covey_writer out = covey_writer_of(bytes, cap);
        covey_draft d;
        covey_endpoint_request_begin(e, &d, &w.call, &out);
        CHECK_STATUS(COVEY_E_ROOM,
                     covey_endpoint_request_send(e, 0, &d, &w.call, &w.sent));
        assert_int_equal(out.pos, 0);
        expect(0);
    }
    close_both();
}

static void ends_with_abort_on_what_is_no_message(void **state)
{
    (void)state;
    open_both(false);
    meet(PIPE);
    w.server.bytes[0] = 0x0f; /* TKL 15 */
    w.server.len = 1;
    flow(&w.server, 1);
    assert_int_equal(w.server.verdict, COVEY_SIGNAL_CLOSED);
    flow(&w.client, 1);
    assert_int_equal(w.client.verdict, COVEY_SIGNAL_CLOSED);
    assert_int_equal(covey_signal_ended(&w.client.stream.signal),
                     COVEY_SIGNAL_END_PEER);
    close_both();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_answered_wherever_the_stream_is_cut),
        cmocka_unit_test(is_protected_wherever_the_stream_is_cut),
        cmocka_unit_test(answers_many_requests_at_once_in_any_order),
        cmocka_unit_test(waits_for_an_answer_from_the_beginning),
        cmocka_unit_test(takes_an_answer_only_from_its_own_connection),
        cmocka_unit_test(observes_until_the_connection_is_gone),
        cmocka_unit_test(what_nobody_waits_for_is_ignored),
        cmocka_unit_test(pings_and_releases_beside_requests),
        cmocka_unit_test(refuses_what_it_cannot_open),
        cmocka_unit_test(has_no_datagrams_groups_or_empty_pings),
        cmocka_unit_test(a_request_that_does_not_fit_was_never_begun),
        cmocka_unit_test(ends_with_abort_on_what_is_no_message),
    };

    return KIT_RUN(tests);
}
