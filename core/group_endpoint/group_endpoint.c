/* SPDX-License-Identifier: BSD-2-Clause */
/* Group OSCORE as a protector. As with plain OSCORE the numbers of a group are
 * stored before they are used: the own ones before a message leaves, those of
 * others before a request is acted upon. What a refused message leaves behind
 * is in core/group: nothing but its count of forgeries; a member that was
 * added for it goes again. */
#include <covey/group_endpoint.h>

#include <string.h>

_Static_assert(sizeof(covey_group_exchange) <=
                   sizeof(uint64_t) * COVEY_SECURITY_STATE,
               "an exchange fits into the state");

#define NO_BLOCK    UINT16_MAX
#define BAD_OPTION  COVEY_COAP_CODE(4, 2)
#define UNAVAILABLE COVEY_COAP_CODE(5, 3)

static void load(covey_group_exchange *x, const covey_security *s)
{
    memcpy(x, s->state, sizeof *x);
}

static void save(covey_security *s, const covey_group_exchange *x)
{
    memcpy(s->state, x, sizeof *x);
}

/* Have there been too many contexts since? Its Gid is no longer there then. */
static bool is_over(const covey_group *g, const covey_group_exchange *x)
{
    return g->epoch - x->epoch > COVEY_GROUP_REKEYINGS;
}

static covey_group_work work_of(const covey_group_protector *p)
{
    const covey_group_work work = {
        .message = { .scratch = p->scratch, .scratch_cap = p->scratch_len },
    };

    return work;
}

/* Stores all that is due; what cannot be stored now may have a reserve. */
static covey_status store(const covey_group_protector *p, covey_group *g)
{
    covey_group_record record;
    covey_status st = COVEY_OK;

    while (st == COVEY_OK && covey_group_due(g, &record)) {
        st = p->store(p->user, g, &record);
        if (st == COVEY_OK) {
            st = covey_group_stored(g, &record);
        }
    }
    return st;
}

/* --- members ------------------------------------------------------------- */

static covey_status meet(const covey_group_protector *p, covey_group *g,
                         covey_bytes id, covey_group_recipient **added)
{
    covey_group_member member = { .id = id,
                                  .number = COVEY_GROUP_NUMBER_UNKNOWN };

    if (p->meet == NULL || id.ptr == NULL ||
        p->meet(p->user, g, &member) != COVEY_OK) {
        return COVEY_E_NO_CONTEXT;
    }
    member.id = id;
    return covey_group_add(g, &member, added);
}

/* To whom a message in pairwise mode goes. */
static covey_status find_member(const covey_group_protector *p, covey_group *g,
                                covey_bytes id, covey_group_recipient **found)
{
    *found = covey_group_find(g, id);
    return *found != NULL ? COVEY_OK : meet(p, g, id, found);
}

/* --- opening ------------------------------------------------------------- */

/* A message on its way in. */
struct opening {
    const covey_group_protector *p;
    covey_group *g;
    const covey_sealed *in;
    bool request;
    covey_group_work work;
    covey_group_exchange x;
    covey_group_received r;
};

static covey_unprotect attempt(struct opening *o)
{
    return o->request
               ? covey_group_unprotect_request(o->g, &o->x, o->in->outer,
                                               &o->work, o->in->plain, &o->r)
               : covey_group_unprotect_response(o->g, &o->x, o->in->outer,
                                                &o->work, o->in->plain, &o->r);
}

/* Once more with the sender, if that was missing. */
static covey_unprotect unprotect(struct opening *o)
{
    covey_group_recipient *added;
    covey_unprotect result = attempt(o);

    if (result != COVEY_UNPROTECT_REFUSED ||
        o->r.base.fault != COVEY_OSCORE_NO_SENDER) {
        return result;
    }
    o->r.base.status = meet(o->p, o->g, o->in->option->kid, &added);
    if (o->r.base.status != COVEY_OK) {
        if (o->r.base.status != COVEY_E_NO_CONTEXT) {
            o->r.base.fault = COVEY_OSCORE_OURS;
        }
        return COVEY_UNPROTECT_REFUSED;
    }
    result = attempt(o);
    if (result == COVEY_UNPROTECT_REFUSED && covey_group_is_stranger(added)) {
        covey_group_remove(o->g, added);
    }
    return result;
}

static void tell(covey_opened *opened, const covey_group_received *r)
{
    const covey_group_recipient *from = r->from;

    opened->fault = COVEY_OSCORE_NO_FAULT;
    opened->status = COVEY_OK;
    opened->kind = r->pairwise ? COVEY_REPLY_PAIRWISE : COVEY_REPLY_GROUP_MODE;
    opened->member = true;
    opened->suspicious = r->suspicious;
    if (from != NULL) { /* as in all that was opened */
        opened->sender = covey_group_id_of(from);
        opened->roles = covey_group_roles_of(from);
    }
}

/* Besides what covey_group_react says, to a request in pairwise mode (RFC
 * 10021 Sections 7.2 and 8.4). */
static covey_oscore_reaction react(const covey_group_received *r, bool request)
{
    static const covey_oscore_reaction no_mode = { BAD_OPTION,
                                                   "No pairwise mode" };
    static const covey_oscore_reaction no_sender = { UNAVAILABLE,
                                                     "No credential" };

    if (request && r->pairwise && r->base.fault == COVEY_OSCORE_NO_MODE) {
        return no_mode;
    }
    if (request && r->pairwise && r->base.fault == COVEY_OSCORE_NO_SENDER) {
        return no_sender;
    }
    return covey_group_react(r, request);
}

static covey_opening refuse(covey_opened *opened,
                            const covey_group_received *r, bool request)
{
    opened->fault = r->base.fault;
    opened->status = r->base.status;
    opened->reaction = react(r, request);
    return COVEY_OPENING_REFUSE;
}

/* What a request is that its group has let pass, or not. What was taken from
 * it is stored in any case, but only in one case is it waited for. */
static covey_opening judge(const covey_group_protector *p, covey_group *g,
                           covey_unprotect result, covey_group_received *r,
                           covey_opened *opened)
{
    covey_status st = COVEY_OK;

    if (result != COVEY_UNPROTECT_REFUSED ||
        r->base.fault == COVEY_OSCORE_BASELINE) {
        st = store(p, g);
    }
    switch (result) {
    case COVEY_UNPROTECT_REFUSED:
        break;
    case COVEY_UNPROTECT_MAYBE_REPLAY:
        return COVEY_OPENING_CHALLENGE;
    case COVEY_UNPROTECT_FRESH:
        return COVEY_OPENING_DELIVER;
    case COVEY_UNPROTECT_FRESH_ONCE_STORED:
        if (st == COVEY_OK) {
            return COVEY_OPENING_DELIVER;
        }
        r->base.fault = COVEY_OSCORE_OURS;
        r->base.status = st;
        break;
    }
    return refuse(opened, r, true);
}

/* No group is meant, or none that is known here. To what is for many nobody
 * says so (Section 7.2). */
static covey_opening foreign(const covey_oscore_option *option,
                             covey_opened *opened)
{
    static const covey_oscore_reaction silence = { COVEY_COAP_EMPTY, "" };

    if (option->group) {
        opened->reaction = silence;
        opened->group = true;
    }
    return COVEY_OPENING_FOREIGN;
}

static covey_opening open_request(const covey_protector *protector,
                                  const covey_sealed *in, covey_security *s,
                                  covey_opened *opened)
{
    struct opening o = { .p = protector->user, .in = in, .request = true };
    const covey_bytes gid = in->option->kid_context;
    covey_unprotect result;

    if (gid.ptr != NULL) {
        o.g = o.p->find(o.p->user, gid, in->from);
    }
    if (o.g == NULL || !covey_group_is_for(o.g, in->option)) {
        return foreign(in->option, opened);
    }
    opened->group = true;
    opened->pairwise = !in->option->group;
    o.work = work_of(o.p);
    o.work.unicast = !in->from->group;
    result = unprotect(&o);
    if (result != COVEY_UNPROTECT_REFUSED) {
        tell(opened, &o.r);
        opened->epoch = o.g->epoch;
        s->context = o.g;
        save(s, &o.x);
    }
    return judge(o.p, o.g, result, &o.r, opened);
}

static covey_opening recover(const covey_protector *protector,
                             covey_security *s, covey_opened *opened)
{
    const covey_group_protector *p = protector->user;
    covey_group *g = s->context;
    covey_group_exchange x;
    covey_group_received r = { .base = { .has_piv = true,
                                         .fault = COVEY_OSCORE_OURS } };
    covey_unprotect result = COVEY_UNPROTECT_REFUSED;

    load(&x, s);
    r.pairwise = x.pairwise;
    r.from = covey_group_asker(g, &x);
    r.base.status = covey_oscore_piv_number(
        covey_oscore_request_piv(&x.request), &r.base.piv);
    if (r.base.status == COVEY_OK && (r.from == NULL || x.epoch != g->epoch)) {
        r.base.status = COVEY_E_NO_CONTEXT;
    }
    if (r.base.status == COVEY_OK) {
        r.base.fault = COVEY_OSCORE_NO_FAULT;
        result = covey_group_recover(g, &r);
    }
    return judge(p, g, result, &r, opened);
}

static covey_opening open_response(const covey_protector *protector,
                                   const covey_sealed *in, covey_security *s,
                                   covey_opened *opened)
{
    struct opening o = { .p = protector->user, .g = s->context, .in = in };

    opened->group = true;
    opened->pairwise = !in->option->group;
    o.work = work_of(o.p);
    load(&o.x, s);
    if (is_over(o.g, &o.x)) {
        o.r.base.fault = COVEY_OSCORE_OURS;
        o.r.base.status = COVEY_E_STATE;
        return refuse(opened, &o.r, false);
    }
    if (unprotect(&o) == COVEY_UNPROTECT_REFUSED) {
        return refuse(opened, &o.r, false);
    }
    save(s, &o.x);
    tell(opened, &o.r);
    return COVEY_OPENING_DELIVER;
}

/* --- sealing ------------------------------------------------------------- */

/* The mode that the policy wants, if the group has it. */
static bool reply_pairwise(const covey_group_protector *p,
                           const covey_group *g, const covey_group_exchange *x)
{
    bool pairwise = x->pairwise;

    if (p->reply != COVEY_GROUP_REPLY_AS_ASKED) {
        pairwise = p->reply == COVEY_GROUP_REPLY_PAIRWISE;
    }
    return covey_group_has_mode(g, pairwise) ? pairwise : !pairwise;
}

static covey_status seal_response(const covey_protector *protector,
                                  covey_security *s,
                                  const covey_coap_message *m, bool own_piv,
                                  covey_writer *out)
{
    const covey_group_protector *p = protector->user;
    covey_group *g = s->context;
    covey_group_work work = work_of(p);
    covey_group_exchange x;
    covey_status st;

    load(&x, s);
    if (is_over(g, &x)) {
        return COVEY_E_STATE;
    }
    work.message.own_piv = own_piv;
    if (reply_pairwise(p, g, &x)) {
        work.to = covey_group_asker(g, &x);
        if (work.to == NULL) {
            return COVEY_E_NO_CONTEXT;
        }
    }
    (void)store(p, g); /* sealing says if there is no reserve */
    st = covey_group_seal_response(g, &x, m, covey_bytes_of(NULL, 0), &work,
                                   out);
    save(s, &x);
    return st;
}

static covey_status take_answers(covey_group_answers *a,
                                 covey_group_exchange *x)
{
    const uint16_t block = a->free;

    if (block == NO_BLOCK) {
        return COVEY_E_ROOM;
    }
    a->free = a->next[block];
    x->answers = &a->rows[(size_t)block * a->each];
    x->answer_max = a->each;
    return COVEY_OK;
}

static void give_answers(covey_group_answers *a, const covey_group_exchange *x)
{
    uint16_t block;

    if (x->answers != NULL) {
        block = (uint16_t)((size_t)(x->answers - a->rows) / a->each);
        a->next[block] = a->free;
        a->free = block;
    }
}

static covey_status seal_request(const covey_protector *protector,
                                 covey_security *s,
                                 const covey_endpoint_call *call,
                                 const covey_coap_message *m,
                                 covey_writer *out)
{
    covey_group_protector *p = protector->user;
    covey_group *g = s->context;
    covey_group_work work = work_of(p);
    covey_group_exchange x = { .client = true };
    covey_status st = call->to.ptr != NULL
                          ? find_member(p, g, call->to, &work.to)
                          : take_answers(&p->answers, &x);

    if (st != COVEY_OK) {
        return st;
    }
    (void)store(p, g);
    st = covey_group_seal_request(g, &x, m, covey_bytes_of(NULL, 0), &work,
                                  out);
    if (st == COVEY_OK) {
        save(s, &x);
    } else {
        give_answers(&p->answers, &x);
    }
    return st;
}

static void end(const covey_protector *protector, covey_security *s)
{
    covey_group_protector *p = protector->user;
    covey_group_exchange x;

    load(&x, s);
    give_answers(&p->answers, &x);
}

void covey_group_protector_init(covey_group_protector *p)
{
    const covey_protector protector = {
        open_request, recover, seal_response, seal_request, open_response,
        end,          p
    };
    covey_group_answers *a = &p->answers;

    p->protector = protector;
    a->free = NO_BLOCK;
    for (uint16_t i = a->count; i > 0; i--) {
        a->next[i - 1] = a->free;
        a->free = (uint16_t)(i - 1);
    }
}
