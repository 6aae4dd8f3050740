/* SPDX-License-Identifier: BSD-2-Clause */
/* One packet and its SCHC packet side by side, cut into parts: what the
 * printers of text, JSON and HTML all draw. */
#ifndef COVEY_APP_SCHC_VIEW_H
#define COVEY_APP_SCHC_VIEW_H

#include "schc_session.h"
#include "schc_value.h"

typedef enum schc_part_kind {
    SCHC_PART_RULE_ID,
    SCHC_PART_FIELD,
    SCHC_PART_PAYLOAD, /* also the whole packet without compression */
    SCHC_PART_PADDING
} schc_part_kind;

typedef struct schc_part {
    schc_part_kind kind;
    const covey_schc_field *field;  /* NULL unless SCHC_PART_FIELD */
    unsigned line;                  /* in the rule file; 0 if unknown */
    char name[COVEY_SCHC_NAME_MAX]; /* without "fid-" */
    uint32_t packet_off;            /* bits */
    uint32_t packet_bits;
    uint32_t more_off;  /* bits: the extension of a TKL (RFC 8974), which */
    uint32_t more_bits; /* stands behind the Message ID; else 0 bits */
    uint32_t schc_off;  /* bits */
    uint32_t schc_bits; /* with the size prefix */
    uint8_t size_bits;  /* of the size prefix */
    uint16_t entry;     /* match-mapping: which target value */
    char *text;         /* the value for people; may be "" */
    char *hex;          /* the value in hex */
} schc_part;

typedef struct schc_view {
    covey_schc_direction direction;
    covey_schc_stack stack;
    const covey_schc_rule *rule;
    uint16_t rule_index;
    unsigned rule_line;
    char rule_name[SCHC_RULE_NAME_MAX];
    covey_bytes packet; /* into packet_memory */
    covey_bytes schc;   /* into schc_memory; padded to a byte */
    uint32_t schc_bits; /* without padding */
    uint32_t payload;   /* bits: where the payload begins in schc */
    uint8_t *packet_memory;
    uint8_t *schc_memory;
    schc_part *parts; /* once explained */
    size_t count;
} schc_view;

/* Compresses (and decompresses again, to be sure), or decompresses; without
 * parts. EXIT_DONE: to be freed. Otherwise the fault was printed. */
int schc_view_compress(schc_view *v, const schc_session *s,
                       covey_bytes packet);
int schc_view_decompress(schc_view *v, const schc_session *s,
                         covey_bytes schc);
/* Cuts into parts. Not EXIT_DONE: the fault was printed; still to be freed. */
int schc_view_explain(schc_view *v, const schc_session *s);
void schc_view_free(schc_view *v);

/* The part that bit `off` of the packet, or of the SCHC packet, belongs to;
 * -1 for syntax of CoAP (option headers, payload marker). */
int schc_view_packet_owner(const schc_view *v, uint32_t off);
int schc_view_schc_owner(const schc_view *v, uint32_t off);

/* "equal", "not-sent": without the prefix of RFC 9363; "" if the part is no
 * field. */
const char *schc_part_mo(const schc_part *p);
const char *schc_part_cda(const schc_part *p);
/* "up", "down", "bi". */
const char *schc_part_direction(const schc_part *p);

#endif
