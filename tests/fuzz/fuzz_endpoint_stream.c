/* SPDX-License-Identifier: BSD-2-Clause */
/* A server on a connection: any bytes, whole and in pieces of the length that
 * the first one says. What is asked and what is answered must not depend on
 * where the stream was cut; whatever leaves is a message. */
#include "coap_oracle.h"
#include "stack.h"

#include <crypto/scripted/scripted.h>

enum {
    ANSWERS_MAX = 1 << 16,
    REQUESTS_MAX = 64, /* nonces are counted */
    CONTENT = 0x45
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct run {
    watch watch;
    stack stack;
    covey_stream stream;
    unsigned requests;
    size_t len;
    uint8_t answers[ANSWERS_MAX];
} runs[2];

/* One message has left. */
static void left(struct run *r, const covey_writer *w)
{
    covey_coap_message m;
    size_t used;

    oracle(w->failed == COVEY_OK);
    oracle(covey_coap_parse_stream(&m, covey_written(w), &used) == COVEY_OK &&
           used == w->pos);
    oracle_walk(&m);
    r->len += w->pos;
    oracle(ANSWERS_MAX - r->len > STACK_MTU);
}

static void drain(struct run *r)
{
    for (;;) {
        covey_writer w = covey_writer_of(r->answers + r->len, STACK_MTU);
        covey_path path;
        if (!covey_signal_transmit(&r->stream.signal, &w) &&
            !covey_endpoint_transmit(&r->stack.endpoint, 0, &path, &w)) {
            oracle(w.pos == 0);
            return;
        }
        left(r, &w);
    }
}

static void answer(struct run *r, const covey_endpoint_in *in)
{
    covey_writer w = covey_writer_of(r->answers + r->len, STACK_MTU);
    covey_endpoint_sent sent;
    covey_draft d;

    oracle_walk(&in->message);
    r->requests++;
    covey_endpoint_reply_begin(&r->stack.endpoint, &d, &in->request, CONTENT,
                               &w);
    covey_coap_put_payload(&d.composer, in->message.payload);
    if (covey_endpoint_reply_send(&r->stack.endpoint, 0, &d, NULL, &sent) ==
            COVEY_OK &&
        sent.now) {
        left(r, &w);
    }
}

static void start(struct run *r)
{
    const covey_path path = { .connection = 1, .transport = COVEY_TCP };
    const covey_signal_config limits = { STACK_MTU / 2, true, 1000 };

    memset(r, 0, sizeof *r);
    watch_open(&r->watch, &covey_toy, 1);
    r->stack.streams = true;
    stack_start(&r->stack, &r->watch, "S", "C", 1, 0);
    covey_stream_init(&r->stream, &path, &limits, 0);
}

/* Takes what it can of the bytes that have arrived; how many. */
static size_t take(struct run *r, covey_bytes arrived)
{
    size_t at = 0;
    size_t used;

    do {
        covey_endpoint_in in;
        const covey_bytes left = { arrived.ptr + at, arrived.len - at };
        const covey_signal_verdict v = covey_stream_receive(
            &r->stream, &r->stack.endpoint, 0, left, &used, &in);
        oracle(used <= left.len);
        oracle(v == COVEY_SIGNAL_MESSAGE || in.kind == COVEY_ENDPOINT_NOTHING);
        oracle(in.kind != COVEY_ENDPOINT_RESPONSE);
        if (in.kind != COVEY_ENDPOINT_NOTHING && r->requests < REQUESTS_MAX) {
            answer(r, &in);
        }
        drain(r);
        at += used;
    } while (used > 0);
    return at;
}

static void feed(struct run *r, covey_bytes stream, size_t piece)
{
    size_t at = 0;
    size_t arrived = 0;

    start(r);
    while (arrived < stream.len) {
        arrived += piece < stream.len - arrived ? piece : stream.len - arrived;
        at += take(r, covey_bytes_of(stream.ptr + at, arrived - at));
    }
    covey_oscore_drop(&r->stack.context);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > 4096) {
        return 0;
    }
    const covey_bytes stream = { data + 1, size - 1 };
    feed(&runs[0], stream, stream.len);
    feed(&runs[1], stream, 1u + data[0]);
    oracle(runs[0].requests == runs[1].requests);
    oracle(runs[0].len == runs[1].len &&
           memcmp(runs[0].answers, runs[1].answers, runs[0].len) == 0);
    return 0;
}
