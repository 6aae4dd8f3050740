/* SPDX-License-Identifier: BSD-2-Clause */
/* Sealing a plaintext into an OSCORE message, RFC 8613 Sections 8.1 and 8.3.
 *
 * The outer message is written up to its payload marker first, with a number
 * that is only looked at. Once nothing of ours can fail any more the number is
 * taken, for good, and the provider encrypts straight into the output. */
#include "oscore_internal.h"

/* RFC 7252 Section 12.1; RFC 8132 for FETCH. */
#define CODE_POST    COVEY_COAP_CODE(0, 2)
#define CODE_FETCH   COVEY_COAP_CODE(0, 5)
#define CODE_CHANGED COVEY_COAP_CODE(2, 4)
#define CODE_CONTENT COVEY_COAP_CODE(2, 5)

struct sealing {
    covey_oscore_context *context;
    covey_oscore_exchange *exchange; /* of a response, else NULL */
    const covey_coap_message *m;
    const covey_oscore_work *work;
    covey__oscore_binding binding;
    covey_oscore_option option;
    bool observe; /* m has the option */
    bool takes_number;
};

/* Section 4.2; Section 4.1.3.5 for Observe. What answers a FETCH is Content
 * for those on the way, notification or not. */
static uint8_t outer_code(const struct sealing *s)
{
    const bool observe =
        COVEY__CODE_CLASS(s->m->code) != COVEY__CLASS_SIGNAL && s->observe;

    if (s->exchange == NULL) {
        return observe ? CODE_FETCH : CODE_POST;
    }
    return observe || s->exchange->observe ? CODE_CONTENT : CODE_CHANGED;
}

/* Section 4.1.3.3: what is left of Proxy-Uri once path and query have gone
 * inside: scheme and authority, as they stand in the text. */
static covey_bytes proxy_uri_head(covey_bytes text, const covey_uri *uri)
{
    const uint8_t *end = uri->path.ptr;

    if (uri->path.len == 0) {
        end = text.ptr + text.len;
        if (uri->query.ptr != NULL) {
            end = uri->query.ptr - 1; /* its question mark */
        }
    }
    return covey_bytes_of(text.ptr, (size_t)(end - text.ptr));
}

static covey_status put_outer(covey_coap_composer *c,
                              const covey_coap_option *o)
{
    covey_bytes value = o->value;
    covey_uri uri;
    covey_status st;

    if (o->number == COVEY_OPTION_PROXY_URI) {
        st = covey_uri_parse(&uri, value);
        if (st != COVEY_OK) {
            return st;
        }
        value = proxy_uri_head(value, &uri);
    }
    covey_coap_put_option(c, o->number, value);
    return COVEY_OK;
}

/* Goes outside: class U, and Observe beside its inner copy. */
static bool goes_outside(const struct sealing *s, uint16_t number)
{
    if (COVEY__CODE_CLASS(s->m->code) != COVEY__CLASS_SIGNAL &&
        number == COVEY_OPTION_OBSERVE) {
        return true;
    }
    return covey_oscore_outer(number, s->m->code) &&
           number != COVEY_OPTION_OSCORE &&
           !covey__oscore_listed(s->work, number);
}

/* Everything in front of the ciphertext. */
static covey_status put_head(covey_coap_composer *c, const struct sealing *s)
{
    uint8_t storage[COVEY__OSCORE_VALUE_MAX];
    covey_writer value = covey_writer_of(storage, sizeof storage);
    covey_coap_option_iter it = covey_coap_options_of(s->m);
    covey_coap_option o;
    bool option_done = false;
    covey_status st = COVEY_OK;

    covey__oscore_put_value(&value, &s->option);
    while (st == COVEY_OK && covey_coap_option_next(&it, &o)) {
        if (!option_done && o.number > COVEY_OPTION_OSCORE) {
            covey_coap_put_option(c, COVEY_OPTION_OSCORE,
                                  covey_written(&value));
            option_done = true;
        }
        if (goes_outside(s, o.number)) {
            st = put_outer(c, &o);
        }
    }
    if (!option_done) {
        covey_coap_put_option(c, COVEY_OPTION_OSCORE, covey_written(&value));
    }
    covey_write_u8(c->out, COVEY_COAP_PAYLOAD_MARKER);
    return st != COVEY_OK ? st : c->failed;
}

static covey_status encrypt(const struct sealing *s, covey_bytes plaintext,
                            covey_writer *w)
{
    covey_oscore_context *c = s->context;
    struct covey__oscore_inputs in;
    covey_status st = covey__oscore_cipher(c, &s->binding, &in);

    if (st != COVEY_OK) {
        return st;
    }
    /* Either way the nonce is gone, whatever the provider says now. */
    if (s->takes_number) {
        c->ssn++;
    }
    if (s->exchange != NULL) {
        s->exchange->nonce_spent = true;
    }
    st = c->crypto->seal(c->crypto->provider, &c->sender_key, in.nonce, in.aad,
                         plaintext, w);
    if (st == COVEY_OK) {
        c->encrypted++;
    }
    return st;
}

/* The plaintext, if it is absent, is composed where the ciphertext goes, and
 * encrypted there. */
static covey_status put_body(const struct sealing *s, covey_bytes plaintext,
                             covey_writer *w)
{
    /* The length of a stream's message is put in front at the end. */
    const size_t tail = s->context->tag_len + (s->work->stream ? 4u : 0u);
    const size_t start = w->pos;
    const bool in_place = plaintext.ptr == NULL;
    covey_status st = COVEY_OK;

    if (in_place) {
        st = covey_oscore_compose(w, s->m, s->work);
        plaintext = covey_bytes_of(w->base + start, w->pos - start);
        w->pos = start;
    }
    if (st == COVEY_OK && (plaintext.len > w->cap - w->pos ||
                           tail > w->cap - w->pos - plaintext.len)) {
        st = COVEY_E_ROOM;
    }
    if (st == COVEY_OK) {
        st = encrypt(s, plaintext, w);
    }
    if (st != COVEY_OK && in_place) {
        covey_wipe(w->base + start, w->cap - start);
    }
    return st;
}

static covey_status seal(const struct sealing *s, covey_bytes plaintext,
                         covey_writer *out)
{
    covey_coap_message head = *s->m;
    covey_writer w = *out;
    covey_coap_composer c;
    covey_status st;

    head.code = outer_code(s);
    c = covey__oscore_begin(&w, &head, s->work);
    st = put_head(&c, s);
    if (st == COVEY_OK) {
        st = w.failed;
    }
    if (st == COVEY_OK) {
        st = put_body(s, plaintext, &w);
    }
    if (st == COVEY_OK) {
        st = covey_coap_finish(&c);
    }
    if (st == COVEY_OK) {
        *out = w;
    }
    return st;
}

static covey_status
seal_request(covey_oscore_context *c, covey_oscore_exchange *exchange,
             const covey_coap_message *m, covey_bytes plaintext,
             const covey_oscore_work *work, covey_writer *out)
{
    uint8_t storage[COVEY_OSCORE_PIV_MAX];
    const covey_bytes kid = covey__oscore_sender_id(c);
    const covey_bytes piv = covey_oscore_piv(c->ssn, storage);
    covey_oscore_exchange x = covey__oscore_exchange_of(kid, piv);
    struct sealing s = {
        .context = c,
        .m = m,
        .work = work,
        .binding = { kid, piv, kid, piv },
        .option = { .partial_iv = piv,
                    .kid = kid,
                    .kid_context = work->omit_kid_context
                                       ? covey_bytes_of(NULL, 0)
                                       : c->id_context },
        .takes_number = true,
    };
    covey_status st = covey__oscore_may_send(c);

    if (!covey__oscore_is_request(m->code)) {
        return COVEY_E_ARGUMENT;
    }
    if (st != COVEY_OK) {
        return st;
    }
    covey__oscore_note_observe(&x, m);
    s.observe = x.observe;
    st = seal(&s, plaintext, out);
    if (st == COVEY_OK) {
        *exchange = x;
    }
    return st;
}

static covey_status
seal_response(covey_oscore_context *c, covey_oscore_exchange *exchange,
              const covey_coap_message *m, covey_bytes plaintext,
              const covey_oscore_work *work, covey_writer *out)
{
    uint8_t storage[COVEY_OSCORE_PIV_MAX];
    const covey_bytes kid = covey__oscore_request_kid(exchange);
    const covey_bytes piv = covey__oscore_request_piv(exchange);
    const bool own_piv = work->own_piv || exchange->nonce_spent;
    covey_bytes observe;
    struct sealing s = {
        .context = c,
        .exchange = exchange,
        .m = m,
        .work = work,
        .binding = { kid, piv, kid, piv },
        .takes_number = own_piv,
    };
    covey_status st = COVEY_OK;

    /* The request's nonce must not meet a key that it was not made for. */
    if (!covey__oscore_is_response(m->code) ||
        !covey_bytes_equal(kid, covey__oscore_recipient_id(c))) {
        return COVEY_E_ARGUMENT;
    }
    if (own_piv) {
        s.binding.id = covey__oscore_sender_id(c);
        s.binding.piv = covey_oscore_piv(c->ssn, storage);
        s.option.partial_iv = s.binding.piv;
        st = covey__oscore_may_send(c);
    }
    if (st != COVEY_OK) {
        return st;
    }
    s.observe = covey__oscore_find_option(m, COVEY_OPTION_OBSERVE, &observe);
    return seal(&s, plaintext, out);
}

covey_status covey_oscore_seal_request(covey_oscore_context *c,
                                       covey_oscore_exchange *exchange,
                                       const covey_coap_message *m,
                                       covey_bytes plaintext,
                                       const covey_oscore_work *work,
                                       covey_writer *out)
{
    if (plaintext.len == 0) {
        return COVEY_E_ARGUMENT;
    }
    return seal_request(c, exchange, m, plaintext, work, out);
}

covey_status covey_oscore_seal_response(covey_oscore_context *c,
                                        covey_oscore_exchange *exchange,
                                        const covey_coap_message *m,
                                        covey_bytes plaintext,
                                        const covey_oscore_work *work,
                                        covey_writer *out)
{
    if (plaintext.len == 0) {
        return COVEY_E_ARGUMENT;
    }
    return seal_response(c, exchange, m, plaintext, work, out);
}

covey_status covey_oscore_protect_request(covey_oscore_context *c,
                                          covey_oscore_exchange *exchange,
                                          const covey_coap_message *m,
                                          const covey_oscore_work *work,
                                          covey_writer *out)
{
    const covey_bytes in_place = { NULL, 0 };

    return seal_request(c, exchange, m, in_place, work, out);
}

covey_status covey_oscore_protect_response(covey_oscore_context *c,
                                           covey_oscore_exchange *exchange,
                                           const covey_coap_message *m,
                                           const covey_oscore_work *work,
                                           covey_writer *out)
{
    const covey_bytes in_place = { NULL, 0 };

    return seal_response(c, exchange, m, in_place, work, out);
}
