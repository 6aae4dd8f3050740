/* SPDX-License-Identifier: BSD-2-Clause */
/* Two layers of protection as one, for a client: what is protected end to end
 * is protected again for a proxy, and what comes back is opened twice. Seed
 * 003 Appendix A; draft-ietf-core-oscore-capable-proxies. */
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

/* --- what a client does not do ------------------------------------------- */

static covey_opening open_request(const covey_protector *protector,
                                  const covey_sealed *in, covey_security *s,
                                  covey_opened *opened)
{
    (void)protector;
    (void)in;
    (void)s;
    (void)opened;
    return COVEY_OPENING_FOREIGN;
}

static covey_opening recover(const covey_protector *protector,
                             covey_security *s, covey_opened *opened)
{
    (void)protector;
    (void)s;
    return refuse(opened, COVEY_E_ARGUMENT);
}

static covey_status seal_response(const covey_protector *protector,
                                  covey_security *s,
                                  const covey_coap_message *m, bool own_piv,
                                  covey_writer *out)
{
    (void)protector;
    (void)s;
    (void)m;
    (void)own_piv;
    (void)out;
    return COVEY_E_ARGUMENT;
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
