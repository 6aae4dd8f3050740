/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "canary.h"

#include "order.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <system_address.h>
#include <unistd.h>

enum {
    ETHERNET = 14,
    UDP_LEN = 8,
    DISCARD = 9 /* the port of RFC 863 */
};

/* Two bytes, big-endian. */
static void put16(uint8_t *at, unsigned n)
{
    at[0] = (uint8_t)(n >> 8);
    at[1] = (uint8_t)(n & 0xff);
}

static unsigned checksum(const uint8_t *at, size_t len)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < len; i += 2) {
        sum += (uint32_t)at[i] << 8 | at[i + 1];
    }
    while (sum > 0xffff) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return 0xffff ^ sum;
}

static size_t put_ipv4(uint8_t *at, const covey_address *from,
                       const covey_address *to)
{
    at[0] = 0x45;
    put16(at + 2, 20 + UDP_LEN);
    at[8] = 1;  /* hop */
    at[9] = 17; /* UDP */
    memcpy(at + 12, from->ip, 4);
    memcpy(at + 16, to->ip, 4);
    put16(at + 10, checksum(at, 20));
    return 20;
}

static size_t put_ipv6(uint8_t *at, const covey_address *from,
                       const covey_address *to)
{
    at[0] = 0x60;
    put16(at + 4, UDP_LEN);
    at[6] = 17;
    at[7] = 1;
    memcpy(at + 8, from->ip, 16);
    memcpy(at + 24, to->ip, 16);
    return 40;
}

size_t canary_make(const fence_route *r, uint8_t out[CANARY_MAX])
{
    const bool six = r->source.family == COVEY_FAMILY_IPV6;
    covey_address to = { { 0 }, 0, 0, COVEY_FAMILY_NONE };
    size_t n = ETHERNET;

    memset(out, 0, CANARY_MAX);
    if (!address_parse(six ? ORDER_CANARY6 : ORDER_CANARY4, 0, &to)) {
        return 0;
    }
    out[0] = 0x02; /* of local administration */
    out[5] = 0x01;
    memcpy(out + 6, r->mac, 6);
    put16(out + 12, six ? 0x86dd : 0x0800);
    n += six ? put_ipv6(out + n, &r->source, &to)
             : put_ipv4(out + n, &r->source, &to);
    put16(out + n, DISCARD);
    put16(out + n + 2, DISCARD);
    put16(out + n + 4, UDP_LEN);
    return n + UDP_LEN;
}

bool canary_send(const fence_route *r, FILE *messages)
{
    uint8_t frame[CANARY_MAX];
    const size_t len = canary_make(r, frame);
    const int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    const struct sockaddr_ll to = {
        .sll_family = AF_PACKET,
        .sll_protocol =
            htons(r->source.family == COVEY_FAMILY_IPV6 ? 0x86dd : 0x0800),
        .sll_ifindex = (int)if_nametoindex(CABLE_INSIDE)
    };
    const bool good =
        fd >= 0 && sendto(fd, frame, len, 0, (const struct sockaddr *)&to,
                          sizeof to) == (ssize_t)len;

    if (!good) {
        fprintf(messages, "covey-fence: the canary: %s\n", strerror(errno));
    }
    if (fd >= 0) {
        close(fd);
    }
    return good;
}
