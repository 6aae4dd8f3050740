/* SPDX-License-Identifier: BSD-2-Clause */
/* Plain OSCORE as a protector. The numbers of a context are stored before
 * they are used: before a message leaves, before a request is acted upon
 * (RFC 8613 Section 7.5, Appendix B.1). */
#include <covey/endpoint.h>

#include <string.h>

_Static_assert(sizeof(covey_oscore_exchange) <=
                   sizeof(uint64_t) * COVEY_SECURITY_STATE,
               "an exchange fits into the state");

static void load(covey_oscore_exchange *x, const covey_security *s)
{
    memcpy(x, s->state, sizeof *x);
}

static void save(covey_security *s, const covey_oscore_exchange *x)
{
    memcpy(s->state, x, sizeof *x);
}

/* Stores what is due; what cannot be stored now may still have a reserve. */
static covey_status store(const covey_oscore_protector *p,
                          covey_oscore_context *c)
{
    covey_oscore_state next;
    covey_status st;

    if (!covey_oscore_due(c, &next)) {
        return COVEY_OK;
    }
    st = p->store(p->user, c, &next);
    return st == COVEY_OK ? covey_oscore_stored(c, &next) : st;
}

static covey_opening refuse(covey_opened *opened, covey_oscore_fault fault,
                            covey_status st, bool request)
{
    opened->fault = fault;
    opened->status = st;
    opened->reaction = covey_oscore_react(fault, request);
    return COVEY_OPENING_REFUSE;
}

/* What a request is that its context has let pass. */
static covey_opening judge(const covey_oscore_protector *p,
                           covey_oscore_context *c, covey_unprotect result,
                           const covey_oscore_received *r,
                           covey_opened *opened)
{
    covey_status st;

    switch (result) {
    case COVEY_UNPROTECT_REFUSED:
        break;
    case COVEY_UNPROTECT_MAYBE_REPLAY:
        return COVEY_OPENING_CHALLENGE;
    case COVEY_UNPROTECT_FRESH:
        return COVEY_OPENING_DELIVER;
    case COVEY_UNPROTECT_FRESH_ONCE_STORED:
        st = store(p, c);
        return st == COVEY_OK ? COVEY_OPENING_DELIVER
                              : refuse(opened, COVEY_OSCORE_OURS, st, true);
    }
    return refuse(opened, r->fault, r->status, true);
}

static void tell_sender(covey_opened *opened, const covey_oscore_context *c)
{
    opened->fault = COVEY_OSCORE_NO_FAULT;
    opened->status = COVEY_OK;
    opened->kind = COVEY_REPLY_PAIRWISE;
    opened->sender = covey_bytes_of(c->recipient_id, c->recipient_id_len);
    opened->roles = 0;
    opened->layers = 0;
    opened->member = false;
    opened->group = false;
    opened->pairwise = false;
    opened->suspicious = false;
}

static covey_opening open_request(const covey_protector *protector,
                                  const covey_sealed *in, covey_security *s,
                                  covey_opened *opened)
{
    const covey_oscore_protector *p = protector->user;
    const covey_oscore_work work = { .scratch = in->scratch.base,
                                     .scratch_cap = in->scratch.cap,
                                     .inner = p->inner,
                                     .inner_count = p->inner_count };
    covey_oscore_exchange x;
    covey_oscore_received r;
    covey_oscore_context *c;
    covey_unprotect result;

    if (in->option->group) {
        return COVEY_OPENING_FOREIGN;
    }
    if (in->option->kid.ptr == NULL) {
        return refuse(opened, COVEY_OSCORE_BAD_COSE, COVEY_E_FORMAT, true);
    }
    c = p->find(p->user, in->option->kid, in->option->kid_context);
    if (c == NULL || !covey_oscore_is_for(c, in->option)) {
        return COVEY_OPENING_FOREIGN;
    }
    tell_sender(opened, c);
    result =
        covey_oscore_unprotect_request(c, &x, in->outer, &work, in->plain, &r);
    if (result != COVEY_UNPROTECT_REFUSED) {
        s->context = c;
        save(s, &x);
    }
    return judge(p, c, result, &r, opened);
}

static covey_opening recover(const covey_protector *protector,
                             covey_security *s, covey_opened *opened)
{
    const covey_oscore_protector *p = protector->user;
    covey_oscore_context *c = s->context;
    covey_oscore_received r = { .has_piv = true };
    covey_oscore_exchange x;
    covey_status st;

    load(&x, s);
    st = covey_oscore_piv_number(covey_oscore_request_piv(&x), &r.piv);
    if (st != COVEY_OK) {
        return refuse(opened, COVEY_OSCORE_OURS, st, true);
    }
    return judge(p, c, covey_oscore_recover(c, &r), &r, opened);
}

static covey_status seal_response(const covey_protector *protector,
                                  covey_security *s,
                                  const covey_coap_message *m, bool own_piv,
                                  covey_writer *out)
{
    const covey_oscore_protector *p = protector->user;
    const covey_oscore_work work = { .own_piv = own_piv,
                                     .inner = p->inner,
                                     .inner_count = p->inner_count };
    covey_oscore_context *c = s->context;
    covey_oscore_exchange x;
    covey_status st;

    load(&x, s);
    (void)store(p, c); /* sealing says if there is no reserve */
    st = covey_oscore_protect_response(c, &x, m, &work, out);
    save(s, &x);
    return st;
}

static covey_status seal_request(const covey_protector *protector,
                                 covey_security *s,
                                 const covey_endpoint_call *call,
                                 const covey_coap_message *m,
                                 covey_writer *out)
{
    const covey_oscore_protector *p = protector->user;
    const covey_oscore_work work = { .inner = p->inner,
                                     .inner_count = p->inner_count };
    covey_oscore_context *c = s->context;
    covey_oscore_exchange x;
    covey_status st;

    if (call->path.group) {
        return COVEY_E_ARGUMENT; /* one peer has this key */
    }
    (void)store(p, c);
    st = covey_oscore_protect_request(c, &x, m, &work, out);
    if (st == COVEY_OK) {
        x.many = call->many;
        save(s, &x);
    }
    return st;
}

static covey_opening open_response(const covey_protector *protector,
                                   const covey_sealed *in, covey_security *s,
                                   covey_opened *opened)
{
    const covey_oscore_protector *p = protector->user;
    const covey_oscore_work work = { .scratch = in->scratch.base,
                                     .scratch_cap = in->scratch.cap,
                                     .inner = p->inner,
                                     .inner_count = p->inner_count };
    covey_oscore_context *c = s->context;
    covey_oscore_received r;
    covey_oscore_exchange x;

    load(&x, s);
    if (covey_oscore_unprotect_response(c, &x, in->outer, &work, in->plain,
                                        &r) == COVEY_UNPROTECT_REFUSED) {
        return refuse(opened, r.fault, r.status, false);
    }
    save(s, &x);
    tell_sender(opened, c);
    return COVEY_OPENING_DELIVER;
}

void covey_oscore_protector_init(covey_oscore_protector *p)
{
    const covey_protector protector = {
        open_request, recover, seal_response, seal_request, open_response,
        NULL,         p
    };

    p->protector = protector;
}
