/* SPDX-License-Identifier: BSD-2-Clause */
/* How an external scanner is to be run: a file of JSON with its arguments as a
 * list, since no shell is involved. covey-audit(1) has its members. */
#ifndef COVEY_AUDIT_TOOL_H
#define COVEY_AUDIT_TOOL_H

#include "run.h"

enum {
    TOOL_ARGUMENTS_MAX = 48,
    TOOL_TEXT_MAX = 256
};

typedef struct audit_tool {
    char name[TOOL_TEXT_MAX];
    char program[TOOL_TEXT_MAX]; /* an absolute path */
    covey_audit_technique technique;
    bool nmap; /* its output is nmap's XML, its arguments are nmap's */
    uint32_t packets;
    uint32_t seconds;
    char *arguments[TOOL_ARGUMENTS_MAX + 1]; /* ends with NULL */
    size_t count;
    json_t *root; /* what the texts above are of */
} audit_tool;

/* An exit status, with a message unless it is AUDIT_DONE. To be freed in any
 * case. */
int tool_load(audit_tool *t, const char *path);
void tool_free(audit_tool *t);

enum {
    TOOL_COMMAND_MAX = TOOL_ARGUMENTS_MAX + 16,
    TOOL_WORDS_MAX = 512
};

/* What is run for one target: the program, then its arguments. */
typedef struct tool_command {
    const char *argv[TOOL_COMMAND_MAX];
    size_t argc;
    char target[TOOL_WORDS_MAX];
    char rate[16];
} tool_command;

/* With {target} filled in, and for nmap what makes it keep to a mandate where
 * it can: no names are asked for, no more packets a second than `rate`. */
void tool_fill(const audit_tool *t, const covey_address *target, uint32_t rate,
               tool_command *out);

/* --- external.c ---------------------------------------------------------- */

#define EXTERNAL_ID "EX-01"

/* Does r->tool at a host, or tells it to the plan; r->no_fence: it could not
 * be done. */
void external_host(audit_run *r, audit_target *t);

#endif
