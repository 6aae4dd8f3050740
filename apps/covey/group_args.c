/* SPDX-License-Identifier: BSD-2-Clause */
#include "group_args.h"

#include "cmd.h"
#include "hex.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

int group_fail(const group_args *args, int status, const char *format, ...)
{
    va_list list;

    fflush(stdout);
    fprintf(stderr, "covey group %s: ", args->verb);
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
    return status;
}

/* A setter returns NULL, or what was expected instead of the value. */
typedef const char *(*setter)(group_args *args, const char *value);

static const char *set_mode(group_args *args, const char *value)
{
    if (strcmp(value, "group") == 0) {
        args->mode = GROUP_MODE_GROUP;
    } else if (strcmp(value, "pairwise") == 0) {
        args->mode = GROUP_MODE_PAIRWISE;
    } else {
        return "group or pairwise";
    }
    return NULL;
}

static const char *set_to(group_args *args, const char *value)
{
    char error[160];
    uint8_t *bytes;
    size_t len;

    if (!hex_parse(value, strlen(value), &bytes, &len, error, sizeof error)) {
        return "a Sender ID in hex";
    }
    args->has_to = len <= sizeof args->to;
    if (args->has_to) {
        memcpy(args->to, bytes, len);
        args->to_len = (uint8_t)len;
    }
    free(bytes);
    return args->has_to ? NULL : "a Sender ID of at most 7 bytes";
}

static const char *set_number(group_args *args, const char *value)
{
    uint64_t n = 0;
    const char *at = value;

    for (; *at >= '0' && *at <= '9' && n < COVEY_OSCORE_SSN_END; at++) {
        n = n * 10 + (uint64_t)(*at - '0');
    }
    if (at == value || *at != '\0' || n >= COVEY_OSCORE_SSN_END) {
        return "a sequence number below 2^40 (RFC 8613 Section 7.2.1)";
    }
    args->has_number = true;
    args->number = n;
    return NULL;
}

static const char *set_request(group_args *args, const char *value)
{
    args->request = value;
    return NULL;
}

static const char *set_own_piv(group_args *args, const char *value)
{
    (void)value;
    args->own_piv = true;
    return NULL;
}

static const char *set_kid(group_args *args, const char *value)
{
    (void)value;
    args->kid = true;
    return NULL;
}

static const char *set_kid_context(group_args *args, const char *value)
{
    (void)value;
    args->kid_context = true;
    return NULL;
}

static const char *set_unicast(group_args *args, const char *value)
{
    (void)value;
    args->unicast = true;
    return args->multicast ? "only one of --unicast and --multicast" : NULL;
}

static const char *set_multicast(group_args *args, const char *value)
{
    (void)value;
    args->multicast = true;
    return args->unicast ? "only one of --unicast and --multicast" : NULL;
}

static const char *set_json(group_args *args, const char *value)
{
    (void)value;
    args->json = true;
    return NULL;
}

static const char *set_explain(group_args *args, const char *value)
{
    (void)value;
    args->explain = true;
    return NULL;
}

static const char *set_keys(group_args *args, const char *value)
{
    (void)value;
    args->keys = true;
    return NULL;
}

typedef struct option_row {
    const char *name;
    int letter;        /* short form, or 0 */
    const char *value; /* how the help calls it, or NULL */
    setter set;
    const char *help;
} option_row;

/* clang-format off */
static const option_row rows[] = {
    { "mode", 'm', "MODE", set_mode,
      "group or pairwise; otherwise group mode if the group has\n"
      "it, and a response as its request" },
    { "to", 't', "ID", set_to,
      "Sender ID of the member that a pairwise request is, or\n"
      "was, for; not needed in a group of two" },
    { "number", 'n', "N", set_number,
      "sequence number; otherwise that of the context" },
    { "request", 'r', "HEX", set_request,
      "responses: the protected request" },
    { "own-piv", 0, NULL, set_own_piv,
      "responses: a Partial IV although none is due" },
    { "kid", 0, NULL, set_kid,
      "responses: the kid although it is not needed" },
    { "kid-context", 0, NULL, set_kid_context,
      "responses: the Gid although it is not needed" },
    { "unicast", 0, NULL, set_unicast,
      "the message was sent to this member alone" },
    { "multicast", 0, NULL, set_multicast,
      "it was sent to the group (unless said otherwise)" },
    { "json", 'j', NULL, set_json, "write JSON" },
    { "explain", 'e', NULL, set_explain, "also every value on the way" },
    { "keys", 0, NULL, set_keys,
      "keys themselves; otherwise lengths and fingerprints" },
};
/* clang-format on */

/* Is `name` one of the words of `list`? */
static bool lists(const char *list, const char *name)
{
    size_t len = strlen(name);

    for (const char *at = strstr(list, name); at; at = strstr(at + 1, name)) {
        if ((at == list || at[-1] == ' ') && at[len] == ' ') {
            return true;
        }
    }
    return false;
}

/* The help text of an option may have several lines. */
static void print_option(const option_row *row)
{
    char left[40];
    const char *text = row->help;

    snprintf(left, sizeof left, "%c%c%c --%s%s%s", row->letter ? '-' : ' ',
             row->letter ? row->letter : ' ', row->letter ? ',' : ' ',
             row->name, row->value ? " " : "", row->value ? row->value : "");
    while (text != NULL) {
        const char *end = strchr(text, '\n');
        int len = end ? (int)(end - text) : (int)strlen(text);

        printf("  %-20s %.*s\n", left, len, text);
        left[0] = '\0';
        text = end ? end + 1 : NULL;
    }
}

static void print_help(const group_verb *verb)
{
    printf("usage: covey group %s [options] CONTEXT%s%s\n\n%s\n\n"
           "  %-20s %s\n",
           verb->name, verb->operand ? " " : "",
           verb->operand ? verb->operand : "", verb->summary, "CONTEXT",
           "file with a context of type group, covey-context(5)");
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (lists(verb->options, rows[i].name)) {
            print_option(&rows[i]);
        }
    }
    printf("  %-20s %s\n\nMore in covey-group(1).\n", "-h, --help",
           "this text");
}

/* getopt's tables for one verb: long options give their row's number plus
 * ROW_BASE, so that they never meet a letter. */
enum {
    ROW_BASE = 1000,
    HELP = 'h'
};

typedef struct getopt_tables {
    struct option longs[COUNT(rows) + 2];
    char shorts[2 * COUNT(rows) + 3];
} getopt_tables;

static void build_tables(const group_verb *verb, getopt_tables *t)
{
    size_t n = 0;
    size_t s = 0;

    memset(t, 0, sizeof *t);
    t->shorts[s++] = ':'; /* tell a missing value from an unknown option */
    t->shorts[s++] = HELP;
    t->longs[n].name = "help";
    t->longs[n++].val = HELP;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (!lists(verb->options, rows[i].name)) {
            continue;
        }
        t->longs[n].name = rows[i].name;
        t->longs[n].has_arg = rows[i].value ? required_argument : no_argument;
        t->longs[n++].val = ROW_BASE + (int)i;
        if (rows[i].letter) {
            t->shorts[s++] = (char)rows[i].letter;
            if (rows[i].value) {
                t->shorts[s++] = ':';
            }
        }
    }
}

static const option_row *row_of(int got)
{
    if (got >= ROW_BASE) {
        return &rows[got - ROW_BASE];
    }
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (got != 0 && rows[i].letter == got) {
            return &rows[i];
        }
    }
    return NULL;
}

static int usage(const group_args *args, const char *argument,
                 const char *value, const char *text)
{
    return group_fail(args, EXIT_USAGE,
                      "%s%s%s: %s; try 'covey group %s --help'", argument,
                      value ? " " : "", value ? value : "", text, args->verb);
}

static int read_options(const group_verb *verb, int argc, char **argv,
                        group_args *args)
{
    getopt_tables tables;
    int got;

    build_tables(verb, &tables);
    opterr = 0;
    optind = 1;
    while ((got = getopt_long(argc, argv, tables.shorts, tables.longs,
                              NULL)) != -1) {
        char letter[3] = { '-', (char)optopt, '\0' };
        bool is_long = optopt == 0 || optopt >= ROW_BASE;
        const char *name = is_long ? argv[optind - 1] : letter;
        const option_row *row = row_of(got);
        const char *expected;

        if (got == HELP) {
            print_help(verb);
            return -1;
        }
        if (got == ':') {
            return usage(args, name, NULL, "needs a value");
        }
        if (row == NULL) {
            return usage(args, name, NULL, "no such option, or ambiguous");
        }
        expected = row->set(args, optarg);
        if (expected != NULL) {
            char option[40];
            char text[120];

            snprintf(option, sizeof option, "--%s", row->name);
            snprintf(text, sizeof text, "expected %s", expected);
            return usage(args, option, optarg, text);
        }
    }
    return EXIT_DONE;
}

static bool is_stdin(const char *text)
{
    return text != NULL && strcmp(text, "-") == 0;
}

int group_args_read(const group_verb *verb, int argc, char **argv,
                    group_args *args)
{
    int rc;

    memset(args, 0, sizeof *args);
    args->verb = verb->name;
    rc = read_options(verb, argc, argv, args);
    if (rc != EXIT_DONE) {
        return rc;
    }
    if (optind == argc) {
        return usage(args, "CONTEXT", NULL, "missing");
    }
    args->context = argv[optind++];
    if (verb->operand != NULL && optind < argc) {
        args->operand = argv[optind++];
    } else if (verb->operand != NULL) {
        return usage(args, verb->operand, NULL, "missing");
    }
    if (optind < argc) {
        return usage(args, argv[optind], NULL, "unexpected argument");
    }
    if (is_stdin(args->context) + is_stdin(args->request) +
            is_stdin(args->operand) >
        1) {
        return usage(args, "-", NULL, "standard input can be read only once");
    }
    return EXIT_DONE;
}
