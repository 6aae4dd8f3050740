/* SPDX-License-Identifier: BSD-2-Clause */
/* UDP in batches: one system call receives many datagrams and one sends many
 * (recvmmsg, sendmmsg). Every datagram comes with the address that it was sent
 * to, so that the answer can leave from there, and with its interface. IPv4
 * and IPv6, one of them per socket.
 *
 * Not a loop: whoever has one watches udp_fd. */
#ifndef COVEY_SHELL_UDP_H
#define COVEY_SHELL_UDP_H

#include <covey/address.h>
#include <covey/bytes.h>

#include <stddef.h>
#include <stdint.h>

enum {
    UDP_BATCH = 64, /* datagrams per system call, each way */
    UDP_DATAGRAM_DEFAULT = 2048,
    UDP_DATAGRAM_MAX = 65535,
    UDP_ERROR_MAX = 256
};

typedef struct udp_socket udp_socket;

typedef struct udp_options {
    covey_address local; /* port 0: any; address 0: all. The family counts. */
    size_t datagram_max; /* bytes, either way; 0: UDP_DATAGRAM_DEFAULT */
    bool reuse_port;     /* several workers on one port */
    uint8_t hops;        /* of multicast; 0: 1, the own link */
    bool no_loop;        /* this host does not hear its own multicast */
    uint32_t interface;  /* that multicast leaves by; 0: the routes say */
    /* Bytes that the system keeps until they are received; it may give less,
     * and counts several hundred for the smallest datagram. 0: its default,
     * which is about 250 datagrams. */
    uint32_t receive_buffer;
} udp_options;

/* NULL with a sentence in `error`. */
udp_socket *udp_open(const udp_options *options, char error[UDP_ERROR_MAX]);
void udp_close(udp_socket *s);
int udp_fd(const udp_socket *s);
/* As bound: with the port that the system chose. */
covey_address udp_local(const udp_socket *s);
/* Becomes a member of a group on one interface, if it is none yet; 0 lets the
 * routes decide. */
bool udp_join(udp_socket *s, const covey_address *group, uint32_t interface,
              char error[UDP_ERROR_MAX]);
bool udp_leave(udp_socket *s, const covey_address *group, uint32_t interface,
               char error[UDP_ERROR_MAX]);

/* Receives what is there, up to UDP_BATCH datagrams; how many. What was
 * received before is gone. 0: nothing is there. Datagrams that are longer than
 * datagram_max are dropped and counted. */
size_t udp_receive(udp_socket *s);
/* One of the batch, 0 to its count less 1, until the next udp_receive. */
covey_bytes udp_datagram(const udp_socket *s, size_t i, covey_path *path);

/* Where the next datagram is to be written: an empty writer of datagram_max
 * bytes. One that has failed: the queue is full, flush first. */
covey_writer udp_departure(udp_socket *s);
/* Queues what was written there. path->local is where it leaves from, if it
 * is set, and path->interface by which, if the peer is a group. */
void udp_commit(udp_socket *s, const covey_path *path,
                const covey_writer *written);
/* Sends what is queued. False: the system takes no more now, wait until the
 * socket is writable. Datagrams that cannot be sent at all are dropped and
 * counted, as a network would do. */
bool udp_flush(udp_socket *s);
/* What is queued is forgotten. */
void udp_discard(udp_socket *s);

/* A peer of whom the network says that it cannot be reached (ICMP), one after
 * the other. False: there is none left. */
bool udp_unreachable(udp_socket *s, covey_path *path);

typedef struct udp_counters {
    uint64_t received;
    uint64_t sent;
    uint64_t too_long; /* received, and dropped */
    uint64_t failed;   /* not sent; last_error says why */
    int last_error;
} udp_counters;

udp_counters udp_counters_of(const udp_socket *s);

#endif
