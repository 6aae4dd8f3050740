/* SPDX-License-Identifier: BSD-2-Clause */
/* Rules and lists of them in the shape of RFC 9363. A rule that cannot be
 * read leaves an empty place in the table, so that the others are read and
 * every problem is seen; a table with an empty place is never handed out. */
#include "internal.h"

#include <string.h>

/* More than any packet has fields in both directions; the check of a rule
 * compares all pairs. */
#define FIELDS_MAX 1024u

enum {
    R_VALUE,
    R_LENGTH,
    R_NATURE,
    R_ENTRY,
    R_LOSSY,
    R_NOTE,
    R_COUNT
};
static const char *const rule_members[R_COUNT] = {
    "rule-id-value", "rule-id-length", "rule-nature",
    "entry",         "covey:lossy",    "covey:note",
};
static const rules_names rule_names = { rule_members, R_COUNT, false };

void rules_id(rules_loader *l, struct fy_node *object, struct fy_node *value,
              struct fy_node *length, covey_schc_rule *rule)
{
    static const char source[] = "RFC 8724 Section 6; RFC 9363 Section 6";
    uint64_t id = 0;
    uint64_t bits = 0;

    if (value == NULL || length == NULL) {
        rules_error(l, object, source, "the rule has no %s",
                    value ? "RuleID length" : "RuleID");
        return;
    }
    if (!rules_json_unsigned(length, 32, &bits) || bits == 0) {
        rules_error(l, length, source,
                    "expected the bits of a RuleID, 1 to 32");
        return;
    }
    if (!rules_json_unsigned(value, ((uint64_t)1 << bits) - 1, &id)) {
        rules_error(l, value, source,
                    "expected a RuleID that fits in %u bit%s", (unsigned)bits,
                    bits == 1 ? "" : "s");
        return;
    }
    rule->id = (uint32_t)id;
    rule->id_bits = (uint8_t)bits;
}

void rules_fields(rules_loader *l, struct fy_node *list, uint16_t rule,
                  rules_field_reader *read)
{
    const size_t count = list ? rules_json_count(list) : 0;
    covey_schc_field *fields;
    struct fy_node **nodes;
    void *at = NULL;
    struct fy_node *entry;
    const char *key;

    if (list == NULL || rules_json_kind_of(list) != RULES_JSON_ARRAY ||
        count == 0 || count > FIELDS_MAX) {
        rules_error(l, list ? list : l->file->rule_nodes[rule],
                    "RFC 8724 Section 7.1",
                    "a compression rule needs an array of 1 to %u field "
                    "descriptors",
                    FIELDS_MAX);
        return;
    }
    fields = rules_alloc(l, count, sizeof *fields);
    nodes = rules_alloc(l, count, sizeof *nodes);
    if (fields == NULL || nodes == NULL) {
        return;
    }
    for (size_t i = 0; rules_json_next(list, &at, &key, &entry); i++) {
        nodes[i] = entry;
        read(l, entry, &fields[i]); /* what is wrong is in the report */
    }
    l->file->field_nodes[rule] = nodes;
    l->file->table[rule].fields = fields;
    l->file->table[rule].field_count = (uint16_t)count;
}

/* The nature; false if the rule is to be passed over. */
static bool read_nature(rules_loader *l, struct fy_node *object,
                        covey_schc_rule *rule)
{
    struct fy_node *node = rules_json_get(object, "rule-nature");
    const char *text;

    if (node == NULL) {
        node = rules_json_get(object, "ietf-schc:rule-nature");
    }
    text = node ? rules_json_string(node) : "";
    if (text != NULL && strncmp(text, "ietf-schc:", 10) == 0) {
        text += 10;
    }
    if (text != NULL && strcmp(text, "nature-compression") == 0) {
        rule->nature = COVEY_SCHC_COMPRESSION;
        return true;
    }
    if (text != NULL && strcmp(text, "nature-no-compression") == 0) {
        rule->nature = COVEY_SCHC_NO_COMPRESSION;
        return true;
    }
    if (text != NULL && strcmp(text, "nature-fragmentation") == 0) {
        rules_error(l, node, "RFC 8724 Section 8",
                    "fragmentation rules are not supported yet");
    } else {
        rules_error(l, node ? node : object, "RFC 9363 Section 6",
                    "expected \"rule-nature\": nature-compression or "
                    "nature-no-compression");
    }
    return false;
}

static bool read_lossy(rules_loader *l, struct fy_node *node)
{
    static const char *const words[] = { "refuse", "allow" };

    if (node == NULL) {
        return l->lossy || l->options->allow_lossy;
    }
    return rules_choice(l, node, words, COUNT(words), "covey-rules(5)") == 1 ||
           l->options->allow_lossy;
}

static void read_rule(rules_loader *l, struct fy_node *object, uint16_t rule)
{
    struct fy_node *m[R_COUNT] = { NULL };
    covey_schc_rule *r = &l->file->table[rule];

    if (rules_json_kind_of(object) == RULES_JSON_OBJECT &&
        !read_nature(l, object, r)) {
        return;
    }
    if (!rules_members(l, object, "a rule", &rule_names, m)) {
        return;
    }
    rules_id(l, object, m[R_VALUE], m[R_LENGTH], r);
    r->lossy = read_lossy(l, m[R_LOSSY]);
    if (r->nature == COVEY_SCHC_COMPRESSION) {
        rules_fields(l, m[R_ENTRY], rule, rules_field);
    } else if (m[R_ENTRY] != NULL && rules_json_count(m[R_ENTRY]) > 0) {
        rules_error(l, m[R_ENTRY], "RFC 8724 Section 7.1",
                    "a no-compression rule has no field descriptors");
    }
}

/* Room for the table and for what remembers the places in the file. */
static bool make_table(rules_loader *l, size_t count)
{
    rules_file *f = l->file;

    f->table = rules_alloc(l, count, sizeof *f->table);
    f->rule_nodes = rules_alloc(l, count, sizeof *f->rule_nodes);
    f->field_nodes = rules_alloc(l, count, sizeof *f->field_nodes);
    f->fragmentations = rules_alloc(l, count, sizeof *f->fragmentations);
    if (!f->table || !f->rule_nodes || !f->field_nodes || !f->fragmentations) {
        return false;
    }
    f->rules.rules = f->table;
    f->rules.count = (uint16_t)count;
    return true;
}

static void read_either(rules_loader *l, struct fy_node *object, uint16_t rule)
{
    l->file->rule_nodes[rule] = object;
    if (rules_json_get(object, "RuleID") != NULL) {
        rules_openschc(l, object, rule);
    } else {
        read_rule(l, object, rule);
    }
}

void rules_list(rules_loader *l, struct fy_node *list)
{
    const bool one = rules_json_kind_of(list) == RULES_JSON_OBJECT;
    const size_t count = one ? 1 : rules_json_count(list);
    void *at = NULL;
    struct fy_node *object;
    const char *key;

    if (count == 0 || count > UINT16_MAX) {
        rules_error(l, list, "RFC 9363 Section 6",
                    "expected 1 to 65535 rules, found %s%s",
                    count ? "more" : rules_json_kind_name(list),
                    count ? "" : " without any");
        return;
    }
    if (!make_table(l, count)) {
        return;
    }
    if (one) {
        read_either(l, list, 0);
        return;
    }
    uint16_t used = 0;
    while (rules_json_next(list, &at, &key, &object)) {
        if (!rules_fragmentation_read(l, object)) {
            read_either(l, object, used++);
        }
    }
    l->file->rules.count = used;
}
