/* SPDX-License-Identifier: BSD-2-Clause */
/* What was taken over from others: which files, and what they say of hosts. */
#include "paper.h"
#include "report.h"

static void print_import(const paper *p, const json_t *one)
{
    paper_row(p);
    paper_cell_number(p, object_number(one, "record"));
    paper_cell(p, object_text(one, "source"));
    paper_cell(p, object_text(one, "file"));
    paper_cell(p, object_text(one, "sha256"));
    paper_cell(p, object_text(one, "program"));
    paper_row_end(p);
}

/* "ssh OpenSSH 9.2p1", or a system's name, or what was in the clear. */
static void put_what(const json_t *one, char *out, size_t cap)
{
    const json_t *service =
        json_array_get(json_object_get(one, "services"), 0);
    const json_t *system = json_object_get(one, "system");

    snprintf(out, cap, "%s %s%s%s", object_text(service, "service"),
             object_text(service, "banner"), object_text(system, "name"),
             object_text(one, "secret"));
}

/* What became of a file: whether it was whole, and how much was covered. */
static void print_imported(const paper *p, const json_t *one)
{
    char notes[1024];
    char whole[256];
    const char *why = object_text(one, "why");

    snprintf(whole, sizeof whole, "%s%s%s",
             report_in(p, json_is_true(json_object_get(one, "complete"))
                              ? "yes"
                              : "no"),
             why[0] != '\0' ? ": " : "", why);
    paper_row(p);
    paper_cell_number(p, object_number(one, "record"));
    paper_cell(p, whole);
    paper_cell_number(p, object_number(one, "covered"));
    paper_cell_number(p, object_number(one, "refused"));
    paper_cell_number(p, object_number(one, "strangers"));
    paper_cell(
        p, report_join(json_object_get(one, "notes"), notes, sizeof notes));
    paper_row_end(p);
}

static void print_all_imported(const paper *p, const json_t *all)
{
    const char *const heads[] = {
        report_in(p, "record_head"), report_in(p, "complete"),
        report_in(p, "covered"),     report_in(p, "not_covered"),
        report_in(p, "beyond"),      report_in(p, "notes")
    };

    report_table(p, "seen", heads, 6, all, print_imported);
}

static void print_line(const paper *p, const json_t *one)
{
    const char *state = object_text(one, "state");
    const char *verdict = object_text(one, "verdict");
    const char *clause = object_text(one, "clause");
    char text[512];

    put_what(one, text, sizeof text);
    paper_row(p);
    paper_cell_number(p, object_number(one, "record"));
    paper_cell(p, object_text(one, "act_time"));
    paper_cell(p, object_text(one, "target"));
    paper_cell(p, object_text(one, "protocol"));
    paper_cell(p, report_term("state", state, p->is_french));
    paper_cell(p, text);
    paper_cell(p, clause[0] != '\0'
                      ? clause
                      : report_term("reason", verdict, p->is_french));
    paper_row_end(p);
}

static void print_lines(const paper *p, const json_t *all)
{
    const char *const heads[] = {
        report_in(p, "record_head"), report_in(p, "time"),
        report_in(p, "target"),      report_in(p, "protocol"),
        report_in(p, "state"),       report_in(p, "service"),
        report_in(p, "clause")
    };

    report_table(p, "seen", heads, 7, all, print_line);
}

void report_seen(const paper *p, const json_t *data)
{
    const json_t *imports = json_object_get(data, "imports");
    const json_t *imported = json_object_get(data, "imported");
    const json_t *seen = json_object_get(data, "seen");
    const char *const heads[] = { report_in(p, "record_head"),
                                  report_in(p, "source"), report_in(p, "file"),
                                  "SHA-256", report_in(p, "program") };

    if (json_array_size(imports) + json_array_size(imported) +
            json_array_size(seen) ==
        0) {
        return;
    }
    paper_heading(p, "seen", report_in(p, "seen"));
    paper_paragraph(p, report_in(p, "seen_text"));
    if (json_array_size(imports) > 0) {
        report_table(p, "seen", heads, 5, imports, print_import);
    }
    if (json_array_size(imported) > 0) {
        print_all_imported(p, imported);
    }
    if (json_array_size(seen) > 0) {
        print_lines(p, seen);
    }
}
