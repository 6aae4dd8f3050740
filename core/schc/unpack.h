/* SPDX-License-Identifier: BSD-2-Clause */
/* A packet being rebuilt: what decompress.c reads from the residue, and
 * packet.c writes in the order of the packet. */
#ifndef COVEY_CORE_SCHC_UNPACK_H
#define COVEY_CORE_SCHC_UNPACK_H

#include "schc_internal.h"

/* A value put together from leading bits of a target value and bits of the
 * residue; either may be empty. */
struct slot {
    const uint8_t *tv;
    uint32_t res_off;
    uint32_t res_bits;
    uint16_t tv_bits;
    uint16_t number;  /* option */
    uint8_t position; /* among options of this number; OSCORE: subfield */
    bool joined;      /* continues the option before it */
    bool grouped;
};

/* The length functions, in the order of covey_schc_length. */
enum {
    TOKEN_LEN,
    PIV_LEN,
    NONCE_LEN,
    OLD_NONCE_LEN,
    FUNCTIONS
};
_Static_assert(COVEY_SCHC_FL_OSC_Y_W - COVEY_SCHC_FL_TKL == OLD_NONCE_LEN,
               "length functions follow one another");

/* Each option of the largest packet, one of them in its subfields. */
#define SLOTS_MAX (COVEY_SCHC_OPTIONS_MAX + COVEY_OSCORE_PARTS - 1)

/* Words first, see schc_internal.h. */
struct unpack {
    covey_bit_reader in;
    covey_writer *out;
    uint8_t *packet; /* beginning of the packet in out */
    const covey_schc_rule *rule;
    const covey_schc_context *ctx;
    const struct covey__schc_choice *choice;
    unsigned direction;
    unsigned layers;
    uint32_t covered;
    uint32_t computed;
    unsigned slot_count;
    size_t start;
    uint32_t tkl; /* 4, 12 or 20 bits */
    unsigned tkl_bits;
    uint32_t function_len[FUNCTIONS]; /* bytes */
    uint32_t header[AT_COUNT];        /* bits */
    struct slot token;
    struct slot payload;
    struct slot slots[SLOTS_MAX];
};

static inline uint32_t slot_bits(const struct slot *s)
{
    return s->tv_bits + s->res_bits;
}

/* The value, to the bits at dst + off. */
void covey__schc_slot_store(const struct unpack *u, const struct slot *s,
                            uint8_t *dst, uint32_t off);
/* Token and options: what follows the fixed CoAP header.
 * COVEY_E_FORMAT: lengths that contradict each other. COVEY_E_RULE. */
covey_status covey__schc_write_coap(struct unpack *u);
/* The payload, with its marker if there is one; failures are in u->out. */
void covey__schc_write_payload(struct unpack *u, covey_schc_outcome *outcome);
/* Lengths and checksum, when everything else is written. */
covey_status covey__schc_compute(struct unpack *u);

#endif
