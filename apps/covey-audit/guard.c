/* SPDX-License-Identifier: BSD-2-Clause */
#include "guard.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    JUMP_MAX_MS = 2000, /* of the clock on the wall */
    LOOK_MS = 1000      /* look around at least that often */
};

/* --- clocks -------------------------------------------------------------- */

static covey_ms boottime(long round)
{
    struct timespec t;

    clock_gettime(CLOCK_BOOTTIME, &t);
    return (covey_ms)t.tv_sec * 1000 +
           (covey_ms)((t.tv_nsec + round) / 1000000);
}

covey_ms guard_now(void)
{
    return boottime(0);
}

covey_ms guard_now_up(void)
{
    return boottime(999999);
}

static int64_t wall_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t guard_unix_ms(const audit_guard *g)
{
    return g->start_unix_ms + (int64_t)(guard_now() - g->start);
}

void guard_until(audit_guard *g, int64_t unix_s)
{
    /* a window may end later than milliseconds can say */
    const int64_t left = unix_s - g->start_unix_ms / 1000;

    g->deadline = left > INT32_MAX ? COVEY_NEVER
                                   : g->start + (covey_ms)left * 1000 -
                                         (covey_ms)(g->start_unix_ms % 1000);
}

/* --- opening ------------------------------------------------------------- */

static bool watch_signals(audit_guard *g)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0) {
        return false;
    }
    g->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return g->signals >= 0;
}

static bool watch_folder(audit_guard *g, const char *folder)
{
    g->changes = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    return g->changes >= 0 &&
           inotify_add_watch(g->changes, folder,
                             IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF) >= 0;
}

bool guard_open(audit_guard *g, const char *folder, const char *id,
                FILE *messages)
{
    memset(g, 0, sizeof *g);
    g->signals = -1;
    g->changes = -1;
    g->deadline = COVEY_NEVER;
    g->start = guard_now();
    g->start_unix_ms = wall_ms();
    if (!audit_state_path(folder, id, g->file) || !watch_signals(g) ||
        !watch_folder(g, folder)) {
        fprintf(messages, "%s: error: %s\n", folder, strerror(errno));
        guard_close(g);
        return false;
    }
    return true;
}

void guard_close(audit_guard *g)
{
    if (g->signals >= 0) {
        close(g->signals);
    }
    if (g->changes >= 0) {
        close(g->changes);
    }
    g->signals = -1;
    g->changes = -1;
}

/* --- stopping ------------------------------------------------------------ */

void guard_stop(audit_guard *g, audit_stop why)
{
    if (g->why == STOP_NONE) {
        g->why = why;
        g->when_ms = guard_unix_ms(g);
    }
}

static bool has_signal(const audit_guard *g)
{
    struct signalfd_siginfo info;

    return read(g->signals, &info, sizeof info) == (ssize_t)sizeof info;
}

/* What cannot be looked at counts as withdrawn. */
static bool is_withdrawn(const audit_guard *g)
{
    struct stat about;

    return stat(g->file, &about) == 0 || errno != ENOENT;
}

static bool clock_was_set(const audit_guard *g)
{
    const int64_t off = wall_ms() - guard_unix_ms(g);

    return off > JUMP_MAX_MS || off < -JUMP_MAX_MS;
}

audit_stop guard_check(audit_guard *g)
{
    if (g->why != STOP_NONE) {
        return g->why;
    }
    if (is_withdrawn(g)) {
        guard_stop(g, STOP_WITHDRAWAL);
    } else if (has_signal(g)) {
        guard_stop(g, STOP_SIGNAL);
    } else if (guard_now() >= g->deadline) {
        guard_stop(g, STOP_EXPIRY);
    } else if (clock_was_set(g)) {
        guard_stop(g, STOP_CLOCK);
    }
    return g->why;
}

const char *audit_stop_text(audit_stop why)
{
    static const char *const texts[AUDIT_STOPS] = {
        [STOP_NONE] = "none",       [STOP_WITHDRAWAL] = "withdrawal",
        [STOP_SIGNAL] = "signal",   [STOP_EXPIRY] = "expiry",
        [STOP_CLOCK] = "clock",     [STOP_EVIDENCE] = "evidence",
        [STOP_SILENCE] = "silence",
    };

    return (unsigned)why < AUDIT_STOPS ? texts[why] : "unknown";
}

/* --- waiting ------------------------------------------------------------- */

static void forget_changes(const audit_guard *g)
{
    char events[4096];

    while (read(g->changes, events, sizeof events) > 0) {
        /* the file itself is looked at */
    }
}

guard_result guard_wait(audit_guard *g, int first, int second, covey_ms until)
{
    struct pollfd all[] = { { g->signals, POLLIN, 0 },
                            { g->changes, POLLIN, 0 },
                            { first, POLLIN, 0 },
                            { second, POLLIN, 0 } };

    while (guard_check(g) == STOP_NONE) {
        const covey_ms now = guard_now();
        const covey_ms next =
            covey_earlier(covey_earlier(until, g->deadline), now + LOOK_MS);
        if (now >= until) {
            return GUARD_TIMEOUT;
        }
        const int n = poll(all, 4, (int)(next - now));
        if (n <= 0) {
            continue;
        }
        if ((all[1].revents & POLLIN) != 0) {
            forget_changes(g);
        }
        if (guard_check(g) != STOP_NONE) {
            break;
        }
        if (all[2].revents != 0) {
            return GUARD_FIRST;
        }
        if (all[3].revents != 0) {
            return GUARD_SECOND;
        }
    }
    return GUARD_STOPPED;
}
