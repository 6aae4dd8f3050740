/* SPDX-License-Identifier: BSD-2-Clause */
/* covey audit: a program of its own, since what probes under an authorisation
 * shares no process with anything else. */
#include "cmd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM "covey-audit"

int cmd_audit(int argc, char **argv)
{
    char path[4096];
    char name[] = PROGRAM;
    const ssize_t n = readlink("/proc/self/exe", path, sizeof path);
    char *slash = NULL;

    (void)argc;
    if (n > 0 && (size_t)n < sizeof path) {
        path[n] = '\0';
        slash = strrchr(path, '/');
    }
    argv[0] = name;
    /* the one that was installed with this one, or else any */
    if (slash != NULL &&
        (size_t)(slash + 1 - path) + sizeof PROGRAM <= sizeof path) {
        memcpy(slash + 1, PROGRAM, sizeof PROGRAM);
        execv(path, argv);
    }
    execvp(PROGRAM, argv);
    fprintf(stderr, "covey audit: %s: %s\n", PROGRAM, strerror(errno));
    return EXIT_IO;
}
