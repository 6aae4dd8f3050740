/* SPDX-License-Identifier: BSD-2-Clause */
/* `covey its`: covey-its(1). */
#include "cmd.h"
#include "its_verbs.h"

#include <crypto/openssl/openssl.h>

#include <string.h>

static const struct verb {
    const char *name;
    int (*run)(const its_args *args, const covey_crypto *crypto);
    const char *what;
} verbs[] = {
    { "show", its_verb_show, "what is in a certificate or in signed data" },
    { "id", its_verb_id, "HashedId8 of certificates" },
    { "verify", its_verb_verify, "a certificate up to a trust anchor" },
    { "convert", its_verb_convert, "between binary, hex and base64" },
    { "pki-init", its_verb_pki, "roots that a description names" },
    { "pki-issue", its_verb_pki, "certificates that it names" },
    { "crl", its_verb_crl, "a signed revocation list" },
    { "sign", its_verb_sign, "data, as Ieee1609Dot2Data" },
    { "verify-data", its_verb_verify_data, "signed data and its signer" },
};

#define VERB_COUNT (sizeof verbs / sizeof verbs[0])

static void print_help(FILE *file)
{
    fputs("usage: covey its VERB [OPTION...] FILE...\n\nverbs:\n", file);
    for (size_t i = 0; i < VERB_COUNT; i++) {
        fprintf(file, "  %-12s %s\n", verbs[i].name, verbs[i].what);
    }
    fputs("\nThe manual is covey-its(1).\n", file);
}

static int run(const struct verb *verb, const its_args *args)
{
    covey_crypto crypto;
    int status;

    if (covey_openssl_open(&crypto) != COVEY_OK) {
        return its_fail(args, EXIT_IO, "no cryptography");
    }
    status = verb->run(args, &crypto);
    covey_openssl_close(&crypto);
    return status;
}

int cmd_its(int argc, char **argv)
{
    its_args args;
    char two[24];
    int status;

    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0) {
        print_help(stdout);
        return EXIT_DONE;
    }
    if (strcmp(argv[1], "pki") == 0 && argc == 2) {
        fputs("covey its pki: expected 'init' or 'issue'\n", stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "pki") == 0) {
        snprintf(two, sizeof two, "pki-%s", argv[2]);
        argv[2] = two;
        argc--;
        argv++;
    }
    for (size_t i = 0; i < VERB_COUNT; i++) {
        if (strcmp(argv[1], verbs[i].name) == 0) {
            status = its_args_read(&args, argc - 1, argv + 1);
            if (status == -1) {
                return EXIT_DONE;
            }
            return status == EXIT_DONE ? run(&verbs[i], &args) : status;
        }
    }
    fprintf(stderr,
            "covey its: unknown verb '%s'; 'covey help its' lists "
            "them\n",
            argv[1]);
    return EXIT_USAGE;
}
