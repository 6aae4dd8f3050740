/* SPDX-License-Identifier: BSD-2-Clause */
/* The report section by section, for both forms of paper. */
#include "paper.h"
#include "report.h"

#include <stdlib.h>
#include <string.h>

static const json_t *get(const json_t *object, const char *name)
{
    return json_object_get(object, name);
}

/* --- what it is about ---------------------------------------------------- */

static void print_object(const paper *p, const json_t *data)
{
    const json_t *run = get(data, "run");
    char period[64];

    snprintf(period, sizeof period, "%s - %s", object_text(run, "begin"),
             object_text(run, "end"));
    paper_fields(p);
    paper_field(p, report_in(p, "mandate"),
                object_text(get(data, "mandate"), "id"));
    paper_field(p, report_in(p, "period"), period);
    paper_field(p, report_in(p, "mode"),
                report_term("mode", object_text(run, "mode"), p->is_french));
    paper_field(
        p, report_in(p, "vantage"),
        report_term("vantage", object_text(run, "vantage"), p->is_french));
    paper_field(p, report_in(p, "attack_level"),
                report_term("attack", object_text(run, "mode"), p->is_french));
    paper_field(p, report_in(p, "stop"),
                report_term("stop", object_text(run, "stop"), p->is_french));
    paper_field(p, report_in(p, "program"), object_text(run, "program"));
    paper_field(p, report_in(p, "run"), object_text(run, "run"));
    paper_fields_end(p);
}

static void print_tiles(const paper *p, const json_t *data)
{
    static const char *const names[] = { "targets", "findings",   "acts",
                                         "refused", "not_tested", "packets",
                                         "bytes" };
    const json_t *figures = get(data, "figures");

    paper_tiles(p);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        paper_tile(p, report_in(p, names[i]),
                   object_number(figures, names[i]));
    }
    paper_tiles_end(p);
}

static void rating_cells(const paper *p, const json_t *rating)
{
    static const char *const letters[] = { "D", "I", "C", "P", "R" };

    for (size_t i = 0; i < 5; i++) {
        paper_cell_grade(p, object_number(rating, letters[i]));
    }
}

static void print_level(const paper *p, const json_t *one)
{
    paper_row(p);
    paper_cell(p, object_text(one, "target"));
    rating_cells(p, get(one, "rating"));
    paper_cell_number(p, object_number(one, "findings"));
    paper_cell_number(p, object_number(one, "acts"));
    paper_cell_number(p, object_number(one, "packets"));
    paper_cell(p, object_text(one, "conclusion"));
    paper_row_end(p);
}

static void print_targets(const paper *p, const json_t *data)
{
    const char *const heads[] = { report_in(p, "target"),
                                  "D",
                                  "I",
                                  "C",
                                  "P",
                                  "R",
                                  report_in(p, "findings"),
                                  report_in(p, "acts"),
                                  report_in(p, "packets"),
                                  report_in(p, "conclusion") };
    const json_t *all = get(data, "targets");

    paper_heading(p, NULL, report_in(p, "level_by_target"));
    report_table(p, "level_by_target", heads, 10, all, print_level);
    paper_paragraph(p, report_in(p, "dicpr"));
}

static void print_summary(const paper *p, const json_t *data)
{
    paper_section(p, "summary", report_in(p, "summary"));
    paper_paragraph(p, report_in(p, "object"));
    print_tiles(p, data);
    print_targets(p, data);
    print_object(p, data);
    paper_section_end(p);
}

/* --- findings ------------------------------------------------------------ */

/* Of what was found in a file: which, and where in it. */
static void print_file_evidence(const paper *p, const json_t *f)
{
    const json_t *at = get(f, "evidence");
    char text[512];

    snprintf(text, sizeof text, "%s:%lld (SHA-256 %s)",
             object_text(at, "file"), (long long)object_number(at, "line"),
             object_text(at, "sha256"));
    paper_field(p, report_in(p, "file"), text);
    paper_field(p, report_in(p, "result"), object_text(f, "result"));
}

static void print_evidence(const paper *p, const json_t *data, const json_t *f)
{
    const json_t *proof = get(data, "evidence");
    char text[256];

    if (get(f, "record") == NULL) {
        print_file_evidence(p, f);
        return;
    }
    snprintf(text, sizeof text, "%s; %s %lld; %s", object_text(f, "act"),
             report_in(p, "record"), (long long)object_number(f, "record"),
             object_text(f, "time"));
    paper_field(p, report_in(p, "act"), text);
    paper_field(p, report_in(p, "leaf"), object_text(f, "leaf"));
    snprintf(text, sizeof text, "%lld, %s",
             (long long)object_number(proof, "size"),
             object_text(proof, "root"));
    paper_field(p, report_in(p, "checkpoint"), text);
}

static void print_finding(const paper *p, const json_t *data, const json_t *f)
{
    char text[512];

    snprintf(text, sizeof text, "%s %s - %s", object_text(f, "id"),
             object_text(f, "finding"), object_text(f, "title"));
    paper_heading(p, object_text(f, "id"), text);
    paper_fields(p);
    paper_field(p, report_in(p, "target"), object_text(f, "target"));
    paper_field(p, report_in(p, "detail"), object_text(f, "detail"));
    paper_field(
        p, report_in(p, "weakness"),
        report_term("weakness", object_text(f, "weakness"), p->is_french));
    report_field_number(p, "layer", object_number(f, "layer"));
    paper_field(p, report_in(p, "reference"), object_text(f, "reference"));
    snprintf(
        text, sizeof text, "%s (%s; %s)", object_text(f, "remedy"),
        report_term("remedy", object_text(f, "remedy_kind"), p->is_french),
        report_in(p, object_text(f, "heading")));
    paper_field(p, report_in(p, "remediation"), text);
    print_evidence(p, data, f);
    paper_fields_end(p);
}

static void print_finding_row(const paper *p, const json_t *one)
{
    paper_row(p);
    paper_cell_link(p, object_text(one, "id"), object_text(one, "id"));
    paper_cell(p, object_text(one, "finding"));
    paper_cell(p, object_text(one, "target"));
    rating_cells(p, get(one, "rating"));
    paper_cell(p, object_text(one, "title"));
    paper_row_end(p);
}

static void print_finding_table(const paper *p, const json_t *all)
{
    const char *const heads[] = { report_in(p, "id"),
                                  report_in(p, "finding"),
                                  report_in(p, "target"),
                                  "D",
                                  "I",
                                  "C",
                                  "P",
                                  "R",
                                  report_in(p, "title") };

    report_table(p, "findings", heads, 9, all, print_finding_row);
}

static void print_findings(const paper *p, const json_t *data)
{
    const json_t *all = get(data, "findings");

    paper_section(p, "findings", report_in(p, "findings"));
    paper_paragraph(p,
                    report_in(p, json_array_size(all) > 0 ? "findings_text"
                                                          : "findings_none"));
    if (json_array_size(all) > 0) {
        print_finding_table(p, all);
    }
    for (size_t i = 0; i < json_array_size(all); i++) {
        print_finding(p, data, json_array_get(all, i));
    }
    paper_section_end(p);
}

static void print_remedies(const paper *p, const json_t *all, const char *kind)
{
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *f = json_array_get(all, i);
        if (strcmp(object_text(f, "remedy_kind"), kind) != 0) {
            continue;
        }
        paper_row(p);
        paper_cell_link(p, object_text(f, "id"), object_text(f, "id"));
        paper_cell(p, report_term("remedy", kind, p->is_french));
        paper_cell(p, report_in(p, object_text(f, "heading")));
        paper_cell(p, object_text(f, "remedy"));
        paper_row_end(p);
    }
}

/* Remedies by when they work, and the document they belong into. */
static void print_follow_up(const paper *p, const json_t *data)
{
    static const char *const kinds[] = { "prevention", "detection",
                                         "consolidation" };
    const char *const heads[] = { report_in(p, "id"), report_in(p, "kind"),
                                  report_in(p, "document"),
                                  report_in(p, "remediation") };
    const json_t *all = get(data, "findings");
    const bool any = json_array_size(all) > 0;

    paper_section(p, "follow-up", report_in(p, "follow_up"));
    paper_paragraph(p,
                    report_in(p, any ? "follow_up_text" : "follow_up_none"));
    if (any) {
        paper_table(p, report_in(p, "follow_up"), heads, 4);
        for (size_t k = 0; k < 3; k++) {
            print_remedies(p, all, kinds[k]);
        }
        paper_table_end(p);
    }
    paper_section_end(p);
}

/* --- acts ---------------------------------------------------------------- */

static void print_act(const paper *p, const json_t *act)
{
    char text[512];
    char notes[384];
    char target[128];

    paper_row(p);
    paper_cell_mark(p, object_text(act, "id"), object_text(act, "id"));
    paper_cell_time(p, object_text(act, "time"));
    snprintf(text, sizeof text, "%s, %s%s%s", object_text(act, "check"),
             object_text(act, "technique"),
             json_is_true(get(act, "access")) ? ", " : "",
             json_is_true(get(act, "access")) ? report_in(p, "access") : "");
    paper_cell(p, text);
    paper_cell_number(p, object_number(act, "layer"));
    snprintf(text, sizeof text, "%s %s", object_text(act, "protocol"),
             report_target(act, target, sizeof target));
    paper_cell_address(p, text);
    paper_cell_key(p, report_or_none(object_text(act, "clause")));
    paper_cell_link(p, object_text(act, "law"), object_text(act, "law"));
    paper_cell_number(p, object_number(act, "packets"));
    paper_cell_number(p, object_number(act, "bytes"));
    paper_cell_number(p, object_number(act, "answers"));
    report_join(get(act, "notes"), notes, sizeof notes);
    const char *state = object_text(act, "state");
    snprintf(text, sizeof text, "%s%s%s",
             state[0] != '\0'
                 ? report_term("state", state, p->is_french)
                 : report_term("outcome", object_text(act, "outcome"),
                               p->is_french),
             notes[0] != '\0' ? " - " : "", notes);
    paper_cell(p, text);
    paper_row_end(p);
}

static void print_acts(const paper *p, const json_t *data)
{
    const char *const heads[] = {
        report_in(p, "id"),       report_in(p, "time"),
        report_in(p, "check"),    "OSI",
        report_in(p, "target"),   report_in(p, "clause"),
        report_in(p, "law_note"), report_in(p, "packets"),
        report_in(p, "bytes"),    report_in(p, "answers"),
        report_in(p, "outcome")
    };
    const json_t *all = get(data, "acts");

    paper_section(p, "acts", report_in(p, "acts"));
    paper_paragraph(p, report_in(p, "acts_text"));
    report_table(p, "acts", heads, 11, all, print_act);
    report_checks(p, get(data, "checks"));
    paper_section_end(p);
}

static void print_state(const paper *p, const json_t *one)
{
    char ports[4096];

    paper_row(p);
    paper_cell_key(p, object_text(one, "target"));
    paper_cell_key(p, object_text(one, "check"));
    paper_cell_key(p, object_text(one, "protocol"));
    paper_cell(p,
               report_term("state", object_text(one, "state"), p->is_french));
    paper_cell_number(p, object_number(one, "count"));
    paper_cell(p, report_join(get(one, "ports"), ports, sizeof ports));
    paper_row_end(p);
}

/* Hosts and ports as scans have found them. */
static void print_states(const paper *p, const json_t *data)
{
    const char *const heads[] = {
        report_in(p, "target"),   report_in(p, "check"),
        report_in(p, "protocol"), report_in(p, "state"),
        report_in(p, "count"),    report_in(p, "ports")
    };
    const json_t *all = get(data, "states");
    const bool any = json_array_size(all) > 0;
    paper_section(p, "states", report_in(p, "states"));
    paper_paragraph(p, report_in(p, any ? "states_text" : "states_none"));
    if (any) {
        report_table(p, "states", heads, 6, all, print_state);
    }
    report_services(p, get(data, "acts"));
    report_tools(p, get(data, "acts"));
    report_stages(p, get(data, "stages"));
    report_seen(p, data);
    paper_section_end(p);
}

static void print_refusal(const paper *p, const json_t *one)
{
    char why[256];

    snprintf(why, sizeof why, "%s - %s", object_text(one, "reason"),
             object_text(one, "text"));
    paper_row(p);
    paper_cell_mark(p, object_text(one, "id"), object_text(one, "id"));
    paper_cell_time(p, object_text(one, "time"));
    paper_cell(p, object_text(one, "check"));
    paper_cell(p, object_text(one, "technique"));
    paper_cell(p, object_text(one, "target"));
    paper_cell(p, why);
    paper_row_end(p);
}

static void print_refused(const paper *p, const json_t *data)
{
    const char *const heads[] = {
        report_in(p, "id"),     report_in(p, "time"),
        report_in(p, "check"),  report_in(p, "technique"),
        report_in(p, "target"), report_in(p, "why")
    };
    const json_t *all = get(data, "refused");

    paper_section(p, "refused", report_in(p, "refused"));
    paper_paragraph(p,
                    report_in(p, json_array_size(all) > 0 ? "refused_text"
                                                          : "refused_none"));
    if (json_array_size(all) > 0) {
        report_table(p, "refused", heads, 6, all, print_refusal);
    }
    paper_section_end(p);
}

static void print_gap(const paper *p, const json_t *one)
{
    const char *ports = object_text(one, "ports");
    char host[128];
    char target[256];

    snprintf(target, sizeof target, "%s%s%s%s%s", object_text(one, "protocol"),
             object_text(one, "protocol")[0] != '\0' ? " " : "",
             report_target(one, host, sizeof host),
             ports[0] != '\0' ? ", " : "", ports);
    paper_row(p);
    paper_cell_mark(p, object_text(one, "id"), object_text(one, "id"));
    paper_cell(p, report_or_none(object_text(one, "check")));
    paper_cell(p, report_or_none(target));
    paper_cell(p, object_text(one, "text"));
    paper_row_end(p);
}

static void print_untested(const paper *p, const json_t *data)
{
    const char *const heads[] = { report_in(p, "id"), report_in(p, "check"),
                                  report_in(p, "target"),
                                  report_in(p, "why") };
    const json_t *all = get(data, "not_tested");

    paper_section(p, "not-tested", report_in(p, "not_tested"));
    paper_paragraph(p, report_in(p, "limits_text"));
    paper_paragraph(p, report_in(p, "unavailable"));
    report_table(p, "not_tested", heads, 4, all, print_gap);
    paper_section_end(p);
}

/* --- the record ---------------------------------------------------------- */

static void print_fortuitous(const paper *p, const json_t *data)
{
    const json_t *all = get(data, "fortuitous");
    char text[768];

    paper_section(p, "fortuitous", report_in(p, "fortuitous"));
    paper_paragraph(p, report_in(p, "fortuitous_text"));
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *one = json_array_get(all, i);
        snprintf(text, sizeof text, "A-%lld, %s, %s, %s: %s %s, %s",
                 (long long)object_number(one, "act"),
                 object_text(one, "finding"), object_text(one, "target"),
                 object_text(one, "time"), report_in(p, "to_be_told"),
                 object_text(one, "contact"), object_text(one, "tel"));
        paper_warning(p, text);
    }
    if (json_array_size(all) == 0) {
        paper_paragraph(p, report_in(p, "fortuitous_none"));
    }
    paper_section_end(p);
}

static void print_line(const paper *p, const json_t *one)
{
    char *text = json_dumps(one, JSON_COMPACT);

    paper_row(p);
    paper_cell_number(p, object_number(one, "record"));
    paper_cell(p, object_text(one, "time"));
    paper_cell(p, object_text(one, "kind"));
    paper_cell(p, text != NULL ? text : "");
    paper_row_end(p);
    free(text);
}

static void print_other(const paper *p, const json_t *all)
{
    const char *const heads[] = { report_in(p, "record_head"),
                                  report_in(p, "time"), report_in(p, "kind"),
                                  report_in(p, "detail") };

    if (json_array_size(all) == 0) {
        return;
    }
    paper_heading(p, NULL, report_in(p, "other"));
    report_table(p, "other", heads, 4, all, print_line);
}

static void print_file(const paper *p, const json_t *one)
{
    paper_row(p);
    paper_cell_key(p, object_text(one, "name"));
    paper_cell(p, object_text(one, "sha256"));
    paper_row_end(p);
}

/* What the run was made from, as its first record has it. */
static void print_exhibits(const paper *p, const json_t *all)
{
    const char *const heads[] = { report_in(p, "exhibit"), "SHA-256" };

    paper_heading(p, NULL, report_in(p, "exhibits"));
    paper_paragraph(p, report_in(p, "exhibits_text"));
    report_table(p, "exhibits", heads, 2, all, print_file);
}

static void print_record(const paper *p, const json_t *data)
{
    const json_t *proof = get(data, "evidence");
    const json_t *run = get(data, "run");

    paper_section(p, "evidence", report_in(p, "evidence"));
    paper_paragraph(p, report_in(p, "evidence_text"));
    paper_fields(p);
    report_field_number(p, "records", object_number(proof, "records"));
    report_field_number(p, "checkpoints", object_number(proof, "checkpoints"));
    paper_field(p, report_in(p, "root"), object_text(proof, "root"));
    report_field_number(p, "retention", object_number(run, "retention_days"));
    paper_field(p, report_in(p, "delete_after"),
                object_text(run, "delete_after"));
    report_field_list(p, "recipients", get(run, "recipients"));
    report_field_number(p, "strangers",
                        object_number(get(data, "figures"), "strangers"));
    paper_fields_end(p);
    paper_paragraph(p, report_in(p, "secrets_text"));
    paper_paragraph(p, report_in(p, "publication"));
    print_exhibits(p, get(run, "files"));
    report_results(p, get(data, "files"));
    print_other(p, get(data, "other"));
    paper_section_end(p);
}

/* --- all of it ----------------------------------------------------------- */

void report_page(const paper *p, const json_t *data)
{
    const paper_entry sections[] = {
        { "summary", report_in(p, "summary") },
        { "mandate", report_in(p, "mandate") },
        { "findings", report_in(p, "findings") },
        { "follow-up", report_in(p, "follow_up") },
        { "states", report_in(p, "states") },
        { "acts", report_in(p, "acts") },
        { "refused", report_in(p, "refused") },
        { "not-tested", report_in(p, "not_tested") },
        { "fortuitous", report_in(p, "fortuitous") },
        { "evidence", report_in(p, "evidence") },
        { "law", report_in(p, "law") },
    };
    char title[320];

    snprintf(title, sizeof title, "%s %s", report_in(p, "report_on"),
             object_text(get(data, "mandate"), "id"));
    paper_begin(p, title, object_text(data, "tlp"));
    paper_paragraph(p, report_in(p, "confidential"));
    paper_paragraph(p, report_in(p, "no_claim"));
    paper_contents(p, report_in(p, "contents"), sections,
                   sizeof sections / sizeof sections[0]);
    print_summary(p, data);
    report_mandate(p, data);
    print_findings(p, data);
    print_follow_up(p, data);
    print_states(p, data);
    print_acts(p, data);
    print_refused(p, data);
    print_untested(p, data);
    print_fortuitous(p, data);
    print_record(p, data);
    report_law(p, data);
    paper_end(p);
}
