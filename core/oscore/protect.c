/* SPDX-License-Identifier: BSD-2-Clause */
/* Sealing a plaintext into an OSCORE message, RFC 8613 Sections 8.1 and 8.3.
 *
 * The outer message is written up to its payload marker first, with a number
 * that is only looked at. Once nothing of ours can fail any more the number is
 * taken, for good, and the provider encrypts straight into the output. */
#include "oscore_internal.h"

static covey_status encrypt(covey_oscore_context *c,
                            covey_oscore_exchange *exchange,
                            const covey__oscore_binding *binding,
                            covey_oscore_envelope *e)
{
    struct covey__oscore_inputs in;
    covey_status st = covey__oscore_cipher(c, binding, &in);

    if (st != COVEY_OK) {
        return st;
    }
    /* Either way the nonce is gone, whatever the provider says now. */
    if (e->option.partial_iv.ptr != NULL) {
        c->ssn++;
    }
    exchange->nonce_spent = e->response;
    st = c->crypto->seal(c->crypto->provider, &c->sender_key, in.nonce, in.aad,
                         e->plaintext, &e->w);
    if (st == COVEY_OK) {
        c->encrypted++;
    }
    return st;
}

/* Everything but what tells requests from responses. The fields of envelope
 * and option are set one by one: to clear the rest of them would take a
 * twentieth of the time for a message. */
static covey_status seal(covey_oscore_context *c, covey_oscore_exchange *x,
                         covey_oscore_envelope *e, covey_writer *out)
{
    const covey_bytes absent = { NULL, 0 };
    covey_oscore_option *o = &e->option;
    covey__oscore_binding b;
    covey_status st;

    b.request_kid = covey_oscore_request_kid(x);
    b.request_piv = covey_oscore_request_piv(x);
    b.id = b.request_kid;
    b.piv = b.request_piv;
    o->group = false;
    o->partial_iv = absent;
    o->kid_context = absent;
    o->kid = absent;
    if (!e->response) {
        o->kid = b.id;
        if (!e->work->omit_kid_context) {
            o->kid_context = c->id_context;
        }
    }
    if (!e->response || e->work->own_piv || x->nonce_spent) {
        st = covey_oscore_may_send(c->ssn, c->ssn_stored);
        if (st != COVEY_OK) {
            return st;
        }
        b.id = covey__oscore_sender_id(c);
        b.piv = covey_oscore_piv(c->ssn, e->piv);
        o->partial_iv = b.piv;
    }
    e->tail = c->tag_len;
    st = covey_oscore_envelope_begin(e, out);
    if (st == COVEY_OK) {
        st = encrypt(c, x, &b, e);
    }
    return covey_oscore_envelope_end(e, st, out);
}

covey_status covey_oscore_seal_request(covey_oscore_context *c,
                                       covey_oscore_exchange *exchange,
                                       const covey_coap_message *m,
                                       covey_bytes plaintext,
                                       const covey_oscore_work *work,
                                       covey_writer *out)
{
    uint8_t storage[COVEY_OSCORE_PIV_MAX];
    covey_oscore_exchange x;
    covey_oscore_envelope e;
    covey_status st;

    if (!covey_oscore_is_request(m->code)) {
        return COVEY_E_ARGUMENT;
    }
    covey_oscore_exchange_begin(&x, covey__oscore_sender_id(c),
                                covey_oscore_piv(c->ssn, storage));
    covey_oscore_note_observe(&x, m);
    e.m = m;
    e.work = work;
    e.plaintext = plaintext;
    e.response = false;
    e.observe = x.observe;
    st = seal(c, &x, &e, out);
    if (st == COVEY_OK) {
        *exchange = x;
    }
    return st;
}

covey_status covey_oscore_seal_response(covey_oscore_context *c,
                                        covey_oscore_exchange *exchange,
                                        const covey_coap_message *m,
                                        covey_bytes plaintext,
                                        const covey_oscore_work *work,
                                        covey_writer *out)
{
    covey_oscore_envelope e;

    /* The request's nonce must not meet a key that it was not made for. */
    if (!covey_oscore_is_response(m->code) ||
        !covey_bytes_equal(covey_oscore_request_kid(exchange),
                           covey__oscore_recipient_id(c))) {
        return COVEY_E_ARGUMENT;
    }
    e.m = m;
    e.work = work;
    e.plaintext = plaintext;
    e.response = true;
    e.observe = exchange->observe || covey_oscore_has_observe(m);
    return seal(c, exchange, &e, out);
}
