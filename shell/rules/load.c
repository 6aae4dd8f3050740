/* SPDX-License-Identifier: BSD-2-Clause */
/* Rule files at the level of the document: where the rules are, and what the
 * file says about all of them (covey-rules(5)). */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

/* Members of a document. Those from D_DESCRIPTION on are the documentation of
 * vector files, which may be used as rule files. */
enum {
    D_SCHC,
    D_RULE,
    D_RULES,
    D_OPENSCHC,
    D_SOR,
    D_PROFILE,
    D_KUDOS,
    D_STACK,
    D_SELECT,
    D_LOSSY,
    D_ONE_ENTRY,
    D_LSB_SIZE,
    D_ENCODING,
    D_NOTE,
    D_DEVICE,
    D_DESCRIPTION,
    D_TV_CONVENTION,
    D_PADDING,
    D_PLAIN_NOTE,
    D_SOURCE,
    D_VECTORS,
    D_COUNT
};
static const char *const document_members[D_COUNT] = {
    "schc",
    "rule",
    "rules",
    "rules_openschc_json",
    "SoR",
    "covey:profile",
    "covey:kudos",
    "covey:stack",
    "covey:select",
    "covey:lossy",
    "covey:one-entry-index",
    "covey:lsb-size",
    "covey:value-encoding",
    "covey:note",
    "DeviceID",
    "description",
    "tv_convention",
    "padding",
    "note",
    "source",
    "vectors",
};

static const char manual[] = "covey-rules(5)";

rules_options rules_default_options(void)
{
    rules_options o = { .check_profile = true,
                        .profile = COVEY_SCHC_PROFILE_SEED };
    return o;
}

static void read_profile(rules_loader *l, struct fy_node *node)
{
    static const char *const words[] = {
        "draft-tiloca-schc-8824-update-00",
        "8824-update-09",
        "draft-ietf-schc-8824-update-09",
    };
    const int at = rules_choice(l, node, words, COUNT(words), manual);

    if (at >= 0) {
        l->file->profile =
            at == 0 ? COVEY_SCHC_PROFILE_SEED : COVEY_SCHC_PROFILE_09;
        l->file->profile_named = true;
    }
}

static void read_kudos(rules_loader *l, struct fy_node *node)
{
    static const char *const words[] = { "seed", "kudos-14" };

    l->file->rules.kudos =
        rules_choice(l, node, words, COUNT(words), manual) == 1
            ? COVEY_KUDOS_14
            : COVEY_KUDOS_SEED;
}

static void read_stack(rules_loader *l, struct fy_node *node)
{
    const char *text = rules_json_string(node);
    covey_schc_stack stack;

    if (text != NULL && covey_schc_stack_by_name(text, &stack) == COVEY_OK) {
        l->file->stack = (uint8_t)stack;
        return;
    }
    rules_error(l, node, manual,
                "expected \"coap\", \"coap-inner\", \"udp-coap\", \"ipv6\", "
                "\"ipv6-udp\" or \"ipv6-udp-coap\"");
}

static void read_select(rules_loader *l, struct fy_node *node)
{
    static const char *const words[] = { "first", "shortest" };

    l->file->rules.select =
        rules_choice(l, node, words, COUNT(words), manual) == 1
            ? COVEY_SCHC_SHORTEST
            : COVEY_SCHC_FIRST;
}

static void read_file_lossy(rules_loader *l, struct fy_node *node)
{
    static const char *const words[] = { "refuse", "allow" };

    l->lossy = rules_choice(l, node, words, COUNT(words), manual) == 1;
}

static void read_one_entry(rules_loader *l, struct fy_node *node)
{
    uint64_t bits = 0;

    if (!rules_json_unsigned(node, 1, &bits)) {
        rules_error(l, node, "RFC 8724 Section 7.4",
                    "expected 0 or 1, the bits of the index into a list of "
                    "one value");
    }
    l->file->rules.one_entry_index_bits = bits == 1;
}

static void read_lsb_size(rules_loader *l, struct fy_node *node)
{
    static const char *const words[] = { "residue", "value" };

    l->file->rules.lsb_size_whole =
        rules_choice(l, node, words, COUNT(words), manual) == 1;
}

static void read_encoding(rules_loader *l, struct fy_node *node)
{
    static const char *const words[] = { "hex", "base64" };

    l->base64 = rules_choice(l, node, words, COUNT(words), manual) == 1;
}

static void read_settings(rules_loader *l, struct fy_node *const *m)
{
    static const struct {
        int member;
        void (*read)(rules_loader *l, struct fy_node *node);
    } readers[] = {
        { D_PROFILE, read_profile },   { D_KUDOS, read_kudos },
        { D_STACK, read_stack },       { D_SELECT, read_select },
        { D_LOSSY, read_file_lossy },  { D_ONE_ENTRY, read_one_entry },
        { D_LSB_SIZE, read_lsb_size }, { D_ENCODING, read_encoding },
    };

    for (size_t i = 0; i < COUNT(readers); i++) {
        if (m[readers[i].member] != NULL) {
            readers[i].read(l, m[readers[i].member]);
        }
    }
}

/* The one member that holds rules; NULL, after an error, if there is none or
 * more than one. */
static struct fy_node *rules_member(rules_loader *l, struct fy_node *object,
                                    struct fy_node *const *m)
{
    struct fy_node *found = NULL;

    for (int i = D_SCHC; i <= D_SOR; i++) {
        if (m[i] != NULL && found != NULL) {
            rules_error(l, m[i], manual,
                        "a second place for rules; the file has one already");
            return NULL;
        }
        found = m[i] ? m[i] : found;
    }
    if (found == NULL) {
        rules_error(l, object, "RFC 9363 Section 6",
                    "no rules here: expected \"ietf-schc:schc\", \"rule\", "
                    "\"rules\", a list of rules, or one rule");
    }
    return found;
}

static bool is_rule(struct fy_node *node)
{
    return rules_json_get(node, "rule-id-value") != NULL ||
           rules_json_get(node, "ietf-schc:rule-id-value") != NULL ||
           rules_json_get(node, "rule-nature") != NULL ||
           rules_json_get(node, "RuleID") != NULL;
}

static bool is_vector_file(struct fy_node *node)
{
    return rules_json_get(node, "vectors") != NULL ||
           rules_json_get(node, "SoR") != NULL;
}

static void read_document(rules_loader *l, struct fy_node *node)
{
    struct fy_node *m[D_COUNT] = { NULL };
    struct fy_node *inner[D_COUNT] = { NULL };
    const rules_names names = { document_members, D_COUNT,
                                is_vector_file(node) };
    struct fy_node *found;

    if (rules_json_kind_of(node) == RULES_JSON_ARRAY || is_rule(node)) {
        rules_list(l, node);
        return;
    }
    if (!rules_members(l, node, "a rule file", &names, m)) {
        return;
    }
    read_settings(l, m);
    found = rules_member(l, node, m);
    if (found != NULL && found == m[D_SCHC]) {
        if (!rules_members(l, found, "ietf-schc:schc", &names, inner)) {
            return;
        }
        read_settings(l, inner);
        found = rules_member(l, found, inner);
        if (found != NULL && found == inner[D_SCHC]) {
            rules_error(l, found, "RFC 9363 Section 6",
                        "expected \"rule\" within \"ietf-schc:schc\"");
            return;
        }
    }
    if (found != NULL) {
        rules_list(l, found);
    }
}

static void settle_profile(rules_loader *l)
{
    const rules_options *o = l->options;

    if (o->force_profile || !l->file->profile_named) {
        l->file->profile = o->profile;
    }
}

/* Whether the rule set is good; the report says what is not. */
static bool read_and_check(rules_loader *l, struct fy_node *node)
{
    const size_t errors = l->report->errors;

    l->file->rules.kudos = (uint8_t)l->options->kudos;
    l->file->rules.one_entry_index_bits = l->options->one_entry_index_bits;
    read_document(l, node);
    settle_profile(l);
    if (l->report->errors != errors) {
        return false;
    }
    rules_check(l);
    return l->report->errors == errors;
}

rules_file *rules_load_node(struct fy_node *node, const rules_options *options,
                            rules_report *report)
{
    const rules_place nowhere = { 0, 0, "" };
    rules_file *file = calloc(1, sizeof *file);
    rules_loader l = { .file = file,
                       .options = options,
                       .report = report,
                       .base64 = options->base64 };

    if (file == NULL) {
        rules_report_at(report, RULES_ERROR, nowhere, "", "out of memory");
        return NULL;
    }
    if (!read_and_check(&l, node)) {
        rules_free(file);
        return NULL;
    }
    return file;
}

static rules_file *load_document(rules_json *document,
                                 const rules_options *options,
                                 rules_report *report)
{
    rules_file *file = NULL;

    if (document != NULL) {
        file = rules_load_node(rules_json_root(document), options, report);
    }
    if (file == NULL) {
        rules_json_free(document);
        return NULL;
    }
    file->document = document;
    return file;
}

rules_file *rules_load(const char *path, const rules_options *options,
                       rules_report *report)
{
    memset(report, 0, sizeof *report);
    return load_document(rules_json_read(path, report), options, report);
}

rules_file *rules_load_text(const char *text, size_t len,
                            const rules_options *options, rules_report *report)
{
    memset(report, 0, sizeof *report);
    return load_document(rules_json_parse(text, len, report), options, report);
}

void rules_free(rules_file *file)
{
    if (file == NULL) {
        return;
    }
    rules_json_free(file->document);
    rules_arena_free(&file->arena);
    free(file);
}

const covey_schc_rules *rules_get(const rules_file *file)
{
    return &file->rules;
}

covey_schc_profile rules_profile(const rules_file *file)
{
    return file->profile;
}

covey_schc_stack rules_stack(const rules_file *file)
{
    unsigned layers = 0;

    for (uint16_t i = 0; i < file->rules.count; i++) {
        layers |= file->rules.rules[i].layers;
    }
    if (file->stack != 0) {
        return (covey_schc_stack)file->stack;
    }
    /* coap-inner is for rules of the plaintext alone */
    if (layers == COVEY_SCHC_LAYER_COAP_INNER) {
        return COVEY_SCHC_STACK_COAP_INNER;
    }
    layers &= ~(unsigned)COVEY_SCHC_LAYER_COAP_INNER;
    if (layers & COVEY_SCHC_LAYER_IPV6) {
        return layers & COVEY_SCHC_LAYER_COAP  ? COVEY_SCHC_STACK_IPV6_UDP_COAP
               : layers & COVEY_SCHC_LAYER_UDP ? COVEY_SCHC_STACK_IPV6_UDP
                                               : COVEY_SCHC_STACK_IPV6;
    }
    if (layers & COVEY_SCHC_LAYER_UDP) {
        return COVEY_SCHC_STACK_UDP_COAP;
    }
    return layers ? COVEY_SCHC_STACK_COAP : COVEY_SCHC_STACK_IPV6_UDP_COAP;
}

unsigned rules_line(const rules_file *file, uint16_t rule, uint16_t field)
{
    unsigned line = 0;
    unsigned column = 0;

    if (rule < file->rules.count) {
        const covey_schc_rule *r = &file->rules.rules[rule];
        rules_json_position(field < r->field_count
                                ? file->field_nodes[rule][field]
                                : file->rule_nodes[rule],
                            &line, &column);
    }
    return line;
}
