/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared inside shell/vuln. */
#ifndef COVEY_SHELL_VULN_INTERNAL_H
#define COVEY_SHELL_VULN_INTERNAL_H

#include "vuln.h"

#include <jansson.h>

/* --- service.c ----------------------------------------------------------- */

/* A text that is cut, never overflowed; `cap` is not 0. */
void vuln__copy(char *out, size_t cap, const char *from, size_t len);

/* --- base.c -------------------------------------------------------------- */

enum {
    VULN__WINDOW =
        1 << 24 /* bytes: the longest document, or record of a feed */
};

/* A document that is in the window, whatever it is; false: it was refused,
 * with a message, and counted. */
bool vuln__document(vuln_lookup *l, const char *name, char *window, size_t len,
                    vuln_base *out);

/* --- zip.c --------------------------------------------------------------- */

/* All documents of an archive, from its beginning; takes the file over. The
 * window has VULN__WINDOW bytes. False with a message: it is malformed, or far
 * larger than it looks. */
bool vuln__zip_read(vuln_lookup *l, const char *path, FILE *in, char *window,
                    vuln_base *out);

/* --- match.c ------------------------------------------------------------- */

/* Keeps the answer of the heaviest source for a service and an id; of one
 * source "affected" before "cannot tell" before "fixed". */
void vuln__match(vuln_lookup *l, const vuln_match *m);

/* --- osv.c, nvd.c, csaf.c ------------------------------------------------ */

/* One record each. What is missing or of another kind than it should be is an
 * error: false, and *why is static. */

bool vuln__osv(vuln_lookup *l, const json_t *record, const char **why);
bool vuln__nvd(vuln_lookup *l, const json_t *item, const char **why);
bool vuln__csaf(vuln_lookup *l, const json_t *document, const char **why);

/* The text of a member, "" if it is missing; NULL with *why if it is none. */
const char *vuln__text(const json_t *object, const char *name,
                       const char **why);
/* The list of a member, NULL if it is missing; *why if it is none. */
const json_t *vuln__list(const json_t *object, const char *name,
                         const char **why);

#endif
