/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlink.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void netlink_put(netlink *n, const void *value, size_t len)
{
    const size_t at = NLMSG_ALIGN(n->request.header.nlmsg_len);

    /* requests are ours, and short */
    if (len > 0 && len <= NETLINK_ROOM - at) {
        memcpy(n->request.bytes + at, value, len);
        n->request.header.nlmsg_len = (uint32_t)(at + len);
    }
}

void netlink_begin(netlink *n, uint16_t type, uint16_t flags,
                   const void *fixed, size_t len)
{
    memset(n, 0, sizeof *n);
    n->request.header.nlmsg_len = sizeof n->request.header;
    n->request.header.nlmsg_type = type;
    n->request.header.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
    n->request.header.nlmsg_seq = 1;
    netlink_put(n, fixed, len);
}

void netlink_add(netlink *n, uint16_t type, const void *value, size_t len)
{
    const struct rtattr a = { .rta_len = (uint16_t)(sizeof a + len),
                              .rta_type = type };

    netlink_put(n, &a, sizeof a);
    netlink_put(n, value, len);
}

size_t netlink_open(netlink *n, uint16_t type)
{
    const size_t at = NLMSG_ALIGN(n->request.header.nlmsg_len);

    netlink_add(n, type, n, 0);
    return at;
}

void netlink_close(netlink *n, size_t at)
{
    struct rtattr a;

    memcpy(&a, n->request.bytes + at, sizeof a);
    a.rta_len = (uint16_t)(n->request.header.nlmsg_len - at);
    memcpy(n->request.bytes + at, &a, sizeof a);
}

/* 0, or what the kernel says is wrong. */
static int error_of(const netlink *n)
{
    struct nlmsgerr e;

    if (n->answer_len < sizeof n->answer.header) {
        return EPROTO;
    }
    if (n->answer.header.nlmsg_type != NLMSG_ERROR) {
        return 0;
    }
    if (n->answer_len < NLMSG_LENGTH(sizeof e)) {
        return EPROTO;
    }
    memcpy(&e, n->answer.bytes + NLMSG_HDRLEN, sizeof e);
    return -e.error;
}

bool netlink_ask(netlink *n)
{
    const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    const size_t len = n->request.header.nlmsg_len;
    bool good = fd >= 0 && send(fd, n->request.bytes, len, 0) == (ssize_t)len;

    if (good) {
        const ssize_t got =
            recv(fd, n->answer.bytes, sizeof n->answer.bytes, 0);
        good = got > 0;
        n->answer_len = good ? (size_t)got : 0;
    }
    if (fd >= 0) {
        close(fd);
    }
    if (good) {
        errno = error_of(n);
        good = errno == 0;
    }
    return good;
}

const void *netlink_find(const netlink *n, size_t fixed, uint16_t type,
                         size_t len)
{
    struct rtattr a;

    for (size_t at = NLMSG_HDRLEN + NLMSG_ALIGN(fixed);
         at + sizeof a <= n->answer_len;) {
        memcpy(&a, n->answer.bytes + at, sizeof a);
        if (a.rta_len < sizeof a || a.rta_len > n->answer_len - at) {
            return NULL;
        }
        if (a.rta_type == type) {
            return a.rta_len - sizeof a >= len
                       ? n->answer.bytes + at + sizeof a
                       : NULL;
        }
        at += RTA_ALIGN(a.rta_len);
    }
    return NULL;
}
