/* SPDX-License-Identifier: BSD-2-Clause */
/* covey tls: TLS 1.3 from a terminal or a test (covey-tls(1)). */
#include "cmd.h"
#include "tls_verbs.h"

#include <crypto/openssl/openssl.h>

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

static void configure(const tls_args *a, covey_tls_config *c)
{
    c->suites = a->suites;
    c->suite_count = a->suite_count;
    c->groups = a->groups;
    c->group_count = a->group_count;
    c->share_count = a->shares;
    c->require_client = a->verify;
    c->alpn = a->alpn;
    c->alpn_count = a->alpn_count;
    c->alpn_required = a->alpn_count > 0;
    c->record_size_limit = a->record_size;
    c->padding = a->padding;
    c->compatible = !a->plain;
    c->cookie = a->cookie;
}

static int run(const tls_args *args, const covey_crypto *crypto)
{
    char error[TLS_SETUP_ERROR_MAX];
    tls_setup_result result = TLS_SETUP_FAILED;
    tls_setup *s = tls_setup_open(crypto, &args->setup, &result, error);
    int rc = EXIT_IO;

    if (s == NULL) {
        fprintf(stderr, "covey tls: %s\n", error);
        return result == TLS_SETUP_REFUSED ? EXIT_REFUSED : EXIT_IO;
    }
    configure(args, tls_setup_config(s));
    rc = args->server ? tls_server(args, s) : tls_client(args, s);
    tls_setup_close(s);
    return rc;
}

static int with_provider(const tls_args *args)
{
    covey_crypto crypto;
    int rc = EXIT_IO;

    if (covey_openssl_open(&crypto) != COVEY_OK) {
        fputs("covey tls: libcrypto: cannot be used\n", stderr);
        return EXIT_IO;
    }
    rc = run(args, &crypto);
    covey_openssl_close(&crypto);
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
    if (rc == EXIT_DONE) {
        rc = with_provider(&args);
    }
    covey_wipe(&args, sizeof args);
    return rc == -1 ? EXIT_DONE : rc;
}
