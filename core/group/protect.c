/* SPDX-License-Identifier: BSD-2-Clause */
/* Protecting, RFC 10021 Sections 7.1, 7.3, 8.3 and 8.5. As in core/oscore the
 * number is taken, for good, when only the provider can fail any more. */
#include "group_internal.h"

/* A message on its way out. Only what is read of it is set. */
struct sealing {
    covey_oscore_envelope e;
    covey__group_text t;
};

static covey_status sign(const covey_group *g, const covey__group_text *t,
                         covey_bytes ciphertext, covey_writer *w)
{
    uint8_t *const signature = w->base + w->pos;
    covey_bytes tbs;
    covey_status st = covey_group_to_be_signed(&t->inputs, ciphertext, &tbs);

    if (st == COVEY_OK) {
        st = g->crypto->sign(g->crypto->provider, g->private_key,
                             g->algorithms.signature, tbs, w);
    }
    if (st == COVEY_OK) {
        st = covey__group_mask(g, t, signature);
        if (st != COVEY_OK) {
            covey_wipe(signature, g->signature_len);
        }
    }
    return st;
}

/* The ciphertext, and in group mode the masked signature. */
static covey_status encrypt(covey_group *g, covey__group_text *t,
                            covey_oscore_exchange *request,
                            covey_oscore_envelope *e)
{
    const bool group = e->option.group;
    const size_t start = e->w.pos;
    const size_t len = e->plaintext.len + t->alg->out_len;
    covey_status st = covey__group_prepare(g, t, e->work, group ? len : 0);

    if (st != COVEY_OK) {
        return st;
    }
    if (e->option.partial_iv.ptr != NULL) {
        g->ssn++;
    }
    request->nonce_spent = e->response;
    st = g->crypto->seal(g->crypto->provider, t->key, t->nonce,
                         covey__group_aad(t), e->plaintext, &e->w);
    if (st == COVEY_OK) {
        g->encrypted++;
    }
    if (st == COVEY_OK && group) {
        st = sign(g, t, covey_bytes_of(e->w.base + start, len), &e->w);
    }
    return st;
}

/* What goes into the option, and whose nonce is used: whoever sends a request
 * has the request's kid; a response has one if it could be anybody's or if the
 * own ID may not be the one that the request went to, and a Gid and a number
 * where those of the request do not serve (Sections 7.1, 7.3, 8.3, 8.5). */
static covey_status address(const covey_group *g,
                            const covey_group_exchange *x,
                            const covey_group_work *work, struct sealing *s)
{
    const bool rekeyed = x->epoch != g->epoch;
    covey_oscore_option *o = &s->e.option;
    covey__group_text *t = &s->t;

    if (t->request || !x->pairwise || x->own_ids != g->own_ids || work->kid ||
        g->kid_always) {
        o->kid = covey__group_sender_id(g);
    }
    if (t->request || rekeyed || work->kid_context) {
        o->kid_context = g->gid;
    }
    covey__group_bind(t, x);
    if (!t->request && !rekeyed && !work->message.own_piv &&
        !x->request.nonce_spent) {
        return COVEY_OK;
    }
    t->id = covey__group_sender_id(g);
    t->piv = covey_oscore_piv(g->ssn, s->e.piv);
    o->partial_iv = t->piv;
    return covey_oscore_may_send(g->ssn, g->ssn_stored);
}

/* Everything but what tells requests from responses. */
static covey_status seal(covey_group *g, covey_group_exchange *x,
                         const covey_group_work *work, struct sealing *s,
                         covey_writer *out)
{
    const covey_oscore_option nothing = { .group = work->to == NULL };
    covey_oscore_envelope *e = &s->e;
    covey__group_text *t = &s->t;
    covey_status st;

    e->option = nothing;
    t->request = !e->response;
    st = address(g, x, work, s);
    if (st == COVEY_OK) {
        st = covey__group_send_key(g, t, work->to, &work->message);
    }
    if (st == COVEY_OK && t->alg == NULL) {
        st = COVEY_E_UNSUPPORTED;
    }
    if (st != COVEY_OK) {
        return st;
    }
    t->binding.sender_cred = g->credential;
    e->work = &work->message;
    e->tail = t->alg->out_len + (e->option.group ? g->signature_len : 0u);
    st = covey_oscore_envelope_begin(e, out);
    t->binding.option = e->value;
    if (st == COVEY_OK) {
        st = encrypt(g, t, &x->request, e);
    }
    return covey_oscore_envelope_end(e, st, out);
}

covey_status
covey_group_seal_request(covey_group *g, covey_group_exchange *exchange,
                         const covey_coap_message *m, covey_bytes plaintext,
                         const covey_group_work *work, covey_writer *out)
{
    uint8_t storage[COVEY_OSCORE_PIV_MAX];
    struct sealing s;
    covey_group_exchange x;
    covey_status st;

    if (g->silent || !covey_oscore_is_request(m->code)) {
        return COVEY_E_ARGUMENT;
    }
    covey__group_exchange_begin(&x, g, covey__group_sender_id(g),
                                covey_oscore_piv(g->ssn, storage));
    covey_oscore_note_observe(&x.request, m);
    x.client = true;
    x.answers = exchange->answers;
    x.answer_max = exchange->answer_max;
    x.pairwise = work->to != NULL;
    x.request.many = !x.pairwise;
    if (x.pairwise) {
        covey__group_set_peer(&x, covey__group_recipient_id(work->to));
    }
    s.e.m = m;
    s.e.plaintext = plaintext;
    s.e.response = false;
    s.e.observe = x.request.observe;
    st = seal(g, &x, work, &s, out);
    if (st == COVEY_OK) {
        *exchange = x;
    }
    return st;
}

/* Is this the other side of a request to this context, and `to` who asked? */
static bool may_answer(const covey_group *g, const covey_group_exchange *x,
                       const covey_group_recipient *to)
{
    return !g->silent && x->group == g && !x->client &&
           (to == NULL || covey_bytes_equal(covey__group_recipient_id(to),
                                            covey__group_peer(x)));
}

covey_status
covey_group_seal_response(covey_group *g, covey_group_exchange *exchange,
                          const covey_coap_message *m, covey_bytes plaintext,
                          const covey_group_work *work, covey_writer *out)
{
    struct sealing s;

    if (!may_answer(g, exchange, work->to) ||
        !covey_oscore_is_response(m->code)) {
        return COVEY_E_ARGUMENT;
    }
    s.e.m = m;
    s.e.plaintext = plaintext;
    s.e.response = true;
    s.e.observe = exchange->request.observe || covey_oscore_has_observe(m);
    return seal(g, exchange, work, &s, out);
}
