/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COVEY_SHELL_UDP_INTERNAL_H
#define COVEY_SHELL_UDP_INTERNAL_H

#include "udp.h"

#include <system_address.h>

enum {
    /* Room for the packet information of either family. */
    UDP_CONTROL_MAX = CMSG_SPACE(sizeof(struct in6_pktinfo))
};

typedef union udp_control {
    size_t alignment; /* that of struct cmsghdr */
    uint8_t bytes[UDP_CONTROL_MAX];
} udp_control;

/* One direction: as many of everything as a batch has. */
typedef struct udp_batch {
    struct mmsghdr messages[UDP_BATCH];
    struct iovec spans[UDP_BATCH];
    system_address peers[UDP_BATCH];
    udp_control control[UDP_BATCH];
    uint8_t *bytes; /* UDP_BATCH times datagram_max */
    size_t count;
} udp_batch;

struct udp_socket {
    int fd;
    covey_address local;
    size_t datagram_max;
    udp_counters counters;
    size_t first; /* of the queue that has not been sent */
    size_t kept_count;
    uint8_t kept[UDP_BATCH]; /* of the last batch received */
    udp_batch in;
    udp_batch out;
};

#endif
