/* SPDX-License-Identifier: BSD-2-Clause */
/* Time as the core sees it: it has no clock, every call that needs the time is
 * told. */
#ifndef COVEY_TIME_H
#define COVEY_TIME_H

#include <stdbool.h>
#include <stdint.h>

/* Milliseconds of a clock that never goes back and also runs while the system
 * sleeps; where its zero is does not matter. */
typedef uint64_t covey_ms;

/* A deadline that does not exist. */
#define COVEY_NEVER UINT64_MAX

typedef struct covey_time {
    covey_ms mono;
    int64_t unix_s;  /* seconds since 1970-01-01T00:00:00Z, if known */
    bool unix_known; /* certificates are refused rather than assumed valid */
} covey_time;

/* The earlier of two deadlines. */
static inline covey_ms covey_earlier(covey_ms a, covey_ms b)
{
    return a < b ? a : b;
}

#endif
