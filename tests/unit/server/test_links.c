/* SPDX-License-Identifier: BSD-2-Clause */
/* /.well-known/core and its filters. */
#include "ask.h"

#define LIGHT "</a/light>;rt=\"light lamp\";if=\"core.a\";obs;ct=0"
#define TEMP  "</b%20c>;rt=\"temp\";title=\"T 1\";osc;gosc;sz=1;ct=60"
#define FILES "</l>;sz=70000;ct=42"

static const char text[] =
    "resources:\n"
    "- {path: /a/light, type: value, value: 'on', rt: light lamp,"
    "   if: core.a, observable: true}\n"
    "- {path: /b%20c, type: static, bytes: a0, content_format: 60, rt: temp,"
    "   title: T 1, policy: group}\n"
    "- {path: /l, type: large, size: 70000}\n";

static struct heard hear(struct server_config *config, const char *query,
                         uint16_t accept)
{
    struct ask a = { .code = GET, .path = ".well-known/core" };
    char hex[3][80] = { "", "", "" };
    size_t n = 0;

    for (const char *at = query; at != NULL && *at != '\0'; n++) {
        const size_t len = strcspn(at, "&");
        for (size_t i = 0; i < len; i++) {
            snprintf(hex[n] + 2 * i, 3, "%02x", (unsigned)at[i]);
        }
        a.options[n] = (struct ask_option){ 15, hex[n] };
        at += len + (at[len] == '&' ? 1 : 0);
    }
    if (accept != 0) {
        snprintf(hex[2], sizeof hex[2], "%02x", (unsigned)accept);
        a.options[n] = (struct ask_option){ 17, hex[2] };
    }
    return ask(&config->resources, &a);
}

static void filters_choose_links(void **state)
{
    static const struct {
        const char *query;
        const char *links;
    } cases[] = {
        { NULL, LIGHT "," FILES "," TEMP },
        { "href=/a*", LIGHT },
        { "href=/a", "" },
        { "rt=lamp", LIGHT },
        { "if=core.a", LIGHT },
        { "title=T 1", TEMP },
        { "ct=60", TEMP },
        { "sz=70000", FILES },
        { "obs", LIGHT },
        { "osc", TEMP },
        { "gosc", TEMP },
        { "rel=x", "" },
        { "rt=light&href=/b*", "" },
        { "rt=*&href=/b*", TEMP },
    };
    struct server_config *config = configured(text);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        kit_case(cases[i].query);
        const struct heard h = hear(config, cases[i].query, 0);
        assert_int_equal(205, h.code);
        assert_int_equal(40, h.answer.format);
        CHECK_BODY(cases[i].links, h);
    }
    kit_case(NULL);
    server_config_free(config);
}

static void links_are_a_resource_like_others(void **state)
{
    struct server_config *config = configured(text);
    struct ask a = { .code = PUT, .path = ".well-known/core" };

    (void)state;
    assert_int_equal(205, hear(config, NULL, 40).code);
    assert_int_equal(406, hear(config, NULL, 60).code);
    assert_int_equal(405, ask(&config->resources, &a).code);
    a.code = GET;
    a.path = ".well-known";
    assert_int_equal(404, ask(&config->resources, &a).code);
    const struct heard all = hear(config, NULL, 0);
    const struct heard some = hear(config, "rt=temp", 0);
    assert_memory_not_equal(all.answer.etag, some.answer.etag, RESOURCE_ETAG);
    server_config_free(config);
}

static void server_without_resources_has_no_links(void **state)
{
    struct server_config *config = configured("resources: []");

    (void)state;
    const struct heard h = hear(config, NULL, 0);
    assert_int_equal(205, h.code);
    assert_int_equal(0, h.len);
    server_config_free(config);
}

/* The longest links there can be fit. */
static void links_always_fit(void **state)
{
    char title[201];
    char path[250];
    char yaml[2000];

    (void)state;
    memset(title, 't', sizeof title - 1);
    title[sizeof title - 1] = '\0';
    memset(path, 'p', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    snprintf(yaml, sizeof yaml,
             "resources: [{path: /%s, type: large, size: 1073741824,"
             " content_format: 65535, title: %s, rt: %s, if: %s}]",
             path, title, title, title);
    struct server_config *config = configured(yaml);
    const struct heard h = hear(config, NULL, 0);
    assert_int_equal(h.len, 1 + 1 + 249 + 1 + 3 * 200 +
                                strlen(";rt=\"\";if=\"\";title=\"\"") +
                                strlen(";ct=65535;sz=1073741824"));
    server_config_free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filters_choose_links),
        cmocka_unit_test(links_are_a_resource_like_others),
        cmocka_unit_test(server_without_resources_has_no_links),
        cmocka_unit_test(links_always_fit),
    };

    return KIT_RUN(tests);
}
