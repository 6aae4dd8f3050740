/* SPDX-License-Identifier: BSD-2-Clause */
/* Trust anchors, and CAs that have been verified. A certificate in the store
 * has its own copy and its key imported: an import costs half a verification.
 */
#include "its_internal.h"

#include <string.h>

void covey_its_store_init(covey_its_store *store, covey_its_known *known,
                          size_t cap)
{
    for (size_t i = 0; i < cap; i++) {
        known[i].filled = false;
    }
    *store = (covey_its_store){ .known = known, .cap = cap };
}

static void drop(covey_its_known *k, const covey_crypto *crypto)
{
    if (k->filled) {
        crypto->key_drop(crypto->provider, &k->key);
        k->filled = false;
    }
}

void covey_its_store_clear(covey_its_store *store, const covey_crypto *crypto)
{
    for (size_t i = 0; i < store->cap; i++) {
        drop(&store->known[i], crypto);
    }
    store->crls = NULL;
}

const covey_its_known *covey_its_store_find(const covey_its_store *store,
                                            covey_bytes id8)
{
    for (size_t i = 0; i < store->cap; i++) {
        const covey_its_known *k = &store->known[i];
        if (k->filled &&
            covey_bytes_equal(covey_its_hashed_id(&k->digest, COVEY_ITS_ID8),
                              id8)) {
            return k;
        }
    }
    return NULL;
}

static covey_its_known *find_free(covey_its_store *store, uint32_t now)
{
    for (size_t i = 0; i < store->cap; i++) {
        covey_its_known *k = &store->known[i];
        if (!k->filled || (!k->anchor && now >= k->end)) {
            return k;
        }
    }
    return NULL;
}

covey_its_known *covey__its_store_slot(covey_its_store *store,
                                       covey_bytes bytes, uint32_t now,
                                       const covey_crypto *crypto)
{
    covey_its_known *k =
        bytes.len <= sizeof k->bytes ? find_free(store, now) : NULL;

    if (k == NULL) {
        return NULL;
    }
    drop(k, crypto);
    memset(k, 0, sizeof *k);
    memcpy(k->bytes, bytes.ptr, bytes.len);
    return covey_its_cert_decode(&k->cert, covey_bytes_of(k->bytes, bytes.len),
                                 NULL) == COVEY_OK
               ? k
               : NULL;
}

/* A self-signed certificate signed itself. */
static covey_status check_self(covey_its_known *k, const covey_crypto *crypto,
                               covey_its_finding *why)
{
    uint8_t input[2 * COVEY_ITS_DIGEST_MAX];
    covey_writer w = covey_writer_of(input, sizeof input);
    covey_status st = COVEY_OK;

    if (k->cert.issuer_kind != COVEY_ITS_ISSUER_SELF) {
        return st;
    }
    why->reason = COVEY_ITS_R_HASH;
    if (k->cert.issuer_hash != covey_its_hash_of(k->cert.verify_key.alg)) {
        return COVEY_E_RANGE;
    }
    why->reason = COVEY_ITS_R_CURVE;
    if (k->cert.signature.alg != k->cert.verify_key.alg) {
        return COVEY_E_RANGE;
    }
    why->reason = COVEY_ITS_R_SIGNATURE;
    st = covey_its_cert_input(&w, &k->cert, NULL, crypto);
    return st == COVEY_OK ? covey__its_verify(&k->key, &k->cert.signature,
                                              covey_written(&w), crypto)
                          : st;
}

static covey_status fill_anchor(covey_its_known *k, const covey_crypto *crypto,
                                covey_its_finding *why)
{
    covey_status st = covey__its_import(&k->key, &k->cert.verify_key, crypto);

    why->reason = COVEY_ITS_R_KEY;
    if (st != COVEY_OK) {
        return st;
    }
    k->filled = true;
    st = check_self(k, crypto, why);
    if (st != COVEY_OK) {
        drop(k, crypto);
        return st;
    }
    k->region = k->cert.region;
    k->start = k->cert.start;
    k->end = k->cert.end;
    k->length = 1;
    k->anchor = true;
    why->reason = COVEY_ITS_FINE;
    return COVEY_OK;
}

/* The store's own, if it has this certificate already. */
static covey_its_known *find_same(covey_its_store *store, covey_bytes bytes)
{
    for (size_t i = 0; i < store->cap; i++) {
        covey_its_known *k = &store->known[i];
        if (k->filled && covey_bytes_equal(k->cert.whole, bytes)) {
            return k;
        }
    }
    return NULL;
}

covey_status covey_its_store_anchor(covey_its_store *store,
                                    const covey_crypto *crypto,
                                    covey_bytes bytes, covey_its_finding *why)
{
    covey_its_finding aside = { .reason = COVEY_ITS_FINE };
    covey_its_finding *say = why ? why : &aside;
    covey_its_digest digest;
    covey_its_cert cert;
    covey_its_known *k = find_same(store, bytes);
    covey_status st = covey_its_cert_decode(&cert, bytes, say);

    if (st != COVEY_OK || k) {
        if (k) {
            k->anchor = true;
        }
        return st;
    }
    *say = (covey_its_finding){ .reason = COVEY_ITS_R_SM };
    if (cert.implicit) { /* its key is its issuer's to say */
        say->reason = COVEY_ITS_R_IMPLICIT_ROOT;
        return COVEY_E_UNSUPPORTED;
    }
    st = covey_its_digest_of(&digest, &cert, crypto);
    if (st != COVEY_OK) {
        return st;
    }
    say->reason = COVEY_ITS_FINE;
    k = covey__its_store_slot(store, bytes, 0, crypto);
    if (!k) {
        return COVEY_E_ROOM;
    }
    k->digest = digest;
    memcpy(say->id, covey_its_hashed_id(&digest, COVEY_ITS_ID8).ptr,
           COVEY_ITS_ID8);
    return fill_anchor(k, crypto, say);
}
