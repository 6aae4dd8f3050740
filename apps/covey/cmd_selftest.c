/* SPDX-License-Identifier: BSD-2-Clause */
/* `covey selftest`: covey-selftest(1). */
#include "cmd.h"
#include "selftest.h"

#include <stdio.h>
#include <string.h>

static const struct kind {
    const char *name;
    const char *what;
    void (*run)(selftest_report *report, const char *path);
} kinds[] = {
    { "schc", "SCHC compression and decompression", selftest_schc_file },
    { "oscore", "OSCORE derivation and exchanges", selftest_oscore_file },
};

#define KIND_COUNT (sizeof kinds / sizeof kinds[0])

static int usage(FILE *out, int code)
{
    fputs("usage: covey selftest KIND [--json] [-v] FILE...\n\nkinds:\n", out);
    for (size_t i = 0; i < KIND_COUNT; i++) {
        fprintf(out, "  %-8s %s\n", kinds[i].name, kinds[i].what);
    }
    fputs("\noptions:\n"
          "  --json         one JSON object instead of lines\n"
          "  -v, --verbose  name the cases that passed, too\n",
          out);
    return code;
}

static const struct kind *find_kind(const char *name)
{
    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            return &kinds[i];
        }
    }
    return NULL;
}

/* Options may stand before, between and behind the files; "--" ends them. */
struct arguments {
    bool json;
    bool verbose;
    bool help;
    const char *unknown;
    int files; /* moved to the front of argv */
};

static struct arguments read_arguments(int argc, char **argv)
{
    struct arguments a = { .files = 0 };
    bool options = true;

    for (int i = 0; i < argc; i++) {
        const char *arg = argv[i];
        if (!options || arg[0] != '-' || arg[1] == '\0') {
            argv[a.files++] = argv[i];
        } else if (strcmp(arg, "--") == 0) {
            options = false;
        } else if (strcmp(arg, "--json") == 0) {
            a.json = true;
        } else if (strcmp(arg, "-v") == 0 || strcmp(arg, "--verbose") == 0) {
            a.verbose = true;
        } else if (strcmp(arg, "-h") == 0 || strcmp(arg, "--help") == 0) {
            a.help = true;
        } else {
            a.unknown = arg;
        }
    }
    return a;
}

int cmd_selftest(int argc, char **argv)
{
    struct arguments a = read_arguments(argc - 1, argv + 1);
    const struct kind *kind;
    selftest_report *report;

    if (a.help) {
        return usage(stdout, EXIT_DONE);
    }
    if (a.unknown != NULL) {
        fprintf(stderr, "covey selftest: unknown option '%s'\n", a.unknown);
        return usage(stderr, EXIT_USAGE);
    }
    if (a.files < 2) {
        fputs("covey selftest: expected a kind and at least one file\n",
              stderr);
        return usage(stderr, EXIT_USAGE);
    }
    kind = find_kind(argv[1]);
    if (kind == NULL) {
        fprintf(stderr, "covey selftest: unknown kind '%s'\n", argv[1]);
        return usage(stderr, EXIT_USAGE);
    }
    report = selftest_report_new(a.json, a.verbose);
    if (report == NULL) {
        perror("covey selftest");
        return EXIT_IO;
    }
    for (int i = 2; i <= a.files; i++) {
        kind->run(report, argv[i]);
    }
    return selftest_report_close(report) ? EXIT_DONE : EXIT_NEGATIVE;
}
