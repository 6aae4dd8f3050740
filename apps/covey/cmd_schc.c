/* SPDX-License-Identifier: BSD-2-Clause */
/* `covey schc`: the verbs, and which options each takes. */
#include "cmd.h"

#include "schc_args.h"
#include "schc_verbs.h"

#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* Options by the group in which verbs take them. */
#define RULES  "rules profile no-profile lossy verbose "
#define LINK   "direction stack dev-iid app-iid "
#define CHOICE "rule select "

static const schc_verb verbs[] = {
    { "compress", "Compresses one packet and writes the SCHC packet in hex.",
      RULES LINK CHOICE "json ", "rules direction ", "HEX|-",
      schc_verb_compress },
    { "decompress", "Gives back the packet behind a SCHC packet, in hex.",
      RULES LINK "json ", "rules direction ", "HEX|-", schc_verb_decompress },
    { "explain", "Draws the compressed packet bit by bit.",
      RULES LINK CHOICE "compressed json html color ", "rules direction ",
      "HEX|-", schc_verb_explain },
    { "why-not", "For each rule: does it fit, and if not, why.",
      RULES LINK "json ", "rules direction ", "HEX|-", schc_verb_why_not },
    { "lint", "Judges a rule file: faults, MUSTs, SHOULDs, and notes.",
      "rules profile json ", "rules ", NULL, schc_verb_lint },
    { "rules show", "Lists the rules of a file in a table.", RULES, "rules ",
      NULL, schc_verb_rules_show },
    { "rules export-c", "Writes the rule set as constant C tables.",
      RULES "symbol output ", "rules ", NULL, schc_verb_rules_export_c },
    { "rules export-json", "Writes the rule set as JSON of RFC 9363.",
      RULES "output ", "rules ", NULL, schc_verb_rules_export_json },
    { "pcap",
      "Compresses every CoAP packet of a capture and proves that it "
      "comes back.",
      RULES "stack dev-iid app-iid select device port offload explain json "
            "html color ",
      "rules ", "FILE", schc_verb_pcap },
};

static void help(FILE *out)
{
    fputs("usage: covey schc VERB [options] ...\n\n"
          "Static Context Header Compression (RFC 8724) of IPv6, UDP and "
          "CoAP.\n\n",
          out);
    for (size_t i = 0; i < COUNT(verbs); i++) {
        fprintf(out, "  %-18s %s\n", verbs[i].name, verbs[i].summary);
    }
    fputs("\n'covey schc VERB --help' lists the options of a verb; more in "
          "covey-schc(1).\n",
          out);
}

/* A verb of one or two words at argv[1]; *words says how many. */
static const schc_verb *find_verb(int argc, char **argv, int *words)
{
    for (size_t i = 0; i < COUNT(verbs); i++) {
        const char *space = strchr(verbs[i].name, ' ');
        size_t len =
            space ? (size_t)(space - verbs[i].name) : strlen(verbs[i].name);

        if (strlen(argv[1]) != len ||
            strncmp(argv[1], verbs[i].name, len) != 0) {
            continue;
        }
        if (space == NULL) {
            *words = 1;
            return &verbs[i];
        }
        if (argc > 2 && strcmp(argv[2], space + 1) == 0) {
            *words = 2;
            return &verbs[i];
        }
    }
    return NULL;
}

int cmd_schc(int argc, char **argv)
{
    const schc_verb *verb;
    schc_args args;
    int words = 0;
    int rc;

    if (argc < 2) {
        help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        help(stdout);
        return EXIT_DONE;
    }
    verb = find_verb(argc, argv, &words);
    if (verb == NULL && strcmp(argv[1], "rules") == 0) {
        fprintf(stderr, "covey schc rules: expected show, export-c or "
                        "export-json; try 'covey schc --help'\n");
        return EXIT_USAGE;
    }
    if (verb == NULL) {
        fprintf(stderr,
                "covey schc: %s: no such verb; try 'covey schc --help'\n",
                argv[1]);
        return EXIT_USAGE;
    }
    rc = schc_args_read(verb, argc - words, argv + words, &args);
    if (rc != EXIT_DONE) {
        return rc < 0 ? EXIT_DONE : rc;
    }
    return verb->run(&args);
}
