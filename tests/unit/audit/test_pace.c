/* SPDX-License-Identifier: BSD-2-Clause */
#include <covey/audit.h>

#include "kit.h"

enum {
    PACKETS = 400
};

static const covey_audit_limits limits[] = {
    { .packets_s = 1, .bytes_s = 1000000 },
    { .packets_s = 2, .bytes_s = 200 },
    { .packets_s = 3, .bytes_s = 1000 },
    { .packets_s = 7, .bytes_s = 100 },
    { .packets_s = 999, .bytes_s = 100000 },
    { .packets_s = 1000, .bytes_s = 100000 },
    { .packets_s = 5000, .bytes_s = 3000 },
};

/* In every second, wherever it begins. */
static void no_second_has_more_than_it_may(void **state)
{
    static covey_ms at[PACKETS];
    static uint32_t bytes[PACKETS];

    (void)state;
    for (size_t l = 0; l < COUNT_OF(limits); l++) {
        covey_audit_pace pace = { 0 };
        kit_random r = { l };
        covey_ms now = 12345;

        for (size_t i = 0; i < PACKETS; i++) {
            bytes[i] = kit_next(&r) % 100 + 1;
            now += kit_next(&r) % 8 == 0 ? kit_next(&r) % 700 : 0;
            now = covey_audit_pace_at(&pace, &limits[l], now, bytes[i]);
            assert_true(now != COVEY_NEVER);
            covey_audit_pace_sent(&pace, &limits[l], now, bytes[i]);
            at[i] = now;
        }
        for (size_t i = 0; i < PACKETS; i++) {
            uint32_t count = 0;
            uint64_t sum = 0;
            size_t last = i;
            for (size_t j = i; j < PACKETS && at[j] < at[i] + 1000; j++) {
                count++;
                sum += bytes[j];
                last = j;
            }
            assert_true(
                count <=
                (limits[l].packets_s < 1000 ? limits[l].packets_s : 1000));
            /* the last one's bytes are paid for after it */
            assert_true(sum - bytes[last] <= limits[l].bytes_s);
        }
    }
}

static void keeps_up_with_the_rate(void **state)
{
    static const covey_audit_limits l = { .packets_s = 4, .bytes_s = 1000 };
    covey_audit_pace pace = { 0 };
    covey_ms now = 0;

    (void)state;
    for (int i = 0; i < 9; i++) {
        now = covey_audit_pace_at(&pace, &l, now, 20);
        covey_audit_pace_sent(&pace, &l, now, 20);
    }
    assert_int_equal(2000, now);
}

static void what_may_never_leave(void **state)
{
    static const covey_audit_limits none = { .bytes_s = 100 };
    static const covey_audit_limits silent = { .packets_s = 1 };
    static const covey_audit_limits few = { .packets_s = 9, .bytes_s = 99 };
    covey_audit_pace pace = { 0 };

    (void)state;
    assert_true(covey_audit_pace_at(&pace, &none, 5, 1) == COVEY_NEVER);
    assert_true(covey_audit_pace_at(&pace, &silent, 5, 1) == COVEY_NEVER);
    assert_true(covey_audit_pace_at(&pace, &few, 5, 100) == COVEY_NEVER);
    assert_true(covey_audit_pace_at(&pace, &few, 5, 99) == 5);
    /* sent all the same: nothing follows for a second */
    covey_audit_pace_sent(&pace, &none, 5, 1);
    assert_true(covey_audit_pace_at(&pace, &few, 6, 1) == 1005);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_second_has_more_than_it_may),
        cmocka_unit_test(keeps_up_with_the_rate),
        cmocka_unit_test(what_may_never_leave),
    };

    return KIT_RUN(tests);
}
