/* SPDX-License-Identifier: BSD-2-Clause */
/* jansson's constructors give NULL without memory, and its setters pass that
 * on as a failure; what is missing then is told by schc_json_print. */
#include "schc_json.h"

#include "cmd.h"

#include <stdlib.h>

static const char *nature_name(const covey_schc_rule *rule)
{
    return rule->nature == COVEY_SCHC_COMPRESSION ? "nature-compression"
                                                  : "nature-no-compression";
}

json_t *schc_json_rule(const covey_schc_rules *rules, uint16_t rule,
                       unsigned line)
{
    const covey_schc_rule *r = &rules->rules[rule];

    return json_pack("{s:i, s:I, s:i, s:s, s:i}", "index", (int)rule, "id",
                     (json_int_t)r->id, "bits", (int)r->id_bits, "nature",
                     nature_name(r), "line", (int)line);
}

json_t *schc_json_hex(covey_bytes bytes)
{
    schc_span all = { bytes.ptr, 0, (uint32_t)bytes.len * 8 };
    char *hex = schc_value_hex(all);
    json_t *o = hex ? json_string(hex) : NULL;

    free(hex);
    return o;
}

json_t *schc_json_head(const schc_session *s, covey_bytes packet)
{
    json_t *o = json_pack("{s:s, s:s}", "direction",
                          s->args->direction == COVEY_SCHC_UP ? "up" : "down",
                          "stack", covey_schc_stack_name(s->ctx.stack));

    json_object_set_new(o, "packet", schc_json_hex(packet));
    return o;
}

static json_t *bits_json(const schc_view *v, const schc_part *p)
{
    schc_span span = { v->schc.ptr, p->schc_off, p->schc_bits };
    char *bits = schc_value_bits(span);
    json_t *o = bits ? json_string(bits) : NULL;

    free(bits);
    return o;
}

static json_t *field_json(const schc_view *v, const schc_part *p)
{
    const covey_schc_field *f = p->field;
    char buf[COVEY_SCHC_NAME_MAX];
    json_t *o = json_pack("{s:s, s:i, s:s, s:s, s:s, s:s, s:s, s:i}", "field",
                          covey_schc_field_name(f->id, f->option, buf),
                          "position", (int)f->position, "direction",
                          covey_schc_direction_name(f->direction), "mo",
                          covey_schc_mo_name((covey_schc_mo)f->mo), "cda",
                          covey_schc_cda_name((covey_schc_cda)f->cda), "value",
                          p->hex, "text", p->text, "line", (int)p->line);

    json_object_set_new(o, "packet_offset", json_integer(p->packet_off));
    json_object_set_new(
        o, "packet_bits",
        json_integer((json_int_t)p->packet_bits + p->more_bits));
    json_object_set_new(o, "residue", bits_json(v, p));
    json_object_set_new(o, "residue_offset", json_integer(p->schc_off));
    json_object_set_new(o, "residue_bits", json_integer(p->schc_bits));
    json_object_set_new(o, "size_bits", json_integer(p->size_bits));
    if (f->cda == COVEY_SCHC_CDA_MAPPING_SENT) {
        json_object_set_new(o, "entry", json_integer(p->entry));
    }
    if (f->mo == COVEY_SCHC_MO_MSB) {
        json_object_set_new(o, "msb", json_integer(f->msb));
    }
    return o;
}

json_t *schc_json_view(const schc_session *s, const schc_view *v)
{
    json_t *o = schc_json_head(s, v->packet);
    json_t *fields = json_array();
    json_t *payload = json_null();

    json_object_set_new(
        o, "rule", schc_json_rule(&s->rules, v->rule_index, v->rule_line));
    json_object_set_new(o, "lossy", json_boolean(v->rule->lossy));
    json_object_set_new(o, "schc", schc_json_hex(v->schc));
    json_object_set_new(o, "schc_bits", json_integer(v->schc_bits));
    json_object_set_new(
        o, "padding_bits",
        json_integer((json_int_t)v->schc.len * 8 - v->schc_bits));
    for (size_t i = 0; i < v->count; i++) {
        const schc_part *p = &v->parts[i];

        if (p->kind == SCHC_PART_FIELD) {
            json_array_append_new(fields, field_json(v, p));
        } else if (p->kind == SCHC_PART_PAYLOAD) {
            payload = json_pack("{s:i, s:i, s:s}", "offset", (int)p->schc_off,
                                "bits", (int)p->schc_bits, "hex", p->hex);
        }
    }
    json_object_set_new(o, "fields", fields);
    json_object_set_new(o, "payload", payload);
    return o;
}

int schc_json_print(json_t *root)
{
    bool ok = root != NULL && json_dumpf(root, stdout, JSON_INDENT(2)) == 0 &&
              fputc('\n', stdout) != EOF;

    json_decref(root);
    if (!ok) {
        fputs("covey schc: JSON could not be written\n", stderr);
        return EXIT_IO;
    }
    return schc_output_close(stdout, NULL);
}
