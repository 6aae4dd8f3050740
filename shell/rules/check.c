/* SPDX-License-Identifier: BSD-2-Clause */
/* What the core says about a rule set, with the places in the file. */
#include "internal.h"

#include <string.h>

/* Where each fault is written. */
static const char *fault_source(covey_schc_fault fault)
{
    static const char *const sources[] = {
        [COVEY_SCHC_F_RULE_ID] = "RFC 8724 Section 6",
        [COVEY_SCHC_F_COLLISION] = "RFC 8724 Section 6",
        [COVEY_SCHC_F_EMPTY] = "RFC 8724 Section 7.1",
        [COVEY_SCHC_F_FIELD] = "RFC 9363 Section 4.3",
        [COVEY_SCHC_F_DIRECTION] = "RFC 8724 Section 7.1",
        [COVEY_SCHC_F_POSITION] = "RFC 8724 Section 7.1",
        [COVEY_SCHC_F_TWICE] = "RFC 9363 Section 6",
        [COVEY_SCHC_F_LENGTH] = "RFC 8724 Section 7.1; 8824-update-09 "
                                "Section 3.1",
        [COVEY_SCHC_F_TARGET] = "RFC 8724 Section 7.1",
        [COVEY_SCHC_F_MO_CDA] = "RFC 8724 Section 7.4",
        [COVEY_SCHC_F_MSB] = "RFC 8724 Section 7.3; 8824-update-09 Section "
                             "5.4",
        [COVEY_SCHC_F_COMPUTE] = "RFC 8724 Section 7.4",
        [COVEY_SCHC_F_IID] = "RFC 8724 Section 7.4",
        [COVEY_SCHC_F_SEGMENTS] = "8824-update-09 Section 5.4",
        [COVEY_SCHC_F_ORDER] = "8824-update-09 Sections 4.6 and 6.4",
        [COVEY_SCHC_F_LAYERS] = "RFC 8724 Section 7.1",
    };
    return (size_t)fault < COUNT(sources) && sources[fault] ? sources[fault]
                                                            : "";
}

static struct fy_node *node_of(const rules_file *file, uint16_t rule,
                               uint16_t field)
{
    return field < file->table[rule].field_count
               ? file->field_nodes[rule][field]
               : file->rule_nodes[rule];
}

/* "fid-coap-type: " for a field, "RuleID 5/8: " for the rule as such. */
static void subject(const rules_file *file, uint16_t rule, uint16_t field,
                    char *out, size_t cap)
{
    const covey_schc_rule *r = &file->table[rule];
    char name[COVEY_SCHC_NAME_MAX];

    if (field < r->field_count) {
        const covey_schc_field *f = &r->fields[field];
        snprintf(out, cap, "%s",
                 covey_schc_field_name(f->id, f->option, name));
    } else {
        snprintf(out, cap, "RuleID %lu/%u", (unsigned long)r->id,
                 (unsigned)r->id_bits);
    }
}

/* ", see line N" where a finding is about a pair. */
static void counterpart(struct fy_node *node, struct fy_node *other, char *out,
                        size_t cap)
{
    unsigned line = 0;
    unsigned column = 0;

    out[0] = '\0';
    if (other != node) {
        rules_json_position(other, &line, &column);
        snprintf(out, cap, "; the other one is at line %u", line);
    }
}

static void report_fault(rules_loader *l, const covey_schc_verdict *v)
{
    const rules_file *file = l->file;
    struct fy_node *node = node_of(file, v->rule, v->field);
    struct fy_node *pair = node;
    char who[COVEY_SCHC_NAME_MAX + 16];
    char where[48];

    if (v->fault == COVEY_SCHC_F_COLLISION) {
        pair = file->rule_nodes[v->other];
    } else if (v->fault == COVEY_SCHC_F_TWICE ||
               v->fault == COVEY_SCHC_F_POSITION) {
        pair = node_of(file, v->rule, v->other);
    }
    subject(file, v->rule, v->field, who, sizeof who);
    counterpart(node, pair, where, sizeof where);
    rules_error(l, node, fault_source(v->fault), "%s: %s%s", who,
                covey_schc_fault_text(v->fault), where);
}

/* Each rule by itself, so that every faulty rule is named; then all of them
 * together. */
static bool sound(rules_loader *l)
{
    const covey_schc_rules *set = &l->file->rules;
    covey_schc_verdict v;
    bool good = true;

    for (uint16_t i = 0; i < set->count; i++) {
        covey_schc_rules one = *set;
        one.rules = &set->rules[i];
        one.count = 1;
        v = covey_schc_check(&one);
        if (v.fault != COVEY_SCHC_SOUND) {
            v.rule = i;
            report_fault(l, &v);
            good = false;
        }
    }
    if (!good) {
        return false;
    }
    v = covey_schc_check(set);
    if (v.fault != COVEY_SCHC_SOUND) {
        report_fault(l, &v);
    }
    return v.fault == COVEY_SCHC_SOUND;
}

/* Fields whose value the other end replaces: the packet comes back only if it
 * had that value anyway. */
static void report_lossy(rules_loader *l, uint16_t rule)
{
    const covey_schc_rule *r = &l->file->table[rule];
    char name[COVEY_SCHC_NAME_MAX];

    for (uint16_t i = 0; i < r->field_count; i++) {
        const covey_schc_field *f = &r->fields[i];
        if (f->cda != COVEY_SCHC_CDA_NOT_SENT ||
            (f->mo != COVEY_SCHC_MO_IGNORE && f->mo != COVEY_SCHC_MO_MSB)) {
            continue;
        }
        rules_warning(
            l, l->file->field_nodes[rule][i], "RFC 8724 Section 7.4",
            "%s: lossy, %s", covey_schc_field_name(f->id, f->option, name),
            r->lossy ? "other values come back as the target value"
                     : "so other values than the target value do not "
                       "match; \"covey:lossy\": \"allow\" permits it");
    }
}

static void report_lint(rules_loader *l)
{
    const rules_file *file = l->file;
    covey_schc_lint_row row;
    uint32_t at = 0;

    while (covey_schc_lint_next(&file->rules, file->profile, &at, &row)) {
        struct fy_node *node = node_of(file, row.rule, row.field);
        struct fy_node *pair =
            row.other != row.rule && row.other < file->rules.count
                ? file->rule_nodes[row.other]
                : node;
        char who[COVEY_SCHC_NAME_MAX + 16];
        char where[48];
        char source[sizeof l->report->messages->source];

        subject(file, row.rule, row.field, who, sizeof who);
        counterpart(node, pair, where, sizeof where);
        snprintf(source, sizeof source, "%s%s%s", row.document,
                 row.section[0] ? " Section " : "", row.section);
        if (row.severity == COVEY_SCHC_MUST) {
            rules_error(l, node, source, "%s: %s%s", who, row.text, where);
        } else {
            rules_warning(l, node, source, "%s: %s%s", who, row.text, where);
        }
    }
}

void rules_check(rules_loader *l)
{
    rules_file *file = l->file;

    for (uint16_t i = 0; i < file->rules.count; i++) {
        file->table[i].layers = covey_schc_rule_layers(&file->table[i]);
    }
    if (!sound(l)) {
        return;
    }
    if (l->options->check_profile) {
        report_lint(l); /* among much else, it knows lossy fields */
        return;
    }
    for (uint16_t i = 0; i < file->rules.count; i++) {
        report_lossy(l, i);
    }
}
