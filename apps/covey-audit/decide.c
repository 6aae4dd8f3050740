/* SPDX-License-Identifier: BSD-2-Clause */
/* covey-audit decide: one act, as the gate sees it. Nothing is sent. */
#include "run.h"

#include <system_address.h>

#include <string.h>
#include <time.h>

static int read_act(const audit_args *a, covey_audit_act *act)
{
    uint64_t packets = 1;
    uint64_t duration = 0;

    if (a->technique == NULL ||
        covey_audit_technique_find(
            covey_bytes_of((const uint8_t *)a->technique,
                           strlen(a->technique)),
            &act->technique) != COVEY_OK) {
        return audit_fail("decide", AUDIT_USAGE,
                          "--technique: expected one of covey-audit(1)");
    }
    if (a->target != NULL && !address_parse_port(a->target, 0, &act->target)) {
        return audit_fail("decide", AUDIT_USAGE,
                          "--target: expected ADDRESS:PORT, found '%s'",
                          a->target);
    }
    act->protocol = COVEY_AUDIT_UDP;
    if (a->protocol != NULL) {
        act->protocol = audit_protocol_number(a->protocol);
    }
    if (act->protocol == COVEY_AUDIT_ANY_PROTOCOL) {
        return audit_fail("decide", AUDIT_USAGE,
                          "--protocol: expected udp, tcp, icmp or icmpv6");
    }
    if ((a->packets != NULL &&
         !audit_number(a->packets, UINT32_MAX, &packets)) ||
        (a->duration != NULL &&
         !audit_number(a->duration, UINT32_MAX, &duration))) {
        return audit_fail("decide", AUDIT_USAGE,
                          "--packets, --seconds: expected a number");
    }
    act->packets = (uint32_t)packets;
    act->duration = (uint32_t)duration;
    return AUDIT_DONE;
}

static void print(const audit_args *a, const mandate_terms *t,
                  const covey_audit_act *act, const covey_audit_verdict *v)
{
    const bool allowed = v->reason == COVEY_AUDIT_ALLOWED;
    const bool sends = covey_audit_technique_get(act->technique)->sends;
    const char *clause = allowed && sends ? t->clauses[v->clause] : "";

    if (a->json) {
        audit_print_json(json_pack(
            "{s:b, s:s, s:s, s:I, s:I}", "allowed", (int)allowed, "reason",
            covey_audit_reason_name(v->reason), "clause", clause, "document",
            (json_int_t)v->document, "until", (json_int_t)v->until));
        return;
    }
    if (allowed) {
        printf("allowed%s%s, until %lld\n", sends ? " by clause " : "", clause,
               (long long)v->until);
    } else {
        printf(
            "refused: %s: %s (%s %zu)\n", covey_audit_reason_name(v->reason),
            covey_audit_reason_text(v->reason),
            v->document == 0 ? "mandate, document" : "amendment", v->document);
    }
}

/* An act, and when it would be done. */
typedef struct wish {
    covey_audit_act act;
    covey_time now;
} wish;

static int decide(const audit_args *a, const mandate *m, void *user)
{
    const covey_audit_counters done = { .stages = UINT32_MAX };
    const covey_audit_mandate gate = mandate_gate(m);
    const wish *w = user;
    const covey_audit_verdict v =
        covey_audit_decide(&gate, &w->act, &w->now, &done);

    print(a, mandate_read(m), &w->act, &v);
    return v.reason == COVEY_AUDIT_ALLOWED ? AUDIT_DONE : AUDIT_REFUSED;
}

int cmd_decide(int argc, char **argv)
{
    static const audit_usage usage = {
        "decide",
        "--owners --technique --target --protocol --at --packets --seconds "
        "--json ",
        "--owners FILE --technique NAME [--target ADDRESS:PORT] [OPTION...] "
        "MANDATE [AMENDMENT|WITHDRAWAL...]"
    };
    audit_args a;
    wish w = { .act = { .packets = 1 }, .now = { .unix_known = true } };
    uint64_t at = (uint64_t)time(NULL);
    int status = audit_args_read(argc, argv, &usage, &a);

    if (status != AUDIT_DONE || a.help) {
        return status;
    }
    if (a.owners == NULL || a.file_count < 1) {
        return audit_fail("decide", AUDIT_USAGE,
                          "expected --owners FILE, a mandate, and what was "
                          "added to it");
    }
    status = read_act(&a, &w.act);
    if (status != AUDIT_DONE) {
        return status;
    }
    if (a.at != NULL && !audit_number(a.at, INT64_MAX, &at)) {
        return audit_fail("decide", AUDIT_USAGE,
                          "--at: expected seconds since 1970");
    }
    w.now.unix_s = (int64_t)at;
    return audit_with_mandate(&a, usage.verb, decide, &w);
}
