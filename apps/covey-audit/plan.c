/* SPDX-License-Identifier: BSD-2-Clause */
/* covey-audit plan: every act that a mandate permits and its techniques ask
 * for, with what each costs; nothing is sent. The gate is asked for each, with
 * what the acts before it have used up. */
#include "tool.h"

#include <system_address.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    COAP_PORT = 5683,
    COAPS_PORT = 5684,
    LOOK_PACKETS = 4, /* a port that has answered is asked again */
    PACKET_MAX = 200  /* bytes of a probe with its headers, at worst */
};

/* What a technique does to one host. */
typedef struct recipe {
    covey_audit_technique technique;
    uint8_t protocol; /* 0: that of IP, no port */
    uint16_t port;    /* 0: every port of the clause */
    uint32_t seconds; /* at worst, beside the pace */
    uint32_t asks;    /* packets a port if it answers as it should */
    uint32_t packets; /* at worst; 0: those of its checks, or its budget */
} recipe;

/* What something costs. */
typedef struct cost {
    uint32_t planned; /* packets, if each request is answered and no more */
    uint32_t most;    /* with acknowledgements, repetitions, more probes */
} cost;

/* In the order of the stages (AUD-063). */
static const recipe recipes[] = {
    { COVEY_AUDIT_PUBLIC, 0, 0, 0, 0, 0 },
    { COVEY_AUDIT_CAPTURE, 0, 0, 0, 0, 0 },
    { COVEY_AUDIT_PROTOCOLS, 0, 0, 10, 0, 0 },
    { COVEY_AUDIT_PORTS_TCP, COVEY_AUDIT_TCP, 0, 10, 1, 4 },
    { COVEY_AUDIT_PORTS_UDP, COVEY_AUDIT_UDP, 0, 10, 1, 2 },
    { COVEY_AUDIT_OS, 0, 0, 12, 0, 0 },
    { COVEY_AUDIT_SERVICES, COVEY_AUDIT_TCP, 0, 60, 5, 10 },
    { COVEY_AUDIT_SERVICES, COVEY_AUDIT_UDP, 0, 60, 2, 4 },
    { COVEY_AUDIT_COAP, COVEY_AUDIT_UDP, COAP_PORT, 20, 0, 0 },
    { COVEY_AUDIT_OBSERVE, COVEY_AUDIT_UDP, COAP_PORT, 20, 0, 0 },
    { COVEY_AUDIT_PROXY, COVEY_AUDIT_UDP, COAP_PORT, 10, 0, 0 },
    { COVEY_AUDIT_REPLAY, COVEY_AUDIT_UDP, COAP_PORT, 10, 0, 0 },
    { COVEY_AUDIT_MULTICAST, COVEY_AUDIT_UDP, COAP_PORT, 10, 0, 0 },
    { COVEY_AUDIT_TLS, COVEY_AUDIT_UDP, COAPS_PORT, 20, 0, 0 },
    { COVEY_AUDIT_TLS, COVEY_AUDIT_TCP, COAPS_PORT, 20, 0, 0 },
    { COVEY_AUDIT_VULN, 0, 0, 0, 0, 0 },
};

/* Two health probes, before and behind. */
static cost cost_of_probes(void)
{
    size_t count = 0;
    const audit_check *probe = audit_checks(&count);
    const cost c = { 2u * probe->asks, 2u * probe->packets };

    return c;
}

/* What the checks of a technique cost together; those of services.coap with
 * the health probes of its stage, the first of which is the first check. At
 * worst the last request of each is not answered, which then wants no
 * acknowledgement but a probe. */
static cost cost_of_checks(const recipe *how)
{
    size_t count = 0;
    const audit_check *all = audit_checks(&count);
    cost sum = { 0, 0 };

    for (size_t i = 0; i < count; i++) {
        const audit_check *c = &all[i];
        if (c->technique != how->technique || c->protocol != how->protocol ||
            c->port != how->port) {
            continue;
        }
        sum.planned += c->asks;
        sum.most += c->waits > 0 ? c->packets : 0u;
        sum.most += c->needs_alive && c->waits > 0 ? all[0].packets - 1u : 0u;
    }
    if (all[0].technique == how->technique) {
        sum.planned += all[0].asks;
        sum.most += all[0].packets;
    }
    return sum;
}

/* Before, or behind, in the same way at the techniques beside it. */
static bool wants_probes(const recipe *how)
{
    size_t count = 0;
    const audit_check *all = audit_checks(&count);

    for (size_t i = 0; i < count; i++) {
        if (all[i].technique == how->technique && all[i].needs_alive) {
            return how->technique != all[0].technique;
        }
    }
    return false;
}

/* What a host has got by the clauses so far. */
typedef struct host_use {
    covey_address host;
    uint32_t packets;
} host_use;

typedef struct plan {
    const mandate_terms *terms;
    uint32_t techniques; /* bits of those that are asked for */
    covey_audit_mandate gate;
    covey_audit_limits limits; /* of all documents together */
    const audit_tool *tool;    /* of --tool, or NULL */
    covey_time now;
    json_t *acts;
    /* what the host that is being planned has got */
    covey_audit_counters done;
    host_use *hosts;
    size_t host_count;
    uint64_t allowed;
    uint64_t refused;
    uint64_t planned; /* packets */
    uint64_t packets; /* at most */
} plan;

/* --- one act ------------------------------------------------------------- */

/* An act, and what is to be said of it. */
typedef struct entry {
    covey_audit_act act;
    uint32_t planned; /* packets */
    const char *what; /* "health probes", or NULL */
} entry;

static void tell(plan *p, const entry *e, const covey_audit_verdict *v)
{
    const covey_audit_act *act = &e->act;
    const covey_audit_technique_row *row =
        covey_audit_technique_get(act->technique);
    const bool allowed = v->reason == COVEY_AUDIT_ALLOWED;
    const char *clause =
        allowed && row->sends ? p->terms->clauses[v->clause] : "-";
    char target[ADDRESS_TEXT_MAX];

    if (p->acts != NULL) {
        json_array_append_new(
            p->acts,
            json_pack("{s:s, s:s, s:i, s:b, s:s, s:I, s:I, s:s, s:s, s:s*}",
                      "stage", covey_audit_stage_name(row->stage), "technique",
                      row->name, "layer", (int)row->layer, "access",
                      (int)row->access, "target",
                      audit_target_text(act, target), "planned",
                      (json_int_t)e->planned, "packets",
                      (json_int_t)act->packets, "clause", clause, "reason",
                      covey_audit_reason_name(v->reason), "what", e->what));
        return;
    }
    printf("%-15s %-24s %-26s %7" PRIu32 "  %7" PRIu32 "  %s%s%s%s\n",
           covey_audit_stage_name(row->stage), row->name,
           audit_target_text(act, target), e->planned, act->packets,
           allowed ? "" : "refused: ",
           allowed ? clause : covey_audit_reason_name(v->reason),
           e->what != NULL ? ", " : "", e->what != NULL ? e->what : "");
}

static void judge(plan *p, const entry *e)
{
    const covey_audit_verdict v =
        covey_audit_decide(&p->gate, &e->act, &p->now, &p->done);

    if (v.reason == COVEY_AUDIT_ALLOWED) {
        p->allowed++;
        p->planned += e->planned;
        p->packets += e->act.packets;
        p->done.packets += e->act.packets;
    } else {
        p->refused++;
    }
    tell(p, e, &v);
}

/* --- hosts of a clause --------------------------------------------------- */

static bool fits(const recipe *how, const covey_audit_range *r)
{
    const bool group = covey_audit_technique_get(how->technique)->group;

    return group == (r->responders != 0) &&
           (r->protocol == COVEY_AUDIT_ANY_PROTOCOL ||
            r->protocol == how->protocol || how->protocol == 0) &&
           (how->port == 0 || (how->port >= r->first && how->port <= r->last));
}

static void plan_act(plan *p, entry *e, cost c, uint32_t seconds)
{
    e->planned = c.planned;
    e->act.packets = c.most != 0 ? c.most : 1;
    e->act.duration = seconds + e->act.packets / p->limits.packets_s;
    judge(p, e);
}

/* Each port of the clause, and looks at the host's health between them. */
static cost cost_of_ports(const recipe *how, uint32_t count)
{
    cost c = { how->asks * count, how->packets * count };

    if (covey_audit_technique_get(how->technique)->stage ==
        COVEY_AUDIT_STAGE_PORTS) {
        c.most += LOOK_PACKETS * (count / AUDIT_LOOK_EVERY + 1);
    }
    return c;
}

/* A host as a whole, as the clause permits. */
static entry entry_of(covey_audit_technique technique,
                      const covey_audit_range *r, const covey_address *host)
{
    entry e = { .act = { .technique = technique,
                         .protocol = r->protocol != COVEY_AUDIT_ANY_PROTOCOL
                                         ? r->protocol
                                         : COVEY_AUDIT_TCP,
                         .target = *host } };

    e.act.target.port = r->first;
    return e;
}

static void plan_host(plan *p, const recipe *how, const covey_audit_range *r,
                      const covey_address *host)
{
    const uint32_t budget = covey_audit_technique_get(how->technique)->packets;
    entry e = entry_of(how->technique, r, host);
    cost c = { budget, budget };

    if (how->protocol != 0) {
        e.act.protocol = how->protocol;
        e.act.target.port = how->port;
        c = cost_of_checks(how);
    }
    if (how->protocol != 0 && how->port == 0) {
        const uint16_t first = r->first != 0 ? r->first : 1;
        e.act.target.port = first;
        c = cost_of_ports(how, (uint32_t)r->last - first + 1);
    }
    plan_act(p, &e, c, how->seconds);
}

/* Where the mandate has the right, and this clause the port. */
static void plan_probes(plan *p, const covey_audit_range *r,
                        const covey_address *host)
{
    static const recipe probes = {
        COVEY_AUDIT_COAP, COVEY_AUDIT_UDP, COAP_PORT, 4, 0, 0
    };
    entry e = entry_of(COVEY_AUDIT_COAP, r, host);

    if ((p->gate.documents[0].techniques >> COVEY_AUDIT_COAP & 1) == 0 ||
        !fits(&probes, r)) {
        return;
    }
    e.act.protocol = probes.protocol;
    e.act.target.port = probes.port;
    e.what = "health probes";
    plan_act(p, &e, cost_of_probes(), probes.seconds);
}

/* An external scanner and the probes around it; that of --tool, or else one
 * that tells operating systems apart. */
static void plan_tool(plan *p, const covey_audit_range *r,
                      const covey_address *host)
{
    const covey_audit_technique technique =
        p->tool != NULL ? p->tool->technique : COVEY_AUDIT_OS;
    const uint32_t packets =
        p->tool != NULL ? p->tool->packets
                        : covey_audit_technique_get(technique)->packets;
    const cost c = { packets, packets };
    entry e = entry_of(technique, r, host);

    if ((p->techniques >> technique & 1) == 0 || r->responders != 0) {
        return;
    }
    e.what = p->tool != NULL ? p->tool->name : "external scanner";
    plan_act(p, &e, c, p->tool != NULL ? p->tool->seconds : 12);
    plan_probes(p, r, host);
}

static bool has_earlier(const plan *p, size_t c, const covey_address *host)
{
    for (size_t i = 0; i < c; i++) {
        const covey_audit_range *r = &p->terms->ranges[i];
        if (audit_host_count(r) > 0 && audit_host_in(r, host)) {
            return true;
        }
    }
    return false;
}

/* What it has got; one of more than one clause has one budget. */
static host_use *use_of(plan *p, bool is_known, const covey_address *host)
{
    for (size_t i = 0; is_known && i < p->host_count; i++) {
        if (covey_address_equal(&p->hosts[i].host, host)) {
            return &p->hosts[i];
        }
    }
    host_use *more = realloc(p->hosts, (p->host_count + 1) * sizeof *p->hosts);
    if (more == NULL) {
        return NULL;
    }
    p->hosts = more;
    more[p->host_count].host = *host;
    more[p->host_count].packets = 0;
    return &more[p->host_count++];
}

static void plan_recipes(plan *p, size_t c, const covey_address *host)
{
    const covey_audit_range *r = &p->terms->ranges[c];
    const bool is_known = has_earlier(p, c, host);
    host_use *use = use_of(p, is_known, host);

    if (use == NULL) {
        fputs("covey-audit plan: no memory\n", stderr);
        p->refused++;
        return;
    }
    bool probes = false;

    p->done.packets = use->packets;
    for (size_t i = 0; i < sizeof recipes / sizeof recipes[0]; i++) {
        const recipe *one = &recipes[i];
        /* what needs no port is done once */
        if (one->technique == COVEY_AUDIT_OS) {
            if (!is_known) {
                plan_tool(p, r, host);
            }
        } else if ((p->techniques >> one->technique & 1) != 0 &&
                   covey_audit_technique_get(one->technique)->sends &&
                   fits(one, r) && (one->protocol != 0 || !is_known)) {
            plan_host(p, one, r, host);
            probes = probes || wants_probes(one);
        }
    }
    if (probes && (p->techniques >> COVEY_AUDIT_COAP & 1) == 0) {
        plan_probes(p, r, host);
    }
    use->packets = p->done.packets;
}

static void plan_clause(plan *p, size_t c)
{
    const covey_audit_range *r = &p->terms->ranges[c];
    const uint32_t count = audit_host_count(r);

    if (count == 0) {
        fprintf(stderr,
                "covey-audit plan: clause %s has more than %d hosts, which "
                "are not listed\n",
                p->terms->clauses[c], AUDIT_HOSTS_MAX);
    }
    for (uint32_t n = 0; n < count; n++) {
        const covey_address host = audit_host_at(r, n);

        if (audit_host_is(r, n)) {
            plan_recipes(p, c, &host);
        }
    }
}

/* --- all of them --------------------------------------------------------- */

static void plan_reading(plan *p)
{
    for (size_t i = 0; i < sizeof recipes / sizeof recipes[0]; i++) {
        const entry e = { .act = { .technique = recipes[i].technique } };
        if ((p->techniques >> e.act.technique & 1) != 0 &&
            !covey_audit_technique_get(e.act.technique)->sends) {
            judge(p, &e);
        }
    }
}

static void sum_up(plan *p)
{
    const covey_audit_limits *l = &p->limits;
    const uint64_t bytes = p->packets * PACKET_MAX;
    const uint64_t by_packets = (p->packets + l->packets_s - 1) / l->packets_s;
    const uint64_t by_bytes = (bytes + l->bytes_s - 1) / l->bytes_s;
    const uint64_t seconds = by_packets > by_bytes ? by_packets : by_bytes;

    if (p->acts != NULL) {
        audit_print_json(json_pack(
            "{s:s, s:o, s:I, s:I, s:I, s:I, s:I, s:I}", "mandate",
            p->terms->id, "acts", p->acts, "allowed", (json_int_t)p->allowed,
            "refused", (json_int_t)p->refused, "planned",
            (json_int_t)p->planned, "packets", (json_int_t)p->packets, "bytes",
            (json_int_t)bytes, "seconds", (json_int_t)seconds));
        return;
    }
    printf("%" PRIu64 " acts, %" PRIu64 " refused; %" PRIu64
           " packets, at most %" PRIu64 " (%" PRIu64 " bytes, %" PRIu64
           " s at the mandate's pace)\n",
           p->allowed, p->refused, p->planned, p->packets, bytes, seconds);
}

/* What the command line says. */
typedef struct wish {
    const int64_t *at; /* NULL: when the mandate begins */
    const audit_tool *tool;
} wish;

static int make(const audit_args *a, const mandate *m, void *user)
{
    const wish *w = user;
    plan p = { .terms = mandate_read(m),
               .gate = mandate_gate(m),
               .tool = w->tool,
               .acts = a->json ? json_array() : NULL,
               .done = { .stages = UINT32_MAX } };

    p.limits = audit_run_limits(&p.gate);
    p.techniques = p.gate.documents[0].techniques;
    if (a->stages != NULL) {
        (void)audit_stage_read(a->stages, p.techniques, &p.techniques);
    } else if (p.tool != NULL) {
        p.techniques |= 1u << p.tool->technique; /* as a run does */
    }
    p.now.unix_known = true;
    p.now.unix_s =
        w->at != NULL ? *w->at : p.gate.documents[0].windows[0].from;
    if (p.acts == NULL) {
        printf("%-15s %-24s %-26s %7s  %7s  %s\n", "stage", "technique",
               "target", "packets", "at most", "clause");
    }
    plan_reading(&p);
    for (size_t c = 0; c < p.gate.documents[0].scope_count; c++) {
        plan_clause(&p, c);
    }
    sum_up(&p);
    free(p.hosts);
    return p.refused == 0 && p.allowed > 0 ? AUDIT_DONE : AUDIT_REFUSED;
}

int cmd_plan(int argc, char **argv)
{
    static const audit_usage usage = {
        "plan", "--owners --at --stage --tool --json ",
        "--owners FILE [--at TIME] [--stage NAME,...] [--tool FILE] [--json] "
        "MANDATE [AMENDMENT|WITHDRAWAL...]"
    };
    static audit_tool tool;
    audit_args a;
    uint64_t at = 0;
    uint32_t techniques = 0;
    int status = audit_args_read(argc, argv, &usage, &a);

    if (status != AUDIT_DONE || a.help) {
        return status;
    }
    if (a.owners == NULL || a.file_count < 1 ||
        (a.at != NULL && !audit_number(a.at, INT64_MAX, &at))) {
        return audit_fail("plan", AUDIT_USAGE,
                          "expected --owners FILE and a mandate; --at is in "
                          "seconds since 1970");
    }
    if (a.stages != NULL && !audit_stage_read(a.stages, 0, &techniques)) {
        return audit_fail("plan", AUDIT_USAGE,
                          "--stage: expected stages or techniques of a run");
    }
    const int64_t when = (int64_t)at;
    wish w = { .at = a.at != NULL ? &when : NULL,
               .tool = a.tool != NULL ? &tool : NULL };
    status = a.tool != NULL ? tool_load(&tool, a.tool) : AUDIT_DONE;
    if (status == AUDIT_DONE) {
        status = audit_with_mandate(&a, usage.verb, make, &w);
    }
    if (a.tool != NULL) {
        tool_free(&tool);
    }
    return status;
}
