/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening an OSCORE message, RFC 8613 Sections 8.2 and 8.4. The order is that
 * of the sections: decode, find, replay, decrypt, and only then the window.
 * Nothing that comes from the message is written anywhere before. */
#include "oscore_internal.h"

/* Refuses. */
static covey_unprotect refuse(covey_oscore_received *r,
                              covey_oscore_fault fault, covey_status st)
{
    r->fault = fault;
    r->status = st;
    return COVEY_UNPROTECT_REFUSED;
}

/* The OSCORE option, as plain OSCORE knows it, and the Partial IV, which only
 * a response may lack. Everything of *r is set. */
static covey_unprotect decode(covey_oscore_option *option,
                              const covey_coap_message *outer, bool request,
                              covey_oscore_received *r)
{
    covey_bytes value;
    covey_status st = covey_oscore_value_find(option, &value, outer);

    r->plaintext = covey_bytes_of(NULL, 0);
    r->has_piv = request;
    r->piv = 0;
    if (st == COVEY_OK && option->group) {
        st = COVEY_E_UNSUPPORTED;
    } else if (st == COVEY_OK && request && option->kid.ptr == NULL) {
        st = COVEY_E_FORMAT;
    } else if (st == COVEY_OK && (request || option->partial_iv.ptr != NULL)) {
        r->has_piv = true;
        st = covey_oscore_piv_number(option->partial_iv, &r->piv);
    }
    if (st != COVEY_OK) {
        return refuse(r, COVEY_OSCORE_BAD_COSE, st);
    }
    r->fault = COVEY_OSCORE_NO_FAULT;
    r->status = COVEY_OK;
    return COVEY_UNPROTECT_FRESH;
}

bool covey_oscore_is_recipient(const covey_oscore_parameters *p,
                               covey_bytes kid, covey_bytes kid_context)
{
    return kid.ptr != NULL && covey_bytes_equal(kid, p->recipient_id) &&
           (kid_context.ptr == NULL ||
            covey_bytes_equal(kid_context, p->id_context));
}

/* Written out: a common part would be a call with four spans, on devices that
 * have no use for the other one. */
bool covey_oscore_is_for(const covey_oscore_context *c,
                         const covey_oscore_option *option)
{
    const covey_bytes kid = option->kid;

    if (kid.ptr == NULL ||
        !covey_bytes_equal(kid, covey__oscore_recipient_id(c))) {
        return false;
    }
    return option->kid_context.ptr == NULL ||
           covey_bytes_equal(option->kid_context, c->id_context);
}

/* Appends the plaintext, or says whose fault it is that there is none. */
static covey_unprotect decrypt(covey_oscore_context *c,
                               const covey__oscore_binding *b,
                               covey_bytes sealed, covey_writer *plaintext,
                               covey_oscore_received *r)
{
    struct covey__oscore_inputs in;
    const size_t start = plaintext->pos;
    covey_status st;

    /* Tag and inner code at least. */
    if (sealed.len <= c->tag_len) {
        return refuse(r, COVEY_OSCORE_NOT_DECRYPTED, COVEY_E_SHORT);
    }
    st = covey__oscore_cipher(c, b, &in);
    if (st == COVEY_OK) {
        st = c->crypto->open(c->crypto->provider, &c->recipient_key, in.nonce,
                             in.aad, sealed, plaintext);
    }
    if (st == COVEY_E_AUTH) {
        c->forged++;
        return refuse(r, COVEY_OSCORE_NOT_DECRYPTED, st);
    }
    if (st != COVEY_OK) {
        return refuse(r, COVEY_OSCORE_OURS, st);
    }
    r->plaintext =
        covey_bytes_of(plaintext->base + start, plaintext->pos - start);
    return COVEY_UNPROTECT_FRESH;
}

/* What is not decrypted at all: the message of somebody else, and what would
 * be refused afterwards. Otherwise what it is if it is authentic: of numbers
 * below those that are surely new nobody knows as long as the window is not
 * valid. `x` is NULL for a request. */
static covey_unprotect judge(const covey_oscore_context *c,
                             const covey_oscore_exchange *x,
                             const covey_oscore_option *option,
                             covey_oscore_received *r)
{
    bool is_old;

    /* A kid is unusual in a response, but if there is one it is the
     * server's. */
    if ((x == NULL || option->kid.ptr != NULL) &&
        !covey_oscore_is_for(c, option)) {
        return refuse(r, COVEY_OSCORE_NO_CONTEXT, COVEY_OK);
    }
    if (x != NULL) {
        is_old = x->answered || (!r->has_piv && x->nonce_spent);
    } else {
        is_old = !covey_oscore_window_check(&c->window, r->piv);
        if (is_old && !c->window_valid) {
            return COVEY_UNPROTECT_MAYBE_REPLAY;
        }
    }
    return is_old ? refuse(r, COVEY_OSCORE_REPLAY, COVEY_OK)
                  : COVEY_UNPROTECT_FRESH;
}

/* Everything up to the plaintext; `x` as above, *b is filled in. */
static covey_unprotect
open_message(covey_oscore_context *c, const covey_oscore_exchange *x,
             const covey_coap_message *outer, covey__oscore_binding *b,
             covey_writer *plaintext, covey_oscore_received *r)
{
    covey_oscore_option option;
    covey_unprotect result = decode(&option, outer, x == NULL, r);

    if (result != COVEY_UNPROTECT_FRESH) {
        return result;
    }
    b->id = option.kid;
    b->piv = option.partial_iv;
    b->request_kid = b->id;
    b->request_piv = b->piv;
    if (x != NULL) {
        b->request_kid = covey_oscore_request_kid(x);
        b->request_piv = covey_oscore_request_piv(x);
        b->id = covey__oscore_recipient_id(c);
        if (!r->has_piv) {
            b->id = b->request_kid;
            b->piv = b->request_piv;
        }
        if (!covey_bytes_equal(b->request_kid, covey__oscore_sender_id(c))) {
            return refuse(r, COVEY_OSCORE_OURS, COVEY_E_ARGUMENT);
        }
    }
    result = judge(c, x, &option, r);
    if (result == COVEY_UNPROTECT_REFUSED) {
        return result;
    }
    return decrypt(c, b, outer->payload, plaintext, r) == COVEY_UNPROTECT_FRESH
               ? result
               : COVEY_UNPROTECT_REFUSED;
}

covey_unprotect covey_oscore_open_request(covey_oscore_context *c,
                                          covey_oscore_exchange *exchange,
                                          const covey_coap_message *outer,
                                          covey_writer *plaintext,
                                          covey_oscore_received *received)
{
    covey__oscore_binding b;
    covey_unprotect result =
        open_message(c, NULL, outer, &b, plaintext, received);

    if (result == COVEY_UNPROTECT_REFUSED) {
        return result;
    }
    covey_oscore_exchange_begin(exchange, b.id, b.piv);
    if (result == COVEY_UNPROTECT_MAYBE_REPLAY) {
        /* It may have been answered before, with its own nonce. */
        exchange->nonce_spent = true;
        if (received->piv >= c->challenged) {
            c->challenged = received->piv + 1;
        }
        return COVEY_UNPROTECT_MAYBE_REPLAY;
    }
    return covey__oscore_accept(c, received->piv);
}

covey_unprotect covey_oscore_open_response(
    covey_oscore_context *c, const covey_oscore_exchange *exchange,
    const covey_coap_message *outer, covey_writer *plaintext,
    covey_oscore_received *received)
{
    covey__oscore_binding b;

    return open_message(c, exchange, outer, &b, plaintext, received);
}

covey_unprotect covey_oscore_unprotect_request(covey_oscore_context *c,
                                               covey_oscore_exchange *exchange,
                                               const covey_coap_message *outer,
                                               const covey_oscore_work *work,
                                               covey_writer *out,
                                               covey_oscore_received *received)
{
    covey_writer plaintext = covey_writer_of(work->scratch, work->scratch_cap);
    covey_unprotect result =
        covey_oscore_open_request(c, exchange, outer, &plaintext, received);

    if (result != COVEY_UNPROTECT_REFUSED) {
        covey_status st = covey_oscore_assemble_request(
            exchange, outer, received->plaintext, work, out);
        if (st != COVEY_OK) {
            result = refuse(received,
                            st == COVEY_E_ROOM ? COVEY_OSCORE_OURS
                                               : COVEY_OSCORE_BAD_PLAINTEXT,
                            st);
        }
    }
    covey_wipe(work->scratch, plaintext.pos);
    received->plaintext = covey_bytes_of(NULL, 0);
    return result;
}

covey_unprotect covey_oscore_unprotect_response(
    covey_oscore_context *c, covey_oscore_exchange *exchange,
    const covey_coap_message *outer, const covey_oscore_work *work,
    covey_writer *out, covey_oscore_received *received)
{
    covey_writer plaintext = covey_writer_of(work->scratch, work->scratch_cap);
    covey_unprotect result =
        covey_oscore_open_response(c, exchange, outer, &plaintext, received);

    if (result != COVEY_UNPROTECT_REFUSED) {
        result = covey_oscore_assemble_response(exchange, outer, received,
                                                work, out);
    }
    covey_wipe(work->scratch, plaintext.pos);
    received->plaintext = covey_bytes_of(NULL, 0);
    return result;
}

/* Section 8.2, steps 2, 3 and 6, and Section 7.4. */
covey_oscore_reaction covey_oscore_react(covey_oscore_fault fault,
                                         bool request)
{
    const covey_oscore_reaction silence = { COVEY_COAP_EMPTY, "" };
    covey_oscore_reaction r = silence;

    switch (fault) {
    case COVEY_OSCORE_BAD_COSE:
        r.code = COVEY_COAP_CODE(4, 2);
        r.diagnostic = "Failed to decode COSE";
        break;
    case COVEY_OSCORE_NO_CONTEXT:
        r.code = COVEY_COAP_CODE(4, 1);
        r.diagnostic = "Security context not found";
        break;
    case COVEY_OSCORE_REPLAY:
        r.code = COVEY_COAP_CODE(4, 1);
        r.diagnostic = "Replay detected";
        break;
    case COVEY_OSCORE_NOT_DECRYPTED:
        r.code = COVEY_COAP_CODE(4, 0);
        r.diagnostic = "Decryption failed";
        break;
    case COVEY_OSCORE_BAD_PLAINTEXT: /* authentic: answered protected */
    case COVEY_OSCORE_NO_FAULT:
    case COVEY_OSCORE_UNASKED:
    case COVEY_OSCORE_OURS:
    case COVEY_OSCORE_NO_SENDER: /* from here on: groups only */
    case COVEY_OSCORE_OWN:
    case COVEY_OSCORE_NO_MODE:
    case COVEY_OSCORE_DETERMINISTIC:
    case COVEY_OSCORE_BAD_SIGNATURE:
    case COVEY_OSCORE_BAD_ROLE:
    case COVEY_OSCORE_BASELINE:
        break;
    }
    return request ? r : silence;
}
