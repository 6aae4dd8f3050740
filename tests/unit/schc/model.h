/* SPDX-License-Identifier: BSD-2-Clause */
/* SCHC compression as RFC 8724 Section 7 describes it, and nothing else: bit
 * strings are arrays of bytes 0 and 1, a packet is a list of fields, a rule is
 * applied field by field. Slow, and written without a look at the core, to be
 * compared with it. CoAP, the plaintext of OSCORE, and IPv6 with UDP below. */
#ifndef COVEY_TESTS_SCHC_MODEL_H
#define COVEY_TESTS_SCHC_MODEL_H

#include <covey/schc.h>

#define MODEL_FIELDS 96
#define MODEL_BITS   24000

typedef struct model_bits {
    uint32_t n;
    uint8_t bit[MODEL_BITS]; /* 0 or 1 */
} model_bits;

/* A field of a packet. */
typedef struct model_field {
    uint8_t id;
    uint16_t option;
    uint8_t position; /* instance of an option, from 1 */
    bool taken;
    uint32_t n;
    uint8_t *bit;
} model_field;

typedef struct model_packet {
    covey_schc_direction direction;
    unsigned stack;
    model_field field[MODEL_FIELDS];
    unsigned count;
    model_bits store;   /* all bits of the packet */
    uint8_t tkl[20];    /* an extended TKL, put together */
    uint32_t payload;   /* where it begins in the store */
    uint32_t ip_length; /* what the length fields and checksum should be */
    uint32_t udp_length;
    uint32_t checksum;
} model_packet;

/* False if the packet is none of this stack. Sizes within the limits above
 * are the caller's business. */
bool model_parse(model_packet *p, covey_schc_stack stack,
                 covey_schc_direction direction, covey_bytes packet,
                 covey_kudos_layout kudos);

/* RuleID, residue and payload; false if the rule does not match. */
bool model_compress(model_bits *out, model_packet *p,
                    const covey_schc_rules *set, const covey_schc_rule *rule);

/* The bits as bytes, padded with zeros. */
covey_bytes model_bytes(const model_bits *bits, uint8_t *storage);

#endif
