/* SPDX-License-Identifier: BSD-2-Clause */
#include "verb_options.h"

#include "cmd.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Long options give their row's number plus ROW_BASE, so that they never meet
 * a letter. */
enum {
    ROW_BASE = 1000,
    HELP = 'h'
};

/* getopt's tables for one verb. */
typedef struct getopt_tables {
    struct option longs[VERB_OPTIONS_MAX + 2];
    char shorts[2 * VERB_OPTIONS_MAX + 3];
} getopt_tables;

bool verb_options_lists(const char *list, const char *name)
{
    size_t len = strlen(name);

    for (const char *at = strstr(list, name); at; at = strstr(at + 1, name)) {
        if ((at == list || at[-1] == ' ') && at[len] == ' ') {
            return true;
        }
    }
    return false;
}

static void print_option(const verb_option *row, int width)
{
    char left[40];
    const char *text = row->help;

    snprintf(left, sizeof left, "%c%c%c --%s%s%s", row->letter ? '-' : ' ',
             row->letter ? row->letter : ' ', row->letter ? ',' : ' ',
             row->name, row->value ? " " : "", row->value ? row->value : "");
    while (text != NULL) {
        const char *end = strchr(text, '\n');
        int len = end ? (int)(end - text) : (int)strlen(text);

        printf("  %-*s %.*s\n", width, left, len, text);
        left[0] = '\0';
        text = end ? end + 1 : NULL;
    }
}

void verb_options_help(const verb_options *o)
{
    for (size_t i = 0; i < o->count; i++) {
        if (verb_options_lists(o->taken, o->rows[i].name)) {
            print_option(&o->rows[i], o->width);
        }
    }
    printf("  %-*s %s\n", o->width, "-h, --help", "this text");
}

int verb_options_usage(const verb_options *o, const char *argument,
                       const char *value, const char *text)
{
    fflush(stdout);
    fprintf(stderr, "covey %s %s: %s%s%s: %s; try 'covey %s %s --help'\n",
            o->command, o->verb, argument, value ? " " : "",
            value ? value : "", text, o->command, o->verb);
    return EXIT_USAGE;
}

static void build_tables(const verb_options *o, getopt_tables *t)
{
    size_t n = 0;
    size_t s = 0;

    memset(t, 0, sizeof *t);
    t->shorts[s++] = ':'; /* tell a missing value from an unknown option */
    t->shorts[s++] = HELP;
    t->longs[n].name = "help";
    t->longs[n++].val = HELP;
    for (size_t i = 0; i < o->count; i++) {
        const verb_option *row = &o->rows[i];

        if (!verb_options_lists(o->taken, row->name)) {
            continue;
        }
        t->longs[n].name = row->name;
        t->longs[n].has_arg = row->value ? required_argument : no_argument;
        t->longs[n++].val = ROW_BASE + (int)i;
        if (row->letter) {
            t->shorts[s++] = (char)row->letter;
            if (row->value) {
                t->shorts[s++] = ':';
            }
        }
    }
}

static const verb_option *row_of(const verb_options *o, int got)
{
    if (got >= ROW_BASE) {
        return &o->rows[got - ROW_BASE];
    }
    for (size_t i = 0; i < o->count; i++) {
        if (got != 0 && o->rows[i].letter == got) {
            return &o->rows[i];
        }
    }
    return NULL;
}

/* The option that getopt just found, with its value in optarg. */
static int take(const verb_options *o, const verb_option *row, void *args)
{
    const char *expected = row->set(args, optarg);
    char option[40];
    char text[120];

    if (expected == NULL) {
        return EXIT_DONE;
    }
    snprintf(option, sizeof option, "--%s", row->name);
    snprintf(text, sizeof text, "expected %s", expected);
    return verb_options_usage(o, option, optarg, text);
}

int verb_options_read(const verb_options *o, int argc, char **argv, void *args,
                      bool *given)
{
    getopt_tables tables;
    int rc = EXIT_DONE;
    int got;

    build_tables(o, &tables);
    opterr = 0;
    optind = 1;
    while (rc == EXIT_DONE && (got = getopt_long(argc, argv, tables.shorts,
                                                 tables.longs, NULL)) != -1) {
        char letter[3] = { '-', (char)optopt, '\0' };
        bool is_long = optopt == 0 || optopt >= ROW_BASE;
        const char *name = is_long ? argv[optind - 1] : letter;
        const verb_option *row = row_of(o, got);

        if (got == HELP) {
            return -1;
        }
        if (got == ':') {
            return verb_options_usage(o, name, NULL, "needs a value");
        }
        if (row == NULL) {
            return verb_options_usage(o, name, NULL,
                                      "no such option, or ambiguous");
        }
        rc = take(o, row, args);
        if (given != NULL) {
            given[row - o->rows] = true;
        }
    }
    return rc;
}

bool verb_options_seconds(const char *text, uint32_t least, uint32_t *ms)
{
    const size_t whole = strspn(text, "0123456789");
    const char *point = text + whole;
    const size_t digits = *point == '.' ? strspn(point + 1, "0123456789") : 0;
    const size_t used = whole + (digits > 0 ? digits + 1 : 0);

    if (whole > 0 && whole <= 7 && digits <= 3 && text[used] == '\0') {
        uint64_t value = strtoull(text, NULL, 10) * 1000u;
        unsigned scale = 100;
        for (size_t i = 0; i < digits; i++, scale /= 10) {
            value += (uint64_t)(point[1 + i] - '0') * scale;
        }
        if (value >= least && value <= INT32_MAX) {
            *ms = (uint32_t)value;
            return true;
        }
    }
    return false;
}
