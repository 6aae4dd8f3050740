/* SPDX-License-Identifier: BSD-2-Clause */
/* One entry of a rule: a field descriptor in the shape of RFC 9363. Every
 * member is read before the entry is given up, so that one run shows all of
 * its problems. Whether the parts suit each other is judged by the core
 * (covey_schc_check), not here. */
#include "internal.h"

#include <string.h>

enum {
    E_ID,
    E_LENGTH,
    E_POSITION,
    E_DIRECTION,
    E_TARGET,
    E_MO,
    E_MO_VALUE,
    E_CDA,
    E_CDA_VALUE,
    E_GROUPED,
    E_NOTE,
    E_COUNT
};
static const char *const entry_members[E_COUNT] = {
    "field-id",
    "field-length",
    "field-position",
    "direction-indicator",
    "target-value",
    "matching-operator",
    "matching-operator-value",
    "comp-decomp-action",
    "comp-decomp-action-value",
    "covey:grouped",
    "covey:note",
};
static const rules_names entry_names = { entry_members, E_COUNT, false };

/* A member that holds a word; NULL, after an error, if it is absent or no
 * string. */
static const char *word(rules_loader *l, struct fy_node *entry,
                        struct fy_node *node, const char *member)
{
    const char *text = node ? rules_json_string(node) : NULL;

    if (node == NULL) {
        rules_error(l, entry, "RFC 9363 Section 6", "member \"%s\" is missing",
                    member);
    } else if (text == NULL) {
        rules_error(l, node, "RFC 9363 Section 6",
                    "expected an identity as a string, found %s",
                    rules_json_kind_name(node));
    }
    return text;
}

static bool read_id(rules_loader *l, struct fy_node *entry,
                    struct fy_node *node, covey_schc_field *f)
{
    const char *text = word(l, entry, node, "field-id");
    const char *near;

    if (text == NULL) {
        return false;
    }
    if (covey_schc_field_by_name(text, &f->id, &f->option) == COVEY_OK) {
        return true;
    }
    near = rules_nearest_field(text);
    rules_error(l, node, "RFC 9363 Section 6; 8824-update-09 Table 12",
                "no field is called \"%.60s\"; %s%s%s", text,
                near ? "did you mean \""
                     : "an option without an identity is "
                       "written \"coap-option(N)",
                near ? near : "", "\"");
    return false;
}

/* A number of bits, an identity, or nothing: then as the target value
 * (8824-update-09 Section 3.1 leaves FL unset where it is not needed, RFC
 * 9363 does not foresee that). */
static bool read_length(rules_loader *l, struct fy_node *node,
                        covey_schc_field *f)
{
    uint64_t bits = 0;
    const char *text;

    if (node == NULL) {
        f->length = COVEY_SCHC_FL_TARGET;
        return true;
    }
    if (rules_json_unsigned(node, UINT16_MAX, &bits)) {
        f->length = COVEY_SCHC_FL_FIXED;
        f->bits = (uint16_t)bits;
        return true;
    }
    text = rules_json_string(node);
    if (text != NULL && rules_term_length(text, &f->length)) {
        return true;
    }
    rules_error(l, node, "RFC 9363 Section 4.4; 8824-update-09 Section 3.1",
                "expected a number of bits up to 65535, fl-variable, "
                "fl-variable-bit, fl-token-length, fl-oscore-piv-length or "
                "fl-oscore-oscore-nonce-length");
    return false;
}

static bool read_position(rules_loader *l, struct fy_node *node,
                          covey_schc_field *f)
{
    uint64_t position = 1;

    if (node != NULL && !rules_json_unsigned(node, UINT8_MAX, &position)) {
        rules_error(l, node, "RFC 8724 Section 7.1",
                    "expected a position from 1 to 255, or 0 for any");
        return false;
    }
    f->position = (uint8_t)position;
    return true;
}

static bool read_direction(rules_loader *l, struct fy_node *node,
                           covey_schc_field *f)
{
    const char *text = node ? rules_json_string(node) : "bidirectional";

    if (text != NULL && rules_term_direction(text, &f->direction)) {
        return true;
    }
    rules_error(l, node, "RFC 9363 Section 4.6",
                "expected di-up, di-down or di-bidirectional");
    return false;
}

/* The argument of MSB: one integer, in bits (RFC 8724 Section 7.3). As
 * binary of RFC 9363 it is an integer too. */
static bool read_msb(rules_loader *l, struct fy_node *node,
                     covey_schc_field *f)
{
    static const char *const names[] = { "index", "value" };
    const rules_names argument = { names, COUNT(names), false };
    struct fy_node *m[COUNT(names)] = { NULL };
    covey_schc_field as_integer = { .length = COVEY_SCHC_FL_FIXED,
                                    .bits = 16 };
    void *at = NULL;
    struct fy_node *item;
    const char *key;
    uint64_t bits = 0;

    if (rules_json_kind_of(node) != RULES_JSON_ARRAY ||
        rules_json_count(node) != 1 ||
        !rules_json_next(node, &at, &key, &item)) {
        rules_error(l, node, "RFC 8724 Section 7.3",
                    "expected one argument for MSB: [{\"index\": 0, "
                    "\"value\": bits}]");
        return false;
    }
    if (rules_json_bytes(rules_json_get(item, "value")).ptr != NULL) {
        if (!rules_values(l, node, &as_integer)) {
            return false;
        }
        f->msb = (uint16_t)covey_bits_load(as_integer.values[0].bytes, 0, 16);
        return true;
    }
    if (!rules_members(l, item, "an argument", &argument, m)) {
        return false;
    }
    if (!rules_json_unsigned(m[1], UINT16_MAX, &bits)) {
        rules_error(l, item, "RFC 8724 Section 7.3",
                    "expected \"value\", a number of bits up to 65535");
        return false;
    }
    f->msb = (uint16_t)bits;
    return true;
}

/* No operator but MSB and no action takes an argument. */
static bool no_argument(rules_loader *l, struct fy_node *node,
                        const char *what)
{
    if (node == NULL || (rules_json_kind_of(node) == RULES_JSON_ARRAY &&
                         rules_json_count(node) == 0)) {
        return true;
    }
    rules_error(l, node, "RFC 8724 Section 7.3", "%s takes no argument", what);
    return false;
}

static bool read_mo(rules_loader *l, struct fy_node *entry,
                    struct fy_node *const *m, covey_schc_field *f)
{
    const char *text = word(l, entry, m[E_MO], "matching-operator");

    if (text == NULL) {
        return false;
    }
    if (!rules_term_mo(text, &f->mo)) {
        rules_error(l, m[E_MO], "RFC 9363 Section 4.8",
                    "expected mo-equal, mo-ignore, mo-msb or "
                    "mo-match-mapping");
        return false;
    }
    if (f->mo != COVEY_SCHC_MO_MSB) {
        return no_argument(l, m[E_MO_VALUE], text);
    }
    if (m[E_MO_VALUE] == NULL) {
        rules_error(l, entry, "RFC 8724 Section 7.3",
                    "MSB needs \"matching-operator-value\"");
        return false;
    }
    return read_msb(l, m[E_MO_VALUE], f);
}

static bool read_cda(rules_loader *l, struct fy_node *entry,
                     struct fy_node *const *m, covey_schc_field *f)
{
    const char *text = word(l, entry, m[E_CDA], "comp-decomp-action");
    const char *computes;

    if (text == NULL) {
        return false;
    }
    if (!rules_term_cda(text, &f->cda, &computes)) {
        rules_error(l, m[E_CDA], "RFC 9363 Section 4.9",
                    "expected cda-not-sent, cda-value-sent, cda-lsb, "
                    "cda-mapping-sent, cda-compute, cda-deviid or "
                    "cda-appiid");
        return false;
    }
    if (computes != NULL && (strcmp(computes, "checksum") == 0) !=
                                (f->id == COVEY_SCHC_UDP_CHECKSUM)) {
        rules_error(l, m[E_CDA], "RFC 8724 Section 7.4",
                    "this field holds no %s", computes);
        return false;
    }
    return no_argument(l, m[E_CDA_VALUE], text);
}

/* How many segments a value groups; 0 if it does not begin with a slash. */
static unsigned slashes(const covey_schc_value *v)
{
    unsigned n = 0;

    if (v->bits % 8 != 0 || v->bits == 0 || v->bytes[0] != '/') {
        return 0;
    }
    for (uint16_t i = 0; i < v->bits / 8; i++) {
        n += v->bytes[i] == '/';
    }
    return n;
}

int rules_segments(const covey_schc_field *f)
{
    unsigned segments = 0;

    if (f->id != COVEY_SCHC_OPTION || f->option != COVEY_OPTION_URI_PATH ||
        (f->mo != COVEY_SCHC_MO_EQUAL &&
         f->mo != COVEY_SCHC_MO_MATCH_MAPPING)) {
        return 0;
    }
    for (uint16_t i = 0; i < f->value_count; i++) {
        const unsigned n = slashes(&f->values[i]);
        if (i > 0 && n != segments) {
            return -1;
        }
        segments = n;
    }
    return segments <= UINT8_MAX ? (int)segments : -1;
}

bool rules_group(rules_loader *l, struct fy_node *entry, covey_schc_field *f)
{
    const int segments = rules_segments(f);

    if (segments < 0) {
        rules_error(l, entry, "8824-update-09 Section 5.4",
                    "\"/a/b\" groups two segments, and all values of a list "
                    "need the same number, up to 255; or say "
                    "\"covey:grouped\": false");
        return false;
    }
    f->segments = (uint8_t)segments;
    return true;
}

static bool read_grouped(rules_loader *l, struct fy_node *entry,
                         struct fy_node *node, covey_schc_field *f)
{
    bool grouped = true;

    if (node != NULL && !rules_json_bool(node, &grouped)) {
        rules_error(l, node, "covey-rules(5)", "expected true or false");
        return false;
    }
    return !grouped || rules_group(l, entry, f);
}

bool rules_field(rules_loader *l, struct fy_node *entry, covey_schc_field *f)
{
    struct fy_node *m[E_COUNT] = { NULL };
    bool good;

    if (!rules_members(l, entry, "a field descriptor", &entry_names, m)) {
        return false;
    }
    good = read_id(l, entry, m[E_ID], f);
    good = read_length(l, m[E_LENGTH], f) && good;
    if (good && m[E_TARGET] != NULL) { /* its bits depend on both */
        good = rules_values(l, m[E_TARGET], f);
    }
    good = read_position(l, m[E_POSITION], f) && good;
    good = read_direction(l, m[E_DIRECTION], f) && good;
    good = read_mo(l, entry, m, f) && good;
    good = read_cda(l, entry, m, f) && good;
    return good && read_grouped(l, entry, m[E_GROUPED], f);
}
