/* SPDX-License-Identifier: BSD-2-Clause */
/* What others have seen - a scanner, a capture, a report, a notice - taken
 * over as far as a mandate covers it. */
#ifndef COVEY_AUDIT_IMPORT_H
#define COVEY_AUDIT_IMPORT_H

#include "reader.h"
#include "run.h"

typedef struct import {
    const reader_kind *kind;
    const char *name; /* of the file, for messages */
    uint8_t *bytes;
    size_t len;
    char sha256[AUDIT_DIGEST_MAX];
    char *lines; /* what the reader says of it */
    uint64_t act;
    bool writing; /* the second time the lines go to the record */
    bool complete;
    bool expires;
    char why[READER_FIELD_MAX + 1]; /* it is not complete */
    char program[READER_FIELD_MAX + 1];
    int64_t started; /* of a scan, seconds since 1970 */
    uint64_t covered;
    uint64_t refused;
    uint64_t strangers; /* about hosts out of scope: not even their address is
                           kept */
    json_t *notes;
    json_t *findings;
} import;

/* import.c: reads a file, in a process that can do nothing else; false with a
 * message. To be freed in any case. */
bool import_read(import *i, const reader_kind *kind, const char *path,
                 const covey_crypto *crypto);
void import_free(import *i);

/* seen.c: judges all lines, and writes them to the record if i->writing. The
 * numbers and lists above are made anew. */
void import_judge(import *i, audit_run *r);
/* The line that ends it. */
void import_record_end(const import *i, audit_run *r);

#endif
