/* SPDX-License-Identifier: BSD-2-Clause */
/* Passes CoAP messages on and their answers back without a look at what they
 * say, in the same batches as the programs: what the system allows, for
 * comparison with a proxy. Tokens have four bytes. A request goes to the
 * target; where that is one of several servers the second byte of the token
 * says which. Each answer gets the client's token and a Message ID of the
 * relay, and the origin of covey-proxy in front of its options.
 *
 * usage: udp_relay ADDRESS PORT TARGET PORT SERVERS     until it is killed */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <system_address.h>
#include <udp.h>

enum {
    TOKEN_AT = 4,
    OPTIONS_AT = 8,
    SLOTS = 1 << 16
};

/* Reply-From (248) as the first option: 11 bytes, [-1, [ip, port]]. */
static const uint8_t origin[] = { 0xdb, 0xeb, 0x82, 0x20, 0x82, 0x44, 0,
                                  0,    0,    0,    0x19, 0,    0 };

static struct {
    udp_socket *near;
    udp_socket *far;
    covey_path target;
    unsigned servers;
    covey_path clients[SLOTS];
    uint8_t tokens[SLOTS][4];
    uint16_t ids[SLOTS]; /* of each port of a client */
    uint16_t next;
} relay;

static covey_writer departure(udp_socket *s)
{
    covey_writer w = udp_departure(s);

    if (w.failed != COVEY_OK && udp_flush(s)) {
        w = udp_departure(s);
    }
    return w;
}

static void onward(size_t i)
{
    const uint16_t slot = relay.next++;
    const covey_bytes m = udp_datagram(relay.near, i, &relay.clients[slot]);
    covey_writer w = departure(relay.far);
    covey_path to = relay.target;

    if (m.len < OPTIONS_AT) {
        return;
    }
    memcpy(relay.tokens[slot], m.ptr + TOKEN_AT, sizeof relay.tokens[slot]);
    to.peer.ip[3] =
        (uint8_t)(to.peer.ip[3] + relay.tokens[slot][1] % relay.servers);
    covey_write_bytes(&w, m);
    w.base[2] = (uint8_t)(slot >> 8);
    w.base[3] = (uint8_t)slot;
    memcpy(w.base + TOKEN_AT, w.base + 2, 2);
    udp_commit(relay.far, &to, &w);
}

static void homeward(size_t i)
{
    covey_path from;
    const covey_bytes m = udp_datagram(relay.far, i, &from);
    covey_writer w = departure(relay.near);
    const covey_path *client;
    uint16_t slot;
    uint16_t id;

    if (m.len < OPTIONS_AT) {
        return;
    }
    slot = (uint16_t)(m.ptr[TOKEN_AT] << 8 | m.ptr[TOKEN_AT + 1]);
    client = &relay.clients[slot];
    id = relay.ids[client->peer.port]++;
    covey_write_bytes(&w, covey_bytes_of(m.ptr, OPTIONS_AT));
    covey_write_bytes(&w, covey_bytes_of(origin, sizeof origin));
    covey_write_bytes(&w,
                      covey_bytes_of(m.ptr + OPTIONS_AT, m.len - OPTIONS_AT));
    w.base[2] = (uint8_t)(id >> 8);
    w.base[3] = (uint8_t)id;
    memcpy(w.base + TOKEN_AT, relay.tokens[slot], sizeof relay.tokens[slot]);
    memcpy(w.base + OPTIONS_AT + 6, from.peer.ip, 4);
    w.base[OPTIONS_AT + 11] = (uint8_t)(from.peer.port >> 8);
    w.base[OPTIONS_AT + 12] = (uint8_t)from.peer.port;
    udp_commit(relay.near, client, &w);
}

static void serve(udp_socket *s, void (*pass)(size_t i))
{
    size_t n;

    do {
        n = udp_receive(s);
        for (size_t i = 0; i < n; i++) {
            pass(i);
        }
    } while (n == UDP_BATCH);
}

static bool open_all(char **argv)
{
    char error[UDP_ERROR_MAX];
    udp_options near = { .datagram_max = 2048, .receive_buffer = 4u << 20 };
    udp_options far = near;

    relay.servers = (unsigned)strtoul(argv[5], NULL, 10);
    if (!address_parse(argv[1], (uint16_t)strtoul(argv[2], NULL, 10),
                       &near.local) ||
        !address_parse(argv[3], (uint16_t)strtoul(argv[4], NULL, 10),
                       &relay.target.peer) ||
        relay.servers == 0) {
        return false;
    }
    far.local.family = COVEY_FAMILY_IPV4;
    relay.near = udp_open(&near, error);
    relay.far = udp_open(&far, error);
    return relay.near != NULL && relay.far != NULL;
}

int main(int argc, char **argv)
{
    if (argc != 6 || !open_all(argv)) {
        fputs("usage: udp_relay ADDRESS PORT TARGET PORT SERVERS\n", stderr);
        return 2;
    }
    relay.target.interface = 1; /* loopback */
    relay.target.group = covey_address_is_group(&relay.target.peer);
    for (;;) {
        struct pollfd p[] = { { .fd = udp_fd(relay.near), .events = POLLIN },
                              { .fd = udp_fd(relay.far), .events = POLLIN } };
        (void)poll(p, 2, -1);
        serve(relay.near, onward);
        serve(relay.far, homeward);
        (void)udp_flush(relay.far);
        (void)udp_flush(relay.near);
    }
}
