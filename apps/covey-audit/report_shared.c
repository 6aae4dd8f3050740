/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of the report have in common. */
#include "paper.h"
#include "report.h"

#include <string.h>

const char *report_in(const paper *p, const char *id)
{
    return report_say(id, p->is_french);
}

void report_add(json_t *object, const char *name, int64_t number)
{
    json_object_set_new(object, name,
                        json_integer(object_number(object, name) + number));
}

const char *report_or_none(const char *text)
{
    return text[0] != '\0' ? text : "-";
}

const char *report_target(const json_t *one, char *out, size_t cap)
{
    const char *target = object_text(one, "target");
    const char *colon = strrchr(target, ':');
    const size_t len = colon != NULL && strcmp(colon, ":0") == 0
                           ? (size_t)(colon - target)
                           : strlen(target);

    snprintf(out, cap, "%.*s", (int)len, target);
    return out;
}

const char *report_join(const json_t *list, char *out, size_t cap)
{
    out[0] = '\0';
    for (size_t i = 0; i < json_array_size(list); i++) {
        const size_t used = strlen(out);
        const char *one = json_string_value(json_array_get(list, i));
        snprintf(out + used, cap - used, "%s%s", i > 0 ? ", " : "",
                 one != NULL ? one : "");
    }
    return out;
}

void report_field_number(const paper *p, const char *name, int64_t number)
{
    char text[32];

    snprintf(text, sizeof text, "%lld", (long long)number);
    paper_field(p, report_in(p, name), text);
}

void report_field_list(const paper *p, const char *name, const json_t *list)
{
    char text[4096];

    paper_field(p, report_in(p, name), report_join(list, text, sizeof text));
}

void report_table(const paper *p, const char *name, const char *const *heads,
                  size_t count, const json_t *all, report_row *row)
{
    paper_table(p, report_in(p, name), heads, count);
    for (size_t i = 0; i < json_array_size(all); i++) {
        row(p, json_array_get(all, i));
    }
    paper_table_end(p);
}
