/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv6 and UDP: where the header fields lie, and the UDP checksum. CoAP's
 * fixed header is in the same table, since all of them are nothing but
 * places; its token and options are in coap_fields.c.
 *
 * The device's address is the source of what goes up and the destination of
 * what goes down, likewise its port (RFC 8724 Sections 10.7 and 10.9). */
#include "schc_internal.h"

#define BOTH_COAP (COVEY_SCHC_LAYER_COAP | COVEY_SCHC_LAYER_COAP_INNER)
#define ANY_LAYER (COVEY_SCHC_LAYER_IPV6 | COVEY_SCHC_LAYER_UDP | BOTH_COAP)

/* As they are in a packet that goes up. */
/* clang-format off */
static const struct covey__schc_place places[COVEY_SCHC_PAYLOAD] = {
    [COVEY_SCHC_IPV6_VERSION]        = { AT_IPV6,  4,   0 },
    [COVEY_SCHC_IPV6_TRAFFIC_CLASS]  = { AT_IPV6,  8,   4 },
    [COVEY_SCHC_IPV6_DS]             = { AT_IPV6,  6,   4 },
    [COVEY_SCHC_IPV6_ECN]            = { AT_IPV6,  2,  10 },
    [COVEY_SCHC_IPV6_FLOW_LABEL]     = { AT_IPV6, 20,  12 },
    [COVEY_SCHC_IPV6_PAYLOAD_LENGTH] = { AT_IPV6, 16,  32 },
    [COVEY_SCHC_IPV6_NEXT_HEADER]    = { AT_IPV6,  8,  48 },
    [COVEY_SCHC_IPV6_HOP_LIMIT]      = { AT_IPV6,  8,  56 },
    [COVEY_SCHC_IPV6_DEV_PREFIX]     = { AT_IPV6, 64,  64 },
    [COVEY_SCHC_IPV6_DEV_IID]        = { AT_IPV6, 64, 128 },
    [COVEY_SCHC_IPV6_APP_PREFIX]     = { AT_IPV6, 64, 192 },
    [COVEY_SCHC_IPV6_APP_IID]        = { AT_IPV6, 64, 256 },
    [COVEY_SCHC_UDP_DEV_PORT]        = { AT_UDP,  16,   0 },
    [COVEY_SCHC_UDP_APP_PORT]        = { AT_UDP,  16,  16 },
    [COVEY_SCHC_UDP_LENGTH]          = { AT_UDP,  16,  32 },
    [COVEY_SCHC_UDP_CHECKSUM]        = { AT_UDP,  16,  48 },
    [COVEY_SCHC_COAP_VERSION]        = { AT_COAP,  2,   0 },
    [COVEY_SCHC_COAP_TYPE]           = { AT_COAP,  2,   2 },
    [COVEY_SCHC_COAP_TKL]            = { AT_COAP,  0,   4 },
    [COVEY_SCHC_COAP_CODE]           = { AT_COAP,  8,   8 },
    [COVEY_SCHC_COAP_CODE_CLASS]     = { AT_COAP,  3,   8 },
    [COVEY_SCHC_COAP_CODE_DETAIL]    = { AT_COAP,  5,  11 },
    [COVEY_SCHC_COAP_MID]            = { AT_COAP, 16,  16 },
    [COVEY_SCHC_COAP_TOKEN]          = { AT_COAP,  0,  32 },
};
/* clang-format on */

/* In a packet that goes down the device's address and port stand where the
 * application's stand in one that goes up, and the other way round. */
const struct covey__schc_place *covey__schc_place(uint8_t id,
                                                  covey_schc_direction d)
{
    unsigned at = id;

    if (d == COVEY_SCHC_DOWN && id >= COVEY_SCHC_IPV6_DEV_PREFIX) {
        if (id <= COVEY_SCHC_IPV6_APP_IID) {
            at ^= COVEY_SCHC_IPV6_DEV_PREFIX ^ COVEY_SCHC_IPV6_APP_PREFIX;
        } else if (id <= COVEY_SCHC_UDP_APP_PORT) {
            at ^= COVEY_SCHC_UDP_DEV_PORT ^ COVEY_SCHC_UDP_APP_PORT;
        }
    }
    return &places[at];
}

/* clang-format off */
const uint8_t covey__schc_layers_of[COVEY_SCHC_FIELD_IDS] = {
    [COVEY_SCHC_IPV6_VERSION]        = COVEY_SCHC_LAYER_IPV6,
    [COVEY_SCHC_IPV6_TRAFFIC_CLASS]  = COVEY_SCHC_LAYER_IPV6,
    [COVEY_SCHC_IPV6_DS]             = COVEY_SCHC_LAYER_IPV6,
    [COVEY_SCHC_IPV6_ECN]            = COVEY_SCHC_LAYER_IPV6,
    [COVEY_SCHC_IPV6_FLOW_LABEL]     = COVEY_SCHC_LAYER_IPV6,
    [COVEY_SCHC_IPV6_PAYLOAD_LENGTH] = COVEY_SCHC_LAYER_IPV6,
    [COVEY_SCHC_IPV6_NEXT_HEADER]    = COVEY_SCHC_LAYER_IPV6,
    [COVEY_SCHC_IPV6_HOP_LIMIT]      = COVEY_SCHC_LAYER_IPV6,
    [COVEY_SCHC_IPV6_DEV_PREFIX]     = COVEY_SCHC_LAYER_IPV6,
    [COVEY_SCHC_IPV6_DEV_IID]        = COVEY_SCHC_LAYER_IPV6,
    [COVEY_SCHC_IPV6_APP_PREFIX]     = COVEY_SCHC_LAYER_IPV6,
    [COVEY_SCHC_IPV6_APP_IID]        = COVEY_SCHC_LAYER_IPV6,
    [COVEY_SCHC_UDP_DEV_PORT]        = COVEY_SCHC_LAYER_UDP,
    [COVEY_SCHC_UDP_APP_PORT]        = COVEY_SCHC_LAYER_UDP,
    [COVEY_SCHC_UDP_LENGTH]          = COVEY_SCHC_LAYER_UDP,
    [COVEY_SCHC_UDP_CHECKSUM]        = COVEY_SCHC_LAYER_UDP,
    [COVEY_SCHC_COAP_VERSION]        = COVEY_SCHC_LAYER_COAP,
    [COVEY_SCHC_COAP_TYPE]           = COVEY_SCHC_LAYER_COAP,
    [COVEY_SCHC_COAP_TKL]            = COVEY_SCHC_LAYER_COAP,
    [COVEY_SCHC_COAP_CODE]           = BOTH_COAP,
    [COVEY_SCHC_COAP_CODE_CLASS]     = BOTH_COAP,
    [COVEY_SCHC_COAP_CODE_DETAIL]    = BOTH_COAP,
    [COVEY_SCHC_COAP_MID]            = COVEY_SCHC_LAYER_COAP,
    [COVEY_SCHC_COAP_TOKEN]          = COVEY_SCHC_LAYER_COAP,
    [COVEY_SCHC_PAYLOAD]             = ANY_LAYER,
    [COVEY_SCHC_OPTION]              = BOTH_COAP,
    [COVEY_SCHC_OSCORE_FLAGS]        = BOTH_COAP,
    [COVEY_SCHC_OSCORE_PIV]          = BOTH_COAP,
    [COVEY_SCHC_OSCORE_KID_CTX]      = BOTH_COAP,
    [COVEY_SCHC_OSCORE_X]            = BOTH_COAP,
    [COVEY_SCHC_OSCORE_NONCE]        = BOTH_COAP,
    [COVEY_SCHC_OSCORE_Y]            = BOTH_COAP,
    [COVEY_SCHC_OSCORE_OLD_NONCE]    = BOTH_COAP,
    [COVEY_SCHC_OSCORE_KID]          = BOTH_COAP,
};
/* clang-format on */

uint32_t covey__schc_required(unsigned layers)
{
    const uint32_t code =
        BIT(COVEY_SCHC_COAP_CODE_CLASS) | BIT(COVEY_SCHC_COAP_CODE_DETAIL);
    /* By layer: IPv6, UDP, CoAP, inner CoAP. */
    const uint32_t fields[] = {
        (BIT(COVEY_SCHC_UDP_DEV_PORT) - 1) &
            ~BIT(COVEY_SCHC_IPV6_TRAFFIC_CLASS),
        BIT(COVEY_SCHC_COAP_VERSION) - BIT(COVEY_SCHC_UDP_DEV_PORT),
        code | BIT(COVEY_SCHC_COAP_VERSION) | BIT(COVEY_SCHC_COAP_TYPE) |
            BIT(COVEY_SCHC_COAP_TKL) | BIT(COVEY_SCHC_COAP_MID),
        code,
    };
    uint32_t mask = 0;

    for (unsigned i = 0; i < 4; i++) {
        mask |= layers >> i & 1 ? fields[i] : 0;
    }
    return mask;
}

unsigned covey__schc_depth(const covey_schc_rule *rule, unsigned stack)
{
    unsigned below = rule->layers & stack;

    /* All bits up to the highest one that is set; layers are four bits. */
    below |= below >> 1;
    below |= below >> 2;
    return stack & below;
}

uint32_t covey__schc_layout(unsigned layers, uint32_t header[AT_COUNT])
{
    uint32_t at = 0;

    header[AT_IPV6] = 0;
    if (layers & COVEY_SCHC_LAYER_IPV6) {
        at = IPV6_HEADER;
    }
    header[AT_UDP] = at * 8;
    if (layers & COVEY_SCHC_LAYER_UDP) {
        at += UDP_HEADER;
    }
    header[AT_COAP] = at * 8;
    if (layers & COVEY_SCHC_LAYER_COAP) {
        at += COAP_HEADER;
    }
    if (layers & COVEY_SCHC_LAYER_COAP_INNER) {
        /* Only the code: as if the header began one byte before it. */
        header[AT_COAP] -= 8;
        at += 1;
    }
    return at;
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

    v->packet = packet.ptr ? packet.ptr : nothing;
    v->len = (uint32_t)packet.len;
    v->stack = stack;
    v->direction = direction;
    v->layers = 0;
    v->oscore = NO_OPTION;
    v->option_count = 0;
    v->checksum = 0;
    v->token.bits = 0;
    covey__schc_layout(stack, v->header);
    if (stack & COVEY_SCHC_LAYER_IPV6) {
        if (v->len < IPV6_HEADER || v->packet[0] >> 4 != 6) {
            return;
        }
        v->layers |= COVEY_SCHC_LAYER_IPV6;
        if ((stack & COVEY_SCHC_LAYER_UDP) && v->packet[6] != PROTOCOL_UDP) {
            return;
        }
    }
    uint32_t at = v->header[AT_UDP] / 8;
    if (stack & COVEY_SCHC_LAYER_UDP) {
        if (v->len - at < UDP_HEADER) {
            return;
        }
        v->layers |= COVEY_SCHC_LAYER_UDP;
        at += UDP_HEADER;
    }
    unsigned coap = stack & BOTH_COAP;
    if (coap && covey__schc_view_coap(v, at, ctx->rules->kudos)) {
        v->layers |= coap;
    }
}
