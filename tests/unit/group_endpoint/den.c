/* SPDX-License-Identifier: BSD-2-Clause */
#include "den.h"

clan_member *den_member(den *d, unsigned who)
{
    return &d->clan.member[who];
}

static covey_endpoint *endpoint(den *d, unsigned who)
{
    return &d->clan.member[who].stack.endpoint;
}

covey_path den_path(unsigned who)
{
    const covey_path path = { .peer = { .ip = { 192, 0, 2, (uint8_t)who },
                                        .port = 5683,
                                        .family = COVEY_FAMILY_IPV4 } };

    return path;
}

den *den_open(void)
{
    static den the_den;
    den *d = &the_den;

    memset(d, 0, sizeof *d);
    clan_open(&d->clan, DEN_MEMBERS, 1);
    d->call.type = COVEY_COAP_NON;
    d->call.code = GET;
    d->call.patience = 10000;
    d->call.user = 77;
    d->call.protector = &d->clan.member[ASKER].protector.protector;
    d->call.context = &d->clan.member[ASKER].group;
    return d;
}

den *den_start(void)
{
    den *d = den_open();

    for (unsigned i = 0; i < DEN_MEMBERS; i++) {
        clan_start(&d->clan, i, i + 1, 0);
    }
    return d;
}

static void put(den *d, covey_draft *draft)
{
    if (d->number != 0) {
        covey_coap_put_option(&draft->composer, d->number, d->option);
    }
}

static covey_status request(den *d)
{
    covey_endpoint *e = endpoint(d, ASKER);
    covey_writer out = covey_writer_of(d->left.bytes, STACK_MTU);
    covey_draft draft;
    covey_status st;

    covey_endpoint_request_begin(e, &draft, &d->call, &out);
    put(d, &draft);
    st = covey_endpoint_request_send(e, d->now, &draft, &d->call, &d->sent);
    d->left.len = out.pos;
    assert_true(st == COVEY_OK || out.pos == 0);
    return st;
}

covey_status den_ask_all(den *d)
{
    d->call.path = den_path(0);
    d->call.path.peer.ip[0] = 224;
    d->call.path.group = true;
    d->call.to = covey_bytes_of(NULL, 0);
    return request(d);
}

covey_status den_ask(den *d, unsigned who)
{
    d->call.path = den_path(who);
    d->call.to = clan_id(den_member(d, who));
    return request(d);
}

covey_status den_inject(den *d, const covey_path *path, unsigned at,
                        const den_kept *datagram)
{
    static den_kept arrived;

    arrived = *datagram;
    return covey_endpoint_receive(endpoint(d, at), d->now, path,
                                  covey_bytes_of(arrived.bytes, arrived.len),
                                  &d->in);
}

covey_status den_arrive(den *d, unsigned from, unsigned at)
{
    covey_path path = den_path(from);

    path.group = from == ASKER && d->call.path.group;
    return den_inject(d, &path, at, &d->left);
}

void den_heard(den *d, unsigned from, unsigned at)
{
    CHECK_STATUS(COVEY_OK, den_arrive(d, from, at));
    assert_int_equal(d->in.kind, at == ASKER ? COVEY_ENDPOINT_RESPONSE
                                             : COVEY_ENDPOINT_REQUEST);
}

covey_status den_reply(den *d, unsigned who, uint8_t code)
{
    covey_endpoint *e = endpoint(d, who);
    covey_writer out = covey_writer_of(d->left.bytes, STACK_MTU);
    covey_draft draft;
    covey_status st;

    d->in.request.leisure = 0;
    d->in.request.terms.always = true;
    covey_endpoint_reply_begin(e, &draft, &d->in.request, code, &out);
    put(d, &draft);
    covey_coap_put_payload(&draft.composer, SPAN("x"));
    st = covey_endpoint_reply_send(e, d->now, &draft, NULL, &d->sent);
    d->left.len = out.pos;
    assert_true(st != COVEY_OK || d->sent.now);
    return st;
}

bool den_transmit(den *d, unsigned who)
{
    covey_writer out = covey_writer_of(d->left.bytes, STACK_MTU);
    covey_path path;
    const bool has =
        covey_endpoint_transmit(endpoint(d, who), d->now, &path, &out);

    d->left.len = out.pos;
    return has;
}

covey_endpoint_report den_event(den *d, unsigned who, int what)
{
    covey_endpoint_report event = { .user = 0 };
    const bool has = covey_endpoint_event(endpoint(d, who), &event);

    assert_int_equal(what, has ? (int)event.what : 0);
    return event;
}

void den_forget(den *d)
{
    covey_endpoint_cancel(endpoint(d, ASKER), d->sent.exchange);
    den_event(d, ASKER, COVEY_ENDPOINT_CANCELLED);
}

covey_coap_message den_left(const den *d)
{
    covey_coap_message m;

    CHECK_STATUS(COVEY_OK, covey_coap_parse(&m, covey_bytes_of(d->left.bytes,
                                                               d->left.len)));
    return m;
}

covey_oscore_option den_option(const den *d)
{
    const covey_coap_message m = den_left(d);
    covey_oscore_option option;
    covey_bytes value;

    CHECK_STATUS(COVEY_OK, covey_oscore_value_find(&option, &value, &m));
    return option;
}

void den_close(den *d)
{
    covey_endpoint_report event;

    d->now += 300000;
    for (unsigned i = 0; i < DEN_MEMBERS; i++) {
        while (den_transmit(d, i) ||
               covey_endpoint_event(endpoint(d, i), &event)) {
        }
    }
    d->now += 300000; /* tokens that rested */
    for (unsigned i = 0; i < DEN_MEMBERS; i++) {
        while (den_transmit(d, i) ||
               covey_endpoint_event(endpoint(d, i), &event)) {
        }
        stack_is_empty(&den_member(d, i)->stack);
        assert_true(clan_is_idle(den_member(d, i)));
        clan_stop(&d->clan, i);
    }
    assert_int_equal(d->clan.script.live, DEN_MEMBERS); /* private keys */
}
