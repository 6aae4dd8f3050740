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
    if (e->option->partial_iv.ptr != NULL) {
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

/* What an envelope and an option are read for, field by field: to clear the
 * rest of them would take a twentieth of the time for a message. */
static void address(covey_oscore_envelope *e, covey_oscore_option *option,
                    const covey_coap_message *m, covey_bytes plaintext,
                    const covey_oscore_work *work)
{
    const covey_bytes absent = { NULL, 0 };

    option->group = false;
    option->partial_iv = absent;
    option->kid_context = absent;
    option->kid = absent;
    e->m = m;
    e->work = work;
    e->option = option;
    e->plaintext = plaintext;
}

covey_status covey_oscore_seal_request(covey_oscore_context *c,
                                       covey_oscore_exchange *exchange,
                                       const covey_coap_message *m,
                                       covey_bytes plaintext,
                                       const covey_oscore_work *work,
                                       covey_writer *out)
{
    uint8_t storage[COVEY_OSCORE_PIV_MAX];
    const covey_bytes kid = covey__oscore_sender_id(c);
    const covey_bytes piv = covey_oscore_piv(c->ssn, storage);
    const covey__oscore_binding binding = { kid, piv, kid, piv };
    covey_oscore_option option;
    covey_oscore_exchange x;
    covey_oscore_envelope e;
    covey_status st = covey_oscore_may_send(c->ssn, c->ssn_stored);

    if (!covey_oscore_is_request(m->code)) {
        return COVEY_E_ARGUMENT;
    }
    if (st != COVEY_OK) {
        return st;
    }
    covey_oscore_exchange_begin(&x, kid, piv);
    covey_oscore_note_observe(&x, m);
    address(&e, &option, m, plaintext, work);
    option.partial_iv = piv;
    option.kid = kid;
    if (!work->omit_kid_context) {
        option.kid_context = c->id_context;
    }
    e.tail = c->tag_len;
    e.response = false;
    e.observe = x.observe;
    st = covey_oscore_envelope_begin(&e, out);
    if (st == COVEY_OK) {
        st = encrypt(c, &x, &binding, &e);
    }
    st = covey_oscore_envelope_end(&e, st, out);
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
    uint8_t storage[COVEY_OSCORE_PIV_MAX];
    const covey_bytes kid = covey_oscore_request_kid(exchange);
    const covey_bytes piv = covey_oscore_request_piv(exchange);
    covey__oscore_binding binding = { kid, piv, kid, piv };
    covey_oscore_option option;
    covey_oscore_envelope e;
    covey_status st = COVEY_OK;

    /* The request's nonce must not meet a key that it was not made for. */
    if (!covey_oscore_is_response(m->code) ||
        !covey_bytes_equal(kid, covey__oscore_recipient_id(c))) {
        return COVEY_E_ARGUMENT;
    }
    address(&e, &option, m, plaintext, work);
    if (work->own_piv || exchange->nonce_spent) {
        binding.id = covey__oscore_sender_id(c);
        binding.piv = covey_oscore_piv(c->ssn, storage);
        option.partial_iv = binding.piv;
        st = covey_oscore_may_send(c->ssn, c->ssn_stored);
    }
    if (st != COVEY_OK) {
        return st;
    }
    e.tail = c->tag_len;
    e.response = true;
    e.observe = exchange->observe || covey_oscore_has_observe(m);
    st = covey_oscore_envelope_begin(&e, out);
    if (st == COVEY_OK) {
        st = encrypt(c, exchange, &binding, &e);
    }
    return covey_oscore_envelope_end(&e, st, out);
}
