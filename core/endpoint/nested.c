/* SPDX-License-Identifier: BSD-2-Clause */
/* Two layers of protection as one. For a client: what is protected end to end
 * is protected again for a proxy, and what comes back is opened twice. For a
 * server that is the proxy, too: the same the other way round. Seed 003
 * Appendix A; draft-ietf-core-oscore-capable-proxies. */
#include <covey/endpoint.h>

#include <string.h>

#define NONE UINT32_MAX

/* Of a row's layers. */
enum {
    INNER,
    OUTER
};

static uint32_t row_of(const covey_security *s)
{
    return (uint32_t)s->state[0];
}

static void give_row(covey_nested_protector *p, uint32_t i)
{
    p->rows[i].next = p->free;
    p->free = i;
}

static void end_layer(covey_security *s)
{
    if (s->protector->end != NULL) {
        s->protector->end(s->protector, s);
    }
}

/* --- requests of ours ---------------------------------------------------- */

static covey_status seal_layers(const covey_nested_protector *p,
                                covey_nested_row *row,
                                const covey_endpoint_call *call,
                                const covey_coap_message *m, covey_writer *out)
{
    covey_security *inner = &row->layer[INNER];
    covey_security *outer = &row->layer[OUTER];
    covey_writer w = covey_writer_of(p->scratch, p->scratch_len);
    covey_coap_message sealed;
    covey_status st =
        inner->protector->seal_request(inner->protector, inner, call, m, &w);

    if (st != COVEY_OK) {
        return st;
    }
    st = covey_coap_parse(&sealed, covey_written(&w));
    if (st == COVEY_OK) {
        st = outer->protector->seal_request(outer->protector, outer, call,
                                            &sealed, out);
    }
    if (st != COVEY_OK) {
        end_layer(inner);
    }
    return st;
}

static covey_status seal_request(const covey_protector *protector,
                                 covey_security *s,
                                 const covey_endpoint_call *call,
                                 const covey_coap_message *m,
                                 covey_writer *out)
{
    covey_nested_protector *p = protector->user;
    const uint32_t i = p->free;
    covey_nested_row *row = &p->rows[i];
    covey_status st;

    if (i == NONE) {
        return COVEY_E_ROOM;
    }
    memset(row->layer, 0, sizeof row->layer);
    row->layer[INNER].protector = p->inner;
    row->layer[INNER].context = s->context;
    row->layer[OUTER].protector = p->outer;
    row->layer[OUTER].context = p->outer_context;
    st = seal_layers(p, row, call, m, out);
    if (st == COVEY_OK) {
        p->free = row->next;
        s->state[0] = i;
    }
    return st;
}

static void end(const covey_protector *protector, covey_security *s)
{
    covey_nested_protector *p = protector->user;
    covey_nested_row *row = &p->rows[row_of(s)];

    end_layer(&row->layer[OUTER]);
    end_layer(&row->layer[INNER]);
    give_row(p, row_of(s));
}

/* --- responses ----------------------------------------------------------- */

static covey_opening refuse(covey_opened *opened, covey_status st)
{
    opened->fault = COVEY_OSCORE_BAD_COSE;
    opened->status = st;
    opened->reaction.code = COVEY_COAP_EMPTY;
    return COVEY_OPENING_REFUSE;
}

/* What is left without the proxy's layer: the server's, or, if that is an
 * error, the proxy's own word. */
static covey_opening open_inner(const covey_sealed *in, covey_bytes message,
                                covey_security *inner, covey_opened *opened)
{
    covey_coap_message m;
    covey_oscore_option option;
    covey_sealed sealed = { in->from, &m, &option, in->plain, in->scratch };
    covey_bytes value;
    covey_opening opening;
    covey_status st = covey_coap_parse(&m, message);

    if (st != COVEY_OK) {
        return refuse(opened, st);
    }
    if (!covey_option_get(&m, COVEY_OPTION_OSCORE, &value)) {
        /* The proxy could otherwise speak in the server's name. */
        if (m.code >> 5 == 2) {
            return refuse(opened, COVEY_E_AUTH);
        }
        covey_write_bytes(in->plain, message);
        opened->layers = 1;
        return in->plain->failed == COVEY_OK
                   ? COVEY_OPENING_DELIVER
                   : refuse(opened, in->plain->failed);
    }
    st = covey_oscore_value_find(&option, &value, &m);
    if (st != COVEY_OK) {
        return refuse(opened, st);
    }
    opening = inner->protector->open_response(inner->protector, &sealed, inner,
                                              opened);
    if (opening == COVEY_OPENING_DELIVER) {
        opened->layers = 2;
    }
    return opening;
}

static covey_opening open_response(const covey_protector *protector,
                                   const covey_sealed *in, covey_security *s,
                                   covey_opened *opened)
{
    const covey_nested_protector *p = protector->user;
    covey_nested_row *row = &p->rows[row_of(s)];
    covey_security *outer = &row->layer[OUTER];
    covey_writer w = covey_writer_of(p->scratch, p->scratch_len);
    covey_sealed sealed = *in;
    covey_opening opening;

    sealed.plain = &w;
    opening = outer->protector->open_response(outer->protector, &sealed, outer,
                                              opened);
    if (opening == COVEY_OPENING_DELIVER) {
        opening =
            open_inner(in, covey_written(&w), &row->layer[INNER], opened);
    }
    covey_wipe(p->scratch, w.pos);
    return opening;
}

/* --- requests to us ------------------------------------------------------ */

/* Both layers in the state of one request, which may be copied: so there is no
 * row, and place for plain OSCORE alone. */
struct both {
    void *context[2];
    uint64_t state[2][COVEY_NESTED_STATE];
    uint8_t layers;
    bool challenged[2];
};

_Static_assert(sizeof(struct both) <= sizeof(uint64_t) * COVEY_SECURITY_STATE,
               "both layers fit into the state");
_Static_assert(sizeof(covey_oscore_exchange) <=
                   sizeof(uint64_t) * COVEY_NESTED_STATE,
               "an exchange fits into the state of a layer");

static covey_security take(const covey_nested_protector *p,
                           const struct both *b, unsigned which)
{
    covey_security s = { which == INNER ? p->inner : p->outer,
                         b->context[which],
                         { 0 } };

    memcpy(s.state, b->state[which], sizeof b->state[which]);
    return s;
}

static void put(struct both *b, unsigned which, const covey_security *s)
{
    b->context[which] = s->context;
    memcpy(b->state[which], s->state, sizeof b->state[which]);
}

/* One layer off; into *b unless it is refused. */
static covey_opening peel(const covey_protector *layer, unsigned which,
                          const covey_sealed *in, struct both *b,
                          covey_opened *opened)
{
    covey_security s;
    covey_opening opening;

    memset(&s, 0, sizeof s);
    opening = layer->open_request(layer, in, &s, opened);
    if (opening >= COVEY_OPENING_CHALLENGE) {
        put(b, which, &s);
        b->challenged[which] = opening == COVEY_OPENING_CHALLENGE;
        b->layers++;
    }
    return opening;
}

/* What the outer layer has left: a message for us as it is, or one with
 * another layer. */
static covey_opening peel_inner(const covey_nested_protector *p,
                                const covey_sealed *in, covey_bytes message,
                                struct both *b, covey_opened *opened)
{
    covey_coap_message m;
    covey_oscore_option option;
    const covey_sealed sealed = { in->from, &m, &option, in->plain,
                                  in->scratch };
    covey_bytes value;
    covey_opening opening;
    covey_status st = covey_coap_parse(&m, message);

    if (st != COVEY_OK) {
        return refuse(opened, st);
    }
    if (!covey_option_get(&m, COVEY_OPTION_OSCORE, &value)) {
        covey_write_bytes(in->plain, message);
        return in->plain->failed == COVEY_OK
                   ? COVEY_OPENING_DELIVER
                   : refuse(opened, in->plain->failed);
    }
    st = covey_oscore_value_find(&option, &value, &m);
    if (st != COVEY_OK) {
        return refuse(opened, st);
    }
    opening = peel(p->inner, INNER, &sealed, b, opened);
    if (opening == COVEY_OPENING_FOREIGN) {
        opened->fault = COVEY_OSCORE_NO_CONTEXT;
        opened->reaction = covey_oscore_react(COVEY_OSCORE_NO_CONTEXT, true);
        opening = COVEY_OPENING_REFUSE;
    }
    return opening;
}

static covey_opening open_request(const covey_protector *protector,
                                  const covey_sealed *in, covey_security *s,
                                  covey_opened *opened)
{
    const covey_nested_protector *p = protector->user;
    covey_writer w = covey_writer_of(p->scratch, p->scratch_len);
    covey_sealed sealed = *in;
    struct both b;
    covey_opening outer;
    covey_opening inner;

    memset(&b, 0, sizeof b);
    sealed.plain = &w;
    outer = peel(p->outer, OUTER, &sealed, &b, opened);
    inner = outer < COVEY_OPENING_CHALLENGE
                ? outer
                : peel_inner(p, in, covey_written(&w), &b, opened);
    covey_wipe(p->scratch, w.pos);
    if (inner < COVEY_OPENING_CHALLENGE) {
        return inner;
    }
    opened->layers = b.layers;
    s->context = b.context[b.layers > 1 ? INNER : OUTER];
    memcpy(s->state, &b, sizeof b);
    return outer < inner ? outer : inner; /* challenged, if either is */
}

/* Echo was inside all layers, so it vouches for each. */
static covey_opening recover(const covey_protector *protector,
                             covey_security *s, covey_opened *opened)
{
    const covey_nested_protector *p = protector->user;
    covey_opening opening = COVEY_OPENING_DELIVER;
    struct both b;

    memcpy(&b, s->state, sizeof b);
    for (unsigned i = INNER; i <= OUTER; i++) {
        covey_security layer = take(p, &b, i);
        if (b.challenged[i] && opening == COVEY_OPENING_DELIVER) {
            opening =
                layer.protector->recover(layer.protector, &layer, opened);
            put(&b, i, &layer);
        }
    }
    memcpy(s->state, &b, sizeof b);
    return opening;
}

static covey_status seal_response(const covey_protector *protector,
                                  covey_security *s,
                                  const covey_coap_message *m, bool own_piv,
                                  covey_writer *out)
{
    const covey_nested_protector *p = protector->user;
    covey_writer w = covey_writer_of(p->scratch, p->scratch_len);
    covey_status st = COVEY_OK;
    covey_coap_message sealed = *m;
    covey_security layer;
    struct both b;

    memcpy(&b, s->state, sizeof b);
    if (b.layers > 1) {
        layer = take(p, &b, INNER);
        st = p->inner->seal_response(p->inner, &layer, m, own_piv, &w);
        put(&b, INNER, &layer);
        if (st == COVEY_OK) {
            st = covey_coap_parse(&sealed, covey_written(&w));
        }
    }
    if (st == COVEY_OK) {
        layer = take(p, &b, OUTER);
        st = p->outer->seal_response(p->outer, &layer, &sealed, own_piv, out);
        put(&b, OUTER, &layer);
    }
    memcpy(s->state, &b, sizeof b);
    return st;
}

void covey_nested_protector_init(covey_nested_protector *p)
{
    const covey_protector protector = {
        open_request, recover, seal_response, seal_request, open_response,
        end,          p
    };

    p->protector = protector;
    p->free = NONE;
    for (uint32_t i = p->row_count; i > 0; i--) {
        give_row(p, i - 1);
    }
}
