/* SPDX-License-Identifier: BSD-2-Clause */
/* Captures of network traffic, pcap and pcapng, and the UDP datagrams in
 * them. A frame is taken apart by hand and never believed: every length is
 * compared with what was captured. Ethernet with VLAN tags, raw IP, Linux
 * cooked v1 and v2, and the loopback types of the BSDs; IPv4 and IPv6.
 *
 * Nothing is put together: fragments of IP are named as such. */
#ifndef COVEY_SHELL_CAPTURE_H
#define COVEY_SHELL_CAPTURE_H

#include <covey/bytes.h>

#include <stdio.h>

/* What a frame turned out to be. */
typedef enum capture_verdict {
    CAPTURE_UDP,       /* a whole UDP datagram over IPv4 or IPv6 */
    CAPTURE_NOT_IP,    /* another network layer: ARP, LLC, ... */
    CAPTURE_NOT_UDP,   /* IP with another transport: ICMPv6, TCP, ... */
    CAPTURE_FRAGMENT,  /* a piece of an IP packet */
    CAPTURE_CUT,       /* the capture kept only the beginning of the frame */
    CAPTURE_MALFORMED, /* lengths that contradict each other */
    CAPTURE_VERDICTS
} capture_verdict;

/* A word or two for people: "not IP", "fragment"; never NULL. */
const char *capture_verdict_text(capture_verdict verdict);

/* One end of a datagram. IPv4 addresses are in the last four bytes, the rest
 * is zero. */
typedef struct capture_endpoint {
    uint8_t address[16];
    uint16_t port;
} capture_endpoint;

/* A frame taken apart; spans point into the frame. Without CAPTURE_UDP only
 * the verdict, and version and ip if the header got that far, mean anything.
 */
typedef struct capture_datagram {
    unsigned version; /* 4 or 6; 0 if it is not IP */
    covey_bytes ip;   /* the packet, trimmed to the length that it states */
    covey_bytes udp;  /* UDP header and payload */
    covey_bytes payload;
    capture_endpoint source;
    capture_endpoint destination;
} capture_datagram;

/* The link types that are understood, by their numbers in libpcap
 * (pcap_datalink). */
bool capture_knows_link(int link_type);

/* Takes one frame apart. `wire_len` is how long it was before the capture
 * cut it; at least frame.len. */
capture_verdict capture_decode(int link_type, covey_bytes frame,
                               size_t wire_len, capture_datagram *out);

/* An open capture file. */
typedef struct capture_file capture_file;

#define CAPTURE_ERROR_MAX 320u

/* Opens a file, "-" for standard input. NULL with a sentence in `error` if it
 * cannot be read, is no capture, or has a link type that is not understood.
 */
capture_file *capture_open(const char *path, char error[CAPTURE_ERROR_MAX]);
/* The same of an open stream, which is closed with it, or when this fails;
 * `name` is for sentences. */
capture_file *capture_open_stream(FILE *stream, const char *name,
                                  char error[CAPTURE_ERROR_MAX]);
/* NULL is allowed. */
void capture_close(capture_file *file);
/* When the last frame was captured, in seconds since 1970. */
int64_t capture_seconds(const capture_file *file);
/* "Ethernet", "Linux cooked v1". */
const char *capture_link_name(const capture_file *file);

typedef enum capture_next_result {
    CAPTURE_FRAME, /* *out and *verdict are set, until the next call */
    CAPTURE_END,
    CAPTURE_BROKEN /* the file ends or goes wrong here; `error` says why */
} capture_next_result;

capture_next_result capture_next(capture_file *file, capture_datagram *out,
                                 capture_verdict *verdict,
                                 char error[CAPTURE_ERROR_MAX]);

#endif
