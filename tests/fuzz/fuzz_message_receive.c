/* SPDX-License-Identifier: BSD-2-Clause */
/* A message layer with small tables, and whatever the network and the layers
 * above may do to it. The input is a list of steps, each a byte that says
 * which, one that says how, and for datagrams their bytes. After each step the
 * tables are sound, no chunk is lost, what comes up is what may come up, and
 * nothing is due that was not transmitted. */
#include "coap_oracle.h"
#include "message_check.h"

enum {
    SEEN = 4,
    PEERS = 3,
    OUT = 4,
    CHUNKS = 6,
    REFS = 4,
    ROOM = 512
};

enum step {
    RECEIVE,
    WAIT,
    REQUEST,
    REPLY,
    REJECT,
    ACKNOWLEDGE,
    CANCEL,
    EVENT,
    ANSWER, /* an acknowledgement or Reset of what was sent */
    STEPS
};

struct bench {
    covey_message_layer layer;
    covey_chunks chunks;
    covey_message_seen seen[SEEN];
    covey_message_peer peers[PEERS];
    covey_message_out out[OUT];
    covey_timer timers[OUT];
    covey_slot slots[COVEY_MESSAGE_SLOTS(SEEN, PEERS, OUT)];
    covey_chunk chunk[CHUNKS];
    covey_ms now;
    covey_message_ref received[REFS]; /* the latest, in turn */
    covey_message_ref sent[REFS];
    uint8_t id[REFS][2];
    unsigned receipts;
    unsigned sendings;
    covey_path last;
    uint8_t token;
};

static struct bench bench;

static void start(void)
{
    covey_message_parameters p = covey_message_defaults();
    const covey_message_memory m = {
        .seen = bench.seen,
        .seen_count = SEEN,
        .peers = bench.peers,
        .peer_count = PEERS,
        .out = bench.out,
        .timers = bench.timers,
        .out_count = OUT,
        .slots = bench.slots,
        .chunks = &bench.chunks,
    };

    memset(&bench, 0, sizeof bench);
    p.nstart = 2;
    covey_chunks_init(&bench.chunks, bench.chunk, CHUNKS);
    oracle(covey_message_init(&bench.layer, &p, &m, 7, 0) == COVEY_OK);
}

static void check(void)
{
    oracle(sim_message_fault(&bench.layer) == NULL);
    oracle(covey_chunks_left(&bench.chunks) +
               sim_message_chunks(&bench.layer) ==
           CHUNKS);
}

/* how: two bits for the peer, one for a group. */
static covey_path path_of(uint8_t how)
{
    covey_path path = { .peer = { .ip = { 192, 0, 2, (uint8_t)(how & 3u) },
                                  .port = 5683,
                                  .family = COVEY_FAMILY_IPV4 },
                        .group = (how & 4u) != 0 };

    return path;
}

static void transmit(void)
{
    uint8_t bytes[ROOM];
    covey_writer w = covey_writer_of(bytes, sizeof bytes);
    covey_path path;

    while (covey_message_transmit(&bench.layer, bench.now, &path, &w)) {
        covey_coap_message m;
        oracle(w.failed == COVEY_OK);
        oracle(covey_coap_parse(&m, covey_written(&w)) == COVEY_OK);
        w.pos = 0;
        check();
    }
    oracle(bench.layer.events.first != UINT32_MAX ||
           covey_message_deadline(&bench.layer) > bench.now);
}

static void came_up(const covey_message_in *in, const covey_path *path,
                    bool ok)
{
    unsigned code_class = in->message.code >> 5;

    oracle(ok);
    oracle(in->kind == COVEY_MESSAGE_REQUEST ? code_class == 0
                                             : code_class >= 2);
    oracle(in->piggybacked || in->message.type <= COVEY_COAP_NON);
    oracle(!path->group || (in->message.type == COVEY_COAP_NON &&
                            in->kind == COVEY_MESSAGE_REQUEST));
    oracle(!in->duplicate || in->message.code == 1 || in->message.code == 5);
    oracle_walk(&in->message);
    bench.received[bench.receipts++ % REFS] = in->ref;
    bench.last = *path;
    if (in->piggybacked && in->message.payload.len % 2 == 0) {
        covey_message_cancel(&bench.layer, in->ref); /* its token, perhaps */
        check();
    }
}

static void arrive(uint8_t how, covey_bytes datagram)
{
    covey_path path = path_of(how);
    covey_message_in in;
    covey_status st =
        covey_message_receive(&bench.layer, bench.now, &path, datagram, &in);

    if (in.kind != COVEY_MESSAGE_NOTHING) {
        came_up(&in, &path, st == COVEY_OK);
    }
}

/* how: peer, group, length. */
static size_t receive(uint8_t how, const uint8_t *data, size_t size)
{
    size_t len = how >> 3;

    len = len < size ? len : size;
    arrive(how, covey_bytes_of(data, len));
    return len;
}

/* how: peer, group, which, type, code. */
static void answer(uint8_t how)
{
    const uint8_t *id = bench.id[how >> 3 & 3u];
    const uint8_t datagram[] = { (uint8_t)(0x40 | (how >> 1 & 0x30u)),
                                 how & 0x80u ? 0x45 : 0, id[0], id[1] };

    arrive(how, covey_bytes_of(datagram, sizeof datagram));
}

/* how: peer, group, Confirmable, delay, watch, length. */
static void send(uint8_t how, uint8_t code, covey_message_ref answers)
{
    uint8_t bytes[ROOM] = { 0x41, code, 0, 0, bench.token++, 0xff };
    covey_writer w = covey_writer_of(bytes, sizeof bytes);
    covey_message_letter letter = {
        .path = code == 1 ? path_of(how) : covey_message_back(&bench.last),
        .answers = answers,
        .type = how & 8u ? COVEY_COAP_CON : COVEY_COAP_NON,
        .delay = how & 16u ? 1234 : 0,
        .watch = (how & 32u) != 0,
    };
    covey_message_sent sent;
    covey_status st;

    w.pos = 7 + (how >> 6) * 50u;
    st = covey_message_send(&bench.layer, bench.now, &letter, &w, &sent);
    oracle(st == COVEY_OK || st == COVEY_E_ROOM ||
           (st == COVEY_E_ARGUMENT && letter.path.group));
    if (st == COVEY_OK) {
        memcpy(bench.id[bench.sendings % REFS], bytes + 2, 2);
        bench.sent[bench.sendings++ % REFS] = sent.ref;
    }
}

static void step(enum step what, uint8_t how)
{
    covey_message_report report;

    switch (what) {
    case WAIT:
        bench.now += (covey_ms)(how & 31u) << (how >> 5 << 1);
        break;
    case REQUEST:
        send(how, 1, (covey_message_ref){ 0, 0 });
        break;
    case REPLY:
        send(how, 0x45, bench.received[how % REFS]);
        break;
    case REJECT:
        covey_message_reject(&bench.layer, bench.received[how % REFS]);
        break;
    case ACKNOWLEDGE:
        covey_message_acknowledge(&bench.layer, bench.received[how % REFS]);
        break;
    case CANCEL:
        covey_message_cancel(&bench.layer, bench.sent[how % REFS]);
        break;
    case EVENT:
        while (covey_message_event(&bench.layer, &report)) {
            oracle(report.outcome >= COVEY_MESSAGE_ACKNOWLEDGED &&
                   report.outcome <= COVEY_MESSAGE_TIMED_OUT);
        }
        break;
    case ANSWER:
        answer(how);
        break;
    case RECEIVE:
    case STEPS:
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t at = 0;

    start();
    while (size - at >= 2) {
        enum step what = (enum step)((data[at] & 0x7fu) % STEPS);
        uint8_t how = data[at + 1];
        bool hold = (data[at] & 0x80u) != 0; /* transmit later */
        at += 2;
        if (what == RECEIVE) {
            at += receive(how, data + at, size - at);
        } else {
            step(what, how);
        }
        check();
        if (!hold) {
            transmit();
        }
    }
    return 0;
}
