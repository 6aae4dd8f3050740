/* SPDX-License-Identifier: BSD-2-Clause */
/* Duplicates: how each is met, how long they are known, what happens when
 * memory is full; and how requests are acknowledged and answered. */
#include "lab.h"

#define GET     "41 01 12 34 aa"
#define POST    "41 02 12 34 aa"
#define CONTENT "71 45 99 99 aa ff 68 69" /* type and ID do not matter */

static covey_message_letter reply(covey_message_ref to)
{
    covey_message_letter l = { .path = lab.path,
                               .answers = to,
                               .type = COVEY_COAP_CON };

    return l;
}

static void answer(covey_message_ref to)
{
    covey_message_letter l = reply(to);
    covey_message_sent sent = lab_send(&l, CONTENT);

    assert_true(sent.now);
    assert_int_equal(sent.ref.serial, 0);
}

static void nothing_comes_up(const char *hex)
{
    assert_int_equal(lab_receive(COVEY_OK, hex).kind, COVEY_MESSAGE_NOTHING);
}

static void a_reply_in_time_is_the_acknowledgement(void **state)
{
    (void)state;
    lab_start(NULL);
    answer(lab_request(POST));
    CHECK_HEX("61 45 12 34 aa ff 68 69", covey_written(&lab.sent));
    lab.now += 1000000;
    lab_transmits(NULL);
    assert_int_equal(covey_message_deadline(&lab.layer), COVEY_NEVER);
}

/* What is stored, and what is asked of the resource again. */
static void unsafe_requests_are_answered_from_storage(void **state)
{
    static const struct {
        const char *why;
        const char *request;
        bool keep;
        bool stored;
    } rows[] = {
        { "GET", "41 01 12 34 aa", false, false },
        { "FETCH", "41 05 12 34 aa", false, false },
        { "GET with Uri-Path", "41 01 12 34 aa b1 61", false, false },
        { "GET with If-Match, ETag", "41 01 12 34 aa 10 30", false, false },
        { "GET that shall be kept", "41 01 12 34 aa", true, true },
        { "POST", "41 02 12 34 aa", false, true },
        { "PUT", "41 03 12 34 aa", false, true },
        { "DELETE", "41 04 12 34 aa", false, true },
        { "PATCH", "41 06 12 34 aa", false, true },
        { "iPATCH", "41 07 12 34 aa", false, true },
        { "FETCH with OSCORE", "41 05 12 34 aa 90", false, true },
        { "FETCH with OSCORE behind Observe", "41 05 12 34 aa 60 30", false,
          true },
        { "GET with OSCORE", "41 01 12 34 aa 90", false, true },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        covey_message_letter l;
        covey_message_in in;
        kit_case(rows[i].why);
        lab_start(NULL);
        l = reply(lab_request(rows[i].request));
        l.keep = rows[i].keep;
        assert_true(lab_send(&l, CONTENT).now);
        for (unsigned again = 0; again < 3; again++) {
            in = lab_receive(COVEY_OK, rows[i].request);
            if (rows[i].stored) {
                assert_int_equal(in.kind, COVEY_MESSAGE_NOTHING);
                lab_transmits("61 45 12 34 aa ff 68 69");
            } else {
                assert_int_equal(in.kind, COVEY_MESSAGE_REQUEST);
                assert_true(in.duplicate);
                answer(in.ref);
                CHECK_HEX("61 45 12 34 aa ff 68 69", covey_written(&lab.sent));
            }
            lab_transmits(NULL);
        }
        assert_int_equal(lab.layer.counters.duplicates, 3);
    }
    kit_case(NULL);
}

static void a_duplicate_of_what_waits_gets_silence(void **state)
{
    covey_message_ref to;

    (void)state;
    lab_start(NULL);
    to = lab_request(POST);
    nothing_comes_up(POST);
    lab_transmits(NULL);
    lab.now += 499;
    lab_transmits(NULL);
    assert_int_equal(covey_message_deadline(&lab.layer), lab.now + 1);
    lab.now++;
    lab_transmits("60 00 12 34");
    lab_transmits(NULL);
    nothing_comes_up(POST);
    lab_transmits("60 00 12 34");
    /* The reply is now a message of its own, Confirmable. */
    {
        covey_message_letter l = reply(to);
        assert_true(lab_send(&l, CONTENT).now);
        assert_int_equal(lab.bytes[0], 0x41);
        (void)lab_answer(0x60, 0, lab_id(), "");
        lab_event(COVEY_MESSAGE_ACKNOWLEDGED, 0);
    }
    nothing_comes_up(POST);
    lab_transmits("60 00 12 34");
}

static void acknowledged_when_asked_or_when_time_is_up(void **state)
{
    covey_message_ref first;
    covey_message_ref second;

    (void)state;
    lab_start(NULL);
    first = lab_request("40 02 00 01");
    covey_message_acknowledge(&lab.layer, first);
    assert_int_equal(covey_message_deadline(&lab.layer), 0);
    lab_transmits("60 00 00 01");
    covey_message_acknowledge(&lab.layer, first);
    lab_transmits(NULL);
    /* Something else is owed: then with the delay. */
    second = lab_request("40 02 00 02");
    nothing_comes_up("40 00 00 03");
    covey_message_acknowledge(&lab.layer, second);
    lab_transmits("70 00 00 03");
    lab_transmits(NULL);
    lab.now += 500;
    lab_transmits("60 00 00 02");
    /* Non-confirmable: never. */
    covey_message_acknowledge(&lab.layer, lab_request("50 02 00 04"));
    lab_transmits(NULL);
}

static void a_reply_with_a_delay_is_no_acknowledgement(void **state)
{
    covey_message_letter l;

    (void)state;
    lab_start(NULL);
    l = reply(lab_request(POST));
    l.delay = 1000;
    assert_false(lab_send(&l, CONTENT).now);
    lab_transmits(NULL);
    lab.now += 500;
    lab_transmits("60 00 12 34");
    lab_transmits(NULL);
    lab.now += 500;
    assert_true(lab_transmit());
    assert_int_equal(lab.bytes[0], 0x41);
    assert_int_equal(lab.bytes[1], 0x45);
}

static void many_wait_each_for_its_own_time(void **state)
{
    covey_message_ref ref[4];

    (void)state;
    lab_start(NULL);
    for (unsigned i = 0; i < 4; i++) {
        char hex[] = "40 02 00 0x";
        hex[10] = (char)('0' + i);
        ref[i] = lab_request(hex);
        lab.now += 100;
    }
    answer(ref[0]);
    answer(ref[2]);
    assert_int_equal(covey_message_deadline(&lab.layer), lab.now + 200);
    lab.now += 200;
    lab_transmits("60 00 00 01");
    lab_transmits(NULL);
    lab.now += 200;
    lab_transmits("60 00 00 03");
    lab_transmits(NULL);
}

static void a_second_reply_is_a_message_of_its_own(void **state)
{
    covey_message_letter l;

    (void)state;
    lab_start(NULL);
    l = reply(lab_request(GET));
    answer(l.answers);
    l.type = COVEY_COAP_NON;
    assert_true(lab_send(&l, CONTENT).now);
    assert_int_equal(lab.bytes[0], 0x51);
    l.type = COVEY_COAP_CON;
    assert_true(lab_send(&l, CONTENT).now);
    assert_int_equal(lab.bytes[0], 0x41);
}

static void a_safe_duplicate_may_be_answered_late(void **state)
{
    covey_message_in in;

    (void)state;
    lab_start(NULL);
    answer(lab_request(GET));
    lab.now += 3000;
    in = lab_receive(COVEY_OK, GET);
    assert_true(in.duplicate);
    nothing_comes_up(GET);
    lab_transmits(NULL);
    lab.now += 500;
    lab_transmits("60 00 12 34");
    lab_transmits(NULL);
}

/* A client that uses a Message ID again too early. */
static void only_a_safe_duplicate_is_answered_again(void **state)
{
    (void)state;
    lab_start(NULL);
    answer(lab_request(GET));
    nothing_comes_up(POST);
    nothing_comes_up("41 05 12 34 aa 90");
    nothing_comes_up("51 01 12 34 aa");
    lab_transmits(NULL);
    assert_true(lab_receive(COVEY_OK, GET).duplicate);
}

static void non_confirmable_duplicates_are_ignored(void **state)
{
    covey_message_letter l;

    (void)state;
    lab_start(NULL);
    l = reply(lab_request("51 01 12 34 aa"));
    l.type = COVEY_COAP_NON;
    nothing_comes_up("51 01 12 34 aa");
    assert_true(lab_send(&l, CONTENT).now);
    assert_int_equal(lab.bytes[0], 0x51);
    nothing_comes_up("51 01 12 34 aa");
    lab_transmits(NULL);
}

static void one_message_is_not_another(void **state)
{
    (void)state;
    lab_start(NULL);
    (void)lab_request("50 01 12 34");
    (void)lab_request("50 01 12 35"); /* another Message ID */
    lab.path.peer.port++;
    (void)lab_request("50 01 12 34"); /* another source */
    lab.path.local.ip[3]++;
    (void)lab_request("50 01 12 34"); /* asked at another address */
    lab.path.transport = COVEY_DTLS;
    lab.path.connection = 7;
    (void)lab_request("50 01 12 34"); /* another security */
    nothing_comes_up("50 01 12 34");
    /* A response under the ID of a request, and one with another token. */
    assert_int_equal(lab_receive(COVEY_OK, "51 45 12 34 01").kind,
                     COVEY_MESSAGE_RESPONSE);
    assert_int_equal(lab_receive(COVEY_OK, "51 45 12 34 02").kind,
                     COVEY_MESSAGE_RESPONSE);
    assert_int_equal(lab_receive(COVEY_OK, "50 45 12 34").kind,
                     COVEY_MESSAGE_RESPONSE);
    nothing_comes_up("51 45 12 34 02");
    nothing_comes_up("51 45 12 34 01");
    nothing_comes_up("50 45 12 34");
    /* Requests have their Message ID alone. */
    nothing_comes_up("51 02 12 34 01");
}

static void a_message_is_known_for_its_lifetime(void **state)
{
    static const struct {
        const char *message;
        covey_ms lifetime;
    } rows[] = {
        { "40 02 12 34", 247000 },
        { "50 02 12 34", 145000 },
        { "41 45 12 34 aa", 247000 },
        { "51 45 12 34 aa", 145000 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        covey_message_in in;
        lab_start(NULL);
        (void)lab_receive(COVEY_OK, rows[i].message);
        lab.now += rows[i].lifetime - 1;
        nothing_comes_up(rows[i].message);
        lab.now++;
        in = lab_receive(COVEY_OK, rows[i].message);
        assert_int_not_equal(in.kind, COVEY_MESSAGE_NOTHING);
        assert_false(in.duplicate);
        assert_int_equal(lab.layer.counters.forgotten, 0);
    }
}

static void what_is_too_old_goes_by_itself(void **state)
{
    (void)state;
    lab_start(NULL);
    answer(lab_request(POST));
    (void)lab_request("50 02 00 01"); /* older than its time before that */
    assert_int_equal(covey_chunks_left(&lab.chunks), LAB_CHUNKS - 1);
    lab.now += 200000;
    lab_transmits(NULL);
    assert_int_equal(lab.layer.seen_used, 2);
    (void)lab_request("50 02 00 01");
    lab.now += 47000;
    lab_transmits(NULL);
    assert_int_equal(covey_chunks_left(&lab.chunks), LAB_CHUNKS);
    assert_int_equal(lab.layer.seen_used, 1);
}

static void request_number(char hex[12], unsigned n)
{
    static const char digits[] = "0123456789abcdef";

    memcpy(hex, "40 02 00 00", 12);
    hex[9] = digits[n >> 4];
    hex[10] = digits[n & 0xf];
}

static void a_full_ring_forgets_the_oldest(void **state)
{
    covey_message_ref ref[LAB_SEEN + 3];
    char hex[12];

    (void)state;
    lab_start(NULL);
    for (unsigned i = 0; i < LAB_SEEN + 3; i++) {
        request_number(hex, i);
        ref[i] = lab_request(hex);
    }
    assert_int_equal(lab.layer.counters.forgotten, 3);
    for (unsigned i = 3; i < LAB_SEEN + 3; i++) {
        request_number(hex, i);
        nothing_comes_up(hex);
    }
    /* A reply to one that is forgotten goes by itself. */
    {
        covey_message_letter l = reply(ref[2]);
        assert_true(lab_send(&l, CONTENT).now);
        assert_int_equal(lab.bytes[0], 0x41);
        (void)lab_answer(0x60, 0, lab_id(), "");
    }
    covey_message_reject(&lab.layer, ref[1]);
    covey_message_acknowledge(&lab.layer, ref[1]);
    lab_transmits(NULL);
    request_number(hex, 2);
    (void)lab_request(hex);
}

static void full_storage_takes_back_the_oldest_replies(void **state)
{
    char hex[12];
    covey_message_letter l;

    (void)state;
    lab_start(NULL);
    for (unsigned i = 0; i < LAB_CHUNKS + 2; i++) {
        request_number(hex, i);
        answer(lab_request(hex));
    }
    assert_int_equal(lab.layer.counters.taken_back, 2);
    for (unsigned i = 0; i < LAB_CHUNKS + 2; i++) {
        request_number(hex, i);
        nothing_comes_up(hex);
        assert_int_equal(lab_transmit(), i >= 2);
    }
    /* What is sent needs the room more than what was. */
    l = reply((covey_message_ref){ 0, 0 });
    assert_true(lab_send(&l, CONTENT).now);
    assert_int_equal(lab.layer.counters.taken_back, 3);
    assert_int_equal(covey_chunks_left(&lab.chunks), 0);
}

static void a_reply_that_cannot_be_stored_leaves_all_the_same(void **state)
{
    uint8_t bytes[LAB_CHUNKS * COVEY_CHUNK_LEN + 1] = { 0x40, 0x45 };
    covey_writer w = covey_writer_of(bytes, sizeof bytes);
    covey_message_letter l;
    covey_message_sent sent;

    (void)state;
    lab_start(NULL);
    answer(lab_request("40 02 00 01"));
    l = reply(lab_request("40 02 00 02"));
    w.pos = sizeof bytes;
    CHECK_STATUS(COVEY_OK,
                 covey_message_send(&lab.layer, lab.now, &l, &w, &sent));
    assert_true(sent.now);
    assert_int_equal(bytes[0], 0x60);
    assert_int_equal(lab.layer.counters.taken_back, 1);
    lab_check();
    nothing_comes_up("40 02 00 02");
    lab_transmits(NULL);
    nothing_comes_up("40 02 00 01"); /* was not taken back in vain */
    assert_true(lab_transmit());
}

static void a_reply_that_is_due_again_may_be_gone(void **state)
{
    char hex[12];

    (void)state;
    lab_start(NULL);
    request_number(hex, 0);
    answer(lab_request(hex));
    nothing_comes_up(hex);
    {
        uint8_t bytes[LAB_CHUNKS * COVEY_CHUNK_LEN - LAB_WAY] = { 0x40, 0x02 };
        covey_writer w = covey_writer_of(bytes, sizeof bytes);
        covey_message_letter l = reply((covey_message_ref){ 0, 0 });
        covey_message_sent sent;
        w.pos = sizeof bytes;
        CHECK_STATUS(COVEY_OK,
                     covey_message_send(&lab.layer, lab.now, &l, &w, &sent));
    }
    lab_transmits(NULL);
}

static void names_are_never_given_twice(void **state)
{
    covey_message_ref old;

    (void)state;
    lab_start(NULL);
    lab.layer.serial = UINT32_MAX - 1;
    old = lab_request("40 02 00 00");
    assert_int_equal(old.serial, UINT32_MAX);
    assert_int_equal(lab_request("40 02 00 01").serial, 1);
    lab.layer.serial = UINT32_MAX;
    {
        covey_message_letter l = reply((covey_message_ref){ 0, 0 });
        assert_int_equal(lab_send(&l, CONTENT).ref.serial, 1);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reply_in_time_is_the_acknowledgement),
        cmocka_unit_test(unsafe_requests_are_answered_from_storage),
        cmocka_unit_test(a_duplicate_of_what_waits_gets_silence),
        cmocka_unit_test(acknowledged_when_asked_or_when_time_is_up),
        cmocka_unit_test(a_reply_with_a_delay_is_no_acknowledgement),
        cmocka_unit_test(many_wait_each_for_its_own_time),
        cmocka_unit_test(a_second_reply_is_a_message_of_its_own),
        cmocka_unit_test(a_safe_duplicate_may_be_answered_late),
        cmocka_unit_test(only_a_safe_duplicate_is_answered_again),
        cmocka_unit_test(non_confirmable_duplicates_are_ignored),
        cmocka_unit_test(one_message_is_not_another),
        cmocka_unit_test(a_message_is_known_for_its_lifetime),
        cmocka_unit_test(what_is_too_old_goes_by_itself),
        cmocka_unit_test(a_full_ring_forgets_the_oldest),
        cmocka_unit_test(full_storage_takes_back_the_oldest_replies),
        cmocka_unit_test(a_reply_that_cannot_be_stored_leaves_all_the_same),
        cmocka_unit_test(a_reply_that_is_due_again_may_be_gone),
        cmocka_unit_test(names_are_never_given_twice),
    };
    return KIT_RUN(tests);
}
