/* SPDX-License-Identifier: BSD-2-Clause */
/* A search ends at the first empty slot; so that this stays true, what is
 * behind a row that leaves moves up. */
#include <covey/slots.h>

#include <stdbool.h>

void covey_slots_init(covey_slots *s, covey_slot *slots, uint32_t rows)
{
    s->slot = slots;
    s->count = COVEY_SLOTS(rows);
    for (uint32_t i = 0; i < s->count; i++) {
        slots[i].row = COVEY_SLOTS_NONE;
    }
}

/* Where a hash belongs: its high bits count. */
static uint32_t home(const covey_slots *s, uint32_t hash)
{
    return (uint32_t)((uint64_t)hash * s->count >> 32);
}

static uint32_t after(const covey_slots *s, uint32_t at)
{
    return at + 1 == s->count ? 0 : at + 1;
}

covey_slots_search covey_slots_seek(const covey_slots *s, uint32_t hash)
{
    covey_slots_search search = { hash, home(s, hash) };

    return search;
}

uint32_t covey_slots_next(const covey_slots *s, covey_slots_search *search)
{
    for (;;) {
        const covey_slot *slot = &s->slot[search->at];
        if (slot->row == COVEY_SLOTS_NONE) {
            return slot->row;
        }
        search->at = after(s, search->at);
        if (slot->hash == search->hash) {
            return slot->row;
        }
    }
}

void covey_slots_insert(covey_slots *s, uint32_t hash, uint32_t row)
{
    uint32_t at = home(s, hash);

    while (s->slot[at].row != COVEY_SLOTS_NONE) {
        at = after(s, at);
    }
    s->slot[at].hash = hash;
    s->slot[at].row = row;
}

/* Is `at` in the way from `from` to before `to`, round the end? */
static bool between(uint32_t from, uint32_t at, uint32_t to)
{
    return from <= to ? from <= at && at < to : from <= at || at < to;
}

void covey_slots_remove(covey_slots *s, uint32_t hash, uint32_t row)
{
    uint32_t gap = home(s, hash);
    uint32_t at;

    while (s->slot[gap].row != row) {
        gap = after(s, gap);
    }
    for (at = after(s, gap); s->slot[at].row != COVEY_SLOTS_NONE;
         at = after(s, at)) {
        if (between(home(s, s->slot[at].hash), gap, at)) {
            s->slot[gap] = s->slot[at];
            gap = at;
        }
    }
    s->slot[gap].row = COVEY_SLOTS_NONE;
}
