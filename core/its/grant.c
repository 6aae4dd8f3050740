/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether an issuer may grant what its subject has (1609.2 clauses 5.1.2.4,
 * 6.4.28 to 6.4.35). Everything that a subject wants is brought into one shape
 * first: a PSID, an SSP or a range of them, a type of end entity and the
 * lengths of chains below. Then an entry of the issuer's certIssuePermissions
 * is looked for that has all of it. */
#include "its_internal.h"

#include <string.h>

struct wish {
    bool all; /* `all`: every PSID that is not named */
    bool end; /* an SSP of an end entity, not a range of a CA */
    covey_its_permission ssp;
    covey_its_range range;
    uint8_t ee_type;
    int32_t min_chain; /* 0, 0 for an end entity */
    int32_t chain_range;
    bool any_chain;    /* what a CA signs itself */
    covey_bytes named; /* with `all`: the groups of the subject, which name */
};

/* How far the best entry came; the numbers say what is said of it. */
enum progress {
    NO_PSID,
    NO_SSP,
    NO_EE_TYPE,
    NO_CHAIN,
    GRANTED
};

static bool has_opaque(covey_bytes list, covey_bytes wanted)
{
    covey_bytes item;

    while (covey_its_opaque_next(&list, &item)) {
        if (item.len == wanted.len &&
            (item.len == 0 || memcmp(item.ptr, wanted.ptr, item.len) == 0)) {
            return true;
        }
    }
    return false;
}

/* Clause 6.4.34: where the mask has a bit, `bits` have that of the value. */
static bool keeps_to_mask(covey_bytes bits, const covey_its_range *r)
{
    if (bits.len != r->mask.len) {
        return false;
    }
    for (size_t i = 0; i < bits.len; i++) {
        if (((bits.ptr[i] ^ r->value.ptr[i]) & r->mask.ptr[i]) != 0) {
            return false;
        }
    }
    return true;
}

static bool grants_ssp(const covey_its_range *r, const covey_its_permission *p)
{
    switch (r->kind) {
    case COVEY_ITS_RANGE_ANY:
        return true;
    case COVEY_ITS_RANGE_OPAQUE:
        return !p->bitmap && has_opaque(r->opaques, p->ssp);
    case COVEY_ITS_RANGE_BITMAP:
        return p->bitmap && p->ssp.ptr != NULL && keeps_to_mask(p->ssp, r);
    }
    return false;
}

/* A range within a range: fewer strings, or a mask that holds at least as
 * many bits, and to the same values. */
static bool grants_range(const covey_its_range *r, const covey_its_range *w)
{
    covey_bytes left = w->opaques;
    covey_bytes item;

    if (r->kind == COVEY_ITS_RANGE_ANY || r->kind != w->kind) {
        return r->kind == COVEY_ITS_RANGE_ANY;
    }
    if (r->kind == COVEY_ITS_RANGE_OPAQUE) {
        while (covey_its_opaque_next(&left, &item)) {
            if (!has_opaque(r->opaques, item)) {
                return false;
            }
        }
        return true;
    }
    for (size_t i = 0; i < r->mask.len && i < w->mask.len; i++) {
        if ((r->mask.ptr[i] & ~w->mask.ptr[i]) != 0) {
            return false;
        }
    }
    return keeps_to_mask(w->value, r);
}

static uint64_t psid_of(const struct wish *w)
{
    return w->end ? w->ssp.psid : w->range.psid;
}

static bool names(covey_bytes groups, uint64_t psid)
{
    covey_its_group g;
    covey_its_range r;

    while (covey_its_group_next(&groups, &g)) {
        while (covey_its_range_next(&g.ranges, &r)) {
            if (r.psid == psid) {
                return true;
            }
        }
    }
    return false;
}

/* `all` of a subject is only within `all` of its issuer if the subject names
 * what the issuer names: else it would get that without the limits. */
static bool names_as_well(covey_bytes theirs, covey_bytes ours)
{
    covey_its_group g;
    covey_its_range r;

    while (covey_its_group_next(&theirs, &g)) {
        while (covey_its_range_next(&g.ranges, &r)) {
            if (!names(ours, r.psid)) {
                return false;
            }
        }
    }
    return true;
}

/* How far PSID and SSP come with this entry of the issuer's. */
static enum progress match(const struct wish *w, covey_bytes issuer_groups,
                           const covey_its_group *g)
{
    covey_bytes ranges = g->ranges;
    covey_its_range r;
    enum progress best = NO_PSID;

    if (!g->ranges.ptr) { /* all others */
        bool fits = w->all ? names_as_well(issuer_groups, w->named)
                           : !names(issuer_groups, psid_of(w));
        return fits ? NO_EE_TYPE : NO_PSID;
    }
    while (!w->all && covey_its_range_next(&ranges, &r)) {
        if (r.psid != psid_of(w)) {
            continue;
        }
        best = NO_SSP;
        if (w->end ? grants_ssp(&r, &w->ssp) : grants_range(&r, &w->range)) {
            return NO_EE_TYPE;
        }
    }
    return best;
}

/* Guidance note 2 of IEEE: the least and the greatest length below the issuer
 * have room for the subject and what is below it. -1 is without end. What does
 * not fit is in found and expected. */
static bool chain_fits(const struct wish *w, const covey_its_group *g,
                       covey_its_finding *why)
{
    int64_t least = (int64_t)w->min_chain + 1;
    int64_t most = least + w->chain_range;
    int64_t allowed = (int64_t)g->min_chain + g->chain_range;
    bool deep =
        g->chain_range == -1 || (w->chain_range != -1 && allowed >= most);

    if (w->any_chain || (deep && g->min_chain <= least)) {
        return true;
    }
    why->found = (uint64_t)(g->min_chain > least   ? least
                            : w->chain_range == -1 ? UINT32_MAX
                                                   : most);
    why->expected = (uint64_t)(g->min_chain > least ? g->min_chain : allowed);
    return false;
}

/* The best that an entry of the issuer's has for this wish. */
static enum progress look_for(const struct wish *w,
                              const covey_its_cert *issuer,
                              covey_its_finding *why)
{
    covey_bytes left = issuer->issue_permissions;
    covey_its_group g;
    enum progress best = NO_PSID;

    while (best != GRANTED && covey_its_group_next(&left, &g)) {
        enum progress now = match(w, issuer->issue_permissions, &g);
        if (now == NO_EE_TYPE && (w->ee_type & ~(unsigned)g.ee_type) == 0) {
            now = chain_fits(w, &g, why) ? GRANTED : NO_CHAIN;
        } else if (now == NO_EE_TYPE && best < now) {
            why->found = w->ee_type;
            why->expected = g.ee_type;
        }
        best = now > best ? now : best;
    }
    return best;
}

static covey_its_reason check(const struct wish *w,
                              const covey_its_cert *issuer,
                              covey_its_finding *why)
{
    switch (look_for(w, issuer, why)) {
    case GRANTED:
        return COVEY_ITS_FINE;
    case NO_CHAIN:
        return COVEY_ITS_R_CHAIN_LENGTH;
    case NO_EE_TYPE:
        return COVEY_ITS_R_EE_TYPE;
    case NO_SSP:
        why->found = psid_of(w);
        return COVEY_ITS_R_SSP;
    case NO_PSID:
        break;
    }
    why->found = w->all ? 0 : psid_of(w);
    return COVEY_ITS_R_PSID;
}

/* What a CA signs itself, in Europe requests to another CA, is not held
 * against the lengths of chains: roots there have one entry with length 2 for
 * that and for what the CA grants. It gives nothing away, as the CA could
 * issue a certificate for it to itself. */
static covey_its_reason check_app(const covey_its_cert *subject,
                                  const covey_its_cert *issuer,
                                  covey_its_finding *why)
{
    covey_bytes left = subject->app_permissions;
    struct wish w = { .end = true,
                      .ee_type = COVEY_ITS_EE_APP,
                      .any_chain = subject->issue_permissions.ptr != NULL };
    covey_its_reason reason = COVEY_ITS_FINE;

    why->entry = 0;
    while (covey_its_permission_next(&left, &w.ssp)) {
        reason = check(&w, issuer, why);
        if (reason != COVEY_ITS_FINE) {
            return reason;
        }
        why->entry++;
    }
    return reason;
}

/* certIssuePermissions, or certRequestPermissions, whose holder is an end
 * entity that enrols. */
static covey_its_reason check_groups(const covey_its_cert *issuer,
                                     covey_bytes groups, bool request,
                                     covey_its_finding *why)
{
    struct wish w = { .named = groups };
    covey_bytes left = groups;
    covey_its_group g;
    covey_its_reason reason = COVEY_ITS_FINE;

    why->entry = 0;
    while (covey_its_group_next(&left, &g)) {
        w.all = g.ranges.ptr == NULL;
        w.ee_type = request ? COVEY_ITS_EE_ENROL : g.ee_type;
        w.min_chain = request ? 0 : g.min_chain;
        w.chain_range = request ? 0 : g.chain_range;
        while (w.all || covey_its_range_next(&g.ranges, &w.range)) {
            reason = check(&w, issuer, why);
            if (reason != COVEY_ITS_FINE) {
                return reason;
            }
            if (w.all) {
                break;
            }
        }
        why->entry++;
    }
    return reason;
}

covey_its_reason covey__its_check_grants(const covey_its_cert *subject,
                                         const covey_its_cert *issuer,
                                         covey_its_finding *why)
{
    covey_its_reason reason;

    if (!issuer->issue_permissions.ptr) {
        return COVEY_ITS_R_ISSUES;
    }
    reason = check_app(subject, issuer, why);
    if (reason == COVEY_ITS_FINE) {
        reason = check_groups(issuer, subject->issue_permissions, false, why);
    }
    if (reason == COVEY_ITS_FINE) {
        reason = check_groups(issuer, subject->request_permissions, true, why);
    }
    return reason;
}
