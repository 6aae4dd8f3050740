/* SPDX-License-Identifier: BSD-2-Clause */
/* SubjectPublicKeyInfo in DER (RFC 5280 Section 4.1.2.7): which algorithm,
 * and the raw public key; also from within an X.509 certificate, of which
 * nothing else is looked at: no signature, no name, no date. Whether a
 * certificate may be trusted is decided elsewhere. */
#ifndef COVEY_SPKI_H
#define COVEY_SPKI_H

#include <covey/bytes.h>

typedef enum covey_spki_algorithm {
    COVEY_SPKI_X25519 = 1, /* RFC 8410 Section 3 */
    COVEY_SPKI_X448,
    COVEY_SPKI_ED25519,
    COVEY_SPKI_ED448,
    COVEY_SPKI_P256, /* RFC 5480 Section 2.1.1.1 */
    COVEY_SPKI_P384,
    COVEY_SPKI_P521,
    COVEY_SPKI_RSA /* RFC 3279 Section 2.3.1 */
} covey_spki_algorithm;

typedef struct covey_spki {
    covey_spki_algorithm algorithm;
    /* The content of subjectPublicKey: the key as it is (RFC 8410 Section 4),
     * for P-256, P-384 and P-521 a point, compressed or not, of the right
     * length (SEC 1 Section 2.3.3), for RSA a DER structure. Not checked to
     * be on the curve: the provider does that. */
    covey_bytes key;
    covey_bytes whole; /* the SubjectPublicKeyInfo */
} covey_spki;

/* COVEY_E_SHORT: a length goes beyond the bytes that are there.
 * COVEY_E_FORMAT: not DER, another structure, bytes after the end, a key
 *   whose length or first byte is not that of its algorithm.
 * COVEY_E_UNSUPPORTED: none of the algorithms above; also one of them with
 *   parameters that it does not have.
 * *out is written only on success and points into `der`. */
COVEY_MUST_USE covey_status covey_spki_parse(covey_spki *out, covey_bytes der);

/* The same for the subject's key in a certificate (RFC 5280 Section 4.1),
 * whose outer structure is checked field by field; what is in the fields is
 * not. */
COVEY_MUST_USE covey_status covey_spki_of_certificate(covey_spki *out,
                                                      covey_bytes certificate);

/* "Ed25519", "P-256", "RSA"; never NULL. Static storage. */
const char *covey_spki_name(covey_spki_algorithm algorithm);

#endif
