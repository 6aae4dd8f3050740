/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding a rule by its RuleID, and judging whether rules can be used at all.
 * What documents demand beyond that is lint.c. */
#include "schc_internal.h"

uint8_t covey_schc_rule_layers(const covey_schc_rule *rule)
{
    const unsigned everywhere = covey__schc_field_layers(COVEY_SCHC_PAYLOAD);
    unsigned layers = 0;

    for (uint16_t i = 0; i < rule->field_count; i++) {
        unsigned one = covey__schc_field_layers(rule->fields[i].id);
        /* A payload belongs to whatever layer is the deepest. */
        layers |= one == everywhere ? 0 : one;
    }
    return (uint8_t)layers;
}

int32_t covey_schc_find(const covey_schc_rules *rules, covey_bytes schc)
{
    for (unsigned i = 0; i < rules->count; i++) {
        const covey_schc_rule *r = &rules->rules[i];
        if (r->id_bits <= schc.len * 8 && r->id_bits <= 32 &&
            covey_bits_load(schc.ptr, 0, r->id_bits) == r->id) {
            return (int32_t)i;
        }
    }
    return -1;
}

static bool one_of(unsigned value, unsigned a, unsigned b)
{
    return value == a || value == b;
}

static covey_schc_fault check_identity(const covey_schc_field *f)
{
    bool oscore = f->id > COVEY_SCHC_OPTION;

    if (f->id >= COVEY_SCHC_FIELD_IDS ||
        (f->id == COVEY_SCHC_OPTION && f->option == 0) ||
        (f->id < COVEY_SCHC_OPTION && f->option != 0) ||
        (oscore && f->option != COVEY_OPTION_OSCORE)) {
        return COVEY_SCHC_F_FIELD;
    }
    if (f->direction < COVEY_SCHC_DI_UP ||
        f->direction > COVEY_SCHC_DI_BIDIRECTIONAL) {
        return COVEY_SCHC_F_DIRECTION;
    }
    return f->id != COVEY_SCHC_OPTION && f->position > 1
               ? COVEY_SCHC_F_POSITION
               : COVEY_SCHC_SOUND;
}

/* Does this FL suit the field? A header field of fixed length has that
 * length; functions belong to one field each; options and their subfields are
 * whole bytes. */
static bool length_suits(const covey_schc_field *f)
{
    bool header = f->id < COVEY_SCHC_PAYLOAD && f->id != COVEY_SCHC_COAP_TKL &&
                  f->id != COVEY_SCHC_COAP_TOKEN;

    switch ((covey_schc_length)f->length) {
    case COVEY_SCHC_FL_FIXED:
        if (header) {
            return f->bits == covey__schc_place(f->id, COVEY_SCHC_UP)->bits;
        }
        if (f->id == COVEY_SCHC_COAP_TKL) {
            return f->bits == 4 || one_of(f->bits, 12, 20);
        }
        return f->bits % 8 == 0;
    case COVEY_SCHC_FL_VAR:
        return !header && f->id != COVEY_SCHC_COAP_TKL;
    case COVEY_SCHC_FL_VAR_BIT:
        return !header;
    case COVEY_SCHC_FL_TARGET:
        return one_of(f->cda, COVEY_SCHC_CDA_NOT_SENT,
                      COVEY_SCHC_CDA_MAPPING_SENT);
    case COVEY_SCHC_FL_TKL:
        return f->id == COVEY_SCHC_COAP_TOKEN;
    case COVEY_SCHC_FL_OSC_PIV:
        return f->id == COVEY_SCHC_OSCORE_PIV;
    case COVEY_SCHC_FL_OSC_X_M:
        return f->id == COVEY_SCHC_OSCORE_NONCE;
    case COVEY_SCHC_FL_OSC_Y_W:
        return f->id == COVEY_SCHC_OSCORE_OLD_NONCE;
    }
    return false;
}

/* Pairs that work: RFC 8724 Section 7.4 and the matrix of
 * draft-ietf-schc-access-control. */
static bool pair_works(const covey_schc_field *f)
{
    switch ((covey_schc_cda)f->cda) {
    case COVEY_SCHC_CDA_NOT_SENT:
        return f->mo <= COVEY_SCHC_MO_MSB;
    case COVEY_SCHC_CDA_VALUE_SENT:
        return f->mo <= COVEY_SCHC_MO_MATCH_MAPPING;
    case COVEY_SCHC_CDA_MAPPING_SENT:
        return f->mo == COVEY_SCHC_MO_MATCH_MAPPING;
    case COVEY_SCHC_CDA_LSB:
        return f->mo == COVEY_SCHC_MO_MSB;
    case COVEY_SCHC_CDA_COMPUTE:
        return f->mo == COVEY_SCHC_MO_IGNORE;
    case COVEY_SCHC_CDA_DEV_IID:
    case COVEY_SCHC_CDA_APP_IID:
        return f->mo <= COVEY_SCHC_MO_IGNORE;
    }
    return false;
}

/* A fixed-length field compares with values of that length. */
static bool target_suits(const covey_schc_field *f, const covey_schc_value *v)
{
    bool whole_bytes = f->id >= COVEY_SCHC_COAP_TOKEN;

    if (v->bits > 0 && v->bytes == NULL) {
        return false;
    }
    if (f->mo == COVEY_SCHC_MO_MSB) {
        return f->length != COVEY_SCHC_FL_FIXED || v->bits <= f->bits;
    }
    if (f->length == COVEY_SCHC_FL_FIXED && f->segments == 0) {
        return v->bits == f->bits;
    }
    if (f->id < COVEY_SCHC_COAP_TOKEN && f->id != COVEY_SCHC_COAP_TKL) {
        return v->bits == covey__schc_place(f->id, COVEY_SCHC_UP)->bits;
    }
    return !whole_bytes || v->bits % 8 == 0;
}

/* The argument of MSB: within TV and FL, whole bytes where bytes are sent. */
static bool msb_suits(const covey_schc_field *f)
{
    if (f->mo != COVEY_SCHC_MO_MSB) {
        return f->msb == 0;
    }
    if (f->length == COVEY_SCHC_FL_VAR && f->msb % 8 != 0) {
        return false;
    }
    return f->msb <= f->values[0].bits &&
           (f->length != COVEY_SCHC_FL_FIXED || f->msb <= f->bits);
}

static covey_schc_fault check_target(const covey_schc_field *f)
{
    bool needed =
        f->mo != COVEY_SCHC_MO_IGNORE || f->cda == COVEY_SCHC_CDA_NOT_SENT;
    bool many = f->mo == COVEY_SCHC_MO_MATCH_MAPPING;

    if ((needed && f->value_count == 0) || (!many && f->value_count > 1) ||
        (f->value_count > 0 && f->values == NULL)) {
        return COVEY_SCHC_F_TARGET;
    }
    for (uint16_t i = 0; needed && i < f->value_count; i++) {
        if (!target_suits(f, &f->values[i])) {
            return COVEY_SCHC_F_TARGET;
        }
    }
    return msb_suits(f) ? COVEY_SCHC_SOUND : COVEY_SCHC_F_MSB;
}

/* A grouped value begins with a slash; all have as many segments. */
static covey_schc_fault check_segments(const covey_schc_field *f)
{
    if (f->segments == 0) {
        return COVEY_SCHC_SOUND;
    }
    if (f->id != COVEY_SCHC_OPTION || f->option != COVEY_OPTION_URI_PATH ||
        !one_of(f->mo, COVEY_SCHC_MO_EQUAL, COVEY_SCHC_MO_MATCH_MAPPING) ||
        !one_of(f->cda, COVEY_SCHC_CDA_NOT_SENT,
                COVEY_SCHC_CDA_MAPPING_SENT)) {
        return COVEY_SCHC_F_SEGMENTS;
    }
    for (uint16_t i = 0; i < f->value_count; i++) {
        const covey_schc_value *v = &f->values[i];
        unsigned slashes = 0;
        for (unsigned b = 0; b < v->bits / 8u; b++) {
            slashes += v->bytes[b] == '/';
        }
        if (v->bits == 0 || v->bytes[0] != '/' || slashes != f->segments) {
            return COVEY_SCHC_F_SEGMENTS;
        }
    }
    return COVEY_SCHC_SOUND;
}

static covey_schc_fault check_field(const covey_schc_field *f)
{
    covey_schc_fault fault = check_identity(f);

    if (fault != COVEY_SCHC_SOUND) {
        return fault;
    }
    if (f->cda == COVEY_SCHC_CDA_COMPUTE &&
        (f->id >= COVEY_SCHC_PAYLOAD ||
         !(COVEY__SCHC_COMPUTABLE & BIT(f->id)))) {
        return COVEY_SCHC_F_COMPUTE;
    }
    if (one_of(f->cda, COVEY_SCHC_CDA_DEV_IID, COVEY_SCHC_CDA_APP_IID) &&
        !one_of(f->id, COVEY_SCHC_IPV6_DEV_IID, COVEY_SCHC_IPV6_APP_IID)) {
        return COVEY_SCHC_F_IID;
    }
    if (!pair_works(f)) {
        return COVEY_SCHC_F_MO_CDA;
    }
    if (!length_suits(f)) {
        return COVEY_SCHC_F_LENGTH;
    }
    fault = check_segments(f);
    return fault != COVEY_SCHC_SOUND ? fault : check_target(f);
}

/* The field whose value a length function needs, or none. */
static uint8_t needed_by(const covey_schc_field *f)
{
    switch ((covey_schc_length)f->length) {
    case COVEY_SCHC_FL_TKL:
        return COVEY_SCHC_COAP_TKL;
    case COVEY_SCHC_FL_OSC_PIV:
        return COVEY_SCHC_OSCORE_FLAGS;
    case COVEY_SCHC_FL_OSC_X_M:
        return COVEY_SCHC_OSCORE_X;
    case COVEY_SCHC_FL_OSC_Y_W:
        return COVEY_SCHC_OSCORE_Y;
    case COVEY_SCHC_FL_FIXED:
    case COVEY_SCHC_FL_VAR:
    case COVEY_SCHC_FL_VAR_BIT:
    case COVEY_SCHC_FL_TARGET:
        break;
    }
    return COVEY_SCHC_FIELD_IDS;
}

/* The same for two descriptors of one option, or of its subfields. */
static covey_schc_fault check_option_pair(const covey_schc_field *a,
                                          const covey_schc_field *b)
{
    unsigned a_end = a->position + (a->segments ? a->segments : 1u);
    unsigned b_end = b->position + (b->segments ? b->segments : 1u);
    bool whole_a = a->id == COVEY_SCHC_OPTION;
    bool whole_b = b->id == COVEY_SCHC_OPTION;

    if (!whole_a || !whole_b) {
        /* One subfield twice, or OSCORE whole and split. */
        return a->id == b->id || whole_a || whole_b ? COVEY_SCHC_F_TWICE
                                                    : COVEY_SCHC_SOUND;
    }
    if (a->position == 0) {
        return b->position == 0 ? COVEY_SCHC_SOUND : COVEY_SCHC_F_POSITION;
    }
    return a->position < b_end && b->position < a_end ? COVEY_SCHC_F_TWICE
                                                      : COVEY_SCHC_SOUND;
}

/* Do two descriptors claim the same field of one packet? */
static covey_schc_fault check_pair(const covey_schc_field *a,
                                   const covey_schc_field *b)
{
    if (!(a->direction & b->direction)) {
        return COVEY_SCHC_SOUND;
    }
    if (a->id < COVEY_SCHC_OPTION && b->id < COVEY_SCHC_OPTION) {
        return (covey__schc_covers(a->id) & covey__schc_covers(b->id)) != 0
                   ? COVEY_SCHC_F_TWICE
                   : COVEY_SCHC_SOUND;
    }
    return a->option == b->option ? check_option_pair(a, b) : COVEY_SCHC_SOUND;
}

/* Every direction of `f` finds what its length function needs before it. */
static bool has_before(const covey_schc_rule *rule, uint16_t before,
                       uint8_t id, unsigned directions)
{
    for (uint16_t i = 0; i < before; i++) {
        if (rule->fields[i].id == id) {
            directions &= ~(unsigned)rule->fields[i].direction;
        }
    }
    return directions == 0;
}

static covey_schc_verdict check_fields(const covey_schc_rule *rule,
                                       uint16_t index)
{
    covey_schc_verdict v = { COVEY_SCHC_SOUND, index, 0, 0 };

    for (; v.field < rule->field_count; v.field++) {
        const covey_schc_field *f = &rule->fields[v.field];
        uint8_t needs = COVEY_SCHC_FIELD_IDS;

        v.other = v.field;
        v.fault = check_field(f);
        if (v.fault == COVEY_SCHC_SOUND) {
            needs = needed_by(f);
        }
        if (needs != COVEY_SCHC_FIELD_IDS &&
            !has_before(rule, v.field, needs, f->direction)) {
            v.fault = COVEY_SCHC_F_ORDER;
        }
        /* Subfields are nothing without the flags that announce them. */
        if (f->id > COVEY_SCHC_OSCORE_FLAGS && v.fault == COVEY_SCHC_SOUND &&
            !has_before(rule, rule->field_count, COVEY_SCHC_OSCORE_FLAGS,
                        f->direction)) {
            v.fault = COVEY_SCHC_F_ORDER;
        }
        for (uint16_t i = 0; i < v.field && v.fault == COVEY_SCHC_SOUND; i++) {
            v.other = i;
            v.fault = check_pair(&rule->fields[i], f);
        }
        if (v.fault != COVEY_SCHC_SOUND) {
            return v;
        }
    }
    return v;
}

static covey_schc_verdict check_rule(const covey_schc_rules *set,
                                     uint16_t index)
{
    const covey_schc_rule *rule = &set->rules[index];
    covey_schc_verdict v = { COVEY_SCHC_SOUND, index, rule->field_count,
                             index };

    if (rule->id_bits < 1 || rule->id_bits > 32 ||
        (rule->id_bits < 32 && rule->id >> rule->id_bits != 0)) {
        v.fault = COVEY_SCHC_F_RULE_ID;
    } else if (rule->nature == COVEY_SCHC_COMPRESSION) {
        if (rule->field_count == 0) {
            v.fault = COVEY_SCHC_F_EMPTY;
        } else if (rule->layers != covey_schc_rule_layers(rule)) {
            v.fault = COVEY_SCHC_F_LAYERS;
        } else {
            v = check_fields(rule, index);
        }
    }
    return v;
}

static bool collide(const covey_schc_rule *a, const covey_schc_rule *b)
{
    unsigned bits = a->id_bits < b->id_bits ? a->id_bits : b->id_bits;

    return a->id >> (a->id_bits - bits) == b->id >> (b->id_bits - bits);
}

covey_schc_verdict covey_schc_check(const covey_schc_rules *rules)
{
    covey_schc_verdict v = { COVEY_SCHC_SOUND, 0, 0, 0 };

    for (uint16_t i = 0; i < rules->count; i++) {
        v = check_rule(rules, i);
        if (v.fault != COVEY_SCHC_SOUND) {
            return v;
        }
        for (uint16_t j = 0; j < i; j++) {
            if (collide(&rules->rules[j], &rules->rules[i])) {
                v.fault = COVEY_SCHC_F_COLLISION;
                v.field = rules->rules[i].field_count;
                v.other = j;
                return v;
            }
        }
    }
    return v;
}
