/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line of `covey schc`: one table of options, one of verbs, each
 * verb naming the options that it takes. */
#ifndef COVEY_APP_SCHC_ARGS_H
#define COVEY_APP_SCHC_ARGS_H

#include <covey/schc.h>

#define SCHC_DEVICES_MAX 16u

typedef enum schc_colour {
    SCHC_COLOUR_AUTO, /* on a terminal, unless NO_COLOR is set */
    SCHC_COLOUR_ALWAYS,
    SCHC_COLOUR_NEVER
} schc_colour;

/* Everything that options can say. */
typedef struct schc_args {
    const char *rules_path;
    const char *output;
    const char *symbol;
    const char *html;
    const char *rule; /* as typed: VALUE or VALUE/BITS */
    covey_schc_direction direction;
    bool has_stack;
    covey_schc_stack stack;
    bool has_select;
    covey_schc_select select;
    bool has_dev_iid;
    uint8_t dev_iid[8];
    bool has_app_iid;
    uint8_t app_iid[8];
    bool has_profile;
    covey_schc_profile profile;
    bool no_profile;
    bool lossy;
    bool json;
    bool verbose;
    bool compressed;
    bool offload;
    schc_colour colour;
    uint8_t devices[SCHC_DEVICES_MAX][16]; /* as in capture_endpoint */
    size_t device_count;
    uint16_t port;
    uint32_t explain; /* number of a frame; 0: none */
    const char *operand;
} schc_args;

/* A verb; run() returns an exit code of cmd.h. */
typedef struct schc_verb {
    const char *name;    /* "compress", or "rules show" */
    const char *summary; /* one line */
    const char *options; /* names that it takes, each with a space behind */
    const char *needs;   /* those that must be given, in the same form */
    const char *operand; /* "HEX|-", or NULL */
    int (*run)(const schc_args *args);
} schc_verb;

/* Reads argv behind the verb. EXIT_DONE: go on. -1: help was asked for and
 * printed. EXIT_USAGE: one line about the fault was printed. */
int schc_args_read(const schc_verb *verb, int argc, char **argv,
                   schc_args *args);

#endif
