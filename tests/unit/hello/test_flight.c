/* SPDX-License-Identifier: BSD-2-Clause */
/* The certificates of a server's first flight, and the key exchange behind
 * them, whole and in pieces. */
#include <apps/covey-audit/flight.h>

#include "kit.h"

#define RANDOM                                                                \
    "aa00000000000000000000000000000000000000000000000000000000000000"
/* ServerHello; Certificate with two entries; an empty one */
#define HELLO              "02 000026 0303" RANDOM "00 c02b 00"
#define TWO                "0b 00000b 000008 000002 3081 000000"
#define EXCHANGE           "0c 000002 c0de"
#define DONE               "0e 000000"
#define TLS(len, messages) "16 0303 " len " " messages
/* a record of DTLS with one piece of a message */
#define DTLS(len, type, total, seq, offset, piece)                            \
    "16 fefd 0000 000000000000 " len " " type " " total " " seq " " offset    \
    " " piece

static flight f;

static flight_state take(bool dtls, const char *hex)
{
    static uint8_t bytes[600];

    flight_begin(&f, dtls);
    return flight_take(&f, kit_hex(hex, bytes, sizeof bytes));
}

static const struct {
    const char *why;
    bool dtls;
    const char *hex;
    flight_state state;
    size_t count;
    bool exchange;
} flights[] = {
    { "all in one record", false, TLS("003f", HELLO TWO EXCHANGE),
      FLIGHT_CERTIFICATES, 2, true },
    { "a record for each", false,
      TLS("002a", HELLO) TLS("000f", TWO) TLS("0006", EXCHANGE),
      FLIGHT_CERTIFICATES, 2, true },
    { "a message in two records", false,
      TLS("002c", HELLO "0b00") TLS("000d", "000b 000008 000002 3081 000000")
          TLS("0006", EXCHANGE),
      FLIGHT_CERTIFICATES, 2, true },
    { "a status between them", false,
      TLS("0044", HELLO TWO "16 000001 00" EXCHANGE), FLIGHT_CERTIFICATES, 2,
      true },
    { "an empty key exchange", false, TLS("003d", HELLO TWO "0c 000000"),
      FLIGHT_CERTIFICATES, 2, true },
    { "no key exchange", false, TLS("003d", HELLO TWO DONE),
      FLIGHT_CERTIFICATES, 2, false },
    { "a request in its place", false, TLS("003d", HELLO TWO "0d 000000"),
      FLIGHT_CERTIFICATES, 2, false },
    { "certificates once more", false, TLS("0048", HELLO TWO TWO),
      FLIGHT_CERTIFICATES, 2, false },
    { "nothing behind them yet", false, TLS("0039", HELLO TWO), FLIGHT_MORE, 2,
      false },
    { "half a key exchange", false, TLS("003e", HELLO TWO "0c 000002 c0"),
      FLIGHT_MORE, 2, false },
    { "an alert behind them", false,
      TLS("0039", HELLO TWO) "15 0303 0002 02 28", FLIGHT_ALERT, 2, false },
    { "no entries", false, TLS("0031", HELLO "0b 000003 000000"), FLIGHT_NONE,
      0, false },
    { "a key exchange at once", false, TLS("002e", HELLO "0c 000000"),
      FLIGHT_NONE, 0, false },
    { "an entry longer than its list", false,
      TLS("0034", HELLO "0b 000006 000003 000002"), FLIGHT_OTHER, 0, false },
    { "a list longer than its message", false,
      TLS("0031", HELLO "0b 000003 000001"), FLIGHT_OTHER, 0, false },
    { "bytes behind the list", false, TLS("0032", HELLO "0b 000004 000000 00"),
      FLIGHT_OTHER, 0, false },
    { "more entries than are taken", false,
      TLS("004c", HELLO "0b 00001e 00001b 000000 000000 000000 000000 000000 "
                        "000000 000000 000000 000000"),
      FLIGHT_OTHER, 0, false },
    { "a message of 16 MB", false, TLS("002e", HELLO "0b ffffff"),
      FLIGHT_OTHER, 0, false },
    { "an alert", false, "15 0303 0002 02 28", FLIGHT_ALERT, 0, false },
    { "an empty alert", false, "15 0303 0000", FLIGHT_ALERT, 0, false },
    { "application data", false, "17 0303 0001 00", FLIGHT_OTHER, 0, false },
    { "HTTP", false, "4854545020", FLIGHT_OTHER, 0, false },
    { "a record that is too long", false, "16 0303 4001", FLIGHT_OTHER, 0,
      false },
    { "nothing", false, "", FLIGHT_MORE, 0, false },
    { "whole messages of DTLS", true,
      DTLS("0032", "02", "000026", "0000", "000000",
           "000026 fefd" RANDOM "00 c02b 00")
          DTLS("0017", "0b", "00000b", "0001", "000000",
               "00000b 000008 000002 3081 000000")
              DTLS("000e", "0c", "000002", "0002", "000000", "000002 c0de"),
      FLIGHT_CERTIFICATES, 2, true },
    { "a key exchange before its certificates", true,
      DTLS("0032", "02", "000026", "0000", "000000",
           "000026 fefd" RANDOM "00 c02b 00")
          DTLS("000e", "0c", "000002", "0002", "000000", "000002 c0de")
              DTLS("0017", "0b", "00000b", "0001", "000000",
                   "00000b 000008 000002 3081 000000"),
      FLIGHT_MORE, 2, false },
    { "a certificate in two pieces", true,
      DTLS("0032", "02", "000026", "0001", "000000",
           "000026 fefd" RANDOM "00 c02b 00")
          DTLS("0010", "0b", "00000b", "0002", "000000", "000004 000008 00")
              DTLS("0013", "0b", "00000b", "0002", "000004",
                   "000007 0002 3081 000000")
                  DTLS("000c", "0e", "000000", "0003", "000000", "000000"),
      FLIGHT_CERTIFICATES, 2, false },
    { "its second piece first", true,
      DTLS("0032", "02", "000026", "0001", "000000",
           "000026 fefd" RANDOM "00 c02b 00")
          DTLS("0013", "0b", "00000b", "0002", "000004",
               "000007 0002 3081 000000"),
      FLIGHT_MORE, 0, false },
    { "its first piece twice", true,
      DTLS("0032", "02", "000026", "0001", "000000",
           "000026 fefd" RANDOM "00 c02b 00")
          DTLS("0010", "0b", "00000b", "0002", "000000", "000004 000008 00")
              DTLS("0010", "0b", "00000b", "0002", "000000",
                   "000004 000008 00")
                  DTLS("0013", "0b", "00000b", "0002", "000004",
                       "000007 0002 3081 000000"),
      FLIGHT_MORE, 2, false },
    { "a certificate before any ServerHello", true,
      DTLS("0017", "0b", "00000b", "0000", "000000",
           "00000b 000008 000002 3081 000000"),
      FLIGHT_MORE, 0, false },
    { "a piece longer than its record", true,
      DTLS("000d", "02", "000026", "0000", "000000", "000026 fe"),
      FLIGHT_OTHER, 0, false },
    { "a record that is cut", true, "16 fefd 0000 0000", FLIGHT_OTHER, 0,
      false },
    { "TLS in DTLS", true, TLS("002a", HELLO), FLIGHT_OTHER, 0, false },
};

static void finds_certificates(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(flights); i++) {
        kit_case(flights[i].why);
        assert_int_equal(flights[i].state,
                         take(flights[i].dtls, flights[i].hex));
        assert_int_equal(flights[i].count, f.count);
        assert_int_equal(flights[i].exchange, f.exchange.ptr != NULL);
        if (f.count == 2) {
            CHECK_HEX("3081", f.entries[0]);
            assert_int_equal(0, f.entries[1].len);
            CHECK_HEX(RANDOM, covey_bytes_of(f.random, sizeof f.random));
        }
        if (f.exchange.len > 0) {
            CHECK_HEX("c0de", f.exchange);
        }
    }
    kit_case(NULL);
}

/* As a stream brings it: in any two parts, or byte by byte. */
static void takes_a_stream_in_pieces(void **state)
{
    static uint8_t bytes[600];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(flights); i++) {
        const covey_bytes all = kit_hex(flights[i].hex, bytes, sizeof bytes);
        if (flights[i].dtls) {
            continue;
        }
        kit_case(flights[i].why);
        for (size_t n = 0; n <= all.len; n++) {
            flight_begin(&f, false);
            (void)flight_take(&f, covey_bytes_of(all.ptr, n));
            assert_int_equal(
                flights[i].state,
                flight_take(&f, covey_bytes_of(all.ptr + n, all.len - n)));
        }
        flight_begin(&f, false);
        for (size_t n = 0; n < all.len; n++) {
            (void)flight_take(&f, covey_bytes_of(all.ptr + n, 1));
        }
        assert_int_equal(flights[i].state, f.state);
    }
    kit_case(NULL);
}

/* A server that never ends: after so many bytes it is not listened to. */
static void ends_with_a_flight_without_end(void **state)
{
    static uint8_t record[5 + 1000] = { 0x16, 3, 3, 1000 >> 8, 1000 & 0xff };

    (void)state;
    /* a ServerHello of nearly all there is room for */
    memcpy(record + 5, "\x02\x00\x3f\xf0", 4);
    flight_begin(&f, false);
    for (int i = 0; i < 16; i++) {
        assert_int_equal(FLIGHT_MORE,
                         flight_take(&f, covey_bytes_of(record, 1005)));
        memset(record + 5, 0, 4);
    }
    assert_int_equal(FLIGHT_OTHER,
                     flight_take(&f, covey_bytes_of(record, 1005)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_certificates),
        cmocka_unit_test(takes_a_stream_in_pieces),
        cmocka_unit_test(ends_with_a_flight_without_end),
    };

    return KIT_RUN(tests);
}
