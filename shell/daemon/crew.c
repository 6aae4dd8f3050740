/* SPDX-License-Identifier: BSD-2-Clause */
/* The process that has workers: it waits for signals and does nothing else. */
#include "daemon.h"

#include "internal.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

enum {
    WORKERS_MAX = 64,
    START = 60000, /* ms until one is ready */
    STOP = 20,     /* s until one that is asked to has ended */
    QUICK = 5,     /* s: who dies within is of no use */
    QUICK_MAX = 5  /* times in a row */
};

struct crew {
    const daemon_crew *of;
    const log_sink *log;
    sigset_t signals; /* that are waited for */
    sigset_t before;
    pid_t pids[WORKERS_MAX]; /* 0: there is none */
    time_t begun[WORKERS_MAX];
    unsigned quick[WORKERS_MAX];
};

static void tell(const struct crew *c, log_level level, const char *name,
                 unsigned which, const char *why)
{
    const log_value values[] = { log_number("worker", which),
                                 log_string("why", why) };
    const log_event event = {
        .level = level, .name = name, .values = values, .count = 2
    };

    log_write(c->log, &event);
}

static time_t seconds(void)
{
    return (time_t)(loop_now().mono / 1000);
}

/* --- one worker ---------------------------------------------------------- */

/* In its process; without its parent it has no use. */
static void become(const struct crew *c, unsigned which, int ready,
                   pid_t parent)
{
    int status = DAEMON_IO;

    if (prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && getppid() == parent) {
        (void)sigprocmask(SIG_SETMASK, &c->before, NULL);
        daemon__join(ready);
        status = c->of->work(c->of->user, which);
    }
    exit(status);
}

static bool wait_until_ready(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };
    char byte;

    return poll(&p, 1, START) == 1 && read(fd, &byte, 1) == 1;
}

/* False: it did not become ready. */
static bool begin(struct crew *c, unsigned which)
{
    const pid_t parent = getpid();
    int ends[2];
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC) != 0) {
        return false;
    }
    (void)fflush(NULL); /* nothing is written twice */
    pid = fork();
    if (pid == 0) {
        (void)close(ends[0]);
        become(c, which, ends[1], parent);
    }
    (void)close(ends[1]);
    c->pids[which] = pid > 0 ? pid : 0;
    c->begun[which] = seconds();
    const bool good = pid > 0 && wait_until_ready(ends[0]);
    (void)close(ends[0]);
    return good;
}

/* --- all of them --------------------------------------------------------- */

static void signal_all(const struct crew *c, int number)
{
    for (unsigned i = 0; i < c->of->count; i++) {
        if (c->pids[i] != 0) {
            (void)kill(c->pids[i], number);
        }
    }
}

/* One that has ended; false: there is none now. */
static bool reap(struct crew *c, unsigned *which, int *how)
{
    pid_t pid;

    while ((pid = waitpid(-1, how, WNOHANG)) > 0) {
        for (*which = 0; *which < c->of->count; (*which)++) {
            if (c->pids[*which] == pid) {
                c->pids[*which] = 0;
                return true;
            }
        }
    }
    return false;
}

static unsigned alive(const struct crew *c)
{
    unsigned count = 0;

    for (unsigned i = 0; i < c->of->count; i++) {
        count += c->pids[i] != 0;
    }
    return count;
}

static void stop_all(struct crew *c)
{
    const struct timespec patience = { .tv_sec = 1 };
    const time_t until = seconds() + STOP;
    unsigned which;
    int how;

    signal_all(c, SIGTERM);
    while (alive(c) > 0) {
        if (!reap(c, &which, &how)) {
            (void)sigtimedwait(&c->signals, NULL, &patience);
        }
        if (seconds() >= until) {
            signal_all(c, SIGKILL);
        }
    }
}

/* False: it dies again and again. */
static bool replace(struct crew *c, unsigned which, int how)
{
    const bool quick = seconds() - c->begun[which] < QUICK;

    tell(c, LOG_LEVEL_WARNING, "worker.died", which,
         WIFSIGNALED(how) ? strsignal(WTERMSIG(how)) : "by itself");
    c->quick[which] = quick ? c->quick[which] + 1 : 0;
    if (c->quick[which] >= QUICK_MAX) {
        tell(c, LOG_LEVEL_ERROR, "worker.useless", which,
             "it dies again and again");
        return false;
    }
    if (begin(c, which)) {
        tell(c, LOG_LEVEL_NOTICE, "worker.again", which, "one has died");
    } else if (c->pids[which] != 0) {
        (void)kill(c->pids[which], SIGKILL); /* which is told, too */
    }
    return true;
}

/* Until a signal says that it is enough: its number; 0: it cannot go on. */
static int watch(struct crew *c)
{
    for (;;) {
        const int number = sigwaitinfo(&c->signals, NULL);
        unsigned which;
        int how;
        if (number == SIGTERM || number == SIGINT) {
            return number;
        }
        while (number == SIGCHLD && reap(c, &which, &how)) {
            if (!replace(c, which, how)) {
                return 0;
            }
        }
    }
}

static bool begin_all(struct crew *c)
{
    for (unsigned i = 0; i < c->of->count; i++) {
        if (!begin(c, i)) {
            return false; /* it has told why */
        }
    }
    return true;
}

/* --- the daemon ---------------------------------------------------------- */

static void tell_all(const log_sink *log, const char *name, log_value value)
{
    const log_event event = {
        .level = LOG_LEVEL_NOTICE, .name = name, .values = &value, .count = 1
    };

    log_write(log, &event);
}

int daemon_run_crew(const daemon_program *p, const log_sink *log,
                    const daemon_crew *crew)
{
    struct crew c = { .of = crew, .log = log };
    int number = 0;

    (void)sigemptyset(&c.signals);
    (void)sigaddset(&c.signals, SIGTERM);
    (void)sigaddset(&c.signals, SIGINT);
    (void)sigaddset(&c.signals, SIGCHLD);
    if (crew->count > WORKERS_MAX ||
        sigprocmask(SIG_BLOCK, &c.signals, &c.before) != 0) {
        return DAEMON_IO;
    }
    if (begin_all(&c)) {
        tell_all(log, "daemon.ready", log_string("version", p->version));
        sd_notify(0, "READY=1");
        number = watch(&c);
        sd_notify(0, "STOPPING=1");
        tell_all(log, "daemon.stop",
                 log_string("why", number != 0 ? strsignal(number)
                                               : "a worker is of no use"));
    }
    stop_all(&c);
    (void)sigprocmask(SIG_SETMASK, &c.before, NULL);
    return number != 0 ? DAEMON_DONE : DAEMON_IO;
}
