/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests that are not protected, and when replies leave. */
#include "lab.h"

#define NO_RESPONSE_ALL SPAN("\x1a") /* RFC 7967 Section 2.1: 2, 4 and 5 */

static void replies_with_the_acknowledgement(void **state)
{
    lab *l = lab_open(false);

    (void)state;
    l->number = COVEY_OPTION_URI_PATH;
    l->option = SPAN("t");
    lab_ask(l);
    assert_int_equal(l->in.message.code, GET);
    assert_false(l->in.duplicate);
    assert_int_equal(l->in.opened.kind, COVEY_REPLY_OPEN);
    assert_int_equal(l->in.request.token_len, 8);
    l->number = 0;
    CHECK_STATUS(COVEY_OK, lab_reply(l, &l->in.request, CONTENT, NULL));
    assert_true(l->sent.now);
    assert_int_equal(l->left.type, COVEY_COAP_ACK);
    CHECK_STATUS(COVEY_OK, lab_arrive(l, false));
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_RESPONSE);
    assert_true(l->in.last);
    assert_int_equal(l->in.user, 77);
    CHECK_SPAN(SPAN("x"), l->in.message.payload);
    assert_int_equal(lab_event(l, false, COVEY_ENDPOINT_ANSWERED).user, 77);
    lab_close(l);
}

static void answers_a_non_confirmable_request_likewise(void **state)
{
    lab *l = lab_open(false);

    (void)state;
    l->call.type = COVEY_COAP_NON;
    lab_ask(l);
    CHECK_STATUS(COVEY_OK, lab_reply(l, &l->in.request, CONTENT, NULL));
    assert_true(l->sent.now);
    assert_int_equal(l->left.type, COVEY_COAP_NON);
    CHECK_STATUS(COVEY_OK, lab_arrive(l, false));
    assert_true(l->in.last);
    lab_event(l, false, COVEY_ENDPOINT_ANSWERED);
    lab_close(l);
}

static void a_separate_response_is_acknowledged(void **state)
{
    const covey_endpoint_reply how = { .type = COVEY_COAP_CON, .user = 5000 };
    lab *l = lab_open(false);
    covey_endpoint_request r;

    (void)state;
    lab_ask(l);
    r = l->in.request;
    covey_endpoint_acknowledge(&l->server.endpoint, &r);
    assert_true(lab_transmit(l, true));
    assert_int_equal(l->left.code, COVEY_COAP_EMPTY);
    CHECK_STATUS(COVEY_OK, lab_arrive(l, false));
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_NOTHING);
    lab_event(l, false, 0);
    CHECK_STATUS(COVEY_OK, lab_reply(l, &r, CONTENT, &how));
    assert_int_equal(l->left.type, COVEY_COAP_CON);
    CHECK_STATUS(COVEY_OK, lab_arrive(l, false));
    assert_true(l->in.last);
    lab_event(l, false, COVEY_ENDPOINT_ANSWERED);
    assert_true(lab_transmit(l, false)); /* the acknowledgement */
    CHECK_STATUS(COVEY_OK, lab_arrive(l, true));
    assert_int_equal(
        lab_event(l, true, COVEY_ENDPOINT_REPLY_ACKNOWLEDGED).user, 5000);
    lab_close(l);
}

static void tells_that_a_separate_response_was_in_vain(void **state)
{
    const covey_endpoint_reply how = { .type = COVEY_COAP_CON, .user = 6 };
    lab *l = lab_open(false);

    (void)state;
    lab_ask(l);
    covey_endpoint_acknowledge(&l->server.endpoint, &l->in.request);
    (void)lab_transmit(l, true);
    CHECK_STATUS(COVEY_OK, lab_reply(l, &l->in.request, CONTENT, &how));
    l->now = 100000;
    while (lab_transmit(l, true)) {
        l->now += 100000;
    }
    assert_int_equal(lab_event(l, true, COVEY_ENDPOINT_REPLY_TIMED_OUT).user,
                     6);
    covey_endpoint_cancel(&l->client.endpoint, (covey_exchange_ref){ 0, 1 });
    lab_event(l, false, COVEY_ENDPOINT_CANCELLED);
    lab_close(l);
}

static void tells_that_a_watched_notification_was_reset(void **state)
{
    const covey_endpoint_reply how = { COVEY_COAP_NON, true, 9 };
    lab *l = lab_open(false);
    covey_endpoint_request r;

    (void)state;
    lab_ask(l);
    r = l->in.request;
    CHECK_STATUS(COVEY_OK, lab_reply(l, &r, CONTENT, NULL));
    CHECK_STATUS(COVEY_OK, lab_arrive(l, false));
    lab_event(l, false, COVEY_ENDPOINT_ANSWERED);
    CHECK_STATUS(COVEY_OK, lab_reply(l, &r, CONTENT, &how));
    CHECK_STATUS(COVEY_OK, lab_arrive(l, false));
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_NOTHING);
    assert_int_equal(l->client.endpoint.counters.unwanted, 1);
    assert_true(lab_transmit(l, false));
    assert_int_equal(l->left.type, COVEY_COAP_RST);
    CHECK_STATUS(COVEY_OK, lab_arrive(l, true));
    assert_int_equal(lab_event(l, true, COVEY_ENDPOINT_REPLY_RESET).user, 9);
    lab_close(l);
}

static void a_cancelled_reply_tells_nothing(void **state)
{
    const covey_endpoint_reply how = { COVEY_COAP_NON, true, 9 };
    lab *l = lab_open(false);

    (void)state;
    l->call.type = COVEY_COAP_NON;
    lab_ask(l);
    CHECK_STATUS(COVEY_OK, lab_reply(l, &l->in.request, CONTENT, &how));
    covey_endpoint_reply_cancel(&l->server.endpoint, l->sent.message);
    covey_endpoint_cancel(&l->client.endpoint, (covey_exchange_ref){ 0, 1 });
    lab_event(l, false, COVEY_ENDPOINT_CANCELLED);
    CHECK_STATUS(COVEY_OK, lab_arrive(l, false));
    assert_true(lab_transmit(l, false));
    CHECK_STATUS(COVEY_OK, lab_arrive(l, true));
    lab_close(l);
}

static void safe_requests_come_again_others_are_answered_here(void **state)
{
    lab *l = lab_open(false);
    uint8_t request[64];

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        size_t len;
        l->call.code = i == 0 ? GET : POST;
        lab_ask(l);
        CHECK_STATUS(COVEY_OK, lab_request(l));
        covey_endpoint_cancel(&l->client.endpoint, l->sent.exchange);
        lab_event(l, false, COVEY_ENDPOINT_CANCELLED);
        covey_endpoint_cancel(&l->client.endpoint,
                              (covey_exchange_ref){ 0, 1 + 2 * i });
        lab_event(l, false, COVEY_ENDPOINT_CANCELLED);
        /* Type, Message ID and token as the first one had them. */
        len = l->out.pos;
        memcpy(request, l->bytes, len);
        request[0] = 0x48;
        request[2] = 0x55;
        CHECK_STATUS(COVEY_OK,
                     lab_inject(l, true, covey_bytes_of(request, len)));
        assert_int_equal(l->in.kind, COVEY_ENDPOINT_REQUEST);
        CHECK_STATUS(COVEY_OK, lab_reply(l, &l->in.request, CONTENT, NULL));
        CHECK_STATUS(COVEY_OK,
                     lab_inject(l, true, covey_bytes_of(request, len)));
        if (i == 0) {
            assert_int_equal(l->in.kind, COVEY_ENDPOINT_REQUEST);
            assert_true(l->in.duplicate);
        } else {
            assert_int_equal(l->in.kind, COVEY_ENDPOINT_NOTHING);
            assert_true(lab_transmit(l, true));
            assert_int_equal(l->left.code, CONTENT);
        }
        covey_endpoint_reject(&l->server.endpoint, &l->in.request);
        (void)lab_transmit(l, true);
    }
    lab_close(l);
}

/* --- tokens -------------------------------------------------------------- */

/* GET with a token of n bytes that count from 0. */
static covey_bytes with_token(uint8_t *bytes, uint8_t first, size_t n)
{
    bytes[0] = first;
    bytes[1] = GET;
    bytes[2] = 0x12;
    bytes[3] = 0x34;
    bytes[4] = (uint8_t)(n - 13);
    for (size_t i = 0; i < n; i++) {
        bytes[5 + i] = (uint8_t)i;
    }
    return covey_bytes_of(bytes, 5 + n);
}

static void takes_tokens_up_to_its_bound(void **state)
{
    lab *l = lab_open(false);
    uint8_t bytes[64];

    (void)state;
    CHECK_STATUS(COVEY_OK, lab_inject(l, true, with_token(bytes, 0x4d, 32)));
    CHECK_STATUS(COVEY_OK, lab_reply(l, &l->in.request, CONTENT, NULL));
    CHECK_SPAN(covey_bytes_of(bytes + 5, 32), l->left.token);
    lab_close(l);
}

static void a_request_may_be_kept_without_path_and_token(void **state)
{
    (void)state;
    for (unsigned oscore = 0; oscore < 2; oscore++) {
        lab *l = lab_open(oscore != 0);
        covey_endpoint_kept kept;
        covey_endpoint_request request;
        uint8_t token[COVEY_ENDPOINT_TOKEN_MAX + 1] = { 0 };
        covey_path path;
        uint8_t len;
        lab_ask(l);
        covey_endpoint_keep(&kept, &l->in.request);
        path = l->in.request.path;
        len = l->in.request.token_len;
        memcpy(token, l->in.request.token, len);
        CHECK_STATUS(
            COVEY_E_ARGUMENT,
            covey_endpoint_recall(&request, &kept, &path,
                                  covey_bytes_of(token, sizeof token)));
        CHECK_STATUS(COVEY_OK,
                     covey_endpoint_recall(&request, &kept, &path,
                                           covey_bytes_of(token, 0)));
        assert_int_equal(0, request.token_len);
        CHECK_STATUS(COVEY_OK,
                     covey_endpoint_recall(&request, &kept, &path,
                                           covey_bytes_of(token, len)));
        memset(&l->in.request, 0, sizeof l->in.request);
        CHECK_STATUS(COVEY_OK, lab_reply(l, &request, CONTENT, NULL));
        lab_answered(l);
        lab_close(l);
    }
}

static void refuses_longer_tokens_with_4_00(void **state)
{
    lab *l = lab_open(false);
    uint8_t bytes[64];

    (void)state;
    for (unsigned con = 0; con < 2; con++) {
        CHECK_STATUS(
            COVEY_E_ROOM,
            lab_inject(l, true, with_token(bytes, con ? 0x4d : 0x5d, 33)));
        assert_int_equal(l->in.kind, COVEY_ENDPOINT_NOTHING);
        assert_int_equal(covey_endpoint_deadline(&l->server.endpoint), 0);
        assert_true(lab_transmit(l, true));
        assert_int_equal(l->left.type, con ? COVEY_COAP_ACK : COVEY_COAP_NON);
        assert_int_equal(l->left.code, COVEY_COAP_CODE(4, 0));
        CHECK_SPAN(covey_bytes_of(bytes + 5, 33), l->left.token);
        assert_false(lab_transmit(l, true));
        l->now += 300000;
    }
    assert_int_equal(l->server.endpoint.counters.refused, 2);
    lab_close(l);
}

static void a_token_that_no_refusal_holds_meets_silence(void **state)
{
    lab *l = lab_open(false);
    uint8_t bytes[64];

    (void)state;
    l->server.endpoint.half = 20;
    CHECK_STATUS(COVEY_E_ROOM,
                 lab_inject(l, true, with_token(bytes, 0x5d, 33)));
    assert_false(lab_transmit(l, true));
    lab_close(l);
}

static void groups_hear_no_refusals(void **state)
{
    lab *l = lab_open(false);
    covey_path path = lab_path(false);
    uint8_t bytes[64];

    (void)state;
    path.group = true;
    CHECK_STATUS(COVEY_E_ROOM,
                 covey_endpoint_receive(&l->server.endpoint, 0, &path,
                                        with_token(bytes, 0x5d, 33), &l->in));
    assert_false(lab_transmit(l, true));
    lab_close(l);
}

static void without_oscore_its_option_is_4_02(void **state)
{
    /* clang-format off */
    static const uint8_t request[] = {
        0x41, POST, 0x00, 0x01, 0xaa, /* CON, token */
        0x93, 0x09, 0x01, 'C',        /* OSCORE: Partial IV, kid "C" */
        0xff, 0x01,
    };
    /* clang-format on */
    lab *l = lab_open(false);
    covey_bytes max_age;

    (void)state;
    CHECK_STATUS(COVEY_E_UNSUPPORTED,
                 lab_inject(l, true, covey_bytes_of(request, sizeof request)));
    assert_true(lab_transmit(l, true));
    assert_int_equal(l->left.code, COVEY_COAP_CODE(4, 2));
    assert_true(covey_option_get(&l->left, COVEY_OPTION_MAX_AGE, &max_age));
    assert_int_equal(max_age.len, 0);
    lab_close(l);
}

/* --- suppression and leisure --------------------------------------------- */

static void no_response_means_an_empty_acknowledgement(void **state)
{
    lab *l = lab_open(false);

    (void)state;
    l->number = COVEY_OPTION_NO_RESPONSE;
    l->option = NO_RESPONSE_ALL;
    lab_ask(l);
    l->number = 0;
    CHECK_STATUS(COVEY_OK, lab_reply(l, &l->in.request, CONTENT, NULL));
    assert_true(l->sent.unwanted);
    assert_false(l->sent.now);
    assert_int_equal(l->server.endpoint.counters.silent, 1);
    assert_true(lab_transmit(l, true));
    assert_int_equal(l->left.code, COVEY_COAP_EMPTY);
    CHECK_STATUS(COVEY_OK, lab_arrive(l, false));
    lab_event(l, false, 0);
    l->now = 10000; /* the client's patience */
    assert_false(lab_transmit(l, false));
    lab_event(l, false, COVEY_ENDPOINT_TIMED_OUT);
    lab_close(l);
}

static covey_endpoint_request multicast(lab *l)
{
    static const uint8_t request[] = { 0x51, GET, 0x00, 0x07, 0xbb };
    covey_path path = lab_path(false);

    path.group = true;
    CHECK_STATUS(COVEY_OK,
                 covey_endpoint_receive(
                     &l->server.endpoint, l->now, &path,
                     covey_bytes_of(request, sizeof request), &l->in));
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_REQUEST);
    return l->in.request;
}

static void answers_groups_within_the_leisure(void **state)
{
    lab *l = lab_open(false);
    covey_ms due;

    (void)state;
    assert_int_equal(multicast(l).leisure, 5000);
    CHECK_STATUS(COVEY_OK, lab_reply(l, &l->in.request, CONTENT, NULL));
    assert_false(l->sent.now);
    assert_false(l->sent.unwanted);
    assert_false(lab_transmit(l, true));
    while ((due = covey_endpoint_deadline(&l->server.endpoint)) <= 5000) {
        l->now = due;
        if (lab_transmit(l, true)) {
            break;
        }
    }
    assert_in_range(l->now, 1, 5000);
    assert_int_equal(l->left.type, COVEY_COAP_NON);
    CHECK_SPAN(SPAN("\xbb"), l->left.token);
    lab_close(l);
}

static void the_application_decides_on_leisure_and_errors(void **state)
{
    lab *l = lab_open(false);
    covey_endpoint_request r;

    (void)state;
    r = multicast(l);
    CHECK_STATUS(COVEY_OK, lab_reply(l, &r, NOT_FOUND, NULL));
    assert_true(l->sent.unwanted);
    r.terms.always = true;
    r.leisure = 0;
    CHECK_STATUS(COVEY_OK, lab_reply(l, &r, NOT_FOUND, NULL));
    assert_true(l->sent.now);
    assert_int_equal(l->left.code, NOT_FOUND);
    lab_close(l);
}

/* --- drafts -------------------------------------------------------------- */

static void a_reply_that_fails_may_be_made_again(void **state)
{
    lab *l = lab_open(false);
    covey_endpoint *e = &l->server.endpoint;
    uint8_t small[10];
    covey_writer out = covey_writer_of(small, sizeof small);
    covey_draft d;

    (void)state;
    lab_ask(l);
    covey_endpoint_reply_begin(e, &d, &l->in.request, CONTENT, &out);
    CHECK_STATUS(COVEY_E_ROOM,
                 covey_endpoint_reply_send(e, 0, &d, NULL, &l->sent));
    out = covey_writer_of(l->bytes, sizeof l->bytes);
    covey_write_u8(&out, 1);
    covey_endpoint_reply_begin(e, &d, &l->in.request, CONTENT, &out);
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 covey_endpoint_reply_send(e, 0, &d, NULL, &l->sent));
    CHECK_STATUS(COVEY_OK, lab_reply(l, &l->in.request, CONTENT, NULL));
    CHECK_STATUS(COVEY_OK, lab_arrive(l, false));
    lab_event(l, false, COVEY_ENDPOINT_ANSWERED);
    lab_close(l);
}

static void malformed_datagrams_are_the_message_layers(void **state)
{
    lab *l = lab_open(false);

    (void)state;
    CHECK_STATUS(COVEY_E_SHORT, lab_inject(l, true, SPAN("\x40\x01")));
    CHECK_STATUS(COVEY_OK, lab_inject(l, true, SPAN("\x40\x00\x12\x34")));
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_NOTHING);
    assert_true(lab_transmit(l, true)); /* ping */
    assert_int_equal(l->left.type, COVEY_COAP_RST);
    lab_close(l);
}

/* RFC 7252 Section 4.3: an Empty Confirmable message asks for a Reset. */
static void a_ping_is_answered_by_a_reset(void **state)
{
    lab *l = lab_open(false);
    const covey_path to = lab_path(true);
    covey_writer out = covey_writer_of(l->bytes, 3);

    (void)state;
    CHECK_STATUS(COVEY_E_ROOM, covey_endpoint_ping(&l->client.endpoint, l->now,
                                                   &to, 5, &out, &l->sent));
    l->out = covey_writer_of(l->bytes, sizeof l->bytes);
    CHECK_STATUS(COVEY_OK, covey_endpoint_ping(&l->client.endpoint, l->now,
                                               &to, 5, &l->out, &l->sent));
    assert_true(l->sent.now);
    assert_int_equal(l->out.pos, 4);
    CHECK_STATUS(COVEY_OK, lab_arrive(l, true));
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_NOTHING);
    assert_true(lab_transmit(l, true));
    CHECK_STATUS(COVEY_OK, lab_arrive(l, false));
    assert_int_equal(lab_event(l, false, COVEY_ENDPOINT_REPLY_RESET).user, 5);
    lab_close(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ping_is_answered_by_a_reset),
        cmocka_unit_test(replies_with_the_acknowledgement),
        cmocka_unit_test(answers_a_non_confirmable_request_likewise),
        cmocka_unit_test(a_separate_response_is_acknowledged),
        cmocka_unit_test(tells_that_a_separate_response_was_in_vain),
        cmocka_unit_test(tells_that_a_watched_notification_was_reset),
        cmocka_unit_test(a_cancelled_reply_tells_nothing),
        cmocka_unit_test(safe_requests_come_again_others_are_answered_here),
        cmocka_unit_test(takes_tokens_up_to_its_bound),
        cmocka_unit_test(a_request_may_be_kept_without_path_and_token),
        cmocka_unit_test(refuses_longer_tokens_with_4_00),
        cmocka_unit_test(a_token_that_no_refusal_holds_meets_silence),
        cmocka_unit_test(groups_hear_no_refusals),
        cmocka_unit_test(without_oscore_its_option_is_4_02),
        cmocka_unit_test(no_response_means_an_empty_acknowledgement),
        cmocka_unit_test(answers_groups_within_the_leisure),
        cmocka_unit_test(the_application_decides_on_leisure_and_errors),
        cmocka_unit_test(a_reply_that_fails_may_be_made_again),
        cmocka_unit_test(malformed_datagrams_are_the_message_layers),
    };

    return KIT_RUN(tests);
}
