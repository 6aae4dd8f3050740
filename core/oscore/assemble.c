/* SPDX-License-Identifier: BSD-2-Clause */
/* The original message again, from a plaintext and what is left of the outer
 * message: RFC 8613 Sections 8.2 and 8.4, steps 6 and 7.
 *
 * Of the outer options only those of class U survive; the code and everything
 * that could have stood inside are discarded. */
#include "oscore_internal.h"

/* RFC 8613 Section 4.1.3.5.2: three bytes of the Partial IV. */
#define OBSERVE_MASK 0xffffffu

/* Two option lists being merged. */
struct source {
    covey_coap_option_iter it;
    covey_coap_option option;
    bool more;
};

static struct source source_of(const covey_coap_message *m)
{
    struct source s = { .it = covey_coap_options_of(m) };

    s.more = covey_coap_option_next(&s.it, &s.option);
    return s;
}

static void advance(struct source *s)
{
    s->more = covey_coap_option_next(&s->it, &s->option);
}

/* Does this outer option go into the original message? What the plaintext has
 * is authentic and stands for both; what the peer puts into it was put outside
 * by somebody else. */
static bool survives(const struct source *outer,
                     const covey_coap_message *inner,
                     const covey_oscore_work *work)
{
    covey_bytes value;
    const uint16_t number = outer->option.number;

    return covey_oscore_outer(number, inner->code) &&
           number != COVEY_OPTION_OSCORE &&
           !covey__oscore_listed(work, number) &&
           !covey_option_get(inner, number, &value);
}

/* Writes inner with the header of outer; `observe` stands for the value of an
 * Observe option if it is not absent. */
static covey_status merge(const covey_coap_message *outer,
                          const covey_coap_message *inner, covey_bytes observe,
                          const covey_oscore_work *work, covey_writer *out)
{
    covey_writer w = *out;
    covey_coap_message head = *outer;
    struct source o = source_of(outer);
    struct source i = source_of(inner);
    covey_coap_composer c;
    covey_status st;

    head.code = inner->code;
    c = covey__oscore_begin(&w, &head, work);
    while (o.more || i.more) {
        if (o.more && (!i.more || o.option.number < i.option.number)) {
            if (survives(&o, inner, work)) {
                covey_coap_put_option(&c, o.option.number, o.option.value);
            }
            advance(&o);
            continue;
        }
        if (i.option.number == COVEY_OPTION_OBSERVE && observe.ptr != NULL) {
            i.option.value = observe;
        }
        covey_coap_put_option(&c, i.option.number, i.option.value);
        advance(&i);
    }
    covey_coap_put_payload(&c, inner->payload);
    st = covey_coap_finish(&c);
    if (st == COVEY_OK) {
        *out = w;
    }
    return st;
}

covey_status covey_oscore_assemble_request(covey_oscore_exchange *exchange,
                                           const covey_coap_message *outer,
                                           covey_bytes plaintext,
                                           const covey_oscore_work *work,
                                           covey_writer *out)
{
    const covey_bytes as_it_is = { NULL, 0 };
    covey_coap_message inner;
    covey_status st = covey_coap_parse_inner(&inner, plaintext);

    if (st == COVEY_OK && !covey_oscore_is_request(inner.code)) {
        st = COVEY_E_FORMAT;
    }
    if (st == COVEY_OK) {
        st = merge(outer, &inner, as_it_is, work, out);
    }
    if (st == COVEY_OK) {
        covey_oscore_note_observe(exchange, &inner);
    }
    return st;
}

/* Section 8.4.2: may this notification be used? The strict one of the two
 * policies of Section 7.4.1: older ones are not delivered. */
static covey_oscore_fault judge(const covey_oscore_exchange *x,
                                const covey_oscore_received *r,
                                bool notification)
{
    /* As before decrypting: another response may have been assembled since
     * this one was opened. */
    if (x->answered || (!r->has_piv && x->nonce_spent)) {
        return COVEY_OSCORE_REPLAY;
    }
    if (notification && !x->registration) {
        return COVEY_OSCORE_UNASKED;
    }
    if (!notification && !x->many) {
        return COVEY_OSCORE_NO_FAULT;
    }
    if (r->has_piv && x->notified && r->piv <= x->number) {
        return COVEY_OSCORE_REPLAY;
    }
    return COVEY_OSCORE_NO_FAULT;
}

static void note(covey_oscore_exchange *x, const covey_oscore_received *r,
                 bool notification)
{
    if (!r->has_piv) {
        x->nonce_spent = true;
    } else if (notification || x->many) {
        x->notified = true;
        x->number = r->piv;
    }
    /* What is no notification ends an observation (RFC 7641 Section 4.2). */
    x->answered = !notification && !x->many;
}

covey_unprotect covey_oscore_assemble_response(covey_oscore_exchange *exchange,
                                               const covey_coap_message *outer,
                                               covey_oscore_received *received,
                                               const covey_oscore_work *work,
                                               covey_writer *out)
{
    uint8_t order[4];
    covey_coap_message inner;
    covey_bytes observe = { NULL, 0 };
    bool notification;
    covey_status st = covey_coap_parse_inner(&inner, received->plaintext);

    if (st == COVEY_OK && !covey_oscore_is_response(inner.code)) {
        st = COVEY_E_FORMAT;
    }
    if (st != COVEY_OK) {
        received->fault = COVEY_OSCORE_BAD_PLAINTEXT;
        received->status = st;
        return COVEY_UNPROTECT_REFUSED;
    }
    notification = covey_oscore_has_observe(&inner);
    received->fault = judge(exchange, received, notification);
    if (received->fault != COVEY_OSCORE_NO_FAULT) {
        return COVEY_UNPROTECT_REFUSED;
    }
    if (notification && received->has_piv) {
        observe = covey_option_uint_encode(
            (uint32_t)received->piv & OBSERVE_MASK, order);
    }
    st = merge(outer, &inner, observe, work, out);
    if (st != COVEY_OK) {
        received->fault = COVEY_OSCORE_OURS;
        received->status = st;
        return COVEY_UNPROTECT_REFUSED;
    }
    note(exchange, received, notification);
    return COVEY_UNPROTECT_FRESH;
}
