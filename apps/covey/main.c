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
    { "audit", cmd_audit, "audit devices under a signed mandate" },
    { "coap", cmd_coap, "decode and encode CoAP messages" },
    { "ctl", cmd_ctl, "enrol nodes, back up the store of a manager" },
    { "delete", cmd_request, "delete a CoAP resource" },
    { "discover", cmd_request, "list the resources of CoAP servers" },
    { "fetch", cmd_request, "query a CoAP resource with a payload" },
    { "get", cmd_request, "get a CoAP resource" },
    { "group", cmd_group, "messages of groups, joining, administration" },
    { "ipatch", cmd_request, "patch a CoAP resource, idempotently" },
    { "its", cmd_its, "certificates of IEEE 1609.2 and signed data" },
    { "observe", cmd_request, "follow a CoAP resource as it changes" },
    { "oscore", cmd_oscore, "protect and unprotect CoAP with OSCORE" },
    { "patch", cmd_request, "patch a CoAP resource" },
    { "ping", cmd_request, "ask whether a CoAP endpoint is there" },
    { "post", cmd_request, "post to a CoAP resource" },
    { "put", cmd_request, "create or replace a CoAP resource" },
    { "schc", cmd_schc, "compress, decompress and explain with SCHC" },
    { "selftest", cmd_selftest, "run conformance vectors" },
    { "tls", cmd_tls, "talk TLS 1.3 as a server or a client" },
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
    fputs("\nThe manual is covey(1); it names those of the "
          "verbs.\n",
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
