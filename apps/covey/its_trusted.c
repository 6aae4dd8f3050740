/* SPDX-License-Identifier: BSD-2-Clause */
#include "its_trusted.h"

#include "cmd.h"
#include "its_show.h"

#include <stdlib.h>

int its_trusted_refuse(const its_args *args, const char *path,
                       covey_its_verdict verdict, const covey_its_finding *why)
{
    if (verdict == COVEY_ITS_FAILED) {
        return its_fail(args, EXIT_IO, "%s: the cryptographic library failed",
                        path);
    }
    if (args->json) {
        json_t *o = its_json_why(why);
        (void)json_object_set_new(o, "valid", json_false());
        (void)json_object_set_new(o, "missing",
                                  json_boolean(verdict == COVEY_ITS_MISSING));
        its_print(args, o);
        return EXIT_NEGATIVE;
    }
    fflush(stdout);
    fprintf(stderr, "covey its %s: %s: ", args->verb, path);
    its_why_print(stderr, why);
    if (verdict == COVEY_ITS_MISSING) {
        fputs("  give the certificate with this HashedId8 with --chain, or "
              "its root with --trust\n",
              stderr);
    }
    return EXIT_NEGATIVE;
}

static int add_trust(const its_args *args, its_trust *t, size_t i)
{
    const char *path = args->trust.path[i];
    covey_its_finding why = { .reason = COVEY_ITS_FINE };
    covey_its_verdict verdict = COVEY_ITS_VALID;
    uint8_t *bytes = NULL;
    size_t len = 0;
    int status = its_load(args, path, &bytes, &len);

    if (status != EXIT_DONE) {
        return status;
    }
    verdict = its_trust_anchor(t, covey_bytes_of(bytes, len),
                               its_time_now(args), &why);
    free(bytes);
    return verdict == COVEY_ITS_VALID
               ? EXIT_DONE
               : its_trusted_refuse(args, path, verdict, &why);
}

static int add_crl(const its_args *args, its_trust *t, size_t i)
{
    const char *path = args->crl.path[i];
    covey_its_finding why = { .reason = COVEY_ITS_FINE };
    covey_its_verdict verdict;
    uint8_t *bytes = NULL;
    size_t len = 0;
    int status = its_load(args, path, &bytes, &len);

    if (status != EXIT_DONE) {
        return status;
    }
    verdict = its_trust_crl(t, bytes, len, its_time_now(args), &why);
    return verdict == COVEY_ITS_VALID
               ? EXIT_DONE
               : its_trusted_refuse(args, path, verdict, &why);
}

static int load_all(const its_args *args, its_trust *t)
{
    int status = EXIT_DONE;

    for (size_t i = 0; i < args->chain.count && status == EXIT_DONE; i++) {
        uint8_t *bytes = NULL;
        size_t len = 0;
        status = its_load(args, args->chain.path[i], &bytes, &len);
        if (status == EXIT_DONE) {
            (void)its_trust_chain_add(t, bytes, len);
        }
    }
    for (size_t i = 0; i < args->trust.count && status == EXIT_DONE; i++) {
        status = add_trust(args, t, i);
    }
    for (size_t i = 0; i < args->crl.count && status == EXIT_DONE; i++) {
        status = add_crl(args, t, i);
    }
    return status;
}

int its_trusted_run(const its_args *args, const covey_crypto *crypto,
                    its_judge *judge)
{
    its_trust *t = malloc(sizeof *t);
    uint8_t *bytes = NULL;
    size_t len = 0;
    int status;

    if (t == NULL) {
        return its_fail(args, EXIT_IO, "out of memory");
    }
    its_trust_open(t, crypto);
    t->store.overdue_s = args->overdue;
    status = load_all(args, t);
    if (status == EXIT_DONE) {
        status = its_load(args, args->operands.path[0], &bytes, &len);
    }
    if (status == EXIT_DONE) {
        status = judge(args, t, covey_bytes_of(bytes, len));
    }
    its_trust_close(t);
    free(bytes);
    free(t);
    return status;
}
