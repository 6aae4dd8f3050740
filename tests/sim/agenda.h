/* SPDX-License-Identifier: BSD-2-Clause */
/* What will happen in simulated time: a heap, the earliest first. */
#ifndef COVEY_SIM_AGENDA_H
#define COVEY_SIM_AGENDA_H

#include <covey/time.h>
#include <stddef.h>

typedef struct agenda_event {
    covey_ms at;
    unsigned what; /* the caller's */
    uint32_t who;
    uint64_t ref;
} agenda_event;

typedef struct agenda {
    agenda_event *rows; /* the caller's */
    size_t cap;
    size_t len;
} agenda;

/* False: there is no room. */
bool agenda_push(agenda *a, const agenda_event *e);
/* Of one that is not empty. */
agenda_event agenda_pop(agenda *a);

#endif
