/* SPDX-License-Identifier: BSD-2-Clause */
/* Services that were identified; what was found without a packet, in the
 * record or beside it, from which files it was made, and what a look-up of
 * vulnerabilities has answered. */
#include "paper.h"
#include "report.h"

static void print_service(const paper *p, const json_t *act,
                          const json_t *service)
{
    paper_row(p);
    paper_cell_key(p, object_text(service, "target"));
    paper_cell(p, object_text(service, "protocol"));
    paper_cell(p, object_text(service, "service"));
    paper_cell(p, object_text(service, "banner"));
    paper_cell_link(p, object_text(act, "id"), object_text(act, "id"));
    paper_row_end(p);
}

static bool has_services(const json_t *acts)
{
    for (size_t i = 0; i < json_array_size(acts); i++) {
        const json_t *act = json_array_get(acts, i);
        if (json_array_size(json_object_get(act, "services")) > 0) {
            return true;
        }
    }
    return false;
}

static void print_stage(const paper *p, const json_t *one)
{
    char target[128];

    paper_row(p);
    paper_cell_number(p, object_number(one, "record"));
    paper_cell(p, object_text(one, "time"));
    paper_cell(p, object_text(one, "stage"));
    paper_cell(p, report_target(one, target, sizeof target));
    paper_cell_number(p, object_number(one, "packets"));
    paper_row_end(p);
}

void report_stages(const paper *p, const json_t *all)
{
    const char *const heads[] = { report_in(p, "record_head"),
                                  report_in(p, "time"), report_in(p, "stage"),
                                  report_in(p, "target"),
                                  report_in(p, "packets") };

    if (json_array_size(all) == 0) {
        return;
    }
    paper_heading(p, NULL, report_in(p, "stages_ended"));
    report_table(p, "stages_ended", heads, 5, all, print_stage);
}

void report_services(const paper *p, const json_t *acts)
{
    const char *const heads[] = {
        report_in(p, "target"), report_in(p, "protocol"),
        report_in(p, "service"), report_in(p, "banner"), report_in(p, "act")
    };

    if (!has_services(acts)) {
        return;
    }
    paper_heading(p, "services", report_in(p, "services"));
    paper_table(p, report_in(p, "services"), heads, 5);
    for (size_t i = 0; i < json_array_size(acts); i++) {
        const json_t *act = json_array_get(acts, i);
        const json_t *all = json_object_get(act, "services");
        for (size_t s = 0; s < json_array_size(all); s++) {
            print_service(p, act, json_array_get(all, s));
        }
    }
    paper_table_end(p);
}

static void print_tool(const paper *p, const json_t *act)
{
    const json_t *tool = json_object_get(act, "tool");
    char arguments[1024];

    paper_row(p);
    paper_cell_link(p, object_text(act, "id"), object_text(act, "id"));
    paper_cell(p, object_text(tool, "name"));
    paper_cell(p, object_text(tool, "sha256"));
    paper_cell(p, report_join(json_object_get(tool, "arguments"), arguments,
                              sizeof arguments));
    paper_cell_number(p, object_number(act, "packets"));
    paper_row_end(p);
}

void report_tools(const paper *p, const json_t *acts)
{
    const char *const heads[] = { report_in(p, "act"), report_in(p, "tool"),
                                  "SHA-256", report_in(p, "arguments"),
                                  report_in(p, "packets") };
    bool any = false;

    for (size_t i = 0; i < json_array_size(acts); i++) {
        const json_t *act = json_array_get(acts, i);
        if (!json_is_object(json_object_get(act, "tool"))) {
            continue;
        }
        if (!any) {
            paper_heading(p, "tools", report_in(p, "tools"));
            paper_paragraph(p, report_in(p, "tools_text"));
            paper_table(p, report_in(p, "tools"), heads, 5);
            any = true;
        }
        print_tool(p, act);
    }
    if (any) {
        paper_table_end(p);
    }
}

static void print_source(const paper *p, const json_t *result,
                         const json_t *source)
{
    paper_row(p);
    paper_cell(p, object_text(result, "name"));
    paper_cell(p, object_text(source, "name"));
    paper_cell(p, object_text(source, "date"));
    paper_cell(p, object_text(source, "sha256"));
    paper_row_end(p);
}

/* The record that was looked at: its name and the root of its tree. */
static void print_looked_at(const paper *p, const json_t *result)
{
    const json_t *at = json_object_get(result, "looked_at");
    char name[EVIDENCE_ORIGIN_MAX];

    if (at == NULL) {
        return;
    }
    snprintf(name, sizeof name, "covey-audit/%s", object_text(at, "run"));
    paper_row(p);
    paper_cell(p, object_text(result, "name"));
    paper_cell(p, name);
    paper_cell(p, "");
    paper_cell(p, object_text(at, "root"));
    paper_row_end(p);
}

/* The result itself, then the files and bases that it names. */
static void print_sources(const paper *p, const json_t *result)
{
    static const char *const lists[] = { "files", "bases" };

    paper_row(p);
    paper_cell(p, object_text(result, "name"));
    paper_cell(p, object_text(result, "program"));
    paper_cell(p, "");
    paper_cell(p, object_text(result, "sha256"));
    paper_row_end(p);
    print_looked_at(p, result);
    for (size_t l = 0; l < 2; l++) {
        const json_t *all = json_object_get(result, lists[l]);
        for (size_t i = 0; i < json_array_size(all); i++) {
            print_source(p, result, json_array_get(all, i));
        }
    }
}

static void print_answer(const paper *p, const json_t *one)
{
    paper_row(p);
    paper_cell(p, object_text(one, "service"));
    paper_cell_key(p, object_text(one, "id"));
    paper_cell(
        p, report_term("answer", object_text(one, "answer"), p->is_french));
    paper_cell(p, object_text(one, "source"));
    paper_cell(p, object_text(one, "why"));
    paper_row_end(p);
}

static void print_answers(const paper *p, const json_t *result)
{
    const char *const heads[] = {
        report_in(p, "service"), report_in(p, "vulnerability"),
        report_in(p, "answer"), report_in(p, "source"), report_in(p, "why")
    };
    const json_t *all = json_object_get(result, "vuln");

    if (json_array_size(all) == 0) {
        return;
    }
    paper_heading(p, NULL, report_in(p, "answers_vuln"));
    report_table(p, "answers_vuln", heads, 5, all, print_answer);
}

void report_results(const paper *p, const json_t *all)
{
    const char *const heads[] = { report_in(p, "result"), report_in(p, "file"),
                                  report_in(p, "date"), "SHA-256" };

    if (json_array_size(all) == 0) {
        return;
    }
    paper_heading(p, NULL, report_in(p, "files"));
    paper_paragraph(p, report_in(p, "files_text"));
    report_table(p, "files", heads, 4, all, print_sources);
    for (size_t i = 0; i < json_array_size(all); i++) {
        print_answers(p, json_array_get(all, i));
    }
}
