/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests that are begun here: what belongs to them, and how they end. */
#include "lab.h"

static void ends_exactly_once_when_answered(void **state)
{
    lab *l = lab_open(false);
    covey_endpoint_report event;
    uint16_t id;

    (void)state;
    id = lab_begin(l);
    CHECK_STATUS(COVEY_OK, lab_inject(l, false,
                                      lab_forge(l, COVEY_COAP_ACK, CONTENT, id,
                                                SPAN("\xff"
                                                     "y"))));
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_RESPONSE);
    assert_int_equal(l->in.exchange.serial, l->sent.exchange.serial);
    assert_int_equal(l->in.opened.kind, COVEY_REPLY_OPEN);
    covey_endpoint_cancel(&l->client.endpoint, l->sent.exchange); /* late */
    event = lab_event(l, false, COVEY_ENDPOINT_ANSWERED);
    assert_int_equal(event.user, 77);
    assert_int_equal(event.responses, 1);
    lab_event(l, false, 0);
    covey_endpoint_cancel(&l->client.endpoint, l->sent.exchange);
    lab_event(l, false, 0);
    lab_close(l);
}

static void other_tokens_and_peers_are_reset(void **state)
{
    lab *l = lab_open(false);
    covey_path stranger = lab_path(true);
    covey_bytes forged;
    uint8_t other[32];

    (void)state;
    (void)lab_begin(l);
    forged = lab_forge(l, COVEY_COAP_CON, CONTENT, 1, SPAN(""));
    stranger.peer.ip[3] = 9;
    CHECK_STATUS(COVEY_OK, covey_endpoint_receive(&l->client.endpoint, 0,
                                                  &stranger, forged, &l->in));
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_NOTHING);
    memcpy(other, forged.ptr, forged.len);
    other[3] = 2;  /* Message ID */
    other[9] ^= 1; /* token */
    CHECK_STATUS(COVEY_OK,
                 lab_inject(l, false, covey_bytes_of(other, forged.len)));
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_NOTHING);
    l->out.pos = 0;
    assert_true(lab_transmit(l, false));
    assert_int_equal(l->left.type, COVEY_COAP_RST);
    assert_int_equal(l->client.endpoint.counters.unwanted, 2);
    lab_event(l, false, 0);
    covey_endpoint_cancel(&l->client.endpoint, l->sent.exchange);
    lab_event(l, false, COVEY_ENDPOINT_CANCELLED);
    lab_close(l);
}

/* It is ignored: the request goes on, and is answered by its own token. */
static void an_acknowledgement_with_another_token_is_no_answer(void **state)
{
    lab *l = lab_open(false);
    uint8_t other[32];
    covey_bytes forged;
    uint16_t id;

    (void)state;
    id = lab_begin(l);
    forged = lab_forge(l, COVEY_COAP_ACK, CONTENT, id, SPAN(""));
    memcpy(other, forged.ptr, forged.len);
    other[9] ^= 1;
    CHECK_STATUS(COVEY_OK,
                 lab_inject(l, false, covey_bytes_of(other, forged.len)));
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_NOTHING);
    assert_false(lab_transmit(l, false));
    lab_event(l, false, 0);
    assert_int_equal(l->client.endpoint.counters.unwanted, 1);
    while (!lab_transmit(l, false)) {
        l->now = covey_endpoint_deadline(&l->client.endpoint);
        assert_true(l->now <= 3000);
    }
    assert_true(l->now >= 2000);
    assert_int_equal(l->left.type, COVEY_COAP_CON);
    assert_int_equal(l->left.message_id, id);
    CHECK_STATUS(COVEY_OK, lab_inject(l, false, forged));
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_RESPONSE);
    lab_event(l, false, COVEY_ENDPOINT_ANSWERED);
    assert_int_equal(covey_endpoint_deadline(&l->client.endpoint),
                     COVEY_NEVER);
    l->now += 100000;
    assert_false(lab_transmit(l, false));
    lab_close(l);
}

static void ends_when_the_peer_says_nothing(void **state)
{
    lab *l = lab_open(false);
    unsigned sent = 1;

    (void)state;
    (void)lab_begin(l);
    while (covey_endpoint_deadline(&l->client.endpoint) != COVEY_NEVER) {
        covey_ms due = covey_endpoint_deadline(&l->client.endpoint);
        if (due == 0) {
            break;
        }
        l->now = due;
        sent += lab_transmit(l, false);
    }
    assert_int_equal(sent, 5);
    assert_in_range(l->now, 62000, 93000);
    lab_event(l, false, COVEY_ENDPOINT_TIMED_OUT);
    lab_close(l);
}

static void ends_when_patience_is_over(void **state)
{
    lab *l = lab_open(false);

    (void)state;
    for (unsigned con = 0; con < 2; con++) {
        uint16_t id;
        l->call.type = con ? COVEY_COAP_CON : COVEY_COAP_NON;
        id = lab_begin(l);
        if (con) {
            const uint8_t ack[] = { 0x60, 0, (uint8_t)(id >> 8), (uint8_t)id };
            l->now += 1500;
            CHECK_STATUS(
                COVEY_OK,
                lab_inject(l, false, covey_bytes_of(ack, sizeof ack)));
        }
        lab_event(l, false, 0);
        l->now += l->call.patience - 1;
        (void)lab_transmit(l, false);
        lab_event(l, false, 0);
        l->now += 1;
        (void)lab_transmit(l, false);
        lab_event(l, false, COVEY_ENDPOINT_TIMED_OUT);
        l->now += 300000;
        while (lab_transmit(l, false)) {
        }
    }
    lab_close(l);
}

static void ends_by_a_reset(void **state)
{
    lab *l = lab_open(false);

    (void)state;
    for (unsigned con = 0; con < 2; con++) {
        uint16_t id;
        l->call.type = con ? COVEY_COAP_CON : COVEY_COAP_NON;
        id = lab_begin(l);
        {
            const uint8_t rst[] = { 0x70, 0, (uint8_t)(id >> 8), (uint8_t)id };
            CHECK_STATUS(
                COVEY_OK,
                lab_inject(l, false, covey_bytes_of(rst, sizeof rst)));
        }
        lab_event(l, false, COVEY_ENDPOINT_RESET);
        lab_event(l, false, 0);
    }
    lab_close(l);
}

static void a_separate_response_stands_for_the_acknowledgement(void **state)
{
    lab *l = lab_open(false);

    (void)state;
    (void)lab_begin(l);
    CHECK_STATUS(COVEY_OK, lab_inject(l, false,
                                      lab_forge(l, COVEY_COAP_CON, CONTENT, 3,
                                                SPAN(""))));
    assert_true(l->in.last);
    assert_true(lab_transmit(l, false));
    assert_int_equal(l->left.type, COVEY_COAP_ACK);
    l->now = 100000;
    assert_false(lab_transmit(l, false)); /* no retransmission */
    lab_event(l, false, COVEY_ENDPOINT_ANSWERED);
    lab_close(l);
}

static void an_observation_lasts_until_a_response_without_observe(void **state)
{
    lab *l = lab_open(false);
    uint16_t id;

    (void)state;
    l->number = COVEY_OPTION_OBSERVE;
    l->option = SPAN("");
    id = lab_begin(l);
    CHECK_STATUS(COVEY_OK, lab_inject(l, false,
                                      lab_forge(l, COVEY_COAP_ACK, CONTENT, id,
                                                SPAN("\x61\x02"))));
    assert_false(l->in.last);
    l->now = 3600000;
    assert_false(lab_transmit(l, false));
    lab_event(l, false, 0);
    CHECK_STATUS(COVEY_OK, lab_inject(l, false,
                                      lab_forge(l, COVEY_COAP_CON, CONTENT, 8,
                                                SPAN("\x61\x03"))));
    assert_false(l->in.last);
    assert_true(lab_transmit(l, false));
    CHECK_STATUS(COVEY_OK, lab_inject(l, false,
                                      lab_forge(l, COVEY_COAP_NON, CONTENT, 9,
                                                SPAN(""))));
    assert_true(l->in.last);
    assert_int_equal(lab_event(l, false, COVEY_ENDPOINT_ANSWERED).responses,
                     3);
    lab_close(l);
}

static void without_asking_there_is_no_observation(void **state)
{
    lab *l = lab_open(false);

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        uint16_t id;
        l->number = i == 0 ? 0 : COVEY_OPTION_OBSERVE;
        l->option = SPAN("\x01"); /* ends one */
        id = lab_begin(l);
        CHECK_STATUS(COVEY_OK, lab_inject(l, false,
                                          lab_forge(l, COVEY_COAP_ACK, CONTENT,
                                                    id, SPAN("\x61\x02"))));
        assert_true(l->in.last);
        lab_event(l, false, COVEY_ENDPOINT_ANSWERED);
    }
    lab_close(l);
}

static void collects_the_answers_of_a_group(void **state)
{
    lab *l = lab_open(false);
    covey_path from = lab_path(true);
    covey_endpoint_report event;
    covey_bytes answer;

    (void)state;
    l->call.type = COVEY_COAP_NON;
    l->call.path.group = true;
    l->call.path.peer.ip[0] = 224;
    l->call.patience = 5000;
    (void)lab_begin(l);
    assert_true(l->sent.path.group);
    for (uint8_t i = 1; i <= 5; i++) {
        from.peer.ip[3] = i;
        l->now += 700;
        answer = lab_forge(l, COVEY_COAP_NON, CONTENT, 5,
                           SPAN("\xff"
                                "z"));
        CHECK_STATUS(COVEY_OK,
                     covey_endpoint_receive(&l->client.endpoint, l->now, &from,
                                            answer, &l->in));
        assert_int_equal(l->in.kind, COVEY_ENDPOINT_RESPONSE);
        assert_false(l->in.last);
        assert_int_equal(l->in.user, 77);
        assert_false(lab_transmit(l, false));
        /* One each. */
        answer = lab_forge(l, COVEY_COAP_NON, CONTENT, 6, SPAN(""));
        CHECK_STATUS(COVEY_OK,
                     covey_endpoint_receive(&l->client.endpoint, l->now, &from,
                                            answer, &l->in));
        assert_int_equal(l->in.kind, COVEY_ENDPOINT_NOTHING);
        lab_event(l, false, 0);
    }
    assert_int_equal(covey_endpoint_deadline(&l->client.endpoint) <= 5000, 1);
    l->now = 5000;
    assert_false(lab_transmit(l, false));
    event = lab_event(l, false, COVEY_ENDPOINT_COLLECTED);
    assert_int_equal(event.responses, 5);
    /* Too late, and no reason for a Reset. */
    answer = lab_forge(l, COVEY_COAP_NON, CONTENT, 7, SPAN(""));
    CHECK_STATUS(COVEY_OK, covey_endpoint_receive(&l->client.endpoint, l->now,
                                                  &from, answer, &l->in));
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_NOTHING);
    assert_false(lab_transmit(l, false));
    lab_close(l);
}

static void takes_as_many_of_each_server_as_asked(void **state)
{
    lab *l = lab_open(false);
    const unsigned sent = 4;

    (void)state;
    l->call.type = COVEY_COAP_NON;
    l->call.path.group = true;
    l->call.server_limit = 3;
    (void)lab_begin(l);
    for (unsigned i = 1; i <= sent; i++) {
        CHECK_STATUS(COVEY_OK, lab_inject(l, false,
                                          lab_forge(l, COVEY_COAP_NON, CONTENT,
                                                    (uint16_t)i, SPAN(""))));
        assert_int_equal(l->in.kind, i <= 3 ? COVEY_ENDPOINT_RESPONSE
                                            : COVEY_ENDPOINT_NOTHING);
    }
    l->now = l->call.patience;
    assert_false(lab_transmit(l, false));
    assert_int_equal(lab_event(l, false, COVEY_ENDPOINT_COLLECTED).responses,
                     3);
    lab_close(l);
}

static void further_servers_than_there_are_rows_are_not_delivered(void **state)
{
    lab *l = lab_open(false);
    covey_path from = lab_path(true);

    (void)state;
    l->call.type = COVEY_COAP_NON;
    l->call.path.group = true;
    (void)lab_begin(l);
    for (unsigned i = 0; i <= STACK_ROWS; i++) {
        covey_bytes answer =
            lab_forge(l, COVEY_COAP_NON, CONTENT, 1, SPAN(""));
        from.peer.ip[3] = (uint8_t)(2 + i);
        CHECK_STATUS(i < STACK_ROWS ? COVEY_OK : COVEY_E_ROOM,
                     covey_endpoint_receive(&l->client.endpoint, 0, &from,
                                            answer, &l->in));
        assert_int_equal(l->in.kind, i < STACK_ROWS ? COVEY_ENDPOINT_RESPONSE
                                                    : COVEY_ENDPOINT_NOTHING);
    }
    l->now = l->call.patience;
    assert_false(lab_transmit(l, false));
    lab_event(l, false, COVEY_ENDPOINT_COLLECTED);
    lab_close(l);
}

static void a_group_that_is_silent_was_collected_too(void **state)
{
    lab *l = lab_open(false);

    (void)state;
    l->call.type = COVEY_COAP_NON;
    l->call.path.group = true;
    (void)lab_begin(l);
    l->now = l->call.patience;
    assert_false(lab_transmit(l, false));
    assert_int_equal(lab_event(l, false, COVEY_ENDPOINT_COLLECTED).responses,
                     0);
    lab_close(l);
}

static void sends_nothing_confirmable_to_groups(void **state)
{
    lab *l = lab_open(false);

    (void)state;
    l->call.path.group = true;
    CHECK_STATUS(COVEY_E_ARGUMENT, lab_request(l));
    lab_event(l, false, 0);
    lab_close(l);
}

static void says_when_there_is_no_room(void **state)
{
    lab *l = lab_open(false);

    (void)state;
    for (unsigned i = 0; i < STACK_ROWS; i++) {
        CHECK_STATUS(COVEY_OK, lab_request(l));
        assert_int_equal(l->sent.now, i == 0); /* NSTART */
    }
    CHECK_STATUS(COVEY_E_ROOM, lab_request(l));
    for (uint32_t i = 0; i < STACK_ROWS; i++) {
        covey_endpoint_cancel(&l->client.endpoint,
                              (covey_exchange_ref){ i, i + 1 });
        lab_event(l, false, COVEY_ENDPOINT_CANCELLED);
    }
    lab_event(l, false, 0);
    lab_close(l);
}

static covey_status no_random(void *user, covey_writer *out)
{
    (void)user, (void)out;
    return COVEY_E_CRYPTO;
}

static void nothing_is_left_of_a_request_that_failed(void **state)
{
    lab *l = lab_open(false);
    covey_endpoint *e = &l->client.endpoint;
    covey_random random = e->exchange.random;
    covey_draft d;

    (void)state;
    e->exchange.random.fill = no_random;
    CHECK_STATUS(COVEY_E_CRYPTO, lab_request(l));
    e->exchange.random = random;
    l->number = 1;
    l->option = covey_bytes_of(l->bytes, 70000); /* longer than allowed */
    CHECK_STATUS(COVEY_E_ARGUMENT, lab_request(l));
    l->number = 0;
    l->out = covey_writer_of(l->bytes, sizeof l->bytes);
    covey_endpoint_request_begin(e, &d, &l->call, &l->out); /* dropped */
    covey_endpoint_request_begin(e, &d, &l->call, &l->out); /* not empty */
    memset(l->bytes, 0x5a, sizeof l->bytes);
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 covey_endpoint_request_send(e, 0, &d, &l->call, &l->sent));
    assert_int_equal(l->bytes[4], 0x5a);
    lab_event(l, false, 0);
    lab_close(l);
}

static void short_tokens_are_as_long_as_asked(void **state)
{
    lab *l = lab_open(false);

    (void)state;
    l->client.endpoint.token_len = 1;
    CHECK_STATUS(COVEY_OK, lab_request(l));
    assert_int_equal(l->left.token.len, 1);
    CHECK_STATUS(COVEY_OK, lab_arrive(l, true));
    CHECK_STATUS(COVEY_OK, lab_reply(l, &l->in.request, CONTENT, NULL));
    CHECK_STATUS(COVEY_OK, lab_arrive(l, false));
    assert_true(l->in.last);
    lab_event(l, false, COVEY_ENDPOINT_ANSWERED);
    lab_close(l);
}

static void a_lost_connection_ends_what_waits_for_it(void **state)
{
    lab *l = lab_open(false);
    covey_path path = lab_path(true);

    (void)state;
    path.transport = l->call.path.transport = COVEY_DTLS;
    path.connection = l->call.path.connection = 7;
    (void)lab_begin(l);
    covey_endpoint_lost(&l->client.endpoint, &path);
    lab_event(l, false, COVEY_ENDPOINT_LOST);
    lab_event(l, false, 0);
    lab_close(l);
}

static void an_acknowledgement_with_the_token_of_another_request(void **state)
{
    lab *l = lab_open(false);
    uint16_t first;

    (void)state;
    l->client.endpoint.message.parameters.nstart = 2;
    first = lab_begin(l);
    (void)lab_begin(l); /* its token is forged below */
    CHECK_STATUS(COVEY_OK, lab_inject(l, false,
                                      lab_forge(l, COVEY_COAP_ACK, CONTENT,
                                                first, SPAN(""))));
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_NOTHING);
    assert_int_equal(l->client.endpoint.counters.unwanted, 1);
    for (uint32_t i = 0; i < 2; i++) {
        const covey_exchange_ref ref = { i, l->client.rows[i].serial };
        covey_endpoint_cancel(&l->client.endpoint, ref);
        lab_event(l, false, COVEY_ENDPOINT_CANCELLED);
    }
    lab_close(l);
}

static void a_server_without_rows_rejects_every_response(void **state)
{
    lab *l = lab_open(false);
    covey_endpoint *e = &l->client.endpoint;
    const covey_endpoint_config config = { .message = covey_message_defaults(),
                                           .token_len = 2 };
    const covey_endpoint_memory memory = {
        .message = { .seen = l->client.seen,
                     .seen_count = STACK_SEEN,
                     .peers = l->client.peers,
                     .peer_count = STACK_PEERS,
                     .out = l->client.out,
                     .timers = l->client.message_timers,
                     .out_count = STACK_OUT,
                     .slots = l->client.slots,
                     .chunks = &l->client.chunks },
    };

    (void)state;
    CHECK_STATUS(COVEY_OK, covey_endpoint_init(e, &config, &memory, 0));
    CHECK_STATUS(COVEY_E_ROOM, lab_request(l));
    CHECK_STATUS(COVEY_OK, lab_inject(l, false, SPAN("\x41\x45\x00\x01\x07")));
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_NOTHING);
    assert_true(lab_transmit(l, false));
    assert_int_equal(l->left.type, COVEY_COAP_RST);
    /* A refusal has no place: silence. */
    CHECK_STATUS(COVEY_E_UNSUPPORTED,
                 lab_inject(l, false,
                            SPAN("\x51\x02\x00\x02\x07\x90\xff"
                                 "z")));
    assert_false(lab_transmit(l, false));
    covey_endpoint_cancel(e, (covey_exchange_ref){ 0, 1 });
    covey_endpoint_lost(e, &l->call.path);
    lab_event(l, false, 0);
    assert_int_equal(covey_endpoint_deadline(e), COVEY_NEVER);
}

static void a_stale_name_cancels_nothing(void **state)
{
    lab *l = lab_open(false);
    covey_endpoint *e = &l->client.endpoint;

    (void)state;
    (void)lab_begin(l);
    covey_endpoint_cancel(e, (covey_exchange_ref){ 0, 0 });
    covey_endpoint_cancel(e, (covey_exchange_ref){ 0, 99 });
    covey_endpoint_cancel(e, (covey_exchange_ref){ STACK_ROWS, 1 });
    lab_event(l, false, 0);
    covey_endpoint_cancel(e, l->sent.exchange);
    covey_endpoint_cancel(e, l->sent.exchange);
    lab_event(l, false, COVEY_ENDPOINT_CANCELLED);
    lab_event(l, false, 0);
    lab_close(l);
}

static void patience_may_be_endless(void **state)
{
    lab *l = lab_open(false);

    (void)state;
    l->call.patience = 0;
    l->call.type = COVEY_COAP_NON;
    (void)lab_begin(l);
    l->now = (covey_ms)1 << 40;
    assert_false(lab_transmit(l, false));
    lab_event(l, false, 0);
    CHECK_STATUS(COVEY_OK, lab_inject(l, false,
                                      lab_forge(l, COVEY_COAP_NON, CONTENT, 1,
                                                SPAN(""))));
    assert_true(l->in.last);
    lab_event(l, false, COVEY_ENDPOINT_ANSWERED);
    lab_close(l);
}

static void refuses_lengths_of_tokens_that_are_none(void **state)
{
    lab *l = lab_open(false);
    covey_endpoint_config config = { .message = covey_message_defaults(),
                                     .token_len = 9 };
    const covey_endpoint_memory memory = { .scratch_len = 0 };
    covey_endpoint e;

    (void)state;
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 covey_endpoint_init(&e, &config, &memory, 0));
    lab_close(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_exactly_once_when_answered),
        cmocka_unit_test(other_tokens_and_peers_are_reset),
        cmocka_unit_test(an_acknowledgement_with_another_token_is_no_answer),
        cmocka_unit_test(ends_when_the_peer_says_nothing),
        cmocka_unit_test(ends_when_patience_is_over),
        cmocka_unit_test(ends_by_a_reset),
        cmocka_unit_test(a_separate_response_stands_for_the_acknowledgement),
        cmocka_unit_test(
            an_observation_lasts_until_a_response_without_observe),
        cmocka_unit_test(without_asking_there_is_no_observation),
        cmocka_unit_test(collects_the_answers_of_a_group),
        cmocka_unit_test(takes_as_many_of_each_server_as_asked),
        cmocka_unit_test(
            further_servers_than_there_are_rows_are_not_delivered),
        cmocka_unit_test(a_group_that_is_silent_was_collected_too),
        cmocka_unit_test(sends_nothing_confirmable_to_groups),
        cmocka_unit_test(says_when_there_is_no_room),
        cmocka_unit_test(nothing_is_left_of_a_request_that_failed),
        cmocka_unit_test(short_tokens_are_as_long_as_asked),
        cmocka_unit_test(a_lost_connection_ends_what_waits_for_it),
        cmocka_unit_test(an_acknowledgement_with_the_token_of_another_request),
        cmocka_unit_test(a_stale_name_cancels_nothing),
        cmocka_unit_test(patience_may_be_endless),
        cmocka_unit_test(a_server_without_rows_rejects_every_response),
        cmocka_unit_test(refuses_lengths_of_tokens_that_are_none),
    };

    return KIT_RUN(tests);
}
