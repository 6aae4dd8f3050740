/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a message comes from and where it goes to. The core compares
 * addresses and hands them back; only the shell knows sockets. */
#ifndef COVEY_ADDRESS_H
#define COVEY_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef enum covey_family {
    COVEY_FAMILY_NONE = 0, /* a stream, or no address at all */
    COVEY_FAMILY_IPV4 = 4,
    COVEY_FAMILY_IPV6 = 6
} covey_family;

/* Every field takes part in the comparison; fields that a family does not use
 * are zero. */
typedef struct covey_address {
    uint8_t ip[16]; /* network byte order; IPv4 in the first four */
    uint32_t zone;  /* interface index of a link-local address, else 0 */
    uint16_t port;  /* host byte order */
    uint8_t family; /* covey_family */
} covey_address;

typedef enum covey_transport {
    COVEY_UDP = 0,
    COVEY_DTLS,
    COVEY_TCP,
    COVEY_TLS
} covey_transport;

/* One way between this endpoint and another; RFC 7252 Section 5.3.2 matches
 * by it. Over streams, DTLS and TLS `connection` stands for the peer. */
typedef struct covey_path {
    covey_address peer;
    covey_address local; /* as addressed; may be all zero when sending */
    uint32_t interface;  /* index; 0: not known, or any */
    uint32_t connection; /* 0: none */
    uint8_t transport;   /* covey_transport */
    bool group;          /* arrival: sent to a multicast address;
                             departure: peer is one */
} covey_path;

/* The peer of a path alone, in half the space. Private. */
typedef struct covey_peer {
    uint8_t ip[16];
    uint32_t zone;
    uint32_t connection;
    uint16_t port;
    uint8_t family;
    uint8_t transport;
} covey_peer;

covey_peer covey_peer_of(const covey_path *path);
/* A path to it: what else there is of one is zero. */
covey_path covey_peer_path(const covey_peer *peer);
/* As covey_path_same_peer. */
bool covey_peer_is(const covey_peer *peer, const covey_path *path);

bool covey_address_equal(const covey_address *a, const covey_address *b);
/* 224.0.0.0/4 and ff00::/8. */
bool covey_address_is_group(const covey_address *a);
/* 127.0.0.0/8 and ::1. */
bool covey_address_is_loopback(const covey_address *a);
/* The same endpoint on the other side: by connection if there is one, else by
 * address (RFC 7252 Section 4.1). */
bool covey_path_same_peer(const covey_path *a, const covey_path *b);
/* Spreads peers over tables, keyed so that nobody can aim at one chain. */
uint32_t covey_path_hash(const covey_path *path, uint64_t key);

#endif
