/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line of `covey group`: one table of options, one of verbs, each
 * verb naming the options that it takes. */
#ifndef COVEY_APP_GROUP_ARGS_H
#define COVEY_APP_GROUP_ARGS_H

#include <covey/group.h>

typedef enum group_mode {
    GROUP_MODE_DEFAULT = 0,
    GROUP_MODE_GROUP,
    GROUP_MODE_PAIRWISE
} group_mode;

/* Everything that options can say. */
typedef struct group_args {
    const char *verb;    /* for messages */
    const char *context; /* path of the context file */
    const char *request; /* hex of the protected request */
    const char *operand;
    const char *state; /* path of the state file */
    uint32_t timeout;  /* ms; 0: not given */
    group_mode mode;
    bool has_to;
    uint8_t to_len;
    uint8_t to[COVEY_OSCORE_ID_MAX];
    bool has_number;
    uint64_t number;
    bool own_piv;
    bool kid;
    bool kid_context;
    bool unicast;
    bool multicast;
    bool json;
    bool explain;
    bool keys;
} group_args;

/* A verb; run() returns an exit code of cmd.h. */
typedef struct group_verb {
    const char *name;
    const char *summary; /* one line */
    const char *options; /* names that it takes, each with a space behind */
    const char *operand; /* "HEX|-", or NULL */
    int (*run)(const group_args *args);
} group_verb;

/* Reads argv behind the verb. EXIT_DONE: go on. -1: help was asked for and
 * printed. EXIT_USAGE: one line about the fault was printed. */
int group_args_read(const group_verb *verb, int argc, char **argv,
                    group_args *args);

#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
/* One line on standard error, "covey group VERB: ..."; returns `status`. */
int group_fail(const group_args *args, int status, const char *format, ...);

#endif
