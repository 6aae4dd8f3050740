/* SPDX-License-Identifier: BSD-2-Clause */
/* `covey schc lint`: what the loader finds and what the documents demand, in
 * one list. The file is loaded without its profile, so that one MUST does not
 * hide the others; then lint goes through the profile. */
#include "cmd.h"
#include "schc_json.h"
#include "schc_verbs.h"

#include <string.h>

/* One finding, whoever made it. */
typedef struct finding {
    const char *severity; /* "error", "MUST", "SHOULD", "note", "warning" */
    bool fault;           /* makes the exit code negative */
    unsigned line;
    unsigned column;
    const char *rule;  /* "5/8", or "" */
    const char *field; /* "fid-...", or "" */
    const char *path;  /* JSON path, or "" */
    const char *text;
    const char *source; /* document and section, or "" */
} finding;

typedef struct linter {
    const schc_args *args;
    json_t *list; /* NULL unless --json */
    unsigned faults;
    unsigned others;
} linter;

static void emit(linter *l, const finding *f)
{
    if (f->fault) {
        l->faults++;
    } else {
        l->others++;
    }
    if (l->list != NULL) {
        json_array_append_new(
            l->list,
            json_pack("{s:s, s:i, s:i, s:s, s:s, s:s, s:s, s:s}", "severity",
                      f->severity, "line", (int)f->line, "column",
                      (int)f->column, "rule", f->rule, "field", f->field,
                      "path", f->path, "text", f->text, "source", f->source));
        return;
    }
    printf("%s:%u: %s: ", l->args->rules_path, f->line, f->severity);
    if (*f->rule != '\0') {
        printf("rule %s: ", f->rule);
    }
    if (*f->field != '\0') {
        printf("%s: ", f->field);
    }
    if (*f->path != '\0') {
        printf("%s: ", f->path);
    }
    printf("%s%s%s%s\n", f->text, *f->source ? " (" : "", f->source,
           *f->source ? ")" : "");
}

static void emit_report(linter *l, const rules_report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        const rules_message *m = &report->messages[i];
        bool error = m->severity == RULES_ERROR;
        finding f = { error ? "error" : "warning",
                      error,
                      m->line,
                      m->column,
                      "",
                      "",
                      m->path,
                      m->text,
                      m->source };

        emit(l, &f);
    }
}

static void emit_row(linter *l, const rules_file *file,
                     const covey_schc_lint_row *row)
{
    static const char *const severities[] = { [COVEY_SCHC_MUST] = "MUST",
                                              [COVEY_SCHC_SHOULD] = "SHOULD",
                                              [COVEY_SCHC_NOTE] = "note" };
    const covey_schc_rules *rules = rules_get(file);
    const covey_schc_rule *r = &rules->rules[row->rule];
    char rule[SCHC_RULE_NAME_MAX];
    char name[COVEY_SCHC_NAME_MAX];
    char text[400];
    char source[160] = "";
    finding f = { severities[row->severity],
                  row->severity == COVEY_SCHC_MUST,
                  rules_line(file, row->rule, row->field),
                  0,
                  schc_rule_name(rules, row->rule, rule),
                  "",
                  "",
                  text,
                  source };

    snprintf(text, sizeof text, "%s", row->text);
    if (row->other != row->rule && row->other < rules->count) {
        char other[SCHC_RULE_NAME_MAX];

        snprintf(text, sizeof text, "%s (rule %s, line %u)", row->text,
                 schc_rule_name(rules, row->other, other),
                 rules_line(file, row->other,
                            rules->rules[row->other].field_count));
    }
    if (row->document != NULL && *row->document != '\0') {
        snprintf(source, sizeof source, "%s%s%s", row->document,
                 row->section && *row->section ? " Section " : "",
                 row->section ? row->section : "");
    }
    f.field = row->field < r->field_count
                  ? schc_short_name(r->fields[row->field].id,
                                    r->fields[row->field].option, name)
                  : "";
    emit(l, &f);
}

static covey_schc_profile profile_of(const schc_args *args,
                                     const rules_file *file)
{
    return args->has_profile ? args->profile : rules_profile(file);
}

static const char *profile_name(covey_schc_profile profile)
{
    return profile == COVEY_SCHC_PROFILE_09
               ? "draft-ietf-schc-8824-update-09"
               : "draft-tiloca-schc-8824-update-00";
}

static int finish(linter *l, const rules_file *file)
{
    const char *profile =
        file ? profile_name(profile_of(l->args, file)) : NULL;
    int rc;

    if (l->list != NULL) {
        json_t *root = json_object();

        json_object_set_new(root, "file", json_string(l->args->rules_path));
        json_object_set_new(root, "profile",
                            profile ? json_string(profile) : json_null());
        json_object_set_new(root, "faults", json_integer(l->faults));
        json_object_set_new(root, "others", json_integer(l->others));
        json_object_set_new(root, "findings", l->list);
        rc = schc_json_print(root);
    } else {
        printf("%s: ", l->args->rules_path);
        if (profile != NULL) {
            printf("%u rules, %s: ", rules_get(file)->count, profile);
        }
        printf("%u fault%s, %u other finding%s\n", l->faults,
               l->faults == 1 ? "" : "s", l->others,
               l->others == 1 ? "" : "s");
        rc = schc_output_close(stdout, NULL);
    }
    return rc != EXIT_DONE ? rc : l->faults ? EXIT_NEGATIVE : EXIT_DONE;
}

int schc_verb_lint(const schc_args *args)
{
    linter l = { args, NULL, 0, 0 };
    rules_options options = rules_default_options();
    rules_report report;
    rules_file *file;
    covey_schc_lint_row row;
    uint32_t at = 0;
    int rc;

    if (!schc_session_readable(args->rules_path)) {
        return EXIT_IO;
    }
    options.check_profile = false;
    file = rules_load(args->rules_path, &options, &report);
    l.list = args->json ? json_array() : NULL;
    emit_report(&l, &report);
    while (file != NULL &&
           covey_schc_lint_next(rules_get(file), profile_of(args, file), &at,
                                &row)) {
        emit_row(&l, file, &row);
    }
    rc = finish(&l, file);
    rules_report_free(&report);
    rules_free(file);
    return rc;
}
