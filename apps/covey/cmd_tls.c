/* SPDX-License-Identifier: BSD-2-Clause */
/* covey tls: TLS 1.3 from a terminal or a test (covey-tls(1)). */
#include "cmd.h"
#include "tls_verbs.h"

#include <stdlib.h>
#include <string.h>

static void print_help(FILE *to)
{
    fputs("usage: covey tls server [option ...] [address:]port\n"
          "       covey tls client [option ...] address:port\n"
          "\n"
          "'covey tls VERB --help' lists the options; the manual is "
          "covey-tls(1).\n",
          to);
}

static int run(tls_args *args)
{
    tls_setup *s = calloc(1, sizeof *s);
    int rc = EXIT_IO;

    if (s == NULL) {
        fputs("covey tls: out of memory\n", stderr);
        return EXIT_IO;
    }
    rc = tls_setup_open(s, args);
    if (rc == EXIT_DONE) {
        rc = args->server ? tls_server(s) : tls_client(s);
    }
    tls_setup_close(s);
    free(s);
    return rc;
}

int cmd_tls(int argc, char **argv)
{
    tls_args args = { 0 };
    int rc = EXIT_USAGE;

    if (argc < 2 || strcmp(argv[1], "--help") == 0 ||
        strcmp(argv[1], "-h") == 0) {
        print_help(argc < 2 ? stderr : stdout);
        return argc < 2 ? EXIT_USAGE : EXIT_DONE;
    }
    args.server = strcmp(argv[1], "server") == 0;
    if (!args.server && strcmp(argv[1], "client") != 0) {
        fprintf(stderr,
                "covey tls: unknown verb '%s'; 'covey tls --help' "
                "lists them\n",
                argv[1]);
        return EXIT_USAGE;
    }
    rc = tls_args_read(&args, argc - 1, argv + 1);
    return rc == EXIT_DONE ? run(&args) : rc == -1 ? EXIT_DONE : rc;
}
