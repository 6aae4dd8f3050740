/* SPDX-License-Identifier: BSD-2-Clause */
/* covey-audit report: a record becomes data once, and that is what all forms
 * and both languages are written from. Ids: A-n an act as in the record, F-n a
 * finding, N-n what was not tested, L-stage and FR-1 the law, J-01 a decision.
 */
#ifndef COVEY_AUDIT_REPORT_H
#define COVEY_AUDIT_REPORT_H

#include "dossier.h"
#include "object.h"

/* --- report_words.c, report_findings.c: both languages ------------------- */

typedef struct report_word {
    const char *id;
    const char *fr;
    const char *en;
} report_word;

const report_word *report_words(size_t *count);
/* The id itself in brackets if there is no such word. */
const char *report_say(const char *id, bool is_french);
/* The word "kind.name", or the name itself. */
const char *report_term(const char *kind, const char *name, bool is_french);

/* What the table of checks does not say of a finding. */
typedef struct report_finding {
    const char *id;      /* "CO-02.amplifies" */
    const char *title;   /* in French; English stands in the record */
    const char *remedy;  /* in French */
    const char *heading; /* a word: "heading.pca" */
    bool fortuitous;     /* more was seen than who asked may see (AUD-035) */
} report_finding;

/* NULL if it is not known: then it is told as it stands in the record. */
const report_finding *report_finding_get(const char *id);

/* --- report_data.c and its parts ----------------------------------------- */

/* Everything that the report says; NULL with a message. */
json_t *report_data(const mandate *m, const dossier *d, bool is_french);

/* What the mandate did not permit, and what a stop has left undone, behind
 * what the record says was not tested. */
void report_add_untested(json_t *data, const dossier *d, bool is_french);

/* Of the acts that have a state, as scans do. */
json_t *report_states(const json_t *acts);

/* Which checks were done, how often, and what they are called. */
json_t *report_checks_data(const json_t *acts, bool is_french);

/* What lies beside the record, each with its name and hash. NULL with a
 * message if one of them is none. */
json_t *report_files(const dossier *d);

/* --- report_page.c, report_mandate.c, report_law.c ----------------------- */

struct paper;

void report_page(const struct paper *p, const json_t *data);
/* report_csaf.c: as an advisory; NULL: no memory. */
json_t *report_csaf(const struct paper *p, const json_t *data);
void report_mandate(const struct paper *p, const json_t *data);
/* The law of each stage and country, decisions, devices. */
void report_law(const struct paper *p, const json_t *data);
/* report_checks.c */
void report_checks(const struct paper *p, const json_t *all);
/* report_results.c: what acts have identified, what report_files has found. */
/* Which stages have ended where. */
void report_stages(const struct paper *p, const json_t *all);
void report_services(const struct paper *p, const json_t *acts);
void report_tools(const struct paper *p, const json_t *acts);
/* report_seen.c: what was imported. */
void report_seen(const struct paper *p, const json_t *data);
void report_results(const struct paper *p, const json_t *all);
json_t *report_law_data(const json_t *countries, bool is_french);

/* --- report_shared.c ----------------------------------------------------- */

/* report_say in the language of the paper. */
const char *report_in(const struct paper *p, const char *id);
/* To a number of an object, which is 0 if it has none. */
void report_add(json_t *object, const char *name, int64_t number);
/* "-" for a text that is empty. */
const char *report_or_none(const char *text);
/* The target of an act or a line: without a port where it is about none. */
const char *report_target(const json_t *one, char *out, size_t cap);
/* The texts of a list with a comma between them, cut off at `cap`. */
const char *report_join(const json_t *list, char *out, size_t cap);
/* Fields that are named by a word. */
void report_field_number(const struct paper *p, const char *name,
                         int64_t number);
void report_field_list(const struct paper *p, const char *name,
                       const json_t *list);
/* A table that is named by a word, with a row for each of a list. */
typedef void report_row(const struct paper *p, const json_t *one);
void report_table(const struct paper *p, const char *name,
                  const char *const *heads, size_t count, const json_t *all,
                  report_row *row);

#endif
