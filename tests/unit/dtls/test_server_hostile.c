/* SPDX-License-Identifier: BSD-2-Clause */
/* Datagrams that nobody should send. */
#include "world.h"

static struct world w;

/* A conversation as it went over the network: five flights and a message. */
static struct world_datagram seen[64];
static size_t seen_count;
static bool keep_seen(struct world *world, struct world_datagram *d)
{
    (void)world;
    assert_true(seen_count < COUNT_OF(seen));
    seen[seen_count++] = *d;
    return true;
}

static dtls_options mine(void)
{
    return world_key("me", "a key of both");
}

static void converse(struct world *world)
{
    seen_count = 0;
    world->change = keep_seen;
    world_connect(world, 0, 9, 0, mine());
    world_run(world);
    assert_true(world_say(world, 0, "a message"));
    world->change = NULL;
}

/* --- before there is a session ------------------------------------------- */

static void short_and_foreign_datagrams_get_no_answer(void **state)
{
    uint8_t bytes[64];
    const covey_path path = world_path(66, 0);

    (void)state;
    world_open(&w, (dtls_server_options){ 0 });
    for (size_t len = 0; len <= sizeof bytes; len++) {
        for (unsigned first = 0; first < 256; first++) {
            memset(bytes, 0, sizeof bytes);
            bytes[0] = (uint8_t)first;
            bytes[1] = 0xfe;
            bytes[2] = 0xfd;
            world_inject(&w, &path, bytes, len);
            world_run(&w);
        }
    }
    assert_int_equal(w.carried, (sizeof bytes + 1) * 256);
    assert_int_equal(w.failed, 0);
    world_close(&w);
}

static void a_group_is_not_listened_to(void **state)
{
    (void)state;
    world_open(&w, (dtls_server_options){ 0 });
    converse(&w);
    const size_t carried = w.carried;
    covey_path path = world_path(9, 1);
    path.group = true;
    world_inject(&w, &path, seen[0].bytes, seen[0].len);
    world_run(&w);
    assert_int_equal(w.carried, carried + 1);
    world_close(&w);
}

/* Every answer is one that is no longer, and nothing is kept. */
static void a_flood_of_hellos_costs_nothing(void **state)
{
    (void)state;
    world_open(&w, (dtls_server_options){ .handshakes = 1 });
    converse(&w);
    const size_t carried = w.carried;
    for (unsigned i = 0; i < 5000; i++) {
        const covey_path path = world_path(10 + i % 200, i);
        world_inject(&w, &path, seen[0].bytes, seen[0].len);
        assert_int_equal(w.count, 1);
        world_run(&w);
    }
    assert_int_equal(w.carried, carried + 10000);
    assert_true(seen[1].len <= seen[0].len);
    assert_int_equal(dtls_server_counters_of(w.server).hellos, 5001);
    assert_int_equal(w.failed, 0);
    assert_int_equal(dtls_server_counters_of(w.server).failed, 0);
    assert_true(world_say(&w, 0, "still here"));
    world_close(&w);
}

/* The cookie of one client, ClientHello and all, from elsewhere. */
static void a_cookie_is_good_for_one_address_only(void **state)
{
    (void)state;
    world_open(&w, (dtls_server_options){ 0 });
    converse(&w);
    assert_true(seen[2].to_server);
    for (unsigned i = 0; i < 3; i++) {
        covey_path path = world_path(9 + (i == 0), i == 1);
        path.local.ip[3] = (uint8_t)(1 + (i == 2));
        world_inject(&w, &path, seen[2].bytes, seen[2].len);
        world_run(&w);
    }
    assert_int_equal(dtls_server_counters_of(w.server).hellos, 4);
    w.now += 30000;
    dtls_server_expire(w.server, w.now);
    assert_int_equal(w.failed, 0); /* there was no handshake */
    world_close(&w);
}

static void a_cookie_grows_old(void **state)
{
    (void)state;
    world_open(&w, (dtls_server_options){ 0 });
    converse(&w);
    world_connect(&w, 1, 77, 7, mine());
    dtls_server_receive(
        w.server, w.now, &w.clients[1].path,
        covey_bytes_of(w.queue[w.first].bytes, w.queue[w.first].len));
    w.first = (w.first + 1) % WORLD_QUEUE;
    w.count--;
    /* The secret changes twice, so that the cookie on its way is old. */
    for (unsigned i = 0; i < 2; i++) {
        const covey_path path = world_path(88, i);
        w.now += 60000;
        dtls_server_receive(w.server, w.now, &path,
                            covey_bytes_of(seen[0].bytes, seen[0].len));
    }
    world_run(&w);
    assert_int_equal(w.opened, 1);
    world_connect(&w, 1, 77, 7, mine());
    world_run(&w);
    assert_int_equal(w.opened, 2);
    world_close(&w);
}

static void any_bit_of_a_cookie_counts(void **state)
{
    (void)state;
    world_open(&w, (dtls_server_options){ 0 });
    converse(&w);
    /* ClientHello without session: its cookie begins at 61. */
    assert_int_equal(seen[2].bytes[60], 32);
    const covey_path path = world_path(9, 0);
    for (size_t bit = 0; bit < 32 * 8; bit++) {
        struct world_datagram d = seen[2];
        d.bytes[61 + bit / 8] ^= (uint8_t)(1u << bit % 8);
        /* Another session than that of the random bytes. */
        d.bytes[27] ^= 1;
        world_inject(&w, &path, d.bytes, d.len);
        world_run(&w);
    }
    assert_int_equal(w.opened, 1);
    assert_true(world_say(&w, 0, "still here"));
    w.now += 30000;
    dtls_server_expire(w.server, w.now);
    assert_int_equal(w.failed, 0);
    world_close(&w);
}

/* --- during a handshake -------------------------------------------------- */

static size_t victim;
static size_t place;

static bool cut_one(struct world *world, struct world_datagram *d)
{
    if (world->carried == victim && d->to_server && place < d->len) {
        d->len = place;
    }
    return true;
}

static bool flip_one(struct world *world, struct world_datagram *d)
{
    if (world->carried == victim && d->to_server && place < d->len) {
        d->bytes[place] ^= 0x41;
    }
    return true;
}

/* Whatever happened to one datagram, the next client is served. */
static void damage(bool (*change)(struct world *, struct world_datagram *))
{
    world_open(&w, (dtls_server_options){ 0 });
    for (victim = 1; victim <= 5; victim++) {
        for (place = 0; place < 220; place += 3) {
            w.change = change;
            w.carried = 0;
            world_connect(&w, 0, 20 + (unsigned)place % 100, (unsigned)victim,
                          mine());
            world_run(&w);
            w.change = NULL;
        }
    }
    const unsigned before = w.opened;
    world_connect(&w, 1, 9, 0, mine());
    world_run(&w);
    assert_int_equal(w.opened, before + 1);
    assert_true(world_say(&w, 1, "served"));
    world_close(&w);
}

static void a_flight_that_was_cut_does_no_harm(void **state)
{
    (void)state;
    damage(cut_one);
}

static void a_flight_that_was_changed_does_no_harm(void **state)
{
    (void)state;
    damage(flip_one);
}

static bool twice(struct world *world, struct world_datagram *d)
{
    if (d->to_server && world->carried < 100) {
        dtls_server_receive(world->server, world->now, &d->path,
                            covey_bytes_of(d->bytes, d->len));
    }
    return true;
}

static void everything_comes_twice(void **state)
{
    (void)state;
    world_open(&w, (dtls_server_options){ 0 });
    w.change = twice;
    world_connect(&w, 0, 9, 0, mine());
    world_run(&w);
    assert_int_equal(w.opened, 1);
    assert_true(world_say(&w, 0, "once"));
    assert_int_equal(w.messages, 1);
    world_close(&w);
}

/* libssl would keep each of them; after a few nothing is taken. */
static void records_that_come_too_early_are_bounded(void **state)
{
    static const uint8_t early[] = {
        22, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 0, 0, 24, /* epoch 1 */
        0,  1,    2,    3, 4, 5, 6, 7, 8, 9, 0, 1, 2,
        3,  4,    5,    6, 7, 8, 9, 0, 1, 2, 3,
    };
    uint8_t many[DTLS_DATAGRAM_MAX];
    size_t len = 0;

    (void)state;
    world_open(&w, (dtls_server_options){ 0 });
    world_connect(&w, 0, 9, 0, mine());
    while (w.carried < 3) { /* the cookie has been taken */
        const size_t before = w.count;
        struct world_datagram *d = &w.queue[w.first];
        w.first = (w.first + 1) % WORLD_QUEUE;
        w.count--;
        w.carried++;
        if (d->to_server) {
            dtls_server_receive(w.server, w.now, &d->path,
                                covey_bytes_of(d->bytes, d->len));
        } else {
            dtls_receive(w.clients[0].session,
                         covey_bytes_of(d->bytes, d->len));
        }
        assert_true(before > 0);
    }
    while (len + sizeof early <= sizeof many) {
        memcpy(many + len, early, sizeof early);
        many[len + 10] = (uint8_t)(len / sizeof early);
        len += sizeof early;
    }
    const covey_path path = world_path(9, 0);
    for (unsigned i = 0; i < 3; i++) {
        dtls_server_receive(w.server, w.now, &path, covey_bytes_of(many, len));
    }
    world_run(&w);
    assert_int_equal(w.opened, 0);
    w.now += 30000;
    dtls_server_expire(w.server, w.now);
    assert_int_equal(w.failed, 1);
    world_close(&w);
}

/* --- in an open session -------------------------------------------------- */

static void what_was_sent_before_is_not_heard_again(void **state)
{
    (void)state;
    world_open(&w, (dtls_server_options){ 0 });
    converse(&w);
    for (unsigned round = 0; round < 3; round++) {
        for (size_t i = 0; i < seen_count; i++) {
            if (seen[i].to_server) {
                world_inject(&w, &seen[i].path, seen[i].bytes, seen[i].len);
                world_run(&w);
            }
        }
    }
    assert_int_equal(w.messages, 1);
    assert_int_equal(w.opened, 1);
    assert_int_equal(w.lost, 0);
    assert_true(world_say(&w, 0, "still here"));
    world_close(&w);
}

/* Each bit of a record, and each place where it may end. */
static void what_was_changed_is_not_heard(void **state)
{
    (void)state;
    world_open(&w, (dtls_server_options){ 0 });
    converse(&w);
    assert_true(dtls_send(w.clients[0].session, SPAN("never heard")));
    struct world_datagram last = w.queue[w.first];
    w.count = 0;
    for (size_t bit = 0; bit < last.len * 8; bit++) {
        struct world_datagram d = last;
        d.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        world_inject(&w, &d.path, d.bytes, d.len);
        world_run(&w);
    }
    for (size_t len = 0; len < last.len; len++) {
        world_inject(&w, &last.path, last.bytes, len);
        world_run(&w);
    }
    assert_int_equal(w.messages, 1);
    assert_int_equal(w.lost, 0);
    /* It itself was not; now it is. */
    world_inject(&w, &last.path, last.bytes, last.len);
    world_run(&w);
    assert_int_equal(w.messages, 2);
    assert_memory_equal(w.heard, "never heard", 11);
    world_close(&w);
}

static void alerts_in_clear_do_not_end_it(void **state)
{
    static const uint8_t alert[] = { 21, 0xfe, 0xfd, 0, 0, 0, 0, 0,
                                     0,  0,    99,   0, 2, 2, 40 };
    static const uint8_t notify[] = { 21, 0xfe, 0xfd, 0, 0, 0, 0, 0,
                                      0,  0,    98,   0, 2, 1, 0 };

    (void)state;
    world_open(&w, (dtls_server_options){ 0 });
    converse(&w);
    world_inject(&w, &seen[0].path, alert, sizeof alert);
    world_inject(&w, &seen[0].path, notify, sizeof notify);
    world_run(&w);
    assert_int_equal(w.lost, 0);
    assert_true(world_say(&w, 0, "still here"));
    world_close(&w);
}

static void a_datagram_that_is_too_long_is_not_looked_at(void **state)
{
    static uint8_t much[DTLS_DATAGRAM_MAX + 1];
    const covey_path path = world_path(9, 0);

    (void)state;
    world_open(&w, (dtls_server_options){ 0 });
    converse(&w);
    dtls_server_receive(w.server, w.now, &path,
                        covey_bytes_of(much, sizeof much));
    assert_int_equal(dtls_server_counters_of(w.server).too_long, 1);
    assert_true(world_say(&w, 0, "still here"));
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_and_foreign_datagrams_get_no_answer),
        cmocka_unit_test(a_group_is_not_listened_to),
        cmocka_unit_test(a_flood_of_hellos_costs_nothing),
        cmocka_unit_test(a_cookie_is_good_for_one_address_only),
        cmocka_unit_test(a_cookie_grows_old),
        cmocka_unit_test(any_bit_of_a_cookie_counts),
        cmocka_unit_test(a_flight_that_was_cut_does_no_harm),
        cmocka_unit_test(a_flight_that_was_changed_does_no_harm),
        cmocka_unit_test(everything_comes_twice),
        cmocka_unit_test(records_that_come_too_early_are_bounded),
        cmocka_unit_test(what_was_sent_before_is_not_heard_again),
        cmocka_unit_test(what_was_changed_is_not_heard),
        cmocka_unit_test(alerts_in_clear_do_not_end_it),
        cmocka_unit_test(a_datagram_that_is_too_long_is_not_looked_at),
    };

    return KIT_RUN(tests);
}
