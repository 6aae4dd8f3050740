/* SPDX-License-Identifier: BSD-2-Clause */
/* Named values one after the other, as lines of text or as members of one JSON
 * object; the names that `covey oscore` uses, and RFC 10021. */
#ifndef COVEY_APP_GROUP_REPORT_H
#define COVEY_APP_GROUP_REPORT_H

#include "group_args.h"

#include <jansson.h>

typedef struct group_report {
    const covey_crypto *crypto; /* for fingerprints */
    json_t *root;               /* NULL: text */
    json_t *at;                 /* the object that values go into */
    bool keys;
} group_report;

void group_report_begin(group_report *r, const group_args *args,
                        const covey_crypto *crypto);
void group_report_bytes(group_report *r, const char *name, covey_bytes value);
/* A key; unless keys were asked for, NAME_sha256, the first bytes of a hash.
 */
void group_report_secret(group_report *r, const char *name, covey_bytes value);
void group_report_text(group_report *r, const char *name, const char *value);
void group_report_number(group_report *r, const char *name, uint64_t value);
/* From here on about another member, who is known by this ID. */
void group_report_member(group_report *r, covey_bytes id);
/* Writes JSON, if it is that. An exit code: EXIT_DONE or EXIT_IO. */
int group_report_end(group_report *r, const group_args *args);

#endif
