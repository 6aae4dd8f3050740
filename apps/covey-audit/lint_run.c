/* SPDX-License-Identifier: BSD-2-Clause */
/* What a run can see in files before its first packet (AUD-020): the lints of
 * --lint, whose findings come into its record. They are no acts, for they need
 * no right; the verifier looks that no act was before them. */
#include "lint.h"
#include "run.h"

#include <string.h>

/* The next "KIND=FILE" of a list; false: it has none, or one that is malformed
 * (*at is not its end then). */
static bool next(const char **at, char kind[16], char file[AUDIT_PATH_MAX])
{
    const size_t all = strcspn(*at, ",");
    const char *equals = memchr(*at, '=', all);
    const size_t len = equals != NULL ? (size_t)(equals - *at) : all;

    if (equals == NULL || len >= 16 || all - len - 1 == 0 ||
        all - len - 1 >= AUDIT_PATH_MAX) {
        return false;
    }
    memcpy(kind, *at, len);
    kind[len] = '\0';
    memcpy(file, equals + 1, all - len - 1);
    file[all - len - 1] = '\0';
    *at += all + ((*at)[all] == ',' && (*at)[all + 1] != '\0' ? 1 : 0);
    return true;
}

bool lint_list_good(const char *list)
{
    char kind[16];
    char file[AUDIT_PATH_MAX];
    const char *at = list;

    while (next(&at, kind, file)) {
        /* a policy is for two files, of which one is what has been found */
        if (!lint_has(kind) || strcmp(kind, "policy") == 0) {
            return false;
        }
    }
    return at != list && *at == '\0';
}

/* The line of a file, and one for each finding. */
static void record(audit_run *r, const char *kind, const json_t *result)
{
    const json_t *findings = json_object_get(result, "findings");
    const json_t *file = json_array_get(json_object_get(result, "files"), 0);

    audit_record(r,
                 json_pack("{s:s, s:s, s:O*, s:O, s:I, s:[]}", "kind", "lint",
                           "lint", kind, "file", file, "complete",
                           json_object_get(result, "complete"), "found",
                           (json_int_t)json_array_size(findings), "findings"),
                 false);
    for (size_t i = 0; i < json_array_size(findings); i++) {
        const json_t *one = json_array_get(findings, i);
        audit_record(r,
                     json_pack("{s:s, s:s, s:[O]}", "kind", "lint", "lint",
                               kind, "findings", one),
                     false);
        if (!r->args->json) {
            lint_print(one);
        }
    }
    r->findings += json_array_size(findings);
}

static void run_one(audit_run *r, const char *kind, char *file)
{
    audit_args a = *r->args;

    a.inventory = NULL;
    a.target = NULL;
    a.files = &file;
    a.file_count = 1;
    json_t *result = lint_result(&a, kind, guard_unix_ms(&r->guard) / 1000);
    if (result == NULL) {
        guard_stop(&r->guard, STOP_EVIDENCE);
        return;
    }
    if (!json_is_true(json_object_get(result, "complete"))) {
        r->untested++;
    }
    record(r, kind, result);
    json_decref(result);
}

void lint_run(audit_run *r)
{
    char kind[16];
    char file[AUDIT_PATH_MAX];

    for (const char *at = r->args->lints;
         at != NULL && r->guard.why == STOP_NONE && next(&at, kind, file);) {
        if (r->plan != NULL) {
            r->allowed++;
            fprintf(r->plan, "lint %s %s, nothing is sent\n", kind, file);
        } else {
            run_one(r, kind, file);
        }
    }
}
