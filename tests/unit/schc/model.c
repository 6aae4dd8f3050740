/* SPDX-License-Identifier: BSD-2-Clause */
#include "model.h"

#include <string.h>

static void put(model_bits *b, uint32_t value, unsigned n)
{
    while (n-- > 0) {
        b->bit[b->n++] = value >> n & 1;
    }
}

static uint32_t number(const uint8_t *bit, uint32_t n)
{
    uint32_t value = 0;

    for (uint32_t i = 0; i < n; i++) {
        value = value << 1 | bit[i];
    }
    return value;
}

covey_bytes model_bytes(const model_bits *bits, uint8_t *storage)
{
    uint32_t len = (bits->n + 7) / 8;

    memset(storage, 0, len);
    for (uint32_t i = 0; i < bits->n; i++) {
        storage[i / 8] |= (uint8_t)(bits->bit[i] << (7 - i % 8));
    }
    return covey_bytes_of(storage, len);
}

/* --- a packet as a list of fields --- */

static model_field *add(model_packet *p, uint8_t id, uint8_t *bit, uint32_t n)
{
    model_field *f = &p->field[p->count++];

    memset(f, 0, sizeof *f);
    f->id = id;
    f->bit = bit;
    f->n = n;
    return f;
}

static const struct {
    uint8_t id[2]; /* up, down */
    uint8_t bits;
} ipv6_fields[] = {
    { { COVEY_SCHC_IPV6_VERSION, COVEY_SCHC_IPV6_VERSION }, 4 },
    { { COVEY_SCHC_IPV6_DS, COVEY_SCHC_IPV6_DS }, 6 },
    { { COVEY_SCHC_IPV6_ECN, COVEY_SCHC_IPV6_ECN }, 2 },
    { { COVEY_SCHC_IPV6_FLOW_LABEL, COVEY_SCHC_IPV6_FLOW_LABEL }, 20 },
    { { COVEY_SCHC_IPV6_PAYLOAD_LENGTH, COVEY_SCHC_IPV6_PAYLOAD_LENGTH }, 16 },
    { { COVEY_SCHC_IPV6_NEXT_HEADER, COVEY_SCHC_IPV6_NEXT_HEADER }, 8 },
    { { COVEY_SCHC_IPV6_HOP_LIMIT, COVEY_SCHC_IPV6_HOP_LIMIT }, 8 },
    { { COVEY_SCHC_IPV6_DEV_PREFIX, COVEY_SCHC_IPV6_APP_PREFIX }, 64 },
    { { COVEY_SCHC_IPV6_DEV_IID, COVEY_SCHC_IPV6_APP_IID }, 64 },
    { { COVEY_SCHC_IPV6_APP_PREFIX, COVEY_SCHC_IPV6_DEV_PREFIX }, 64 },
    { { COVEY_SCHC_IPV6_APP_IID, COVEY_SCHC_IPV6_DEV_IID }, 64 },
    { { COVEY_SCHC_UDP_DEV_PORT, COVEY_SCHC_UDP_APP_PORT }, 16 },
    { { COVEY_SCHC_UDP_APP_PORT, COVEY_SCHC_UDP_DEV_PORT }, 16 },
    { { COVEY_SCHC_UDP_LENGTH, COVEY_SCHC_UDP_LENGTH }, 16 },
    { { COVEY_SCHC_UDP_CHECKSUM, COVEY_SCHC_UDP_CHECKSUM }, 16 },
};
#define IPV6_COUNT 11u

/* RFC 8200 Section 8.1, by numbers of 16 bits out of the bit store. */
static uint32_t checksum(const model_packet *p, uint32_t length)
{
    uint64_t sum = length + 17;

    for (uint32_t at = 64; at < 320; at += 16) {
        sum += number(p->store.bit + at, 16);
    }
    for (uint32_t at = 320; at < p->store.n; at += 16) {
        uint32_t left = p->store.n - at;
        if (at != 368) { /* the checksum itself */
            sum += left >= 16 ? number(p->store.bit + at, 16)
                              : number(p->store.bit + at, left) << 8;
        }
    }
    while (sum > 0xffff) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return sum == 0xffff ? 0xffff : ~(uint32_t)sum & 0xffff;
}

static bool parse_ip(model_packet *p, uint32_t *at)
{
    unsigned from = p->stack & COVEY_SCHC_LAYER_IPV6 ? 0 : IPV6_COUNT;
    unsigned to =
        p->stack & COVEY_SCHC_LAYER_UDP ? IPV6_COUNT + 4 : IPV6_COUNT;
    uint32_t start = *at;

    if (!(p->stack & (COVEY_SCHC_LAYER_IPV6 | COVEY_SCHC_LAYER_UDP))) {
        return true;
    }
    if (p->store.n < (from == 0 ? 320u : 0u) + (to > IPV6_COUNT ? 64u : 0u)) {
        return false;
    }
    for (unsigned i = from; i < to; i++) {
        add(p, ipv6_fields[i].id[p->direction == COVEY_SCHC_DOWN],
            p->store.bit + *at, ipv6_fields[i].bits);
        *at += ipv6_fields[i].bits;
    }
    p->udp_length = (p->store.n - start) / 8;
    p->checksum = UINT32_MAX; /* cannot be computed without IPv6 */
    if (from == 0) {
        p->ip_length = p->store.n / 8 - 40;
        p->udp_length = p->ip_length;
        if (number(p->store.bit, 4) != 6) {
            return false;
        }
        if (to > IPV6_COUNT) {
            p->checksum = checksum(p, p->udp_length);
            return number(p->store.bit + 48, 8) == 17;
        }
    }
    return true;
}

/* RFC 7252 Section 3.1: 4 bits, or one or two bytes more. */
static bool extended(const model_packet *p, uint32_t nibble, uint32_t *at,
                     uint32_t *value)
{
    unsigned bytes = nibble == 13 ? 1 : nibble == 14 ? 2 : 0;

    if (nibble == 15 || *at + bytes * 8 > p->store.n) {
        return false;
    }
    *value = nibble;
    if (bytes > 0) {
        *value =
            number(p->store.bit + *at, bytes * 8) + (bytes == 1 ? 13 : 269);
    }
    *at += bytes * 8;
    return true;
}

/* RFC 8613 Section 6.1, with KUDOS. False: the value is only opaque. */
static bool add_oscore(model_packet *p, uint8_t *bit, uint32_t n,
                       covey_kudos_layout kudos)
{
    uint16_t len[COVEY_OSCORE_PARTS] = { 0 };
    uint8_t bytes[2048];
    model_bits copy;
    uint32_t at = 0;

    copy.n = n;
    memcpy(copy.bit, bit, n);
    if (covey_oscore_option_split(len, model_bytes(&copy, bytes), kudos) !=
        COVEY_OK) {
        return false;
    }
    for (unsigned part = 0; part < COVEY_OSCORE_PARTS; part++) {
        add(p, (uint8_t)(COVEY_SCHC_OSCORE_FLAGS + part), bit + at,
            len[part] * 8u)
            ->option = COVEY_OPTION_OSCORE;
        at += len[part] * 8u;
    }
    return true;
}

static bool parse_options(model_packet *p, uint32_t at,
                          covey_kudos_layout kudos)
{
    uint32_t option = 0;
    unsigned position = 0;
    unsigned options = 0;

    while (at < p->store.n && number(p->store.bit + at, 8) != 0xff) {
        uint32_t delta = number(p->store.bit + at, 4);
        uint32_t len = number(p->store.bit + at + 4, 4);

        at += 8;
        if (!extended(p, delta, &at, &delta) || !extended(p, len, &at, &len) ||
            len * 8 > p->store.n - at || option + delta > 65535) {
            return false;
        }
        position = delta == 0 ? position + 1 : 1;
        option += delta;
        if (++options > COVEY_SCHC_OPTIONS_MAX) {
            return false;
        }
        if (option != COVEY_OPTION_OSCORE || position > 1 ||
            !add_oscore(p, p->store.bit + at, len * 8, kudos)) {
            model_field *f =
                add(p, COVEY_SCHC_OPTION, p->store.bit + at, len * 8);
            f->option = (uint16_t)option;
            f->position = (uint8_t)position;
        }
        at += len * 8;
    }
    p->payload = at;
    if (at < p->store.n) {
        p->payload = at + 8; /* the marker */
        return p->payload < p->store.n;
    }
    return true;
}

static bool parse_coap(model_packet *p, uint32_t at, covey_kudos_layout kudos)
{
    uint8_t *bit = p->store.bit + at;
    uint32_t tkl = 0;
    uint32_t code_at = at + 8;

    if (p->stack & COVEY_SCHC_LAYER_COAP_INNER) {
        if (p->store.n < 8) {
            return false;
        }
        add(p, COVEY_SCHC_COAP_CODE_CLASS, bit, 3);
        add(p, COVEY_SCHC_COAP_CODE_DETAIL, bit + 3, 5);
        return parse_options(p, at + 8, kudos) &&
               (number(bit, 8) != 0 || p->store.n == 8);
    }
    if (p->store.n - at < 32 || number(bit, 2) != 1) {
        return false;
    }
    add(p, COVEY_SCHC_COAP_VERSION, bit, 2);
    add(p, COVEY_SCHC_COAP_TYPE, bit + 2, 2);
    add(p, COVEY_SCHC_COAP_TKL, bit + 4, 4);
    add(p, COVEY_SCHC_COAP_CODE_CLASS, bit + 8, 3);
    add(p, COVEY_SCHC_COAP_CODE_DETAIL, bit + 11, 5);
    add(p, COVEY_SCHC_COAP_MID, bit + 16, 16);
    tkl = number(bit + 4, 4);
    at += 32;
    if (!extended(p, tkl, &at, &tkl) || tkl * 8 > p->store.n - at) {
        return false;
    }
    if (tkl > 12) { /* RFC 8974: the nibble and what extends it */
        model_field *f = &p->field[p->count - 4];
        uint32_t more = tkl < 269 ? 8 : 16;
        memcpy(p->tkl, bit + 4, 4);
        memcpy(p->tkl + 4, p->store.bit + at - more, more);
        f->bit = p->tkl;
        f->n = 4 + more;
    }
    add(p, COVEY_SCHC_COAP_TOKEN, p->store.bit + at, tkl * 8);
    at += tkl * 8;
    return parse_options(p, at, kudos) &&
           (number(p->store.bit + code_at, 8) != 0 ||
            (tkl == 0 && at == p->store.n));
}

bool model_parse(model_packet *p, covey_schc_stack stack,
                 covey_schc_direction direction, covey_bytes packet,
                 covey_kudos_layout kudos)
{
    uint32_t at = 0;

    p->direction = direction;
    p->stack = stack;
    p->count = 0;
    p->store.n = 0;
    p->ip_length = 0;
    for (size_t i = 0; i < packet.len; i++) {
        put(&p->store, packet.ptr[i], 8);
    }
    if (!parse_ip(p, &at)) {
        return false;
    }
    p->payload = at;
    return !(stack & (COVEY_SCHC_LAYER_COAP | COVEY_SCHC_LAYER_COAP_INNER)) ||
           parse_coap(p, at, kudos);
}

/* --- a rule --- */

/* Takes one field; NULL if the packet has none left. */
static model_field *take(model_packet *p, uint8_t id, uint16_t option,
                         unsigned position)
{
    for (unsigned i = 0; i < p->count; i++) {
        model_field *f = &p->field[i];
        if (f->id == id && f->option == option && !f->taken &&
            (position == 0 || id != COVEY_SCHC_OPTION ||
             f->position == position)) {
            f->taken = true;
            return f;
        }
    }
    return NULL;
}

/* A field that a descriptor means. The code and the traffic class are taken
 * with both their parts, which are neighbours. */
static model_field *locate(model_packet *p, const covey_schc_field *fd,
                           model_field *joined)
{
    uint8_t first = fd->id == COVEY_SCHC_COAP_CODE ? COVEY_SCHC_COAP_CODE_CLASS
                                                   : COVEY_SCHC_IPV6_DS;
    model_field *a;
    model_field *b;

    if (fd->id != COVEY_SCHC_COAP_CODE &&
        fd->id != COVEY_SCHC_IPV6_TRAFFIC_CLASS) {
        return take(p, fd->id, fd->option, fd->position);
    }
    a = take(p, first, 0, 0);
    b = take(p, (uint8_t)(first + 1), 0, 0);
    if (a == NULL || b == NULL) {
        return NULL;
    }
    *joined = *a;
    joined->n = 8;
    return joined;
}

static bool equal(const model_field *f, const covey_schc_value *v)
{
    if (f->n != v->bits) {
        return false;
    }
    for (uint32_t i = 0; i < f->n; i++) {
        if (f->bit[i] != (v->bytes[i / 8] >> (7 - i % 8) & 1)) {
            return false;
        }
    }
    return true;
}

static bool begins_with(const model_field *f, const covey_schc_value *v,
                        uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (i >= f->n || i >= v->bits ||
            f->bit[i] != (v->bytes[i / 8] >> (7 - i % 8) & 1)) {
            return false;
        }
    }
    return true;
}

/* RFC 8724 Section 7.4.2. */
static bool put_size(model_bits *out, uint32_t size)
{
    if (size < 15) {
        put(out, size, 4);
    } else if (size < 255) {
        put(out, 15, 4);
        put(out, size, 8);
    } else if (size < 65536) {
        put(out, 0xfff, 12);
        put(out, size, 16);
    } else {
        return false;
    }
    return true;
}

static bool put_residue(model_bits *out, const covey_schc_field *fd,
                        const model_field *f, uint32_t from)
{
    uint32_t n = f->n - from;

    if (fd->length == COVEY_SCHC_FL_VAR &&
        (n % 8 != 0 || !put_size(out, n / 8))) {
        return false;
    }
    if (fd->length == COVEY_SCHC_FL_VAR_BIT && !put_size(out, n)) {
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        out->bit[out->n++] = f->bit[from + i];
    }
    return true;
}

static void put_index(model_bits *out, const covey_schc_rules *set,
                      uint32_t count, uint32_t index)
{
    unsigned bits = count == 1 ? set->one_entry_index_bits : 0;

    while (count > 1 && (1u << bits) < count) {
        bits++;
    }
    put(out, index, bits);
}

static bool computed(const model_packet *p, const model_field *f)
{
    uint32_t value = number(f->bit, f->n);

    switch (f->id) {
    case COVEY_SCHC_IPV6_PAYLOAD_LENGTH:
        return value == p->ip_length;
    case COVEY_SCHC_UDP_LENGTH:
        return value == p->udp_length;
    case COVEY_SCHC_UDP_CHECKSUM:
        return value == p->checksum;
    default:
        return false;
    }
}

/* The segments of "/a/b" against options that follow one another. */
static bool equals_group(const covey_schc_value *v, model_field *const *f,
                         unsigned segments)
{
    uint32_t at = 0;

    for (unsigned i = 0; i < segments; i++) {
        uint32_t end = at + 1;
        while (end < v->bits / 8u && v->bytes[end] != '/') {
            end++;
        }
        covey_schc_value one = { v->bytes + at + 1,
                                 (uint16_t)((end - at - 1) * 8) };
        if (!equal(f[i], &one)) {
            return false;
        }
        at = end;
    }
    return at == v->bits / 8u;
}

static bool apply_group(model_bits *out, model_packet *p,
                        const covey_schc_rules *set,
                        const covey_schc_field *fd)
{
    model_field *f[32];
    uint32_t index = 0;

    for (unsigned i = 0; i < fd->segments; i++) {
        f[i] = take(p, fd->id, fd->option,
                    i == 0 ? fd->position : f[0]->position + i);
        if (f[i] == NULL) {
            return false;
        }
    }
    while (index < fd->value_count &&
           !equals_group(&fd->values[index], f, fd->segments)) {
        index++;
    }
    if (index < fd->value_count && fd->cda == COVEY_SCHC_CDA_MAPPING_SENT) {
        put_index(out, set, fd->value_count, index);
    }
    return index < fd->value_count;
}

/* One descriptor: MO, then CDA. */
static bool apply(model_bits *out, model_packet *p,
                  const covey_schc_rules *set, const covey_schc_rule *rule,
                  const covey_schc_field *fd)
{
    model_field joined;
    model_field *f = fd->segments ? NULL : locate(p, fd, &joined);
    uint32_t index = 0;

    if (fd->segments) {
        return apply_group(out, p, set, fd);
    }
    if (f == NULL || (fd->length == COVEY_SCHC_FL_FIXED && f->n != fd->bits)) {
        return false;
    }
    if (fd->mo == COVEY_SCHC_MO_MSB &&
        !begins_with(f, &fd->values[0], fd->msb)) {
        return false;
    }
    if (fd->mo == COVEY_SCHC_MO_EQUAL ||
        fd->mo == COVEY_SCHC_MO_MATCH_MAPPING) {
        while (index < fd->value_count && !equal(f, &fd->values[index])) {
            index++;
        }
        if (index == fd->value_count) {
            return false;
        }
    }
    switch ((covey_schc_cda)fd->cda) {
    case COVEY_SCHC_CDA_NOT_SENT:
        return fd->mo == COVEY_SCHC_MO_EQUAL || rule->lossy;
    case COVEY_SCHC_CDA_VALUE_SENT:
        return put_residue(out, fd, f, 0);
    case COVEY_SCHC_CDA_LSB:
        return put_residue(out, fd, f, fd->msb);
    case COVEY_SCHC_CDA_MAPPING_SENT:
        put_index(out, set, fd->value_count, index);
        return true;
    case COVEY_SCHC_CDA_COMPUTE:
        return computed(p, f);
    case COVEY_SCHC_CDA_DEV_IID:
    case COVEY_SCHC_CDA_APP_IID:
        break; /* the model knows no link layer */
    }
    return false;
}

bool model_compress(model_bits *out, model_packet *p,
                    const covey_schc_rules *set, const covey_schc_rule *rule)
{
    out->n = 0;
    put(out, rule->id, rule->id_bits);
    for (unsigned i = 0; i < p->count; i++) {
        p->field[i].taken = false;
    }
    for (uint16_t i = 0; i < rule->field_count; i++) {
        const covey_schc_field *fd = &rule->fields[i];
        if ((fd->direction & (unsigned)p->direction) &&
            !apply(out, p, set, rule, fd)) {
            return false;
        }
    }
    for (unsigned i = 0; i < p->count; i++) {
        const model_field *f = &p->field[i];
        bool nothing = f->n == 0 && (f->id == COVEY_SCHC_COAP_TOKEN ||
                                     f->id > COVEY_SCHC_OSCORE_FLAGS);
        if (!f->taken && !nothing) {
            return false;
        }
    }
    for (uint32_t at = p->payload; at < p->store.n; at++) {
        out->bit[out->n++] = p->store.bit[at];
    }
    return true;
}
