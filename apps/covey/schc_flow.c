/* SPDX-License-Identifier: BSD-2-Clause */
#include "schc_flow.h"

#include "cmd.h"

#include <covey/coap.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    UDP_HEADER = 8,
    CHECKSUM_AT = 6,
    PROTOCOL_UDP = 17
};

/* Grows both arrays; doubling keeps it linear. */
typedef struct collector {
    schc_flow *flow;
    size_t packet_cap;
    size_t memory_len;
    size_t memory_cap;
} collector;

static bool make_room(collector *c, size_t len)
{
    schc_flow *f = c->flow;

    if (f->count == c->packet_cap) {
        size_t cap = c->packet_cap ? 2 * c->packet_cap : 1024;
        schc_packet *more = realloc(f->packets, cap * sizeof *more);

        if (more == NULL) {
            return false;
        }
        f->packets = more;
        c->packet_cap = cap;
    }
    if (len > c->memory_cap - c->memory_len) {
        size_t cap = 2 * c->memory_cap + len + 65536;
        uint8_t *more = realloc(f->memory, cap);

        if (more == NULL) {
            return false;
        }
        f->memory = more;
        c->memory_cap = cap;
    }
    return true;
}

static bool collect(collector *c, const capture_datagram *d)
{
    schc_flow *f = c->flow;
    schc_packet *p;

    if (!make_room(c, d->ip.len)) {
        return false;
    }
    p = &f->packets[f->count++];
    memset(p, 0, sizeof *p);
    p->number = f->frames;
    p->version = (uint8_t)d->version;
    p->ip_off = c->memory_len;
    p->ip_len = (uint32_t)d->ip.len;
    p->udp_off = (uint32_t)(d->udp.ptr - d->ip.ptr);
    p->udp_len = (uint32_t)d->udp.len;
    p->source = d->source;
    p->destination = d->destination;
    memcpy(f->memory + c->memory_len, d->ip.ptr, d->ip.len);
    c->memory_len += d->ip.len;
    return true;
}

covey_bytes schc_flow_ip(const schc_flow *flow, const schc_packet *p)
{
    return covey_bytes_of(flow->memory + p->ip_off, p->ip_len);
}

covey_bytes schc_flow_udp(const schc_flow *flow, const schc_packet *p)
{
    return covey_bytes_of(flow->memory + p->ip_off + p->udp_off, p->udp_len);
}

covey_bytes schc_flow_coap(const schc_flow *flow, const schc_packet *p)
{
    covey_bytes udp = schc_flow_udp(flow, p);

    return covey_bytes_of(udp.ptr + UDP_HEADER, udp.len - UDP_HEADER);
}

static int compare_endpoints(const void *a, const void *b)
{
    const capture_endpoint *x = a;
    const capture_endpoint *y = b;
    int order = memcmp(x->address, y->address, sizeof x->address);

    return order != 0 ? order : (int)x->port - (int)y->port;
}

/* Those who talked with the CoAP port, sorted. A server that was asked by
 * multicast may answer from another port than the one that was asked, and a
 * client keeps its port for later exchanges. */
static capture_endpoint *learn(const schc_flow *f, uint16_t port,
                               size_t *count)
{
    capture_endpoint *list = calloc(f->count + 1, sizeof *list);

    *count = 0;
    for (size_t i = 0; list != NULL && i < f->count; i++) {
        const schc_packet *p = &f->packets[i];

        if (p->destination.port == port) {
            list[(*count)++] = p->source;
        } else if (p->source.port == port) {
            list[(*count)++] = p->destination;
        }
    }
    if (list != NULL) {
        qsort(list, *count, sizeof *list, compare_endpoints);
    }
    return list;
}

static bool is_learned(const capture_endpoint *list, size_t count,
                       const capture_endpoint *who)
{
    return bsearch(who, list, count, sizeof *list, compare_endpoints) != NULL;
}

static bool find_coap(schc_flow *f, uint16_t port)
{
    size_t count;
    capture_endpoint *list = learn(f, port, &count);

    if (list == NULL) {
        return false;
    }
    for (size_t i = 0; i < f->count; i++) {
        schc_packet *p = &f->packets[i];
        covey_coap_message m;

        p->coap = p->source.port == port || p->destination.port == port;
        if (!p->coap && (is_learned(list, count, &p->source) ||
                         is_learned(list, count, &p->destination))) {
            p->coap = covey_coap_parse(&m, schc_flow_coap(f, p)) == COVEY_OK;
        }
        f->coap += p->coap;
    }
    free(list);
    return true;
}

static bool read_frames(schc_flow *flow, capture_file *file)
{
    collector c = { flow, 0, 0, 0 };
    capture_datagram d;
    capture_verdict verdict;

    while (capture_next(file, &d, &verdict, flow->broken) == CAPTURE_FRAME) {
        flow->frames++;
        flow->verdicts[verdict]++;
        if (verdict == CAPTURE_UDP && !collect(&c, &d)) {
            return false;
        }
    }
    return true;
}

int schc_flow_read(schc_flow *flow, const char *path, uint16_t port)
{
    char error[CAPTURE_ERROR_MAX];
    capture_file *file;
    bool ok;

    memset(flow, 0, sizeof *flow);
    file = capture_open(path, error);
    if (file == NULL) {
        fprintf(stderr, "covey schc pcap: %s\n", error);
        return EXIT_IO;
    }
    snprintf(flow->link, sizeof flow->link, "%s", capture_link_name(file));
    ok = read_frames(flow, file) && find_coap(flow, port);
    capture_close(file);
    if (!ok) {
        fputs("covey schc pcap: out of memory\n", stderr);
        schc_flow_free(flow);
        return EXIT_IO;
    }
    return EXIT_DONE;
}

void schc_flow_free(schc_flow *flow)
{
    free(flow->packets);
    free(flow->memory);
    flow->packets = NULL;
    flow->memory = NULL;
}

/* The sum of RFC 1071 over bytes; an odd one is padded with zero. */
static uint32_t add_bytes(uint32_t sum, const uint8_t *p, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return sum;
}

/* RFC 8200 Section 8.1, RFC 768: addresses, length, protocol. Addresses are
 * at 8 of 40 bytes, or at 12 of 20. */
static uint32_t pseudo_header(const schc_flow *flow, const schc_packet *p)
{
    const uint8_t *ip = schc_flow_ip(flow, p).ptr;
    uint32_t sum =
        p->version == 6 ? add_bytes(0, ip + 8, 32) : add_bytes(0, ip + 12, 8);

    sum += p->udp_len + PROTOCOL_UDP;
    return (sum & 0xffff) + (sum >> 16);
}

bool schc_flow_offloaded(const schc_flow *flow, const schc_packet *p)
{
    const uint8_t *udp = schc_flow_udp(flow, p).ptr;
    uint32_t has = (uint32_t)udp[CHECKSUM_AT] << 8 | udp[CHECKSUM_AT + 1];

    return has == pseudo_header(flow, p);
}

uint32_t schc_flow_complete(schc_flow *flow)
{
    uint32_t count = 0;

    for (size_t i = 0; i < flow->count; i++) {
        const schc_packet *p = &flow->packets[i];
        uint8_t *udp = flow->memory + p->ip_off + p->udp_off;
        uint32_t sum;

        if (!p->coap || !schc_flow_offloaded(flow, p)) {
            continue;
        }
        /* The field holds the pseudo-header's sum already. */
        sum = ~add_bytes(0, udp, p->udp_len) & 0xffff;
        sum = sum == 0 ? 0xffff : sum;
        udp[CHECKSUM_AT] = (uint8_t)(sum >> 8);
        udp[CHECKSUM_AT + 1] = (uint8_t)sum;
        count++;
    }
    return count;
}
