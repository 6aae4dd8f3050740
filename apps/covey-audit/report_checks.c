/* SPDX-License-Identifier: BSD-2-Clause */
/* What the ids of checks stand for: of those that were done. */
#include "paper.h"
#include "report.h"

json_t *report_checks_data(const json_t *acts, bool is_french)
{
    json_t *all = json_array();

    for (size_t i = 0; i < json_array_size(acts); i++) {
        const json_t *act = json_array_get(acts, i);
        const char *id = object_text(act, "check");
        json_t *one = object_find(all, "check", id);
        if (one == NULL) {
            one = json_pack("{s:s, s:s, s:i, s:i}", "check", id, "title",
                            report_term("check", id, is_french), "acts", 0,
                            "packets", 0);
            json_array_append_new(all, one);
        }
        report_add(one, "acts", 1);
        report_add(one, "packets", object_number(act, "packets"));
    }
    return all;
}

static void print_check(const paper *p, const json_t *one)
{
    paper_row(p);
    paper_cell_key(p, object_text(one, "check"));
    paper_cell(p, object_text(one, "title"));
    paper_cell_number(p, object_number(one, "acts"));
    paper_cell_number(p, object_number(one, "packets"));
    paper_row_end(p);
}

void report_checks(const paper *p, const json_t *all)
{
    const char *const heads[] = { report_in(p, "check"), report_in(p, "title"),
                                  report_in(p, "acts"),
                                  report_in(p, "packets") };

    if (json_array_size(all) == 0) {
        return;
    }
    paper_heading(p, "checks", report_in(p, "checks"));
    report_table(p, "checks", heads, 4, all, print_check);
}
