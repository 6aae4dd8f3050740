/* SPDX-License-Identifier: BSD-2-Clause */
#include "net.h"

static uint32_t below(sim_net *net, uint32_t n)
{
    return n == 0 ? 0 : kit_next(&net->random) % n;
}

void sim_init(sim_net *net, const sim_weather *weather, uint64_t seed)
{
    net->weather = *weather;
    net->random.state = seed * 2 + 1;
    net->nodes = 0;
    net->count = 0;
    net->lost = 0;
    net->copied = 0;
    net->arrived = 0;
    for (unsigned i = 0; i < SIM_PACKETS; i++) {
        net->packet[i] = &net->storage[i];
    }
    for (unsigned i = 0; i < 4; i++) {
        (void)kit_next(&net->random);
    }
}

covey_address sim_join(sim_net *net, uint8_t number)
{
    const covey_address a = { .ip = { 192, 0, 2, number },
                              .port = 5683,
                              .family = COVEY_FAMILY_IPV4 };

    assert_true(net->nodes < SIM_NODES);
    net->node[net->nodes++] = a;
    return a;
}

static void launch(sim_net *net, covey_ms now, const covey_address *from,
                   const covey_address *to, const covey_path *path,
                   covey_bytes datagram)
{
    unsigned copies = 1 + (below(net, 256) < net->weather.copies);

    net->copied += copies - 1;
    for (unsigned i = 0; i < copies; i++) {
        sim_packet *p;
        if (below(net, 256) < net->weather.loss) {
            net->lost++;
            continue;
        }
        assert_true(net->count < SIM_PACKETS);
        assert_true(datagram.len <= SIM_MTU);
        p = net->packet[net->count++];
        memset(&p->path, 0, sizeof p->path);
        p->at = now + net->weather.delay + below(net, net->weather.jitter + 1);
        p->to = *to;
        p->path.peer = *from;
        p->path.local = path->peer;
        p->path.group = path->group;
        p->len = datagram.len;
        memcpy(p->bytes, datagram.ptr, datagram.len);
    }
}

void sim_send(sim_net *net, covey_ms now, const covey_address *from,
              const covey_path *path, covey_bytes datagram)
{
    for (unsigned i = 0; i < net->nodes; i++) {
        const covey_address *node = &net->node[i];
        if (path->group ? !covey_address_equal(node, from)
                        : covey_address_equal(node, &path->peer)) {
            launch(net, now, from, node, path, datagram);
        }
    }
}

covey_ms sim_next(const sim_net *net)
{
    covey_ms next = COVEY_NEVER;

    for (unsigned i = 0; i < net->count; i++) {
        next = covey_earlier(next, net->packet[i]->at);
    }
    return next;
}

const sim_packet *sim_arrive(sim_net *net, covey_ms now)
{
    unsigned first = 0;
    sim_packet *p;

    for (unsigned i = 1; i < net->count; i++) {
        if (net->packet[i]->at < net->packet[first]->at) {
            first = i;
        }
    }
    if (net->count == 0 || net->packet[first]->at > now) {
        return NULL;
    }
    p = net->packet[first];
    net->packet[first] = net->packet[--net->count];
    net->packet[net->count] = p; /* kept until it is used again */
    net->arrived++;
    return p;
}
