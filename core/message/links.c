/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows in lists, and found by hash: open addressing with linear probing, at
 * most half full. A search ends at the first empty slot; so that this stays
 * true, what is behind a row that leaves moves up. */
#include "message_internal.h"

void covey__table_init(covey_message_table *t)
{
    for (uint32_t i = 0; i < 2 * t->count; i++) {
        t->slots[i].row = COVEY__ROW_NONE;
    }
}

void covey__list_init(covey_message_list *list)
{
    list->first = COVEY__ROW_NONE;
    list->last = COVEY__ROW_NONE;
}

void covey__list_append(const covey_message_table *t, covey_message_list *list,
                        uint32_t i)
{
    covey_message_links *n = covey__links(t, i);

    n->prev = list->last;
    n->next = COVEY__ROW_NONE;
    if (list->last == COVEY__ROW_NONE) {
        list->first = i;
    } else {
        covey__links(t, list->last)->next = i;
    }
    list->last = i;
}

void covey__list_remove(const covey_message_table *t, covey_message_list *list,
                        uint32_t i)
{
    const covey_message_links *n = covey__links(t, i);

    if (n->prev == COVEY__ROW_NONE) {
        list->first = n->next;
    } else {
        covey__links(t, n->prev)->next = n->next;
    }
    if (n->next == COVEY__ROW_NONE) {
        list->last = n->prev;
    } else {
        covey__links(t, n->next)->prev = n->prev;
    }
}

uint32_t covey__list_take(const covey_message_table *t,
                          covey_message_list *list)
{
    uint32_t i = list->first;

    if (i != COVEY__ROW_NONE) {
        covey__list_remove(t, list, i);
    }
    return i;
}

/* Where a hash belongs: its high bits count. */
static uint32_t home(const covey_message_table *t, uint32_t hash)
{
    uint64_t slots = (uint64_t)2 * t->count;

    return (uint32_t)(hash * slots >> 32);
}

static uint32_t after(const covey_message_table *t, uint32_t at)
{
    return at + 1 == 2 * t->count ? 0 : at + 1;
}

covey__search covey__search_of(const covey_message_table *t, uint32_t hash)
{
    covey__search s = { hash, home(t, hash) };

    return s;
}

uint32_t covey__search_next(const covey_message_table *t, covey__search *s)
{
    for (;;) {
        const covey_message_slot *slot = &t->slots[s->at];
        if (slot->row == COVEY__ROW_NONE) {
            return slot->row;
        }
        s->at = after(t, s->at);
        if (slot->hash == s->hash) {
            return slot->row;
        }
    }
}

void covey__slot_insert(const covey_message_table *t, uint32_t hash,
                        uint32_t i)
{
    uint32_t at = home(t, hash);

    while (t->slots[at].row != COVEY__ROW_NONE) {
        at = after(t, at);
    }
    t->slots[at].hash = hash;
    t->slots[at].row = i;
}

/* Is `at` in the way from `from` to before `to`, round the end? */
static bool between(uint32_t from, uint32_t at, uint32_t to)
{
    return from <= to ? from <= at && at < to : from <= at || at < to;
}

void covey__slot_remove(const covey_message_table *t, uint32_t hash,
                        uint32_t i)
{
    uint32_t gap = home(t, hash);
    uint32_t at;

    while (t->slots[gap].row != i) {
        gap = after(t, gap);
    }
    for (at = after(t, gap); t->slots[at].row != COVEY__ROW_NONE;
         at = after(t, at)) {
        if (between(home(t, t->slots[at].hash), gap, at)) {
            t->slots[gap] = t->slots[at];
            gap = at;
        }
    }
    t->slots[gap].row = COVEY__ROW_NONE;
}
