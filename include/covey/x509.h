/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether a chain of X.509 certificates (RFC 5280) may be trusted, and for
 * which member of a group it speaks. On hosts only: the code is in
 * crypto/openssl, for the shell; the core asks and never sees a certificate
 * but as bytes.
 *
 * The path is validated by libcrypto, strictly: what RFC 5280 requires of the
 * extensions of a version 3 certificate must be there, unknown critical ones
 * refuse it, keys and signatures have 112 bits of security. An anchor is
 * whatever certificate is given as one, self-signed or not; its dates count.
 *
 * Not looked at: revocation, neither lists nor OCSP. Who has to be excluded is
 * taken out of the directory, or gets a certificate that expires soon.
 * Extended key usage: none is registered for members of groups.
 *
 * The binding. A member is found by its Sender ID, and RFC 10021 leaves open
 * how a credential names it; seed 002 Section 7.3 demands a correct binding
 * of key and sender, "for instance by means of public key certificates". Here
 * the subject says it: its one serialNumber attribute (2.5.4.5), or, in a
 * subject without any, its one commonName (2.5.4.3), is the Sender ID in
 * lower-case hex digits, two a byte, and nothing else. serialNumber is the
 * attribute for the identifier of an entity (X.520 Section 6.2.9), every
 * implementation of RFC 5280 has to know both (Section 4.1.2.4), tools for
 * certificates write both without configuration, and one spelling per ID
 * leaves nothing to interpret. The empty Sender ID cannot be bound.
 *
 * A Sender ID means something within one group only. So the anchors have to be
 * of an issuer for this group: one that issues for two groups lets a member of
 * one pass for the member of the other with the same ID. */
#ifndef COVEY_X509_H
#define COVEY_X509_H

#include <covey/bytes.h>
#include <covey/time.h>

enum {
    COVEY_X509_CHAIN_MAX = 8,
    COVEY_X509_ANCHORS_MAX = 64,
    COVEY_X509_ID_MAX = 7 /* no Sender ID is longer */
};

/* Everything but the first is a refusal; zero is none of them. */
typedef enum covey_x509_verdict {
    COVEY_X509_TRUSTED = 1,
    COVEY_X509_COUNT,        /* no certificate, or too many */
    COVEY_X509_ENCODING,     /* not one certificate in DER */
    COVEY_X509_UNKNOWN_TIME, /* it is never assumed */
    COVEY_X509_NOT_YET,
    COVEY_X509_EXPIRED,   /* from the second of notAfter on */
    COVEY_X509_NO_ANCHOR, /* the path ends before it reaches one */
    COVEY_X509_SIGNATURE, /* not made by the issuer's key */
    COVEY_X509_NOT_CA,    /* an issuer that may not issue */
    COVEY_X509_PATH_LENGTH,
    COVEY_X509_WEAK,      /* key or signature below 112 bits */
    COVEY_X509_RULE,      /* another rule of RFC 5280 */
    COVEY_X509_KEY,       /* the member's: not Ed25519, P-256 or X25519 */
    COVEY_X509_KEY_USAGE, /* the member's: there, and does not allow it */
    COVEY_X509_UNBOUND,   /* the subject names no Sender ID */
    COVEY_X509_OTHER_ID,  /* it names another one */
    COVEY_X509_HOST,      /* out of memory, as far as libcrypto says so */
    COVEY_X509_NAME,      /* a TLS server's: not the name that was asked for */
    COVEY_X509_PURPOSE    /* a TLS peer's: it may not be used so */
} covey_x509_verdict;

typedef struct covey_x509_question {
    const covey_bytes *anchors; /* DER, up to COVEY_X509_ANCHORS_MAX */
    size_t anchor_count;
    /* DER, the member's own first, then each one's issuer (RFC 9360 Section
     * 2), up to COVEY_X509_CHAIN_MAX. The order of the issuers is not
     * checked, and they need not all be used. The anchor may be left out. */
    const covey_bytes *chain;
    size_t chain_count;
    covey_time now; /* its unix_s */
    covey_bytes id; /* the Sender ID that the member's certificate must name */
} covey_x509_question;

typedef struct covey_x509_answer {
    covey_x509_verdict verdict;
    size_t at;           /* in the chain, from 0; chain_count: an anchor */
    const char *why;     /* of that certificate: "it has expired"; static */
    const char *source;  /* "RFC 5280 Section 6.1.3"; static */
    int64_t valid_until; /* TRUSTED: the first end on the path, Unix seconds */
    uint8_t id_len;      /* of OTHER_ID and TRUSTED: which ID it names */
    uint8_t id[COVEY_X509_ID_MAX];
} covey_x509_answer;

/* The answer's verdict. Keyusage, where there is one: digitalSignature, for
 * X25519 keyAgreement (RFC 8410 Section 5). Nothing is kept. */
COVEY_MUST_USE covey_x509_verdict covey_x509_check(
    const covey_x509_question *question, covey_x509_answer *answer);

/* The peer of a TLS connection instead of a member of a group: no Sender ID is
 * bound, and keys and signatures have 128 bits of security (RFC 8902 Section
 * 7.3), as P-256 and RSA with 3,072 bits. `server`: whether the peer is one;
 * extended key usage, where there is any, has to say so, and `name` (DNS name
 * or address as text; absent: any) has to be a subjectAltName (RFC 6125). */
COVEY_MUST_USE covey_x509_verdict
covey_x509_check_peer(const covey_x509_question *question, bool server,
                      const char *name, covey_x509_answer *answer);

/* What stands in one certificate, for who judges it without trusting it. */
typedef struct covey_x509_view {
    int64_t valid_from;  /* Unix seconds */
    int64_t valid_until; /* the last second of it */
    bool self_signed;    /* with its own key */
    bool old_hash;       /* signed over SHA-1 or MD5 */
    uint16_t key_bits;   /* of security; 0: a kind that is not known */
    uint16_t names;      /* DNS names of its subjectAltName */
    uint16_t addresses;  /* of its subjectAltName */
} covey_x509_view;

/* COVEY_E_FORMAT: not one certificate in DER, or without dates. *out is
 * written only on success. */
COVEY_MUST_USE covey_status covey_x509_view_of(covey_bytes der,
                                               covey_x509_view *out);
/* Whether a subjectAltName is this DNS name, or this address as text (RFC 6125
 * Section 6.4). */
bool covey_x509_is_for(covey_bytes der, const char *name);
/* Whether the key in a certificate has made this signature over `tbs`, by a
 * scheme of RFC 8446 Section 4.2.3. Those of TLS 1.2, which are a hash and an
 * algorithm (RFC 5246 Section 7.4.1.4.1), are among them: here ECDSA goes with
 * any curve. That says nothing of whose certificate it is.
 * COVEY_E_FORMAT: not one certificate in DER; COVEY_E_UNSUPPORTED: an unknown
 *   scheme, or none for such a key; COVEY_E_AUTH: it has not. */
COVEY_MUST_USE covey_status covey_x509_verify(covey_bytes der, uint16_t scheme,
                                              covey_bytes tbs,
                                              covey_bytes signature);

/* Divides DER certificates that stand one behind the other; nothing is looked
 * at but where each one ends. The spans point into `file`.
 * COVEY_E_SHORT; COVEY_E_FORMAT: something else is there; COVEY_E_ROOM: more
 *   than `max`. *count is written only on success. */
COVEY_MUST_USE covey_status covey_x509_read_der(covey_bytes file,
                                                covey_bytes *certificates,
                                                size_t max, size_t *count);

/* The certificates of a PEM file (RFC 7468), appended to `der` in DER. Text
 * around them is passed over. The spans point into `der`.
 * COVEY_E_FORMAT: damaged, or something else than certificates is in it, such
 *   as a private key; COVEY_E_ROOM: more than `max`, or `der` is full;
 *   COVEY_E_CRYPTO: out of memory. *count is written only on success. */
COVEY_MUST_USE covey_status covey_x509_read_pem(covey_bytes text,
                                                covey_writer *der,
                                                covey_bytes *certificates,
                                                size_t max, size_t *count);

#endif
