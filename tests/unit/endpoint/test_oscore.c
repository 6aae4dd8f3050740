/* SPDX-License-Identifier: BSD-2-Clause */
/* Both ends with plain OSCORE: what is delivered, what is refused and how,
 * and which nonces are spent. The lab's provider fails the test if one is
 * spent twice. */
#include "lab.h"

#define UNAUTHORIZED COVEY_COAP_CODE(4, 1)

static void request_and_response(void **state)
{
    lab *l = lab_open(true);

    (void)state;
    l->number = COVEY_OPTION_URI_PATH;
    l->option = SPAN("secret");
    lab_ask(l);
    assert_int_equal(l->in.message.code, GET);
    assert_int_equal(l->in.opened.kind, COVEY_REPLY_PAIRWISE);
    CHECK_SPAN(SPAN("C"), l->in.opened.sender);
    assert_true(l->in.request.terms.authenticated);
    assert_true(l->server.stores > 0); /* before it was delivered */
    l->number = 0;
    CHECK_STATUS(COVEY_OK, lab_reply(l, &l->in.request, CONTENT, NULL));
    assert_int_equal(l->left.type, COVEY_COAP_ACK);
    assert_int_equal(l->left.code, COVEY_COAP_CODE(2, 4));
    assert_null(lab_piv(l).ptr);
    lab_answered(l);
    CHECK_SPAN(SPAN("S"), l->in.opened.sender);
    lab_close(l);
}

static void a_duplicate_is_answered_from_the_store(void **state)
{
    lab *l = lab_open(true);
    lab_kept request;
    lab_kept reply;
    unsigned sealed;

    (void)state;
    CHECK_STATUS(COVEY_OK, lab_request(l));
    lab_keep(&request, l);
    CHECK_STATUS(COVEY_OK, lab_arrive(l, true));
    CHECK_STATUS(COVEY_OK, lab_reply(l, &l->in.request, CONTENT, NULL));
    lab_keep(&reply, l);
    sealed = l->watch.count;
    for (unsigned i = 0; i < 3; i++) {
        CHECK_STATUS(COVEY_OK, lab_inject(l, true, lab_kept_span(&request)));
        assert_int_equal(l->in.kind, COVEY_ENDPOINT_NOTHING);
        assert_true(lab_transmit(l, true));
        CHECK_SPAN(lab_kept_span(&reply), covey_written(&l->out));
    }
    assert_int_equal(l->watch.count, sealed);
    assert_int_equal(l->server.endpoint.counters.refused, 0);
    lab_answered(l);
    lab_close(l);
}

static void a_replay_is_refused_with_4_01(void **state)
{
    lab *l = lab_open(true);
    lab_kept request;
    covey_path group = lab_path(false);
    covey_bytes value;

    (void)state;
    CHECK_STATUS(COVEY_OK, lab_request(l));
    lab_keep(&request, l);
    CHECK_STATUS(COVEY_OK, lab_arrive(l, true));
    CHECK_STATUS(COVEY_OK, lab_reply(l, &l->in.request, CONTENT, NULL));
    lab_answered(l);
    request.bytes[3] ^= 1; /* Message ID */
    CHECK_STATUS(COVEY_E_AUTH, lab_inject(l, true, lab_kept_span(&request)));
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_NOTHING);
    assert_int_equal(l->in.opened.fault, COVEY_OSCORE_REPLAY);
    assert_true(lab_transmit(l, true));
    assert_int_equal(l->left.type, COVEY_COAP_ACK);
    assert_int_equal(l->left.code, UNAUTHORIZED);
    assert_false(covey_option_get(&l->left, COVEY_OPTION_OSCORE, &value));
    assert_true(covey_option_get(&l->left, COVEY_OPTION_MAX_AGE, &value));
    assert_int_equal(value.len, 0);
    CHECK_SPAN(SPAN("Replay detected"), l->left.payload);
    /* Where many would answer, nobody does. */
    request.bytes[0] = 0x58; /* NON */
    request.bytes[3] ^= 2;
    group.group = true;
    CHECK_STATUS(COVEY_E_AUTH,
                 covey_endpoint_receive(&l->server.endpoint, 0, &group,
                                        lab_kept_span(&request), &l->in));
    assert_false(lab_transmit(l, true));
    lab_close(l);
}

static void what_does_not_open_is_refused_by_its_fault(void **state)
{
    static const struct {
        const char *why;
        const char *datagram; /* CON POST, token aa */
        size_t len;
        uint8_t code;
        covey_oscore_fault fault;
    } cases[] = {
        { "unknown kid", "\x41\x02\x00\x01\xaa\x93\x09\x00X\xff\x01\x02", 12,
          UNAUTHORIZED, COVEY_OSCORE_NO_CONTEXT },
        { "kid context of no context",
          "\x41\x02\x00\x02\xaa\x95\x19\x00\x01zC\xff\x01\x02", 14,
          UNAUTHORIZED, COVEY_OSCORE_NO_CONTEXT },
        { "group flag",
          "\x41\x02\x00\x03\xaa\x93\x29\x00"
          "C\xff\x01\x02",
          12, UNAUTHORIZED, COVEY_OSCORE_NO_CONTEXT },
        { "no kid", "\x41\x02\x00\x04\xaa\x92\x01\x00\xff\x01\x02", 11,
          COVEY_COAP_CODE(4, 2), COVEY_OSCORE_BAD_COSE },
        { "reserved flag",
          "\x41\x02\x00\x05\xaa\x93\x49\x00"
          "C\xff\x01\x02",
          12, COVEY_COAP_CODE(4, 2), COVEY_OSCORE_BAD_COSE },
        { "no payload",
          "\x41\x02\x00\x06\xaa\x93\x09\x00"
          "C",
          9, COVEY_COAP_CODE(4, 2), COVEY_OSCORE_BAD_COSE },
        { "forged",
          "\x41\x02\x00\x07\xaa\x93\x09\x00"
          "C\xff\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a",
          20, COVEY_COAP_CODE(4, 0), COVEY_OSCORE_NOT_DECRYPTED },
    };
    lab *l = lab_open(true);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        kit_case(cases[i].why);
        CHECK_STATUS(
            COVEY_E_AUTH,
            lab_inject(l, true,
                       covey_bytes_of((const uint8_t *)cases[i].datagram,
                                      cases[i].len)));
        assert_int_equal(l->in.kind, COVEY_ENDPOINT_NOTHING);
        assert_int_equal(l->in.opened.fault, cases[i].fault);
        assert_true(lab_transmit(l, true));
        assert_int_equal(l->left.code, cases[i].code);
        CHECK_SPAN(SPAN("\xaa"), l->left.token);
    }
    kit_case(NULL);
    assert_int_equal(l->server.endpoint.counters.refused, COUNT_OF(cases));
    lab_close(l);
}

/* --- nonces -------------------------------------------------------------- */

static void every_response_but_the_first_has_a_partial_iv(void **state)
{
    const covey_endpoint_reply how = { .type = COVEY_COAP_NON };
    lab *l = lab_open(true);
    covey_endpoint_request copy;
    uint64_t last = 0;
    uint64_t number;

    (void)state;
    l->number = COVEY_OPTION_OBSERVE;
    l->option = SPAN("");
    lab_ask(l);
    copy = l->in.request; /* before anything was sent */
    l->option = SPAN("\x01");
    CHECK_STATUS(COVEY_OK, lab_reply(l, &l->in.request, CONTENT, NULL));
    assert_null(lab_piv(l).ptr);
    CHECK_STATUS(COVEY_OK, lab_arrive(l, false));
    assert_false(l->in.last);
    for (unsigned i = 0; i < 40; i++) { /* more than is stored at a time */
        CHECK_STATUS(COVEY_OK, lab_reply(l, &copy, CONTENT, &how));
        CHECK_STATUS(COVEY_OK, covey_oscore_piv_number(lab_piv(l), &number));
        assert_true(i == 0 || number > last);
        last = number;
        CHECK_STATUS(COVEY_OK, lab_arrive(l, false));
        assert_int_equal(l->in.kind, COVEY_ENDPOINT_RESPONSE);
        assert_false(l->in.last);
    }
    /* One that is no notification ends it. */
    l->number = 0;
    CHECK_STATUS(COVEY_OK, lab_reply(l, &copy, NOT_FOUND, &how));
    lab_answered(l);
    lab_close(l);
}

static void a_late_reply_has_a_partial_iv(void **state)
{
    lab *l = lab_open(true);
    covey_endpoint_request first;

    (void)state;
    l->client.endpoint.message.parameters.nstart = 2;
    lab_ask(l);
    first = l->in.request;
    lab_ask(l);
    CHECK_STATUS(COVEY_OK, lab_reply(l, &first, CONTENT, NULL));
    assert_non_null(lab_piv(l).ptr);
    lab_answered(l);
    lab_forget(l);
    (void)lab_transmit(l, true);
    lab_close(l);
}

static void a_reply_that_was_sealed_in_vain_spent_its_nonce(void **state)
{
    const covey_endpoint_reply how = { .type = COVEY_COAP_CON };
    lab *l = lab_open(true);
    uint32_t chunks = l->server.chunks.free;

    (void)state;
    l->call.type = COVEY_COAP_NON;
    lab_ask(l);
    l->server.chunks.free = 0;
    CHECK_STATUS(COVEY_E_ROOM, lab_reply(l, &l->in.request, CONTENT, &how));
    assert_int_equal(l->out.pos, 0);
    l->server.chunks.free = chunks;
    CHECK_STATUS(COVEY_OK, lab_reply(l, &l->in.request, CONTENT, NULL));
    assert_non_null(lab_piv(l).ptr);
    lab_answered(l);
    lab_close(l);
}

/* --- the client ---------------------------------------------------------- */

static void an_error_without_protection_ends_the_exchange(void **state)
{
    lab *l = lab_open(true);
    covey_endpoint_report event;

    (void)state;
    CHECK_STATUS(COVEY_OK, lab_request(l));
    l->server.context.recipient_id[0] = 'X'; /* knows nobody */
    CHECK_STATUS(COVEY_E_AUTH, lab_arrive(l, true));
    assert_true(lab_transmit(l, true));
    CHECK_STATUS(COVEY_E_AUTH, lab_arrive(l, false));
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_NOTHING);
    event = lab_event(l, false, COVEY_ENDPOINT_UNPROTECTED);
    assert_int_equal(event.code, UNAUTHORIZED);
    assert_int_equal(event.responses, 0);
    lab_event(l, false, 0);
    lab_close(l);
}

static void forged_responses_are_not_delivered(void **state)
{
    lab *l = lab_open(true);
    lab_kept reply;

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        l->call.type = i == 2 ? COVEY_COAP_NON : COVEY_COAP_CON;
        lab_ask(l);
        CHECK_STATUS(COVEY_OK, lab_reply(l, &l->in.request, CONTENT, NULL));
        lab_keep(&reply, l);
        if (i == 0) {
            reply.bytes[reply.len - 1] ^= 1; /* tag */
        } else {
            reply.len = 12; /* header and token: 2.04, not protected */
        }
        CHECK_STATUS(COVEY_E_AUTH,
                     lab_inject(l, false, lab_kept_span(&reply)));
        assert_int_equal(l->in.kind, COVEY_ENDPOINT_NOTHING);
        lab_event(l, false, 0);
        l->now += l->call.patience;
        while (lab_transmit(l, false)) {
        }
        lab_event(l, false, COVEY_ENDPOINT_TIMED_OUT);
        l->now += 300000;
        while (lab_transmit(l, true) || lab_transmit(l, false)) {
        }
    }
    assert_int_equal(l->client.endpoint.counters.unopened, 3);
    lab_close(l);
}

static void the_true_response_comes_after_a_forged_one(void **state)
{
    lab *l = lab_open(true);
    lab_kept forged;

    (void)state;
    l->call.type = COVEY_COAP_NON;
    lab_ask(l);
    CHECK_STATUS(COVEY_OK, lab_reply(l, &l->in.request, CONTENT, NULL));
    lab_keep(&forged, l);
    forged.bytes[3] ^= 1; /* its Message ID is another */
    forged.bytes[forged.len - 1] ^= 1;
    CHECK_STATUS(COVEY_E_AUTH, lab_inject(l, false, lab_kept_span(&forged)));
    lab_answered(l);
    lab_close(l);
}

static void a_protected_response_was_not_asked_for(void **state)
{
    static const uint8_t tail[] = { 0x90, 0xff, 0x01 }; /* OSCORE, payload */
    lab *l = lab_open(true);
    lab_kept response;

    (void)state;
    l->call.protector = NULL;
    l->call.type = COVEY_COAP_NON;
    CHECK_STATUS(COVEY_OK, lab_request(l));
    lab_keep(&response, l);
    response.bytes[1] = CONTENT;
    memcpy(response.bytes + 12, tail, sizeof tail);
    response.len = 12 + sizeof tail;
    CHECK_STATUS(COVEY_OK, lab_inject(l, false, lab_kept_span(&response)));
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_NOTHING);
    assert_true(lab_transmit(l, false));
    assert_int_equal(l->left.type, COVEY_COAP_RST);
    lab_forget(l);
    lab_close(l);
}

static void plain_oscore_goes_to_no_group(void **state)
{
    lab *l = lab_open(true);

    (void)state;
    l->call.path.group = true;
    l->call.type = COVEY_COAP_NON;
    CHECK_STATUS(COVEY_E_ARGUMENT, lab_request(l));
    lab_event(l, false, 0);
    lab_close(l);
}

static void says_when_no_state_is_left(void **state)
{
    lab *l = lab_open(true);
    uint32_t all = l->client.endpoint.security_free;

    (void)state;
    l->client.endpoint.security_free = UINT32_MAX;
    CHECK_STATUS(COVEY_E_ROOM, lab_request(l));
    l->client.endpoint.security_free = all;
    lab_event(l, false, 0);
    lab_close(l);
}

static unsigned ends;

static void count_end(const covey_protector *p, covey_security *s)
{
    assert_non_null(p->user);
    assert_non_null(s->context);
    ends++;
}

static void a_protector_hears_of_every_end_once(void **state)
{
    lab *l = lab_open(true);
    covey_protector counting = l->client.oscore.protector;

    (void)state;
    counting.end = count_end;
    ends = 0;
    l->call.protector = &counting;
    lab_ask(l);
    CHECK_STATUS(COVEY_OK, lab_reply(l, &l->in.request, CONTENT, NULL));
    assert_int_equal(ends, 0);
    lab_answered(l);
    assert_int_equal(ends, 1);
    lab_ask(l);
    lab_forget(l);
    (void)lab_transmit(l, true);
    assert_int_equal(ends, 2);
    lab_close(l);
    assert_int_equal(ends, 2);
}

/* The option of what left last becomes one that cannot be read. */
static void a_response_that_cannot_be_decoded_is_dropped(void **state)
{
    static const uint8_t tail[] = { 0x91, 0x40, 0xff, 0x01 };
    lab *l = lab_open(true);
    lab_kept reply;

    (void)state;
    l->call.type = COVEY_COAP_NON;
    lab_ask(l);
    CHECK_STATUS(COVEY_OK, lab_reply(l, &l->in.request, CONTENT, NULL));
    lab_keep(&reply, l);
    reply.bytes[3] ^= 1;
    memcpy(reply.bytes + 12, tail, sizeof tail);
    reply.len = 12 + sizeof tail;
    CHECK_STATUS(COVEY_E_AUTH, lab_inject(l, false, lab_kept_span(&reply)));
    assert_int_equal(l->in.opened.fault, COVEY_OSCORE_BAD_COSE);
    lab_answered(l);
    lab_close(l);
}

static void recovers_nothing_without_a_request(void **state)
{
    lab *l = lab_open(true);
    const covey_protector *p = &l->server.oscore.protector;
    covey_security s = { .protector = p, .context = &l->server.context };
    covey_opened opened = { .fault = COVEY_OSCORE_NO_FAULT };

    (void)state;
    assert_int_equal(p->recover(p, &s, &opened), COVEY_OPENING_REFUSE);
    assert_int_equal(opened.fault, COVEY_OSCORE_OURS);
    lab_close(l);
}

static void no_message_inside_is_met_with_a_reset(void **state)
{
    lab *l = lab_open(true);
    const covey_oscore_work work = { 0 };
    covey_coap_message m = { .code = GET, .token = SPAN("t") };
    covey_oscore_exchange x;

    (void)state;
    CHECK_STATUS(COVEY_OK, lab_request(l)); /* stores */
    for (unsigned con = 0; con < 2; con++) {
        m.type = con ? COVEY_COAP_CON : COVEY_COAP_NON;
        m.message_id = (uint16_t)con;
        l->out = covey_writer_of(l->bytes, sizeof l->bytes);
        CHECK_STATUS(COVEY_OK, covey_oscore_seal_request(
                                   &l->client.context, &x, &m,
                                   SPAN("\x01\xf0"), &work, &l->out));
        CHECK_STATUS(COVEY_E_AUTH, lab_arrive(l, true));
        assert_int_equal(l->in.opened.fault, COVEY_OSCORE_BAD_PLAINTEXT);
        /* Who does not wait for anything hears nothing. */
        assert_int_equal(lab_transmit(l, true), con);
    }
    assert_int_equal(l->left.type, COVEY_COAP_RST);
    lab_forget(l);
    lab_close(l);
}

static void protectors_are_asked_in_turn(void **state)
{
    lab *l = lab_open(true);
    stack other; /* of which only the protector is used */
    const covey_protector *both[2];

    (void)state;
    memset(&other, 0, sizeof other);
    stack_start(&other, &l->watch, "S", "X", 9, 0);
    both[0] = &other.oscore.protector;
    both[1] = &l->server.oscore.protector;
    l->server.endpoint.protectors = both;
    l->server.endpoint.protector_count = 2;
    lab_ask(l);
    assert_ptr_equal(l->in.request.security.protector, both[1]);
    CHECK_STATUS(COVEY_OK, lab_reply(l, &l->in.request, CONTENT, NULL));
    lab_answered(l);
    covey_oscore_drop(&other.context);
    lab_close(l);
}

/* What says outside who it is for is not opened, whoever protected it. */
static void a_proxy_opens_what_names_nobody_outside(void **state)
{
    static const struct {
        const char *why;
        const char *options;
        bool passes;
    } cases[] = {
        { "Proxy-Uri", "\x92\x09\x61\xd1\x0d\x78", true },
        { "Proxy-Scheme", "\x92\x09\x61\xd4\x11\x63oap", true },
        { "Proxy-Cri", "\x92\x09\x61\xd1\xd5\x80", true },
        { "Proxy-Scheme-Number", "\x92\x09\x61\xd0\xd9", true },
        { "Uri-Host is no reason", "\x31\x68\x62\x09\x61", false },
        { "nothing at all", "\x92\x09\x61", false },
    };
    lab *l = lab_open(true);

    (void)state;
    l->server.endpoint.passes_sealed = true;
    lab_ask(l);
    assert_non_null(l->in.request.security.protector);
    CHECK_STATUS(COVEY_OK, lab_reply(l, &l->in.request, CONTENT, NULL));
    lab_answered(l);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint8_t datagram[32] = { 0x50, 0x02, 0x77, (uint8_t)i };
        const size_t len = strlen(cases[i].options);

        kit_case(cases[i].why);
        memcpy(datagram + 4, cases[i].options, len);
        memcpy(datagram + 4 + len, "\xffx", 2);
        CHECK_STATUS(cases[i].passes ? COVEY_OK : COVEY_E_AUTH,
                     lab_inject(l, true, covey_bytes_of(datagram, len + 6)));
        assert_int_equal(l->in.kind == COVEY_ENDPOINT_REQUEST,
                         cases[i].passes);
        if (cases[i].passes) {
            assert_null(l->in.request.security.protector);
            CHECK_SPAN(covey_bytes_of(datagram + 4, len),
                       l->in.message.options);
        } else {
            assert_true(lab_transmit(l, true)); /* 4.01 */
        }
    }
    kit_case(NULL);
    lab_close(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_and_response),
        cmocka_unit_test(a_duplicate_is_answered_from_the_store),
        cmocka_unit_test(a_replay_is_refused_with_4_01),
        cmocka_unit_test(what_does_not_open_is_refused_by_its_fault),
        cmocka_unit_test(every_response_but_the_first_has_a_partial_iv),
        cmocka_unit_test(a_late_reply_has_a_partial_iv),
        cmocka_unit_test(a_reply_that_was_sealed_in_vain_spent_its_nonce),
        cmocka_unit_test(an_error_without_protection_ends_the_exchange),
        cmocka_unit_test(forged_responses_are_not_delivered),
        cmocka_unit_test(the_true_response_comes_after_a_forged_one),
        cmocka_unit_test(a_protected_response_was_not_asked_for),
        cmocka_unit_test(plain_oscore_goes_to_no_group),
        cmocka_unit_test(says_when_no_state_is_left),
        cmocka_unit_test(a_protector_hears_of_every_end_once),
        cmocka_unit_test(a_response_that_cannot_be_decoded_is_dropped),
        cmocka_unit_test(recovers_nothing_without_a_request),
        cmocka_unit_test(protectors_are_asked_in_turn),
        cmocka_unit_test(a_proxy_opens_what_names_nobody_outside),
        cmocka_unit_test(no_message_inside_is_met_with_a_reset),
    };

    return KIT_RUN(tests);
}
