/* SPDX-License-Identifier: BSD-2-Clause */
/* What encryption and signature of Group OSCORE (RFC 10021, here "the RFC")
 * are bound to, and the keystream that masks the signature: shared by the
 * members of a group and by those who only check signatures. */
#ifndef COVEY_GROUP_AAD_H
#define COVEY_GROUP_AAD_H

#include <covey/bytes.h>
#include <covey/crypto.h>
#include <covey/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The registry reserves 0: an algorithm that the group has not set. */
enum {
    COVEY_ALG_UNSET = 0
};

/* As set in the group, whatever the mode of a message (Section 2.1). Group
 * mode needs group_enc and signature, pairwise mode aead and agreement. */
typedef struct covey_group_algorithms {
    int32_t aead;      /* AEAD Algorithm */
    int32_t group_enc; /* Group Encryption Algorithm: AEAD or CTR */
    int32_t signature; /* Signature Algorithm */
    int32_t agreement; /* Pairwise Key Agreement Algorithm */
} covey_group_algorithms;

/* Members of the external_aad, Section 3.4. request_* are those of the
 * request, also in its responses. Credentials are opaque, as distributed. */
typedef struct covey_group_binding {
    covey_bytes request_kid;
    covey_bytes request_piv;
    covey_bytes request_kid_context;
    covey_bytes options;     /* class I options: none in the RFC itself */
    covey_bytes option;      /* value of this message's OSCORE option */
    covey_bytes sender_cred; /* of the sender of this message */
    covey_bytes gm_cred;     /* of the Group Manager */
} covey_group_binding;

/* Bytes of an external_aad at most, for spans of these lengths and no class I
 * options. */
#define COVEY_GROUP_AAD_MAX(gid, option, sender_cred, gm_cred)                \
    ((gid) + (option) + (sender_cred) + (gm_cred) + 64u)

/* external_aad without its bstr:
 *     [ 1, [ alg_aead, alg_group_enc, alg_signature, alg_pairwise ],
 *       request_kid, request_piv, options, request_kid_context,
 *       OSCORE_option, sender_cred, gm_cred ]
 * An algorithm that is not set is null. The failure, if any, sticks in the
 * writer. */
void covey_group_put_external_aad(covey_writer *w,
                                  const covey_group_algorithms *algorithms,
                                  const covey_group_binding *binding);

/* Both structures that hold an external_aad, built one after the other around
 * one copy of it. */
typedef struct covey_group_inputs {
    covey_bytes external_aad; /* with its bstr head; inside scratch */
    uint8_t *scratch;
    size_t cap;
} covey_group_inputs;

/* Bytes of scratch for covey_group_inputs_begin and a ciphertext. */
#define COVEY_GROUP_INPUTS_MAX(external_aad, ciphertext)                      \
    ((external_aad) + (ciphertext) + 21u + 10u)

/* Writes the external_aad into the scratch, which is the caller's and is kept.
 * COVEY_E_ROOM; *in is written only on success. */
COVEY_MUST_USE covey_status
covey_group_inputs_begin(covey_group_inputs *in, uint8_t *scratch, size_t cap,
                         const covey_group_algorithms *algorithms,
                         const covey_group_binding *binding);
/* Enc_structure: the AAD of an AEAD. Good until the next call. */
covey_bytes covey_group_enc_structure(const covey_group_inputs *in);
/* Countersign_structure: what is signed, contiguous, with a copy of the
 * ciphertext, which is not in the scratch. Good until the next call.
 * COVEY_E_ROOM; *tbs is written only on success. */
COVEY_MUST_USE covey_status covey_group_to_be_signed(
    const covey_group_inputs *in, covey_bytes ciphertext, covey_bytes *tbs);

/* What the keystream of one message is derived from, Section 4.2. */
typedef struct covey_group_mask {
    covey_bytes sek; /* Signature Encryption Key */
    covey_bytes id;  /* Sender ID of the endpoint that generated the PIV */
    covey_bytes piv; /* as used for this message's nonce */
    covey_bytes gid; /* under which this message is protected */
    int32_t hkdf;
    bool request;
} covey_group_mask;

/* info of the keystream's HKDF: [ id, Gid, is_request, L ]. COVEY_E_ROOM. */
COVEY_MUST_USE covey_status covey_group_mask_info(covey_writer *out,
                                                  const covey_group_mask *mask,
                                                  size_t signature_len);
/* Masks, or unmasks, a signature in its place: XOR with the keystream, which
 * is wiped. The signature changes only on success.
 * COVEY_E_RANGE: longer than COVEY_SIGNATURE_MAX. COVEY_E_ROOM: id and Gid
 *   are longer than any group's. What the provider says. */
COVEY_MUST_USE covey_status covey_group_mask_apply(
    const covey_group_mask *mask, const covey_crypto *crypto,
    uint8_t *signature, size_t signature_len);

#endif
