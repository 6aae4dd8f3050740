/* SPDX-License-Identifier: BSD-2-Clause */
/* The lines of a run: covey-evidence(5) says what they hold. */
#include "run.h"

#include <stdlib.h>
#include <string.h>
#include <system_address.h>
#include <text.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

enum {
    DAY = 86400
};

void audit_printable(covey_bytes in, char *out, size_t cap)
{
    size_t n = 0;

    for (; n < in.len && n + 1 < cap; n++) {
        const uint8_t c = in.ptr[n];
        out[n] = c >= ' ' && c <= '~' ? (char)c : '?';
    }
    out[n] = '\0';
}

bool audit_record(audit_run *r, json_t *line, bool durable)
{
    char *text = line != NULL
                     ? json_dumps(line, JSON_COMPACT | JSON_ENSURE_ASCII)
                     : NULL;
    const bool good =
        text != NULL &&
        evidence_append(r->log,
                        covey_bytes_of((const uint8_t *)text, strlen(text)),
                        guard_unix_ms(&r->guard), durable, NULL);

    free(text);
    json_decref(line);
    if (!good) {
        guard_stop(&r->guard, STOP_EVIDENCE);
    }
    return good;
}

/* --- acts ---------------------------------------------------------------- */

static const struct {
    const char *name;
    uint8_t number;
} ip_protocols[] = { { "udp", COVEY_AUDIT_UDP },
                     { "tcp", COVEY_AUDIT_TCP },
                     { "icmp", SWEEP_ICMP },
                     { "icmpv6", SWEEP_ICMPV6 } };

const char *audit_protocol_name(uint8_t protocol)
{
    for (size_t i = 0; i < COUNT(ip_protocols); i++) {
        if (ip_protocols[i].number == protocol) {
            return ip_protocols[i].name;
        }
    }
    return "";
}

uint8_t audit_protocol_number(const char *name)
{
    for (size_t i = 0; i < COUNT(ip_protocols); i++) {
        if (strcmp(ip_protocols[i].name, name) == 0) {
            return ip_protocols[i].number;
        }
    }
    return COVEY_AUDIT_ANY_PROTOCOL;
}

const char *audit_target_text(const covey_audit_act *act,
                              char out[ADDRESS_TEXT_MAX])
{
    return covey_audit_technique_get(act->technique)->sends
               ? address_text(&act->target, out)
               : "-";
}

json_t *audit_record_act(const audit_run *r, const audit_act *a,
                         const char *kind)
{
    const covey_audit_technique_row *row =
        covey_audit_technique_get(a->what.technique);
    const covey_audit_verdict *v = &a->verdict;
    const bool allowed = v->reason == COVEY_AUDIT_ALLOWED;
    char target[ADDRESS_TEXT_MAX];

    return json_pack(
        "{s:s, s:I, s:s, s:s, s:s, s:i, s:b, s:s, s:s, s:I, s:I, s:I, s:I, "
        "s:s, s:s, s:I, s:o*}",
        "kind", kind, "act", (json_int_t)a->number, "check", a->check->id,
        "stage", covey_audit_stage_name(row->stage), "technique", row->name,
        "layer", (int)row->layer, "access", (int)row->access, "target",
        audit_target_text(&a->what, target), "protocol",
        audit_protocol_name(a->what.protocol), "packets",
        (json_int_t)a->what.packets, "seconds", (json_int_t)a->what.duration,
        "sent_before", (json_int_t)a->target->done.packets, "decided",
        (json_int_t)a->decided, "verdict", covey_audit_reason_name(v->reason),
        "clause", allowed && row->sends ? r->terms->clauses[v->clause] : "",
        "document", (json_int_t)v->document, "health",
        a->what.health ? json_true() : NULL);
}

json_t *audit_record_finding(unsigned which, const char *detail)
{
    return audit_finding_json(audit_finding_get(which), detail);
}

json_t *audit_finding_json(const audit_finding_row *f, const char *detail)
{
    if (f == NULL) {
        return NULL;
    }
    return json_pack(
        "{s:s, s:s, s:{s:i, s:i, s:i, s:i, s:i}, s:s, s:i, s:s, s:s, s:s, "
        "s:s}",
        "finding", f->id, "title", f->title, "rating", "D", (int)f->rating.d,
        "I", (int)f->rating.i, "C", (int)f->rating.c, "P", (int)f->rating.p,
        "R", (int)f->rating.r, "weakness", f->weakness, "layer", (int)f->layer,
        "reference", f->reference, "remedy", f->remedy, "remedy_kind",
        f->remedy_kind, "detail", detail);
}

/* --- the whole of it ----------------------------------------------------- */

/* Names of stages. */
static json_t *stages(uint32_t bits)
{
    json_t *list = json_array();

    for (unsigned s = 0; s < COVEY_AUDIT_STAGES; s++) {
        if ((bits >> s & 1) != 0) {
            json_array_append_new(list, json_string(covey_audit_stage_name(
                                            (covey_audit_stage)s)));
        }
    }
    return list;
}

/* Where the auditor's packets come from (AUD-022). */
static json_t *sources(const mandate_terms *t)
{
    json_t *list = json_array();

    for (size_t i = 0; i < t->source_count; i++) {
        char text[ADDRESS_TEXT_MAX];
        json_array_append_new(list,
                              json_string(address_text(&t->sources[i], text)));
    }
    return list;
}

bool audit_record_begin(audit_run *r, const char *run, json_t *files)
{
    const mandate_terms *t = r->terms;
    const covey_audit_document *d = &r->gate.documents[0];
    const int64_t now = guard_unix_ms(&r->guard) / 1000;
    char until[TEXT_TIME_MAX];

    return audit_record(
        r,
        json_pack(
            "{s:s, s:s, s:s, s:s, s:O, s:s, s:s, s:o, s:s, s:o, s:o, s:s, "
            "s:s, s:I, s:s, s:o, s:I, s:I, s:s}",
            "kind", "begin", "run", run, "program",
            "covey-audit " COVEY_VERSION, "mandate", t->id, "files", files,
            "mode", audit_mode_text(d->mode), "vantage", t->vantage, "sources",
            sources(t), "language", t->language, "stages", stages(r->stages),
            "jurisdictions",
            audit_strings(t->jurisdictions, t->jurisdiction_count), "capture",
            t->data.capture, "tlp", t->data.tlp, "retention_days",
            (json_int_t)t->data.retention_days, "delete_after",
            text_time(now + (int64_t)t->data.retention_days * DAY, until),
            "recipients",
            audit_strings(t->data.recipients, t->data.recipient_count),
            "packets_s", (json_int_t)r->limits.packets_s, "bytes_s",
            (json_int_t)r->limits.bytes_s, "reading", "a scan is an access"),
        true);
}

bool audit_record_end(audit_run *r, int status)
{
    return audit_record(r,
                        json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:i}",
                                  "kind", "end", "stop",
                                  audit_stop_text(r->guard.why), "acts",
                                  (json_int_t)r->allowed, "refused",
                                  (json_int_t)r->refused, "not_tested",
                                  (json_int_t)r->untested, "findings",
                                  (json_int_t)r->findings, "packets",
                                  (json_int_t)r->packets, "status", status),
                        true) &&
           evidence_checkpoint(r->log);
}
