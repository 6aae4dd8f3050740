/* SPDX-License-Identifier: BSD-2-Clause */
/* The order of notifications, RFC 7641 Sections 3.3.1, 3.4 and 4.4. */
#include <covey/transfer.h>

#define HALF      0x800000u /* 2^23, of the 24 bits of Observe */
#define MASK      0xffffffu
#define AGE       128000u /* ms after which the order no longer counts */
#define WAIT      5000u
#define WAIT_SPAN 10000u

bool covey_observation_fresh(covey_observation *o, uint32_t observe,
                             covey_ms now)
{
    const uint32_t ahead = (observe - o->last) & MASK;

    if (o->begun && (ahead == 0 || ahead >= HALF) && now <= o->at + AGE) {
        return false;
    }
    o->last = observe & MASK;
    o->at = now;
    o->begun = true;
    return true;
}

covey_ms covey_observation_stale(const covey_observation *o, uint32_t max_age,
                                 uint32_t random)
{
    return o->at + (covey_ms)max_age * 1000 + WAIT +
           ((uint64_t)(WAIT_SPAN + 1) * random >> 32);
}

uint32_t covey_observe_sequence(uint32_t before, covey_ms now)
{
    const uint32_t clock = (uint32_t)(now & MASK);
    const uint32_t ahead = (clock - before) & MASK;

    return ahead != 0 && ahead < HALF ? clock : (before + 1) & MASK;
}
