/* SPDX-License-Identifier: BSD-2-Clause */
/* covey(1): finds the verb and hands over to it. */
#include "cmd.h"

#include <stdio.h>
#include <string.h>

struct verb {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *what;
};

static const struct verb verbs[] = {
    { "coap", cmd_coap, "decode and encode CoAP messages" },
    { "group", cmd_group, "protect and unprotect CoAP of groups" },
    { "oscore", cmd_oscore, "protect and unprotect CoAP with OSCORE" },
    { "schc", cmd_schc, "compress, decompress and explain with SCHC" },
    { "selftest", cmd_selftest, "run conformance vectors" },
};

#define VERB_COUNT (sizeof verbs / sizeof verbs[0])

static void print_help(FILE *file)
{
    fputs("usage: covey VERB [ARGUMENT...]\n"
          "       covey help [VERB]\n"
          "       covey --version\n"
          "\n"
          "verbs:\n",
          file);
    for (size_t i = 0; i < VERB_COUNT; i++) {
        fprintf(file, "  %-10s %s\n", verbs[i].name, verbs[i].what);
    }
    fputs("\nThe manual is covey(1); each verb has its own, such as "
          "covey-coap(1).\n",
          file);
}

static const struct verb *find_verb(const char *name)
{
    for (size_t i = 0; i < VERB_COUNT; i++) {
        if (strcmp(verbs[i].name, name) == 0) {
            return &verbs[i];
        }
    }
    fprintf(stderr, "covey: unknown verb '%s'; 'covey help' lists them\n",
            name);
    return NULL;
}

/* `covey help VERB` is `covey VERB --help`. */
static int help(int argc, char **argv)
{
    if (argc < 3) {
        print_help(stdout);
        return EXIT_DONE;
    }
    const struct verb *verb = find_verb(argv[2]);
    if (verb == NULL) {
        return EXIT_USAGE;
    }
    char option[] = "--help";
    char *verb_argv[] = { argv[2], option, NULL };
    return verb->run(2, verb_argv);
}

static int run(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("covey " COVEY_VERSION);
        return EXIT_DONE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help(stdout);
        return EXIT_DONE;
    }
    if (strcmp(argv[1], "help") == 0) {
        return help(argc, argv);
    }
    const struct verb *verb = find_verb(argv[1]);
    return verb != NULL ? verb->run(argc - 1, argv + 1) : EXIT_USAGE;
}

int main(int argc, char **argv)
{
    int status = run(argc, argv);

    /* A full disk or a closed pipe shows only now. */
    if (fflush(stdout) != 0 || ferror(stdout)) {
        perror("covey: standard output");
        return EXIT_IO;
    }
    return status;
}
