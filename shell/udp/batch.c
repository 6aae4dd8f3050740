/* SPDX-License-Identifier: BSD-2-Clause */
/* Batches of datagrams, in and out. */
#include "internal.h"

#include <errno.h>
#include <string.h>

/* The address that the datagram was sent to, and the interface. */
static void read_control(struct msghdr *h, covey_path *path)
{
    struct in_pktinfo v4;
    struct in6_pktinfo v6;

    for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c != NULL;
         c = CMSG_NXTHDR(h, c)) {
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            memcpy(&v4, CMSG_DATA(c), sizeof v4);
            memcpy(path->local.ip, &v4.ipi_addr, sizeof v4.ipi_addr);
            path->interface = (uint32_t)v4.ipi_ifindex;
        } else if (c->cmsg_level == IPPROTO_IPV6 &&
                   c->cmsg_type == IPV6_PKTINFO) {
            memcpy(&v6, CMSG_DATA(c), sizeof v6);
            memcpy(path->local.ip, &v6.ipi6_addr, sizeof v6.ipi6_addr);
            path->interface = v6.ipi6_ifindex;
        }
    }
}

/* After a call that failed: interrupted, or an earlier datagram's ICMP error
 * is told now, once (udp_unreachable has the details)? Then nothing is wrong
 * with this call. */
static bool again(void)
{
    switch (errno) {
    case EINTR:
    case ECONNREFUSED:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
        return true;
    default:
        return false;
    }
}

size_t udp_receive(udp_socket *s)
{
    udp_batch *b = &s->in;
    int n;

    /* Only what the last call has changed. */
    for (size_t i = 0; i < b->count; i++) {
        b->messages[i].msg_hdr.msg_namelen = sizeof b->peers[i];
        b->messages[i].msg_hdr.msg_controllen = sizeof b->control[i];
    }
    b->count = 0;
    s->kept_count = 0;
    do {
        n = recvmmsg(s->fd, b->messages, UDP_BATCH, MSG_DONTWAIT, NULL);
    } while (n < 0 && again());
    if (n <= 0) {
        return 0;
    }
    b->count = (size_t)n;
    for (size_t i = 0; i < b->count; i++) {
        if ((b->messages[i].msg_hdr.msg_flags & MSG_TRUNC) == 0) {
            s->kept[s->kept_count++] = (uint8_t)i;
        }
    }
    s->counters.too_long += b->count - s->kept_count;
    s->counters.received += s->kept_count;
    return s->kept_count;
}

covey_bytes udp_datagram(const udp_socket *s, size_t i, covey_path *path)
{
    const size_t at = s->kept[i];
    const udp_batch *b = &s->in;
    struct msghdr h = b->messages[at].msg_hdr;

    memset(path, 0, sizeof *path);
    path->peer = address_from_system(&b->peers[at]);
    path->local = s->local;
    read_control(&h, path);
    path->group = covey_address_is_group(&path->local);
    return covey_bytes_of(b->spans[at].iov_base, b->messages[at].msg_len);
}

covey_writer udp_departure(udp_socket *s)
{
    covey_writer w;

    if (s->out.count == UDP_BATCH) {
        w = covey_writer_of(s->out.bytes, 0);
        w.failed = COVEY_E_ROOM;
        return w;
    }
    return covey_writer_of(s->out.spans[s->out.count].iov_base,
                           s->datagram_max);
}

/* Where it leaves from: the address that was asked, never a group's; else the
 * one that the socket is bound to, which may be all. The interface is for
 * groups: to one peer the way back need not be the way that it came. */
static void write_control(struct msghdr *h, const udp_socket *s,
                          const covey_path *path)
{
    struct cmsghdr *c = h->msg_control;
    const uint32_t interface =
        covey_address_is_group(&path->peer) ? path->interface : 0;
    struct in_pktinfo v4 = { .ipi_ifindex = (int)interface };
    struct in6_pktinfo v6 = { .ipi6_ifindex = interface };
    const covey_address *from = path->local.family == s->local.family &&
                                        !covey_address_is_group(&path->local)
                                    ? &path->local
                                    : &s->local;

    if (s->local.family == COVEY_FAMILY_IPV4) {
        memcpy(&v4.ipi_spec_dst, from->ip, sizeof v4.ipi_spec_dst);
        c->cmsg_level = IPPROTO_IP;
        c->cmsg_type = IP_PKTINFO;
        c->cmsg_len = CMSG_LEN(sizeof v4);
        memcpy(CMSG_DATA(c), &v4, sizeof v4);
        h->msg_controllen = CMSG_SPACE(sizeof v4);
        return;
    }
    memcpy(&v6.ipi6_addr, from->ip, sizeof v6.ipi6_addr);
    c->cmsg_level = IPPROTO_IPV6;
    c->cmsg_type = IPV6_PKTINFO;
    c->cmsg_len = CMSG_LEN(sizeof v6);
    memcpy(CMSG_DATA(c), &v6, sizeof v6);
    h->msg_controllen = CMSG_SPACE(sizeof v6);
}

void udp_commit(udp_socket *s, const covey_path *path,
                const covey_writer *written)
{
    udp_batch *b = &s->out;
    struct msghdr *h = &b->messages[b->count].msg_hdr;

    b->spans[b->count].iov_len = written->pos;
    h->msg_namelen = address_to_system(&path->peer, &b->peers[b->count]);
    h->msg_control = &b->control[b->count];
    write_control(h, s, path);
    b->count++;
}

/* As many as the system takes of what is left; 0: none, errno says why. */
static size_t send_some(const udp_socket *s, udp_batch *b)
{
    int n = sendmmsg(s->fd, b->messages + s->first,
                     (unsigned)(b->count - s->first), MSG_DONTWAIT);

    /* An error of an earlier datagram is told once; a second one is this
     * datagram's own. */
    if (n < 0 && again()) {
        n = sendmmsg(s->fd, b->messages + s->first,
                     (unsigned)(b->count - s->first), MSG_DONTWAIT);
    }
    return n > 0 ? (size_t)n : 0;
}

bool udp_flush(udp_socket *s)
{
    udp_batch *b = &s->out;

    while (s->first < b->count) {
        const size_t n = send_some(s, b);
        s->first += n;
        s->counters.sent += n;
        if (n > 0) {
            continue;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return false;
        }
        s->counters.failed++;
        s->counters.last_error = errno;
        s->first++;
    }
    s->first = 0;
    b->count = 0;
    return true;
}

void udp_discard(udp_socket *s)
{
    s->first = 0;
    s->out.count = 0;
}

bool udp_unreachable(udp_socket *s, covey_path *path)
{
    udp_control control;
    system_address peer;
    struct msghdr h;
    uint8_t byte;
    struct iovec span = { &byte, sizeof byte };
    ssize_t n;

    memset(&h, 0, sizeof h);
    memset(&peer, 0, sizeof peer);
    h.msg_name = &peer;
    h.msg_namelen = sizeof peer;
    h.msg_iov = &span;
    h.msg_iovlen = 1;
    h.msg_control = &control;
    h.msg_controllen = sizeof control;
    do {
        n = recvmsg(s->fd, &h, MSG_ERRQUEUE | MSG_DONTWAIT);
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        return false;
    }
    memset(path, 0, sizeof *path);
    path->peer = address_from_system(&peer);
    path->local = s->local;
    return true;
}
