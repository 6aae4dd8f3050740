/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets as they went and came, each with a comment that names its act:
 * pcapng with raw IP, the headers written from what the sockets say. What the
 * kernel sends on its own (acknowledgements of TCP, errors of ICMP) is not in
 * it, and checksums behind IP are 0. */
#include "frames.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    BLOCK_SECTION = 0x0a0d0d0a,
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET = 6,
    BYTE_ORDER_MAGIC = 0x1a2b3c4d,
    LINKTYPE_RAW = 101,
    OPTION_COMMENT = 1,
    COMMENT_MAX = 400,
    BLOCK_MAX = 66000,
    HOP_LIMIT = 64,
    TCP = 6,
    UDP = 17,
    UDP_HEADER = 8,
    TCP_HEADER = 20,
    OTHER_HEADER = 8 /* of ICMP, which is in its payload */
};

struct pcapng {
    int fd;
    bool whole;
    uint8_t block[BLOCK_MAX];
};

/* --- blocks -------------------------------------------------------------- */

static void pad(covey_writer *w)
{
    while (w->failed == COVEY_OK && w->pos % 4 != 0) {
        covey_write_u8(w, 0);
    }
}

/* Type and length before, length behind; in network byte order, as the byte
 * order magic says. */
static bool put_block(pcapng *p, uint32_t type, covey_bytes body)
{
    uint8_t edge[8];
    covey_writer w = covey_writer_of(edge, sizeof edge);
    const uint32_t len = (uint32_t)body.len + 12;

    covey_write_u32(&w, type);
    covey_write_u32(&w, len);
    return write(p->fd, edge, 8) == 8 &&
           write(p->fd, body.ptr, body.len) == (ssize_t)body.len &&
           write(p->fd, edge + 4, 4) == 4;
}

static bool put_head(pcapng *p)
{
    uint8_t body[16];
    covey_writer w = covey_writer_of(body, sizeof body);

    covey_write_u32(&w, BYTE_ORDER_MAGIC);
    covey_write_u16(&w, 1);
    covey_write_u16(&w, 0);
    covey_write_u32(&w, UINT32_MAX); /* length of the section: not known */
    covey_write_u32(&w, UINT32_MAX);
    if (!put_block(p, BLOCK_SECTION, covey_written(&w))) {
        return false;
    }
    w = covey_writer_of(body, sizeof body);
    covey_write_u16(&w, LINKTYPE_RAW);
    covey_write_u16(&w, 0);
    covey_write_u32(&w, 0);
    return put_block(p, BLOCK_INTERFACE, covey_written(&w));
}

pcapng *pcapng_create(const char *path, bool whole)
{
    pcapng *p = calloc(1, sizeof *p);

    if (p == NULL) {
        return NULL;
    }
    p->whole = whole;
    p->fd =
        open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
    if (p->fd < 0 || !put_head(p)) {
        pcapng_close(p);
        return NULL;
    }
    return p;
}

void pcapng_close(pcapng *p)
{
    if (p != NULL) {
        if (p->fd >= 0) {
            close(p->fd);
        }
        free(p);
    }
}

/* --- packets ------------------------------------------------------------- */

/* RFC 1071. */
static uint16_t checksum(covey_bytes header)
{
    uint32_t sum = 0;

    for (size_t i = 0; i + 1 < header.len; i += 2) {
        sum += (uint32_t)(header.ptr[i] << 8 | header.ptr[i + 1]);
    }
    while (sum >> 16 != 0) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)(~sum & 0xffff);
}

static uint8_t protocol_of(const pcapng_packet *k)
{
    return k->protocol != 0 ? k->protocol : UDP;
}

static size_t header_of(const pcapng_packet *k)
{
    const uint8_t protocol = protocol_of(k);

    return protocol == UDP ? UDP_HEADER : protocol == TCP ? TCP_HEADER : 0;
}

static void put_ip4(covey_writer *w, const pcapng_packet *k, size_t len)
{
    const size_t at = w->pos;

    covey_write_u16(w, 0x4500);
    covey_write_u16(w, (uint16_t)(20 + len));
    covey_write_u32(w, 0);
    covey_write_u8(w, HOP_LIMIT);
    covey_write_u8(w, protocol_of(k));
    covey_write_u16(w, 0);
    covey_write_bytes(w, covey_bytes_of(k->from.ip, 4));
    covey_write_bytes(w, covey_bytes_of(k->to.ip, 4));
    if (w->failed == COVEY_OK) {
        const uint16_t sum = checksum(covey_bytes_of(w->base + at, 20));
        w->base[at + 10] = (uint8_t)(sum >> 8);
        w->base[at + 11] = (uint8_t)(sum & 0xff);
    }
}

static void put_ip6(covey_writer *w, const pcapng_packet *k, size_t len)
{
    covey_write_u32(w, 0x60000000);
    covey_write_u16(w, (uint16_t)len);
    covey_write_u8(w, protocol_of(k));
    covey_write_u8(w, HOP_LIMIT);
    covey_write_bytes(w, covey_bytes_of(k->from.ip, 16));
    covey_write_bytes(w, covey_bytes_of(k->to.ip, 16));
}

/* The header behind that of IP, if it has one of its own. */
static void put_transport(covey_writer *w, const pcapng_packet *k)
{
    if (header_of(k) == 0) {
        return;
    }
    covey_write_u16(w, k->from.port);
    covey_write_u16(w, k->to.port);
    if (protocol_of(k) == UDP) {
        covey_write_u16(w, (uint16_t)(UDP_HEADER + k->payload.len));
    } else {
        covey_write_u32(w, k->seq);
        covey_write_u32(w, k->ack);
        covey_write_u8(w, TCP_HEADER / 4 << 4);
        covey_write_u8(w, k->flags);
        covey_write_u16(w, UINT16_MAX); /* the window is not known */
    }
    covey_write_u16(w, 0); /* the checksum is the kernel's */
    if (protocol_of(k) == TCP) {
        covey_write_u16(w, 0);
    }
}

/* How much of the payload is kept. */
static size_t payload_kept(const pcapng *p, const pcapng_packet *k)
{
    const size_t least = header_of(k) == 0 ? OTHER_HEADER : 0;

    return p->whole || k->payload.len < least ? k->payload.len : least;
}

bool pcapng_write(pcapng *p, const pcapng_packet *k)
{
    const bool six = k->from.family == COVEY_FAMILY_IPV6;
    const size_t len = header_of(k) + k->payload.len;
    const size_t kept = payload_kept(p, k);
    const size_t head = (six ? 40u : 20u) + header_of(k);
    const uint64_t us = (uint64_t)k->ms * 1000;
    const size_t comment = strlen(k->comment);
    covey_writer w = covey_writer_of(p->block, sizeof p->block);

    if (comment > COMMENT_MAX || len > UINT16_MAX - 20) {
        return false;
    }
    covey_write_u32(&w, 0); /* the only interface */
    covey_write_u32(&w, (uint32_t)(us >> 32));
    covey_write_u32(&w, (uint32_t)(us & UINT32_MAX));
    covey_write_u32(&w, (uint32_t)(head + kept));
    covey_write_u32(&w, (uint32_t)(head + k->payload.len));
    (six ? put_ip6 : put_ip4)(&w, k, len);
    put_transport(&w, k);
    covey_write_bytes(&w, covey_bytes_of(k->payload.ptr, kept));
    pad(&w);
    covey_write_u16(&w, OPTION_COMMENT);
    covey_write_u16(&w, (uint16_t)comment);
    covey_write_bytes(&w,
                      covey_bytes_of((const uint8_t *)k->comment, comment));
    pad(&w);
    covey_write_u32(&w, 0); /* end of options */
    return w.failed == COVEY_OK &&
           put_block(p, BLOCK_PACKET, covey_written(&w));
}
