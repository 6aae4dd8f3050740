/* SPDX-License-Identifier: BSD-2-Clause */
/* Groups and members as far as they are compared, of all files. */
#ifndef COVEY_AUDIT_LINT_GROUP_H
#define COVEY_AUDIT_LINT_GROUP_H

#include "lint.h"

#include <conf.h>

#define LINT_NO_END INT64_MAX

enum {
    LINT_DIGEST = 65,    /* SHA-256 in hex, with its end */
    LINT_ID_TEXT = 40,   /* an ID in hex, perhaps cut */
    LINT_ROWS_MAX = 8192 /* groups, and members, of all files */
};

typedef struct group_row {
    const char *file;
    unsigned line;
    covey_bytes gid;
    char secret[LINT_DIGEST]; /* of the Master Secret, "": not known */
    char epoch[80];           /* "name version", "": not known */
    char encryption[48];
    char signature[48];
    int64_t end; /* seconds since 1970 */
} group_row;

typedef struct member_row {
    const char *file;
    unsigned line;
    covey_bytes gid;
    covey_bytes id;
    char key[LINT_DIGEST]; /* of the public key, or of the credential; "" */
    int64_t end;           /* of the credential */
} member_row;

typedef struct group_rows {
    conf_memory memory;
    group_row *groups;
    size_t group_count;
    member_row *members;
    size_t member_count;
} group_rows;

/* Adds what is in the present file; false with messages. */
bool lint_group_read(lint *l, group_rows *all);
void lint_group_free(group_rows *all);

const char *lint_id_text(covey_bytes id, char out[LINT_ID_TEXT]);

#endif
