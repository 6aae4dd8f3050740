/* SPDX-License-Identifier: BSD-2-Clause */
#include <covey/proxy.h>
#include <kit.h>

static covey_proxy_origin origin(covey_proxy_scheme scheme, const char *ip,
                                 uint16_t port)
{
    covey_proxy_origin o = { .scheme = scheme, .address = { .port = port } };

    assert_true(covey_proxy_ip_get(covey_bytes_text(ip), &o.address));
    return o;
}

static bool same(const covey_proxy_origin *a, const covey_proxy_origin *b)
{
    return a->scheme == b->scheme &&
           covey_address_equal(&a->address, &b->address);
}

/* REQ-OPT-05: the vectors of draft-ietf-core-groupcomm-proxy's form. */
static void writes_and_reads_cris(void **state)
{
    static const struct {
        covey_proxy_scheme scheme;
        const char *ip;
        uint16_t port;
        const char *hex;
    } cases[] = {
        { COVEY_SCHEME_COAP, "192.0.2.5", 5683, "82208144c0000205" },
        { COVEY_SCHEME_COAP, "192.0.2.5", 61616, "82208244c000020519f0b0" },
        { COVEY_SCHEME_COAP, "2001:db8::5", 5683,
          "8220815020010db8000000000000000000000005" },
        { COVEY_SCHEME_COAP, "2001:db8::5", 61616,
          "8220825020010db800000000000000000000000519f0b0" },
        { COVEY_SCHEME_COAPS, "192.0.2.5", 5684, "82218144c0000205" },
        { COVEY_SCHEME_COAP_TCP, "192.0.2.1", 5683, "82268144c0000201" },
        { COVEY_SCHEME_COAPS_TCP, "192.0.2.1", 5684, "82278144c0000201" },
        { COVEY_SCHEME_COAPS, "192.0.2.5", 5683, "82218244c0000205191633" },
    };
    uint8_t buf[COVEY_PROXY_ORIGIN_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const covey_proxy_origin o =
            origin(cases[i].scheme, cases[i].ip, cases[i].port);
        covey_proxy_origin back;
        covey_writer w = covey_writer_of(buf, sizeof buf);
        kit_case(cases[i].hex);
        covey_proxy_origin_put_cri(&w, &o);
        CHECK_HEX(cases[i].hex, covey_written(&w));
        CHECK_STATUS(COVEY_OK,
                     covey_proxy_origin_get_cri(&back, covey_written(&w)));
        assert_true(same(&o, &back));
    }
    kit_case(NULL);
}

static void reads_what_a_reverse_proxy_adds(void **state)
{
    uint8_t storage[64];
    const covey_proxy_origin o =
        origin(COVEY_SCHEME_COAP_TCP, "192.0.2.1", 5683);
    covey_proxy_origin got;

    (void)state;
    CHECK_STATUS(COVEY_OK,
                 covey_proxy_origin_get_cri(
                     &got, kit_hex("82268144c000020182f68244c000020519f0b0",
                                   storage, sizeof storage)));
    assert_true(same(&o, &got));
}

/* REQ-OPT-06. */
static void refuses_cris_that_are_none(void **state)
{
    static const struct {
        const char *why;
        const char *hex;
    } cases[] = {
        { "nothing", "" },
        { "no array", "44c0000205" },
        { "truncated address", "82208144c00002" },
        { "truncated port", "82208244c000020519f0" },
        { "three arrays", "82208144c000020582f68144c000020582f680" },
        { "a path", "83208144c00002058161 78" },
        { "no authority", "8120" },
        { "authority null", "8220f6" },
        { "authority true (rooted path)", "8220f5" },
        { "a name", "82208163666f6f" },
        { "a name and a second authority", "82208163666f6f82f68144c0000205" },
        { "indefinite length", "9f208144c0000205ff" },
        { "indefinite authority", "82209f44c0000205ff" },
        { "longer head than needed", "8220815804c0000205" },
        { "three bytes of address", "82208143c00002" },
        { "17 bytes", "822081510000000000000000000000000000000000" },
        { "port 0", "82208244c000020500" },
        { "port of three bytes", "82208244c00002051a00010000" },
        { "port as text", "82208244c00002056131" },
        { "zone and port", "82208344c0000205613119f0b0" },
        { "empty authority", "822080" },
        { "unknown scheme", "82228144c0000205" },
        { "positive scheme", "82008144c0000205" },
        { "scheme beyond 64 bits", "823bffffffffffffffff8144c0000205" },
        { "reference with a scheme", "82208144c000020582208144c0000205" },
        { "reference with a query", "82208144c000020584f6f680 8161 78" },
        { "reference alone", "82208144c000020581f6" },
        { "reference with a number", "82208144c000020582f601" },
        { "something behind", "82208144c000020500" },
    };
    uint8_t storage[64];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        covey_proxy_origin o = { .scheme = COVEY_SCHEME_COAPS };
        kit_case(cases[i].why);
        assert_int_not_equal(
            COVEY_OK, covey_proxy_origin_get_cri(
                          &o, kit_hex(cases[i].hex, storage, sizeof storage)));
        assert_int_equal(o.scheme, COVEY_SCHEME_COAPS);
    }
    kit_case(NULL);
}

/* REQ-OPT-07: port off if it is the group's, not if it is the scheme's. */
static void writes_and_reads_uris(void **state)
{
    static const struct {
        covey_proxy_scheme scheme;
        const char *ip;
        uint16_t port;
        uint16_t group_port;
        const char *text;
    } cases[] = {
        { COVEY_SCHEME_COAP, "192.0.2.5", 5683, 5683, "coap://192.0.2.5" },
        { COVEY_SCHEME_COAP, "192.0.2.5", 5685, 5685, "coap://192.0.2.5" },
        { COVEY_SCHEME_COAP, "192.0.2.5", 5683, 5685,
          "coap://192.0.2.5:5683" },
        { COVEY_SCHEME_COAP, "2001:db8::5", 61616, 5683,
          "coap://[2001:db8::5]:61616" },
        { COVEY_SCHEME_COAPS, "2001:db8::5", 5684, 5684,
          "coaps://[2001:db8::5]" },
        { COVEY_SCHEME_COAPS_TCP, "192.0.2.1", 1, 2,
          "coaps+tcp://192.0.2.1:1" },
    };
    uint8_t buf[COVEY_PROXY_ORIGIN_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const covey_proxy_origin o =
            origin(cases[i].scheme, cases[i].ip, cases[i].port);
        covey_proxy_origin back;
        covey_writer w = covey_writer_of(buf, sizeof buf);
        kit_case(cases[i].text);
        covey_proxy_origin_put_uri(&w, &o, cases[i].group_port);
        CHECK_SPAN(covey_bytes_text(cases[i].text), covey_written(&w));
        CHECK_STATUS(COVEY_OK,
                     covey_proxy_origin_get_uri(&back, covey_written(&w),
                                                cases[i].group_port));
        assert_true(same(&o, &back));
    }
    kit_case(NULL);
}

static void refuses_uris_that_are_no_origin(void **state)
{
    static const char *const cases[] = {
        "",
        "coap:",
        "http://192.0.2.5",
        "coap://lamp.example",
        "coap://192.0.2.5/",
        "coap://192.0.2.5/x",
        "coap://192.0.2.5?",
        "coap://192.0.2.5?q",
        "coap://192.0.2.5#f",
        "coap://192.0.2.5:0",
        "coap://192.0.2.5:65536",
        "coap://[fe80::1%25eth0]",
        "coap://[2001:db8::5",
        "coap://%31%39%32.0.2.5",
        "coap://user@192.0.2.5",
        "//192.0.2.5",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        covey_proxy_origin o;
        kit_case(cases[i]);
        assert_int_not_equal(
            COVEY_OK,
            covey_proxy_origin_get_uri(&o, covey_bytes_text(cases[i]), 5683));
    }
    kit_case(NULL);
}

/* Every input of up to three bytes is refused, none is read beyond. */
static void refuses_everything_short(void **state)
{
    covey_proxy_origin o;
    uint8_t b[3];

    (void)state;
    for (size_t len = 0; len <= sizeof b; len++) {
        for (uint32_t v = 0; v < 1u << 8 * len; v++) {
            for (size_t i = 0; i < len; i++) {
                b[i] = (uint8_t)(v >> 8 * i);
            }
            const covey_bytes value = covey_bytes_of(b, len);
            if (covey_proxy_origin_get_cri(&o, value) == COVEY_OK ||
                covey_proxy_origin_get_uri(&o, value, 1) == COVEY_OK) {
                fail();
            }
        }
    }
}

static void finds_whichever_there_is(void **state)
{
    const covey_proxy_origin o = origin(COVEY_SCHEME_COAP, "192.0.2.5", 5685);
    uint8_t value[COVEY_PROXY_ORIGIN_MAX];
    uint8_t list[128];

    (void)state;
    for (unsigned kind = 0; kind < 3; kind++) {
        covey_writer v = covey_writer_of(value, sizeof value);
        covey_writer w = covey_writer_of(list, sizeof list);
        covey_coap_composer c = covey_coap_compose_inner(&w, 0x45);
        covey_coap_message m;
        covey_proxy_origin got;
        if (kind == 0) {
            covey_proxy_origin_put_uri(&v, &o, 5685);
            covey_coap_put_option(&c, COVEY_OPTION_RESPONSE_FORWARDING,
                                  covey_written(&v));
        } else if (kind == 1) {
            covey_proxy_origin_put_cri(&v, &o);
            covey_coap_put_option(&c, COVEY_OPTION_REPLY_FROM,
                                  covey_written(&v));
        }
        CHECK_STATUS(COVEY_OK, covey_coap_finish(&c));
        CHECK_STATUS(COVEY_OK, covey_coap_parse_inner(&m, covey_written(&w)));
        assert_int_equal(covey_proxy_origin_find(&got, &m, 5685), kind < 2);
        assert_true(kind == 2 || same(&o, &got));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_and_reads_cris),
        cmocka_unit_test(reads_what_a_reverse_proxy_adds),
        cmocka_unit_test(refuses_cris_that_are_none),
        cmocka_unit_test(writes_and_reads_uris),
        cmocka_unit_test(refuses_uris_that_are_no_origin),
        cmocka_unit_test(refuses_everything_short),
        cmocka_unit_test(finds_whichever_there_is),
    };

    return KIT_RUN(tests);
}
