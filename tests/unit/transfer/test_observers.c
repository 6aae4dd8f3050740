/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of observers: who is told, when, how, and who is gone. */
#include "kit.h"

#include <covey/transfer.h>

#define ROWS 6u
#define DAY  86400000u

static covey_observers list;
static covey_observer rows[ROWS];
static covey_observer_lists lists[ROWS];
static covey_slot slots[COVEY_SLOTS(ROWS)];
static covey_timer timers[ROWS];

static void init(uint32_t confirm_every)
{
    const covey_observers_config config = { confirm_every, DAY, 3000 };
    const covey_observers_memory memory = { rows, lists, slots, timers, ROWS };

    memset(rows, 0x5a, sizeof rows);
    covey_observers_init(&list, &memory, &config, 99);
}

static covey_observers_entry entry(uint8_t peer, const char *token,
                                   uint32_t resource)
{
    covey_observers_entry e;

    memset(&e, 0, sizeof e);
    e.path.peer.family = COVEY_FAMILY_IPV4;
    e.path.peer.ip[3] = peer;
    e.token = covey_bytes_of((const uint8_t *)token, strlen(token));
    e.resource = resource;
    e.user = peer;
    return e;
}

static covey_observer_ref add(covey_ms now, const covey_observers_entry *e)
{
    covey_observer_ref ref;
    uint32_t sequence;

    CHECK_STATUS(COVEY_OK,
                 covey_observers_register(&list, now, e, &ref, &sequence));
    assert_int_equal(now == 0 ? 1 : now & 0xffffff, sequence);
    return ref;
}

static void is_silent(covey_ms now)
{
    covey_notification n;

    assert_false(covey_observers_next(&list, now, &n));
}

static covey_notification tells(covey_ms now, bool confirmable)
{
    covey_notification n;

    assert_true(covey_observers_next(&list, now, &n));
    assert_int_equal(confirmable, n.confirmable);
    return n;
}

static void tells_those_who_observe(void **state)
{
    covey_observers_entry a = entry(1, "a", 7);
    covey_observers_entry b = entry(2, "", 7);
    covey_observers_entry c = entry(1, "c", 8);
    covey_notification n;
    unsigned seen = 0;

    (void)state;
    init(10);
    add(1000, &a);
    add(1000, &b);
    add(1000, &c);
    covey_observers_changed(&list, 5000, 7);
    covey_observers_changed(&list, 5000, 9);
    assert_int_equal(0, covey_observers_deadline(&list));
    while (covey_observers_next(&list, 5000, &n)) {
        assert_int_equal(7, n.resource);
        assert_int_equal(5000, n.sequence);
        CHECK_SPAN(n.user == 1 ? SPAN("a") : SPAN(""), n.token);
        seen |= 1u << n.user;
    }
    assert_int_equal(6, seen);
}

static void tells_only_the_newest_state_and_not_too_often(void **state)
{
    covey_observers_entry a = entry(1, "a", 7);

    (void)state;
    init(10);
    add(1000, &a);
    covey_observers_changed(&list, 1001, 7);
    covey_observers_changed(&list, 1002, 7);
    assert_true(covey_observers_deadline(&list) <= 4000);
    is_silent(3999);
    assert_int_equal(1, tells(4000, false).user);
    is_silent(4000);
    covey_observers_changed(&list, 4001, 7);
    is_silent(6999);
    tells(7000, false);
    is_silent(20000);
}

static void waits_for_the_acknowledgement(void **state)
{
    covey_observers_entry a = entry(1, "a", 7);
    covey_notification n;

    (void)state;
    init(2);
    add(0, &a);
    covey_observers_changed(&list, 10000, 7);
    tells(10000, false);
    covey_observers_changed(&list, 20000, 7);
    n = tells(20000, true); /* every second one */
    covey_observers_changed(&list, 30000, 7);
    covey_observers_changed(&list, 31000, 7);
    is_silent(90000);
    covey_observers_acknowledged(&list, 90000, n.ref);
    n = tells(90000, false);
    assert_int_equal(90000, n.sequence);
    is_silent(90000);
    covey_observers_acknowledged(&list, 90000, n.ref); /* of nothing */
    is_silent(92999);
}

static void asks_within_a_day_whether_somebody_is_there(void **state)
{
    covey_observers_entry a = entry(1, "a", 7);
    covey_notification n;

    (void)state;
    init(1000);
    add(0, &a);
    is_silent(DAY - 1);
    n = tells(DAY, true);
    is_silent(3u * DAY); /* while it is on its way */
    covey_observers_acknowledged(&list, 3u * DAY, n.ref);
    is_silent(3u * DAY);
    n = tells(UINT64_C(3) * DAY + DAY, true);
    covey_observers_remove(&list, n.ref); /* it timed out */
    assert_true(covey_observers_deadline(&list) == COVEY_NEVER);
}

static void streams_need_no_confirmation(void **state)
{
    covey_observers_entry a = entry(1, "a", 7);

    (void)state;
    init(1);
    a.path.transport = COVEY_TCP;
    a.path.connection = 3;
    add(0, &a);
    assert_true(covey_observers_deadline(&list) == COVEY_NEVER);
    for (covey_ms now = 1; now < 5; now++) {
        covey_observers_changed(&list, now, 7);
        tells(now, false);
    }
    a.path.connection = 0;
    covey_observers_lost(&list, &a.path);
    covey_observers_changed(&list, 8, 7);
    tells(8, false);
    a.path.connection = 3;
    covey_observers_lost(&list, &a.path);
    covey_observers_changed(&list, 9, 7);
    is_silent(9);
}

static void registers_again_under_the_same_token(void **state)
{
    covey_observers_entry a = entry(1, "a", 7);
    covey_observer_ref first;
    covey_observer_ref second;

    (void)state;
    init(10);
    first = add(1000, &a);
    covey_observers_changed(&list, 5000, 7);
    second = add(5000, &a); /* its response has the state */
    assert_int_equal(first.serial, second.serial);
    is_silent(8000);
    a.resource = 8;
    second = add(9000, &a);
    assert_int_not_equal(first.serial, second.serial);
    covey_observers_changed(&list, 20000, 7);
    is_silent(20000);
    covey_observers_remove(&list, first); /* names nothing any more */
    covey_observers_changed(&list, 20000, 8);
    assert_int_equal(8, tells(20000, false).resource);
}

static void refuses_what_it_cannot_keep(void **state)
{
    covey_observers_entry e = entry(1, "seventeen letters", 7);
    covey_observer_ref ref;
    uint32_t sequence;

    (void)state;
    init(10);
    CHECK_STATUS(COVEY_E_RANGE,
                 covey_observers_register(&list, 0, &e, &ref, &sequence));
    covey_observers_cancel(&list, &e.path, e.token);
    for (uint8_t i = 0; i < ROWS; i++) {
        e = entry(i, "t", 7);
        add(0, &e);
    }
    e = entry(100, "t", 7);
    CHECK_STATUS(COVEY_E_ROOM,
                 covey_observers_register(&list, 0, &e, &ref, &sequence));
    covey_observers_cancel(&list, &e.path, e.token); /* was never there */
    e = entry(3, "u", 7);
    covey_observers_cancel(&list, &e.path, e.token); /* another token */
    e = entry(3, "t", 7);
    covey_observers_cancel(&list, &e.path, e.token);
    e = entry(100, "t", 7);
    add(0, &e);
    covey_observers_remove(&list, (covey_observer_ref){ 0, 0 });
    covey_observers_remove(&list, (covey_observer_ref){ ROWS, 1 });
    covey_observers_acknowledged(&list, 0, (covey_observer_ref){ 0, 0 });
}

/* --- against a list ------------------------------------------------------ */

struct model {
    bool used;
    bool changed;
    covey_observer_ref ref;
    uint32_t resource;
};

/* 12 clients want 6 rows, of which each may be told and go at any time. */
static void agrees_with_a_list(void **state)
{
    struct model m[12] = { { 0 } };
    kit_random dice = { 4 };
    unsigned told = 0;

    (void)state;
    init(1000000);
    list.config.interval = 0;
    for (covey_ms now = 1; now < 200000; now++) {
        const uint8_t who = (uint8_t)(kit_next(&dice) % 12);
        const uint32_t what = kit_next(&dice) % 5;
        covey_observers_entry e = entry(who, "t", kit_next(&dice) % 3);
        covey_notification n;
        uint32_t sequence;
        unsigned count = 0;

        for (unsigned i = 0; i < 12; i++) {
            count += m[i].used;
        }
        if (what == 0) {
            const covey_status st = covey_observers_register(
                &list, now, &e, &m[who].ref, &sequence);
            assert_int_equal(m[who].used || count < ROWS, st == COVEY_OK);
            m[who].used = st == COVEY_OK;
            m[who].changed = false;
            m[who].resource = e.resource;
        } else if (what == 1 && m[who].used) {
            covey_observers_remove(&list, m[who].ref);
            m[who].used = false;
        } else if (what == 2) {
            covey_observers_cancel(&list, &e.path, e.token);
            m[who].used = false;
        } else if (what == 3) {
            covey_observers_changed(&list, now, e.resource);
            for (unsigned i = 0; i < 12; i++) {
                m[i].changed |= m[i].used && m[i].resource == e.resource;
            }
        } else if (covey_observers_next(&list, now, &n)) {
            assert_true(m[n.user].used && m[n.user].changed);
            assert_int_equal(m[n.user].resource, n.resource);
            m[n.user].changed = false;
            told++;
        } else {
            for (unsigned i = 0; i < 12; i++) {
                assert_false(m[i].used && m[i].changed);
            }
        }
    }
    assert_true(told > 1000);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_those_who_observe),
        cmocka_unit_test(tells_only_the_newest_state_and_not_too_often),
        cmocka_unit_test(waits_for_the_acknowledgement),
        cmocka_unit_test(asks_within_a_day_whether_somebody_is_there),
        cmocka_unit_test(streams_need_no_confirmation),
        cmocka_unit_test(registers_again_under_the_same_token),
        cmocka_unit_test(refuses_what_it_cannot_keep),
        cmocka_unit_test(agrees_with_a_list),
    };

    return KIT_RUN(tests);
}
