/* SPDX-License-Identifier: BSD-2-Clause */
#include <apps/covey-fence/rules.h>

#include "kit.h"

#include <stdlib.h>
#include <system_address.h>

static const rules_names names = { "cvf7", "covey_fence_7" };

/* The rules of an order to a target, by way of a router if there is one. */
static char *rules_of(const char *target, const char *source, const char *hop)
{
    static fence_order o;
    fence_route r = { .device = "eth0", .mac = { 0x02, 0, 0, 0, 0, 0x0a } };
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    assert_non_null(out);
    memset(&o, 0, sizeof o);
    assert_true(address_parse(target, 0, &o.target));
    assert_true(address_parse(source, 0, &r.source));
    assert_true(address_parse(hop, 0, &r.hop));
    o.packets_s = 20;
    o.bytes_s = 3000;
    o.budget = 60;
    o.permits[0].protocol = 1;
    o.permits[1].protocol = 6;
    o.permits[1].first = 22;
    o.permits[1].last = 80;
    o.permit_count = 2;
    rules_print(out, &o, &r, &names);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void check_has(const char *text, const char *const lines[])
{
    const char *at = text;

    /* in this order */
    for (size_t i = 0; lines[i] != NULL; i++) {
        kit_case(lines[i]);
        at = strstr(at, lines[i]);
        assert_non_null(at);
    }
    kit_case(NULL);
}

static void a_host_of_ipv4(void **state)
{
    static const char *const lines[] = {
        "table netdev covey_fence_7 {\n flags owner\n",
        "limit pace { rate over 1180/minute burst 1 packets; }",
        "limit load { rate over 3000 bytes/second burst 1514 bytes; }",
        "limit budget { rate over 1/day burst 60 packets; }",
        "elements = { 192.0.2.2 . 6 . 22-80 }",
        "elements = { 192.0.2.2 . 1 }",
        "limit name \"budget\" counter name \"spent\" drop\n",
        "counter name \"passed\" fwd to \"eth0\"",
        "hook ingress device \"cvf7\" priority 0; policy drop;",
        "ip daddr 192.0.0.8 counter name \"canary\"\n",
        "ether saddr != 02:00:00:00:00:0a counter name \"source\" drop",
        "arp saddr ip 192.0.2.1 arp daddr ip 192.0.2.2 goto ask",
        "@ll,96,16 != 0x0800 counter name \"other\" drop",
        "ip saddr != 192.0.2.1 counter name \"source\" drop",
        "ip daddr 192.0.0.8 counter name \"dead\" drop",
        "ip hdrlength != 5 counter name \"scope\" drop",
        "ip frag-off & 0x3fff != 0 counter name \"scope\" drop",
        "ether daddr != @stations counter name \"scope\" drop",
        "@ports goto pass",
        "@whole goto pass",
        "counter name \"scope\" drop\n }",
        "hook ingress device \"eth0\" priority 0; policy accept;",
        "ip saddr 192.0.2.2 ip daddr 192.0.2.1 counter name \"answers\" fwd "
        "to "
        "\"cvf7\"",
        NULL
    };
    char *text = rules_of("192.0.2.2", "192.0.2.1", "192.0.2.2");

    (void)state;
    check_has(text, lines);
    assert_null(strstr(text, "ip6"));
    free(text);
}

static void who_is_asked_is_the_router_where_there_is_one(void **state)
{
    static const char *const lines[] = {
        "arp saddr ip 192.0.2.1 arp daddr ip 192.0.2.254 goto ask",
        "arp saddr ip 192.0.2.254 update @stations",
        "ip saddr 203.0.113.9 ip daddr 192.0.2.1", NULL
    };
    char *text = rules_of("203.0.113.9", "192.0.2.1", "192.0.2.254");

    (void)state;
    check_has(text, lines);
    assert_null(strstr(text, "daddr ip 203.0.113.9"));
    free(text);
}

static void a_host_of_ipv6(void **state)
{
    static const char *const lines[] = {
        "elements = { 2001:db8::2 . 6 . 22-80 }",
        "ip6 daddr 100::1 counter name \"canary\"\n",
        "nd-neighbor-solicit @th,64,128 0x20010db8000000000000000000000002 "
        "ip6 saddr 2001:db8::1 goto ask",
        "@ll,96,16 != 0x86dd counter name \"other\" drop",
        "ip6 daddr . ip6 nexthdr . th dport @ports goto pass",
        NULL
    };
    char *text = rules_of("2001:db8::2", "2001:db8::1", "2001:db8::2");

    (void)state;
    check_has(text, lines);
    assert_null(strstr(text, "hdrlength"));
    free(text);
}

static void closing_takes_the_rules_and_leaves_the_policy(void **state)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    (void)state;
    assert_non_null(out);
    rules_print_close(out, &names);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, "flush chain netdev covey_fence_7 send\n"
                              "flush chain netdev covey_fence_7 back\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_of_ipv4),
        cmocka_unit_test(who_is_asked_is_the_router_where_there_is_one),
        cmocka_unit_test(a_host_of_ipv6),
        cmocka_unit_test(closing_takes_the_rules_and_leaves_the_policy),
    };

    return KIT_RUN(tests);
}
