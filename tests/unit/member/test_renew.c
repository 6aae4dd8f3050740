/* SPDX-License-Identifier: BSD-2-Clause */
/* Another Sender ID, while keys change: no ID is used under keys that it is
 * not for. Found by tests/sim/test_keying.c. */
#include "../manager/fixture.h"

#define C(c, d) COVEY_COAP_CODE(c, d)

static uint8_t request_bytes[1024];
static uint8_t answer_bytes[4096];

static covey_member_request next(struct world *w, struct node *n)
{
    covey_writer out = covey_writer_of(request_bytes, sizeof request_bytes);
    covey_member_request r;
    covey_status st;

    assert_true(covey_member_transmit(&n->member, w->now, &r, &out, &st));
    return r;
}

/* A copy of the last answer, which lives on. */
static covey_bytes keep_answer(const struct world *w)
{
    memcpy(answer_bytes, w->reply.payload.ptr, w->reply.payload.len);
    return covey_bytes_of(answer_bytes, w->reply.payload.len);
}

static covey_bytes id_at(const struct world *w)
{
    const covey_manager_member *row = member_row(w, 0);

    return covey_bytes_of(row->id, row->id_len);
}

static struct node *joined(struct world *w)
{
    assert_int_equal(member_join(w, 0, BOTH), COVEY_MEMBER_IN);
    assert_int_equal(member_join(w, 1, BOTH), COVEY_MEMBER_IN);
    return &w->nodes[0];
}

static void rekey(struct world *w)
{
    CHECK_STATUS(COVEY_OK,
                 covey_manager_rekey(&w->manager, w->now, SPAN("g")));
    world_settle(w);
}

/* An exchange is bound to the Gid that it began under, whatever the keys are
 * by then (RFC 10021 Section 5.2). */
static void keeps_the_gids_that_exchanges_began_under(void **state)
{
    struct world *w = world_with(true, true);
    const struct node *n = joined(w);
    covey_bytes span[COVEY_GROUP_REKEYINGS + 1];
    uint8_t copy[COVEY_GROUP_REKEYINGS + 1][COVEY_MEMBER_GID_MAX];

    (void)state;
    for (size_t i = 0; i <= COVEY_GROUP_REKEYINGS; i++) {
        span[i] = covey_group_gid_of(&n->group);
        memcpy(copy[i], span[i].ptr, span[i].len);
        for (size_t k = 0; k <= i; k++) {
            CHECK_SPAN(covey_bytes_of(copy[k], span[k].len), span[k]);
        }
        if (i < COVEY_GROUP_REKEYINGS) {
            rekey(w);
        }
    }
    world_close(w);
}

/* The manager has given it, under version 2 or later; whoever sees the answer
 * does not know. */
static covey_bytes apply(struct world *w, struct node *n)
{
    covey_member_renew(&n->member);
    (void)next(w, n);
    assert_int_equal(ask(w, 0, POST, "ace-group/g/nodes/n0", NONE, SPAN("")),
                     C(2, 4));
    return keep_answer(w);
}

static void check_end(struct world *w, struct node *n, uint32_t version)
{
    member_pump(w, 0);
    assert_int_equal(covey_member_state_of(&n->member), COVEY_MEMBER_IN);
    assert_int_equal(covey_member_version(&n->member), version);
    CHECK_SPAN(id_at(w), covey_group_sender_of(&n->group));
    world_close(w);
}

static void an_id_is_for_the_keys_it_comes_with(void **state)
{
    struct world *w = world_with(true, true);
    struct node *n = joined(w);
    const covey_bytes answer = apply(w, n);
    uint8_t old[2] = { 0 };

    (void)state;
    covey_oscore_copy(old, covey_group_sender_of(&n->group));
    n->deaf = true;
    rekey(w);
    CHECK_STATUS(COVEY_OK,
                 covey_member_receive(&n->member, w->now, C(2, 4), answer));
    /* not before it is known which keys it is for */
    CHECK_SPAN(covey_bytes_of(old, sizeof old),
               covey_group_sender_of(&n->group));
    assert_int_equal(covey_member_version(&n->member), 2);
    check_end(w, n, 3);
}

static void a_lost_answer_is_found_out_by_the_next_keys(void **state)
{
    struct world *w = world_with(true, true);
    struct node *n = joined(w);

    (void)state;
    (void)apply(w, n);
    covey_member_lost(&n->member);
    n->member.want = 0; /* and forgotten: its power was gone */
    rekey(w);
    assert_int_equal(covey_member_version(&n->member), 2);
    assert_int_equal(covey_member_state_of(&n->member), COVEY_MEMBER_BEHIND);
    check_end(w, n, 3);
}

/* So long ago that the manager does not know any more who gave up what. */
static void and_so_it_is_when_nobody_knows_any_more(void **state)
{
    struct world *w = world_with(true, true);
    struct node *n = joined(w);

    (void)state;
    (void)apply(w, n);
    covey_member_lost(&n->member);
    n->member.want = 0;
    n->deaf = true;
    for (int i = 0; i < 6; i++) {
        rekey(w);
    }
    assert_int_equal(ask(w, 0, GET, "ace-group/g", NONE, SPAN("")), C(2, 5));
    assert_int_equal(covey_member_news(&n->member, w->now, keep_answer(w)),
                     C(2, 4));
    check_end(w, n, 8);
}

/* News overtake the answer that has the ID. */
static void older_keys_are_passed_over_while_it_catches_up(void **state)
{
    struct world *w = world_with(true, true);
    struct node *n = joined(w);
    covey_bytes answer = apply(w, n);

    (void)state;
    CHECK_STATUS(COVEY_OK,
                 covey_member_receive(&n->member, w->now, C(2, 4), answer));
    assert_int_equal(next(w, n).code, GET);
    assert_int_equal(ask(w, 0, GET, "ace-group/g/nodes/n0", NONE, SPAN("")),
                     C(2, 5));
    answer = keep_answer(w);
    n->deaf = true;
    rekey(w);
    rekey(w);
    assert_int_equal(ask(w, 0, GET, "ace-group/g", NONE, SPAN("")), C(2, 5));
    assert_int_equal(covey_member_news(&n->member, w->now, w->reply.payload),
                     C(2, 4));
    assert_int_equal(covey_member_state_of(&n->member),
                     COVEY_MEMBER_CATCHING_UP);
    CHECK_STATUS(COVEY_OK,
                 covey_member_receive(&n->member, w->now, C(2, 5), answer));
    assert_int_equal(covey_member_state_of(&n->member),
                     COVEY_MEMBER_CATCHING_UP);
    check_end(w, n, 4);
}

/* A row of the table has the ID that is ours now: somebody who is gone. */
static void who_had_the_id_before_is_forgotten(void **state)
{
    struct world *w = world_with(true, true);
    struct node *n = joined(w);
    const covey_bytes answer = apply(w, n);
    covey_member_peer *p = &n->member.memory.peers[0];
    const covey_bytes id = id_at(w);
    covey_group_member m = { .id = id,
                             .credential = p->credential,
                             .public_key =
                                 covey_bytes_of(p->credential.ptr, 32) };

    (void)state;
    CHECK_STATUS(COVEY_OK, covey_group_add(&n->group, &m, NULL));
    CHECK_STATUS(COVEY_OK,
                 covey_member_receive(&n->member, w->now, C(2, 4), answer));
    check_end(w, n, 2);
}

/* The answer to a Join Request that comes after all would make it a member. */
static void says_goodbye_after_what_is_under_way(void **state)
{
    struct world *w = world_with(true, true);
    struct node *n = &w->nodes[0];
    covey_writer out = covey_writer_of(request_bytes, sizeof request_bytes);
    covey_member_request r;
    covey_status st;

    (void)state;
    member_open(w, 0, BOTH, 4);
    covey_member_join(&n->member);
    (void)next(w, n);
    covey_member_leave(&n->member);
    assert_false(covey_member_transmit(&n->member, w->now, &r, &out, &st));
    CHECK_STATUS(COVEY_OK,
                 covey_member_receive(&n->member, w->now, C(4, 0), SPAN("")));
    assert_int_equal(next(w, n).code, DELETE);
    covey_member_lost(&n->member);
    assert_int_equal(next(w, n).code, DELETE);
    CHECK_STATUS(COVEY_OK,
                 covey_member_receive(&n->member, w->now, C(4, 4), SPAN("")));
    assert_int_equal(covey_member_state_of(&n->member), COVEY_MEMBER_OUT);
    world_close(w);
}

/* What it was evicted from is over; the answer says whether it is let in. */
static void joining_again_is_not_ended_by_an_old_eviction(void **state)
{
    struct world *w = world_with(true, true);
    struct node *n = joined(w);

    (void)state;
    covey_member_join(&n->member);
    covey_member_evicted(&n->member);
    member_pump(w, 0);
    assert_int_equal(covey_member_state_of(&n->member), COVEY_MEMBER_IN);
    covey_member_evicted(&n->member);
    assert_int_equal(covey_member_state_of(&n->member), COVEY_MEMBER_OUT);
    world_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_the_gids_that_exchanges_began_under),
        cmocka_unit_test(an_id_is_for_the_keys_it_comes_with),
        cmocka_unit_test(a_lost_answer_is_found_out_by_the_next_keys),
        cmocka_unit_test(and_so_it_is_when_nobody_knows_any_more),
        cmocka_unit_test(older_keys_are_passed_over_while_it_catches_up),
        cmocka_unit_test(who_had_the_id_before_is_forgotten),
        cmocka_unit_test(says_goodbye_after_what_is_under_way),
        cmocka_unit_test(joining_again_is_not_ended_by_an_old_eviction),
    };

    return KIT_RUN(tests);
}
