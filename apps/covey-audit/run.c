/* SPDX-License-Identifier: BSD-2-Clause */
/* covey-audit run: clause by clause, host by host, check by check; each is
 * asked of the gate, and the first thing that goes wrong ends all of it. */
#include "run.h"

#include "launch.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <system_address.h>

enum {
    PACKET_MAX = 200 /* bytes of a probe with its headers, at worst */
};

/* --- targets ------------------------------------------------------------- */

static audit_target *target_of(audit_run *r, const covey_address *host)
{
    for (size_t i = 0; i < r->target_count; i++) {
        if (covey_address_equal(&r->targets[i]->host, host)) {
            return r->targets[i];
        }
    }
    audit_target **more =
        realloc(r->targets, (r->target_count + 1) * sizeof(audit_target *));
    if (more == NULL) {
        return NULL;
    }
    r->targets = more;
    audit_target *t = calloc(1, sizeof *t);
    if (t != NULL) {
        t->host = *host;
        t->done.stages = UINT32_MAX;
        r->targets[r->target_count++] = t;
    }
    return t;
}

static void free_targets(audit_run *r)
{
    for (size_t i = 0; i < r->target_count; i++) {
        free(r->targets[i]);
    }
    free(r->targets);
    r->targets = NULL;
    r->target_count = 0;
}

/* --- which checks -------------------------------------------------------- */

/* Is `id` one of the names in "CO-01,CO-02"? */
static bool is_named(const char *list, const char *id)
{
    const size_t len = strlen(id);

    for (const char *at = list; at != NULL; at = strchr(at, ',')) {
        at += *at == ',' ? 1 : 0;
        if (strncmp(at, id, len) == 0 && (at[len] == ',' || at[len] == '\0')) {
            return true;
        }
    }
    return false;
}

static bool has_right(const audit_run *r, const audit_check *c)
{
    return (r->gate.documents[0].techniques >> c->technique & 1) != 0;
}

static bool is_wanted(const audit_run *r, const audit_check *c,
                      const covey_audit_range *range)
{
    const bool group = covey_audit_technique_get(c->technique)->group;

    return has_right(r, c) && group == (range->responders != 0) &&
           (range->protocol == COVEY_AUDIT_ANY_PROTOCOL ||
            range->protocol == c->protocol) &&
           c->port >= range->first && c->port <= range->last &&
           (r->args->checks == NULL || is_named(r->args->checks, c->id));
}

static uint32_t seconds_of(const audit_run *r, const audit_check *c)
{
    const covey_audit_limits *l = &r->limits;
    const uint32_t by_packets = c->packets / l->packets_s + 1;
    const uint32_t by_bytes =
        (uint32_t)((uint64_t)c->packets * PACKET_MAX / l->bytes_s) + 1;
    const uint32_t pace = by_packets > by_bytes ? by_packets : by_bytes;

    return c->seconds + c->waits * r->terms->stop_if_silent_s + pace;
}

static audit_act act_of(const audit_run *r, const audit_check *c,
                        audit_target *t)
{
    audit_act a = { .check = c,
                    .target = t,
                    .what = { .technique = c->technique,
                              .protocol = c->protocol,
                              .target = t->host,
                              .packets = c->packets,
                              .duration = seconds_of(r, c) } };

    a.what.target.port = c->port;
    return a;
}

/* --- one check ----------------------------------------------------------- */

static void leave_out(audit_run *r, const audit_act *a, const char *why)
{
    char target[ADDRESS_TEXT_MAX];

    r->untested++;
    audit_record(r,
                 json_pack("{s:s, s:s, s:s, s:s}", "kind", "not_tested",
                           "check", a->check->id, "target",
                           address_text(&a->what.target, target), "why", why),
                 false);
}

/* Judged and done; false: not allowed. The clause that covers an act is the
 * one that has it done, so that nothing is done twice. */
static bool try_act(audit_run *r, const audit_check *c, audit_target *t,
                    size_t clause, enum audit_outcome *outcome)
{
    audit_act a = act_of(r, c, t);

    audit_act_judge(r, &a);
    const covey_audit_reason reason = a.verdict.reason;
    if (reason == COVEY_AUDIT_EXPIRED || reason == COVEY_AUDIT_TOO_LONG) {
        /* what has begun does not go on without its time */
        if (r->allowed > 0) {
            guard_stop(&r->guard, STOP_EXPIRY);
        }
    }
    if (reason != COVEY_AUDIT_ALLOWED || a.verdict.clause != clause) {
        return false;
    }
    a.number = r->acts++;
    *outcome = audit_act_do(r, &a);
    return true;
}

/* Whether the host answers now. */
static bool is_healthy(audit_run *r, audit_target *t, size_t clause)
{
    size_t count = 0;
    enum audit_outcome outcome = OUTCOME_SILENT;

    return try_act(r, audit_checks(&count), t, clause, &outcome) &&
           outcome == OUTCOME_DONE;
}

static void check_health_again(audit_run *r, audit_target *t, size_t clause)
{
    if (!is_healthy(r, t, clause) && r->guard.why == STOP_NONE) {
        t->done.silent = true;
        guard_stop(&r->guard, STOP_SILENCE);
    }
}

static void run_check(audit_run *r, const audit_check *c, audit_target *t,
                      size_t clause)
{
    const audit_act a = act_of(r, c, t);
    enum audit_outcome outcome = OUTCOME_DONE;

    if (c->needs_alive && !t->asked) {
        size_t count = 0;
        t->asked = true;
        t->alive =
            has_right(r, audit_checks(&count)) && is_healthy(r, t, clause);
    }
    if (r->guard.why != STOP_NONE) {
        return;
    }
    if (c->needs_alive && !t->alive) {
        leave_out(r, &a, "no answer to the health probe");
    } else if (c->needs_links && !t->open) {
        leave_out(r, &a, "no resources are listed");
    } else if (c->certificate && t->certified) {
        leave_out(r, &a, "the certificate has been seen");
    } else if (try_act(r, c, t, clause, &outcome) && c->needs_alive &&
               (outcome == OUTCOME_SILENT || outcome == OUTCOME_CLOSED)) {
        check_health_again(r, t, clause);
    }
}

/* --- hosts --------------------------------------------------------------- */

/* What would be done, without doing it. */
static void tell(audit_run *r, const audit_check *c, audit_target *t,
                 size_t clause)
{
    const covey_time now = { .unix_s = guard_unix_ms(&r->guard) / 1000,
                             .unix_known = true };
    const audit_act a = act_of(r, c, t);
    const covey_audit_verdict v =
        covey_audit_decide(&r->gate, &a.what, &now, &t->done);
    const bool allowed = v.reason == COVEY_AUDIT_ALLOWED;
    char target[ADDRESS_TEXT_MAX];

    if (allowed && v.clause != clause) {
        return;
    }
    r->allowed += allowed ? 1 : 0;
    r->refused += allowed ? 0 : 1;
    t->done.packets += allowed ? a.what.packets : 0;
    fprintf(r->plan, "%s %s, up to %u packets: %s%s\n", c->id,
            address_text(&a.what.target, target), (unsigned)c->packets,
            allowed ? "clause " : "refused: ",
            allowed ? r->terms->clauses[v.clause]
                    : covey_audit_reason_name(v.reason));
}

static void run_host(audit_run *r, const covey_address *host, size_t clause)
{
    const covey_audit_range *range = &r->terms->ranges[clause];
    audit_target *t = target_of(r, host);
    size_t count = 0;
    const audit_check *all = audit_checks(&count);

    if (t == NULL) {
        guard_stop(&r->guard, STOP_EVIDENCE);
        return;
    }
    const uint64_t before = r->packets;
    for (size_t i = 1; i < count && r->guard.why == STOP_NONE; i++) {
        if (is_wanted(r, &all[i], range) && r->plan != NULL) {
            tell(r, &all[i], t, clause);
        } else if (is_wanted(r, &all[i], range)) {
            run_check(r, &all[i], t, clause);
        }
    }
    if (t->alive && r->packets > before && r->guard.why == STOP_NONE) {
        check_health_again(r, t, clause);
    }
}

static void run_clauses(audit_run *r)
{
    for (size_t c = 0; c < r->gate.documents[0].scope_count; c++) {
        const covey_audit_range *range = &r->terms->ranges[c];
        const uint32_t count = audit_host_count(range);

        if (count == 0 && r->plan == NULL) {
            fprintf(stderr,
                    "covey-audit run: clause %s has more than %d hosts, none "
                    "of which is looked at\n",
                    r->terms->clauses[c], AUDIT_HOSTS_MAX);
            r->refused++;
        }
        for (uint32_t n = 0; n < count; n++) {
            const covey_address host = audit_host_at(range, n);
            if (guard_check(&r->guard) != STOP_NONE) {
                return;
            }
            if (audit_host_is(range, n)) {
                run_host(r, &host, c);
            }
        }
    }
}

/* --- the whole of it ----------------------------------------------------- */

static uint32_t less(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Each document limits, so the least of all counts. */
static covey_audit_limits limits_of(const covey_audit_mandate *gate)
{
    covey_audit_limits all = gate->documents[0].limits;

    for (size_t i = 1; i < gate->count; i++) {
        const covey_audit_limits *l = &gate->documents[i].limits;
        all.packets_s = less(all.packets_s, l->packets_s);
        all.bytes_s = less(all.bytes_s, l->bytes_s);
    }
    return all;
}

static int status_of(const audit_run *r)
{
    switch (r->guard.why) {
    case STOP_EVIDENCE:
        return AUDIT_EVIDENCE;
    case STOP_WITHDRAWAL:
    case STOP_SIGNAL:
    case STOP_EXPIRY:
    case STOP_CLOCK:
        return AUDIT_STOPPED;
    case STOP_SILENCE:
        return AUDIT_SAFETY;
    case STOP_NONE:
    case AUDIT_STOPS:
        break;
    }
    if (r->refused > 0) {
        return AUDIT_REFUSED;
    }
    return r->findings > 0 ? AUDIT_FINDINGS : AUDIT_DONE;
}

/* A stop is for ever, whoever it was that stopped (AUD-061). */
static void note_stop(audit_run *r, const char *state)
{
    if (r->guard.why == STOP_NONE) {
        return;
    }
    if (r->guard.why == STOP_SIGNAL) {
        audit_state_withdraw(state, r->terms->id, "signal", stderr);
    }
    audit_record(r,
                 json_pack("{s:s, s:s, s:I, s:I}", "kind", "stop", "why",
                           audit_stop_text(r->guard.why), "noticed_ms",
                           (json_int_t)r->guard.when_ms, "packets",
                           (json_int_t)r->packets),
                 true);
}

static void sum_up(const audit_run *r, int status)
{
    if (r->args->json) {
        audit_print_json(json_pack(
            "{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:i}", "mandate",
            r->terms->id, "stop", audit_stop_text(r->guard.why), "acts",
            (json_int_t)r->allowed, "refused", (json_int_t)r->refused,
            "not_tested", (json_int_t)r->untested, "findings",
            (json_int_t)r->findings, "packets", (json_int_t)r->packets,
            "status", status));
        return;
    }
    printf("%" PRIu64 " acts, %" PRIu64 " refused, %" PRIu64
           " not tested, %" PRIu64 " findings, %" PRIu64 " packets",
           r->allowed, r->refused, r->untested, r->findings, r->packets);
    if (r->guard.why != STOP_NONE) {
        printf("; stopped: %s", audit_stop_text(r->guard.why));
    }
    putchar('\n');
}

/* What is going to be done, in a file of the evidence whose hash is in its
 * first line: the intent, before the first act (AUD-036). */
static bool write_plan(audit_run *r, const audit_launch *launch)
{
    r->plan = launch_create_plan(r->args);
    if (r->plan == NULL) {
        return false;
    }
    run_clauses(r);
    const bool good = launch_close_plan(launch, r->plan);
    r->plan = NULL;
    free_targets(r);
    r->allowed = 0;
    r->refused = 0;
    return good;
}

int audit_run_all(const audit_args *a, const mandate *m, void *user)
{
    const audit_launch *launch = user;
    audit_run r = { .args = a,
                    .crypto = &launch->crypto,
                    .terms = mandate_read(m),
                    .gate = mandate_gate(m),
                    .log = launch->log,
                    .capture = launch->capture,
                    .inventory = launch->inventory };
    int status = AUDIT_IO;

    r.limits = limits_of(&r.gate);
    if (!guard_open(&r.guard, launch->state, r.terms->id, stderr)) {
        return status;
    }
    if (a->dry) {
        r.plan = stdout;
        run_clauses(&r);
    } else if (!write_plan(&r, launch)) {
        guard_stop(&r.guard, STOP_EVIDENCE);
    } else if (audit_record_begin(&r, launch->run, launch->files)) {
        run_clauses(&r);
    }
    status = status_of(&r);
    if (!a->dry) {
        note_stop(&r, launch->state);
        if (!audit_record_end(&r, status)) {
            status = AUDIT_EVIDENCE;
        }
    }
    sum_up(&r, status);
    packets_end(&r);
    guard_close(&r.guard);
    free_targets(&r);
    return status;
}
