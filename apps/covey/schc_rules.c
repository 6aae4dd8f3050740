/* SPDX-License-Identifier: BSD-2-Clause */
/* The verbs that write a rule set in another form. */
#include "cmd.h"
#include "schc_session.h"
#include "schc_value.h"
#include "schc_verbs.h"

#include <stdlib.h>
#include <string.h>

enum {
    VALUES_SHOWN = 4,
    CDA_WIDTH = 12
};

/* Field length as RFC 9363 or the drafts write it. */
static void length_cell(const covey_schc_field *f, char *out, size_t cap)
{
    static const char *const names[] = {
        [COVEY_SCHC_FL_VAR] = "var",
        [COVEY_SCHC_FL_VAR_BIT] = "var_bit",
        [COVEY_SCHC_FL_TARGET] = "-",
        [COVEY_SCHC_FL_TKL] = "tkl",
        [COVEY_SCHC_FL_OSC_PIV] = "osc.piv",
        [COVEY_SCHC_FL_OSC_X_M] = "osc.x.m",
        [COVEY_SCHC_FL_OSC_Y_W] = "osc.y.w",
    };

    if (f->length == COVEY_SCHC_FL_FIXED) {
        snprintf(out, cap, "%u", f->bits);
    } else if (f->length < sizeof names / sizeof names[0]) {
        snprintf(out, cap, "%s", names[f->length]);
    } else {
        snprintf(out, cap, "?");
    }
}

static void put_targets(const covey_schc_field *f, FILE *out)
{
    for (uint16_t i = 0; i < f->value_count; i++) {
        schc_span value = { f->values[i].bytes, 0, f->values[i].bits };
        char *text;

        if (i == VALUES_SHOWN && f->value_count > VALUES_SHOWN + 1) {
            fprintf(out, ", and %u more", (unsigned)(f->value_count - i));
            return;
        }
        text = schc_value_short(f->id, f->option, value);
        fprintf(out, "%s%s", i > 0 ? ", " : "  ", text ? text : "");
        free(text);
    }
}

static void put_field(const covey_schc_field *f, FILE *out)
{
    static const char *const directions[] = { "?", "up", "down", "bi" };
    char name[COVEY_SCHC_NAME_MAX];
    char length[16];
    char mo[24];
    const char *cda =
        covey_schc_cda_name((covey_schc_cda)f->cda) + strlen("cda-");

    length_cell(f, length, sizeof length);
    if (f->mo == COVEY_SCHC_MO_MSB) {
        snprintf(mo, sizeof mo, "msb(%u)", f->msb);
    } else {
        snprintf(mo, sizeof mo, "%s",
                 covey_schc_mo_name((covey_schc_mo)f->mo) + strlen("mo-"));
    }
    fprintf(out, "  %-28s %-8s %2u  %-4s  %-13s  %s",
            schc_short_name(f->id, f->option, name), length, f->position,
            directions[f->direction & 3u], mo, cda);
    if (f->value_count > 0) {
        fprintf(out, "%*s", CDA_WIDTH - (int)strlen(cda), "");
        put_targets(f, out);
    }
    fputc('\n', out);
}

static void put_rule(const schc_session *s, uint16_t rule, FILE *out)
{
    const covey_schc_rule *r = &s->rules.rules[rule];
    char name[SCHC_RULE_NAME_MAX];

    fprintf(out, "\nrule %s  (line %u)  %s%s\n",
            schc_rule_name(&s->rules, rule, name),
            rules_line(s->file, rule, r->field_count),
            r->nature == COVEY_SCHC_COMPRESSION ? "compression"
                                                : "no compression",
            r->lossy ? ", lossy" : "");
    if (r->field_count > 0) {
        fprintf(out, "  %-28s %-8s FP  DI    %-13s  %-12s  target value\n",
                "field", "FL", "MO", "CDA");
    }
    for (uint16_t i = 0; i < r->field_count; i++) {
        put_field(&r->fields[i], out);
    }
}

int schc_verb_rules_show(const schc_args *args)
{
    schc_session s;
    int rc = schc_session_open(&s, args);

    if (rc != EXIT_DONE) {
        return rc;
    }
    printf("%s: %u rules, stack %s, %s matches\n", args->rules_path,
           s.rules.count, covey_schc_stack_name(s.ctx.stack),
           s.rules.select == COVEY_SCHC_SHORTEST ? "shortest of those that"
                                                 : "first that");
    for (uint16_t i = 0; i < s.rules.count; i++) {
        put_rule(&s, i, stdout);
    }
    schc_session_close(&s);
    return schc_output_close(stdout, NULL);
}

/* Both exports: open, write, close. */
static int export_rules(const schc_args *args, bool as_c)
{
    schc_session s;
    FILE *out;
    int rc = schc_session_open(&s, args);

    if (rc != EXIT_DONE) {
        return rc;
    }
    out = schc_output_open(args->output);
    if (out == NULL) {
        schc_session_close(&s);
        return EXIT_IO;
    }
    /* What cannot be written is found when the file is closed. */
    if (as_c) {
        (void)rules_export_c(&s.rules, args->symbol, out);
    } else {
        (void)rules_export_json(&s.rules, rules_profile(s.file), out);
    }
    schc_session_close(&s);
    return schc_output_close(out, args->output);
}

int schc_verb_rules_export_c(const schc_args *args)
{
    return export_rules(args, true);
}

int schc_verb_rules_export_json(const schc_args *args)
{
    return export_rules(args, false);
}
