/* SPDX-License-Identifier: BSD-2-Clause */
/* The wheel of covey/timers.h.
 *
 * A deadline is read as digits of five bits. A timer lies on the level of the
 * highest digit in which its deadline differs from `now`, in the slot of that
 * digit. So every used slot of a level is after the present digit, everything
 * on a level comes before everything on the next, and the first used slot of
 * the lowest used level begins no later than any deadline. That stays true
 * when `now` moves on to any time that is not after that beginning. */
#include <covey/timers.h>

#define DIGIT_BITS 5u
#define DIGIT_MASK 31u
#define DUE        ((uint32_t)COVEY_TIMERS_LISTS - 2)
#define FAR        ((uint32_t)COVEY_TIMERS_LISTS - 1)
#define FAR_SHIFT  (DIGIT_BITS * COVEY_TIMERS_LEVELS)
/* In `prev`: what remains is the list that the timer is the first of. */
#define FIRST_OF 0x80000000u

_Static_assert(COVEY_TIMERS_SLOTS == 1 << DIGIT_BITS, "a digit names a slot");
_Static_assert(COVEY_TIMERS_LISTS < COVEY_TIMERS_MAX, "list or timer");

/* The lowest set bit of a word that is not zero: the bits above it vanish in
 * the multiplication, and the sequence has each window of five bits once. */
static uint32_t lowest_bit(uint32_t word)
{
    static const uint8_t place[32] = { 0,  1,  28, 2,  29, 14, 24, 3,
                                       30, 22, 20, 15, 25, 17, 4,  8,
                                       31, 27, 13, 23, 21, 19, 16, 7,
                                       26, 12, 18, 6,  11, 5,  10, 9 };

    return place[(uint32_t)((word & (0u - word)) * 0x077cb531u) >> 27];
}

static uint32_t list_for(const covey_timers *w, covey_ms due)
{
    uint64_t rest = due ^ w->now;
    uint32_t level = 0;

    if (due <= w->now) {
        return DUE;
    }
    if (rest >> FAR_SHIFT != 0) {
        return FAR;
    }
    while (rest >> DIGIT_BITS != 0) {
        rest >>= DIGIT_BITS;
        level++;
    }
    return level * COVEY_TIMERS_SLOTS +
           (uint32_t)(due >> DIGIT_BITS * level & DIGIT_MASK);
}

static void insert(covey_timers *w, uint32_t i, covey_ms due)
{
    covey_timer *t = &w->timer[i];
    uint32_t list = list_for(w, due);
    uint32_t first = w->list[list];

    t->due = due;
    t->next = first;
    t->prev = FIRST_OF | list;
    if (first != COVEY_TIMERS_NONE) {
        w->timer[first].prev = i;
    }
    w->list[list] = i;
    if (list < DUE) {
        w->used[list / COVEY_TIMERS_SLOTS] |= (uint32_t)1
                                              << list % COVEY_TIMERS_SLOTS;
    }
}

static void take_out(covey_timers *w, uint32_t i)
{
    covey_timer *t = &w->timer[i];

    if (t->next != COVEY_TIMERS_NONE) {
        w->timer[t->next].prev = t->prev;
    }
    if (t->prev & FIRST_OF) {
        uint32_t list = t->prev & ~FIRST_OF;
        w->list[list] = t->next;
        if (list < DUE && t->next == COVEY_TIMERS_NONE) {
            w->used[list / COVEY_TIMERS_SLOTS] &=
                ~((uint32_t)1 << list % COVEY_TIMERS_SLOTS);
        }
    } else {
        w->timer[t->prev].next = t->next;
    }
    t->due = COVEY_NEVER;
}

/* The list that is next to be emptied and when; FAR with COVEY_NEVER if there
 * is none. */
static uint32_t first_list(const covey_timers *w, covey_ms *begins)
{
    for (uint32_t level = 0; level < COVEY_TIMERS_LEVELS; level++) {
        uint32_t shift = DIGIT_BITS * level;
        if (w->used[level] != 0) {
            uint32_t slot = lowest_bit(w->used[level]);
            covey_ms above = w->now >> (shift + DIGIT_BITS);
            *begins = (above << DIGIT_BITS | slot) << shift;
            return level * COVEY_TIMERS_SLOTS + slot;
        }
    }
    *begins = COVEY_NEVER;
    if (w->list[FAR] != COVEY_TIMERS_NONE) {
        *begins = ((w->now >> FAR_SHIFT) + 1) << FAR_SHIFT;
    }
    return FAR;
}

/* Each of a list to where it now belongs. */
static void move_down(covey_timers *w, uint32_t list)
{
    uint32_t i = w->list[list];

    w->list[list] = COVEY_TIMERS_NONE;
    if (list < DUE) {
        w->used[list / COVEY_TIMERS_SLOTS] &=
            ~((uint32_t)1 << list % COVEY_TIMERS_SLOTS);
    }
    while (i != COVEY_TIMERS_NONE) {
        uint32_t next = w->timer[i].next;
        insert(w, i, w->timer[i].due);
        i = next;
    }
}

void covey_timers_init(covey_timers *w, covey_timer *timers, uint32_t count,
                       covey_ms now)
{
    w->timer = timers;
    w->now = now;
    for (uint32_t i = 0; i < COVEY_TIMERS_LEVELS; i++) {
        w->used[i] = 0;
    }
    for (uint32_t i = 0; i < COVEY_TIMERS_LISTS; i++) {
        w->list[i] = COVEY_TIMERS_NONE;
    }
    for (uint32_t i = 0; i < count; i++) {
        timers[i].due = COVEY_NEVER;
    }
}

void covey_timers_set(covey_timers *w, uint32_t i, covey_ms due)
{
    covey_timers_cancel(w, i);
    if (due != COVEY_NEVER) {
        insert(w, i, due);
    }
}

void covey_timers_cancel(covey_timers *w, uint32_t i)
{
    if (covey_timers_is_set(w, i)) {
        take_out(w, i);
    }
}

bool covey_timers_is_set(const covey_timers *w, uint32_t i)
{
    return w->timer[i].due != COVEY_NEVER;
}

uint32_t covey_timers_take(covey_timers *w, covey_ms now)
{
    while (w->list[DUE] == COVEY_TIMERS_NONE) {
        covey_ms begins;
        uint32_t list = first_list(w, &begins);
        if (begins > now || begins == COVEY_NEVER) {
            w->now = now > w->now ? now : w->now;
            return COVEY_TIMERS_NONE;
        }
        w->now = begins;
        move_down(w, list);
    }
    uint32_t i = w->list[DUE];
    take_out(w, i);
    return i;
}

covey_ms covey_timers_next(const covey_timers *w)
{
    covey_ms begins;

    if (w->list[DUE] != COVEY_TIMERS_NONE) {
        return w->now;
    }
    (void)first_list(w, &begins);
    return begins;
}
