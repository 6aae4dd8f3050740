/* SPDX-License-Identifier: BSD-2-Clause */
/* The rule sets of share/rules: each loads, has nothing that its profile
 * demands against it, and compresses real messages to the bit counted here
 * and back. */
#include <covey/schc.h>

#include <capture.h>
#include <rules.h>

#include "kit.h"

#include <stdio.h>
#include <stdlib.h>

#define PACKET_CAP 2048

static rules_file *load(const char *name)
{
    const rules_options options = rules_default_options();
    rules_report report;
    char path[128];
    rules_file *file;

    snprintf(path, sizeof path, "share/rules/%s", name);
    file = rules_load(path, &options, &report);
    if (file == NULL || report.count > 0) {
        rules_report_print(&report, path, stderr);
    }
    rules_report_free(&report);
    assert_non_null(file);
    return file;
}

static const char *const files[] = {
    "coap-sensor.json",
    "coap-demo.json",
    "demo.json",
    "lwm2m.json",
    "oscore-inner.json",
    "oscore-outer.json",
    "proxy-hop-client.json",
    "proxy-hop-server.json",
    "kudos.json",
    "kudos-14.json",
    "ipv6-udp-coap.json",
    "ipv6-udp-coap-link-local.json",
};

/* Notes that a shipped file may have, because what they say is meant. */
static bool meant(const char *file, const covey_schc_lint_row *row)
{
    /* Observe numbers of lwm2m.json stay below 16384 for hours. */
    return strcmp(file, "lwm2m.json") == 0 && strcmp(row->section, "6.2") == 0;
}

static void each_file_is_sound_and_satisfies_both_profiles(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        rules_file *file = load(files[i]);
        const covey_schc_rules *rules = rules_get(file);
        covey_schc_lint_row row;

        kit_case(files[i]);
        assert_int_equal(covey_schc_check(rules).fault, COVEY_SCHC_SOUND);
        for (unsigned p = 0; p <= COVEY_SCHC_PROFILE_09; p++) {
            uint32_t at = 0;
            while (covey_schc_lint_next(rules, (covey_schc_profile)p, &at,
                                        &row)) {
                if (!meant(files[i], &row)) {
                    print_error("%s: rule %u field %u: %s (%s %s)\n", files[i],
                                row.rule, row.field, row.text, row.document,
                                row.section);
                    fail();
                }
            }
        }
        rules_free(file);
    }
    kit_case(NULL);
}

/* --- one message at a time --- */

struct message {
    const char *file;
    covey_schc_direction direction;
    uint16_t rule;   /* index expected */
    uint16_t bits;   /* RuleID and residue */
    const char *hex; /* CoAP */
};

#define UP   COVEY_SCHC_UP
#define DOWN COVEY_SCHC_DOWN

#include "test_rule_sets_messages.inc"

static const uint8_t dev_iid[8] = { 2, 0, 0, 0xff, 0xfe, 0, 0, 1 };
static const uint8_t app_iid[8] = { 2, 0, 0, 0xff, 0xfe, 0, 0, 2 };

/* Who talks in the files with IPv6: device first, then application. */
struct ends {
    const char *file;
    uint8_t address[2][16];
    uint16_t port[2];
    uint32_t flow[2];
};

/* clang-format off */
static const struct ends ends[] = {
    { "ipv6-udp-coap.json",
      { { 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 1, 2, 0, 0, 0xff, 0xfe, 0, 0, 1 },
        { 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 2, 2, 0, 0, 0xff, 0xfe, 0, 0, 2 } },
      { 5683, 40000 }, { 0, 0 } },
    { "ipv6-udp-coap-link-local.json",
      { { 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0xff, 0xfe, 0, 0, 1 },
        { 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0xff, 0xfe, 0, 0, 2 } },
      { 5683, 40000 }, { 0, 0 } },
    { "demo.json",
      { { 0x20, 1, 0x0d, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2 },
        { 0x20, 1, 0x0d, 0xb8, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 } },
      { 5683, 59896 }, { 0x0abcd1, 0x019173 } },
    { "lwm2m.json",
      { { 0x20, 1, 0x0d, 0xb8, 0, 0x0a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3 },
        { 0x20, 1, 0x0d, 0xb8, 0, 0x0a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x20 } },
      { 37024, 5683 }, { 0x0ff85f, 0x0fdbce } },
};
/* clang-format on */

static void put16(uint8_t *p, size_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

/* RFC 1071 over 16-bit words. */
static uint32_t add_words(uint32_t sum, const uint8_t *p, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        sum += (uint32_t)p[i] << (i % 2 ? 0 : 8);
    }
    return sum;
}

/* IPv6 and UDP around a CoAP message. */
static covey_bytes wrap(const struct message *m, covey_bytes coap,
                        uint8_t out[PACKET_CAP])
{
    const bool up = m->direction == COVEY_SCHC_UP;
    const struct ends *e = ends;
    const size_t udp_len = 8 + coap.len;
    uint32_t sum;

    while (strcmp(e->file, m->file) != 0) {
        e++;
    }
    assert_true(40 + udp_len <= PACKET_CAP);
    memset(out, 0, 48);
    out[0] = 0x60;
    out[1] = (uint8_t)(e->flow[!up] >> 16);
    put16(out + 2, e->flow[!up] & 0xffff);
    put16(out + 4, udp_len);
    out[6] = 17;
    out[7] = 64;
    memcpy(out + 8, e->address[!up], 16);
    memcpy(out + 24, e->address[up], 16);
    put16(out + 40, e->port[!up]);
    put16(out + 42, e->port[up]);
    put16(out + 44, udp_len);
    memcpy(out + 48, coap.ptr, coap.len);
    sum = add_words(17 + (uint32_t)udp_len, out + 8, 32);
    sum = add_words(sum, out + 40, udp_len);
    while (sum >> 16) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    put16(out + 46, sum == 0xffff ? 0xffff : ~sum & 0xffff);
    return covey_bytes_of(out, 40 + udp_len);
}

/* Compresses, compares the figures, decompresses, compares the bytes. */
static void turn(const covey_schc_context *ctx, const struct message *m,
                 covey_bytes packet)
{
    uint8_t schc[PACKET_CAP + 8];
    uint8_t back[PACKET_CAP];
    covey_bit_writer out = covey_bit_writer_of(schc, sizeof schc);
    covey_writer again = covey_writer_of(back, sizeof back);
    covey_schc_outcome outcome = { 0, 0, 0 };
    covey_schc_outcome inverse = { 0, 0, 0 };

    CHECK_STATUS(COVEY_OK, covey_schc_compress(ctx, m->direction, packet, &out,
                                               &outcome));
    if (outcome.rule != m->rule || outcome.payload != m->bits) {
        print_error("%s %s: rule %u, %u bits\n", m->file, m->hex, outcome.rule,
                    (unsigned)outcome.payload);
    }
    assert_int_equal(outcome.rule, m->rule);
    assert_int_equal(outcome.payload, m->bits);
    CHECK_STATUS(COVEY_OK, covey_schc_decompress(ctx, m->direction,
                                                 covey_bits_written(&out),
                                                 &again, &inverse));
    CHECK_SPAN(packet, covey_written(&again));
    assert_int_equal(inverse.rule, outcome.rule);
    assert_int_equal(inverse.payload, outcome.payload);
}

static void real_messages_take_the_bits_counted_and_come_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(messages); i++) {
        const struct message *m = &messages[i];
        rules_file *file = load(m->file);
        covey_schc_context ctx = { .rules = rules_get(file),
                                   .stack = rules_stack(file),
                                   .dev_iid = dev_iid,
                                   .app_iid = app_iid };
        uint8_t coap[PACKET_CAP];
        uint8_t whole[PACKET_CAP];
        covey_bytes packet = kit_hex(m->hex, coap, sizeof coap);

        kit_case(m->hex);
        if (ctx.stack == COVEY_SCHC_STACK_IPV6_UDP_COAP) {
            packet = wrap(m, packet, whole);
        }
        turn(&ctx, m, packet);
        rules_free(file);
    }
    kit_case(NULL);
}

static void no_compression_rule_of_a_file_goes_unused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        rules_file *file = load(files[i]);
        const covey_schc_rules *rules = rules_get(file);

        for (uint16_t r = 0; r < rules->count; r++) {
            bool used = rules->rules[r].nature != COVEY_SCHC_COMPRESSION;
            for (size_t n = 0; n < COUNT_OF(messages) && !used; n++) {
                used = strcmp(messages[n].file, files[i]) == 0 &&
                       messages[n].rule == r;
            }
            if (!used) {
                print_error("%s: no message for rule %u\n", files[i], r);
            }
            assert_true(used);
        }
        rules_free(file);
    }
}

/* --- the thermostat --- */

struct thermostat {
    uint32_t frames;
    uint32_t compressed;
    uint64_t bits;
};

static void one_frame(const covey_schc_context *ctx, const capture_datagram *d,
                      struct thermostat *t)
{
    static const uint8_t device[16] = { 0x20, 1, 0x0d, 0xb8, 0, 0x0a, 0, 0,
                                        0,    0, 0,    0,    0, 0,    0, 3 };
    covey_schc_direction direction = memcmp(d->source.address, device, 16) == 0
                                         ? COVEY_SCHC_UP
                                         : COVEY_SCHC_DOWN;
    uint8_t schc[PACKET_CAP + 8];
    uint8_t back[PACKET_CAP];
    covey_bit_writer out = covey_bit_writer_of(schc, sizeof schc);
    covey_writer again = covey_writer_of(back, sizeof back);
    covey_schc_outcome outcome = { 0, 0, 0 };

    CHECK_STATUS(COVEY_OK,
                 covey_schc_compress(ctx, direction, d->ip, &out, &outcome));
    CHECK_STATUS(COVEY_OK, covey_schc_decompress(ctx, direction,
                                                 covey_bits_written(&out),
                                                 &again, NULL));
    CHECK_SPAN(d->ip, covey_written(&again));
    t->frames++;
    t->compressed +=
        ctx->rules->rules[outcome.rule].nature == COVEY_SCHC_COMPRESSION;
    t->bits += outcome.payload;
}

static void the_thermostat_capture_comes_back_in_few_bits(void **state)
{
    const char *shared = getenv("COVEY_SHARED");
    char path[512];
    char error[CAPTURE_ERROR_MAX];
    capture_file *capture;
    rules_file *file = load("lwm2m.json");
    covey_schc_context ctx = { .rules = rules_get(file),
                               .stack = rules_stack(file) };
    struct thermostat t = { 0, 0, 0 };
    capture_datagram d;
    capture_verdict verdict;

    (void)state;
    snprintf(path, sizeof path,
             "%s/vectors/schc/pcap/microschc_examples_quickstart-files_"
             "leshan-thermostat-readings.pcapng",
             shared ? shared : "../shared");
    capture = capture_open(path, error);
    if (capture == NULL) {
        print_error("NOT TESTED, the capture is absent: %s\n", error);
        rules_free(file);
        return;
    }
    while (capture_next(capture, &d, &verdict, error) == CAPTURE_FRAME) {
        if (verdict == CAPTURE_UDP) {
            one_frame(&ctx, &d, &t);
        }
    }
    capture_close(capture);
    rules_free(file);
    print_message("%u frames, %u compressed, %.2f bits on average\n", t.frames,
                  t.compressed, (double)t.bits / t.frames);
    assert_int_equal(t.frames, 10000);
    assert_int_equal(t.compressed, 10000);
    assert_in_range(t.bits, 1, 447400);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_file_is_sound_and_satisfies_both_profiles),
        cmocka_unit_test(real_messages_take_the_bits_counted_and_come_back),
        cmocka_unit_test(no_compression_rule_of_a_file_goes_unused),
        cmocka_unit_test(the_thermostat_capture_comes_back_in_few_bits),
    };
    return KIT_RUN(tests);
}
