/* SPDX-License-Identifier: BSD-2-Clause */
/* What came out of a capture, counted: per kind of message, per reason why no
 * rule fitted, and the packets that did not come back. The report prints
 * it. */
#ifndef COVEY_APP_SCHC_TALLY_H
#define COVEY_APP_SCHC_TALLY_H

#include "schc_session.h"

enum {
    SCHC_KINDS_MAX = 64,
    SCHC_REASONS_MAX = 32,
    SCHC_FAILURES_MAX = 20,
    SCHC_KIND_NAME_MAX = 64
};

/* Sums over packets that could be sent. Bits without padding. */
typedef struct schc_sums {
    uint32_t packets;
    uint32_t compressed; /* by a compression rule */
    uint32_t refused;    /* no rule at all: in none of the sums below */
    uint64_t bytes_before;
    uint64_t bits_after;
    uint64_t header_bits; /* RuleID and residue of the compressed */
} schc_sums;

typedef struct schc_kind {
    char name[SCHC_KIND_NAME_MAX]; /* "CON GET /rd" */
    covey_schc_direction direction;
    schc_sums sums;
} schc_kind;

typedef struct schc_reason {
    uint16_t rule;
    covey_schc_finding finding;
    uint32_t count;
    uint32_t first; /* frame */
    char text[160]; /* for that frame */
} schc_reason;

typedef struct schc_failure {
    uint32_t number; /* of the frame */
    uint16_t rule;
    size_t at;       /* first byte that differs */
    size_t back_len; /* bytes that came back; 0 if nothing */
    size_t len;
} schc_failure;

typedef struct schc_tally {
    schc_kind kinds[SCHC_KINDS_MAX];
    size_t kind_count;
    schc_reason reasons[SCHC_REASONS_MAX];
    size_t reason_count;
    uint32_t reasons_unknown; /* packets whose reason was not looked for */
    schc_failure failures[SCHC_FAILURES_MAX];
    uint32_t failed;
    uint32_t verified;
    uint32_t lossy; /* compressed by a lossy rule: not compared */
    uint32_t not_ipv6;
    uint32_t strangers; /* neither from nor to the device */
    uint32_t offloaded;
    schc_sums all;
} schc_tally;

/* One packet's outcome. */
typedef struct schc_result {
    covey_status status;
    bool compressed;
    uint32_t header_bits;
    uint32_t bits;
} schc_result;

void schc_tally_add(schc_tally *t, covey_schc_direction direction,
                    covey_bytes coap, size_t bytes_before,
                    const schc_result *r);
void schc_tally_reason(schc_tally *t, const covey_schc_context *ctx,
                       covey_schc_direction direction, covey_bytes packet,
                       uint32_t number);
void schc_tally_failure(schc_tally *t, const schc_failure *f);
/* Most packets first. */
void schc_tally_sort(schc_tally *t);

#endif
