/* SPDX-License-Identifier: BSD-2-Clause */
/* Comparing rules with each other: which is never reached because an earlier
 * one takes all its packets, and whose RuleID is longer than it has to be.
 *
 * The comparison is exact for rules that describe the same fields the same
 * way; where it cannot tell (code against its two parts, a group of path
 * segments against single ones) it says nothing. */
#include "lint_internal.h"

static uint16_t count_active(const covey_schc_rule *rule, unsigned direction)
{
    uint16_t n = 0;

    for (uint16_t i = 0; i < rule->field_count; i++) {
        n = (uint16_t)(n + ((rule->fields[i].direction & direction) != 0));
    }
    return n;
}

/* The descriptor for the same field in this direction. Rules that look alike
 * have it at the same index, so that is looked at first; which instance of an
 * option FP 0 means depends on its place, so there nothing else will do. */
static const covey_schc_field *counterpart(const covey_schc_rule *rule,
                                           const covey_schc_field *f,
                                           uint16_t guess, unsigned direction)
{
    for (uint16_t n = 0; n < rule->field_count; n++) {
        const covey_schc_field *g =
            &rule->fields[(guess + (uint32_t)n) % rule->field_count];
        if (g->id == f->id && g->option == f->option &&
            g->position == f->position && (g->direction & direction)) {
            bool floating = f->id == COVEY_SCHC_OPTION && f->position == 0;
            return floating && n != 0 ? NULL : g;
        }
    }
    return NULL;
}

/* Does descriptor a let every length pass that b does? */
static bool length_covers(const covey_schc_field *a, const covey_schc_field *b)
{
    if (a->length != COVEY_SCHC_FL_FIXED) {
        return true;
    }
    if (b->length == COVEY_SCHC_FL_FIXED) {
        return a->bits == b->bits;
    }
    if (b->mo != COVEY_SCHC_MO_EQUAL && b->mo != COVEY_SCHC_MO_MATCH_MAPPING) {
        return false;
    }
    for (uint16_t i = 0; i < b->value_count; i++) {
        if (b->values[i].bits != a->bits) {
            return false;
        }
    }
    return true;
}

/* Does the matching operator of a let this value of b pass? `bits` leading
 * bits of it are known. */
static bool value_covered(const covey_schc_field *a, const uint8_t *bytes,
                          uint16_t bits)
{
    if (a->mo == COVEY_SCHC_MO_MSB) {
        return bits >= a->msb &&
               covey_bits_equal(a->values[0].bytes, 0, bytes, 0, a->msb);
    }
    for (uint16_t i = 0; i < a->value_count; i++) {
        if (a->values[i].bits == bits &&
            covey_bits_equal(a->values[i].bytes, 0, bytes, 0, bits)) {
            return true;
        }
    }
    return false;
}

/* Does a let every value pass that b does? Actions that check the value
 * themselves (compute, DevIID, AppIID), or that depend on lossy, cover only
 * themselves. */
static bool covers(const covey_schc_field *a, const covey_schc_field *b)
{
    bool checks =
        a->cda >= COVEY_SCHC_CDA_COMPUTE ||
        (a->cda == COVEY_SCHC_CDA_NOT_SENT && a->mo != COVEY_SCHC_MO_EQUAL);

    if (a->segments != b->segments || !length_covers(a, b) ||
        (checks && a->cda != b->cda)) {
        return false;
    }
    if (a->mo == COVEY_SCHC_MO_IGNORE) {
        return true;
    }
    if (b->mo == COVEY_SCHC_MO_IGNORE) {
        return false;
    }
    if (b->mo == COVEY_SCHC_MO_MSB) {
        return a->mo == COVEY_SCHC_MO_MSB &&
               value_covered(a, b->values[0].bytes, b->msb);
    }
    for (uint16_t i = 0; i < b->value_count; i++) {
        if (!value_covered(a, b->values[i].bytes, b->values[i].bits)) {
            return false;
        }
    }
    return true;
}

/* A rule that nothing matches is not unreachable, it is incomplete. */
static bool takes_all_of(const covey_schc_rule *a, const covey_schc_rule *b)
{
    bool reached = false;

    if (a->layers != b->layers || (b->lossy && !a->lossy)) {
        return false;
    }
    for (unsigned d = COVEY_SCHC_UP; d <= COVEY_SCHC_DOWN; d++) {
        if (!covey__lint_complete(b, d)) {
            continue;
        }
        reached = true;
        if (count_active(a, d) != count_active(b, d)) {
            return false;
        }
        for (uint16_t i = 0; i < b->field_count; i++) {
            const covey_schc_field *f = &b->fields[i];
            const covey_schc_field *g = NULL;
            if (!(f->direction & d)) {
                continue;
            }
            g = counterpart(a, f, i, d);
            if (g == NULL || !covers(g, f)) {
                return false;
            }
        }
    }
    return reached;
}

bool covey__lint_unreachable(struct covey__lint_place *p)
{
    if (p->set->select != COVEY_SCHC_FIRST ||
        p->rule->nature != COVEY_SCHC_COMPRESSION) {
        return false;
    }
    for (uint16_t i = 0; i < p->at_rule; i++) {
        const covey_schc_rule *earlier = &p->set->rules[i];
        if (earlier->nature == COVEY_SCHC_COMPRESSION &&
            takes_all_of(earlier, p->rule)) {
            p->other = i;
            return true;
        }
    }
    return false;
}

bool covey__lint_long_rule_id(struct covey__lint_place *p)
{
    const covey_schc_rule *rule = p->rule;
    unsigned bits = rule->id_bits - 1u;

    if (bits == 0) {
        return false;
    }
    for (uint16_t i = 0; i < p->set->count; i++) {
        const covey_schc_rule *r = &p->set->rules[i];
        if (r != rule && r->id_bits >= bits &&
            r->id >> (r->id_bits - bits) == rule->id >> 1) {
            return false;
        }
    }
    return true;
}
