/* SPDX-License-Identifier: BSD-2-Clause */
/* Certificates of intelligent transport systems: IEEE 1609.2 (2016 to 2022)
 * and its profile ETSI TS 103 097, in Canonical OER (X.696), explicit and
 * implicit. Chains of them and trust are in covey/its_chain.h, data that they
 * sign in covey/its_data.h, lists of the trusted and of the revoked in
 * covey/its_list.h.
 *
 * Decoding is strict: one encoding of each value, nothing behind the end, what
 * is unknown and critical is refused. It copies nothing: what a decoded object
 * says points into the bytes it was made of. Encoded bytes are what is signed,
 * hashed and compared; nothing is ever encoded again to be hashed, except that
 * the canonical form of a certificate (clause 6.4.3) is fed to the hash in
 * pieces.
 *
 * Time is that of the standard: seconds (Time32) or microseconds (Time64) of
 * TAI since 2004-01-01T00:00:00Z. Zero stands for a time that is not known,
 * and everything that has to compare with it refuses. */
#ifndef COVEY_ITS_H
#define COVEY_ITS_H

#include <covey/bytes.h>
#include <covey/crypto.h>
#include <covey/time.h>

enum {
    COVEY_ITS_ID8 = 8,         /* HashedId8 */
    COVEY_ITS_DIGEST_MAX = 48, /* SHA-384 */
    COVEY_ITS_CERT_MAX = 4096, /* a longer certificate is refused */
    COVEY_ITS_KNOWN_MAX = 512, /* the longest that a store keeps */
    COVEY_ITS_LIST_MAX = 64,   /* items in a list within a certificate */
    COVEY_ITS_CHAIN_MAX = 8,   /* certificates from end entity to anchor */
    COVEY_ITS_DEPTH_MAX = 4,   /* Ieee1609Dot2Data within each other */
    COVEY_ITS_LEAP_SECONDS = 5 /* since 2004; none since 2017-01-01 */
};

/* --- why something is refused: reason.c ------------------------------- */

/* Each is one rule; covey_its_reason_text and _clause have its words. */
typedef enum covey_its_reason {
    COVEY_ITS_FINE = 0,
    /* the encoding */
    COVEY_ITS_R_SHORT,     /* ends too early */
    COVEY_ITS_R_TRAILING,  /* bytes after the end */
    COVEY_ITS_R_CANONICAL, /* a length or an integer in more bytes than needed,
                              an unused bit that is set, a default encoded */
    COVEY_ITS_R_VERSION,   /* found: the version, expected: 3 */
    COVEY_ITS_R_CHOICE,    /* found: a tag that is unknown here */
    COVEY_ITS_R_VALUE,     /* found: a value outside its range */
    COVEY_ITS_R_QUANTITY,  /* found: how many, expected: at most so many */
    COVEY_ITS_R_LENGTH,    /* found: bytes of a field, expected: how many */
    COVEY_ITS_R_DEPTH,     /* data within data within data */
    COVEY_ITS_R_SM,        /* SM2 or SM3, which nothing here computes */
    COVEY_ITS_R_POINT,     /* a key in x-only form, or a fill */
    COVEY_ITS_R_TYPE,      /* signature or kind of key that does not go with
                              explicit or implicit */
    COVEY_ITS_R_NO_PERMISSIONS, /* none of the three lists */
    COVEY_ITS_R_PSID_TWICE,     /* found: the PSID */
    COVEY_ITS_R_CHAIN_ZERO,     /* minChainLength 0 where a CA issues */
    COVEY_ITS_R_ALL_TWICE,      /* two entries with `all` */
    COVEY_ITS_R_REGION,         /* a rectangle inside out, a bad position */
    COVEY_ITS_R_SSP_MASK,       /* sspValue and sspBitmask differ in length */
    COVEY_ITS_R_CONTENT,        /* Ieee1609Dot2Data that is not signed data */
    /* the chain */
    COVEY_ITS_R_ISSUER_MISSING, /* id: the issuer that is not known */
    COVEY_ITS_R_NOT_ANCHOR,     /* self-signed, but nobody trusts it */
    COVEY_ITS_R_CHAIN_LONG,     /* more than COVEY_ITS_CHAIN_MAX */
    COVEY_ITS_R_WORK,           /* more signatures than the caller allows */
    COVEY_ITS_R_TIME_UNKNOWN,
    COVEY_ITS_R_NOT_YET,  /* found: now, expected: start */
    COVEY_ITS_R_EXPIRED,  /* found: now, expected: end */
    COVEY_ITS_R_VALIDITY, /* validity beyond the issuer's: found, expected
                                   the two starts or the two ends */
    COVEY_ITS_R_REGION_OUTSIDE, /* region beyond the issuer's */
    COVEY_ITS_R_REGION_KIND,    /* two kinds that cannot be compared here */
    COVEY_ITS_R_PSID,           /* found: a PSID the issuer may not grant */
    COVEY_ITS_R_SSP,            /* found: a PSID whose SSP it may not grant */
    COVEY_ITS_R_EE_TYPE,        /* found: wanted eeType, expected: allowed */
    COVEY_ITS_R_CHAIN_LENGTH,   /* found: length, expected: what is allowed */
    COVEY_ITS_R_ISSUES,         /* the issuer has no certIssuePermissions */
    COVEY_ITS_R_HASH,           /* hash of IssuerIdentifier or signed data does
                                   not go with the signer's curve */
    COVEY_ITS_R_CURVE,          /* signature of another curve than the key */
    COVEY_ITS_R_KEY,            /* a point that is no key */
    COVEY_ITS_R_SIGNATURE,      /* wrong */
    COVEY_ITS_R_REVOKED,        /* on a list */
    COVEY_ITS_R_IMPLICIT_ROOT,
    COVEY_ITS_R_PRIVATE, /* private key of another certificate */
    /* signed data */
    COVEY_ITS_R_SIGNER,        /* another signer than the one expected */
    COVEY_ITS_R_SIGNER_SELF,   /* not signed with a certificate */
    COVEY_ITS_R_PSID_EXPECTED, /* found, expected: the PSID of the header */
    COVEY_ITS_R_PSID_APP,      /* found: a PSID not in appPermissions */
    COVEY_ITS_R_PDU_ABSENT,    /* no pduFunctionalType; expected: which */
    COVEY_ITS_R_PDU_TYPE,      /* found, expected: pduFunctionalType; expected
                                  is 0 where none may be there */
    COVEY_ITS_R_NO_TIME,       /* no generationTime */
    COVEY_ITS_R_TIME_SIGNER,   /* generationTime outside the signer's validity;
                                  found: it, expected: the nearer end */
    COVEY_ITS_R_TIME_WINDOW,   /* found: generationTime, expected: now */
    COVEY_ITS_R_DATA_EXPIRED,  /* found: now, expected: expiryTime */
    COVEY_ITS_R_LOCATION,      /* generationLocation outside the region */
    COVEY_ITS_R_PAYLOAD,       /* hash of external data is another, or none */
    COVEY_ITS_R_HEADER,        /* a header field that may not be there */
    /* lists */
    COVEY_ITS_R_LIST_KIND,   /* found: a list of a kind not read here */
    COVEY_ITS_R_LIST_OLD,    /* found: now, expected: nextUpdate */
    COVEY_ITS_R_LIST_SIGNER, /* signed by one who may not */
    COVEY_ITS_R_LIST_ENTRY,  /* an entry that a list of its kind has not */
    COVEY_ITS_REASON_COUNT
} covey_its_reason;

/* What one certificate was refused for. Numbers that a reason does not mention
 * are 0. */
typedef struct covey_its_finding {
    covey_its_reason reason;
    uint8_t cert;  /* 0: end entity, 1: its issuer, ... */
    bool in_data;  /* not a certificate, but the signed data or the list */
    uint8_t entry; /* which permission, from 0 */
    uint32_t
        offset; /* encoding: the byte, from the first of what is decoded */
    uint8_t id[COVEY_ITS_ID8]; /* chain: HashedId8 of the certificate */
    uint64_t found;
    uint64_t expected;
} covey_its_finding;

/* What the rule says, in a few words, and where it is written ("1609.2
 * 6.4.8"); never NULL. Static storage. */
const char *covey_its_reason_text(covey_its_reason reason);
const char *covey_its_reason_clause(covey_its_reason reason);

/* --- time: time.c ------------------------------------------------------ */

/* Time64 of now, 0 if the wall clock is not set or stands before 2004. `leap`:
 * COVEY_ITS_LEAP_SECONDS, unless one has been inserted since. */
uint64_t covey_its_now(covey_time now, unsigned leap);
/* Unix seconds of a Time32. */
int64_t covey_its_unix_of(uint32_t time32, unsigned leap);
/* When a certificate that ends at `end` ends on the monotonic clock; `now` at
 * the latest, if the wall clock is not known. */
covey_ms covey_its_deadline(uint32_t end, covey_time now, unsigned leap);

/* --- keys and hashes --------------------------------------------------- */

/* The alternatives of PublicVerificationKey and Signature, by number. */
typedef enum covey_its_alg {
    COVEY_ITS_P256 = 0,
    COVEY_ITS_BRAINPOOL_P256R1 = 1,
    COVEY_ITS_BRAINPOOL_P384R1 = 2,
    COVEY_ITS_P384 = 3,
    COVEY_ITS_SM2 = 4 /* decoded, shown, and refused where it would be used */
} covey_its_alg;

/* HashAlgorithm. */
typedef enum covey_its_hash {
    COVEY_ITS_SHA256 = 0,
    COVEY_ITS_SHA384 = 1,
    COVEY_ITS_SM3 = 2
} covey_its_hash;

/* The forms of EccP256CurvePoint, by number. */
typedef enum covey_its_form {
    COVEY_ITS_X_ONLY = 0,
    COVEY_ITS_FILL = 1,
    COVEY_ITS_COMPRESSED_0 = 2,
    COVEY_ITS_COMPRESSED_1 = 3,
    COVEY_ITS_UNCOMPRESSED = 4
} covey_its_form;

typedef struct covey_its_point {
    covey_its_form form;
    covey_bytes x; /* 32 or 48 bytes; absent for a fill */
    covey_bytes y; /* only if uncompressed */
} covey_its_point;

typedef struct covey_its_public {
    covey_its_alg alg;
    covey_its_point point;
} covey_its_public;

typedef struct covey_its_signature {
    covey_its_alg alg;
    covey_its_point r; /* only x counts; SM2: r as x-only */
    covey_bytes s;
} covey_its_signature;

/* Names as people write them, "P-256", "SHA-384"; never NULL. */
const char *covey_its_alg_name(covey_its_alg alg);
const char *covey_its_hash_name(covey_its_hash hash);
/* COVEY_P256 and its like, COVEY_ES256 and its like; 0 for SM2. */
int32_t covey_its_curve(covey_its_alg alg);
int32_t covey_its_signs(covey_its_alg alg);
/* The hash that goes with a curve: of 256 bits SHA-256, of 384 SHA-384. */
covey_its_hash covey_its_hash_of(covey_its_alg alg);

/* --- certificates: certificate.c, permission.c, region.c -------------- */

typedef enum covey_its_issuer {
    COVEY_ITS_ISSUER_SHA256 = 0, /* sha256AndDigest */
    COVEY_ITS_ISSUER_SELF = 1,
    COVEY_ITS_ISSUER_SHA384 = 2,
    COVEY_ITS_ISSUER_SM3 = 3
} covey_its_issuer;

typedef enum covey_its_id_kind {
    COVEY_ITS_ID_LINKAGE = 0,
    COVEY_ITS_ID_NAME = 1,
    COVEY_ITS_ID_BINARY = 2,
    COVEY_ITS_ID_NONE = 3
} covey_its_id_kind;

/* Spans point into `whole`; those of what is not there are absent. A list is
 * its encoded items, for the iterators below. */
typedef struct covey_its_cert {
    covey_bytes whole;
    covey_bytes tbs;      /* toBeSigned */
    covey_bytes issuer;   /* HashedId8; absent with ISSUER_SELF */
    covey_bytes id;       /* name, binaryId, or LinkageData as encoded */
    covey_bytes craca_id; /* 3 bytes */
    covey_bytes region;   /* GeographicRegion as encoded */
    covey_bytes app_permissions;     /* of PsidSsp */
    covey_bytes issue_permissions;   /* of PsidGroupPermissions */
    covey_bytes request_permissions; /* of PsidGroupPermissions */
    covey_bytes additions; /* all behind the extension marker, as encoded */
    covey_its_public verify_key; /* explicit; implicit: reconstructionValue */
    covey_its_public encryption; /* encryptionKey, if has_encryption */
    covey_its_signature signature; /* explicit only */
    covey_its_issuer issuer_kind;
    covey_its_hash issuer_hash; /* of ISSUER_SELF, and what the digests mean */
    covey_its_id_kind id_kind;
    uint32_t start;    /* Time32 */
    uint32_t end;      /* Time32, the first second of no validity; UINT32_MAX
                          if it is beyond what Time32 can say */
    uint16_t duration; /* as encoded: */
    uint8_t duration_unit; /* 0 us, 1 ms, 2 s, 3 min, 4 h, 5 60 h, 6 years */
    uint8_t assurance;     /* SubjectAssurance, if has_assurance */
    uint16_t crl_series;
    uint8_t symmetric_alg; /* of encryptionKey */
    bool implicit;
    bool has_assurance;
    bool has_encryption;
    bool can_request_rollover;
} covey_its_cert;

/* Decodes and checks everything that one certificate can be checked for alone.
 * `why` may be NULL. `bytes` are kept: as long as the result is used.
 * COVEY_E_SHORT, COVEY_E_FORMAT, COVEY_E_RANGE: as `why` says.
 * COVEY_E_UNSUPPORTED: a critical choice of a later edition; more than
 *   COVEY_ITS_CERT_MAX bytes or COVEY_ITS_LIST_MAX items.
 * SM2 and SM3 are decoded. *out is written only on success. */
COVEY_MUST_USE covey_status covey_its_cert_decode(covey_its_cert *out,
                                                  covey_bytes bytes,
                                                  covey_its_finding *why);
/* The same for the first certificate that the reader has; it then stands
 * behind it. For sequences of certificates. */
COVEY_MUST_USE covey_status covey_its_cert_read(covey_its_cert *out,
                                                covey_reader *r,
                                                covey_its_finding *why);

/* Appends a certificate made of its fields (spans anywhere, `whole`, `tbs` and
 * `end` not looked at), as it was decoded: same points, same order.
 * COVEY_E_ROOM. For what decode gave, the same bytes come back. */
COVEY_MUST_USE covey_status covey_its_cert_encode(covey_writer *out,
                                                  const covey_its_cert *cert);
/* Only toBeSigned, which an issuer signs. */
COVEY_MUST_USE covey_status covey_its_tbs_encode(covey_writer *out,
                                                 const covey_its_cert *cert);
/* Appends the canonical form (clause 6.4.3): keys compressed, r as x-only. */
COVEY_MUST_USE covey_status
covey_its_cert_canonical(covey_writer *out, const covey_its_cert *cert);
/* Whether the certificate is that form already. */
bool covey_its_cert_is_canonical(const covey_its_cert *cert);

/* One item of appPermissions. */
typedef struct covey_its_permission {
    uint64_t psid;
    covey_bytes ssp; /* absent: none */
    bool bitmap;     /* bitmapSsp, otherwise opaque */
} covey_its_permission;

/* One item of certIssuePermissions or certRequestPermissions. */
typedef struct covey_its_group {
    covey_bytes ranges; /* of PsidSspRange; absent: `all` */
    int32_t min_chain;
    int32_t chain_range;  /* -1: without end */
    uint8_t ee_type;      /* 80 app, 40 enrol */
    bool ee_type_encoded; /* even if it is the default, app */
} covey_its_group;

enum {
    COVEY_ITS_EE_APP = 0x80,
    COVEY_ITS_EE_ENROL = 0x40
};

typedef enum covey_its_range_kind {
    COVEY_ITS_RANGE_ANY = 0, /* sspRange absent, or `all` */
    COVEY_ITS_RANGE_OPAQUE,  /* one of a list of OCTET STRINGs */
    COVEY_ITS_RANGE_BITMAP
} covey_its_range_kind;

typedef struct covey_its_range {
    uint64_t psid;
    covey_its_range_kind kind;
    bool all;            /* RANGE_ANY: `all` was encoded */
    covey_bytes opaques; /* of OCTET STRINGs, for covey_its_opaque_next */
    covey_bytes value;   /* sspValue */
    covey_bytes mask;    /* sspBitmask, as long */
} covey_its_range;

/* Iterators over lists of a decoded certificate: take the first item off the
 * span; false at its end. */
bool covey_its_permission_next(covey_bytes *list, covey_its_permission *out);
bool covey_its_group_next(covey_bytes *list, covey_its_group *out);
bool covey_its_range_next(covey_bytes *list, covey_its_range *out);
bool covey_its_opaque_next(covey_bytes *list, covey_bytes *out);

/* The same items, written; a list is what they are appended to. Sizes and
 * values are the caller's to see to: decoding the certificate shows. */
void covey_its_permission_put(covey_writer *list,
                              const covey_its_permission *permission);
void covey_its_group_put(covey_writer *list, const covey_its_group *group);
void covey_its_range_put(covey_writer *list, const covey_its_range *range);
void covey_its_opaque_put(covey_writer *list, covey_bytes opaque);

/* The permission for this PSID, false if the certificate has none. */
bool covey_its_permission_find(const covey_its_cert *cert, uint64_t psid,
                               covey_its_permission *out);

typedef enum covey_its_region_kind {
    COVEY_ITS_CIRCLE = 0,
    COVEY_ITS_RECTANGLES = 1,
    COVEY_ITS_POLYGON = 2,
    COVEY_ITS_IDENTIFIED = 3
} covey_its_region_kind;

/* One part of a region: of a circle the centre and the radius in metres, of a
 * rectangle its north-west and south-east corner, of a polygon a corner. In
 * tenths of a microdegree. Of an identified region the country (UN M.49), and
 * what it is narrowed to. */
typedef struct covey_its_area {
    int32_t lat, lon;
    int32_t lat2, lon2;
    uint16_t radius;
    uint16_t country;
    covey_bytes regions;    /* a byte each; absent: the whole country */
    covey_bytes subregions; /* of {region, list of u16}, as encoded */
} covey_its_area;

/* The parts of a region, as above; `region` is one of a decoded certificate at
 * first, and what is left of it later. */
covey_its_region_kind covey_its_region_kind_of(covey_bytes region);
typedef struct covey_its_areas {
    covey_bytes left;
    covey_its_region_kind kind;
} covey_its_areas;
covey_its_areas covey_its_areas_of(covey_bytes region);
bool covey_its_area_next(covey_its_areas *list, covey_its_area *out);
/* Whether a position, in tenths of a microdegree, lies in a region; absent:
 * everywhere. *decided: false where that takes a map. */
bool covey_its_region_has(covey_bytes region, int32_t lat, int32_t lon,
                          bool *decided);
/* Begins a region of so many parts, and appends a part. A circle is one. */
void covey_its_region_put(covey_writer *w, covey_its_region_kind kind,
                          size_t parts);
void covey_its_area_put(covey_writer *w, covey_its_region_kind kind,
                        const covey_its_area *area);

/* --- identities --------------------------------------------------------- */

/* Whole-certificate hash: of the canonical form, by the hash that goes with
 * the certificate's own key. HashedId3, 8 and 10 are its last bytes. */
typedef struct covey_its_digest {
    uint8_t bytes[COVEY_ITS_DIGEST_MAX];
    uint8_t len; /* 32 or 48 */
} covey_its_digest;

/* COVEY_E_UNSUPPORTED: SM2. COVEY_E_CRYPTO. */
COVEY_MUST_USE covey_status covey_its_digest_of(covey_its_digest *out,
                                                const covey_its_cert *cert,
                                                const covey_crypto *crypto);
/* The last `n` bytes. */
covey_bytes covey_its_hashed_id(const covey_its_digest *digest, size_t n);

/* What an issuer signs with the hash of its curve, 64 or 96 bytes: the hash of
 * toBeSigned and that of the issuer's certificate (NULL: self-signed), both of
 * the canonical forms and with the hash that `issuer_hash` names. `tbs` and
 * the spans of keys point into encoded bytes.
 * COVEY_E_ARGUMENT: the issuer's digest is of another hash. COVEY_E_ROOM,
 * COVEY_E_UNSUPPORTED, COVEY_E_CRYPTO; part may have been written then. */
COVEY_MUST_USE covey_status covey_its_cert_input(
    covey_writer *out, const covey_its_cert *cert,
    const covey_its_digest *issuer, const covey_crypto *crypto);

#endif
