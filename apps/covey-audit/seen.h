/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files have in common that take over lines of a reader: seen.c asks
 * the gate and writes the record, one file for each kind says what a line
 * means. */
#ifndef COVEY_AUDIT_SEEN_H
#define COVEY_AUDIT_SEEN_H

#include "import.h"

enum {
    SEEN_FIELDS_MAX = 10
};

/* A line, split. */
typedef struct words {
    const char *word;
    const char *field[SEEN_FIELDS_MAX];
    size_t count;
} words;

/* What was seen, as an act. */
typedef struct sight {
    covey_address target;
    covey_audit_technique technique;
    uint8_t protocol;
    int64_t when;
    covey_audit_verdict verdict;
} sight;

/* --- seen.c -------------------------------------------------------------- */

/* A whole number, not negative. */
bool seen_number(const char *text, int64_t *out);

/* Asks the gate, as of then. */
void seen_ask(const audit_run *r, sight *s);
/* About a host as a whole: by any clause that has it. */
bool seen_ask_host(const audit_run *r, sight *s);
bool seen_is_allowed(const sight *s);
/* Counts it; true: it is to be written down. */
bool seen_count(import *i, const sight *s);

/* What each line of the record has. */
json_t *seen_line(const import *i, const audit_run *r, const sight *s);
/* A member, unless it is empty. */
void seen_text(json_t *line, const char *name, const char *text);
/* One line for who sits before it. */
void seen_tell(const audit_run *r, const sight *s, const char *what,
               const char *more);
/* Both together, to the end of the import. */
void seen_note(import *i, const char *before, const char *text);
/* About a host, or none (NULL). */
void seen_find(import *i, const audit_run *r, const audit_finding_row *row,
               const sight *s, const char *detail);

/* --- a kind of file each ------------------------------------------------- */

/* False: it is no such line. */
typedef bool seen_take(import *i, audit_run *r, const words *w);

seen_take seen_scan, seen_port, seen_system, seen_rest; /* seen_nmap.c */
seen_take seen_flow, seen_secret, seen_other;           /* seen_pcap.c */
seen_take seen_outside, seen_field, seen_expires, seen_signed,
    seen_fault; /* seen_public.c */

#endif
