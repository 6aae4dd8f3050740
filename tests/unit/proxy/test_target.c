/* SPDX-License-Identifier: BSD-2-Clause */
#include "compose.h"

static covey_status read(covey_proxy_target *t, uint8_t host[255],
                         const covey_coap_message *m)
{
    covey_writer w = covey_writer_of(host, COVEY_PROXY_HOST_MAX);

    return covey_proxy_target_read(t, m, &w);
}

static void is_for_us_without_a_proxy_option(void **state)
{
    uint8_t storage[128];
    uint8_t host[COVEY_PROXY_HOST_MAX];
    covey_proxy_target t;
    const covey_coap_message m =
        compose(storage, sizeof storage, 1,
                (struct option[]){ { 3, "x", 0 }, { 11, "a", 0 }, { 0 } });

    (void)state;
    CHECK_STATUS(COVEY_OK, read(&t, host, &m));
    assert_false(t.forward);
}

static const struct {
    const char *why;
    struct option list[4];
    covey_proxy_scheme scheme;
    const char *ip; /* or the name */
    uint16_t port;
    const char *zone;
} spellings[] = {
    { "group",
      { { 35, "coap://224.0.1.187/a", 0 }, { 0 } },
      COVEY_SCHEME_COAP,
      "224.0.1.187",
      5683,
      "" },
    { "port",
      { { 35, "COAP://224.0.1.187:61616", 0 }, { 0 } },
      COVEY_SCHEME_COAP,
      "224.0.1.187",
      61616,
      "" },
    { "encoded digits",
      { { 35, "coap://%32%32%34.0.1.187/", 0 }, { 0 } },
      COVEY_SCHEME_COAP,
      "224.0.1.187",
      5683,
      "" },
    { "mapped",
      { { 35, "coap://[::ffff:224.0.1.187]/", 0 }, { 0 } },
      COVEY_SCHEME_COAP,
      "224.0.1.187",
      5683,
      "" },
    { "mapped in hex",
      { { 35, "coap://[::FFFF:e000:1bb]", 0 }, { 0 } },
      COVEY_SCHEME_COAP,
      "224.0.1.187",
      5683,
      "" },
    { "long form",
      { { 35, "coap://[ff05:0:0:0:0:0:0:fd]", 0 }, { 0 } },
      COVEY_SCHEME_COAP,
      "ff05::fd",
      5683,
      "" },
    { "zone",
      { { 35, "coap://[ff02::fd%25eth0]", 0 }, { 0 } },
      COVEY_SCHEME_COAP,
      "ff02::fd",
      5683,
      "eth0" },
    { "coaps",
      { { 35, "coaps://192.0.2.1", 0 }, { 0 } },
      COVEY_SCHEME_COAPS,
      "192.0.2.1",
      5684,
      "" },
    { "coaps+tcp",
      { { 35, "coaps+tcp://192.0.2.1", 0 }, { 0 } },
      COVEY_SCHEME_COAPS_TCP,
      "192.0.2.1",
      5684,
      "" },
    { "Proxy-Scheme",
      { { 3, "224.0.1.187", 0 },
        { 7, "\x16\x35", 0 },
        { 39, "coap", 0 },
        { 0 } },
      COVEY_SCHEME_COAP,
      "224.0.1.187",
      5685,
      "" },
    { "brackets",
      { { 3, "[ff05::fd]", 0 }, { 39, "CoAP+tcp", 0 }, { 0 } },
      COVEY_SCHEME_COAP_TCP,
      "ff05::fd",
      5683,
      "" },
    { "number",
      { { 3, "192.0.2.1", 0 }, { 239, "\1", 0 }, { 0 } },
      COVEY_SCHEME_COAPS,
      "192.0.2.1",
      5684,
      "" },
    { "number 0",
      { { 3, "192.0.2.1", 0 }, { 239, "", 0 }, { 0 } },
      COVEY_SCHEME_COAP,
      "192.0.2.1",
      5683,
      "" },
};

/* Every spelling of one address is the same address. */
static void reads_targets(void **state)
{
    uint8_t storage[256];
    uint8_t host[COVEY_PROXY_HOST_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(spellings); i++) {
        covey_proxy_target t;
        covey_address a = { .port = spellings[i].port };
        const covey_coap_message m =
            compose(storage, sizeof storage, 1, spellings[i].list);
        kit_case(spellings[i].why);
        CHECK_STATUS(COVEY_OK, read(&t, host, &m));
        assert_true(t.forward);
        assert_int_equal(t.scheme, spellings[i].scheme);
        assert_true(covey_proxy_ip_get(covey_bytes_text(spellings[i].ip), &a));
        assert_true(covey_address_equal(&a, &t.address));
        assert_int_equal(t.zone.len, strlen(spellings[i].zone));
        assert_null(t.name.ptr);
    }
    kit_case(NULL);
}

static void leaves_names_to_the_resolver(void **state)
{
    static const char *const texts[] = {
        "coap://Lamp.Example/", "coap://0xe0.0.1.187/", "coap://224.443/",
        "coap://3758096827/",   "coap://224.0.1.0187/",
    };
    uint8_t storage[256];
    uint8_t host[COVEY_PROXY_HOST_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        covey_proxy_target t;
        const covey_coap_message m =
            compose(storage, sizeof storage, 1,
                    (struct option[]){ { 35, texts[i], 0 }, { 0 } });
        CHECK_STATUS(COVEY_OK, read(&t, host, &m));
        assert_int_equal(t.address.family, COVEY_FAMILY_NONE);
        assert_int_equal(t.address.port, 5683);
        assert_true(t.name.len > 0);
        assert_true(i > 0 || memcmp(t.name.ptr, "lamp.example", 12) == 0);
    }
}

/* REQ-P-20 and smuggling: two ways to say it are none. */
static void refuses_what_names_nothing_or_too_much(void **state)
{
    static char long_host[] =
        "coap://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "a";
    static const struct {
        const char *why;
        struct option list[4];
    } cases[] = {
        { "scheme", { { 35, "http://192.0.2.1/", 0 }, { 0 } } },
        { "Proxy-Scheme", { { 3, "a", 0 }, { 39, "http", 0 }, { 0 } } },
        { "number", { { 3, "a", 0 }, { 239, "\2", 0 }, { 0 } } },
        { "no URI", { { 35, "coap:", 0 }, { 0 } } },
        { "relative", { { 35, "/a", 0 }, { 0 } } },
        { "empty host", { { 35, "coap:///a", 0 }, { 0 } } },
        { "zero byte", { { 35, "coap://a%00b/", 0 }, { 0 } } },
        { "zero byte in Uri-Host",
          { { 3, "a\0b", 3 }, { 39, "coap", 0 }, { 0 } } },
        { "no host", { { 39, "coap", 0 }, { 0 } } },
        { "zone of IPv4",
          { { 35, "coap://[::ffff:1.2.3.4%25lo]/", 0 }, { 0 } } },
        { "zone of a name", { { 3, "a%lo", 0 }, { 39, "coap", 0 }, { 0 } } },
        { "name in brackets",
          { { 3, "[lamp]", 0 }, { 39, "coap", 0 }, { 0 } } },
        { "URI and host",
          { { 3, "b", 0 }, { 35, "coap://192.0.2.1", 0 }, { 0 } } },
        { "URI and port",
          { { 7, "b", 0 }, { 35, "coap://192.0.2.1", 0 }, { 0 } } },
        { "URI and path",
          { { 11, "b", 0 }, { 35, "coap://192.0.2.1", 0 }, { 0 } } },
        { "URI and query",
          { { 15, "b", 0 }, { 35, "coap://192.0.2.1", 0 }, { 0 } } },
        { "URI and scheme",
          { { 35, "coap://192.0.2.1", 0 }, { 39, "coap", 0 }, { 0 } } },
        { "scheme twice",
          { { 3, "a", 0 }, { 39, "coap", 0 }, { 239, "", 0 }, { 0 } } },
        { "long host", { { 35, long_host, sizeof long_host - 1 }, { 0 } } },
    };
    uint8_t storage[1200];
    uint8_t host[COVEY_PROXY_HOST_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        covey_proxy_target t = { .address = { .port = 4711 } };
        const covey_coap_message m =
            compose(storage, sizeof storage, 1, cases[i].list);
        kit_case(cases[i].why);
        assert_int_equal(COVEY_CLASS_WIRE,
                         covey_status_class_of(read(&t, host, &m)));
        assert_int_equal(t.address.port, 4711);
    }
    kit_case(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_for_us_without_a_proxy_option),
        cmocka_unit_test(reads_targets),
        cmocka_unit_test(leaves_names_to_the_resolver),
        cmocka_unit_test(refuses_what_names_nothing_or_too_much),
    };

    return KIT_RUN(tests);
}
