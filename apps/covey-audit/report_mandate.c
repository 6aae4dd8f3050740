/* SPDX-License-Identifier: BSD-2-Clause */
/* The mandate in the report. */
#include "paper.h"
#include "report.h"

static const json_t *get(const json_t *object, const char *name)
{
    return json_object_get(object, name);
}

static void print_party(const paper *p, const char *name, const json_t *party)
{
    char text[1024];

    snprintf(text, sizeof text, "%s, %s (%s)", object_text(party, "natural"),
             object_text(party, "legal"),
             report_term("role", object_text(party, "role"), p->is_french));
    paper_field(p, report_in(p, name), text);
    paper_field(p, report_in(p, "key"), object_text(party, "key"));
}

static void print_parties(const paper *p, const json_t *m)
{
    const json_t *others = get(m, "third_parties");
    const json_t *contacts = get(m, "contacts");
    char text[512];

    paper_heading(p, NULL, report_in(p, "parties"));
    paper_fields(p);
    print_party(p, "principal", get(m, "principal"));
    print_party(p, "auditor", get(m, "auditor"));
    report_field_list(p, "sources", get(get(m, "auditor"), "source"));
    for (size_t i = 0; i < json_array_size(others); i++) {
        print_party(p, "third_party", json_array_get(others, i));
    }
    for (size_t i = 0; i < json_array_size(contacts); i++) {
        const json_t *one = json_array_get(contacts, i);
        snprintf(text, sizeof text, "%s, %s", object_text(one, "name"),
                 object_text(one, "tel"));
        paper_field(p, report_in(p, "contact"), text);
    }
    paper_fields_end(p);
}

static void print_contract(const paper *p, const json_t *m)
{
    const json_t *windows = get(m, "window");
    char text[512];

    paper_heading(p, NULL, report_in(p, "contract_law"));
    paper_fields(p);
    paper_field(p, report_in(p, "contract"), object_text(m, "contract"));
    paper_field(p, report_in(p, "nda"), object_text(m, "nda"));
    if (object_text(m, "nda_reason")[0] != '\0') {
        paper_field(p, report_in(p, "nda_reason"),
                    object_text(m, "nda_reason"));
    }
    paper_field(p, report_in(p, "liability"),
                object_text(m, "liability_clause"));
    paper_field(p, report_in(p, "reason"),
                object_text(m, "legitimate_reason"));
    report_field_list(p, "jurisdictions", get(m, "jurisdictions"));
    for (size_t i = 0; i < json_array_size(windows); i++) {
        const json_t *one = json_array_get(windows, i);
        snprintf(text, sizeof text, "%s - %s", object_text(one, "from"),
                 object_text(one, "to"));
        paper_field(p, report_in(p, "window"), text);
    }
    paper_fields_end(p);
}

static const char *say_ports(const paper *p, const json_t *ports, char *out,
                             size_t cap)
{
    const long long first =
        (long long)json_integer_value(json_array_get(ports, 0));
    const long long last =
        (long long)json_integer_value(json_array_get(ports, 1));

    if (first == 0 && last == 65535) {
        return report_in(p, "all_ports");
    }
    if (first == last) {
        snprintf(out, cap, "%lld", first);
    } else {
        snprintf(out, cap, "%lld-%lld", first, last);
    }
    return out;
}

static void print_range(const paper *p, const json_t *one, const char *what)
{
    const int64_t answers = object_number(one, "max_responders");
    char text[32];

    paper_row(p);
    paper_cell(p, report_or_none(object_text(one, "clause")));
    paper_cell(p, what);
    paper_cell(p, object_text(one, "net"));
    paper_cell(p,
               report_term("proto", object_text(one, "proto"), p->is_french));
    paper_cell(p, say_ports(p, get(one, "ports"), text, sizeof text));
    if (answers > 0) {
        paper_cell_number(p, answers);
    } else {
        paper_cell(p, "-"); /* no group */
    }
    paper_row_end(p);
}

static void print_scope(const paper *p, const json_t *m)
{
    const char *const heads[] = {
        report_in(p, "clause"), report_in(p, "kind"),
        report_in(p, "net"),    report_in(p, "protocol"),
        report_in(p, "ports"),  report_in(p, "responders")
    };
    const json_t *scope = get(m, "scope");
    const json_t *excluded = get(m, "exclude");

    paper_heading(p, NULL, report_in(p, "scope"));
    paper_table(p, report_in(p, "scope"), heads, 6);
    for (size_t i = 0; i < json_array_size(scope); i++) {
        print_range(p, json_array_get(scope, i), report_in(p, "permitted"));
    }
    for (size_t i = 0; i < json_array_size(excluded); i++) {
        print_range(p, json_array_get(excluded, i), report_in(p, "excluded"));
    }
    paper_table_end(p);
}

static void print_radio(const paper *p, const json_t *m)
{
    const json_t *all = get(m, "radio");
    char text[256];

    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *one = json_array_get(all, i);
        const long long duty = (long long)object_number(one, "duty_permille");
        snprintf(text, sizeof text, "%s: %lld bit/s, %lld.%lld %%",
                 object_text(one, "clause"),
                 (long long)object_number(one, "bits_s"), duty / 10,
                 duty % 10);
        paper_field(p, report_in(p, "radio"), text);
    }
}

static void print_rights(const paper *p, const json_t *m)
{
    const json_t *limits = get(m, "limits");
    const json_t *credentials = get(m, "credentials");
    const json_t *data = get(m, "data");
    char text[256];

    paper_heading(p, NULL, report_in(p, "rights"));
    paper_fields(p);
    report_field_list(p, "techniques", get(m, "techniques"));
    report_field_number(p, "pps", object_number(limits, "pps"));
    report_field_number(p, "bytes_s", object_number(limits, "bytes_s"));
    report_field_number(p, "packets_per_target",
                        object_number(limits, "packets_per_target"));
    report_field_number(p, "parallel", object_number(limits, "parallel"));
    report_field_number(p, "stop_if_silent",
                        object_number(limits, "stop_if_silent_s"));
    print_radio(p, m);
    for (size_t i = 0; i < json_array_size(credentials); i++) {
        const json_t *one = json_array_get(credentials, i);
        snprintf(text, sizeof text, "%s (%s), %s", object_text(one, "id"),
                 object_text(one, "kind"), object_text(one, "target"));
        paper_field(p, report_in(p, "credential"), text);
    }
    paper_field(
        p, report_in(p, "capture"),
        report_term("capture", object_text(data, "capture"), p->is_french));
    paper_fields_end(p);
}

static void print_additions(const paper *p, const json_t *data)
{
    const json_t *all = get(get(data, "mandate"), "additions");
    const json_t *stops = get(data, "stops");
    char text[768];

    paper_heading(p, NULL, report_in(p, "additions"));
    if (json_array_size(all) + json_array_size(stops) == 0) {
        paper_paragraph(p, report_in(p, "additions_none"));
        return;
    }
    paper_fields(p);
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *one = json_array_get(all, i);
        snprintf(text, sizeof text, "%s %s", object_text(one, "by"),
                 object_text(one, "reason"));
        paper_field(
            p, report_term("addition", object_text(one, "kind"), p->is_french),
            text);
    }
    for (size_t i = 0; i < json_array_size(stops); i++) {
        const json_t *one = json_array_get(stops, i);
        snprintf(text, sizeof text, "%s, %s, %s %lld, %s %lld",
                 object_text(one, "text"), object_text(one, "time"),
                 report_in(p, "record"),
                 (long long)object_number(one, "record"),
                 report_in(p, "packets_before"),
                 (long long)object_number(one, "packets"));
        paper_field(p, report_in(p, "stop"), text);
    }
    paper_fields_end(p);
}

void report_mandate(const paper *p, const json_t *data)
{
    const json_t *m = get(data, "mandate");

    paper_section(p, "mandate", report_in(p, "mandate"));
    paper_paragraph(p, report_in(p, "mandate_text"));
    print_parties(p, m);
    print_contract(p, m);
    print_scope(p, m);
    print_rights(p, m);
    print_additions(p, data);
    paper_section_end(p);
}
