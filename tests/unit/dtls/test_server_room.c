/* SPDX-License-Identifier: BSD-2-Clause */
/* Who gets a row, and who loses it. */
#include "world.h"

static struct world w;

static dtls_options mine(void)
{
    return world_key("me", "a key of both");
}

/* Client `i` opens a session. */
static void enter(unsigned i, unsigned host, unsigned port)
{
    const unsigned before = w.opened;

    w.now++;
    world_connect(&w, i, host, port, mine());
    world_run(&w);
    assert_int_equal(w.opened, before + 1);
}

static void the_one_that_is_silent_longest_goes(void **state)
{
    (void)state;
    world_open(&w, (dtls_server_options){ .sessions = 3 });
    enter(0, 10, 0);
    enter(1, 11, 0);
    enter(2, 12, 0);
    w.now++;
    assert_true(world_say(&w, 0, "awake"));
    enter(3, 13, 0);
    assert_int_equal(w.lost, 1);
    assert_string_equal(w.reason, "another one needs room");
    assert_int_equal(w.clients[1].closed, 1);
    assert_true(world_say(&w, 0, "here"));
    assert_true(world_say(&w, 2, "here"));
    assert_true(world_say(&w, 3, "here"));
    assert_int_equal(dtls_server_counters_of(w.server).displaced, 1);
    world_close(&w);
}

static void an_address_displaces_its_own(void **state)
{
    (void)state;
    world_open(&w, (dtls_server_options){ .per_address = 2 });
    enter(0, 10, 0);
    enter(1, 11, 0);
    enter(2, 11, 1);
    enter(3, 11, 2);
    assert_int_equal(w.clients[1].closed, 1);
    assert_true(world_say(&w, 0, "here"));
    assert_true(world_say(&w, 2, "here"));
    assert_true(world_say(&w, 3, "here"));
    world_close(&w);
}

/* With both bounds reached one goes, and it is of the same address. */
static void both_bounds_at_once(void **state)
{
    (void)state;
    world_open(&w, (dtls_server_options){ .sessions = 3, .per_address = 2 });
    enter(0, 10, 0);
    enter(1, 11, 0);
    enter(2, 11, 1);
    enter(3, 11, 2);
    assert_int_equal(w.lost, 1);
    assert_int_equal(w.clients[1].closed, 1);
    world_close(&w);
}

static bool only_to_the_server(struct world *world, struct world_datagram *d)
{
    /* Up to the answer to the second ClientHello. */
    (void)world;
    return d->to_server || d->bytes[13] == 3; /* hello_verify_request */
}

/* A handshake that gets no further than its cookie. */
static void knock(unsigned i, unsigned host, unsigned port)
{
    w.now++;
    w.change = only_to_the_server;
    world_connect(&w, i, host, port, mine());
    world_run(&w);
    w.change = NULL;
}

static void handshakes_displace_handshakes_only(void **state)
{
    (void)state;
    world_open(&w, (dtls_server_options){ .sessions = 1, .handshakes = 2 });
    enter(0, 10, 0);
    knock(1, 11, 0);
    knock(2, 12, 0);
    assert_int_equal(w.failed, 0);
    knock(3, 13, 0);
    assert_int_equal(w.failed, 1);
    assert_int_equal(w.path.peer.ip[3], 11);
    assert_string_equal(w.reason, "another handshake needs room");
    assert_int_equal(w.lost, 0);
    assert_true(world_say(&w, 0, "here"));
    w.now += 30000;
    dtls_server_expire(w.server, w.now);
    assert_int_equal(w.failed, 3);
    world_close(&w);
}

static void handshakes_of_one_address_displace_each_other(void **state)
{
    (void)state;
    world_open(&w, (dtls_server_options){ .per_address = 2 });
    knock(1, 11, 0);
    knock(2, 12, 0);
    knock(3, 12, 1);
    knock(4, 12, 2);
    assert_int_equal(w.failed, 1);
    assert_int_equal(w.path.peer.ip[3], 12);
    assert_int_equal(w.path.peer.port, 1000);
    world_close(&w);
}

static void
a_handshake_that_begins_anew_takes_the_row_of_the_first(void **state)
{
    (void)state;
    world_open(&w, (dtls_server_options){ .handshakes = 1 });
    knock(1, 11, 0);
    knock(1, 11, 0);
    assert_int_equal(w.failed, 1);
    assert_string_equal(w.reason, "the client has begun anew");
    world_connect(&w, 1, 11, 0, mine());
    world_run(&w);
    assert_int_equal(w.opened, 1);
    world_close(&w);
}

/* The same row under one name after the other. */
static void names_are_not_used_again(void **state)
{
    uint32_t names[20];

    (void)state;
    world_open(&w, (dtls_server_options){ .sessions = 1, .handshakes = 1 });
    for (unsigned i = 0; i < COUNT_OF(names); i++) {
        enter(i % 2, 10, i);
        names[i] = w.path.connection;
        for (unsigned k = 0; k < i; k++) {
            assert_int_not_equal(names[k], names[i]);
        }
    }
    assert_int_equal(w.lost, COUNT_OF(names) - 1);
    world_close(&w);
}

static void many_come_and_go(void **state)
{
    kit_random r = { 7 };

    (void)state;
    world_open(&w, (dtls_server_options){ .sessions = 3,
                                          .handshakes = 2,
                                          .per_address = 2,
                                          .idle = 40 });
    for (unsigned n = 0; n < 300; n++) {
        const unsigned i = kit_next(&r) % WORLD_CLIENTS;
        w.now += kit_next(&r) % 8;
        if (kit_next(&r) % 4 == 0) {
            knock(i, 10 + i / 2, i % 2);
        } else {
            world_connect(&w, i, 10 + i / 2, i % 2, mine());
            world_run(&w);
        }
        dtls_server_expire(w.server, w.now);
        assert_true(w.opened - w.lost <= 3);
    }
    w.now += 30000;
    dtls_server_expire(w.server, w.now);
    const dtls_server_counters c = dtls_server_counters_of(w.server);
    assert_int_equal(c.opened, w.lost);
    assert_int_equal(c.failed, w.failed);
    assert_int_equal(dtls_server_deadline(w.server), COVEY_NEVER);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_one_that_is_silent_longest_goes),
        cmocka_unit_test(an_address_displaces_its_own),
        cmocka_unit_test(both_bounds_at_once),
        cmocka_unit_test(handshakes_displace_handshakes_only),
        cmocka_unit_test(handshakes_of_one_address_displace_each_other),
        cmocka_unit_test(
            a_handshake_that_begins_anew_takes_the_row_of_the_first),
        cmocka_unit_test(names_are_not_used_again),
        cmocka_unit_test(many_come_and_go),
    };

    return KIT_RUN(tests);
}
