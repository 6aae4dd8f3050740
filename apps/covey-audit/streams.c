/* SPDX-License-Identifier: BSD-2-Clause */
/* Connections of TCP. The kernel sends packets of its own accord there, so a
 * connection is one burst: it begins a whole second after the last packet, and
 * only where the mandate permits as many packets a second as it may have; a
 * whole second of silence follows it. How many there were the kernel tells. */
#include "run.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <system_address.h>
#include <unistd.h>

enum {
    SECOND = 1000,
    LOOK_MS = 10,     /* between two looks at a connection being made */
    LATE_MS = 150,    /* for segments that are on their way */
    SEGMENT_MAX = 80, /* bytes of a segment without content, at worst */
    /* states of RFC 9293 as Linux numbers them */
    ESTABLISHED = 1,
    CLOSE_WAIT = 8
};

/* A segment for the capture. Sequence numbers are those of a connection that
 * begins at 0, and every piece that the socket has given is a segment. */
void streams_note(broker *b, bool ours, uint8_t flags, covey_bytes payload)
{
    const bool counts = (flags & PCAPNG_SYN) != 0;
    uint32_t *seq = ours ? &b->seq : &b->ack;
    pcapng_packet k = { .from = ours ? b->local : b->act->what.target,
                        .to = ours ? b->act->what.target : b->local,
                        .payload = payload,
                        .protocol = COVEY_AUDIT_TCP,
                        .flags = flags,
                        .seq = *seq,
                        .ack = (flags & PCAPNG_ACK) == 0 ? 0
                               : ours                    ? b->ack
                                                         : b->seq };

    packets_capture(b, &k);
    *seq += (uint32_t)payload.len + (counts ? 1 : 0);
}

/* Closing resets: one packet, and nothing is left at the target. */
static bool set_options(int fd)
{
    const struct linger now = { .l_onoff = 1, .l_linger = 0 };
    const int one_try = 1;
    const int late = 0;

    return setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now) == 0 &&
           /* a SYN is sent again once at most */
           setsockopt(fd, IPPROTO_TCP, TCP_SYNCNT, &one_try, sizeof one_try) ==
               0 &&
           setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &late, sizeof late) == 0;
}

/* Waits for a second without any packet. */
static bool await_quiet(broker *b)
{
    audit_run *r = b->run;
    const uint32_t packets = b->act->what.packets;

    if (r->limits.packets_s < packets ||
        r->limits.bytes_s < packets * SEGMENT_MAX + WIRE_HELLO_MAX) {
        b->outcome = OUTCOME_DENIED;
        return false;
    }
    if (guard_wait(&r->guard, -1, -1, r->quiet) != GUARD_TIMEOUT ||
        !packets_may_send(b)) {
        b->outcome = OUTCOME_STOPPED;
        return false;
    }
    return true;
}

/* Until the connection is there or refused. */
static bool await_connection(broker *b)
{
    const covey_ms until = covey_earlier(
        b->deadline,
        guard_now() + (covey_ms)b->run->terms->stop_if_silent_s * SECOND);
    struct pollfd one = { b->sock, POLLOUT, 0 };

    while (poll(&one, 1, 0) == 0) {
        const covey_ms now = guard_now();
        if (now >= until) {
            b->outcome = OUTCOME_SILENT;
            return false;
        }
        if (guard_wait(&b->run->guard, -1, -1, now + LOOK_MS) !=
            GUARD_TIMEOUT) {
            b->outcome = OUTCOME_STOPPED;
            return false;
        }
    }
    int error = 0;
    socklen_t len = sizeof error;
    if (getsockopt(b->sock, SOL_SOCKET, SO_ERROR, &error, &len) != 0 ||
        error != 0) {
        b->outcome = error == ECONNREFUSED ? OUTCOME_CLOSED : OUTCOME_SILENT;
        return false;
    }
    return true;
}

bool streams_open(broker *b)
{
    system_address to;
    const socklen_t len = address_to_system(&b->act->what.target, &to);

    b->sock = packets_socket(b, SOCK_STREAM, &b->local);
    if (b->sock < 0 || !set_options(b->sock) || !await_quiet(b)) {
        return false;
    }
    b->connected = true;
    if (connect(b->sock, &to.any, len) != 0 && errno != EINPROGRESS) {
        return false;
    }
    streams_note(b, true, PCAPNG_SYN, covey_bytes_of(NULL, 0));
    if (!await_connection(b)) {
        return false;
    }
    streams_note(b, false, PCAPNG_SYN | PCAPNG_ACK, covey_bytes_of(NULL, 0));
    return true;
}

/* From here on the kernel passes over what comes, so that it acknowledges
 * nothing and meets nothing with a reset. What is on its way gets the time to
 * arrive, unless all has stopped. */
static void deafen(const broker *b)
{
    struct sock_filter nothing = { .code = BPF_RET | BPF_K };
    const struct sock_fprog all = { .len = 1, .filter = &nothing };

    setsockopt(b->sock, SOL_SOCKET, SO_ATTACH_FILTER, &all, sizeof all);
    guard_wait(&b->run->guard, -1, -1, guard_now() + LATE_MS);
}

/* Whether another segment from there would be one acknowledgement too many:
 * one may be owed already, and the reset comes. */
static bool is_spent(const broker *b)
{
    struct tcp_info info = { .tcpi_segs_out = 0 };
    socklen_t len = sizeof info;

    return getsockopt(b->sock, IPPROTO_TCP, TCP_INFO, &info, &len) != 0 ||
           info.tcpi_segs_out + 2 >= b->act->what.packets;
}

/* Counts what the kernel has sent, and the reset. */
void streams_close(broker *b)
{
    static const covey_audit_limits quiet = { .packets_s = 1, .bytes_s = 1 };
    audit_run *r = b->run;
    struct tcp_info info;
    socklen_t len = sizeof info;

    if (b->sock >= 0 && !b->connected) {
        close(b->sock);
        b->sock = -1;
    }
    if (b->sock < 0) {
        return;
    }
    deafen(b);
    memset(&info, 0, sizeof info);
    if (getsockopt(b->sock, IPPROTO_TCP, TCP_INFO, &info, &len) != 0) {
        guard_stop(&r->guard, STOP_EVIDENCE);
    }
    /* a connection that was refused or closed is not reset */
    const bool resets =
        info.tcpi_state == ESTABLISHED || info.tcpi_state == CLOSE_WAIT;
    b->packets = info.tcpi_segs_out + (resets ? 1 : 0);
    b->packets = b->packets > 0 ? b->packets : 1; /* the SYN */
    r->packets += b->packets;
    if (resets) {
        streams_note(b, true, PCAPNG_RST | PCAPNG_ACK,
                     covey_bytes_of(NULL, 0));
    }
    close(b->sock);
    b->sock = -1;
    b->connected = false;
    covey_audit_pace_sent(&r->pace, &quiet, guard_now_up(), 0);
    r->quiet = guard_now_up() + SECOND;
}

bool streams_send(broker *b, covey_bytes packet)
{
    if (!packets_may_send(b)) {
        b->outcome = OUTCOME_STOPPED;
        return false;
    }
    if (packet.len > WIRE_HELLO_MAX || b->bytes > 0) {
        b->outcome = OUTCOME_DENIED; /* one message, in one segment */
        return false;
    }
    const ssize_t n = send(b->sock, packet.ptr, packet.len, MSG_NOSIGNAL);
    b->bytes += packet.len;
    streams_note(b, true, PCAPNG_PSH | PCAPNG_ACK, packet);
    return n == (ssize_t)packet.len;
}

size_t streams_take(broker *b, size_t at)
{
    const ssize_t n = recv(b->sock, b->buffer + at, sizeof b->buffer - at, 0);

    if (n <= 0) {
        b->closed = n == 0 || errno != EAGAIN;
        if (n == 0) {
            streams_note(b, false, PCAPNG_FIN | PCAPNG_ACK,
                         covey_bytes_of(NULL, 0));
        }
        return 0;
    }
    /* Who drips would have each drop acknowledged. */
    b->closed = b->closed || is_spent(b);
    streams_note(b, false, PCAPNG_PSH | PCAPNG_ACK,
                 covey_bytes_of(b->buffer + at, (size_t)n));
    packets_answer(b, covey_bytes_of(b->buffer + at, (size_t)n));
    return (size_t)n;
}
