/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests and responses that must be refused, without any change; and the
 * rules of Observe, RFC 8613 Sections 4.1.3.5, 7.4.1 and 8. */
#include "fixture.h"

#define GET_T    "40010001 b174"
#define OBSERVE  "40010001 60 5174"
#define CONTENT  "60450001 ff3231"
#define NOTIFIED "60450001 6109 ff3231"

/* A request that has arrived. */
struct arrived {
    struct pair p;
    struct wire w;
    covey_oscore_exchange asked;
    covey_oscore_exchange heard;
    covey_oscore_received r;
    struct buffers *b;
};

static struct arrived *arrive(const char *request)
{
    static struct arrived a;

    memset(&a, 0, sizeof a);
    pair_open(&a.p);
    send_request(&a.w, &a.p.client, &a.asked, request);
    a.b = buffers_new();
    assert_int_equal(take_request(a.b, &a.p.server, &a.heard, &a.w, &a.r),
                     COVEY_UNPROTECT_FRESH);
    return &a;
}

/* Refused for this reason, the context and the output untouched. */
static void check_refused(struct arrived *a, const struct wire *w,
                          covey_oscore_fault fault)
{
    covey_oscore_context before = a->p.server;
    covey_oscore_exchange x;

    memset(&x, 0xee, sizeof x);
    assert_int_equal(take_request(a->b, &a->p.server, &x, w, &a->r),
                     COVEY_UNPROTECT_REFUSED);
    assert_int_equal(a->r.fault, fault);
    assert_int_equal(a->b->out.pos, 0);
    assert_int_equal(x.kid_len, 0xee);
    before.forged +=
        fault == COVEY_OSCORE_NOT_DECRYPTED && a->r.status == COVEY_E_AUTH;
    assert_memory_equal(&a->p.server, &before, sizeof before);
}

static void refuses_requests_that_cannot_be_decoded(void **state)
{
    static const struct {
        const char *why;
        const char *datagram;
        covey_oscore_fault fault;
    } cases[] = {
        { "no OSCORE option", "40020001 ff00112233445566778899",
          COVEY_OSCORE_BAD_COSE },
        { "two of them", "40020001 920901 020902 ff00112233445566778899",
          COVEY_OSCORE_BAD_COSE },
        { "no payload", "40020001 920901", COVEY_OSCORE_BAD_COSE },
        { "reserved flag bit", "40020001 924901 ff00112233445566778899",
          COVEY_OSCORE_BAD_COSE },
        { "group mode", "40020001 922901 ff00112233445566778899",
          COVEY_OSCORE_BAD_COSE },
        { "KUDOS", "40020001 96890101000000 ff00112233445566778899",
          COVEY_OSCORE_BAD_COSE },
        { "no kid", "40020001 920101 ff00112233445566778899",
          COVEY_OSCORE_BAD_COSE },
        { "no Partial IV", "40020001 9108 ff00112233445566778899",
          COVEY_OSCORE_BAD_COSE },
        { "a leading zero in the Partial IV",
          "40020001 930a0001 ff00112233445566778899", COVEY_OSCORE_BAD_COSE },
        { "Partial IV of six bytes",
          "40020001 970e010203040506 ff00112233445566778899",
          COVEY_OSCORE_BAD_COSE },
        { "another kid", "40020001 93090102 ff00112233445566778899",
          COVEY_OSCORE_NO_CONTEXT },
        { "a kid context though there is none",
          "40020001 9419010142 ff00112233445566778899",
          COVEY_OSCORE_NO_CONTEXT },
        { "the number that was used", "40020001 920900 ff001122334455667788",
          COVEY_OSCORE_REPLAY },
        { "only a tag", "40020001 920901 ff0011223344556677",
          COVEY_OSCORE_NOT_DECRYPTED },
        { "less than a tag", "40020001 920901 ff00",
          COVEY_OSCORE_NOT_DECRYPTED },
        { "a forged one", "40020001 920901 ff00112233445566778899",
          COVEY_OSCORE_NOT_DECRYPTED },
    };
    static struct wire w;
    struct arrived *a = arrive(GET_T);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        kit_case(cases[i].why);
        wire_of(&w, cases[i].datagram);
        check_refused(a, &w, cases[i].fault);
    }
    kit_case(NULL);
    pair_close(&a->p);
}

static void refuses_every_flipped_bit(void **state)
{
    static struct wire w;
    struct arrived *a = arrive(GET_T);
    covey_oscore_exchange x;

    (void)state;
    send_request(&w, &a->p.client, &x, "40010001 b174 ff68656c6c6f");
    a->b = buffers_new();
    for (size_t bit = 4 * 8; bit < w.len * 8; bit++) {
        covey_oscore_exchange none;
        const covey_oscore_context before = a->p.server;
        covey_oscore_context after;

        w.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (covey_coap_parse(&w.m, covey_bytes_of(w.bytes, w.len)) ==
            COVEY_OK) {
            assert_int_equal(
                take_request(a->b, &a->p.server, &none, &w, &a->r),
                COVEY_UNPROTECT_REFUSED);
            after = a->p.server;
            after.forged = before.forged;
            assert_memory_equal(&after, &before, sizeof before);
        }
        w.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    wire_parse(&w);
    assert_int_equal(take_request(a->b, &a->p.server, &x, &w, &a->r),
                     COVEY_UNPROTECT_FRESH);
    check_refused(a, &w, COVEY_OSCORE_REPLAY);
    pair_close(&a->p);
}

static void refuses_plaintexts_that_are_no_requests(void **state)
{
    static const struct {
        const char *why;
        const char *plaintext;
    } cases[] = {
        { "Empty", "00" },
        { "a response", "45" },
        { "an option cut off", "01 b2" },
        { "a marker without payload", "01 ff" },
    };
    struct arrived *a = arrive(GET_T);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffers *b = buffers_new();
        const covey_coap_message m = buffers_message(b, GET_T);
        uint8_t plain[16];
        covey_oscore_exchange x;

        kit_case(cases[i].why);
        CHECK_STATUS(COVEY_OK,
                     covey_oscore_seal_request(
                         &a->p.client, &x, &m,
                         kit_hex(cases[i].plaintext, plain, sizeof plain),
                         &b->work, &b->out));
        a->w.len = b->out.pos;
        memcpy(a->w.bytes, b->output, b->out.pos);
        wire_parse(&a->w);
        assert_int_equal(take_request(b, &a->p.server, &x, &a->w, &a->r),
                         COVEY_UNPROTECT_REFUSED);
        assert_int_equal(a->r.fault, COVEY_OSCORE_BAD_PLAINTEXT);
        assert_int_equal(b->out.pos, 0);
    }
    kit_case(NULL);
    pair_close(&a->p);
}

/* The second response may not have the nonce of the first one. */
static void spends_the_nonce_of_a_request_once(void **state)
{
    static struct wire first;
    static struct wire second;
    struct arrived *a = arrive(OBSERVE);

    (void)state;
    assert_true(a->heard.registration);
    send_response(&first, &a->p.server, &a->heard, NOTIFIED, false);
    send_response(&second, &a->p.server, &a->heard, NOTIFIED, false);
    CHECK_HEX("6109 30", first.m.options);
    CHECK_HEX("6109 320100", second.m.options);
    assert_int_equal(second.m.code, COVEY_COAP_CODE(2, 5));
    pair_close(&a->p);
}

static void takes_notifications_in_order_only(void **state)
{
    static struct wire n[4];
    struct arrived *a = arrive(OBSERVE);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(n); i++) {
        send_response(&n[i], &a->p.server, &a->heard, NOTIFIED, false);
    }
    a->b = buffers_new();
    /* n[0] has no Partial IV, n[1] to n[3] have 0 to 2. */
    assert_int_equal(
        take_response(a->b, &a->p.client, &a->asked, &n[2], &a->r),
        COVEY_UNPROTECT_FRESH);
    CHECK_HEX("60450001 6101 ff3231", covey_written(&a->b->out));
    assert_int_equal(
        take_response(a->b, &a->p.client, &a->asked, &n[1], &a->r),
        COVEY_UNPROTECT_REFUSED);
    assert_int_equal(a->r.fault, COVEY_OSCORE_REPLAY);
    assert_int_equal(
        take_response(a->b, &a->p.client, &a->asked, &n[2], &a->r),
        COVEY_UNPROTECT_REFUSED);
    /* The one without Partial IV is the oldest, and is taken once. */
    assert_int_equal(
        take_response(a->b, &a->p.client, &a->asked, &n[0], &a->r),
        COVEY_UNPROTECT_FRESH);
    assert_false(a->r.has_piv);
    assert_int_equal(
        take_response(a->b, &a->p.client, &a->asked, &n[0], &a->r),
        COVEY_UNPROTECT_REFUSED);
    assert_int_equal(
        take_response(a->b, &a->p.client, &a->asked, &n[3], &a->r),
        COVEY_UNPROTECT_FRESH);
    pair_close(&a->p);
}

static void takes_one_response_to_a_plain_request(void **state)
{
    static struct wire first;
    static struct wire second;
    struct arrived *a = arrive(GET_T);

    (void)state;
    send_response(&first, &a->p.server, &a->heard, CONTENT, false);
    send_response(&second, &a->p.server, &a->heard, CONTENT, false);
    a->b = buffers_new();
    assert_int_equal(
        take_response(a->b, &a->p.client, &a->asked, &second, &a->r),
        COVEY_UNPROTECT_FRESH);
    assert_int_equal(
        take_response(a->b, &a->p.client, &a->asked, &first, &a->r),
        COVEY_UNPROTECT_REFUSED);
    assert_int_equal(a->r.fault, COVEY_OSCORE_REPLAY);
    pair_close(&a->p);
}

static void takes_no_notification_that_nobody_asked_for(void **state)
{
    static struct wire w;
    struct arrived *a = arrive(GET_T);
    const covey_oscore_exchange before = a->asked;

    (void)state;
    send_response(&w, &a->p.server, &a->heard, NOTIFIED, true);
    a->b = buffers_new();
    assert_int_equal(take_response(a->b, &a->p.client, &a->asked, &w, &a->r),
                     COVEY_UNPROTECT_REFUSED);
    assert_int_equal(a->r.fault, COVEY_OSCORE_UNASKED);
    assert_memory_equal(&a->asked, &before, sizeof before);
    assert_int_equal(a->b->out.pos, 0);
    pair_close(&a->p);
}

static void ends_an_observation_with_a_response_without_observe(void **state)
{
    static struct wire n[3];
    struct arrived *a = arrive(OBSERVE);

    (void)state;
    send_response(&n[0], &a->p.server, &a->heard, NOTIFIED, true);
    send_response(&n[1], &a->p.server, &a->heard, "60840001", false);
    send_response(&n[2], &a->p.server, &a->heard, NOTIFIED, false);
    a->b = buffers_new();
    assert_int_equal(
        take_response(a->b, &a->p.client, &a->asked, &n[0], &a->r),
        COVEY_UNPROTECT_FRESH);
    assert_int_equal(
        take_response(a->b, &a->p.client, &a->asked, &n[1], &a->r),
        COVEY_UNPROTECT_FRESH);
    CHECK_HEX("60840001", covey_written(&a->b->out));
    assert_int_equal(
        take_response(a->b, &a->p.client, &a->asked, &n[2], &a->r),
        COVEY_UNPROTECT_REFUSED);
    pair_close(&a->p);
}

static void refuses_responses_to_other_requests(void **state)
{
    static struct wire w;
    struct arrived *a = arrive(GET_T);
    covey_oscore_exchange other = a->asked;
    covey_oscore_exchange before;

    (void)state;
    send_response(&w, &a->p.server, &a->heard, CONTENT, true);
    other.piv[0]++;
    before = other;
    a->b = buffers_new();
    assert_int_equal(take_response(a->b, &a->p.client, &other, &w, &a->r),
                     COVEY_UNPROTECT_REFUSED);
    assert_int_equal(a->r.fault, COVEY_OSCORE_NOT_DECRYPTED);
    assert_memory_equal(&other, &before, sizeof before);
    pair_close(&a->p);
}

/* An exchange in the wrong hands would put a nonce to a second use. */
static void refuses_exchanges_of_the_other_side(void **state)
{
    struct arrived *a = arrive(GET_T);
    struct buffers *b = buffers_new();
    const covey_coap_message m = buffers_message(b, CONTENT);
    const covey_coap_message get = { .code = 1, .token = SPAN("") };
    covey_oscore_exchange x;

    (void)state;
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 covey_oscore_protect_response(&a->p.client, &a->asked, &m,
                                               &b->work, &b->out));
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 covey_oscore_protect_response(&a->p.server, &a->heard, &get,
                                               &b->work, &b->out));
    CHECK_STATUS(
        COVEY_E_ARGUMENT,
        covey_oscore_protect_request(&a->p.client, &x, &m, &b->work, &b->out));
    assert_int_equal(take_response(b, &a->p.server, &a->heard, &a->w, &a->r),
                     COVEY_UNPROTECT_REFUSED);
    assert_int_equal(a->r.fault, COVEY_OSCORE_OURS);
    CHECK_STATUS(COVEY_E_ARGUMENT, a->r.status);
    pair_close(&a->p);
}

static void refuses_responses_that_cannot_be_decoded(void **state)
{
    static const struct {
        const char *why;
        const char *datagram;
        covey_oscore_fault fault;
    } cases[] = {
        { "no OSCORE option", "60440001 ff001122334455667788",
          COVEY_OSCORE_BAD_COSE },
        { "no payload", "60440001 90", COVEY_OSCORE_BAD_COSE },
        { "a leading zero", "60440001 93020001 ff001122334455667788",
          COVEY_OSCORE_BAD_COSE },
        { "the kid of somebody else", "60440001 9208 05 ff001122334455667788",
          COVEY_OSCORE_NO_CONTEXT },
        { "forged", "60440001 90 ff00112233445566778899",
          COVEY_OSCORE_NOT_DECRYPTED },
    };
    static struct wire w;
    struct arrived *a = arrive(GET_T);
    const covey_oscore_exchange before = a->asked;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        kit_case(cases[i].why);
        wire_of(&w, cases[i].datagram);
        assert_int_equal(
            take_response(a->b, &a->p.client, &a->asked, &w, &a->r),
            COVEY_UNPROTECT_REFUSED);
        assert_int_equal(a->r.fault, cases[i].fault);
        assert_memory_equal(&a->asked, &before, sizeof before);
    }
    kit_case(NULL);
    pair_close(&a->p);
}

static void says_when_there_is_no_room(void **state)
{
    static struct wire w;
    struct arrived *a = arrive(GET_T);
    struct buffers *b = buffers_new();
    const covey_coap_message m = buffers_message(b, GET_T);
    covey_oscore_exchange x;
    size_t cap = 0;
    covey_status st = COVEY_E_ROOM;

    (void)state;
    for (; st != COVEY_OK; cap++) {
        const covey_oscore_context before = a->p.client;
        b->out = covey_writer_of(b->output, cap);
        st = covey_oscore_protect_request(&a->p.client, &x, &m, &b->work,
                                          &b->out);
        if (st != COVEY_OK) {
            CHECK_STATUS(COVEY_E_ROOM, st);
            assert_memory_equal(&a->p.client, &before, sizeof before);
            assert_int_equal(b->out.pos, 0);
        }
    }
    w.len = b->out.pos;
    assert_int_equal(cap - 1, w.len);
    memcpy(w.bytes, b->output, w.len);
    wire_parse(&w);
    for (size_t scratch = 0; scratch < 3; scratch++) {
        const covey_oscore_context before = a->p.server;
        buffers_reset(b);
        b->work.scratch_cap = scratch;
        assert_int_equal(covey_oscore_unprotect_request(
                             &a->p.server, &x, &w.m, &b->work, &b->out, &a->r),
                         COVEY_UNPROTECT_REFUSED);
        assert_int_equal(a->r.fault, COVEY_OSCORE_OURS);
        CHECK_STATUS(COVEY_E_ROOM, a->r.status);
        assert_memory_equal(&a->p.server, &before, sizeof before);
    }
    pair_close(&a->p);
}

static void says_what_to_answer_and_when_to_be_silent(void **state)
{
    static const struct {
        covey_oscore_fault fault;
        uint8_t code;
        const char *diagnostic;
    } cases[] = {
        { COVEY_OSCORE_NO_FAULT, 0, "" },
        { COVEY_OSCORE_BAD_COSE, 0x82, "Failed to decode COSE" },
        { COVEY_OSCORE_NO_CONTEXT, 0x81, "Security context not found" },
        { COVEY_OSCORE_REPLAY, 0x81, "Replay detected" },
        { COVEY_OSCORE_NOT_DECRYPTED, 0x80, "Decryption failed" },
        { COVEY_OSCORE_BAD_PLAINTEXT, 0, "" },
        { COVEY_OSCORE_UNASKED, 0, "" },
        { COVEY_OSCORE_OURS, 0, "" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        covey_oscore_reaction r = covey_oscore_react(cases[i].fault, true);
        assert_int_equal(r.code, cases[i].code);
        assert_string_equal(r.diagnostic, cases[i].diagnostic);
        r = covey_oscore_react(cases[i].fault, false);
        assert_int_equal(r.code, 0);
        assert_string_equal(r.diagnostic, "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_requests_that_cannot_be_decoded),
        cmocka_unit_test(refuses_every_flipped_bit),
        cmocka_unit_test(refuses_plaintexts_that_are_no_requests),
        cmocka_unit_test(spends_the_nonce_of_a_request_once),
        cmocka_unit_test(takes_notifications_in_order_only),
        cmocka_unit_test(takes_one_response_to_a_plain_request),
        cmocka_unit_test(takes_no_notification_that_nobody_asked_for),
        cmocka_unit_test(ends_an_observation_with_a_response_without_observe),
        cmocka_unit_test(refuses_responses_to_other_requests),
        cmocka_unit_test(refuses_exchanges_of_the_other_side),
        cmocka_unit_test(refuses_responses_that_cannot_be_decoded),
        cmocka_unit_test(says_when_there_is_no_room),
        cmocka_unit_test(says_what_to_answer_and_when_to_be_silent),
    };

    return KIT_RUN(tests);
}
