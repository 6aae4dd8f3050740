/* SPDX-License-Identifier: BSD-2-Clause */
/* A folder of evidence that is looked at again: its documents, its lines, its
 * checkpoints. */
#ifndef COVEY_AUDIT_DOSSIER_H
#define COVEY_AUDIT_DOSSIER_H

#include "audit.h"
#include "guard.h"

#include <evidence.h>

typedef struct dossier {
    const char *folder;
    const covey_crypto *crypto;
    const mandate_terms *terms;
    covey_audit_mandate gate;
    char run[EVIDENCE_RUN_LEN + 1];
    uint8_t *text; /* of the checkpoints */
    evidence_note *notes;
    size_t note_count;
    uint8_t *kept_text;
    evidence_note kept;
    evidence_log log;
    evidence_fault fault;
    /* what the lines say that was not so; the first of it */
    uint64_t wrong;
    char why[160]; /* empty: nothing */
    bool ended;
    /* while they are read */
    bool pending; /* an intent without its result */
    bool acted;   /* there was one */
    int64_t act;
    bool looks_up; /* that intent: vulnerabilities */
    int64_t may_send;
    uint64_t records;
    uint32_t asked;         /* stages, as bits */
    uint32_t ended_for_all; /* of these */
    json_t *stages;         /* of a host: those that have ended */
    json_t *sent;           /* packets by host */
    json_t *files;
} dossier;

/* Reads it and judges each act again, with the documents in the folder. False
 * with messages; what is wrong with the record is no failure. To be closed in
 * any case. */
bool dossier_open(dossier *d, const audit_args *a, const mandate *m,
                  const covey_crypto *crypto);
void dossier_close(dossier *d);
/* Nothing is wrong with it. */
bool dossier_is_whole(const dossier *d);
/* Says what is wrong, on standard error. */
void dossier_complain(const dossier *d);

/* The documents of the folder of the command line, to `use`, which finds the
 * folder in a->evidence. */
int dossier_with(const audit_args *a, const char *verb, audit_use *use);

/* What is done with a record that is whole. */
typedef int dossier_use(const audit_args *a, const mandate *m, dossier *d);

/* Opens the folder a->evidence and hands it to `use` if nothing is wrong with
 * it; its result, or AUDIT_EVIDENCE or AUDIT_IO with messages. */
int dossier_with_whole(const audit_args *a, const mandate *m, const char *verb,
                       dossier_use *use);

/* judge.c: the first thing that is wrong stays. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
void dossier_blame(dossier *d, uint64_t index, const char *format, ...);

/* judge_seen.c: what others have seen; false: it is no such line. */
bool dossier_judge_seen(dossier *d, uint64_t index, const json_t *line);
/* The same of a lint, and of what a look-up has found. */
bool dossier_judge_answer(dossier *d, uint64_t index, const json_t *line);

/* judge.c: a line of the record, as evidence_visit. */
void dossier_judge(void *user, uint64_t index, const evidence_record *r);

#endif
