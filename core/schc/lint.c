/* SPDX-License-Identifier: BSD-2-Clause */
/* Walks the checks over a rule set.
 *
 * The cursor counts pairs of a place and a check: places are the descriptors
 * of each rule followed by the rule as such, rule after rule, and the set at
 * the very end. So nothing is remembered between calls, and each pair is
 * looked at once however many findings there are. */
#include "lint_internal.h"

bool covey__lint_sent(const covey_schc_field *f)
{
    return f->value_count == 0 && f->mo == COVEY_SCHC_MO_IGNORE &&
           f->cda == COVEY_SCHC_CDA_VALUE_SENT;
}

bool covey__lint_fixed(const covey_schc_field *f)
{
    return f->value_count == 1 && f->mo == COVEY_SCHC_MO_EQUAL &&
           f->cda == COVEY_SCHC_CDA_NOT_SENT;
}

bool covey__lint_admits(const covey_schc_field *f, uint32_t value,
                        unsigned bits)
{
    if (f->mo == COVEY_SCHC_MO_IGNORE) {
        return true;
    }
    if (f->mo == COVEY_SCHC_MO_MSB) {
        return f->msb <= bits &&
               covey_bits_load(f->values[0].bytes, 0, f->msb) ==
                   value >> (bits - f->msb);
    }
    for (uint16_t i = 0; i < f->value_count; i++) {
        if (f->values[i].bits == bits &&
            covey_bits_load(f->values[i].bytes, 0, bits) == value) {
            return true;
        }
    }
    return false;
}

const covey_schc_field *covey__lint_find(const covey_schc_rule *rule,
                                         uint8_t id, unsigned direction)
{
    for (uint16_t i = 0; i < rule->field_count; i++) {
        const covey_schc_field *f = &rule->fields[i];
        if (f->id == id && (f->direction & direction)) {
            return f;
        }
    }
    return NULL;
}

unsigned covey__lint_layers(const covey_schc_rule *rule)
{
    const unsigned inner = COVEY_SCHC_LAYER_COAP_INNER;
    const unsigned outer = COVEY_SCHC_LAYER_COAP;
    unsigned layers = rule->layers;

    for (uint16_t i = 0; i < rule->field_count; i++) {
        if (covey__schc_field_layers(rule->fields[i].id) == outer) {
            return layers & ~inner;
        }
    }
    return (layers & (COVEY_SCHC_LAYER_IPV6 | COVEY_SCHC_LAYER_UDP)) != 0
               ? layers & ~inner
               : layers & ~outer;
}

bool covey__lint_complete(const covey_schc_rule *rule, unsigned direction)
{
    uint32_t lacking = covey__schc_required(covey__lint_layers(rule));

    for (uint16_t i = 0; i < rule->field_count; i++) {
        const covey_schc_field *f = &rule->fields[i];
        if (f->id < COVEY_SCHC_OPTION && (f->direction & direction)) {
            lacking &= ~covey__schc_covers(f->id);
        }
    }
    return lacking == 0;
}

/* Puts p where its indices say: on a descriptor, on a rule as such, or, with
 * the index behind the last rule, on the set. */
static void look(struct covey__lint_place *p)
{
    p->rule = NULL;
    p->field = NULL;
    if (p->at_rule < p->set->count) {
        p->rule = &p->set->rules[p->at_rule];
        if (p->at_field < p->rule->field_count) {
            p->field = &p->rule->fields[p->at_field];
        }
    }
}

/* The n-th place; false behind the set. */
static bool find_place(struct covey__lint_place *p, uint32_t n)
{
    for (p->at_rule = 0; p->at_rule < p->set->count; p->at_rule++) {
        uint32_t count = p->set->rules[p->at_rule].field_count + 1u;
        if (n < count) {
            break;
        }
        n -= count;
    }
    p->at_field = (uint16_t)n;
    look(p);
    return p->rule != NULL || n == 0;
}

static bool next_place(struct covey__lint_place *p)
{
    if (p->rule == NULL) {
        return false;
    }
    if (p->field != NULL) {
        p->at_field++;
    } else {
        p->at_rule++;
        p->at_field = 0;
    }
    look(p);
    return true;
}

static bool concerns(const struct covey__lint_check *check,
                     const struct covey__lint_place *p)
{
    if (p->rule == NULL) {
        return check->id == COVEY__LINT_SET;
    }
    if (p->field == NULL) {
        return check->id == COVEY__LINT_RULE;
    }
    if (check->id == COVEY_SCHC_OPTION) {
        return p->field->id == check->id && p->field->option == check->number;
    }
    return check->id == p->field->id || check->id == COVEY__LINT_FIELD;
}

static const struct covey__lint_check *check_at(uint32_t i)
{
    return i < covey__lint_demand_count
               ? &covey__lint_demands[i]
               : &covey__lint_notes[i - covey__lint_demand_count];
}

/* A finding about the set as such is shown at its last rule, unless the
 * predicate knows a better place. */
static void report(const struct covey__lint_check *check,
                   const struct covey__lint_place *p, covey_schc_lint_row *out)
{
    bool nowhere = p->at_rule >= p->set->count && p->set->count > 0;

    out->severity = (covey_schc_severity)check->severity;
    out->rule = (uint16_t)(nowhere ? p->set->count - 1u : p->at_rule);
    out->field = nowhere ? p->set->rules[out->rule].field_count : p->at_field;
    out->other = nowhere ? out->rule : p->other;
    out->text = check->text;
    out->document = check->document;
    out->section = check->section;
}

bool covey_schc_lint_next(const covey_schc_rules *rules,
                          covey_schc_profile profile, uint32_t *at,
                          covey_schc_lint_row *out)
{
    const uint32_t checks = covey__lint_demand_count + covey__lint_note_count;
    struct covey__lint_place p = { .set = rules };
    bool more = find_place(&p, *at / checks);

    while (more) {
        const struct covey__lint_check *check = check_at(*at % checks);

        ++*at;
        p.number = check->number;
        p.other = p.at_rule;
        if ((check->profiles & BIT(profile)) && concerns(check, &p) &&
            check->applies(&p)) {
            report(check, &p, out);
            return true;
        }
        if (*at % checks == 0) {
            more = next_place(&p);
        }
    }
    return false;
}
