/* SPDX-License-Identifier: BSD-2-Clause */
/* The CoAP packets of a capture, kept in memory: all of the file is read
 * before anything is judged, because who speaks CoAP, and who the device is,
 * may only become clear later in it. */
#ifndef COVEY_APP_SCHC_FLOW_H
#define COVEY_APP_SCHC_FLOW_H

#include <capture.h>

#include <stdio.h>

/* One UDP datagram; offsets are into schc_flow.memory. */
typedef struct schc_packet {
    uint32_t number; /* of the frame, from 1 */
    uint8_t version; /* of IP */
    bool coap;       /* on the port, or of a conversation that was */
    size_t ip_off;
    uint32_t ip_len;
    uint32_t udp_off; /* from ip_off */
    uint32_t udp_len;
    capture_endpoint source;
    capture_endpoint destination;
} schc_packet;

typedef struct schc_flow {
    char link[96];
    uint32_t frames;
    uint32_t verdicts[CAPTURE_VERDICTS];
    uint32_t coap; /* packets that are CoAP */
    schc_packet *packets;
    size_t count;
    uint8_t *memory;
    char broken[CAPTURE_ERROR_MAX]; /* why reading stopped early, or "" */
} schc_flow;

/* Reads a capture; `port` is where CoAP is spoken. An exit code of cmd.h; not
 * EXIT_DONE: the fault was printed and nothing is to be freed. A capture that
 * breaks off is used as far as it goes. */
int schc_flow_read(schc_flow *flow, const char *path, uint16_t port);
void schc_flow_free(schc_flow *flow);

covey_bytes schc_flow_ip(const schc_flow *flow, const schc_packet *p);
covey_bytes schc_flow_udp(const schc_flow *flow, const schc_packet *p);
/* The UDP payload. */
covey_bytes schc_flow_coap(const schc_flow *flow, const schc_packet *p);

/* A UDP checksum that holds only the sum of the pseudo-header: the network
 * card was to complete it after the capture saw the packet. */
bool schc_flow_offloaded(const schc_flow *flow, const schc_packet *p);
/* Completes such checksums in place; how many. */
uint32_t schc_flow_complete(schc_flow *flow);

#endif
