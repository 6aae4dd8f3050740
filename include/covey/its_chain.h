/* SPDX-License-Identifier: BSD-2-Clause */
/* Which certificates are trusted: anchors, CAs that were verified before and
 * are kept with their keys, and the verification of a chain to one of them
 * (IEEE 1609.2 clause 5.1). The memory is the caller's. */
#ifndef COVEY_ITS_CHAIN_H
#define COVEY_ITS_CHAIN_H

#include <covey/its.h>

/* --- trust and chains: store.c, chain.c --------------------------------- */

/* Where a wrong reaction would be a vulnerability. 0 is none of them. */
typedef enum covey_its_verdict {
    COVEY_ITS_VALID = 1,
    COVEY_ITS_REFUSED, /* `why` says what for */
    COVEY_ITS_MISSING, /* why.id: the issuer that has to be found first */
    COVEY_ITS_FAILED   /* the provider failed; nothing is known */
} covey_its_verdict;

/* A CA whose certificate has been verified, with its key imported. One slot of
 * a store; the caller's memory, the fields are the module's. */
typedef struct covey_its_known {
    covey_its_cert cert; /* points into bytes */
    covey_key key;
    covey_its_digest digest;
    covey_bytes region; /* its own or the inherited one; absent: everywhere */
    const struct covey_its_known *issuer; /* NULL: anchor */
    uint32_t start; /* of all certificates up to the anchor */
    uint32_t end;
    uint8_t length; /* certificates, with the anchor */
    bool anchor;    /* never replaced */
    bool filled;
    uint8_t bytes[COVEY_ITS_KNOWN_MAX];
} covey_its_known;

struct covey_its_crl; /* covey/its_list.h */

/* A slot is used again only when its certificate has expired: what was
 * verified with it has then expired, too. */
typedef struct covey_its_store {
    covey_its_known *known;
    size_t cap;
    const struct covey_its_crl *crls; /* linked, newest first */
    /* Seconds that a revocation list may be behind its nextUpdate before what
     * it is about is refused (R_LIST_OLD); UINT32_MAX: it never is. What an
     * old list has is revoked anyhow. 0 unless set; may be set at any time. */
    uint32_t overdue_s;
} covey_its_store;

/* `known` (kept) need not be initialised. */
void covey_its_store_init(covey_its_store *store, covey_its_known *known,
                          size_t cap);
/* Drops the keys; the store is empty afterwards. */
void covey_its_store_clear(covey_its_store *store, const covey_crypto *crypto);

/* Adds an explicit certificate as trust anchor: because the caller says so,
 * not because of its dates. A self-signed one must have signed itself; one
 * that is not self-signed (trust in an intermediate) is taken as it is. What
 * is known already becomes an anchor. `bytes` are copied.
 * COVEY_E_ROOM: no free slot, or a certificate of more than
 *   COVEY_ITS_KNOWN_MAX bytes. COVEY_E_AUTH: its own signature is wrong.
 * COVEY_E_CRYPTO, and what covey_its_cert_decode gives. */
COVEY_MUST_USE covey_status covey_its_store_anchor(covey_its_store *store,
                                                   const covey_crypto *crypto,
                                                   covey_bytes bytes,
                                                   covey_its_finding *why);
/* The certificate with this HashedId8 of which the store is sure, or NULL. */
const covey_its_known *covey_its_store_find(const covey_its_store *store,
                                            covey_bytes id8);

/* What a peer sent. Spans live as long as the covey_its_peer made of it. */
typedef struct covey_its_chain {
    covey_bytes end_entity;
    const covey_bytes *others; /* in any order; what does not fit is ignored */
    size_t other_count;        /* beyond COVEY_ITS_CHAIN_MAX: not looked at */
    uint8_t signatures_max;    /* verifications spent on it; 0: CHAIN_MAX */
    bool keep;                 /* explicit CAs go into the store, verified */
} covey_its_chain;

/* A certificate that has been verified, and what it may. */
typedef struct covey_its_peer {
    covey_its_cert cert;
    covey_its_digest digest;
    covey_key key;      /* empty until it is first used, unless implicit */
    covey_bytes region; /* effective; absent: everywhere */
    uint32_t start;     /* Time32: of all certificates of the chain */
    uint32_t end;       /* when the first of them ends: the session's end */
    uint8_t length;     /* certificates, with the anchor */
} covey_its_peer;

/* Verifies the chain at the time `now` (Time64; 0 is refused): everything that
 * costs little for all certificates first (dates, regions, permissions, chain
 * lengths, revocation), then the signatures from the anchor down. Issuers are
 * found by HashedId8; where several have the same, each is tried. The end
 * entity may be any certificate that signs, also an anchor itself.
 * With COVEY_ITS_VALID *out is filled and has to be dropped; otherwise it is
 * not written, and `why` (not NULL) says which certificate, which rule, what
 * was found and expected. */
COVEY_MUST_USE covey_its_verdict covey_its_chain_verify(
    covey_its_peer *out, covey_its_store *store, const covey_crypto *crypto,
    const covey_its_chain *chain, uint64_t now, covey_its_finding *why);
/* Drops the key and clears; a peer of all zeros is allowed. */
void covey_its_peer_drop(covey_its_peer *peer, const covey_crypto *crypto);

#endif
