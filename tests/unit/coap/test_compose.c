/* SPDX-License-Identifier: BSD-2-Clause */
#include <covey/coap.h>

#include "kit.h"

#include <stdlib.h>

static uint8_t storage[70000];

static covey_coap_message header(uint8_t code, covey_bytes token)
{
    covey_coap_message m = { 0 };

    m.type = COVEY_COAP_NON;
    m.code = code;
    m.message_id = 0x1234;
    m.token = token;
    return m;
}

static void composes_a_datagram(void **state)
{
    (void)state;
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_coap_message h = header(1, SPAN("\xaa\xbb"));
    covey_coap_composer c = covey_coap_compose(&w, &h);

    covey_coap_put_option(&c, 11, SPAN("temp"));
    covey_coap_put_option(&c, 11, SPAN(""));
    covey_coap_put_uint(&c, 12, 0);
    covey_coap_put_uint(&c, 60, 0x010203);
    covey_coap_put_option(&c, 292, SPAN("\x01"));
    covey_coap_put_payload(&c, SPAN("hi"));
    CHECK_STATUS(COVEY_OK, covey_coap_finish(&c));
    CHECK_HEX("52 01 12 34"    /* version 1, NON, TKL 2, GET, Message ID */
              "aa bb"          /* token */
              "b4 74 65 6d 70" /* 11 Uri-Path temp */
              "00"             /* 11 Uri-Path, empty */
              "10"             /* 12 Content-Format 0: no bytes */
              "d3 23 01 02 03" /* 60 Size1, delta 48 = 13 + 35 */
              "d1 db 01"       /* 292 Request-Tag, delta 232 = 13 + 219 */
              "ff 68 69",
              covey_written(&w));
}

static void composes_an_inner_message(void **state)
{
    (void)state;
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_coap_composer c = covey_coap_compose_inner(&w, 0x45);

    covey_coap_put_payload(&c, SPAN("x"));
    CHECK_STATUS(COVEY_OK, covey_coap_finish(&c));
    CHECK_HEX("45 ff 78", covey_written(&w));
}

static void composes_behind_what_is_already_there(void **state)
{
    (void)state;
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_coap_message h = header(0x45, SPAN("\x01"));
    covey_coap_composer c;

    covey_write_u8(&w, 0xee);
    c = covey_coap_compose_stream(&w, &h);
    covey_coap_put_payload(&c, SPAN("0123456789ab"));
    CHECK_STATUS(COVEY_OK, covey_coap_finish(&c));
    /* Len 13 needs an extension, which moves code, token and body. */
    CHECK_HEX("ee"
              "d1 00 45 01"
              "ff 30 31 32 33 34 35 36 37 38 39 61 62",
              covey_written(&w));
    h = header(0xe1, SPAN(""));
    c = covey_coap_compose_stream(&w, &h);
    CHECK_STATUS(COVEY_OK, covey_coap_finish(&c));
    assert_int_equal(1 + 17 + 2, w.pos);
    assert_int_equal(0x00, storage[18]);
    assert_int_equal(0xe1, storage[19]);
}

/* What compose writes at each bound, parse reads. */
static void frames_at_the_bounds(void **state)
{
    static const size_t bodies[] = { 0,   2,   12,    13,    268,
                                     269, 270, 65804, 65805, 65806 };
    static uint8_t payload[66000];
    static uint8_t room[70000];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        covey_writer w = covey_writer_of(room, sizeof room);
        covey_coap_message h = header(2, SPAN("\x01\x02"));
        covey_coap_composer c = covey_coap_compose_stream(&w, &h);
        covey_coap_message m;
        size_t used;
        size_t len = bodies[i] > 0 ? bodies[i] - 1 : 0;

        covey_coap_put_payload(&c, covey_bytes_of(payload, len));
        CHECK_STATUS(COVEY_OK, covey_coap_finish(&c));
        CHECK_STATUS(COVEY_OK,
                     covey_coap_parse_stream(&m, covey_written(&w), &used));
        assert_int_equal(w.pos, used);
        assert_int_equal(len, m.payload.len);
        CHECK_HEX("01 02", m.token);
    }
}

static void an_empty_payload_has_no_marker(void **state)
{
    (void)state;
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_coap_message h = header(1, SPAN(""));
    covey_coap_composer c = covey_coap_compose(&w, &h);

    covey_coap_put_payload(&c, SPAN(""));
    covey_coap_put_payload(&c, covey_bytes_of(NULL, 0));
    CHECK_STATUS(COVEY_OK, covey_coap_finish(&c));
    CHECK_HEX("50 01 12 34", covey_written(&w));
}

static void an_absent_token_is_an_empty_one(void **state)
{
    (void)state;
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_coap_message h = header(1, covey_bytes_of(NULL, 0));
    covey_coap_composer c = covey_coap_compose(&w, &h);

    CHECK_STATUS(COVEY_OK, covey_coap_finish(&c));
    CHECK_HEX("50 01 12 34", covey_written(&w));
}

enum mistake {
    OPTIONS_OUT_OF_ORDER,
    OPTION_BEHIND_PAYLOAD,
    SECOND_PAYLOAD,
    OPTION_TOO_LONG,
    TOKEN_TOO_LONG,
    EMPTY_WITH_TOKEN,
    EMPTY_WITH_OPTION,
    EMPTY_WITH_PAYLOAD,
    MISTAKES
};

static covey_status make(enum mistake mistake, bool stream)
{
    static uint8_t big[65805 + 1];
    static uint8_t room[80000];
    covey_writer w = covey_writer_of(room, sizeof room);
    bool empty = mistake >= EMPTY_WITH_TOKEN;
    covey_bytes token = mistake == TOKEN_TOO_LONG ? covey_bytes_of(big, 65805)
                        : mistake == EMPTY_WITH_TOKEN ? SPAN("\x01")
                                                      : SPAN("");
    covey_coap_message h = header(empty ? 0 : 1, token);
    covey_coap_composer c = stream ? covey_coap_compose_stream(&w, &h)
                                   : covey_coap_compose(&w, &h);

    if (mistake == OPTIONS_OUT_OF_ORDER) {
        covey_coap_put_option(&c, 12, SPAN(""));
        covey_coap_put_option(&c, 11, SPAN("a"));
    }
    if (mistake == OPTION_TOO_LONG) {
        covey_coap_put_option(&c, 11, covey_bytes_of(big, 65805));
    }
    if (mistake == EMPTY_WITH_OPTION) {
        covey_coap_put_option(&c, 11, SPAN("a"));
    }
    if (mistake == OPTION_BEHIND_PAYLOAD || mistake == SECOND_PAYLOAD ||
        mistake == EMPTY_WITH_PAYLOAD) {
        covey_coap_put_payload(&c, SPAN("a"));
    }
    if (mistake == OPTION_BEHIND_PAYLOAD) {
        covey_coap_put_option(&c, 11, SPAN("a"));
    }
    if (mistake == SECOND_PAYLOAD) {
        covey_coap_put_payload(&c, SPAN("a"));
    }
    return covey_coap_finish(&c);
}

static void mistakes_of_the_caller_stick(void **state)
{
    (void)state;
    for (int i = 0; i < MISTAKES; i++) {
        CHECK_STATUS(COVEY_E_ARGUMENT, make((enum mistake)i, false));
        CHECK_STATUS(COVEY_E_ARGUMENT, make((enum mistake)i, true));
    }
}

static void mistakes_in_an_inner_message_stick(void **state)
{
    (void)state;
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_coap_composer c = covey_coap_compose_inner(&w, 0);

    covey_coap_put_option(&c, 11, SPAN("a"));
    CHECK_STATUS(COVEY_E_ARGUMENT, covey_coap_finish(&c));
}

static covey_status compose_into(uint8_t *room, size_t cap, bool stream,
                                 size_t *len)
{
    covey_writer w = covey_writer_of(room, cap);
    covey_coap_message h = header(1, SPAN("\x01\x02\x03"));
    covey_coap_composer c = stream ? covey_coap_compose_stream(&w, &h)
                                   : covey_coap_compose(&w, &h);
    covey_status st;

    covey_coap_put_option(&c, 11, SPAN("0123456789abcdef"));
    covey_coap_put_payload(&c, SPAN("xyz"));
    st = covey_coap_finish(&c);
    *len = w.pos;
    return st;
}

static void every_lack_of_room_is_found(void **state)
{
    (void)state;
    for (int stream = 0; stream < 2; stream++) {
        size_t need;
        size_t len;
        CHECK_STATUS(COVEY_OK, compose_into(storage, sizeof storage,
                                            stream != 0, &need));
        for (size_t cap = 0; cap < need; cap++) {
            /* Exactly that much, so that a sanitizer sees more. */
            uint8_t *room = malloc(cap + 1);
            assert_non_null(room);
            CHECK_STATUS(COVEY_E_ROOM,
                         compose_into(room + 1, cap, stream != 0, &len));
            free(room);
        }
        CHECK_STATUS(COVEY_OK, compose_into(storage, need, stream != 0, &len));
        assert_int_equal(need, len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(composes_a_datagram),
        cmocka_unit_test(composes_an_inner_message),
        cmocka_unit_test(composes_behind_what_is_already_there),
        cmocka_unit_test(frames_at_the_bounds),
        cmocka_unit_test(an_empty_payload_has_no_marker),
        cmocka_unit_test(an_absent_token_is_an_empty_one),
        cmocka_unit_test(mistakes_of_the_caller_stick),
        cmocka_unit_test(mistakes_in_an_inner_message_stick),
        cmocka_unit_test(every_lack_of_room_is_found),
    };
    return KIT_RUN(tests);
}
