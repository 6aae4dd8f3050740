/* SPDX-License-Identifier: BSD-2-Clause */
#include "gate_model.h"

#include <string.h>

/* --- addresses, bit by bit ----------------------------------------------- */

static bool widen(const covey_address *a, uint8_t ip[16])
{
    memset(ip, 0, 16);
    if (a->family == COVEY_FAMILY_IPV4) {
        ip[10] = ip[11] = 0xff;
        memcpy(ip + 12, a->ip, 4);
        return true;
    }
    memcpy(ip, a->ip, 16);
    return a->family == COVEY_FAMILY_IPV6;
}

static bool link_local(const uint8_t ip[16])
{
    return (ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80) ||
           (ip[0] == 0xff && ((ip[1] & 0x0f) == 1 || (ip[1] & 0x0f) == 2));
}

static bool is_group(const uint8_t ip[16])
{
    static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

    return ip[0] == 0xff ||
           (memcmp(ip, mapped, sizeof mapped) == 0 && ip[12] >> 4 == 0x0e);
}

static int bit(const uint8_t *ip, unsigned i)
{
    return ip[i / 8] >> (7 - i % 8) & 1;
}

static bool within(const covey_audit_range *r, const covey_address *target)
{
    const unsigned bits =
        r->prefix + (r->net.family == COVEY_FAMILY_IPV4 ? 96u : 0u);
    uint8_t net[16];
    uint8_t ip[16];

    widen(&r->net, net);
    widen(target, ip);
    for (unsigned i = 0; i < bits; i++) {
        if (bit(net, i) != bit(ip, i)) {
            return false;
        }
    }
    return true;
}

static bool speaks(const covey_audit_range *r, const covey_audit_act *act)
{
    return (r->protocol == COVEY_AUDIT_ANY_PROTOCOL ||
            r->protocol == act->protocol) &&
           r->first <= act->target.port && act->target.port <= r->last;
}

/* --- one document -------------------------------------------------------- */

static bool in_time(const model_document *d, const covey_audit_act *act,
                    int64_t now)
{
    for (size_t i = 0; i < d->window_count; i++) {
        if (d->windows[i].from <= now && now < d->windows[i].to &&
            now + act->duration <= d->windows[i].to) {
            return true;
        }
    }
    return false;
}

static bool in_scope(const model_document *d, const covey_audit_act *act)
{
    bool in = false;

    for (size_t i = 0; i < d->exclude_count; i++) {
        const covey_audit_range *r = &d->exclude[i];
        if (within(r, &act->target) && speaks(r, act) &&
            (r->net.zone == 0 || r->net.zone == act->target.zone)) {
            return false;
        }
    }
    for (size_t i = 0; i < d->scope_count; i++) {
        const covey_audit_range *r = &d->scope[i];
        in = in || (within(r, &act->target) && speaks(r, act) &&
                    r->net.zone == act->target.zone);
    }
    return in;
}

static bool consents(const model_document *d, const covey_audit_act *act,
                     int64_t now, const covey_audit_counters *done)
{
    const covey_audit_technique_row *row =
        covey_audit_technique_get(act->technique);

    if ((d->techniques >> act->technique & 1) == 0 ||
        (row->account && d->mode != COVEY_AUDIT_ACCOUNT) ||
        !in_time(d, act, now)) {
        return false;
    }
    return !row->sends || (in_scope(d, act) &&
                           (uint64_t)done->packets + act->packets <=
                               d->limits.packets_per_target &&
                           done->parallel < d->limits.parallel);
}

/* --- all of them --------------------------------------------------------- */

static bool makes_sense(const covey_audit_act *act)
{
    const covey_audit_technique_row *row =
        covey_audit_technique_get(act->technique);
    uint8_t ip[16];

    if (row == NULL) {
        return false;
    }
    if (act->health &&
        (act->technique != COVEY_AUDIT_COAP || act->packets > 2)) {
        return false;
    }
    if (!row->sends) {
        return true;
    }
    return act->packets > 0 && act->protocol != COVEY_AUDIT_ANY_PROTOCOL &&
           widen(&act->target, ip) &&
           link_local(ip) == (act->target.zone != 0) &&
           is_group(ip) == row->group;
}

bool model_allows(const model_mandate *m, const covey_audit_act *act,
                  const covey_time *now, const covey_audit_counters *done)
{
    if (m->count == 0 || m->withdrawn || !makes_sense(act) ||
        !now->unix_known) {
        return false;
    }
    const covey_audit_technique_row *row =
        covey_audit_technique_get(act->technique);
    for (unsigned s = 0; s < row->stage && !act->health; s++) {
        if ((done->stages >> s & 1) == 0) {
            return false;
        }
    }
    if (row->sends && done->silent) {
        return false;
    }
    for (size_t i = 0; i < m->count; i++) {
        if (!consents(&m->documents[i], act, now->unix_s, done)) {
            return false;
        }
    }
    return true;
}

/* --- the same for the gate ----------------------------------------------- */

typedef covey_status ready_one(covey_audit_clause *clause,
                               const covey_audit_range *range);

static size_t keep(covey_audit_range *ranges, size_t count,
                   covey_audit_clause *clauses, ready_one *one)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        const covey_audit_range range = ranges[i];
        if (one(&clauses[kept], &range) == COVEY_OK) {
            ranges[kept++] = range;
        }
    }
    return kept;
}

void model_prepare(model_mandate *m)
{
    for (size_t i = 0; i < m->count; i++) {
        model_document *d = &m->documents[i];

        d->scope_count =
            keep(d->scope, d->scope_count, m->scope[i], covey_audit_scope);
        d->exclude_count = keep(d->exclude, d->exclude_count, m->exclude[i],
                                covey_audit_exclude);
        const covey_audit_document ready = {
            .scope = m->scope[i],
            .scope_count = d->scope_count,
            .exclude = m->exclude[i],
            .exclude_count = d->exclude_count,
            .windows = d->windows,
            .window_count = d->window_count,
            .techniques = d->techniques,
            .mode = d->mode,
            .limits = d->limits,
        };
        m->ready[i] = ready;
    }
    m->mandate.documents = m->ready;
    m->mandate.count = m->count;
    m->mandate.withdrawn = m->withdrawn;
}
