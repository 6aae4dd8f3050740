/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of a command with verbs: one table of options, each verb naming
 * those that it takes. */
#ifndef COVEY_APP_VERB_OPTIONS_H
#define COVEY_APP_VERB_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    VERB_OPTIONS_MAX = 40 /* options of a command */
};

typedef struct verb_option {
    const char *name;
    int letter;        /* short form, or 0 */
    const char *value; /* how the help calls it, or NULL */
    /* `args` is what the caller reads into. NULL, or what was expected instead
     * of the value. */
    const char *(*set)(void *args, const char *value);
    const char *help; /* may have several lines */
} verb_option;

typedef struct verb_options {
    const char *command; /* "schc" */
    const char *verb;
    const verb_option *rows;
    size_t count; /* at most VERB_OPTIONS_MAX */
    const char
        *taken; /* names that the verb takes, each with a space behind */
    int width;  /* of the help's first column */
} verb_options;

/* Is `name` one of the words of `list`, each with a space behind? */
bool verb_options_lists(const char *list, const char *name);

/* The help of all options that the verb takes, and of --help. */
void verb_options_help(const verb_options *o);

/* One line on standard error: what is wrong with which argument, and where
 * help is. EXIT_USAGE. */
int verb_options_usage(const verb_options *o, const char *argument,
                       const char *value, const char *text);

/* "2", "0.25": seconds of at least so many milliseconds, at most 24 days. */
bool verb_options_seconds(const char *text, uint32_t least, uint32_t *ms);

/* Every option, in the order of the command line; optind is then that of the
 * first operand. given[] (may be NULL) tells which rows came. EXIT_DONE: go
 * on. -1: help was asked for. EXIT_USAGE: a line was printed. */
int verb_options_read(const verb_options *o, int argc, char **argv, void *args,
                      bool *given);

#endif
