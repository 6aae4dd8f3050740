/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening, RFC 10021 Sections 7.2, 7.4, 8.4 and 8.6. Signature, then text,
 * then role; and only then is anything noted, but for the count of forgeries
 * and for keys, which follow from what is known anyway. */
#include "group_internal.h"

#include <string.h>

/* Suggested by draft-ietf-core-cacheable-oscore. */
#define OPTION_REQUEST_HASH 548u

static covey_unprotect refuse(covey_group_received *r,
                              covey_oscore_fault fault, covey_status st)
{
    r->base.fault = fault;
    r->base.status = st;
    return COVEY_UNPROTECT_REFUSED;
}

/* What the provider says about a message. */
static covey_unprotect judge(covey_group_received *r, covey_oscore_fault fault,
                             covey_status st)
{
    if (st == COVEY_OK) {
        return COVEY_UNPROTECT_FRESH;
    }
    if (st == COVEY_E_AUTH) {
        r->from->forged++;
    } else {
        fault = COVEY_OSCORE_OURS;
    }
    return refuse(r, fault, st);
}

bool covey_group_is_for(const covey_group *g,
                        const covey_oscore_option *option)
{
    return option->kid_context.ptr == NULL ||
           covey_bytes_equal(option->kid_context, g->gid);
}

/* The option, its Partial IV, and whether the context is the right one. */
static covey_unprotect decode(const covey_group *g,
                              const covey_coap_message *outer, bool request,
                              covey_group_received *r, covey_bytes *value)
{
    covey_oscore_option *o = &r->option;
    covey_status st;

    memset(r, 0, sizeof *r);
    st = covey_oscore_value_find(o, value, outer);
    if (st != COVEY_OK) {
        return refuse(r, COVEY_OSCORE_BAD_COSE, st);
    }
    r->pairwise = !o->group;
    r->base.has_piv = o->partial_iv.ptr != NULL;
    if (!covey_group_is_for(g, o)) {
        return refuse(r, COVEY_OSCORE_NO_CONTEXT, COVEY_OK);
    }
    if (request && (o->kid.ptr == NULL || o->kid_context.ptr == NULL)) {
        st = COVEY_E_FORMAT;
    } else if (request || r->base.has_piv) {
        st = covey_oscore_piv_number(o->partial_iv, &r->base.piv);
    }
    return st == COVEY_OK ? COVEY_UNPROTECT_FRESH
                          : refuse(r, COVEY_OSCORE_BAD_COSE, st);
}

/* The sender, and whether its mode is ours. */
static covey_unprotect find_sender(const covey_group *g, covey_bytes kid,
                                   covey_group_received *r)
{
    const int32_t id =
        r->pairwise ? g->algorithms.aead : g->algorithms.group_enc;

    if (!g->silent && covey_bytes_equal(kid, covey__group_sender_id(g))) {
        return refuse(r, COVEY_OSCORE_OWN, COVEY_OK);
    }
    if (id == COVEY_ALG_UNSET || (r->pairwise && g->silent)) {
        return refuse(r, COVEY_OSCORE_NO_MODE, COVEY_OK);
    }
    r->from = covey_group_find(g, kid);
    return r->from != NULL ? COVEY_UNPROTECT_FRESH
                           : refuse(r, COVEY_OSCORE_NO_SENDER, COVEY_OK);
}

/* Takes the mask off a copy of the signature. */
static covey_status verify(covey_group *g, const covey__group_text *t,
                           covey_group_recipient *from, covey_bytes ciphertext)
{
    uint8_t signature[COVEY_SIGNATURE_MAX];
    covey_bytes tbs;
    covey_status st = covey_group_to_be_signed(&t->inputs, ciphertext, &tbs);

    memcpy(signature, ciphertext.ptr + ciphertext.len, g->signature_len);
    if (st == COVEY_OK) {
        st = covey__group_mask(g, t, signature);
    }
    if (st == COVEY_OK) {
        st = g->crypto->verify(g->crypto->provider, &from->public_key,
                               g->algorithms.signature, tbs,
                               covey_bytes_of(signature, g->signature_len));
    }
    covey_wipe(signature, sizeof signature);
    return st;
}

/* Appends the plaintext of an authentic message. */
static covey_unprotect decrypt(covey_group *g, covey__group_text *t,
                               covey_bytes payload,
                               const covey_oscore_work *work,
                               covey_writer *plaintext,
                               covey_group_received *r)
{
    const covey_oscore_fault fault =
        r->pairwise ? COVEY_OSCORE_NOT_DECRYPTED : COVEY_OSCORE_BAD_SIGNATURE;
    const size_t signature_len = r->pairwise ? 0 : g->signature_len;
    const size_t start = plaintext->pos;
    covey_bytes ciphertext = payload;
    covey_unprotect result;
    covey_status st =
        covey__group_receive_key(g, t, r->from, r->pairwise, work);

    if (st != COVEY_OK) {
        return refuse(r, COVEY_OSCORE_OURS, st);
    }
    /* Signature, tag and inner code at least. */
    if (payload.len <= signature_len + t->alg->out_len) {
        return refuse(r, fault, COVEY_E_SHORT);
    }
    ciphertext.len -= signature_len;
    t->binding.sender_cred = r->from->credential;
    st = covey__group_prepare(g, t, work, r->pairwise ? 0 : ciphertext.len);
    if (st == COVEY_OK && !r->pairwise) {
        st = verify(g, t, r->from, ciphertext);
    }
    result = judge(r, fault, st);
    if (result != COVEY_UNPROTECT_FRESH) {
        return result;
    }
    st = g->crypto->open(g->crypto->provider, t->key, t->nonce,
                         covey__group_aad(t), ciphertext, plaintext);
    r->base.plaintext =
        covey_bytes_of(plaintext->base + start, plaintext->pos - start);
    return judge(r, COVEY_OSCORE_NOT_DECRYPTED, st);
}

/* Authentic, but not to be seen. */
static covey_unprotect withhold(covey_group_received *r,
                                covey_writer *plaintext,
                                covey_oscore_fault fault)
{
    const size_t len = r->base.plaintext.len;

    plaintext->pos -= len;
    covey_wipe(plaintext->base + plaintext->pos, len);
    r->base.plaintext = covey_bytes_of(NULL, 0);
    return refuse(r, fault, COVEY_OK);
}

static bool may(const covey_group_recipient *r, unsigned role)
{
    return r->roles == 0 || (r->roles & role) != 0;
}

/* The number of an authentic request, in a window that takes it. */
static covey_unprotect accept(covey_group *g, covey_group_recipient *r,
                              uint64_t piv)
{
    uint64_t stored = r->window_stored;

    covey_oscore_window_commit(&r->window, piv);
    g->windows_low |= covey_oscore_reserve(r->window.next, g->ahead, &stored);
    return piv >= r->window_stored ? COVEY_UNPROTECT_FRESH_ONCE_STORED
                                   : COVEY_UNPROTECT_FRESH;
}

/* Seed 002 Section 7.2, first method: this number, and none before it. */
static covey_unprotect take_baseline(covey_group *g, covey_group_received *r,
                                     covey_writer *plaintext)
{
    covey__group_new_window(r->from, r->base.piv + 1);
    g->windows_low = true;
    (void)withhold(r, plaintext, COVEY_OSCORE_BASELINE);
    return COVEY_UNPROTECT_REFUSED;
}

static covey_unprotect deliver_request(covey_group *g,
                                       covey_group_exchange *exchange,
                                       covey_writer *plaintext,
                                       covey_group_received *r)
{
    if (!may(r->from, COVEY_GROUP_REQUESTER)) {
        return withhold(r, plaintext, COVEY_OSCORE_BAD_ROLE);
    }
    r->from->heard = true;
    if (!r->from->window_valid && g->late == COVEY_GROUP_LATE_DROP_FIRST) {
        return take_baseline(g, r, plaintext);
    }
    covey__group_exchange_begin(exchange, g, r->option.kid,
                                r->option.partial_iv);
    covey__group_set_peer(exchange, r->option.kid);
    exchange->pairwise = r->pairwise;
    if (!r->from->window_valid) {
        /* It may have been answered before, with its own nonce. */
        exchange->request.nonce_spent = true;
        return COVEY_UNPROTECT_MAYBE_REPLAY;
    }
    return accept(g, r->from, r->base.piv);
}

covey_unprotect covey_group_open_request(covey_group *g,
                                         covey_group_exchange *exchange,
                                         const covey_coap_message *outer,
                                         const covey_group_work *work,
                                         covey_writer *plaintext,
                                         covey_group_received *received)
{
    covey_group_received *r = received;
    covey__group_text t;
    covey_bytes hash;
    covey_bytes kid;
    covey_bytes piv;
    covey_unprotect result = decode(g, outer, true, r, &t.binding.option);

    if (result == COVEY_UNPROTECT_FRESH) {
        r->suspicious = work->unicast && !r->pairwise;
        result = find_sender(g, r->option.kid, r);
    }
    /* It would be the same under every number: draft-ietf-core-cacheable-
     * oscore. The sender need not be known for that to be said. */
    if ((result == COVEY_UNPROTECT_FRESH ||
         r->base.fault == COVEY_OSCORE_NO_SENDER) &&
        covey_option_get(outer, OPTION_REQUEST_HASH, &hash)) {
        return refuse(r, COVEY_OSCORE_DETERMINISTIC, COVEY_E_UNSUPPORTED);
    }
    if (result != COVEY_UNPROTECT_FRESH) {
        return result;
    }
    if (r->from->window_valid &&
        !covey_oscore_window_check(&r->from->window, r->base.piv)) {
        return refuse(r, COVEY_OSCORE_REPLAY, COVEY_OK);
    }
    kid = r->option.kid;
    piv = r->option.partial_iv;
    t.request = true;
    t.id = kid;
    t.piv = piv;
    t.binding.request_kid = kid;
    t.binding.request_piv = piv;
    t.binding.request_kid_context = g->gid;
    result = decrypt(g, &t, outer->payload, &work->message, plaintext, r);
    if (result != COVEY_UNPROTECT_FRESH) {
        return result;
    }
    return deliver_request(g, exchange, plaintext, r);
}

/* What came from this server before, and where what comes now is noted; NULL
 * if there is no room for another server. */
static covey_group_answer *find_answer(const covey_group_exchange *x,
                                       const covey_group_recipient *r)
{
    for (size_t i = 0; i < x->answer_count; i++) {
        covey_group_answer *a = &x->answers[i];
        if (covey_bytes_equal(covey_bytes_of(a->id, a->id_len),
                              covey__group_recipient_id(r))) {
            return a;
        }
    }
    return x->answer_count < x->answer_max ? &x->answers[x->answer_count]
                                           : NULL;
}

covey_unprotect covey__group_check_order(const covey_group *g,
                                         const covey_group_exchange *x,
                                         covey_group_received *r)
{
    const covey_oscore_exchange *s = &x->request;
    bool is_old;

    if (!x->pairwise) {
        r->answer = find_answer(x, r->from);
        if (r->answer == NULL) {
            return refuse(r, COVEY_OSCORE_OURS, COVEY_E_ROOM);
        }
    }
    if (covey__group_is_known(x, r->answer)) {
        s = &r->answer->state;
    }
    /* Section 2.6.3.2: Response Numbers begin anew under a new Gid. */
    is_old = s->many && s->notified && s->epoch == g->epoch &&
             r->base.has_piv && r->base.piv <= s->number;
    if (s->answered || (!r->base.has_piv && s->nonce_spent) || is_old) {
        return refuse(r, COVEY_OSCORE_REPLAY, COVEY_OK);
    }
    return COVEY_UNPROTECT_FRESH;
}

static bool same_credential(const covey_group_recipient *a,
                            const covey_group_recipient *b)
{
    return a != NULL && a != b &&
           covey_bytes_equal(a->credential, b->credential);
}

/* Sections 7.4 and 8.6: the server that was asked, by its ID or under another
 * one by its credential; and each server under one ID only. */
static bool was_asked(const covey_group *g, const covey_group_exchange *x,
                      const covey_group_received *r)
{
    if (x->pairwise) {
        covey_group_recipient *peer =
            covey_group_find(g, covey__group_peer(x));
        return r->from == peer || same_credential(peer, r->from);
    }
    for (size_t i = 0; i < x->answer_count; i++) {
        const covey_group_answer *a = &x->answers[i];
        if (same_credential(
                covey_group_find(g, covey_bytes_of(a->id, a->id_len)),
                r->from)) {
            return false;
        }
    }
    return true;
}

covey_unprotect covey_group_open_response(covey_group *g,
                                          const covey_group_exchange *exchange,
                                          const covey_coap_message *outer,
                                          const covey_group_work *work,
                                          covey_writer *plaintext,
                                          covey_group_received *received)
{
    const covey_group_exchange *x = exchange;
    covey_group_received *r = received;
    covey__group_text t;
    covey_bytes kid;
    covey_unprotect result = decode(g, outer, false, r, &t.binding.option);

    if (result != COVEY_UNPROTECT_FRESH) {
        return result;
    }
    if (!x->client || x->group != g) {
        return refuse(r, COVEY_OSCORE_OURS, COVEY_E_ARGUMENT);
    }
    kid = r->option.kid.ptr == NULL && x->pairwise ? covey__group_peer(x)
                                                   : r->option.kid;
    /* The request's nonce was one of the request's context. */
    if (kid.ptr == NULL || (!r->base.has_piv && x->epoch != g->epoch)) {
        return refuse(r, COVEY_OSCORE_BAD_COSE, COVEY_E_FORMAT);
    }
    result = find_sender(g, kid, r);
    if (result == COVEY_UNPROTECT_FRESH) {
        result = covey__group_check_order(g, x, r);
    }
    if (result != COVEY_UNPROTECT_FRESH) {
        return result;
    }
    t.request = false;
    covey__group_bind(&t, x);
    if (r->base.has_piv) {
        t.id = kid;
        t.piv = r->option.partial_iv;
    }
    result = decrypt(g, &t, outer->payload, &work->message, plaintext, r);
    if (result != COVEY_UNPROTECT_FRESH) {
        return result;
    }
    r->from->heard = true;
    if (!may(r->from, COVEY_GROUP_RESPONDER)) {
        return withhold(r, plaintext, COVEY_OSCORE_BAD_ROLE);
    }
    return was_asked(g, x, r) ? COVEY_UNPROTECT_FRESH
                              : withhold(r, plaintext, COVEY_OSCORE_UNASKED);
}

covey_unprotect covey_group_recover(covey_group *g,
                                    covey_group_received *received)
{
    covey_group_recipient *r = received->from;

    if (!r->window_valid) {
        covey__group_new_window(r, received->base.piv);
    }
    if (!covey_oscore_window_check(&r->window, received->base.piv)) {
        return refuse(received, COVEY_OSCORE_REPLAY, COVEY_OK);
    }
    return accept(g, r, received->base.piv);
}

covey_oscore_reaction covey_group_react(const covey_group_received *received,
                                        bool request)
{
    /* What cannot be decoded may have been for many. */
    return covey_oscore_react(received->base.fault,
                              request && received->pairwise);
}
