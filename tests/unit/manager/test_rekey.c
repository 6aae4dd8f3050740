/* SPDX-License-Identifier: BSD-2-Clause */
/* New keys: when, for whom, with which stale Sender IDs, and how members are
 * told. */
#include "fixture.h"

#define C(c, d) COVEY_COAP_CODE(c, d)

static struct world *open_with(size_t members)
{
    struct world *w = world_with(true, true);

    for (size_t i = 0; i < members; i++) {
        assert_int_equal(member_join(w, i, BOTH), COVEY_MEMBER_IN);
    }
    return w;
}

static void find(struct world *w, size_t who, covey_bytes id)
{
    assert_true(covey_member_look_up(&w->nodes[who].member, id));
    member_pump(w, who);
    assert_non_null(covey_group_find(&w->nodes[who].group, id));
}

static void check_in_step(const struct world *w, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++) {
        assert_int_equal(covey_member_state_of(&w->nodes[i].member),
                         COVEY_MEMBER_IN);
        assert_int_equal(covey_member_version(&w->nodes[i].member),
                         group_row(w)->version);
    }
}

static void who_leaves_is_stale_and_the_others_have_new_keys(void **state)
{
    struct world *w = open_with(3);

    (void)state;
    find(w, 0, SPAN("\0\1"));
    find(w, 0, SPAN("\0\2"));
    assert_int_equal(group_row(w)->version, 3);
    covey_member_leave(&w->nodes[1].member);
    member_pump(w, 1);
    assert_int_equal(covey_member_state_of(&w->nodes[1].member),
                     COVEY_MEMBER_OUT);
    assert_int_equal(group_row(w)->version, 4);
    assert_int_equal(group_row(w)->members, 2);
    check_in_step(w, 0, 1);
    check_in_step(w, 2, 3);
    assert_null(covey_group_find(&w->nodes[0].group, SPAN("\0\1")));
    assert_non_null(covey_group_find(&w->nodes[0].group, SPAN("\0\2")));
    /* the set of version 3, of which member 1 was the only one */
    assert_int_equal(
        ask(w, 0, FETCH, "ace-group/g/stale-sids", 60, SPAN("\x03")), C(2, 5));
    CHECK_HEX("81 42 0001", w->reply.payload);
    /* What was logged had been told with its batch, and nothing afterwards. */
    assert_int_equal(w->deeds,
                     w->log_count - logged(w, COVEY_MANAGER_DID_FINISH));
    uint32_t at = 0;
    assert_null(covey_manager_deed_next(&w->manager, &at));
    world_close(w);
}

static void the_evicted_are_told_and_forgotten(void **state)
{
    struct world *w = open_with(3);

    (void)state;
    CHECK_STATUS(
        COVEY_E_NO_CONTEXT,
        covey_manager_evict(&w->manager, w->now, SPAN("g"), SPAN("n9")));
    CHECK_STATUS(
        COVEY_E_NO_CONTEXT,
        covey_manager_evict(&w->manager, w->now, SPAN("h"), SPAN("n0")));
    CHECK_STATUS(COVEY_OK, covey_manager_evict(&w->manager, w->now, SPAN("g"),
                                               SPAN("n2")));
    w->nodes[2].deaf = true;
    world_settle(w);
    check_in_step(w, 0, 2);
    assert_int_equal(ask(w, 2, GET, "ace-group/g/nodes/n2", NONE, SPAN("")),
                     C(4, 4));
    assert_int_equal(error_of(w), COVEY_KEYING_TERMINATED);
    w->nodes[2].deaf = false;
    w->now.mono += 2000;
    world_settle(w);
    assert_int_equal(w->nodes[2].evicted, 1);
    w->now.mono += 2000;
    world_settle(w);
    assert_null(member_row(w, 2));
    assert_int_equal(ask(w, 2, GET, "ace-group/g/nodes/n2", NONE, SPAN("")),
                     C(4, 3));
    assert_int_equal(logged(w, COVEY_MANAGER_DID_EVICT), 1);
    world_close(w);
}

static void several_leave_with_one_rekeying(void **state)
{
    struct world *w = open_with(5);
    uint32_t version;

    (void)state;
    version = group_row(w)->version;
    w->manager.config.commit_window = 50;
    for (size_t i = 0; i < 3; i++) {
        CHECK_STATUS(COVEY_OK,
                     covey_manager_evict(&w->manager, w->now, SPAN("g"),
                                         covey_bytes_text(w->nodes[i].name)));
    }
    w->now.mono += 50;
    world_settle(w);
    assert_int_equal(group_row(w)->version, version + 1);
    check_in_step(w, 3, 5);
    world_close(w);
}

static void servers_are_told_first(void **state)
{
    struct world *w = world_with(true, true);

    (void)state;
    assert_int_equal(member_join(w, 0, COVEY_KEYING_REQUESTER),
                     COVEY_MEMBER_IN);
    assert_int_equal(member_join(w, 1, COVEY_KEYING_REQUESTER),
                     COVEY_MEMBER_IN);
    assert_int_equal(member_join(w, 2, COVEY_KEYING_RESPONDER),
                     COVEY_MEMBER_IN);
    CHECK_STATUS(COVEY_OK,
                 covey_manager_rekey(&w->manager, w->now, SPAN("g")));
    world_settle(w);
    assert_true(w->nodes[2].order < w->nodes[0].order);
    assert_true(w->nodes[2].order < w->nodes[1].order);
    assert_int_equal(logged(w, COVEY_MANAGER_DID_FINISH), 3);
    world_close(w);
}

static void who_is_deaf_is_given_up_and_finds_out(void **state)
{
    struct world *w = open_with(3);
    struct node *n = &w->nodes[0];

    (void)state;
    find(w, 0, SPAN("\0\1"));
    find(w, 0, SPAN("\0\2"));
    n->deaf = true;
    CHECK_STATUS(COVEY_OK, covey_manager_evict(&w->manager, w->now, SPAN("g"),
                                               SPAN("n1")));
    world_settle(w);
    for (size_t i = 0; i < 8; i++) {
        w->now.mono += 20000;
        world_settle(w);
    }
    assert_int_equal(w->manager.counters.given_up, 1);
    CHECK_STATUS(COVEY_OK,
                 covey_manager_rekey(&w->manager, w->now, SPAN("g")));
    world_settle(w);
    assert_int_equal(covey_member_version(&n->member), 3);
    /* policy: Key Update Check Interval, 3600 s */
    w->now.mono += 3600000;
    member_pump(w, 0);
    check_in_step(w, 0, 1);
    assert_null(covey_group_find(&n->group, SPAN("\0\1")));
    assert_non_null(covey_group_find(&n->group, SPAN("\0\2")));
    world_close(w);
}

/* More rekeyings than sets are kept: everybody is forgotten, and found again
 * when heard. */
static void who_was_away_too_long_forgets_all(void **state)
{
    struct world *w = open_with(3);
    struct node *n = &w->nodes[0];

    (void)state;
    find(w, 0, SPAN("\0\1"));
    n->deaf = true;
    for (size_t i = 0; i < 3; i++) {
        CHECK_STATUS(COVEY_OK,
                     covey_manager_rekey(&w->manager, w->now, SPAN("g")));
        world_settle(w);
    }
    assert_int_equal(
        ask(w, 1, FETCH, "ace-group/g/stale-sids", 60, SPAN("\x03")), C(2, 5));
    assert_null(w->reply.payload.ptr);
    assert_int_equal(
        ask(w, 1, FETCH, "ace-group/g/stale-sids", 60, SPAN("\x04")), C(2, 5));
    CHECK_HEX("80", w->reply.payload);
    w->now.mono += 3600000;
    member_pump(w, 0);
    check_in_step(w, 0, 1);
    assert_null(covey_group_find(&n->group, SPAN("\0\1")));
    find(w, 0, SPAN("\0\1"));
    world_close(w);
}

static void without_backward_security_keys_stay(void **state)
{
    struct world *w = world_with(true, true);

    (void)state;
    CHECK_STATUS(COVEY_OK, covey_manager_tune(&w->manager, w->now, SPAN("g"),
                                              3600, false));
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(member_join(w, i, BOTH), COVEY_MEMBER_IN);
    }
    assert_int_equal(group_row(w)->version, 0);
    assert_int_equal(w->manager.counters.rekeys, 0);
    world_close(w);
}

static void keys_are_renewed_before_they_expire(void **state)
{
    struct world *w = open_with(2);
    uint32_t version;

    (void)state;
    CHECK_STATUS(COVEY_OK, covey_manager_tune(&w->manager, w->now, SPAN("g"),
                                              1000, true));
    world_settle(w);
    version = group_row(w)->version;
    assert_int_equal(covey_manager_deadline(&w->manager),
                     w->now.mono + 900000);
    w->now.mono += 899999;
    w->now.unix_s += 899;
    world_settle(w);
    assert_int_equal(group_row(w)->version, version);
    world_restart(w); /* the time of the last rekeying is stored */
    world_settle(w);
    w->now.mono += 1001;
    w->now.unix_s += 2;
    world_settle(w);
    assert_int_equal(group_row(w)->version, version + 1);
    check_in_step(w, 0, 2);
    world_close(w);
}

static void another_sender_id_within_the_same_keys(void **state)
{
    struct world *w = open_with(2);
    covey_member_event ev;

    (void)state;
    while (covey_member_event_next(&w->nodes[0].member, &ev)) {
    }
    covey_member_renew(&w->nodes[0].member);
    member_pump(w, 0);
    assert_true(covey_member_event_next(&w->nodes[0].member, &ev));
    assert_int_equal(ev.kind, COVEY_MEMBER_RENEWED);
    assert_int_equal(group_row(w)->version, 2);
    assert_memory_equal(w->nodes[0].group.sender_id, "\0\2", 2);
    assert_int_equal(logged(w, COVEY_MANAGER_DID_SENDER_ID), 1);
    world_close(w);
}

/* One byte of Sender ID: the nonce of AES-CCM-64-64-128 has 7 bytes. */
static void sender_ids_that_run_out_bring_new_keys(void **state)
{
    struct world *w = world_open();
    unsigned refused = 0;

    (void)state;
    assert_int_equal(ask(w, ADMIN, POST, "manage", COVEY_KEYING_FORMAT,
                         SPAN("\xa3\x2c\x61g\x2b\xf5\x23\x0c")),
                     C(2, 1));
    assert_int_equal(group_row(w)->id_len, 1);
    CHECK_STATUS(COVEY_OK,
                 covey_manager_tune(&w->manager, w->now, SPAN("g"), 0, false));
    assert_int_equal(member_join(w, 0, BOTH), COVEY_MEMBER_IN);
    assert_int_equal(member_join(w, 1, BOTH), COVEY_MEMBER_IN);
    for (size_t i = 0; i < 600; i++) {
        w->log_count = 0;
        refused +=
            ask(w, 0, POST, "ace-group/g/nodes/n0", NONE, SPAN("")) != C(2, 4);
        assert_int_equal(member_row(w, 0)->id_len, 1);
        assert_int_not_equal(member_row(w, 0)->id[0], member_row(w, 1)->id[0]);
    }
    assert_int_equal(refused, 0); /* the last eighth is never needed */
    assert_in_range(group_row(w)->version, 2, 4);
    world_close(w);
}

static void the_last_version_ends_the_group(void **state)
{
    struct world *w = open_with(2);

    (void)state;
    for (size_t i = 0; i < GROUPS; i++) {
        if (w->disk.groups[i].serial != 0) {
            w->disk.groups[i].version = COVEY_MANAGER_VERSION_MAX;
            w->disk.groups[i].stale_from = COVEY_MANAGER_VERSION_MAX;
        }
    }
    world_restart(w);
    CHECK_STATUS(COVEY_E_EXHAUSTED,
                 covey_manager_rekey(&w->manager, w->now, SPAN("g")));
    assert_int_equal(ask(w, 1, DELETE, "ace-group/g/nodes/n1", NONE, SPAN("")),
                     C(2, 2));
    assert_int_equal(group_row(w)->version, COVEY_MANAGER_VERSION_MAX);
    assert_false(group_row(w)->active);
    world_close(w);
}

/* Sets are given up where there is no room, and members told of none. */
static void without_room_for_stale_ids_members_forget_all(void **state)
{
    struct world *w = open_with(3);

    (void)state;
    w->manager.memory.stale_count = 0;
    CHECK_STATUS(COVEY_OK, covey_manager_evict(&w->manager, w->now, SPAN("g"),
                                               SPAN("n1")));
    world_settle(w);
    member_pump(w, 0);
    check_in_step(w, 0, 1);
    assert_null(covey_group_find(&w->nodes[0].group, SPAN("\0\1")));
    assert_null(covey_group_find(&w->nodes[0].group, SPAN("\0\2")));
    world_close(w);
}

#define GID_0 SPAN("\xc0\0\1\0\0\0")
#define GID_1 SPAN("\xc0\0\1\0\0\1")
#define ID_0  SPAN("\0\0")

/* A group that is not rekeyed for n1, and n0, which has been heard. */
static struct world *open_heard(covey_group_late late, uint64_t number)
{
    struct world *w = world_with(true, true);

    w->manager.config.numbers = true;
    w->late = late;
    CHECK_STATUS(COVEY_OK,
                 covey_manager_tune(&w->manager, w->now, SPAN("g"), 0, false));
    assert_int_equal(member_join(w, 0, BOTH), COVEY_MEMBER_IN);
    covey_manager_heard(&w->manager, GID_0, ID_0, number);
    return w;
}

static const covey_group_recipient *join_late(struct world *w)
{
    assert_int_equal(member_join(w, 1, BOTH), COVEY_MEMBER_IN);
    return covey_group_find(&w->nodes[1].group, ID_0);
}

static void joiners_learn_the_numbers_that_were_heard(void **state)
{
    struct world *w = open_heard(COVEY_GROUP_LATE_MANAGER, 77);

    (void)state;
    covey_manager_heard(&w->manager, GID_0, ID_0, 5);
    covey_manager_heard(&w->manager, GID_1, ID_0, 99);
    assert_int_equal(join_late(w)->window.floor, 78);
    world_close(w);
}

static void the_first_number_is_one_that_was_heard(void **state)
{
    struct world *w = open_heard(COVEY_GROUP_LATE_MANAGER, 0);

    (void)state;
    assert_int_equal(join_late(w)->window.floor, 1);
    world_close(w);
}

static void who_has_another_policy_goes_by_itself(void **state)
{
    struct world *w = open_heard(COVEY_GROUP_LATE_ECHO, 77);

    (void)state;
    assert_int_equal(join_late(w)->window.floor, 0);
    world_close(w);
}

static void what_is_no_news_is_not_heard(void **state)
{
    struct world *w = open_heard(COVEY_GROUP_LATE_MANAGER, 77);
    const covey_manager *m = &w->manager;
    uint8_t gid[COVEY_MANAGER_GID_MAX];
    covey_group_parameters p;

    (void)state;
    assert_non_null(covey_manager_hears(m, GID_0, ID_0, 78));
    assert_null(covey_manager_hears(m, GID_0, ID_0, 77));
    assert_null(covey_manager_hears(m, GID_1, ID_0, 78));
    assert_null(covey_manager_hears(m, SPAN(""), ID_0, 78));
    assert_null(covey_manager_hears(m, GID_0, SPAN("\0\1"), 78));
    assert_null(covey_manager_hears(m, GID_0, SPAN(""), 78));
    assert_null(covey_manager_hears(m, GID_0, ID_0, COVEY_OSCORE_SSN_END));
    assert_int_equal(member_join(w, 1, COVEY_KEYING_RESPONDER),
                     COVEY_MEMBER_IN);
    assert_null(covey_manager_hears(m, GID_0, SPAN("\0\1"), 78));
    CHECK_STATUS(COVEY_OK, covey_manager_parameters(m, 1, gid, &p));
    assert_true(covey_bytes_equal(GID_0, p.gid));
    CHECK_STATUS(COVEY_E_NO_CONTEXT, covey_manager_parameters(m, 0, gid, &p));
    CHECK_STATUS(COVEY_E_NO_CONTEXT, covey_manager_parameters(m, 2, gid, &p));
    /* Under new keys nobody has been heard. */
    CHECK_STATUS(COVEY_OK,
                 covey_manager_rekey(&w->manager, w->now, SPAN("g")));
    world_settle(w);
    assert_null(covey_manager_hears(m, GID_0, ID_0, 78));
    assert_non_null(covey_manager_hears(m, GID_1, ID_0, 0));
    world_close(w);
}

/* Deaf to POST it asks, and is one that has them; also after a restart. */
static void who_asks_has_got_them(void **state)
{
    struct world *w = open_with(2);

    (void)state;
    w->nodes[0].deaf = true;
    CHECK_STATUS(COVEY_OK,
                 covey_manager_rekey(&w->manager, w->now, SPAN("g")));
    world_settle(w);
    assert_int_equal(member_row(w, 0)->told, 2);
    assert_int_equal(member_row(w, 1)->told, 3);
    w->room = 20;
    assert_int_equal(ask(w, 0, GET, "ace-group/g", NONE, SPAN("")), C(5, 0));
    w->room = 0;
    assert_int_equal(ask(w, 0, GET, "ace-group/g/num", NONE, SPAN("")),
                     C(2, 5));
    assert_int_equal(member_row(w, 0)->told, 2);
    assert_int_equal(ask(w, 0, GET, "ace-group/g", NONE, SPAN("")), C(2, 5));
    assert_int_equal(member_row(w, 0)->told, 3);
    assert_int_equal(group_row(w)->owing, 1); /* that may have been lost */
    w->now.mono += 1000;
    world_settle(w);
    world_restart(w);
    assert_int_equal(member_row(w, 0)->told, 3);
    world_close(w);
}

static void an_observer_has_what_it_acknowledged(void **state)
{
    struct world *w = open_with(2);
    const uint16_t serial = group_row(w)->serial;
    covey_manager *m = &w->manager;

    (void)state;
    w->nodes[0].deaf = true;
    w->notification = true;
    CHECK_STATUS(COVEY_OK, covey_manager_rekey(m, w->now, SPAN("g")));
    world_settle(w);
    assert_int_equal(ask(w, 0, GET, "ace-group/g/nodes/n0", NONE, SPAN("")),
                     C(2, 5));
    assert_int_equal(w->reply.keys, 3);
    assert_int_equal(member_row(w, 0)->told, 2);
    covey_manager_got(m, w->now, serial, SPAN("n0"), 4); /* not yet */
    covey_manager_got(m, w->now, serial, SPAN("n7"), 3);
    covey_manager_got(m, w->now, (uint16_t)(serial + 1), SPAN("n0"), 3);
    assert_int_equal(member_row(w, 0)->told, 2);
    assert_int_equal(1, group_row(w)->owing);
    covey_manager_got(m, w->now, serial, SPAN("n0"), 3);
    assert_int_equal(member_row(w, 0)->told, 3);
    covey_manager_got(m, w->now, serial, SPAN("n0"), 2);
    assert_int_equal(member_row(w, 0)->told, 3);
    /* It is not told what it has. */
    assert_int_equal(0, group_row(w)->owing);
    assert_int_equal(2, group_row(w)->reached);
    assert_int_equal(0, m->owing);
    w->nodes[0].deaf = false;
    const unsigned before = w->nodes[0].told;
    w->now.mono += 600000;
    world_settle(w);
    assert_int_equal(before, w->nodes[0].told);
    world_close(w);
}

/* It acknowledges a notification while it is told by POST. */
static void who_has_them_while_it_is_told_is_told_no_more(void **state)
{
    struct world *w = open_with(1);
    const uint16_t serial = group_row(w)->serial;
    covey_manager *m = &w->manager;
    uint8_t bytes[512];
    covey_writer out = covey_writer_of(bytes, sizeof bytes);
    covey_manager_departure to = { .ref = 0 };
    covey_manager_event ev;

    (void)state;
    CHECK_STATUS(COVEY_OK, covey_manager_rekey(m, w->now, SPAN("g")));
    w->now.mono += m->config.commit_window;
    while (!covey_manager_transmit(m, w->now, &to, &out)) {
        assert_true(covey_manager_event_next(m, w->now, &ev));
        if (ev.kind == COVEY_MANAGER_PERSIST) {
            CHECK_STATUS(COVEY_OK,
                         covey_manager_stored(m, w->now, ev.batch, COVEY_OK));
        }
    }
    assert_int_equal(COVEY_MANAGER_TELL, to.kind);
    assert_int_equal(1, group_row(w)->owing);
    covey_manager_got(m, w->now, serial, SPAN("n0"), group_row(w)->version);
    assert_int_equal(0, group_row(w)->owing);
    assert_int_equal(0, m->telling);
    covey_manager_told(m, w->now, to.ref, false);
    assert_int_equal(0, m->telling);
    assert_int_equal(1, group_row(w)->reached);
    assert_false(covey_manager_transmit(m, w->now, &to, &out));
    world_close(w);
}

/* It is told all the same, and is not stored again. */
static void what_another_manager_has_told_is_known(void **state)
{
    struct world *w = open_with(2);
    const uint16_t serial = group_row(w)->serial;
    covey_manager *m = &w->manager;

    (void)state;
    w->nodes[0].deaf = true;
    CHECK_STATUS(COVEY_OK, covey_manager_rekey(m, w->now, SPAN("g")));
    world_settle(w);
    assert_int_equal(member_row(w, 0)->told, 2);
    covey_manager_heed(m, serial, SPAN("n0"), 4); /* there is none yet */
    covey_manager_heed(m, serial, SPAN("n7"), 3);
    covey_manager_heed(m, (uint16_t)(serial + 1), SPAN("n0"), 3);
    assert_int_equal(member_row(w, 0)->told, 2);
    covey_manager_heed(m, serial, SPAN("n0"), 3);
    assert_int_equal(member_row(w, 0)->told, 3);
    covey_manager_heed(m, serial, SPAN("n0"), 2);
    assert_int_equal(member_row(w, 0)->told, 3);
    w->now.mono += 1000;
    world_settle(w);
    world_restart(w); /* which knows what this one has stored */
    assert_int_equal(member_row(w, 0)->told, 2);
    world_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_leaves_is_stale_and_the_others_have_new_keys),
        cmocka_unit_test(the_evicted_are_told_and_forgotten),
        cmocka_unit_test(several_leave_with_one_rekeying),
        cmocka_unit_test(servers_are_told_first),
        cmocka_unit_test(who_is_deaf_is_given_up_and_finds_out),
        cmocka_unit_test(who_was_away_too_long_forgets_all),
        cmocka_unit_test(without_backward_security_keys_stay),
        cmocka_unit_test(keys_are_renewed_before_they_expire),
        cmocka_unit_test(another_sender_id_within_the_same_keys),
        cmocka_unit_test(sender_ids_that_run_out_bring_new_keys),
        cmocka_unit_test(the_last_version_ends_the_group),
        cmocka_unit_test(without_room_for_stale_ids_members_forget_all),
        cmocka_unit_test(joiners_learn_the_numbers_that_were_heard),
        cmocka_unit_test(the_first_number_is_one_that_was_heard),
        cmocka_unit_test(who_has_another_policy_goes_by_itself),
        cmocka_unit_test(who_has_them_while_it_is_told_is_told_no_more),
        cmocka_unit_test(what_is_no_news_is_not_heard),
        cmocka_unit_test(who_asks_has_got_them),
        cmocka_unit_test(an_observer_has_what_it_acknowledged),
        cmocka_unit_test(what_another_manager_has_told_is_known),
    };

    return KIT_RUN(tests);
}
