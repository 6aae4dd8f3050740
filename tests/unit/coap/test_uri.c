/* SPDX-License-Identifier: BSD-2-Clause */
#include <covey/coap_options.h>

#include "kit.h"

#include <stdio.h>

static covey_bytes text(const char *s)
{
    return covey_bytes_of((const uint8_t *)s, strlen(s));
}

struct refusal {
    const char *uri;
    covey_status expected;
};

static const struct refusal refusals[] = {
    { "", COVEY_E_FORMAT },
    { "coap", COVEY_E_FORMAT },
    { "coap:", COVEY_E_FORMAT },
    { "coap:/", COVEY_E_FORMAT },
    { "coap:h/p", COVEY_E_FORMAT },
    { "coap:/h/p", COVEY_E_FORMAT },
    { "coap://", COVEY_E_FORMAT },
    { "coap:///p", COVEY_E_FORMAT },
    { "coap://:5683/", COVEY_E_FORMAT },
    { "://h/", COVEY_E_FORMAT },
    { "//h/p", COVEY_E_FORMAT },
    { "/p", COVEY_E_FORMAT },
    { "1coap://h/", COVEY_E_FORMAT },
    { "co ap://h/", COVEY_E_FORMAT },
    { "http://h/", COVEY_E_UNSUPPORTED },
    { "coapx://h/", COVEY_E_UNSUPPORTED },
    { "coap+ws://h/", COVEY_E_UNSUPPORTED },
    { "coa://h/", COVEY_E_UNSUPPORTED },
    { "coap://user@h/", COVEY_E_FORMAT },
    { "coap://h h/", COVEY_E_FORMAT },
    { "coap://h%/", COVEY_E_FORMAT },
    { "coap://h%4/", COVEY_E_FORMAT },
    { "coap://h%4g/", COVEY_E_FORMAT },
    { "coap://h\x80/", COVEY_E_FORMAT },
    { "coap://[::1/", COVEY_E_FORMAT },
    { "coap://[]/", COVEY_E_FORMAT },
    { "coap://[1234]/", COVEY_E_FORMAT },
    { "coap://[::g]/", COVEY_E_FORMAT },
    { "coap://[::1]x/", COVEY_E_FORMAT },
    { "coap://[fe80::1%eth0]/", COVEY_E_FORMAT },
    { "coap://[fe80::1%25]/", COVEY_E_FORMAT },
    { "coap://::1/", COVEY_E_FORMAT },
    { "coap://h:x/", COVEY_E_FORMAT },
    { "coap://h:65536/", COVEY_E_FORMAT },
    { "coap://h:4294972979/", COVEY_E_FORMAT },
    { "coap://h:-1/", COVEY_E_FORMAT },
    { "coap://h:1:2/", COVEY_E_FORMAT },
    { "coap://h/a#f", COVEY_E_FORMAT },
    { "coap://h#f", COVEY_E_FORMAT },
    { "coap://h/?a#f", COVEY_E_FORMAT },
    { "coap://h/a b", COVEY_E_FORMAT },
    { "coap://h/%", COVEY_E_FORMAT },
    { "coap://h/%A", COVEY_E_FORMAT },
    { "coap://h/a%A", COVEY_E_FORMAT },
    { "coap://h/%zz", COVEY_E_FORMAT },
    { "coap://h/[", COVEY_E_FORMAT },
    { "coap://h/a\xc3\xa4", COVEY_E_FORMAT },
    { "coap://h/.", COVEY_E_FORMAT },
    { "coap://h/..", COVEY_E_FORMAT },
    { "coap://h/a/../b", COVEY_E_FORMAT },
    { "coap://h/a/./b", COVEY_E_FORMAT },
    { "coap://h/%2e%2E/b", COVEY_E_FORMAT },
    { "coap://h/.%2e", COVEY_E_FORMAT },
    { "coap://h/?a b", COVEY_E_FORMAT },
    { "coap://h/?%A", COVEY_E_FORMAT },
};

static void refuses_what_is_no_coap_uri(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        covey_uri u;
        covey_uri before;

        kit_case(refusals[i].uri);
        memset(&u, 0x5a, sizeof u);
        memcpy(&before, &u, sizeof u);
        CHECK_STATUS(refusals[i].expected,
                     covey_uri_parse(&u, text(refusals[i].uri)));
        assert_memory_equal(&before, &u, sizeof u);
    }
    kit_case(NULL);
}

static void refuses_a_zero_byte(void **state)
{
    (void)state;
    covey_uri u;

    CHECK_STATUS(COVEY_E_FORMAT, covey_uri_parse(&u, SPAN("coap://h/\0")));
    CHECK_STATUS(COVEY_E_FORMAT, covey_uri_parse(&u, SPAN("coap://h\0/")));
    CHECK_STATUS(COVEY_E_FORMAT, covey_uri_parse(&u, covey_bytes_of(NULL, 0)));
}

struct good {
    const char *uri;
    const char *host;
    bool literal;
    uint16_t port;
    const char *path;  /* segments, each behind a '|' */
    const char *query; /* arguments, each behind a '|' */
};

static const struct good good[] = {
    { "coap://h", "h", false, 5683, "", "" },
    { "coap://h/", "h", false, 5683, "", "" },
    { "coaps://h/", "h", false, 5684, "", "" },
    { "coap+tcp://h/", "h", false, 5683, "", "" },
    { "coaps+tcp://h/", "h", false, 5684, "", "" },
    { "CoAP://Example.COM:/", "example.com", false, 5683, "", "" },
    { "coap://h:0/", "h", false, 0, "", "" },
    { "coap://h:65535/", "h", false, 65535, "", "" },
    { "coap://h:0005683/", "h", false, 5683, "", "" },
    { "coap://192.0.2.1/", "192.0.2.1", true, 5683, "", "" },
    { "coap://255.255.255.255/", "255.255.255.255", true, 5683, "", "" },
    { "coap://256.0.2.1/", "256.0.2.1", false, 5683, "", "" },
    { "coap://1.2.3/", "1.2.3", false, 5683, "", "" },
    { "coap://1.2.3.4.5/", "1.2.3.4.5", false, 5683, "", "" },
    { "coap://01.2.3.4/", "01.2.3.4", false, 5683, "", "" },
    { "coap://1.2.3./", "1.2.3.", false, 5683, "", "" },
    { "coap://[2001:db8::2:1]/", "2001:db8::2:1", true, 5683, "", "" },
    { "coap://[::ffff:192.0.2.1]:61616/x", "::ffff:192.0.2.1", true, 61616,
      "|x", "" },
    { "coap://[fe80::1%25eth0]/", "fe80::1%eth0", true, 5683, "", "" },
    { "coap://a%4Db/", "aMb", false, 5683, "", "" },
    { "coap://h/a/b", "h", false, 5683, "|a|b", "" },
    { "coap://h/a/", "h", false, 5683, "|a|", "" },
    { "coap://h//", "h", false, 5683, "||", "" },
    { "coap://h//a", "h", false, 5683, "||a", "" },
    { "coap://h/a//b", "h", false, 5683, "|a||b", "" },
    { "coap://h/...", "h", false, 5683, "|...", "" },
    { "coap://h/.a/..b", "h", false, 5683, "|.a|..b", "" },
    { "coap://h/a%2Fb", "h", false, 5683, "|a/b", "" },
    { "coap://h/%7e%41", "h", false, 5683, "|~A", "" },
    { "coap://h/a:b@c;d=e", "h", false, 5683, "|a:b@c;d=e", "" },
    { "coap://h?q", "h", false, 5683, "", "|q" },
    { "coap://h/?", "h", false, 5683, "", "|" },
    { "coap://h/?a&b=c", "h", false, 5683, "", "|a|b=c" },
    { "coap://h/?&", "h", false, 5683, "", "||" },
    { "coap://h/?a?b/c&%26", "h", false, 5683, "", "|a?b/c|&" },
    /* RFC 7252 Section 6.5 says these are the same. */
    { "coap://example.com:5683/~sensors/temp.xml", "example.com", false, 5683,
      "|~sensors|temp.xml", "" },
    { "coap://EXAMPLE.com/%7Esensors/temp.xml", "example.com", false, 5683,
      "|~sensors|temp.xml", "" },
};

static void check_segments(const char *expected, covey_uri_segments it)
{
    uint8_t storage[64];
    uint8_t joined[64];
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_writer j = covey_writer_of(joined, sizeof joined);
    covey_bytes value;

    while (covey_uri_next_segment(&it, &w, &value)) {
        covey_write_u8(&j, '|');
        covey_write_bytes(&j, value);
    }
    assert_null(it.left.ptr);
    CHECK_SPAN(text(expected), covey_bytes_of(joined, j.pos));
}

static void takes_uris_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        uint8_t storage[64];
        covey_writer w = covey_writer_of(storage, sizeof storage);
        covey_uri u;
        covey_bytes host;

        kit_case(good[i].uri);
        CHECK_STATUS(COVEY_OK, covey_uri_parse(&u, text(good[i].uri)));
        CHECK_STATUS(COVEY_OK, covey_uri_host(&u, &w, &host));
        CHECK_SPAN(text(good[i].host), host);
        assert_int_equal(good[i].literal, u.host_is_literal);
        assert_int_equal(good[i].port, u.port);
        check_segments(good[i].path, covey_uri_path_segments(&u));
        check_segments(good[i].query, covey_uri_query_segments(&u));
    }
    kit_case(NULL);
}

static void tells_whether_a_port_was_given(void **state)
{
    (void)state;
    covey_uri u;

    CHECK_STATUS(COVEY_OK, covey_uri_parse(&u, text("coap://h:5683/")));
    assert_true(u.port_given);
    CHECK_STATUS(COVEY_OK, covey_uri_parse(&u, text("coap://h:/")));
    assert_false(u.port_given);
}

static void a_segment_without_room_ends_the_walk(void **state)
{
    (void)state;
    uint8_t storage[2];
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_uri u;
    covey_bytes value;

    CHECK_STATUS(COVEY_OK, covey_uri_parse(&u, text("coap://abc/ab/c")));
    covey_uri_segments it = covey_uri_path_segments(&u);
    assert_true(covey_uri_next_segment(&it, &w, &value));
    CHECK_HEX("61 62", value);
    assert_false(covey_uri_next_segment(&it, &w, &value));
    CHECK_STATUS(COVEY_E_ROOM, w.failed);
    w = covey_writer_of(storage, sizeof storage);
    CHECK_STATUS(COVEY_E_ROOM, covey_uri_host(&u, &w, &value));
}

static const covey_uri defaults = {
    .scheme = { (const uint8_t *)"coap", 4 },
    .host = { (const uint8_t *)"2001:db8::1", 11 },
    .host_is_literal = true,
    .port = 5683,
};

struct composed {
    const char *why;
    const char *options; /* encoded, hex */
    const char *uri;
};

/* clang-format off */
static const struct composed composed[] = {
    { "no options", "", "coap://[2001:db8::1]/" },
    { "host", "31 68", "coap://h/" },
    { "port", "71 07", "coap://[2001:db8::1]:7/" },
    { "default port in the option", "72 16 33", "coap://[2001:db8::1]/" },
    { "port 0", "70", "coap://[2001:db8::1]:0/" },
    { "port 65535", "72 ff ff", "coap://[2001:db8::1]:65535/" },
    { "an IPv6 literal as Uri-Host", "35 5b 3a 3a 31 5d", "coap://[::1]/" },
    { "Uri-Host beyond ASCII", "32 c3 a4", "coap://%C3%A4/" },
    { "path", "b1 61 01 62", "coap://[2001:db8::1]/a/b" },
    { "path ending with an empty segment", "b1 61 00",
      "coap://[2001:db8::1]/a/" },
    { "slash inside of a segment", "b3 61 2f 62",
      "coap://[2001:db8::1]/a%2Fb" },
    { "a percent sign", "b3 25 32 65", "coap://[2001:db8::1]/%252e" },
    { "zero byte and 0xff", "b2 00 ff", "coap://[2001:db8::1]/%00%FF" },
    { "query", "d1 02 61 03 62 3d 26", "coap://[2001:db8::1]/?a&b=%26" },
    { "empty argument", "d0 02", "coap://[2001:db8::1]/?" },
    { "path and query", "b1 70 43 61 2f 3f", "coap://[2001:db8::1]/p?a/?" },
    { "options that say nothing of the URI", "60 61 32",
      "coap://[2001:db8::1]/" },
};
/* clang-format on */

static covey_status compose(covey_writer *w, const char *hex)
{
    static uint8_t storage[1024];
    covey_coap_message m = { 0 };

    m.options = kit_hex(hex, storage, sizeof storage);
    return covey_uri_compose(w, &m, &defaults);
}

static void puts_uris_together(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(composed); i++) {
        uint8_t room[128];
        covey_writer w = covey_writer_of(room, sizeof room);
        covey_uri u;

        kit_case(composed[i].why);
        CHECK_STATUS(COVEY_OK, compose(&w, composed[i].options));
        CHECK_SPAN(text(composed[i].uri), covey_written(&w));
        CHECK_STATUS(COVEY_OK, covey_uri_parse(&u, covey_written(&w)));
        w = covey_writer_of(room, strlen(composed[i].uri) - 1);
        CHECK_STATUS(COVEY_E_ROOM, compose(&w, composed[i].options));
    }
    kit_case(NULL);
}

/* clang-format off */
static const struct composed uncomposable[] = {
    { "Uri-Host of 0 bytes", "30", NULL },
    { "Uri-Host twice", "31 68 01 68", NULL },
    { "Uri-Host with a slash", "33 61 2f 62", NULL },
    { "Uri-Host with a percent sign", "33 25 34 31", NULL },
    { "Uri-Host with a zero byte", "32 61 00", NULL },
    { "Uri-Host that is half a literal", "34 5b 3a 3a 31", NULL },
    { "Uri-Port of 3 bytes", "73 00 00 01", NULL },
    { "Uri-Port twice", "71 07 01 07", NULL },
    { "Uri-Path .", "b1 2e", NULL },
    { "Uri-Path ..", "b2 2e 2e", NULL },
};
/* clang-format on */

static void refuses_options_that_make_no_uri(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(uncomposable); i++) {
        uint8_t room[64];
        covey_writer w = covey_writer_of(room, sizeof room);

        kit_case(uncomposable[i].why);
        CHECK_STATUS(COVEY_E_RANGE, compose(&w, uncomposable[i].options));
    }
    kit_case(NULL);
}

/* A single-byte segment or host at its bound. */
static covey_status compose_long(uint16_t number, size_t len)
{
    static uint8_t list[300];
    static uint8_t value[300];
    static uint8_t room[1024];
    covey_writer lw = covey_writer_of(list, sizeof list);
    covey_writer w = covey_writer_of(room, sizeof room);
    covey_coap_message m = { 0 };
    covey_coap_composer c = covey_coap_compose_inner(&lw, 1);

    memset(value, 'a', sizeof value);
    covey_coap_put_option(&c, number, covey_bytes_of(value, len));
    CHECK_STATUS(COVEY_OK, covey_coap_finish(&c));
    CHECK_STATUS(COVEY_OK, covey_coap_parse_inner(&m, covey_written(&lw)));
    return covey_uri_compose(&w, &m, &defaults);
}

static void hosts_and_segments_have_at_most_255_bytes(void **state)
{
    static const uint16_t numbers[] = { COVEY_OPTION_URI_HOST,
                                        COVEY_OPTION_URI_PATH,
                                        COVEY_OPTION_URI_QUERY };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        CHECK_STATUS(COVEY_OK, compose_long(numbers[i], 255));
        CHECK_STATUS(COVEY_E_RANGE, compose_long(numbers[i], 256));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_is_no_coap_uri),
        cmocka_unit_test(refuses_a_zero_byte),
        cmocka_unit_test(takes_uris_apart),
        cmocka_unit_test(tells_whether_a_port_was_given),
        cmocka_unit_test(a_segment_without_room_ends_the_walk),
        cmocka_unit_test(puts_uris_together),
        cmocka_unit_test(refuses_options_that_make_no_uri),
        cmocka_unit_test(hosts_and_segments_have_at_most_255_bytes),
    };
    return KIT_RUN(tests);
}
