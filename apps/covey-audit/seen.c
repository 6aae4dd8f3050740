/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines of a reader: each is looked at again, since who was taken over by a
 * file may say anything; then the gate is asked about it, as if it was an act
 * of the time when it was seen. */
#include "seen.h"

#include <stdlib.h>
#include <string.h>
#include <system_address.h>
#include <text.h>

enum {
    NOTES_MAX = 40,
    IMPORT_FINDINGS_MAX = 16
};

/* --- the gate ------------------------------------------------------------ */

void seen_ask(const audit_run *r, sight *s)
{
    const covey_audit_counters none = { .stages = UINT32_MAX };
    const covey_time now = { .unix_s = s->when, .unix_known = true };
    const covey_audit_act act = { .technique = s->technique,
                                  .protocol = s->protocol,
                                  .target = s->target,
                                  .packets = 1 };

    s->verdict = covey_audit_decide(&r->gate, &act, &now, &none);
}

bool seen_is_allowed(const sight *s)
{
    return s->verdict.reason == COVEY_AUDIT_ALLOWED;
}

/* Something about a host as a whole: by any clause that has it. */
bool seen_ask_host(const audit_run *r, sight *s)
{
    for (size_t i = 0; i < r->gate.documents[0].scope_count; i++) {
        const covey_audit_range *range = &r->terms->ranges[i];
        s->protocol = range->protocol == COVEY_AUDIT_UDP ? COVEY_AUDIT_UDP
                                                         : COVEY_AUDIT_TCP;
        s->target.port = range->first;
        seen_ask(r, s);
        if (seen_is_allowed(s)) {
            return true;
        }
    }
    return false;
}

/* Is it about a host that the mandate does not name at all? */
static bool is_strange(const sight *s)
{
    return s->verdict.reason == COVEY_AUDIT_OUT_OF_SCOPE ||
           s->verdict.reason == COVEY_AUDIT_EXCLUDED ||
           s->verdict.reason == COVEY_AUDIT_WRONG_KIND ||
           s->verdict.reason == COVEY_AUDIT_NOT_EXPRESSIBLE;
}

/* Counts it; true: it is to be written down. */
bool seen_count(import *i, const sight *s)
{
    if (seen_is_allowed(s)) {
        i->covered++;
    } else if (is_strange(s)) {
        i->strangers++;
    } else {
        i->refused++;
    }
    return i->writing && !is_strange(s);
}

/* --- the record ---------------------------------------------------------- */

json_t *seen_line(const import *i, const audit_run *r, const sight *s)
{
    char target[ADDRESS_TEXT_MAX];
    const covey_audit_technique_row *row =
        covey_audit_technique_get(s->technique);
    size_t clause = s->verdict.clause;
    bool named = seen_is_allowed(s);

    if (!row->sends) {
        named = audit_in_scope(&r->gate, s->protocol, &s->target, &clause);
    }
    return json_pack("{s:s, s:I, s:s, s:s, s:s, s:I, s:s, s:s, s:I}", "kind",
                     "seen", "act", (json_int_t)i->act, "target",
                     address_text(&s->target, target), "protocol",
                     audit_protocol_name(s->protocol), "technique", row->name,
                     "time", (json_int_t)s->when, "verdict",
                     covey_audit_reason_name(s->verdict.reason), "clause",
                     named ? r->terms->clauses[clause] : "", "document",
                     (json_int_t)s->verdict.document);
}

void seen_text(json_t *line, const char *name, const char *text)
{
    if (text[0] != '\0') {
        json_object_set_new(line, name, json_string(text));
    }
}

/* One line for who sits before it. */
void seen_tell(const audit_run *r, const sight *s, const char *what,
               const char *more)
{
    char target[ADDRESS_TEXT_MAX];

    if (!r->args->json) {
        printf("%s %s%s%s\n", address_text(&s->target, target), what,
               more[0] != '\0' ? " " : "", more);
    }
}

/* Both together. */
void seen_note(import *i, const char *before, const char *text)
{
    if (json_array_size(i->notes) < NOTES_MAX) {
        json_array_append_new(i->notes, json_sprintf("%s%s", before, text));
    }
}

void seen_find(import *i, const audit_run *r, const audit_finding_row *row,
               const sight *s, const char *detail)
{
    char target[ADDRESS_TEXT_MAX] = "-";
    json_t *finding = audit_finding_json(row, detail);

    if (finding == NULL ||
        json_array_size(i->findings) >= IMPORT_FINDINGS_MAX) {
        json_decref(finding);
        return;
    }
    if (i->writing && !r->args->json) {
        printf("%s %s: %s\n",
               json_string_value(json_object_get(finding, "finding")),
               json_string_value(json_object_get(finding, "title")), detail);
    }
    json_object_set_new(
        finding, "target",
        json_string(s != NULL ? address_text(&s->target, target) : target));
    json_array_append_new(i->findings, finding);
}

bool seen_number(const char *text, int64_t *out)
{
    uint64_t n = 0;

    if (!audit_number(text, INT64_MAX, &n)) {
        return false;
    }
    *out = (int64_t)n;
    return true;
}

/* --- all lines ----------------------------------------------------------- */

/* end complete|partial|none why */
static bool see_end(import *i, audit_run *r, const words *w)
{
    (void)r;
    i->complete = strcmp(w->field[0], "complete") == 0;
    snprintf(i->why, sizeof i->why, "%s", w->field[1]);
    return true;
}

static const struct row {
    const char *kind; /* of the file; NULL: of all */
    const char *word;
    size_t fields;
    seen_take *see;
} rows[] = {
    { "nmap", "scan", 4, seen_scan },
    { "nmap", "port", 10, seen_port },
    { "nmap", "system", 4, seen_system },
    { "nmap", "rest", 3, seen_rest },
    { "pcap", "flow", 7, seen_flow },
    { "pcap", "secret", 5, seen_secret },
    { "pcap", "other", 1, seen_other },
    { "shadowserver", "outside", 4, seen_outside },
    { "security.txt", "field", 2, seen_field },
    { "security.txt", "expires", 1, seen_expires },
    { "security.txt", "signed", 0, seen_signed },
    { "security.txt", "fault", 1, seen_fault },
    { NULL, "end", 2, see_end },
};

static bool see(import *i, audit_run *r, const words *w)
{
    for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
        if (strcmp(rows[n].word, w->word) == 0 && rows[n].fields == w->count &&
            (rows[n].kind == NULL ||
             strcmp(rows[n].kind, i->kind->name) == 0)) {
            return rows[n].see(i, r, w);
        }
    }
    return false;
}

/* Into its fields; false: too many or too long ones, or no ASCII. */
static bool split(char *line, words *w)
{
    w->word = line;
    w->count = 0;
    for (char *p = line; *p != '\0'; p++) {
        if (*p == '\t') {
            if (w->count == SEEN_FIELDS_MAX) {
                return false;
            }
            *p = '\0';
            w->field[w->count++] = p + 1;
        } else if (*p < ' ' || *p > '~') {
            return false;
        }
    }
    for (size_t n = 0; n < w->count; n++) {
        if (strlen(w->field[n]) > READER_FIELD_MAX) {
            return false;
        }
    }
    return true;
}

static void see_line(import *i, audit_run *r, const char *from, size_t len)
{
    char line[READER_LINE_MAX + 1];
    words w;

    if (len <= READER_LINE_MAX) {
        memcpy(line, from, len);
        line[len] = '\0';
        if (split(line, &w) && see(i, r, &w)) {
            return;
        }
    }
    i->refused++;
    seen_note(i, "something that cannot be told", "");
}

void import_judge(import *i, audit_run *r)
{
    i->complete = false;
    snprintf(i->why, sizeof i->why, "its reader did not come to an end");
    i->covered = 0;
    i->refused = 0;
    i->strangers = 0;
    json_decref(i->notes);
    json_decref(i->findings);
    i->notes = json_array();
    i->findings = json_array();
    for (const char *at = i->lines; *at != '\0';) {
        const char *end = strchr(at, '\n');
        const size_t len = end != NULL ? (size_t)(end - at) : strlen(at);
        see_line(i, r, at, len);
        at += len + (end != NULL ? 1 : 0);
    }
}

void import_record_end(const import *i, audit_run *r)
{
    audit_record(r,
                 json_pack("{s:s, s:I, s:b, s:s, s:I, s:I, s:I, s:O, s:O}",
                           "kind", "imported", "act", (json_int_t)i->act,
                           "complete", (int)i->complete, "why", i->why,
                           "covered", (json_int_t)i->covered, "refused",
                           (json_int_t)i->refused, "strangers",
                           (json_int_t)i->strangers, "notes", i->notes,
                           "findings", i->findings),
                 false);
}
