/* SPDX-License-Identifier: BSD-2-Clause */
#include <covey/coap.h>

#include "kit.h"

#include <stdlib.h>

static uint8_t storage[256];

struct refusal {
    const char *why;
    const char *hex;
    covey_status expected;
};

/* clang-format off */
static const struct refusal refusals[] = {
    { "nothing", "", COVEY_E_SHORT },
    { "no code yet", "00", COVEY_E_SHORT },
    { "Len 13, no extension yet", "d0", COVEY_E_SHORT },
    { "Len 13, no code yet", "d0 00", COVEY_E_SHORT },
    { "Len 14, half an extension", "e0 00", COVEY_E_SHORT },
    { "Len 14, no code yet", "e0 00 00", COVEY_E_SHORT },
    { "Len 15, three bytes of four", "f0 00 00 00", COVEY_E_SHORT },
    { "Len 15, no code yet", "f0 00 00 00 00", COVEY_E_SHORT },
    { "Len 15, the longest message, which wraps in 32 bits",
      "f0 ff ff ff ff 01 00 00 00", COVEY_E_SHORT },
    { "token not there yet", "01 e2", COVEY_E_SHORT },
    { "token length extension not there yet", "0d e2", COVEY_E_SHORT },
    { "token of 13 not there yet", "0d e2 00", COVEY_E_SHORT },
    { "half an extension of the token length", "0e e2 00", COVEY_E_SHORT },
    { "body not there yet", "10 01", COVEY_E_SHORT },
    { "body one byte short", "30 01 b2 61", COVEY_E_SHORT },
    { "TKL 15, known from the first byte", "0f", COVEY_E_FORMAT },
    { "TKL 15", "0f 01 00 00", COVEY_E_FORMAT },
    { "Empty with a token", "01 00 aa", COVEY_E_FORMAT },
    { "Empty with a token that is not there yet", "01 00", COVEY_E_FORMAT },
    { "Empty with a body", "10 00 00", COVEY_E_FORMAT },
    { "option past the end of its message, more in the stream",
      "20 01 b3 61 62 63", COVEY_E_FORMAT },
    { "option extension past the end of its message",
      "10 01 d0 00 00", COVEY_E_FORMAT },
    { "marker at the end of its message", "10 01 ff 00", COVEY_E_FORMAT },
    { "delta 15", "10 01 f0", COVEY_E_FORMAT },
    { "length 15", "10 01 0f", COVEY_E_FORMAT },
};
/* clang-format on */

static void refuses_or_waits(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        covey_coap_message m;
        covey_coap_message before;
        size_t used = 4711;

        kit_case(refusals[i].why);
        memset(&m, 0x5a, sizeof m);
        memcpy(&before, &m, sizeof m);
        CHECK_STATUS(
            refusals[i].expected,
            covey_coap_parse_stream(
                &m, kit_hex(refusals[i].hex, storage, sizeof storage), &used));
        assert_int_equal(4711, used);
        assert_memory_equal(&before, &m, sizeof m);
    }
    kit_case(NULL);
}

static void takes_one_message_off_a_stream(void **state)
{
    (void)state;
    covey_coap_message m;
    size_t used;
    covey_bytes b = kit_hex("52"       /* Len 5, TKL 2 */
                            "45"       /* 2.05 */
                            "aa bb"    /* token */
                            "c1 32"    /* Content-Format 50 */
                            "ff 7b 7d" /* payload */
                            "00 e1",   /* the next: a Release, 7.01 */
                            storage, sizeof storage);

    CHECK_STATUS(COVEY_OK, covey_coap_parse_stream(&m, b, &used));
    assert_int_equal(9, used);
    assert_int_equal(0x45, m.code);
    assert_int_equal(0, m.message_id);
    assert_int_equal(COVEY_COAP_CON, m.type);
    CHECK_HEX("aa bb", m.token);
    CHECK_HEX("c1 32", m.options);
    CHECK_HEX("7b 7d", m.payload);

    b = covey_bytes_of(b.ptr + used, b.len - used);
    CHECK_STATUS(COVEY_OK, covey_coap_parse_stream(&m, b, &used));
    assert_int_equal(2, used);
    assert_int_equal(COVEY_COAP_CODE(7, 1), m.code);
    assert_int_equal(0, m.options.len);
    assert_null(m.payload.ptr);
}

static void accepts_an_empty_message(void **state)
{
    (void)state;
    covey_coap_message m;
    size_t used;

    CHECK_STATUS(COVEY_OK,
                 covey_coap_parse_stream(
                     &m, kit_hex("00 00", storage, sizeof storage), &used));
    assert_int_equal(2, used);
    assert_int_equal(COVEY_COAP_EMPTY, m.code);
}

/* RFC 8323 Section 3.2: 12 | 13, 268 | 269, 65804 | 65805. */
static void frames_bodies_at_the_bounds(void **state)
{
    static const struct {
        uint32_t body;
        const char *head;
    } cases[] = {
        { 2, "20 01" },
        { 12, "c0 01" },
        { 13, "d0 00 01" },
        { 268, "d0 ff 01" },
        { 269, "e0 00 00 01" },
        { 65804, "e0 ff ff 01" },
        { 65805, "f0 00 00 00 00 01" },
        { 66061, "f0 00 00 01 00 01" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        covey_bytes head = kit_hex(cases[i].head, storage, sizeof storage);
        size_t len = head.len + cases[i].body;
        uint8_t *b = malloc(len);
        covey_coap_message m;
        size_t used;

        kit_case(cases[i].head);
        assert_non_null(b);
        memset(b, 0x61, len);
        memcpy(b, head.ptr, head.len);
        b[head.len] = COVEY_COAP_PAYLOAD_MARKER;
        CHECK_STATUS(COVEY_OK, covey_coap_parse_stream(
                                   &m, covey_bytes_of(b, len), &used));
        assert_int_equal(len, used);
        assert_int_equal(cases[i].body - 1, m.payload.len);
        CHECK_STATUS(
            COVEY_E_SHORT,
            covey_coap_parse_stream(&m, covey_bytes_of(b, len - 1), &used));
        free(b);
    }
    kit_case(NULL);
}

/* From the lengths alone, whatever has arrived of what they announce. */
static void says_how_long_a_message_will_be(void **state)
{
    static const struct {
        const char *hex;
        uint64_t length;
    } cases[] = {
        { "00 00", 2 },
        { "08 01", 10 },
        { "c4 01", 18 },
        { "dd ff 01 00", 1 + 1 + 1 + 1 + 13 + 268 },
        { "ee ffff 01 ffff", 1 + 2 + 1 + 2 + 65804 + 65804 },
        { "f0 ffffffff 01", 1 + 4 + 1 + UINT64_C(65805) + UINT32_MAX },
    };
    uint64_t length = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        covey_bytes b = kit_hex(cases[i].hex, storage, sizeof storage);
        kit_case(cases[i].hex);
        CHECK_STATUS(COVEY_OK, covey_coap_stream_length(b, &length));
        assert_true(cases[i].length == length);
        while (b.len > 0) {
            b.len--;
            CHECK_STATUS(COVEY_E_SHORT, covey_coap_stream_length(b, &length));
        }
    }
    kit_case(NULL);
    CHECK_STATUS(COVEY_E_FORMAT,
                 covey_coap_stream_length(SPAN("\x0f\x01"), &length));
    CHECK_STATUS(COVEY_E_FORMAT,
                 covey_coap_stream_length(SPAN("\x10\x00"), &length));
}

static void every_prefix_only_needs_more(void **state)
{
    static const char whole[] = "dd 0a 45 02"
                                "01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f"
                                "c1 32 d3 7a 61 62 63"
                                "ff 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e"
                                "0f";
    uint8_t b[64];
    covey_bytes all = kit_hex(whole, b, sizeof b);
    covey_coap_message m;
    size_t used;

    (void)state;
    for (size_t n = 0; n < all.len; n++) {
        /* A copy of exactly n bytes, so that a sanitizer sees more. */
        uint8_t *copy = malloc(n + 1);
        assert_non_null(copy);
        memcpy(copy + 1, b, n);
        CHECK_STATUS(
            COVEY_E_SHORT,
            covey_coap_parse_stream(&m, covey_bytes_of(copy + 1, n), &used));
        free(copy);
    }
    CHECK_STATUS(COVEY_OK, covey_coap_parse_stream(&m, all, &used));
    assert_int_equal(all.len, used);
    assert_int_equal(15, m.token.len);
}

/* --- framing ------------------------------------------------------------- */

/* The same message, composed for either. */
static void compose_both(size_t token_len, size_t payload_len,
                         covey_writer *datagram, covey_writer *stream)
{
    static uint8_t bytes[70000];
    const covey_coap_message head = { .type = COVEY_COAP_NON,
                                      .code = 0x45,
                                      .message_id = 0x1234,
                                      .token =
                                          covey_bytes_of(bytes, token_len) };
    covey_coap_composer c[2];

    memset(bytes, 0xa5, sizeof bytes);
    c[0] = covey_coap_compose(datagram, &head);
    c[1] = covey_coap_compose_stream(stream, &head);
    for (int i = 0; i < 2; i++) {
        covey_coap_put_payload(&c[i], covey_bytes_of(bytes, payload_len));
        CHECK_STATUS(COVEY_OK, covey_coap_finish(&c[i]));
    }
}

static void reframes_to_what_would_have_been_composed(void **state)
{
    static const size_t tokens[] = { 0, 8, 12, 13, 20, 268, 269, 300 };
    static const size_t lengths[] = { 0,   1,   10,    11,    12,    13,
                                      266, 267, 268,   269,   300,   1279,
                                      800, 803, 65802, 65803, 65804, 65805 };
    static uint8_t a[80000];
    static uint8_t b[80000];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(tokens); i++) {
        for (size_t k = 0; k < COUNT_OF(lengths); k++) {
            covey_writer datagram = covey_writer_of(a, sizeof a);
            covey_writer stream = covey_writer_of(b, sizeof b);
            compose_both(tokens[i], lengths[k], &datagram, &stream);
            CHECK_STATUS(COVEY_OK, covey_coap_reframe(&datagram));
            CHECK_SPAN(covey_written(&stream), covey_written(&datagram));
        }
    }
}

static void reframes_only_datagrams_and_only_where_there_is_room(void **state)
{
    static uint8_t a[70000];
    static uint8_t b[70000];
    uint8_t none[4] = { 0x20, 0x45, 0, 0 };
    covey_writer datagram = covey_writer_of(a, sizeof a);
    covey_writer stream = covey_writer_of(b, sizeof b);
    covey_writer no_message = covey_writer_of(none, sizeof none);

    (void)state;
    CHECK_STATUS(COVEY_E_ARGUMENT, covey_coap_reframe(&no_message));
    no_message.pos = sizeof none; /* of version 0 */
    CHECK_STATUS(COVEY_E_ARGUMENT, covey_coap_reframe(&no_message));
    compose_both(2, 65805, &datagram, &stream);
    memcpy(b, a, datagram.pos);
    for (size_t more = 0; more < 2; more++) {
        datagram.cap = datagram.pos + more;
        CHECK_STATUS(COVEY_E_ROOM, covey_coap_reframe(&datagram));
        assert_memory_equal(a, b, datagram.pos);
    }
    datagram.cap = datagram.pos + 2;
    CHECK_STATUS(COVEY_OK, covey_coap_reframe(&datagram));
    assert_int_equal(datagram.pos, datagram.cap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_or_waits),
        cmocka_unit_test(takes_one_message_off_a_stream),
        cmocka_unit_test(accepts_an_empty_message),
        cmocka_unit_test(frames_bodies_at_the_bounds),
        cmocka_unit_test(every_prefix_only_needs_more),
        cmocka_unit_test(says_how_long_a_message_will_be),
        cmocka_unit_test(reframes_to_what_would_have_been_composed),
        cmocka_unit_test(reframes_only_datagrams_and_only_where_there_is_room),
    };
    return KIT_RUN(tests);
}
