/* SPDX-License-Identifier: BSD-2-Clause */
/* What becomes of requests whose responses come in outer blocks. */
#include "outer_lab.h"

#define INCOMPLETE 0x88

static covey_bytes say(lab *l, covey_coap_type type, uint8_t code)
{
    static uint8_t bytes[16];
    const covey_coap_message head = {
        .type = type,
        .code = code,
        .message_id = l->left.message_id,
        .token = code != 0 ? l->left.token : covey_bytes_of(NULL, 0),
    };
    covey_writer w = covey_writer_of(bytes, sizeof bytes);
    covey_coap_composer c = covey_coap_compose(&w, &head);

    CHECK_STATUS(COVEY_OK, covey_coap_finish(&c));
    return covey_written(&w);
}

static void error(lab *l)
{
    CHECK_STATUS(COVEY_E_AUTH,
                 lab_inject(l, false, say(l, COVEY_COAP_ACK, INCOMPLETE)));
}

static void reset(lab *l)
{
    CHECK_STATUS(COVEY_OK, lab_inject(l, false, say(l, COVEY_COAP_RST, 0)));
}

static void silence(lab *l)
{
    for (unsigned turn = 0; turn < 6; turn++) {
        l->now += 60000;
        while (lab_transmit(l, false)) {
        }
    }
}

/* Acknowledged, and then nothing. */
static void patience(lab *l)
{
    CHECK_STATUS(COVEY_OK, lab_inject(l, false, say(l, COVEY_COAP_ACK, 0)));
    lab_event(l, false, 0);
    l->now += 9999;
    assert_false(lab_transmit(l, false));
    lab_event(l, false, 0);
    l->now++;
    assert_false(lab_transmit(l, false));
}

/* The row of what was asked first. */
static covey_exchange_ref whole_of(const lab *l)
{
    return l->client.parts[0].whole;
}

static void cancel(lab *l)
{
    covey_endpoint_cancel(&l->client.endpoint, whole_of(l));
}

static void what_becomes_of_a_question_becomes_of_the_request(void **state)
{
    static const struct {
        const char *why;
        void (*happen)(lab *l);
        covey_endpoint_what what;
        uint8_t code;
    } cases[] = {
        { "an error", error, COVEY_ENDPOINT_UNPROTECTED, INCOMPLETE },
        { "a Reset", reset, COVEY_ENDPOINT_RESET, 0 },
        { "silence", silence, COVEY_ENDPOINT_TIMED_OUT, 0 },
        { "no end of patience", patience, COVEY_ENDPOINT_TIMED_OUT, 0 },
        { "cancelled", cancel, COVEY_ENDPOINT_CANCELLED, 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct cut asked;
        struct cut c;
        lab *l = outer_open(&c, &asked, COVEY_COAP_CON);
        covey_endpoint_report report;

        kit_case(cases[i].why);
        outer_first(l, &c, &asked);
        cases[i].happen(l);
        report = lab_event(l, false, (int)cases[i].what);
        assert_int_equal(report.user, 77);
        assert_int_equal(report.code, cases[i].code);
        lab_event(l, false, 0);
        lab_close(l);
    }
    kit_case(NULL);
}

static void what_is_not_protected_is_no_block(void **state)
{
    struct cut asked;
    struct cut c;
    lab *l = outer_open(&c, &asked, COVEY_COAP_CON);

    (void)state;
    outer_first(l, &c, &asked);
    CHECK_STATUS(COVEY_E_AUTH,
                 lab_inject(l, false, say(l, COVEY_COAP_NON, CONTENT)));
    lab_event(l, false, 0);
    outer_more(l, &c, &asked, 1, 3);
    CHECK_STATUS(COVEY_OK, outer_answer(l, &c, 3));
    lab_event(l, false, COVEY_ENDPOINT_ANSWERED);
    lab_close(l);
}

static void the_whole_at_once_is_an_answer_too(void **state)
{
    struct cut asked;
    struct cut c;
    lab *l = outer_open(&c, &asked, COVEY_COAP_CON);

    (void)state;
    outer_first(l, &c, &asked);
    memcpy(c.bytes + 2, l->bytes + 2, 10); /* Message ID and token */
    CHECK_STATUS(COVEY_OK,
                 lab_inject(l, false, covey_bytes_of(c.bytes, c.len)));
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_RESPONSE);
    lab_event(l, false, COVEY_ENDPOINT_ANSWERED);
    lab_close(l);
}

static void a_request_in_the_place_of_another_drops_its_blocks(void **state)
{
    struct cut asked;
    struct cut c;
    covey_endpoint_request kept;
    lab *l = outer_observe(&asked, &kept);

    (void)state;
    outer_notify(l, &c, &kept);
    CHECK_STATUS(COVEY_OK, outer_block(l, &c, 0, COVEY_COAP_NON));
    outer_asks(l, &asked, 1);
    l->call.instead = whole_of(l);
    l->option = SPAN("\x01");
    l->client.endpoint.message.parameters.nstart = 2;
    CHECK_STATUS(COVEY_OK, lab_request(l));
    assert_int_equal(l->client.parts[0].whole.serial, 0);
    CHECK_STATUS(COVEY_OK, lab_arrive(l, true));
    l->number = 0;
    CHECK_STATUS(COVEY_OK, lab_reply(l, &l->in.request, CONTENT, NULL));
    CHECK_STATUS(COVEY_OK, lab_arrive(l, false));
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_RESPONSE);
    lab_event(l, false, COVEY_ENDPOINT_ANSWERED);
    lab_close(l);
}

static void responses_of_many_are_not_put_together(void **state)
{
    struct cut asked;
    struct cut c;
    lab *l = lab_open(true);

    (void)state;
    l->call.many = true;
    lab_ask(l);
    cut_begin(&asked, covey_written(&l->out));
    outer_reply(l, &c, &asked);
    CHECK_STATUS(COVEY_E_AUTH, outer_block(l, &c, 0, COVEY_COAP_ACK));
    assert_int_equal(l->in.opened.fault, COVEY_OSCORE_NOT_DECRYPTED);
    lab_forget(l);
    lab_close(l);
}

static void without_memory_no_response_is_fetched(void **state)
{
    struct cut asked;
    struct cut c;
    lab *l = outer_open(&c, &asked, COVEY_COAP_CON);

    (void)state;
    l->client.endpoint.outer = NULL;
    CHECK_STATUS(COVEY_E_AUTH, outer_block(l, &c, 0, COVEY_COAP_ACK));
    assert_int_equal(l->in.opened.fault, COVEY_OSCORE_NOT_DECRYPTED);
    lab_forget(l);
    lab_close(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_becomes_of_a_question_becomes_of_the_request),
        cmocka_unit_test(a_request_in_the_place_of_another_drops_its_blocks),
        cmocka_unit_test(responses_of_many_are_not_put_together),
        cmocka_unit_test(without_memory_no_response_is_fetched),
        cmocka_unit_test(what_is_not_protected_is_no_block),
        cmocka_unit_test(the_whole_at_once_is_an_answer_too),
    };

    return KIT_RUN(tests);
}
