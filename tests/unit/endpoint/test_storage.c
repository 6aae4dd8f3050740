/* SPDX-License-Identifier: BSD-2-Clause */
/* What survives a loss of power, and what the two ends do until it has been
 * shown to be fresh again. The lab's provider fails the test if a nonce is
 * spent twice. */
#include "lab.h"

#define UNAUTHORIZED COVEY_COAP_CODE(4, 1)

/* --- storage ------------------------------------------------------------- */

static void nothing_happens_before_it_is_stored(void **state)
{
    lab *l = lab_open(true);

    (void)state;
    l->client.store_fails = true;
    CHECK_STATUS(COVEY_E_NOT_STORED, lab_request(l));
    lab_event(l, false, 0);
    l->client.store_fails = false;
    l->server.store_fails = true;
    CHECK_STATUS(COVEY_OK, lab_request(l));
    CHECK_STATUS(COVEY_E_AUTH, lab_arrive(l, true));
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_NOTHING);
    assert_int_equal(l->in.opened.fault, COVEY_OSCORE_OURS);
    assert_true(lab_transmit(l, true));
    assert_int_equal(l->left.type, COVEY_COAP_RST);
    CHECK_STATUS(COVEY_OK, lab_arrive(l, false));
    lab_event(l, false, COVEY_ENDPOINT_RESET);
    lab_close(l);
}

static void sealing_stops_when_nothing_is_left_in_reserve(void **state)
{
    const covey_endpoint_reply how = { .type = COVEY_COAP_NON };
    lab *l = lab_open(true);
    covey_status st = COVEY_OK;
    unsigned sent = 0;

    (void)state;
    l->call.type = COVEY_COAP_NON;
    lab_ask(l);
    l->server.store_fails = true;
    while (st == COVEY_OK && sent < 100) {
        st = lab_reply(l, &l->in.request, CONTENT, &how);
        sent += st == COVEY_OK;
    }
    CHECK_STATUS(COVEY_E_NOT_STORED, st);
    assert_in_range(sent, 1, 17); /* the request's nonce and a block */
    l->server.store_fails = false;
    CHECK_STATUS(COVEY_OK, lab_reply(l, &l->in.request, CONTENT, &how));
    lab_forget(l);
    lab_close(l);
}

/* A loss of power: all but what was stored. The Message IDs are others. */
static void restart(lab *l, bool window_lost)
{
    covey_oscore_drop(&l->server.context);
    if (window_lost) {
        l->server.stored.window = COVEY_OSCORE_WINDOW_LOST;
    }
    stack_start(&l->server, &l->watch, "S", "C", 3, l->now);
}

static void a_restart_repeats_no_nonce_and_takes_no_replay(void **state)
{
    const covey_endpoint_reply how = { .type = COVEY_COAP_NON };
    lab *l = lab_open(true);
    lab_kept request;

    (void)state;
    l->call.type = COVEY_COAP_NON;
    CHECK_STATUS(COVEY_OK, lab_request(l));
    lab_keep(&request, l);
    CHECK_STATUS(COVEY_OK, lab_arrive(l, true));
    CHECK_STATUS(COVEY_OK, lab_reply(l, &l->in.request, CONTENT, &how));
    CHECK_STATUS(COVEY_OK, lab_reply(l, &l->in.request, CONTENT, &how));
    restart(l, false);
    CHECK_STATUS(COVEY_OK, lab_inject(l, true, lab_kept_span(&request)));
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_CHALLENGE);
    lab_forget(l);
    while (l->client.context.ssn < 20) { /* beyond what was reserved */
        CHECK_STATUS(COVEY_OK, lab_request(l));
        lab_forget(l);
        l->now += 200000; /* the Message IDs rest */
        while (lab_transmit(l, false)) {
        }
    }
    lab_ask(l);
    CHECK_STATUS(COVEY_OK, lab_reply(l, &l->in.request, CONTENT, NULL));
    lab_answered(l);
    request.bytes[3] ^= 0x55;
    CHECK_STATUS(COVEY_E_AUTH, lab_inject(l, true, lab_kept_span(&request)));
    assert_int_equal(l->in.opened.fault, COVEY_OSCORE_REPLAY);
    lab_close(l);
}

/* --- lost window --------------------------------------------------------- */

static void a_lost_window_is_a_challenge_first(void **state)
{
    lab *l = lab_open(true);
    lab_kept old;
    covey_bytes echo;

    (void)state;
    l->call.type = COVEY_COAP_NON;
    lab_ask(l);
    lab_keep(&old, l);
    lab_forget(l);
    restart(l, true);
    /* The replay is authentic, and not delivered as a request. */
    CHECK_STATUS(COVEY_OK, lab_inject(l, true, lab_kept_span(&old)));
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_CHALLENGE);
    /* So is the next one; its reply has a Partial IV of its own. */
    CHECK_STATUS(COVEY_OK, lab_request(l));
    CHECK_STATUS(COVEY_OK, lab_arrive(l, true));
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_CHALLENGE);
    l->number = COVEY_OPTION_ECHO;
    l->option = SPAN("fresh");
    CHECK_STATUS(COVEY_OK, lab_reply(l, &l->in.request, UNAUTHORIZED, NULL));
    assert_non_null(lab_piv(l).ptr);
    CHECK_STATUS(COVEY_OK, lab_arrive(l, false));
    assert_int_equal(l->in.message.code, UNAUTHORIZED);
    assert_true(covey_option_get(&l->in.message, COVEY_OPTION_ECHO, &echo));
    CHECK_SPAN(SPAN("fresh"), echo);
    lab_event(l, false, COVEY_ENDPOINT_ANSWERED);
    /* It brings the value back. */
    CHECK_STATUS(COVEY_OK, lab_request(l));
    CHECK_STATUS(COVEY_OK, lab_arrive(l, true));
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_CHALLENGE);
    assert_true(covey_option_get(&l->in.message, COVEY_OPTION_ECHO, &echo));
    CHECK_SPAN(SPAN("fresh"), echo);
    CHECK_STATUS(COVEY_OK,
                 covey_endpoint_recover(&l->server.endpoint, l->now, &l->in));
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_REQUEST);
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 covey_endpoint_recover(&l->server.endpoint, l->now, &l->in));
    l->number = 0;
    CHECK_STATUS(COVEY_OK, lab_reply(l, &l->in.request, CONTENT, NULL));
    assert_non_null(lab_piv(l).ptr);
    lab_answered(l);
    old.bytes[3] ^= 0x55;
    CHECK_STATUS(COVEY_E_AUTH, lab_inject(l, true, lab_kept_span(&old)));
    assert_int_equal(l->in.opened.fault, COVEY_OSCORE_REPLAY);
    lab_close(l);
}

static void a_challenge_that_was_met_before_is_a_replay(void **state)
{
    lab *l = lab_open(true);
    covey_endpoint_in first;

    (void)state;
    l->call.type = COVEY_COAP_NON;
    restart(l, true);
    CHECK_STATUS(COVEY_OK, lab_request(l));
    CHECK_STATUS(COVEY_OK, lab_arrive(l, true));
    first = l->in;
    CHECK_STATUS(COVEY_OK,
                 covey_endpoint_recover(&l->server.endpoint, 0, &first));
    CHECK_STATUS(COVEY_E_AUTH,
                 covey_endpoint_recover(&l->server.endpoint, 0, &l->in));
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_NOTHING);
    assert_true(lab_transmit(l, true));
    assert_int_equal(l->left.code, UNAUTHORIZED);
    lab_forget(l);
    lab_close(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_happens_before_it_is_stored),
        cmocka_unit_test(sealing_stops_when_nothing_is_left_in_reserve),
        cmocka_unit_test(a_restart_repeats_no_nonce_and_takes_no_replay),
        cmocka_unit_test(a_lost_window_is_a_challenge_first),
        cmocka_unit_test(a_challenge_that_was_met_before_is_a_replay),
    };

    return KIT_RUN(tests);
}
