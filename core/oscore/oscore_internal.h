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

/* COVEY_OK if the next sequence number may be used. */
covey_status covey__oscore_may_send(const covey_oscore_context *c);
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

static inline covey_bytes
covey__oscore_request_kid(const covey_oscore_exchange *x)
{
    return covey_bytes_of(x->kid, x->kid_len);
}

static inline covey_bytes
covey__oscore_request_piv(const covey_oscore_exchange *x)
{
    return covey_bytes_of(x->piv, x->piv_len);
}

/* A span of an identifier, which may be absent, into a field of a struct. */
void covey__oscore_copy(uint8_t *to, covey_bytes from);
/* A new exchange for this request. */
covey_oscore_exchange covey__oscore_exchange_of(covey_bytes kid,
                                                covey_bytes piv);

/* The first option with this number; false if there is none. */
bool covey__oscore_find_option(const covey_coap_message *m, uint16_t number,
                               covey_bytes *value);
/* What the exchange has to know of a request's Observe option: whether there
 * is one, and whether it asks for an observation (RFC 7641 Section 2: 0). */
void covey__oscore_note_observe(covey_oscore_exchange *x,
                                const covey_coap_message *request);

/* Value of the OSCORE option, Section 6.1, as plain OSCORE has it. Unlike
 * covey_oscore_option_encode and _parse these know neither groups nor KUDOS,
 * and go beyond 255 bytes: a kid context of 255 is allowed (Section 6.1),
 * though with flags and kid it makes the value longer than Section 2 says. */
enum {
    COVEY__OSCORE_VALUE_MAX = 1 + COVEY_OSCORE_PIV_MAX + 1 +
                              COVEY_OSCORE_ID_CONTEXT_MAX + COVEY_OSCORE_ID_MAX
};
void covey__oscore_put_value(covey_writer *w, const covey_oscore_option *o);
/* COVEY_E_SHORT, COVEY_E_FORMAT; COVEY_E_UNSUPPORTED: group mode, or a second
 * flag byte. */
covey_status covey__oscore_get_value(covey_oscore_option *out,
                                     covey_bytes value);

/* Classes of codes, RFC 7252 Section 3 and RFC 8323 Section 5. */
#define COVEY__CODE_CLASS(code) ((unsigned)(code) >> 5)
#define COVEY__CLASS_REQUEST    0u
#define COVEY__CLASS_SIGNAL     7u

bool covey__oscore_is_request(uint8_t code);
bool covey__oscore_is_response(uint8_t code);

/* Is this option of an original message inner only because of the caller's
 * list? */
bool covey__oscore_listed(const covey_oscore_work *work, uint16_t number);

covey_coap_composer covey__oscore_begin(covey_writer *out,
                                        const covey_coap_message *head,
                                        const covey_oscore_work *work);

#endif
