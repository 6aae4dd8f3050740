/* SPDX-License-Identifier: BSD-2-Clause */
/* covey-audit lint: which files, and what was found in them. */
#include "lint.h"

#include <crypto/openssl/openssl.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <text.h>
#include <time.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

enum {
    DETAIL_MAX = 400,
    RESULTS_MAX = 1000 /* in a folder of evidence */
};

static const struct lint_kind {
    const char *name;
    void (*look)(lint *l);
} kinds[] = {
    { "schc", lint_schc }, { "oscore", lint_oscore }, { "group", lint_group },
    { "psk", lint_psk },   { "policy", lint_policy }, { "certs", lint_certs },
};

/* --- files --------------------------------------------------------------- */

/* Some of them hold keys. */
static void forget(lint *l)
{
    if (l->text != NULL) {
        covey_wipe(l->text, l->text_len);
    }
    free(l->text);
    l->text = NULL;
}

bool lint_open(lint *l, const char *path)
{
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    char digest[65];

    forget(l);
    l->text = in != NULL ? text_slurp(in, SIZE_MAX, &l->text_len) : NULL;
    if (l->text == NULL) {
        fprintf(stderr, "%s: error: %s\n", path, strerror(errno));
    }
    if (in != NULL && in != stdin) {
        fclose(in);
    }
    if (l->text == NULL ||
        !audit_digest(&l->crypto,
                      covey_bytes_of((const uint8_t *)l->text, l->text_len),
                      digest)) {
        l->failed = true;
        return false;
    }
    l->file = path;
    json_t *file =
        json_pack("{s:s%, s:s}", "name", path, strlen(path), "sha256", digest);
    json_array_append_new(l->files, file);
    l->digest = json_string_value(json_object_get(file, "sha256"));
    return l->digest != NULL;
}

/* --- findings ------------------------------------------------------------ */

void lint_found_row(lint *l, const audit_finding_row *row, unsigned line,
                    const char *detail)
{
    char printable[DETAIL_MAX];

    audit_printable(covey_bytes_of((const uint8_t *)detail, strlen(detail)),
                    printable, sizeof printable);
    json_t *found = audit_finding_json(row, printable);
    json_object_set_new(found, "evidence",
                        json_pack("{s:s, s:i, s:s}", "file", l->file, "line",
                                  (int)line, "sha256", l->digest));
    if (json_array_append_new(l->findings, found) != 0) {
        l->failed = true;
    }
}

void lint_found(lint *l, unsigned which, unsigned line, const char *format,
                ...)
{
    char detail[DETAIL_MAX];
    va_list args;

    va_start(args, format);
    const int n = vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    lint_found_row(l, lint_finding_get(which), line, n >= 0 ? detail : "");
}

void lint_print(const json_t *f)
{
    const json_t *at = json_object_get(f, "evidence");
    const json_t *rating = json_object_get(f, "rating");
    const json_int_t line = json_integer_value(json_object_get(at, "line"));

    printf("%s:", json_string_value(json_object_get(at, "file")));
    if (line > 0) {
        printf("%lld:", (long long)line);
    }
    printf(" %s", json_string_value(json_object_get(f, "finding")));
    for (const char *name = "DICPR"; *name != '\0'; name++) {
        const char key[] = { *name, '\0' };
        printf(" %s%lld", key,
               (long long)json_integer_value(json_object_get(rating, key)));
    }
    printf(" %s: %s (%s)\n    %s\n",
           json_string_value(json_object_get(f, "title")),
           json_string_value(json_object_get(f, "detail")),
           json_string_value(json_object_get(f, "reference")),
           json_string_value(json_object_get(f, "remedy")));
}

/* --- results ------------------------------------------------------------- */

/* The next file in a folder of evidence, which is not overwritten; -1. */
static int open_next(const char *folder, const char *kind)
{
    char path[1024];

    for (int i = 1; i < RESULTS_MAX; i++) {
        const int n =
            snprintf(path, sizeof path, "%s/%s-%d.json", folder, kind, i);
        if (n < 0 || (size_t)n >= sizeof path) {
            errno = ENAMETOOLONG;
            return -1;
        }
        const int fd =
            open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd >= 0 || errno != EEXIST) {
            return fd;
        }
    }
    return -1;
}

static bool write_into(const char *folder, const char *kind, const char *text)
{
    const int fd = open_next(folder, kind);
    bool good = fd >= 0 && dprintf(fd, "%s\n", text) > 0 && fsync(fd) == 0;

    if (fd >= 0) {
        good = close(fd) == 0 && good;
    }
    if (!good) {
        fprintf(stderr, "%s: error: %s\n", folder, strerror(errno));
    }
    return good;
}

int audit_result_tell(const audit_args *a, const char *kind, json_t *result)
{
    char *text = json_dumps(result, JSON_COMPACT | JSON_ENSURE_ASCII);
    bool good = text != NULL;

    if (good && a->into != NULL) {
        good = write_into(a->into, kind, text);
    }
    if (text != NULL && a->json) {
        puts(text);
    }
    free(text);
    return good ? AUDIT_DONE : AUDIT_IO;
}

static int finish(const audit_args *a, json_t *result)
{
    const json_t *findings = json_object_get(result, "findings");
    const size_t count = json_array_size(findings);
    const size_t files = json_array_size(json_object_get(result, "files"));
    const bool complete = json_is_true(json_object_get(result, "complete"));

    for (size_t i = 0; !a->json && i < count; i++) {
        lint_print(json_array_get(findings, i));
    }
    if (!a->json && complete) {
        printf("%zu file%s, %zu finding%s\n", files, files == 1 ? "" : "s",
               count, count == 1 ? "" : "s");
    }
    return audit_result_tell(a, "lint", result) != AUDIT_DONE || !complete
               ? AUDIT_IO
           : count > 0 ? AUDIT_FINDINGS
                       : AUDIT_DONE;
}

/* --- the verb ------------------------------------------------------------ */

static const struct lint_kind *find_kind(const char *name)
{
    for (size_t i = 0; i < COUNT(kinds); i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            return &kinds[i];
        }
    }
    return NULL;
}

bool lint_has(const char *kind)
{
    return find_kind(kind) != NULL;
}

json_t *lint_result(const audit_args *a, const char *kind, int64_t now)
{
    const struct lint_kind *row = find_kind(kind);
    lint l = { .args = a,
               .kind = kind,
               .now = now,
               .files = json_array(),
               .findings = json_array() };
    json_t *result = NULL;

    if (row != NULL && covey_openssl_open(&l.crypto) == COVEY_OK) {
        row->look(&l);
        result = json_pack("{s:s, s:s, s:O, s:b, s:O}", "program",
                           "covey-audit " COVEY_VERSION, "lint", l.kind,
                           "files", l.files, "complete", (int)!l.failed,
                           "findings", l.findings);
        covey_openssl_close(&l.crypto);
    }
    forget(&l);
    json_decref(l.files);
    json_decref(l.findings);
    return result;
}

static int look(const audit_args *a, const struct lint_kind *kind, int64_t now)
{
    json_t *result = lint_result(a, kind->name, now);
    const int status = result != NULL ? finish(a, result) : AUDIT_IO;

    json_decref(result);
    return status;
}

int cmd_lint(int argc, char **argv)
{
    static const audit_usage usage = {
        "lint", "--at --into --inventory --json --target ",
        "schc|oscore|group|psk|policy|certs [--at TIME] [--inventory FILE "
        "--target ADDRESS] [--into FOLDER] [--json] FILE..."
    };
    audit_args a;
    const int status = audit_args_read(argc, argv, &usage, &a);

    if (status != AUDIT_DONE || a.help) {
        return status;
    }
    const struct lint_kind *kind =
        a.file_count > 0 ? find_kind(a.files[0]) : NULL;
    if (kind == NULL || a.file_count < 2) {
        return audit_fail("lint", AUDIT_USAGE,
                          "expected what is looked at and its files; "
                          "covey-audit-lint(1)");
    }
    uint64_t now = (uint64_t)time(NULL);
    if (a.at != NULL && !audit_number(a.at, INT64_MAX, &now)) {
        return audit_fail("lint", AUDIT_USAGE,
                          "--at: expected seconds since 1970");
    }
    a.files++;
    a.file_count--;
    return look(&a, kind, (int64_t)now);
}
