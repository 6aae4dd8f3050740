/* SPDX-License-Identifier: BSD-2-Clause */
/* Matching a rule and writing its residue: RFC 8724 Sections 7.2 to 7.4.
 *
 * A rule fits if every field of the packet has its descriptor, every
 * descriptor of this direction its field, and every matching operator agrees.
 * Beyond the letter of RFC 8724, a descriptor also fails if the decompressor
 * could not give the field back: a computed value that is not the packet's,
 * an absent field that a residue of size 0 would turn into an empty one
 * (docs/design/002-lossless.md). */
#include "schc_internal.h"

void covey__schc_header_span(const struct covey__schc_view *v, uint8_t id,
                             struct covey__schc_span *out)
{
    const struct covey__schc_place *place;

    if (id == COVEY_SCHC_COAP_TKL) {
        *out = v->tkl;
    } else if (id == COVEY_SCHC_COAP_TOKEN) {
        *out = v->token;
    } else {
        place = covey__schc_place(id, v->direction);
        out->base = v->packet;
        out->off = v->header[place->at] + place->off;
        out->bits = place->bits;
    }
}

static covey_schc_mismatch locate_header(struct covey__schc_match *m,
                                         uint8_t id)
{
    uint32_t covers = covey__schc_covers(id);

    if (m->headers & covers) {
        return COVEY_SCHC_X_TWICE;
    }
    m->headers |= covers;
    covey__schc_header_span(m->view, id, &m->span);
    return COVEY_SCHC_MATCHES;
}

/* What follows the deepest header that takes part. */
static struct covey__schc_span payload_of(const struct covey__schc_match *m)
{
    const struct covey__schc_view *v = m->view;
    uint32_t at = m->layers >= COVEY_SCHC_LAYER_COAP ? v->payload
                  : m->layers >= COVEY_SCHC_LAYER_UDP
                      ? v->header[AT_UDP] / 8 + UDP_HEADER
                      : IPV6_HEADER;
    struct covey__schc_span s = { v->packet, at * 8, (v->len - at) * 8 };

    return s;
}

/* The index of the option that a descriptor means, or NO_OPTION. Options
 * stand in order, so instances of one number are neighbours; descriptors
 * mostly come in the same order, hence the search begins at `next`. FP 0 takes
 * the first instance that is still free, as the decompressor does. */
static unsigned find_option(struct covey__schc_match *m,
                            const covey_schc_field *field)
{
    const struct covey__schc_view *v = m->view;
    unsigned i = m->next;

    while (i > 0 && v->options[i - 1].number >= field->option) {
        i--;
    }
    while (i < v->option_count && v->options[i].number < field->option) {
        i++;
    }
    if (field->position > 0) {
        i += field->position - 1u;
    } else {
        while (i < v->option_count && (m->options & BIT(i))) {
            i++;
        }
    }
    if (i >= v->option_count || v->options[i].number != field->option) {
        return NO_OPTION;
    }
    m->next = i + 1;
    return i;
}

static covey_schc_mismatch locate_option(struct covey__schc_match *m,
                                         const covey_schc_field *field)
{
    const struct covey__schc_view *v = m->view;
    unsigned i = find_option(m, field);

    if (i == NO_OPTION) {
        return COVEY_SCHC_X_ABSENT;
    }
    if (m->options & BIT(i)) {
        return COVEY_SCHC_X_TWICE;
    }
    m->options |= BIT(i);
    m->span.base = v->packet;
    m->span.off = v->options[i].off * 8;
    m->span.bits = v->options[i].len * 8u;
    return COVEY_SCHC_MATCHES;
}

/* A subfield of the OSCORE option; one that is not there is empty. */
static covey_schc_mismatch locate_part(struct covey__schc_match *m, uint8_t id)
{
    const struct covey__schc_view *v = m->view;
    unsigned part = id - (unsigned)COVEY_SCHC_OSCORE_FLAGS;
    uint32_t off = 0;

    if (v->oscore == NO_OPTION) {
        return COVEY_SCHC_X_ABSENT;
    }
    if ((m->parts & BIT(part)) || (m->options & BIT(v->oscore))) {
        return COVEY_SCHC_X_TWICE;
    }
    m->parts |= BIT(part);
    for (unsigned i = 0; i < part; i++) {
        off += v->oscore_len[i];
    }
    m->span.base = v->packet;
    m->span.off = (v->options[v->oscore].off + off) * 8;
    m->span.bits = v->oscore_len[part] * 8u;
    return COVEY_SCHC_MATCHES;
}

static covey_schc_mismatch locate(struct covey__schc_match *m,
                                  const covey_schc_field *field)
{
    if (field->id < COVEY_SCHC_PAYLOAD) {
        return locate_header(m, field->id);
    }
    if (field->id == COVEY_SCHC_OPTION) {
        return locate_option(m, field);
    }
    if (field->id != COVEY_SCHC_PAYLOAD) {
        return locate_part(m, field->id);
    }
    if (m->headers & BIT(COVEY_SCHC_PAYLOAD)) {
        return COVEY_SCHC_X_TWICE;
    }
    m->headers |= BIT(COVEY_SCHC_PAYLOAD);
    m->span = payload_of(m);
    return COVEY_SCHC_MATCHES;
}

static bool value_equals(const struct covey__schc_span *s,
                         const covey_schc_value *v)
{
    return s->bits == v->bits &&
           covey_bits_equal(s->base, s->off, v->bytes, 0, v->bits);
}

/* A grouped value, "/a/b", against as many options as it has segments; the
 * first of them is the located one (8824-update-09 Section 5.4, Table 1). */
static bool group_equals(const struct covey__schc_match *m,
                         const covey_schc_value *value)
{
    const struct covey__schc_view *v = m->view;
    const uint8_t *p = value->bytes;
    const uint8_t *end = p + value->bits / 8;
    unsigned i = m->next - 1;

    for (; p < end; i++) {
        const struct covey__schc_option *o = &v->options[i];
        const uint8_t *segment = ++p; /* after the slash */

        if (i >= v->option_count || o->number != COVEY_OPTION_URI_PATH) {
            return false;
        }
        while (p < end && *p != '/') {
            p++;
        }
        uint32_t bits = (uint32_t)(p - segment) * 8;
        if (o->len * 8u != bits ||
            !covey_bits_equal(v->packet, o->off * 8, segment, 0, bits)) {
            return false;
        }
    }
    return true;
}

/* The other options that a group covers. */
static covey_schc_mismatch claim_group(struct covey__schc_match *m,
                                       unsigned segments)
{
    for (; segments > 1; segments--, m->next++) {
        if (m->next >= m->view->option_count) {
            return COVEY_SCHC_X_RULE; /* says more segments than it has */
        }
        if (m->options & BIT(m->next)) {
            return COVEY_SCHC_X_TWICE;
        }
        m->options |= BIT(m->next);
    }
    return COVEY_SCHC_MATCHES;
}

static bool any_value(struct covey__schc_match *m,
                      const covey_schc_field *field)
{
    for (; m->entry < field->value_count; m->entry++) {
        const covey_schc_value *value = &field->values[m->entry];
        if (field->segments > 0 ? group_equals(m, value)
                                : value_equals(&m->span, value)) {
            return true;
        }
    }
    return false;
}

/* RFC 8724 Section 7.3. */
static bool operator_agrees(struct covey__schc_match *m,
                            const covey_schc_field *field)
{
    m->entry = 0;
    if (field->mo == COVEY_SCHC_MO_IGNORE) {
        return true;
    }
    if (field->mo != COVEY_SCHC_MO_MSB) {
        return any_value(m, field);
    }
    return field->value_count > 0 && m->span.bits >= field->msb &&
           field->values[0].bits >= field->msb &&
           covey_bits_equal(m->span.base, m->span.off, field->values[0].bytes,
                            0, field->msb);
}

/* RFC 8724 Section 7.4.8: only what the decompressor would compute is left
 * out. Without the IPv6 header there is no pseudo-header to sum. */
static bool computable(const struct covey__schc_match *m, uint8_t id)
{
    struct covey__schc_view *v = m->view;
    uint32_t value = covey_bits_load(m->span.base, m->span.off, 16);

    switch (id) {
    case COVEY_SCHC_IPV6_PAYLOAD_LENGTH:
        return value == v->len - IPV6_HEADER;
    case COVEY_SCHC_UDP_LENGTH:
        return value == v->len - v->header[AT_UDP] / 8;
    case COVEY_SCHC_UDP_CHECKSUM:
        if (!(v->layers & COVEY_SCHC_LAYER_IPV6)) {
            return false;
        }
        if (v->checksum == 0) {
            v->checksum = covey__schc_udp_checksum(v->packet, v->len);
        }
        return value == v->checksum;
    default:
        return false;
    }
}

/* RFC 8724 Section 7.4.2: 4, 12 or 28 bits. */
static covey_schc_mismatch put_size(covey_bit_writer *out, uint32_t size)
{
    if (size < 15) {
        covey_bits_put(out, size, 4);
    } else if (size < 255) {
        covey_bits_put(out, 0xf00 | size, 12);
    } else if (size <= 0xffff) {
        covey_bits_put(out, 0xfff0000 | size, 28);
    } else {
        return COVEY_SCHC_X_SIZE;
    }
    return COVEY_SCHC_MATCHES;
}

/* value-sent, or from bit `from` on, LSB: RFC 8724 Sections 7.4.4, 7.4.6. */
static covey_schc_mismatch put_residue(struct covey__schc_match *m,
                                       const covey_schc_field *field,
                                       uint32_t from)
{
    const struct covey__schc_span *s = &m->span;
    uint32_t size = m->ctx->rules->lsb_size_whole ? s->bits : s->bits - from;
    covey_schc_mismatch why = COVEY_SCHC_MATCHES;

    if (field->length == COVEY_SCHC_FL_VAR) {
        why = size & 7 ? COVEY_SCHC_X_LENGTH : put_size(m->out, size >> 3);
    } else if (field->length == COVEY_SCHC_FL_VAR_BIT) {
        why = put_size(m->out, size);
    } else if (field->length == COVEY_SCHC_FL_TARGET) {
        why = COVEY_SCHC_X_RULE;
    }
    if (why == COVEY_SCHC_MATCHES) {
        covey_bits_put_span(m->out, s->base, s->off + from, s->bits - from);
    }
    return why;
}

unsigned covey__schc_index_bits(const covey_schc_rules *rules, uint16_t n)
{
    unsigned bits = 0;

    if (n <= 1) {
        return rules->one_entry_index_bits;
    }
    while ((UINT32_C(1) << bits) < n) {
        bits++;
    }
    return bits;
}

static bool iid_agrees(const struct covey__schc_match *m, const uint8_t *iid)
{
    return iid && m->span.bits == 64 &&
           covey_bits_equal(m->span.base, m->span.off, iid, 0, 64);
}

/* RFC 8724 Section 7.4, for what is more than leaving the field out. */
static covey_schc_mismatch act(struct covey__schc_match *m,
                               const covey_schc_field *field)
{
    switch ((covey_schc_cda)field->cda) {
    case COVEY_SCHC_CDA_NOT_SENT:
        return m->rule->lossy ? COVEY_SCHC_MATCHES : COVEY_SCHC_X_LOSSY;
    case COVEY_SCHC_CDA_VALUE_SENT:
        return put_residue(m, field, 0);
    case COVEY_SCHC_CDA_LSB:
        return put_residue(m, field, field->msb);
    case COVEY_SCHC_CDA_MAPPING_SENT:
        covey_bits_put(
            m->out, m->entry,
            covey__schc_index_bits(m->ctx->rules, field->value_count));
        return COVEY_SCHC_MATCHES;
    case COVEY_SCHC_CDA_COMPUTE:
        return computable(m, field->id) ? COVEY_SCHC_MATCHES
                                        : COVEY_SCHC_X_COMPUTE;
    case COVEY_SCHC_CDA_DEV_IID:
    case COVEY_SCHC_CDA_APP_IID:
        return iid_agrees(m, field->cda == COVEY_SCHC_CDA_DEV_IID
                                 ? m->ctx->dev_iid
                                 : m->ctx->app_iid)
                   ? COVEY_SCHC_MATCHES
                   : COVEY_SCHC_X_IID;
    }
    return COVEY_SCHC_X_RULE;
}

covey_schc_mismatch covey__schc_apply(struct covey__schc_match *m,
                                      const covey_schc_field *field)
{
    covey_schc_mismatch why = locate(m, field);

    if (why != COVEY_SCHC_MATCHES) {
        return why;
    }
    if (field->length == COVEY_SCHC_FL_FIXED && m->span.bits != field->bits &&
        field->segments == 0) {
        return COVEY_SCHC_X_LENGTH;
    }
    if (!operator_agrees(m, field)) {
        return COVEY_SCHC_X_VALUE;
    }
    if (field->segments > 1) {
        why = claim_group(m, field->segments);
    }
    if (why != COVEY_SCHC_MATCHES || (field->cda == COVEY_SCHC_CDA_NOT_SENT &&
                                      field->mo == COVEY_SCHC_MO_EQUAL)) {
        return why;
    }
    return act(m, field);
}

bool covey__schc_active(const struct covey__schc_match *m,
                        const covey_schc_field *field)
{
    return (field->direction & (unsigned)m->view->direction) &&
           (covey__schc_field_layers(field->id) & m->layers);
}

/* Finds an option that no descriptor took. OSCORE is covered if each of its
 * subfields that is there is; the flags announce it even if they are empty. */
static bool options_covered(struct covey__schc_match *m)
{
    const struct covey__schc_view *v = m->view;
    covey_schc_finding *f = &m->failed;

    for (unsigned i = 0; i < v->option_count; i++) {
        if (m->options & BIT(i)) {
            continue;
        }
        f->id = COVEY_SCHC_OPTION;
        f->option = v->options[i].number;
        if (i != v->oscore || m->parts == 0) {
            return false;
        }
        for (unsigned p = 0; p < COVEY_OSCORE_PARTS; p++) {
            if ((p == 0 || v->oscore_len[p] > 0) && !(m->parts & BIT(p))) {
                f->id = (uint8_t)(COVEY_SCHC_OSCORE_FLAGS + p);
                return false;
            }
        }
    }
    return true;
}

bool covey__schc_covered(struct covey__schc_match *m)
{
    uint32_t required = covey__schc_required(m->layers);
    bool coap = m->layers >= COVEY_SCHC_LAYER_COAP;
    covey_schc_finding *f = &m->failed;

    if (coap && m->view->token.bits > 0) {
        required |= BIT(COVEY_SCHC_COAP_TOKEN);
    }
    required &= ~m->headers;
    f->why = COVEY_SCHC_X_UNCOVERED;
    f->field = m->rule->field_count;
    f->option = 0;
    for (f->id = 0; required != 0; f->id++, required >>= 1) {
        if (required & 1) {
            return false;
        }
    }
    if (coap && !options_covered(m)) {
        return false;
    }
    f->why = COVEY_SCHC_MATCHES;
    return true;
}

void covey__schc_match_begin(struct covey__schc_match *m,
                             const covey_schc_context *ctx,
                             struct covey__schc_view *view,
                             const covey_schc_rule *rule,
                             covey_bit_writer *out)
{
    m->ctx = ctx;
    m->view = view;
    m->rule = rule;
    m->out = out;
    m->layers = covey__schc_depth(rule, view->stack);
    m->headers = 0;
    m->options = 0;
    m->parts = 0;
    m->next = 0;
    m->entry = 0;
    m->failed.id = 0;
    m->failed.option = 0;
}

/* The descriptors with the indices in `which` (NULL: all). */
static bool apply_all(struct covey__schc_match *m, const uint16_t *which,
                      unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        unsigned index = which ? which[i] : i;
        const covey_schc_field *field = &m->rule->fields[index];
        if (!covey__schc_active(m, field)) {
            continue;
        }
        m->failed.why = covey__schc_apply(m, field);
        if (m->failed.why != COVEY_SCHC_MATCHES) {
            m->failed.field = (uint16_t)index;
            m->failed.id = field->id;
            m->failed.option = field->option;
            return false;
        }
    }
    return covey__schc_covered(m);
}

bool covey__schc_match_rule(struct covey__schc_match *m,
                            const struct covey__schc_rest *rest)
{
    const covey_schc_rule *rule = m->rule;

    m->failed.why = COVEY_SCHC_X_LAYER;
    m->failed.field = rule->field_count;
    if (rule->nature != COVEY_SCHC_COMPRESSION || rule->id_bits > 32) {
        m->failed.why = COVEY_SCHC_X_NATURE;
        return false;
    }
    if (m->layers == 0 || (m->layers & ~m->view->layers)) {
        return false;
    }
    covey_bits_put(m->out, rule->id, rule->id_bits);
    if (rest) {
        m->headers = rest->covered;
        return apply_all(m, rest->fields, rest->count);
    }
    return apply_all(m, NULL, rule->field_count);
}

void covey__schc_append_payload(struct covey__schc_match *m)
{
    if (!(m->headers & BIT(COVEY_SCHC_PAYLOAD))) {
        struct covey__schc_span s = payload_of(m);
        covey_bits_put_span(m->out, s.base, s.off, s.bits);
    }
}
