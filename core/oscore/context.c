/* SPDX-License-Identifier: BSD-2-Clause */
/* The security context: its life, and what of it must survive a loss of
 * power. Numbers are reserved in blocks ahead of their use (RFC 8613 Appendix
 * B.1.1), for sending and, if the caller stores the window, for receiving:
 *
 *     sent or accepted | reserved and stored | not yet
 *                      ^ ssn, window.next    ^ ssn_stored, window_stored
 *
 * After a restart everything left of the second mark may have been used: it is
 * never sent again, and what comes with such a number is challenged with Echo
 * (Appendix B.1.2) until a number beyond the mark or a challenge that was met
 * has shown where the sender is. So a large block costs no peer more than one
 * challenge. */
#include "oscore_internal.h"

#include <string.h>

#define AHEAD_DEFAULT 64u
/* Storing becomes due when only this part of a block is left. */
#define LOW_WATER 4u

static covey_bytes raw_key(const uint8_t *key, const covey_oscore_keys *k)
{
    return covey_bytes_of(key, k->key_len);
}

static covey_status take_keys(covey_oscore_context *c,
                              const covey_oscore_parameters *p)
{
    const covey_crypto *crypto = c->crypto;
    covey_oscore_keys k;
    covey_status st = covey_oscore_derive(&k, p, crypto);

    if (st != COVEY_OK) {
        return st;
    }
    memcpy(c->common_iv, k.common_iv, sizeof c->common_iv);
    st = crypto->cipher_key(crypto->provider, p->aead,
                            raw_key(k.sender_key, &k), &c->sender_key);
    if (st == COVEY_OK) {
        st = crypto->cipher_key(crypto->provider, p->aead,
                                raw_key(k.recipient_key, &k),
                                &c->recipient_key);
    }
    covey_wipe(&k, sizeof k);
    return st;
}

static void take_parameters(covey_oscore_context *c,
                            const covey_oscore_parameters *p)
{
    const covey_alg *aead = covey_aead_find(p->aead);

    c->aead = p->aead;
    c->nonce_len = aead->nonce_len;
    c->tag_len = aead->out_len;
    c->id_context = p->id_context;
    c->sender_id_len = (uint8_t)p->sender_id.len;
    c->recipient_id_len = (uint8_t)p->recipient_id.len;
    covey_oscore_copy(c->sender_id, p->sender_id);
    covey_oscore_copy(c->recipient_id, p->recipient_id);
}

static covey_status take_state(covey_oscore_context *c,
                               const covey_oscore_start *start)
{
    const uint64_t floor = start->state.window;

    if (start->state.ssn > COVEY_OSCORE_SSN_END ||
        floor > COVEY_OSCORE_SSN_END) {
        return COVEY_E_ARGUMENT;
    }
    c->window_valid = floor == 0;
    c->window_stored =
        start->window_in_memory ? COVEY_OSCORE_WINDOW_LOST : floor;
    c->ahead = start->ahead != 0 ? start->ahead : AHEAD_DEFAULT;
    c->ssn = start->state.ssn;
    c->ssn_stored = start->state.ssn;
    c->window_in_memory = start->window_in_memory;
    return covey_oscore_window_init(&c->window, floor, start->window_size,
                                    start->window_words,
                                    start->window_word_count);
}

covey_status covey_oscore_setup(covey_oscore_context *c,
                                const covey_crypto *crypto,
                                const covey_oscore_parameters *p,
                                const covey_oscore_start *start)
{
    covey_status st = covey_oscore_check(p);

    memset(c, 0, sizeof *c);
    if (st != COVEY_OK) {
        return st;
    }
    c->crypto = crypto;
    take_parameters(c, p);
    st = take_state(c, start);
    if (st == COVEY_OK) {
        st = take_keys(c, p);
    }
    if (st != COVEY_OK) {
        covey_oscore_drop(c);
    }
    return st;
}

void covey_oscore_drop(covey_oscore_context *c)
{
    if (c->crypto != NULL) {
        c->crypto->key_drop(c->crypto->provider, &c->sender_key);
        c->crypto->key_drop(c->crypto->provider, &c->recipient_key);
    }
    covey_wipe(c, sizeof *c);
}

bool covey_oscore_reserve(uint64_t next, uint32_t ahead, uint64_t *stored)
{
    const uint64_t left = *stored > next ? *stored - next : 0;

    if (left > ahead / LOW_WATER || *stored >= COVEY_OSCORE_SSN_END) {
        return false;
    }
    *stored = COVEY_OSCORE_SSN_END - next < ahead ? COVEY_OSCORE_SSN_END
                                                  : next + ahead;
    return true;
}

bool covey_oscore_due(const covey_oscore_context *c, covey_oscore_state *next)
{
    covey_oscore_state s = { c->ssn_stored, c->window_stored };
    bool due = covey_oscore_reserve(c->ssn, c->ahead, &s.ssn);

    if (c->window_valid && !c->window_in_memory) {
        due |= covey_oscore_reserve(c->window.next, c->ahead, &s.window);
    }
    if (due) {
        *next = s;
    }
    return due;
}

covey_status covey_oscore_stored(covey_oscore_context *c,
                                 const covey_oscore_state *state)
{
    if (state->ssn < c->ssn_stored || state->ssn > COVEY_OSCORE_SSN_END ||
        state->window < c->window_stored ||
        state->window > COVEY_OSCORE_SSN_END) {
        return COVEY_E_ARGUMENT;
    }
    c->ssn_stored = state->ssn;
    c->window_stored = state->window;
    return COVEY_OK;
}

covey_oscore_state covey_oscore_exact(const covey_oscore_context *c)
{
    covey_oscore_state s = { c->ssn, c->window_stored };

    if (c->window_valid && !c->window_in_memory) {
        s.window = c->window.next;
    }
    return s;
}

covey_oscore_usage covey_oscore_usage_of(const covey_oscore_context *c)
{
    covey_oscore_usage u = { c->encrypted, c->forged,
                             COVEY_OSCORE_SSN_END - c->ssn };
    return u;
}

uint64_t covey_oscore_window_of(const covey_oscore_context *c)
{
    return c->window_valid ? c->window.next : COVEY_OSCORE_WINDOW_LOST;
}

covey_status covey_oscore_may_send(uint64_t ssn, uint64_t stored)
{
    if (ssn >= COVEY_OSCORE_SSN_END) {
        return COVEY_E_EXHAUSTED;
    }
    return ssn < stored ? COVEY_OK : COVEY_E_NOT_STORED;
}

covey_unprotect covey__oscore_accept(covey_oscore_context *c, uint64_t piv)
{
    c->window_valid = true;
    covey_oscore_window_commit(&c->window, piv);
    return piv >= c->window_stored ? COVEY_UNPROTECT_FRESH_ONCE_STORED
                                   : COVEY_UNPROTECT_FRESH;
}

covey_unprotect covey_oscore_recover(covey_oscore_context *c,
                                     covey_oscore_received *received)
{
    if (!c->window_valid) {
        /* What was challenged is answered: it is not to be taken, too, if a
         * copy of it comes late. */
        c->window.next = c->challenged;
        c->window.floor = c->challenged;
        if (!c->window_in_memory &&
            c->window_stored == COVEY_OSCORE_WINDOW_LOST) {
            c->window_stored = 0;
        }
    } else if (!covey_oscore_window_check(&c->window, received->piv)) {
        received->fault = COVEY_OSCORE_REPLAY;
        return COVEY_UNPROTECT_REFUSED;
    }
    return covey__oscore_accept(c, received->piv);
}

covey_status covey__oscore_cipher(const covey_oscore_context *c,
                                  const covey__oscore_binding *b,
                                  struct covey__oscore_inputs *in)
{
    const covey_bytes common_iv = covey_bytes_of(c->common_iv, c->nonce_len);
    covey_writer aad =
        covey_writer_of(in->aad_storage, sizeof in->aad_storage);
    covey_status st =
        covey_oscore_nonce(in->nonce_storage, common_iv, b->id, b->piv);

    if (st == COVEY_OK) {
        st = covey_oscore_aad(&aad, c->aead, b->request_kid, b->request_piv);
    }
    in->nonce = covey_bytes_of(in->nonce_storage, c->nonce_len);
    in->aad = covey_written(&aad);
    return st;
}
