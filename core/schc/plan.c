/* SPDX-License-Identifier: BSD-2-Clause */
/* Working out of a rule, once, what does not depend on the packet: most
 * descriptors of IPv6, UDP and the CoAP header say "equal, not sent", and all
 * of them together are one masked comparison of at most 52 bytes. Only
 * index.c uses plans; a microcontroller with a few rules links neither. */
#include "plan.h"

#include <string.h>

static unsigned fixed_begin(unsigned layers)
{
    if (layers & COVEY_SCHC_LAYER_IPV6) {
        return 0;
    }
    if (layers & COVEY_SCHC_LAYER_UDP) {
        return FIXED_UDP;
    }
    /* The inner message begins with the code, the header's second byte. */
    return layers & COVEY_SCHC_LAYER_COAP ? FIXED_COAP : FIXED_COAP + 1;
}

static unsigned fixed_end(unsigned layers)
{
    if (layers & COVEY_SCHC_LAYER_COAP) {
        return FIXED_BYTES;
    }
    if (layers & COVEY_SCHC_LAYER_COAP_INNER) {
        return FIXED_COAP + 2;
    }
    return layers & COVEY_SCHC_LAYER_UDP ? FIXED_COAP : FIXED_UDP;
}

/* Four bytes at any alignment; their order does not matter here. */
static uint32_t word(const uint8_t *p)
{
    uint32_t w;

    memcpy(&w, p, sizeof w);
    return w;
}

bool covey__schc_plan_agrees(const struct covey__schc_plan *plan,
                             const uint8_t *packet, unsigned layers)
{
    unsigned begin = fixed_begin(layers);
    unsigned end = fixed_end(layers);
    uint32_t differ = 0;

    for (; begin + 4 <= end; begin += 4, packet += 4) {
        differ |= (word(packet) ^ word(plan->value + begin)) &
                  word(plan->mask + begin);
    }
    for (; begin < end; begin++, packet++) {
        differ |= (uint32_t)(*packet ^ plan->value[begin]) & plan->mask[begin];
    }
    return differ == 0;
}

const uint8_t *covey__schc_plan_head(const struct covey__schc_plan *plan,
                                     unsigned layers)
{
    return plan->value + fixed_begin(layers);
}

/* Does this descriptor say nothing but "these bits are so"? A TKL of 4 bits
 * does; a longer one has its extension elsewhere. */
static bool settled(const covey_schc_rule *rule, const covey_schc_field *f)
{
    if (f->id >= COVEY_SCHC_PAYLOAD || f->cda != COVEY_SCHC_CDA_NOT_SENT ||
        f->value_count == 0 ||
        (f->mo != COVEY_SCHC_MO_EQUAL &&
         (f->mo != COVEY_SCHC_MO_IGNORE || !rule->lossy))) {
        return false;
    }
    unsigned bits = f->id == COVEY_SCHC_COAP_TKL
                        ? 4
                        : covey__schc_place(f->id, COVEY_SCHC_UP)->bits;
    return bits > 0 && f->values[0].bits == bits &&
           (f->length != COVEY_SCHC_FL_FIXED || f->bits == bits);
}

static void settle(struct covey__schc_plan *plan, const covey_schc_field *f,
                   covey_schc_direction direction)
{
    static const uint8_t ones[8] = { 0xff, 0xff, 0xff, 0xff,
                                     0xff, 0xff, 0xff, 0xff };
    static const uint8_t layer[AT_COUNT] = { 0, FIXED_UDP, FIXED_COAP };
    const struct covey__schc_place *place =
        covey__schc_place(f->id, direction);
    uint32_t off = layer[place->at] * 8u + place->off;

    covey_bits_copy(plan->value, off, f->values[0].bytes, 0,
                    f->values[0].bits);
    if (f->mo == COVEY_SCHC_MO_EQUAL) {
        covey_bits_copy(plan->mask, off, ones, 0, f->values[0].bits);
    }
    plan->rest.covered |= covey__schc_covers(f->id);
}

uint16_t covey__schc_plan_make(struct covey__schc_plan *plan,
                               const covey_schc_rule *rule,
                               covey_schc_direction direction,
                               uint16_t *fields)
{
    memset(plan, 0, sizeof *plan);
    plan->rest.fields = fields;
    for (uint16_t i = 0; i < rule->field_count; i++) {
        const covey_schc_field *f = &rule->fields[i];
        if (!(f->direction & (unsigned)direction)) {
            continue;
        }
        if (settled(rule, f) &&
            !(plan->rest.covered & covey__schc_covers(f->id))) {
            settle(plan, f, direction);
        } else {
            fields[plan->rest.count++] = i;
        }
    }
    return plan->rest.count;
}
