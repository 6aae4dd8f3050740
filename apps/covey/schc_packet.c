/* SPDX-License-Identifier: BSD-2-Clause */
#include "schc_packet.h"

enum {
    IPV6_HEADER = 40,
    UDP_HEADER = 8
};

/* A header field: bits from the beginning of its layer, as sent up and as
 * sent down (dev and app change places, RFC 8724 Section 10.7). */
typedef struct place {
    uint8_t id;
    uint8_t layer;
    uint16_t up;
    uint16_t down;
} place;

/* clang-format off */
static const place places[] = {
    { COVEY_SCHC_IPV6_VERSION,        COVEY_SCHC_LAYER_IPV6,   0,   0 },
    { COVEY_SCHC_IPV6_TRAFFIC_CLASS,  COVEY_SCHC_LAYER_IPV6,   4,   4 },
    { COVEY_SCHC_IPV6_DS,             COVEY_SCHC_LAYER_IPV6,   4,   4 },
    { COVEY_SCHC_IPV6_ECN,            COVEY_SCHC_LAYER_IPV6,  10,  10 },
    { COVEY_SCHC_IPV6_FLOW_LABEL,     COVEY_SCHC_LAYER_IPV6,  12,  12 },
    { COVEY_SCHC_IPV6_PAYLOAD_LENGTH, COVEY_SCHC_LAYER_IPV6,  32,  32 },
    { COVEY_SCHC_IPV6_NEXT_HEADER,    COVEY_SCHC_LAYER_IPV6,  48,  48 },
    { COVEY_SCHC_IPV6_HOP_LIMIT,      COVEY_SCHC_LAYER_IPV6,  56,  56 },
    { COVEY_SCHC_IPV6_DEV_PREFIX,     COVEY_SCHC_LAYER_IPV6,  64, 192 },
    { COVEY_SCHC_IPV6_DEV_IID,        COVEY_SCHC_LAYER_IPV6, 128, 256 },
    { COVEY_SCHC_IPV6_APP_PREFIX,     COVEY_SCHC_LAYER_IPV6, 192,  64 },
    { COVEY_SCHC_IPV6_APP_IID,        COVEY_SCHC_LAYER_IPV6, 256, 128 },
    { COVEY_SCHC_UDP_DEV_PORT,        COVEY_SCHC_LAYER_UDP,    0,  16 },
    { COVEY_SCHC_UDP_APP_PORT,        COVEY_SCHC_LAYER_UDP,   16,   0 },
    { COVEY_SCHC_UDP_LENGTH,          COVEY_SCHC_LAYER_UDP,   32,  32 },
    { COVEY_SCHC_UDP_CHECKSUM,        COVEY_SCHC_LAYER_UDP,   48,  48 },
    { COVEY_SCHC_COAP_VERSION,        COVEY_SCHC_LAYER_COAP,   0,   0 },
    { COVEY_SCHC_COAP_TYPE,           COVEY_SCHC_LAYER_COAP,   2,   2 },
    { COVEY_SCHC_COAP_TKL,            COVEY_SCHC_LAYER_COAP,   4,   4 },
    { COVEY_SCHC_COAP_CODE,           COVEY_SCHC_LAYER_COAP,   8,   8 },
    { COVEY_SCHC_COAP_CODE_CLASS,     COVEY_SCHC_LAYER_COAP,   8,   8 },
    { COVEY_SCHC_COAP_CODE_DETAIL,    COVEY_SCHC_LAYER_COAP,  11,  11 },
    { COVEY_SCHC_COAP_MID,            COVEY_SCHC_LAYER_COAP,  16,  16 },
};
/* clang-format on */

/* Bytes before a layer. */
static size_t layer_start(covey_schc_stack stack, unsigned layer)
{
    size_t at = 0;

    if ((stack & COVEY_SCHC_LAYER_IPV6) && layer > COVEY_SCHC_LAYER_IPV6) {
        at += IPV6_HEADER;
    }
    if ((stack & COVEY_SCHC_LAYER_UDP) && layer > COVEY_SCHC_LAYER_UDP) {
        at += UDP_HEADER;
    }
    return at;
}

/* The CoAP message in a packet of this stack; false if there is none that is
 * sound. */
static bool find_coap(covey_schc_stack stack, covey_bytes packet,
                      covey_coap_message *out)
{
    size_t at = layer_start(stack, COVEY_SCHC_LAYER_COAP);
    covey_bytes message = { 0 };

    if (stack == COVEY_SCHC_STACK_COAP_INNER) {
        return covey_coap_parse_inner(out, packet) == COVEY_OK;
    }
    if ((stack & COVEY_SCHC_LAYER_COAP) == 0 || packet.len < at ||
        packet.ptr == NULL) {
        return false;
    }
    message = covey_bytes_of(packet.ptr + at, packet.len - at);
    return covey_coap_parse(out, message) == COVEY_OK;
}

static schc_span span_of(covey_bytes bytes)
{
    schc_span s = { bytes.ptr, 0, (uint32_t)bytes.len * 8 };

    return s;
}

/* The position-th occurrence of an option. */
static covey_bytes find_option(const covey_coap_message *m, uint16_t number,
                               unsigned position)
{
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_coap_option o;
    unsigned seen = 0;

    while (covey_coap_option_next(&it, &o)) {
        if (o.number == number && ++seen >= position) {
            return o.value;
        }
    }
    return covey_bytes_of(NULL, 0);
}

static schc_span oscore_part(covey_bytes value, unsigned part,
                             covey_kudos_layout kudos)
{
    uint16_t len[COVEY_OSCORE_PARTS];
    size_t at = 0;

    if (value.ptr == NULL ||
        covey_oscore_option_split(len, value, kudos) != COVEY_OK) {
        return span_of(covey_bytes_of(NULL, 0));
    }
    for (unsigned i = 0; i < part; i++) {
        at += len[i];
    }
    return span_of(covey_bytes_of(value.ptr + at, len[part]));
}

static schc_span header_field(const covey_schc_context *ctx,
                              covey_schc_direction direction,
                              covey_bytes packet, const covey_schc_field *f)
{
    schc_span none = { NULL, 0, 0 };
    bool inner = ctx->stack == COVEY_SCHC_STACK_COAP_INNER;

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        const place *p = &places[i];
        uint32_t off = direction == COVEY_SCHC_UP ? p->up : p->down;
        uint32_t bits = covey_schc_field_bits(p->id);

        if (p->id != f->id) {
            continue;
        }
        off += (uint32_t)layer_start(ctx->stack, p->layer) * 8;
        if (inner) {
            off -= 8; /* the plaintext begins with the code */
        } else if ((ctx->stack & p->layer) == 0) {
            return none;
        }
        if (off + bits <= packet.len * 8 && off < packet.len * 8) {
            schc_span found = { packet.ptr, off, bits };
            return found;
        }
    }
    return none;
}

schc_span schc_packet_field(const covey_schc_context *ctx,
                            covey_schc_direction direction, covey_bytes packet,
                            const covey_schc_field *field)
{
    schc_span none = { NULL, 0, 0 };
    covey_coap_message m;

    if (field->id < COVEY_SCHC_COAP_TOKEN) {
        return header_field(ctx, direction, packet, field);
    }
    if (!find_coap(ctx->stack, packet, &m)) {
        return none;
    }
    if (field->id == COVEY_SCHC_COAP_TOKEN) {
        return span_of(m.token);
    }
    if (field->id == COVEY_SCHC_OPTION) {
        return span_of(find_option(&m, field->option, field->position));
    }
    if (field->id >= COVEY_SCHC_OSCORE_FLAGS &&
        field->id <= COVEY_SCHC_OSCORE_KID) {
        return oscore_part(find_option(&m, COVEY_OPTION_OSCORE, 1),
                           field->id - (unsigned)COVEY_SCHC_OSCORE_FLAGS,
                           (covey_kudos_layout)ctx->rules->kudos);
    }
    return none;
}
