/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared inside core/schc.
 *
 * A packet is read once into a view: where its layers begin, and where its
 * options lie. Matching a rule then applies its descriptors one by one; each
 * locates its field as a span of bits in the packet, asks the matching
 * operator, and appends the residue. A rule that fails half-way is rolled
 * back by rewinding the writer, so nothing but the view is stored.
 *
 * Decompression is the mirror: header fields go to fixed places of the
 * packet; options become slots, sorted by number and position, because the
 * order of descriptors is the order of residues and need not be that of the
 * packet. */
#ifndef COVEY_CORE_SCHC_INTERNAL_H
#define COVEY_CORE_SCHC_INTERNAL_H

#include <covey/schc.h>

/* Index of a layer in the arrays below; both kinds of CoAP share one. */
enum {
    AT_IPV6,
    AT_UDP,
    AT_COAP,
    AT_COUNT
};

enum {
    IPV6_HEADER = 40, /* bytes, RFC 8200 Section 3 */
    UDP_HEADER = 8,   /* bytes, RFC 768 */
    COAP_HEADER = 4,  /* bytes without token, RFC 7252 Section 3 */
    PROTOCOL_UDP = 17,
    MARKER = COVEY_COAP_PAYLOAD_MARKER
};

#define BIT(n) (UINT32_C(1) << (n))

/* Header fields that the decompressor can compute, RFC 8724 Section 7.4.8. */
#define COVEY__SCHC_COMPUTABLE                                                \
    (BIT(COVEY_SCHC_IPV6_PAYLOAD_LENGTH) | BIT(COVEY_SCHC_UDP_LENGTH) |       \
     BIT(COVEY_SCHC_UDP_CHECKSUM))

/* Bits somewhere. */
struct covey__schc_span {
    const uint8_t *base;
    uint32_t off;
    uint32_t bits;
};

/* Where a header field lies in its layer: bits from the layer's beginning. */
struct covey__schc_place {
    uint8_t at;   /* AT_... */
    uint8_t bits; /* 0: TKL and token, which have no fixed place */
    uint16_t off;
};

/* The place of a header field; id below COVEY_SCHC_PAYLOAD. */
const struct covey__schc_place *covey__schc_place(uint8_t id,
                                                  covey_schc_direction d);

/* Layers that a field may belong to, by id. */
extern const uint8_t covey__schc_layers_of[];

static inline unsigned covey__schc_field_layers(uint8_t id)
{
    return id < COVEY_SCHC_FIELD_IDS ? covey__schc_layers_of[id] : 0u;
}

/* What a header descriptor covers: its own bit, or those of its parts. */
static inline uint32_t covey__schc_covers(uint8_t id)
{
    uint32_t covers = BIT(id);

    if (id == COVEY_SCHC_IPV6_TRAFFIC_CLASS || id == COVEY_SCHC_COAP_CODE) {
        covers = covers << 1 | covers << 2;
    }
    return covers;
}

/* The header fields that a packet of these layers has, besides the token. */
uint32_t covey__schc_required(unsigned layers);

/* The layers of the stack down to the deepest one that the rule names; 0 if
 * it names none of them. */
unsigned covey__schc_depth(const covey_schc_rule *rule, unsigned stack);

/* Where the fixed headers of these layers begin, in bits; the result is how
 * many bytes they take together. */
uint32_t covey__schc_layout(unsigned layers, uint32_t header[AT_COUNT]);

/* The RFC 1071 sum of the UDP pseudo-header, header and payload, with the
 * checksum field counted as zero; as it is sent (never 0, RFC 8200 Section
 * 8.1). `ipv6` is the packet from its IPv6 header on. */
uint16_t covey__schc_udp_checksum(const uint8_t *ipv6, uint32_t len);

struct covey__schc_option {
    uint32_t off; /* bytes from the packet's beginning */
    uint16_t len;
    uint16_t number;
};

/* Words first: Thumb reaches only the first 32 bytes of a structure by byte
 * and the first 128 by word in one instruction. */
struct covey__schc_view {
    const uint8_t *packet;
    uint32_t len;
    unsigned stack;
    unsigned layers; /* those that the packet really has */
    covey_schc_direction direction;
    unsigned option_count;
    unsigned oscore;   /* index of the OSCORE option, or NO_OPTION */
    uint32_t checksum; /* of UDP as it should be; 0: not computed yet */
    uint32_t header[AT_COUNT]; /* bits: where each layer begins */
    uint32_t payload;          /* bytes: where that of CoAP begins */
    struct covey__schc_span tkl;
    struct covey__schc_span token;
    uint8_t tkl_extended[3]; /* TKL of 12 or 20 bits, put together */
    uint16_t oscore_len[COVEY_OSCORE_PARTS];
    struct covey__schc_option options[COVEY_SCHC_OPTIONS_MAX];
};

#define NO_OPTION 0xffu

/* Reads as many layers of the stack as the packet has. */
void covey__schc_view_of(struct covey__schc_view *v,
                         const covey_schc_context *ctx,
                         covey_schc_direction direction, covey_bytes packet);
/* Fills in the CoAP layer; false if the packet has none that is sound. */
bool covey__schc_view_coap(struct covey__schc_view *v, uint32_t at,
                           uint8_t kudos);

/* What is left of a rule when some header fields are settled beforehand
 * (plan.c); without it, all descriptors are applied. */
struct covey__schc_rest {
    uint32_t covered;       /* header fields that are settled */
    uint16_t count;         /* descriptors that are left */
    const uint16_t *fields; /* their indices, in rule order */
};

/* Where a header field lies in this packet, which has its layer. */
void covey__schc_header_span(const struct covey__schc_view *v, uint8_t id,
                             struct covey__schc_span *out);

/* A rule being matched. */
struct covey__schc_match {
    const covey_schc_context *ctx;
    struct covey__schc_view *view; /* only its checksum ever changes */
    const covey_schc_rule *rule;
    covey_bit_writer *out;
    covey_schc_finding failed; /* the first descriptor that did */
    unsigned layers;           /* that take part */
    uint32_t headers;          /* header fields covered so far */
    uint32_t options;          /* options covered so far, by index */
    unsigned parts;            /* OSCORE subfields covered so far */
    unsigned next;             /* the option after the last one found */
    /* The last descriptor, for explain.c. */
    struct covey__schc_span span;
    unsigned entry;
};

void covey__schc_match_begin(struct covey__schc_match *m,
                             const covey_schc_context *ctx,
                             struct covey__schc_view *view,
                             const covey_schc_rule *rule,
                             covey_bit_writer *out);
/* True if the descriptor takes part in this direction and stack. */
bool covey__schc_active(const struct covey__schc_match *m,
                        const covey_schc_field *field);
/* One descriptor: locate, match, append the residue. */
covey_schc_mismatch covey__schc_apply(struct covey__schc_match *m,
                                      const covey_schc_field *field);
/* After the last descriptor: is every field of the packet covered? */
bool covey__schc_covered(struct covey__schc_match *m);
/* All descriptors (or the rest of them) and the coverage; RuleID and residue
 * are appended. If false, m->failed says why. */
bool covey__schc_match_rule(struct covey__schc_match *m,
                            const struct covey__schc_rest *rest);
/* Appends what follows the residue. */
void covey__schc_append_payload(struct covey__schc_match *m);

/* Bits of the index into a list of n target values, RFC 8724 Section 7.4.5. */
unsigned covey__schc_index_bits(const covey_schc_rules *rules, uint16_t n);

/* Choosing among rules that are offered one after the other. */
struct covey__schc_pick {
    const covey_schc_context *ctx;
    struct covey__schc_view *view;
    covey_bit_writer *out;
    covey_schc_outcome outcome;
    covey_status status; /* COVEY_E_NO_RULE as long as none has fitted */
    uint32_t best_bits;
    int32_t best; /* for the shortest: the rule to repeat; or -1 */
};

void covey__schc_pick_begin(struct covey__schc_pick *pick,
                            const covey_schc_context *ctx,
                            struct covey__schc_view *view,
                            covey_bit_writer *out);
/* True if no further rule needs to be offered. */
bool covey__schc_offer(struct covey__schc_pick *pick, uint16_t rule,
                       const struct covey__schc_rest *rest);
/* The result, by a no-compression rule if no other has fitted; outcome may be
 * NULL. On failure `out` is where it was. */
covey_status covey__schc_pick_end(struct covey__schc_pick *pick,
                                  covey_schc_outcome *outcome);

/* A rule chosen for decompression. */
struct covey__schc_choice {
    int32_t rule;        /* negative: none has this RuleID */
    const uint8_t *head; /* fixed headers to begin with; NULL without rest */
    const struct covey__schc_rest *rest;
};

/* Decompresses with the rule whose RuleID `schc` begins with. */
covey_status covey__schc_unpack(const covey_schc_context *ctx,
                                covey_schc_direction direction,
                                const struct covey__schc_choice *choice,
                                covey_bytes schc, covey_writer *out,
                                covey_schc_outcome *outcome);

#endif
