/* SPDX-License-Identifier: BSD-2-Clause */
/* covey-ctl(1), which `covey ctl` is. */
#include "ctl.h"

#include <crypto/openssl/openssl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    size_t min; /* operands */
    size_t max;
    int (*run)(struct ctl *c);
    const char *what;
} verbs[] = {
    { "backup", 1, 1, ctl_backup, "FILE      copies the store" },
    { "disenrol", 1, SIZE_MAX, ctl_disenrol, "NAME...   nodes go" },
    { "enrol", 1, 1, ctl_enrol, "FILE      nodes come, or change" },
    { "events", 0, 0, ctl_events, "          what has been done" },
    { "nodes", 0, 0, ctl_nodes, "          who is enrolled" },
    { "restore", 1, 1, ctl_restore, "FILE      a store of a backup" },
};

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static void help(FILE *out)
{
    fputs("usage: covey ctl VERB --store STORE [--store-key FILE]"
          " [--after N] [OPERAND...]\n\n",
          out);
    for (size_t i = 0; i < COUNT(verbs); i++) {
        fprintf(out, "  %-9s %s\n", verbs[i].name, verbs[i].what);
    }
    fputs("\nThe manual is covey-ctl(1).\n", out);
}

static bool read_number(const char *text, uint64_t *out)
{
    char *end = NULL;

    if (text[0] < '0' || text[0] > '9') {
        return false;
    }
    *out = strtoull(text, &end, 10);
    return *end == '\0';
}

/* CTL_DONE, or an exit status: -1 after --help. */
static int read_options(struct ctl *c, int argc, char **argv)
{
    static const struct option options[] = {
        { "store", required_argument, NULL, 's' },
        { "store-key", required_argument, NULL, 'k' },
        { "after", required_argument, NULL, 'a' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    int letter;

    while ((letter = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (letter) {
        case 's':
            c->options.where = optarg;
            break;
        case 'k':
            c->options.key_file = optarg;
            break;
        case 'a':
            if (!read_number(optarg, &c->after)) {
                fprintf(stderr, "covey ctl: --after: expected a number\n");
                return CTL_USAGE;
            }
            break;
        case 'h':
            help(stdout);
            return -1;
        default:
            return CTL_USAGE;
        }
    }
    c->operands = argv + optind;
    c->count = (size_t)(argc - optind);
    return CTL_DONE;
}

static int run(struct ctl *c, size_t verb)
{
    const covey_status st = covey_openssl_open(&c->crypto);
    int status;

    if (st != COVEY_OK) {
        fprintf(stderr, "covey ctl: no cryptographic provider: %s\n",
                covey_status_text(st));
        return CTL_IO;
    }
    c->options.crypto = &c->crypto;
    status = verbs[verb].run(c);
    covey_openssl_close(&c->crypto);
    return status;
}

static int find_verb(int argc, char **argv, size_t *verb)
{
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 ||
                     strcmp(argv[1], "--version") == 0)) {
        if (argv[1][2] == 'v') {
            puts("covey-ctl " COVEY_VERSION);
        } else {
            help(stdout);
        }
        return -1;
    }
    for (size_t i = 0; argc > 1 && i < COUNT(verbs); i++) {
        if (strcmp(argv[1], verbs[i].name) == 0) {
            *verb = i;
            return CTL_DONE;
        }
    }
    if (argc > 1) {
        fprintf(stderr,
                "covey ctl: unknown verb '%s'; 'covey ctl --help' lists "
                "them\n",
                argv[1]);
    } else {
        help(stderr);
    }
    return CTL_USAGE;
}

/* What is missing or too much; NULL: nothing. */
static const char *wrong_with(const struct ctl *c, size_t verb)
{
    if (c->options.where == NULL) {
        return "--store STORE is missing";
    }
    if (c->count < verbs[verb].min) {
        return "an operand is missing";
    }
    return c->count > verbs[verb].max ? "there are too many operands" : NULL;
}

int main(int argc, char **argv)
{
    struct ctl c = { .options = { .where = NULL } };
    size_t verb = 0;
    int status = find_verb(argc, argv, &verb);

    if (status == CTL_DONE) {
        status = read_options(&c, argc - 1, argv + 1);
    }
    if (status != CTL_DONE) {
        return status < 0 ? CTL_DONE : status;
    }
    const char *wrong = wrong_with(&c, verb);
    if (wrong != NULL) {
        fprintf(stderr, "covey ctl %s: %s; see 'covey ctl --help'\n",
                verbs[verb].name, wrong);
        return CTL_USAGE;
    }
    status = run(&c, verb);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        perror("covey ctl: standard output");
        return CTL_IO;
    }
    return status;
}
