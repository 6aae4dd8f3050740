/* SPDX-License-Identifier: BSD-2-Clause */
#include "group_args.h"

#include "cmd.h"
#include "verb_options.h"

#include <getopt.h>
#include <hex.h>
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

static const char *set_mode(void *into, const char *value)
{
    group_args *args = into;

    if (strcmp(value, "group") == 0) {
        args->mode = GROUP_MODE_GROUP;
    } else if (strcmp(value, "pairwise") == 0) {
        args->mode = GROUP_MODE_PAIRWISE;
    } else {
        return "group or pairwise";
    }
    return NULL;
}

static const char *set_to(void *into, const char *value)
{
    group_args *args = into;
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

static const char *set_number(void *into, const char *value)
{
    group_args *args = into;
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

static const char *set_request(void *into, const char *value)
{
    group_args *args = into;

    args->request = value;
    return NULL;
}

static const char *set_own_piv(void *into, const char *value)
{
    group_args *args = into;

    (void)value;
    args->own_piv = true;
    return NULL;
}

static const char *set_kid(void *into, const char *value)
{
    group_args *args = into;

    (void)value;
    args->kid = true;
    return NULL;
}

static const char *set_kid_context(void *into, const char *value)
{
    group_args *args = into;

    (void)value;
    args->kid_context = true;
    return NULL;
}

static const char *set_unicast(void *into, const char *value)
{
    group_args *args = into;

    (void)value;
    args->unicast = true;
    return args->multicast ? "only one of --unicast and --multicast" : NULL;
}

static const char *set_multicast(void *into, const char *value)
{
    group_args *args = into;

    (void)value;
    args->multicast = true;
    return args->unicast ? "only one of --unicast and --multicast" : NULL;
}

static const char *set_json(void *into, const char *value)
{
    group_args *args = into;

    (void)value;
    args->json = true;
    return NULL;
}

static const char *set_explain(void *into, const char *value)
{
    group_args *args = into;

    (void)value;
    args->explain = true;
    return NULL;
}

static const char *set_keys(void *into, const char *value)
{
    group_args *args = into;

    (void)value;
    args->keys = true;
    return NULL;
}

static const char *set_state(void *into, const char *value)
{
    group_args *args = into;

    args->state = value;
    return NULL;
}

static const char *set_timeout(void *into, const char *value)
{
    group_args *args = into;

    return verb_options_seconds(value, 1, &args->timeout)
               ? NULL
               : "seconds such as 2 or 0.25";
}

/* clang-format off */
static const verb_option rows[] = {
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
    { "state", 's', "FILE", set_state,
      "where the membership is kept from one call to the next" },
    { "timeout", 0, "SECONDS", set_timeout,
      "how long the Group Manager is waited for; 20 by default" },
    { "json", 'j', NULL, set_json, "write JSON" },
    { "explain", 'e', NULL, set_explain, "also every value on the way" },
    { "keys", 0, NULL, set_keys,
      "keys themselves; otherwise lengths and fingerprints" },
};
/* clang-format on */

_Static_assert(COUNT(rows) <= VERB_OPTIONS_MAX, "see verb_options.h");

static verb_options options_of(const group_verb *verb)
{
    const verb_options o = { .command = "group",
                             .verb = verb->name,
                             .rows = rows,
                             .count = COUNT(rows),
                             .taken = verb->options,
                             .width = 20 };

    return o;
}

static void print_help(const group_verb *verb, const verb_options *o)
{
    printf("usage: covey group %s [options] CONTEXT%s%s\n\n%s\n\n"
           "  %-*s %s\n",
           verb->name, verb->operand ? " " : "",
           verb->operand ? verb->operand : "", verb->summary, o->width,
           "CONTEXT",
           verb_options_lists(verb->options, "state")
               ? "file with a context of type member, covey-context(5)"
               : "file with a context of type group, covey-context(5)");
    verb_options_help(o);
    printf("\nMore in covey-group(1).\n");
}

static bool is_stdin(const char *text)
{
    return text != NULL && strcmp(text, "-") == 0;
}

int group_args_read(const group_verb *verb, int argc, char **argv,
                    group_args *args)
{
    const verb_options o = options_of(verb);
    int rc;

    memset(args, 0, sizeof *args);
    args->verb = verb->name;
    rc = verb_options_read(&o, argc, argv, args, NULL);
    if (rc == -1) {
        print_help(verb, &o);
    }
    if (rc != EXIT_DONE) {
        return rc;
    }
    if (optind == argc) {
        return verb_options_usage(&o, "CONTEXT", NULL, "missing");
    }
    args->context = argv[optind++];
    if (verb->operand != NULL && optind < argc) {
        args->operand = argv[optind++];
    } else if (verb->operand != NULL) {
        return verb_options_usage(&o, verb->operand, NULL, "missing");
    }
    if (optind < argc) {
        return verb_options_usage(&o, argv[optind], NULL,
                                  "unexpected argument");
    }
    if (is_stdin(args->context) + is_stdin(args->request) +
            is_stdin(args->operand) >
        1) {
        return verb_options_usage(&o, "-", NULL,
                                  "standard input can be read only once");
    }
    return EXIT_DONE;
}
