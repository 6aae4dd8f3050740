/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab.h"

#include <crypto/scripted/scripted.h>

static lab the_lab;

covey_path lab_path(bool from_server)
{
    const covey_address client = { .ip = { 192, 0, 2, 1 },
                                   .port = 5683,
                                   .family = COVEY_FAMILY_IPV4 };
    covey_address server = client;
    covey_path path = { .peer = client };

    server.ip[3] = 2;
    path.peer = from_server ? server : client;
    path.local = from_server ? client : server;
    return path;
}

lab *lab_open(bool oscore)
{
    lab *l = &the_lab;

    memset(l, 0, sizeof *l);
    watch_open(&l->watch, &covey_toy, 1);
    stack_start(&l->client, &l->watch, oscore ? "C" : NULL, "S", 1, 0);
    stack_start(&l->server, &l->watch, oscore ? "S" : NULL, "C", 2, 0);
    l->call.path = lab_path(true);
    l->call.code = GET;
    l->call.patience = 10000;
    l->call.user = 77;
    if (oscore) {
        l->call.protector = &l->client.oscore.protector;
        l->call.context = &l->client.context;
    }
    return l;
}

static void take_apart(lab *l)
{
    CHECK_STATUS(COVEY_OK, covey_coap_parse(&l->left, covey_written(&l->out)));
}

static void put(lab *l, covey_draft *d)
{
    if (l->number != 0) {
        covey_coap_put_option(&d->composer, l->number, l->option);
    }
}

covey_status lab_request(lab *l)
{
    covey_endpoint *e = &l->client.endpoint;
    covey_draft d;
    covey_status st;

    l->out = covey_writer_of(l->bytes, sizeof l->bytes);
    covey_endpoint_request_begin(e, &d, &l->call, &l->out);
    put(l, &d);
    st = covey_endpoint_request_send(e, l->now, &d, &l->call, &l->sent);
    if (st == COVEY_OK) {
        take_apart(l);
    } else {
        assert_int_equal(l->out.pos, 0);
    }
    return st;
}

uint16_t lab_begin(lab *l)
{
    CHECK_STATUS(COVEY_OK, lab_request(l));
    assert_true(l->sent.now);
    assert_int_equal(l->left.token.len, sizeof l->token);
    memcpy(l->token, l->left.token.ptr, sizeof l->token);
    return l->left.message_id;
}

covey_bytes lab_forge(const lab *l, covey_coap_type type, uint8_t code,
                      uint16_t id, covey_bytes rest)
{
    static uint8_t bytes[STACK_MTU];
    const covey_coap_message head = {
        .type = type,
        .code = code,
        .message_id = id,
        .token = covey_bytes_of(l->token, sizeof l->token),
    };
    covey_writer w = covey_writer_of(bytes, sizeof bytes);
    covey_coap_composer c = covey_coap_compose(&w, &head);

    CHECK_STATUS(COVEY_OK, covey_coap_finish(&c));
    covey_write_bytes(&w, rest);
    return covey_written(&w);
}

covey_status lab_reply(lab *l, const covey_endpoint_request *r, uint8_t code,
                       const covey_endpoint_reply *how)
{
    covey_endpoint *e = &l->server.endpoint;
    covey_draft d;
    covey_status st;

    l->out = covey_writer_of(l->bytes, sizeof l->bytes);
    covey_endpoint_reply_begin(e, &d, r, code, &l->out);
    put(l, &d);
    covey_coap_put_payload(&d.composer, SPAN("x"));
    st = covey_endpoint_reply_send(e, l->now, &d, how, &l->sent);
    if (st == COVEY_OK && l->sent.now) {
        take_apart(l);
    }
    return st;
}

covey_status lab_inject(lab *l, bool at_server, covey_bytes datagram)
{
    const covey_path path = lab_path(!at_server);

    return covey_endpoint_receive(at_server ? &l->server.endpoint
                                            : &l->client.endpoint,
                                  l->now, &path, datagram, &l->in);
}

covey_status lab_arrive(lab *l, bool at_server)
{
    static uint8_t arrived[STACK_MTU];

    memcpy(arrived, l->bytes, l->out.pos);
    return lab_inject(l, at_server, covey_bytes_of(arrived, l->out.pos));
}

bool lab_transmit(lab *l, bool server)
{
    covey_endpoint *e = server ? &l->server.endpoint : &l->client.endpoint;
    const covey_path to = lab_path(!server);
    covey_path path;

    l->out = covey_writer_of(l->bytes, sizeof l->bytes);
    if (!covey_endpoint_transmit(e, l->now, &path, &l->out)) {
        assert_int_equal(l->out.pos, 0);
        return false;
    }
    assert_true(covey_address_equal(&path.peer, &to.peer));
    take_apart(l);
    return true;
}

covey_endpoint_report lab_event(lab *l, bool server, int what)
{
    covey_endpoint *e = server ? &l->server.endpoint : &l->client.endpoint;
    covey_endpoint_report event = { .user = 0 };
    const bool has = covey_endpoint_event(e, &event);

    assert_int_equal(what, has ? (int)event.what : 0);
    return event;
}

void lab_ask(lab *l)
{
    CHECK_STATUS(COVEY_OK, lab_request(l));
    assert_true(l->sent.now);
    CHECK_STATUS(COVEY_OK, lab_arrive(l, true));
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_REQUEST);
}

void lab_close(lab *l)
{
    while (lab_transmit(l, true) || lab_transmit(l, false)) {
    }
    lab_event(l, true, 0);
    lab_event(l, false, 0);
    l->now += 300000;
    while (lab_transmit(l, true) || lab_transmit(l, false)) {
    }
    stack_is_empty(&l->client);
    stack_is_empty(&l->server);
    covey_oscore_drop(&l->client.context);
    covey_oscore_drop(&l->server.context);
}

void lab_keep(lab_kept *k, const lab *l)
{
    k->len = l->out.pos;
    memcpy(k->bytes, l->bytes, k->len);
}

covey_bytes lab_kept_span(const lab_kept *k)
{
    return covey_bytes_of(k->bytes, k->len);
}

void lab_answered(lab *l)
{
    CHECK_STATUS(COVEY_OK, lab_arrive(l, false));
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_RESPONSE);
    CHECK_SPAN(SPAN("x"), l->in.message.payload);
    lab_event(l, false, COVEY_ENDPOINT_ANSWERED);
}

void lab_forget(lab *l)
{
    covey_endpoint_cancel(&l->client.endpoint, l->sent.exchange);
    lab_event(l, false, COVEY_ENDPOINT_CANCELLED);
}

covey_bytes lab_piv(const lab *l)
{
    covey_oscore_option option;
    covey_bytes value;

    CHECK_STATUS(COVEY_OK, covey_oscore_value_find(&option, &value, &l->left));
    return option.partial_iv;
}
