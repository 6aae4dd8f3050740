/* SPDX-License-Identifier: BSD-2-Clause */
#include "ask.h"

#include <covey/group.h>

#define ONE "resources: [{path: /a, type: static, value: v}]\n"

static void everything_that_is_left_out_has_a_default(void **state)
{
    struct server_config *config = configured("resources: []\n");

    (void)state;
    assert_int_equal(2, config->listen_count);
    assert_int_equal(127, config->listen[0].address.ip[0]);
    assert_int_equal(1, config->listen[1].address.ip[15]);
    assert_int_equal(5683, config->listen[0].address.port);
    assert_int_equal(5683, config->listen[1].address.port);
    assert_int_equal(0, config->group_count);
    assert_int_equal(3, config->amplification);
    assert_int_equal(0, config->leisure);
    assert_int_equal(0, config->context_count);
    assert_int_equal(1, config->resources.count);
    assert_int_equal(RESOURCE_LINKS, config->resources.rows[0].kind);
    server_config_free(config);
}

static void addresses_have_ports(void **state)
{
    struct server_config *config =
        configured("listen: [192.0.2.1, '192.0.2.1:1', '::1', '[::1]',"
                   " '[2001:db8::1]:65535', 0.0.0.0, '[::]:61616']\n"
                   "groups:\n"
                   "- {address: 224.0.1.187, interface: eth0}\n"
                   "- address: '[ff05::fd]:61616'\n" ONE);
    static const uint16_t ports[] = {
        5683, 1, 5683, 5683, 65535, 5683, 61616
    };

    (void)state;
    assert_int_equal(COUNT_OF(ports), config->listen_count);
    for (size_t i = 0; i < COUNT_OF(ports); i++) {
        assert_int_equal(ports[i], config->listen[i].address.port);
    }
    assert_int_equal(COVEY_FAMILY_IPV4, config->listen[1].address.family);
    assert_int_equal(COVEY_FAMILY_IPV6, config->listen[4].address.family);
    assert_int_equal(2, config->group_count);
    assert_string_equal("eth0", config->groups[0].interface);
    assert_null(config->groups[1].interface);
    assert_int_equal(61616, config->groups[1].address.port);
    server_config_free(config);
}

static void resources_are_as_they_are_described(void **state)
{
    struct server_config *config = configured(
        "resources:\n"
        "- {path: /z, type: value, bytes: 01 02, content_format: 60,\n"
        "   max: 1, title: T, rt: r s, if: i, policy: oscore,\n"
        "   roles: responder, observable: true}\n"
        "- {path: /a, type: large, size: 1073741824}\n");
    const struct resource *a = &config->resources.rows[0];
    const struct resource *z = &config->resources.rows[1];

    (void)state;
    assert_int_equal(3, config->resources.count);
    CHECK_SPAN(SPAN("\001z"), z->key);
    CHECK_HEX("0102", covey_bytes_of(z->bytes, z->len));
    assert_int_equal(2, z->cap); /* what it has fits in any case */
    assert_int_equal(METHOD_GET | METHOD_PUT, z->methods);
    assert_true(z->observable);
    assert_true(z->policy.secured);
    assert_int_equal(COVEY_GROUP_RESPONDER, z->policy.roles);
    CHECK_SPAN(SPAN("T"), z->title);
    CHECK_SPAN(SPAN("r s"), z->type);
    CHECK_SPAN(SPAN("i"), z->interface);
    assert_int_equal(42, a->format);
    assert_true(a->size == UINT64_C(1) << 30);
    assert_false(a->policy.secured);
    assert_null(a->title.ptr);
    server_config_free(config);
}

/* One resource with these keys. */
#define R(keys) "resources: [{" keys "}]"
#define S       "path: /a, type: static, value: v, "

static void listens_to_connections_besides(void **state)
{
    struct server_config *config =
        configured("tcp: [192.0.2.1, '[::1]:7']\n" ONE);

    (void)state;
    assert_int_equal(4, config->listen_count);
    assert_int_equal(LINK_UDP, config->listen[1].transport);
    assert_int_equal(LINK_TCP, config->listen[2].transport);
    assert_int_equal(5683, config->listen[2].address.port);
    assert_int_equal(7, config->listen[3].address.port);
    server_config_free(config);
}

static const struct {
    const char *text;
    const char *message;
} cases[] = {
    { "", "not YAML" },
    { "[]", "1:1: error: expected keys and values of a configuration" },
    { "listen: [127.0.0.1]", "'resources' is missing" },
    { ONE "port: 5683", "'port' is no key of a configuration; it has "
                        "listen, groups, contexts, store, resources" },
    { ONE "listen: 127.0.0.1", "listen: expected a list" },
    { ONE "tcp: 127.0.0.1", "tcp: expected a list" },
    { ONE "tcp: [ff05::fd]", "expected an address of ours" },
    { ONE "listen: [localhost]",
      "expected an address of ours such as 127.0.0.1, or with a port "
      "[::1]:5683, found 'localhost'" },
    { ONE "listen: [224.0.1.187]", "expected an address of ours" },
    { ONE "listen: ['[::1']", "expected an address" },
    { ONE "listen: ['[::1]x']", "expected an address" },
    { ONE "listen: ['[::1]:']", "expected an address" },
    { ONE "listen: ['127.0.0.1:65536']", "expected an address" },
    { ONE "listen: ['127.0.0.1:-1']", "expected an address" },
    { ONE "listen: ['127.0.0.1:1x']", "expected an address" },
    { ONE "listen: [\"127.0.0.1\\0\"]", "expected an address" },
    { ONE "listen: ['[127.0.0.1:1]:2:3']", "expected an address" },
    { ONE "groups: [{address: 127.0.0.1}]",
      "address: expected a multicast address such as 224.0.1.187" },
    { ONE "groups: [{address: 224.0.1.187}]",
      "groups: a group needs '0.0.0.0:5683' among the addresses of" },
    { ONE "listen: [0.0.0.0]\ngroups: [{address: 'ff05::fd'}]",
      "groups: a group needs '[::]:5683' among" },
    { ONE "listen: [0.0.0.0]\ngroups: [{address: '224.0.1.187:5684'}]",
      "groups: a group needs '0.0.0.0:5684' among" },
    { ONE "groups: [{interface: eth0}]", "'address' is missing" },
    { ONE "groups: [224.0.1.187]", "expected keys and values of a group" },
    { ONE "groups: [{address: 224.0.1.187, interface: "
          "0123456789abcdef}]",
      "interface: expected a text of 1 to 15 bytes, found 16" },
    { ONE "contexts: [{file: c.yaml}]",
      "file: another file is not taken here" },
    { ONE "contexts: []", "'store' is missing (RFC 8613 Section 7.5)" },
    { ONE "contexts: []\nstore: s.db",
      "store: another file is not taken here" },
    { ONE "contexts: []\nstore: ''",
      "store: expected a text of 1 to 1023 bytes, found 0" },
    { ONE "amplification: 1001", "amplification: expected a number" },
    { ONE "amplification: -1", "amplification: expected a number" },
    { ONE "leisure: 3601", "leisure: expected a number" },
    { ONE "contexts: [{file: c, replies: all}]",
      "replies: expected one of as-asked, pairwise, group" },
    { ONE "observers: 0", "observers: expected a number" },
    { ONE "unfragmented: 65537", "unfragmented: expected a number" },
    { ONE "unfragmented: x", "unfragmented: expected a number" },
    { ONE "observers: 1048577", "observers: expected a number" },
    { ONE "contexts: [{file: c, ahead: 0}]", "ahead: expected a number" },
    { ONE "contexts: [{file: c, ahead: 1048577}]",
      "ahead: expected a number" },
    { ONE "contexts: [{file: c, port: 1}]", "no key of a security" },
    { "resources: {}", "resources: expected a list" },
    { "resources: [x]", "expected keys and values of a resource" },
    { R("path: /a"), "'type' is missing" },
    { R("type: time"), "'path' is missing" },
    { R("path: /a, type: clock"),
      "type: expected one of static, value, counter, time, large, "
      "directory, found 'clock' (covey-server.conf(5))" },
    { R("path: a, type: time"),
      "path: expected a path such as /a/b (RFC 3986 Section 3.3)" },
    { R("path: /, type: time"), "path: expected a path such as" },
    { R("path: /a/../b, type: time"), "path: expected a path" },
    { R("path: /a?b, type: time"), "path: expected a path" },
    { R("path: '/a#b', type: time"), "path: expected a path" },
    { R("path: /a%2, type: time"), "path: expected a path" },
    { R("path: '/a b', type: time"), "path: expected a path" },
    { R("path: ':1/a', type: time"), "path: expected a path" },
    { R("path: /.well-known/core, type: time"),
      "path: this path is the server's own (RFC 8615)" },
    { "resources: [{path: /a, type: time}, {path: /%61, type: time}]",
      "two resources have the path" },
    { R("path: /a, type: time, value: v"),
      "value: a resource of type time has no such key" },
    { R("path: /a, type: static"), "expected either 'value' or 'bytes'" },
    { R(S "bytes: 00"), "expected either 'value' or 'bytes'" },
    { R("path: /a, type: static, bytes: 0"), "expected two hex digits" },
    { R(S "methods: [get]"), "a resource of type static has no such key" },
    { R(S "observable: true"), "static has no such key" },
    { R(S "content_format: text/plane"),
      "content_format: expected a media type such as text/plain, or the "
      "number of one, found 'text/plane' (RFC 7252 Section 12.3)" },
    { R(S "content_format: 65536"), "content_format: expected" },
    { R(S "content_format: []"), "found a list" },
    { R(S "title: ''"), "title: expected a text of 1 to 200 bytes" },
    { R(S "title: 'a\"b'"), "title: expected no quotes" },
    { R(S "rt: \"a\\nb\""), "rt: expected no quotes" },
    { R(S "policy: closed"), "policy: expected one of open, oscore, group" },
    { R(S "roles: requester"), "expected 'policy: oscore' or 'group'" },
    { R(S "policy: oscore, roles: [boss]"), "expected one of requester" },
    { R("path: /a, type: value, value: v, methods: put"),
      "methods: expected a list" },
    { R("path: /a, type: value, value: v, methods: [patch]"),
      "expected one of get, post, put, delete, found 'patch'" },
    { R("path: /a, type: counter, methods: [put]"),
      "a counter has no method 'put'" },
    { R("path: /a, type: counter, observable: 'yes'"),
      "observable: expected one of false, true, found 'yes'" },
    { R("path: /a, type: counter, period: 0"),
      "period: expected a number of 1 to 86400, found '0'" },
    { R("path: /a, type: value, value: v, delay: 600001"),
      "delay: expected a number of 0 to 600000" },
    { R("path: /a, type: value, value: v, max: 1048577"),
      "max: expected a number of 0 to 1048576" },
    { R("path: /a, type: large"), "'size' is missing" },
    { R("path: /a, type: large, size: 1073741825"),
      "size: expected a number of 0 to 1073741824" },
    { R("path: /a, type: directory"), "'folder' is missing" },
    { R("path: /a, type: directory, folder: d"),
      "folder: another file is not taken here" },
};

static void refuses_with_the_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char messages[2000] = "";
        FILE *out = fmemopen(messages, sizeof messages, "w");
        kit_case(cases[i].text);
        assert_non_null(out);
        assert_null(server_config_load_text(
            cases[i].text, strlen(cases[i].text), "test", out));
        fclose(out);
        if (strstr(messages, cases[i].message) == NULL) {
            fail_msg("%s: expected %s, found %s", cases[i].text,
                     cases[i].message, messages);
        }
    }
    kit_case(NULL);
}

static void files_that_are_missing_are_named(void **state)
{
    char messages[500] = "";
    FILE *out = fmemopen(messages, sizeof messages, "w");

    (void)state;
    assert_non_null(out);
    assert_null(server_config_load("no-such-file", out));
    fclose(out);
    assert_non_null(strstr(messages, "no-such-file: error: No such file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_that_is_left_out_has_a_default),
        cmocka_unit_test(addresses_have_ports),
        cmocka_unit_test(listens_to_connections_besides),
        cmocka_unit_test(resources_are_as_they_are_described),
        cmocka_unit_test(refuses_with_the_reason),
        cmocka_unit_test(files_that_are_missing_are_named),
    };

    return KIT_RUN(tests);
}
