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
        cmocka_unit_test(no_address_has_a_text_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
