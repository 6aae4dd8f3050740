/* SPDX-License-Identifier: BSD-2-Clause */
#include "schc_device.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

enum {
    SAMPLE = 200 /* packets that the guess is tried on */
};

covey_bytes schc_device_packet(const schc_flow *flow, const schc_packet *p,
                               covey_schc_stack stack)
{
    if (stack & COVEY_SCHC_LAYER_IPV6) {
        return p->version == 6 ? schc_flow_ip(flow, p)
                               : covey_bytes_of(NULL, 0);
    }
    if (stack & COVEY_SCHC_LAYER_UDP) {
        return schc_flow_udp(flow, p);
    }
    return schc_flow_coap(flow, p);
}

const char *schc_device_address(const uint8_t address[16],
                                char buf[SCHC_ADDRESS_MAX])
{
    static const uint8_t zeros[12] = { 0 };
    bool ipv4 = memcmp(address, zeros, 12) == 0 && address[12] != 0;

    if (inet_ntop(ipv4 ? AF_INET : AF_INET6, ipv4 ? address + 12 : address,
                  buf, SCHC_ADDRESS_MAX) == NULL) {
        buf[0] = '\0';
    }
    return buf;
}

static bool same(const uint8_t *a, const uint8_t *b)
{
    return memcmp(a, b, 16) == 0;
}

static bool is_multicast(const uint8_t *address)
{
    static const uint8_t zeros[12] = { 0 };

    return address[0] == 0xff ||
           (memcmp(address, zeros, 12) == 0 && address[12] >> 4 == 0xe);
}

static bool is_device(const schc_session *s, const schc_sides *sides,
                      const uint8_t *address)
{
    if (sides->guessed) {
        return same(sides->address, address) != sides->by_app;
    }
    for (size_t i = 0; i < s->args->device_count; i++) {
        if (same(s->args->devices[i], address)) {
            return true;
        }
    }
    return false;
}

bool schc_device_direction(const schc_session *s, const schc_sides *sides,
                           const schc_packet *p,
                           covey_schc_direction *direction)
{
    bool from = is_device(s, sides, p->source.address);
    bool to = is_device(s, sides, p->destination.address);

    if (sides->guessed && !same(sides->address, p->source.address) &&
        !same(sides->address, p->destination.address)) {
        return false;
    }
    if (same(p->source.address, p->destination.address)) {
        bool on_port = p->source.port == s->args->port;

        *direction =
            on_port == sides->device_on_port ? COVEY_SCHC_UP : COVEY_SCHC_DOWN;
        return from || to || sides->by_app;
    }
    *direction = from ? COVEY_SCHC_UP : COVEY_SCHC_DOWN;
    return from || to;
}

static int compare_addresses(const void *a, const void *b)
{
    return memcmp(a, b, 16);
}

/* The address that most CoAP packets come from or go to. */
static bool busiest(const schc_flow *flow, uint8_t out[16])
{
    uint8_t(*list)[16] = calloc(2 * flow->count + 1, sizeof *list);
    size_t n = 0;
    size_t run = 0;
    size_t best = 0;

    if (list == NULL) {
        return false;
    }
    for (size_t i = 0; i < flow->count; i++) {
        const schc_packet *p = &flow->packets[i];

        if (p->coap) {
            memcpy(list[n++], p->source.address, 16);
            if (!is_multicast(p->destination.address)) {
                memcpy(list[n++], p->destination.address, 16);
            }
        }
    }
    qsort(list, n, sizeof *list, compare_addresses);
    for (size_t i = 0; i < n; i++) {
        run = i > 0 && same(list[i], list[i - 1]) ? run + 1 : 1;
        if (run > best) {
            best = run;
            memcpy(out, list[i], 16);
        }
    }
    free(list);
    return best > 0;
}

static bool fits(const schc_session *s, covey_schc_direction direction,
                 covey_bytes packet)
{
    static uint8_t storage[COVEY_SCHC_PACKET_MAX + 1024];
    covey_bit_writer w = covey_bit_writer_of(storage, sizeof storage);
    covey_schc_outcome outcome;
    covey_status st =
        covey_schc_compress(&s->ctx, direction, packet, &w, &outcome);

    return st == COVEY_OK &&
           s->rules.rules[outcome.rule].nature == COVEY_SCHC_COMPRESSION;
}

/* How many of a sample, spread over the capture, fit with these sides. */
static uint32_t count_fits(const schc_session *s, const schc_flow *flow,
                           const schc_sides *sides, uint32_t *looked_at)
{
    uint32_t step = flow->coap / SAMPLE + 1;
    uint32_t seen = 0;
    uint32_t fit = 0;

    *looked_at = 0;
    for (size_t i = 0; i < flow->count; i++) {
        const schc_packet *p = &flow->packets[i];
        covey_schc_direction direction;
        covey_bytes packet = schc_device_packet(flow, p, s->ctx.stack);

        if (!p->coap || packet.ptr == NULL || seen++ % step != 0 ||
            !schc_device_direction(s, sides, p, &direction)) {
            continue;
        }
        (*looked_at)++;
        fit += fits(s, direction, packet);
    }
    return fit;
}

/* With equal fits the side on the CoAP port is taken for the application. */
static bool is_server(const schc_session *s, const schc_flow *flow,
                      const uint8_t *address)
{
    uint32_t on_port = 0;
    uint32_t other = 0;

    for (size_t i = 0; i < flow->count; i++) {
        const schc_packet *p = &flow->packets[i];

        if (p->coap && same(p->source.address, address)) {
            on_port += p->source.port == s->args->port;
            other += p->source.port != s->args->port;
        } else if (p->coap && same(p->destination.address, address)) {
            on_port += p->destination.port == s->args->port;
            other += p->destination.port != s->args->port;
        }
    }
    return on_port > other;
}

/* If the application has a single peer, that one is the device. */
static schc_sides name_device(const schc_flow *flow, schc_sides sides)
{
    const uint8_t *only = NULL;

    for (size_t i = 0; sides.by_app && i < flow->count; i++) {
        const schc_packet *p = &flow->packets[i];
        const uint8_t *a = p->source.address;
        const uint8_t *b = p->destination.address;
        const uint8_t *peer = same(a, sides.address)   ? b
                              : same(b, sides.address) ? a
                                                       : NULL;

        if (!p->coap || peer == NULL) {
            continue;
        }
        if (is_multicast(peer) || (only != NULL && !same(only, peer))) {
            return sides;
        }
        only = peer;
    }
    if (only != NULL) {
        memcpy(sides.address, only, 16);
        sides.by_app = false;
    }
    return sides;
}

static bool has_loopback(const schc_flow *flow)
{
    for (size_t i = 0; i < flow->count; i++) {
        const schc_packet *p = &flow->packets[i];

        if (p->coap && same(p->source.address, p->destination.address)) {
            return true;
        }
    }
    return false;
}

/* The one of two assumptions that lets more packets fit; `a` if equal. */
static schc_sides better(const schc_session *s, const schc_flow *flow,
                         schc_sides a, schc_sides b)
{
    a.fit = count_fits(s, flow, &a, &a.looked_at);
    b.fit = count_fits(s, flow, &b, &b.looked_at);
    a.fit_otherwise = b.fit;
    b.fit_otherwise = a.fit;
    return b.fit > a.fit ? b : a;
}

schc_sides schc_device_sides(const schc_session *s, const schc_flow *flow)
{
    schc_sides device = { 0 };
    schc_sides app;

    device.guessed =
        s->args->device_count == 0 && busiest(flow, device.address);
    if (has_loopback(flow)) {
        schc_sides on_port = device;

        device.loopback = on_port.loopback = true;
        on_port.device_on_port = true;
        return better(s, flow, device, on_port);
    }
    if (!device.guessed) {
        return device;
    }
    app = device;
    app.by_app = true;
    return name_device(flow, is_server(s, flow, device.address)
                                 ? better(s, flow, app, device)
                                 : better(s, flow, device, app));
}
