/* SPDX-License-Identifier: BSD-2-Clause */
/* The external signature checker of RFC 10021 Section 7.5: a proxy or gateway
 * that finds out who sent a group-mode message and cannot read it. It has the
 * group's Signature Encryption Key, so it could put a valid mask on a
 * signature, but can make no signature; that is why the Group Manager tells it
 * at once which Sender IDs are stale.
 *
 * A checked message may be one that was seen before: whoever wants to know
 * keeps the Partial IVs. Pairwise messages carry no signature and cannot be
 * checked. */
#ifndef COVEY_SIGCHECK_H
#define COVEY_SIGCHECK_H

#include <covey/coap.h>
#include <covey/coap_options.h>
#include <covey/group_aad.h>

/* What the Group Manager hands to a checker. Spans are the caller's. */
typedef struct covey_sigcheck {
    const covey_crypto *crypto;
    covey_group_algorithms algorithms;
    int32_t hkdf;
    int32_t curve; /* covey_curve of the members' keys */
    covey_bytes gid;
    covey_bytes gm_cred;
    covey_bytes sek; /* Signature Encryption Key */
} covey_sigcheck;

/* COVEY_E_UNSUPPORTED: the group has no group mode, or a signature algorithm
 * that has no fixed length with its curve. COVEY_E_RANGE: the length of the
 * Signature Encryption Key is not that of the Group Encryption Algorithm. */
COVEY_MUST_USE covey_status covey_sigcheck_ready(const covey_sigcheck *g);

/* Takes the OSCORE option of a group-mode message apart, to find the sender
 * by option->kid before the check. Only the response to a pairwise request may
 * come without kid (RFC 10021 Section 7.5): it is the addressed server's.
 * COVEY_E_FORMAT, COVEY_E_SHORT: no OSCORE option or two, a malformed one, a
 *   Partial IV that is not in its shortest form, no payload, a request without
 *   Partial IV, kid or kid context, a code of neither request nor response.
 * COVEY_E_RANGE: a kid longer than any Sender ID. COVEY_E_UNSUPPORTED: not
 *   group mode, or KUDOS. COVEY_E_NO_CONTEXT: another group.
 * *option is written only on success; its spans point into the message. */
COVEY_MUST_USE covey_status
covey_sigcheck_sender(const covey_sigcheck *g, const covey_coap_message *outer,
                      covey_oscore_option *option);

enum {
    COVEY_SIGCHECK_KID_MAX = COVEY_NONCE_MAX - 6, /* RFC 8613 Section 3.3 */
    COVEY_SIGCHECK_PIV_MAX = 5
};

/* What responses, which are matched by their token, are bound to. The Gid is
 * the one in use at the request; its bytes are the caller's. */
typedef struct covey_sigcheck_request {
    covey_bytes gid;
    bool pairwise;
    uint8_t kid_len;
    uint8_t piv_len;
    uint8_t kid[COVEY_SIGCHECK_KID_MAX];
    uint8_t piv[COVEY_SIGCHECK_PIV_MAX];
} covey_sigcheck_request;

/* Notes a request in either mode. This checks nothing: a wrong note makes the
 * check fail.
 * As covey_sigcheck_sender, but for the mode; COVEY_E_ARGUMENT: a response.
 * *request is written only on success. */
COVEY_MUST_USE covey_status
covey_sigcheck_note(const covey_sigcheck *g, const covey_coap_message *outer,
                    covey_sigcheck_request *request);

/* Whom a message says it is from. */
typedef struct covey_sigcheck_signer {
    covey_bytes id;         /* the Sender ID */
    covey_bytes credential; /* as distributed */
    covey_key *key;         /* the public key in it */
} covey_sigcheck_signer;

/* Scratch for a check; the message does not lie in it. */
#define COVEY_SIGCHECK_SCRATCH(message_len, sender_cred, gm_cred, gid)        \
    (COVEY_GROUP_INPUTS_MAX(                                                  \
         COVEY_GROUP_AAD_MAX(gid, (gid) + 15u, sender_cred, gm_cred),         \
         message_len) +                                                       \
     COVEY_SIGNATURE_MAX)

/* Checks the signature of a group-mode message; `request` is the request that
 * it is, or answers. A response without kid context is taken to be of this
 * group; after a rekeying that may be the request's or the new one.
 * Nothing but the scratch is written.
 * COVEY_E_AUTH: the signature is wrong. COVEY_E_SHORT: no room in the payload
 *   for signature, tag and code. COVEY_E_ARGUMENT: not this signer's kid.
 * COVEY_E_FORMAT: no kid, though the request was in group mode.
 * COVEY_E_ROOM: scratch. Others as of covey_sigcheck_sender and _ready, and
 *   what the provider says. */
COVEY_MUST_USE covey_status covey_sigcheck_check(
    const covey_sigcheck *g, const covey_coap_message *outer,
    const covey_sigcheck_signer *signer, const covey_sigcheck_request *request,
    uint8_t *scratch, size_t scratch_cap);

#endif
