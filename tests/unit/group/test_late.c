/* SPDX-License-Identifier: BSD-2-Clause */
/* Members whose numbers are not known: the three ways to begin with them
 * (RFC 10021 Section 9, seed 002 Section 7.2), and what makes a window
 * invalid (Section 2.6.1.2). */
#include "fixture.h"

#define CCM COVEY_AES_CCM_16_64_128

/* Bob joins late: requests of Alice's are under way already. */
struct late {
    struct world *w;
    covey_group_exchange asked[4];
    covey_group_exchange heard;
    struct wire wire[4];
};

static struct late *join_late(covey_group_late policy, uint64_t number)
{
    static struct late l;
    const covey_group_parameters p = world_parameters(CCM);
    covey_group_start start;
    covey_group_member alice;

    memset(&l, 0, sizeof l);
    l.w = world_open(CCM);
    for (size_t i = 0; i < COUNT_OF(l.wire); i++) {
        CHECK_STATUS(COVEY_OK, ask(l.w, ALICE, &l.asked[i], GET, &l.wire[i]));
    }
    covey_group_drop(&l.w->member[BOB].group);
    start = world_start(&l.w->member[BOB]);
    start.windows_invalid = true;
    start.late = policy;
    world_join(l.w, BOB, &p, &start);
    alice = row_of(&l.w->member[ALICE]);
    alice.number = number;
    CHECK_STATUS(COVEY_OK,
                 covey_group_add(&l.w->member[BOB].group, &alice, NULL));
    return &l;
}

static void challenges_a_member_without_number(void **state)
{
    const covey_group_late policies[] = { COVEY_GROUP_LATE_ECHO,
                                          COVEY_GROUP_LATE_MANAGER };
    static struct wire answered;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(policies); i++) {
        struct late *l = join_late(policies[i], COVEY_GROUP_NUMBER_UNKNOWN);
        covey_group_recipient *alice = peer_of(l->w, BOB, ALICE);

        for (size_t again = 0; again < 2; again++) {
            assert_int_equal(hear(l->w, BOB, &l->heard, &l->wire[1]),
                             COVEY_UNPROTECT_MAYBE_REPLAY);
            assert_false(alice->window_valid);
            /* It may have been answered with its own nonce before. */
            CHECK_STATUS(COVEY_OK, answer(l->w, BOB, &l->heard,
                                          "60810001 d1ef01", &answered));
            assert_int_equal(answered.m.options.ptr[1] & 7, 1);
        }
        world_close(l->w);
    }
}

static void goes_on_from_the_echoed_number(void **state)
{
    struct late *l =
        join_late(COVEY_GROUP_LATE_ECHO, COVEY_GROUP_NUMBER_UNKNOWN);
    covey_group_received older;
    covey_group *bob = &l->w->member[BOB].group;
    covey_group_record record;

    (void)state;
    assert_int_equal(hear(l->w, BOB, &l->heard, &l->wire[1]),
                     COVEY_UNPROTECT_MAYBE_REPLAY);
    older = l->w->r;
    assert_int_equal(hear(l->w, BOB, &l->heard, &l->wire[2]),
                     COVEY_UNPROTECT_MAYBE_REPLAY);
    assert_false(covey_group_due(bob, &record));
    assert_int_equal(covey_group_recover(bob, &l->w->r),
                     COVEY_UNPROTECT_FRESH_ONCE_STORED);
    assert_true(covey_group_due(bob, &record));
    CHECK_SPAN(id_of(&l->w->member[ALICE]), record.id);
    store(bob);
    assert_int_equal(covey_group_recover(bob, &l->w->r),
                     COVEY_UNPROTECT_REFUSED);
    assert_int_equal(l->w->r.base.fault, COVEY_OSCORE_REPLAY);
    /* The window is valid meanwhile: what is older is too old. */
    assert_int_equal(covey_group_recover(bob, &older),
                     COVEY_UNPROTECT_REFUSED);
    assert_int_equal(older.base.fault, COVEY_OSCORE_REPLAY);
    check_not_heard(l->w, BOB, &l->wire[0], COVEY_OSCORE_REPLAY);
    check_not_heard(l->w, BOB, &l->wire[2], COVEY_OSCORE_REPLAY);
    check_heard(l->w, BOB, &l->heard, &l->wire[3]);
    world_close(l->w);
}

static void recovers_what_a_valid_window_takes(void **state)
{
    struct late *l =
        join_late(COVEY_GROUP_LATE_ECHO, COVEY_GROUP_NUMBER_UNKNOWN);
    covey_group_received newer;
    covey_group *bob = &l->w->member[BOB].group;

    (void)state;
    assert_int_equal(hear(l->w, BOB, &l->heard, &l->wire[3]),
                     COVEY_UNPROTECT_MAYBE_REPLAY);
    newer = l->w->r;
    assert_int_equal(hear(l->w, BOB, &l->heard, &l->wire[2]),
                     COVEY_UNPROTECT_MAYBE_REPLAY);
    assert_int_equal(covey_group_recover(bob, &l->w->r),
                     COVEY_UNPROTECT_FRESH_ONCE_STORED);
    store(bob);
    assert_int_equal(covey_group_recover(bob, &newer), COVEY_UNPROTECT_FRESH);
    check_not_heard(l->w, BOB, &l->wire[3], COVEY_OSCORE_REPLAY);
    world_close(l->w);
}

static void drops_the_first_and_takes_its_number(void **state)
{
    struct late *l =
        join_late(COVEY_GROUP_LATE_DROP_FIRST, COVEY_GROUP_NUMBER_UNKNOWN);
    covey_group *bob = &l->w->member[BOB].group;
    covey_group_record record;
    covey_group_exchange untouched;

    (void)state;
    memcpy(&untouched, &l->heard, sizeof untouched);
    assert_int_equal(hear(l->w, BOB, &l->heard, &l->wire[1]),
                     COVEY_UNPROTECT_REFUSED);
    assert_int_equal(l->w->r.base.fault, COVEY_OSCORE_BASELINE);
    CHECK_STATUS(COVEY_OK, l->w->r.base.status);
    assert_int_equal(l->w->out.pos, 0);
    assert_null(l->w->r.base.plaintext.ptr);
    assert_memory_equal(&l->heard, &untouched, sizeof untouched);
    assert_true(covey_group_due(bob, &record));
    CHECK_SPAN(id_of(&l->w->member[ALICE]), record.id);
    check_not_heard(l->w, BOB, &l->wire[0], COVEY_OSCORE_REPLAY);
    check_not_heard(l->w, BOB, &l->wire[1], COVEY_OSCORE_REPLAY);
    store(bob);
    check_heard(l->w, BOB, &l->heard, &l->wire[3]);
    check_heard(l->w, BOB, &l->heard, &l->wire[2]);
    world_close(l->w);
}

/* Only an authentic message has a number. */
static void takes_no_forged_baseline(void **state)
{
    struct late *l =
        join_late(COVEY_GROUP_LATE_DROP_FIRST, COVEY_GROUP_NUMBER_UNKNOWN);

    (void)state;
    l->wire[3].bytes[l->wire[3].len - 1] ^= 1;
    check_not_heard(l->w, BOB, &l->wire[3], COVEY_OSCORE_BAD_SIGNATURE);
    peer_of(l->w, BOB, ALICE)->roles = COVEY_GROUP_RESPONDER;
    check_not_heard(l->w, BOB, &l->wire[2], COVEY_OSCORE_BAD_ROLE);
    world_close(l->w);
}

static void begins_with_the_number_of_the_manager(void **state)
{
    struct late *l = join_late(COVEY_GROUP_LATE_MANAGER, 2);

    (void)state;
    check_not_heard(l->w, BOB, &l->wire[1], COVEY_OSCORE_REPLAY);
    assert_int_equal(hear(l->w, BOB, &l->heard, &l->wire[2]),
                     COVEY_UNPROTECT_FRESH_ONCE_STORED);
    world_close(l->w);
}

/* --- windows of any size ------------------------------------------------- */

/* Of 128 numbers; each member has words of its own, also after another one
 * took the row, and under new keys. */
static void windows_have_any_size(void **state)
{
    static struct wire wires[129];
    uint32_t words[(MEMBERS - 1) * 4];
    const covey_group_parameters p = world_parameters(CCM);
    struct world *w = world_open(CCM);
    covey_group *bob = &w->member[BOB].group;
    covey_group_start start = world_start(&w->member[BOB]);
    covey_group_exchange asked = { .answers = NULL };
    covey_group_exchange heard;

    (void)state;
    memset(words, 0xff, sizeof words);
    start.window_size = 128;
    start.window_words = words;
    start.window_word_count = 4;
    covey_group_drop(bob);
    world_join(w, BOB, &p, &start);
    know(w, BOB, CAROL);
    know(w, BOB, ALICE);
    covey_group_remove(bob, peer_of(w, BOB, CAROL));
    know(w, BOB, CAROL);
    bob->windows_invalid = false;
    for (size_t i = 0; i < COUNT_OF(wires); i++) {
        CHECK_STATUS(COVEY_OK, ask(w, ALICE, &asked, GET, &wires[i]));
    }
    check_heard(w, BOB, &heard, &wires[128]);
    check_not_heard(w, BOB, &wires[0], COVEY_OSCORE_REPLAY); /* too old */
    for (size_t i = 1; i < 128; i += 42) {
        check_heard(w, BOB, &heard, &wires[i]);
        check_not_heard(w, BOB, &wires[i], COVEY_OSCORE_REPLAY);
    }
    assert_int_equal(words[0] | words[1] | words[2] | words[3], 0);
    assert_int_not_equal(words[4] | words[5] | words[6] | words[7], 0);
    world_close(w);
}

/* --- what makes windows invalid ------------------------------------------ */

static void check_next(struct world *w, covey_unprotect expected)
{
    covey_group_exchange asked = { .answers = NULL };
    covey_group_exchange heard;
    static struct wire wire;

    CHECK_STATUS(COVEY_OK, ask(w, ALICE, &asked, GET, &wire));
    assert_int_equal(hear(w, BOB, &heard, &wire), expected);
}

static void does_not_mind_members_that_were_silent(void **state)
{
    struct world *w = world_open(CCM);
    covey_group *bob = &w->member[BOB].group;
    covey_group_record record;

    (void)state;
    covey_group_remove(bob, peer_of(w, BOB, ALICE));
    assert_false(covey_group_due(bob, &record));
    know(w, BOB, ALICE);
    check_next(w, COVEY_UNPROTECT_FRESH_ONCE_STORED);
    world_close(w);
}

static void distrusts_windows_after_forgetting_a_member(void **state)
{
    struct world *w = world_open(CCM);
    covey_group *bob = &w->member[BOB].group;
    covey_group_record record;

    (void)state;
    check_next(w, COVEY_UNPROTECT_FRESH_ONCE_STORED);
    store(bob);
    covey_group_remove(bob, peer_of(w, BOB, ALICE));
    assert_true(covey_group_due(bob, &record));
    assert_null(record.id.ptr);
    assert_true(record.windows_invalid);
    CHECK_STATUS(COVEY_OK, covey_group_stored(bob, &record));
    assert_false(covey_group_due(bob, &record));
    know(w, BOB, ALICE);
    check_next(w, COVEY_UNPROTECT_MAYBE_REPLAY);
    world_close(w);
}

static void distrusts_the_window_of_a_replaced_member(void **state)
{
    struct world *w = world_open(CCM);

    (void)state;
    check_next(w, COVEY_UNPROTECT_FRESH_ONCE_STORED);
    know(w, BOB, ALICE);
    check_next(w, COVEY_UNPROTECT_MAYBE_REPLAY);
    world_close(w);
}

/* An answer is a message, too. */
static void distrusts_windows_after_forgetting_a_server(void **state)
{
    struct world *w = world_open(CCM);
    covey_group_exchange asked = { .answers = w->answers, .answer_max = 2 };
    covey_group_exchange heard;
    static struct wire wire;

    (void)state;
    CHECK_STATUS(COVEY_OK, ask(w, ALICE, &asked, GET, &wire));
    check_heard(w, BOB, &heard, &wire);
    CHECK_STATUS(COVEY_OK, answer(w, BOB, &heard, CONTENT, &wire));
    check_taken(w, ALICE, &asked, &wire);
    covey_group_remove(&w->member[ALICE].group, peer_of(w, ALICE, BOB));
    know(w, ALICE, BOB);
    assert_false(peer_of(w, ALICE, BOB)->window_valid);
    world_close(w);
}

/* It was heard before the loss of power: its number says so. */
static void distrusts_windows_after_forgetting_a_restored_one(void **state)
{
    const covey_group_parameters p = world_parameters(CCM);
    struct world *w = world_open(CCM);
    struct member *bob = &w->member[BOB];
    const covey_group_start start = world_start(bob);
    covey_group_member alice = row_of(&w->member[ALICE]);
    covey_group_exchange asked = { .answers = NULL };
    covey_group_exchange heard;
    static struct wire wire;

    (void)state;
    CHECK_STATUS(COVEY_OK, ask(w, ALICE, &asked, GET, &wire));
    check_heard(w, BOB, &heard, &wire);
    alice.number = peer_of(w, BOB, ALICE)->window_stored;
    assert_true(alice.number > 0);
    covey_group_drop(&bob->group);
    world_join(w, BOB, &p, &start);
    CHECK_STATUS(COVEY_OK, covey_group_add(&bob->group, &alice, NULL));
    check_not_heard(w, BOB, &wire, COVEY_OSCORE_REPLAY);
    covey_group_remove(&bob->group, peer_of(w, BOB, ALICE));
    know(w, BOB, ALICE);
    assert_int_equal(hear(w, BOB, &heard, &wire),
                     COVEY_UNPROTECT_MAYBE_REPLAY);
    world_close(w);
}

static void makes_room_in_a_full_table(void **state)
{
    struct world *w = world_open(CCM);
    covey_group *bob = &w->member[BOB].group;
    covey_group_member row = row_of(&w->member[CAROL]);
    covey_group_recipient *added;

    (void)state;
    row.id = SPAN("new");
    CHECK_STATUS(COVEY_E_ROOM, covey_group_add(bob, &row, &added));
    covey_group_remove(bob, peer_of(w, BOB, ALICE));
    CHECK_STATUS(COVEY_OK, covey_group_add(bob, &row, &added));
    assert_ptr_equal(added, &w->member[BOB].table[0]);
    assert_true(added->window_valid);
    row.id = SPAN("newer");
    CHECK_STATUS(COVEY_E_ROOM, covey_group_add(bob, &row, &added));
    check_next(w, COVEY_UNPROTECT_REFUSED);
    assert_int_equal(w->r.base.fault, COVEY_OSCORE_NO_SENDER);
    world_close(w);
}

/* --- silent servers ------------------------------------------------------ */

/* It hears, and says nothing. */
static void listens_without_a_sender_id(void **state)
{
    const covey_group_parameters p = world_parameters(CCM);
    struct world *w = world_open(CCM);
    struct member *bob = &w->member[BOB];
    covey_group_start start = world_start(bob);
    covey_group_exchange asked = { .answers = NULL };
    covey_group_exchange heard;
    covey_group_record record;
    struct snapshot before;
    static struct wire wire;
    static struct wire none;

    (void)state;
    CHECK_STATUS(COVEY_OK, ask(w, ALICE, &asked, GET, &wire));
    covey_group_drop(&bob->group);
    start.sender_id = covey_bytes_of(NULL, 0);
    start.credential = covey_bytes_of(NULL, 0);
    start.private_key = NULL;
    CHECK_STATUS(COVEY_OK,
                 covey_group_setup(&bob->group, &w->crypto, &p, &start));
    know(w, BOB, ALICE);
    assert_false(covey_group_due(&bob->group, &record));
    check_heard(w, BOB, &heard, &wire);
    check_not_heard(w, BOB, &wire, COVEY_OSCORE_REPLAY);
    snapshot_take(&before, bob);
    CHECK_STATUS(COVEY_E_ARGUMENT, answer(w, BOB, &heard, CONTENT, &none));
    CHECK_STATUS(COVEY_E_ARGUMENT, ask(w, BOB, &heard, GET, &none));
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 covey_group_change_sender(&bob->group, SPAN("new")));
    check_unchanged(&before, bob, 0);
    address(w, ALICE, BOB);
    CHECK_STATUS(COVEY_OK, ask(w, ALICE, &asked, GET, &wire));
    check_not_heard(w, BOB, &wire, COVEY_OSCORE_NO_MODE);
    /* Its windows may become invalid like anybody's. */
    covey_group_remove(&bob->group, peer_of(w, BOB, ALICE));
    assert_true(covey_group_due(&bob->group, &record));
    assert_true(record.windows_invalid);
    assert_int_equal(record.number, 0);
    store(&bob->group);
    world_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(challenges_a_member_without_number),
        cmocka_unit_test(goes_on_from_the_echoed_number),
        cmocka_unit_test(recovers_what_a_valid_window_takes),
        cmocka_unit_test(drops_the_first_and_takes_its_number),
        cmocka_unit_test(takes_no_forged_baseline),
        cmocka_unit_test(begins_with_the_number_of_the_manager),
        cmocka_unit_test(does_not_mind_members_that_were_silent),
        cmocka_unit_test(distrusts_windows_after_forgetting_a_member),
        cmocka_unit_test(distrusts_the_window_of_a_replaced_member),
        cmocka_unit_test(distrusts_windows_after_forgetting_a_server),
        cmocka_unit_test(distrusts_windows_after_forgetting_a_restored_one),
        cmocka_unit_test(makes_room_in_a_full_table),
        cmocka_unit_test(listens_without_a_sender_id),
        cmocka_unit_test(windows_have_any_size),
    };

    return KIT_RUN(tests);
}
