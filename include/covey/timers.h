/* SPDX-License-Identifier: BSD-2-Clause */
/* Many deadlines at once: a timer wheel over an array of the caller. Setting,
 * cancelling and handing out cost the same however many timers there are; one
 * call may have to move many at once, but each only a few times in its life.
 *
 * Five wheels of 32 slots, the first of one millisecond a slot, each of the
 * others 32 times coarser. A timer lies where its deadline first differs from
 * the present, and moves down as time comes nearer, four times at most; what
 * is more than 9 hours away lies in a list that is looked through every 9
 * hours. A heap would know the next deadline exactly, but costs more the more
 * timers there are; one wheel with turns to count would be simpler, but looks
 * at timers whose turn it is not. */
#ifndef COVEY_TIMERS_H
#define COVEY_TIMERS_H

#include <covey/time.h>

#include <stdbool.h>
#include <stdint.h>

enum {
    COVEY_TIMERS_LEVELS = 5,
    COVEY_TIMERS_SLOTS = 32,
    /* Slots of all levels, the timers that are due, those far away. */
    COVEY_TIMERS_LISTS = COVEY_TIMERS_LEVELS * COVEY_TIMERS_SLOTS + 2
};

/* No timer. */
#define COVEY_TIMERS_NONE UINT32_MAX
/* The most timers that an array may have. */
#define COVEY_TIMERS_MAX ((uint32_t)1 << 31)

/* One timer; its name is its index in the caller's array. Private. */
typedef struct covey_timer {
    covey_ms due;  /* COVEY_NEVER: not set */
    uint32_t next; /* in its list */
    uint32_t prev; /* in its list; for the first, which list that is */
} covey_timer;

/* Private. */
typedef struct covey_timers {
    covey_timer *timer; /* the caller's, kept until the wheel is dropped */
    covey_ms now;       /* how far the wheel has turned */
    uint32_t used[COVEY_TIMERS_LEVELS]; /* one bit a slot */
    uint32_t list[COVEY_TIMERS_LISTS];
} covey_timers;

/* No timer is set. count is at most COVEY_TIMERS_MAX. */
void covey_timers_init(covey_timers *w, covey_timer *timers, uint32_t count,
                       covey_ms now);
/* Sets timer i, or moves it; COVEY_NEVER cancels it. A deadline in the past
 * is due at once. */
void covey_timers_set(covey_timers *w, uint32_t i, covey_ms due);
/* Does nothing if it is not set. */
void covey_timers_cancel(covey_timers *w, uint32_t i);
bool covey_timers_is_set(const covey_timers *w, uint32_t i);
/* One timer whose deadline is not after now, no longer set; or
 * COVEY_TIMERS_NONE. Earlier deadlines come first, in no order within the
 * same millisecond. */
uint32_t covey_timers_take(covey_timers *w, covey_ms now);
/* When to call covey_timers_take next, COVEY_NEVER if no timer is set. Never
 * after the first deadline; it may be before, when timers have to move down:
 * for each timer at most four times, not counting those of the 9 hours. */
covey_ms covey_timers_next(const covey_timers *w);

#endif
