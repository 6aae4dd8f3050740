/* SPDX-License-Identifier: BSD-2-Clause */
/* Building the packet from RuleID, residue and payload: RFC 8724 Section 7.2
 * and 7.4, read from the receiver's side.
 *
 * First the descriptors, in the order of the rule, since that is the order of
 * the residues: header fields go to their places at once, everything of
 * variable length becomes a slot. Then packet.c writes the slots in the order
 * of the packet. Lengths and checksum come last (RFC 8724 Section 7.4.8).
 *
 * Every residue is suspect: a slot is bounded by the residue's length, and a
 * value that does not fit its place is refused, never cut. */
#include "unpack.h"

#include <string.h>

/* A value of at most 24 bits as a number. */
static uint32_t slot_number(const struct unpack *u, const struct slot *s)
{
    uint8_t bytes[4] = { 0 };

    covey__schc_slot_store(u, s, bytes, 0);
    return covey_bits_load(bytes, 0, slot_bits(s));
}

/* RFC 8724 Section 7.4.2. */
static uint32_t read_size(struct unpack *u)
{
    uint32_t size = covey_bits_get(&u->in, 4);

    if (size == 0xf) {
        size = covey_bits_get(&u->in, 8);
        if (size == 0xff) {
            size = covey_bits_get(&u->in, 16);
        }
    }
    return size;
}

/* Bits of the residue of value-sent (from = 0) or LSB. */
static covey_status residue_bits(struct unpack *u,
                                 const covey_schc_field *field, uint32_t from,
                                 uint32_t *bits)
{
    bool sized = false;
    uint32_t n = field->bits;

    if (field->length == COVEY_SCHC_FL_VAR ||
        field->length == COVEY_SCHC_FL_VAR_BIT) {
        n = read_size(u) << (field->length == COVEY_SCHC_FL_VAR ? 3 : 0);
        sized = true;
    } else if (field->length >= COVEY_SCHC_FL_TKL) {
        n = u->function_len[(field->length - COVEY_SCHC_FL_TKL) % FUNCTIONS] *
            8;
    } else if (field->length == COVEY_SCHC_FL_TARGET) {
        return COVEY_E_RULE;
    }
    if (!sized || u->ctx->rules->lsb_size_whole) {
        if (n < from) {
            return COVEY_E_FORMAT;
        }
        n -= from;
    }
    *bits = n;
    return COVEY_OK;
}

/* `from` leading bits of the target value, the rest from the residue. */
static covey_status take_residue(struct unpack *u,
                                 const covey_schc_field *field, uint32_t from,
                                 struct slot *s)
{
    covey_status st = residue_bits(u, field, from, &s->res_bits);

    if (st != COVEY_OK) {
        return st;
    }
    if (from > 0) {
        if (field->value_count == 0 || field->values[0].bits < from) {
            return COVEY_E_RULE;
        }
        s->tv = field->values[0].bytes;
        s->tv_bits = (uint16_t)from;
    }
    s->res_off = covey_bits_skip(&u->in, s->res_bits);
    return u->in.failed;
}

static covey_status take_value(const covey_schc_field *field, uint32_t entry,
                               struct slot *s)
{
    if (entry >= field->value_count) {
        return field->value_count == 0 ? COVEY_E_RULE : COVEY_E_FORMAT;
    }
    if (field->values[entry].bits > 0) {
        s->tv = field->values[entry].bytes;
        s->tv_bits = field->values[entry].bits;
    }
    return COVEY_OK;
}

static covey_status take_iid(const uint8_t *iid, struct slot *s)
{
    s->tv = iid;
    s->tv_bits = 64;
    return iid ? COVEY_OK : COVEY_E_ARGUMENT;
}

/* The value of one descriptor, RFC 8724 Section 7.4. */
static covey_status decode(struct unpack *u, const covey_schc_field *field,
                           struct slot *s)
{
    uint32_t entry = 0;

    memset(s, 0, sizeof *s);
    s->tv = u->in.base; /* never NULL, even if nothing is taken from it */
    switch ((covey_schc_cda)field->cda) {
    case COVEY_SCHC_CDA_NOT_SENT:
        return take_value(field, 0, s);
    case COVEY_SCHC_CDA_VALUE_SENT:
        return take_residue(u, field, 0, s);
    case COVEY_SCHC_CDA_LSB:
        return take_residue(u, field, field->msb, s);
    case COVEY_SCHC_CDA_MAPPING_SENT:
        entry = covey_bits_get(
            &u->in, covey__schc_index_bits(u->ctx->rules, field->value_count));
        return u->in.failed != COVEY_OK ? u->in.failed
                                        : take_value(field, entry, s);
    case COVEY_SCHC_CDA_COMPUTE:
        if (field->id >= COVEY_SCHC_PAYLOAD ||
            !(COVEY__SCHC_COMPUTABLE & BIT(field->id))) {
            return COVEY_E_RULE;
        }
        u->computed |= BIT(field->id);
        return COVEY_OK;
    case COVEY_SCHC_CDA_DEV_IID:
        return take_iid(u->ctx->dev_iid, s);
    case COVEY_SCHC_CDA_APP_IID:
        return take_iid(u->ctx->app_iid, s);
    }
    return COVEY_E_RULE;
}

/* RFC 8974 Section 2.1: what a TKL of 4, 12 or 20 bits says. */
static covey_status place_tkl(struct unpack *u, const struct slot *s)
{
    static const uint16_t least[] = { 0, 13, 269 };
    unsigned extension = slot_bits(s) / 8; /* bytes */

    u->tkl_bits = slot_bits(s);
    if (u->tkl_bits % 8 != 4 || extension > 2) {
        return COVEY_E_FORMAT;
    }
    u->tkl = slot_number(u, s);
    unsigned nibble = u->tkl >> extension * 8;
    if (extension > 0 ? nibble != 12 + extension : nibble > 12) {
        return COVEY_E_FORMAT;
    }
    u->packet[u->header[AT_COAP] / 8] |= (uint8_t)nibble;
    u->function_len[TOKEN_LEN] =
        extension > 0 ? u->tkl - (nibble << extension * 8) + least[extension]
                      : nibble;
    return COVEY_OK;
}

static covey_status place_header(struct unpack *u, uint8_t id,
                                 const struct slot *s)
{
    const struct covey__schc_place *place =
        covey__schc_place(id, (covey_schc_direction)u->direction);

    if (u->covered & covey__schc_covers(id)) {
        return COVEY_E_RULE;
    }
    u->covered |= covey__schc_covers(id);
    if (id == COVEY_SCHC_COAP_TKL) {
        return place_tkl(u, s);
    }
    if (id == COVEY_SCHC_COAP_TOKEN) {
        u->token = *s;
        return COVEY_OK;
    }
    if (u->computed & BIT(id)) {
        return COVEY_OK;
    }
    if (slot_bits(s) != place->bits) {
        return COVEY_E_RULE;
    }
    covey__schc_slot_store(u, s, u->packet, u->header[place->at] + place->off);
    return COVEY_OK;
}

/* What later subfields need to know of this one (8824-update-09 Section 6.4;
 * seed Section 3.2 and the KUDOS draft for x and y): its first byte. */
static void note_part(struct unpack *u, uint8_t id, const struct slot *s)
{
    struct slot head = *s;

    if (slot_bits(s) == 0) {
        return;
    }
    head.tv_bits = s->tv_bits < 8 ? s->tv_bits : 8;
    head.res_bits = 8u - head.tv_bits;
    uint32_t first = slot_number(u, &head);
    unsigned m = u->ctx->rules->kudos == COVEY_KUDOS_SEED ? 7 : 15;
    if (id == COVEY_SCHC_OSCORE_FLAGS) {
        u->function_len[PIV_LEN] = first & COVEY_OSCORE_FLAG_N;
    } else if (id == COVEY_SCHC_OSCORE_X) {
        u->function_len[NONCE_LEN] = (first & m) + 1;
    } else if (id == COVEY_SCHC_OSCORE_Y) {
        u->function_len[OLD_NONCE_LEN] = (first & m) + 1;
    }
}

/* Lowest position of this option that no slot has yet, for FP 0. */
static uint8_t free_position(const struct unpack *u, uint16_t number)
{
    uint8_t position = 1;

    for (unsigned i = 0; i < u->slot_count; i++) {
        const struct slot *s = &u->slots[i];
        if (s->number == number && s->position == position) {
            position++;
        }
    }
    return position;
}

static uint32_t slot_key(const struct slot *s)
{
    return (uint32_t)s->number << 8 | s->position;
}

/* Inserts where the packet wants it; mostly that is at the end. */
static covey_status place_option(struct unpack *u,
                                 const covey_schc_field *field, struct slot *s)
{
    unsigned i = u->slot_count;

    if (slot_bits(s) & 7) {
        return COVEY_E_FORMAT;
    }
    s->number = field->option;
    s->grouped = field->segments > 0;
    if (field->id != COVEY_SCHC_OPTION) {
        s->position = (uint8_t)(field->id - COVEY_SCHC_OSCORE_FLAGS);
        s->joined = field->id != COVEY_SCHC_OSCORE_FLAGS;
        note_part(u, field->id, s);
    } else {
        s->position = field->position ? field->position
                                      : free_position(u, field->option);
    }
    if (i == SLOTS_MAX) {
        return COVEY_E_RULE;
    }
    while (i > 0 && slot_key(&u->slots[i - 1]) > slot_key(s)) {
        u->slots[i] = u->slots[i - 1];
        i--;
    }
    if (i > 0 && slot_key(&u->slots[i - 1]) == slot_key(s)) {
        return COVEY_E_RULE;
    }
    u->slots[i] = *s;
    u->slot_count++;
    return COVEY_OK;
}

static covey_status place_payload(struct unpack *u, const struct slot *s)
{
    if (u->covered & BIT(COVEY_SCHC_PAYLOAD)) {
        return COVEY_E_RULE;
    }
    u->covered |= BIT(COVEY_SCHC_PAYLOAD);
    u->payload = *s;
    return slot_bits(s) & 7 ? COVEY_E_FORMAT : COVEY_OK;
}

static covey_status read_field(struct unpack *u, const covey_schc_field *field)
{
    struct slot s;

    if (!(field->direction & u->direction) ||
        !(covey__schc_field_layers(field->id) & u->layers)) {
        return COVEY_OK;
    }
    covey_status st = decode(u, field, &s);
    if (st != COVEY_OK) {
        return st;
    }
    if (field->id < COVEY_SCHC_PAYLOAD) {
        return place_header(u, field->id, &s);
    }
    return field->id == COVEY_SCHC_PAYLOAD ? place_payload(u, &s)
                                           : place_option(u, field, &s);
}

/* Headers that are settled beforehand; of these only TKL means something for
 * what follows. */
static void begin_settled(struct unpack *u, uint32_t fixed)
{
    memcpy(u->packet, u->choice->head, fixed);
    u->covered = u->choice->rest->covered;
    if ((u->layers & COVEY_SCHC_LAYER_COAP) &&
        (u->covered & BIT(COVEY_SCHC_COAP_TKL))) {
        u->tkl_bits = 4;
        u->function_len[TOKEN_LEN] = u->packet[u->header[AT_COAP] / 8] & 0x0f;
    }
}

static covey_status read_residue(struct unpack *u)
{
    const covey_schc_field *fields = u->rule->fields;
    const struct covey__schc_rest *rest = u->choice->rest;
    unsigned count = rest ? rest->count : u->rule->field_count;
    covey_status st = COVEY_OK;

    for (unsigned i = 0; i < count && st == COVEY_OK; i++) {
        st = read_field(u, &fields[rest ? rest->fields[i] : i]);
    }
    return st;
}

/* Room for the fixed headers of the layers that take part. */
static covey_status begin(struct unpack *u)
{
    u->layers = covey__schc_depth(u->rule, u->ctx->stack);
    if (u->layers == 0) {
        return COVEY_E_RULE;
    }
    uint32_t at = covey__schc_layout(u->layers, u->header);
    u->packet = covey_write_reserve(u->out, at);
    if (u->packet && u->choice->rest) {
        begin_settled(u, at);
    }
    return u->packet ? COVEY_OK : COVEY_E_ROOM;
}

static covey_status rebuild(struct unpack *u, covey_schc_outcome *outcome)
{
    covey_status st = begin(u);

    if (st == COVEY_OK) {
        st = read_residue(u);
    }
    if (st == COVEY_OK && (covey__schc_required(u->layers) & ~u->covered)) {
        st = COVEY_E_RULE;
    }
    if (st == COVEY_OK && u->layers >= COVEY_SCHC_LAYER_COAP) {
        st = covey__schc_write_coap(u);
    }
    if (st == COVEY_OK) {
        covey__schc_write_payload(u, outcome);
        st = u->out->failed;
    }
    return st == COVEY_OK ? covey__schc_compute(u) : st;
}

static covey_status unpack_with(struct unpack *u, covey_schc_outcome *outcome)
{
    covey_bits_skip(&u->in, u->rule->id_bits);
    outcome->residue = u->in.pos;
    u->token.tv = u->payload.tv = u->in.base;
    if (u->rule->nature == COVEY_SCHC_NO_COMPRESSION) {
        covey__schc_write_payload(u, outcome);
        return u->out->failed;
    }
    return rebuild(u, outcome);
}

covey_status covey__schc_unpack(const covey_schc_context *ctx,
                                covey_schc_direction direction,
                                const struct covey__schc_choice *choice,
                                covey_bytes schc, covey_writer *out,
                                covey_schc_outcome *outcome)
{
    covey_schc_outcome unused = { 0 };
    struct unpack u;

    outcome = outcome ? outcome : &unused;
    if (out->failed != COVEY_OK) {
        return out->failed;
    }
    if (choice->rule < 0) {
        return schc.len == 0 ? COVEY_E_SHORT : COVEY_E_NO_RULE;
    }
    memset(&u, 0, offsetof(struct unpack, slots));
    u.ctx = ctx;
    u.rule = &ctx->rules->rules[choice->rule];
    u.choice = choice;
    u.in = covey_bit_reader_of(schc);
    u.out = out;
    u.start = out->pos;
    u.direction = (unsigned)direction;
    outcome->rule = (uint16_t)choice->rule;
    covey_status st = unpack_with(&u, outcome);
    if (st != COVEY_OK) {
        out->pos = u.start;
        out->failed = COVEY_OK;
    }
    return st;
}

covey_status covey_schc_decompress(const covey_schc_context *ctx,
                                   covey_schc_direction direction,
                                   covey_bytes schc, covey_writer *out,
                                   covey_schc_outcome *outcome)
{
    struct covey__schc_choice choice = { covey_schc_find(ctx->rules, schc),
                                         NULL, NULL };

    return covey__schc_unpack(ctx, direction, &choice, schc, out, outcome);
}
