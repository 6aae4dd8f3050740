/* SPDX-License-Identifier: BSD-2-Clause */
/* One act: judged, written down, done, written down. */
#include "run.h"

#include <string.h>
#include <system_address.h>
#include <text.h>

enum {
    PACKET_MAX = 200 /* bytes of a probe with its headers, at worst */
};

static uint32_t seconds_of(const audit_run *r, const audit_check *c)
{
    const covey_audit_limits *l = &r->limits;
    const uint32_t by_packets = c->packets / l->packets_s + 1;
    const uint32_t by_bytes =
        (uint32_t)((uint64_t)c->packets * PACKET_MAX / l->bytes_s) + 1;
    const uint32_t pace = by_packets > by_bytes ? by_packets : by_bytes;

    return c->seconds + c->waits * r->terms->stop_if_silent_s + pace;
}

audit_act audit_act_of(const audit_run *r, const audit_check *c,
                       audit_target *t)
{
    size_t count = 0;
    audit_act a = { .check = c,
                    .target = t,
                    .what = { .technique = c->technique,
                              .health = c == audit_checks(&count),
                              .protocol = c->protocol,
                              .target = t->host,
                              .packets = c->packets,
                              .duration = seconds_of(r, c) } };

    a.what.target.port = c->port;
    return a;
}

void audit_act_leave_out(audit_run *r, const audit_act *a, const char *why)
{
    char target[ADDRESS_TEXT_MAX];

    r->untested++;
    audit_record(r,
                 json_pack("{s:s, s:s, s:s, s:s}", "kind", "not_tested",
                           "check", a->check->id, "target",
                           audit_target_text(&a->what, target), "why", why),
                 false);
}

void audit_act_judge(audit_run *r, audit_act *a)
{
    const covey_time now = { .mono = guard_now(),
                             .unix_s = guard_unix_ms(&r->guard) / 1000,
                             .unix_known = true };

    a->decided = now.unix_s;
    a->verdict =
        covey_audit_decide(&r->gate, &a->what, &now, &a->target->done);
    if (a->verdict.reason != COVEY_AUDIT_ALLOWED) {
        a->number = r->acts++;
        r->refused++;
        audit_record(r, audit_record_act(r, a, "refused"), false);
    }
}

/* What SV-01 has found, as `covey audit vuln` reads it; NULL: nothing. */
static json_t *services_of(const broker *b, const audit_act *a)
{
    static const char *const words[] = { "service", "banner" };
    char target[ADDRESS_TEXT_MAX];
    json_t *one = NULL;

    for (size_t i = 0; a->what.technique == COVEY_AUDIT_SERVICES &&
                       i < json_array_size(b->notes);
         i++) {
        const char *note = json_string_value(json_array_get(b->notes, i));
        for (size_t w = 0; w < sizeof words / sizeof words[0]; w++) {
            const size_t len = strlen(words[w]);
            if (strncmp(note, words[w], len) != 0 || note[len] != ' ') {
                continue;
            }
            one = one != NULL ? one : json_object();
            json_object_set_new(one, words[w], json_string(note + len + 1));
        }
    }
    if (one == NULL) {
        return NULL;
    }
    json_object_set_new(one, "target",
                        json_string(address_text(&a->what.target, target)));
    json_object_set_new(one, "protocol",
                        json_string(audit_protocol_name(a->what.protocol)));
    return json_pack("[o]", one);
}

static json_t *result_of(broker *b, const audit_act *a)
{
    const covey_crypto *c = b->run->crypto;
    uint8_t digest[COVEY_MERKLE_HASH];
    char hex[2 * COVEY_MERKLE_HASH + 1];
    covey_writer w = covey_writer_of(digest, sizeof digest);

    if (c->hash_finish(c->provider, &b->digest, &w) != COVEY_OK) {
        return NULL;
    }
    return json_pack(
        "{s:s, s:I, s:s, s:s, s:I, s:I, s:I, s:I, s:s, s:I, s:O, s:O, s:s*, "
        "s:o*}",
        "kind", "result", "act", (json_int_t)a->number, "check", a->check->id,
        "outcome", audit_outcome_text(b->outcome), "packets",
        (json_int_t)b->packets, "bytes", (json_int_t)b->bytes, "answers",
        (json_int_t)b->answers, "answer_bytes", (json_int_t)b->answer_bytes,
        "answers_sha256", text_hex(covey_bytes_of(digest, sizeof digest), hex),
        "strangers", (json_int_t)b->strangers, "notes", b->notes, "findings",
        b->findings, "state", sweep_state_text(b->state), "services",
        services_of(b, a));
}

/* One line per finding, for who sits before it. */
static void tell(const audit_run *r, const broker *b, const audit_act *a)
{
    char target[ADDRESS_TEXT_MAX];

    for (size_t i = 0; !r->args->json && i < json_array_size(b->findings);
         i++) {
        const json_t *f = json_array_get(b->findings, i);
        printf("%s %s %s: %s\n",
               json_string_value(json_object_get(f, "finding")),
               address_text(&a->what.target, target),
               json_string_value(json_object_get(f, "title")),
               json_string_value(json_object_get(f, "detail")));
    }
    fflush(stdout);
}

/* A check has a worker, which takes answers apart; a scan needs none. */
static void do_with(broker *b)
{
    if (b->act->what.technique == COVEY_AUDIT_PUBLIC) {
        public_do(b);
        return;
    }
    if (b->act->what.technique == COVEY_AUDIT_VULN) {
        vuln_do(b);
        return;
    }
    if (b->act->check->run == NULL) {
        sweep_do(b);
        return;
    }
    if (broker_open(b)) {
        broker_serve(b);
    }
    packets_close(b);
}

/* Does what the gate has allowed: intent, packets, result. */
static enum audit_outcome carry_out(audit_run *r, const audit_act *a)
{
    static broker b;

    memset(&b, 0, sizeof b);
    b.run = r;
    b.act = a;
    guard_until(&r->guard, a->verdict.until);
    /* nothing is sent that is not on disk before */
    if (!audit_record(r, audit_record_act(r, a, "intent"), true)) {
        return OUTCOME_STOPPED;
    }
    r->allowed++;
    if (broker_begin(&b)) {
        do_with(&b);
    }
    a->target->done.packets += b.packets;
    a->target->state = b.state;
    r->findings += json_array_size(b.findings);
    tell(r, &b, a);
    audit_record(r, result_of(&b, a), false);
    audit_fortuitous(r, a, b.findings);
    const enum audit_outcome outcome = b.outcome;
    broker_close(&b);
    return outcome;
}

bool audit_act_try(audit_run *r, audit_act *a, enum audit_outcome *outcome)
{
    audit_act_judge(r, a);
    const covey_audit_reason reason = a->verdict.reason;
    if (reason == COVEY_AUDIT_EXPIRED || reason == COVEY_AUDIT_TOO_LONG) {
        /* what has begun does not go on without its time */
        if (r->allowed > 0) {
            guard_stop(&r->guard, STOP_EXPIRY);
        }
    }
    if (reason != COVEY_AUDIT_ALLOWED) {
        return false;
    }
    a->number = r->acts++;
    *outcome = carry_out(r, a);
    return true;
}
