/* SPDX-License-Identifier: BSD-2-Clause */
#include "message_node.h"

void node_start(node *n, const node_size *size,
                const covey_message_parameters *p, const covey_address *a,
                uint64_t seed)
{
    const covey_message_memory m = {
        .seen = n->seen,
        .seen_count = size->seen,
        .peers = n->peers,
        .peer_count = size->peers,
        .out = n->out,
        .timers = n->timers,
        .out_count = size->out,
        .slots = n->slots,
        .chunks = &n->chunks,
    };

    covey_chunks_init(&n->chunks, n->chunk, size->chunks);
    n->memory = m;
    n->address = *a;
    n->traced = 0;
    n->late = 0;
    CHECK_STATUS(COVEY_OK, covey_message_init(&n->layer, p, &m, seed, 0));
}

static uint32_t sum_of(covey_bytes datagram)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < datagram.len; i++) {
        sum = (sum ^ datagram.ptr[i]) * 16777619u;
    }
    return sum;
}

static void check_interval(const node *n, node_sent *s, covey_ms now)
{
    const covey_message_parameters *p = &n->layer.parameters;
    covey_ms interval = now - s->last;
    covey_ms least = p->ack_timeout;
    covey_ms most = least * p->ack_random_factor / 1000;

    if (s->times > 1) {
        least = 2 * (s->interval - n->late);
        most = 2 * s->interval;
    }
    assert_in_range(interval, least, most + n->late);
    assert_true(s->times <= p->max_retransmit);
    s->interval = interval;
}

/* Messages of one type and Message ID to one peer are one message. */
static node_sent *find(node *n, const covey_path *path, covey_bytes datagram)
{
    uint8_t head = datagram.ptr[0] & 0x30;

    for (unsigned i = 0; i < n->traced; i++) {
        node_sent *s = &n->trace[i];
        if ((s->header[0] & 0x30) == head &&
            memcmp(s->header + 2, datagram.ptr + 2, 2) == 0 &&
            covey_address_equal(&s->to, &path->peer)) {
            return s;
        }
    }
    assert_true(n->traced < NODE_TRACE);
    n->trace[n->traced].times = 0;
    return &n->trace[n->traced++];
}

static void follow(node *n, covey_ms now, const covey_path *path,
                   covey_bytes datagram)
{
    node_sent *s = find(n, path, datagram);
    uint8_t type = datagram.ptr[0] >> 4 & 3;

    if (s->times == 0) {
        memcpy(s->header, datagram.ptr, sizeof s->header);
        s->to = path->peer;
        s->sum = sum_of(datagram);
    }
    /* A request that was forgotten may be acknowledged another way. */
    if (type < COVEY_COAP_ACK || n->layer.counters.forgotten == 0) {
        assert_int_equal(s->sum, sum_of(datagram));
    }
    if (s->times > 0) {
        assert_int_not_equal(type, COVEY_COAP_NON); /* never again */
        if (type == COVEY_COAP_CON) {
            check_interval(n, s, now);
        }
    }
    s->times++;
    s->last = now;
}

void node_send(node *n, sim_net *net, covey_ms now, const covey_path *path,
               covey_bytes datagram)
{
    assert_true(datagram.len >= 4);
    follow(n, now, path, datagram);
    sim_send(net, now, &n->address, path, datagram);
}

void node_transmit(node *n, sim_net *net, covey_ms now)
{
    uint8_t bytes[SIM_MTU];
    covey_writer w = covey_writer_of(bytes, sizeof bytes);
    covey_path path;

    while (covey_message_transmit(&n->layer, now, &path, &w)) {
        CHECK_STATUS(COVEY_OK, w.failed);
        node_send(n, net, now, &path, covey_written(&w));
        w.pos = 0;
    }
    assert_int_equal(w.pos, 0);
    if (n->layer.events.first == UINT32_MAX) {
        assert_true(covey_message_deadline(&n->layer) > now);
    }
}

void node_is_quiet(const node *n)
{
    const char *fault = sim_message_fault(&n->layer);

    if (fault != NULL) {
        fail_msg("%s", fault);
    }
    assert_int_equal(covey_message_deadline(&n->layer), COVEY_NEVER);
    assert_int_equal(sim_message_chunks(&n->layer), n->layer.stored_chunks);
    assert_int_equal(covey_chunks_left(&n->chunks) + n->layer.stored_chunks,
                     n->chunks.count);
    for (uint32_t i = 0; i < n->memory.out_count; i++) {
        assert_int_equal(n->out[i].serial, 0);
    }
}

void node_forgets(node *n, covey_ms now)
{
    covey_path path;
    covey_writer none = covey_writer_of(NULL, 0);

    now += n->layer.exchange_lifetime;
    for (uint32_t i = 0; i < n->memory.seen_count; i++) {
        assert_false(covey_message_transmit(&n->layer, now, &path, &none));
    }
    assert_int_equal(n->layer.seen_used, 0);
    assert_int_equal(covey_chunks_left(&n->chunks), n->chunks.count);
}
