/* SPDX-License-Identifier: BSD-2-Clause */
/* A covey-gm that kills itself at a step on its way to the store, the one that
 * COVEY_DIE_AT names: steps to the disk (dying.h), or, with COVEY_DIE_SEND,
 * what it sends to a database. They are counted from SIGUSR1 on. */
#include "dying.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static volatile sig_atomic_t last;
static volatile sig_atomic_t sends;
static volatile sig_atomic_t counting;
static unsigned sent;

static void on_signal(int number)
{
    (void)number;
    if (sends) {
        counting = 1;
    } else {
        dying_at((unsigned)last, 0);
    }
}

__attribute__((constructor)) static void begin(void)
{
    const char *at = getenv("COVEY_DIE_AT");
    struct sigaction act;

    if (at == NULL) {
        return;
    }
    last = (sig_atomic_t)strtol(at, NULL, 10);
    sends = getenv("COVEY_DIE_SEND") != NULL;
    memset(&act, 0, sizeof act);
    act.sa_handler = on_signal;
    (void)sigaction(SIGUSR1, &act, NULL);
}

/* How many there are, for who wants to try them all. */
__attribute__((destructor)) static void end(void)
{
    if (getenv("COVEY_DIE_AT") != NULL) {
        fprintf(stderr, "steps %u\n", sends ? sent : dying_steps());
    }
}

typedef ssize_t send_to(int, const void *, size_t, int);

ssize_t send(int fd, const void *buf, size_t n, int flags)
{
    send_to *real = NULL;
    void *found = dlsym(RTLD_NEXT, "send");

    memcpy(&real, &found, sizeof real);
    if (counting && ++sent == (unsigned)last) {
        (void)raise(SIGKILL);
    }
    return real(fd, buf, n, flags);
}
