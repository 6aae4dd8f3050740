/* SPDX-License-Identifier: BSD-2-Clause */
/* Two endpoints that share a context of OSCORE, and another one for a layer
 * around it, and a network that does with their datagrams whatever it likes.
 * The input is a list of steps, each a byte that says which, one that says
 * how, and for datagrams their bytes. No nonce is used twice; every exchange
 * ends once; what is delivered as protected was sent by the other end; the
 * tables are sound after each step. */
#include "coap_oracle.h"
#include "message_check.h"
#include "stack.h"

#include <crypto/scripted/scripted.h>

enum {
    KEPT = 4,
    HANDLES = 4,
    STEPS_MAX = 200,
    LONG = 40,  /* bytes of a payload that is worth cutting */
    BLOCK = 16, /* bytes */
    BLOCKS_MAX = 16,
    CONTENT = 0x45,
    UNAUTHORIZED = 0x81
};

enum step {
    RECEIVE,
    ASK,
    DELIVER, /* one of the last datagrams, perhaps damaged */
    REPLY,
    WAIT,
    CANCEL,
    REJECT,
    ACKNOWLEDGE,
    RESTART, /* of the server */
    STEPS
};

static struct world {
    watch watch;
    stack client;
    stack server;
    /* The outer layer: of these the contexts, and both protectors. */
    stack leg;
    stack home;
    covey_nested_protector asks;
    covey_nested_protector serves;
    covey_nested_row rows[STACK_ROWS];
    uint8_t scratch[2][STACK_MTU];
    covey_ms now;
    struct {
        bool from_server;
        size_t len;
        uint8_t bytes[STACK_MTU];
    } kept[KEPT];
    unsigned sent;
    covey_endpoint_request handle[HANDLES];
    unsigned requests;
    uint64_t begun;
    uint64_t ended;
} w;

static covey_path path_of(bool from_server, bool group)
{
    covey_path path = { .peer = { .ip = { 192, 0, 2, 1 },
                                  .port = 5683,
                                  .family = COVEY_FAMILY_IPV4 } };

    path.peer.ip[3] = from_server ? 2 : 1;
    path.group = group;
    return path;
}

static void keep(bool from_server, covey_bytes datagram)
{
    unsigned i = w.sent++ % KEPT;

    w.kept[i].from_server = from_server;
    w.kept[i].len = datagram.len;
    memcpy(w.kept[i].bytes, datagram.ptr, datagram.len);
}

static void drive(bool server)
{
    stack *s = server ? &w.server : &w.client;
    uint8_t bytes[STACK_MTU];
    covey_writer out = covey_writer_of(bytes, sizeof bytes);
    covey_endpoint_report event;
    covey_path path;
    unsigned turns = 0;

    do {
        oracle(++turns < 8);
        while (covey_endpoint_transmit(&s->endpoint, w.now, &path, &out)) {
            oracle(out.failed == COVEY_OK);
            keep(server, covey_written(&out));
            out.pos = 0;
        }
        while (covey_endpoint_event(&s->endpoint, &event)) {
            bool of_reply = event.what >= COVEY_ENDPOINT_REPLY_ACKNOWLEDGED;
            oracle(event.what != 0 && of_reply == server);
            w.ended += !of_reply;
            oracle(of_reply || event.user < w.begun);
        }
    } while (covey_endpoint_deadline(&s->endpoint) <= w.now);
    oracle(sim_message_fault(&s->endpoint.message) == NULL);
}

/* Every second one brings back the right value of Echo. */
static void meet(covey_endpoint_in *in)
{
    if (in->kind == COVEY_ENDPOINT_CHALLENGE && in->request.number % 2 == 0) {
        const covey_status st =
            covey_endpoint_recover(&w.server.endpoint, w.now, in);
        oracle((st == COVEY_OK) == (in->kind == COVEY_ENDPOINT_REQUEST));
    }
}

/* What is protected has a payload that both ends know: one letter, or many. */
static covey_bytes payload_of(bool request, uint8_t how)
{
    static uint8_t letters[2][LONG];

    memset(letters[request], request ? 'q' : 'r', LONG);
    return covey_bytes_of(letters[request], how % 3 == 0 ? LONG : 1);
}

static bool is_known(const covey_coap_message *m, bool request)
{
    const covey_bytes one = payload_of(request, 1);
    const covey_bytes many = payload_of(request, 0);

    return covey_bytes_equal(m->payload, one) ||
           covey_bytes_equal(m->payload, many);
}

static void came_up(bool server, const covey_endpoint_in *in)
{
    unsigned major = in->message.code >> 5;
    bool request = in->kind == COVEY_ENDPOINT_REQUEST ||
                   in->kind == COVEY_ENDPOINT_CHALLENGE;

    oracle_walk(&in->message);
    oracle(request ? major == 0 : major >= 2);
    oracle(in->kind != COVEY_ENDPOINT_CHALLENGE ||
           in->opened.kind != COVEY_REPLY_OPEN);
    if (in->opened.kind != COVEY_REPLY_OPEN) {
        oracle(is_known(&in->message, request));
        oracle(request == server);
        oracle(!request || !in->duplicate);
    }
    if (request && server) {
        w.handle[w.requests++ % HANDLES] = in->request;
    }
}

static void arrive(bool server, bool group, covey_bytes datagram)
{
    const covey_path path = path_of(!server, group);
    covey_endpoint_in in;
    covey_status st = covey_endpoint_receive(server ? &w.server.endpoint
                                                    : &w.client.endpoint,
                                             w.now, &path, datagram, &in);

    if (in.kind != COVEY_ENDPOINT_NOTHING) {
        oracle(st == COVEY_OK);
        meet(&in);
    }
    if (in.kind != COVEY_ENDPOINT_NOTHING) {
        came_up(server, &in);
    }
}

/* how: server, group, length. */
static size_t receive(uint8_t how, const uint8_t *data, size_t size)
{
    size_t len = how >> 2;

    len = len < size ? len : size;
    arrive((how & 1u) != 0, (how & 2u) != 0, covey_bytes_of(data, len));
    return len;
}

static void put_options(covey_coap_composer *c, const covey_coap_message *m,
                        uint16_t number, const covey_block *block)
{
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_coap_option o;
    bool done = false;

    while (covey_coap_option_next(&it, &o)) {
        if (!done && o.number >= number) {
            covey_coap_put_block(c, number, block);
            done = true;
        }
        covey_coap_put_option(c, o.number, o.value);
    }
    if (!done) {
        covey_coap_put_block(c, number, block);
    }
}

/* A block of a message, as somebody on the way cuts it; in answer to the
 * last question of the client, if it has one for it. */
static bool give_block(bool from_server, const covey_coap_message *whole,
                       unsigned num)
{
    const unsigned last = (w.sent + KEPT - 1) % KEPT;
    const size_t at = (size_t)num * BLOCK;
    const size_t left = at < whole->payload.len ? whole->payload.len - at : 0;
    const covey_block block = { num, left > BLOCK, 0 };
    uint8_t bytes[STACK_MTU];
    covey_writer out = covey_writer_of(bytes, sizeof bytes);
    covey_coap_message head = *whole;
    covey_coap_message question;
    covey_coap_composer c;

    if (left == 0) {
        return false;
    }
    if (!from_server) {
        head.message_id = (uint16_t)(head.message_id + 0x100 + num);
    } else if (num > 0 && !w.kept[last].from_server &&
               covey_coap_parse(&question, covey_bytes_of(w.kept[last].bytes,
                                                          w.kept[last].len)) ==
                   COVEY_OK) {
        head.token = question.token;
        head.message_id = question.message_id;
    } else {
        head.type = COVEY_COAP_NON; /* of a question that was another one's */
    }
    c = covey_coap_compose(&out, &head);
    put_options(&c, whole,
                from_server ? COVEY_OPTION_BLOCK2 : COVEY_OPTION_BLOCK1,
                &block);
    covey_coap_put_payload(&c, covey_bytes_of(whole->payload.ptr + at,
                                              left < BLOCK ? left : BLOCK));
    if (covey_coap_finish(&c) != COVEY_OK) {
        return false;
    }
    arrive(!from_server, false, covey_written(&out));
    drive(!from_server);
    return block.more;
}

/* how: all blocks, or this one. */
static void deliver_cut(unsigned i, unsigned how)
{
    const bool from_server = w.kept[i].from_server;
    uint8_t bytes[STACK_MTU];
    covey_coap_message m;
    unsigned num = 0;

    memcpy(bytes, w.kept[i].bytes, w.kept[i].len);
    if (covey_coap_parse(&m, covey_bytes_of(bytes, w.kept[i].len)) !=
        COVEY_OK) {
        return;
    }
    if (how > 3) {
        (void)give_block(from_server, &m, how - 4);
        return;
    }
    if (!from_server) {
        m.message_id = (uint16_t)(m.message_id + how);
    }
    while (num < BLOCKS_MAX && give_block(from_server, &m, num)) {
        num++;
    }
}

/* how: which, damaged and where, to a group, as another message, in blocks. */
static void deliver(uint8_t how)
{
    unsigned i = how % KEPT;
    uint8_t bytes[STACK_MTU];
    size_t len = w.kept[i].len;

    if (len == 0) {
        return;
    }
    if ((how & 0xe0u) == 0 && how >> 2 != 0) {
        deliver_cut(i, how >> 2);
        return;
    }
    memcpy(bytes, w.kept[i].bytes, len);
    if ((how & 0x80u) != 0) {
        bytes[(how >> 2) % len] ^= how | 1u;
    } else if ((how & 0x40u) != 0 && len > 3) {
        bytes[3] ^= how; /* Message ID */
    }
    arrive(!w.kept[i].from_server, (how & 0xa0u) == 0x20u,
           covey_bytes_of(bytes, len));
}

/* how: protected, Confirmable, observe, the method, in two layers. */
static void ask(uint8_t how)
{
    const covey_endpoint_call call = {
        .path = path_of(true, false),
        .type = how & 2u ? COVEY_COAP_CON : COVEY_COAP_NON,
        .code = (uint8_t)(1 + (how >> 3) % 5),
        .protector = (how & 1u) == 0      ? NULL
                     : (how & 0x80u) != 0 ? &w.asks.protector
                                          : &w.client.oscore.protector,
        .context = &w.client.context,
        .patience = 1000,
        .user = w.begun,
    };
    uint8_t bytes[STACK_MTU];
    covey_writer out = covey_writer_of(bytes, sizeof bytes);
    covey_endpoint_sent sent;
    covey_draft d;

    covey_endpoint_request_begin(&w.client.endpoint, &d, &call, &out);
    if (how & 4u) {
        covey_coap_put_uint(&d.composer, COVEY_OPTION_OBSERVE, 0);
    }
    covey_coap_put_payload(&d.composer, payload_of(true, how));
    if (covey_endpoint_request_send(&w.client.endpoint, w.now, &d, &call,
                                    &sent) == COVEY_OK) {
        w.begun++;
        if (sent.now) {
            keep(false, covey_written(&out));
        }
    }
}

/* how: to which, Confirmable, watched, observe, whether as it comes. */
static void reply(uint8_t how)
{
    const covey_endpoint_request *r = &w.handle[how % HANDLES];
    const covey_endpoint_reply kind = {
        .type = how & 4u ? COVEY_COAP_CON : COVEY_COAP_NON,
        .watch = (how & 8u) != 0,
    };
    uint8_t bytes[STACK_MTU];
    covey_writer out = covey_writer_of(bytes, sizeof bytes);
    covey_endpoint_sent sent;
    covey_draft d;

    if (w.requests <= how % HANDLES) {
        return;
    }
    covey_endpoint_reply_begin(&w.server.endpoint, &d, r,
                               how & 16u ? UNAUTHORIZED : CONTENT, &out);
    if (how & 32u) {
        covey_coap_put_uint(&d.composer, COVEY_OPTION_OBSERVE, how);
    }
    covey_coap_put_payload(&d.composer, payload_of(false, how));
    if (covey_endpoint_reply_send(&w.server.endpoint, w.now, &d,
                                  how & 64u ? &kind : NULL,
                                  &sent) == COVEY_OK &&
        sent.now) {
        keep(true, covey_written(&out));
    }
}

/* how: whether the window survives. */
static void restart(uint8_t how)
{
    covey_oscore_drop(&w.server.context);
    if (how & 1u) {
        w.server.stored.window = COVEY_OSCORE_WINDOW_LOST;
    }
    stack_start(&w.server, &w.watch, "S", "C", how, w.now);
    w.requests = 0;
}

static void cancel(uint32_t row)
{
    const covey_exchange_ref ref = { row, w.client.rows[row].serial };

    covey_endpoint_cancel(&w.client.endpoint, ref);
}

static void step(enum step what, uint8_t how)
{
    const covey_endpoint_request *r = &w.handle[how % HANDLES];
    const bool known = w.requests > how % HANDLES;

    switch (what) {
    case ASK:
        ask(how);
        break;
    case DELIVER:
        deliver(how);
        break;
    case REPLY:
        reply(how);
        break;
    case WAIT:
        w.now += (covey_ms)(how & 31u) << (how >> 5 << 1);
        break;
    case CANCEL:
        cancel(how % STACK_ROWS);
        break;
    case REJECT:
        if (known) {
            covey_endpoint_reject(&w.server.endpoint, r);
        }
        break;
    case ACKNOWLEDGE:
        if (known) {
            covey_endpoint_acknowledge(&w.server.endpoint, r);
        }
        break;
    case RESTART:
        restart(how);
        break;
    case RECEIVE:
    case STEPS:
        break;
    }
}

static void finish(void)
{
    for (uint32_t i = 0; i < STACK_ROWS; i++) {
        cancel(i);
    }
    drive(false);
    oracle(w.begun == w.ended);
    covey_oscore_drop(&w.client.context);
    covey_oscore_drop(&w.server.context);
    covey_oscore_drop(&w.leg.context);
    covey_oscore_drop(&w.home.context);
}

static void surround(void)
{
    stack *const outer[] = { &w.leg, &w.home };
    covey_nested_protector *const both[] = { &w.asks, &w.serves };

    stack_start(&w.leg, &w.watch, "c", "P", 3, 0);
    stack_start(&w.home, &w.watch, "P", "c", 4, 0);
    for (size_t i = 0; i < 2; i++) {
        outer[i]->oscore.inner = covey_oscore_proxy_inner;
        outer[i]->oscore.inner_count = covey_oscore_proxy_inner_count;
        both[i]->outer = &outer[i]->oscore.protector;
        both[i]->outer_context = &outer[i]->context;
        both[i]->scratch = w.scratch[i];
        both[i]->scratch_len = sizeof w.scratch[i];
    }
    w.asks.inner = &w.client.oscore.protector;
    w.asks.rows = w.rows;
    w.asks.row_count = STACK_ROWS;
    w.serves.inner = &w.server.oscore.protector;
    covey_nested_protector_init(&w.asks);
    covey_nested_protector_init(&w.serves);
    w.server.other = &w.serves.protector;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t at = 0;

    memset(&w, 0, sizeof w);
    watch_open(&w.watch, &covey_toy, 1);
    surround();
    stack_start(&w.client, &w.watch, "C", "S", 1, 0);
    stack_start(&w.server, &w.watch, "S", "C", 2, 0);
    for (unsigned n = 0; n < STEPS_MAX && size - at >= 2; n++) {
        enum step what = (enum step)(data[at] % STEPS);
        uint8_t how = data[at + 1];
        at += 2;
        if (what == RECEIVE) {
            at += receive(how, data + at, size - at);
        } else {
            step(what, how);
        }
        drive(true);
        drive(false);
    }
    finish();
    return 0;
}
