/* SPDX-License-Identifier: BSD-2-Clause */
/* The packets of an audit as a capture, each with a comment. Written from what
 * the sockets say: without privileges. UDP only. */
#ifndef COVEY_SHELL_EVIDENCE_FRAMES_H
#define COVEY_SHELL_EVIDENCE_FRAMES_H

#include <covey/address.h>
#include <covey/bytes.h>

typedef struct pcapng pcapng;

typedef struct pcapng_packet {
    int64_t ms; /* since 1970 */
    covey_address from;
    covey_address to;
    covey_bytes payload;
    const char *comment; /* up to 400 bytes */
} pcapng_packet;

/* `whole`: with payloads; otherwise the headers alone, with the length that
 * the packet had. NULL: errno says why; it must not exist. */
pcapng *pcapng_create(const char *path, bool whole);
/* False: it could not be written, or a packet is too long. */
bool pcapng_write(pcapng *p, const pcapng_packet *packet);
/* NULL is allowed. */
void pcapng_close(pcapng *p);

#endif
