/* SPDX-License-Identifier: BSD-2-Clause */
/* covey-audit run: clause by clause, host by host, check by check; each is
 * asked of the gate, and the first thing that goes wrong ends all of it. */
#include "run.h"

#include "launch.h"
#include "tool.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <system_address.h>

/* --- targets ------------------------------------------------------------- */

/* Of a host, perhaps a new one; NULL: no memory. */
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
        /* the others are waived */
        t->done.stages = ~r->stages | r->ended;
        r->targets[r->target_count++] = t;
    }
    return t;
}

static void free_targets(audit_run *r)
{
    for (size_t i = 0; i < r->target_count; i++) {
        free(r->targets[i]->ports);
        free(r->targets[i]);
    }
    free(r->targets);
    r->targets = NULL;
    r->target_count = 0;
}

/* --- which checks -------------------------------------------------------- */

bool audit_check_is_named(const char *list, const char *id)
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

static bool is_check(const char *id)
{
    size_t count = 0;
    const audit_check *all = audit_checks(&count);

    for (size_t i = 0; i < count; i++) {
        if (strcmp(all[i].id, id) == 0) {
            return true;
        }
    }
    return scan_has(id) || strcmp(id, PUBLIC_ID) == 0 ||
           strcmp(id, EXTERNAL_ID) == 0;
}

bool audit_checks_good(const char *list)
{
    char id[16];

    for (const char *at = list;;) {
        const size_t len = strcspn(at, ",");
        if (len >= sizeof id) {
            return false;
        }
        memcpy(id, at, len);
        id[len] = '\0';
        if (!is_check(id)) {
            return false;
        }
        if (at[len] == '\0') {
            return true;
        }
        at += len + 1;
    }
}

static bool has_right(const audit_run *r, const audit_check *c)
{
    return (r->gate.documents[0].techniques >> c->technique & 1) != 0;
}

/* Whether a clause of the mandate itself has this host, this protocol and this
 * port; what is there beyond that is for the gate. */
static bool is_in_clause(const audit_run *r, const audit_check *c,
                         const covey_address *host)
{
    const bool group = covey_audit_technique_get(c->technique)->group;

    for (size_t i = 0; i < r->gate.documents[0].scope_count; i++) {
        const covey_audit_range *range = &r->terms->ranges[i];
        if (audit_host_in(range, host) && group == (range->responders != 0) &&
            (range->protocol == COVEY_AUDIT_ANY_PROTOCOL ||
             range->protocol == c->protocol) &&
            (c->port == 0 ||
             (c->port >= range->first && c->port <= range->last))) {
            return true;
        }
    }
    return false;
}

static bool is_wanted(const audit_run *r, const audit_check *c,
                      const covey_address *host)
{
    return audit_stage_asked(r, c->technique) && is_in_clause(r, c, host) &&
           (r->args->checks == NULL ||
            audit_check_is_named(r->args->checks, c->id));
}

/* --- one check ----------------------------------------------------------- */

/* Only where the mandate says so; what is refused anyhow is refused. */
static bool has_credential(const audit_run *r, const audit_act *a)
{
    const covey_time now = { .unix_s = guard_unix_ms(&r->guard) / 1000,
                             .unix_known = true };
    const covey_audit_verdict v =
        covey_audit_decide(&r->gate, &a->what, &now, &a->target->done);

    return v.reason != COVEY_AUDIT_ALLOWED ||
           (r->credential != NULL &&
            strcmp(r->credential->target, r->terms->clauses[v.clause]) == 0);
}

/* An address of the auditor from which this host can be reached. */
static bool has_source(const audit_run *r, const audit_target *t)
{
    for (size_t i = 0; i < r->terms->source_count; i++) {
        if (r->terms->sources[i].family == t->host.family) {
            return true;
        }
    }
    return false;
}

/* What the check would need and is not there; NULL: nothing. */
static const char *lacks(const audit_run *r, const audit_act *a)
{
    const audit_check *c = a->check;
    const audit_target *t = a->target;

    size_t count = 0;

    if (!has_right(r, c)) {
        return NULL; /* the gate says so */
    }
    if (!has_source(r, t)) {
        return "no source address of this family";
    }
    if (t->fortuitous) {
        return "after a fortuitous access";
    }
    if (c->needs_alive && !has_right(r, audit_checks(&count))) {
        return "no right to the health probe";
    }
    if (c->needs_alive && !t->alive) {
        return "no answer to the health probe";
    }
    if (c->needs_links && !t->open) {
        return "no resources are listed";
    }
    if (c->technique == COVEY_AUDIT_REPLAY && !has_credential(r, a)) {
        return "no credential was given for this clause";
    }
    return c->certificate && t->certified ? "the certificate has been seen"
                                          : NULL;
}

static void run_check(audit_run *r, const audit_check *c, audit_target *t)
{
    audit_act a = audit_act_of(r, c, t);
    enum audit_outcome outcome = OUTCOME_DONE;

    if (c->needs_alive && !t->asked && has_right(r, c) && has_source(r, t)) {
        size_t count = 0;
        t->asked = true;
        if (has_right(r, audit_checks(&count))) {
            (void)audit_health_ask(r, t);
        }
    }
    if (r->guard.why != STOP_NONE) {
        return;
    }
    const char *why = lacks(r, &a);
    if (why != NULL) {
        audit_act_leave_out(r, &a, why);
    } else if (audit_act_try(r, &a, &outcome) && c->needs_alive &&
               (outcome == OUTCOME_SILENT || outcome == OUTCOME_CLOSED)) {
        audit_health_again(r, t);
    }
}

/* At each port that was found open; the clauses that had it scanned have it,
 * too. */
static void run_at_ports(audit_run *r, const audit_check *c, audit_target *t)
{
    audit_act a = audit_act_of(r, c, t);
    enum audit_outcome outcome = OUTCOME_DONE;
    size_t count = 0;

    for (size_t i = 0; i < t->port_count && r->guard.why == STOP_NONE; i++) {
        if (t->ports[i].protocol == c->protocol) {
            a.what.target.port = t->ports[i].port;
            (void)audit_act_try(r, &a, &outcome);
            count++;
        }
    }
    if (count == 0) {
        a.what.target.port = 0;
        audit_act_leave_out(r, &a, "no port is known to be open");
    }
}

/* --- hosts --------------------------------------------------------------- */

/* What would be done, without doing it. */
static void tell(audit_run *r, const audit_check *c, audit_target *t)
{
    const covey_time now = { .unix_s = guard_unix_ms(&r->guard) / 1000,
                             .unix_known = true };
    const audit_act a = audit_act_of(r, c, t);
    char target[ADDRESS_TEXT_MAX];
    size_t count = 0;

    if (c->port == 0) {
        r->allowed++;
        fprintf(r->plan,
                "%s %s, packets %u, at most %u, for each open port of %s\n",
                c->id, address_text(&a.what.target, target), (unsigned)c->asks,
                (unsigned)c->packets, audit_protocol_name(c->protocol));
        return;
    }
    if (c->needs_alive && !t->asked && has_right(r, c) &&
        has_right(r, audit_checks(&count))) {
        audit_health_tell(r, t, "before the checks");
        t->asked = true;
    }
    const covey_audit_verdict v =
        covey_audit_decide(&r->gate, &a.what, &now, &t->done);
    const bool allowed = v.reason == COVEY_AUDIT_ALLOWED;
    r->allowed += allowed ? 1 : 0;
    r->refused += allowed ? 0 : 1;
    t->done.packets += allowed ? a.what.packets : 0;
    /* what waits for nothing sends nothing */
    fprintf(r->plan, "%s %s, packets %u, at most %u: %s%s\n", c->id,
            address_text(&a.what.target, target), (unsigned)c->asks,
            c->waits > 0 ? (unsigned)c->packets : 0u,
            allowed ? "clause " : "refused: ",
            allowed ? r->terms->clauses[v.clause]
                    : covey_audit_reason_name(v.reason));
}

/* Each check of the stage that the host's clauses have room for. */
static void run_services(audit_run *r, audit_target *t)
{
    size_t count = 0;
    const audit_check *all = audit_checks(&count);
    const uint64_t before = r->packets;

    for (size_t i = 1; i < count && r->guard.why == STOP_NONE; i++) {
        if (!is_wanted(r, &all[i], &t->host)) {
            continue;
        }
        if (r->plan != NULL) {
            tell(r, &all[i], t);
        } else if (all[i].port == 0) {
            run_at_ports(r, &all[i], t);
        } else {
            run_check(r, &all[i], t);
        }
    }
    if (r->plan != NULL && t->asked) {
        audit_health_tell(r, t, "after each that is silent and at the end");
    }
    if (t->alive && r->packets > before && r->guard.why == STOP_NONE) {
        audit_health_again(r, t);
    }
}

/* An external tool comes after what is done without one. */
static void run_tool(audit_run *r, audit_target *t, covey_audit_stage stage)
{
    const covey_audit_technique technique =
        r->tool != NULL ? r->tool->technique : COVEY_AUDIT_TECHNIQUES;

    if (r->tool != NULL && audit_stage_asked(r, technique) &&
        covey_audit_technique_get(technique)->stage == stage &&
        r->guard.why == STOP_NONE &&
        (r->args->checks == NULL ||
         audit_check_is_named(r->args->checks, EXTERNAL_ID))) {
        external_host(r, t);
    }
}

static void run_stage(audit_run *r, audit_target *t, covey_audit_stage stage)
{
    switch (stage) {
    case COVEY_AUDIT_STAGE_PROTOCOLS:
        scan_protocols(r, t);
        break;
    case COVEY_AUDIT_STAGE_PORTS:
        scan_ports(r, t);
        break;
    case COVEY_AUDIT_STAGE_OS:
        scan_os(r, t);
        break;
    case COVEY_AUDIT_STAGE_SERVICES:
        run_services(r, t);
        break;
    case COVEY_AUDIT_STAGE_PUBLIC:
    case COVEY_AUDIT_STAGE_VULNERABILITIES:
    case COVEY_AUDIT_STAGES:
        break;
    }
}

/* Stage by stage, each on those before it (AUD-063). */
static void run_host(audit_run *r, const covey_address *host)
{
    audit_target *t = target_of(r, host);

    if (t == NULL) {
        guard_stop(&r->guard, STOP_EVIDENCE);
        return;
    }
    if (t->visited) {
        return; /* another clause has it, too */
    }
    t->visited = true;
    for (unsigned s = COVEY_AUDIT_STAGE_PROTOCOLS; s < COVEY_AUDIT_STAGES;
         s++) {
        const uint64_t before = r->packets;
        if ((r->stages >> s & 1) != 0 && r->guard.why == STOP_NONE) {
            run_stage(r, t, (covey_audit_stage)s);
            run_tool(r, t, (covey_audit_stage)s);
            audit_stage_end(r, t, (covey_audit_stage)s, before);
        }
    }
}

static void run_clauses(audit_run *r)
{
    lint_run(r);
    public_run(r);
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
                run_host(r, &host);
            }
        }
    }
}

/* --- the whole of it ----------------------------------------------------- */

static uint32_t less(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

covey_audit_limits audit_run_limits(const covey_audit_mandate *gate)
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
    if (r->no_fence) {
        return AUDIT_NO_FENCE;
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
    r->ended = 0;
    r->allowed = 0;
    r->refused = 0;
    r->untested = 0;
    return good;
}

bool audit_run_begin(audit_run *r, const audit_launch *launch,
                     const audit_args *a, const mandate *m)
{
    const audit_run run = { .args = a,
                            .crypto = &launch->crypto,
                            .terms = mandate_read(m),
                            .gate = mandate_gate(m),
                            .log = launch->log,
                            .capture = launch->capture,
                            .files = launch->files,
                            .inventory = launch->inventory,
                            .credential_file = launch->credential_file,
                            .state = launch->state,
                            .tool = launch->tool };

    *r = run;
    r->limits = audit_run_limits(&r->gate);
    return guard_open(&r->guard, launch->state, r->terms->id, stderr);
}

int audit_run_end(audit_run *r, const audit_launch *launch)
{
    int status = status_of(r);

    if (!r->args->dry) {
        note_stop(r, launch->state);
        if (!audit_record_end(r, status)) {
            status = AUDIT_EVIDENCE;
        }
    }
    sum_up(r, status);
    packets_end(r);
    sweep_end(r);
    guard_close(&r->guard);
    free_targets(r);
    return status;
}

int audit_run_all(const audit_args *a, const mandate *m, void *user)
{
    const audit_launch *launch = user;
    audit_run r;

    if (!audit_run_begin(&r, launch, a, m)) {
        return AUDIT_IO;
    }
    if (!launch_find_credential(a, r.terms, &r.credential)) {
        guard_close(&r.guard);
        return AUDIT_REFUSED;
    }
    r.asked = audit_stage_techniques(r.gate.documents[0].techniques);
    if (a->stages != NULL) {
        (void)audit_stage_read(a->stages, r.gate.documents[0].techniques,
                               &r.asked);
    }
    if (a->stages == NULL && r.tool != NULL) {
        /* asked for, so that the gate says whether it may be done */
        r.asked |= 1u << r.tool->technique;
    }
    r.stages = audit_stage_of(r.asked);
    if (a->dry) {
        r.plan = stdout;
        run_clauses(&r);
    } else if (!write_plan(&r, launch)) {
        guard_stop(&r.guard, STOP_EVIDENCE);
    } else if (audit_record_begin(&r, launch->run, launch->files)) {
        run_clauses(&r);
    }
    if (r.allowed + r.refused + r.untested == 0 && r.guard.why == STOP_NONE) {
        audit_fail("run", AUDIT_REFUSED,
                   "nothing that is asked for is in the mandate '%s'",
                   r.terms->id);
        r.refused++;
    }
    return audit_run_end(&r, launch);
}
