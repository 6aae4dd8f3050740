/* SPDX-License-Identifier: BSD-2-Clause */
/* Static Context Header Compression of IPv6, UDP and CoAP: the rule model of
 * RFC 8724 Section 7, RFC 9363 and draft-ietf-schc-8824-update-09 (RFC 8824
 * and its clarification draft-tiloca-schc-8824-update-00), the compressor,
 * the decompressor and what explains them.
 *
 * Rules are constant tables, made by hand, by `covey schc rules export-c` or
 * by shell/rules from JSON. Nothing here allocates, and no state outlives a
 * call: one rule set may serve any number of threads and links.
 *
 * Compression is lossless: a packet that a rule cannot give back bit for bit
 * does not match that rule. The only exception is asked for by name, with
 * covey_schc_rule.lossy. */
#ifndef COVEY_SCHC_H
#define COVEY_SCHC_H

#include <covey/bits.h>
#include <covey/coap_options.h>

/* Direction of a packet, RFC 8724 Section 7.1: Up is from the device. */
typedef enum covey_schc_direction {
    COVEY_SCHC_UP = 1,
    COVEY_SCHC_DOWN = 2
} covey_schc_direction;

/* Direction indicator of a field descriptor; a set of directions. */
enum {
    COVEY_SCHC_DI_UP = COVEY_SCHC_UP,
    COVEY_SCHC_DI_DOWN = COVEY_SCHC_DOWN,
    COVEY_SCHC_DI_BIDIRECTIONAL = 3
};

/* Protocol layers; a stack is a set of neighbours. COAP_INNER is the OSCORE
 * plaintext: code, options, payload (RFC 8613 Section 5.3). */
enum {
    COVEY_SCHC_LAYER_IPV6 = 1,
    COVEY_SCHC_LAYER_UDP = 2,
    COVEY_SCHC_LAYER_COAP = 4,
    COVEY_SCHC_LAYER_COAP_INNER = 8
};

typedef enum covey_schc_stack {
    COVEY_SCHC_STACK_IPV6 = 1,
    COVEY_SCHC_STACK_IPV6_UDP = 3,
    COVEY_SCHC_STACK_IPV6_UDP_COAP = 7,
    COVEY_SCHC_STACK_UDP_COAP = 6,
    COVEY_SCHC_STACK_COAP = 4,
    COVEY_SCHC_STACK_COAP_INNER = 8
} covey_schc_stack;

/* Field identifiers (FID). Those of CoAP options are COVEY_SCHC_OPTION with
 * the option's number beside it; the subfields of the OSCORE option follow
 * in the order of covey_oscore_part. */
enum {
    COVEY_SCHC_IPV6_VERSION,
    COVEY_SCHC_IPV6_TRAFFIC_CLASS, /* or DS and ECN, its two parts */
    COVEY_SCHC_IPV6_DS,
    COVEY_SCHC_IPV6_ECN,
    COVEY_SCHC_IPV6_FLOW_LABEL,
    COVEY_SCHC_IPV6_PAYLOAD_LENGTH,
    COVEY_SCHC_IPV6_NEXT_HEADER,
    COVEY_SCHC_IPV6_HOP_LIMIT,
    COVEY_SCHC_IPV6_DEV_PREFIX,
    COVEY_SCHC_IPV6_DEV_IID,
    COVEY_SCHC_IPV6_APP_PREFIX,
    COVEY_SCHC_IPV6_APP_IID,
    COVEY_SCHC_UDP_DEV_PORT,
    COVEY_SCHC_UDP_APP_PORT,
    COVEY_SCHC_UDP_LENGTH,
    COVEY_SCHC_UDP_CHECKSUM,
    COVEY_SCHC_COAP_VERSION,
    COVEY_SCHC_COAP_TYPE,
    COVEY_SCHC_COAP_TKL,
    COVEY_SCHC_COAP_CODE, /* or CLASS and DETAIL, its two parts */
    COVEY_SCHC_COAP_CODE_CLASS,
    COVEY_SCHC_COAP_CODE_DETAIL,
    COVEY_SCHC_COAP_MID,
    COVEY_SCHC_COAP_TOKEN,
    COVEY_SCHC_PAYLOAD, /* what follows the innermost header of the rule */
    COVEY_SCHC_OPTION,
    COVEY_SCHC_OSCORE_FLAGS,
    COVEY_SCHC_OSCORE_PIV,
    COVEY_SCHC_OSCORE_KID_CTX,
    COVEY_SCHC_OSCORE_X,
    COVEY_SCHC_OSCORE_NONCE,
    COVEY_SCHC_OSCORE_Y,
    COVEY_SCHC_OSCORE_OLD_NONCE,
    COVEY_SCHC_OSCORE_KID,
    COVEY_SCHC_FIELD_IDS
};

/* Field length (FL), RFC 9363 and draft-ietf-schc-8824-update-09 Section 3.1.
 */
typedef enum covey_schc_length {
    COVEY_SCHC_FL_FIXED,   /* covey_schc_field.bits */
    COVEY_SCHC_FL_VAR,     /* size in bytes is sent before the residue */
    COVEY_SCHC_FL_VAR_BIT, /* size in bits is sent before the residue */
    COVEY_SCHC_FL_TARGET,  /* not set in the rule: as the target value */
    COVEY_SCHC_FL_TKL,     /* function: bytes of the token, from TKL */
    COVEY_SCHC_FL_OSC_PIV, /* function: n of the OSCORE flags */
    COVEY_SCHC_FL_OSC_X_M, /* function: m of KUDOS x, plus 1 */
    COVEY_SCHC_FL_OSC_Y_W  /* function: w of KUDOS y, plus 1 */
} covey_schc_length;

/* Matching operators (MO), RFC 8724 Section 7.3. */
typedef enum covey_schc_mo {
    COVEY_SCHC_MO_EQUAL,
    COVEY_SCHC_MO_IGNORE,
    COVEY_SCHC_MO_MSB,
    COVEY_SCHC_MO_MATCH_MAPPING
} covey_schc_mo;

/* Compression/decompression actions (CDA), RFC 8724 Section 7.4. The two
 * compute actions of RFC 8724 are one here, as in RFC 9363: which one is
 * meant lies in the field. */
typedef enum covey_schc_cda {
    COVEY_SCHC_CDA_NOT_SENT,
    COVEY_SCHC_CDA_VALUE_SENT,
    COVEY_SCHC_CDA_MAPPING_SENT,
    COVEY_SCHC_CDA_LSB,
    COVEY_SCHC_CDA_COMPUTE,
    COVEY_SCHC_CDA_DEV_IID,
    COVEY_SCHC_CDA_APP_IID
} covey_schc_cda;

/* One target value: `bits` bits, left-aligned, the rest of the last byte
 * zero. A grouped Uri-Path is written with its slashes, "/a/b". */
typedef struct covey_schc_value {
    const uint8_t *bytes;
    uint16_t bits;
} covey_schc_value;

/* Field descriptor. */
typedef struct covey_schc_field {
    uint8_t id;        /* COVEY_SCHC_..., above */
    uint8_t position;  /* FP from 1; 0 is any: the next one not yet taken */
    uint8_t direction; /* COVEY_SCHC_DI_... */
    uint8_t length;    /* covey_schc_length */
    uint8_t mo;        /* covey_schc_mo */
    uint8_t cda;       /* covey_schc_cda */
    uint8_t segments;  /* 0; or how many Uri-Path options one value groups */
    uint16_t option;   /* option number; 9 for the OSCORE subfields; else 0 */
    uint16_t bits;     /* FL if FIXED */
    uint16_t msb;      /* argument of MSB: leading bits that are compared */
    uint16_t value_count; /* target values: 0 if TV is not set */
    const covey_schc_value *values;
} covey_schc_field;

typedef enum covey_schc_nature {
    COVEY_SCHC_COMPRESSION,
    COVEY_SCHC_NO_COMPRESSION
} covey_schc_nature;

typedef struct covey_schc_rule {
    uint32_t id;     /* RuleID, right-aligned */
    uint8_t id_bits; /* 1 to 32 */
    uint8_t nature;  /* covey_schc_nature */
    uint8_t layers;  /* that the fields name: covey_schc_rule_layers */
    bool lossy;      /* permits ignore/not-sent and msb/not-sent */
    uint16_t field_count;
    const covey_schc_field *fields;
} covey_schc_rule;

typedef enum covey_schc_select {
    COVEY_SCHC_FIRST,   /* the first rule that matches, in rule order */
    COVEY_SCHC_SHORTEST /* the one with the fewest bits; first among equals */
} covey_schc_select;

/* A rule set. Both ends of a link must have the same one. */
typedef struct covey_schc_rules {
    const covey_schc_rule *rules;
    uint16_t count;
    uint8_t select; /* covey_schc_select; a local choice */
    uint8_t kudos;  /* covey_kudos_layout */
    /* Bits that the index of a match-mapping list with a single entry takes:
     * 0 by RFC 8724 Section 7.4.5 (log2 of 1); 1 for peers that send it. */
    uint8_t one_entry_index_bits;
    /* What the size before an LSB residue counts: the residue (RFC 8724
     * Section 7.4.6), or, for peers that do so, the whole value. */
    bool lsb_size_whole;
} covey_schc_rules;

/* What a compressor or decompressor works with; kept by nobody. */
typedef struct covey_schc_context {
    const covey_schc_rules *rules;
    covey_schc_stack stack;
    /* The interface identifiers that the link layer knows (8 bytes each), for
     * the CDAs DevIID and AppIID (RFC 8724 Section 7.4.7); NULL if unknown. */
    const uint8_t *dev_iid;
    const uint8_t *app_iid;
} covey_schc_context;

/* Why a rule does not fit a packet. */
typedef enum covey_schc_mismatch {
    COVEY_SCHC_MATCHES,
    COVEY_SCHC_X_LAYER,     /* the packet has no such layer, or not sound */
    COVEY_SCHC_X_ABSENT,    /* the packet has no such field (left) */
    COVEY_SCHC_X_LENGTH,    /* FL and the length of the field disagree */
    COVEY_SCHC_X_VALUE,     /* the matching operator says no */
    COVEY_SCHC_X_COMPUTE,   /* what would be computed is not in the packet */
    COVEY_SCHC_X_IID,       /* not the identifier that the link knows */
    COVEY_SCHC_X_LOSSY,     /* would not come back, and lossy is not allowed */
    COVEY_SCHC_X_SIZE,      /* residue size cannot be expressed */
    COVEY_SCHC_X_TWICE,     /* another descriptor has taken this field */
    COVEY_SCHC_X_UNCOVERED, /* a field of the packet has no descriptor */
    COVEY_SCHC_X_RULE,      /* the descriptor is not usable */
    COVEY_SCHC_X_NATURE     /* not a compression rule */
} covey_schc_mismatch;

/* What a call did. */
typedef struct covey_schc_outcome {
    uint16_t rule;    /* index of the rule used */
    uint32_t residue; /* offset of the residue in bits: after the RuleID */
    uint32_t payload; /* offset of the payload in bits: after the residue */
} covey_schc_outcome;

/* Capacities of one packet; a packet beyond them matches no compression rule.
 */
#define COVEY_SCHC_OPTIONS_MAX 32u
#define COVEY_SCHC_PACKET_MAX  65575u /* 40 bytes and the largest payload */

/* Compresses one packet: RuleID, residue, payload, zero bits up to a byte
 * (RFC 8724 Section 7.2). `out` is appended to from its position on; the
 * packet must not overlap it. If no compression rule fits, the first
 * no-compression rule of the set takes the packet whole.
 * COVEY_E_NO_RULE: no rule fits; covey_schc_why_not tells why.
 * COVEY_E_ROOM: a rule fits, `out` is too small. COVEY_E_ARGUMENT: packet
 * longer than COVEY_SCHC_PACKET_MAX.
 * On failure `out` is where it was. outcome may be NULL. */
COVEY_MUST_USE covey_status covey_schc_compress(const covey_schc_context *ctx,
                                                covey_schc_direction direction,
                                                covey_bytes packet,
                                                covey_bit_writer *out,
                                                covey_schc_outcome *outcome);

/* The same with one rule only, by its index. */
COVEY_MUST_USE covey_status covey_schc_compress_with(
    const covey_schc_context *ctx, covey_schc_direction direction,
    covey_bytes packet, uint16_t rule, covey_bit_writer *out);

/* Decompresses one SCHC packet that begins at bit 0 of `schc`. Up to 7 bits
 * after the last whole byte of payload are padding.
 * COVEY_E_SHORT: ends within RuleID or residue. COVEY_E_NO_RULE: no rule has
 * this RuleID. COVEY_E_FORMAT: a residue that no compressor sends (index out
 * of range, lengths that contradict each other). COVEY_E_RULE: the rule
 * cannot build a packet for this stack and direction. COVEY_E_ARGUMENT: the
 * rule takes an interface identifier from the link, and ctx has none.
 * COVEY_E_ROOM. On failure `out` is where it was. outcome may be NULL. */
COVEY_MUST_USE covey_status covey_schc_decompress(
    const covey_schc_context *ctx, covey_schc_direction direction,
    covey_bytes schc, covey_writer *out, covey_schc_outcome *outcome);

/* The first descriptor of a rule that fails for this packet. `field` is the
 * descriptor's index; for X_UNCOVERED `id` and `option` name the field of the
 * packet instead, and `field` is the rule's field_count. */
typedef struct covey_schc_finding {
    covey_schc_mismatch why;
    uint16_t field;
    uint8_t id;
    uint16_t option;
} covey_schc_finding;

covey_schc_finding covey_schc_why_not(const covey_schc_context *ctx,
                                      covey_schc_direction direction,
                                      covey_bytes packet, uint16_t rule);

/* --- explain.c: what each descriptor did, for people to look at --- */

typedef struct covey_schc_row {
    uint16_t field;        /* index of the descriptor in the rule */
    uint32_t packet_off;   /* bits: where the value stands in the packet */
    uint32_t packet_bits;  /* bits of the value */
    uint32_t residue_off;  /* bits: where the residue stands in the output */
    uint32_t residue_bits; /* all of it, with the size */
    uint8_t size_bits;     /* how many of these are the size: 0, 4, 12, 28 */
    uint16_t entry;        /* match-mapping: which target value */
} covey_schc_row;

/* One row per descriptor that this direction and stack uses, in rule order:
 * *count says how many `rows` has room for, and then how many there are. The
 * value of an extended TKL has packet_off of the first byte, but 12 or 20
 * bits that do not follow one another.
 * COVEY_E_NO_RULE: the rule does not fit. COVEY_E_ROOM: too few rows. */
COVEY_MUST_USE covey_status covey_schc_explain(
    const covey_schc_context *ctx, covey_schc_direction direction,
    covey_bytes packet, uint16_t rule, covey_schc_row *rows, uint16_t *count);

/* --- rule.c: judging and finding rules --- */

/* The layers that a rule's fields name. */
uint8_t covey_schc_rule_layers(const covey_schc_rule *rule);

/* Faults that make a rule unusable whatever the profile says. */
typedef enum covey_schc_fault {
    COVEY_SCHC_SOUND,
    COVEY_SCHC_F_RULE_ID,   /* id_bits outside 1..32, id wider than that */
    COVEY_SCHC_F_COLLISION, /* one RuleID is a prefix of another */
    COVEY_SCHC_F_EMPTY,     /* compression rule without descriptors */
    COVEY_SCHC_F_FIELD,     /* unknown field, option 0, wrong subfield */
    COVEY_SCHC_F_DIRECTION, /* not up, down or both */
    COVEY_SCHC_F_POSITION,  /* FP for a field that occurs once, or given
                                  after FP 0 of the same field */
    COVEY_SCHC_F_TWICE,     /* same field, position and direction */
    COVEY_SCHC_F_LENGTH,    /* FL does not suit the field */
    COVEY_SCHC_F_TARGET,    /* TV missing, too long, or more than one */
    COVEY_SCHC_F_MO_CDA,    /* this MO with this CDA */
    COVEY_SCHC_F_MSB,       /* MSB argument: longer than TV or FL, or not
                                  a multiple of 8 where bytes are counted */
    COVEY_SCHC_F_COMPUTE,   /* compute on a field that cannot be */
    COVEY_SCHC_F_IID,       /* DevIID or AppIID on another field */
    COVEY_SCHC_F_SEGMENTS,  /* grouping not of Uri-Path, or uneven */
    COVEY_SCHC_F_ORDER,     /* a length function before the field it
                                  needs, or that field is missing */
    COVEY_SCHC_F_LAYERS     /* layers does not say what the fields say */
} covey_schc_fault;

typedef struct covey_schc_verdict {
    covey_schc_fault fault;
    uint16_t rule;  /* index */
    uint16_t field; /* index, or field_count if the rule as such is meant */
    uint16_t other; /* the other rule or field of a pair */
} covey_schc_verdict;

/* The first fault, or SOUND. Rules that are not sound are never used by the
 * loader; the engine survives them as long as their pointers and counts hold,
 * but gives COVEY_E_RULE or no match. */
covey_schc_verdict covey_schc_check(const covey_schc_rules *rules);

/* The rule whose RuleID the bits begin with: its index, or -1. */
int32_t covey_schc_find(const covey_schc_rules *rules, covey_bytes schc);

/* --- index.c: rule sets of hundreds and thousands --- */

/* An index over one rule set in memory of the caller's; rebuilt when the rule
 * set changes. Choosing a rule then costs one hash look-up per indexed field
 * and a pass over count/32 words, not a walk over the rules. */
typedef struct covey_schc_index covey_schc_index;

/* Bytes that covey_schc_index_build needs for this set; the memory must be
 * aligned for pointers. */
size_t covey_schc_index_size(const covey_schc_rules *rules);
/* NULL if `cap` is too small. The index keeps `rules` and `memory` until it
 * is no longer used. */
covey_schc_index *covey_schc_index_build(const covey_schc_rules *rules,
                                         void *memory, size_t cap);
/* As covey_schc_compress and covey_schc_decompress; ctx->rules must be the
 * set that was indexed, else COVEY_E_ARGUMENT. Same results. */
COVEY_MUST_USE covey_status covey_schc_index_compress(
    const covey_schc_index *index, const covey_schc_context *ctx,
    covey_schc_direction direction, covey_bytes packet, covey_bit_writer *out,
    covey_schc_outcome *outcome);
COVEY_MUST_USE covey_status covey_schc_index_decompress(
    const covey_schc_index *index, const covey_schc_context *ctx,
    covey_schc_direction direction, covey_bytes schc, covey_writer *out,
    covey_schc_outcome *outcome);

/* --- names.c: how the standards spell it --- */

/* RFC 9363 identity of a field, "fid-coap-option-uri-path"; for an option
 * without one "coap-option(N)" is built in buf. Never NULL. */
#define COVEY_SCHC_NAME_MAX 40u
const char *covey_schc_field_name(uint8_t id, uint16_t option,
                                  char buf[COVEY_SCHC_NAME_MAX]);
/* The reverse, with or without "fid-"; also "coap-option(N)" and
 * "CoAP.option(N)". COVEY_E_UNSUPPORTED: no such field. */
COVEY_MUST_USE covey_status covey_schc_field_by_name(const char *name,
                                                     uint8_t *id,
                                                     uint16_t *option);
/* The fixed length in bits that a header field has; 0 if it varies. */
uint16_t covey_schc_field_bits(uint8_t id);
const char *covey_schc_mo_name(covey_schc_mo mo);         /* "mo-equal" */
const char *covey_schc_cda_name(covey_schc_cda cda);      /* "cda-lsb" */
const char *covey_schc_length_name(covey_schc_length fl); /* "fl-variable" */
const char *covey_schc_direction_name(unsigned di);       /* "di-up" */
const char *covey_schc_stack_name(covey_schc_stack s);    /* "ipv6-udp-coap" */
/* COVEY_E_UNSUPPORTED: no such stack. */
COVEY_MUST_USE covey_status covey_schc_stack_by_name(const char *name,
                                                     covey_schc_stack *out);
const char *covey_schc_mismatch_text(covey_schc_mismatch why);
const char *covey_schc_fault_text(covey_schc_fault fault);

/* --- lint.c: what the documents demand of rules --- */

typedef enum covey_schc_profile {
    COVEY_SCHC_PROFILE_SEED, /* draft-tiloca-schc-8824-update-00, default */
    COVEY_SCHC_PROFILE_09    /* draft-ietf-schc-8824-update-09 */
} covey_schc_profile;

typedef enum covey_schc_severity {
    COVEY_SCHC_MUST,   /* violates a MUST of the profile */
    COVEY_SCHC_SHOULD, /* violates a SHOULD */
    COVEY_SCHC_NOTE    /* allowed, but probably not what was meant */
} covey_schc_severity;

typedef struct covey_schc_lint_row {
    covey_schc_severity severity;
    uint16_t rule;
    uint16_t field;       /* or field_count: the rule as such */
    uint16_t other;       /* the other rule of a pair, else the same */
    const char *text;     /* what is wrong; static */
    const char *document; /* "draft-tiloca-schc-8824-update-00"; static */
    const char *section;  /* "2.5"; static */
} covey_schc_lint_row;

/* Walks the findings: start with *at = 0; false when there are no more. The
 * rules must be sound. */
bool covey_schc_lint_next(const covey_schc_rules *rules,
                          covey_schc_profile profile, uint32_t *at,
                          covey_schc_lint_row *out);

#endif
