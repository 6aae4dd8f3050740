/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether a connection can be made. All of them have the same port here, at
 * which a socket that hears nothing takes late segments, which the kernel
 * would meet with resets. A connection that is there is reset before it is
 * acknowledged, so that at the target no application hears of it. */
#include "sweep.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <system_address.h>
#include <unistd.h>

enum {
    SECOND_MS = 1000,
    TRIES = 2,
    BURST = 3, /* packets of a connection: SYN, its acknowledgement, reset */
    SEGMENT = 80,  /* bytes of each at most, with that of IP */
    FLAGS_AT = 13, /* in a segment: RFC 9293 Section 3.1 */
    /* states of RFC 9293 as Linux numbers them */
    ESTABLISHED = 1,
    SYN_SENT = 2
};

/* What this socket hears: nothing, or SYN and RST only, so that it has nothing
 * to acknowledge. */
static bool deafen(int fd, bool wholly)
{
    struct sock_filter some[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, FLAGS_AT),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PCAPNG_SYN | PCAPNG_RST, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    const struct sock_fprog program = { .len = wholly ? 1 : 4,
                                        .filter = wholly ? &some[3] : some };

    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
                      sizeof program) == 0;
}

static int shared_socket(const covey_address *at)
{
    const int on = 1;
    system_address local;
    const socklen_t len = address_to_system(at, &local);
    const int fd = socket(local.any.sa_family,
                          SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd >= 0 &&
        (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0 ||
         bind(fd, &local.any, len) != 0)) {
        close(fd);
        return -1;
    }
    return fd;
}

/* The port of all connections, and who takes what comes late there. */
static bool open_deaf(broker *b, struct sweep *s)
{
    system_address local;
    socklen_t len = sizeof local;
    covey_address at;

    if (s->deaf >= 0) {
        return true;
    }
    const int fd = packets_socket(b, SOCK_STREAM, &at);
    if (fd < 0) {
        return false;
    }
    close(fd);
    at.port = 0;
    s->deaf = shared_socket(&at);
    if (s->deaf < 0 || !deafen(s->deaf, true) || listen(s->deaf, 0) != 0 ||
        getsockname(s->deaf, &local.any, &len) != 0) {
        return false;
    }
    s->tcp_local = address_from_system(&local);
    return true;
}

static int open_stream(broker *b, struct sweep *s)
{
    const struct linger now = { .l_onoff = 1, .l_linger = 0 };
    const int one_try = 1;
    const int late = 0;
    const int fd = open_deaf(b, s) ? shared_socket(&s->tcp_local) : -1;

    b->local = s->tcp_local;
    if (fd >= 0 &&
        (!deafen(fd, false) || !sweep_errors(fd, s->tcp_local.family) ||
         setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now) != 0 ||
         setsockopt(fd, IPPROTO_TCP, TCP_SYNCNT, &one_try, sizeof one_try) !=
             0 ||
         setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &late, sizeof late) != 0)) {
        close(fd);
        return -1;
    }
    return fd;
}

/* What the end of a connection that was not made says. A reset is counted as a
 * segment, what came by ICMP is not. */
static enum sweep_state state_of_failure(int error,
                                         const struct tcp_info *info)
{
    if (error == ECONNREFUSED) {
        return info->tcpi_segs_in > 0 ? SWEEP_CLOSED : SWEEP_FILTERED;
    }
    return error == EHOSTUNREACH || error == ENETUNREACH ? SWEEP_UNREACHABLE
                                                         : SWEEP_FILTERED;
}

static enum sweep_state look_at(broker *b, int fd, struct tcp_info *info)
{
    socklen_t len = sizeof *info;
    int error = 0;

    memset(info, 0, sizeof *info);
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &len) != 0) {
        guard_stop(&b->run->guard, STOP_EVIDENCE);
        return SWEEP_NOTHING;
    }
    if (info->tcpi_state == ESTABLISHED) {
        return SWEEP_OPEN;
    }
    const enum sweep_state said = sweep_error(b, fd);
    len = sizeof error;
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
    if (said != SWEEP_NOTHING) {
        /* a port of TCP is closed by a reset; who answers otherwise filters */
        return said == SWEEP_CLOSED ? SWEEP_FILTERED : said;
    }
    return info->tcpi_state == SYN_SENT ? SWEEP_NOTHING
                                        : state_of_failure(error, info);
}

/* Until the connection is there, or refused, or both SYN have had their time.
 */
static void await_stream(broker *b, int fd, struct tcp_info *info)
{
    const covey_ms patience =
        (covey_ms)b->run->terms->stop_if_silent_s * TRIES * SECOND_MS;
    const covey_ms until = covey_earlier(guard_now() + patience, b->deadline);
    struct epoll_event wanted = { .events = EPOLLOUT };
    const int ready = epoll_create1(EPOLL_CLOEXEC);
    guard_result g = GUARD_FIRST;

    memset(info, 0, sizeof *info);
    if (ready < 0 || epoll_ctl(ready, EPOLL_CTL_ADD, fd, &wanted) != 0) {
        guard_stop(&b->run->guard, STOP_EVIDENCE);
    }
    while (g == GUARD_FIRST && b->state == SWEEP_NOTHING) {
        g = guard_wait(&b->run->guard, ready, -1, until);
        b->state = look_at(b, fd, info);
    }
    if (b->state == SWEEP_NOTHING && g == GUARD_TIMEOUT) {
        b->state = SWEEP_FILTERED;
    }
    b->outcome = g == GUARD_STOPPED           ? OUTCOME_STOPPED
                 : b->state == SWEEP_FILTERED ? OUTCOME_SILENT
                                              : OUTCOME_DONE;
    if (ready >= 0) {
        close(ready);
    }
}

/* Ends the connection: a reset if it is there, and no packet otherwise. */
static void end_stream(broker *b, int fd, const struct tcp_info *info)
{
    const bool resets = info->tcpi_state == ESTABLISHED;
    const uint32_t sent = info->tcpi_segs_out > 0 ? info->tcpi_segs_out : 1;

    close(fd);
    packets_count(b, sent + (resets ? 1 : 0), BURST * SEGMENT);
    b->bytes = 0; /* of content */
    if (b->state == SWEEP_OPEN) {
        streams_note(b, false, PCAPNG_SYN | PCAPNG_ACK,
                     covey_bytes_of(NULL, 0));
        streams_note(b, true, PCAPNG_RST | PCAPNG_ACK,
                     covey_bytes_of(NULL, 0));
    } else if (b->state == SWEEP_CLOSED) {
        streams_note(b, false, PCAPNG_RST | PCAPNG_ACK,
                     covey_bytes_of(NULL, 0));
    }
}

void sweep_tcp(broker *b, struct sweep *s)
{
    const int fd = open_stream(b, s);
    struct tcp_info info;
    system_address to;
    const socklen_t len = address_to_system(&b->act->what.target, &to);

    if (fd < 0) {
        return;
    }
    if (!packets_await_turn(b, BURST, BURST * SEGMENT)) {
        close(fd);
        return;
    }
    if (connect(fd, &to.any, len) != 0 && errno != EINPROGRESS) {
        b->state = SWEEP_UNREACHABLE;
        close(fd);
        return;
    }
    streams_note(b, true, PCAPNG_SYN, covey_bytes_of(NULL, 0));
    await_stream(b, fd, &info);
    end_stream(b, fd, &info);
}
