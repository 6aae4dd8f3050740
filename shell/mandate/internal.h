/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared inside shell/mandate. */
#ifndef COVEY_SHELL_MANDATE_INTERNAL_H
#define COVEY_SHELL_MANDATE_INTERNAL_H

#include "mandate.h"

#include <conf.h>

#define MANDATE_MANUAL "covey-mandate(5)"
#define COUNT(a)       (sizeof(a) / sizeof(a)[0])

enum {
    MANDATE_SIGNATURES_MAX = 16,
    MANDATE_DOCUMENTS_MAX = 16,
    MANDATE_CLAUSES_MAX = 1000,
    MANDATE_WINDOWS_MAX = 64,
    MANDATE_PARTIES_MAX = 8,
    MANDATE_LIST_MAX = 64
};

/* --- dsse.c -------------------------------------------------------------- */

typedef enum mandate_kind {
    MANDATE_KIND_MANDATE = 0,
    MANDATE_KIND_AMENDMENT,
    MANDATE_KIND_WITHDRAWAL,
    MANDATE_KINDS
} mandate_kind;

typedef struct dsse_signature {
    mandate_key key;
    uint8_t bytes[MANDATE_SIGNATURE];
} dsse_signature;

typedef struct dsse {
    mandate_kind kind;
    uint8_t *payload; /* of the reader's memory */
    size_t payload_len;
    dsse_signature *signatures;
    size_t signature_count;
} dsse;

/* The members of an envelope. */
bool dsse_read(conf_reader *c, const conf_value *root, dsse *out);
/* Whether this key has signed; a signature that is wrong is none. */
bool dsse_signed_by(const dsse *d, const covey_crypto *crypto,
                    const mandate_key *key);
bool dsse_sign(dsse *d, conf_reader *c, const covey_crypto *crypto,
               covey_key *own, const mandate_key *key);
void dsse_print(const dsse *d, FILE *out);

/* --- file.c -------------------------------------------------------------- */

/* Reads a file into an envelope: one that is none is taken as a bare payload
 * if `bare`, its kind by its members. */
bool mandate_open(conf_reader *c, const char *path, bool bare, dsse *out);

/* --- text.c -------------------------------------------------------------- */

/* A text of one line, of at most 200 bytes, without control characters: it is
 * printed on terminals and in reports. NULL with an error; without one if the
 * value is missing. */
const char *mandate_line(conf_reader *c, const conf_value *v);

/* --- scope.c ------------------------------------------------------------- */

typedef struct scope_row {
    const char *name;
    covey_audit_range range;
    covey_audit_clause clause;
} scope_row;

/* What the gate needs of a document; in `names` and `ranges`, if not NULL, the
 * clauses as they were written. */
typedef struct scope_values {
    const conf_value *scope;
    const conf_value *exclude;
    const conf_value *window;
    const conf_value *techniques;
    const conf_value *limits;
} scope_values;

bool scope_read(conf_reader *c, const scope_values *v,
                covey_audit_document *out, mandate_terms *terms);
/* "192.0.2.0/24", "2001:db8::1", "fe80::1%eth0". */
bool scope_prefix(conf_reader *c, const conf_value *v, covey_audit_range *out);

/* --- read.c -------------------------------------------------------------- */

typedef struct mandate_reading {
    mandate_kind kind;
    mandate_terms terms;
    covey_audit_document document;
    /* amendments and withdrawals */
    const char *of; /* a mandate */
    mandate_addition addition;
} mandate_reading;

/* The payload of any kind. */
bool mandate_payload(conf_reader *c, const dsse *d, mandate_reading *out);

/* --- owners.c ------------------------------------------------------------ */

/* Whether the key may speak for every clause. */
bool owners_cover(const mandate_owners *o, const mandate_key *key,
                  const covey_audit_document *d, const char *const *names,
                  conf_reader *c);

/* Whether the host lies in a network of the key. */
bool owners_hold(const mandate_owners *o, const mandate_key *key,
                 const covey_address *host);

#endif
