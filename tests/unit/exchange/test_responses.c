/* SPDX-License-Identifier: BSD-2-Clause */
/* Which responses are let through, and that every exchange ends once. */
#include "fixture.h"

static covey_exchange_verdict match(struct fixture *f, covey_path from,
                                    const struct begun *b,
                                    covey_exchange_answer *answer)
{
    return covey_exchange_match(&f->table, &from,
                                covey_bytes_of(b->token, b->span.len), answer);
}

static void ends_with(struct fixture *f, covey_ms now,
                      covey_exchange_outcome outcome, uint16_t responses)
{
    covey_exchange_event ev;

    assert_true(covey_exchange_event_next(&f->table, now, &ev));
    assert_int_equal(outcome, ev.outcome);
    assert_int_equal(responses, ev.responses);
    assert_int_equal(77, ev.user);
    assert_false(covey_exchange_event_next(&f->table, now, &ev));
    assert_true(covey_exchange_deadline(&f->table) == COVEY_NEVER);
}

static void one_response_ends_a_unicast_request(void **state)
{
    struct fixture f;
    covey_exchange_request r = fixture_request(fixture_peer(1), 8);
    covey_exchange_answer answer;
    struct begun b;

    (void)state;
    fixture_init(&f);
    CHECK_STATUS(COVEY_OK, fixture_begin(&f, &r, &b));
    assert_int_equal(COVEY_EXCHANGE_EXPECTED, match(&f, r.path, &b, &answer));
    assert_int_equal(77, answer.user);
    assert_false(answer.group);
    /* Matching alone changes nothing. */
    assert_int_equal(COVEY_EXCHANGE_EXPECTED, match(&f, r.path, &b, &answer));
    CHECK_STATUS(COVEY_OK,
                 covey_exchange_accept(&f.table, answer.ref, &r.path, false));
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 covey_exchange_accept(&f.table, answer.ref, &r.path, false));
    assert_int_equal(COVEY_EXCHANGE_DROPPED, match(&f, r.path, &b, &answer));
    covey_exchange_end(&f.table, b.ref, COVEY_EXCHANGE_CANCELLED);
    ends_with(&f, 1001, COVEY_EXCHANGE_ANSWERED, 1);
    assert_int_equal(COVEY_EXCHANGE_UNKNOWN, match(&f, r.path, &b, &answer));
}

static void refuses_responses_that_are_not_for_it(void **state)
{
    struct fixture f;
    covey_exchange_request r = fixture_request(fixture_peer(1), 4);
    covey_exchange_answer answer;
    covey_path other;
    struct begun b;
    struct begun wrong;

    (void)state;
    fixture_init(&f);
    CHECK_STATUS(COVEY_OK, fixture_begin(&f, &r, &b));
    assert_int_equal(COVEY_EXCHANGE_UNKNOWN,
                     match(&f, fixture_peer(2), &b, &answer));
    other = r.path;
    other.peer.port++;
    assert_int_equal(COVEY_EXCHANGE_UNKNOWN, match(&f, other, &b, &answer));
    other = r.path;
    other.local.port++;
    assert_int_equal(COVEY_EXCHANGE_UNKNOWN, match(&f, other, &b, &answer));
    other = r.path;
    other.connection = 3;
    assert_int_equal(COVEY_EXCHANGE_UNKNOWN, match(&f, other, &b, &answer));
    other = r.path;
    other.transport = COVEY_DTLS;
    assert_int_equal(COVEY_EXCHANGE_UNKNOWN, match(&f, other, &b, &answer));
    for (unsigned bit = 0; bit < 32; bit++) {
        wrong = b;
        wrong.token[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(COVEY_EXCHANGE_UNKNOWN,
                         match(&f, r.path, &wrong, &answer));
    }
    wrong = b;
    wrong.span.len = 3;
    assert_int_equal(COVEY_EXCHANGE_UNKNOWN,
                     match(&f, r.path, &wrong, &answer));
    wrong.span.len = 0;
    assert_int_equal(COVEY_EXCHANGE_UNKNOWN,
                     match(&f, r.path, &wrong, &answer));
    assert_int_equal(COVEY_EXCHANGE_UNKNOWN,
                     covey_exchange_match(&f.table, &r.path,
                                          SPAN("nine bytes, and more"),
                                          &answer));
    assert_int_equal(40, f.table.counters.unknown);
}

static void a_connection_stands_for_the_peer(void **state)
{
    struct fixture f;
    covey_exchange_request r = fixture_request(fixture_peer(1), 8);
    covey_exchange_answer answer;
    covey_path moved;
    struct begun b;

    (void)state;
    fixture_init(&f);
    r.path.transport = COVEY_TCP;
    r.path.connection = 5;
    CHECK_STATUS(COVEY_OK, fixture_begin(&f, &r, &b));
    moved = r.path;
    moved.peer.port = 1;
    assert_int_equal(COVEY_EXCHANGE_EXPECTED, match(&f, moved, &b, &answer));
    moved.connection = 6;
    assert_int_equal(COVEY_EXCHANGE_UNKNOWN, match(&f, moved, &b, &answer));
    covey_exchange_lost(&f.table, &moved);
    assert_true(covey_exchange_deadline(&f.table) != 0);
    moved.connection = 5;
    covey_exchange_lost(&f.table, &moved);
    ends_with(&f, 1001, COVEY_EXCHANGE_LOST, 0);
}

/* Responses from anywhere until the deadline, not too many of them. */
static void collects_the_answers_of_a_group(void **state)
{
    struct fixture f;
    covey_exchange_request r = fixture_request(fixture_group(), 8);
    covey_exchange_answer answer;
    struct begun b;

    (void)state;
    fixture_init(&f);
    CHECK_STATUS(COVEY_OK, fixture_begin(&f, &r, &b));
    for (unsigned n = 0; n < 2; n++) { /* two of one server, as allowed */
        covey_path from = fixture_peer(1);
        assert_int_equal(COVEY_EXCHANGE_EXPECTED,
                         match(&f, from, &b, &answer));
        assert_true(answer.group);
        CHECK_STATUS(COVEY_OK, covey_exchange_accept(&f.table, answer.ref,
                                                     &from, false));
    }
    assert_int_equal(COVEY_EXCHANGE_DROPPED,
                     match(&f, fixture_peer(1), &b, &answer));
    assert_int_equal(1, f.table.counters.surplus);
    for (uint8_t n = 2; n < 5; n++) {
        covey_path from = fixture_peer(n);
        assert_int_equal(COVEY_EXCHANGE_EXPECTED,
                         match(&f, from, &b, &answer));
        CHECK_STATUS(COVEY_OK, covey_exchange_accept(&f.table, answer.ref,
                                                     &from, false));
    }
    /* Five altogether is the limit. */
    assert_int_equal(COVEY_EXCHANGE_DROPPED,
                     match(&f, fixture_peer(5), &b, &answer));
    assert_int_equal(2, f.table.counters.surplus);
    ends_with(&f, 6000, COVEY_EXCHANGE_ANSWERED, 5);
}

static void counts_servers_without_a_row(void **state)
{
    struct fixture f;
    covey_exchange_request r = fixture_request(fixture_group(), 8);
    covey_path from;
    struct begun b;

    (void)state;
    fixture_init(&f);
    r.limit = UINT16_MAX;
    CHECK_STATUS(COVEY_OK, fixture_begin(&f, &r, &b));
    for (uint8_t n = 0; n < RESPONDERS; n++) {
        from = fixture_peer(n);
        CHECK_STATUS(COVEY_OK,
                     covey_exchange_accept(&f.table, b.ref, &from, false));
    }
    from = fixture_peer(100);
    CHECK_STATUS(COVEY_E_ROOM,
                 covey_exchange_accept(&f.table, b.ref, &from, false));
    assert_int_equal(1, f.table.counters.no_room);
    ends_with(&f, 6000, COVEY_EXCHANGE_ANSWERED, RESPONDERS);
    /* Its rows are free again. */
    CHECK_STATUS(COVEY_OK, fixture_begin(&f, &r, &b));
    CHECK_STATUS(COVEY_OK,
                 covey_exchange_accept(&f.table, b.ref, &from, false));
}

static void without_rows_for_servers_takes_none(void **state)
{
    struct fixture f;
    covey_exchange_request r = fixture_request(fixture_group(), 8);
    covey_path from = fixture_peer(1);
    covey_exchange_answer answer;
    struct begun b;

    (void)state;
    fixture_init(&f);
    f.table.memory.responder_count = 0;
    f.table.free_responder = UINT32_MAX;
    CHECK_STATUS(COVEY_OK, fixture_begin(&f, &r, &b));
    assert_int_equal(COVEY_EXCHANGE_EXPECTED, match(&f, from, &b, &answer));
    CHECK_STATUS(COVEY_E_ROOM,
                 covey_exchange_accept(&f.table, b.ref, &from, false));
    ends_with(&f, 6000, COVEY_EXCHANGE_TIMED_OUT, 0);
}

/* One who takes as many of each as of all needs to know nobody. */
static void counts_nobody_where_it_does_not_matter(void **state)
{
    struct fixture f;
    covey_exchange_request r = fixture_request(fixture_group(), 8);
    covey_path from = fixture_peer(1);
    covey_exchange_answer answer;
    struct begun b;

    (void)state;
    fixture_init(&f);
    f.table.memory.responder_count = 0;
    f.table.free_responder = UINT32_MAX;
    r.server_limit = r.limit;
    CHECK_STATUS(COVEY_OK, fixture_begin(&f, &r, &b));
    for (uint16_t n = 0; n < r.limit; n++) {
        assert_int_equal(COVEY_EXCHANGE_EXPECTED,
                         match(&f, from, &b, &answer));
        CHECK_STATUS(COVEY_OK,
                     covey_exchange_accept(&f.table, b.ref, &from, false));
        from.peer.port++;
    }
    assert_int_equal(COVEY_EXCHANGE_DROPPED, match(&f, from, &b, &answer));
    ends_with(&f, 6000, COVEY_EXCHANGE_ANSWERED, r.limit);
}

/* One who passes on what many answer is one peer with many answers. */
static void collects_what_one_passes_on(void **state)
{
    struct fixture f;
    covey_exchange_request r = fixture_request(fixture_peer(1), 8);
    covey_exchange_event ev;
    struct begun b;
    uint8_t token[COVEY_EXCHANGE_TOKEN_MAX];
    covey_bytes span;

    (void)state;
    fixture_init(&f);
    r.many = true;
    CHECK_STATUS(COVEY_OK, fixture_begin(&f, &r, &b));
    for (unsigned n = 0; n < 3; n++) {
        CHECK_STATUS(COVEY_OK,
                     covey_exchange_accept(&f.table, b.ref, &r.path, n == 1));
    }
    /* A notification was among them. */
    assert_false(covey_exchange_event_next(&f.table, 6000, &ev));
    /* Another request takes its place. */
    CHECK_STATUS(COVEY_OK,
                 covey_exchange_token(&f.table, b.ref, token, &span));
    CHECK_SPAN(b.span, span);
    covey_exchange_again(&f.table, b.ref, 9000, 78);
    assert_false(covey_exchange_event_next(&f.table, 8999, &ev));
    assert_true(covey_exchange_event_next(&f.table, 9000, &ev));
    assert_int_equal(COVEY_EXCHANGE_ANSWERED, ev.outcome);
    assert_int_equal(78, ev.user);
    assert_int_equal(3, ev.responses);
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 covey_exchange_token(&f.table, b.ref, token, &span));
    covey_exchange_again(&f.table, b.ref, 10000, 79);
    assert_true(covey_exchange_deadline(&f.table) == COVEY_NEVER);
}

static void ends_at_the_deadline_and_not_before(void **state)
{
    struct fixture f;
    covey_exchange_request r = fixture_request(fixture_peer(1), 8);
    covey_exchange_event ev;
    struct begun b;

    (void)state;
    fixture_init(&f);
    CHECK_STATUS(COVEY_OK, fixture_begin(&f, &r, &b));
    assert_true(covey_exchange_deadline(&f.table) <= 6000);
    assert_false(covey_exchange_event_next(&f.table, 5999, &ev));
    ends_with(&f, 6000, COVEY_EXCHANGE_TIMED_OUT, 0);

    CHECK_STATUS(COVEY_OK, fixture_begin(&f, &r, &b));
    covey_exchange_until(&f.table, b.ref, 9000);
    assert_false(covey_exchange_event_next(&f.table, 8999, &ev));
    ends_with(&f, 9000, COVEY_EXCHANGE_TIMED_OUT, 0);
    covey_exchange_until(&f.table, b.ref, 1); /* names nothing any more */
    assert_true(covey_exchange_deadline(&f.table) == COVEY_NEVER);

    CHECK_STATUS(COVEY_OK, fixture_begin(&f, &r, &b));
    covey_exchange_end(&f.table, b.ref, COVEY_EXCHANGE_REJECTED);
    ends_with(&f, 9000, COVEY_EXCHANGE_REJECTED, 0);
}

static void an_observation_outlives_its_deadline(void **state)
{
    struct fixture f;
    covey_exchange_request r = fixture_request(fixture_peer(1), 8);
    covey_exchange_answer answer;
    covey_exchange_event ev;
    struct begun b;

    (void)state;
    fixture_init(&f);
    r.limit = UINT16_MAX;
    CHECK_STATUS(COVEY_OK, fixture_begin(&f, &r, &b));
    for (int i = 0; i < 70000; i++) {
        CHECK_STATUS(COVEY_OK,
                     covey_exchange_accept(&f.table, b.ref, &r.path, true));
    }
    assert_false(covey_exchange_event_next(&f.table, 6000, &ev));
    assert_int_equal(COVEY_EXCHANGE_EXPECTED, match(&f, r.path, &b, &answer));
    /* A response that is no notification ends it. */
    CHECK_STATUS(COVEY_OK,
                 covey_exchange_accept(&f.table, b.ref, &r.path, false));
    ends_with(&f, 6001, COVEY_EXCHANGE_ANSWERED, UINT16_MAX - 1);
}

static void a_lost_peer_ends_only_its_own(void **state)
{
    struct fixture f;
    covey_exchange_request one = fixture_request(fixture_peer(1), 8);
    covey_exchange_request two = fixture_request(fixture_peer(2), 8);
    covey_exchange_request group = fixture_request(fixture_group(), 8);
    covey_exchange_event ev;
    struct begun b[5];
    unsigned ended = 0;

    (void)state;
    fixture_init(&f);
    one.path.transport = two.path.transport = COVEY_DTLS;
    one.path.connection = 1;
    two.path.connection = 2;
    CHECK_STATUS(COVEY_OK, fixture_begin(&f, &one, &b[0]));
    CHECK_STATUS(COVEY_OK, fixture_begin(&f, &two, &b[1]));
    CHECK_STATUS(COVEY_OK, fixture_begin(&f, &one, &b[2]));
    CHECK_STATUS(COVEY_OK, fixture_begin(&f, &group, &b[3]));
    CHECK_STATUS(COVEY_OK, fixture_begin(&f, &one, &b[4]));
    covey_exchange_end(&f.table, b[2].ref, COVEY_EXCHANGE_CANCELLED);
    covey_exchange_lost(&f.table, &one.path);
    while (covey_exchange_event_next(&f.table, 1000, &ev)) {
        assert_int_equal(ended == 0 ? COVEY_EXCHANGE_CANCELLED
                                    : COVEY_EXCHANGE_LOST,
                         ev.outcome);
        ended++;
    }
    assert_int_equal(3, ended);
    /* Without a connection there is none to be lost. */
    one.path = fixture_peer(1);
    CHECK_STATUS(COVEY_OK, fixture_begin(&f, &one, &b[0]));
    covey_exchange_lost(&f.table, &one.path);
    assert_false(covey_exchange_event_next(&f.table, 1000, &ev));
}

static void names_nothing_by_foreign_refs(void **state)
{
    struct fixture f;
    covey_exchange_request r = fixture_request(fixture_peer(1), 8);
    const covey_exchange_ref refs[] = { { 0, 0 }, { 0, 2 }, { ROWS, 1 } };
    struct begun b;

    (void)state;
    fixture_init(&f);
    CHECK_STATUS(COVEY_OK, fixture_begin(&f, &r, &b));
    for (size_t i = 0; i < COUNT_OF(refs); i++) {
        CHECK_STATUS(COVEY_E_ARGUMENT,
                     covey_exchange_accept(&f.table, refs[i], &r.path, false));
        covey_exchange_end(&f.table, refs[i], COVEY_EXCHANGE_CANCELLED);
    }
    ends_with(&f, 6000, COVEY_EXCHANGE_TIMED_OUT, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_response_ends_a_unicast_request),
        cmocka_unit_test(refuses_responses_that_are_not_for_it),
        cmocka_unit_test(a_connection_stands_for_the_peer),
        cmocka_unit_test(collects_the_answers_of_a_group),
        cmocka_unit_test(counts_servers_without_a_row),
        cmocka_unit_test(without_rows_for_servers_takes_none),
        cmocka_unit_test(counts_nobody_where_it_does_not_matter),
        cmocka_unit_test(collects_what_one_passes_on),
        cmocka_unit_test(ends_at_the_deadline_and_not_before),
        cmocka_unit_test(an_observation_outlives_its_deadline),
        cmocka_unit_test(a_lost_peer_ends_only_its_own),
        cmocka_unit_test(names_nothing_by_foreign_refs),
    };

    return KIT_RUN(tests);
}
