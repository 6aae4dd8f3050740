/* SPDX-License-Identifier: BSD-2-Clause */
/* Protecting, RFC 10021 Sections 7.1, 7.3, 8.3 and 8.5. As in core/oscore the
 * number is taken, for good, when only the provider can fail any more. */
#include "group_internal.h"

/* Fills in key and algorithm of the mode. Pairwise keys are derived here. */
static covey_status choose_mode(covey_group *g, const covey_group_work *work,
                                covey__group_text *t, size_t *tail)
{
    const covey_group_algorithms *a = &g->algorithms;
    const int32_t id = work->to != NULL ? a->aead : a->group_enc;
    covey_status st = COVEY_OK;

    if (id == COVEY_ALG_UNSET) {
        return COVEY_E_UNSUPPORTED;
    }
    t->alg = covey_aead_find(id);
    *tail = t->alg->out_len;
    t->key = &g->sender_key;
    if (work->to != NULL) {
        t->key = &work->to->pairwise_out;
        st = covey__group_pairwise_out(g, work->to, &work->message);
    } else {
        *tail += g->signature_len;
    }
    return st;
}

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
    }
    return st;
}

/* The ciphertext, and in group mode the masked signature. */
static covey_status encrypt(covey_group *g, covey__group_text *t,
                            covey_oscore_exchange *request,
                            const covey_group_work *work,
                            covey_oscore_envelope *e)
{
    const size_t start = e->w.pos;
    const size_t len = e->plaintext.len + t->alg->out_len;
    covey_status st =
        covey__group_prepare(g, t, &work->message, work->to == NULL ? len : 0);

    if (st != COVEY_OK) {
        return st;
    }
    if (e->option->partial_iv.ptr != NULL) {
        g->ssn++;
    }
    request->nonce_spent = e->response;
    st = g->crypto->seal(g->crypto->provider, t->key, t->nonce,
                         covey__group_aad(t), e->plaintext, &e->w);
    if (st == COVEY_OK) {
        g->encrypted++;
    }
    if (st == COVEY_OK && work->to == NULL) {
        st = sign(g, t, covey_bytes_of(e->w.base + start, len), &e->w);
    }
    return st;
}

static covey_status seal(covey_group *g, covey__group_text *t,
                         covey_oscore_exchange *request,
                         const covey_group_work *work,
                         covey_oscore_envelope *e, covey_writer *out)
{
    covey_status st = choose_mode(g, work, t, &e->tail);

    if (st != COVEY_OK) {
        return st;
    }
    t->request = !e->response;
    t->binding.request_kid = covey_oscore_request_kid(request);
    t->binding.request_piv = covey_oscore_request_piv(request);
    t->binding.sender_cred = g->credential;
    e->work = &work->message;
    st = covey_oscore_envelope_begin(e, out);
    t->binding.option = e->value;
    if (st == COVEY_OK) {
        st = encrypt(g, t, request, work, e);
    }
    return covey_oscore_envelope_end(e, st, out);
}

covey_status
covey_group_seal_request(covey_group *g, covey_group_exchange *exchange,
                         const covey_coap_message *m, covey_bytes plaintext,
                         const covey_group_work *work, covey_writer *out)
{
    uint8_t storage[COVEY_OSCORE_PIV_MAX];
    const covey_bytes kid = covey__group_sender_id(g);
    const covey_bytes piv = covey_oscore_piv(g->ssn, storage);
    const covey_oscore_option option = {
        .group = work->to == NULL,
        .partial_iv = piv,
        .kid_context = g->gid,
        .kid = kid,
    };
    covey__group_text t = { .id = kid,
                            .piv = piv,
                            .binding.request_kid_context = g->gid };
    covey_oscore_envelope e = { .m = m,
                                .option = &option,
                                .plaintext = plaintext };
    covey_group_exchange x = { .group = g,
                               .gid = g->gid,
                               .epoch = g->epoch,
                               .answers = exchange->answers,
                               .answer_max = exchange->answer_max,
                               .pairwise = work->to != NULL,
                               .client = true };
    covey_status st = covey_oscore_may_send(g->ssn, g->ssn_stored);

    if (g->silent || !covey_oscore_is_request(m->code)) {
        return COVEY_E_ARGUMENT;
    }
    if (st != COVEY_OK) {
        return st;
    }
    covey_oscore_exchange_begin(&x.request, kid, piv);
    covey_oscore_note_observe(&x.request, m);
    x.request.many = !x.pairwise;
    if (x.pairwise) {
        x.peer_len = work->to->id_len;
        covey_oscore_copy(x.peer, covey__group_recipient_id(work->to));
    }
    e.observe = x.request.observe;
    st = seal(g, &t, &x.request, work, &e, out);
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
    uint8_t storage[COVEY_OSCORE_PIV_MAX];
    covey_oscore_exchange *request = &exchange->request;
    const bool rekeyed = exchange->epoch != g->epoch;
    covey_oscore_option option = { .group = work->to == NULL };
    covey__group_text t = { .id = covey_oscore_request_kid(request),
                            .piv = covey_oscore_request_piv(request),
                            .binding.request_kid_context = exchange->gid };
    covey_oscore_envelope e = { .m = m,
                                .option = &option,
                                .plaintext = plaintext,
                                .response = true,
                                .observe = request->observe ||
                                           covey_oscore_has_observe(m) };

    if (!may_answer(g, exchange, work->to) ||
        !covey_oscore_is_response(m->code)) {
        return COVEY_E_ARGUMENT;
    }
    /* Sections 7.3 and 8.5: what goes into which response. */
    if (!exchange->pairwise || work->kid || g->kid_always) {
        option.kid = covey__group_sender_id(g);
    }
    if (rekeyed || work->kid_context) {
        option.kid_context = g->gid;
    }
    if (rekeyed || work->message.own_piv || request->nonce_spent) {
        covey_status st = covey_oscore_may_send(g->ssn, g->ssn_stored);
        if (st != COVEY_OK) {
            return st;
        }
        t.id = covey__group_sender_id(g);
        t.piv = covey_oscore_piv(g->ssn, storage);
        option.partial_iv = t.piv;
    }
    return seal(g, &t, request, work, &e, out);
}
