/* SPDX-License-Identifier: BSD-2-Clause */
/* What each descriptor of a rule did with a packet: the compressor's own
 * steps, taken one at a time and looked at in between. */
#include "schc_internal.h"

/* How many bits the size before a residue takes, RFC 8724 Section 7.4.2. */
static uint8_t size_bits(const covey_schc_rules *rules,
                         const covey_schc_field *field, uint32_t value_bits)
{
    uint32_t size = value_bits;

    if (field->cda != COVEY_SCHC_CDA_VALUE_SENT &&
        field->cda != COVEY_SCHC_CDA_LSB) {
        return 0;
    }
    if (field->cda == COVEY_SCHC_CDA_LSB && !rules->lsb_size_whole) {
        size -= field->msb;
    }
    if (field->length == COVEY_SCHC_FL_VAR) {
        size /= 8;
    } else if (field->length != COVEY_SCHC_FL_VAR_BIT) {
        return 0;
    }
    return size < 15 ? 4 : size < 255 ? 12 : 28;
}

static uint32_t residue_bits(const covey_schc_rules *rules,
                             const covey_schc_field *field,
                             uint32_t value_bits, uint8_t size)
{
    switch ((covey_schc_cda)field->cda) {
    case COVEY_SCHC_CDA_VALUE_SENT:
        return size + value_bits;
    case COVEY_SCHC_CDA_LSB:
        return size + value_bits - field->msb;
    case COVEY_SCHC_CDA_MAPPING_SENT:
        return covey__schc_index_bits(rules, field->value_count);
    case COVEY_SCHC_CDA_NOT_SENT:
    case COVEY_SCHC_CDA_COMPUTE:
    case COVEY_SCHC_CDA_DEV_IID:
    case COVEY_SCHC_CDA_APP_IID:
        break;
    }
    return 0;
}

static void fill(covey_schc_row *row, const struct covey__schc_match *m,
                 uint16_t index, uint32_t at)
{
    const covey_schc_field *field = &m->rule->fields[index];
    const struct covey__schc_view *v = m->view;
    bool in_packet = m->span.base != v->tkl_extended;

    row->field = index;
    row->packet_bits = m->span.bits;
    if (field->segments > 1) {
        /* All the options of the group, with the headers between them. */
        const struct covey__schc_option *last = &v->options[m->next - 1];
        row->packet_bits = (last->off + last->len) * 8 - m->span.off;
    }
    row->packet_off =
        in_packet ? (uint32_t)(m->span.base - v->packet) * 8 + m->span.off
                  : v->header[AT_COAP] + 4;
    row->size_bits = size_bits(m->ctx->rules, field, m->span.bits);
    row->residue_off = at;
    row->residue_bits =
        residue_bits(m->ctx->rules, field, m->span.bits, row->size_bits);
    row->entry = (uint16_t)m->entry;
}

covey_status covey_schc_explain(const covey_schc_context *ctx,
                                covey_schc_direction direction,
                                covey_bytes packet, uint16_t rule,
                                covey_schc_row *rows, uint16_t *count)
{
    struct covey__schc_view view;
    struct covey__schc_match m;
    covey_bit_writer nowhere = covey_bit_writer_of(NULL, 0);
    uint16_t used = 0;

    if (packet.len > COVEY_SCHC_PACKET_MAX || rule >= ctx->rules->count) {
        return COVEY_E_ARGUMENT;
    }
    const covey_schc_rule *r = &ctx->rules->rules[rule];
    uint32_t at = r->id_bits;

    covey__schc_view_of(&view, ctx, direction, packet);
    covey__schc_match_begin(&m, ctx, &view, r, &nowhere);
    if (r->nature != COVEY_SCHC_COMPRESSION || m.layers == 0 ||
        (m.layers & ~view.layers)) {
        return COVEY_E_NO_RULE;
    }
    for (uint16_t i = 0; i < r->field_count; i++) {
        if (!covey__schc_active(&m, &r->fields[i])) {
            continue;
        }
        if (covey__schc_apply(&m, &r->fields[i]) != COVEY_SCHC_MATCHES) {
            return COVEY_E_NO_RULE;
        }
        if (used == *count) {
            return COVEY_E_ROOM;
        }
        fill(&rows[used], &m, i, at);
        at += rows[used++].residue_bits;
    }
    if (!covey__schc_covered(&m)) {
        return COVEY_E_NO_RULE;
    }
    *count = used;
    return COVEY_OK;
}
