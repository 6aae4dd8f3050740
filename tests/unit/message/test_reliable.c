/* SPDX-License-Identifier: BSD-2-Clause */
/* Sending: retransmission to the millisecond, how messages end, what `send`
 * refuses. */
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

static void defaults_are_those_of_the_rfc(void **state)
{
    covey_message_parameters p = covey_message_defaults();

    (void)state;
    /* RFC 7252 Section 4.8.2. */
    assert_int_equal(covey_message_max_transmit_span(&p), 45000);
    assert_int_equal(covey_message_max_transmit_wait(&p), 93000);
    assert_int_equal(covey_message_exchange_lifetime(&p), 247000);
    assert_int_equal(covey_message_non_lifetime(&p), 145000);
    assert_int_equal(p.nstart, 1);
    assert_int_equal(p.probing_rate, 1);
}

static void refuses_unsound_parameters(void **state)
{
    covey_message_parameters p[13];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(p); i++) {
        p[i] = covey_message_defaults();
    }
    p[0].ack_timeout = 0;
    p[1].ack_random_factor = 999;
    p[2].ack_random_factor = 65536;
    p[3].max_retransmit = 17;
    p[4].nstart = 0;
    p[5].probing_rate = 0;
    p[6].ack_timeout = 100000000;
    p[7].max_latency = UINT32_MAX;
    p[8].ack_delay = UINT32_MAX;
    p[9].max_retransmit = UINT32_MAX;
    p[10].message_id_bits = 17;
    p[11].message_id_first = 1;
    p[12].message_id_first = 0x1008;
    p[12].message_id_bits = 4;
    lab_start(NULL);
    for (size_t i = 0; i < COUNT_OF(p); i++) {
        CHECK_STATUS(COVEY_E_ARGUMENT,
                     covey_message_init(&lab.layer, &p[i], &lab.memory, 1, 0));
    }
}

static void refuses_tables_without_rows(void **state)
{
    covey_message_parameters p = covey_message_defaults();
    covey_message_memory m[4];

    (void)state;
    lab_start(NULL);
    for (size_t i = 0; i < COUNT_OF(m); i++) {
        m[i] = lab.memory;
    }
    m[0].seen_count = 0;
    m[1].peer_count = 0;
    m[2].out_count = 0;
    m[3].out_count = UINT32_MAX;
    for (size_t i = 0; i < COUNT_OF(m); i++) {
        CHECK_STATUS(COVEY_E_ARGUMENT,
                     covey_message_init(&lab.layer, &p, &m[i], 1, 0));
    }
}

static void refuses_what_is_no_request_or_response(void **state)
{
    covey_message_letter l;
    covey_writer full = covey_writer_of(lab.bytes, 2);
    covey_message_sent sent;

    (void)state;
    lab_start(NULL);
    l = letter(COVEY_COAP_CON, 1);
    lab_refuses(COVEY_E_ARGUMENT, &l, "");
    lab_refuses(COVEY_E_ARGUMENT, &l, "40 01 00");
    lab_refuses(COVEY_E_ARGUMENT, &l, "41 00 00 00 aa");
    lab_refuses(COVEY_E_ARGUMENT, &l, "40 20 00 00");
    lab_refuses(COVEY_E_ARGUMENT, &l, "40 c0 00 00");
    lab_refuses(COVEY_E_ARGUMENT, &l, "40 e1 00 00");
    covey_write_u32(&full, 0);
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 covey_message_send(&lab.layer, lab.now, &l, &full, &sent));
    l.type = COVEY_COAP_NON;
    lab_refuses(COVEY_E_ARGUMENT, &l, "40 00 00 00");
    l.type = COVEY_COAP_ACK;
    lab_refuses(COVEY_E_ARGUMENT, &l, GET);
    l.type = COVEY_COAP_RST;
    lab_refuses(COVEY_E_ARGUMENT, &l, GET);
    l.type = COVEY_COAP_CON;
    l.path.group = true;
    lab_refuses(COVEY_E_ARGUMENT, &l, GET);
    l = letter(COVEY_COAP_CON, 1);
    l.answers = lab_request("40 01 12 34");
    lab_refuses(COVEY_E_ARGUMENT, &l, GET);
    lab_refuses(COVEY_E_ARGUMENT, &l, "40 00 00 00");
    lab_transmits(NULL);
    assert_int_equal(covey_message_deadline(&lab.layer), lab.now + 500);
}

static void a_ping_is_answered_by_a_reset(void **state)
{
    covey_message_letter l;

    (void)state;
    lab_start(NULL);
    l = letter(COVEY_COAP_CON, 8);
    assert_true(lab_send(&l, "40 00 00 00").now);
    assert_int_equal(lab.bytes[0], 0x40);
    (void)lab_answer(RST, 0, lab_id(), "");
    lab_event(COVEY_MESSAGE_RESET, 8);
}

/* A response has no place in the answer: it is met with silence, and the ping
 * goes on. */
static void a_ping_is_not_answered_by_a_response(void **state)
{
    covey_message_letter l;

    (void)state;
    lab_start(NULL);
    l = letter(COVEY_COAP_CON, UINT64_MAX);
    assert_true(lab_send(&l, "40 00 00 00").now);
    assert_int_equal(lab_answer(ACK, 0x45, lab_id(), "").kind,
                     COVEY_MESSAGE_NOTHING);
    lab_event(0, 0);
    lab.now += 3000;
    assert_true(lab_transmit());
    (void)lab_answer(RST, 0, lab_id(), "");
    lab_event(COVEY_MESSAGE_RESET, UINT64_MAX);
}

/* Turns time to where the next datagram leaves, by deadlines alone. */
static void wait_for_datagram(void)
{
    while (!lab_transmit()) {
        covey_ms next = covey_message_deadline(&lab.layer);
        assert_true(next > lab.now && next != COVEY_NEVER);
        lab.now = next;
    }
}

static void sends_again_twice_as_late_each_time(void **state)
{
    uint32_t least = UINT32_MAX;
    uint32_t most = 0;

    (void)state;
    for (unsigned run = 0; run < 400; run++) {
        covey_message_letter l;
        uint8_t first[LAB_BYTES];
        covey_ms before;
        covey_ms wait = 0;
        size_t len;
        lab_start(NULL);
        lab.layer.random = run;
        l = letter(COVEY_COAP_CON, 42);
        assert_true(lab_send(&l, GET).now);
        len = lab.sent.pos;
        memcpy(first, lab.bytes, len);
        assert_int_equal(first[0], 0x41);
        for (unsigned k = 0; k < 4; k++) {
            before = lab.now;
            wait_for_datagram();
            wait = k == 0 ? lab.now - before : wait * 2;
            assert_int_equal(lab.now - before, wait);
            CHECK_SPAN(covey_bytes_of(first, len), covey_written(&lab.sent));
            least = k == 0 && wait < least ? (uint32_t)wait : least;
            most = k == 0 && wait > most ? (uint32_t)wait : most;
        }
        lab_event(0, 0);
        lab.now += wait * 2 - 1;
        lab_transmits(NULL);
        lab_event(0, 0);
        lab.now += 1;
        lab_transmits(NULL);
        assert_int_equal(covey_message_deadline(&lab.layer), 0);
        lab_event(COVEY_MESSAGE_TIMED_OUT, 42);
        lab_event(0, 0);
        assert_int_equal(covey_message_deadline(&lab.layer), COVEY_NEVER);
        assert_int_equal(lab.layer.counters.retransmissions, 4);
    }
    /* ACK_TIMEOUT to ACK_TIMEOUT * ACK_RANDOM_FACTOR, and all of it. */
    assert_in_range(least, 2000, 2020);
    assert_in_range(most, 2980, 3000);
}

static void sends_again_the_way_it_went_before(void **state)
{
    covey_message_parameters p = covey_message_defaults();
    covey_message_letter l;

    (void)state;
    p.nstart = 4;
    p.ack_random_factor = 1000;
    lab_start(&p);
    l = letter(COVEY_COAP_CON, 0);
    for (uint8_t i = 0; i < 4; i++) { /* to one peer, from four addresses */
        l.path.local.ip[3] = i;
        l.path.interface = i + 10u;
        assert_true(lab_send(&l, i % 2 ? GET : CONTENT).now);
        lab.now += 10;
    }
    lab.now += 2000 - 40;
    for (uint8_t i = 0; i < 4; i++) {
        assert_true(lab_transmit());
        l.path.local.ip[3] = i;
        assert_true(covey_address_equal(&lab.to.local, &l.path.local));
        assert_true(covey_path_same_peer(&lab.to, &l.path));
        assert_int_equal(lab.to.interface, i + 10u);
        lab.now += 10;
    }
}

static void no_jitter_and_no_retransmission_if_so_configured(void **state)
{
    covey_message_parameters p = covey_message_defaults();
    covey_message_letter l;

    (void)state;
    p.ack_random_factor = 1000;
    p.max_retransmit = 0;
    lab_start(&p);
    l = letter(COVEY_COAP_CON, 7);
    lab_send(&l, GET);
    lab.now += 1999;
    lab_transmits(NULL);
    lab_event(0, 0);
    lab.now += 1;
    lab_transmits(NULL);
    lab_event(COVEY_MESSAGE_TIMED_OUT, 7);
}

static void an_acknowledgement_ends_retransmission(void **state)
{
    covey_message_letter l;
    uint16_t id;

    (void)state;
    lab_start(NULL);
    l = letter(COVEY_COAP_CON, 42);
    lab_send(&l, GET);
    id = lab_id();
    (void)lab_answer(ACK, 0, (uint16_t)(id + 1), "");
    lab_event(0, 0);
    lab.path = lab_path(3); /* not from there */
    (void)lab_answer(ACK, 0, id, "");
    lab_event(0, 0);
    lab.path = lab_path(2);
    (void)lab_answer(ACK, 0, id, "");
    lab_event(COVEY_MESSAGE_ACKNOWLEDGED, 42);
    (void)lab_answer(ACK, 0, id, "");
    (void)lab_answer(RST, 0, id, "");
    lab_event(0, 0);
    lab.now += 1000000;
    lab_transmits(NULL);
}

static void a_reset_ends_a_message_of_any_type(void **state)
{
    (void)state;
    for (unsigned type = 0; type < 2; type++) {
        for (unsigned reply = 0; reply < 2; reply++) {
            covey_message_letter l;
            lab_start(NULL);
            l = letter((covey_coap_type)type, 9);
            l.watch = true;
            assert_true(lab_send(&l, reply ? CONTENT : GET).now);
            assert_int_equal(lab.bytes[0], type ? 0x51 : 0x41);
            (void)lab_answer(RST, 0, lab_id(), "");
            lab_event(COVEY_MESSAGE_RESET, 9);
            lab.now += 1000000;
            lab_transmits(NULL);
            lab_event(0, 0);
        }
    }
}

static void a_watched_reply_is_watched_for_its_lifetime(void **state)
{
    covey_message_letter l;
    uint16_t id;

    (void)state;
    lab_start(NULL);
    l = letter(COVEY_COAP_NON, 9);
    assert_int_equal(lab_send(&l, CONTENT).ref.serial, 0);
    assert_int_equal(covey_message_deadline(&lab.layer), COVEY_NEVER);
    l.watch = true;
    assert_true(lab_send(&l, CONTENT).ref.serial != 0);
    id = lab_id();
    (void)lab_answer(ACK, 0, id, ""); /* means nothing */
    lab.now += 145000 - 1;
    lab_transmits(NULL);
    lab.now += 1;
    lab_transmits(NULL);
    (void)lab_answer(RST, 0, id, "");
    lab_event(0, 0);
    assert_int_equal(covey_message_deadline(&lab.layer), COVEY_NEVER);
}

static void a_piggybacked_response_names_its_request(void **state)
{
    covey_message_letter l;
    covey_message_in in;
    uint16_t id;

    (void)state;
    lab_start(NULL);
    l = letter(COVEY_COAP_CON, 0x1122334455667788);
    lab_send(&l, GET);
    id = lab_id();
    for (unsigned again = 0; again < 2; again++) { /* was it the token? */
        in = lab_answer(ACK | 1, 0x45, id, "aaff6869");
        assert_int_equal(in.kind, COVEY_MESSAGE_RESPONSE);
        assert_true(in.piggybacked);
        assert_int_equal(in.user, 0x1122334455667788);
        CHECK_HEX("aa", in.message.token);
        lab_event(0, 0);
        covey_message_reject(&lab.layer, in.ref); /* no answer to an ACK */
        lab_transmits(NULL);
    }
    covey_message_cancel(&lab.layer, in.ref);
    in = lab_answer(ACK | 1, 0x45, id, "aaff6869");
    assert_int_equal(in.kind, COVEY_MESSAGE_NOTHING);
    lab_transmits(NULL);
}

static void a_response_does_not_acknowledge_a_response(void **state)
{
    covey_message_letter l;
    covey_message_in in;

    (void)state;
    lab_start(NULL);
    l = letter(COVEY_COAP_CON, 3);
    lab_send(&l, CONTENT);
    in = lab_answer(ACK | 1, 0x45, lab_id(), "aa");
    assert_int_equal(in.kind, COVEY_MESSAGE_NOTHING);
    wait_for_datagram();
    (void)lab_answer(ACK, 0, lab_id(), "");
    lab_event(COVEY_MESSAGE_ACKNOWLEDGED, 3);
}

static void separate_responses_in_all_orders(void **state)
{
    /* The acknowledgement comes first, later, or never; the response comes
     * once, or its acknowledgement is lost and it comes again. */
    (void)state;
    for (unsigned order = 0; order < 3; order++) {
        for (unsigned again = 0; again < 2; again++) {
            covey_message_letter l;
            covey_message_sent sent;
            covey_message_in in;
            uint16_t id;
            lab_start(NULL);
            l = letter(COVEY_COAP_CON, 5);
            sent = lab_send(&l, GET);
            id = lab_id();
            if (order == 0) {
                (void)lab_answer(ACK, 0, id, "");
                lab_event(COVEY_MESSAGE_ACKNOWLEDGED, 5);
            }
            in = lab_receive(COVEY_OK, "41 45 be ef aa");
            assert_int_equal(in.kind, COVEY_MESSAGE_RESPONSE);
            assert_false(in.piggybacked);
            covey_message_cancel(&lab.layer, sent.ref);
            lab_transmits("60 00 be ef");
            if (order == 1) {
                (void)lab_answer(ACK, 0, id, "");
            }
            if (again) {
                in = lab_receive(COVEY_OK, "41 45 be ef aa");
                assert_int_equal(in.kind, COVEY_MESSAGE_NOTHING);
                lab_transmits("60 00 be ef");
            }
            lab_event(0, 0);
            lab.now += 1000000;
            lab_transmits(NULL);
        }
    }
}

static void leisure_is_kept(void **state)
{
    covey_message_letter l;
    covey_message_ref asked;

    (void)state;
    lab_start(NULL);
    lab.path.group = true;
    asked = lab_request("51 01 12 34 aa");
    l = letter(COVEY_COAP_NON, 1);
    l.path = covey_message_back(&lab.path);
    assert_int_equal(l.path.local.family, COVEY_FAMILY_NONE);
    assert_false(l.path.group);
    l.answers = asked;
    l.delay = 3456;
    assert_false(lab_send(&l, CONTENT).now);
    lab.now += 3455;
    lab_transmits(NULL);
    lab.now++;
    assert_true(lab_transmit());
    assert_int_equal(lab.bytes[0], 0x51);
    assert_false(lab.to.group);
    assert_int_equal(covey_message_deadline(&lab.layer), COVEY_NEVER);
    /* Confirmable, and cancelled before it leaves. */
    l.type = COVEY_COAP_CON;
    covey_message_cancel(&lab.layer, lab_send(&l, CONTENT).ref);
    assert_int_equal(covey_message_deadline(&lab.layer), COVEY_NEVER);
    /* Confirmable, and its turn comes with its time. */
    assert_false(lab_send(&l, CONTENT).now);
    l.delay = 0;
    l.path = lab_path(2);
    l.answers.serial = 0;
    assert_true(lab_send(&l, GET).now);
    lab.now += 3456;
    while (lab_transmit()) {
        assert_int_equal(lab.bytes[1], 1); /* the request, again */
    }
}

static void the_way_back_from_a_unicast_is_the_way(void **state)
{
    covey_path there = lab_path(9);
    covey_path back = covey_message_back(&there);

    (void)state;
    assert_true(covey_path_same_peer(&there, &back));
    assert_true(covey_address_equal(&there.local, &back.local));
}

static void what_does_not_fit_the_writer_says_so(void **state)
{
    uint8_t small[3];
    covey_writer w = covey_writer_of(small, sizeof small);

    (void)state;
    lab_start(NULL);
    (void)lab_receive(COVEY_OK, "40 00 12 34");
    assert_true(covey_message_transmit(&lab.layer, lab.now, &lab.to, &w));
    CHECK_STATUS(COVEY_E_ROOM, w.failed);
    lab_transmits(NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_those_of_the_rfc),
        cmocka_unit_test(refuses_unsound_parameters),
        cmocka_unit_test(refuses_tables_without_rows),
        cmocka_unit_test(refuses_what_is_no_request_or_response),
        cmocka_unit_test(a_ping_is_answered_by_a_reset),
        cmocka_unit_test(a_ping_is_not_answered_by_a_response),
        cmocka_unit_test(sends_again_twice_as_late_each_time),
        cmocka_unit_test(sends_again_the_way_it_went_before),
        cmocka_unit_test(no_jitter_and_no_retransmission_if_so_configured),
        cmocka_unit_test(an_acknowledgement_ends_retransmission),
        cmocka_unit_test(a_reset_ends_a_message_of_any_type),
        cmocka_unit_test(a_watched_reply_is_watched_for_its_lifetime),
        cmocka_unit_test(a_piggybacked_response_names_its_request),
        cmocka_unit_test(a_response_does_not_acknowledge_a_response),
        cmocka_unit_test(separate_responses_in_all_orders),
        cmocka_unit_test(leisure_is_kept),
        cmocka_unit_test(the_way_back_from_a_unicast_is_the_way),
        cmocka_unit_test(what_does_not_fit_the_writer_says_so),
    };
    return KIT_RUN(tests);
}
