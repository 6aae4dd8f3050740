/* SPDX-License-Identifier: BSD-2-Clause */
/* Two ends of a link with the rules of share/rules/coap-sensor.json, beside
 * the compressor itself. */
#include <kit.h>
#include <rules.h>
#include <schc_link.h>
#include <stdlib.h>
#include <unistd.h>

#define SENSOR "share/rules/coap-sensor.json"

/* CON GET /temperature with a token of one byte. */
#define REQUEST "41011234 71 bb74656d7065726174757265"
/* The answer to it, text/plain "22.3". */
#define ANSWER "61451234 71 c0 ff32322e33"
/* No rule but the last knows POST to elsewhere. */
#define OTHER "40021234 b178"

enum {
    MESSAGE_MAX = 256
};

static FILE *nowhere;
static schc_link *device;
static schc_link *gateway;

static schc_link *open_link(const char *rules, covey_schc_direction sends)
{
    const schc_link_options o = { .rules = rules,
                                  .sends = sends,
                                  .message_max = MESSAGE_MAX };

    return schc_link_open(&o, nowhere);
}

static int make(void **state)
{
    (void)state;
    nowhere = fopen("/dev/null", "w");
    device = open_link(SENSOR, COVEY_SCHC_UP);
    gateway = open_link(SENSOR, COVEY_SCHC_DOWN);
    return nowhere != NULL && device != NULL && gateway != NULL ? 0 : -1;
}

static int drop(void **state)
{
    (void)state;
    schc_link_close(device);
    schc_link_close(gateway);
    schc_link_close(NULL);
    fclose(nowhere);
    return 0;
}

static covey_bytes hex(const char *text, uint8_t *storage)
{
    return kit_hex(text, storage, MESSAGE_MAX);
}

/* What the compressor without a link makes of it. */
static covey_bytes compressed(covey_bytes message, covey_schc_direction way,
                              uint8_t *storage)
{
    const rules_options options = rules_default_options();
    rules_report report = { NULL, 0, 0 };
    rules_file *file = rules_load(SENSOR, &options, &report);
    const covey_schc_context context = { .rules = rules_get(file),
                                         .stack = COVEY_SCHC_STACK_COAP };
    covey_bit_writer out = covey_bit_writer_of(storage, MESSAGE_MAX);

    CHECK_STATUS(COVEY_OK,
                 covey_schc_compress(&context, way, message, &out, NULL));
    rules_report_free(&report);
    rules_free(file);
    return covey_bits_written(&out);
}

static void packets_are_those_of_the_compressor(void **state)
{
    static const struct {
        const char *message;
        bool down;
    } cases[] = {
        { REQUEST, true },    { ANSWER, false },     { OTHER, true },
        { "40000001", true }, { "70000001", false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint8_t bytes[MESSAGE_MAX];
        uint8_t expected[MESSAGE_MAX];
        uint8_t got[MESSAGE_MAX];
        schc_link *from = cases[i].down ? gateway : device;
        schc_link *to = cases[i].down ? device : gateway;
        const covey_bytes message = hex(cases[i].message, bytes);
        covey_writer w = covey_writer_of(got, sizeof got);
        covey_bytes back;
        CHECK_STATUS(COVEY_OK, schc_link_compress(from, message, &w));
        CHECK_SPAN(compressed(message,
                              cases[i].down ? COVEY_SCHC_DOWN : COVEY_SCHC_UP,
                              expected),
                   covey_written(&w));
        CHECK_STATUS(COVEY_OK,
                     schc_link_decompress(to, covey_written(&w), &back));
        CHECK_SPAN(message, back);
    }
}

static void both_ways_are_counted(void **state)
{
    uint8_t bytes[MESSAGE_MAX];
    uint8_t packet[MESSAGE_MAX];
    covey_writer w = covey_writer_of(packet, sizeof packet);
    const covey_bytes message = hex(REQUEST, bytes);
    const size_t whole = 6;
    covey_bytes back;
    size_t first;

    (void)state;
    CHECK_STATUS(COVEY_OK, schc_link_compress(gateway, message, &w));
    first = w.pos;
    assert_true(first < message.len / 2);
    CHECK_STATUS(COVEY_OK,
                 schc_link_decompress(device, covey_written(&w), &back));
    CHECK_STATUS(COVEY_OK, schc_link_compress(gateway, hex(OTHER, bytes), &w));
    const schc_link_count sent = schc_link_sent(gateway);
    assert_int_equal(2, sent.packets);
    assert_int_equal(1, sent.whole);
    assert_int_equal(message.len + whole, sent.message_bytes);
    assert_int_equal(w.pos, sent.packet_bytes);
    assert_int_equal(0, sent.refused);
    const schc_link_count got = schc_link_received(device);
    assert_int_equal(1, got.packets);
    assert_int_equal(message.len, got.message_bytes);
    assert_int_equal(first, got.packet_bytes);
    assert_int_equal(0, schc_link_received(gateway).packets);
}

static void rule_of_a_packet_is_told(void **state)
{
    static const uint8_t fallback = 0xe0;
    uint32_t id = 0;
    unsigned bits = 0;

    (void)state;
    assert_true(
        schc_link_rule_of(device, covey_bytes_of(&fallback, 1), &id, &bits));
    assert_int_equal(7, id);
    assert_int_equal(3, bits);
    assert_false(
        schc_link_rule_of(device, covey_bytes_of(&fallback, 0), &id, &bits));
}

/* The same rules but the last one, which is that of no-compression. */
static schc_link *open_without_fallback(void)
{
    static char text[1 << 16];
    char path[] = "/tmp/covey-rules-XXXXXX";
    FILE *file = fopen(SENSOR, "r");
    const int copy = mkstemp(path);

    assert_non_null(file);
    assert_true(copy >= 0);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    char *last = strstr(text, "\"rule-id-value\": 7");
    assert_non_null(last);
    while (*last != ',') {
        last--;
    }
    const size_t len = (size_t)(last - text);
    assert_int_equal(len, write(copy, text, len));
    assert_int_equal(4, write(copy, "] }}", 4));
    close(copy);
    schc_link *k = open_link(path, COVEY_SCHC_DOWN);
    unlink(path);
    return k;
}

static void what_no_rule_fits_does_not_go(void **state)
{
    schc_link *k = open_without_fallback();
    uint8_t bytes[MESSAGE_MAX];
    uint8_t packet[MESSAGE_MAX];
    covey_writer w = covey_writer_of(packet, sizeof packet);

    (void)state;
    assert_non_null(k);
    CHECK_STATUS(COVEY_E_NO_RULE,
                 schc_link_compress(k, hex(OTHER, bytes), &w));
    assert_int_equal(0, w.pos);
    assert_int_equal(1, schc_link_sent(k).refused);
    assert_int_equal(0, schc_link_sent(k).packets);
    schc_link_close(k);
}

static void room_is_asked_for(void **state)
{
    uint8_t bytes[MESSAGE_MAX];
    uint8_t packet[8];
    covey_writer w = covey_writer_of(packet, 3);

    (void)state;
    CHECK_STATUS(COVEY_E_ROOM,
                 schc_link_compress(gateway, hex(REQUEST, bytes), &w));
    assert_int_equal(0, w.pos);
}

/* Every packet of up to two bytes, and the cut ones of a real one: a message
 * or a refusal, and what was decompressed is counted once. */
static void whatever_comes_does_no_harm(void **state)
{
    uint8_t bytes[MESSAGE_MAX];
    uint8_t packet[MESSAGE_MAX];
    covey_bytes back;
    uint64_t good = 0;

    (void)state;
    for (unsigned n = 0; n < 0x10000; n++) {
        packet[0] = (uint8_t)(n >> 8);
        packet[1] = (uint8_t)n;
        for (size_t len = n == 0 ? 0 : 1; len <= 2; len++) {
            good += schc_link_decompress(device, covey_bytes_of(packet, len),
                                         &back) == COVEY_OK;
        }
    }
    covey_writer w = covey_writer_of(packet, sizeof packet);
    CHECK_STATUS(COVEY_OK,
                 schc_link_compress(gateway, hex(REQUEST, bytes), &w));
    for (size_t len = 0; len < w.pos - 1; len++) {
        good += schc_link_decompress(device, covey_bytes_of(packet, len),
                                     &back) == COVEY_OK;
    }
    assert_int_equal(good, schc_link_received(device).packets);
    assert_true(schc_link_received(device).refused > 0);
}

static void packet_of_a_message_that_is_too_long_is_refused(void **state)
{
    uint8_t packet[MESSAGE_MAX + 100] = { 0xe0 }; /* whole */
    covey_bytes back;

    (void)state;
    CHECK_STATUS(COVEY_E_ROOM,
                 schc_link_decompress(
                     device, covey_bytes_of(packet, sizeof packet), &back));
    assert_int_equal(1, schc_link_received(device).refused);
}

static void rules_of_other_layers_make_no_link(void **state)
{
    (void)state;
    assert_null(open_link("share/rules/demo.json", COVEY_SCHC_UP));
    assert_null(open_link("share/rules/oscore-inner.json", COVEY_SCHC_UP));
    assert_null(open_link("share/rules/no-such.json", COVEY_SCHC_UP));
    assert_null(open_link("README.md", COVEY_SCHC_UP));
}

static void ranges_have_leading_bits_in_common(void **state)
{
    static const struct {
        const char *text;
        unsigned first;
        unsigned bits; /* 0: refused */
    } cases[] = {
        { "0-255", 0, 8 },
        { "0-65535", 0, 16 },
        { "0x1200-0x12ff", 0x1200, 8 },
        { "4-5", 4, 1 },
        { "65520-65535", 65520, 4 },
        { "0-0", 0, 0 },
        { "1-2", 0, 0 },
        { "0-254", 0, 0 },
        { "255-0", 0, 0 },
        { "0-65536", 0, 0 },
        { "0-", 0, 0 },
        { "-255", 0, 0 },
        { "0-255x", 0, 0 },
        { "", 0, 0 },
        { "0 - 255", 0, 0 },
        { "0-+255", 0, 0 },
        { "0x-0xff", 0, 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint16_t first = 0;
        uint8_t bits = 0;
        assert_int_equal(cases[i].bits != 0,
                         schc_link_range(cases[i].text, &first, &bits));
        assert_int_equal(cases[i].first, first);
        assert_int_equal(cases[i].bits, bits);
    }
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(packets_are_those_of_the_compressor),
        EACH(both_ways_are_counted),
        EACH(rule_of_a_packet_is_told),
        EACH(what_no_rule_fits_does_not_go),
        EACH(room_is_asked_for),
        EACH(whatever_comes_does_no_harm),
        EACH(packet_of_a_message_that_is_too_long_is_refused),
        EACH(rules_of_other_layers_make_no_link),
        EACH(ranges_have_leading_bits_in_common),
    };

    return KIT_RUN(tests);
}
