/* SPDX-License-Identifier: BSD-2-Clause */
/* What OSCORE and its groups use of COSE (RFC 9052, RFC 9053, RFC 9338): the
 * bytes that are encrypted or signed along, COSE_Key, and the public key in an
 * authentication credential. Bytes only: no cryptography happens here, and
 * whether a credential may be trusted is decided elsewhere.
 *
 * Algorithms and curves are those of covey/crypto.h. Spans in results point
 * into what was parsed and live as long. */
#ifndef COVEY_COSE_H
#define COVEY_COSE_H

#include <covey/bytes.h>
#include <covey/cbor.h>
#include <covey/crypto.h>

/* --- encrypt0.c, countersign.c --- */

/* Enc_structure, the additional data of a COSE_Encrypt0 without protected
 * attributes (RFC 9052 Section 5.3, RFC 8613 Section 5.4):
 *     [ "Encrypt0", h'', external_aad ]
 * The failure, if any, sticks in the writer. */
void covey_cose_put_enc_structure(covey_writer *w, covey_bytes external_aad);

/* The same for an external_aad that is written in its place: put it after
 * this call, then covey_cbor_wrap_end. `expected` is its length in bytes. */
covey_cbor_wrapping covey_cose_enc_structure(covey_writer *w, size_t expected);

/* Countersign_structure as Group OSCORE signs it (RFC 9338 Section 3.3, RFC
 * 10021): five elements, the third being the empty protected attributes of
 * the signer although Countersignature0V2 has none:
 *     [ "CounterSignature0", h'', h'', external_aad, ciphertext ] */
void covey_cose_put_countersign_structure(covey_writer *w,
                                          covey_bytes external_aad,
                                          covey_bytes ciphertext);

/* The same up to the external_aad, which is put after this call; then
 * covey_cbor_wrap_end and the ciphertext by covey_cbor_put_bytes. */
covey_cbor_wrapping covey_cose_countersign_structure(covey_writer *w,
                                                     size_t expected);

/* Bytes that the two structures take around their variable parts. */
size_t covey_cose_enc_structure_size(size_t external_aad);
size_t covey_cose_countersign_structure_size(size_t external_aad,
                                             size_t ciphertext);

/* --- key.c: COSE_Key, RFC 9052 Section 7 and RFC 9053 Section 7 --- */

/* Key types, registry "COSE Key Types". */
typedef enum covey_cose_kty {
    COVEY_KTY_OKP = 1,
    COVEY_KTY_EC2 = 2
} covey_cose_kty;

typedef struct covey_cose_key {
    covey_cose_kty kty;
    covey_curve curve;
    int32_t alg;     /* 0, which is reserved, if the key names none */
    covey_bytes kid; /* absent if there is none */
    covey_bytes x;   /* the public key (OKP), the x-coordinate (EC2) */
    covey_bytes y;   /* EC2: absent if only its sign is given: */
    bool y_odd;      /* the sign bit, RFC 9053 Section 7.1.1 */
    covey_bytes d;   /* the private key; absent in a public one */
} covey_cose_key;

/* Takes any well-formed encoding, since a key that came in a credential is
 * used as it was encoded. Labels that the structure above does not have are
 * passed over (key_ops, Base IV, private and unknown ones).
 * COVEY_E_SHORT; COVEY_E_FORMAT: not well formed, no map, a value of the
 *   wrong type, a label that is none, one of the labels above twice; kty, crv
 *   or x missing, y missing in EC2 or present in OKP; bytes after the end.
 * COVEY_E_RANGE: kty and crv do not go together, or x, y or d has another
 *   length than the curve has.
 * COVEY_E_UNSUPPORTED: another key type or curve, an identifier that is text
 *   or needs more than 32 bits.
 * *out is written only on success. */
COVEY_MUST_USE covey_status covey_cose_key_parse(covey_cose_key *out,
                                                 covey_bytes cbor);

/* The deterministic encoding; `d` is written if it is present. */
void covey_cose_key_put(covey_writer *w, const covey_cose_key *key);

/* Appends the public key as covey_crypto's public_key takes it: x (OKP), or a
 * point by SEC 1 Section 2.3.3, compressed if y is absent. At most
 * COVEY_PUBLIC_MAX bytes. */
void covey_cose_key_put_public(covey_writer *w, const covey_cose_key *key);

/* --- credential.c: authentication credentials, RFC 10021 Section 2.4 --- */

/* By the COSE header parameter that carries it. */
typedef enum covey_cose_credential_kind {
    COVEY_CREDENTIAL_UNKNOWN,
    COVEY_CREDENTIAL_CCS,  /* kccs: CWT Claims Set, untagged map */
    COVEY_CREDENTIAL_CWT,  /* kcwt: signed claims, untagged array of four */
    COVEY_CREDENTIAL_X509, /* x5chain, x5bag: the end-entity certificate */
    COVEY_CREDENTIAL_C509  /* c5c, c5b */
} covey_cose_credential_kind;

/* What a credential looks like; says nothing about whether it is sound. */
covey_cose_credential_kind covey_cose_credential_kind_of(covey_bytes bytes);
/* "CCS", "X.509 certificate"; never NULL. Static storage. */
const char *covey_cose_credential_name(covey_cose_credential_kind kind);

/* Finds the public key. The credential itself stays the bytes that were
 * distributed, whatever their encoding, and is never encoded again. Neither
 * the signature of a CWT or certificate nor any claim is looked at.
 * COVEY_E_SHORT, COVEY_E_FORMAT: not sound; no cnf claim (RFC 8747 Section
 *   3.1) or no COSE_Key in it, or either twice.
 * COVEY_E_RANGE: as covey_cose_key_parse; a key with its private part, which
 *   no credential may have; a CWT with a tag.
 * COVEY_E_UNSUPPORTED: C509, unknown kinds, keys of another type (RSA) or on
 *   another curve. kind_of and covey_spki_of_certificate give the name.
 * *out is written only on success. */
COVEY_MUST_USE covey_status covey_cose_credential_key(covey_cose_key *out,
                                                      covey_bytes credential);

#endif
