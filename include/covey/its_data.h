/* SPDX-License-Identifier: BSD-2-Clause */
/* Ieee1609Dot2Data (IEEE 1609.2 clause 6.3): signed data is decoded, made and
 * verified against its signer. With an extDataHash and a pduFunctionalType it
 * is the CertificateVerify of TLS 1.3 (RFC 8902 Section 5). Encryption is not
 * done here. */
#ifndef COVEY_ITS_DATA_H
#define COVEY_ITS_DATA_H

#include <covey/its_chain.h>

/* --- signed data: signed_data.c, sign.c, verify.c ----------------------- */

typedef enum covey_its_content {
    COVEY_ITS_UNSECURED = 0,
    COVEY_ITS_SIGNED = 1,
    COVEY_ITS_ENCRYPTED = 2,
    COVEY_ITS_REQUEST = 3,
    COVEY_ITS_X509_REQUEST = 4
} covey_its_content;

typedef enum covey_its_signer_kind {
    COVEY_ITS_SIGNER_DIGEST = 0,
    COVEY_ITS_SIGNER_CERTIFICATE = 1,
    COVEY_ITS_SIGNER_SELF = 2
} covey_its_signer_kind;

/* PduFunctionalType. */
enum {
    COVEY_ITS_PDU_NONE = 0, /* absent */
    COVEY_ITS_PDU_TLS_HANDSHAKE = 1,
    COVEY_ITS_PDU_ISO21177_AUTH = 2,
    COVEY_ITS_PDU_ISO21177_SESSION = 3
};

/* HeaderInfo. Times of 0 and absent spans: not there. */
typedef struct covey_its_header {
    uint64_t psid;
    uint64_t generation_time; /* Time64 */
    uint64_t expiry_time;
    covey_bytes location;       /* lat, lon, elevation: 4, 4, 2 bytes */
    covey_bytes p2pcd;          /* p2pcdLearningRequest, 3 bytes */
    covey_bytes missing_crl;    /* as encoded */
    covey_bytes encryption_key; /* as encoded */
    covey_bytes inline_p2pcd;   /* additions, as encoded */
    covey_bytes requested_certificate;
    covey_bytes contributed;
    uint8_t pdu_type; /* pduFunctionalType; 0: absent */
    bool has_pdu_type;
    bool strangers; /* additions of a later edition, skipped */
} covey_its_header;

/* Spans point into `whole`. */
typedef struct covey_its_signed {
    covey_bytes whole;
    covey_bytes tbs;      /* tbsData, as received: what is hashed */
    covey_bytes data;     /* payload.data, an Ieee1609Dot2Data */
    covey_bytes external; /* extDataHash */
    covey_its_hash external_hash;
    bool omitted;        /* payload of 2022: absent, but hashed */
    covey_its_hash hash; /* hashId */
    covey_its_header header;
    covey_its_signer_kind signer_kind;
    covey_bytes signer; /* HashedId8, or the certificates one by one */
    uint8_t signer_count;
    covey_its_signature signature;
} covey_its_signed;

/* What is in an Ieee1609Dot2Data, without looking further. COVEY_E_SHORT,
 * COVEY_E_FORMAT, COVEY_E_UNSUPPORTED. */
COVEY_MUST_USE covey_status covey_its_content_of(covey_its_content *out,
                                                 covey_bytes bytes);
/* unsecuredData: what is within. COVEY_E_FORMAT: another content. */
COVEY_MUST_USE covey_status covey_its_unsecured(covey_bytes *out,
                                                covey_bytes bytes);
/* Decodes signed data; `why` may be NULL. Certificates in it are checked as by
 * covey_its_cert_decode, data within it down to COVEY_ITS_DEPTH_MAX.
 * COVEY_E_UNSUPPORTED: another content, encrypted data within it, a critical
 *   choice that is unknown. The others as covey_its_cert_decode. */
COVEY_MUST_USE covey_status covey_its_signed_decode(covey_its_signed *out,
                                                    covey_bytes bytes,
                                                    covey_its_finding *why);

/* The own identity: a certificate and its private key, or only the former
 * where a secure element signs. */
typedef struct covey_its_signer {
    covey_its_cert cert; /* points into the bytes given, which are kept */
    covey_its_digest digest;
    covey_key key; /* empty if another signs */
} covey_its_signer;

/* `raw` is the private key, or absent. That it belongs to an explicit
 * certificate is checked; to an implicit one only if `issuer` (may be NULL)
 * is given: the key cannot be known otherwise. Drop it afterwards.
 * COVEY_E_RANGE: no private key of this curve. COVEY_E_ARGUMENT: the key of
 *   another certificate (R_PRIVATE). COVEY_E_UNSUPPORTED, COVEY_E_CRYPTO, and
 *   what decode gives; *out is all zeros then. */
COVEY_MUST_USE covey_status covey_its_signer_open(
    covey_its_signer *out, const covey_crypto *crypto, covey_bytes certificate,
    covey_bytes raw, const covey_its_known *issuer, covey_its_finding *why);
void covey_its_signer_drop(covey_its_signer *signer,
                           const covey_crypto *crypto);

/* What is to be signed. */
typedef struct covey_its_statement {
    covey_bytes data;     /* becomes unsecuredData; absent: */
    covey_bytes external; /* SHA-256 of data that is elsewhere, 32 bytes */
    uint64_t psid;
    uint64_t generation_time; /* 0: leave out, as the others */
    uint64_t expiry_time;
    covey_bytes location; /* 10 bytes, or absent */
    uint8_t pdu_type;
    bool certificate; /* signer: the whole certificate, not its HashedId8 */
} covey_its_statement;

/* Appends the signed data. `out` has room for the statement's data and 160
 * bytes, 240 with a curve of 384 bits, and the certificate if it goes along.
 * COVEY_E_ARGUMENT: neither or both payloads, no key, an expiry before the
 *   generation. COVEY_E_RANGE: a length. COVEY_E_ROOM, COVEY_E_CRYPTO.
 * Nothing is appended unless all is. Whether the certificate permits the PSID
 * is the caller's to see to (covey_its_permission_find). */
COVEY_MUST_USE covey_status covey_its_sign(covey_writer *out,
                                           covey_its_signer *signer,
                                           const covey_its_statement *what,
                                           const covey_crypto *crypto);
/* The same in two steps for a key that is elsewhere: first everything but the
 * signature, and what has to be signed with ECDSA and the hash of the curve
 * (64 or 96 bytes in `input`); then r | s is appended. */
COVEY_MUST_USE covey_status covey_its_compose(covey_writer *out,
                                              const covey_its_signer *signer,
                                              const covey_its_statement *what,
                                              const covey_crypto *crypto,
                                              covey_writer *input);
COVEY_MUST_USE covey_status covey_its_finish(covey_writer *out,
                                             const covey_its_signer *signer,
                                             covey_bytes signature);

/* What signed data has to be besides correctly signed. */
typedef struct covey_its_expect {
    uint64_t now;    /* Time64; 0 is refused */
    uint64_t window; /* microseconds that generationTime may differ from now;
                        0: not compared, and may be absent */
    uint64_t psid;
    bool any_psid;        /* otherwise it must be this one */
    uint8_t pdu_type;     /* 0: must be absent (RFC 8902 Section 7.5) */
    bool only;            /* no other header field may be there (Section 5) */
    covey_bytes external; /* what extDataHash must be; absent: data within */
    covey_bytes omitted;  /* hash of the payload, if it may be omitted */
} covey_its_expect;

/* Verifies signed data against its signer, whose chain is verified: cheap
 * checks first, the signature last. `why` is not NULL. The key of the peer is
 * imported with the first signature. A signer that came as certificate must be
 * the peer's, byte for byte.
 * Not checked: freshness beyond the window, and whether the application wants
 * an SSP (covey_its_permission_find). */
COVEY_MUST_USE covey_its_verdict
covey_its_signed_verify(covey_its_peer *peer, const covey_its_signed *data,
                        const covey_its_expect *expect,
                        const covey_crypto *crypto, covey_its_finding *why);

#endif
