/* SPDX-License-Identifier: BSD-2-Clause */
/* Sockets of shell/udp talking to each other over loopback. */
#include "kit.h"

#include <net/if.h>
#include <poll.h>
#include <string.h>
#include <system_address.h>
#include <udp.h>

static covey_address address(const char *host, uint16_t port)
{
    covey_address a;

    assert_true(address_parse(host, port, &a));
    return a;
}

static udp_socket *open_at(const char *host, uint16_t port, bool reuse)
{
    char error[UDP_ERROR_MAX] = "";
    const udp_options o = {
        .local = address(host, port),
        .datagram_max = 1500,
        .reuse_port = reuse,
    };
    udp_socket *s = udp_open(&o, error);

    if (s == NULL) {
        fail_msg("%s", error);
    }
    return s;
}

static void queue(udp_socket *s, const covey_path *path, const char *text)
{
    covey_writer w = udp_departure(s);

    covey_write_bytes(&w, covey_bytes_of((const uint8_t *)text, strlen(text)));
    assert_int_equal(w.failed, COVEY_OK);
    udp_commit(s, path, &w);
}

enum {
    ETERNITY_MS = 60000
};

/* Loopback delivers before sendmmsg returns, but a loaded machine may not. */
static bool readable(const udp_socket *s, int timeout_ms)
{
    struct pollfd p = { .fd = udp_fd(s), .events = POLLIN };
    return poll(&p, 1, timeout_ms) == 1 && (p.revents & POLLIN) != 0;
}

static size_t wait_receive(udp_socket *s)
{
    assert_true(readable(s, ETERNITY_MS));
    return udp_receive(s);
}

static void says(const udp_socket *s, size_t i, const char *text,
                 covey_path *path)
{
    const covey_bytes b = udp_datagram(s, i, path);

    assert_int_equal(b.len, strlen(text));
    assert_memory_equal(b.ptr, text, b.len);
}

/* In whichever batch it comes: of `count` datagrams that at `at` is next. */
static void then_says(udp_socket *s, size_t *at, size_t *count,
                      const char *text)
{
    covey_path path;

    while (*at == *count) {
        *count = wait_receive(s);
        *at = 0;
    }
    says(s, (*at)++, text, &path);
}

static void a_question_and_its_answer(const char *host)
{
    udp_socket *server = open_at(host, 0, false);
    udp_socket *client = open_at(host, 0, false);
    const covey_path to = { .peer = udp_local(server) };
    const covey_address from = udp_local(client);
    covey_path asked;
    covey_path answered;

    queue(client, &to, "question");
    assert_true(udp_flush(client));
    assert_int_equal(wait_receive(server), 1);
    says(server, 0, "question", &asked);
    assert_true(covey_address_equal(&asked.peer, &from));
    assert_false(asked.group);
    assert_int_equal(asked.interface, if_nametoindex("lo"));

    queue(server, &asked, "answer");
    assert_true(udp_flush(server));
    assert_int_equal(wait_receive(client), 1);
    says(client, 0, "answer", &answered);
    assert_true(covey_address_equal(&answered.peer, &to.peer));
    assert_int_equal(udp_receive(client), 0);
    udp_close(server);
    udp_close(client);
}

static void both_families(void **state)
{
    (void)state;
    a_question_and_its_answer("127.0.0.1");
    a_question_and_its_answer("::1");
}

/* A server on all addresses answers from the one that was asked. */
static void the_answer_leaves_from_where_it_was_asked(void **state)
{
    udp_socket *server = open_at("0.0.0.0", 0, false);
    udp_socket *client = open_at("127.0.0.1", 0, false);
    covey_path to = { .peer = address("127.0.0.77", udp_local(server).port) };
    covey_path asked;
    covey_path answered;

    (void)state;
    queue(client, &to, "q");
    assert_true(udp_flush(client));
    assert_int_equal(wait_receive(server), 1);
    says(server, 0, "q", &asked);
    assert_memory_equal(asked.local.ip, to.peer.ip, 4);
    queue(server, &asked, "a");
    assert_true(udp_flush(server));
    assert_int_equal(wait_receive(client), 1);
    says(client, 0, "a", &answered);
    assert_memory_equal(answered.peer.ip, to.peer.ip, 4);
    udp_close(server);
    udp_close(client);
}

static void a_group_hears_and_one_answers(void **state)
{
    const uint32_t lo = if_nametoindex("lo");
    const covey_address group = address("224.0.1.187", 0);
    char error[UDP_ERROR_MAX];
    udp_socket *server = open_at("0.0.0.0", 0, false);
    udp_socket *client = open_at("127.0.0.1", 0, false);
    covey_path to = { .peer = group, .interface = lo };
    covey_path asked;
    covey_path answered;

    (void)state;
    to.peer.port = udp_local(server).port;
    assert_true(udp_join(server, &group, lo, error));
    queue(client, &to, "all");
    assert_true(udp_flush(client));
    assert_int_equal(wait_receive(server), 1);
    says(server, 0, "all", &asked);
    assert_true(asked.group);
    /* Never from the group's address. */
    queue(server, &asked, "one");
    assert_true(udp_flush(server));
    assert_int_equal(wait_receive(client), 1);
    says(client, 0, "one", &answered);
    assert_int_equal(answered.peer.ip[0], 127);

    assert_true(udp_leave(server, &group, lo, error));
    queue(client, &to, "all");
    assert_true(udp_flush(client));
    assert_false(readable(server, 100));
    udp_close(server);
    udp_close(client);
}

static void a_full_queue_says_so(void **state)
{
    udp_socket *server = open_at("127.0.0.1", 0, false);
    udp_socket *client = open_at("127.0.0.1", 0, false);
    const covey_path to = { .peer = udp_local(server) };
    size_t got = 0;
    covey_path path;

    (void)state;
    for (unsigned i = 0; i < UDP_BATCH; i++) {
        queue(client, &to, "x");
    }
    assert_int_equal(udp_departure(client).failed, COVEY_E_ROOM);
    assert_true(udp_flush(client));
    assert_int_equal(udp_departure(client).failed, COVEY_OK);
    while (got < UDP_BATCH) {
        const size_t n = wait_receive(server);
        for (size_t i = 0; i < n; i++) {
            says(server, i, "x", &path);
        }
        got += n;
    }
    assert_int_equal(got, UDP_BATCH);
    assert_int_equal(udp_counters_of(client).sent, UDP_BATCH);
    assert_int_equal(udp_counters_of(server).received, UDP_BATCH);
    udp_close(server);
    udp_close(client);
}

static void a_datagram_that_is_too_long_is_dropped(void **state)
{
    char error[UDP_ERROR_MAX];
    const udp_options narrow = {
        .local = address("127.0.0.1", 0),
        .datagram_max = 4,
    };
    udp_socket *server = udp_open(&narrow, error);
    udp_socket *client = open_at("127.0.0.1", 0, false);
    covey_path to;
    size_t at = 0;
    size_t count = 0;

    (void)state;
    assert_non_null(server);
    to = (covey_path){ .peer = udp_local(server) };
    queue(client, &to, "four");
    queue(client, &to, "five!");
    queue(client, &to, "4444");
    assert_true(udp_flush(client));
    then_says(server, &at, &count, "four");
    then_says(server, &at, &count, "4444");
    assert_int_equal(udp_counters_of(server).too_long, 1);
    udp_close(server);
    udp_close(client);
}

/* Nobody listens: the network says so, and nothing else is lost by it. */
static void a_peer_that_is_gone_is_named(void **state)
{
    udp_socket *gone = open_at("127.0.0.1", 0, false);
    udp_socket *server = open_at("127.0.0.1", 0, false);
    udp_socket *client = open_at("127.0.0.1", 0, false);
    const covey_path nowhere = { .peer = udp_local(gone) };
    const covey_path there = { .peer = udp_local(server) };
    covey_path path;
    struct pollfd p = { .fd = udp_fd(client) };

    (void)state;
    udp_close(gone);
    queue(client, &nowhere, "hello?");
    assert_true(udp_flush(client));
    assert_int_equal(poll(&p, 1, ETERNITY_MS), 1); /* POLLERR */
    queue(client, &there, "hello");
    assert_true(udp_flush(client));
    assert_int_equal(wait_receive(server), 1);
    says(server, 0, "hello", &path);
    assert_true(udp_unreachable(client, &path));
    assert_true(covey_address_equal(&path.peer, &nowhere.peer));
    assert_false(udp_unreachable(client, &path));
    assert_int_equal(udp_receive(client), 0);
    assert_int_equal(udp_counters_of(client).failed, 0);
    udp_close(server);
    udp_close(client);
}

static void what_cannot_be_sent_is_counted(void **state)
{
    udp_socket *server = open_at("127.0.0.1", 0, false);
    udp_socket *client = open_at("127.0.0.1", 0, false);
    const covey_path port_zero = { .peer = address("127.0.0.1", 0) };
    const covey_path there = { .peer = udp_local(server) };
    covey_path path;

    (void)state;
    queue(client, &port_zero, "lost");
    queue(client, &there, "not lost");
    assert_true(udp_flush(client));
    assert_int_equal(udp_counters_of(client).failed, 1);
    assert_int_not_equal(udp_counters_of(client).last_error, 0);
    assert_int_equal(wait_receive(server), 1);
    says(server, 0, "not lost", &path);
    udp_close(server);
    udp_close(client);
}

static void refusals_are_sentences(void **state)
{
    char error[UDP_ERROR_MAX] = "";
    udp_options o = { .local = address("127.0.0.1", 0) };
    udp_socket *s = open_at("127.0.0.1", 0, false);
    const covey_address v6 = address("ff02::fd", 0);
    const covey_address unicast = address("127.0.0.1", 0);

    (void)state;
    o.local = udp_local(s);
    assert_null(udp_open(&o, error));
    assert_non_null(strstr(error, "cannot be bound"));
    assert_non_null(strstr(error, "127.0.0.1:"));
    o.local.family = COVEY_FAMILY_NONE;
    assert_null(udp_open(&o, error));
    assert_non_null(strstr(error, "IPv4 or IPv6"));
    o.local = address("192.0.2.1", 0); /* not ours */
    assert_null(udp_open(&o, error));
    o.local = address("127.0.0.1", 0);
    o.datagram_max = UDP_DATAGRAM_MAX + 1;
    assert_null(udp_open(&o, error));
    assert_non_null(strstr(error, "longest"));
    assert_false(udp_join(s, &v6, 0, error));
    assert_false(udp_join(s, &unicast, 0, error));
    assert_non_null(strstr(error, "joined"));
    assert_false(udp_leave(s, &unicast, 0, error));
    assert_non_null(strstr(error, "left"));
    udp_close(s);
    udp_close(NULL);
}

static void workers_share_a_port(void **state)
{
    udp_socket *a = open_at("127.0.0.1", 0, true);
    udp_socket *b = open_at("127.0.0.1", udp_local(a).port, true);

    (void)state;
    assert_int_equal(udp_local(a).port, udp_local(b).port);
    udp_close(a);
    udp_close(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_families),
        cmocka_unit_test(the_answer_leaves_from_where_it_was_asked),
        cmocka_unit_test(a_group_hears_and_one_answers),
        cmocka_unit_test(a_full_queue_says_so),
        cmocka_unit_test(a_datagram_that_is_too_long_is_dropped),
        cmocka_unit_test(a_peer_that_is_gone_is_named),
        cmocka_unit_test(what_cannot_be_sent_is_counted),
        cmocka_unit_test(refusals_are_sentences),
        cmocka_unit_test(workers_share_a_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
