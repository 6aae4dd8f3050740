/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether an amendment only narrows (AUD-053). Each of its clauses has to lie
 * within one of the mandate's, so that a reader can see it, too. */
#include "audit_internal.h"

static bool clause_within(const covey_audit_clause *in,
                          const covey_audit_clause *out)
{
    return (in->mask[0] & out->mask[0]) == out->mask[0] &&
           (in->mask[1] & out->mask[1]) == out->mask[1] &&
           (in->net[0] & out->mask[0]) == out->net[0] &&
           (in->net[1] & out->mask[1]) == out->net[1] &&
           in->zone == out->zone &&
           (out->protocol == COVEY_AUDIT_ANY_PROTOCOL ||
            out->protocol == in->protocol) &&
           in->first >= out->first && in->last <= out->last &&
           in->responders <= out->responders;
}

static bool scope_widens(const covey_audit_document *mandate,
                         const covey_audit_document *amendment, size_t *which)
{
    for (size_t i = 0; i < amendment->scope_count; i++) {
        bool within = false;
        for (size_t j = 0; j < mandate->scope_count && !within; j++) {
            within = clause_within(&amendment->scope[i], &mandate->scope[j]);
        }
        if (!within) {
            *which = i;
            return true;
        }
    }
    return false;
}

static bool window_widens(const covey_audit_document *mandate,
                          const covey_audit_document *amendment, size_t *which)
{
    for (size_t i = 0; i < amendment->window_count; i++) {
        const covey_audit_window *in = &amendment->windows[i];
        bool within = false;
        for (size_t j = 0; j < mandate->window_count && !within; j++) {
            within = in->from >= mandate->windows[j].from &&
                     in->to <= mandate->windows[j].to;
        }
        if (!within) {
            *which = i;
            return true;
        }
    }
    return false;
}

static bool technique_widens(uint32_t mandate, uint32_t amendment,
                             size_t *which)
{
    const uint32_t more = amendment & ~mandate;

    for (size_t i = 0; i < COVEY_AUDIT_TECHNIQUES; i++) {
        if ((more & 1u << i) != 0) {
            *which = i;
            return true;
        }
    }
    return false;
}

static bool limit_widens(const covey_audit_limits *mandate,
                         const covey_audit_limits *amendment)
{
    return amendment->packets_s > mandate->packets_s ||
           amendment->bytes_s > mandate->bytes_s ||
           amendment->packets_per_target > mandate->packets_per_target ||
           amendment->parallel > mandate->parallel;
}

covey_audit_widening covey_audit_widens(const covey_audit_document *mandate,
                                        const covey_audit_document *amendment,
                                        size_t *which)
{
    size_t at = 0;
    covey_audit_widening how = COVEY_AUDIT_NARROWS;

    if (scope_widens(mandate, amendment, &at)) {
        how = COVEY_AUDIT_WIDENS_SCOPE;
    } else if (window_widens(mandate, amendment, &at)) {
        how = COVEY_AUDIT_WIDENS_WINDOW;
    } else if (technique_widens(mandate->techniques, amendment->techniques,
                                &at)) {
        how = COVEY_AUDIT_WIDENS_TECHNIQUE;
    } else if (amendment->mode != mandate->mode) {
        how = COVEY_AUDIT_WIDENS_MODE;
    } else if (limit_widens(&mandate->limits, &amendment->limits)) {
        how = COVEY_AUDIT_WIDENS_LIMIT;
    }
    *which = at;
    return how;
}
