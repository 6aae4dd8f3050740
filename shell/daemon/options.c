/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line of a daemon: everything else is in its configuration. */
#include "daemon.h"

#include <string.h>

static void print_help(const daemon_program *p, FILE *out)
{
    fprintf(out,
            "usage: %s --config FILE [OPTION...]\n"
            "       %s --help | --version\n"
            "\n"
            "%s %s.\n"
            "\n"
            "  --config FILE       the configuration; - for standard input\n"
            "  --check-config      read the configuration and the files that "
            "it names,\n"
            "                      and no more\n"
            "  --log-level LEVEL   error, warning, notice (the default), "
            "info, debug\n"
            "  --log-format FORMAT text, journal or json\n"
            "\n"
            "The manual is %s(8).\n",
            p->name, p->name, p->name, p->what, p->name);
}

static bool is_format(const char *word, log_format *out)
{
    static const char *const words[] = { "text", "journal", "json" };
    static const log_format formats[] = { LOG_TEXT, LOG_JOURNAL, LOG_JSON };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(word, words[i]) == 0) {
            *out = formats[i];
            return true;
        }
    }
    return false;
}

/* The value of an option, after "=" or as the next word; NULL if argv[*at] is
 * another option, or has no value. */
static const char *value_of(const char *name, int argc, char **argv, int *at)
{
    const size_t len = strlen(name);
    const char *word = argv[*at];

    if (word == NULL || strncmp(word, name, len) != 0) {
        return NULL;
    }
    if (word[len] == '=') {
        return word + len + 1;
    }
    if (word[len] != '\0' || *at + 1 == argc) {
        return NULL;
    }
    return argv[++*at];
}

/* One option and its value; false if it is none, or the value is wrong. */
static bool take(daemon_options *o, int argc, char **argv, int *at)
{
    const char *value;

    if (strcmp(argv[*at], "--check-config") == 0) {
        o->check_config = true;
        return true;
    }
    value = value_of("--config", argc, argv, at);
    if (value != NULL) {
        o->config = value;
        return true;
    }
    value = value_of("--log-level", argc, argv, at);
    if (value != NULL) {
        return log_level_of(value, &o->log.level);
    }
    value = value_of("--log-format", argc, argv, at);
    return value != NULL && is_format(value, &o->log.format);
}

/* --help and --version, wherever they are. */
static bool is_asked(const daemon_program *p, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            print_help(p, stdout);
            return true;
        }
        if (strcmp(argv[i], "--version") == 0) {
            printf("%s %s\n", p->name, p->version);
            return true;
        }
    }
    return false;
}

bool daemon_options_read(const daemon_program *p, int argc, char **argv,
                         daemon_options *out, int *status)
{
    daemon_options o = { .log = log_to_stderr(LOG_LEVEL_NOTICE) };

    if (is_asked(p, argc, argv)) {
        *status = fflush(stdout) == 0 ? DAEMON_DONE : DAEMON_IO;
        return false;
    }
    *status = DAEMON_USAGE;
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        if (!take(&o, argc, argv, &i)) {
            fprintf(stderr,
                    "%s: '%s' is no option with its value; --help lists "
                    "them\n",
                    p->name, word);
            return false;
        }
    }
    if (o.config == NULL) {
        fprintf(stderr, "%s: expected --config FILE\n", p->name);
        return false;
    }
    *out = o;
    return true;
}
