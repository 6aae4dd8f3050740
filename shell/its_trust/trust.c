/* SPDX-License-Identifier: BSD-2-Clause */
#include "its_trust.h"

#include <stdlib.h>
#include <string.h>

void its_trust_open(its_trust *t, const covey_crypto *crypto)
{
    memset(t, 0, sizeof *t);
    t->crypto = crypto;
    covey_its_store_init(&t->store, t->known, ITS_TRUST_KNOWN);
}

void its_trust_close(its_trust *t)
{
    covey_its_store_clear(&t->store, t->crypto);
    for (size_t i = 0; i < t->crl_count; i++) {
        free(t->crl_bytes[i]);
    }
    for (size_t i = 0; i < t->chain_count; i++) {
        free(t->chain_bytes[i]);
    }
}

/* --- chains -------------------------------------------------------------- */

bool its_trust_chain_add(its_trust *t, uint8_t *bytes, size_t len)
{
    if (t->chain_count == ITS_TRUST_FILES) {
        free(bytes);
        return false;
    }
    t->chain_bytes[t->chain_count] = bytes;
    t->chain[t->chain_count++] = covey_bytes_of(bytes, len);
    return true;
}

covey_its_verdict its_trust_chain(its_trust *t, covey_its_peer *peer,
                                  covey_bytes certificate, uint64_t now,
                                  covey_its_finding *why)
{
    covey_its_chain chain = { .end_entity = certificate,
                              .others = t->chain,
                              .other_count = t->chain_count,
                              .keep = true };

    return covey_its_chain_verify(peer, &t->store, t->crypto, &chain, now,
                                  why);
}

/* The certificate that signed: within, in the store, or one that was added. */
static covey_bytes find_signer(const its_trust *t, const covey_its_signed *d)
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
    for (size_t i = 0; i < t->chain_count; i++) {
        if (covey_its_cert_decode(&c, t->chain[i], NULL) == COVEY_OK &&
            covey_its_digest_of(&digest, &c, t->crypto) == COVEY_OK &&
            covey_bytes_equal(covey_its_hashed_id(&digest, COVEY_ITS_ID8),
                              d->signer)) {
            return t->chain[i];
        }
    }
    return covey_bytes_of(NULL, 0);
}

covey_its_verdict its_trust_data(its_trust *t, covey_its_peer *peer,
                                 const covey_its_signed *data,
                                 const covey_its_expect *expect,
                                 covey_its_finding *why)
{
    covey_bytes signer = find_signer(t, data);
    covey_its_verdict verdict;

    memset(peer, 0, sizeof *peer);
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
    verdict = its_trust_chain(t, peer, signer, expect->now, why);
    return verdict == COVEY_ITS_VALID
               ? covey_its_signed_verify(peer, data, expect, t->crypto, why)
               : verdict;
}

/* --- lists --------------------------------------------------------------- */

/* The roots of an ECTL, the CAs of a CTL. */
static covey_status add_entries(its_trust *t, const covey_its_list *list,
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
static covey_its_verdict add_list(its_trust *t, covey_bytes bytes,
                                  covey_its_crl *crl, uint64_t now,
                                  covey_its_finding *why)
{
    const covey_its_expect expect = { .any_psid = true, .now = now };
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

covey_its_verdict its_trust_anchor(its_trust *t, covey_bytes bytes,
                                   uint64_t now, covey_its_finding *why)
{
    if (bytes.len > 0 && bytes.ptr[0] == 3) {
        return add_list(t, bytes, NULL, now, why);
    }
    return covey_its_store_anchor(&t->store, t->crypto, bytes, why) == COVEY_OK
               ? COVEY_ITS_VALID
               : COVEY_ITS_REFUSED;
}

covey_its_verdict its_trust_crl(its_trust *t, uint8_t *bytes, size_t len,
                                uint64_t now, covey_its_finding *why)
{
    size_t at = t->crl_count;

    if (at == ITS_TRUST_FILES) {
        free(bytes);
        why->reason = COVEY_ITS_R_QUANTITY;
        why->in_data = true;
        why->expected = ITS_TRUST_FILES;
        return COVEY_ITS_REFUSED;
    }
    t->crl_bytes[t->crl_count++] = bytes;
    return add_list(t, covey_bytes_of(bytes, len), &t->crls[at], now, why);
}
