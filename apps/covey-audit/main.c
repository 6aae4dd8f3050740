/* SPDX-License-Identifier: BSD-2-Clause */
/* covey-audit(1): finds the verb and hands over to it. */
#include "audit.h"

#include <string.h>

struct verb {
    const char *name;
    const char *second; /* "mandate new", or NULL */
    int (*run)(int argc, char **argv);
    const char *what;
};

static const struct verb verbs[] = {
    { "mandate", "new", cmd_mandate_new, "print a mandate to fill in" },
    { "mandate", "sign", cmd_mandate_sign, "add a signature to a document" },
    { "mandate", "show", cmd_mandate_show, "say what a mandate permits" },
    { "mandate", "verify", cmd_mandate_verify,
      "check signatures, owners, amendments" },
    { "plan", NULL, cmd_plan, "list the acts of a mandate and their cost" },
    { "decide", NULL, cmd_decide, "say whether an act is permitted" },
    { "run", NULL, cmd_run, "do what a mandate permits" },
    { "stop", NULL, cmd_stop, "end a mandate and its runs, for ever" },
    { "revoke", NULL, cmd_revoke, "the same, with a signed withdrawal" },
    { "import", NULL, cmd_import, "take over what others have seen" },
    { "verify", NULL, cmd_verify, "judge the evidence of a run again" },
    { "report", NULL, cmd_report, "write what was done and found" },
    { "prove", NULL, cmd_prove, "take one record out, with its proof" },
    { "cosign", NULL, cmd_cosign, "stand for the record of somebody else" },
    { "lint", NULL, cmd_lint, "judge configuration, without a mandate" },
    { "vuln", NULL, cmd_vuln,
      "look services up in files, perhaps under a mandate" },
    { "key", NULL, cmd_key, "print the public key of a private one" },
    { "worker", NULL, cmd_worker, "a part of run" },
    { "reader", NULL, cmd_reader, "a part of import" },
};

#define VERB_COUNT (sizeof verbs / sizeof verbs[0])

static void print_help(FILE *file)
{
    fputs("usage: covey-audit VERB [ARGUMENT...]\n"
          "       covey-audit --version\n"
          "\n"
          "Nothing is sent by any of these verbs but run:\n",
          file);
    for (size_t i = 0; i < VERB_COUNT; i++) {
        fprintf(file, "  %-7s %-7s %s\n", verbs[i].name,
                verbs[i].second != NULL ? verbs[i].second : "", verbs[i].what);
    }
    fputs("\nThe manual is covey-audit(1).\n", file);
}

/* The verbs that are of two words with this one first. False: none. */
static bool print_help_of(const char *first)
{
    bool any = false;

    for (size_t i = 0; i < VERB_COUNT; i++) {
        const struct verb *v = &verbs[i];
        if (v->second != NULL && strcmp(v->name, first) == 0) {
            if (!any) {
                printf("usage: covey-audit %s VERB [ARGUMENT...]\n\n", first);
            }
            any = true;
            printf("  %-7s %s\n", v->second, v->what);
        }
    }
    if (any) {
        puts("\nThe manual is covey-audit(1).");
    }
    return any;
}

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static int run(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return AUDIT_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("covey-audit " COVEY_VERSION);
        return AUDIT_DONE;
    }
    if (is_help(argv[1])) {
        print_help(stdout);
        return AUDIT_DONE;
    }
    for (size_t i = 0; i < VERB_COUNT; i++) {
        const struct verb *v = &verbs[i];
        const int words = v->second != NULL ? 2 : 1;
        if (strcmp(argv[1], v->name) == 0 &&
            (words == 1 || (argc > 2 && strcmp(argv[2], v->second) == 0))) {
            return v->run(argc - words, argv + words);
        }
    }
    if (argc == 3 && is_help(argv[2]) && print_help_of(argv[1])) {
        return AUDIT_DONE;
    }
    fprintf(stderr,
            "covey-audit: unknown verb '%s'; 'covey-audit --help' lists "
            "them\n",
            argv[1]);
    return AUDIT_USAGE;
}

int main(int argc, char **argv)
{
    const int status = run(argc, argv);

    /* A full disk or a closed pipe shows only now. */
    if (fflush(stdout) != 0 || ferror(stdout)) {
        perror("covey-audit: standard output");
        return AUDIT_IO;
    }
    return status;
}
