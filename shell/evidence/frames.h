/* SPDX-License-Identifier: BSD-2-Clause */
/* The packets of an audit as a capture, each with a comment. Written from what
 * the sockets say, without privileges: what TCP needs to carry them (sequence
 * numbers, segments) is made up. */
#ifndef COVEY_SHELL_EVIDENCE_FRAMES_H
#define COVEY_SHELL_EVIDENCE_FRAMES_H

#include <covey/address.h>
#include <covey/bytes.h>

typedef struct pcapng pcapng;

/* Control bits of TCP (RFC 9293 Section 3.1). */
enum {
    PCAPNG_FIN = 1,
    PCAPNG_SYN = 2,
    PCAPNG_RST = 4,
    PCAPNG_PSH = 8,
    PCAPNG_ACK = 16
};

typedef struct pcapng_packet {
    int64_t ms; /* since 1970 */
    covey_address from;
    covey_address to;
    /* Behind the headers of UDP or TCP; of any other protocol all that is
     * behind IP. */
    covey_bytes payload;
    const char *comment; /* up to 400 bytes */
    uint8_t protocol;    /* of IP; 0: UDP */
    uint8_t flags;       /* of TCP */
    uint32_t seq;        /* of TCP */
    uint32_t ack;        /* of TCP */
} pcapng_packet;

/* `whole`: with payloads; otherwise the headers alone, with the length that
 * the packet had. NULL: errno says why; it must not exist. */
pcapng *pcapng_create(const char *path, bool whole);
/* False: it could not be written, or a packet is too long. */
bool pcapng_write(pcapng *p, const pcapng_packet *packet);
/* NULL is allowed. */
void pcapng_close(pcapng *p);

#endif
