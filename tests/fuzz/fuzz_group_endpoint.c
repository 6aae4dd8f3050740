/* SPDX-License-Identifier: BSD-2-Clause */
/* Three endpoints of one group, and a network that does with their datagrams
 * whatever it likes. The input is a list of steps, each a byte that says which
 * and one that says how; RECEIVE is followed by a datagram. No nonce is used
 * twice; every exchange ends once; what is delivered was sent by the member
 * that is named as its sender; the tables are sound after each step. */
#include "clan.h"
#include "coap_oracle.h"
#include "message_check.h"

enum {
    MEMBERS = 3, /* the first one asks */
    KEPT = 8,
    HANDLES = 4,
    STEPS_MAX = 150,
    CONTENT = 0x45,
    UNAUTHORIZED = 0x81
};

enum step {
    RECEIVE,
    ASK,
    DELIVER, /* one of the last datagrams, perhaps damaged */
    REPLY,
    WAIT,
    FORGET, /* a member, on purpose */
    RESTART,
    STEPS
};

struct handle {
    bool used;
    covey_endpoint_request request;
};

static struct world {
    clan clan;
    covey_ms now;
    struct {
        unsigned from;
        bool group;
        size_t len;
        uint8_t bytes[STACK_MTU];
    } kept[KEPT];
    unsigned sent;
    struct handle handle[MEMBERS][HANDLES];
    unsigned requests;
    uint64_t begun;
    uint64_t ended;
} w;

static covey_endpoint *endpoint(unsigned who)
{
    return &w.clan.member[who].stack.endpoint;
}

static covey_path path_of(unsigned who, bool group)
{
    const covey_path path = { .peer = { .ip = { 192, 0, 2, (uint8_t)who },
                                        .port = 5683,
                                        .family = COVEY_FAMILY_IPV4 },
                              .group = group };

    return path;
}

static void keep(unsigned from, bool group, covey_bytes datagram)
{
    unsigned i = w.sent++ % KEPT;

    w.kept[i].from = from;
    w.kept[i].group = group;
    w.kept[i].len = datagram.len;
    memcpy(w.kept[i].bytes, datagram.ptr, datagram.len);
}

static void drive(unsigned who)
{
    uint8_t bytes[STACK_MTU];
    covey_writer out = covey_writer_of(bytes, sizeof bytes);
    covey_endpoint_report event;
    covey_path path;
    unsigned turns = 0;

    do {
        oracle(++turns < 8);
        while (covey_endpoint_transmit(endpoint(who), w.now, &path, &out)) {
            oracle(out.failed == COVEY_OK);
            keep(who, path.group, covey_written(&out));
            out.pos = 0;
        }
        while (covey_endpoint_event(endpoint(who), &event)) {
            bool of_reply = event.what >= COVEY_ENDPOINT_REPLY_ACKNOWLEDGED;
            oracle(event.what != 0 && of_reply == (who != 0));
            w.ended += !of_reply;
            oracle(of_reply || event.user < w.begun);
        }
    } while (covey_endpoint_deadline(endpoint(who)) <= w.now);
    oracle(sim_message_fault(&endpoint(who)->message) == NULL);
}

/* The payload of what is protected says who sent it. */
static void came_up(unsigned who, const covey_endpoint_in *in)
{
    const bool request = in->kind != COVEY_ENDPOINT_RESPONSE;
    struct handle *h = &w.handle[who][w.requests % HANDLES];

    oracle_walk(&in->message);
    if (in->opened.kind != COVEY_REPLY_OPEN) {
        oracle(in->message.payload.len == 2);
        oracle(in->message.payload.ptr[0] == (request ? 'q' : 'r'));
        oracle(in->opened.sender.len == 1);
        oracle(in->message.payload.ptr[1] == in->opened.sender.ptr[0]);
        oracle(in->opened.sender.ptr[0] != who + 1);
        oracle((in->opened.sender.ptr[0] == 1) == request);
    }
    if (request && who != 0) {
        h->used = true;
        h->request = in->request;
        w.requests++;
    }
}

/* A challenge is met if its member is an even one. */
static void arrive(unsigned who, unsigned from, bool group,
                   covey_bytes datagram)
{
    const covey_path path = path_of(from, group);
    covey_endpoint_in in;
    covey_status st =
        covey_endpoint_receive(endpoint(who), w.now, &path, datagram, &in);

    if (in.kind == COVEY_ENDPOINT_CHALLENGE && who % 2 == 0) {
        st = covey_endpoint_recover(endpoint(who), w.now, &in);
    }
    if (in.kind != COVEY_ENDPOINT_NOTHING) {
        oracle(st == COVEY_OK);
        came_up(who, &in);
    }
}

/* how: at whom, from whom, group, length. */
static size_t receive(uint8_t how, const uint8_t *data, size_t size)
{
    size_t len = how >> 1 & 0x7cu;

    len = len < size ? len : size;
    arrive(how % MEMBERS, (how >> 1) % MEMBERS, (how & 4u) != 0,
           covey_bytes_of(data, len));
    return len;
}

/* how: which, at whom, damaged and where, as another message. */
static void deliver(uint8_t how)
{
    unsigned i = how % KEPT;
    unsigned at = (how >> 3) % MEMBERS;
    uint8_t bytes[STACK_MTU];
    size_t len = w.kept[i].len;

    if (len == 0) {
        return;
    }
    memcpy(bytes, w.kept[i].bytes, len);
    if ((how & 0x80u) != 0) {
        bytes[(size_t)(how >> 3) * 7u % len] ^= how | 1u;
    } else if ((how & 0x40u) != 0 && len > 3) {
        bytes[3] ^= how; /* Message ID */
    }
    arrive(at, w.kept[i].from, w.kept[i].group, covey_bytes_of(bytes, len));
}

static void put(covey_draft *d, const char *what, unsigned who)
{
    const uint8_t payload[] = { (uint8_t)*what, (uint8_t)(who + 1) };

    covey_coap_put_payload(&d->composer,
                           covey_bytes_of(payload, sizeof payload));
}

/* how: to all or to whom, Confirmable, observe. */
static void ask(uint8_t how)
{
    clan_member *m = &w.clan.member[0];
    const bool all = how % 3 == 0;
    const bool con = !all && (how & 4u) != 0;
    const covey_endpoint_call call = {
        .path = path_of(how % 3, all),
        .type = con ? COVEY_COAP_CON : COVEY_COAP_NON,
        .code = 5,
        .protector = &m->protector.protector,
        .context = &m->group,
        .to = all ? covey_bytes_of(NULL, 0) : clan_id(&w.clan.member[how % 3]),
        .patience = 1000,
        .server_limit = 2,
        .user = w.begun,
    };
    uint8_t bytes[STACK_MTU];
    covey_writer out = covey_writer_of(bytes, sizeof bytes);
    covey_endpoint_sent sent;
    covey_draft d;

    covey_endpoint_request_begin(endpoint(0), &d, &call, &out);
    if (how & 8u) {
        covey_coap_put_uint(&d.composer, COVEY_OPTION_OBSERVE, 0);
    }
    put(&d, "q", 0);
    if (covey_endpoint_request_send(endpoint(0), w.now, &d, &call, &sent) ==
        COVEY_OK) {
        w.begun++;
        if (sent.now) {
            keep(0, all, covey_written(&out));
        }
    }
}

/* how: who, to which, code, at once. */
static void reply(uint8_t how)
{
    const unsigned who = 1 + how % (MEMBERS - 1);
    struct handle *h = &w.handle[who][(how >> 1) % HANDLES];
    uint8_t bytes[STACK_MTU];
    covey_writer out = covey_writer_of(bytes, sizeof bytes);
    covey_endpoint_sent sent;
    covey_draft d;

    if (!h->used) {
        return;
    }
    h->request.leisure = how & 16u ? 0 : h->request.leisure;
    covey_endpoint_reply_begin(endpoint(who), &d, &h->request,
                               how & 8u ? UNAUTHORIZED : CONTENT, &out);
    put(&d, "r", who);
    if (covey_endpoint_reply_send(endpoint(who), w.now, &d, NULL, &sent) ==
            COVEY_OK &&
        sent.now) {
        keep(who, false, covey_written(&out));
    }
}

static void forget(uint8_t how)
{
    covey_group *g = &w.clan.member[how % MEMBERS].group;
    covey_group_recipient *r =
        covey_group_find(g, clan_id(&w.clan.member[(how >> 2) % MEMBERS]));

    if (r != NULL) {
        covey_group_remove(g, r);
    }
}

static void restart(uint8_t how)
{
    const unsigned who = 1 + how % (MEMBERS - 1);

    clan_stop(&w.clan, who);
    w.clan.member[who].protector.reply = (covey_group_reply)(how >> 1) % 3;
    clan_start(&w.clan, who, how, w.now);
    memset(w.handle[who], 0, sizeof w.handle[who]);
}

static void step(enum step what, uint8_t how)
{
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
    case FORGET:
        forget(how);
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
        const covey_exchange_ref ref = {
            i, w.clan.member[0].stack.rows[i].serial
        };
        covey_endpoint_cancel(endpoint(0), ref);
    }
    drive(0);
    oracle(w.begun == w.ended);
    oracle(clan_is_idle(&w.clan.member[0]));
    for (unsigned i = 0; i < MEMBERS; i++) {
        clan_stop(&w.clan, i);
    }
    oracle(w.clan.script.live == MEMBERS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t at = 0;

    memset(&w, 0, sizeof w);
    clan_open(&w.clan, MEMBERS, 1);
    /* One has joined late. */
    w.clan.member[2].windows_invalid = true;
    for (unsigned i = 0; i < MEMBERS; i++) {
        clan_start(&w.clan, i, i + 1, 0);
    }
    for (unsigned n = 0; n < STEPS_MAX && size - at >= 2; n++) {
        enum step what = (enum step)(data[at] % STEPS);
        uint8_t how = data[at + 1];
        at += 2;
        if (what == RECEIVE) {
            at += receive(how, data + at, size - at);
        } else {
            step(what, how);
        }
        for (unsigned i = 0; i < MEMBERS; i++) {
            drive(i);
        }
    }
    finish();
    return 0;
}
