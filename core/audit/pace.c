/* SPDX-License-Identifier: BSD-2-Clause */
/* Distances between packets instead of a bucket of tokens: a bucket lets a
 * burst through at the edge of two seconds. */
#include <covey/audit.h>

enum {
    SECOND = 1000
};

/* How long one packet keeps the next one back, rounded up. */
static covey_ms share(uint32_t amount, uint32_t per_second)
{
    return ((covey_ms)amount * SECOND + per_second - 1) / per_second;
}

covey_ms covey_audit_pace_at(const covey_audit_pace *pace,
                             const covey_audit_limits *limits, covey_ms now,
                             uint32_t bytes)
{
    if (limits->packets_s == 0 || bytes > limits->bytes_s) {
        return COVEY_NEVER;
    }
    return pace->next > now ? pace->next : now;
}

void covey_audit_pace_sent(covey_audit_pace *pace,
                           const covey_audit_limits *limits, covey_ms now,
                           uint32_t bytes)
{
    covey_ms wait = SECOND;

    if (limits->packets_s != 0 && limits->bytes_s != 0) {
        const covey_ms packets = share(1, limits->packets_s);
        const covey_ms size = share(bytes, limits->bytes_s);
        wait = packets > size ? packets : size;
    }
    pace->next = now + wait;
}
