/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of SCHC vectors: finds the cases, and says of everything else that it
 * was not run. What the file claims about itself (verified_by_reference) is
 * never believed. */
#include "selftest_schc.h"

#include <json.h>
#include <stdlib.h>
#include <string.h>

/* Two texts being written. */
struct texts {
    char *expected;
    char *got;
    size_t expected_len;
    size_t got_len;
    FILE *expected_out;
    FILE *got_out;
};

static bool texts_open(struct texts *t)
{
    memset(t, 0, sizeof *t);
    t->expected_out = open_memstream(&t->expected, &t->expected_len);
    t->got_out = open_memstream(&t->got, &t->got_len);
    return t->expected_out != NULL && t->got_out != NULL;
}

/* Both texts are readable afterwards; false if memory ran out. */
static bool texts_close(struct texts *t)
{
    bool good = true;

    if (t->expected_out != NULL) {
        good = fclose(t->expected_out) == 0;
    }
    if (t->got_out != NULL) {
        good = fclose(t->got_out) == 0 && good;
    }
    return good && t->expected != NULL && t->got != NULL;
}

/* One case; `negative` if its list is one of cases that must fail. */
static void run_vector(selftest_report *report, const char *path,
                       const char *name, struct fy_node *file,
                       struct fy_node *vector, bool negative)
{
    schc_case c = { .expect =
                        negative ? SCHC_EXPECT_REFUSED : SCHC_EXPECT_MATCH,
                    .expect_given = negative };
    struct texts t;
    bool passed = false;

    if (texts_open(&t)) {
        if ((file == NULL || schc_case_defaults(&c, file, t.got_out)) &&
            schc_case_read(&c, vector, t.got_out)) {
            passed = schc_case_run(&c, t.expected_out, t.got_out);
        } else {
            fputs("a case that this runner understands", t.expected_out);
        }
    }
    if (!texts_close(&t)) {
        selftest_fail(report, path, name, "enough memory", "none");
    } else if (passed) {
        selftest_pass(report, path, name);
    } else {
        selftest_fail(report, path, name, t.expected, t.got);
    }
    free(t.expected);
    free(t.got);
    schc_case_free(&c);
}

/* Its name, or list and number. */
static void name_of(struct fy_node *vector, const char *list, size_t i,
                    char *out, size_t cap)
{
    const char *name = rules_json_string(rules_json_get(vector, "name"));

    if (name == NULL) {
        name = rules_json_string(rules_json_get(vector, "id"));
    }
    if (name != NULL && name[0] != '\0') {
        snprintf(out, cap, "%s", name);
    } else {
        snprintf(out, cap, "%s[%zu]", list, i);
    }
}

static void run_list(selftest_report *report, const char *path,
                     const char *list_name, struct fy_node *file,
                     struct fy_node *list)
{
    const bool negative = strstr(list_name, "negative") != NULL ||
                          strstr(list_name, "invalid") != NULL;
    char name[200];
    void *at = NULL;
    const char *key;
    struct fy_node *vector;

    if (rules_json_kind_of(list) != RULES_JSON_ARRAY ||
        rules_json_count(list) == 0) {
        selftest_fail(report, path, list_name, "an array of cases",
                      rules_json_kind_name(list));
        return;
    }
    for (size_t i = 0; rules_json_next(list, &at, &key, &vector); i++) {
        name_of(vector, list_name, i, name, sizeof name);
        run_vector(report, path, name, file, vector, negative);
    }
}

/* A member of a file without a list of cases: each of its elements is a case
 * of a kind that is not run. */
static void fail_member(selftest_report *report, const char *path,
                        const char *member, struct fy_node *value)
{
    char name[200];
    char got[300];
    void *at = NULL;
    const char *key;
    struct fy_node *element;
    size_t i = 0;

    snprintf(got, sizeof got, "not supported: cases of the kind \"%.200s\"",
             member);
    if (rules_json_kind_of(value) != RULES_JSON_ARRAY) {
        selftest_fail(report, path, member, "a case of a known kind", got);
        return;
    }
    for (; rules_json_next(value, &at, &key, &element); i++) {
        name_of(element, member, i, name, sizeof name);
        selftest_fail(report, path, name, "a case of a known kind", got);
    }
}

static void note_member(selftest_report *report, const char *path,
                        const char *member)
{
    char text[300];

    snprintf(text, sizeof text, "\"%.200s\" is not run: not among its vectors",
             member);
    selftest_note(report, path, text);
}

static void run_object(selftest_report *report, const char *path,
                       struct fy_node *file)
{
    void *at = NULL;
    const char *key;
    struct fy_node *value;
    bool any = false;

    while (rules_json_next(file, &at, &key, &value)) {
        any = any || schc_case_list(key);
    }
    at = NULL;
    while (rules_json_next(file, &at, &key, &value)) {
        if (schc_case_list(key)) {
            run_list(report, path, key, file, value);
        } else if (schc_case_documentation(key)) {
            continue;
        } else if (any) {
            note_member(report, path, key);
        } else {
            fail_member(report, path, key, value);
        }
    }
    if (!any) {
        selftest_fail(report, path, path, "a member \"vectors\"", "none");
    }
}

static bool is_vector(struct fy_node *node)
{
    return rules_json_get(node, "packet_hex") != NULL ||
           rules_json_get(node, "schc_packet_hex") != NULL;
}

void schc_document_run(selftest_report *report, const char *path,
                       struct fy_node *root)
{
    char name[200];

    if (rules_json_kind_of(root) == RULES_JSON_ARRAY) {
        run_list(report, path, "vectors", NULL, root);
    } else if (is_vector(root)) {
        name_of(root, "vector", 0, name, sizeof name);
        run_vector(report, path, name, NULL, root, false);
    } else {
        run_object(report, path, root);
    }
}

void selftest_schc_file(selftest_report *report, const char *path)
{
    rules_report problems = { NULL, 0, 0 };
    rules_json *document = rules_json_read(path, &problems);
    char text[500] = "";

    if (document != NULL) {
        schc_document_run(report, path, rules_json_root(document));
    } else {
        if (problems.count > 0) {
            const rules_message *m = &problems.messages[0];
            snprintf(text, sizeof text, "line %u column %u: %s", m->line,
                     m->column, m->text);
        }
        selftest_fail(report, path, path, "a JSON file", text);
    }
    rules_json_free(document);
    rules_report_free(&problems);
}
