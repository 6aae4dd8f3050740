/* SPDX-License-Identifier: BSD-2-Clause */
/* The stages that ask a host only whether it answers: which protocols of
 * transport (PR-01), which ports (PT-01, PU-01), which system (OS-01). Each
 * port is an act of its own, so that each has its clause; what the mandate
 * does not permit is told in ranges, as not tested. */
#include "run.h"
#include "tool.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <system_address.h>

enum {
    COAP = 5683,
    PORTS_MAX = 1024 /* open ones that are remembered */
};

static const audit_check protocols[] = {
    { .id = "PR-01",
      .title = "ICMP",
      .technique = COVEY_AUDIT_PROTOCOLS,
      .protocol = SWEEP_ICMP,
      .packets = 1,
      .waits = 1 },
    { .id = "PR-01",
      .title = "UDP",
      .technique = COVEY_AUDIT_PROTOCOLS,
      .protocol = COVEY_AUDIT_UDP,
      .packets = 1,
      .waits = 1 },
    { .id = "PR-01",
      .title = "TCP",
      .technique = COVEY_AUDIT_PROTOCOLS,
      .protocol = COVEY_AUDIT_TCP,
      .packets = 4,
      .seconds = 4 },
};
static const audit_check tcp_ports = { .id = "PT-01",
                                       .title = "ports of TCP",
                                       .technique = COVEY_AUDIT_PORTS_TCP,
                                       .protocol = COVEY_AUDIT_TCP,
                                       .packets = 4,
                                       .seconds = 4 };
static const audit_check udp_ports = { .id = "PU-01",
                                       .title = "ports of UDP",
                                       .technique = COVEY_AUDIT_PORTS_UDP,
                                       .protocol = COVEY_AUDIT_UDP,
                                       .packets = 2,
                                       .waits = 2 };
static const audit_check os = { .id = "OS-01",
                                .title = "operating system",
                                .technique = COVEY_AUDIT_OS,
                                .protocol = COVEY_AUDIT_TCP,
                                .packets = 32,
                                .seconds = 12 };

bool scan_has(const char *id)
{
    return strcmp(id, protocols[0].id) == 0 || strcmp(id, tcp_ports.id) == 0 ||
           strcmp(id, udp_ports.id) == 0 || strcmp(id, os.id) == 0;
}

/* --- what may be asked --------------------------------------------------- */

/* Neither a group nor a check that was not named. */
static bool is_for(const audit_run *r, const audit_check *c,
                   const audit_target *t)
{
    bool host = false;

    for (size_t i = 0; i < r->gate.documents[0].scope_count; i++) {
        const covey_audit_range *range = &r->terms->ranges[i];
        host =
            host || (range->responders == 0 && audit_host_in(range, &t->host));
    }
    return host && audit_stage_asked(r, c->technique) &&
           (r->args->checks == NULL ||
            audit_check_is_named(r->args->checks, c->id));
}

/* "22,5683-5684"; *out is true if the port is in it. */
static bool find_port(const char *list, uint32_t port, bool *out)
{
    *out = false;
    for (const char *at = list;;) {
        char *end;
        const unsigned long first = strtoul(at, &end, 10);
        unsigned long last = first;
        if (end != at && *end == '-') {
            at = end + 1;
            last = strtoul(at, &end, 10);
        }
        if (end == at || first == 0 || last > UINT16_MAX || first > last ||
            (*end != ',' && *end != '\0')) {
            return false;
        }
        *out = *out || (port >= first && port <= last);
        if (*end == '\0') {
            return true;
        }
        at = end + 1;
    }
}

bool scan_ports_good(const char *list)
{
    bool in = false;

    return find_port(list, 0, &in);
}

bool scan_ports_have(const char *list, uint16_t port)
{
    bool in = false;

    return find_port(list, port, &in) && in;
}

/* Ports of which the gate says the same. */
typedef struct port_range {
    uint32_t first;
    uint32_t last;
    bool asked;
    covey_audit_verdict verdict;
} port_range;

/* What the gate says of one, whatever has been done before. */
static void ask(const audit_run *r, audit_target *t, const audit_check *c,
                uint32_t port, port_range *out)
{
    const covey_time now = { .unix_s = guard_unix_ms(&r->guard) / 1000,
                             .unix_known = true };
    const covey_audit_counters done = { .stages = UINT32_MAX };
    audit_act a = audit_act_of(r, c, t);

    a.what.target.port = (uint16_t)port;
    out->first = port;
    out->last = port;
    out->asked = true;
    if (r->args->ports != NULL) {
        (void)find_port(r->args->ports, port, &out->asked);
    }
    out->verdict = covey_audit_decide(&r->gate, &a.what, &now, &done);
}

static bool is_same(const port_range *a, const port_range *b)
{
    return a->asked == b->asked && a->verdict.reason == b->verdict.reason &&
           a->verdict.clause == b->verdict.clause;
}

static uint32_t nearer(uint32_t edge, const covey_audit_range *range,
                       uint32_t port)
{
    const uint32_t end = (uint32_t)range->last + 1;

    edge = range->first > port && range->first < edge ? range->first : edge;
    return end > port && end < edge ? end : edge;
}

/* The last port from this one on of which the same can be said: up to where
 * a clause or an exclusion begins or ends. Amendments and --ports have edges
 * that are not known here. */
static uint32_t same_until(const audit_run *r, uint32_t port)
{
    const covey_audit_document *d = &r->gate.documents[0];
    uint32_t edge = UINT16_MAX + 1;

    if (r->gate.count > 1 || r->args->ports != NULL) {
        return port;
    }
    for (size_t i = 0; i < d->scope_count; i++) {
        edge = nearer(edge, &r->terms->ranges[i], port);
    }
    for (size_t i = 0; i < d->exclude_count; i++) {
        edge = nearer(edge, &r->terms->excluded[i], port);
    }
    return edge - 1;
}

/* The next one, behind range->last, which is 0 at the beginning. */
static bool next_range(const audit_run *r, audit_target *t,
                       const audit_check *c, port_range *range)
{
    port_range next;

    if (range->last >= UINT16_MAX) {
        return false;
    }
    ask(r, t, c, range->last + 1, range);
    range->last = same_until(r, range->last);
    while (range->last < UINT16_MAX) {
        ask(r, t, c, range->last + 1, &next);
        if (!is_same(range, &next)) {
            break;
        }
        range->last = same_until(r, next.last);
    }
    return true;
}

static bool is_out_of_mandate(covey_audit_reason reason)
{
    return reason == COVEY_AUDIT_EXCLUDED ||
           reason == COVEY_AUDIT_OUT_OF_SCOPE ||
           reason == COVEY_AUDIT_WRONG_PROTOCOL ||
           reason == COVEY_AUDIT_WRONG_PORT || reason == COVEY_AUDIT_NO_RIGHT;
}

/* --- what was not asked -------------------------------------------------- */

static const char *protocol_of(const audit_act *a)
{
    return audit_protocol_name(a->what.protocol);
}

/* `ports`: NULL, or a range of them. */
static void leave(audit_run *r, const audit_act *a, const char *ports,
                  const char *why)
{
    char target[ADDRESS_TEXT_MAX];

    r->untested++;
    audit_record(r,
                 json_pack("{s:s, s:s, s:s, s:s, s:s*, s:s}", "kind",
                           "not_tested", "check", a->check->id, "target",
                           address_text(&a->target->host, target), "protocol",
                           protocol_of(a), "ports", ports, "why", why),
                 false);
}

static void leave_range(audit_run *r, audit_target *t, const audit_check *c,
                        const port_range *range, const char *why)
{
    const audit_act a = audit_act_of(r, c, t);
    char ports[24];

    snprintf(ports, sizeof ports, "%" PRIu32 "-%" PRIu32, range->first,
             range->last);
    leave(r, &a, ports, why);
}

/* Why the mandate's clauses do not have a port; NULL: they do. */
static const char *why_not(const port_range *range)
{
    return is_out_of_mandate(range->verdict.reason) ? "out of mandate"
           : range->asked                           ? NULL
                                                    : "not asked for";
}

static void tell_range(audit_run *r, audit_target *t, const audit_check *c,
                       const port_range *range)
{
    const covey_audit_verdict *v = &range->verdict;
    const uint32_t packets = c->packets * (range->last - range->first + 1);
    const char *why = why_not(range);
    char target[ADDRESS_TEXT_MAX];

    fprintf(r->plan, "%s %s ports %" PRIu32 "-%" PRIu32, c->id,
            address_text(&t->host, target), range->first, range->last);
    if (why != NULL) {
        fprintf(r->plan, ", not tested: %s\n", why);
    } else if (v->reason != COVEY_AUDIT_ALLOWED) {
        r->refused++;
        fprintf(r->plan, ": refused: %s\n",
                covey_audit_reason_name(v->reason));
    } else {
        r->allowed++;
        t->done.packets += packets;
        fprintf(r->plan,
                ", up to %" PRIu32 " packets, and %u behind each %d ports and "
                "at the end if one answers: clause %s\n",
                packets, (unsigned)c->packets, AUDIT_LOOK_EVERY,
                r->terms->clauses[v->clause]);
    }
}

/* --- ports --------------------------------------------------------------- */

static void remember(audit_target *t, const audit_act *a)
{
    const bool stream = a->what.protocol == COVEY_AUDIT_TCP;
    const enum sweep_state state = t->state;

    /* answers by ICMP come at the rate of the host, so they say little */
    if (state == SWEEP_OPEN || (stream && state == SWEEP_CLOSED)) {
        t->lamp = a->what.target;
        t->lamp_check = a->check;
    }
    if (state == SWEEP_OPEN && t->port_count < PORTS_MAX) {
        audit_port *more =
            realloc(t->ports, (t->port_count + 1) * sizeof *more);
        if (more != NULL) {
            t->ports = more;
            more[t->port_count].protocol = a->what.protocol;
            more[t->port_count].port = a->what.target.port;
            t->port_count++;
        }
    }
}

/* A port that has answered before answers again, or all ends (AUD-081). */
static void look_again(audit_run *r, audit_target *t)
{
    enum audit_outcome outcome = OUTCOME_FAILED;

    if (t->lamp_check == NULL || r->guard.why != STOP_NONE) {
        return;
    }
    audit_act a = audit_act_of(r, t->lamp_check, t);
    a.what.target = t->lamp;
    if (audit_act_try(r, &a, &outcome) &&
        (outcome == OUTCOME_SILENT || t->state == SWEEP_UNREACHABLE)) {
        t->done.silent = true;
        guard_stop(&r->guard, STOP_SILENCE);
    }
}

static bool scan_port(audit_run *r, audit_target *t, const audit_check *c,
                      uint32_t port)
{
    audit_act a = audit_act_of(r, c, t);
    enum audit_outcome outcome = OUTCOME_FAILED;

    a.what.target.port = (uint16_t)port;
    if (!audit_act_try(r, &a, &outcome)) {
        return false;
    }
    remember(t, &a);
    return r->guard.why == STOP_NONE;
}

static void scan_range(audit_run *r, audit_target *t, const audit_check *c,
                       port_range range)
{
    for (uint32_t p = range.first; p <= range.last; p++) {
        if (!scan_port(r, t, c, p)) {
            range.first = p + 1;
            if (range.first <= range.last && r->guard.why == STOP_NONE) {
                leave_range(r, t, c, &range, "the port before was refused");
            }
            return;
        }
        if ((p - range.first) % AUDIT_LOOK_EVERY == AUDIT_LOOK_EVERY - 1) {
            look_again(r, t);
        }
    }
}

/* What the mandate does not permit is refused where somebody has asked for it
 * or the owner has shut it out; otherwise it is only not tested. */
static void leave_or_refuse(audit_run *r, audit_target *t,
                            const audit_check *c, const port_range *range)
{
    const covey_audit_reason reason = range->verdict.reason;
    audit_act a = audit_act_of(r, c, t);

    a.what.target.port = (uint16_t)range->first;
    if (is_out_of_mandate(reason) && range->asked &&
        (r->args->ports != NULL || reason == COVEY_AUDIT_EXCLUDED ||
         reason == COVEY_AUDIT_NO_RIGHT)) {
        audit_act_judge(r, &a);
    }
    leave_range(r, t, c, range, why_not(range));
}

static void run_range(audit_run *r, audit_target *t, const audit_check *c,
                      const port_range *range)
{
    if (r->plan != NULL) {
        tell_range(r, t, c, range);
    } else if (why_not(range) == NULL) {
        scan_range(r, t, c, *range);
    } else {
        leave_or_refuse(r, t, c, range);
    }
}

static void scan_all(audit_run *r, audit_target *t, const audit_check *c)
{
    port_range range = { .last = 0 };

    if (!is_for(r, c, t)) {
        return;
    }
    while (r->guard.why == STOP_NONE && next_range(r, t, c, &range)) {
        run_range(r, t, c, &range);
    }
}

void scan_ports(audit_run *r, audit_target *t)
{
    const uint64_t before = r->packets;

    scan_all(r, t, &tcp_ports);
    scan_all(r, t, &udp_ports);
    if (r->packets > before) {
        look_again(r, t);
    }
}

/* --- protocols ----------------------------------------------------------- */

/* The port at which a protocol is asked: that of CoAP, which answers a ping,
 * or the last that is permitted, where probably nobody is. 0: none is. */
static uint16_t choose_port(const audit_run *r, audit_target *t,
                            const audit_check *c)
{
    port_range range = { .last = 0 };
    uint32_t port = 0;

    while (next_range(r, t, c, &range)) {
        if (range.verdict.reason != COVEY_AUDIT_ALLOWED) {
            continue;
        }
        port = range.last;
        if (c->protocol == COVEY_AUDIT_UDP && range.first <= COAP &&
            range.last >= COAP) {
            return COAP;
        }
    }
    return (uint16_t)port;
}

static audit_act protocol_act(const audit_run *r, const audit_check *c,
                              audit_target *t)
{
    audit_act a = audit_act_of(r, c, t);

    if (c->protocol == SWEEP_ICMP) {
        a.what.protocol =
            t->host.family == COVEY_FAMILY_IPV6 ? SWEEP_ICMPV6 : SWEEP_ICMP;
    } else {
        a.what.target.port = choose_port(r, t, c);
    }
    return a;
}

static void tell_act(audit_run *r, const audit_act *a, const port_range *said)
{
    const covey_audit_verdict *v = &said->verdict;
    const bool allowed = v->reason == COVEY_AUDIT_ALLOWED;
    char target[ADDRESS_TEXT_MAX];

    r->allowed += allowed ? 1 : 0;
    fprintf(r->plan, "%s %s %s, ", a->check->id, a->check->title,
            address_text(&a->what.target, target));
    if (allowed) {
        fprintf(r->plan, "up to %" PRIu32 " packets: clause %s\n",
                a->what.packets, r->terms->clauses[v->clause]);
    } else {
        fprintf(r->plan, "not tested: %s\n",
                covey_audit_reason_name(v->reason));
    }
}

/* Done, refused, or left out. */
static void run_one(audit_run *r, audit_act *a)
{
    const covey_time now = { .unix_s = guard_unix_ms(&r->guard) / 1000,
                             .unix_known = true };
    const covey_audit_counters done = { .stages = UINT32_MAX };
    const port_range said = { .asked = true,
                              .verdict = covey_audit_decide(&r->gate, &a->what,
                                                            &now, &done) };
    enum audit_outcome outcome = OUTCOME_DONE;

    if (r->plan != NULL) {
        tell_act(r, a, &said);
    } else if (why_not(&said) == NULL) {
        (void)audit_act_try(r, a, &outcome);
    } else {
        if (said.verdict.reason == COVEY_AUDIT_EXCLUDED ||
            said.verdict.reason == COVEY_AUDIT_NO_RIGHT) {
            audit_act_judge(r, a);
        }
        leave(r, a, NULL, why_not(&said));
    }
}

void scan_protocols(audit_run *r, audit_target *t)
{
    for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++) {
        if (is_for(r, &protocols[i], t) && r->guard.why == STOP_NONE) {
            audit_act a = protocol_act(r, &protocols[i], t);
            run_one(r, &a);
        }
    }
}

/* --- the operating system ------------------------------------------------ */

/* Only an external tool tells systems apart, and only behind a fence (AUD-069,
 * AUD-079); without one this is left out. */
void scan_os(audit_run *r, audit_target *t)
{
    static const char why[] = "no external scanner behind a fence";
    audit_act a = audit_act_of(r, &os, t);
    char target[ADDRESS_TEXT_MAX];

    if (!is_for(r, &os, t) ||
        (r->tool != NULL && r->tool->technique == COVEY_AUDIT_OS)) {
        return;
    }
    if (r->plan != NULL) {
        r->untested++;
        fprintf(r->plan, "%s %s, not tested: %s\n", os.id,
                address_text(&t->host, target), why);
    } else if ((r->gate.documents[0].techniques >> COVEY_AUDIT_OS & 1) == 0) {
        audit_act_judge(r, &a); /* without the right */
    } else {
        r->no_fence = true;
        leave(r, &a, NULL, why);
    }
}
