/* SPDX-License-Identifier: BSD-2-Clause */
/* Protected responses that come in outer blocks, RFC 8613 Section
 * 4.1.3.4.2: each next one is asked for. */
#include "outer_lab.h"

#define FETCH 0x05

static void a_response_in_blocks_is_fetched(void **state)
{
    static const covey_coap_type types[] = { COVEY_COAP_CON, COVEY_COAP_NON };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        struct cut asked;
        struct cut c;
        lab *l = outer_open(&c, &asked, types[i]);

        outer_fetch(l, &c, &asked);
        assert_true(l->in.last);
        assert_int_equal(l->client.endpoint.counters.outer, 3);
        assert_int_equal(lab_event(l, false, COVEY_ENDPOINT_ANSWERED).user,
                         77);
        lab_event(l, false, 0);
        lab_close(l);
    }
}

static void notifications_in_blocks_leave_the_observation(void **state)
{
    struct cut asked;
    struct cut c;
    covey_endpoint_request kept;
    lab *l = outer_observe(&asked, &kept);

    (void)state;
    assert_int_equal(asked.whole.code, FETCH);
    for (unsigned i = 0; i < 3; i++) {
        outer_notify(l, &c, &kept);
        CHECK_STATUS(COVEY_OK, outer_block(l, &c, 0, COVEY_COAP_NON));
        outer_asks(l, &asked, 1);
        CHECK_STATUS(COVEY_OK, outer_answer(l, &c, 1));
        assert_int_equal(l->in.kind, COVEY_ENDPOINT_RESPONSE);
        assert_false(l->in.last);
        lab_event(l, false, 0);
        l->now += 20000; /* patience is over: what matters is that it came */
    }
    lab_forget(l);
    lab_close(l);
}

static void a_newer_notification_takes_the_place(void **state)
{
    struct cut asked;
    struct cut older;
    struct cut newer;
    covey_endpoint_request kept;
    lab *l = outer_observe(&asked, &kept);

    (void)state;
    outer_notify(l, &older, &kept);
    outer_notify(l, &newer, &kept);
    CHECK_STATUS(COVEY_OK, outer_block(l, &older, 0, COVEY_COAP_NON));
    outer_asks(l, &asked, 1);
    newer.id++;
    CHECK_STATUS(COVEY_OK, outer_block(l, &newer, 0, COVEY_COAP_NON));
    outer_asks(l, &asked, 1);
    CHECK_STATUS(COVEY_OK, outer_answer(l, &newer, 1));
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_RESPONSE);
    lab_forget(l);
    lab_close(l);
}

static void another_etag_begins_again(void **state)
{
    struct cut asked;
    struct cut c;
    lab *l = outer_open(&c, &asked, COVEY_COAP_CON);

    (void)state;
    c.tag = SPAN("a");
    outer_first(l, &c, &asked);
    c.tag = SPAN("b");
    CHECK_STATUS(COVEY_OK, outer_answer(l, &c, 1));
    outer_asks(l, &asked, 0);
    outer_more(l, &c, &asked, 0, 3);
    CHECK_STATUS(COVEY_OK, outer_answer(l, &c, 3));
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_RESPONSE);
    lab_event(l, false, COVEY_ENDPOINT_ANSWERED);
    lab_close(l);
}

static void a_response_that_always_changes_is_given_up(void **state)
{
    static const char *const tags[] = { "a", "b", "c", "d", "e", "f" };
    struct cut asked;
    struct cut c;
    lab *l = outer_open(&c, &asked, COVEY_COAP_CON);
    covey_status st = COVEY_OK;
    unsigned i;

    (void)state;
    c.tag = SPAN("z");
    outer_first(l, &c, &asked);
    for (i = 0; i < COUNT_OF(tags) && st == COVEY_OK; i++) {
        c.tag = covey_bytes_text(tags[i]);
        st = outer_answer(l, &c, 1);
        if (st == COVEY_OK) {
            outer_asks(l, &asked, 0);
            CHECK_STATUS(COVEY_OK, outer_answer(l, &c, 0));
            outer_asks(l, &asked, 1);
        }
    }
    CHECK_STATUS(COVEY_E_RANGE, st);
    assert_int_equal(i, 5);
    lab_event(l, false, COVEY_ENDPOINT_UNDONE);
    lab_close(l);
}

static void what_does_not_fit_together_is_undone(void **state)
{
    static const struct {
        const char *why;
        unsigned num;  /* of what comes instead of block 1 */
        bool short_of; /* and is not full */
        bool forged;
        covey_status st;
    } cases[] = {
        { "a block is missing", 2, false, false, COVEY_E_RANGE },
        { "more to come, but not full", 1, true, false, COVEY_E_RANGE },
        { "forged", 1, false, true, COVEY_E_AUTH },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct cut asked;
        struct cut c;
        lab *l = outer_open(&c, &asked, COVEY_COAP_CON);

        kit_case(cases[i].why);
        outer_first(l, &c, &asked);
        if (cases[i].short_of) {
            c.whole.payload.len = 2 * CUT_BLOCK - 1;
        }
        if (cases[i].forged) {
            c.bytes[c.len - 1] ^= 1;
            outer_more(l, &c, &asked, 1, 3);
            CHECK_STATUS(cases[i].st, outer_answer(l, &c, 3));
        } else {
            CHECK_STATUS(cases[i].st, outer_answer(l, &c, cases[i].num));
        }
        assert_int_equal(l->in.kind, COVEY_ENDPOINT_NOTHING);
        assert_int_equal(l->client.endpoint.counters.unopened, 1);
        lab_event(l, false, COVEY_ENDPOINT_UNDONE);
        lab_close(l);
    }
    kit_case(NULL);
}

static void the_first_block_has_to_be_the_first(void **state)
{
    struct cut asked;
    struct cut c;
    lab *l = outer_open(&c, &asked, COVEY_COAP_CON);

    (void)state;
    CHECK_STATUS(COVEY_E_RANGE, outer_block(l, &c, 1, COVEY_COAP_ACK));
    lab_event(l, false, COVEY_ENDPOINT_UNDONE);
    lab_close(l);
}

static void more_than_fits_is_not_fetched(void **state)
{
    struct cut asked;
    struct cut c;
    lab *l = outer_open(&c, &asked, COVEY_COAP_CON);
    const unsigned fits = STACK_WHOLE / CUT_BLOCK;

    (void)state;
    c.whole.payload = covey_bytes_of(c.bytes, CUT_BLOCK * (fits + 2));
    c.count = fits + 3;
    outer_first(l, &c, &asked);
    outer_more(l, &c, &asked, 1, fits);
    CHECK_STATUS(COVEY_E_RANGE, outer_answer(l, &c, fits));
    lab_event(l, false, COVEY_ENDPOINT_UNDONE);
    lab_close(l);
}

static void without_room_a_response_is_undone(void **state)
{
    enum without {
        A_ROW,
        THE_REQUEST,
        AN_EXCHANGE,
        CASES
    };

    (void)state;
    for (unsigned i = 0; i < CASES; i++) {
        struct cut asked;
        struct cut c;
        lab *l;

        l = outer_open(&c, &asked, COVEY_COAP_CON);
        switch ((enum without)i) {
        case A_ROW:
            l->client.parts[0].whole.serial = UINT32_MAX;
            l->client.parts[1].whole.serial = UINT32_MAX;
            break;
        case THE_REQUEST:
            l->client.kept[0] = 0;
            l->client.kept[1] = 0;
            break;
        case AN_EXCHANGE:
            l->client.endpoint.exchange.free = UINT32_MAX;
            break;
        case CASES:
            break;
        }
        CHECK_STATUS(COVEY_E_RANGE, outer_block(l, &c, 0, COVEY_COAP_ACK));
        lab_event(l, false, COVEY_ENDPOINT_UNDONE);
        for (size_t k = 0; k < STACK_OUTER; k++) {
            l->client.parts[k].whole.serial = 0;
        }
        if (i != AN_EXCHANGE) {
            lab_close(l);
        }
    }
}

static void a_request_that_is_too_long_is_not_kept(void **state)
{
    static const uint8_t zeros[STACK_SENT];
    struct cut asked;
    struct cut c;
    lab *l = lab_open(true);

    (void)state;
    l->number = COVEY_OPTION_URI_HOST; /* stays outside */
    l->option = covey_bytes_of(zeros, sizeof zeros);
    lab_ask(l);
    cut_begin(&asked, covey_written(&l->out));
    outer_reply(l, &c, &asked);
    CHECK_STATUS(COVEY_E_RANGE, outer_block(l, &c, 0, COVEY_COAP_ACK));
    lab_event(l, false, COVEY_ENDPOINT_UNDONE);
    lab_close(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_response_in_blocks_is_fetched),
        cmocka_unit_test(notifications_in_blocks_leave_the_observation),
        cmocka_unit_test(a_newer_notification_takes_the_place),
        cmocka_unit_test(another_etag_begins_again),
        cmocka_unit_test(a_response_that_always_changes_is_given_up),
        cmocka_unit_test(what_does_not_fit_together_is_undone),
        cmocka_unit_test(the_first_block_has_to_be_the_first),
        cmocka_unit_test(more_than_fits_is_not_fetched),
        cmocka_unit_test(without_room_a_response_is_undone),
        cmocka_unit_test(a_request_that_is_too_long_is_not_kept),
    };

    return KIT_RUN(tests);
}
