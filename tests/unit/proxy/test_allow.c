/* SPDX-License-Identifier: BSD-2-Clause */
#include <covey/proxy.h>
#include <kit.h>

enum {
    ALICE,
    BOB
};

static covey_address address(const char *ip, uint16_t port, uint32_t zone)
{
    covey_address a = { .port = port };

    assert_true(covey_proxy_ip_get(covey_bytes_text(ip), &a));
    a.zone = zone;
    return a;
}

/* As it stands in the packet, IPv4 inside IPv6 left as it is. */
static covey_address mapped(uint16_t port)
{
    covey_address a = { .family = COVEY_FAMILY_IPV6, .port = port };

    a.ip[10] = a.ip[11] = 0xff;
    a.ip[12] = 224;
    a.ip[14] = 1;
    a.ip[15] = 187;
    return a;
}

static covey_proxy_rule group_rule(uint32_t client, covey_address to,
                                   uint32_t interface)
{
    return (covey_proxy_rule){
        .client = client, .address = to, .group = true, .interface = interface
    };
}

static covey_proxy_rule server_rule(uint32_t client, covey_address to,
                                    uint8_t prefix)
{
    return (
        covey_proxy_rule){ .client = client, .address = to, .prefix = prefix };
}

/* REQ-P-01, REQ-P-02, REQ-P-04, REQ-P-20. */
static void judges_the_address(void **state)
{
    const covey_proxy_rule rules[] = {
        group_rule(ALICE, address("224.0.1.187", 5683, 0), 3),
        group_rule(ALICE, address("ff02::fd", 5683, 2), 2),
        group_rule(BOB, address("ff05::fd", 0, 0), 0),
        server_rule(COVEY_PROXY_EVERY_CLIENT, address("192.0.2.0", 5683, 0),
                    24),
        server_rule(BOB, address("2001:db8::", 0, 0), 33),
        server_rule(BOB, address("::1", 0, 0), 128),
    };
    const struct {
        const char *why;
        uint32_t client;
        covey_address to;
        covey_proxy_verdict verdict;
    } cases[] = {
        { "group", ALICE, address("224.0.1.187", 5683, 0),
          COVEY_PROXY_ALLOWED },
        { "mapped", ALICE, mapped(5683), COVEY_PROXY_ALLOWED },
        { "mapped, other client", BOB, mapped(5683), COVEY_PROXY_FORBIDDEN },
        { "other client", BOB, address("224.0.1.187", 5683, 0),
          COVEY_PROXY_FORBIDDEN },
        { "other group", ALICE, address("224.0.1.188", 5683, 0),
          COVEY_PROXY_FORBIDDEN },
        { "other port", ALICE, address("224.0.1.187", 5684, 0),
          COVEY_PROXY_FORBIDDEN },
        { "any port", BOB, address("ff05::fd", 1, 0), COVEY_PROXY_ALLOWED },
        { "zone", ALICE, address("ff02::fd", 5683, 2), COVEY_PROXY_ALLOWED },
        { "other zone", ALICE, address("ff02::fd", 5683, 3),
          COVEY_PROXY_FORBIDDEN },
        { "no zone", ALICE, address("ff02::fd", 5683, 0),
          COVEY_PROXY_ALLOWED },
        { "unicast", ALICE, address("192.0.2.200", 5683, 0),
          COVEY_PROXY_ALLOWED },
        { "outside", ALICE, address("192.0.3.1", 5683, 0),
          COVEY_PROXY_FORBIDDEN },
        { "bit 33", BOB, address("2001:db8:7fff::", 5, 0),
          COVEY_PROXY_ALLOWED },
        { "not bit 33", BOB, address("2001:db8:8000::", 5, 0),
          COVEY_PROXY_FORBIDDEN },
        { "loopback", BOB, address("::1", 5, 0), COVEY_PROXY_ALLOWED },
        { "loopback, other client", ALICE, address("::1", 5, 0),
          COVEY_PROXY_FORBIDDEN },
        { "0.0.0.0", ALICE, address("0.0.0.0", 5683, 0),
          COVEY_PROXY_IMPOSSIBLE },
        { "broadcast", ALICE, address("255.255.255.255", 5683, 0),
          COVEY_PROXY_IMPOSSIBLE },
        { "reserved", ALICE, address("240.0.0.1", 5683, 0),
          COVEY_PROXY_IMPOSSIBLE },
        { "::", BOB, address("::", 5683, 0), COVEY_PROXY_IMPOSSIBLE },
        { "IPv4-compatible", BOB, address("::e000:1bb", 5683, 0),
          COVEY_PROXY_IMPOSSIBLE },
        { "port 0", ALICE, address("192.0.2.1", 0, 0),
          COVEY_PROXY_IMPOSSIBLE },
        { "nothing", ALICE, { .port = 5683 }, COVEY_PROXY_IMPOSSIBLE },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const covey_proxy_rule *rule = NULL;
        kit_case(cases[i].why);
        assert_int_equal(cases[i].verdict,
                         covey_proxy_allow(rules, COUNT_OF(rules),
                                           cases[i].client, &cases[i].to,
                                           &rule));
        assert_int_equal(rule != NULL,
                         cases[i].verdict == COVEY_PROXY_ALLOWED);
    }
    kit_case(NULL);
    /* A prefix never opens a group, a group never a host. */
    const covey_proxy_rule all =
        server_rule(ALICE, address("0.0.0.0", 0, 0), 0);
    const covey_proxy_rule *rule;
    const covey_address group = address("224.0.1.187", 5683, 0);
    assert_int_equal(COVEY_PROXY_NO_GROUPS,
                     covey_proxy_allow(&all, 1, ALICE, &group, &rule));
    assert_int_equal(COVEY_PROXY_NO_GROUPS,
                     covey_proxy_allow(NULL, 0, ALICE, &group, &rule));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_the_address),
    };

    return KIT_RUN(tests);
}
