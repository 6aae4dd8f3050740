/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing a packet in its own order from the slots that decompress.c filled:
 * token, options by number, payload; at last the lengths and the checksum. */
#include "unpack.h"

void covey__schc_slot_store(const struct unpack *u, const struct slot *s,
                            uint8_t *dst, uint32_t off)
{
    covey_bits_copy(dst, off, s->tv, 0, s->tv_bits);
    covey_bits_copy(dst, off + s->tv_bits, u->in.base, s->res_off,
                    s->res_bits);
}

static void write_slot(struct unpack *u, const struct slot *s)
{
    uint8_t *p = covey_write_reserve(u->out, slot_bits(s) / 8);

    if (p) {
        covey__schc_slot_store(u, s, p, 0);
    }
}

/* Delta and length of an option, RFC 7252 Section 3.1. */
static void write_option_head(struct unpack *u, uint32_t delta, uint32_t len)
{
    const uint32_t numbers[] = { delta, len };
    uint8_t extension[4];
    size_t used = 0;
    unsigned head = 0;

    for (unsigned i = 0; i < 2; i++) {
        size_t one = 0;
        head =
            head << 4 | covey_coap_nibble(numbers[i], extension + used, &one);
        used += one;
    }
    covey_write_u8(u->out, (uint8_t)head);
    covey_write_bytes(u->out, covey_bytes_of(extension, used));
}

/* One option for each segment of "/a/b". */
static void write_group(struct unpack *u, const struct slot *s, uint32_t delta)
{
    const uint8_t *p = s->tv;
    const uint8_t *end = p + s->tv_bits / 8;

    while (p < end) {
        const uint8_t *segment = ++p;
        while (p < end && *p != '/') {
            p++;
        }
        size_t len = (size_t)(p - segment);
        write_option_head(u, delta, (uint32_t)len);
        covey_write_bytes(u->out, covey_bytes_of(segment, len));
        delta = 0;
    }
}

/* The subfields of OSCORE say of each other how long they are: what was put
 * together must fall apart into the same pieces, or no compressor sent it. */
static bool subfields_agree(const struct unpack *u, const struct slot *s,
                            unsigned count, uint32_t len)
{
    uint16_t part[COVEY_OSCORE_PARTS];
    covey_bytes value = covey_bytes_of(u->out->base + u->out->pos - len, len);

    if (covey_oscore_option_split(part, value,
                                  (covey_kudos_layout)u->ctx->rules->kudos) !=
        COVEY_OK) {
        return false;
    }
    for (unsigned i = 0; i < count; i++) {
        if (slot_bits(&s[i]) != part[s[i].position] * 8u) {
            return false;
        }
    }
    return true;
}

static covey_status write_options(struct unpack *u)
{
    uint32_t number = 0;

    for (unsigned i = 0; i < u->slot_count;) {
        const struct slot *s = &u->slots[i];
        uint32_t len = slot_bits(s) / 8;
        uint32_t delta = s->number - number;
        unsigned end = i + 1;

        number = s->number;
        if (s->joined) {
            return COVEY_E_RULE; /* subfields without flags */
        }
        if (s->grouped) {
            write_group(u, s, delta);
            i++;
            continue;
        }
        while (end < u->slot_count && u->slots[end].joined) {
            len += slot_bits(&u->slots[end++]) / 8;
        }
        if (len > COVEY_COAP_OPTION_LENGTH_MAX) {
            return COVEY_E_FORMAT;
        }
        write_option_head(u, delta, len);
        unsigned count = end - i;
        for (; i < end; i++) {
            write_slot(u, &u->slots[i]);
        }
        if (count > 1 && u->out->failed == COVEY_OK &&
            !subfields_agree(u, s, count, len)) {
            return COVEY_E_FORMAT;
        }
    }
    return COVEY_OK;
}

/* Token and options: what follows the fixed CoAP header. */
covey_status covey__schc_write_coap(struct unpack *u)
{
    if (u->layers & COVEY_SCHC_LAYER_COAP) {
        unsigned ext = (u->tkl_bits - 4) / 8;
        if (ext > 1) {
            covey_write_u8(u->out, (uint8_t)(u->tkl >> 8));
        }
        if (ext > 0) {
            covey_write_u8(u->out, (uint8_t)u->tkl);
        }
        if (slot_bits(&u->token) != u->function_len[TOKEN_LEN] * 8) {
            return COVEY_E_FORMAT;
        }
        write_slot(u, &u->token);
    }
    return write_options(u);
}

/* The payload: from its descriptor, or all whole bytes after the residue. The
 * marker is written if and only if there is a payload (seed Section 4.1). */
void covey__schc_write_payload(struct unpack *u, covey_schc_outcome *outcome)
{
    struct slot *s = &u->payload;

    outcome->payload = u->in.pos;
    if (!(u->covered & BIT(COVEY_SCHC_PAYLOAD))) {
        s->tv = u->in.base;
        s->tv_bits = 0;
        s->res_bits = covey_bits_left(&u->in) & ~UINT32_C(7);
        s->res_off = covey_bits_skip(&u->in, s->res_bits);
    }
    if (slot_bits(s) > 0 && u->layers >= COVEY_SCHC_LAYER_COAP) {
        covey_write_u8(u->out, MARKER);
    }
    write_slot(u, s);
}

static void put16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

/* Lengths first, since the checksum covers them: RFC 8724 Section 7.4.8. */
covey_status covey__schc_compute(struct unpack *u)
{
    uint8_t *p = u->packet;
    size_t len = u->out->pos - u->start;
    uint8_t *udp = p + u->header[AT_UDP] / 8;

    if (u->computed != 0 && len > COVEY_SCHC_PACKET_MAX) {
        return COVEY_E_FORMAT;
    }
    if (u->computed & BIT(COVEY_SCHC_IPV6_PAYLOAD_LENGTH)) {
        put16(p + 4, (uint32_t)len - IPV6_HEADER);
    }
    if (u->computed & BIT(COVEY_SCHC_UDP_LENGTH)) {
        put16(udp + 4, (uint32_t)len - u->header[AT_UDP] / 8);
    }
    if (u->computed & BIT(COVEY_SCHC_UDP_CHECKSUM)) {
        if (!(u->layers & COVEY_SCHC_LAYER_IPV6)) {
            return COVEY_E_RULE;
        }
        put16(udp + 6, covey__schc_udp_checksum(p, (uint32_t)len));
    }
    return COVEY_OK;
}
