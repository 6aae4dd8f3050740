/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of this module share. */
#ifndef COVEY_OSCORE_INTERNAL_H
#define COVEY_OSCORE_INTERNAL_H

#include <covey/oscore.h>

/* What a message is bound to: who generated its Partial IV, and the request
 * that it is, or answers (RFC 8613 Sections 5.2 and 5.4). */
typedef struct covey__oscore_binding {
    covey_bytes id;
    covey_bytes piv;
    covey_bytes request_kid;
    covey_bytes request_piv;
} covey__oscore_binding;

/* What the AEAD takes besides key and text. */
struct covey__oscore_inputs {
    covey_bytes nonce;
    covey_bytes aad;
    uint8_t nonce_storage[COVEY_NONCE_MAX];
    uint8_t aad_storage[COVEY_OSCORE_AAD_MAX];
};

covey_status covey__oscore_cipher(const covey_oscore_context *c,
                                  const covey__oscore_binding *b,
                                  struct covey__oscore_inputs *in);

/* Commits an authenticated Partial IV that the window takes. */
covey_unprotect covey__oscore_accept(covey_oscore_context *c, uint64_t piv);

static inline covey_bytes
covey__oscore_sender_id(const covey_oscore_context *c)
{
    return covey_bytes_of(c->sender_id, c->sender_id_len);
}

static inline covey_bytes
covey__oscore_recipient_id(const covey_oscore_context *c)
{
    return covey_bytes_of(c->recipient_id, c->recipient_id_len);
}

/* Classes of codes, RFC 7252 Section 3 and RFC 8323 Section 5. */
#define COVEY__CODE_CLASS(code) ((unsigned)(code) >> 5)
#define COVEY__CLASS_REQUEST    0u
#define COVEY__CLASS_SIGNAL     7u

/* Is this option of an original message inner only because of the caller's
 * list? */
bool covey__oscore_listed(const covey_oscore_work *work, uint16_t number);

/* covey_oscore_compose for a message whose Proxy-Uri, if it is to be split, is
 * known. */
covey_status covey__oscore_compose(covey_writer *plaintext,
                                   const covey_coap_message *m,
                                   const covey_oscore_work *work,
                                   covey_bytes proxy_uri);

covey_coap_composer covey__oscore_begin(covey_writer *out,
                                        const covey_coap_message *head,
                                        const covey_oscore_work *work);

#endif
