/* SPDX-License-Identifier: BSD-2-Clause */
#include "schc_why_not.h"

#include "cmd.h"
#include "schc_json.h"
#include "schc_packet.h"
#include "schc_verbs.h"

#include <stdlib.h>
#include <string.h>

enum {
    WANTED_MAX = 4
};

/* Target values as a list: "0.01 GET or 0.02 POST". To be freed. */
static char *wanted_values(const covey_schc_field *f)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    if (out == NULL) {
        return NULL;
    }
    if (f->mo == COVEY_SCHC_MO_MSB) {
        fprintf(out, "the first %u bits of ", f->msb);
    }
    for (uint16_t i = 0; i < f->value_count; i++) {
        schc_span value = { f->values[i].bytes, 0, f->values[i].bits };
        char *one;

        if (i == WANTED_MAX) {
            fprintf(out, " or one of %u more", (unsigned)(f->value_count - i));
            break;
        }
        one = schc_value_short(f->id, f->option, value);
        fprintf(out, "%s%s", i > 0 ? " or " : "", one ? one : "");
        free(one);
    }
    if (f->value_count == 0) {
        fputs("no target value", out);
    }
    fclose(out);
    return text;
}

static void put_found(FILE *out, const covey_schc_field *f, schc_span found)
{
    char *text;

    if (found.base == NULL) {
        return;
    }
    text = schc_value_short(f->id, f->option, found);
    fprintf(out, "; the packet has %s", text ? text : "");
    free(text);
}

static void put_reason(FILE *out, covey_schc_mismatch why,
                       const covey_schc_field *f, schc_span found)
{
    if (why == COVEY_SCHC_X_UNCOVERED) {
        char *text = schc_value_short(f->id, f->option, found);

        fprintf(out, "the packet has it (%s), the rule does not describe it",
                found.base && text ? text : "no value");
        free(text);
    } else if (why == COVEY_SCHC_X_VALUE) {
        char *wanted = wanted_values(f);

        fprintf(out, "wants %s", wanted ? wanted : "");
        free(wanted);
        put_found(out, f, found);
    } else if (why == COVEY_SCHC_X_LENGTH && found.base != NULL &&
               f->length == COVEY_SCHC_FL_FIXED) {
        fprintf(out, "wants %u bits; the packet has %lu", f->bits,
                (unsigned long)found.bits);
    } else {
        fputs(covey_schc_mismatch_text(why), out);
        put_found(out, f, found);
    }
}

char *schc_why_not_text(const covey_schc_context *ctx,
                        covey_schc_direction direction, covey_bytes packet,
                        uint16_t rule, const covey_schc_finding *finding)
{
    const covey_schc_rule *r = &ctx->rules->rules[rule];
    covey_schc_field uncovered = { 0 };
    const covey_schc_field *f = &uncovered;
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    if (out == NULL) {
        return NULL;
    }
    if (finding->why == COVEY_SCHC_X_UNCOVERED) {
        uncovered.id = finding->id;
        uncovered.option = finding->option;
    } else if (finding->field < r->field_count) {
        f = &r->fields[finding->field];
    } else {
        f = NULL;
    }
    if (f == NULL) {
        fputs(covey_schc_mismatch_text(finding->why), out);
    } else {
        char name[COVEY_SCHC_NAME_MAX];

        fprintf(out, "%s: ", schc_short_name(f->id, f->option, name));
        put_reason(out, finding->why, f,
                   schc_packet_field(ctx, direction, packet, f));
    }
    fclose(out);
    return text;
}

/* One rule and one packet. */
typedef struct verdict {
    covey_schc_finding finding;
    bool fits;           /* or takes every packet, without compression */
    unsigned line;       /* of the rule */
    unsigned field_line; /* 0 unless a descriptor is meant */
    char name[SCHC_RULE_NAME_MAX];
    char *text; /* NULL if it fits */
} verdict;

static verdict judge(const schc_session *s, covey_bytes packet, uint16_t rule)
{
    const covey_schc_rule *r = &s->rules.rules[rule];
    verdict v = { 0 };

    schc_rule_name(&s->rules, rule, v.name);
    v.line = rules_line(s->file, rule, r->field_count);
    if (r->nature != COVEY_SCHC_COMPRESSION) {
        v.fits = true;
        return v;
    }
    v.finding = covey_schc_why_not(&s->ctx, s->args->direction, packet, rule);
    v.fits = v.finding.why == COVEY_SCHC_MATCHES;
    if (!v.fits) {
        v.text = schc_why_not_text(&s->ctx, s->args->direction, packet, rule,
                                   &v.finding);
        if (v.finding.field < r->field_count) {
            v.field_line = rules_line(s->file, rule, v.finding.field);
        }
    }
    return v;
}

static void print_verdict(const schc_session *s, const verdict *v,
                          uint16_t rule, FILE *out)
{
    bool compresses = s->rules.rules[rule].nature == COVEY_SCHC_COMPRESSION;

    fprintf(out, "rule %-8s line %-5u ", v->name, v->line);
    if (!compresses) {
        fputs("takes every packet as it is\n", out);
    } else if (v->fits) {
        fputs("fits\n", out);
    } else {
        fputs(v->text ? v->text : "", out);
        if (v->field_line != 0) {
            fprintf(out, " (line %u)", v->field_line);
        }
        fputc('\n', out);
    }
}

void schc_why_not_print(const schc_session *s, covey_bytes packet, FILE *out)
{
    for (uint16_t i = 0; i < s->rules.count; i++) {
        verdict v;

        if (s->only >= 0 && i != s->only) {
            continue;
        }
        v = judge(s, packet, i);
        print_verdict(s, &v, i, out);
        free(v.text);
    }
}

static json_t *verdict_json(const schc_session *s, const verdict *v,
                            uint16_t rule)
{
    const covey_schc_rule *r = &s->rules.rules[rule];
    json_t *o = schc_json_rule(&s->rules, rule, v->line);

    json_object_set_new(o, "fits", json_boolean(v->fits));
    if (!v->fits) {
        covey_schc_finding f = v->finding;

        if (f.field < r->field_count) {
            f.id = r->fields[f.field].id;
            f.option = r->fields[f.field].option;
            json_object_set_new(o, "field_line", json_integer(v->field_line));
        }
        if (f.field < r->field_count || f.why == COVEY_SCHC_X_UNCOVERED) {
            char buf[COVEY_SCHC_NAME_MAX];

            json_object_set_new(
                o, "field",
                json_string(covey_schc_field_name(f.id, f.option, buf)));
        }
        json_object_set_new(o, "why", json_string(v->text ? v->text : ""));
    }
    return o;
}

/* The rule that would be used: its index, or -1. */
static int32_t chosen(const schc_session *s, covey_bytes packet,
                      uint32_t *bits)
{
    covey_schc_outcome outcome;
    size_t cap = packet.len + 1024;
    uint8_t *storage = malloc(cap);
    covey_bit_writer w = covey_bit_writer_of(storage, storage ? cap : 0);
    covey_status st =
        covey_schc_compress(&s->ctx, s->args->direction, packet, &w, &outcome);

    free(storage);
    *bits = w.pos;
    return st == COVEY_OK ? outcome.rule : -1;
}

static void print_chosen(const schc_session *s, covey_bytes packet,
                         int32_t used, uint32_t bits)
{
    char name[SCHC_RULE_NAME_MAX];

    if (used < 0) {
        printf("no rule fits\n");
        return;
    }
    printf("rule %s is used: %zu bytes become %lu bits\n",
           schc_rule_name(&s->rules, (uint16_t)used, name), packet.len,
           (unsigned long)bits);
}

static int why_not(const schc_session *s, covey_bytes packet)
{
    uint32_t bits;
    int32_t used = chosen(s, packet, &bits);
    bool fits =
        used >= 0 && s->rules.rules[used].nature == COVEY_SCHC_COMPRESSION;
    json_t *root = schc_json_head(s, packet);
    json_t *list = json_array();
    int rc = EXIT_DONE;

    for (uint16_t i = 0; i < s->rules.count; i++) {
        verdict v = judge(s, packet, i);

        if (s->args->json) {
            json_array_append_new(list, verdict_json(s, &v, i));
        } else {
            print_verdict(s, &v, i, stdout);
        }
        free(v.text);
    }
    json_object_set_new(root, "fits", json_boolean(fits));
    json_object_set_new(root, "used",
                        used >= 0 ? json_integer(used) : json_null());
    json_object_set_new(root, "rules", list);
    if (s->args->json) {
        rc = schc_json_print(root);
    } else {
        json_decref(root);
        print_chosen(s, packet, used, bits);
        rc = schc_output_close(stdout, NULL);
    }
    return rc != EXIT_DONE ? rc : fits ? EXIT_DONE : EXIT_NEGATIVE;
}

int schc_verb_why_not(const schc_args *args)
{
    schc_session s;
    uint8_t *bytes;
    size_t len;
    int rc = schc_session_open(&s, args);

    if (rc != EXIT_DONE) {
        return rc;
    }
    rc = schc_session_input(&s, &bytes, &len);
    if (rc == EXIT_DONE) {
        rc = why_not(&s, covey_bytes_of(bytes, len));
        free(bytes);
    }
    schc_session_close(&s);
    return rc;
}
