/* SPDX-License-Identifier: BSD-2-Clause */
/* What all daemons have in common: their command line, word to the service
 * manager when they are ready and when they stop, and an orderly stop on
 * SIGTERM and SIGINT. */
#ifndef COVEY_SHELL_DAEMON_H
#define COVEY_SHELL_DAEMON_H

#include <log.h>
#include <loop.h>

/* As of covey(1). */
enum {
    DAEMON_DONE = 0,
    DAEMON_REFUSED_CONFIG = 1, /* a finding in the configuration */
    DAEMON_USAGE = 2,
    DAEMON_IO = 4
};

/* Which daemon this is. */
typedef struct daemon_program {
    const char *name; /* "covey-server"; its manual is in section 8 */
    const char *version;
    const char *what; /* "serves CoAP resources" */
} daemon_program;

typedef struct daemon_options {
    const char *config; /* --config FILE; of argv */
    bool check_config;  /* --check-config: see daemon_check.h */
    log_sink log;       /* --log-level, --log-format */
} daemon_options;

/* Reads the command line. False: the program ends with *status; what there is
 * to say has been said. */
bool daemon_options_read(const daemon_program *p, int argc, char **argv,
                         daemon_options *out, int *status);

/* Several processes that do the same beside each other. */
typedef struct daemon_crew {
    unsigned count;
    /* In the process of each: up to the end of its daemon_run, whose status it
     * returns. The process ends with it. */
    int (*work)(void *user, unsigned which);
    void *user;
} daemon_crew;

/* Begins them, says that the daemon is ready when all of them are, begins
 * another one in the place of one that dies, and stops them all on SIGTERM or
 * SIGINT, or when one dies again and again. What they share is made before:
 * descriptors and shared memory live on when one of them does not. The result
 * is an exit status. */
int daemon_run_crew(const daemon_program *p, const log_sink *log,
                    const daemon_crew *crew);

/* Says that the daemon is ready (sd_notify(3), and in the log), runs the loop
 * until SIGTERM or SIGINT, or until somebody stops it, and says that it stops.
 * The result is an exit status. */
int daemon_run(const daemon_program *p, const log_sink *log, loop *l);

#endif
