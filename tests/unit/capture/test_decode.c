/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames of every link type, written out by hand, and all the ways in which
 * their lengths can lie. */
#include <kit.h>

#include <capture.h>

#include <pcap/dlt.h>

#define ETH "0202020202020303030303 03"
/* clang-format off */
#define UDP \
    "9088 1633 000c abcd"  /* 37000 -> 5683, length 12 */ \
    "40011234"             /* CoAP: CON, GET */
#define V6_ADDRESSES \
    "20010db8000000000000000000000003" \
    "20010db8000000000000000000000020"
#define V6 \
    "60000000 000c 11 40"  /* payload length 12, UDP */ \
    V6_ADDRESSES UDP
#define V4 \
    "45000020 00010000 4011 0000" /* total length 32, UDP */ \
    "c0000203 c0000220" UDP
#define SLL  "0000 0001 0006 0202020202020000"
#define SLL2 "0000 00000002 0001 00 06 0202020202020000"
/* clang-format on */

typedef struct frame_case {
    const char *why;
    int link;
    const char *hex;
    capture_verdict verdict;
} frame_case;

static uint8_t storage[512];

static capture_verdict decode(const frame_case *c, capture_datagram *d)
{
    covey_bytes frame = kit_hex(c->hex, storage, sizeof storage);

    return capture_decode(c->link, frame, frame.len, d);
}

static const frame_case sound[] = {
    { "Ethernet, IPv6", DLT_EN10MB, ETH "86dd" V6, CAPTURE_UDP },
    { "Ethernet, IPv4", DLT_EN10MB, ETH "0800" V4, CAPTURE_UDP },
    { "one VLAN tag", DLT_EN10MB, ETH "8100 0007 86dd" V6, CAPTURE_UDP },
    { "two VLAN tags", DLT_EN10MB, ETH "88a8 0001 8100 0007 0800" V4,
      CAPTURE_UDP },
    { "padding of Ethernet", DLT_EN10MB, ETH "0800" V4 "00000000",
      CAPTURE_UDP },
    { "raw IPv6", DLT_RAW, V6, CAPTURE_UDP },
    { "raw IPv4", DLT_RAW, V4, CAPTURE_UDP },
    { "only IPv6", DLT_IPV6, V6, CAPTURE_UDP },
    { "only IPv4", DLT_IPV4, V4, CAPTURE_UDP },
    { "cooked v1", DLT_LINUX_SLL, SLL "86dd" V6, CAPTURE_UDP },
    { "cooked v1, VLAN", DLT_LINUX_SLL, SLL "8100 0001 0800" V4, CAPTURE_UDP },
    { "cooked v2", DLT_LINUX_SLL2, "86dd" SLL2 V6, CAPTURE_UDP },
    { "NULL, big endian", DLT_NULL, "0000001e" V6, CAPTURE_UDP },
    { "NULL, little endian", DLT_NULL, "1e000000" V6, CAPTURE_UDP },
    { "NULL, NetBSD's 24", DLT_NULL, "18000000" V6, CAPTURE_UDP },
    { "LOOP, IPv4", DLT_LOOP, "00000002" V4, CAPTURE_UDP },
};

static void finds_the_datagram_behind_every_link_type(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(sound); i++) {
        capture_datagram d;

        kit_case(sound[i].why);
        assert_int_equal(decode(&sound[i], &d), CAPTURE_UDP);
        CHECK_HEX("40011234", d.payload);
        CHECK_HEX(UDP, d.udp);
        CHECK_HEX(d.version == 6 ? V6 : V4, d.ip);
        assert_int_equal(d.source.port, 37000);
        assert_int_equal(d.destination.port, 5683);
        assert_int_equal(d.source.address[15], 0x03);
        assert_int_equal(d.destination.address[15], 0x20);
        assert_int_equal(d.source.address[0], d.version == 6 ? 0x20 : 0);
    }
    kit_case(NULL);
}

static const frame_case extended[] = {
    { "hop-by-hop of 8 bytes", DLT_RAW,
      "60000000 0014 00 40" V6_ADDRESSES "11 00 010400000000" UDP,
      CAPTURE_UDP },
    { "destination options of 16 bytes, then routing", DLT_RAW,
      "60000000 0024 3c 40" V6_ADDRESSES "2b 01 010c000000000000000000000000"
      "11 00 000000000000" UDP,
      CAPTURE_UDP },
    { "AH counts in fours", DLT_RAW,
      "60000000 0018 33 40" V6_ADDRESSES "11 01 0000 00000001 00000001" UDP,
      CAPTURE_UDP },
    { "atomic fragment, RFC 6946", DLT_RAW,
      "60000000 0014 2c 40" V6_ADDRESSES "11 00 0000 12345678" UDP,
      CAPTURE_UDP },
    { "IPv4 options", DLT_RAW,
      "46000024 00010000 4011 0000 c0000203 c0000220 94040000" UDP,
      CAPTURE_UDP },
    { "surplus after the datagram, RFC 9868", DLT_RAW,
      "60000000 000e 11 40" V6_ADDRESSES UDP "0000", CAPTURE_UDP },
};

static void walks_extension_headers(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(extended); i++) {
        capture_datagram d;

        kit_case(extended[i].why);
        assert_int_equal(decode(&extended[i], &d), CAPTURE_UDP);
        CHECK_HEX(UDP, d.udp);
        CHECK_HEX("40011234", d.payload);
    }
    kit_case(NULL);
}

static const frame_case refused[] = {
    { "ARP", DLT_EN10MB, ETH "0806 0001080006040001", CAPTURE_NOT_IP },
    { "802.3 length, not a type", DLT_EN10MB, ETH "0026 424203",
      CAPTURE_NOT_IP },
    { "no type", DLT_EN10MB, ETH "08", CAPTURE_MALFORMED },
    { "no frame", DLT_EN10MB, "", CAPTURE_MALFORMED },
    { "VLAN tag without a type", DLT_EN10MB, ETH "8100 0001",
      CAPTURE_MALFORMED },
    { "nothing but VLAN tags", DLT_EN10MB, ETH "8100000181000001810000018100",
      CAPTURE_MALFORMED },
    { "type IPv4, version 6", DLT_EN10MB, ETH "0800" V6, CAPTURE_MALFORMED },
    { "type IPv6, version 4", DLT_EN10MB, ETH "86dd" V4, CAPTURE_MALFORMED },
    { "type IPv6, nothing after it", DLT_EN10MB, ETH "86dd",
      CAPTURE_MALFORMED },
    { "raw, version 5", DLT_RAW, "50000000", CAPTURE_NOT_IP },
    { "raw, empty", DLT_RAW, "", CAPTURE_MALFORMED },
    { "unknown address family", DLT_NULL, "000000ff" V6, CAPTURE_NOT_IP },
    { "half an address family", DLT_NULL, "0000", CAPTURE_MALFORMED },
    { "cooked v1, header too short", DLT_LINUX_SLL, "00000001",
      CAPTURE_MALFORMED },
    { "cooked v2, header too short", DLT_LINUX_SLL2, "86dd0000",
      CAPTURE_MALFORMED },
    { "unknown link type", 9999, V6, CAPTURE_NOT_IP },
    { "IPv4 header length 16", DLT_RAW,
      "44000020 00010000 4011 0000 c0000203 c0000220" UDP, CAPTURE_MALFORMED },
    { "IPv4 total length below its header", DLT_RAW,
      "45000013 00010000 4011 0000 c0000203 c0000220" UDP, CAPTURE_MALFORMED },
    { "IPv4 total length 0 (segmentation offload)", DLT_RAW,
      "45000000 00010000 4011 0000 c0000203 c0000220" UDP, CAPTURE_MALFORMED },
    { "IPv4 longer than the frame", DLT_RAW,
      "45000021 00010000 4011 0000 c0000203 c0000220" UDP, CAPTURE_MALFORMED },
    { "IPv4 options beyond the packet", DLT_RAW,
      "4f000020 00010000 4011 0000 c0000203 c0000220" UDP, CAPTURE_MALFORMED },
    { "IPv4, first fragment", DLT_RAW,
      "45000020 00012000 4011 0000 c0000203 c0000220" UDP, CAPTURE_FRAGMENT },
    { "IPv4, last fragment", DLT_RAW,
      "45000020 00010002 4011 0000 c0000203 c0000220" UDP, CAPTURE_FRAGMENT },
    { "TCP", DLT_RAW, "45000020 00010000 4006 0000 c0000203 c0000220" UDP,
      CAPTURE_NOT_UDP },
    { "IPv6 longer than the frame", DLT_RAW,
      "60000000 000d 11 40" V6_ADDRESSES UDP, CAPTURE_MALFORMED },
    { "IPv6 payload length 0 (jumbogram)", DLT_RAW,
      "60000000 0000 11 40" V6_ADDRESSES UDP, CAPTURE_MALFORMED },
    { "ICMPv6", DLT_RAW, "60000000 0008 3a 40" V6_ADDRESSES "8000000000000000",
      CAPTURE_NOT_UDP },
    { "no next header", DLT_RAW, "60000000 0000 3b 40" V6_ADDRESSES,
      CAPTURE_NOT_UDP },
    { "ESP", DLT_RAW, "60000000 0008 32 40" V6_ADDRESSES "0000000100000001",
      CAPTURE_NOT_UDP },
    { "IPv6, first fragment", DLT_RAW,
      "60000000 0014 2c 40" V6_ADDRESSES "11 00 0001 12345678" UDP,
      CAPTURE_FRAGMENT },
    { "IPv6, later fragment", DLT_RAW,
      "60000000 0014 2c 40" V6_ADDRESSES "11 00 0008 12345678" UDP,
      CAPTURE_FRAGMENT },
    { "extension header longer than the packet", DLT_RAW,
      "60000000 0014 00 40" V6_ADDRESSES "11 02 010400000000" UDP,
      CAPTURE_MALFORMED },
    { "half an extension header", DLT_RAW,
      "60000000 0001 00 40" V6_ADDRESSES "11", CAPTURE_MALFORMED },
    { "UDP length 7", DLT_RAW,
      "60000000 000c 11 40" V6_ADDRESSES "9088 1633 0007 abcd 40011234",
      CAPTURE_MALFORMED },
    { "UDP length 0", DLT_RAW,
      "60000000 000c 11 40" V6_ADDRESSES "9088 1633 0000 abcd 40011234",
      CAPTURE_MALFORMED },
    { "UDP length beyond the IP packet", DLT_RAW,
      "60000000 000c 11 40" V6_ADDRESSES "9088 1633 000d abcd 40011234",
      CAPTURE_MALFORMED },
    { "UDP header cut by the IP length", DLT_RAW,
      "60000000 0007 11 40" V6_ADDRESSES "9088 1633 000c ab",
      CAPTURE_MALFORMED },
    { "UDP length reaches into the padding of Ethernet", DLT_EN10MB,
      ETH "86dd 60000000 000c 11 40" V6_ADDRESSES
          "9088 1633 0010 abcd 40011234 00000000",
      CAPTURE_MALFORMED },
};

static void names_what_is_no_whole_datagram(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        capture_datagram d;

        kit_case(refused[i].why);
        assert_string_equal(capture_verdict_text(refused[i].verdict),
                            capture_verdict_text(decode(&refused[i], &d)));
        assert_true(d.payload.ptr == NULL);
    }
    kit_case(NULL);
}

/* Every beginning of every sound frame: cut by the capture if the wire had
 * more, malformed if not; the bytes after the cut are not there to be read
 * (the sanitizers watch, as each prefix has a buffer of its own size). */
static void tells_a_cut_frame_from_a_lying_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(sound); i++) {
        covey_bytes frame = kit_hex(sound[i].hex, storage, sizeof storage);
        size_t whole = frame.len - (i == 4 ? 4 : 0); /* less its padding */

        kit_case(sound[i].why);
        for (size_t n = 0; n < whole; n++) {
            uint8_t *part = test_malloc(n + 1);
            capture_datagram d;

            memcpy(part, frame.ptr, n);
            assert_int_equal(capture_decode(sound[i].link,
                                            covey_bytes_of(part, n), frame.len,
                                            &d),
                             CAPTURE_CUT);
            assert_int_equal(
                capture_decode(sound[i].link, covey_bytes_of(part, n), n, &d),
                CAPTURE_MALFORMED);
            test_free(part);
        }
    }
    kit_case(NULL);
}

static void check_inside(const capture_datagram *d, covey_bytes frame)
{
    assert_true(d->ip.ptr >= frame.ptr);
    assert_true(d->ip.ptr + d->ip.len <= frame.ptr + frame.len);
    assert_true(d->udp.ptr >= d->ip.ptr);
    assert_true(d->udp.ptr + d->udp.len <= d->ip.ptr + d->ip.len);
    assert_int_equal(d->payload.len + 8, d->udp.len);
}

static void try_every_value(int link, covey_bytes frame, size_t at)
{
    uint8_t before = storage[at];

    for (unsigned v = 0; v < 256; v++) {
        capture_datagram d;

        storage[at] = (uint8_t)v;
        if (capture_decode(link, frame, frame.len, &d) == CAPTURE_UDP) {
            check_inside(&d, frame);
        }
    }
    storage[at] = before;
}

/* Whatever one changed byte makes of a frame, spans stay inside it. */
static void stays_inside_a_frame_with_any_byte_changed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(sound); i++) {
        covey_bytes frame = kit_hex(sound[i].hex, storage, sizeof storage);

        kit_case(sound[i].why);
        for (size_t at = 0; at < frame.len; at++) {
            try_every_value(sound[i].link, frame, at);
        }
    }
    kit_case(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_datagram_behind_every_link_type),
        cmocka_unit_test(walks_extension_headers),
        cmocka_unit_test(names_what_is_no_whole_datagram),
        cmocka_unit_test(tells_a_cut_frame_from_a_lying_one),
        cmocka_unit_test(stays_inside_a_frame_with_any_byte_changed),
    };

    return KIT_RUN(tests);
}
