/* SPDX-License-Identifier: BSD-2-Clause */
#include "schc_args.h"

#include "cmd.h"
#include "verb_options.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <hex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static const char *set_rules(void *into, const char *value)
{
    schc_args *args = into;

    args->rules_path = value;
    return NULL;
}

static const char *set_direction(void *into, const char *value)
{
    schc_args *args = into;

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

static const char *set_stack(void *into, const char *value)
{
    schc_args *args = into;

    args->has_stack = true;
    if (covey_schc_stack_by_name(value, &args->stack) != COVEY_OK) {
        return "coap, coap-inner, udp-coap, ipv6, ipv6-udp or ipv6-udp-coap";
    }
    return NULL;
}

static const char *set_rule(void *into, const char *value)
{
    schc_args *args = into;

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

static const char *set_dev_iid(void *into, const char *value)
{
    schc_args *args = into;

    return read_iid(value, args->dev_iid, &args->has_dev_iid);
}

static const char *set_app_iid(void *into, const char *value)
{
    schc_args *args = into;

    return read_iid(value, args->app_iid, &args->has_app_iid);
}

static const char *set_select(void *into, const char *value)
{
    schc_args *args = into;

    args->has_select = true;
    args->select = COVEY_SCHC_FIRST;
    if (strcmp(value, "shortest") == 0) {
        args->select = COVEY_SCHC_SHORTEST;
    } else if (strcmp(value, "first") != 0) {
        return "first or shortest";
    }
    return NULL;
}

static const char *set_profile(void *into, const char *value)
{
    schc_args *args = into;

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

static const char *set_no_profile(void *into, const char *value)
{
    schc_args *args = into;

    (void)value;
    args->no_profile = true;
    return NULL;
}

static const char *set_lossy(void *into, const char *value)
{
    schc_args *args = into;

    args->lossy = true;
    return strcmp(value, "allow") == 0 ? NULL : "allow";
}

static const char *set_json(void *into, const char *value)
{
    schc_args *args = into;

    (void)value;
    args->json = true;
    return NULL;
}

static const char *set_html(void *into, const char *value)
{
    schc_args *args = into;

    args->html = value;
    return NULL;
}

static const char *set_compressed(void *into, const char *value)
{
    schc_args *args = into;

    (void)value;
    args->compressed = true;
    return NULL;
}

static const char *set_offload(void *into, const char *value)
{
    schc_args *args = into;

    (void)value;
    args->offload = true;
    return NULL;
}

static const char *set_verbose(void *into, const char *value)
{
    schc_args *args = into;

    (void)value;
    args->verbose = true;
    return NULL;
}

static const char *set_colour(void *into, const char *value)
{
    schc_args *args = into;

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

static const char *set_device(void *into, const char *value)
{
    schc_args *args = into;
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

static const char *set_port(void *into, const char *value)
{
    schc_args *args = into;

    args->port = (uint16_t)read_number(value, 65535);
    return args->port != 0 ? NULL : "a UDP port, 1 to 65535";
}

static const char *set_explain(void *into, const char *value)
{
    schc_args *args = into;

    args->explain = read_number(value, 100000000);
    return args->explain != 0 ? NULL : "the number of a frame, from 1";
}

static const char *set_output(void *into, const char *value)
{
    schc_args *args = into;

    args->output = value;
    return NULL;
}

/* What a C compiler takes as a name. */
static const char *set_symbol(void *into, const char *value)
{
    schc_args *args = into;
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

/* clang-format off */
static const verb_option rows[] = {
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

_Static_assert(COUNT(rows) <= VERB_OPTIONS_MAX, "see verb_options.h");

static verb_options options_of(const schc_verb *verb)
{
    const verb_options o = { .command = "schc",
                             .verb = verb->name,
                             .rows = rows,
                             .count = COUNT(rows),
                             .taken = verb->options,
                             .width = 26 };

    return o;
}

/* The help of one verb. */
static void print_help(const schc_verb *verb)
{
    const verb_options o = options_of(verb);

    printf("usage: covey schc %s", verb->name);
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (verb_options_lists(verb->needs, rows[i].name)) {
            printf(" --%s %s", rows[i].name, rows[i].value);
        }
    }
    printf(" [options]%s%s\n\n%s\n\n", verb->operand ? " " : "",
           verb->operand ? verb->operand : "", verb->summary);
    verb_options_help(&o);
    printf("\nMore in covey-schc(1).\n");
}

/* What must be there, and nothing beyond it. */
static int check_operands(const schc_verb *verb, const verb_options *o,
                          int argc, char **argv)
{
    if (verb->operand != NULL && optind >= argc) {
        return verb_options_usage(o, verb->operand, NULL, "missing");
    }
    const int end = verb->operand != NULL ? optind + 1 : optind;
    if (end < argc) {
        return verb_options_usage(o, argv[end], NULL, "unexpected argument");
    }
    return EXIT_DONE;
}

int schc_args_read(const schc_verb *verb, int argc, char **argv,
                   schc_args *args)
{
    const verb_options o = options_of(verb);
    bool given[COUNT(rows)] = { false };
    int rc;

    memset(args, 0, sizeof *args);
    args->port = COVEY_COAP_PORT;
    args->symbol = "covey_rules";
    rc = verb_options_read(&o, argc, argv, args, given);
    if (rc == -1) {
        print_help(verb);
    }
    if (rc != EXIT_DONE) {
        return rc;
    }
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (verb_options_lists(verb->needs, rows[i].name) && !given[i]) {
            char option[40];

            snprintf(option, sizeof option, "--%s", rows[i].name);
            return verb_options_usage(&o, option, rows[i].value, "missing");
        }
    }
    rc = check_operands(verb, &o, argc, argv);
    if (rc == EXIT_DONE && verb->operand != NULL) {
        args->operand = argv[optind];
    }
    return rc;
}
