/* SPDX-License-Identifier: BSD-2-Clause */
/* covey-audit lint: configuration that is looked at and not sent anywhere. No
 * mandate is needed (AUD-118). What it finds has the shape of what a run
 * finds (covey-evidence(5)), with a place in a file instead of an act. */
#ifndef COVEY_AUDIT_LINT_H
#define COVEY_AUDIT_LINT_H

#include "audit.h"
#include "checks.h"

#include <stdarg.h>

enum lint_finding {
    LINT_SCHC_UNUSABLE = 0,
    LINT_SCHC_AMBIGUOUS,
    LINT_SCHC_LOSSY,
    LINT_SCHC_SECRET,
    LINT_SCHC_IDENTIFIER,
    LINT_SCHC_NO_WAY_OUT,
    LINT_SCHC_EXPANSION,
    LINT_SCHC_SHARED,
    LINT_SCHC_FRAGMENT_TIMER,
    LINT_SCHC_FRAGMENT_RETRY,
    LINT_SCHC_FRAGMENT_ROOM,
    LINT_SCHC_PROFILE,
    LINT_VULN_AFFECTED,
    LINT_VULN_CANNOT_TELL,
    LINT_COUNT
};

/* NULL if the number is none of the above. */
const audit_finding_row *lint_finding_get(unsigned which);

typedef struct lint {
    const audit_args *args;
    const char *kind; /* "schc" */
    covey_crypto crypto;
    json_t *files;
    json_t *findings;
    const char *file;   /* the one that is looked at */
    char *text;         /* of it, until the next one */
    size_t text_len;    /* bytes */
    const char *digest; /* of it, in hex */
    bool failed;        /* something could not be read or judged */
} lint;

/* Reads a file, "-" for standard input; from now on findings are about it.
 * False with a message, and then l->failed. */
bool lint_open(lint *l, const char *path);

/* A finding in the present file; line 0: in all of it. */
void lint_found(lint *l, unsigned which, unsigned line, const char *format,
                ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 4, 5)))
#endif
    ;

/* What is looked at, by kind. */
void lint_schc(lint *l); /* lint_schc.c: SC-01 */

#endif
