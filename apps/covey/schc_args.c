/* SPDX-License-Identifier: BSD-2-Clause */
#include "schc_args.h"

#include "cmd.h"
#include "hex.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* A setter returns NULL, or what was expected instead of the value. */
typedef const char *(*setter)(schc_args *args, const char *value);

static const char *set_rules(schc_args *args, const char *value)
{
    args->rules_path = value;
    return NULL;
}

static const char *set_direction(schc_args *args, const char *value)
{
    args->has_direction = true;
    if (strcmp(value, "up") == 0) {
        args->direction = COVEY_SCHC_UP;
        return NULL;
    }
    if (strcmp(value, "down") == 0) {
        args->direction = COVEY_SCHC_DOWN;
        return NULL;
    }
    return "up (from the device) or down (to the device)";
}

static const char *set_stack(schc_args *args, const char *value)
{
    args->has_stack = true;
    if (covey_schc_stack_by_name(value, &args->stack) != COVEY_OK) {
        return "coap, coap-inner, udp-coap, ipv6, ipv6-udp or ipv6-udp-coap";
    }
    return NULL;
}

static const char *set_rule(schc_args *args, const char *value)
{
    args->rule = value;
    return NULL;
}

static const char *read_iid(const char *value, uint8_t iid[8], bool *has)
{
    char error[160];
    uint8_t *bytes;
    size_t len;

    if (!hex_parse(value, strlen(value), &bytes, &len, error, sizeof error)) {
        return "8 bytes in hex";
    }
    *has = len == 8;
    if (*has) {
        memcpy(iid, bytes, 8);
    }
    free(bytes);
    return *has ? NULL : "8 bytes in hex";
}

static const char *set_dev_iid(schc_args *args, const char *value)
{
    return read_iid(value, args->dev_iid, &args->has_dev_iid);
}

static const char *set_app_iid(schc_args *args, const char *value)
{
    return read_iid(value, args->app_iid, &args->has_app_iid);
}

static const char *set_select(schc_args *args, const char *value)
{
    args->has_select = true;
    args->select = COVEY_SCHC_FIRST;
    if (strcmp(value, "shortest") == 0) {
        args->select = COVEY_SCHC_SHORTEST;
    } else if (strcmp(value, "first") != 0) {
        return "first or shortest";
    }
    return NULL;
}

static const char *set_profile(schc_args *args, const char *value)
{
    args->has_profile = true;
    args->profile = COVEY_SCHC_PROFILE_SEED;
    if (strcmp(value, "8824-update-09") == 0 ||
        strcmp(value, "draft-ietf-schc-8824-update-09") == 0) {
        args->profile = COVEY_SCHC_PROFILE_09;
    } else if (strcmp(value, "draft-tiloca-schc-8824-update-00") != 0) {
        return "draft-tiloca-schc-8824-update-00 or 8824-update-09";
    }
    return NULL;
}

static const char *set_no_profile(schc_args *args, const char *value)
{
    (void)value;
    args->no_profile = true;
    return NULL;
}

static const char *set_lossy(schc_args *args, const char *value)
{
    args->lossy = true;
    return strcmp(value, "allow") == 0 ? NULL : "allow";
}

static const char *set_json(schc_args *args, const char *value)
{
    (void)value;
    args->json = true;
    return NULL;
}

static const char *set_html(schc_args *args, const char *value)
{
    args->html = value;
    return NULL;
}

static const char *set_compressed(schc_args *args, const char *value)
{
    (void)value;
    args->compressed = true;
    return NULL;
}

static const char *set_offload(schc_args *args, const char *value)
{
    (void)value;
    args->offload = true;
    return NULL;
}

static const char *set_verbose(schc_args *args, const char *value)
{
    (void)value;
    args->verbose = true;
    return NULL;
}

static const char *set_colour(schc_args *args, const char *value)
{
    args->colour = SCHC_COLOUR_AUTO;
    if (strcmp(value, "always") == 0) {
        args->colour = SCHC_COLOUR_ALWAYS;
    } else if (strcmp(value, "never") == 0) {
        args->colour = SCHC_COLOUR_NEVER;
    } else if (strcmp(value, "auto") != 0) {
        return "always, never or auto";
    }
    return NULL;
}

static const char *set_device(schc_args *args, const char *value)
{
    uint8_t *address = args->devices[args->device_count];

    if (args->device_count + 1 >= SCHC_DEVICES_MAX) {
        return "at most 15 devices";
    }
    memset(address, 0, 16);
    if (inet_pton(AF_INET6, value, address) != 1 &&
        inet_pton(AF_INET, value, address + 12) != 1) {
        return "an IPv6 or IPv4 address";
    }
    args->device_count++;
    return NULL;
}

/* Decimal digits only; 0 is no number that anybody asks for here. */
static uint32_t read_number(const char *value, uint32_t max)
{
    uint32_t n = 0;

    for (; *value >= '0' && *value <= '9' && n <= max; value++) {
        n = n * 10 + (uint32_t)(*value - '0');
    }
    return *value == '\0' && n <= max ? n : 0;
}

static const char *set_port(schc_args *args, const char *value)
{
    args->port = (uint16_t)read_number(value, 65535);
    return args->port != 0 ? NULL : "a UDP port, 1 to 65535";
}

static const char *set_explain(schc_args *args, const char *value)
{
    args->explain = read_number(value, 100000000);
    return args->explain != 0 ? NULL : "the number of a frame, from 1";
}

static const char *set_output(schc_args *args, const char *value)
{
    args->output = value;
    return NULL;
}

/* What a C compiler takes as a name. */
static const char *set_symbol(schc_args *args, const char *value)
{
    static const char first[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    size_t len = strspn(value, "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");

    args->symbol = value;
    if (len == 0 || value[len] != '\0' || strchr(first, value[0]) == NULL) {
        return "a C identifier";
    }
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
    { "rules", 'r', "FILE", set_rules,
      "rule set, JSON of RFC 9363; - is standard input" },
    { "direction", 'd', "up|down", set_direction,
      "up is from the device, down is to the device" },
    { "stack", 's', "STACK", set_stack,
      "coap, coap-inner, udp-coap, ipv6, ipv6-udp or\n"
      "ipv6-udp-coap; otherwise the rule file says" },
    { "rule", 0, "ID", set_rule,
      "this rule only: VALUE, or VALUE/BITS" },
    { "select", 0, "HOW", set_select,
      "first or shortest among the rules that fit" },
    { "dev-iid", 0, "HEX", set_dev_iid,
      "interface identifier of the device, 8 bytes" },
    { "app-iid", 0, "HEX", set_app_iid,
      "interface identifier of the application" },
    { "profile", 0, "PROFILE", set_profile,
      "whose MUSTs the rules must keep: 8824-update-09 or\n"
      "draft-tiloca-schc-8824-update-00" },
    { "no-profile", 0, NULL, set_no_profile,
      "take rules that no profile allows" },
    { "lossy", 0, "allow", set_lossy,
      "take rules that do not give every packet back" },
    { "compressed", 0, NULL, set_compressed,
      "HEX is a SCHC packet, not yet decompressed" },
    { "html", 0, "FILE", set_html,
      "write a self-contained page; - is standard output" },
    { "json", 'j', NULL, set_json, "write JSON" },
    { "color", 0, "WHEN", set_colour, "always, never or auto" },
    { "device", 0, "ADDRESS", set_device,
      "the device's address; may be given several times" },
    { "port", 'p', "PORT", set_port,
      "UDP port of CoAP; 5683 unless given" },
    { "offload", 0, NULL, set_offload,
      "complete UDP checksums that were left to the\n"
      "network card when the packet was captured" },
    { "explain", 0, "N", set_explain, "also explain frame N" },
    { "symbol", 0, "NAME", set_symbol,
      "name of the C object; covey_rules unless given" },
    { "output", 'o', "FILE", set_output, "instead of standard output" },
    { "verbose", 'v', NULL, set_verbose, "say more, on standard error" },
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

        printf("  %-26s %.*s\n", left, len, text);
        left[0] = '\0';
        text = end ? end + 1 : NULL;
    }
}

void schc_args_help(const schc_verb *verb)
{
    printf("usage: covey schc %s", verb->name);
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (lists(verb->needs, rows[i].name)) {
            printf(" --%s %s", rows[i].name, rows[i].value);
        }
    }
    printf(" [options]%s%s\n\n%s\n\n", verb->operand ? " " : "",
           verb->operand ? verb->operand : "", verb->summary);
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (lists(verb->options, rows[i].name)) {
            print_option(&rows[i]);
        }
    }
    printf("  %-26s %s\n\nMore in covey-schc(1).\n", "-h, --help",
           "this text");
}

/* One line: what is wrong with which argument, and where help is. */
static int usage(const schc_verb *verb, const char *argument,
                 const char *value, const char *text)
{
    fprintf(stderr, "covey schc %s: %s%s%s: %s; try 'covey schc %s --help'\n",
            verb->name, argument, value ? " " : "", value ? value : "", text,
            verb->name);
    return EXIT_USAGE;
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

static void build_tables(const schc_verb *verb, getopt_tables *t)
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

/* Every option, in the order of the command line; `given` collects names. */
static int read_options(const schc_verb *verb, int argc, char **argv,
                        schc_args *args, bool given[COUNT(rows)])
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
            schc_args_help(verb);
            return -1;
        }
        if (got == ':') {
            return usage(verb, name, NULL, "needs a value");
        }
        if (row == NULL) {
            return usage(verb, name, NULL, "no such option, or ambiguous");
        }
        expected = row->set(args, optarg);
        if (expected != NULL) {
            char option[40];
            char text[120];

            snprintf(option, sizeof option, "--%s", row->name);
            snprintf(text, sizeof text, "expected %s", expected);
            return usage(verb, option, optarg, text);
        }
        given[row - rows] = true;
    }
    return EXIT_DONE;
}

int schc_args_read(const schc_verb *verb, int argc, char **argv,
                   schc_args *args)
{
    bool given[COUNT(rows)] = { false };
    int rc;

    memset(args, 0, sizeof *args);
    args->port = COVEY_COAP_PORT;
    args->symbol = "covey_rules";
    rc = read_options(verb, argc, argv, args, given);
    if (rc != EXIT_DONE) {
        return rc;
    }
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (lists(verb->needs, rows[i].name) && !given[i]) {
            char option[40];

            snprintf(option, sizeof option, "--%s", rows[i].name);
            return usage(verb, option, rows[i].value, "missing");
        }
    }
    if (verb->operand == NULL && optind < argc) {
        return usage(verb, argv[optind], NULL, "unexpected argument");
    }
    if (verb->operand != NULL && optind >= argc) {
        return usage(verb, verb->operand, NULL, "missing");
    }
    if (optind + 1 < argc) {
        return usage(verb, argv[optind + 1], NULL, "unexpected argument");
    }
    args->operand = verb->operand ? argv[optind] : NULL;
    return EXIT_DONE;
}
