/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests that come, and replies. Nothing is kept of a request but which one
 * came last: the reply that is sent before the next datagram may use the
 * request's own nonce (RFC 8613 Section 5.2), every other response has a
 * Partial IV. So no copy of a request can spend a nonce twice. */
#include "endpoint_internal.h"

#include <string.h>

#define CONTINUE    COVEY_COAP_CODE(2, 31)
#define BAD_REQUEST COVEY_COAP_CODE(4, 0)
#define BAD_OPTION  COVEY_COAP_CODE(4, 2)
#define INCOMPLETE  COVEY_COAP_CODE(4, 8)

/* --- refusing ------------------------------------------------------------ */

/* What is said to a request that is not delivered. */
struct refusal {
    covey_oscore_reaction reaction;
    uint32_t size1; /* 0: none */
};

/* In the scratch, where nothing was delivered; unprotected, not to be cached
 * (RFC 8613 Section 8.2). */
static covey_status write_refusal(covey_writer *w,
                                  const covey_endpoint_request *r,
                                  covey_bytes token,
                                  const struct refusal *refusal)
{
    const covey_coap_message head = { .type = COVEY_COAP_NON,
                                      .code = refusal->reaction.code,
                                      .token = token };
    covey_coap_composer c = covey_coap_compose(w, &head);

    if (head.code != CONTINUE) {
        covey_coap_put_uint(&c, COVEY_OPTION_MAX_AGE, 0);
    }
    if (r->cut) {
        covey_coap_put_block(&c, COVEY_OPTION_BLOCK1, &r->block1);
    }
    if (refusal->size1 != 0) {
        covey_coap_put_uint(&c, COVEY_OPTION_SIZE1, refusal->size1);
    }
    covey_coap_put_payload(&c, covey_bytes_text(refusal->reaction.diagnostic));
    return covey_coap_finish(&c);
}

/* A request that is not delivered. Groups hear nothing; where nothing is to
 * be said to one who waits for it, a Reset says that. */
static void answer(covey_endpoint *e, covey_ms now,
                   const covey_endpoint_request *r, covey_bytes token,
                   const struct refusal *refusal)
{
    const uint8_t code = refusal->reaction.code;
    const covey_message_letter letter = { .path = covey_message_back(&r->path),
                                          .answers = r->ref,
                                          .type = (covey_coap_type)r->type };
    covey_writer w = covey__endpoint_inward(e);
    covey_message_sent sent;

    if (code == COVEY_COAP_EMPTY) {
        if (r->type == COVEY_COAP_CON) {
            covey__endpoint_reject(e, r->ref);
        }
        return;
    }
    if (!covey_reply_wanted(&r->terms, code, 1)) {
        covey__endpoint_acknowledge(e, r->ref);
        return;
    }
    if (write_refusal(&w, r, token, refusal) != COVEY_OK ||
        covey__endpoint_send(e, now, &letter, &w, &sent) != COVEY_OK) {
        return; /* as if it had been lost on its way */
    }
    e->owed_len = w.pos;
    e->owed_path = letter.path;
}

static void refuse(covey_endpoint *e, covey_ms now,
                   const covey_endpoint_request *r, covey_bytes token,
                   const covey_oscore_reaction *reaction)
{
    const struct refusal refusal = { *reaction, 0 };

    e->counters.refused++;
    answer(e, now, r, token, &refusal);
}

/* --- opening ------------------------------------------------------------- */

/* The terms of the message that is to be answered. */
static void take_terms(covey_endpoint_in *in, const covey_coap_message *m)
{
    covey_endpoint_request *r = &in->request;

    covey_reply_read(&r->terms, m);
    r->terms.group = r->path.group;
    r->terms.authenticated = r->security.protector != NULL;
    r->leisure = r->path.group ? covey_reply_leisure(in->opened.kind) : 0;
}

static covey_opening ask_protectors(covey_endpoint *e, covey_sealed *sealed,
                                    covey_endpoint_in *in)
{
    covey_security *s = &in->request.security;
    covey_opening opening = COVEY_OPENING_FOREIGN;

    in->opened.fault = COVEY_OSCORE_NO_CONTEXT;
    in->opened.reaction = covey_oscore_react(COVEY_OSCORE_NO_CONTEXT, true);
    for (size_t i = 0;
         i < e->protector_count && opening == COVEY_OPENING_FOREIGN; i++) {
        const covey_protector *p = e->protectors[i];
        memset(s, 0, sizeof *s);
        opening = p->open_request(p, sealed, s, &in->opened);
        s->protector = p;
    }
    return opening;
}

/* Leaves the security empty unless the message was opened. */
static covey_opening open_request(covey_endpoint *e,
                                  const covey_coap_message *outer,
                                  covey_endpoint_in *in)
{
    covey_writer plain = covey__endpoint_inward(e);
    covey_oscore_option option;
    covey_sealed sealed = { &in->request.path, outer, &option, &plain,
                            covey__endpoint_outward(e) };
    covey_opening opening = COVEY_OPENING_REFUSE;
    covey_bytes value;

    if (covey_oscore_value_find(&option, &value, outer) != COVEY_OK) {
        in->opened.fault = COVEY_OSCORE_BAD_COSE;
        in->opened.reaction = covey_oscore_react(COVEY_OSCORE_BAD_COSE, true);
    } else {
        opening = ask_protectors(e, &sealed, in);
    }
    if (opening < COVEY_OPENING_CHALLENGE ||
        covey_coap_parse(&in->message, covey_written(&plain)) != COVEY_OK) {
        in->request.security.protector = NULL;
        return COVEY_OPENING_REFUSE;
    }
    return opening;
}

/* An outer block after which there is nothing to open yet, or never. */
static covey_status on_block(covey_endpoint *e, covey_ms now,
                             const covey_coap_message *outer,
                             covey_endpoint_in *in,
                             const struct refusal *refusal)
{
    const uint8_t code = refusal->reaction.code;

    take_terms(in, outer);
    answer(e, now, &in->request, outer->token, refusal);
    if (code == CONTINUE) {
        e->counters.outer++;
        return COVEY_OK;
    }
    e->counters.refused++;
    return code == BAD_REQUEST || code == INCOMPLETE ? COVEY_E_RANGE
                                                     : COVEY_E_ROOM;
}

static covey_status on_sealed(covey_endpoint *e, covey_ms now,
                              const covey_coap_message *cut,
                              covey_endpoint_in *in)
{
    static const covey_oscore_reaction not_here = { BAD_OPTION, "no OSCORE" };
    struct refusal refusal = { { 0, "" }, 0 };
    covey_coap_message whole = *cut;
    const covey_coap_message *outer = &whole;
    covey_opening opening;

    if (e->protector_count == 0) {
        take_terms(in, outer);
        refuse(e, now, &in->request, outer->token, &not_here);
        return COVEY_E_UNSUPPORTED;
    }
    refusal.reaction.code =
        covey__outer_request(e, now, in, &whole, &refusal.size1);
    if (refusal.reaction.code != 0) {
        return on_block(e, now, cut, in, &refusal);
    }
    opening = open_request(e, outer, in);
    if (opening == COVEY_OPENING_REFUSE) {
        take_terms(in, outer);
        refuse(e, now, &in->request, outer->token, &in->opened.reaction);
        return COVEY_E_AUTH;
    }
    take_terms(in, &in->message);
    e->unspent = true;
    in->kind = opening == COVEY_OPENING_CHALLENGE ? COVEY_ENDPOINT_CHALLENGE
                                                  : COVEY_ENDPOINT_REQUEST;
    return COVEY_OK;
}

/* What is true of any request, protected or not. */
static void take_request(covey_endpoint *e, const covey_path *path,
                         const covey_message_in *m, covey_endpoint_in *in)
{
    const covey_opened open = { .kind = COVEY_REPLY_OPEN };
    covey_endpoint_request *r = &in->request;

    in->opened = open;
    in->duplicate = m->duplicate;
    r->ref = m->ref;
    r->path = *path;
    r->security.protector = NULL;
    r->number = ++e->request;
    r->terms.always = false;
    r->type = (uint8_t)m->message.type;
    r->cut = false;
    r->token_len = 0;
}

/* A proxy: does the message say, outside of its protection, who it is for?
 * Those of our own clients say that inside. */
static bool passes(const covey_endpoint *e, const covey_coap_message *outer)
{
    static const uint16_t proxied[] = { COVEY_OPTION_PROXY_URI,
                                        COVEY_OPTION_PROXY_SCHEME,
                                        COVEY_OPTION_PROXY_CRI,
                                        COVEY_OPTION_PROXY_SCHEME_NUMBER };
    covey_bytes value;
    bool any = false;

    for (size_t i = 0; i < sizeof proxied / sizeof proxied[0]; i++) {
        any = any || covey_option_get(outer, proxied[i], &value);
    }
    return e->passes_sealed && any;
}

covey_status covey__endpoint_on_request(covey_endpoint *e, covey_ms now,
                                        const covey_path *path,
                                        const covey_message_in *m,
                                        covey_endpoint_in *in)
{
    static const covey_oscore_reaction too_long = { BAD_REQUEST,
                                                    "token too long" };
    const covey_coap_message *outer = &m->message;
    covey_endpoint_request *r = &in->request;

    take_request(e, path, m, in);
    if (outer->token.len > sizeof r->token) {
        take_terms(in, outer);
        refuse(e, now, r, outer->token, &too_long);
        return COVEY_E_ROOM;
    }
    r->token_len = (uint8_t)outer->token.len;
    memcpy(r->token, outer->token.ptr, outer->token.len);
    if (covey__endpoint_is_sealed(outer) && !passes(e, outer)) {
        return on_sealed(e, now, outer, in);
    }
    take_terms(in, outer);
    in->message = *outer;
    in->kind = COVEY_ENDPOINT_REQUEST;
    return COVEY_OK;
}

covey_status covey_endpoint_recover(covey_endpoint *e, covey_ms now,
                                    covey_endpoint_in *in)
{
    covey_security *s = &in->request.security;

    if (in->kind != COVEY_ENDPOINT_CHALLENGE) {
        return COVEY_E_ARGUMENT;
    }
    if (s->protector->recover(s->protector, s, &in->opened) ==
        COVEY_OPENING_DELIVER) {
        in->kind = COVEY_ENDPOINT_REQUEST;
        return COVEY_OK;
    }
    in->kind = COVEY_ENDPOINT_NOTHING;
    refuse(e, now, &in->request,
           covey_bytes_of(in->request.token, in->request.token_len),
           &in->opened.reaction);
    return COVEY_E_AUTH;
}

void covey_endpoint_acknowledge(covey_endpoint *e,
                                const covey_endpoint_request *r)
{
    covey__endpoint_acknowledge(e, r->ref);
}

void covey_endpoint_reject(covey_endpoint *e, const covey_endpoint_request *r)
{
    covey__endpoint_reject(e, r->ref);
}

/* --- replies ------------------------------------------------------------- */

void covey_endpoint_reply_begin(covey_endpoint *e, covey_draft *d,
                                const covey_endpoint_request *request,
                                uint8_t code, covey_writer *out)
{
    const covey_coap_message head = {
        .type = COVEY_COAP_NON,
        .code = code,
        .token = covey_bytes_of(request->token, request->token_len),
    };

    d->request = request;
    covey__endpoint_draft(e, d, &head, request->security.protector != NULL,
                          out);
}

/* Over a copy: what a response changes in it is that the request's nonce is
 * spent, and that is known here. */
static covey_status seal(covey_endpoint *e, covey_draft *d,
                         const covey_coap_message *m)
{
    covey_security s = d->request->security;
    bool own_piv = !e->unspent || d->request->number != e->request;

    e->unspent = false;
    return s.protector->seal_response(s.protector, &s, m, own_piv, d->out);
}

static covey_message_letter address(covey_endpoint *e,
                                    const covey_endpoint_request *r,
                                    const covey_endpoint_reply *how)
{
    covey_message_letter letter = { .path = covey_message_back(&r->path),
                                    .answers = r->ref,
                                    .type = (covey_coap_type)r->type };

    if (how != NULL) {
        letter.type = how->type;
        letter.user = how->user;
        letter.watch = how->watch;
    }
    if (r->leisure != 0) {
        letter.delay =
            covey_reply_delay(r->leisure, covey__endpoint_random(e));
    }
    return letter;
}

covey_status covey_endpoint_reply_send(covey_endpoint *e, covey_ms now,
                                       covey_draft *d,
                                       const covey_endpoint_reply *how,
                                       covey_endpoint_sent *sent)
{
    const covey_endpoint_request *r = d->request;
    const bool wanted =
        covey_reply_wanted(&r->terms, d->code, d->composer.has_payload);
    covey_coap_message m;
    covey_message_letter letter;
    covey_message_sent s = { { 0, 0 }, false };
    covey_status st = covey__endpoint_drafted(d, d->sealed ? &m : NULL);

    if (st == COVEY_OK && wanted && d->sealed) {
        st = seal(e, d, &m);
    }
    if (st == COVEY_OK && wanted && r->cut) {
        st = covey__outer_name(e, r, d->out);
    }
    if (st == COVEY_OK && wanted) {
        letter = address(e, r, how);
        st = covey__endpoint_send(e, now, &letter, d->out, &s);
    } else if (st == COVEY_OK) {
        covey__endpoint_acknowledge(e, r->ref);
        e->counters.silent++;
    }
    if (d->sealed) {
        covey_wipe(d->plain.base, d->plain.pos);
    }
    if (st != COVEY_OK) {
        d->out->pos = 0;
        return st;
    }
    sent->now = s.now;
    sent->unwanted = !wanted;
    sent->message = s.ref;
    sent->path = covey_message_back(&r->path);
    return COVEY_OK;
}

void covey_endpoint_reply_cancel(covey_endpoint *e, covey_message_ref sent)
{
    covey__endpoint_forget(e, sent);
}

/* --- kept for later ------------------------------------------------------ */

void covey_endpoint_keep(covey_endpoint_kept *out,
                         const covey_endpoint_request *request)
{
    const covey_endpoint_kept kept = { .ref = request->ref,
                                       .security = request->security,
                                       .number = request->number,
                                       .terms = request->terms,
                                       .leisure = request->leisure,
                                       .type = request->type };

    *out = kept;
}

covey_status covey_endpoint_recall(covey_endpoint_request *out,
                                   const covey_endpoint_kept *kept,
                                   const covey_path *path, covey_bytes token)
{
    covey_endpoint_request request = { .ref = kept->ref,
                                       .path = *path,
                                       .security = kept->security,
                                       .number = kept->number,
                                       .terms = kept->terms,
                                       .leisure = kept->leisure,
                                       .type = kept->type,
                                       .token_len = (uint8_t)token.len };

    if (token.len > sizeof request.token) {
        return COVEY_E_ARGUMENT;
    }
    if (token.len > 0) {
        memcpy(request.token, token.ptr, token.len);
    }
    *out = request;
    return COVEY_OK;
}
