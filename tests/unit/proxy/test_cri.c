/* SPDX-License-Identifier: BSD-2-Clause */
/* Proxy-Cri, byte by byte. REQ-REQ-04. */
#include "compose.h"

#include <covey/cbor.h>

static covey_status read_value(covey_proxy_target *t, uint8_t host[255],
                               covey_bytes value, covey_coap_message *m)
{
    static uint8_t storage[1200];
    const struct option list[] = { { 235, (const char *)value.ptr, value.len },
                                   { 0 } };
    covey_writer w = covey_writer_of(host, COVEY_PROXY_HOST_MAX);

    *m = compose(storage, sizeof storage, 1, list);
    return covey_proxy_target_read(t, m, &w);
}

/* Uri-Path and Uri-Query of what goes on, each behind its sign. */
static void check_options(const covey_proxy_target *t,
                          const covey_coap_message *m, const char *expected)
{
    uint8_t bytes[512];
    uint8_t text[512];
    covey_writer w = covey_writer_of(bytes, sizeof bytes);
    covey_writer out = covey_writer_of(text, sizeof text);
    covey_coap_composer c = covey_coap_compose_inner(&w, m->code);
    const covey_proxy_onward how = { .target = t };
    covey_coap_message got;
    covey_coap_option_iter it;
    covey_coap_option o;

    covey_proxy_put_request(&c, m, &how);
    CHECK_STATUS(COVEY_OK, covey_coap_finish(&c));
    CHECK_STATUS(COVEY_OK, covey_coap_parse_inner(&got, covey_written(&w)));
    it = covey_coap_options_of(&got);
    while (covey_coap_option_next(&it, &o)) {
        covey_write_u8(&out, o.number == COVEY_OPTION_URI_PATH    ? '/'
                             : o.number == COVEY_OPTION_URI_QUERY ? '?'
                                                                  : '=');
        covey_write_bytes(&out, o.value);
    }
    CHECK_SPAN(covey_bytes_text(expected), covey_written(&out));
}

static void reads_what_it_names(void **state)
{
    static const struct {
        const char *why;
        const char *cri;
        const char *who; /* address or name */
        covey_proxy_scheme scheme;
        uint16_t port;
        const char *zone;
        const char *options;
    } cases[] = {
        { "a group", "82 20 81 44 e00001bb", "224.0.1.187", COVEY_SCHEME_COAP,
          5683, "", "" },
        { "port, path and query",
          "84 20 82 44e00001bb 191635 82 61 61 62 622f 81 63 643d65",
          "224.0.1.187", COVEY_SCHEME_COAP, 5685, "", "/a/b/?d=e" },
        { "IPv6 with zone and port",
          "83 20 83 50 fe800000000000000000000000000001 626c6f 19f0b0 80",
          "fe80::1", COVEY_SCHEME_COAP, 61616, "lo", "" },
        { "IPv4 inside IPv6", "82 20 81 50 00000000000000000000ffffe00001bb",
          "224.0.1.187", COVEY_SCHEME_COAP, 5683, "", "" },
        { "a name, in lower case", "82 20 82 64 4c616d70 65 6c6f63616c",
          "lamp.local", COVEY_SCHEME_COAP, 5683, "", "=lamp.local" },
        { "a name with a port, no path but a query",
          "84 20 82 61 61 01 f6 81 61 78", "a", COVEY_SCHEME_COAP, 1, "",
          "=a?x" },
        { "another scheme has another port", "82 21 81 44 c0000205",
          "192.0.2.5", COVEY_SCHEME_COAPS, 5684, "", "" },
    };
    uint8_t bytes[64];
    uint8_t host[COVEY_PROXY_HOST_MAX];
    uint8_t text[64];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        covey_proxy_target t;
        covey_coap_message m;
        covey_writer w = covey_writer_of(text, sizeof text);

        kit_case(cases[i].why);
        CHECK_STATUS(COVEY_OK,
                     read_value(&t, host,
                                kit_hex(cases[i].cri, bytes, sizeof bytes),
                                &m));
        assert_true(t.forward);
        assert_int_equal(t.scheme, cases[i].scheme);
        assert_int_equal(t.address.port, cases[i].port);
        CHECK_SPAN(covey_bytes_text(cases[i].zone),
                   covey_bytes_of(t.zone.ptr != NULL ? t.zone.ptr : text,
                                  t.zone.len));
        if (t.name.ptr != NULL) {
            covey_write_bytes(&w, t.name);
        } else {
            covey_proxy_ip_put(&w, &t.address);
        }
        CHECK_SPAN(covey_bytes_text(cases[i].who), covey_written(&w));
        assert_int_equal(covey_proxy_screen_request(&m), 0);
        check_options(&t, &m, cases[i].options);
    }
    kit_case(NULL);
}

static void refuses_what_is_no_request(void **state)
{
    static const struct {
        const char *why;
        const char *cri;
        covey_status st;
    } cases[] = {
        { "http", "82 22 81 44 e00001bb", COVEY_E_UNSUPPORTED },
        { "a scheme by name", "82 64 636f6170 81 44 e00001bb",
          COVEY_E_UNSUPPORTED },
        { "no scheme", "82 f6 81 44 e00001bb", COVEY_E_UNSUPPORTED },
        { "no authority", "81 20", COVEY_E_RANGE },
        { "authority null", "82 20 f6", COVEY_E_FORMAT },
        { "authority empty", "82 20 80", COVEY_E_RANGE },
        { "a fragment", "85 20 81 44 e00001bb 80 80 60", COVEY_E_RANGE },
        { "a user", "82 20 83 f4 61 75 44 e00001bb", COVEY_E_FORMAT },
        { "five bytes of address", "82 20 81 45 e00001bb00", COVEY_E_RANGE },
        { "a zone of IPv4", "82 20 82 44 e00001bb 626c6f", COVEY_E_RANGE },
        { "a zone of IPv4 inside IPv6",
          "82 20 82 50 00000000000000000000ffffe00001bb 626c6f",
          COVEY_E_RANGE },
        { "an empty zone", "82 20 82 50 fe800000000000000000000000000001 60",
          COVEY_E_RANGE },
        { "two zones",
          "82 20 83 50 fe800000000000000000000000000001 6161 6162",
          COVEY_E_FORMAT },
        { "port 0", "82 20 82 44 e00001bb 00", COVEY_E_RANGE },
        { "port 65536", "82 20 82 44 e00001bb 1a00010000", COVEY_E_RANGE },
        { "only a port", "82 20 81 01", COVEY_E_FORMAT },
        { "a port before the end", "82 20 83 61 61 01 61 62", COVEY_E_FORMAT },
        { "an address behind a label", "82 20 82 61 61 44 e00001bb",
          COVEY_E_FORMAT },
        { "an empty label", "82 20 82 61 61 60", COVEY_E_RANGE },
        { "a dot in a label", "82 20 81 63 612e62", COVEY_E_RANGE },
        { "a zero byte in a label", "82 20 81 63 610062", COVEY_E_RANGE },
        { "path of bytes", "83 20 81 44 e00001bb 81 41 61", COVEY_E_FORMAT },
        { "path of percent-encoding", "83 20 81 44 e00001bb 81 82 6161 4141",
          COVEY_E_FORMAT },
        { "path is a text", "83 20 81 44 e00001bb 61 61", COVEY_E_FORMAT },
        { "deeply nested",
          "83 20 81 44 e00001bb 81818181818181818181818181818181818180",
          COVEY_E_FORMAT },
        { "not deterministic", "82 20 81 58 04 e00001bb", COVEY_E_FORMAT },
        { "indefinite", "9f 20 81 44 e00001bb ff", COVEY_E_FORMAT },
        { "something behind it", "82 20 81 44 e00001bb 80", COVEY_E_FORMAT },
        { "cut off", "82 20 81 44 e00001", COVEY_E_SHORT },
        { "no CBOR array", "20", COVEY_E_FORMAT },
    };
    uint8_t bytes[64];
    uint8_t host[COVEY_PROXY_HOST_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        covey_proxy_target t = { .address = { .port = 4711 } };
        covey_coap_message m;

        kit_case(cases[i].why);
        CHECK_STATUS(cases[i].st,
                     read_value(&t, host,
                                kit_hex(cases[i].cri, bytes, sizeof bytes),
                                &m));
        assert_int_equal(t.address.port, 4711);
    }
    kit_case(NULL);
}

/* Uri-Host and segments of a path have 255 bytes at most. */
static void refuses_what_no_option_holds(void **state)
{
    uint8_t value[600];
    uint8_t host[COVEY_PROXY_HOST_MAX];
    uint8_t label[130];
    uint8_t segment[256];

    (void)state;
    memset(label, 'a', sizeof label);
    memset(segment, 'b', sizeof segment);
    for (size_t len = 254; len <= 256; len++) {
        covey_writer w = covey_writer_of(value, sizeof value);
        covey_proxy_target t;
        covey_coap_message m;
        covey_cbor_put_array(&w, 2);
        covey_cbor_put_int(&w, -1);
        covey_cbor_put_array(&w, 2);
        covey_cbor_put_text(&w, covey_bytes_of(label, 127));
        covey_cbor_put_text(&w, covey_bytes_of(label, len - 128));
        CHECK_STATUS(len <= 255 ? COVEY_OK : COVEY_E_RANGE,
                     read_value(&t, host, covey_written(&w), &m));
        w.pos = 0;
        covey_cbor_put_array(&w, 3);
        covey_cbor_put_int(&w, -1);
        covey_cbor_put_array(&w, 1);
        covey_cbor_put_text(&w, covey_bytes_of(label, 1));
        covey_cbor_put_array(&w, 1);
        covey_cbor_put_text(&w, covey_bytes_of(segment, len));
        CHECK_STATUS(len <= 255 ? COVEY_OK : COVEY_E_RANGE,
                     read_value(&t, host, covey_written(&w), &m));
    }
}

static void stands_alone(void **state)
{
    static const struct option beside[][3] = {
        { { 3, "a", 0 }, { 235, "\x82\x20\x81\x61g", 0 }, { 0 } },
        { { 7, "a", 0 }, { 235, "\x82\x20\x81\x61g", 0 }, { 0 } },
        { { 11, "a", 0 }, { 235, "\x82\x20\x81\x61g", 0 }, { 0 } },
        { { 15, "a", 0 }, { 235, "\x82\x20\x81\x61g", 0 }, { 0 } },
        { { 35, "coap://a", 0 }, { 235, "\x82\x20\x81\x61g", 0 }, { 0 } },
        { { 39, "coap", 0 }, { 235, "\x82\x20\x81\x61g", 0 }, { 0 } },
        { { 235, "\x82\x20\x81\x61g", 0 }, { 239, "", 0 }, { 0 } },
    };
    uint8_t storage[64];
    uint8_t host[COVEY_PROXY_HOST_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(beside); i++) {
        covey_writer w = covey_writer_of(host, sizeof host);
        covey_proxy_target t;
        const covey_coap_message m =
            compose(storage, sizeof storage, 1, beside[i]);
        CHECK_STATUS(COVEY_E_RANGE, covey_proxy_target_read(&t, &m, &w));
    }
}

/* Whatever it is, it does no harm. */
static void takes_every_short_value(void **state)
{
    uint8_t host[COVEY_PROXY_HOST_MAX];
    uint8_t value[3];
    covey_proxy_target t;
    covey_coap_message m;

    (void)state;
    for (uint32_t n = 0; n < 1u << 24; n += n < 0x820000 ? 251 : 17) {
        value[0] = (uint8_t)(n >> 16);
        value[1] = (uint8_t)(n >> 8);
        value[2] = (uint8_t)n;
        for (size_t len = 1; len <= 3; len++) {
            assert_int_not_equal(
                COVEY_OK,
                read_value(&t, host, covey_bytes_of(value, len), &m));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_it_names),
        cmocka_unit_test(refuses_what_is_no_request),
        cmocka_unit_test(refuses_what_no_option_holds),
        cmocka_unit_test(stands_alone),
        cmocka_unit_test(takes_every_short_value),
    };

    return KIT_RUN(tests);
}
