/* SPDX-License-Identifier: BSD-2-Clause */
/* Slots and lists against plain arrays; with hashes that meet, and that sit
 * where the slots end and begin again. */
#include "kit.h"
#include "message_internal.h"

#define ROWS 12u

static covey_message_links row[ROWS];
static covey_message_slot slots[2 * ROWS];
static const covey_message_table table = { row, sizeof row[0], ROWS, slots };

/* The model: the hash of each row that is in, and who is in. */
static uint32_t hash_of[ROWS];
static bool in[ROWS];

static void check_hash(uint32_t hash)
{
    covey__search s = covey__search_of(&table, hash);
    bool found[ROWS] = { false };
    uint32_t i;

    while ((i = covey__search_next(&table, &s)) != COVEY__ROW_NONE) {
        assert_true(i < ROWS && in[i] && hash_of[i] == hash);
        assert_false(found[i]);
        found[i] = true;
    }
    for (i = 0; i < ROWS; i++) {
        assert_int_equal(found[i], in[i] && hash_of[i] == hash);
    }
}

static void what_is_in_is_found(void **state)
{
    /* High bits say where: the last slots, the first, the middle. */
    static const uint32_t hashes[] = { 0xffffffff, 0xfffffffe, 0xf8000000,
                                       0xf0000000, 0x00000000, 0x00000001,
                                       0x0c000000, 0x80000000 };
    kit_random r = { 0x5107 };
    covey_message_table t = table;

    (void)state;
    memset(slots, 0xa5, sizeof slots);
    covey__table_init(&t);
    for (unsigned round = 0; round < 50000; round++) {
        uint32_t i = kit_next(&r) % ROWS;
        if (in[i]) {
            covey__slot_remove(&table, hash_of[i], i);
        } else {
            hash_of[i] = hashes[kit_next(&r) % COUNT_OF(hashes)];
            covey__slot_insert(&table, hash_of[i], i);
        }
        in[i] = !in[i];
        for (size_t h = 0; h < COUNT_OF(hashes); h++) {
            check_hash(hashes[h]);
        }
    }
}

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
        cmocka_unit_test(what_is_in_is_found),
        cmocka_unit_test(a_list_keeps_its_order),
    };
    return KIT_RUN(tests);
}
