/* SPDX-License-Identifier: BSD-2-Clause */
#include "kit.h"

#include <net/if.h>
#include <string.h>
#include <system_address.h>

static void text_is(const char *host, uint16_t port, const char *expected)
{
    char text[ADDRESS_TEXT_MAX];
    covey_address a;

    assert_true(address_parse(host, port, &a));
    assert_int_equal(a.port, port);
    assert_string_equal(address_text(&a, text), expected);
}

static void addresses_come_back(void **state)
{
    (void)state;
    text_is("192.0.2.1", 5683, "192.0.2.1:5683");
    text_is("0.0.0.0", 0, "0.0.0.0:0");
    text_is("::", 65535, "[::]:65535");
    text_is("2001:DB8::0:1", 5683, "[2001:db8::1]:5683");
    text_is("ff05::fd%lo", 5683, "[ff05::fd%lo]:5683");
    text_is("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65535,
            "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535");
}

static void interfaces_by_number(void **state)
{
    char text[ADDRESS_TEXT_MAX];
    covey_address a;

    (void)state;
    assert_true(address_parse("fe80::1%4711", 1, &a));
    assert_int_equal(a.zone, 4711);
    /* No interface has this number; it is printed as it is. */
    assert_string_equal(address_text(&a, text), "[fe80::1%4711]:1");
    assert_true(address_parse("fe80::1%lo", 1, &a));
    assert_int_equal(a.zone, if_nametoindex("lo"));
}

static void other_text_is_refused(void **state)
{
    static const char *const wrong[] = {
        "",
        "lamp.example",
        "192.0.2",
        "192.0.2.256",
        "192.0.2.1%lo",
        "[2001:db8::1]",
        "2001:db8::1::",
        "fe80::1%",
        "fe80::1%no-such-interface",
        "fe80::1%1x",
        "fe80::1%99999999999999999999",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    };
    covey_address a;
    covey_address before;

    (void)state;
    memset(&a, 0x5a, sizeof a);
    before = a;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        if (address_parse(wrong[i], 1, &a)) {
            fail_msg("taken: %s", wrong[i]);
        }
        assert_memory_equal(&a, &before, sizeof a);
    }
}

static void ports_and_prefixes(void **state)
{
    static const struct {
        const char *text;
        const char *address; /* with its port; NULL: refused */
    } ports[] = {
        { "192.0.2.1", "192.0.2.1:7" },
        { "192.0.2.1:0", "192.0.2.1:0" },
        { "192.0.2.1:65535", "192.0.2.1:65535" },
        { "2001:db8::1", "[2001:db8::1]:7" },
        { "[2001:db8::1]", "[2001:db8::1]:7" },
        { "[2001:db8::1]:5683", "[2001:db8::1]:5683" },
        { "2001:db8::1:5683", "[2001:db8::1:5683]:7" },
        { "", NULL },
        { ":5683", NULL },
        { "192.0.2.1:", NULL },
        { "192.0.2.1:65536", NULL },
        { "192.0.2.1:+1", NULL },
        { "192.0.2.1:1 ", NULL },
        { "192.0.2.1/24", NULL },
        { "lamp.example:5683", NULL },
        { "[2001:db8::1", NULL },
        { "[2001:db8::1]5683", NULL },
        { "[2001:db8::1]:", NULL },
        { "[]:1", NULL },
    };
    static const struct {
        const char *text;
        const char *address;
        uint8_t prefix;
    } prefixes[] = {
        { "192.0.2.1", "192.0.2.1:0", 32 },
        { "192.0.2.0/24", "192.0.2.0:0", 24 },
        { "0.0.0.0/0", "0.0.0.0:0", 0 },
        { "2001:db8::/32", "[2001:db8::]:0", 32 },
        { "::1", "[::1]:0", 128 },
        { "192.0.2.0/33", NULL, 0 },
        { "::/129", NULL, 0 },
        { "192.0.2.0/", NULL, 0 },
        { "192.0.2.0/-1", NULL, 0 },
        { "/24", NULL, 0 },
        { "192.0.2.0:1/24", NULL, 0 },
    };
    char text[ADDRESS_TEXT_MAX];
    covey_address a;

    (void)state;
    for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++) {
        if (address_parse_port(ports[i].text, 7, &a) !=
            (ports[i].address != NULL)) {
            fail_msg("port: '%s'", ports[i].text);
        }
        if (ports[i].address != NULL) {
            assert_string_equal(address_text(&a, text), ports[i].address);
        }
    }
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        uint8_t prefix = 0;
        if (address_parse_prefix(prefixes[i].text, &a, &prefix) !=
            (prefixes[i].address != NULL)) {
            fail_msg("prefix: '%s'", prefixes[i].text);
        }
        if (prefixes[i].address != NULL) {
            assert_string_equal(address_text(&a, text), prefixes[i].address);
            assert_int_equal(prefix, prefixes[i].prefix);
        }
    }
}

static void no_address_has_a_text_too(void **state)
{
    const covey_address none = { .family = COVEY_FAMILY_NONE };
    char text[ADDRESS_TEXT_MAX];

    (void)state;
    assert_string_equal(address_text(&none, text), "(no address)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_come_back),
        cmocka_unit_test(interfaces_by_number),
        cmocka_unit_test(other_text_is_refused),
        cmocka_unit_test(ports_and_prefixes),
        cmocka_unit_test(no_address_has_a_text_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
