/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One request of rtnetlink and its answer. */
#ifndef COVEY_FENCE_NETLINK_H
#define COVEY_FENCE_NETLINK_H

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NETLINK_ROOM = 4096
};

typedef struct netlink {
    union {
        struct nlmsghdr header;
        uint8_t bytes[NETLINK_ROOM];
    } request;
    union {
        struct nlmsghdr header;
        uint8_t bytes[NETLINK_ROOM];
    } answer;
    size_t answer_len;
} netlink;

/* Begins a request with its fixed part. */
void netlink_begin(netlink *n, uint16_t type, uint16_t flags,
                   const void *fixed, size_t len);
void netlink_add(netlink *n, uint16_t type, const void *value, size_t len);
/* What comes until netlink_close belongs to this attribute. */
size_t netlink_open(netlink *n, uint16_t type);
void netlink_close(netlink *n, size_t at);
/* Bytes without an attribute around them. */
void netlink_put(netlink *n, const void *value, size_t len);

/* Sends it. False: errno says why. */
bool netlink_ask(netlink *n);
/* An attribute of the answer behind a fixed part of `fixed` bytes; NULL if it
 * is not there, or shorter than `len`. */
const void *netlink_find(const netlink *n, size_t fixed, uint16_t type,
                         size_t len);

#endif
