/* SPDX-License-Identifier: BSD-2-Clause */
/* Results of the conformance runner: lines as they come, or one JSON object
 * at the end. */
#include "selftest.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

struct selftest_report {
    bool json;
    bool verbose;
    unsigned long passed;
    unsigned long failed;
    bool incomplete; /* out of memory for the JSON object */
    json_t *cases;   /* with json */
    json_t *notes;   /* with json */
};

/* Names and texts come from files: control characters do not reach a
 * terminal, and one line stays one line. */
static void put(const char *text)
{
    for (const char *p = text; *p != '\0'; p++) {
        const unsigned char c = (unsigned char)*p;
        putchar(c < 0x20 || c == 0x7f ? '?' : c);
    }
}

static void keep(selftest_report *report, json_t *list, json_t *entry)
{
    if (entry == NULL || json_array_append_new(list, entry) != 0) {
        report->incomplete = true;
    }
}

void selftest_pass(selftest_report *report, const char *file, const char *name)
{
    report->passed++;
    if (report->json) {
        keep(report, report->cases,
             json_pack("{s:s, s:s, s:s}", "file", file, "name", name, "result",
                       "passed"));
    } else if (report->verbose) {
        fputs("pass ", stdout);
        put(name);
        fputs(" (", stdout);
        put(file);
        fputs(")\n", stdout);
    }
}

void selftest_fail(selftest_report *report, const char *file, const char *name,
                   const char *expected, const char *got)
{
    report->failed++;
    if (report->json) {
        keep(report, report->cases,
             json_pack("{s:s, s:s, s:s, s:s, s:s}", "file", file, "name", name,
                       "result", "failed", "expected", expected, "got", got));
        return;
    }
    fputs("FAIL ", stdout);
    put(name);
    fputs(" (", stdout);
    put(file);
    fputs("): expected ", stdout);
    put(expected);
    fputs(", got ", stdout);
    put(got);
    putchar('\n');
}

void selftest_note(selftest_report *report, const char *file, const char *text)
{
    if (report->json) {
        keep(report, report->notes,
             json_pack("{s:s, s:s}", "file", file, "note", text));
        return;
    }
    fputs("note: ", stdout);
    put(file);
    fputs(": ", stdout);
    put(text);
    putchar('\n');
}

selftest_report *selftest_report_new(bool json, bool verbose)
{
    selftest_report *report = calloc(1, sizeof *report);

    if (report == NULL) {
        return NULL;
    }
    report->json = json;
    report->verbose = verbose;
    if (json) {
        report->cases = json_array();
        report->notes = json_array();
        report->incomplete = !report->cases || !report->notes;
    }
    return report;
}

static void print_json(selftest_report *report)
{
    json_t *all =
        json_pack("{s:O, s:O, s:I, s:I}", "cases", report->cases, "notes",
                  report->notes, "passed", (json_int_t)report->passed,
                  "failed", (json_int_t)report->failed);

    if (all == NULL || report->incomplete ||
        json_dumpf(all, stdout, JSON_INDENT(2)) != 0) {
        fputs("covey selftest: out of memory, results are not shown\n",
              stderr);
        report->incomplete = true;
    }
    putchar('\n');
    json_decref(all);
}

bool selftest_report_close(selftest_report *report)
{
    bool good = report->failed == 0 && report->passed > 0;

    if (report->json) {
        print_json(report);
        good = good && !report->incomplete;
        json_decref(report->cases);
        json_decref(report->notes);
    } else {
        printf("%lu passed, %lu failed\n", report->passed, report->failed);
    }
    free(report);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        perror("covey selftest");
        good = false;
    }
    return good;
}
