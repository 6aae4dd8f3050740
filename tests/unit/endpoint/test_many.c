/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests to one who passes on what many answer, and requests that take the
 * place of others. */
#include "lab.h"

#define NOTIFIED     "\x60"      /* Observe of 0, as the first option */
#define REPLY_FROM   "\xd1\xebx" /* 248, after none */
#define UNAUTHORIZED COVEY_COAP_CODE(4, 1)

static lab *open_many(bool oscore, covey_coap_type type)
{
    lab *l = lab_open(oscore);

    l->call.many = true;
    l->call.patience = 5000;
    l->call.type = type;
    return l;
}

static void answer(lab *l, uint16_t id, covey_bytes rest)
{
    CHECK_STATUS(
        COVEY_OK,
        lab_inject(l, false, lab_forge(l, COVEY_COAP_NON, CONTENT, id, rest)));
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_RESPONSE);
    assert_false(l->in.last);
}

static void collects_through_one(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        lab *l = open_many(false, i == 0 ? COVEY_COAP_CON : COVEY_COAP_NON);
        const uint16_t id = lab_begin(l);
        if (i == 0) { /* which does not put the end off */
            l->now = 900;
            const uint8_t ack[] = { 0x60, 0, (uint8_t)(id >> 8), (uint8_t)id };
            CHECK_STATUS(
                COVEY_OK,
                lab_inject(l, false, covey_bytes_of(ack, sizeof ack)));
        }
        for (uint16_t n = 0; n < 3; n++) {
            l->now += 1000;
            answer(l, n, SPAN("\xffz"));
        }
        l->now = 4999;
        assert_false(lab_transmit(l, false));
        lab_event(l, false, 0);
        l->now = 5000;
        assert_false(lab_transmit(l, false));
        assert_int_equal(
            lab_event(l, false, COVEY_ENDPOINT_COLLECTED).responses, 3);
        /* Late, and not wanted any more. */
        CHECK_STATUS(COVEY_OK, lab_inject(l, false,
                                          lab_forge(l, COVEY_COAP_NON, CONTENT,
                                                    9, SPAN(""))));
        assert_int_equal(l->in.kind, COVEY_ENDPOINT_NOTHING);
        assert_true(lab_transmit(l, false));
        assert_int_equal(l->left.type, COVEY_COAP_RST);
        lab_close(l);
    }
}

static void is_not_sent_again_when_its_time_is_over(void **state)
{
    lab *l = open_many(false, COVEY_COAP_CON);

    (void)state;
    (void)lab_begin(l);
    l->now = 5000;
    while (lab_transmit(l, false)) {
    }
    assert_int_equal(lab_event(l, false, COVEY_ENDPOINT_COLLECTED).responses,
                     0);
    l->now = 100000;
    assert_false(lab_transmit(l, false));
    lab_close(l);
}

static void goes_on_with_a_notification(void **state)
{
    lab *l = open_many(false, COVEY_COAP_NON);

    (void)state;
    l->number = COVEY_OPTION_OBSERVE;
    l->option = SPAN("");
    (void)lab_begin(l);
    answer(l, 1, SPAN(""));
    answer(l, 2, SPAN(NOTIFIED));
    l->now = 3600000;
    assert_false(lab_transmit(l, false));
    lab_event(l, false, 0);
    answer(l, 3, SPAN(NOTIFIED));
    answer(l, 4, SPAN("")); /* others may go on */
    covey_endpoint_cancel(&l->client.endpoint, l->sent.exchange);
    assert_int_equal(lab_event(l, false, COVEY_ENDPOINT_CANCELLED).responses,
                     4);
    lab_close(l);
}

/* The token of the older one, and its end. */
static void another_one_ends_an_observation(void **state)
{
    lab *l = lab_open(false);
    covey_exchange_ref first;

    (void)state;
    l->call.type = COVEY_COAP_NON;
    l->number = COVEY_OPTION_OBSERVE;
    l->option = SPAN("");
    (void)lab_begin(l);
    first = l->sent.exchange;
    answer(l, 1, SPAN(NOTIFIED));
    l->now = 60000;
    l->call.instead = first;
    l->option = SPAN("\x01");
    CHECK_STATUS(COVEY_OK, lab_request(l));
    CHECK_SPAN(covey_bytes_of(l->token, sizeof l->token), l->left.token);
    assert_int_equal(l->sent.exchange.serial, first.serial);
    CHECK_STATUS(COVEY_OK, lab_inject(l, false,
                                      lab_forge(l, COVEY_COAP_NON, CONTENT, 2,
                                                SPAN("\xffz"))));
    assert_true(l->in.last);
    assert_int_equal(lab_event(l, false, COVEY_ENDPOINT_ANSWERED).responses,
                     2);
    CHECK_STATUS(COVEY_E_ARGUMENT, lab_request(l)); /* it is over */
    lab_event(l, false, 0);
    lab_close(l);
}

static void its_patience_is_its_own(void **state)
{
    lab *l = lab_open(false);

    (void)state;
    l->call.type = COVEY_COAP_NON;
    l->number = COVEY_OPTION_OBSERVE;
    l->option = SPAN("");
    (void)lab_begin(l);
    answer(l, 1, SPAN(NOTIFIED));
    l->now = 60000;
    l->call.instead = l->sent.exchange;
    l->call.patience = 2000;
    l->option = SPAN("\x01");
    CHECK_STATUS(COVEY_OK, lab_request(l));
    l->now = 62000;
    assert_false(lab_transmit(l, false));
    lab_event(l, false, COVEY_ENDPOINT_ANSWERED);
    lab_close(l);
}

static void the_older_one_goes_on_if_it_is_not_sent(void **state)
{
    lab *l = lab_open(true);
    lab_kept request;

    (void)state;
    l->call.type = COVEY_COAP_NON;
    CHECK_STATUS(COVEY_OK, lab_request(l));
    lab_keep(&request, l);
    l->call.instead = l->sent.exchange;
    l->client.store_fails = true;
    for (unsigned i = 0; i < 64; i++) {
        const covey_status st = lab_request(l);
        if (st != COVEY_OK) { /* the reserve of numbers is used up */
            CHECK_STATUS(COVEY_E_NOT_STORED, st);
            break;
        }
        lab_keep(&request, l);
    }
    l->client.store_fails = false;
    CHECK_STATUS(COVEY_OK, lab_inject(l, true, lab_kept_span(&request)));
    CHECK_STATUS(COVEY_OK, lab_reply(l, &l->in.request, CONTENT, NULL));
    lab_answered(l);
    lab_close(l);
}

/* The error of one ends nothing, that of the proxy itself everything. */
static void one_that_cannot_open_it_is_one_of_many(void **state)
{
    lab *l = open_many(true, COVEY_COAP_NON);

    (void)state;
    (void)lab_begin(l);
    CHECK_STATUS(COVEY_E_AUTH,
                 lab_inject(l, false,
                            lab_forge(l, COVEY_COAP_NON, UNAUTHORIZED, 1,
                                      SPAN(REPLY_FROM))));
    lab_event(l, false, 0);
    CHECK_STATUS(
        COVEY_E_AUTH,
        lab_inject(l, false,
                   lab_forge(l, COVEY_COAP_NON, UNAUTHORIZED, 2, SPAN(""))));
    assert_int_equal(lab_event(l, false, COVEY_ENDPOINT_UNPROTECTED).code,
                     UNAUTHORIZED);
    lab_close(l);
}

/* Once it has been opened nobody says that it could not be. */
static void who_has_opened_it_once_has_the_keys(void **state)
{
    lab *l = open_many(true, COVEY_COAP_NON);
    lab_kept answered;

    (void)state;
    (void)lab_begin(l);
    CHECK_STATUS(COVEY_OK, lab_arrive(l, true));
    CHECK_STATUS(COVEY_OK, lab_reply(l, &l->in.request, CONTENT, NULL));
    lab_keep(&answered, l);
    CHECK_STATUS(COVEY_OK, lab_inject(l, false, lab_kept_span(&answered)));
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_RESPONSE);
    CHECK_STATUS(
        COVEY_E_AUTH,
        lab_inject(l, false,
                   lab_forge(l, COVEY_COAP_NON, UNAUTHORIZED, 2, SPAN(""))));
    lab_event(l, false, 0);
    l->now = 5000;
    assert_false(lab_transmit(l, false));
    lab_event(l, false, COVEY_ENDPOINT_COLLECTED);
    lab_close(l);
}

/* A late answer of a group is no reason for a Reset, a notification is: its
 * observation has no other end. */
static void
a_notification_of_a_group_is_reset_when_nobody_wants_it(void **state)
{
    lab *l = lab_open(false);

    (void)state;
    l->call.type = COVEY_COAP_NON;
    l->call.path.group = true;
    (void)lab_begin(l);
    covey_endpoint_cancel(&l->client.endpoint, l->sent.exchange);
    lab_event(l, false, COVEY_ENDPOINT_CANCELLED);
    for (unsigned i = 0; i < 2; i++) {
        CHECK_STATUS(
            COVEY_OK,
            lab_inject(l, false,
                       lab_forge(l, COVEY_COAP_NON, CONTENT, (uint16_t)i,
                                 i == 0 ? SPAN("") : SPAN(NOTIFIED))));
        assert_int_equal(lab_transmit(l, false), i);
    }
    lab_close(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(collects_through_one),
        cmocka_unit_test(is_not_sent_again_when_its_time_is_over),
        cmocka_unit_test(goes_on_with_a_notification),
        cmocka_unit_test(another_one_ends_an_observation),
        cmocka_unit_test(its_patience_is_its_own),
        cmocka_unit_test(the_older_one_goes_on_if_it_is_not_sent),
        cmocka_unit_test(one_that_cannot_open_it_is_one_of_many),
        cmocka_unit_test(who_has_opened_it_once_has_the_keys),
        cmocka_unit_test(
            a_notification_of_a_group_is_reset_when_nobody_wants_it),
    };

    return KIT_RUN(tests);
}
