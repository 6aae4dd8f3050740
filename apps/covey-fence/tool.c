/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool.h"

#include "canary.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    NOBODY = 65534,
    OUTPUT_MAX = 1 << 28 /* bytes that a tool may write */
};

/* What is told through the pipe. */
enum step {
    STEP_CONNECT = 'c',
    STEP_CANARY = 'y',
    STEP_START = 's',
    STEP_DONE = 'd',
    STEP_FAILED = 'f'
};

/* --- what the child gives up --------------------------------------------- */

static bool drop_bounding(void)
{
    for (int cap = 0; cap <= 63; cap++) {
        if (cap != CAP_NET_RAW && prctl(PR_CAPBSET_READ, cap, 0, 0, 0) == 1 &&
            prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) != 0) {
            return false;
        }
    }
    return true;
}

/* Nobody, where there is such a user: a namespace may have only one. */
static bool become_nobody(void)
{
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) {
        return false;
    }
    if (setgroups(0, NULL) != 0 && errno != EPERM) {
        return false;
    }
    return (setresgid(NOBODY, NOBODY, NOBODY) == 0 || errno == EINVAL) &&
           (setresuid(NOBODY, NOBODY, NOBODY) == 0 || errno == EINVAL);
}

static bool keep_raw(void)
{
    struct __user_cap_header_struct header = { .version =
                                                   _LINUX_CAPABILITY_VERSION_3,
                                               .pid = 0 };
    const uint32_t raw = 1u << CAP_NET_RAW;
    const struct __user_cap_data_struct sets[2] = { { raw, raw, raw },
                                                    { 0, 0, 0 } };

    return syscall(SYS_capset, &header, sets) == 0 &&
           prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_RAW, 0, 0) == 0;
}

static bool limit(int what, rlim_t most)
{
    const struct rlimit l = { most, most };

    return setrlimit((__rlimit_resource_t)what, &l) == 0;
}

static bool give_up(void)
{
    sigset_t none;

    sigemptyset(&none);
    signal(SIGPIPE, SIG_DFL);
    return drop_bounding() && become_nobody() && keep_raw() &&
           prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           limit(RLIMIT_CORE, 0) && limit(RLIMIT_FSIZE, OUTPUT_MAX) &&
           prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 &&
           sigprocmask(SIG_SETMASK, &none, NULL) == 0;
}

/* --- in the child -------------------------------------------------------- */

/* Descriptors 0 to 2 and no other. */
static bool set_descriptors(const fence_tool *t)
{
    const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    const int out = t->output >= 0 ? t->output : nothing;
    const int err = t->errors >= 0 ? t->errors : nothing;

    /* high numbers first, so that none is overwritten before it is used */
    const int high_out = fcntl(out, F_DUPFD_CLOEXEC, 64);
    const int high_err = fcntl(err, F_DUPFD_CLOEXEC, 64);
    return nothing >= 0 && dup2(nothing, STDIN_FILENO) >= 0 &&
           dup2(high_out, STDOUT_FILENO) >= 0 &&
           dup2(high_err, STDERR_FILENO) >= 0 &&
           close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0;
}

static void tell(int fd, enum step step)
{
    const uint8_t byte = (uint8_t)step;

    if (send(fd, &byte, 1, MSG_NOSIGNAL) != 1) {
        _exit(1);
    }
}

static bool do_step(const fence_tool *t, uint8_t step)
{
    char path[] = "PATH=/usr/local/bin:/usr/bin:/bin";
    char home[] = "HOME=/nonexistent";
    char lang[] = "LC_ALL=C";
    char *environment[] = { path, home, lang, NULL };

    switch (step) {
    case STEP_CONNECT:
        return cable_connect(t->route, t->target, stderr);
    case STEP_CANARY:
        return canary_send(t->route, stderr);
    case STEP_START:
        if (chdir("/") == 0 && set_descriptors(t) && give_up()) {
            execvpe(t->command[0], t->command, environment);
        }
        return false;
    default:
        return false;
    }
}

static void live(const fence_tool *t, int fd)
{
    uint8_t step = 0;

    /* if the fence ends, so does this */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 ||
        unshare(CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) != 0) {
        fprintf(stderr, "covey-fence: a network of its own: %s\n",
                strerror(errno));
        tell(fd, STEP_FAILED);
        _exit(1);
    }
    tell(fd, STEP_DONE);
    while (recv(fd, &step, 1, 0) == 1) {
        tell(fd, do_step(t, step) ? STEP_DONE : STEP_FAILED);
    }
    _exit(1);
}

/* --- outside ------------------------------------------------------------- */

static bool heard(const fence_tool *t)
{
    uint8_t step = 0;

    return recv(t->pipe, &step, 1, 0) == 1 && step == STEP_DONE;
}

static bool ask(fence_tool *t, enum step step)
{
    const uint8_t byte = (uint8_t)step;

    return send(t->pipe, &byte, 1, MSG_NOSIGNAL) == 1 && heard(t);
}

/* fork(2), with the child as the first process of a namespace. */
static pid_t fork_apart(void)
{
    struct clone_args args = { .flags = CLONE_NEWPID, .exit_signal = SIGCHLD };

    return (pid_t)syscall(SYS_clone3, &args, sizeof args);
}

bool tool_prepare(fence_tool *t)
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
        return false;
    }
    t->pipe = pair[0];
    t->pid = fork_apart();
    if (t->pid < 0) {
        fprintf(stderr, "covey-fence: processes of its own: %s\n",
                strerror(errno));
    }
    if (t->pid == 0) {
        close(pair[0]);
        live(t, pair[1]);
    }
    close(pair[1]);
    return t->pid > 0 && heard(t);
}

bool tool_connect(fence_tool *t)
{
    return ask(t, STEP_CONNECT);
}

bool tool_send_canary(fence_tool *t)
{
    return ask(t, STEP_CANARY);
}

bool tool_start(fence_tool *t)
{
    const uint8_t byte = STEP_START;
    uint8_t step = 0;

    /* the pipe closes when it has become the tool, and says nothing then */
    return send(t->pipe, &byte, 1, MSG_NOSIGNAL) == 1 &&
           recv(t->pipe, &step, 1, 0) == 0;
}

int tool_end(fence_tool *t)
{
    int status = 0;

    if (t->pid <= 0) {
        return 0;
    }
    kill(t->pid, SIGKILL);
    while (waitpid(t->pid, &status, 0) < 0 && errno == EINTR) {
        /* again */
    }
    t->pid = 0;
    return status;
}
