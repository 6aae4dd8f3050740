/* SPDX-License-Identifier: BSD-2-Clause */
/* `covey oscore`: covey-oscore(1). */
#include "cmd.h"
#include "oscore_verbs.h"

#include <stdio.h>
#include <string.h>

static const struct verb {
    const char *name;
    enum oscore_verb verb;
    int (*run)(struct oscore_session *s); /* NULL: without a context */
} verbs[] = {
    { "derive", OSCORE_DERIVE, oscore_verb_derive },
    { "protect", OSCORE_PROTECT, oscore_verb_protect },
    { "unprotect", OSCORE_UNPROTECT, oscore_verb_unprotect },
    { "option", OSCORE_OPTION, NULL },
    { "wireshark", OSCORE_WIRESHARK, oscore_verb_wireshark },
};

static void print_help(FILE *file)
{
    fputs("usage: covey oscore derive [--explain] [--keys] [--json] CONTEXT\n"
          "       covey oscore protect [--number N | --state FILE]\n"
          "                    [--request HEX | --request-piv HEX "
          "[--observe]]\n"
          "                    [--own-piv] [--omit-kid-context] "
          "[--to-proxy]\n"
          "                    [--stream] [--explain] [--keys] [--json]\n"
          "                    CONTEXT HEX|-\n"
          "       covey oscore unprotect [--state FILE]\n"
          "                    [--request HEX | --request-piv HEX "
          "[--observe]]\n"
          "                    [--stream] [--explain] [--keys] [--json]\n"
          "                    CONTEXT HEX|-\n"
          "       covey oscore option [--kudos seed|14|convergent] [--json]\n"
          "                    HEX|-\n"
          "       covey oscore option [--kudos seed|14|convergent] [--json] "
          "[--group]\n"
          "                    [--piv HEX] [--kid-context HEX] [--kid HEX]\n"
          "                    [--x HEX --nonce HEX [--y HEX --old-nonce "
          "HEX]]\n"
          "       covey oscore wireshark CONTEXT\n"
          "\n"
          "  --explain  all values in between, named as in RFC 8613 "
          "Appendix C\n"
          "  --keys     keys and Master Secret, too\n"
          "\n"
          "The manual is covey-oscore(1); that of the context file is\n"
          "covey-context(5).\n",
          file);
}

static int run(const struct verb *verb, const struct oscore_args *args)
{
    struct oscore_session s;

    if (verb->run == NULL) {
        return oscore_verb_option(args);
    }
    int status = oscore_session_open(&s, args);
    if (status == EXIT_DONE) {
        status = verb->run(&s);
    }
    oscore_session_close(&s);
    return status;
}

static const struct verb *find(const char *name)
{
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(verbs[i].name, name) == 0) {
            return &verbs[i];
        }
    }
    return NULL;
}

int cmd_oscore(int argc, char **argv)
{
    struct oscore_args args;
    int status;

    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0) {
        print_help(stdout);
        return EXIT_DONE;
    }
    const struct verb *verb = find(argv[1]);
    if (verb == NULL) {
        fprintf(stderr,
                "covey oscore: expected derive, protect, unprotect, option "
                "or wireshark, found '%s'\n",
                argv[1]);
        return EXIT_USAGE;
    }
    if (!oscore_args_read(&args, verb->verb, argc - 1, argv + 1)) {
        status = oscore_fail(&args, EXIT_USAGE, "%s; see 'covey help oscore'",
                             args.error);
    } else if (args.help) {
        print_help(stdout);
        status = EXIT_DONE;
    } else {
        status = run(verb, &args);
    }
    oscore_args_free(&args);
    return status;
}
