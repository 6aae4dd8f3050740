/* SPDX-License-Identifier: BSD-2-Clause */
/* A capture is read back by libpcap's reader; headers are what was said. */
#include "kit.h"

#include <capture.h>
#include <frames.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[64];
static char path[96];

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/covey-frames-XXXXXX");
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    snprintf(path, sizeof path, "%s/packets", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return rmdir(folder);
}

static const covey_address four[] = {
    { .family = COVEY_FAMILY_IPV4, .ip = { 192, 0, 2, 1 }, .port = 40000 },
    { .family = COVEY_FAMILY_IPV4, .ip = { 192, 0, 2, 2 }, .port = 5683 },
};
static const covey_address six[] = {
    { .family = COVEY_FAMILY_IPV6,
      .ip = { 0x20, 1, 0xd, 0xb8, [15] = 1 },
      .port = 40000 },
    { .family = COVEY_FAMILY_IPV6,
      .ip = { 0x20, 1, 0xd, 0xb8, [15] = 2 },
      .port = 5683 },
};

static void write_two(bool whole)
{
    pcapng *p = pcapng_create(path, whole);
    const pcapng_packet a = { .ms = 1764450000123,
                              .from = four[0],
                              .to = four[1],
                              .payload = SPAN("hello"),
                              .comment = "act=1" };
    const pcapng_packet b = { .ms = 1764450000124,
                              .from = six[0],
                              .to = six[1],
                              .payload = SPAN("six"),
                              .comment = "" };

    assert_non_null(p);
    assert_true(pcapng_write(p, &a));
    assert_true(pcapng_write(p, &b));
    pcapng_close(p);
}

static void is_read_back(void **state)
{
    char error[CAPTURE_ERROR_MAX];
    capture_datagram d;
    capture_verdict verdict;

    (void)state;
    write_two(true);
    capture_file *in = capture_open(path, error);
    assert_non_null(in);
    assert_int_equal(CAPTURE_FRAME, capture_next(in, &d, &verdict, error));
    assert_int_equal(CAPTURE_UDP, verdict);
    assert_int_equal(4, d.version);
    assert_int_equal(5683, d.destination.port);
    assert_memory_equal(four[1].ip, d.destination.address + 12, 4);
    CHECK_SPAN(SPAN("hello"), d.payload);
    assert_int_equal(CAPTURE_FRAME, capture_next(in, &d, &verdict, error));
    assert_int_equal(CAPTURE_UDP, verdict);
    assert_int_equal(6, d.version);
    assert_memory_equal(six[0].ip, d.source.address, 16);
    CHECK_SPAN(SPAN("six"), d.payload);
    assert_int_equal(CAPTURE_END, capture_next(in, &d, &verdict, error));
    capture_close(in);
    remove(path);
}

static void headers_alone_are_cut(void **state)
{
    char error[CAPTURE_ERROR_MAX];
    capture_datagram d;
    capture_verdict verdict;

    (void)state;
    write_two(false);
    capture_file *in = capture_open(path, error);
    assert_non_null(in);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(CAPTURE_FRAME, capture_next(in, &d, &verdict, error));
        assert_int_equal(CAPTURE_CUT, verdict);
    }
    assert_int_equal(CAPTURE_END, capture_next(in, &d, &verdict, error));
    capture_close(in);
    remove(path);
}

/* Bytes of a packet, behind what stands before it in the file. */
static size_t read_file(uint8_t *out, size_t cap)
{
    FILE *in = fopen(path, "rb");

    assert_non_null(in);
    const size_t n = fread(out, 1, cap, in);
    fclose(in);
    remove(path);
    return n;
}

static void a_segment_has_its_numbers_and_flags(void **state)
{
    static const uint8_t segment[] = {
        0x9c, 0x40, 0x16, 0x33, /* ports */
        0,    0,    0,    7,    /* sequence number */
        0,    0,    1,    0,    /* acknowledgement */
        0x50, 0x18, 0xff, 0xff, /* length, PSH and ACK, window */
        0,    0,    0,    0,    /* checksum, urgent pointer */
        'h',  'e',  'l',  'l',  'o'
    };
    uint8_t file[400];
    pcapng *p = pcapng_create(path, true);
    const pcapng_packet k = { .from = four[0],
                              .to = four[1],
                              .payload = SPAN("hello"),
                              .protocol = 6,
                              .flags = PCAPNG_PSH | PCAPNG_ACK,
                              .seq = 7,
                              .ack = 256,
                              .comment = "" };

    (void)state;
    assert_non_null(p);
    assert_true(pcapng_write(p, &k));
    pcapng_close(p);
    assert_true(read_file(file, sizeof file) > 28 + 20 + 28 + 45);
    assert_int_equal(6, file[28 + 20 + 28 + 9]);  /* of IP */
    assert_int_equal(45, file[28 + 20 + 28 + 3]); /* its length */
    assert_memory_equal(segment, file + 28 + 20 + 28 + 20, sizeof segment);
}

static void of_icmp_the_header_is_always_kept(void **state)
{
    static const uint8_t echo[] = { 8, 0, 0, 0, 1, 2, 3, 4, 'd', 'a' };
    uint8_t file[400];
    pcapng *p = pcapng_create(path, false);
    const pcapng_packet k = { .from = six[0],
                              .to = six[1],
                              .payload = covey_bytes_of(echo, sizeof echo),
                              .protocol = 58,
                              .comment = "" };

    (void)state;
    assert_non_null(p);
    assert_true(pcapng_write(p, &k));
    pcapng_close(p);
    assert_int_equal(28 + 20 + 88, read_file(file, sizeof file));
    assert_int_equal(48, file[28 + 20 + 23]); /* captured */
    assert_int_equal(50, file[28 + 20 + 27]); /* sent */
    assert_int_equal(58, file[28 + 20 + 28 + 6]);
    assert_memory_equal(echo, file + 28 + 20 + 28 + 40, 8);
}

static void refuses_what_it_cannot_write(void **state)
{
    static uint8_t much[70000];
    char comment[500];
    pcapng *p = pcapng_create(path, true);
    pcapng_packet k = { .from = four[0],
                        .to = four[1],
                        .payload = covey_bytes_of(much, sizeof much),
                        .comment = "" };

    (void)state;
    assert_non_null(p);
    assert_null(pcapng_create(path, true)); /* it is there */
    assert_false(pcapng_write(p, &k));
    memset(comment, 'c', sizeof comment);
    comment[sizeof comment - 1] = '\0';
    k.payload = SPAN("x");
    k.comment = comment;
    assert_false(pcapng_write(p, &k));
    pcapng_close(p);
    pcapng_close(NULL);
    remove(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_read_back),
        cmocka_unit_test(headers_alone_are_cut),
        cmocka_unit_test(a_segment_has_its_numbers_and_flags),
        cmocka_unit_test(of_icmp_the_header_is_always_kept),
        cmocka_unit_test(refuses_what_it_cannot_write),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
