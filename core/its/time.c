/* SPDX-License-Identifier: BSD-2-Clause */
/* Time32 and Time64 (1609.2 clause 6.3.14): TAI since 2004. Leap seconds were
 * inserted since then; a Unix second counts none of them. */
#include <covey/its.h>

#define EPOCH    INT64_C(1072915200) /* 2004-01-01T00:00:00Z */
#define MICRO    UINT64_C(1000000)
#define MILLI    1000
#define TIME_END (INT64_C(1) << 43) /* far beyond any certificate */

uint64_t covey_its_now(covey_time now, unsigned leap)
{
    if (!now.unix_known || now.unix_s < EPOCH || now.unix_s > TIME_END) {
        return 0;
    }
    return (uint64_t)(now.unix_s - EPOCH + leap) * MICRO;
}

int64_t covey_its_unix_of(uint32_t time32, unsigned leap)
{
    return EPOCH + time32 - leap;
}

covey_ms covey_its_deadline(uint32_t end, covey_time now, unsigned leap)
{
    int64_t left = covey_its_unix_of(end, leap) - now.unix_s;

    if (covey_its_now(now, leap) == 0 || left <= 0) {
        return now.mono;
    }
    return now.mono + (covey_ms)left * MILLI;
}
