/* SPDX-License-Identifier: BSD-2-Clause */
/* The order of notifications. */
#include "kit.h"

#include <covey/transfer.h>

static void takes_only_newer_notifications(void **state)
{
    static const struct {
        const char *why;
        uint32_t first;
        uint32_t second;
        covey_ms later;
        bool fresh;
    } cases[] = {
        { "the next", 5, 6, 1, true },
        { "the same", 5, 5, 1, false },
        { "one before", 5, 4, 1, false },
        { "half the circle less one", 0, 0x7fffff, 1, true },
        { "half the circle", 0, 0x800000, 1, false },
        { "around the end", 0xffffff, 0, 1, true },
        { "back around the end", 0, 0xffffff, 1, false },
        { "one before, after 128 s", 5, 4, 128000, false },
        { "one before, after more", 5, 4, 128001, true },
        { "the same, after more", 5, 5, 128001, true },
        { "more than 24 bits do not count", 5, 0x1000006, 1, true },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        covey_observation o = { 0 };
        kit_case(cases[i].why);
        assert_true(covey_observation_fresh(&o, cases[i].first, 1000));
        assert_int_equal(cases[i].fresh,
                         covey_observation_fresh(&o, cases[i].second,
                                                 1000 + cases[i].later));
        assert_int_equal(cases[i].fresh, o.at != 1000);
    }
    kit_case(NULL);
}

static void registers_again_after_max_age(void **state)
{
    covey_observation o = { 0 };

    (void)state;
    assert_true(covey_observation_fresh(&o, 1, 1000));
    assert_true(covey_observation_stale(&o, 60, 0) == 66000);
    assert_true(covey_observation_stale(&o, 60, UINT32_MAX) == 76000);
    assert_true(covey_observation_stale(&o, UINT32_MAX, 0) ==
                UINT64_C(4294967295000) + 6000);
}

/* Any server that follows it is understood by any client. */
static void sequences_are_fresh_to_clients(void **state)
{
    covey_observation o = { 0 };
    kit_random dice = { 2 };
    covey_ms now = 0xfff000;
    uint32_t seq = covey_observe_sequence(0, now);

    (void)state;
    assert_int_equal(8, covey_observe_sequence(7, 7));
    assert_int_equal(8, covey_observe_sequence(7, 3));
    assert_int_equal(0, covey_observe_sequence(0xffffff, 0xffffff));
    for (int i = 0; i < 100000; i++) {
        assert_true(seq <= 0xffffff);
        assert_true(covey_observation_fresh(&o, seq, now));
        now += kit_next(&dice) % 4 == 0 ? kit_next(&dice) % 300000 : 0;
        seq = covey_observe_sequence(seq, now);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_only_newer_notifications),
        cmocka_unit_test(registers_again_after_max_age),
        cmocka_unit_test(sequences_are_fresh_to_clients),
    };

    return KIT_RUN(tests);
}
