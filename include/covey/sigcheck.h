/* SPDX-License-Identifier: BSD-2-Clause */
/* The external signature checker of RFC 10021 Section 7.5: a proxy or gateway
 * that finds out who sent a group-mode message and cannot read it. It has the
 * group's Signature Encryption Key, so it could put a valid mask on a
 * signature, but can make no signature; that is why the Group Manager tells it
 * at once which Sender IDs are stale.
 *
 * Pairwise messages carry no signature and cannot be checked. */
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
    covey_curve curve; /* of the members' keys */
    covey_bytes gid;
    covey_bytes gm_cred;
    covey_bytes sek; /* Signature Encryption Key */
} covey_sigcheck;

/* COVEY_E_UNSUPPORTED: the group has no group mode, or a signature algorithm
 * that has no fixed length with its curve. COVEY_E_RANGE: the length of the
 * Signature Encryption Key is not that of the algorithm. */
COVEY_MUST_USE covey_status covey_sigcheck_ready(const covey_sigcheck *g);

/* A request that was seen, kept to check its responses, which are matched by
 * their token. The Gid is the one in use then; its bytes are the caller's. */
typedef struct covey_sigcheck_request {
    covey_bytes gid;
    uint8_t kid_len;
    uint8_t piv_len;
    uint8_t kid[COVEY_NONCE_MAX - 6];
    uint8_t piv[5];
} covey_sigcheck_request;

/* Takes the OSCORE option of a group-mode message apart, to find the sender's
 * credential by option->kid, before the check.
 * COVEY_E_FORMAT, COVEY_E_SHORT: no OSCORE option or two, a malformed one, no
 *   payload, a request without Partial IV, kid or kid context, or a response
 *   without kid. COVEY_E_UNSUPPORTED: not group mode, or KUDOS.
 * COVEY_E_NO_CONTEXT: another group. */
COVEY_MUST_USE covey_status
covey_sigcheck_sender(const covey_sigcheck *g, const covey_coap_message *outer,
                      covey_oscore_option *option);

/* Scratch for a check. */
#define COVEY_SIGCHECK_SCRATCH(message_len, sender_cred, gm_cred, gid)        \
    (COVEY_GROUP_INPUTS_MAX(                                                  \
         COVEY_GROUP_AAD_MAX(gid, (gid) + 15u, sender_cred, gm_cred),         \
         message_len) +                                                       \
     COVEY_SIGNATURE_MAX)

/* Checks the signature of a request and fills in *request for its responses.
 * `key` is the public key in `credential`.
 * COVEY_E_AUTH: the signature is wrong. COVEY_E_SHORT: no room in the payload
 *   for signature, tag and code. COVEY_E_ROOM: scratch. Others as of
 *   covey_sigcheck_sender. *request is written only on success. */
COVEY_MUST_USE covey_status covey_sigcheck_check_request(
    const covey_sigcheck *g, const covey_coap_message *outer, covey_key *key,
    covey_bytes credential, uint8_t *scratch, size_t scratch_cap,
    covey_sigcheck_request *request);
/* The same for a response to that request. */
COVEY_MUST_USE covey_status covey_sigcheck_check_response(
    const covey_sigcheck *g, const covey_coap_message *outer, covey_key *key,
    covey_bytes credential, uint8_t *scratch, size_t scratch_cap,
    const covey_sigcheck_request *request);

#endif
