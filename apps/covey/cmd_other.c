/* SPDX-License-Identifier: BSD-2-Clause */
/* Verbs that are programs of their own: covey audit, since what probes under
 * an authorisation shares no process with anything else; covey ctl, since
 * this program links no database. */
#include "cmd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    NAME_MAX_LEN = 16
};

/* The one that was installed with this one, or else any. */
static int run_other(const char *program, char **argv)
{
    char path[4096];
    char name[NAME_MAX_LEN];
    const size_t len = strlen(program) + 1;
    const ssize_t n = readlink("/proc/self/exe", path, sizeof path);
    char *slash = NULL;

    if (n > 0 && (size_t)n < sizeof path) {
        path[n] = '\0';
        slash = strrchr(path, '/');
    }
    memcpy(name, program, len);
    argv[0] = name;
    if (slash != NULL && (size_t)(slash + 1 - path) + len <= sizeof path) {
        memcpy(slash + 1, program, len);
        execv(path, argv);
    }
    execvp(program, argv);
    if (errno == ENOENT) {
        fprintf(stderr,
                "covey: this verb is the program %s, which is neither beside "
                "covey nor in PATH\n",
                program);
    } else {
        fprintf(stderr, "covey: %s: %s\n", program, strerror(errno));
    }
    return EXIT_IO;
}

int cmd_audit(int argc, char **argv)
{
    (void)argc;
    return run_other("covey-audit", argv);
}

int cmd_ctl(int argc, char **argv)
{
    (void)argc;
    return run_other("covey-ctl", argv);
}
