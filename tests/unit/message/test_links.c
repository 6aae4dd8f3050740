/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists against a plain array. */
#include "kit.h"
#include "message_internal.h"

#define ROWS 12u

static covey_message_links row[ROWS];
static const covey_message_table table = { .rows = row,
                                           .stride = sizeof row[0],
                                           .count = ROWS };

static void a_list_keeps_its_order(void **state)
{
    kit_random r = { 0x1157 };
    covey_message_list list;
    uint32_t model[ROWS] = { 0 };
    uint32_t n = 0;

    (void)state;
    covey__list_init(&list);
    assert_int_equal(covey__list_take(&table, &list), COVEY__ROW_NONE);
    for (unsigned round = 0; round < 20000; round++) {
        uint32_t i = kit_next(&r) % ROWS;
        uint32_t at = 0;
        while (at < n && model[at] != i) {
            at++;
        }
        if (at == n) {
            covey__list_append(&table, &list, i);
            model[n++] = i;
        } else {
            if (at == 0 && kit_next(&r) % 2) {
                assert_int_equal(covey__list_take(&table, &list), i);
            } else {
                covey__list_remove(&table, &list, i);
            }
            n--;
            memmove(model + at, model + at + 1, (n - at) * sizeof model[0]);
        }
        i = list.first;
        for (uint32_t k = 0; k < n; k++) {
            assert_int_equal(i, model[k]);
            i = row[i].next;
        }
        assert_int_equal(i, COVEY__ROW_NONE);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_keeps_its_order),
    };
    return KIT_RUN(tests);
}
