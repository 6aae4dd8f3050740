/* SPDX-License-Identifier: BSD-2-Clause */
/* A member that stops and comes back: with its keys, without asking. */
#include "../manager/fixture.h"

#define C(c, d) COVEY_COAP_CODE(c, d)

static uint8_t saved_bytes[1024];
static uint8_t request_bytes[1024];

static covey_bytes save(const struct node *n)
{
    covey_writer out = covey_writer_of(saved_bytes, sizeof saved_bytes);

    CHECK_STATUS(COVEY_OK, covey_member_save(&n->member, &out));
    return covey_written(&out);
}

static void open_keeping(struct world *w, size_t who, uint8_t roles)
{
    member_open(w, who, roles, 8);
    w->nodes[who].member.config.keeps = true;
    w->nodes[who].member.memory.start.windows_invalid = true;
}

static struct node *join_keeping(struct world *w, size_t who, uint8_t roles)
{
    open_keeping(w, who, roles);
    covey_member_join(&w->nodes[who].member);
    member_pump(w, who);
    assert_int_equal(covey_member_state_of(&w->nodes[who].member),
                     COVEY_MEMBER_IN);
    return &w->nodes[who];
}

static covey_bytes gid_of(const struct node *n)
{
    return n->group.gid;
}

static void comes_back_with_its_keys(void **state)
{
    struct world *w = world_with(true, true);
    struct node *n = join_keeping(w, 0, BOTH);
    const covey_bytes saved = save(n);
    uint8_t before[COVEY_KEY_MAX];
    uint8_t after[COVEY_KEY_MAX];
    covey_writer one = covey_writer_of(before, sizeof before);
    covey_writer two = covey_writer_of(after, sizeof after);
    covey_group_record record;

    (void)state;
    CHECK_STATUS(COVEY_OK, covey_member_sender_key(&n->member, &one));
    open_keeping(w, 0, BOTH);
    CHECK_STATUS(COVEY_OK, covey_member_resume(&n->member, w->now, saved, 70));
    assert_int_equal(covey_member_state_of(&n->member), COVEY_MEMBER_IN);
    assert_int_equal(covey_member_version(&n->member), 1);
    CHECK_STATUS(COVEY_OK, covey_member_sender_key(&n->member, &two));
    CHECK_SPAN(covey_written(&one), covey_written(&two));
    /* what is stored again is no less, and numbers go on */
    assert_true(covey_group_due(&n->group, &record));
    assert_int_equal(record.number, 70 + 64);
    assert_true(record.windows_invalid);
    CHECK_SPAN(saved, save(n));
    /* it looks for newer keys at once */
    assert_int_equal(covey_member_deadline(&n->member), 0);
    member_pump(w, 0);
    assert_int_equal(covey_member_state_of(&n->member), COVEY_MEMBER_IN);
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 covey_member_resume(&n->member, w->now, saved, 70));
    world_close(w);
}

/* Two rekeyings while it was away; then what it saves is of today. */
static void catches_up_after_it_was_away(void **state)
{
    struct world *w = world_with(true, true);
    struct node *n = join_keeping(w, 0, BOTH);
    const covey_bytes saved = save(n);
    covey_bytes gid;

    (void)state;
    (void)join_keeping(w, 1, BOTH);
    open_keeping(w, 0, BOTH);
    CHECK_STATUS(COVEY_OK,
                 covey_manager_rekey(&w->manager, w->now, SPAN("g")));
    world_settle(w);
    CHECK_STATUS(COVEY_OK, covey_member_resume(&n->member, w->now, saved, 64));
    member_pump(w, 0);
    assert_int_equal(covey_member_version(&n->member), 3);
    CHECK_SPAN(gid_of(&w->nodes[1]), gid_of(n));
    gid = save(n);
    open_keeping(w, 0, BOTH);
    CHECK_STATUS(COVEY_OK, covey_member_resume(&n->member, w->now, gid, 64));
    CHECK_SPAN(gid_of(&w->nodes[1]), gid_of(n));
    /* the Sender ID is the one of the beginning, through all of it */
    CHECK_SPAN(covey_bytes_of(member_row(w, 0)->id, member_row(w, 0)->id_len),
               covey_bytes_of(n->member.next.id, n->member.next.id_len));
    assert_true(covey_member_look_up_all(&n->member));
    assert_false(covey_member_look_up_all(&n->member));
    member_pump(w, 0);
    assert_true(n->member.memory.peers[0].present);
    assert_false(n->member.memory.peers[1].present);
    world_close(w);
}

/* All others, or those for whom there is room. */
static void comes_back_with_the_others(void **state)
{
    struct world *w = world_with(true, true);
    struct node *n = join_keeping(w, 0, BOTH);
    covey_writer out;
    size_t known[2];
    covey_bytes one;

    (void)state;
    for (size_t i = 1; i < 6; i++) {
        (void)join_keeping(w, i, i % 2 == 0 ? BOTH : COVEY_KEYING_REQUESTER);
    }
    for (size_t i = 0; i < 2; i++) {
        const size_t room = i == 0 ? sizeof saved_bytes : 600;
        out = covey_writer_of(saved_bytes, room);
        CHECK_STATUS(COVEY_OK, covey_member_save(&n->member, &out));
        open_keeping(w, 0, BOTH);
        CHECK_STATUS(COVEY_OK, covey_member_resume(&n->member, w->now,
                                                   covey_written(&out), 0));
        known[i] = covey_member_known(&n->member, UINT8_MAX, &one);
    }
    assert_int_equal(known[0], 5);
    assert_in_range(known[1], 2, 4);
    assert_true(covey_member_known(&n->member, COVEY_GROUP_RESPONDER, &one) <
                known[1]);
    world_close(w);
}

static void renews_and_saves_the_new_id(void **state)
{
    struct world *w = world_with(true, true);
    struct node *n = join_keeping(w, 0, BOTH);
    const covey_bytes saved = save(n);
    uint8_t old[sizeof saved_bytes];

    (void)state;
    memcpy(old, saved.ptr, saved.len);
    covey_member_renew(&n->member);
    member_pump(w, 0);
    assert_memory_not_equal(old, save(n).ptr, saved.len);
    open_keeping(w, 0, BOTH);
    CHECK_STATUS(COVEY_OK, covey_member_resume(&n->member, w->now, saved, 0));
    assert_int_equal(n->member.next.id_len, n->group.sender_id_len);
    world_close(w);
}

static void a_monitor_has_no_sender_key(void **state)
{
    struct world *w = world_with(true, true);
    uint8_t key[COVEY_KEY_MAX];
    covey_writer out = covey_writer_of(key, sizeof key);
    struct node *n;
    covey_bytes saved;

    (void)state;
    world_allow(w, 1, "81 82 6167 08");
    n = join_keeping(w, 1, COVEY_KEYING_MONITOR);
    CHECK_STATUS(COVEY_E_STATE, covey_member_sender_key(&n->member, &out));
    saved = save(n);
    open_keeping(w, 1, COVEY_KEYING_MONITOR);
    CHECK_STATUS(COVEY_OK, covey_member_resume(&n->member, w->now, saved, 0));
    /* and what is a monitor's is for nobody else */
    open_keeping(w, 1, BOTH);
    CHECK_STATUS(COVEY_E_FORMAT,
                 covey_member_resume(&n->member, w->now, saved, 0));
    world_close(w);
}

static void saves_nothing_it_has_not(void **state)
{
    struct world *w = world_with(true, true);
    covey_writer out = covey_writer_of(saved_bytes, sizeof saved_bytes);
    struct node *n = &w->nodes[0];
    covey_member_request r;
    covey_status st;

    (void)state;
    open_keeping(w, 0, BOTH);
    CHECK_STATUS(COVEY_E_STATE, covey_member_save(&n->member, &out));
    assert_false(covey_member_look_up_all(&n->member));
    assert_int_equal(member_join(w, 0, BOTH), COVEY_MEMBER_IN);
    CHECK_STATUS(COVEY_E_STATE, covey_member_save(&n->member, &out));
    CHECK_STATUS(COVEY_E_STATE, covey_member_sender_key(&n->member, &out));
    (void)join_keeping(w, 0, BOTH);
    out = covey_writer_of(saved_bytes, 20);
    CHECK_STATUS(COVEY_E_ROOM, covey_member_save(&n->member, &out));
    out = covey_writer_of(saved_bytes, 3);
    CHECK_STATUS(COVEY_E_ROOM, covey_member_sender_key(&n->member, &out));
    /* keys that have come but are not in use yet */
    n->deaf = true;
    for (int i = 0; i < 2; i++) {
        CHECK_STATUS(COVEY_OK,
                     covey_manager_rekey(&w->manager, w->now, SPAN("g")));
        world_settle(w);
    }
    assert_int_equal(ask(w, 0, GET, "ace-group/g", NONE, SPAN("")), C(2, 5));
    assert_int_equal(covey_member_news(&n->member, w->now, w->reply.payload),
                     C(2, 4));
    out = covey_writer_of(saved_bytes, sizeof saved_bytes);
    CHECK_STATUS(COVEY_E_STATE, covey_member_save(&n->member, &out));
    /* newer ones came while it asked who is stale: it asks again */
    out = covey_writer_of(request_bytes, sizeof request_bytes);
    assert_true(covey_member_transmit(&n->member, w->now, &r, &out, &st));
    assert_int_equal(covey_member_news(&n->member, w->now, w->reply.payload),
                     C(2, 4));
    CHECK_STATUS(COVEY_OK, covey_member_receive(&n->member, w->now, C(2, 5),
                                                SPAN("\x80")));
    assert_int_equal(covey_member_state_of(&n->member),
                     COVEY_MEMBER_CATCHING_UP);
    member_pump(w, 0);
    assert_int_equal(covey_member_version(&n->member), 4);
    world_close(w);
}

/* Every shorter text, and each byte changed: out, or in with what it says. */
static void takes_up_nothing_that_is_odd(void **state)
{
    struct world *w = world_with(true, true);
    struct node *n = join_keeping(w, 0, BOTH);
    covey_bytes saved = save(n);
    const size_t len = saved.len;

    (void)state;
    for (saved.len = 0; saved.len < len; saved.len++) {
        open_keeping(w, 0, BOTH);
        assert_int_not_equal(
            COVEY_OK, covey_member_resume(&n->member, w->now, saved, 0));
        assert_int_equal(covey_member_state_of(&n->member), COVEY_MEMBER_OUT);
    }
    for (size_t i = 0; i < len; i++) {
        saved_bytes[i] ^= 0x40;
        open_keeping(w, 0, BOTH);
        (void)!covey_member_resume(&n->member, w->now, saved, 0);
        saved_bytes[i] ^= 0x40;
    }
    n->member.config.kdc_cred = SPAN("another");
    covey_member_evicted(&n->member);
    CHECK_STATUS(COVEY_E_AUTH,
                 covey_member_resume(&n->member, w->now, saved, 0));
    world_close(w);
}

static void survives_a_provider_that_fails(void **state)
{
    struct world *w = world_with(true, true);
    struct node *n = join_keeping(w, 0, BOTH);
    const covey_bytes saved = save(n);
    uint8_t key[COVEY_KEY_MAX];
    covey_status st = COVEY_E_CRYPTO;
    int faults = 0;

    (void)state;
    for (; st != COVEY_OK; faults++) {
        open_keeping(w, 0, BOTH);
        covey_scripted_rewind(&w->script, faults);
        st = covey_member_resume(&n->member, w->now, saved, 0);
        assert_int_equal(covey_member_state_of(&n->member),
                         st == COVEY_OK ? COVEY_MEMBER_IN : COVEY_MEMBER_OUT);
    }
    assert_true(faults > 1);
    for (int i = 0; i < 2; i++) {
        covey_writer out = covey_writer_of(key, sizeof key);
        covey_scripted_rewind(&w->script, i);
        CHECK_STATUS(COVEY_E_CRYPTO,
                     covey_member_sender_key(&n->member, &out));
        assert_int_equal(out.pos, 0);
    }
    covey_scripted_rewind(&w->script, COVEY_SCRIPTED_NEVER);
    world_close(w);
}

/* Who is there already is told the credential of who has just joined. */
static void news_bring_those_who_have_joined(void **state)
{
    struct world *w = world_with(true, true);
    const struct node *n = join_keeping(w, 0, BOTH);

    (void)state;
    for (size_t i = 1; i < 4; i++) {
        (void)join_keeping(w, i, BOTH);
        assert_true(n->member.memory.peers[i - 1].present);
        CHECK_SPAN(w->nodes[i].credential,
                   n->member.memory.peers[i - 1].credential);
    }
    world_close(w);
}

static void knows_who_may_answer(void **state)
{
    struct world *w = world_with(true, true);
    const struct node *n = join_keeping(w, 0, BOTH);
    covey_member *m = &w->nodes[0].member;
    covey_bytes one;

    (void)state;
    assert_int_equal(covey_member_known(m, COVEY_GROUP_RESPONDER, &one), 0);
    (void)join_keeping(w, 1, COVEY_KEYING_RESPONDER);
    (void)join_keeping(w, 2, COVEY_KEYING_REQUESTER);
    assert_int_equal(covey_member_known(m, UINT8_MAX, &one), 2);
    assert_int_equal(covey_member_known(m, COVEY_GROUP_RESPONDER, &one), 1);
    CHECK_SPAN(covey_group_sender_of(&w->nodes[1].group), one);
    /* looking is asking for the version, and finds nothing new */
    covey_member_look(m);
    assert_int_equal(covey_member_deadline(m), 0);
    member_pump(w, 0);
    assert_int_equal(covey_member_version(m), 3);
    CHECK_SPAN(gid_of(n), covey_group_gid_of(&n->group));
    covey_member_evicted(m);
    covey_member_look(m);
    assert_int_equal(covey_member_deadline(m), COVEY_NEVER);
    world_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back_with_its_keys),
        cmocka_unit_test(catches_up_after_it_was_away),
        cmocka_unit_test(comes_back_with_the_others),
        cmocka_unit_test(renews_and_saves_the_new_id),
        cmocka_unit_test(a_monitor_has_no_sender_key),
        cmocka_unit_test(saves_nothing_it_has_not),
        cmocka_unit_test(takes_up_nothing_that_is_odd),
        cmocka_unit_test(survives_a_provider_that_fails),
        cmocka_unit_test(news_bring_those_who_have_joined),
        cmocka_unit_test(knows_who_may_answer),
    };

    return KIT_RUN(tests);
}
