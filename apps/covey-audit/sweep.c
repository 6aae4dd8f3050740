/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets that only want an answer: one datagram, one connection, one echo.
 * Nothing that comes back is read but its existence, so that no worker is
 * needed. What the kernel would send on its own is held down: one socket takes
 * all answers of UDP until the end, also the late ones, which would be met
 * with ICMP; for TCP see sweep_tcp.c. */
#include "sweep.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <system_address.h>
#include <unistd.h>

enum {
    SECOND_MS = 1000,
    COAP = 5683,
    ECHO = 16 /* bytes of an echo request behind IP */
};

const char *sweep_state_text(enum sweep_state state)
{
    static const char *const texts[SWEEP_STATES] = {
        [SWEEP_NOTHING] = NULL,
        [SWEEP_OPEN] = "open",
        [SWEEP_CLOSED] = "closed",
        [SWEEP_OPEN_OR_FILTERED] = "open|filtered",
        [SWEEP_FILTERED] = "filtered",
        [SWEEP_UNREACHABLE] = "unreachable",
        [SWEEP_ANSWERS] = "answers",
        [SWEEP_SILENT] = "silent",
        [SWEEP_NOT_AVAILABLE] = "not available",
    };

    return (unsigned)state < SWEEP_STATES ? texts[state] : NULL;
}

/* --- sockets ------------------------------------------------------------- */

static struct sweep *sweep_of(broker *b)
{
    const bool six = b->act->what.target.family == COVEY_FAMILY_IPV6;
    struct sweep **s = &b->run->sweeps[six ? 1 : 0];

    if (*s == NULL) {
        *s = calloc(1, sizeof **s);
        if (*s != NULL) {
            (*s)->udp = -1;
            (*s)->deaf = -1;
        }
    }
    return *s;
}

void sweep_end(audit_run *r)
{
    for (size_t i = 0; i < 2; i++) {
        struct sweep *s = r->sweeps[i];
        if (s != NULL && s->udp >= 0) {
            close(s->udp);
        }
        if (s != NULL && s->deaf >= 0) {
            close(s->deaf);
        }
        free(s);
        r->sweeps[i] = NULL;
    }
}

/* Errors of ICMP come with their type, their code and who says so. */
bool sweep_errors(int fd, uint8_t family)
{
    const int on = 1;

    return family == COVEY_FAMILY_IPV6
               ? setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on) ==
                     0
               : setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof on) == 0;
}

/* --- errors -------------------------------------------------------------- */

/* RFC 792, RFC 1812 Section 5.2.7.1, RFC 4443 Section 3.1. */
static enum sweep_state state_of_error(const struct sock_extended_err *e,
                                       bool from_target)
{
    const bool six = e->ee_origin == SO_EE_ORIGIN_ICMP6;

    if (e->ee_origin != SO_EE_ORIGIN_ICMP && !six) {
        return SWEEP_UNREACHABLE; /* so says this host */
    }
    if (e->ee_code == (six ? ICMPV6_PORT_UNREACH : ICMP_PORT_UNREACH)) {
        return from_target ? SWEEP_CLOSED : SWEEP_FILTERED;
    }
    if (six) {
        return e->ee_code == ICMPV6_NOROUTE ||
                       e->ee_code == ICMPV6_ADDR_UNREACH
                   ? SWEEP_UNREACHABLE
                   : SWEEP_FILTERED;
    }
    switch (e->ee_code) {
    case ICMP_PROT_UNREACH:
    case ICMP_NET_ANO:
    case ICMP_HOST_ANO:
    case ICMP_PKT_FILTERED:
        return SWEEP_FILTERED;
    default:
        return SWEEP_UNREACHABLE;
    }
}

static bool is_from(const covey_address *a, const covey_address *b)
{
    return a->family == b->family && memcmp(a->ip, b->ip, sizeof a->ip) == 0;
}

/* The next error of the socket, if it is about a packet of this act. */
enum sweep_state sweep_error(const broker *b, int fd)
{
    const covey_address *to = &b->act->what.target;
    system_address about;
    uint8_t extra[512];
    uint8_t data[64];
    struct iovec part = { data, sizeof data };
    struct msghdr m = { .msg_name = &about,
                        .msg_namelen = sizeof about,
                        .msg_iov = &part,
                        .msg_iovlen = 1,
                        .msg_control = extra,
                        .msg_controllen = sizeof extra };

    if (recvmsg(fd, &m, MSG_ERRQUEUE) < 0) {
        return SWEEP_NOTHING;
    }
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c != NULL;
         c = CMSG_NXTHDR(&m, c)) {
        struct sock_extended_err e;
        system_address who;
        if (c->cmsg_len < CMSG_LEN(sizeof e + sizeof who.v4)) {
            continue;
        }
        const size_t len = c->cmsg_len - CMSG_LEN(sizeof e);
        memcpy(&e, CMSG_DATA(c), sizeof e);
        memset(&who, 0, sizeof who);
        memcpy(&who, CMSG_DATA(c) + sizeof e,
               len < sizeof who ? len : sizeof who);
        const covey_address from = address_from_system(&who);
        const covey_address what = address_from_system(&about);
        if (b->act->what.protocol != COVEY_AUDIT_UDP ||
            covey_address_equal(&what, to)) {
            return state_of_error(&e, is_from(&from, to));
        }
    }
    return SWEEP_NOTHING;
}

/* --- UDP ----------------------------------------------------------------- */

static bool open_udp(broker *b, struct sweep *s)
{
    if (s->udp < 0) {
        s->udp = packets_socket(b, SOCK_DGRAM, &s->udp_local);
    }
    b->local = s->udp_local;
    return s->udp >= 0 && sweep_errors(s->udp, s->udp_local.family);
}

/* An answer, if it is the target's. */
static enum sweep_state take_datagram(broker *b, int fd)
{
    system_address peer;
    socklen_t len = sizeof peer;
    const ssize_t n =
        recvfrom(fd, b->buffer, sizeof b->buffer, 0, &peer.any, &len);

    if (n < 0) {
        return sweep_error(b, fd);
    }
    const covey_address from = address_from_system(&peer);
    if (!covey_address_equal(&from, &b->act->what.target)) {
        b->strangers++; /* or late */
        return SWEEP_NOTHING;
    }
    pcapng_packet k = { .from = from,
                        .to = b->local,
                        .payload = covey_bytes_of(b->buffer, (size_t)n) };
    packets_capture(b, &k);
    packets_answer(b, k.payload);
    return SWEEP_OPEN;
}

/* What comes within the patience of the mandate; `take` looks at one thing
 * that may have come. */
static enum sweep_state await(broker *b, int fd,
                              enum sweep_state (*take)(broker *b, int fd))
{
    const covey_ms patience =
        (covey_ms)b->run->terms->stop_if_silent_s * SECOND_MS;
    const covey_ms until = covey_earlier(guard_now() + patience, b->deadline);

    for (;;) {
        const guard_result g = guard_wait(&b->run->guard, fd, -1, until);
        if (g == GUARD_STOPPED) {
            b->outcome = OUTCOME_STOPPED;
            return SWEEP_NOTHING;
        }
        if (g == GUARD_TIMEOUT) {
            b->outcome = OUTCOME_SILENT;
            return SWEEP_NOTHING;
        }
        const enum sweep_state s = take(b, fd);
        if (s != SWEEP_NOTHING) {
            b->outcome = OUTCOME_DONE;
            return s;
        }
    }
}

/* A ping of CoAP where CoAP is (RFC 7252 Section 4.3), nothing elsewhere. */
static covey_bytes payload_for(const broker *b, uint8_t room[4])
{
    if (b->act->what.target.port != COAP || getrandom(room, 4, 0) != 4) {
        return covey_bytes_of(room, 0);
    }
    room[0] = 0x40;
    room[1] = 0;
    return covey_bytes_of(room, 4);
}

static bool send_datagram(broker *b, int fd, covey_bytes payload)
{
    const covey_address *to = &b->act->what.target;
    const uint32_t bytes =
        (to->family == COVEY_FAMILY_IPV6 ? 48u : 28u) + (uint32_t)payload.len;
    pcapng_packet k = { .from = b->local, .to = *to, .payload = payload };
    system_address at;
    const socklen_t len = address_to_system(to, &at);

    if (!packets_await_turn(b, 1, bytes)) {
        return false;
    }
    while (sweep_error(b, fd) != SWEEP_NOTHING) {
        /* of what was sent before */
    }
    if (sendto(fd, payload.ptr, payload.len, 0, &at.any, len) < 0) {
        b->state = SWEEP_UNREACHABLE;
        b->outcome = OUTCOME_FAILED;
        return false;
    }
    packets_count(b, 1, bytes);
    packets_capture(b, &k);
    return true;
}

/* Once more where there was no answer: hosts answer by ICMP once a second. */
static void sweep_udp(broker *b, struct sweep *s)
{
    uint8_t room[4];

    if (!open_udp(b, s)) {
        return;
    }
    for (uint32_t i = 0; i < b->act->what.packets; i++) {
        if (!send_datagram(b, s->udp, payload_for(b, room))) {
            return;
        }
        b->state = await(b, s->udp, take_datagram);
        if (b->outcome != OUTCOME_SILENT) {
            return;
        }
    }
    b->state = SWEEP_OPEN_OR_FILTERED;
}

/* --- ICMP ---------------------------------------------------------------- */

/* An echo by a socket of its own kind, which needs no privilege where the
 * administrator has not shut it out (net.ipv4.ping_group_range). */
static int open_echo(broker *b)
{
    const covey_address *to = &b->act->what.target;
    const bool six = to->family == COVEY_FAMILY_IPV6;
    const mandate_terms *t = b->run->terms;
    system_address at;

    for (size_t i = 0; i < t->source_count; i++) {
        if (t->sources[i].family != to->family) {
            continue;
        }
        socklen_t len = address_to_system(&t->sources[i], &at);
        const int fd =
            socket(at.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
                   six ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
        if (fd >= 0 && bind(fd, &at.any, len) == 0 &&
            sweep_errors(fd, to->family)) {
            b->local = t->sources[i];
            len = address_to_system(to, &at);
            if (connect(fd, &at.any, len) == 0) {
                return fd;
            }
        }
        if (fd >= 0) {
            close(fd);
        }
    }
    return -1;
}

static enum sweep_state take_echo(broker *b, int fd)
{
    const ssize_t n = recv(fd, b->buffer, sizeof b->buffer, 0);

    if (n < 0) {
        return sweep_error(b, fd);
    }
    pcapng_packet k = { .from = b->act->what.target,
                        .to = b->local,
                        .protocol = b->act->what.protocol,
                        .payload = covey_bytes_of(b->buffer, (size_t)n) };
    packets_capture(b, &k);
    packets_answer(b, k.payload);
    return SWEEP_OPEN;
}

static void sweep_icmp(broker *b)
{
    const covey_address *to = &b->act->what.target;
    const bool six = to->family == COVEY_FAMILY_IPV6;
    const uint32_t bytes = (six ? 40u : 20u) + ECHO;
    uint8_t request[ECHO] = { six ? ICMPV6_ECHO_REQUEST : ICMP_ECHO };
    const int fd = open_echo(b);

    if (fd < 0) {
        b->state = SWEEP_NOT_AVAILABLE;
        return;
    }
    if (packets_await_turn(b, 1, bytes) &&
        getrandom(request + 8, sizeof request - 8, 0) == 8 &&
        send(fd, request, sizeof request, 0) == (ssize_t)sizeof request) {
        pcapng_packet k = { .from = b->local,
                            .to = *to,
                            .protocol = b->act->what.protocol,
                            .payload = covey_bytes_of(request, ECHO) };
        packets_count(b, 1, bytes);
        packets_capture(b, &k);
        b->state = await(b, fd, take_echo);
    }
    close(fd);
}

/* --- all of them --------------------------------------------------------- */

/* A protocol answers, whatever a port says. */
static enum sweep_state of_protocol(enum sweep_state s)
{
    switch (s) {
    case SWEEP_OPEN:
    case SWEEP_CLOSED:
        return SWEEP_ANSWERS;
    case SWEEP_OPEN_OR_FILTERED:
    case SWEEP_FILTERED:
        return SWEEP_SILENT;
    case SWEEP_NOTHING:
    case SWEEP_UNREACHABLE:
    case SWEEP_ANSWERS:
    case SWEEP_SILENT:
    case SWEEP_NOT_AVAILABLE:
    case SWEEP_STATES:
        break;
    }
    return s;
}

void sweep_do(broker *b)
{
    struct sweep *s = sweep_of(b);

    if (s == NULL) {
        return;
    }
    switch (b->act->what.protocol) {
    case COVEY_AUDIT_TCP:
        sweep_tcp(b, s);
        break;
    case COVEY_AUDIT_UDP:
        sweep_udp(b, s);
        break;
    default:
        sweep_icmp(b);
        break;
    }
    if (b->run->guard.why != STOP_NONE) {
        b->outcome = OUTCOME_STOPPED;
    }
    if (b->act->what.technique == COVEY_AUDIT_PROTOCOLS) {
        b->state = b->outcome == OUTCOME_SILENT ? SWEEP_SILENT
                                                : of_protocol(b->state);
    }
}
