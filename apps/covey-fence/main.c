/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covey-fence(8): builds the fence, shows that it holds, and only then starts
 * the tool; closes it when the tool ends, when standard input does, when the
 * time is over. What does not go as it should leaves no way through. */
#include "filter.h"
#include "tool.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    FENCE_DONE = 0,
    FENCE_USAGE = 2,
    FENCE_CLOSED = 5, /* before the tool had ended */
    FENCE_NONE = 8,   /* there is none, and the tool was not started */
    CANARY_MS = 2000
};

typedef struct fence {
    fence_order order;
    fence_route route;
    rules_names names;
    filter *filter;
    fence_tool tool;
    filter_count counts[COUNTERS];
} fence;

/* --- the order ----------------------------------------------------------- */

/* All lines up to "end"; what comes behind on standard input closes. */
static bool hear_order(fence_order *o)
{
    static uint8_t text[ORDER_TEXT_MAX];
    size_t len = 0;

    while (!order_is_complete(covey_bytes_of(text, len))) {
        /* one byte at a time, so that nothing behind it is taken */
        const ssize_t n =
            len < sizeof text ? read(STDIN_FILENO, text + len, 1) : 0;
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            fputs("covey-fence: the order has no end\n", stderr);
            return false;
        }
        len++;
    }
    return order_read(covey_bytes_of(text, len), o, stderr);
}

/* The host's own choice of a sender must be one that the mandate names. */
static bool is_own_source(const fence *f)
{
    for (uint32_t i = 0; i < f->order.source_count; i++) {
        if (covey_address_equal(&f->order.sources[i], &f->route.source)) {
            return true;
        }
    }
    fputs("covey-fence: the host reaches the target from an address that is "
          "no source of the order\n",
          stderr);
    return false;
}

/* --- building ------------------------------------------------------------ */

/* The canary came to the filter, ended there, and nothing else got out. */
static bool is_tight(fence *f)
{
    const struct timespec pause = { 0, 1000000 };

    for (int ms = 0; ms < CANARY_MS; ms++) {
        if (!filter_counts(f->filter, f->counts) ||
            f->counts[COUNTER_PASSED].packets != 0) {
            return false;
        }
        if (f->counts[COUNTER_DEAD].packets == 1) {
            return f->counts[COUNTER_CANARY].packets == 1;
        }
        nanosleep(&pause, NULL);
    }
    return false;
}

static bool build(fence *f)
{
    if (!route_find(&f->order.target, &f->route, stderr) ||
        !is_own_source(f) || !tool_prepare(&f->tool)) {
        return false;
    }
    /* both names are this process's alone */
    snprintf(f->names.device, sizeof f->names.device, "cvf%u",
             (unsigned)getpid());
    snprintf(f->names.table, sizeof f->names.table, "covey_fence_%u",
             (unsigned)getpid());
    if (!cable_lay(f->names.device, f->tool.pid, f->route.mac, stderr)) {
        return false;
    }
    f->filter = filter_load(&f->order, &f->route, &f->names, stderr);
    if (f->filter == NULL || !tool_connect(&f->tool) ||
        !tool_send_canary(&f->tool)) {
        return false;
    }
    if (!is_tight(f)) {
        fputs("covey-fence: the canary was not stopped by the filter\n",
              stderr);
        return false;
    }
    return true;
}

/* --- while it stands ----------------------------------------------------- */

static int open_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    signal(SIGPIPE, SIG_IGN);
    return sigprocmask(SIG_BLOCK, &set, NULL) == 0
               ? signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)
               : -1;
}

static int open_timer(uint32_t seconds)
{
    const struct itimerspec when = { .it_value = { (time_t)seconds, 0 } };
    const int fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC);

    return fd >= 0 && timerfd_settime(fd, 0, &when, NULL) == 0 ? fd : -1;
}

/* True: the tool has ended by itself, otherwise it has to. */
static bool watch(const fence *f, int signals, int timer)
{
    struct pollfd all[] = { { STDIN_FILENO, POLLIN, 0 },
                            { signals, POLLIN, 0 },
                            { timer, POLLIN, 0 } };
    struct signalfd_siginfo info;

    for (;;) {
        if (poll(all, 3, -1) < 0 && errno != EINTR) {
            return false;
        }
        if (all[0].revents != 0 || all[2].revents != 0) {
            return false;
        }
        while (read(signals, &info, sizeof info) == (ssize_t)sizeof info) {
            if (info.ssi_signo != SIGCHLD) {
                return false;
            }
        }
        siginfo_t about = { 0 };
        if (waitid(P_PID, (id_t)f->tool.pid, &about,
                   WEXITED | WNOHANG | WNOWAIT) == 0 &&
            about.si_pid == f->tool.pid) {
            return true;
        }
    }
}

static void report(const fence *f, bool ended, int status)
{
    if (!ended) {
        puts("ended closed");
    } else if (WIFEXITED(status)) {
        printf("ended exit %d\n", WEXITSTATUS(status));
    } else {
        printf("ended signal %d\n", WTERMSIG(status));
    }
    for (size_t i = 0; i < COUNTERS; i++) {
        printf("counter %s %" PRIu64 " %" PRIu64 "\n", rules_counters[i],
               f->counts[i].packets, f->counts[i].bytes);
    }
    fflush(stdout);
}

static int stand(fence *f, int signals)
{
    const int timer = open_timer(f->order.seconds);

    if (timer < 0 || !tool_start(&f->tool)) {
        fprintf(stderr, "covey-fence: %s cannot be started\n",
                f->tool.command[0]);
        return FENCE_NONE;
    }
    printf("started %s\n", f->route.device);
    fflush(stdout);
    const bool ended = watch(f, signals, timer);
    /* first the way, then the tool */
    const bool closed = filter_close(f->filter);
    const int status = tool_end(&f->tool);
    if (!closed || !filter_counts(f->filter, f->counts)) {
        fputs("covey-fence: the filter is gone\n", stderr);
        return FENCE_NONE;
    }
    report(f, ended, status);
    return ended ? FENCE_DONE : FENCE_CLOSED;
}

/* --- the program --------------------------------------------------------- */

static int usage(FILE *out, int status)
{
    fputs("usage: covey-fence [--output FD] [--errors FD] [--check] -- "
          "PROGRAM [ARGUMENT...]\n"
          "The manual is covey-fence(8).\n",
          out);
    return status;
}

static bool read_descriptor(const char *text, int *out)
{
    char *end = NULL;
    const long n = strtol(text, &end, 10);

    *out = (int)n;
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && n < 1024;
}

/* -1: go on, otherwise an exit status. */
static int read_options(int argc, char **argv, fence *f, bool *check)
{
    static const struct option options[] = {
        { "check", no_argument, NULL, 'c' },
        { "errors", required_argument, NULL, 'e' },
        { "help", no_argument, NULL, 'h' },
        { "output", required_argument, NULL, 'o' },
        { "version", no_argument, NULL, 'V' },
        { NULL, 0, NULL, 0 },
    };

    f->tool.output = -1;
    f->tool.errors = -1;
    for (int letter = getopt_long(argc, argv, "+", options, NULL);
         letter != -1; letter = getopt_long(argc, argv, "+", options, NULL)) {
        if (letter == 'h') {
            return usage(stdout, FENCE_DONE);
        }
        if (letter == 'V') {
            puts("covey-fence " COVEY_VERSION);
            return FENCE_DONE;
        }
        *check = *check || letter == 'c';
        if ((letter == 'o' && !read_descriptor(optarg, &f->tool.output)) ||
            (letter == 'e' && !read_descriptor(optarg, &f->tool.errors)) ||
            letter == '?') {
            return usage(stderr, FENCE_USAGE);
        }
    }
    return *check == (optind == argc) ? -1 : usage(stderr, FENCE_USAGE);
}

int main(int argc, char **argv)
{
    static fence f;
    bool check = false;
    int status = read_options(argc, argv, &f, &check);

    if (status >= 0) {
        return status;
    }
    f.tool.command = argv + optind;
    f.tool.route = &f.route;
    f.tool.target = &f.order.target;
    const int signals = open_signals();
    if (signals < 0 || !hear_order(&f.order)) {
        return FENCE_USAGE;
    }
    status = build(&f) ? FENCE_DONE : FENCE_NONE;
    if (status == FENCE_DONE && !check) {
        status = stand(&f, signals);
    }
    tool_end(&f.tool);
    filter_free(f.filter);
    return status;
}
