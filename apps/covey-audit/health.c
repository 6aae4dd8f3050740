/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether a host still answers: before its checks and after them, and around
 * an external scanner (AUD-081). */
#include "run.h"

#include <system_address.h>

static audit_act probe_of(const audit_run *r, audit_target *t)
{
    size_t count = 0;

    return audit_act_of(r, audit_checks(&count), t);
}

bool audit_health_ask(audit_run *r, audit_target *t)
{
    audit_act a = probe_of(r, t);
    enum audit_outcome outcome = OUTCOME_SILENT;

    t->asked = true;
    t->alive = audit_act_try(r, &a, &outcome) && outcome == OUTCOME_DONE;
    return t->alive;
}

void audit_health_again(audit_run *r, audit_target *t)
{
    audit_act a = probe_of(r, t);
    enum audit_outcome outcome = OUTCOME_SILENT;

    if (audit_act_try(r, &a, &outcome) && outcome != OUTCOME_DONE &&
        r->guard.why == STOP_NONE) {
        t->done.silent = true;
        guard_stop(&r->guard, STOP_SILENCE);
    }
}

/* What is wrong with a probe, an act and another probe, the last of which has
 * to find the room; NULL: nothing. */
static const char *lacks_room(const audit_run *r, const audit_act *probe,
                              const covey_audit_act *between)
{
    const covey_time now = { .unix_s = guard_unix_ms(&r->guard) / 1000,
                             .unix_known = true };
    covey_audit_counters done = probe->target->done;
    covey_audit_act all = probe->what;

    if ((r->gate.documents[0].techniques >> all.technique & 1) == 0) {
        return "no right to the health probe";
    }
    done.packets += all.packets + between->packets;
    all.duration = 2 * all.duration + between->duration;
    return covey_audit_decide(&r->gate, &all, &now, &done).reason ==
                   COVEY_AUDIT_ALLOWED
               ? NULL
               : "no room for the health probe";
}

void audit_health_tell(audit_run *r, audit_target *t, const char *when)
{
    const audit_act probe = probe_of(r, t);
    const covey_time now = { .unix_s = guard_unix_ms(&r->guard) / 1000,
                             .unix_known = true };
    const covey_audit_verdict v =
        covey_audit_decide(&r->gate, &probe.what, &now, &t->done);
    const bool allowed = v.reason == COVEY_AUDIT_ALLOWED;
    char target[ADDRESS_TEXT_MAX];

    t->done.packets += allowed ? probe.what.packets : 0;
    fprintf(r->plan, "%s %s, packets %u, at most %u, %s: %s%s\n",
            probe.check->id, address_text(&probe.what.target, target),
            (unsigned)probe.check->asks, (unsigned)probe.check->packets, when,
            allowed ? "clause " : "refused: ",
            allowed ? r->terms->clauses[v.clause]
                    : covey_audit_reason_name(v.reason));
}

bool audit_health_tell_around(audit_run *r, audit_target *t,
                              const covey_audit_act *between)
{
    const audit_act probe = probe_of(r, t);
    const char *why = lacks_room(r, &probe, between);
    char target[ADDRESS_TEXT_MAX];

    if (why != NULL) {
        fprintf(r->plan, "%s %s, not tested: %s\n", probe.check->id,
                address_text(&probe.what.target, target), why);
        return false;
    }
    audit_health_tell(r, t, "before it");
    return true;
}

bool audit_health_before(audit_run *r, audit_target *t,
                         const covey_audit_act *between)
{
    const audit_act probe = probe_of(r, t);
    const char *why = lacks_room(r, &probe, between);

    if (why != NULL) {
        audit_act_leave_out(r, &probe, why);
        return false;
    }
    if (t->alive) {
        audit_health_again(r, t);
        return true;
    }
    return audit_health_ask(r, t);
}
