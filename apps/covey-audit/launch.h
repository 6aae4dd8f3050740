/* SPDX-License-Identifier: BSD-2-Clause */
/* What is made before a run: its folder, its record, copies of its documents.
 */
#ifndef COVEY_AUDIT_LAUNCH_H
#define COVEY_AUDIT_LAUNCH_H

#include "audit.h"
#include "guard.h"
#include "inventory.h"

#include <evidence.h>
#include <frames.h>

typedef struct audit_launch {
    covey_crypto crypto;
    covey_key own; /* of the auditor */
    mandate_key key;
    char state[AUDIT_PATH_MAX];
    char run[EVIDENCE_RUN_LEN + 1];
    evidence *log;
    pcapng *capture;
    inventory *inventory;    /* or NULL */
    struct audit_tool *tool; /* or NULL */
    json_t *files;           /* names and hashes of the copies */
    char credential_file[AUDIT_PATH_MAX];
    const char *verb; /* for messages */
    audit_use *use;   /* what is done with the copies */
    void *more;       /* of the verb */
} audit_launch;

/* Makes the folder of the command line, copies the documents into it, and has
 * `use` do the rest, with the launch as its `user`; its result, or another
 * with messages. */
int audit_launch_with(const audit_args *a, const char *verb, audit_use *use,
                      void *more);

/* The row of the mandate that --credential names; *out is NULL without one.
 * False with a message. */
bool launch_find_credential(const audit_args *a, const mandate_terms *t,
                            const mandate_credential **out);
/* The file of the plan; NULL with a message. */
FILE *launch_create_plan(const audit_args *a);
/* Closes it, and adds its hash to the files. */
bool launch_close_plan(const audit_launch *l, FILE *plan);

/* A file into the folder; its hash into the list. AUDIT_DONE, AUDIT_IO or
 * AUDIT_EVIDENCE, with a message. */
int launch_copy(audit_launch *l, const char *from, const char *to,
                const char *name);

/* public.c: the files of --public into the folder, in the same way. */
int public_copy(audit_launch *l, const audit_args *a);

/* run.c; `user` is the launch. */
audit_use audit_run_all;

#endif
