/* SPDX-License-Identifier: BSD-2-Clause */
/* Rule files as C strings: 'single quotes' stand for double ones. */
#ifndef COVEY_TEST_RULES_TEXT_H
#define COVEY_TEST_RULES_TEXT_H

#include "kit.h"

#include <rules.h>

#include <stdlib.h>

/* The engine's options: no profile. */
static inline rules_options engine_options(void)
{
    rules_options o = rules_default_options();

    o.check_profile = false;
    return o;
}

static inline rules_file *
load_text(const char *text, const rules_options *options, rules_report *report)
{
    const size_t len = strlen(text);
    char *json = malloc(len + 1);

    assert_non_null(json);
    for (size_t i = 0; i <= len; i++) {
        json[i] = (char)(text[i] == '\'' ? '"' : text[i]);
    }
    rules_file *file = rules_load_text(json, len, options, report);
    free(json);
    return file;
}

/* Must load. */
static inline rules_file *load_good(const char *text)
{
    rules_options options = engine_options();
    rules_report report;
    rules_file *file = load_text(text, &options, &report);

    if (file == NULL) {
        rules_report_print(&report, "text", stderr);
    }
    rules_report_free(&report);
    assert_non_null(file);
    return file;
}

/* A document of one rule 1/8 with these entries. */
#define RULE(entries)                                                         \
    "{'ietf-schc:schc':{'rule':[{'rule-id-value':1,'rule-id-length':8,"       \
    "'rule-nature':'nature-compression','entry':[" entries "]}]}}"

/* One entry: field, length, and the rest of the members. */
#define ENTRY(id, length, rest)                                               \
    "{'field-id':'" id "','field-length':" length "," rest "}"
#define EQUAL                                                                 \
    "'matching-operator':'mo-equal','comp-decomp-action':'cda-not-sent'"
#define MAPPING                                                               \
    "'matching-operator':'mo-match-mapping',"                                 \
    "'comp-decomp-action':'cda-mapping-sent'"
#define SENT                                                                  \
    "'matching-operator':'mo-ignore','comp-decomp-action':'cda-value-sent'"
#define VALUE(members) "'target-value':[{" members "}],"

#endif
