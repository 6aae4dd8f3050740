/* SPDX-License-Identifier: BSD-2-Clause */
/* The conformance runner: whatever a file says, it ends with a verdict, and
 * the verdict on a file without any case that passed is never good. */
#include "selftest_schc.h"

#include <json.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static FILE *quiet;
    rules_report problems = { NULL, 0, 0 };
    rules_json *doc = rules_json_parse((const char *)data, size, &problems);
    selftest_report *report;

    if (quiet == NULL) {
        quiet = freopen("/dev/null", "w", stdout);
    }
    if ((doc == NULL) != (problems.errors > 0)) {
        abort();
    }
    rules_report_free(&problems);
    if (doc == NULL) {
        return 0;
    }
    report = selftest_report_new(size % 2 == 0, size % 3 == 0);
    if (report != NULL) {
        schc_document_run(report, "fuzz", rules_json_root(doc));
        if (selftest_report_close(report) && size < 16) {
            abort(); /* no case fits in so few bytes */
        }
    }
    rules_json_free(doc);
    return 0;
}
