/* SPDX-License-Identifier: BSD-2-Clause */
/* The law of a report: which notes there are, and how they are printed. */
#include "law.h"
#include "paper.h"
#include "report.h"

#include <string.h>

enum {
    NOTES_MAX = 64 /* of a stage */
};

/* --- as data ------------------------------------------------------------- */

static const char *status_id(law_status status)
{
    static const char *const ids[LAW_STATUSES] = {
        [LAW_VERIFIED] = "verified",
        [LAW_PARTLY] = "partly",
        [LAW_UNVERIFIED] = "unverified",
        [LAW_NOTHING] = "nothing",
    };

    return (unsigned)status < LAW_STATUSES ? ids[status] : "unverified";
}

static bool is_listed(const json_t *countries, const char *country)
{
    for (size_t i = 0; i < json_array_size(countries); i++) {
        const char *one = json_string_value(json_array_get(countries, i));
        if (one != NULL && strcmp(one, country) == 0) {
            return true;
        }
    }
    return false;
}

static const char *optional(const law_text *text, bool is_french)
{
    const char *said = law_say(text, is_french);

    return said != NULL ? said : "";
}

static json_t *notes_data(const json_t *countries, bool is_french)
{
    json_t *all = json_array();
    size_t count = 0;
    const law_note *n = law_notes(&count);

    for (size_t i = 0; i < count; i++) {
        json_array_append_new(
            all,
            json_pack(
                "{s:s, s:s, s:s, s:b, s:s, s:s, s:s, s:s, s:s, s:s}", "id",
                n[i].id, "country", n[i].country, "items", n[i].items,
                "in_mandate", (int)is_listed(countries, n[i].country), "seed",
                law_say(&n[i].seed, is_french), "seed_as_of", "2009",
                "correction", optional(&n[i].correction, is_french), "status",
                status_id(n[i].status), "as_of",
                n[i].as_of != NULL ? n[i].as_of : "", "source", n[i].source));
    }
    return all;
}

/* The notes of the mandate's countries that matter to a stage. */
static json_t *notes_of(const json_t *countries, covey_audit_stage stage)
{
    json_t *all = json_array();
    size_t count = 0;
    const law_note *n = law_notes(&count);

    for (size_t i = 0; i < count; i++) {
        if ((n[i].stages >> stage & 1) != 0 &&
            is_listed(countries, n[i].country)) {
            json_array_append_new(all, json_string(n[i].id));
        }
    }
    return all;
}

static json_t *stages_data(const json_t *countries, bool is_french)
{
    json_t *all = json_array();
    size_t count = 0;
    const law_stage *s = law_stages(&count);
    char id[32];

    for (size_t i = 0; i < count; i++) {
        const char *name = covey_audit_stage_name(s[i].stage);
        snprintf(id, sizeof id, "L-%s", name);
        json_array_append_new(
            all, json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "id", id, "stage",
                           name, "items", s[i].items, "seed",
                           law_say(&s[i].seed, is_french), "correction",
                           optional(&s[i].correction, is_french), "notes",
                           notes_of(countries, s[i].stage)));
    }
    return all;
}

static json_t *cases_data(bool is_french)
{
    json_t *all = json_array();
    size_t count = 0;
    const law_case *c = law_cases(&count);

    for (size_t i = 0; i < count; i++) {
        json_array_append_new(
            all,
            json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "id", c[i].id, "item",
                      c[i].item, "country", c[i].country, "decision",
                      law_say(&c[i].decision, is_french), "held",
                      law_say(&c[i].held, is_french), "consequence",
                      law_say(&c[i].consequence, is_french)));
    }
    return all;
}

static json_t *devices_data(bool is_french)
{
    json_t *all = json_array();
    size_t count = 0;
    const law_device *d = law_devices(&count);

    for (size_t i = 0; i < count; i++) {
        json_array_append_new(all, json_pack("{s:s, s:s, s:b}", "country",
                                             d[i].country, "name",
                                             law_say(&d[i].name, is_french),
                                             "required", (int)d[i].required));
    }
    return all;
}

json_t *report_law_data(const json_t *countries, bool is_french)
{
    json_t *unknown = json_array();

    for (size_t i = 0; i < json_array_size(countries); i++) {
        const char *one = json_string_value(json_array_get(countries, i));
        if (one != NULL && !law_knows(one)) {
            json_array_append_new(unknown, json_string(one));
        }
    }
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "stages",
                     stages_data(countries, is_french), "notes",
                     notes_data(countries, is_french), "unknown", unknown,
                     "devices", devices_data(is_french), "cases",
                     cases_data(is_french));
}

/* --- on paper ------------------------------------------------------------ */

static void print_stage(const paper *p, const json_t *stage)
{
    const char *ids[NOTES_MAX];
    const json_t *notes = json_object_get(stage, "notes");
    size_t count = 0;

    while (count < NOTES_MAX && count < json_array_size(notes)) {
        ids[count] = json_string_value(json_array_get(notes, count));
        count++;
    }
    paper_row(p);
    paper_cell_mark(p, object_text(stage, "id"), object_text(stage, "id"));
    paper_cell(p, object_text(stage, "seed"));
    paper_cell(p, object_text(stage, "correction"));
    paper_cell_links(p, ids, count);
    paper_row_end(p);
}

static void print_stages(const paper *p, const json_t *law)
{
    const char *const heads[] = { report_in(p, "stage"),
                                  report_in(p, "seed_says"),
                                  report_in(p, "beside"),
                                  report_in(p, "notes") };
    const json_t *all = json_object_get(law, "stages");

    paper_heading(p, NULL, report_in(p, "law_stages"));
    report_table(p, "law_stages", heads, 4, all, print_stage);
}

static void print_note(const paper *p, const json_t *note)
{
    char status[160];
    const char *as_of = object_text(note, "as_of");

    snprintf(status, sizeof status, "%s%s%s",
             report_term("status", object_text(note, "status"), p->is_french),
             as_of[0] != '\0' ? ", " : "", as_of);
    paper_row(p);
    paper_cell_mark(p, object_text(note, "id"), object_text(note, "id"));
    paper_cell(p, object_text(note, "seed"));
    paper_cell(p, object_text(note, "correction"));
    paper_cell(p, status);
    paper_cell(p, object_text(note, "source"));
    paper_cell(p, object_text(note, "items"));
    paper_row_end(p);
}

static bool has_notes(const json_t *all, bool in_mandate)
{
    for (size_t i = 0; i < json_array_size(all); i++) {
        if (json_is_true(json_object_get(json_array_get(all, i),
                                         "in_mandate")) == in_mandate) {
            return true;
        }
    }
    return false;
}

/* Of the countries in the mandate, or of the others. */
static void print_notes(const paper *p, const json_t *law, bool in_mandate)
{
    const char *title =
        report_in(p, in_mandate ? "law_mandate" : "law_others");
    const char *const heads[] = {
        report_in(p, "id"),     report_in(p, "seed_says_2009"),
        report_in(p, "beside"), report_in(p, "status"),
        report_in(p, "source"), report_in(p, "item")
    };
    const json_t *all = json_object_get(law, "notes");

    if (!has_notes(all, in_mandate)) {
        return;
    }
    paper_heading(p, NULL, title);
    paper_table(p, title, heads, 6);
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *one = json_array_get(all, i);
        if (json_is_true(json_object_get(one, "in_mandate")) == in_mandate) {
            print_note(p, one);
        }
    }
    paper_table_end(p);
}

static void print_device(const paper *p, const json_t *one)
{
    const bool yes = json_is_true(json_object_get(one, "required"));

    paper_row(p);
    paper_cell(p, object_text(one, "country"));
    paper_cell(p, object_text(one, "name"));
    paper_cell(p, report_in(p, yes ? "yes" : "no"));
    paper_row_end(p);
}

static void print_devices(const paper *p, const json_t *law)
{
    const char *const heads[] = { report_in(p, "country"),
                                  report_in(p, "name"),
                                  report_in(p, "device_required") };
    const json_t *all = json_object_get(law, "devices");

    paper_heading(p, "devices", report_in(p, "devices"));
    paper_paragraph(p, report_in(p, "devices_text"));
    report_table(p, "devices", heads, 3, all, print_device);
}

static void print_case(const paper *p, const json_t *one)
{
    paper_row(p);
    paper_cell_mark(p, object_text(one, "id"), object_text(one, "id"));
    paper_cell(p, object_text(one, "country"));
    paper_cell(p, object_text(one, "decision"));
    paper_cell(p, object_text(one, "held"));
    paper_cell(p, object_text(one, "consequence"));
    paper_cell(p, object_text(one, "item"));
    paper_row_end(p);
}

static void print_cases(const paper *p, const json_t *law)
{
    const char *const heads[] = {
        report_in(p, "id"),          report_in(p, "country"),
        report_in(p, "decision"),    report_in(p, "held"),
        report_in(p, "consequence"), report_in(p, "item")
    };
    const json_t *all = json_object_get(law, "cases");

    paper_heading(p, "cases", report_in(p, "cases"));
    report_table(p, "cases", heads, 6, all, print_case);
}

static void print_unknown(const paper *p, const json_t *law)
{
    const json_t *unknown = json_object_get(law, "unknown");
    char text[256];

    for (size_t i = 0; i < json_array_size(unknown); i++) {
        snprintf(text, sizeof text, "%s: %s",
                 json_string_value(json_array_get(unknown, i)),
                 report_in(p, "law_unknown"));
        paper_warning(p, text);
    }
}

void report_law(const paper *p, const json_t *data)
{
    const json_t *law = json_object_get(data, "law");

    paper_section(p, "law", report_in(p, "law"));
    paper_warning(p, report_in(p, "not_advice"));
    print_unknown(p, law);
    paper_heading(p, "readings", report_in(p, "readings"));
    paper_fields(p);
    paper_field(p, report_in(p, "reading_access"),
                report_in(p, "reading_access_text"));
    paper_field(p, report_in(p, "reading_none"),
                report_in(p, "reading_none_text"));
    paper_field(p, report_in(p, "reading_taken"),
                report_in(p, "reading_taken_text"));
    paper_fields_end(p);
    paper_paragraph(p, report_in(p, "stad"));
    paper_paragraph(p, report_in(p, "context"));
    print_stages(p, law);
    print_notes(p, law, true);
    print_notes(p, law, false);
    print_devices(p, law);
    print_cases(p, law);
    paper_section_end(p);
}
