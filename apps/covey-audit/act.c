/* SPDX-License-Identifier: BSD-2-Clause */
/* One act: judged, written down, done, written down. */
#include "run.h"

#include <string.h>
#include <system_address.h>
#include <text.h>

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
        "{s:s, s:I, s:s, s:s, s:I, s:I, s:I, s:I, s:s, s:I, s:O, s:O}", "kind",
        "result", "act", (json_int_t)a->number, "check", a->check->id,
        "outcome", audit_outcome_text(b->outcome), "packets",
        (json_int_t)b->packets, "bytes", (json_int_t)b->bytes, "answers",
        (json_int_t)b->answers, "answer_bytes", (json_int_t)b->answer_bytes,
        "answers_sha256", text_hex(covey_bytes_of(digest, sizeof digest), hex),
        "strangers", (json_int_t)b->strangers, "notes", b->notes, "findings",
        b->findings);
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

enum audit_outcome audit_act_do(audit_run *r, const audit_act *a)
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
    if (broker_open(&b)) {
        broker_serve(&b);
    }
    packets_close(&b);
    a->target->done.packets += b.packets;
    r->findings += json_array_size(b.findings);
    tell(r, &b, a);
    audit_record(r, result_of(&b, a), false);
    const enum audit_outcome outcome = b.outcome;
    broker_close(&b);
    return outcome;
}
