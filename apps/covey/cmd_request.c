/* SPDX-License-Identifier: BSD-2-Clause */
/* `covey get` and the other verbs that talk to servers: covey-get(1). */
#include "cmd.h"
#include "request_dtls.h"
#include "request_run.h"
#include "request_tls.h"

#include <crypto/openssl/openssl.h>
#include <string.h>

static void print_help(FILE *file)
{
    fputs(
        "usage: covey get|delete [OPTION...] URI\n"
        "       covey put|post|fetch|patch|ipatch [OPTION...] URI\n"
        "                         [PAYLOAD | @FILE | -]\n"
        "       covey observe [--count N] [--for SECONDS] [OPTION...] URI\n"
        "       covey discover [OPTION...] URI\n"
        "       covey ping [--timeout SECONDS] [--json] [--explain] URI\n"
        "\n"
        "  -O NAME=VALUE            an option, as of covey-coap(1)\n"
        "  --accept FORMAT          wanted content format, by name or number\n"
        "  --content-format FORMAT  that of the payload\n"
        "  --non                    Non-confirmable\n"
        "  --timeout SECONDS        how long to wait for an answer\n"
        "  --collect SECONDS        how long, for those of a group\n"
        "  --proxy URI              through this proxy\n"
        "  --profile seed|07        how groups are asked for through it\n"
        "  --margin SECONDS         waited for its answers beyond --collect\n"
        "  --proxy-context FILE     protect with OSCORE up to the proxy\n"
        "  --proxy-state FILE, --proxy-number N\n"
        "                           as --state and --number, for that\n"
        "  --psk-identity NAME      coaps, coaps+tcp with a pre-shared key\n"
        "  --psk-file FILE          that key, as it is\n"
        "  --ca FILE                whom certificates are trusted from\n"
        "  --cert FILE, --key FILE  our certificate and its private key\n"
        "  --cert-type, --chain, --crl, --keylog, --peer-type, --policy,\n"
        "  --psid, --repository, --trust, --trust-key\n"
        "                           coaps+tcp: as of covey-tls(1)\n"
        "  --interface NAME         for groups and link-local addresses\n"
        "  --context FILE           protect with OSCORE or Group OSCORE\n"
        "  --state FILE             where its sequence numbers are kept\n"
        "  --number N               the first sequence number\n"
        "  --to ID                  which member of the group is asked\n"
        "  --schc RULES             SCHC packets, by these rules\n"
        "  --schc-sends up|down     what leaves here: down, unless given\n"
        "  --message-ids FIRST-LAST only these\n"
        "  --token-length N         of 1 to 8 bytes\n"
        "  --json                   each answer as a JSON object in a line\n"
        "  --explain                what goes over the wire\n"
        "\n"
        "The manual is covey-get(1).\n",
        file);
}

static int check(const struct request_args *a, const struct request_target *t)
{
    if (a->schc != NULL && t->transport != COVEY_UDP) {
        return request_fail(a, EXIT_USAGE,
                            "a thin link carries datagrams: --schc is for "
                            "coap://");
    }
    if (t->group && (a->verb->kind & (REQUEST_OBSERVE | REQUEST_PING)) != 0) {
        return request_fail(a, EXIT_USAGE,
                            "groups can be asked, and observed through a "
                            "proxy; a Confirmable message never goes to one "
                            "(RFC 7252 Section 8.1)");
    }
    return EXIT_DONE;
}

/* The target is known. */
static int run_at(struct request_args *a, const struct request_target *t,
                  const covey_crypto *crypto)
{
    struct request_layers layers;
    int status = request_layers_open(&layers, a, t->group || t->many, crypto);

    if (status == EXIT_DONE) {
        status = request_run(a, t, &layers, crypto);
    }
    request_layers_close(&layers);
    return status;
}

static int run_over_dtls(struct request_args *a, struct request_target *t,
                         const covey_crypto *crypto)
{
    struct request_dtls secrets;
    int status = request_dtls_open(&secrets, a, t->host);

    t->dtls = &secrets.options;
    if (status == EXIT_DONE) {
        status = run_at(a, t, crypto);
    }
    t->dtls = NULL;
    request_dtls_close(&secrets);
    return status;
}

static int run_over_tls(struct request_args *a, struct request_target *t,
                        const covey_crypto *crypto)
{
    int status = request_tls_open(a, t, crypto);

    if (status == EXIT_DONE) {
        status = run_at(a, t, crypto);
    }
    tls_setup_close(t->tls);
    return status;
}

static int run(struct request_args *a, const covey_crypto *crypto)
{
    struct request_target target = { .host = "" };
    int status = request_target_find(a, &target);

    if (status == EXIT_DONE) {
        status = check(a, &target);
    }
    if (status != EXIT_DONE) {
        return status;
    }
    switch (target.transport) {
    case COVEY_DTLS:
        return run_over_dtls(a, &target, crypto);
    case COVEY_TLS:
        return run_over_tls(a, &target, crypto);
    case COVEY_UDP:
    case COVEY_TCP:
        break;
    }
    return run_at(a, &target, crypto);
}

int request_perform(struct request_args *a)
{
    covey_crypto crypto;
    int status;
    const covey_status st = covey_openssl_open(&crypto);

    if (st != COVEY_OK) {
        return request_fail(a, EXIT_IO, "no cryptographic provider: %s",
                            covey_status_text(st));
    }
    status = run(a, &crypto);
    covey_openssl_close(&crypto);
    return status;
}

int cmd_request(int argc, char **argv)
{
    struct request_args a;
    int status;

    if (!request_args_read(&a, request_verb_find(argv[0]), argc, argv)) {
        status =
            request_fail(&a, a.io ? EXIT_IO : EXIT_USAGE,
                         "%s; see 'covey help %s'", a.error.text, argv[0]);
    } else if (a.help) {
        print_help(stdout);
        status = EXIT_DONE;
    } else {
        status = request_perform(&a);
    }
    request_args_free(&a);
    return status;
}
