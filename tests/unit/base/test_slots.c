/* SPDX-License-Identifier: BSD-2-Clause */
/* Slots against plain arrays; with hashes that meet, and that sit
 * where the slots end and begin again. */
#include "kit.h"

#include <covey/slots.h>

#define ROWS 12u

static covey_slot slots[COVEY_SLOTS(ROWS)];
static covey_slots table;

/* The model: the hash of each row that is in, and who is in. */
static uint32_t hash_of[ROWS];
static bool in[ROWS];

static void check_hash(uint32_t hash)
{
    covey_slots_search s = covey_slots_seek(&table, hash);
    bool found[ROWS] = { false };
    uint32_t i;

    while ((i = covey_slots_next(&table, &s)) != COVEY_SLOTS_NONE) {
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

    (void)state;
    memset(slots, 0xa5, sizeof slots);
    covey_slots_init(&table, slots, ROWS);
    for (unsigned round = 0; round < 50000; round++) {
        uint32_t i = kit_next(&r) % ROWS;
        if (in[i]) {
            covey_slots_remove(&table, hash_of[i], i);
        } else {
            hash_of[i] = hashes[kit_next(&r) % COUNT_OF(hashes)];
            covey_slots_insert(&table, hash_of[i], i);
        }
        in[i] = !in[i];
        for (size_t h = 0; h < COUNT_OF(hashes); h++) {
            check_hash(hashes[h]);
        }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_in_is_found),
    };
    return KIT_RUN(tests);
}
