/* SPDX-License-Identifier: BSD-2-Clause */
/* Rule sets as JSON in the shape of RFC 9363; loading the result gives the
 * same tables. Texts of string options are written as texts. */
#include "internal.h"

#include <string.h>

/* `bits` bits, stored left-aligned, as hex digits of an integer aligned to
 * the right. */
static void put_hex(FILE *out, const covey_schc_value *v)
{
    const unsigned digits = (v->bits + 3u) / 4u;
    unsigned have = v->bits % 4u;
    uint32_t off = 0;

    for (unsigned i = 0; i < digits; i++) {
        have = i == 0 && have != 0 ? have : 4;
        fprintf(out, "%x", (unsigned)covey_bits_load(v->bytes, off, have));
        off += have;
    }
}

/* Printable ASCII that needs no escapes, in an option that holds text. */
static bool is_text(const covey_schc_field *f, const covey_schc_value *v)
{
    const covey_option_def *def =
        f->id == COVEY_SCHC_OPTION ? covey_option_find(f->option) : NULL;

    if (def == NULL || def->format != COVEY_FORMAT_STRING ||
        f->length == COVEY_SCHC_FL_FIXED || v->bits % 8 != 0 || v->bits == 0) {
        return false;
    }
    for (unsigned i = 0; i < v->bits / 8u; i++) {
        const uint8_t c = v->bytes[i];
        if (c < 0x20 || c > 0x7e || c == '"' || c == '\\') {
            return false;
        }
    }
    return true;
}

static void put_values(FILE *out, const covey_schc_field *f)
{
    if (f->value_count == 0) {
        return;
    }
    fputs(",\n              \"target-value\": [", out);
    for (unsigned i = 0; i < f->value_count; i++) {
        const covey_schc_value *v = &f->values[i];

        fprintf(out, "%s{ \"index\": %u, ",
                i > 0 ? ",\n                               " : "", i);
        if (is_text(f, v)) {
            fprintf(out, "\"covey:text\": \"%.*s\" }", (int)(v->bits / 8u),
                    (const char *)v->bytes);
        } else {
            fputs("\"value\": \"", out);
            put_hex(out, v);
            fprintf(out, "\", \"bits\": %u }", (unsigned)v->bits);
        }
    }
    fputs("]", out);
}

static void put_length(FILE *out, const covey_schc_field *f)
{
    if (f->length == COVEY_SCHC_FL_FIXED) {
        fprintf(out, ",\n              \"field-length\": %u",
                (unsigned)f->bits);
    } else if (f->length != COVEY_SCHC_FL_TARGET) {
        fprintf(out, ",\n              \"field-length\": \"%s\"",
                covey_schc_length_name((covey_schc_length)f->length));
    }
}

static void put_field(FILE *out, const covey_schc_field *f)
{
    char name[COVEY_SCHC_NAME_MAX];

    fprintf(out, "            { \"field-id\": \"%s\"",
            covey_schc_field_name(f->id, f->option, name));
    put_length(out, f);
    fprintf(out,
            ",\n              \"field-position\": %u,\n"
            "              \"direction-indicator\": \"%s\"",
            (unsigned)f->position, covey_schc_direction_name(f->direction));
    put_values(out, f);
    fprintf(out, ",\n              \"matching-operator\": \"%s\"",
            covey_schc_mo_name((covey_schc_mo)f->mo));
    if (f->mo == COVEY_SCHC_MO_MSB) {
        fprintf(out,
                ",\n              \"matching-operator-value\": "
                "[{ \"index\": 0, \"value\": %u }]",
                (unsigned)f->msb);
    }
    fprintf(out, ",\n              \"comp-decomp-action\": \"%s\"",
            covey_schc_cda_name((covey_schc_cda)f->cda));
    /* a value that would be taken for a group, and is none */
    if (f->segments == 0 && rules_segments(f) != 0) {
        fputs(",\n              \"covey:grouped\": false", out);
    }
    fputs(" }", out);
}

static void put_rule(FILE *out, const covey_schc_rule *r)
{
    const bool compression = r->nature == COVEY_SCHC_COMPRESSION;

    fprintf(out,
            "        { \"rule-id-value\": %lu,\n"
            "          \"rule-id-length\": %u,\n"
            "          \"rule-nature\": \"%s\"",
            (unsigned long)r->id, (unsigned)r->id_bits,
            compression ? "nature-compression" : "nature-no-compression");
    if (r->lossy) {
        fputs(",\n          \"covey:lossy\": \"allow\"", out);
    }
    if (compression) {
        fputs(",\n          \"entry\": [\n", out);
        for (unsigned i = 0; i < r->field_count; i++) {
            put_field(out, &r->fields[i]);
            fputs(i + 1u < r->field_count ? ",\n" : "\n          ]", out);
        }
    }
    fputs(" }", out);
}

bool rules_export_json(const covey_schc_rules *rules,
                       covey_schc_profile profile, FILE *out)
{
    fprintf(out, "{ \"covey:profile\": \"%s\",\n",
            profile == COVEY_SCHC_PROFILE_SEED
                ? "draft-tiloca-schc-8824-update-00"
                : "8824-update-09");
    fprintf(out, "  \"covey:kudos\": \"%s\",\n",
            rules->kudos == COVEY_KUDOS_14 ? "kudos-14" : "seed");
    fprintf(out, "  \"covey:select\": \"%s\",\n",
            rules->select == COVEY_SCHC_SHORTEST ? "shortest" : "first");
    fprintf(out, "  \"covey:one-entry-index\": %u,\n",
            (unsigned)rules->one_entry_index_bits);
    fprintf(out, "  \"covey:lsb-size\": \"%s\",\n",
            rules->lsb_size_whole ? "value" : "residue");
    fputs("  \"ietf-schc:schc\": {\n      \"rule\": [\n", out);
    for (unsigned i = 0; i < rules->count; i++) {
        put_rule(out, &rules->rules[i]);
        fputs(i + 1u < rules->count ? ",\n" : "\n      ] } }\n", out);
    }
    return fflush(out) == 0 && ferror(out) == 0;
}
