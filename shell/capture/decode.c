/* SPDX-License-Identifier: BSD-2-Clause */
/* From a frame to a UDP datagram. A reader with a sticky failure walks the
 * headers; where it falls short, the frame was either cut by the capture or
 * lies about its lengths, and the length it had on the wire tells which. */
#include "capture.h"

#include <pcap/dlt.h>
#include <string.h>

enum {
    ETHERTYPE_IPV4 = 0x0800,
    ETHERTYPE_IPV6 = 0x86dd,
    ETHERTYPE_VLAN = 0x8100,     /* IEEE 802.1Q */
    ETHERTYPE_SERVICE = 0x88a8,  /* IEEE 802.1ad */
    ETHERTYPE_OLD_QINQ = 0x9100, /* before IEEE 802.1ad */

    IPV4_HEADER = 20,
    IPV4_FRAGMENT = 0x3fff, /* More Fragments and the offset */
    IPV6_HEADER = 40,
    IPV6_FRAGMENT = 0xfff9, /* the offset and the M flag */
    UDP_HEADER = 8,
    PROTOCOL_UDP = 17
};

/* IANA registry "IPv6 Extension Header Types". */
enum {
    NEXT_HOP_BY_HOP = 0,
    NEXT_ROUTING = 43,
    NEXT_FRAGMENT = 44,
    NEXT_AH = 51,
    NEXT_DESTINATION = 60,
    NEXT_MOBILITY = 135,
    NEXT_HIP = 139,
    NEXT_SHIM6 = 140
};

/* How the frame is told apart: what was captured and what was on the wire. */
typedef struct frame_state {
    covey_reader r;
    size_t wire_len;
} frame_state;

const char *capture_verdict_text(capture_verdict verdict)
{
    static const char *const texts[CAPTURE_VERDICTS] = {
        [CAPTURE_UDP] = "UDP",
        [CAPTURE_NOT_IP] = "not IP",
        [CAPTURE_NOT_UDP] = "not UDP",
        [CAPTURE_FRAGMENT] = "IP fragment",
        [CAPTURE_CUT] = "cut by the capture",
        [CAPTURE_MALFORMED] = "malformed",
    };

    return (unsigned)verdict < CAPTURE_VERDICTS ? texts[verdict] : "unknown";
}

/* The headers promise more than there is. */
static capture_verdict fell_short(const frame_state *f)
{
    return f->wire_len > f->r.len ? CAPTURE_CUT : CAPTURE_MALFORMED;
}

/* Reader over `len` bytes that begin where `f` stands: what follows the IP
 * packet in the frame (Ethernet's padding and checksum) is left behind. */
static bool narrow(frame_state *f, size_t len)
{
    covey_bytes inside = covey_read_bytes(&f->r, len);

    if (f->r.failed != COVEY_OK) {
        return false;
    }
    f->r = covey_reader_of(inside);
    return true;
}

static capture_verdict decode_udp(frame_state *f, capture_datagram *out)
{
    size_t start = f->r.pos;
    size_t room = covey_read_left(&f->r);
    size_t len;

    out->source.port = covey_read_u16(&f->r);
    out->destination.port = covey_read_u16(&f->r);
    len = covey_read_u16(&f->r);
    (void)covey_read_u16(&f->r);
    if (f->r.failed != COVEY_OK || len < UDP_HEADER || len > room) {
        return CAPTURE_MALFORMED;
    }
    /* The IP packet may be longer than the datagram (RFC 9868 uses that
     * surplus); the payload ends with the datagram. */
    out->udp = covey_bytes_of(f->r.base + start, len);
    out->payload = covey_read_bytes(&f->r, len - UDP_HEADER);
    return CAPTURE_UDP;
}

static capture_verdict decode_ipv4(frame_state *f, capture_datagram *out)
{
    covey_reader head = f->r;
    size_t header_len = (size_t)(covey_read_u8(&head) & 0x0fu) * 4;
    size_t total;
    unsigned fragment;
    unsigned protocol;

    (void)covey_read_u8(&head);
    total = covey_read_u16(&head);
    (void)covey_read_u16(&head);
    fragment = covey_read_u16(&head) & IPV4_FRAGMENT;
    (void)covey_read_u8(&head);
    protocol = covey_read_u8(&head);
    (void)covey_read_u16(&head);
    (void)covey_read_bytes(&head, 8);
    if (head.failed != COVEY_OK) {
        return fell_short(f);
    }
    if (header_len < IPV4_HEADER || total < header_len) {
        return CAPTURE_MALFORMED;
    }
    if (!narrow(f, total)) {
        return fell_short(f);
    }
    out->ip = covey_bytes_of(f->r.base, f->r.len);
    memcpy(out->source.address + 12, f->r.base + 12, 4);
    memcpy(out->destination.address + 12, f->r.base + 16, 4);
    if (fragment != 0) {
        return CAPTURE_FRAGMENT;
    }
    if (protocol != PROTOCOL_UDP) {
        return CAPTURE_NOT_UDP;
    }
    (void)covey_read_bytes(&f->r, header_len);
    return decode_udp(f, out);
}

/* Passes over one extension header; its length is in units of 8 bytes that
 * do not count the first (RFC 8200 Section 4), for AH in units of 4 that do
 * not count the first two (RFC 4302 Section 2.2). */
static unsigned skip_extension(covey_reader *r, unsigned header)
{
    unsigned next = covey_read_u8(r);
    size_t units = covey_read_u8(r);
    size_t len = header == NEXT_AH ? (units + 2) * 4 : (units + 1) * 8;

    (void)covey_read_bytes(r, len - 2);
    return next;
}

/* The chain of extension headers of RFC 8200 Section 4. Each takes at least
 * eight bytes, so the walk ends. */
static capture_verdict walk_extensions(covey_reader *r, unsigned next)
{
    while (r->failed == COVEY_OK) {
        switch (next) {
        case PROTOCOL_UDP:
            return CAPTURE_UDP;
        case NEXT_HOP_BY_HOP:
        case NEXT_ROUTING:
        case NEXT_DESTINATION:
        case NEXT_AH:
        case NEXT_MOBILITY:
        case NEXT_HIP:
        case NEXT_SHIM6:
            next = skip_extension(r, next);
            break;
        case NEXT_FRAGMENT:
            next = covey_read_u8(r);
            (void)covey_read_u8(r);
            /* An atomic fragment is whole (RFC 6946 Section 2). */
            if ((covey_read_u16(r) & IPV6_FRAGMENT) != 0) {
                return CAPTURE_FRAGMENT;
            }
            (void)covey_read_u32(r);
            break;
        default:
            return CAPTURE_NOT_UDP;
        }
    }
    return CAPTURE_MALFORMED;
}

static capture_verdict decode_ipv6(frame_state *f, capture_datagram *out)
{
    covey_reader head = f->r;
    capture_verdict verdict;
    size_t payload_len;
    unsigned next;

    (void)covey_read_u32(&head);
    payload_len = covey_read_u16(&head);
    next = covey_read_u8(&head);
    (void)covey_read_u8(&head);
    (void)covey_read_bytes(&head, 32);
    if (head.failed != COVEY_OK) {
        return fell_short(f);
    }
    if (!narrow(f, IPV6_HEADER + payload_len)) {
        return fell_short(f);
    }
    out->ip = covey_bytes_of(f->r.base, f->r.len);
    memcpy(out->source.address, f->r.base + 8, 16);
    memcpy(out->destination.address, f->r.base + 24, 16);
    (void)covey_read_bytes(&f->r, IPV6_HEADER);
    verdict = walk_extensions(&f->r, next);
    return verdict == CAPTURE_UDP ? decode_udp(f, out) : verdict;
}

/* The version nibble decides; what the link layer called it must agree. */
static capture_verdict decode_ip(frame_state *f, unsigned expected,
                                 capture_datagram *out)
{
    covey_reader peek = f->r;
    unsigned version = covey_read_u8(&peek) >> 4;

    if (peek.failed != COVEY_OK) {
        return fell_short(f);
    }
    if (expected != 0 && version != expected) {
        return CAPTURE_MALFORMED;
    }
    if (version == 4) {
        out->version = 4;
        return decode_ipv4(f, out);
    }
    if (version == 6) {
        out->version = 6;
        return decode_ipv6(f, out);
    }
    return expected == 0 ? CAPTURE_NOT_IP : CAPTURE_MALFORMED;
}

/* VLAN tags may be stacked; each takes four bytes. */
static capture_verdict decode_ethertype(frame_state *f, unsigned type,
                                        capture_datagram *out)
{
    while (type == ETHERTYPE_VLAN || type == ETHERTYPE_SERVICE ||
           type == ETHERTYPE_OLD_QINQ) {
        (void)covey_read_u16(&f->r);
        type = covey_read_u16(&f->r);
    }
    if (f->r.failed != COVEY_OK) {
        return fell_short(f);
    }
    if (type == ETHERTYPE_IPV4) {
        return decode_ip(f, 4, out);
    }
    if (type == ETHERTYPE_IPV6) {
        return decode_ip(f, 6, out);
    }
    return CAPTURE_NOT_IP;
}

/* The address family of NULL is in the byte order of whoever captured, and
 * that of IPv6 differs between systems: 10, 24, 28 and 30 are all in use. */
static capture_verdict decode_loopback(frame_state *f, capture_datagram *out)
{
    uint32_t family = covey_read_u32(&f->r);

    if (f->r.failed != COVEY_OK) {
        return fell_short(f);
    }
    if (family > 0xffff) {
        family = family >> 24 | (family >> 8 & 0xff00);
    }
    switch (family) {
    case 2:
        return decode_ip(f, 4, out);
    case 10:
    case 24:
    case 28:
    case 30:
        return decode_ip(f, 6, out);
    default:
        return CAPTURE_NOT_IP;
    }
}

/* Linux cooked v1 has the protocol at byte 14 of 16, v2 at byte 0 of 20. */
static capture_verdict decode_cooked(frame_state *f, bool second,
                                     capture_datagram *out)
{
    unsigned type;

    if (second) {
        type = covey_read_u16(&f->r);
        (void)covey_read_bytes(&f->r, 18);
    } else {
        (void)covey_read_bytes(&f->r, 14);
        type = covey_read_u16(&f->r);
    }
    return decode_ethertype(f, type, out);
}

bool capture_knows_link(int link_type)
{
    switch (link_type) {
    case DLT_EN10MB:
    case DLT_RAW:
    case DLT_IPV4:
    case DLT_IPV6:
    case DLT_NULL:
    case DLT_LOOP:
    case DLT_LINUX_SLL:
    case DLT_LINUX_SLL2:
        return true;
    default:
        return false;
    }
}

capture_verdict capture_decode(int link_type, covey_bytes frame,
                               size_t wire_len, capture_datagram *out)
{
    frame_state f = { covey_reader_of(frame), wire_len };

    memset(out, 0, sizeof *out);
    switch (link_type) {
    case DLT_EN10MB:
        (void)covey_read_bytes(&f.r, 12);
        return decode_ethertype(&f, covey_read_u16(&f.r), out);
    case DLT_RAW:
        return decode_ip(&f, 0, out);
    case DLT_IPV4:
        return decode_ip(&f, 4, out);
    case DLT_IPV6:
        return decode_ip(&f, 6, out);
    case DLT_NULL:
    case DLT_LOOP:
        return decode_loopback(&f, out);
    case DLT_LINUX_SLL:
        return decode_cooked(&f, false, out);
    case DLT_LINUX_SLL2:
        return decode_cooked(&f, true, out);
    default:
        return CAPTURE_NOT_IP;
    }
}
