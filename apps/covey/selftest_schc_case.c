/* SPDX-License-Identifier: BSD-2-Clause */
/* What a SCHC vector says. Every member is either understood, or known to be
 * documentation, or looks harmless; one that looks like an expectation and is
 * not understood fails the case, because a runner that passes over an
 * expectation proves nothing. */
#include "selftest_schc.h"

#include <ctype.h>
#include <hex.h>
#include <json.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* A member's value; false if it is not understood. */
typedef bool reader(schc_case *c, struct fy_node *value);

static char fold(char c)
{
    return c == '_' || c == ' ' || c == '/' ? '-'
                                            : (char)tolower((unsigned char)c);
}

/* Small letters, with '-' for '_', ' ' and '/'. */
static const char *folded(struct fy_node *value, char out[48])
{
    const char *text = rules_json_string(value);
    size_t i = 0;

    if (text == NULL || strlen(text) > 47) {
        return NULL;
    }
    for (; text[i] != '\0'; i++) {
        out[i] = fold(text[i]);
    }
    out[i] = '\0';
    return out;
}

/* --- bytes and numbers --------------------------------------------------- */

static bool read_hex(struct fy_node *value, covey_bytes *out)
{
    const covey_bytes text = rules_json_bytes(value);
    uint8_t *bytes = NULL;
    size_t len = 0;
    char error[120];

    if (text.ptr == NULL || out->ptr != NULL ||
        !hex_parse((const char *)text.ptr, text.len, &bytes, &len, error,
                   sizeof error)) {
        return false;
    }
    *out = covey_bytes_of(bytes, len);
    return true;
}

static bool read_packet(schc_case *c, struct fy_node *value)
{
    return read_hex(value, &c->packet);
}

/* null: the packet has no compressed form. */
static bool read_schc(schc_case *c, struct fy_node *value)
{
    if (rules_json_kind_of(value) == RULES_JSON_NULL) {
        if (!c->expect_given) {
            c->expect = SCHC_EXPECT_NO_MATCH;
            c->expect_given = true;
        }
        return true;
    }
    return read_hex(value, &c->schc);
}

static bool read_residue(schc_case *c, struct fy_node *value)
{
    return read_hex(value, &c->residue);
}

static bool read_count(struct fy_node *value, bool *has, uint32_t *out)
{
    uint64_t n = 0;

    if (rules_json_kind_of(value) == RULES_JSON_NULL) {
        return true;
    }
    *has = rules_json_unsigned(value, COVEY_BITS_MAX, &n);
    *out = (uint32_t)n;
    return *has;
}

static bool read_bits(schc_case *c, struct fy_node *value)
{
    return read_count(value, &c->has_bits, &c->bits);
}

static bool read_residue_bits(schc_case *c, struct fy_node *value)
{
    return read_count(value, &c->has_residue_bits, &c->residue_bits);
}

static bool read_iid(struct fy_node *value, uint8_t out[8])
{
    covey_bytes iid = { NULL, 0 };
    const bool good = read_hex(value, &iid) && iid.len == 8;

    if (good) {
        memcpy(out, iid.ptr, 8);
    }
    free((void *)(uintptr_t)iid.ptr);
    return good;
}

static bool read_dev_iid(schc_case *c, struct fy_node *value)
{
    c->has_dev_iid = read_iid(value, c->dev_iid);
    return c->has_dev_iid;
}

static bool read_app_iid(schc_case *c, struct fy_node *value)
{
    c->has_app_iid = read_iid(value, c->app_iid);
    return c->has_app_iid;
}

/* --- rules --------------------------------------------------------------- */

static bool read_rules(schc_case *c, struct fy_node *value)
{
    const rules_json_kind kind = rules_json_kind_of(value);

    c->rules = value;
    return kind == RULES_JSON_OBJECT || kind == RULES_JSON_ARRAY;
}

/* A RuleID, or the rule itself. */
static bool read_rule(schc_case *c, struct fy_node *value)
{
    if (rules_json_kind_of(value) == RULES_JSON_OBJECT) {
        return read_rules(c, value);
    }
    c->has_rule = rules_json_unsigned(value, UINT32_MAX, &c->rule);
    return c->has_rule;
}

static bool read_rule_bits(schc_case *c, struct fy_node *value)
{
    c->has_rule_bits = rules_json_unsigned(value, 32, &c->rule_bits);
    return c->has_rule_bits;
}

/* --- settings ------------------------------------------------------------ */

/* "ipv6-udp-coap", also as a list of its layers. */
static bool read_stack(schc_case *c, struct fy_node *value)
{
    char text[48];
    char joined[100] = "";
    const char *name = folded(value, text);
    void *at = NULL;
    const char *key;
    struct fy_node *layer;

    if (rules_json_kind_of(value) == RULES_JSON_ARRAY) {
        while (rules_json_next(value, &at, &key, &layer)) {
            const size_t len = strlen(joined);
            name = folded(layer, text);
            snprintf(joined + len, sizeof joined - len, "%s%s",
                     len > 0 ? "-" : "", name ? name : "?");
        }
        name = joined;
    }
    if (name != NULL && strcmp(name, "inner") == 0) {
        name = "coap-inner";
    }
    c->has_stack =
        name != NULL && covey_schc_stack_by_name(name, &c->stack) == COVEY_OK;
    return c->has_stack;
}

static bool read_direction(schc_case *c, struct fy_node *value)
{
    static const struct {
        const char *word;
        covey_schc_direction direction;
    } words[] = {
        { "up", COVEY_SCHC_UP },         { "uplink", COVEY_SCHC_UP },
        { "di-up", COVEY_SCHC_UP },      { "down", COVEY_SCHC_DOWN },
        { "dw", COVEY_SCHC_DOWN },       { "dn", COVEY_SCHC_DOWN },
        { "downlink", COVEY_SCHC_DOWN }, { "di-down", COVEY_SCHC_DOWN },
    };
    char text[48];
    const char *word = folded(value, text);

    for (size_t i = 0; word != NULL && i < COUNT(words); i++) {
        if (strcmp(word, words[i].word) == 0) {
            c->direction = words[i].direction;
            return true;
        }
    }
    return false;
}

static bool read_kudos(schc_case *c, struct fy_node *value)
{
    char text[48];
    const char *word = folded(value, text);
    const bool later = word != NULL && strcmp(word, "kudos-14") == 0;

    c->options.kudos = later ? COVEY_KUDOS_14 : COVEY_KUDOS_SEED;
    return later || (word != NULL && strcmp(word, "seed") == 0);
}

/* The MUSTs of a profile are not applied to vectors: but the layout of the
 * KUDOS fields may be named as one. */
static bool read_profile(schc_case *c, struct fy_node *value)
{
    char text[48];
    const char *word = folded(value, text);

    if (word != NULL && strncmp(word, "kudos", 5) == 0) {
        return read_kudos(c, value);
    }
    return word != NULL;
}

static bool read_one_entry(schc_case *c, struct fy_node *value)
{
    uint64_t bits = 0;
    const bool good = rules_json_unsigned(value, 1, &bits);

    c->options.one_entry_index_bits = (uint8_t)bits;
    return good;
}

static bool read_lsb_size(schc_case *c, struct fy_node *value)
{
    char text[48];
    const char *word = folded(value, text);

    c->has_lsb_size = true;
    c->lsb_size_whole = word != NULL && strcmp(word, "value") == 0;
    return c->lsb_size_whole ||
           (word != NULL && strcmp(word, "residue") == 0) ||
           rules_json_bool(value, &c->lsb_size_whole);
}

/* Which rule is chosen, if more than one fits: then all of them are one
 * set. */
static bool read_select(schc_case *c, struct fy_node *value)
{
    char text[48];
    const char *word = folded(value, text);
    const bool shortest = word != NULL && strcmp(word, "shortest") == 0;

    c->has_select = true;
    c->select = shortest ? COVEY_SCHC_SHORTEST : COVEY_SCHC_FIRST;
    return shortest || (word != NULL && strcmp(word, "first") == 0);
}

static bool read_encoding(schc_case *c, struct fy_node *value)
{
    char text[48];
    const char *word = folded(value, text);

    c->options.base64 = word != NULL && strcmp(word, "base64") == 0;
    return c->options.base64 || (word != NULL && strcmp(word, "hex") == 0);
}

static bool read_round_trip(schc_case *c, struct fy_node *value)
{
    bool identical = true;
    const bool good = rules_json_bool(value, &identical);

    c->lossy = !identical;
    return good;
}

static bool read_lossy(schc_case *c, struct fy_node *value)
{
    char text[48];
    const char *word = folded(value, text);

    return rules_json_bool(value, &c->lossy) ||
           (word != NULL &&
            (strcmp(word, "allow") == 0 || strcmp(word, "refuse") == 0));
}

/* --- expectations -------------------------------------------------------- */

static bool read_members(schc_case *c, struct fy_node *object, FILE *why);

/* A word, a truth value where `if_true` and `if_false` say what it means, or
 * an object with further members. */
static bool read_expectation(schc_case *c, struct fy_node *value,
                             schc_expect if_true, schc_expect if_false)
{
    char text[48];
    const char *word = folded(value, text);
    bool truth = false;

    if (rules_json_bool(value, &truth)) {
        return schc_expect_that(c, truth ? if_true : if_false);
    }
    return word != NULL && schc_expect_word(c, word);
}

static bool read_expect(schc_case *c, struct fy_node *value)
{
    return rules_json_kind_of(value) == RULES_JSON_OBJECT
               ? read_members(c, value, NULL)
               : read_expectation(c, value, SCHC_EXPECT_MATCH,
                                  SCHC_EXPECT_NO_MATCH);
}

static bool read_negative(schc_case *c, struct fy_node *value)
{
    return rules_json_kind_of(value) == RULES_JSON_NULL ||
           read_expectation(c, value, SCHC_EXPECT_REFUSED, SCHC_EXPECT_MATCH);
}

static bool read_no_match(schc_case *c, struct fy_node *value)
{
    return read_expectation(c, value, SCHC_EXPECT_NO_MATCH, SCHC_EXPECT_MATCH);
}

/* Which half of the machine a negative case is about. */
static bool read_operation(schc_case *c, struct fy_node *value)
{
    char text[48];
    const char *word = folded(value, text);

    if (word != NULL && (strcmp(word, "decompress") == 0 ||
                         strcmp(word, "decompression") == 0)) {
        c->decompress_only = true;
        return true;
    }
    return word != NULL && schc_expect_word(c, word);
}

/* A vector that its own file calls not conformant: nothing says what should
 * happen instead. */
static bool read_conformant(schc_case *c, struct fy_node *value)
{
    bool conformant = false;
    const bool good = rules_json_bool(value, &conformant);

    c->documentation = !conformant;
    return good;
}

/* --- members ------------------------------------------------------------- */

/* A default may stand at the file as well. NULL: documentation. */
static const struct member {
    const char *key;
    reader *read;
    bool in_file;
} members[] = {
    { "name", NULL, false },
    { "id", NULL, false },
    { "source", NULL, true },
    { "description", NULL, true },
    { "note", NULL, true },
    { "notes", NULL, true },
    { "comment", NULL, true },
    { "covey:note", NULL, true },
    { "tv_convention", NULL, true },
    { "padding", NULL, true },
    { "license", NULL, true },
    { "licence", NULL, true },
    { "version", NULL, true },
    { "verified_by_reference", NULL, false },
    { "derived", NULL, false },
    { "oscore", NULL, false },
    { "receiver_position", NULL, false },
    { "coverage", NULL, false },
    { "why", NULL, false },
    { "use", NULL, false },
    { "packet_hex", read_packet, false },
    { "packet", read_packet, false },
    { "schc_packet_hex", read_schc, false },
    { "schc_hex", read_schc, false },
    { "compressed_hex", read_schc, false },
    { "schc_packet_bits", read_bits, false },
    { "bit_len", read_bits, false },
    { "expected_residue_hex", read_residue, false },
    { "residue_hex", read_residue, false },
    { "expected_residue_bits", read_residue_bits, false },
    { "residue_bits", read_residue_bits, false },
    { "provider", read_expect, false }, /* an object of the two next ones */
    { "device_iid_hex", read_dev_iid, true },
    { "application_iid_hex", read_app_iid, true },
    { "dev_iid_hex", read_dev_iid, true },
    { "app_iid_hex", read_app_iid, true },
    { "rule", read_rule, false },
    { "rule_id", read_rule, false },
    { "rule-id-value", read_rule, false },
    { "rule_id_value", read_rule, false },
    { "rule-id-length", read_rule_bits, false },
    { "rule_id_length", read_rule_bits, false },
    { "rule_object", read_rules, true },
    { "rule_objects", read_rules, true },
    { "rules", read_rules, true },
    { "rules_openschc_json", read_rules, true },
    { "ietf-schc:schc", read_rules, true },
    { "stack", read_stack, true },
    { "covey:stack", read_stack, true },
    { "direction", read_direction, true },
    { "kudos", read_kudos, true },
    { "covey:kudos", read_kudos, true },
    { "profile", read_profile, true },
    { "covey:profile", read_profile, true },
    { "one_entry_index_bits", read_one_entry, true },
    { "covey:one-entry-index", read_one_entry, true },
    { "covey:lsb-size", read_lsb_size, true },
    { "lsb_size_whole", read_lsb_size, true },
    { "covey:value-encoding", read_encoding, true },
    { "covey:select", read_select, true },
    { "select", read_select, true },
    { "covey:lossy", read_lossy, true },
    { "lossy", read_lossy, false },
    { "round_trip_identical", read_round_trip, false },
    { "conformant", read_conformant, false },
    { "expect", read_expect, false },
    { "expected", read_expect, false },
    { "expectation", read_expect, false },
    { "expected_result", read_expect, false },
    { "result", read_expect, false },
    { "outcome", read_expect, false },
    { "match", read_expect, false },
    { "matches", read_expect, false },
    { "expect_match", read_expect, false },
    { "valid", read_expect, false },
    { "kind", read_operation, false },
    { "type", read_operation, false },
    { "operation", read_operation, false },
    { "error", read_negative, false },
    { "expected_error", read_negative, false },
    { "expect_error", read_negative, false },
    { "negative", read_negative, false },
    { "must_fail", read_negative, false },
    { "expect_failure", read_negative, false },
    { "no_match", read_no_match, false },
    { "expect_no_match", read_no_match, false },
    { "must_not_match", read_no_match, false },
};

static const struct member *find(const char *key)
{
    for (size_t i = 0; i < COUNT(members); i++) {
        if (strcmp(key, members[i].key) == 0) {
            return &members[i];
        }
    }
    return NULL;
}

/* Does a name that nobody knows look as if it changed what is expected? */
static bool suspicious(const char *key)
{
    static const char *const parts[] = {
        "expect", "must",  "should", "result", "error",    "fail",   "reject",
        "refuse", "valid", "negat",  "match",  "compress", "resid",  "schc",
        "rule",   "bits",  "hex",    "status", "output",   "packet", "payload",
        "direct", "stack", "lossy",  "round",  "index",
    };
    char text[64];
    size_t i = 0;

    for (; i < sizeof text - 1 && key[i] != '\0'; i++) {
        text[i] = fold(key[i]);
    }
    text[i] = '\0';
    for (size_t p = 0; p < COUNT(parts); p++) {
        if (strstr(text, parts[p]) != NULL) {
            return true;
        }
    }
    return false;
}

/* `why` may be NULL. */
static bool read_members(schc_case *c, struct fy_node *object, FILE *why)
{
    void *at = NULL;
    const char *key;
    struct fy_node *value;

    while (rules_json_next(object, &at, &key, &value)) {
        const struct member *m = find(key);
        if (m != NULL && (m->read == NULL || m->read(c, value))) {
            continue;
        }
        if (m != NULL || suspicious(key)) {
            if (why != NULL) {
                fprintf(why, "%s \"%.80s\"",
                        m ? "a value that is not understood, of"
                          : "a member "
                            "that is not understood:",
                        key);
            }
            return false;
        }
    }
    return true;
}

bool schc_case_defaults(schc_case *c, struct fy_node *file, FILE *why)
{
    void *at = NULL;
    const char *key;
    struct fy_node *value;

    while (rules_json_next(file, &at, &key, &value)) {
        const struct member *m = find(key);
        if (m != NULL && m->in_file && m->read != NULL && !m->read(c, value)) {
            fprintf(why,
                    "a value that is not understood, of \"%.80s\" of "
                    "the file",
                    key);
            return false;
        }
    }
    c->lossy = false; /* a file's word on rules says nothing of a packet */
    return true;
}

bool schc_case_read(schc_case *c, struct fy_node *vector, FILE *why)
{
    if (rules_json_kind_of(vector) != RULES_JSON_OBJECT) {
        fputs(rules_json_kind_name(vector), why);
        return false;
    }
    c->options.allow_lossy = true;
    return read_members(c, vector, why);
}

void schc_case_free(schc_case *c)
{
    free((void *)(uintptr_t)c->packet.ptr);
    free((void *)(uintptr_t)c->schc.ptr);
    free((void *)(uintptr_t)c->residue.ptr);
}

bool schc_case_list(const char *key)
{
    return strstr(key, "vector") != NULL || strstr(key, "case") != NULL ||
           strstr(key, "tests") != NULL;
}

bool schc_case_documentation(const char *key)
{
    const struct member *m = find(key);

    return (m != NULL && m->in_file) || strstr(key, "note") != NULL;
}
