/* SPDX-License-Identifier: BSD-2-Clause */
/* What a verb works with: the rule file it was given, and the context that
 * file and command line make together. */
#ifndef COVEY_APP_SCHC_SESSION_H
#define COVEY_APP_SCHC_SESSION_H

#include "schc_args.h"

#include <rules.h>

#include <stdio.h>

typedef struct schc_session {
    const schc_args *args;
    rules_file *file;
    covey_schc_rules rules; /* with --select applied */
    covey_schc_context ctx; /* points to rules and args */
    int32_t only;           /* index of --rule, or -1 */
} schc_session;

/* Loads the rules. Not EXIT_DONE: the fault was printed, nothing is open. The
 * session must not move while it is open. */
int schc_session_open(schc_session *s, const schc_args *args);
void schc_session_close(schc_session *s);

/* A file that cannot be read is not a faulty rule file: says so. */
bool schc_session_readable(const char *path);

/* The operand as bytes, to be freed; EXIT_USAGE if it is not hex. */
int schc_session_input(const schc_session *s, uint8_t **bytes, size_t *len);

/* "6/3" for the rule of this index: RuleID value and bits. */
#define SCHC_RULE_NAME_MAX 16u
const char *schc_rule_name(const covey_schc_rules *rules, uint16_t rule,
                           char buf[SCHC_RULE_NAME_MAX]);

/* Name of a field without "fid-", for people. */
const char *schc_short_name(uint8_t id, uint16_t option,
                            char buf[COVEY_SCHC_NAME_MAX]);

/* Opens a file for writing; "-" or NULL is standard output. NULL: the fault
 * was printed. */
FILE *schc_output_open(const char *path);
/* EXIT_IO, and a line, if not everything could be written. */
int schc_output_close(FILE *out, const char *path);

#endif
