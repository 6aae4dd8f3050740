/* SPDX-License-Identifier: BSD-2-Clause */
/* What was not tested and no line of the record says: what the mandate leaves
 * out, and what a stop has left undone. */
#include "report.h"

#include <stdlib.h>
#include <string.h>

static void add(json_t *data, const json_t *what, const char *why,
                bool is_french)
{
    json_t *all = json_object_get(data, "not_tested");
    char id[32];

    snprintf(id, sizeof id, "N-%zu", json_array_size(all) + 1);
    json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:s, s:s}", "id", id,
                                         "check", object_text(what, "check"),
                                         "target", object_text(what, "target"),
                                         "why", why, "text",
                                         report_term("why", why, is_french)));
}

static void add_named(json_t *data, const char *check, const char *target,
                      const char *why, bool is_french)
{
    json_t *what = json_pack("{s:s, s:s}", "check", check, "target", target);

    add(data, what, why, is_french);
    json_decref(what);
}

/* --- beyond the mandate -------------------------------------------------- */

static bool has(const json_t *list, const char *text)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *one = json_string_value(json_array_get(list, i));
        if (one != NULL && strcmp(one, text) == 0) {
            return true;
        }
    }
    return false;
}

static void add_beyond(json_t *data, bool is_french)
{
    const json_t *permitted = json_object_get(data, "mandate");
    const json_t *rights = json_object_get(permitted, "techniques");
    const json_t *excluded = json_object_get(permitted, "exclude");

    for (int i = 0; i < COVEY_AUDIT_TECHNIQUES; i++) {
        const char *name =
            covey_audit_technique_get((covey_audit_technique)i)->name;
        if (!has(rights, name)) {
            add_named(data, name, "", "no_right", is_french);
        }
    }
    for (size_t i = 0; i < json_array_size(excluded); i++) {
        add_named(data, "", object_text(json_array_get(excluded, i), "net"),
                  "excluded", is_french);
    }
}

/* --- after a stop -------------------------------------------------------- */

/* Has an act, a refusal or a line of its own for it? */
static bool is_told(const json_t *data, const char *check, const char *target)
{
    static const char *const lists[] = { "acts", "refused", "not_tested" };

    for (size_t l = 0; l < sizeof lists / sizeof lists[0]; l++) {
        const json_t *all = json_object_get(data, lists[l]);
        for (size_t i = 0; i < json_array_size(all); i++) {
            const json_t *one = json_array_get(all, i);
            if (strcmp(object_text(one, "check"), check) == 0 &&
                strcmp(object_text(one, "target"), target) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* How many ports of a range have an act. */
static long count_ports(const json_t *data, const char *check,
                        const char *host, long first, long last)
{
    const json_t *acts = json_object_get(data, "acts");
    const size_t len = strlen(host);
    long count = 0;

    for (size_t i = 0; i < json_array_size(acts); i++) {
        const json_t *one = json_array_get(acts, i);
        const char *target = object_text(one, "target");
        if (strcmp(object_text(one, "check"), check) == 0 &&
            strncmp(target, host, len) == 0 && target[len] == ':') {
            const long port = strtol(target + len + 1, NULL, 10);
            count += port >= first && port <= last ? 1 : 0;
        }
    }
    return count;
}

/* "PT-01 192.0.2.2:0 ports 1-100": what is left of it, as "37/100" done. */
static void add_undone_ports(json_t *data, const char *check, char *target,
                             const char *ports, bool is_french)
{
    char *dash = NULL;
    const long first = strtol(ports, &dash, 10);
    const long last = *dash == '-' ? strtol(dash + 1, NULL, 10) : first;
    char *colon = strrchr(target, ':');
    char text[160];

    if (colon != NULL) {
        *colon = '\0';
    }
    const long done = count_ports(data, check, target, first, last);
    if (done < last - first + 1) {
        snprintf(text, sizeof text, "%s, %ld-%ld (%ld/%ld)", target, first,
                 last, done, last - first + 1);
        add_named(data, check, text, "stopped", is_french);
    }
}

/* A line of the plan: "CO-01 192.0.2.2:5683, up to ...". That a stage was not
 * finished when it was planned is no refusal. */
static void add_undone_line(json_t *data, char *line, bool is_french)
{
    char *rest = strchr(line, ',');
    char *target = strchr(line, ' ');

    if (rest == NULL || target == NULL || target > rest ||
        (strstr(rest, ": clause ") == NULL &&
         strstr(rest, "STAGE_ORDER") == NULL)) {
        return;
    }
    *target++ = '\0';
    *rest = '\0';
    char *ports = strstr(target, " ports ");
    if (ports != NULL) {
        *ports = '\0';
        add_undone_ports(data, line, target, ports + strlen(" ports "),
                         is_french);
    } else if (!is_told(data, line, target)) {
        add_named(data, line, target, "stopped", is_french);
    }
}

static void add_undone(json_t *data, const dossier *d, bool is_french)
{
    char path[AUDIT_PATH_MAX];
    char line[512];

    snprintf(path, sizeof path, "%s/plan", d->folder);
    FILE *in = fopen(path, "r");
    while (in != NULL && fgets(line, sizeof line, in) != NULL) {
        add_undone_line(data, line, is_french);
    }
    if (in != NULL) {
        fclose(in);
    }
}

void report_add_untested(json_t *data, const dossier *d, bool is_french)
{
    if (json_array_size(json_object_get(data, "stops")) > 0) {
        add_undone(data, d, is_french);
    }
    add_beyond(data, is_french);
}
