/* SPDX-License-Identifier: BSD-2-Clause */
/* May this act be done now? Each question is asked of every document, in the
 * order of covey_audit_reason; the first that is answered with no decides. */
#include "audit_internal.h"

/* What the questions are about. */
typedef struct question {
    const covey_audit_act *act;
    const covey_audit_technique_row *row;
    covey__audit_key target;
    const covey_time *now;
    const covey_audit_counters *done;
} question;

/* --- right and time ------------------------------------------------------ */

static covey_audit_reason check_right(const covey_audit_document *d,
                                      const question *q)
{
    if ((d->techniques & 1u << q->act->technique) == 0) {
        return COVEY_AUDIT_NO_RIGHT;
    }
    if (q->row->account && d->mode != COVEY_AUDIT_ACCOUNT) {
        return COVEY_AUDIT_WRONG_MODE;
    }
    return COVEY_AUDIT_ALLOWED;
}

/* The windows may lie in any order and overlap; what ends last counts. */
static covey_audit_reason check_time(const covey_audit_document *d,
                                     const question *q, int64_t *until)
{
    const int64_t now = q->now->unix_s;
    bool future = false;
    int64_t end = now;

    if (!q->now->unix_known) {
        return COVEY_AUDIT_NO_TIME;
    }
    for (size_t i = 0; i < d->window_count; i++) {
        const covey_audit_window *w = &d->windows[i];
        future = future || w->from > now;
        if (w->from <= now && w->to > end) {
            end = w->to;
        }
    }
    if (end == now) {
        return future ? COVEY_AUDIT_TOO_EARLY : COVEY_AUDIT_EXPIRED;
    }
    *until = end < *until ? end : *until;
    return (uint64_t)end - (uint64_t)now < q->act->duration
               ? COVEY_AUDIT_TOO_LONG
               : COVEY_AUDIT_ALLOWED;
}

/* --- target -------------------------------------------------------------- */

static bool speaks(const covey_audit_clause *c, const covey_audit_act *act)
{
    return c->protocol == COVEY_AUDIT_ANY_PROTOCOL ||
           c->protocol == act->protocol;
}

static bool has_port(const covey_audit_clause *c, const covey_audit_act *act)
{
    return act->target.port >= c->first && act->target.port <= c->last;
}

static covey_audit_reason check_excluded(const covey_audit_document *d,
                                         const question *q, size_t *which)
{
    for (size_t i = 0; i < d->exclude_count; i++) {
        const covey_audit_clause *c = &d->exclude[i];
        if (covey__audit_covers(c, &q->target) &&
            (c->zone == 0 || c->zone == q->target.zone) && speaks(c, q->act) &&
            has_port(c, q->act)) {
            *which = i;
            return COVEY_AUDIT_EXCLUDED;
        }
    }
    return COVEY_AUDIT_ALLOWED;
}

static covey_audit_reason check_scope(const covey_audit_document *d,
                                      const question *q, size_t *which)
{
    covey_audit_reason nearest = COVEY_AUDIT_OUT_OF_SCOPE;

    for (size_t i = 0; i < d->scope_count; i++) {
        const covey_audit_clause *c = &d->scope[i];
        if (!covey__audit_covers(c, &q->target) || c->zone != q->target.zone) {
            continue;
        }
        if (!speaks(c, q->act)) {
            nearest = nearest == COVEY_AUDIT_OUT_OF_SCOPE
                          ? COVEY_AUDIT_WRONG_PROTOCOL
                          : nearest;
        } else if (!has_port(c, q->act)) {
            nearest = COVEY_AUDIT_WRONG_PORT;
        } else {
            *which = i;
            return COVEY_AUDIT_ALLOWED;
        }
    }
    return nearest;
}

static covey_audit_reason check_kind(const question *q)
{
    return q->row->group == q->target.group ? COVEY_AUDIT_ALLOWED
                                            : COVEY_AUDIT_WRONG_KIND;
}

/* --- what has been done -------------------------------------------------- */

static covey_audit_reason check_course(const covey_audit_document *d,
                                       const question *q)
{
    const covey_audit_limits *l = &d->limits;
    const uint32_t sent = q->done->packets;

    if (sent > l->packets_per_target ||
        q->act->packets > l->packets_per_target - sent) {
        return COVEY_AUDIT_BUDGET;
    }
    return q->done->parallel >= l->parallel ? COVEY_AUDIT_PARALLEL
                                            : COVEY_AUDIT_ALLOWED;
}

/* Each stage stands on those before it (AUD-063); whether a target is still
 * alive has to be known in all of them. */
static covey_audit_reason check_stage(const question *q)
{
    const uint32_t before = (1u << q->row->stage) - 1;

    if (!q->act->health && (q->done->stages & before) != before) {
        return COVEY_AUDIT_STAGE_ORDER;
    }
    return q->row->sends && q->done->silent ? COVEY_AUDIT_SILENT
                                            : COVEY_AUDIT_ALLOWED;
}

/* --- the gate ------------------------------------------------------------ */

/* Everything that one document alone says about the target. */
static covey_audit_reason check_target(const covey_audit_document *d,
                                       const question *q, size_t *which)
{
    const covey_audit_reason excluded = check_excluded(d, q, which);

    return excluded != COVEY_AUDIT_ALLOWED ? excluded
                                           : check_scope(d, q, which);
}

typedef enum pass {
    PASS_RIGHT,
    PASS_TIME,
    PASS_TARGET,
    PASS_COURSE
} pass;

/* One question to all documents. Of the mandate, which comes first, the clause
 * is what the verdict names. */
static bool ask(pass p, const covey_audit_mandate *m, const question *q,
                covey_audit_verdict *v)
{
    size_t first = 0;

    for (size_t i = 0; i < m->count; i++) {
        const covey_audit_document *d = &m->documents[i];
        size_t which = 0;

        switch (p) {
        case PASS_RIGHT:
            v->reason = check_right(d, q);
            break;
        case PASS_TIME:
            v->reason = check_time(d, q, &v->until);
            break;
        case PASS_TARGET:
            v->reason = check_target(d, q, &which);
            break;
        case PASS_COURSE:
            v->reason = check_course(d, q);
            break;
        }
        if (v->reason != COVEY_AUDIT_ALLOWED) {
            v->document = i;
            v->clause = v->reason == COVEY_AUDIT_EXCLUDED ? which : 0;
            return false;
        }
        if (p == PASS_TARGET) {
            first = i == 0 ? which : first;
            const uint16_t r = d->scope[which].responders;
            v->responders = i == 0 || r < v->responders ? r : v->responders;
        }
    }
    v->clause = p == PASS_TARGET ? first : v->clause;
    return true;
}

static covey_audit_verdict no(covey_audit_verdict v, covey_audit_reason why)
{
    const covey_audit_verdict verdict = { .reason = why,
                                          .clause = v.clause,
                                          .document = v.document };

    return verdict;
}

static covey_audit_verdict refuse(covey_audit_reason why)
{
    const covey_audit_verdict nothing = { .clause = 0 };

    return no(nothing, why);
}

/* What is asked of the act itself; false: it cannot be expressed. */
static bool understand(const covey_audit_act *act, question *q)
{
    q->row = covey_audit_technique_get(act->technique);
    if (q->row == NULL ||
        (act->health && (act->technique != COVEY_AUDIT_COAP ||
                         act->packets > COVEY_AUDIT_HEALTH_PACKETS))) {
        return false;
    }
    return !q->row->sends ||
           (act->packets > 0 && act->protocol != COVEY_AUDIT_ANY_PROTOCOL &&
            covey__audit_key_of(&act->target, &q->target));
}

covey_audit_verdict covey_audit_decide(const covey_audit_mandate *mandate,
                                       const covey_audit_act *act,
                                       const covey_time *now,
                                       const covey_audit_counters *done)
{
    question q = { .act = act, .now = now, .done = done };
    covey_audit_verdict v = { .until = INT64_MAX };

    if (mandate->count == 0) {
        return refuse(COVEY_AUDIT_NO_MANDATE);
    }
    if (mandate->withdrawn) {
        return refuse(COVEY_AUDIT_WITHDRAWN);
    }
    if (!understand(act, &q)) {
        return refuse(COVEY_AUDIT_NOT_EXPRESSIBLE);
    }
    if (!ask(PASS_RIGHT, mandate, &q, &v) ||
        !ask(PASS_TIME, mandate, &q, &v)) {
        return no(v, v.reason);
    }
    if (q.row->sends && !ask(PASS_TARGET, mandate, &q, &v)) {
        return no(v, v.reason);
    }
    covey_audit_reason why =
        q.row->sends ? check_kind(&q) : COVEY_AUDIT_ALLOWED;
    if (why == COVEY_AUDIT_ALLOWED) {
        why = check_stage(&q);
    }
    if (why != COVEY_AUDIT_ALLOWED) {
        return refuse(why);
    }
    return q.row->sends && !ask(PASS_COURSE, mandate, &q, &v) ? no(v, v.reason)
                                                              : v;
}
