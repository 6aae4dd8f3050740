/* SPDX-License-Identifier: BSD-2-Clause */
#include "audit_internal.h"

#include "kit.h"

#define V4(a, b, c, d)                                                        \
    {                                                                         \
        .family = COVEY_FAMILY_IPV4, .ip = { a, b, c, d }                     \
    }
#define V6(...)                                                               \
    {                                                                         \
        .family = COVEY_FAMILY_IPV6, .ip = { __VA_ARGS__ }                    \
    }
#define MAPPED(a, b, c, d)                                                    \
    V6(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d)
#define ALL_PORTS .first = 0, .last = 65535
#define LINK_LOCAL                                                            \
    {                                                                         \
        .family = COVEY_FAMILY_IPV6, .ip = { 0xfe, 0x80, [15] = 1 },          \
        .zone = 3                                                             \
    }

static const struct {
    const char *why;
    covey_audit_range range;
} refused[] = {
    { "no address", { .prefix = 32, ALL_PORTS } },
    { "33 bits of IPv4", { V4(192, 0, 2, 1), .prefix = 33, ALL_PORTS } },
    { "129 bits of IPv6", { V6(0x20, 1), .prefix = 129, ALL_PORTS } },
    { "a host behind a prefix",
      { V4(192, 0, 2, 1), .prefix = 24, ALL_PORTS } },
    { "the same in IPv6", { V6(0x20, 1, [15] = 1), .prefix = 64, ALL_PORTS } },
    { "ports backwards",
      { V4(192, 0, 2, 1), .prefix = 32, .first = 2, .last = 1 } },
    { "a group that nobody may answer",
      { V4(224, 0, 1, 187), .prefix = 32, ALL_PORTS } },
    { "the same in IPv6",
      { V6(0xff, 5, [15] = 0xfd), .prefix = 128, ALL_PORTS } },
    { "the same, mapped",
      { MAPPED(224, 0, 1, 187), .prefix = 128, ALL_PORTS } },
    { "a range of groups",
      { V4(224, 0, 1, 0), .prefix = 24, ALL_PORTS, .responders = 1 } },
    { "a range of groups in IPv6",
      { V6(0xff, 5), .prefix = 16, ALL_PORTS, .responders = 1 } },
    { "one host with responders",
      { V4(192, 0, 2, 1), .prefix = 32, ALL_PORTS, .responders = 1 } },
    { "all of IPv4, groups too", { V4(0, 0, 0, 0), .prefix = 0, ALL_PORTS } },
    { "hosts and groups of IPv4",
      { V4(192, 0, 0, 0), .prefix = 2, ALL_PORTS } },
    { "all of IPv6", { V6(0), .prefix = 0, ALL_PORTS } },
    { "hosts and groups of IPv6", { V6(0xf0), .prefix = 4, ALL_PORTS } },
    { "IPv6 around all of IPv4", { V6(0), .prefix = 80, ALL_PORTS } },
    { "a link-local address of no link",
      { V6(0xfe, 0x80, [15] = 1), .prefix = 128, ALL_PORTS } },
    { "a link-local group of no link",
      { V6(0xff, 2, [15] = 0xfd), .prefix = 128, ALL_PORTS,
        .responders = 1 } },
    { "a link for an address of all",
      { { .family = COVEY_FAMILY_IPV6, .ip = { 0x20, 1 }, .zone = 1 },
        .prefix = 128,
        ALL_PORTS } },
};

static void refuses_what_would_be_wider_than_it_looks(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        covey_audit_clause c;
        covey_audit_clause before;

        memset(&c, 0x5a, sizeof c);
        before = c;
        kit_case(refused[i].why);
        CHECK_STATUS(COVEY_E_RANGE, covey_audit_scope(&c, &refused[i].range));
        assert_memory_equal(&before, &c, sizeof c);
    }
    kit_case(NULL);
}

static void an_exclusion_may_be_wide_but_not_malformed(void **state)
{
    static const size_t malformed[] = { 0, 1, 2, 3, 4, 5 };
    covey_audit_clause c;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(malformed); i++) {
        kit_case(refused[i].why);
        CHECK_STATUS(COVEY_E_RANGE,
                     covey_audit_exclude(&c, &refused[i].range));
    }
    for (size_t i = COUNT_OF(malformed); i < COUNT_OF(refused); i++) {
        kit_case(refused[i].why);
        CHECK_STATUS(COVEY_OK, covey_audit_exclude(&c, &refused[i].range));
    }
    kit_case(NULL);
}

static void takes_hosts_networks_and_groups(void **state)
{
    static const covey_audit_range good[] = {
        { V4(192, 0, 2, 1), .prefix = 32, .first = 5683, .last = 5684 },
        { V4(10, 0, 0, 0), .prefix = 8, ALL_PORTS },
        { V6(0x20, 1, 0xd, 0xb8), .prefix = 32, ALL_PORTS },
        { V6(0x20, 1, 0xd, 0xb8, [15] = 1), .prefix = 128, ALL_PORTS },
        { V4(224, 0, 1, 187), .prefix = 32, ALL_PORTS, .responders = 20 },
        { V6(0xff, 5, [15] = 0xfd), .prefix = 128, ALL_PORTS,
          .responders = 1 },
        { LINK_LOCAL, .prefix = 128, ALL_PORTS },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        covey_audit_clause c;
        covey__audit_key key;

        CHECK_STATUS(COVEY_OK, covey_audit_scope(&c, &good[i]));
        assert_true(covey__audit_key_of(&good[i].net, &key));
        assert_true(covey__audit_covers(&c, &key));
    }
}

static void both_spellings_of_an_ipv4_host_are_one(void **state)
{
    static const covey_audit_range four = { V4(192, 0, 2, 0), .prefix = 24,
                                            ALL_PORTS };
    static const covey_audit_range six = { MAPPED(192, 0, 2, 0), .prefix = 120,
                                           ALL_PORTS };
    static const covey_address hosts[] = { V4(192, 0, 2, 9),
                                           MAPPED(192, 0, 2, 9) };
    covey_audit_clause a;
    covey_audit_clause b;

    (void)state;
    CHECK_STATUS(COVEY_OK, covey_audit_scope(&a, &four));
    CHECK_STATUS(COVEY_OK, covey_audit_scope(&b, &six));
    for (size_t i = 0; i < COUNT_OF(hosts); i++) {
        covey__audit_key key;
        assert_true(covey__audit_key_of(&hosts[i], &key));
        assert_true(covey__audit_covers(&a, &key));
        assert_true(covey__audit_covers(&b, &key));
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_would_be_wider_than_it_looks),
        cmocka_unit_test(an_exclusion_may_be_wide_but_not_malformed),
        cmocka_unit_test(takes_hosts_networks_and_groups),
        cmocka_unit_test(both_spellings_of_an_ipv4_host_are_one),
    };

    return KIT_RUN(tests);
}
