/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines about what others have seen, judged again: covey-evidence(5). */
#include "dossier.h"
#include "object.h"
#include "run.h"

#include <string.h>
#include <system_address.h>

static bool read_technique(const json_t *line, covey_audit_technique *out)
{
    const char *name = object_text(line, "technique");

    return covey_audit_technique_find(covey_bytes_text(name), out) == COVEY_OK;
}

static bool compare(dossier *d, uint64_t index, const json_t *line,
                    covey_audit_reason reason)
{
    if (strcmp(object_text(line, "verdict"),
               covey_audit_reason_name(reason)) != 0) {
        dossier_blame(d, index, "the gate says %s",
                      covey_audit_reason_name(reason));
        return false;
    }
    return true;
}

static covey_audit_verdict ask(const dossier *d, const covey_audit_act *act,
                               int64_t when)
{
    const covey_audit_counters none = { .stages = UINT32_MAX };
    const covey_time now = { .unix_s = when, .unix_known = true };

    return covey_audit_decide(&d->gate, act, &now, &none);
}

/* The right to what is public, where that is what was taken over. */
static void judge_import(dossier *d, uint64_t index, const json_t *line)
{
    covey_audit_act act = { .packets = 0 };

    if (read_technique(line, &act.technique)) {
        const covey_audit_verdict v =
            ask(d, &act, object_number(line, "decided"));
        compare(d, index, line, v.reason);
    }
}

/* As an act of its own time; what sends nothing has to be in scope. */
static void judge_seen(dossier *d, uint64_t index, const json_t *line)
{
    covey_audit_act act = { .packets = 1 };
    size_t clause = 0;

    act.protocol = audit_protocol_number(object_text(line, "protocol"));
    if (!read_technique(line, &act.technique) ||
        !address_parse_port(object_text(line, "target"), 0, &act.target)) {
        dossier_blame(d, index, "nothing that can be judged");
        return;
    }
    covey_audit_verdict v = ask(d, &act, object_number(line, "time"));
    const bool sends = covey_audit_technique_get(act.technique)->sends;
    if (!sends && v.reason == COVEY_AUDIT_ALLOWED &&
        !audit_in_scope(&d->gate, act.protocol, &act.target, &clause)) {
        v.reason = COVEY_AUDIT_OUT_OF_SCOPE;
    }
    clause = sends ? v.clause : clause;
    if (compare(d, index, line, v.reason) && v.reason == COVEY_AUDIT_ALLOWED &&
        strcmp(object_text(line, "clause"), d->terms->clauses[clause]) != 0) {
        dossier_blame(d, index, "the gate says clause %.60s",
                      d->terms->clauses[clause]);
    }
    if (v.reason != COVEY_AUDIT_ALLOWED &&
        (json_object_get(line, "services") != NULL ||
         json_object_get(line, "system") != NULL ||
         json_object_get(line, "packets") != NULL)) {
        dossier_blame(d, index, "taken over without right");
    }
}

bool dossier_judge_seen(dossier *d, uint64_t index, const json_t *line)
{
    const char *kind = object_text(line, "kind");

    if (strcmp(kind, "import") == 0) {
        judge_import(d, index, line);
    } else if (strcmp(kind, "seen") == 0) {
        judge_seen(d, index, line);
    } else if (strcmp(kind, "imported") != 0) {
        return false;
    }
    return true;
}

/* What needs no packet comes before all that does (AUD-020). What a look-up
 * says comes between its intent and its result. */
bool dossier_judge_answer(dossier *d, uint64_t index, const json_t *line)
{
    static const char *const kinds[] = { "looked_at", "service", "base",
                                         "answer" };
    const char *kind = object_text(line, "kind");

    if (strcmp(kind, "lint") == 0) {
        if (d->acted) {
            dossier_blame(d, index, "a lint behind an act");
        }
        return true;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i], kind) == 0) {
            if (!d->pending || !d->looks_up ||
                object_number(line, "act") != d->act) {
                dossier_blame(d, index, "an answer of no look-up");
            }
            return true;
        }
    }
    return false;
}
