/* SPDX-License-Identifier: BSD-2-Clause */
/* The wheel against a plain array of deadlines. */
#include "kit.h"

#include <covey/timers.h>

#define TIMERS 200u
#define HOUR   3600000u

struct wheel {
    covey_timers wheel;
    covey_timer timer[TIMERS];
    covey_ms due[TIMERS]; /* the model */
    covey_ms now;
    uint32_t taken;
};

static void start(struct wheel *w, covey_ms now)
{
    memset(w, 0xa5, sizeof *w);
    covey_timers_init(&w->wheel, w->timer, TIMERS, now);
    w->now = now;
    w->taken = 0;
    for (uint32_t i = 0; i < TIMERS; i++) {
        w->due[i] = COVEY_NEVER;
    }
}

static covey_ms first(const struct wheel *w)
{
    covey_ms best = COVEY_NEVER;

    for (uint32_t i = 0; i < TIMERS; i++) {
        best = covey_earlier(best, w->due[i]);
    }
    return best;
}

static void set(struct wheel *w, uint32_t i, covey_ms due)
{
    covey_timers_set(&w->wheel, i, due);
    w->due[i] = due;
}

static void compare(const struct wheel *w)
{
    covey_ms next = covey_timers_next(&w->wheel);

    for (uint32_t i = 0; i < TIMERS; i++) {
        assert_int_equal(covey_timers_is_set(&w->wheel, i),
                         w->due[i] != COVEY_NEVER);
    }
    assert_true(next <= first(w) || first(w) < w->now);
    assert_int_equal(next == COVEY_NEVER, first(w) == COVEY_NEVER);
}

/* Takes all that is due: nothing early, nothing late, in order. */
static void turn(struct wheel *w, covey_ms now)
{
    covey_ms before = 0;
    uint32_t i;

    w->now = now;
    while ((i = covey_timers_take(&w->wheel, now)) != COVEY_TIMERS_NONE) {
        assert_true(i < TIMERS);
        assert_true(w->due[i] <= now);
        assert_true(w->due[i] == first(w) || w->due[i] >= before);
        before = w->due[i];
        w->due[i] = COVEY_NEVER;
        w->taken++;
    }
    assert_true(first(w) > now);
    compare(w);
}

static uint64_t draw_distance(kit_random *r)
{
    uint64_t wide = (uint64_t)kit_next(r) << 32 | kit_next(r);

    return wide >> (24 + kit_next(r) % 40);
}

static void the_wheel_agrees_with_the_model(void **state)
{
    static const covey_ms starts[] = { 0,        1,        31,
                                       33554431, 33554432, (covey_ms)1 << 40 };
    kit_random r = { 0x7e57 };
    struct wheel w;
    uint32_t taken = 0;

    (void)state;
    for (unsigned s = 0; s < COUNT_OF(starts); s++) {
        start(&w, starts[s]);
        for (unsigned round = 0; round < 6000; round++) {
            uint32_t i = kit_next(&r) % TIMERS;
            switch (kit_next(&r) % 8) {
            case 0:
                set(&w, i, COVEY_NEVER);
                break;
            case 1:
                covey_timers_cancel(&w.wheel, i);
                w.due[i] = COVEY_NEVER;
                break;
            case 2:
                turn(&w, w.now + (draw_distance(&r) & 0x3ffffff));
                break;
            default:
                set(&w, i, w.now + draw_distance(&r));
                break;
            }
            compare(&w);
        }
        taken += w.taken;
    }
    assert_true(taken > 5000);
}

static void who_follows_next_is_told_to_the_millisecond(void **state)
{
    struct wheel w;
    uint32_t calls = 0;
    kit_random r = { 99 };

    (void)state;
    start(&w, 12345);
    for (uint32_t i = 0; i < TIMERS; i++) {
        set(&w, i, w.now + kit_next(&r) % (8 * HOUR));
    }
    while (w.taken < TIMERS) {
        covey_ms next = covey_timers_next(&w.wheel);
        covey_ms due = first(&w);
        uint32_t before = w.taken;
        assert_true(next <= due);
        turn(&w, next);
        assert_int_equal(w.taken > before, next == due);
        calls++;
    }
    assert_true(calls <= TIMERS * COVEY_TIMERS_LEVELS);
}

static void each_distance_is_exact(void **state)
{
    struct wheel w;

    (void)state;
    for (unsigned bit = 0; bit < 41; bit++) {
        for (unsigned off = 0; off < 3; off++) {
            covey_ms due = 1000 + ((covey_ms)1 << bit) + off;
            start(&w, 1000);
            set(&w, 7, due);
            turn(&w, due - 1);
            assert_int_equal(w.taken, 0);
            turn(&w, due);
            assert_int_equal(w.taken, 1);
            assert_int_equal(covey_timers_next(&w.wheel), COVEY_NEVER);
        }
    }
}

static void the_past_is_due_at_once(void **state)
{
    struct wheel w;

    (void)state;
    start(&w, 500);
    set(&w, 3, 10);
    assert_true(covey_timers_next(&w.wheel) <= 500);
    assert_int_equal(covey_timers_take(&w.wheel, 500), 3);
    assert_int_equal(covey_timers_take(&w.wheel, 500), COVEY_TIMERS_NONE);
}

static void at_the_end_of_time_all_are_due(void **state)
{
    struct wheel w;

    (void)state;
    start(&w, COVEY_NEVER - 20 * (covey_ms)HOUR);
    set(&w, 3, COVEY_NEVER - 1);
    set(&w, 4, w.now + 1);
    turn(&w, COVEY_NEVER - 2);
    assert_int_equal(w.taken, 1);
    assert_int_equal(covey_timers_take(&w.wheel, COVEY_NEVER), 3);
    assert_int_equal(covey_timers_take(&w.wheel, COVEY_NEVER),
                     COVEY_TIMERS_NONE);
}

/* Nothing has to move down: the wheel has turned although it was empty. */
static void what_is_near_is_told_exactly(void **state)
{
    struct wheel w;

    (void)state;
    start(&w, 0);
    for (covey_ms now = 0; now < 100000; now += 32) {
        turn(&w, now);
        set(&w, 3, now + 31);
        assert_int_equal(covey_timers_next(&w.wheel), now + 31);
        set(&w, 3, COVEY_NEVER);
    }
}

static void time_that_goes_back_changes_nothing(void **state)
{
    struct wheel w;
    covey_ms next;

    (void)state;
    start(&w, 9000000);
    set(&w, 3, 9001000);
    next = covey_timers_next(&w.wheel);
    assert_int_equal(covey_timers_take(&w.wheel, 10), COVEY_TIMERS_NONE);
    assert_int_equal(covey_timers_next(&w.wheel), next);
    assert_int_equal(covey_timers_take(&w.wheel, 9000999), COVEY_TIMERS_NONE);
    assert_int_equal(covey_timers_take(&w.wheel, 9001000), 3);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_wheel_agrees_with_the_model),
        cmocka_unit_test(who_follows_next_is_told_to_the_millisecond),
        cmocka_unit_test(each_distance_is_exact),
        cmocka_unit_test(the_past_is_due_at_once),
        cmocka_unit_test(at_the_end_of_time_all_are_due),
        cmocka_unit_test(what_is_near_is_told_exactly),
        cmocka_unit_test(time_that_goes_back_changes_nothing),
    };
    return KIT_RUN(tests);
}
