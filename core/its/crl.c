/* SPDX-License-Identifier: BSD-2-Clause */
/* Looking for a certificate in revocation lists. Entries of all kinds end in
 * the last bytes of a digest, at the same place in every entry. */
#include "its_internal.h"
#include <covey/its_list.h>

#include <string.h>

enum {
    ID10 = 10,
    ID3 = 3,
    EXPIRY = 4
};

static bool is_etsi(const covey_its_list *list)
{
    return list->kind == COVEY_ITS_LIST_ETSI_CRL;
}

bool covey_its_list_has(const covey_its_list *list,
                        const covey_its_digest *digest)
{
    size_t n = is_etsi(list) ? COVEY_ITS_ID8 : ID10;
    size_t skip =
        is_etsi(list) || list->stride < n ? 0 : list->stride - n - EXPIRY;
    covey_bytes id = covey_its_hashed_id(digest, n);

    for (size_t i = 0; list->stride >= n && i < list->entries.len;
         i += list->stride) {
        if (memcmp(list->entries.ptr + i + skip, id.ptr, n) == 0) {
            return true;
        }
    }
    return false;
}

/* The list is about this certificate: ETSI: of this issuer. IEEE: of this
 * CRACA and series (1609.2 clause 6.4.8). */
static bool concerns(const covey_its_crl *crl, const covey_its_cert *cert)
{
    const covey_its_list *list = &crl->list;

    if (is_etsi(list)) {
        return cert->issuer.ptr &&
               memcmp(cert->issuer.ptr, crl->issuer, COVEY_ITS_ID8) == 0;
    }
    return cert->crl_series == list->crl_series &&
           memcmp(cert->craca_id.ptr, list->craca.ptr + COVEY_ITS_ID8 - ID3,
                  ID3) == 0;
}

covey_its_reason covey__its_check_lists(const covey_its_store *store,
                                        const covey_its_cert *cert,
                                        const covey_its_digest *digest,
                                        uint32_t now, covey_its_finding *why)
{
    uint32_t until = 0; /* the latest nextUpdate */
    bool any = false;

    why->found = why->expected = 0;
    for (const covey_its_crl *crl = store->crls; crl; crl = crl->next) {
        if (!concerns(crl, cert)) {
            continue;
        }
        if (covey_its_list_has(&crl->list, digest)) {
            return COVEY_ITS_R_REVOKED;
        }
        any = true;
        until = crl->list.next_update > until ? crl->list.next_update : until;
    }
    if (!any || now < until || now - until <= store->overdue_s) {
        return COVEY_ITS_FINE;
    }
    why->found = now;
    why->expected = until;
    return COVEY_ITS_R_LIST_OLD;
}

covey_status covey_its_store_crl(covey_its_store *store, covey_its_crl *crl,
                                 const covey_its_list *list,
                                 const covey_its_peer *signer)
{
    if (list->kind == COVEY_ITS_LIST_ECTL ||
        list->kind == COVEY_ITS_LIST_CTL) {
        return COVEY_E_ARGUMENT;
    }
    crl->list = *list;
    memcpy(crl->issuer,
           covey_its_hashed_id(&signer->digest, COVEY_ITS_ID8).ptr,
           COVEY_ITS_ID8);
    crl->next = store->crls;
    store->crls = crl;
    return COVEY_OK;
}
