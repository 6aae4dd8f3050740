/* SPDX-License-Identifier: BSD-2-Clause */
/* Rule sets as C: constant tables for devices that parse nothing. The output
 * is meant to be read: enumerators by name, every descriptor under the name
 * of its field, texts in comments. */
#include "internal.h"

#include <string.h>

#define NAME(x) [x] = #x

/* clang-format off */
static const char *const ids[] = {
    NAME(COVEY_SCHC_IPV6_VERSION),
    NAME(COVEY_SCHC_IPV6_TRAFFIC_CLASS),
    NAME(COVEY_SCHC_IPV6_DS),
    NAME(COVEY_SCHC_IPV6_ECN),
    NAME(COVEY_SCHC_IPV6_FLOW_LABEL),
    NAME(COVEY_SCHC_IPV6_PAYLOAD_LENGTH),
    NAME(COVEY_SCHC_IPV6_NEXT_HEADER),
    NAME(COVEY_SCHC_IPV6_HOP_LIMIT),
    NAME(COVEY_SCHC_IPV6_DEV_PREFIX),
    NAME(COVEY_SCHC_IPV6_DEV_IID),
    NAME(COVEY_SCHC_IPV6_APP_PREFIX),
    NAME(COVEY_SCHC_IPV6_APP_IID),
    NAME(COVEY_SCHC_UDP_DEV_PORT),
    NAME(COVEY_SCHC_UDP_APP_PORT),
    NAME(COVEY_SCHC_UDP_LENGTH),
    NAME(COVEY_SCHC_UDP_CHECKSUM),
    NAME(COVEY_SCHC_COAP_VERSION),
    NAME(COVEY_SCHC_COAP_TYPE),
    NAME(COVEY_SCHC_COAP_TKL),
    NAME(COVEY_SCHC_COAP_CODE),
    NAME(COVEY_SCHC_COAP_CODE_CLASS),
    NAME(COVEY_SCHC_COAP_CODE_DETAIL),
    NAME(COVEY_SCHC_COAP_MID),
    NAME(COVEY_SCHC_COAP_TOKEN),
    NAME(COVEY_SCHC_PAYLOAD),
    NAME(COVEY_SCHC_OPTION),
    NAME(COVEY_SCHC_OSCORE_FLAGS),
    NAME(COVEY_SCHC_OSCORE_PIV),
    NAME(COVEY_SCHC_OSCORE_KID_CTX),
    NAME(COVEY_SCHC_OSCORE_X),
    NAME(COVEY_SCHC_OSCORE_NONCE),
    NAME(COVEY_SCHC_OSCORE_Y),
    NAME(COVEY_SCHC_OSCORE_OLD_NONCE),
    NAME(COVEY_SCHC_OSCORE_KID),
};
static const char *const directions[] = {
    NAME(COVEY_SCHC_DI_UP),
    NAME(COVEY_SCHC_DI_DOWN),
    NAME(COVEY_SCHC_DI_BIDIRECTIONAL),
};
static const char *const lengths[] = {
    NAME(COVEY_SCHC_FL_FIXED),
    NAME(COVEY_SCHC_FL_VAR),
    NAME(COVEY_SCHC_FL_VAR_BIT),
    NAME(COVEY_SCHC_FL_TARGET),
    NAME(COVEY_SCHC_FL_TKL),
    NAME(COVEY_SCHC_FL_OSC_PIV),
    NAME(COVEY_SCHC_FL_OSC_X_M),
    NAME(COVEY_SCHC_FL_OSC_Y_W),
};
static const char *const mos[] = {
    NAME(COVEY_SCHC_MO_EQUAL),
    NAME(COVEY_SCHC_MO_IGNORE),
    NAME(COVEY_SCHC_MO_MSB),
    NAME(COVEY_SCHC_MO_MATCH_MAPPING),
};
static const char *const cdas[] = {
    NAME(COVEY_SCHC_CDA_NOT_SENT),
    NAME(COVEY_SCHC_CDA_VALUE_SENT),
    NAME(COVEY_SCHC_CDA_MAPPING_SENT),
    NAME(COVEY_SCHC_CDA_LSB),
    NAME(COVEY_SCHC_CDA_COMPUTE),
    NAME(COVEY_SCHC_CDA_DEV_IID),
    NAME(COVEY_SCHC_CDA_APP_IID),
};
/* clang-format on */

_Static_assert(COUNT(ids) == COVEY_SCHC_FIELD_IDS, "a field without name");

/* The enumerator, or the number where there is none: the tables need not be
 * sound to be looked at. */
static void put_name(FILE *out, const char *member, const char *const *names,
                     size_t count, unsigned value)
{
    if (value < count && names[value] != NULL) {
        fprintf(out, "      .%s = %s,\n", member, names[value]);
    } else {
        fprintf(out, "      .%s = %u,\n", member, value);
    }
}

static void put_number(FILE *out, const char *member, unsigned value)
{
    if (value != 0) {
        fprintf(out, "      .%s = %u,\n", member, value);
    }
}

/* What a value says, if it is text that cannot end the comment. */
static void put_text(FILE *out, const covey_schc_value *v)
{
    const unsigned len = v->bits / 8u;

    if (v->bits % 8 != 0 || len < 2 || len > 40) {
        return;
    }
    for (unsigned i = 0; i < len; i++) {
        const uint8_t c = v->bytes[i];
        if (c < 0x20 || c > 0x7e || c == '*' || c == '\\' || c == '?') {
            return;
        }
    }
    fprintf(out, " /* %.*s */", (int)len, (const char *)v->bytes);
}

/* rN_fM_K: the bytes of value K of field M of rule N. */
static void put_bytes(FILE *out, const covey_schc_value *v, unsigned rule,
                      unsigned field, unsigned k)
{
    const unsigned len = (v->bits + 7u) / 8u;

    if (len == 0) {
        return;
    }
    fprintf(out, "static const uint8_t r%u_f%u_%u[] = {", rule, field, k);
    put_text(out, v);
    for (unsigned i = 0; i < len; i++) {
        fprintf(out, "%s0x%02x%s", i % 12 == 0 ? "\n    " : " ", v->bytes[i],
                i + 1 < len ? "," : "");
    }
    fputs("\n};\n", out);
}

static void put_values(FILE *out, const covey_schc_field *f, unsigned rule,
                       unsigned field)
{
    if (f->value_count == 0) {
        return;
    }
    for (unsigned k = 0; k < f->value_count; k++) {
        put_bytes(out, &f->values[k], rule, field, k);
    }
    fprintf(out, "static const covey_schc_value r%u_f%u[] = {\n", rule, field);
    for (unsigned k = 0; k < f->value_count; k++) {
        if (f->values[k].bits == 0) {
            fputs("    { .bytes = nothing, .bits = 0 },\n", out);
        } else {
            fprintf(out, "    { .bytes = r%u_f%u_%u, .bits = %u },\n", rule,
                    field, k, (unsigned)f->values[k].bits);
        }
    }
    fputs("};\n", out);
}

static void put_field(FILE *out, const covey_schc_field *f, unsigned rule,
                      unsigned field)
{
    char name[COVEY_SCHC_NAME_MAX];

    fprintf(out, "    /* %u: %s */\n    {\n", field,
            covey_schc_field_name(f->id, f->option, name));
    put_name(out, "id", ids, COUNT(ids), f->id);
    put_number(out, "option", f->option);
    fprintf(out, "      .position = %u,\n", (unsigned)f->position);
    put_name(out, "direction", directions, COUNT(directions), f->direction);
    put_name(out, "length", lengths, COUNT(lengths), f->length);
    put_number(out, "bits", f->bits);
    put_name(out, "mo", mos, COUNT(mos), f->mo);
    put_number(out, "msb", f->msb);
    put_name(out, "cda", cdas, COUNT(cdas), f->cda);
    put_number(out, "segments", f->segments);
    if (f->value_count > 0) {
        fprintf(out, "      .value_count = %u,\n      .values = r%u_f%u,\n",
                (unsigned)f->value_count, rule, field);
    }
    fputs("    },\n", out);
}

static void put_fields(FILE *out, const covey_schc_rule *r, unsigned rule)
{
    if (r->field_count == 0) {
        return;
    }
    fprintf(out, "\n/* RuleID %lu, %u bits */\n", (unsigned long)r->id,
            (unsigned)r->id_bits);
    for (unsigned i = 0; i < r->field_count; i++) {
        put_values(out, &r->fields[i], rule, i);
    }
    fprintf(out, "static const covey_schc_field r%u[] = {\n", rule);
    for (unsigned i = 0; i < r->field_count; i++) {
        put_field(out, &r->fields[i], rule, i);
    }
    fputs("};\n", out);
}

static void put_layers(FILE *out, unsigned layers)
{
    static const char *const names[] = { "COVEY_SCHC_LAYER_IPV6",
                                         "COVEY_SCHC_LAYER_UDP",
                                         "COVEY_SCHC_LAYER_COAP",
                                         "COVEY_SCHC_LAYER_COAP_INNER" };
    const char *between = "      .layers = ";

    for (unsigned i = 0; i < COUNT(names); i++) {
        if (layers & 1u << i) {
            fprintf(out, "%s%s", between, names[i]);
            between = " |\n                ";
        }
    }
    fputs(layers & 15 ? ",\n" : "", out);
}

static void put_rule(FILE *out, const covey_schc_rule *r, unsigned rule)
{
    fprintf(out, "    {\n      .id = 0x%lx,\n      .id_bits = %u,\n",
            (unsigned long)r->id, (unsigned)r->id_bits);
    fprintf(out, "      .nature = %s,\n",
            r->nature == COVEY_SCHC_COMPRESSION ? "COVEY_SCHC_COMPRESSION"
                                                : "COVEY_SCHC_NO_COMPRESSION");
    put_layers(out, r->layers);
    if (r->lossy) {
        fputs("      .lossy = true,\n", out);
    }
    if (r->field_count > 0) {
        fprintf(out, "      .field_count = %u,\n      .fields = r%u,\n",
                (unsigned)r->field_count, rule);
    }
    fputs("    },\n", out);
}

static void put_set(FILE *out, const covey_schc_rules *set, const char *symbol)
{
    fprintf(out,
            "extern const covey_schc_rules %s;\n"
            "const covey_schc_rules %s = {\n",
            symbol, symbol);
    fprintf(out, "    .rules = rules,\n    .count = %u,\n",
            (unsigned)set->count);
    fprintf(out, "    .select = %s,\n",
            set->select == COVEY_SCHC_SHORTEST ? "COVEY_SCHC_SHORTEST"
                                               : "COVEY_SCHC_FIRST");
    fprintf(out, "    .kudos = %s,\n",
            set->kudos == COVEY_KUDOS_14 ? "COVEY_KUDOS_14"
                                         : "COVEY_KUDOS_SEED");
    if (set->one_entry_index_bits != 0) {
        fprintf(out, "    .one_entry_index_bits = %u,\n",
                (unsigned)set->one_entry_index_bits);
    }
    if (set->lsb_size_whole) {
        fputs("    .lsb_size_whole = true,\n", out);
    }
    fputs("};\n", out);
}

static bool rule_has_empty_value(const covey_schc_rule *r)
{
    for (uint16_t j = 0; j < r->field_count; j++) {
        const covey_schc_field *f = &r->fields[j];
        for (uint16_t k = 0; k < f->value_count; k++) {
            if (f->values[k].bits == 0) {
                return true;
            }
        }
    }
    return false;
}

static bool has_empty_value(const covey_schc_rules *set)
{
    bool found = false;

    for (uint16_t i = 0; i < set->count; i++) {
        found = found || rule_has_empty_value(&set->rules[i]);
    }
    return found;
}

/* A C identifier that this file does not use itself. */
static bool is_identifier(const char *s)
{
    static const char first[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    static const char rest[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";

    return s[0] != '\0' && strchr(first, s[0]) != NULL &&
           s[strspn(s, rest)] == '\0' && strcmp(s, "rules") != 0 &&
           strcmp(s, "nothing") != 0 &&
           !(s[0] == 'r' && s[1] >= '0' && s[1] <= '9');
}

bool rules_export_c(const covey_schc_rules *rules, const char *symbol,
                    FILE *out)
{
    if (!is_identifier(symbol) || rules->count == 0) {
        return false;
    }
    fprintf(out,
            "/* A SCHC rule set, written by `covey schc rules export-c`.\n"
            " * Symbol: %s. Values are left-aligned in their bytes. */\n"
            "#include <covey/schc.h>\n",
            symbol);
    if (has_empty_value(rules)) {
        fputs("\nstatic const uint8_t nothing[1] = { 0 };\n", out);
    }
    for (unsigned i = 0; i < rules->count; i++) {
        put_fields(out, &rules->rules[i], i);
    }
    fputs("\nstatic const covey_schc_rule rules[] = {\n", out);
    for (unsigned i = 0; i < rules->count; i++) {
        put_rule(out, &rules->rules[i], i);
    }
    fputs("};\n\n", out);
    put_set(out, rules, symbol);
    return fflush(out) == 0 && ferror(out) == 0;
}
