/* SPDX-License-Identifier: BSD-2-Clause */
/* The manager stops at every step of storing, before and after; or storing
 * fails. No Gid, key, Sender ID or version is used twice (the fixture looks at
 * all that leaves), and the rekeying completes afterwards. */
#include "fixture.h"

#define C(c, d) COVEY_COAP_CODE(c, d)
#define STEPS   9
#define TRIES   4

/* Until the manager lives through it. */
static uint8_t insist(struct world *w, size_t who, uint8_t code,
                      const char *path, uint16_t format, covey_bytes payload)
{
    uint8_t answer = ask(w, who, code, path, format, payload);

    for (int i = 0; answer == 0 || answer == C(5, 3); i++) {
        assert_true(i < TRIES);
        if (w->dead) {
            world_restart(w);
            world_settle(w);
        }
        if (error_of(w) != COVEY_KEYING_ERRORS && answer != 0) {
            return answer;
        }
        answer = ask(w, who, code, path, format, payload);
    }
    return answer;
}

static void revive(struct world *w)
{
    if (w->dead) {
        world_restart(w);
    }
    world_settle(w);
    if (w->dead) {
        world_restart(w);
        world_settle(w);
    }
}

static void join(struct world *w, size_t who)
{
    covey_member *m = &w->nodes[who].member;

    member_open(w, who, BOTH, 8);
    covey_member_join(m);
    for (int i = 0; covey_member_state_of(m) != COVEY_MEMBER_IN; i++) {
        assert_true(i < TRIES);
        if (covey_member_state_of(m) == COVEY_MEMBER_OUT) {
            covey_member_join(m); /* refused: once more */
        }
        member_pump(w, who);
        revive(w);
        if (covey_member_state_of(m) == COVEY_MEMBER_JOINING) {
            covey_member_join(m); /* the challenge is gone */
        }
    }
}

static void evict(struct world *w, size_t who)
{
    const covey_bytes name = covey_bytes_text(w->nodes[who].name);
    covey_status st;

    do {
        st = covey_manager_evict(&w->manager, w->now, SPAN("g"), name);
        revive(w);
    } while (st != COVEY_E_NO_CONTEXT);
}

static void step(struct world *w, int n)
{
    switch (n) {
    case 0:
        (void)insist(w, ADMIN, POST, "manage", COVEY_KEYING_FORMAT,
                     SPAN("\xa2\x2c\x61g\x2b\xf5"));
        break;
    case 1:
    case 2:
    case 3:
        join(w, (size_t)n - 1);
        break;
    case 4:
        (void)insist(w, 0, POST, "ace-group/g/nodes/n0", NONE, SPAN(""));
        break;
    case 5:
        evict(w, 1);
        break;
    case 6:
        (void)insist(w, 2, DELETE, "ace-group/g/nodes/n2", NONE, SPAN(""));
        covey_member_evicted(&w->nodes[2].member);
        break;
    case 7:
        join(w, 3);
        break;
    default:
        CHECK_STATUS(COVEY_OK,
                     covey_manager_rekey(&w->manager, w->now, SPAN("g")));
        revive(w);
        break;
    }
}

/* Everybody has the keys of the last version, whatever happened. */
static void check_end(struct world *w)
{
    static const size_t in[] = { 0, 3 };

    revive(w);
    for (int i = 0; i < 4; i++) {
        w->now.mono += 20000;
        revive(w);
    }
    assert_int_equal(group_row(w)->members, 2);
    assert_int_equal(w->manager.owing, 0);
    for (size_t i = 0; i < COUNT_OF(in); i++) {
        const covey_member *m = &w->nodes[in[i]].member;

        member_pump(w, in[i]);
        assert_int_equal(covey_member_state_of(m), COVEY_MEMBER_IN);
        assert_int_equal(covey_member_version(m), group_row(w)->version);
    }
    assert_int_equal(covey_member_state_of(&w->nodes[1].member),
                     COVEY_MEMBER_OUT);
}

static unsigned run(enum store trouble, int at)
{
    struct world *w = world_open();
    unsigned batches;

    w->trouble = trouble;
    w->trouble_at = at;
    for (int n = 0; n < STEPS; n++) {
        step(w, n);
    }
    check_end(w);
    batches = w->batches;
    world_close(w);
    return batches;
}

static void check_every_batch(enum store trouble)
{
    const unsigned batches = run(STORE_WELL, -1);

    assert_in_range(batches, STEPS, 60);
    for (unsigned at = 0; at <= batches; at++) {
        (void)run(trouble, (int)at);
    }
}

static void stops_before_each_write(void **state)
{
    (void)state;
    check_every_batch(STORE_DIES_BEFORE);
}

static void stops_after_each_write(void **state)
{
    (void)state;
    check_every_batch(STORE_DIES_AFTER);
}

static void each_write_fails_once(void **state)
{
    (void)state;
    check_every_batch(STORE_FAILS);
}

/* Another process was faster: its rows are taken. */
static void takes_over_what_another_process_stored(void **state)
{
    struct world *w = world_with(true, true);
    uint32_t version;

    (void)state;
    assert_int_equal(member_join(w, 0, BOTH), COVEY_MEMBER_IN);
    version = group_row(w)->version;
    assert_true(covey_manager_forget(&w->manager, 1));
    assert_int_equal(ask(w, 0, GET, "ace-group/g/num", NONE, SPAN("")),
                     C(4, 4));
    for (size_t i = 0; i < GROUPS; i++) {
        if (w->disk.groups[i].serial == 1) {
            w->disk.groups[i].version += 7;
            w->disk.groups[i].revision++;
        }
    }
    world_restart(w);
    assert_int_equal(ask(w, 0, GET, "ace-group/g/num", NONE, SPAN("")),
                     C(2, 5));
    assert_int_equal(group_row(w)->version, version + 7);
    /* not while something of it is staged */
    CHECK_STATUS(COVEY_OK,
                 covey_manager_rekey(&w->manager, w->now, SPAN("g")));
    assert_false(covey_manager_forget(&w->manager, 1));
    world_settle(w);
    assert_true(covey_manager_forget(&w->manager, 1));
    assert_true(covey_manager_forget(&w->manager, 1));
    world_close(w);
}

static void a_lost_group_answers_5_03_until_it_is_loaded(void **state)
{
    struct world *w = world_with(true, true);
    covey_manager_event ev;

    (void)state;
    assert_int_equal(member_join(w, 0, BOTH), COVEY_MEMBER_IN);
    CHECK_STATUS(COVEY_OK,
                 covey_manager_rekey(&w->manager, w->now, SPAN("g")));
    assert_true(covey_manager_event_next(&w->manager, w->now, &ev));
    assert_int_equal(ev.kind, COVEY_MANAGER_PERSIST);
    assert_false(covey_manager_event_next(&w->manager, w->now, &ev));
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 covey_manager_stored(&w->manager, w->now,
                                      w->manager.batch + 1, COVEY_OK));
    CHECK_STATUS(COVEY_E_NOT_STORED,
                 offer(w, 0, GET, "ace-group/g/num", NONE, SPAN("")));
    CHECK_STATUS(COVEY_OK,
                 covey_manager_stored(&w->manager, w->now, w->manager.batch,
                                      COVEY_E_CRYPTO));
    CHECK_STATUS(COVEY_OK,
                 offer(w, 0, GET, "ace-group/g/num", NONE, SPAN("")));
    assert_int_equal(w->reply.code, C(5, 3));
    assert_int_equal(ask(w, ADMIN, GET, "manage/g", NONE, SPAN("")), C(5, 3));
    world_settle(w);
    assert_int_equal(w->reloads, 1);
    assert_int_equal(ask(w, 0, GET, "ace-group/g/num", NONE, SPAN("")),
                     C(2, 5));
    CHECK_HEX("01", w->reply.payload);
    world_close(w);
}

static void refuses_rows_that_are_none(void **state)
{
    struct world *w = world_with(true, true);
    covey_manager_group g = *group_row(w);
    covey_manager_member r = { .serial = 1,
                               .name_len = 1,
                               .standing = COVEY_MANAGER_PRESENT };
    covey_manager_stale s = { .serial = 1, .version = 5 };
    covey_manager *m = &w->manager;

    (void)state;
    CHECK_STATUS(COVEY_E_ARGUMENT, covey_manager_load_group(m, &g));
    g.serial = 2;
    CHECK_STATUS(COVEY_E_ARGUMENT, covey_manager_load_group(m, &g)); /* name */
    g.name[0] = 'h';
    g.max_stale_sets = 0;
    CHECK_STATUS(COVEY_E_ARGUMENT, covey_manager_load_group(m, &g));
    g.max_stale_sets = 3;
    g.id_len = 8;
    CHECK_STATUS(COVEY_E_ARGUMENT, covey_manager_load_group(m, &g));
    g.id_len = 2;
    g.suite.curve = COVEY_P384;
    CHECK_STATUS(COVEY_E_UNSUPPORTED, covey_manager_load_group(m, &g));
    g.suite.curve = COVEY_ED25519;
    CHECK_STATUS(COVEY_OK, covey_manager_load_group(m, &g));
    r.standing = COVEY_MANAGER_NOBODY;
    CHECK_STATUS(COVEY_E_ARGUMENT, covey_manager_load_member(m, &r));
    r.standing = COVEY_MANAGER_PRESENT;
    r.serial = 9;
    CHECK_STATUS(COVEY_E_ARGUMENT, covey_manager_load_member(m, &r));
    r.serial = 1;
    CHECK_STATUS(COVEY_OK, covey_manager_load_member(m, &r));
    CHECK_STATUS(COVEY_E_ARGUMENT, covey_manager_load_member(m, &r));
    r.name[0] = 'x';
    r.credential = covey_bytes_of(r.id, CRED + 1);
    CHECK_STATUS(COVEY_E_ROOM, covey_manager_load_member(m, &r));
    CHECK_STATUS(COVEY_E_ARGUMENT, covey_manager_load_stale(m, &s));
    s.version = 0;
    CHECK_STATUS(COVEY_OK, covey_manager_load_stale(m, &s));
    s.serial = 9;
    CHECK_STATUS(COVEY_E_ARGUMENT, covey_manager_load_stale(m, &s));
    world_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stops_before_each_write),
        cmocka_unit_test(stops_after_each_write),
        cmocka_unit_test(each_write_fails_once),
        cmocka_unit_test(takes_over_what_another_process_stored),
        cmocka_unit_test(a_lost_group_answers_5_03_until_it_is_loaded),
        cmocka_unit_test(refuses_rows_that_are_none),
    };

    return KIT_RUN(tests);
}
