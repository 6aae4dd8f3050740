/* SPDX-License-Identifier: BSD-2-Clause */
/* A new Gid, or a new Sender ID, while exchanges go on: RFC 10021 Sections
 * 2.6.3, 7.3, 8.5 and 12.2. */
#include "fixture.h"

#define CCM COVEY_AES_CCM_16_64_128

static covey_group_parameters next_parameters(void)
{
    covey_group_parameters p = world_parameters(CCM);

    p.gid = SPAN("\xdd\x11\xef");
    p.master_secret = SPAN("fedcba9876543210");
    p.master_salt = covey_bytes_of(NULL, 0);
    return p;
}

static void rekey(struct world *w, size_t who)
{
    const covey_group_parameters p = next_parameters();
    covey_group *g = &w->member[who].group;

    CHECK_STATUS(COVEY_OK,
                 covey_group_rekey(g, &p, covey_bytes_of(NULL, 0), NULL, 0));
    store(g);
}

/* Alice observes Bob, and has had one notification. */
struct observation {
    struct world *w;
    covey_group_exchange asked;
    covey_group_exchange heard;
    struct wire wire;
};

static struct observation *observe(bool pairwise)
{
    static struct observation o;

    memset(&o, 0, sizeof o);
    o.w = world_open(CCM);
    o.asked.answers = o.w->answers;
    o.asked.answer_max = 2;
    address(o.w, ALICE, pairwise ? BOB : ALICE);
    CHECK_STATUS(COVEY_OK, ask(o.w, ALICE, &o.asked, OBSERVE, &o.wire));
    check_heard(o.w, BOB, &o.heard, &o.wire);
    address(o.w, BOB, pairwise ? ALICE : BOB);
    CHECK_STATUS(COVEY_OK, answer(o.w, BOB, &o.heard, NOTIFIED, &o.wire));
    check_taken(o.w, ALICE, &o.asked, &o.wire);
    for (size_t i = 0; i < 3; i++) {
        CHECK_STATUS(COVEY_OK, answer(o.w, BOB, &o.heard, NOTIFIED, &o.wire));
    }
    check_taken(o.w, ALICE, &o.asked, &o.wire);
    return &o;
}

static void goes_on_under_the_new_gid(void **state)
{
    static struct wire old;
    static struct wire wire[2];

    (void)state;
    for (size_t pairwise = 0; pairwise < 2; pairwise++) {
        struct observation *o = observe(pairwise == 1);
        CHECK_STATUS(COVEY_OK, answer(o->w, BOB, &o->heard, NOTIFIED, &old));
        rekey(o->w, BOB);
        for (size_t i = 0; i < COUNT_OF(wire); i++) {
            CHECK_STATUS(COVEY_OK,
                         answer(o->w, BOB, &o->heard, NOTIFIED, &wire[i]));
        }
        CHECK_HEX(pairwise ? "6109 37190003dd11ef02" : "6109 37390003dd11ef02",
                  wire[0].m.options);
        check_not_taken(o->w, ALICE, &o->asked, &wire[0],
                        COVEY_OSCORE_NO_CONTEXT);
        rekey(o->w, ALICE);
        check_not_taken(o->w, ALICE, &o->asked, &old,
                        pairwise ? COVEY_OSCORE_NOT_DECRYPTED
                                 : COVEY_OSCORE_BAD_SIGNATURE);
        /* Response Numbers begin anew, and rise from there. */
        check_taken(o->w, ALICE, &o->asked, &wire[1]);
        check_not_taken(o->w, ALICE, &o->asked, &wire[0], COVEY_OSCORE_REPLAY);
        check_not_taken(o->w, ALICE, &o->asked, &wire[1], COVEY_OSCORE_REPLAY);
        assert_int_equal(o->asked.answer_count, pairwise ? 0 : 1);
        world_close(o->w);
    }
}

/* Each response is bound to the Gid that the exchange began under. */
static void goes_on_over_six_rekeyings(void **state)
{
    static uint8_t gids[COVEY_GROUP_REKEYINGS][3];
    static struct wire wire;
    struct observation *o = observe(true);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(gids); i++) {
        covey_group_parameters p = next_parameters();
        memcpy(gids[i], "\xdd\x12", 2);
        gids[i][2] = (uint8_t)i;
        p.gid = covey_bytes_of(gids[i], sizeof gids[i]);
        for (size_t who = ALICE; who <= BOB; who++) {
            covey_group *g = &o->w->member[who].group;
            CHECK_STATUS(
                COVEY_OK,
                covey_group_rekey(g, &p, covey_bytes_of(NULL, 0), NULL, 0));
            store(g);
        }
        CHECK_STATUS(COVEY_OK, answer(o->w, BOB, &o->heard, NOTIFIED, &wire));
        check_taken(o->w, ALICE, &o->asked, &wire);
    }
    world_close(o->w);
}

/* The first response of all comes under the new Gid: with a number. One that
 * was sent under the old Gid is too late. */
static void answers_an_old_request_with_a_number(void **state)
{
    struct world *w = world_open(CCM);
    covey_group_exchange asked = { .answers = w->answers, .answer_max = 2 };
    covey_group_exchange bob;
    covey_group_exchange carol;
    static struct wire wire;
    static struct wire early;

    (void)state;
    CHECK_STATUS(COVEY_OK, ask(w, ALICE, &asked, GET, &wire));
    check_heard(w, BOB, &bob, &wire);
    check_heard(w, CAROL, &carol, &wire);
    CHECK_STATUS(COVEY_OK, answer(w, CAROL, &carol, CONTENT, &early));
    rekey(w, ALICE);
    rekey(w, BOB);
    check_not_taken(w, ALICE, &asked, &early, COVEY_OSCORE_BAD_COSE);
    check_not_heard(w, BOB, &wire, COVEY_OSCORE_NO_CONTEXT);
    CHECK_STATUS(COVEY_OK, answer(w, BOB, &bob, CONTENT, &wire));
    CHECK_HEX("97 390003dd11ef02", wire.m.options);
    check_taken(w, ALICE, &asked, &wire);
    world_close(w);
}

static void begins_anew_in_everything(void **state)
{
    struct world *w = world_open(CCM);
    struct member *bob = &w->member[BOB];
    const covey_group_parameters p = next_parameters();
    const covey_bytes stale[] = { id_of(&w->member[CAROL]), SPAN("nobody") };
    covey_group_exchange asked = { .answers = w->answers, .answer_max = 2 };
    covey_group_exchange heard;
    covey_group_record record;
    static struct wire wire;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        CHECK_STATUS(COVEY_OK, ask(w, ALICE, &asked, GET, &wire));
        check_heard(w, BOB, &heard, &wire);
    }
    CHECK_STATUS(COVEY_OK, ask(w, ALICE, &asked, GET, &wire));
    wire.bytes[wire.len - 1] ^= 1;
    check_not_heard(w, BOB, &wire, COVEY_OSCORE_BAD_SIGNATURE);
    assert_int_equal(covey_group_usage_of(&bob->group).forged, 1);
    bob->group.windows_invalid = true;
    store(&bob->group);
    CHECK_STATUS(COVEY_OK,
                 covey_group_rekey(&bob->group, &p, id_of(&w->member[CAROL]),
                                   stale, COUNT_OF(stale)));
    assert_null(peer_of(w, BOB, CAROL));
    assert_int_equal(covey_group_usage_of(&bob->group).forged, 0);
    assert_int_equal(covey_group_usage_of(&bob->group).encrypted, 0);
    assert_true(covey_group_due(&bob->group, &record));
    assert_null(record.id.ptr);
    assert_int_equal(record.number, 1024);
    assert_false(record.windows_invalid);
    CHECK_STATUS(COVEY_E_NOT_STORED, ask(w, BOB, &asked, GET, &wire));
    CHECK_STATUS(COVEY_E_NOT_STORED, answer(w, BOB, &heard, CONTENT, &wire));
    store(&bob->group);
    rekey(w, ALICE);
    CHECK_STATUS(COVEY_OK, ask(w, ALICE, &asked, GET, &wire));
    CHECK_HEX("97 390003dd11ef01", wire.m.options);
    assert_int_equal(hear(w, BOB, &heard, &wire),
                     COVEY_UNPROTECT_FRESH_ONCE_STORED);
    world_close(w);
}

/* Who was heard under the old Gid only can be forgotten: nothing of it can be
 * replayed any more. */
static void keeps_windows_of_the_new_gid_valid(void **state)
{
    struct world *w = world_open(CCM);
    struct member *bob = &w->member[BOB];
    covey_group_exchange x = { .answers = NULL };
    covey_group_record record;
    static struct wire wire;

    (void)state;
    CHECK_STATUS(COVEY_OK, ask(w, ALICE, &x, GET, &wire));
    check_heard(w, BOB, &x, &wire);
    rekey(w, BOB);
    covey_group_remove(&bob->group, peer_of(w, BOB, ALICE));
    assert_false(covey_group_due(&bob->group, &record));
    know(w, BOB, ALICE);
    assert_true(peer_of(w, BOB, ALICE)->window_valid);
    world_close(w);
}

static void check_rekey(struct world *w, const covey_group_parameters *p,
                        covey_bytes id, const char *why, covey_status expected)
{
    struct snapshot before;
    const int live = w->script.live;

    kit_case(why);
    snapshot_take(&before, &w->member[ALICE]);
    CHECK_STATUS(expected,
                 covey_group_rekey(&w->member[ALICE].group, p, id, NULL, 0));
    check_unchanged(&before, &w->member[ALICE], 0);
    assert_int_equal(w->script.live, live);
    kit_case(NULL);
}

static void refuses_to_rekey(void **state)
{
    const covey_bytes same = { NULL, 0 };
    struct world *w = world_open(CCM);
    covey_group_parameters p = next_parameters();

    (void)state;
    p.gid = world_parameters(CCM).gid;
    check_rekey(w, &p, same, "the same Gid", COVEY_E_ARGUMENT);
    p = next_parameters();
    p.master_secret.len = 0;
    check_rekey(w, &p, same, "no Master Secret", COVEY_E_ARGUMENT);
    p = next_parameters();
    p.hkdf = COVEY_HMAC_512_512;
    check_rekey(w, &p, same, "another hash", COVEY_E_UNSUPPORTED);
    p = next_parameters();
    p.curve = COVEY_P256;
    p.algorithms.signature = COVEY_ES256;
    check_rekey(w, &p, same, "another curve", COVEY_E_ARGUMENT);
    p = next_parameters();
    check_rekey(w, &p, id_of(&w->member[BOB]), "an ID of somebody else",
                COVEY_E_ARGUMENT);
    check_rekey(w, &p, SPAN("eight888"), "an ID too long", COVEY_E_RANGE);
    p.algorithms.group_enc = COVEY_A128CTR;
    check_rekey(w, &p, SPAN("seven77"), "the nonce is shorter now",
                COVEY_E_RANGE);
    world_close(w);
}

/* A list of stale members frees the IDs that stand in it. */
static void takes_no_id_that_is_not_stale(void **state)
{
    const covey_bytes stale[] = { SPAN("nobody"), SPAN("\x03") };
    const covey_group_parameters p = next_parameters();
    struct world *w = world_open(CCM);
    struct snapshot before;

    (void)state;
    snapshot_take(&before, &w->member[ALICE]);
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 covey_group_rekey(&w->member[ALICE].group, &p,
                                   id_of(&w->member[BOB]), stale,
                                   COUNT_OF(stale)));
    check_unchanged(&before, &w->member[ALICE], 0);
    CHECK_STATUS(COVEY_OK, covey_group_rekey(&w->member[ALICE].group, &p,
                                             id_of(&w->member[CAROL]), stale,
                                             COUNT_OF(stale)));
    world_close(w);
}

static void stays_silent_in_a_rekeying(void **state)
{
    const covey_group_parameters first = world_parameters(CCM);
    const covey_group_parameters p = next_parameters();
    struct world *w = world_open(CCM);
    struct member *alice = &w->member[ALICE];
    covey_group_start start = world_start(alice);

    (void)state;
    covey_group_drop(&alice->group);
    start.sender_id = covey_bytes_of(NULL, 0);
    world_join(w, ALICE, &first, &start);
    check_rekey(w, &p, SPAN("new"), "a Sender ID for a silent server",
                COVEY_E_ARGUMENT);
    rekey(w, ALICE);
    assert_true(alice->group.silent);
    world_close(w);
}

/* --- a new Sender ID ----------------------------------------------------- */

static void refuses_sender_ids(void **state)
{
    struct world *w = world_open(CCM);
    covey_group *g = &w->member[ALICE].group;
    struct snapshot before;

    (void)state;
    snapshot_take(&before, &w->member[ALICE]);
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 covey_group_change_sender(g, covey_bytes_of(NULL, 0)));
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 covey_group_change_sender(g, id_of(&w->member[ALICE])));
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 covey_group_change_sender(g, id_of(&w->member[BOB])));
    CHECK_STATUS(COVEY_E_RANGE,
                 covey_group_change_sender(g, SPAN("eight888")));
    check_unchanged(&before, &w->member[ALICE], 0);
    world_close(w);
}

static void sends_under_a_new_id(void **state)
{
    struct world *w = world_open(CCM);
    struct member *alice = &w->member[ALICE];
    covey_group_member row = row_of(alice);
    covey_group_exchange asked = { .answers = w->answers, .answer_max = 2 };
    covey_group_exchange heard;
    static struct wire wire;
    const int live = w->script.live;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        address(w, ALICE, i % 2 ? BOB : ALICE);
        CHECK_STATUS(COVEY_OK, ask(w, ALICE, &asked, GET, &wire));
        check_heard(w, BOB, &heard, &wire);
    }
    row.id = SPAN("new");
    CHECK_STATUS(COVEY_OK, covey_group_change_sender(&alice->group, row.id));
    assert_int_equal(peer_of(w, ALICE, BOB)->has_pairwise_out, false);
    CHECK_STATUS(COVEY_E_NOT_STORED, ask(w, ALICE, &asked, GET, &wire));
    store(&alice->group);
    covey_group_remove(&w->member[BOB].group, peer_of(w, BOB, CAROL));
    CHECK_STATUS(COVEY_OK, covey_group_add(&w->member[BOB].group, &row, NULL));
    for (size_t i = 0; i < 4; i++) {
        address(w, ALICE, i % 2 ? BOB : ALICE);
        CHECK_STATUS(COVEY_OK, ask(w, ALICE, &asked, GET, &wire));
        assert_int_equal(wire.m.options.ptr[2], i); /* from 0 again */
        check_heard(w, BOB, &heard, &wire);
    }
    assert_true(w->script.live > live);
    world_close(w);
}

/* The client may not know the new ID: the answer says it (Section 7.3). */
static void answers_under_a_new_id(void **state)
{
    struct world *w = world_open(CCM);
    covey_group_member row = row_of(&w->member[BOB]);
    covey_group_exchange asked = { .answers = w->answers, .answer_max = 2 };
    covey_group_exchange heard;
    static struct wire wire;

    (void)state;
    address(w, ALICE, BOB);
    CHECK_STATUS(COVEY_OK, ask(w, ALICE, &asked, GET, &wire));
    check_heard(w, BOB, &heard, &wire);
    address(w, BOB, ALICE);
    row.id = SPAN("new");
    CHECK_STATUS(COVEY_OK,
                 covey_group_change_sender(&w->member[BOB].group, row.id));
    store(&w->member[BOB].group);
    covey_group_remove(&w->member[ALICE].group, peer_of(w, ALICE, CAROL));
    CHECK_STATUS(COVEY_OK,
                 covey_group_add(&w->member[ALICE].group, &row, NULL));
    CHECK_STATUS(COVEY_OK, answer(w, BOB, &heard, CONTENT, &wire));
    CHECK_HEX("94 086e6577", wire.m.options);
    check_taken(w, ALICE, &asked, &wire);
    world_close(w);
}

/* --- numbers in storage -------------------------------------------------- */

static void confirms_what_was_due_only(void **state)
{
    struct world *w = world_open(CCM);
    covey_group *g = &w->member[BOB].group;
    covey_group_recipient *alice = peer_of(w, BOB, ALICE);
    covey_group_record own = { .number = g->ssn_stored - 1 };
    covey_group_record other = { .id = SPAN("nobody"), .number = 1 };
    struct snapshot before;

    (void)state;
    alice->window_stored = 10;
    snapshot_take(&before, &w->member[BOB]);
    CHECK_STATUS(COVEY_E_ARGUMENT, covey_group_stored(g, &own));
    own.number = COVEY_OSCORE_SSN_END + 1;
    CHECK_STATUS(COVEY_E_ARGUMENT, covey_group_stored(g, &own));
    CHECK_STATUS(COVEY_E_ARGUMENT, covey_group_stored(g, &other));
    other.id = id_of(&w->member[ALICE]);
    other.number = 9;
    CHECK_STATUS(COVEY_E_ARGUMENT, covey_group_stored(g, &other));
    other.number = COVEY_OSCORE_SSN_END + 1;
    CHECK_STATUS(COVEY_E_ARGUMENT, covey_group_stored(g, &other));
    check_unchanged(&before, &w->member[BOB], 0);
    other.number = COVEY_OSCORE_SSN_END;
    CHECK_STATUS(COVEY_OK, covey_group_stored(g, &other));
    world_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_on_under_the_new_gid),
        cmocka_unit_test(goes_on_over_six_rekeyings),
        cmocka_unit_test(answers_an_old_request_with_a_number),
        cmocka_unit_test(begins_anew_in_everything),
        cmocka_unit_test(keeps_windows_of_the_new_gid_valid),
        cmocka_unit_test(refuses_to_rekey),
        cmocka_unit_test(takes_no_id_that_is_not_stale),
        cmocka_unit_test(stays_silent_in_a_rekeying),
        cmocka_unit_test(refuses_sender_ids),
        cmocka_unit_test(sends_under_a_new_id),
        cmocka_unit_test(answers_under_a_new_id),
        cmocka_unit_test(confirms_what_was_due_only),
    };

    return KIT_RUN(tests);
}
