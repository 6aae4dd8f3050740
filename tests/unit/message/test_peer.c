/* SPDX-License-Identifier: BSD-2-Clause */
/* What goes to one peer: NSTART, PROBING_RATE, Message IDs; and tables that
 * are full. */
#include "lab.h"

#define GET     "71 01 99 99 aa" /* type and ID do not matter */
#define CONTENT "41 45 00 00 aa ff 68 69"

enum {
    ACK = 0x60,
    RST = 0x70
};

static covey_message_letter letter(covey_coap_type type, uint64_t user)
{
    covey_message_letter l = { .path = lab.path, .type = type, .user = user };

    return l;
}

static void nstart_messages_are_on_their_way_the_others_wait(void **state)
{
    covey_message_parameters p = covey_message_defaults();
    uint16_t id[5];
    covey_message_sent sent[5];

    (void)state;
    p.nstart = 2;
    lab_start(&p);
    for (unsigned i = 0; i < 5; i++) {
        covey_message_letter l = letter(COVEY_COAP_CON, i);
        sent[i] = lab_send(&l, i % 2 ? GET : CONTENT);
        assert_int_equal(sent[i].now, i < 2);
        id[i] = lab_id();
    }
    lab_transmits(NULL);
    lab.path = lab_path(3); /* somebody else does not wait */
    {
        covey_message_letter l = letter(COVEY_COAP_CON, 6);
        assert_true(lab_send(&l, GET).now);
        (void)lab_answer(ACK, 0, lab_id(), "");
        lab_event(COVEY_MESSAGE_ACKNOWLEDGED, 6);
    }
    lab.path = lab_path(2);
    (void)lab_answer(ACK, 0, id[4], ""); /* has not left yet */
    lab_event(0, 0);
    covey_message_cancel(&lab.layer, sent[2].ref); /* while it waits */
    (void)lab_answer(ACK, 0, id[0], "");
    lab_event(COVEY_MESSAGE_ACKNOWLEDGED, 0);
    assert_int_equal(covey_message_deadline(&lab.layer), 0);
    assert_true(lab_transmit());
    assert_int_equal(lab_id(), id[3]);
    assert_int_equal(lab.bytes[0], 0x41);
    lab_transmits(NULL);
    covey_message_cancel(&lab.layer, sent[1].ref); /* while in flight */
    covey_message_cancel(&lab.layer, sent[4].ref); /* while ready */
    lab_transmits(NULL);
    (void)lab_answer(RST, 0, id[3], "");
    covey_message_cancel(&lab.layer, sent[3].ref); /* before its event */
    lab_event(0, 0);
    assert_int_equal(covey_message_deadline(&lab.layer), COVEY_NEVER);
}

static void one_that_times_out_lets_the_next_go(void **state)
{
    covey_message_letter l;
    covey_ms begun;

    (void)state;
    lab_start(NULL);
    begun = lab.now;
    l = letter(COVEY_COAP_CON, 1);
    lab_send(&l, GET);
    l.user = 2;
    assert_false(lab_send(&l, CONTENT).now);
    while (lab.layer.events.first == UINT32_MAX) {
        lab.now = covey_message_deadline(&lab.layer);
        while (lab_transmit() && lab.bytes[1] == 1) {
        }
    }
    assert_int_equal(lab.bytes[1], 0x45);
    assert_in_range(lab.now - begun, 62000, 93000);
    lab_event(COVEY_MESSAGE_TIMED_OUT, 1);
}

static void who_does_not_respond_gets_probing_rate(void **state)
{
    covey_message_letter l;
    covey_ms begun;
    covey_message_sent sent;

    (void)state;
    lab_start(NULL);
    begun = lab.now;
    l = letter(COVEY_COAP_NON, 1);
    sent = lab_send(&l, GET); /* five bytes: five seconds */
    assert_true(sent.now);
    l.user = 2;
    assert_true(lab_send(&l, CONTENT "aabb").now); /* replies do not wait */
    l.user = 3;
    assert_false(lab_send(&l, GET).now);
    l.user = 4;
    assert_false(lab_send(&l, GET).now);
    covey_message_cancel(&lab.layer, sent.ref); /* no shorter for that */
    lab.now = begun + 4999;
    lab_transmits(NULL);
    lab.now++;
    assert_true(lab_transmit());
    assert_int_equal(lab.bytes[0], 0x51);
    lab_transmits(NULL);
    lab.now = begun + 9999;
    lab_transmits(NULL);
    lab.now++;
    assert_true(lab_transmit());
    lab_transmits(NULL);
    lab_event(0, 0);
}

static void probing_rate_is_an_average(void **state)
{
    static const covey_ms due[] = { 1667, 3334, 5001, 6668 };
    covey_message_parameters p = covey_message_defaults();
    covey_message_letter l;
    covey_ms begun;

    (void)state;
    p.nstart = 3;
    p.probing_rate = 3;
    lab_start(&p);
    begun = lab.now;
    l = letter(COVEY_COAP_NON, 1);
    for (unsigned i = 0; i < 3 + COUNT_OF(due); i++) {
        assert_int_equal(lab_send(&l, GET).now, i < 3); /* 5 bytes */
        if (i >= 3) {
            lab.now = begun + due[i - 3] - 1;
            lab_transmits(NULL);
            lab.now++;
            assert_true(lab_transmit());
            lab_transmits(NULL);
        }
    }
}

static void any_answer_shows_that_a_peer_responds(void **state)
{
    static const unsigned first[] = { ACK, RST };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(first); i++) {
        covey_message_letter l;
        covey_message_sent sent;
        lab_start(NULL);
        l = letter(COVEY_COAP_NON, 1);
        sent = lab_send(&l, GET);
        assert_false(lab_send(&l, GET).now);
        (void)lab_answer(first[i], 0, (uint16_t)(lab_id() + 1), "");
        lab_transmits(NULL);
        covey_message_cancel(&lab.layer, sent.ref);
        assert_true(lab_transmit());
    }
}

static void the_least_recent_peer_goes(void **state)
{
    covey_message_parameters p = covey_message_defaults();
    covey_message_letter l;
    uint16_t id;

    (void)state;
    lab_start(NULL);
    lab.memory.peer_count = 2;
    CHECK_STATUS(COVEY_OK,
                 covey_message_init(&lab.layer, &p, &lab.memory, 1, lab.now));
    l = letter(COVEY_COAP_NON, 1);
    lab_send(&l, CONTENT);
    l.path = lab_path(3);
    lab_send(&l, CONTENT);
    lab.now += 4000;
    l.path = lab_path(2);
    lab_send(&l, CONTENT);
    id = lab_id();
    l.path = lab_path(4);
    lab_send(&l, CONTENT);
    l.path = lab_path(2);
    lab_send(&l, CONTENT);
    assert_int_equal(lab_id(), (uint16_t)(id + 1)); /* it has stayed */
}

static void what_was_given_up_is_not_told_of(void **state)
{
    covey_message_letter l;
    covey_message_sent sent;
    uint16_t id;

    (void)state;
    lab_start(NULL);
    l = letter(COVEY_COAP_NON, 1);
    sent = lab_send(&l, GET);
    id = lab_id();
    covey_message_cancel(&lab.layer, sent.ref);
    assert_false(lab_send(&l, GET).now);
    (void)lab_answer(RST, 0, id, "");
    lab_event(0, 0);
    assert_true(lab_transmit()); /* it responds: the next may go */
}

static void who_responds_gets_the_next_at_once(void **state)
{
    covey_message_letter l;
    covey_message_sent sent;

    (void)state;
    lab_start(NULL);
    l = letter(COVEY_COAP_NON, 1);
    sent = lab_send(&l, GET);
    l.type = COVEY_COAP_CON;
    assert_false(lab_send(&l, GET).now);
    (void)lab_receive(COVEY_OK, "51 45 be ef aa");
    lab_transmits(NULL);
    covey_message_cancel(&lab.layer, sent.ref);
    assert_true(lab_transmit());
    assert_int_equal(lab.bytes[0], 0x41);
}

static void a_request_is_watched_when_its_time_is_over(void **state)
{
    covey_message_parameters p = covey_message_defaults();
    covey_message_letter l;
    uint16_t id;

    (void)state;
    p.probing_rate = 1000;
    lab_start(&p);
    l = letter(COVEY_COAP_NON, 1);
    lab_send(&l, GET);
    id = lab_id();
    lab.now += 4;
    assert_false(lab_send(&l, GET).now);
    lab.now += 1; /* five bytes, five milliseconds */
    assert_true(lab_transmit());
    (void)lab_answer(RST, 0, id, "");
    lab_event(COVEY_MESSAGE_RESET, 1);
}

static void groups_are_not_waited_for(void **state)
{
    covey_message_letter l;

    (void)state;
    lab_start(NULL);
    l = letter(COVEY_COAP_NON, 1);
    l.path.peer.ip[0] = 224;
    l.path.group = true;
    for (unsigned i = 0; i < 20; i++) {
        covey_message_sent sent = lab_send(&l, GET);
        assert_true(sent.now);
        assert_int_equal(sent.ref.serial, 0);
        assert_int_equal(lab.bytes[0], 0x51);
    }
    assert_int_equal(covey_message_deadline(&lab.layer), COVEY_NEVER);
    l.delay = 10;
    lab_send(&l, GET);
    lab_send(&l, GET);
    lab.now += 10;
    assert_true(lab_transmit() && lab_transmit());
    assert_int_equal(covey_message_deadline(&lab.layer), COVEY_NEVER);
}

static void peers_with_messages_on_their_way_stay(void **state)
{
    covey_message_parameters p = covey_message_defaults();
    covey_message_letter l;

    (void)state;
    lab_start(NULL);
    lab.memory.peer_count = 2;
    CHECK_STATUS(COVEY_OK,
                 covey_message_init(&lab.layer, &p, &lab.memory, 1, lab.now));
    l = letter(COVEY_COAP_CON, 1);
    l.path = lab_path(10);
    lab_send(&l, GET);
    for (uint8_t i = 11; i < 30; i++) { /* the other row goes round */
        l.path = lab_path(i);
        l.type = COVEY_COAP_NON;
        assert_true(lab_send(&l, CONTENT).now);
    }
    l.type = COVEY_COAP_CON;
    lab_send(&l, GET);
    l.path = lab_path(30);
    lab_refuses(COVEY_E_ROOM, &l, GET);
}

static void a_peer_that_comes_back_gets_new_ids(void **state)
{
    covey_message_parameters p = covey_message_defaults();
    covey_message_letter l;
    uint16_t first;

    (void)state;
    lab_start(NULL);
    lab.memory.peer_count = 1;
    CHECK_STATUS(COVEY_OK,
                 covey_message_init(&lab.layer, &p, &lab.memory, 1, lab.now));
    l = letter(COVEY_COAP_NON, 1);
    lab_send(&l, CONTENT);
    first = lab_id();
    l.path = lab_path(3);
    lab_send(&l, CONTENT);
    lab.now += 400;
    l.path = lab_path(2);
    lab_send(&l, CONTENT);
    assert_int_equal((uint16_t)(lab_id() - first), 100);
    /* At once: behind what it was sent, also when that was much. */
    for (unsigned i = 0; i < 500; i++) {
        lab_send(&l, CONTENT);
    }
    l.path = lab_path(3);
    lab_send(&l, CONTENT);
    l.path = lab_path(2);
    lab_send(&l, CONTENT);
    assert_int_equal((uint16_t)(lab_id() - first), 100 + 501 + 1);
}

/* Requests to a group, which need not wait, until there are no Message IDs
 * left: all of this range, each once, at least half of them. */
static void use_up_ids(covey_message_letter *l, uint16_t first, uint8_t bits)
{
    static uint8_t used[65536];
    const unsigned count = 1u << bits;
    unsigned n = 0;

    memset(used, 0, sizeof used);
    *l = letter(COVEY_COAP_NON, 1);
    l->path.peer.ip[0] = 224;
    l->path.group = true;
    for (;; n++) {
        uint8_t bytes[] = { 0x50, 0x01, 0, 0 };
        covey_writer w = covey_writer_of(bytes, sizeof bytes);
        covey_message_sent sent;
        covey_status st;
        w.pos = sizeof bytes;
        st = covey_message_send(&lab.layer, lab.now, l, &w, &sent);
        if (st != COVEY_OK) {
            CHECK_STATUS(COVEY_E_EXHAUSTED, st);
            break;
        }
        const unsigned id = (unsigned)bytes[2] << 8 | bytes[3];
        assert_int_equal(used[id]++, 0);
        assert_in_range(id, first, first + count - 1);
    }
    assert_in_range(n, count / 2, count);
}

static void wait_for_ids(const covey_message_letter *l)
{
    lab.now += 247000 - 1;
    lab_refuses(COVEY_E_EXHAUSTED, l, GET);
    assert_true(lab_send(l, CONTENT).now); /* a reply has no choice */
    lab_refuses(COVEY_E_EXHAUSTED, l, GET);
    lab.now++;
    assert_true(lab_send(l, GET).now);
}

static void message_ids_are_not_used_twice_within_a_lifetime(void **state)
{
    covey_message_letter l;

    (void)state;
    lab_start(NULL);
    use_up_ids(&l, 0, 16);
    wait_for_ids(&l);
}

static void message_ids_stay_in_their_range(void **state)
{
    static const struct {
        uint16_t first;
        uint8_t bits;
    } cases[] = { { 0, 16 },     { 0, 15 },     { 0x8000, 15 }, { 0x1200, 8 },
                  { 0xfff0, 4 }, { 0xabce, 1 }, { 0, 2 } };
    covey_message_parameters p = covey_message_defaults();
    covey_message_letter l;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        p.message_id_first = cases[i].first;
        p.message_id_bits = cases[i].bits;
        lab_start(&p);
        use_up_ids(&l, cases[i].first, cases[i].bits);
        if (cases[i].bits > 2) {
            wait_for_ids(&l);
        }
    }
}

/* The first is known by its peer, further ones by their slots. */
static void messages_to_one_peer_end_in_any_order(void **state)
{
    static const uint8_t orders[][3] = {
        { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
        { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 }
    };

    (void)state;
    lab_start(NULL);
    for (size_t o = 0; o < COUNT_OF(orders); o++) {
        uint16_t id[4];
        covey_message_letter l = letter(COVEY_COAP_NON, 0);
        l.watch = true;
        for (l.user = 0; l.user < 3; l.user++) {
            (void)lab_send(&l, CONTENT);
            id[l.user] = lab_id();
        }
        (void)lab_answer(RST, 0, (uint16_t)(id[2] + 1), "");
        lab_event(0, 0);
        (void)lab_answer(RST, 0, id[orders[o][0]], "");
        lab_event(COVEY_MESSAGE_RESET, orders[o][0]);
        (void)lab_send(&l, CONTENT); /* takes the place that is free */
        id[3] = lab_id();
        (void)lab_answer(RST, 0, id[orders[o][0]], "");
        lab_event(0, 0);
        (void)lab_answer(RST, 0, id[orders[o][1]], "");
        lab_event(COVEY_MESSAGE_RESET, orders[o][1]);
        (void)lab_answer(RST, 0, id[3], "");
        lab_event(COVEY_MESSAGE_RESET, 3);
        (void)lab_answer(RST, 0, id[orders[o][2]], "");
        lab_event(COVEY_MESSAGE_RESET, orders[o][2]);
        (void)lab_answer(RST, 0, id[orders[o][2]], "");
        lab_event(0, 0);
    }
}

static void a_full_table_gives_up_what_is_only_watched(void **state)
{
    covey_message_letter l;
    uint16_t id[LAB_OUT + 1];

    (void)state;
    lab_start(NULL);
    l = letter(COVEY_COAP_NON, 0);
    l.watch = true;
    for (unsigned i = 0; i <= LAB_OUT; i++) {
        l.user = i;
        lab_send(&l, CONTENT);
        id[i] = lab_id();
    }
    (void)lab_answer(RST, 0, id[0], "");
    lab_event(0, 0);
    (void)lab_answer(RST, 0, id[1], "");
    lab_event(COVEY_MESSAGE_RESET, 1);
}

static void a_table_of_unanswered_requests_is_full(void **state)
{
    covey_message_letter l;

    (void)state;
    lab_start(NULL);
    for (unsigned i = 0; i < LAB_OUT; i++) {
        l = letter(COVEY_COAP_CON, i);
        l.path = lab_path((uint8_t)(10 + i));
        assert_true(lab_send(&l, GET).now);
    }
    lab_refuses(COVEY_E_ROOM, &l, GET);
    l.type = COVEY_COAP_NON; /* replies need no row */
    assert_true(lab_send(&l, CONTENT).now);
}

static void without_chunks_nothing_is_kept(void **state)
{
    uint8_t bytes[LAB_CHUNKS * COVEY_CHUNK_LEN + 1 - LAB_WAY] = { 0x40, 0x01 };
    covey_writer w = covey_writer_of(bytes, sizeof bytes);
    covey_message_letter l;
    covey_message_sent sent;

    (void)state;
    lab_start(NULL);
    l = letter(COVEY_COAP_CON, 0);
    w.pos = sizeof bytes;
    CHECK_STATUS(COVEY_E_ROOM,
                 covey_message_send(&lab.layer, lab.now, &l, &w, &sent));
    lab_check();
    w.pos--;
    CHECK_STATUS(COVEY_OK,
                 covey_message_send(&lab.layer, lab.now, &l, &w, &sent));
    lab_check();
    lab_refuses(COVEY_E_ROOM, &l, GET);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(nstart_messages_are_on_their_way_the_others_wait),
        cmocka_unit_test(one_that_times_out_lets_the_next_go),
        cmocka_unit_test(who_does_not_respond_gets_probing_rate),
        cmocka_unit_test(probing_rate_is_an_average),
        cmocka_unit_test(any_answer_shows_that_a_peer_responds),
        cmocka_unit_test(the_least_recent_peer_goes),
        cmocka_unit_test(what_was_given_up_is_not_told_of),
        cmocka_unit_test(who_responds_gets_the_next_at_once),
        cmocka_unit_test(a_request_is_watched_when_its_time_is_over),
        cmocka_unit_test(groups_are_not_waited_for),
        cmocka_unit_test(peers_with_messages_on_their_way_stay),
        cmocka_unit_test(a_peer_that_comes_back_gets_new_ids),
        cmocka_unit_test(message_ids_are_not_used_twice_within_a_lifetime),
        cmocka_unit_test(message_ids_stay_in_their_range),
        cmocka_unit_test(messages_to_one_peer_end_in_any_order),
        cmocka_unit_test(a_full_table_gives_up_what_is_only_watched),
        cmocka_unit_test(a_table_of_unanswered_requests_is_full),
        cmocka_unit_test(without_chunks_nothing_is_kept),
    };
    return KIT_RUN(tests);
}
