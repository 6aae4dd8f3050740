/* SPDX-License-Identifier: BSD-2-Clause */
#include "schc_session.h"

#include "cmd.h"

#include <errno.h>
#include <hex.h>
#include <stdlib.h>
#include <string.h>

static rules_options options_of(const schc_args *args)
{
    rules_options o = rules_default_options();

    o.check_profile = !args->no_profile;
    if (args->has_profile) {
        o.profile = args->profile;
        o.force_profile = true;
    }
    o.allow_lossy = args->lossy;
    return o;
}

/* VALUE or VALUE/BITS, value in decimal or 0x. */
static bool read_rule_name(const char *text, uint32_t *id, uint32_t *bits)
{
    char *end;
    unsigned long v;

    errno = 0;
    v = strtoul(text, &end, 0);
    if (errno != 0 || end == text || *text == '-' || v > UINT32_MAX) {
        return false;
    }
    *id = (uint32_t)v;
    *bits = 0;
    if (*end == '/') {
        text = end + 1;
        v = strtoul(text, &end, 10);
        if (end == text || *text == '-' || v < 1 || v > 32) {
            return false;
        }
        *bits = (uint32_t)v;
    }
    return *end == '\0';
}

/* The rule that --rule names. Two rules may share a value and differ in the
 * number of bits. */
static int find_only(schc_session *s)
{
    const char *text = s->args->rule;
    uint32_t id;
    uint32_t bits;

    s->only = -1;
    if (text == NULL) {
        return EXIT_DONE;
    }
    if (!read_rule_name(text, &id, &bits)) {
        fprintf(stderr,
                "covey schc: --rule %s: expected VALUE or VALUE/BITS, such as "
                "5 or 0x05/8\n",
                text);
        return EXIT_USAGE;
    }
    for (uint16_t i = 0; i < s->rules.count; i++) {
        if (s->rules.rules[i].id != id ||
            (bits != 0 && s->rules.rules[i].id_bits != bits)) {
            continue;
        }
        if (s->only >= 0) {
            fprintf(stderr,
                    "covey schc: --rule %s: two rules have this value; add "
                    "the length, VALUE/BITS\n",
                    text);
            return EXIT_USAGE;
        }
        s->only = i;
    }
    if (s->only < 0) {
        fprintf(stderr, "covey schc: --rule %s: %s has no such rule\n", text,
                s->args->rules_path);
        return EXIT_USAGE;
    }
    return EXIT_DONE;
}

bool schc_session_readable(const char *path)
{
    FILE *f;

    if (strcmp(path, "-") == 0) {
        return true;
    }
    f = fopen(path, "rb");
    if (f == NULL) {
        fprintf(stderr, "covey schc: %s: %s\n", path, strerror(errno));
        return false;
    }
    fclose(f);
    return true;
}

int schc_session_open(schc_session *s, const schc_args *args)
{
    rules_options options = options_of(args);
    rules_report report;
    int rc;

    memset(s, 0, sizeof *s);
    s->args = args;
    if (strcmp(args->rules_path, "-") == 0 && args->operand != NULL &&
        strcmp(args->operand, "-") == 0) {
        fputs("covey schc: rules and packet cannot both be standard input\n",
              stderr);
        return EXIT_USAGE;
    }
    if (!schc_session_readable(args->rules_path)) {
        return EXIT_IO;
    }
    s->file = rules_load(args->rules_path, &options, &report);
    if (s->file == NULL || args->verbose) {
        rules_report_print(&report, args->rules_path, stderr);
    }
    rules_report_free(&report);
    if (s->file == NULL) {
        return EXIT_NEGATIVE;
    }
    s->rules = *rules_get(s->file);
    if (args->has_select) {
        s->rules.select = (uint8_t)args->select;
    }
    s->ctx.rules = &s->rules;
    s->ctx.stack = args->has_stack ? args->stack : rules_stack(s->file);
    s->ctx.dev_iid = args->has_dev_iid ? args->dev_iid : NULL;
    s->ctx.app_iid = args->has_app_iid ? args->app_iid : NULL;
    rc = find_only(s);
    if (rc != EXIT_DONE) {
        schc_session_close(s);
    }
    return rc;
}

void schc_session_close(schc_session *s)
{
    rules_free(s->file);
    s->file = NULL;
}

int schc_session_input(const schc_session *s, uint8_t **bytes, size_t *len)
{
    char error[200];

    if (hex_read(s->args->operand, bytes, len, error, sizeof error)) {
        return EXIT_DONE;
    }
    fprintf(stderr, "covey schc: %s: %s\n",
            strcmp(s->args->operand, "-") == 0 ? "standard input" : "HEX",
            error);
    return EXIT_USAGE;
}

const char *schc_rule_name(const covey_schc_rules *rules, uint16_t rule,
                           char buf[SCHC_RULE_NAME_MAX])
{
    snprintf(buf, SCHC_RULE_NAME_MAX, "%lu/%u",
             (unsigned long)rules->rules[rule].id,
             (unsigned)rules->rules[rule].id_bits);
    return buf;
}

const char *schc_short_name(uint8_t id, uint16_t option,
                            char buf[COVEY_SCHC_NAME_MAX])
{
    const char *name = covey_schc_field_name(id, option, buf);

    return strncmp(name, "fid-", 4) == 0 ? name + 4 : name;
}

FILE *schc_output_open(const char *path)
{
    FILE *out;

    if (path == NULL || strcmp(path, "-") == 0) {
        return stdout;
    }
    out = fopen(path, "w");
    if (out == NULL) {
        fprintf(stderr, "covey schc: %s: %s\n", path, strerror(errno));
    }
    return out;
}

int schc_output_close(FILE *out, const char *path)
{
    bool failed = fflush(out) != 0 || ferror(out) != 0;

    if (out != stdout) {
        failed = fclose(out) != 0 || failed;
    }
    if (failed) {
        fprintf(stderr, "covey schc: %s: %s\n",
                path ? path : "standard output", strerror(errno));
        return EXIT_IO;
    }
    return EXIT_DONE;
}
