/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists about certificates: revocation lists of IEEE 1609.2 (clause 7, by
 * hash) and of ETSI TS 102 941, and ETSI's trust lists, of the trust list
 * manager (ECTL) and of root CAs (CTL). What is read here is the content of
 * signed data; that it is signed by one who may, is verified with
 * covey/its_data.h and covey_its_list_signer. */
#ifndef COVEY_ITS_LIST_H
#define COVEY_ITS_LIST_H

#include <covey/its_data.h>

enum {
    COVEY_ITS_PSID_CRL = 256,      /* IEEE 1609.2 clause 7.3 */
    COVEY_ITS_PSID_ETSI_CRL = 622, /* TS 102 965 */
    COVEY_ITS_PSID_CTL = 624,
    COVEY_ITS_LIST_ENTRIES = 0xffffff /* in one list, at most */
};

typedef enum covey_its_list_kind {
    COVEY_ITS_LIST_HASH_CRL = 1, /* CrlContents, fullHashCrl */
    COVEY_ITS_LIST_DELTA_CRL,    /* CrlContents, deltaHashCrl */
    COVEY_ITS_LIST_ETSI_CRL,     /* ToBeSignedCrl */
    COVEY_ITS_LIST_ECTL,         /* ToBeSignedTlmCtl */
    COVEY_ITS_LIST_CTL           /* ToBeSignedRcaCtl */
} covey_its_list_kind;

/* Spans point into the bytes given. */
typedef struct covey_its_list {
    covey_its_list_kind kind;
    covey_bytes entries; /* as encoded */
    uint32_t count;
    uint32_t this_update; /* Time32; 0 in trust lists */
    uint32_t next_update;
    covey_bytes craca;   /* crlCraca, 8 bytes; IEEE only */
    uint32_t serial;     /* crlSerial; IEEE only */
    uint16_t crl_series; /* IEEE only */
    uint8_t sequence;    /* ctlSequence; trust lists only */
    bool full;           /* a trust list that is no delta */
    uint8_t stride;      /* bytes of an entry; revocation lists only */
} covey_its_list;

/* Reads the content of a list and every entry of it; `psid` is the header's
 * and says which kind it is. `why` may be NULL.
 * COVEY_E_UNSUPPORTED: linked CRLs, other content of TS 102 941 (R_LIST_KIND),
 *   critical choices that are unknown. The others as covey_its_cert_decode. */
COVEY_MUST_USE covey_status covey_its_list_decode(covey_its_list *out,
                                                  covey_bytes content,
                                                  uint64_t psid,
                                                  covey_its_finding *why);

/* Whether the verified signer of a list may sign it: its SSP for the PSID
 * (1609.2 clause 7.4, TS 102 941 Annex B), and for an IEEE list that it is the
 * CRACA, or issued by it. The end of its time is not looked at: an old list
 * still revokes (covey_its_store.overdue_s). False: `why` is filled. */
bool covey_its_list_signer(const covey_its_list *list,
                           const covey_its_peer *signer,
                           covey_its_finding *why);

/* --- trust lists ------------------------------------------------------- */

typedef enum covey_its_entry_kind {
    COVEY_ITS_ADD_RCA = 0,
    COVEY_ITS_ADD_EA,
    COVEY_ITS_ADD_AA,
    COVEY_ITS_ADD_DC,
    COVEY_ITS_ADD_TLM,
    COVEY_ITS_DELETE_CERT,
    COVEY_ITS_DELETE_DC
} covey_its_entry_kind;

typedef struct covey_its_entry {
    covey_its_entry_kind kind;
    covey_bytes certificate; /* RCA, EA, AA, TLM */
    covey_bytes link;        /* linkRootCaCertificate, linkTLMCertificate */
    covey_bytes url;         /* access point */
    covey_bytes url2;        /* itsAccessPoint of an EA */
    covey_bytes ids;         /* DC: HashedId8 one by one; deleted: one */
} covey_its_entry;

/* Takes the first command off `entries`; false at the end. */
bool covey_its_entry_next(covey_bytes *entries, covey_its_entry *out);

/* --- revocation -------------------------------------------------------- */

/* A list that a store looks at. The caller's memory, kept until the store is
 * cleared, as the bytes of the list are. */
typedef struct covey_its_crl {
    covey_its_list list;
    uint8_t issuer[COVEY_ITS_ID8]; /* ETSI: the CA that signed it */
    const struct covey_its_crl *next;
} covey_its_crl;

/* Adds a revocation list that was verified and whose signer may sign it.
 * It is for certificates that `signer` issued (ETSI), or of the CRACA and the
 * series that it names (IEEE).
 * COVEY_E_ARGUMENT: not a revocation list. */
COVEY_MUST_USE covey_status covey_its_store_crl(covey_its_store *store,
                                                covey_its_crl *crl,
                                                const covey_its_list *list,
                                                const covey_its_peer *signer);
/* Whether a revocation list has this certificate. */
bool covey_its_list_has(const covey_its_list *list,
                        const covey_its_digest *digest);

#endif
