/* SPDX-License-Identifier: BSD-2-Clause */
/* ClientHello as bytes, and what may answer it. */
#include <apps/covey-audit/hello.h>

#include "kit.h"

static const uint16_t suites[] = { 0xc02b, 0x0005 };
static const uint8_t random_bytes[32] = { 0xaa };

static covey_bytes write_hello(const hello_offer *o, uint8_t *out, size_t cap)
{
    covey_writer w = covey_writer_of(out, cap);

    assert_true(hello_write(&w, o, random_bytes));
    return covey_written(&w);
}

#define EXTENSIONS                                                            \
    "0026"                                                                    \
    "000a 0008 0006 0017 0018 001d "                                          \
    "000b 0002 0100 "                                                         \
    "000d 0010 000e 0403 0503 0401 0804 0501 0203 0201"
#define RANDOM                                                                \
    "aa00000000000000000000000000000000000000000000000000000000000000"

static void tls_is_a_record_with_one_message(void **state)
{
    const hello_offer o = { .version = HELLO_TLS_1_2,
                            .suites = suites,
                            .suite_count = 2 };
    uint8_t out[HELLO_MAX];

    (void)state;
    CHECK_HEX("16 0301 0057 01 000053 0303" RANDOM
              "00 0004 c02b 0005 01 00" EXTENSIONS,
              write_hello(&o, out, sizeof out));
}

static void dtls_has_numbers_and_a_cookie(void **state)
{
    const hello_offer o = { .dtls = true,
                            .version = HELLO_DTLS_1_2,
                            .suites = suites,
                            .suite_count = 1,
                            .cookie = SPAN("cook"),
                            .message_seq = 1 };
    uint8_t out[HELLO_MAX];

    (void)state;
    CHECK_HEX("16 feff 0000 000000000001 0062 01 000056 0001 000000 000056 "
              "fefd" RANDOM "00 04 636f6f6b 0002 c02b 01 00" EXTENSIONS,
              write_hello(&o, out, sizeof out));
}

static void an_alert_ends_it(void **state)
{
    const hello_offer o = { .dtls = true, .message_seq = 1 };
    uint8_t out[HELLO_MAX];
    covey_writer w = covey_writer_of(out, sizeof out);

    (void)state;
    assert_true(hello_write_alert(&w, &o));
    CHECK_HEX("15 feff 0000 000000000002 0002 02 5a", covey_written(&w));
}

static void what_does_not_fit_is_not_written(void **state)
{
    uint8_t out[HELLO_MAX];
    uint8_t cookie[256] = { 0 };
    hello_offer o = { .dtls = true,
                      .version = HELLO_DTLS_1_2,
                      .suites = suites,
                      .suite_count = 2 };

    (void)state;
    for (size_t cap = 0; cap < 109; cap++) {
        covey_writer w = covey_writer_of(out, cap);
        assert_false(hello_write(&w, &o, random_bytes));
    }
    covey_writer w = covey_writer_of(out, 14);
    assert_false(hello_write_alert(&w, &o));
    w = covey_writer_of(out, sizeof out);
    o.cookie = covey_bytes_of(cookie, sizeof cookie);
    assert_false(hello_write(&w, &o, random_bytes));
}

/* --- answers ------------------------------------------------------------- */

#define SERVER "0303" RANDOM "00 c02b"

static const struct {
    const char *why;
    bool dtls;
    const char *hex;
    hello_kind kind;
} answers[] = {
    { "ServerHello", false, "16 0303 002a 02 000026" SERVER, HELLO_SERVER },
    { "with a session", false,
      "16 0303 002c 02 000028 0303" RANDOM "02 1234 c02b", HELLO_SERVER },
    { "cut in its suite", false, "16 0303 002a 02 000026 0303" RANDOM "00 c0",
      HELLO_MORE },
    { "an alert", false, "15 0303 0002 02 28", HELLO_ALERT },
    { "half an alert", false, "15 0303 0002 02", HELLO_MORE },
    { "a Certificate", false, "16 0303 0004 0b 000000", HELLO_OTHER },
    { "HelloVerifyRequest in TLS", false, "16 0303 0007 03 000003 0303 00",
      HELLO_OTHER },
    { "application data", false, "17 0303 0001 00", HELLO_OTHER },
    { "HTTP", false, "48545450", HELLO_OTHER },
    { "DTLS in TLS", false, "16 feff", HELLO_OTHER },
    { "DTLS ServerHello", true,
      "16 fefd 0000 000000000000 0032 02 000026 0000 000000 000026 fefd" RANDOM
      "00 c02b",
      HELLO_SERVER },
    { "HelloVerifyRequest", true,
      "16 feff 0000 000000000000 0013 03 000007 0000 000000 000007 feff 04 "
      "636f6f6b",
      HELLO_VERIFY },
    { "a cookie that is cut", true,
      "16 feff 0000 000000000000 0013 03 000007 0000 000000 000007 feff 04 "
      "636f6f",
      HELLO_MORE },
    { "a later piece", true,
      "16 fefd 0000 000000000000 0032 02 000026 0000 000005 000026",
      HELLO_OTHER },
    { "an alert of DTLS", true, "15 fefd 0000 000000000000 0002 02 46",
      HELLO_ALERT },
    { "CoAP", true, "4045 0001", HELLO_OTHER },
    { "nothing", true, "", HELLO_MORE },
};

static void tells_answers_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        uint8_t bytes[128];
        kit_case(answers[i].why);
        const covey_bytes in = kit_hex(answers[i].hex, bytes, sizeof bytes);
        const hello_answer a = hello_read(in, answers[i].dtls);
        assert_int_equal(answers[i].kind, a.kind);
        if (a.kind == HELLO_SERVER) {
            assert_int_equal(0xc02b, a.suite);
            assert_int_equal(answers[i].dtls ? 0xfefd : 0x0303, a.version);
        }
        if (a.kind == HELLO_VERIFY) {
            CHECK_SPAN(SPAN("cook"), a.cookie);
        }
        /* and never says another thing of a part of it */
        for (size_t n = 0; n < in.len; n++) {
            const hello_kind part =
                hello_read(covey_bytes_of(bytes, n), answers[i].dtls).kind;
            assert_true(part == HELLO_MORE || part == answers[i].kind);
        }
    }
    kit_case(NULL);
}

/* Up to three bytes are never enough, but for what is no TLS. */
static void all_short_inputs(void **state)
{
    (void)state;
    for (uint32_t v = 0; v < 1u << 24; v += 5) {
        const uint8_t in[3] = { (uint8_t)(v >> 16), (uint8_t)(v >> 8 & 0xff),
                                (uint8_t)(v & 0xff) };
        for (size_t n = 0; n <= 3; n++) {
            for (int dtls = 0; dtls < 2; dtls++) {
                const hello_kind kind =
                    hello_read(covey_bytes_of(in, n), dtls != 0).kind;
                const bool other =
                    n == 3 && in[1] != (dtls != 0 ? 0xfe : 0x03);
                assert_int_equal(other ? HELLO_OTHER : HELLO_MORE, kind);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tls_is_a_record_with_one_message),
        cmocka_unit_test(dtls_has_numbers_and_a_cookie),
        cmocka_unit_test(an_alert_ends_it),
        cmocka_unit_test(what_does_not_fit_is_not_written),
        cmocka_unit_test(tells_answers_apart),
        cmocka_unit_test(all_short_inputs),
    };

    return KIT_RUN(tests);
}
