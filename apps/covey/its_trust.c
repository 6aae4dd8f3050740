/* SPDX-License-Identifier: BSD-2-Clause */
#include "its_trust.h"

#include "cmd.h"
#include "its_show.h"

#include <stdlib.h>
#include <string.h>

int its_trust_refuse(const its_args *args, const char *path,
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

covey_its_verdict its_trust_chain(struct its_trust *t, covey_its_peer *peer,
                                  covey_bytes certificate,
                                  covey_its_finding *why)
{
    covey_its_chain chain = { .end_entity = certificate,
                              .others = t->chain,
                              .other_count = t->args->chain.count,
                              .keep = true };

    return covey_its_chain_verify(peer, &t->store, t->crypto, &chain, t->now,
                                  why);
}

/* The certificate that signed: within, in the store, or among --chain. */
static covey_bytes find_signer(const struct its_trust *t,
                               const covey_its_signed *d)
{
    covey_reader r = covey_reader_of(d->signer);
    const covey_its_known *known = NULL;
    covey_its_digest digest;
    covey_its_cert c;

    if (d->signer_kind == COVEY_ITS_SIGNER_CERTIFICATE &&
        covey_its_cert_read(&c, &r, NULL) == COVEY_OK) {
        return c.whole;
    }
    if (d->signer_kind != COVEY_ITS_SIGNER_DIGEST) {
        return covey_bytes_of(NULL, 0);
    }
    known = covey_its_store_find(&t->store, d->signer);
    if (known != NULL) {
        return known->cert.whole;
    }
    for (size_t i = 0; i < t->args->chain.count; i++) {
        if (covey_its_cert_decode(&c, t->chain[i], NULL) == COVEY_OK &&
            covey_its_digest_of(&digest, &c, t->crypto) == COVEY_OK &&
            covey_bytes_equal(covey_its_hashed_id(&digest, COVEY_ITS_ID8),
                              d->signer)) {
            return t->chain[i];
        }
    }
    return covey_bytes_of(NULL, 0);
}

covey_its_verdict its_trust_data(struct its_trust *t, covey_its_peer *peer,
                                 const covey_its_signed *data,
                                 covey_its_expect *expect,
                                 covey_its_finding *why)
{
    covey_bytes signer = find_signer(t, data);
    covey_its_verdict verdict;

    memset(peer, 0, sizeof *peer);
    expect->now = t->now;
    if (signer.ptr == NULL) {
        *why = (covey_its_finding){ .reason = COVEY_ITS_R_SIGNER_SELF,
                                    .in_data = true };
        if (data->signer_kind != COVEY_ITS_SIGNER_DIGEST) {
            return COVEY_ITS_REFUSED;
        }
        why->reason = COVEY_ITS_R_ISSUER_MISSING;
        memcpy(why->id, data->signer.ptr, COVEY_ITS_ID8);
        return COVEY_ITS_MISSING;
    }
    verdict = its_trust_chain(t, peer, signer, why);
    return verdict == COVEY_ITS_VALID
               ? covey_its_signed_verify(peer, data, expect, t->crypto, why)
               : verdict;
}

/* The roots of an ECTL, the CAs of a CTL. */
static covey_status add_entries(struct its_trust *t,
                                const covey_its_list *list,
                                covey_its_finding *why)
{
    covey_bytes left = list->entries;
    covey_its_entry e;
    covey_status st = COVEY_OK;

    while (st == COVEY_OK && covey_its_entry_next(&left, &e)) {
        if (e.certificate.ptr != NULL) {
            st = covey_its_store_anchor(&t->store, t->crypto, e.certificate,
                                        why);
        }
    }
    return st;
}

/* A signed list: trusted as far as its signer is. */
static covey_its_verdict add_list(struct its_trust *t, covey_bytes bytes,
                                  covey_its_crl *crl, covey_its_finding *why)
{
    covey_its_expect expect = { .any_psid = true };
    covey_its_verdict verdict = COVEY_ITS_REFUSED;
    covey_its_signed d;
    covey_its_peer peer;
    covey_its_list list;
    covey_bytes content;

    if (covey_its_signed_decode(&d, bytes, why) != COVEY_OK) {
        return verdict;
    }
    verdict = its_trust_data(t, &peer, &d, &expect, why);
    if (verdict != COVEY_ITS_VALID) {
        covey_its_peer_drop(&peer, t->crypto);
        return verdict;
    }
    why->reason = COVEY_ITS_R_LIST_KIND;
    why->in_data = true;
    verdict = COVEY_ITS_REFUSED;
    if (covey_its_unsecured(&content, d.data) == COVEY_OK &&
        covey_its_list_decode(&list, content, d.header.psid, why) ==
            COVEY_OK &&
        covey_its_list_signer(&list, &peer, why) &&
        (crl != NULL ? covey_its_store_crl(&t->store, crl, &list, &peer)
                     : add_entries(t, &list, why)) == COVEY_OK) {
        verdict = COVEY_ITS_VALID;
    }
    covey_its_peer_drop(&peer, t->crypto);
    return verdict;
}

static int add_trust(struct its_trust *t, const char *path)
{
    covey_its_finding why = { .reason = COVEY_ITS_FINE };
    covey_its_verdict verdict = COVEY_ITS_VALID;
    uint8_t *bytes = NULL;
    size_t len = 0;
    int status = its_load(t->args, path, &bytes, &len);

    if (status != EXIT_DONE) {
        return status;
    }
    if (len > 0 && bytes[0] == 3) {
        verdict = add_list(t, covey_bytes_of(bytes, len), NULL, &why);
    } else if (covey_its_store_anchor(&t->store, t->crypto,
                                      covey_bytes_of(bytes, len),
                                      &why) != COVEY_OK) {
        verdict = COVEY_ITS_REFUSED;
    }
    free(bytes);
    return verdict == COVEY_ITS_VALID
               ? EXIT_DONE
               : its_trust_refuse(t->args, path, verdict, &why);
}

static int add_crl(struct its_trust *t, size_t i)
{
    const char *path = t->args->crl.path[i];
    covey_its_finding why = { .reason = COVEY_ITS_FINE };
    covey_its_verdict verdict;
    size_t len = 0;
    int status = its_load(t->args, path, &t->crl_bytes[i], &len);

    if (status != EXIT_DONE) {
        return status;
    }
    verdict =
        add_list(t, covey_bytes_of(t->crl_bytes[i], len), &t->crls[i], &why);
    return verdict == COVEY_ITS_VALID
               ? EXIT_DONE
               : its_trust_refuse(t->args, path, verdict, &why);
}

int its_trust_open(struct its_trust *t, const its_args *args,
                   const covey_crypto *crypto)
{
    int status = EXIT_DONE;

    memset(t, 0, sizeof *t);
    t->args = args;
    t->crypto = crypto;
    t->now = its_time_now(args);
    covey_its_store_init(&t->store, t->known, ITS_KNOWN);
    for (size_t i = 0; i < args->chain.count && status == EXIT_DONE; i++) {
        size_t len = 0;
        status = its_load(args, args->chain.path[i], &t->chain_bytes[i], &len);
        t->chain[i] = covey_bytes_of(t->chain_bytes[i], len);
    }
    for (size_t i = 0; i < args->trust.count && status == EXIT_DONE; i++) {
        status = add_trust(t, args->trust.path[i]);
    }
    for (size_t i = 0; i < args->crl.count && status == EXIT_DONE; i++) {
        status = add_crl(t, i);
    }
    return status;
}

void its_trust_close(struct its_trust *t)
{
    covey_its_store_clear(&t->store, t->crypto);
    for (size_t i = 0; i < ITS_FILES_MAX; i++) {
        free(t->crl_bytes[i]);
        free(t->chain_bytes[i]);
    }
}
