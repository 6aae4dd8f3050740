/* SPDX-License-Identifier: BSD-2-Clause */
#include <covey/its.h>

#include "kit.h"

#define Y2004 INT64_C(1072915200)

static uint64_t now_of(int64_t unix_s, bool known)
{
    covey_time t = { 5, unix_s, known };

    return covey_its_now(t, COVEY_ITS_LEAP_SECONDS);
}

/* What tshark 4.0 shows for this Time64 is 2024-03-11T14:35:24Z. */
static void counts_leap_seconds_since_2004(void **state)
{
    (void)state;
    assert_true(now_of(Y2004, true) == UINT64_C(5000000));
    assert_true(now_of(1710167724, true) == UINT64_C(637252529000000));
    assert_int_equal(covey_its_unix_of(637252529, 5), 1710167724);
    assert_int_equal(covey_its_unix_of(637252529, 6), 1710167723);
}

static void does_not_know_the_time_before_2004_or_without_a_clock(void **state)
{
    (void)state;
    assert_true(now_of(Y2004 - 1, true) == 0);
    assert_true(now_of(1710167724, false) == 0);
    assert_true(now_of(-1, true) == 0);
    assert_true(now_of(INT64_MAX, true) == 0);
}

static void ends_on_the_monotonic_clock(void **state)
{
    covey_time t = { 777, 1710167724, true };

    (void)state;
    assert_true(covey_its_deadline(637252529 + 10, t, 5) == 10777);
    assert_true(covey_its_deadline(637252529, t, 5) == 777);
    assert_true(covey_its_deadline(637252528, t, 5) == 777);
    assert_true(covey_its_deadline(UINT32_MAX, t, 5) > 777);
    t.unix_known = false;
    assert_true(covey_its_deadline(UINT32_MAX, t, 5) == 777);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_leap_seconds_since_2004),
        cmocka_unit_test(
            does_not_know_the_time_before_2004_or_without_a_clock),
        cmocka_unit_test(ends_on_the_monotonic_clock),
    };
    return KIT_RUN(tests);
}
