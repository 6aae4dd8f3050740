/* SPDX-License-Identifier: BSD-2-Clause */
/* covey-audit lint: configuration that is looked at and not sent anywhere. No
 * mandate is needed (AUD-118). What it finds has the shape of what a run
 * finds (covey-evidence(5)), with a place in a file instead of an act. */
#ifndef COVEY_AUDIT_LINT_H
#define COVEY_AUDIT_LINT_H

#include "audit.h"
#include "checks.h"

#include <stdarg.h>

enum {
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
    LINT_PSK_DEFAULT,
    LINT_PSK_SHARED,
    LINT_PSK_WEAK,
    LINT_PSK_CLEAR,
    LINT_GROUP_CBC,
    LINT_GROUP_PREHASH,
    LINT_GROUP_GID,
    LINT_GROUP_SENDER,
    LINT_GROUP_KEY,
    LINT_GROUP_EXPIRED,
    LINT_OSCORE_TWICE,
    LINT_OSCORE_SECRET,
    LINT_OSCORE_WEAK,
    LINT_VULN_AFFECTED,
    LINT_VULN_CANNOT_TELL,
    LINT_POLICY_OPEN,
    LINT_POLICY_SERVICE,
    LINT_POLICY_OLD,
    LINT_POLICY_NO_VERSION,
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
    int64_t now;        /* seconds since 1970 */
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

/* The same with a row of checks.c. */
void lint_found_row(lint *l, const audit_finding_row *row, unsigned line,
                    const char *detail);

/* --- lint.c -------------------------------------------------------------- */

/* Is it a kind of lint? */
bool lint_has(const char *kind);
/* The object of covey-audit-lint(1) about the files of the command line; NULL:
 * the provider failed, or no memory. */
json_t *lint_result(const audit_args *a, const char *kind, int64_t now);
/* A finding, for who sits before it. */
void lint_print(const json_t *finding);

/* What is looked at, by kind. */
void lint_schc(lint *l);   /* lint_schc.c: SC-01 */
void lint_psk(lint *l);    /* lint_psk.c: TL-05 */
void lint_certs(lint *l);  /* lint_certs.c: TL-03 */
void lint_group(lint *l);  /* lint_group.c: CO-13 */
void lint_oscore(lint *l); /* lint_oscore.c: CO-13 */
void lint_policy(lint *l); /* lint_policy.c: SY-01 */

/* --- secrets: lint_secret.c ---------------------------------------------- */

enum {
    LINT_BITS_WANTED = 128 /* of a secret */
};

/* How many bits a secret may be worth at most, by its length and by what it
 * consists of; *why says what lowers it, NULL: nothing. */
unsigned lint_secret_bits(covey_bytes secret, const char **why);
/* Where a secret with this SHA-256 in hex is published; NULL: not known. */
const char *lint_secret_published(const covey_crypto *crypto,
                                  const char *sha256);

#endif
