/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames of a capture: the first byte chooses the link type, the second says
 * how much the capture cut off. What is called a datagram must lie in the
 * frame, agree with its own length fields, and be the same when the frame is
 * cut right behind it. */
#include <capture.h>

#include <pcap/dlt.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
    if (!ok) {
        abort();
    }
}

static bool inside(covey_bytes inner, covey_bytes outer)
{
    return inner.ptr >= outer.ptr && inner.len <= outer.len &&
           (size_t)(inner.ptr - outer.ptr) <= outer.len - inner.len;
}

static void check_datagram(const capture_datagram *d, covey_bytes frame)
{
    size_t stated;

    check(d->version == 4 || d->version == 6);
    check(inside(d->ip, frame) && inside(d->udp, d->ip));
    check(inside(d->payload, d->udp) && d->udp.len >= 8);
    check(d->ip.ptr[0] >> 4 == d->version);
    if (d->version == 4) {
        stated = (size_t)d->ip.ptr[2] << 8 | d->ip.ptr[3];
    } else {
        stated = 40 + ((size_t)d->ip.ptr[4] << 8 | d->ip.ptr[5]);
    }
    check(stated == d->ip.len);
    check(((size_t)d->udp.ptr[4] << 8 | d->udp.ptr[5]) == d->udp.len);
    check(d->payload.len == d->udp.len - 8);
    check((d->udp.ptr[0] << 8 | d->udp.ptr[1]) == d->source.port);
    check((d->udp.ptr[2] << 8 | d->udp.ptr[3]) == d->destination.port);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int links[] = { DLT_EN10MB,    DLT_RAW,       DLT_IPV4,
                                 DLT_IPV6,      DLT_NULL,      DLT_LOOP,
                                 DLT_LINUX_SLL, DLT_LINUX_SLL2 };
    capture_datagram d;
    capture_datagram again;
    covey_bytes frame;
    int link;

    if (size < 2) {
        return 0;
    }
    link = links[data[0] % (sizeof links / sizeof links[0])];
    frame = covey_bytes_of(data + 2, size - 2);
    if (capture_decode(link, frame, frame.len + data[1], &d) != CAPTURE_UDP) {
        check(d.payload.ptr == NULL);
        return 0;
    }
    check_datagram(&d, frame);
    frame.len = (size_t)(d.ip.ptr - frame.ptr) + d.ip.len;
    check(capture_decode(link, frame, frame.len, &again) == CAPTURE_UDP);
    check(again.payload.ptr == d.payload.ptr);
    check(again.payload.len == d.payload.len);
    return 0;
}
