/* SPDX-License-Identifier: BSD-2-Clause */
/* Both sides in one loop over loopback: what each is told, in which order. */
#include "kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <system_address.h>
#include <tcp.h>

enum {
    RECEIVE_MAX = 1024,
    SEND_MAX = 1 << 22
};

/* One side. */
struct side {
    loop *l;
    tcp_connection *c;
    const char *say; /* once opened */
    size_t take;     /* bytes per call; 0: all */
    bool quiet;      /* takes nothing */
    bool bounce;     /* sends back what comes */
    bool end_after;  /* ends once it has received something */
    unsigned opened;
    unsigned closed;
    unsigned drained;
    size_t received;
    char text[2 * RECEIVE_MAX];
    char reason[128];
    bool last; /* its end stops the loop */
};

static covey_bytes text_bytes(const char *text)
{
    return covey_bytes_of((const uint8_t *)text, strlen(text));
}

static void on_opened(void *user, tcp_connection *c)
{
    struct side *s = user;

    s->c = c;
    s->opened++;
    if (s->say != NULL) {
        assert_true(tcp_send(c, text_bytes(s->say)));
    }
}

static size_t on_received(void *user, tcp_connection *c, covey_bytes bytes)
{
    struct side *s = user;
    size_t n = bytes.len;

    if (s->quiet) {
        return 0;
    }
    if (s->take != 0) {
        n = bytes.len / s->take * s->take;
    }
    if (s->received + n <= sizeof s->text) {
        memcpy(s->text + s->received, bytes.ptr, n);
    }
    s->received += n;
    if (s->bounce) {
        assert_true(tcp_send(c, covey_bytes_of(bytes.ptr, n)));
    }
    if (s->end_after) {
        tcp_end(c);
    }
    return n;
}

static void on_drained(void *user, tcp_connection *c)
{
    struct side *s = user;

    (void)c;
    s->drained++;
}

static void on_closed(void *user, tcp_connection *c, const char *reason)
{
    struct side *s = user;

    s->closed++;
    if (s->c == c) {
        s->c = NULL;
    }
    snprintf(s->reason, sizeof s->reason, "%s",
             reason != NULL ? reason : "orderly");
    if (s->last) {
        loop_stop(s->l);
    }
}

static tcp_options options_of(struct side *s)
{
    const tcp_options o = {
        .events = { s, on_opened, on_received, on_drained, on_closed },
        .receive_max = RECEIVE_MAX,
        .send_max = SEND_MAX,
    };
    return o;
}

/* A server and a client in a loop, on this address. */
struct pair {
    loop *l;
    tcp_listener *listener;
    struct side server;
    struct side client;
};

static void start(struct pair *p, const char *host)
{
    char error[TCP_ERROR_MAX] = "";
    covey_address a;
    tcp_options o;

    p->l = loop_new();
    p->server.l = p->l;
    p->client.l = p->l;
    assert_true(address_parse(host, 0, &a));
    o = options_of(&p->server);
    p->listener = tcp_listen(p->l, &a, &o, error);
    if (p->listener == NULL) {
        fail_msg("%s", error);
    }
    a = tcp_local(p->listener);
    assert_int_not_equal(a.port, 0);
    o = options_of(&p->client);
    assert_non_null(tcp_connect(p->l, &a, &o, error));
}

static void finish(struct pair *p)
{
    tcp_listener_end(p->listener);
    loop_free(p->l);
}

static void question_and_answer(const char *host)
{
    struct pair p = { 0 };

    p.client.say = "over TCP";
    p.client.end_after = true;
    p.server.bounce = true;
    p.server.last = true;
    start(&p, host);
    loop_run(p.l);
    assert_int_equal(p.server.opened, 1);
    assert_int_equal(p.client.opened, 1);
    assert_int_equal(p.client.received, 8);
    assert_memory_equal(p.client.text, "over TCP", 8);
    assert_string_equal(p.server.reason, "orderly");
    finish(&p);
    assert_int_equal(p.client.closed, 1);
    assert_int_equal(p.server.closed, 1);
}

static void both_families(void **state)
{
    (void)state;
    question_and_answer("127.0.0.1");
    question_and_answer("::1");
}

/* What is not taken comes again, with what comes next. */
static void messages_are_taken_whole(void **state)
{
    struct pair p = { 0 };

    (void)state;
    p.client.say = "threethreethr";
    p.server.take = 5;
    p.server.bounce = true;
    p.client.end_after = true;
    p.server.last = true;
    start(&p, "127.0.0.1");
    loop_run(p.l);
    assert_int_equal(p.client.received, 10);
    /* The client ended inside the third. */
    assert_string_equal(p.server.reason, "ended inside a message");
    finish(&p);
}

static void a_message_that_is_too_long_ends_it(void **state)
{
    static char much[RECEIVE_MAX + 2];
    struct pair p = { 0 };

    (void)state;
    memset(much, 'x', sizeof much - 1);
    p.client.say = much;
    p.server.quiet = true;
    p.server.last = true;
    start(&p, "127.0.0.1");
    loop_run(p.l);
    assert_string_equal(p.server.reason,
                        "a message longer than may be received");
    if (p.client.c != NULL) { /* it may have been told by now */
        tcp_abort(p.client.c);
    }
    finish(&p);
    assert_int_equal(p.client.closed, 1);
}

static void on_due(void *user)
{
    loop_stop(user);
}

/* More than the system takes at once: it waits, up to the bound, and leaves
 * before the end. */
static void what_waits_leaves_before_the_end(void **state)
{
    struct pair p = { 0 };
    uint8_t *much = calloc(1, SEND_MAX);
    loop_alarm *a;

    (void)state;
    assert_non_null(much);
    start(&p, "127.0.0.1");
    p.server.last = true;
    a = loop_alarm_new(p.l, on_due, p.l);
    while (p.client.c == NULL || p.server.c == NULL) {
        loop_alarm_set(a, loop_now().mono + 1);
        loop_run(p.l);
    }
    assert_true(tcp_send(p.client.c, covey_bytes_of(much, SEND_MAX)));
    assert_false(tcp_send(p.client.c, covey_bytes_of(much, SEND_MAX)));
    tcp_end(p.client.c);
    assert_false(tcp_send(p.client.c, covey_bytes_of(much, 1)));
    loop_run(p.l);
    assert_int_equal(p.server.received, SEND_MAX);
    assert_string_equal(p.server.reason, "orderly");
    finish(&p);
    free(much);
}

static void nobody_listens(void **state)
{
    char error[TCP_ERROR_MAX];
    struct side s = { .l = loop_new(), .last = true };
    tcp_options o = options_of(&s);
    covey_address a;
    tcp_listener *l;

    (void)state;
    assert_true(address_parse("127.0.0.1", 0, &a));
    l = tcp_listen(s.l, &a, &o, error);
    assert_non_null(l);
    a = tcp_local(l);
    /* The same again is refused with a sentence. */
    assert_null(tcp_listen(s.l, &a, &o, error));
    assert_non_null(strstr(error, "cannot be listened at"));
    tcp_listener_end(l);
    assert_non_null(tcp_connect(s.l, &a, &o, error));
    loop_run(s.l);
    assert_int_equal(s.opened, 0);
    assert_int_equal(s.closed, 1);
    assert_string_equal(s.reason, "connection refused");
    loop_free(s.l);
}

static void there_is_a_bound_on_connections(void **state)
{
    char error[TCP_ERROR_MAX];
    struct side server = { .l = loop_new(), .last = true };
    struct side first = { .l = server.l };
    struct side second = { .l = server.l };
    tcp_options o = options_of(&server);
    tcp_listener *l;
    covey_address a;

    (void)state;
    o.connection_max = 1;
    assert_true(address_parse("127.0.0.1", 0, &a));
    l = tcp_listen(server.l, &a, &o, error);
    a = tcp_local(l);
    o = options_of(&first);
    assert_non_null(tcp_connect(server.l, &a, &o, error));
    o = options_of(&second);
    assert_non_null(tcp_connect(server.l, &a, &o, error));
    loop_run(server.l);
    assert_int_equal(server.opened, 1);
    assert_string_equal(server.reason, "too many connections");
    tcp_listener_end(l);
    tcp_abort(server.c);
    if (first.c != NULL) {
        tcp_abort(first.c);
    }
    if (second.c != NULL) {
        tcp_abort(second.c);
    }
    loop_free(server.l);
    assert_int_equal(first.closed + second.closed, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_families),
        cmocka_unit_test(messages_are_taken_whole),
        cmocka_unit_test(a_message_that_is_too_long_ends_it),
        cmocka_unit_test(what_waits_leaves_before_the_end),
        cmocka_unit_test(nobody_listens),
        cmocka_unit_test(there_is_a_bound_on_connections),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
