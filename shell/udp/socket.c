/* SPDX-License-Identifier: BSD-2-Clause */
/* The socket: opened, bound, and a member of groups. */
#include "internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One option that has the same meaning in both families. */
struct pair {
    int v4;
    int v6;
};

static const struct pair packet_info = { IP_PKTINFO, IPV6_RECVPKTINFO };
static const struct pair errors = { IP_RECVERR, IPV6_RECVERR };
static const struct pair hops = { IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS };
static const struct pair loop = { IP_MULTICAST_LOOP, IPV6_MULTICAST_LOOP };
/* Only groups that this socket joined, not those of others (Linux). */
static const struct pair all = { IP_MULTICAST_ALL, IPV6_MULTICAST_ALL };

static bool is_v4(const udp_socket *s)
{
    return s->local.family == COVEY_FAMILY_IPV4;
}

static bool set(const udp_socket *s, struct pair option, int value)
{
    return setsockopt(s->fd, is_v4(s) ? IPPROTO_IP : IPPROTO_IPV6,
                      is_v4(s) ? option.v4 : option.v6, &value,
                      sizeof value) == 0;
}

static bool set_interface(const udp_socket *s, uint32_t interface)
{
    const struct ip_mreqn v4 = { .imr_ifindex = (int)interface };
    const int v6 = (int)interface;

    if (is_v4(s)) {
        return setsockopt(s->fd, IPPROTO_IP, IP_MULTICAST_IF, &v4,
                          sizeof v4) == 0;
    }
    return setsockopt(s->fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &v6,
                      sizeof v6) == 0;
}

/* What an ordinary process may have is bounded (net.core.rmem_max). */
static void set_receive_buffer(const udp_socket *s, uint32_t bytes)
{
    const int value = bytes < INT32_MAX / 2 ? (int)bytes : INT32_MAX / 2;

    if (setsockopt(s->fd, SOL_SOCKET, SO_RCVBUFFORCE, &value, sizeof value) !=
        0) {
        (void)setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &value, sizeof value);
    }
}

static bool configure(const udp_socket *s, const udp_options *o)
{
    const int yes = 1;
    bool ok = set(s, packet_info, 1) && set(s, errors, 1) && set(s, all, 0) &&
              set(s, hops, o->hops != 0 ? o->hops : 1) &&
              set(s, loop, !o->no_loop);

    if (ok && !is_v4(s)) {
        ok = setsockopt(s->fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes) ==
             0;
    }
    if (ok && o->reuse_port) {
        ok =
            setsockopt(s->fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes) == 0;
    }
    if (ok && o->interface != 0) {
        ok = set_interface(s, o->interface);
    }
    return ok;
}

static bool bind_to(udp_socket *s)
{
    system_address a;
    socklen_t len = address_to_system(&s->local, &a);

    if (bind(s->fd, &a.any, len) != 0) {
        return false;
    }
    len = sizeof a;
    if (getsockname(s->fd, &a.any, &len) != 0) {
        return false;
    }
    s->local = address_from_system(&a);
    return true;
}

/* Everything about a batch that does not change. */
static bool prepare(udp_batch *b, size_t datagram_max)
{
    b->bytes = calloc(UDP_BATCH, datagram_max);
    if (b->bytes == NULL) {
        return false;
    }
    for (size_t i = 0; i < UDP_BATCH; i++) {
        struct msghdr *h = &b->messages[i].msg_hdr;
        b->spans[i].iov_base = b->bytes + i * datagram_max;
        b->spans[i].iov_len = datagram_max;
        h->msg_name = &b->peers[i];
        h->msg_namelen = sizeof b->peers[i];
        h->msg_iov = &b->spans[i];
        h->msg_iovlen = 1;
        h->msg_control = &b->control[i];
        h->msg_controllen = sizeof b->control[i];
    }
    return true;
}

static udp_socket *fail(udp_socket *s, const char *what,
                        const covey_address *local, char error[UDP_ERROR_MAX])
{
    char text[ADDRESS_TEXT_MAX];
    const int reason = errno;

    snprintf(error, UDP_ERROR_MAX, "%s: %s: %s", address_text(local, text),
             what, strerror(reason));
    udp_close(s);
    return NULL;
}

udp_socket *udp_open(const udp_options *o, char error[UDP_ERROR_MAX])
{
    const covey_address *local = &o->local;
    udp_socket *s = calloc(1, sizeof *s);

    if (s == NULL) {
        return fail(s, "memory", local, error);
    }
    s->fd = -1;
    s->local = *local;
    s->datagram_max =
        o->datagram_max != 0 ? o->datagram_max : UDP_DATAGRAM_DEFAULT;
    errno = EINVAL;
    if (s->datagram_max > UDP_DATAGRAM_MAX) {
        return fail(s, "the longest datagram", local, error);
    }
    if (local->family == COVEY_FAMILY_NONE) {
        return fail(s, "an address of IPv4 or IPv6 is wanted", local, error);
    }
    if (!prepare(&s->in, s->datagram_max) ||
        !prepare(&s->out, s->datagram_max)) {
        return fail(s, "memory", local, error);
    }
    s->fd = socket(is_v4(s) ? AF_INET : AF_INET6,
                   SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s->fd < 0 || !configure(s, o)) {
        return fail(s, "a UDP socket", local, error);
    }
    if (o->receive_buffer != 0) {
        set_receive_buffer(s, o->receive_buffer);
    }
    if (!bind_to(s)) {
        return fail(s, "cannot be bound", local, error);
    }
    return s;
}

void udp_close(udp_socket *s)
{
    if (s == NULL) {
        return;
    }
    if (s->fd >= 0) {
        close(s->fd);
    }
    free(s->in.bytes);
    free(s->out.bytes);
    free(s);
}

int udp_fd(const udp_socket *s)
{
    return s->fd;
}

covey_address udp_local(const udp_socket *s)
{
    return s->local;
}

udp_counters udp_counters_of(const udp_socket *s)
{
    return s->counters;
}

static bool membership(udp_socket *s, const covey_address *group,
                       uint32_t interface, bool join,
                       char error[UDP_ERROR_MAX])
{
    char text[ADDRESS_TEXT_MAX];
    struct group_req r = { .gr_interface = interface };
    system_address a;
    int option = MCAST_LEAVE_GROUP;

    address_to_system(group, &a);
    memcpy(&r.gr_group, &a, sizeof a);
    if (join) {
        option = MCAST_JOIN_GROUP;
    }
    if (group->family == s->local.family && covey_address_is_group(group) &&
        setsockopt(s->fd, is_v4(s) ? IPPROTO_IP : IPPROTO_IPV6, option, &r,
                   sizeof r) == 0) {
        return true;
    }
    if (join && errno == EADDRINUSE) {
        return true; /* it is one already */
    }
    if (group->family != s->local.family || !covey_address_is_group(group)) {
        errno = EADDRNOTAVAIL;
    }
    snprintf(error, UDP_ERROR_MAX, "%s: group cannot be %s: %s",
             address_text(group, text), join ? "joined" : "left",
             strerror(errno));
    return false;
}

bool udp_join(udp_socket *s, const covey_address *group, uint32_t interface,
              char error[UDP_ERROR_MAX])
{
    return membership(s, group, interface, true, error);
}

bool udp_leave(udp_socket *s, const covey_address *group, uint32_t interface,
               char error[UDP_ERROR_MAX])
{
    return membership(s, group, interface, false, error);
}
