/* SPDX-License-Identifier: BSD-2-Clause */
#include "outer_lab.h"

#define FETCH 0x05

void outer_reply(lab *l, struct cut *c, const struct cut *asked)
{
    static const uint8_t zeros[OUTER_OPTION];

    l->number = COVEY_OPTION_LOCATION_QUERY;
    l->option = covey_bytes_of(zeros, sizeof zeros);
    CHECK_STATUS(COVEY_OK, lab_reply(l, &l->in.request, CONTENT, NULL));
    cut_begin(c, covey_written(&l->out));
    c->id = asked->whole.message_id;
    l->number = 0;
}

lab *outer_open(struct cut *c, struct cut *asked, covey_coap_type type)
{
    lab *l = lab_open(true);

    l->call.type = type;
    lab_ask(l);
    cut_begin(asked, covey_written(&l->out));
    outer_reply(l, c, asked);
    assert_int_equal(c->count, 4);
    return l;
}

covey_status outer_block(lab *l, struct cut *c, unsigned num,
                         covey_coap_type type)
{
    return lab_inject(l, false, cut_block(c, COVEY_OPTION_BLOCK2, num, type));
}

covey_status outer_answer(lab *l, struct cut *c, unsigned num)
{
    static uint8_t token[COVEY_EXCHANGE_TOKEN_MAX];
    const bool con = l->left.type == COVEY_COAP_CON;

    if (l->left.code >> 5 == 0) { /* a request of the client */
        memcpy(token, l->left.token.ptr, l->left.token.len);
        c->token = covey_bytes_of(token, l->left.token.len);
        c->id = l->left.message_id;
    }
    return outer_block(l, c, num, con ? COVEY_COAP_ACK : COVEY_COAP_NON);
}

void outer_asks(lab *l, const struct cut *asked, unsigned num)
{
    covey_bytes one;
    covey_bytes other;

    assert_int_equal(l->in.kind, COVEY_ENDPOINT_NOTHING);
    lab_event(l, false, 0);
    assert_true(lab_transmit(l, false));
    assert_int_equal(l->left.code, asked->whole.code);
    assert_int_equal(l->left.type, asked->whole.type);
    cut_expect(&l->left, COVEY_OPTION_BLOCK2, num, false);
    assert_true(covey_option_get(&asked->whole, COVEY_OPTION_OSCORE, &one));
    assert_true(covey_option_get(&l->left, COVEY_OPTION_OSCORE, &other));
    CHECK_SPAN(one, other);
    assert_false(covey_option_get(&l->left, COVEY_OPTION_OBSERVE, &other));
    assert_false(covey_bytes_equal(asked->whole.token, l->left.token));
    if (asked->whole.code == FETCH) {
        CHECK_SPAN(asked->whole.payload, l->left.payload);
    } else {
        assert_int_equal(l->left.payload.len, 0);
    }
}

void outer_more(lab *l, struct cut *c, const struct cut *asked, unsigned num,
                unsigned end)
{
    for (; num < end; num++) {
        CHECK_STATUS(COVEY_OK, outer_answer(l, c, num));
        outer_asks(l, asked, num + 1);
    }
}

void outer_first(lab *l, struct cut *c, const struct cut *asked)
{
    c->id = asked->whole.message_id;
    CHECK_STATUS(COVEY_OK, outer_block(l, c, 0,
                                       asked->whole.type == COVEY_COAP_CON
                                           ? COVEY_COAP_ACK
                                           : COVEY_COAP_NON));
    outer_asks(l, asked, 1);
}

void outer_fetch(lab *l, struct cut *c, const struct cut *asked)
{
    outer_first(l, c, asked);
    outer_more(l, c, asked, 1, c->count - 1);
    CHECK_STATUS(COVEY_OK, outer_answer(l, c, c->count - 1));
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_RESPONSE);
    CHECK_SPAN(SPAN("x"), l->in.message.payload);
    assert_int_equal(l->in.user, 77);
}

lab *outer_observe(struct cut *asked, covey_endpoint_request *kept)
{
    lab *l = lab_open(true);

    l->number = COVEY_OPTION_OBSERVE;
    l->option = SPAN("");
    lab_ask(l);
    cut_begin(asked, covey_written(&l->out));
    *kept = l->in.request;
    l->option = SPAN("\x01");
    CHECK_STATUS(COVEY_OK, lab_reply(l, kept, CONTENT, NULL));
    CHECK_STATUS(COVEY_OK, lab_arrive(l, false));
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_RESPONSE);
    return l;
}

void outer_notify(lab *l, struct cut *c, const covey_endpoint_request *kept)
{
    const covey_endpoint_reply how = { .type = COVEY_COAP_NON };
    static const uint8_t zeros[CUT_BLOCK];
    covey_draft d;

    l->out = covey_writer_of(l->bytes, sizeof l->bytes);
    covey_endpoint_reply_begin(&l->server.endpoint, &d, kept, CONTENT,
                               &l->out);
    covey_coap_put_uint(&d.composer, COVEY_OPTION_OBSERVE, 2);
    covey_coap_put_payload(&d.composer, covey_bytes_of(zeros, sizeof zeros));
    CHECK_STATUS(COVEY_OK,
                 covey_endpoint_reply_send(&l->server.endpoint, l->now, &d,
                                           &how, &l->sent));
    CHECK_STATUS(COVEY_OK, covey_coap_parse(&l->left, covey_written(&l->out)));
    cut_begin(c, covey_written(&l->out));
    assert_int_equal(c->count, 2);
}
