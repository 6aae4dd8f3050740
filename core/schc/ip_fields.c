/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv6 and UDP: where the header fields lie, and the UDP checksum. CoAP's
 * fixed header is in the same table, since all of them are nothing but
 * places; its token and options are in coap_fields.c.
 *
 * The device's address is the source of what goes up and the destination of
 * what goes down, likewise its port (RFC 8724 Sections 10.7 and 10.9). */
#include "schc_internal.h"

/* clang-format off */
const struct covey__schc_place covey__schc_places[COVEY_SCHC_PAYLOAD] = {
    [COVEY_SCHC_IPV6_VERSION]        = { AT_IPV6,  4,   0,   0 },
    [COVEY_SCHC_IPV6_TRAFFIC_CLASS]  = { AT_IPV6,  8,   4,   4 },
    [COVEY_SCHC_IPV6_DS]             = { AT_IPV6,  6,   4,   4 },
    [COVEY_SCHC_IPV6_ECN]            = { AT_IPV6,  2,  10,  10 },
    [COVEY_SCHC_IPV6_FLOW_LABEL]     = { AT_IPV6, 20,  12,  12 },
    [COVEY_SCHC_IPV6_PAYLOAD_LENGTH] = { AT_IPV6, 16,  32,  32 },
    [COVEY_SCHC_IPV6_NEXT_HEADER]    = { AT_IPV6,  8,  48,  48 },
    [COVEY_SCHC_IPV6_HOP_LIMIT]      = { AT_IPV6,  8,  56,  56 },
    [COVEY_SCHC_IPV6_DEV_PREFIX]     = { AT_IPV6, 64,  64, 192 },
    [COVEY_SCHC_IPV6_DEV_IID]        = { AT_IPV6, 64, 128, 256 },
    [COVEY_SCHC_IPV6_APP_PREFIX]     = { AT_IPV6, 64, 192,  64 },
    [COVEY_SCHC_IPV6_APP_IID]        = { AT_IPV6, 64, 256, 128 },
    [COVEY_SCHC_UDP_DEV_PORT]        = { AT_UDP,  16,   0,  16 },
    [COVEY_SCHC_UDP_APP_PORT]        = { AT_UDP,  16,  16,   0 },
    [COVEY_SCHC_UDP_LENGTH]          = { AT_UDP,  16,  32,  32 },
    [COVEY_SCHC_UDP_CHECKSUM]        = { AT_UDP,  16,  48,  48 },
    [COVEY_SCHC_COAP_VERSION]        = { AT_COAP,  2,   0,   0 },
    [COVEY_SCHC_COAP_TYPE]           = { AT_COAP,  2,   2,   2 },
    [COVEY_SCHC_COAP_TKL]            = { AT_COAP,  0,   4,   4 },
    [COVEY_SCHC_COAP_CODE]           = { AT_COAP,  8,   8,   8 },
    [COVEY_SCHC_COAP_CODE_CLASS]     = { AT_COAP,  3,   8,   8 },
    [COVEY_SCHC_COAP_CODE_DETAIL]    = { AT_COAP,  5,  11,  11 },
    [COVEY_SCHC_COAP_MID]            = { AT_COAP, 16,  16,  16 },
    [COVEY_SCHC_COAP_TOKEN]          = { AT_COAP,  0,  32,  32 },
};
/* clang-format on */

uint32_t covey__schc_covers(uint8_t id)
{
    if (id == COVEY_SCHC_IPV6_TRAFFIC_CLASS) {
        return BIT(COVEY_SCHC_IPV6_DS) | BIT(COVEY_SCHC_IPV6_ECN);
    }
    if (id == COVEY_SCHC_COAP_CODE) {
        return BIT(COVEY_SCHC_COAP_CODE_CLASS) |
               BIT(COVEY_SCHC_COAP_CODE_DETAIL);
    }
    return BIT(id);
}

uint32_t covey__schc_required(unsigned layers)
{
    const uint32_t ipv6 = (BIT(COVEY_SCHC_UDP_DEV_PORT) - 1) &
                          ~BIT(COVEY_SCHC_IPV6_TRAFFIC_CLASS);
    const uint32_t udp = BIT(COVEY_SCHC_COAP_VERSION) -
                         BIT(COVEY_SCHC_UDP_DEV_PORT);
    const uint32_t code = BIT(COVEY_SCHC_COAP_CODE_CLASS) |
                          BIT(COVEY_SCHC_COAP_CODE_DETAIL);
    const uint32_t coap = code | BIT(COVEY_SCHC_COAP_VERSION) |
                          BIT(COVEY_SCHC_COAP_TYPE) |
                          BIT(COVEY_SCHC_COAP_TKL) | BIT(COVEY_SCHC_COAP_MID);
    uint32_t mask = 0;

    if (layers & COVEY_SCHC_LAYER_IPV6) {
        mask |= ipv6;
    }
    if (layers & COVEY_SCHC_LAYER_UDP) {
        mask |= udp;
    }
    if (layers & COVEY_SCHC_LAYER_COAP) {
        mask |= coap;
    }
    if (layers & COVEY_SCHC_LAYER_COAP_INNER) {
        mask |= code;
    }
    return mask;
}

unsigned covey__schc_field_layers(uint8_t id)
{
    const unsigned any_coap = COVEY_SCHC_LAYER_COAP |
                              COVEY_SCHC_LAYER_COAP_INNER;

    if (id < COVEY_SCHC_UDP_DEV_PORT) {
        return COVEY_SCHC_LAYER_IPV6;
    }
    if (id < COVEY_SCHC_COAP_VERSION) {
        return COVEY_SCHC_LAYER_UDP;
    }
    if (id >= COVEY_SCHC_FIELD_IDS) {
        return 0;
    }
    if (id == COVEY_SCHC_PAYLOAD) {
        return any_coap | COVEY_SCHC_LAYER_IPV6 | COVEY_SCHC_LAYER_UDP;
    }
    if (id >= COVEY_SCHC_OPTION || (BIT(id) & (BIT(COVEY_SCHC_COAP_CODE) |
                                    BIT(COVEY_SCHC_COAP_CODE_CLASS) |
                                    BIT(COVEY_SCHC_COAP_CODE_DETAIL)))) {
        return any_coap;
    }
    return COVEY_SCHC_LAYER_COAP;
}

unsigned covey__schc_depth(const covey_schc_rule *rule, unsigned stack)
{
    unsigned named = rule->layers & stack;
    unsigned depth = 0;

    for (unsigned bit = 1; bit <= COVEY_SCHC_LAYER_COAP_INNER; bit <<= 1) {
        if (named & bit) {
            depth = stack & (bit * 2 - 1);
        }
    }
    return depth;
}

/* Ones' complement sum of 16-bit words; an odd byte is padded with zero. At
 * most 65,575 bytes are summed, so 32 bits do not overflow. */
static uint32_t sum(const uint8_t *p, uint32_t n)
{
    uint32_t s = 0;

    for (; n >= 2; n -= 2, p += 2) {
        s += (uint32_t)p[0] << 8 | p[1];
    }
    return n ? s + ((uint32_t)p[0] << 8) : s;
}

uint16_t covey__schc_udp_checksum(const uint8_t *ipv6, uint32_t len)
{
    const uint8_t *udp = ipv6 + IPV6_HEADER;
    uint32_t udp_len = len - IPV6_HEADER;
    /* RFC 8200 Section 8.1: addresses, upper-layer length, next header. */
    uint32_t s = sum(ipv6 + 8, 32) + (udp_len >> 16) + (udp_len & 0xffff) +
                 PROTOCOL_UDP + sum(udp, 6) + sum(udp + 8, udp_len - 8);

    s = (s & 0xffff) + (s >> 16);
    s = (s & 0xffff) + (s >> 16);
    s = ~s & 0xffff;
    return s ? (uint16_t)s : 0xffff;
}

/* RFC 8200 Section 3 and RFC 768: what is there, not whether it is right;
 * descriptors judge the values. */
void covey__schc_view_of(struct covey__schc_view *v,
                         const covey_schc_context *ctx,
                         covey_schc_direction direction, covey_bytes packet)
{
    static const uint8_t nothing[1] = { 0 };
    unsigned stack = ctx->stack;
    uint32_t at = 0;

    v->packet = packet.ptr ? packet.ptr : nothing;
    v->len = (uint32_t)packet.len;
    v->stack = stack;
    v->direction = direction;
    v->layers = 0;
    v->oscore = NO_OPTION;
    v->option_count = 0;
    if (stack & COVEY_SCHC_LAYER_IPV6) {
        if (v->len < IPV6_HEADER || v->packet[0] >> 4 != 6) {
            return;
        }
        v->layers |= COVEY_SCHC_LAYER_IPV6;
        v->header[AT_IPV6] = 0;
        at = v->payload[AT_IPV6] = IPV6_HEADER;
        if ((stack & COVEY_SCHC_LAYER_UDP) && v->packet[6] != PROTOCOL_UDP) {
            return;
        }
    }
    if (stack & COVEY_SCHC_LAYER_UDP) {
        if (v->len - at < UDP_HEADER) {
            return;
        }
        v->layers |= COVEY_SCHC_LAYER_UDP;
        v->header[AT_UDP] = at * 8;
        at = v->payload[AT_UDP] = at + UDP_HEADER;
    }
    unsigned coap = stack &
                    (COVEY_SCHC_LAYER_COAP | COVEY_SCHC_LAYER_COAP_INNER);
    if (coap && covey__schc_view_coap(v, coap == COVEY_SCHC_LAYER_COAP_INNER,
                                      at, ctx->rules->kudos)) {
        v->layers |= coap;
    }
}
