/* SPDX-License-Identifier: BSD-2-Clause */
/* `covey group`: the verbs, and which options each takes. */
#include "cmd.h"

#include "group_admin.h"
#include "group_args.h"
#include "group_verbs.h"

#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

#define ALL    "json explain keys "
#define MEMBER "json state timeout "

static const group_verb verbs[] = {
    { "derive", "Derives what is derived from a Master Secret.", ALL, NULL,
      group_verb_derive },
    { "protect", "Protects a CoAP message and writes it in hex.",
      ALL "mode to number request own-piv kid kid-context ", "HEX|-",
      group_verb_protect },
    { "unprotect", "Verifies and decrypts a message, says of whom it is.",
      ALL "to request unicast multicast ", "HEX|-", group_verb_unprotect },
    { "verify", "Checks a signature as one who cannot read the message.",
      ALL "to request ", "HEX|-", group_verb_verify },
    { "join", "Joins a group at its Group Manager.", MEMBER, NULL,
      group_verb_join },
    { "status", "Says which keys there are, and fetches newer ones.", MEMBER,
      NULL, group_verb_status },
    { "leave", "Leaves a group at its Group Manager.", MEMBER, NULL,
      group_verb_leave },
};

static void help(FILE *out)
{
    fputs("usage: covey group VERB [options] CONTEXT [HEX|-]\n\n"
          "Group OSCORE (RFC 10021): messages one by one, and membership.\n"
          "\n",
          out);
    for (size_t i = 0; i < COUNT(verbs); i++) {
        fprintf(out, "  %-10s %s\n", verbs[i].name, verbs[i].summary);
    }
    fputs("\nat a Group Manager:\n", out);
    group_admin_list(out);
    fputs("\n'covey group VERB --help' lists the options of a verb; more in "
          "covey-group(1).\n",
          out);
}

int cmd_group(int argc, char **argv)
{
    group_args args;
    int rc;

    if (argc < 2) {
        help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        help(stdout);
        return EXIT_DONE;
    }
    if (group_admin_has(argv[1])) {
        return group_admin(argc - 1, argv + 1);
    }
    for (size_t i = 0; i < COUNT(verbs); i++) {
        if (strcmp(argv[1], verbs[i].name) != 0) {
            continue;
        }
        rc = group_args_read(&verbs[i], argc - 1, argv + 1, &args);
        if (rc != EXIT_DONE) {
            return rc < 0 ? EXIT_DONE : rc;
        }
        return verbs[i].run(&args);
    }
    fprintf(stderr,
            "covey group: %s: no such verb; try 'covey group --help'\n",
            argv[1]);
    return EXIT_USAGE;
}
