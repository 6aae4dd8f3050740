/* SPDX-License-Identifier: BSD-2-Clause */
/* The certificates of a server's first flight, whole and in pieces. */
#include <apps/covey-audit/flight.h>

#include "kit.h"

#define RANDOM                                                                \
    "aa00000000000000000000000000000000000000000000000000000000000000"
/* ServerHello; Certificate with two entries; an empty one */
#define HELLO              "02 000026 0303" RANDOM "00 c02b 00"
#define TWO                "0b 00000b 000008 000002 3081 000000"
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
} flights[] = {
    { "both in one record", false, TLS("0039", HELLO TWO), FLIGHT_CERTIFICATES,
      2 },
    { "a record for each", false, TLS("002a", HELLO) TLS("000f", TWO),
      FLIGHT_CERTIFICATES, 2 },
    { "a message in two records", false,
      TLS("002c", HELLO "0b00") TLS("000d", "000b 000008 000002 3081 000000"),
      FLIGHT_CERTIFICATES, 2 },
    { "no entries", false, TLS("0031", HELLO "0b 000003 000000"), FLIGHT_NONE,
      0 },
    { "a key exchange at once", false, TLS("002e", HELLO "0c 000000"),
      FLIGHT_NONE, 0 },
    { "an entry longer than its list", false,
      TLS("0034", HELLO "0b 000006 000003 000002"), FLIGHT_OTHER, 0 },
    { "a list longer than its message", false,
      TLS("0031", HELLO "0b 000003 000001"), FLIGHT_OTHER, 0 },
    { "bytes behind the list", false, TLS("0032", HELLO "0b 000004 000000 00"),
      FLIGHT_OTHER, 0 },
    { "more entries than are taken", false,
      TLS("004c", HELLO "0b 00001e 00001b 000000 000000 000000 000000 000000 "
                        "000000 000000 000000 000000"),
      FLIGHT_OTHER, 0 },
    { "a message of 16 MB", false, TLS("002e", HELLO "0b ffffff"),
      FLIGHT_OTHER, 0 },
    { "an alert", false, "15 0303 0002 02 28", FLIGHT_ALERT, 0 },
    { "an empty alert", false, "15 0303 0000", FLIGHT_ALERT, 0 },
    { "application data", false, "17 0303 0001 00", FLIGHT_OTHER, 0 },
    { "HTTP", false, "4854545020", FLIGHT_OTHER, 0 },
    { "a record that is too long", false, "16 0303 4001", FLIGHT_OTHER, 0 },
    { "nothing", false, "", FLIGHT_MORE, 0 },
    { "whole messages of DTLS", true,
      DTLS("0032", "02", "000026", "0000", "000000",
           "000026 fefd" RANDOM "00 c02b 00")
          DTLS("0017", "0b", "00000b", "0001", "000000",
               "00000b 000008 000002 3081 000000"),
      FLIGHT_CERTIFICATES, 2 },
    { "a certificate in two pieces", true,
      DTLS("0032", "02", "000026", "0001", "000000",
           "000026 fefd" RANDOM "00 c02b 00")
          DTLS("0010", "0b", "00000b", "0002", "000000", "000004 000008 00")
              DTLS("0013", "0b", "00000b", "0002", "000004",
                   "000007 0002 3081 000000"),
      FLIGHT_CERTIFICATES, 2 },
    { "its second piece first", true,
      DTLS("0032", "02", "000026", "0001", "000000",
           "000026 fefd" RANDOM "00 c02b 00")
          DTLS("0013", "0b", "00000b", "0002", "000004",
               "000007 0002 3081 000000"),
      FLIGHT_MORE, 0 },
    { "its first piece twice", true,
      DTLS("0032", "02", "000026", "0001", "000000",
           "000026 fefd" RANDOM "00 c02b 00")
          DTLS("0010", "0b", "00000b", "0002", "000000", "000004 000008 00")
              DTLS("0010", "0b", "00000b", "0002", "000000",
                   "000004 000008 00")
                  DTLS("0013", "0b", "00000b", "0002", "000004",
                       "000007 0002 3081 000000"),
      FLIGHT_CERTIFICATES, 2 },
    { "a certificate before any ServerHello", true,
      DTLS("0017", "0b", "00000b", "0000", "000000",
           "00000b 000008 000002 3081 000000"),
      FLIGHT_MORE, 0 },
    { "a piece longer than its record", true,
      DTLS("000d", "02", "000026", "0000", "000000", "000026 fe"),
      FLIGHT_OTHER, 0 },
    { "a record that is cut", true, "16 fefd 0000 0000", FLIGHT_OTHER, 0 },
    { "TLS in DTLS", true, TLS("002a", HELLO), FLIGHT_OTHER, 0 },
};

static void finds_certificates(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(flights); i++) {
        kit_case(flights[i].why);
        assert_int_equal(flights[i].state,
                         take(flights[i].dtls, flights[i].hex));
        assert_int_equal(flights[i].count, f.count);
        if (f.count == 2) {
            CHECK_HEX("3081", f.entries[0]);
            assert_int_equal(0, f.entries[1].len);
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
