/* SPDX-License-Identifier: BSD-2-Clause */
/* Members of JSON objects: sorted by name, with every name accounted for. A
 * misspelt member is an error and never ignored: the rule would silently mean
 * something else than its author thinks. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

#define MODULE "ietf-schc:"

/* Letters that differ, without regard to case: Levenshtein's distance, over
 * one row. Words beyond 63 letters are unlike anything. */
static unsigned distance(const char *a, const char *b)
{
    unsigned row[64];
    const size_t n = strlen(b);

    if (n >= COUNT(row) || strlen(a) >= COUNT(row)) {
        return COUNT(row);
    }
    for (unsigned j = 0; j <= n; j++) {
        row[j] = j;
    }
    for (unsigned i = 1; a[i - 1] != '\0'; i++) {
        unsigned diagonal = row[0];
        row[0] = i;
        for (unsigned j = 1; j <= n; j++) {
            const unsigned above = row[j];
            const bool same = (a[i - 1] | 0x20) == (b[j - 1] | 0x20);
            unsigned best = diagonal + (same ? 0 : 1);
            best = above + 1 < best ? above + 1 : best;
            row[j] = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            diagonal = above;
        }
    }
    return row[n];
}

const char *rules_nearest(const char *word, const char *const *names,
                          size_t count)
{
    const char *best = NULL;
    unsigned least = (unsigned)(strlen(word) / 3) + 2;

    for (size_t i = 0; i < count; i++) {
        const unsigned d = distance(word, names[i]);
        if (d < least) {
            least = d;
            best = names[i];
        }
    }
    return best;
}

static int place_of(const char *word, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(word, names[i]) == 0) {
            return (int)i;
        }
    }
    return -1;
}

static bool of_another_module(const char *key)
{
    const char *colon = strchr(key, ':');

    return key[0] == '@' || (colon != NULL && strncmp(key, "covey:", 6) != 0 &&
                             strncmp(key, MODULE, sizeof MODULE - 1) != 0);
}

int rules_choice(rules_loader *l, struct fy_node *node,
                 const char *const *words, size_t count, const char *source)
{
    const char *text = rules_json_string(node);
    const int at = text ? place_of(text, words, count) : -1;
    char list[160] = "";

    if (at < 0) {
        for (size_t i = 0; i < count; i++) {
            const size_t pos = strlen(list);
            snprintf(list + pos, sizeof list - pos, "%s\"%s\"",
                     i == 0 ? "" : ", ", words[i]);
        }
        rules_error(l, node, source, "expected one of %s, found %s%.40s%s",
                    list, text ? "\"" : "",
                    text ? text : rules_json_kind_name(node),
                    text ? "\"" : "");
    }
    return at;
}

/* About a member's name rather than its value. */
static void about_key(rules_loader *l, rules_severity severity,
                      struct fy_node *value, const char *source,
                      const char *text)
{
    char path[sizeof l->report->messages->path];
    rules_place place = { 0, 0, path };

    rules_json_position(rules_json_key(value), &place.line, &place.column);
    rules_json_path(value, path, sizeof path);
    rules_report_at(l->report, severity, place, source, "%s", text);
}

static void unknown(rules_loader *l, struct fy_node *value, const char *key,
                    const rules_names *names)
{
    const char *near = rules_nearest(key, names->names, names->count);
    char text[120] = "unknown member";

    if (of_another_module(key)) {
        about_key(l, RULES_WARNING, value, "RFC 7951 Section 4",
                  "member of another module is ignored");
    } else if (names->lenient) {
        about_key(l, RULES_WARNING, value, "", "member is not used");
    } else {
        if (near != NULL) {
            snprintf(text, sizeof text, "unknown member; did you mean \"%s\"?",
                     near);
        }
        about_key(l, RULES_ERROR, value, "RFC 9363 Section 6", text);
    }
}

/* One member into its place. */
static void sort_member(rules_loader *l, const char *key,
                        struct fy_node *value, const rules_names *names,
                        struct fy_node **values)
{
    int i;

    if (strncmp(key, MODULE, sizeof MODULE - 1) == 0) {
        key += sizeof MODULE - 1;
    }
    i = place_of(key, names->names, names->count);
    if (i < 0) {
        unknown(l, value, key, names);
    } else if (values[i] != NULL) {
        about_key(l, RULES_ERROR, value, "RFC 8259 Section 4",
                  "the member occurs twice");
    } else {
        values[i] = value;
    }
}

bool rules_members(rules_loader *l, struct fy_node *object, const char *what,
                   const rules_names *names, struct fy_node **values)
{
    void *at = NULL;
    struct fy_node *value;
    const char *key;

    if (rules_json_kind_of(object) != RULES_JSON_OBJECT) {
        rules_error(l, object, "RFC 9363 Section 6",
                    "expected an object for %s, found %s", what,
                    rules_json_kind_name(object));
        return false;
    }
    while (rules_json_next(object, &at, &key, &value)) {
        sort_member(l, key, value, names, values);
    }
    return true;
}
