/* SPDX-License-Identifier: BSD-2-Clause */
/* A thin link, without its radio: CoAP messages become SCHC packets (RFC 8724
 * Section 7) before they leave in a datagram, and again messages when they
 * come. Both ends have the same rules, and the device compresses Up what the
 * other end compresses Down. There is no fragmentation, so the bearer has to
 * take a whole packet.
 *
 * What no compression rule fits goes whole behind the RuleID of the first rule
 * of nature no-compression, if the rules have one; without, it does not go. */
#ifndef COVEY_SHELL_SCHC_LINK_H
#define COVEY_SHELL_SCHC_LINK_H

#include <covey/schc.h>

#include <stdio.h>

enum {
    /* A packet is not longer than its message and so many bytes: a RuleID, and
     * sizes of options that take more bits than there. */
    SCHC_LINK_MORE = 24
};

/* "0-255", decimal or with 0x: Message IDs with all but some last bits in
 * common, as struct covey_message_parameters has them. False: no such range.
 */
bool schc_link_range(const char *text, uint16_t *first, uint8_t *bits);

typedef struct schc_link schc_link;

typedef struct schc_link_options {
    const char *rules;          /* a file, covey-rules(5) */
    covey_schc_direction sends; /* of what leaves; UP if this is the device */
    size_t message_max;         /* the longest message */
} schc_link_options;

/* NULL: `messages` were told why, each with a line and the manual. The rules
 * must be about CoAP alone (stack "coap"): the bearer has what is below. */
schc_link *schc_link_open(const schc_link_options *options, FILE *messages);
/* NULL is allowed. */
void schc_link_close(schc_link *k);

/* Appends the packet of a message, as covey_schc_compress: nothing is there
 * unless it says OK. `out` has not failed. */
COVEY_MUST_USE covey_status schc_link_compress(schc_link *k,
                                               covey_bytes message,
                                               covey_writer *out);
/* *message lives until the next call. As covey_schc_decompress: nothing that
 * anybody sends does harm. */
COVEY_MUST_USE covey_status schc_link_decompress(schc_link *k,
                                                 covey_bytes packet,
                                                 covey_bytes *message);
/* Which rule a packet names: its RuleID and how many bits that has. False:
 * none of ours. */
bool schc_link_rule_of(const schc_link *k, covey_bytes packet, uint32_t *id,
                       unsigned *bits);

/* One way. */
typedef struct schc_link_count {
    uint64_t packets;
    uint64_t message_bytes; /* before compression, after decompression */
    uint64_t packet_bytes;
    uint64_t whole;   /* of the packets: by a rule of no-compression */
    uint64_t refused; /* no rule, or no packet */
} schc_link_count;

schc_link_count schc_link_sent(const schc_link *k);
schc_link_count schc_link_received(const schc_link *k);

#endif
