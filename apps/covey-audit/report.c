/* SPDX-License-Identifier: BSD-2-Clause */
/* covey-audit report: only of a record that is whole, judged again. */
#include "report.h"

#include "paper.h"

#include <string.h>

static bool is_language(const audit_args *a, const mandate *m,
                        const char *language)
{
    const char *wanted =
        a->language != NULL ? a->language : mandate_read(m)->language;

    return strcmp(wanted, language) == 0;
}

static int report(const audit_args *a, const mandate *m, dossier *d)
{
    const char *format = a->format != NULL ? a->format : "html";
    const paper p = { .out = stdout,
                      .html = strcmp(format, "html") == 0,
                      .is_french = is_language(a, m, "fr") };
    json_t *data = report_data(m, d, p.is_french);

    if (data == NULL) {
        return audit_fail("report", AUDIT_EVIDENCE,
                          "the evidence could not be read");
    }
    if (strcmp(format, "csaf") == 0) {
        audit_print_json(report_csaf(&p, data));
    } else if (strcmp(format, "json") == 0) {
        json_dumpf(data, stdout, JSON_INDENT(1) | JSON_ENSURE_ASCII);
        putchar('\n');
    } else {
        report_page(&p, data);
    }
    json_decref(data);
    return AUDIT_DONE;
}

static int with_mandate(const audit_args *a, const mandate *m, void *user)
{
    (void)user;
    return dossier_with_whole(a, m, "report", report);
}

static bool is_one_of(const char *text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (text == NULL || strcmp(text, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

int cmd_report(int argc, char **argv)
{
    static const char *const formats[] = { "html", "md", "json", "csaf" };
    static const audit_usage usage = {
        "report", "--lang --format --owners --checkpoint ",
        "[--lang fr|en] [--format html|md|json|csaf] [--owners FILE] "
        "[--checkpoint FILE] FOLDER"
    };
    audit_args a;
    const int status = audit_args_read(argc, argv, &usage, &a);

    if (status != AUDIT_DONE || a.help) {
        return status;
    }
    if (a.file_count != 1) {
        return audit_fail("report", AUDIT_USAGE,
                          "expected one folder of evidence");
    }
    if (!audit_language_is_known(&a, usage.verb)) {
        return AUDIT_USAGE;
    }
    if (!is_one_of(a.format, formats, 4)) {
        return audit_fail(
            "report", AUDIT_USAGE,
            "--format: expected html, md, json or csaf, found '%s'", a.format);
    }
    return dossier_with(&a, usage.verb, with_mandate);
}
