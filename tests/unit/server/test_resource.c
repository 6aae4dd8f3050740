/* SPDX-License-Identifier: BSD-2-Clause */
#include "ask.h"

#include <covey/group.h>

static const char text[] =
    "resources:\n"
    "- {path: /hello, type: static, value: world}\n"
    "- {path: /a/b, type: static, bytes: a0, content_format: 60}\n"
    "- {path: /%2F/%00, type: static, value: odd}\n"
    "- {path: /x/, type: static, value: empty segment}\n"
    "- path: /v\n"
    "  type: value\n"
    "  value: 'off'\n"
    "  max: 8\n"
    "  methods: [get, put, post, delete]\n"
    "  observable: true\n"
    "- {path: /once, type: value, value: '', methods: [put]}\n"
    "- {path: /n, type: counter, observable: true}\n"
    "- {path: /ticks, type: counter, period: 3, methods: [get]}\n"
    "- {path: /time, type: time, observable: true}\n"
    "- {path: /large, type: large, size: 2000}\n"
    "- {path: /locked, type: static, value: secret, policy: oscore}\n"
    "- {path: /group, type: value, value: g, policy: group}\n"
    "- {path: /role, type: value, value: r, policy: oscore,"
    "   roles: [requester, monitor]}\n"
    "- {path: /inside, type: static, value: i, policy: dtls}\n"
    "- {path: /slow, type: value, value: s, policy: oscore, delay: 1200}\n"
    "- {path: /two, type: static, value: t, policy: dtls,"
    "   clients: ['psk:lamp', 'subject:CN=lamp']}\n";

static char lamp[] = "psk:lamp";
static char other[] = "psk:lam";
static char subject[] = "subject:CN=lamp";
static const dtls_peer nobody = { 0, { NULL } };
static const dtls_peer someone = { 1, { other } };
static const dtls_peer by_key = { 1, { lamp } };
static const dtls_peer by_name = { 2, { other, subject } };

static struct server_config *config;

static int make(void **state)
{
    (void)state;
    config = configured(text);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    server_config_free(config);
    return 0;
}

static struct heard hear(const struct ask *a)
{
    return ask(&config->resources, a);
}

static void get_gives_representations(void **state)
{
    static const struct {
        const char *path;
        const char *body;
        int32_t format;
    } cases[] = {
        { "hello", "world", 0 }, { "a/b", "\xa0", 60 },
        { "v", "off", 0 },       { "n", "0", 0 },
        { "ticks", "3", 0 },     { "time", "2026-11-22T05:00:00Z", 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        kit_case(cases[i].path);
        const struct heard h =
            hear(&(struct ask){ .code = GET, .path = cases[i].path });
        assert_int_equal(205, h.code);
        assert_int_equal(cases[i].format, h.answer.format);
        assert_false(h.answer.reject);
        CHECK_BODY(cases[i].body, h);
    }
    kit_case(NULL);
}

static void refuses_requests(void **state)
{
    static const struct {
        const char *why;
        struct ask ask;
        int code;
    } cases[] = {
        { "no path", { .code = GET }, 404 },
        { "unknown path", { .code = GET, .path = "hell" }, 404 },
        { "longer path", { .code = GET, .path = "hello/x" }, 404 },
        { "shorter path", { .code = GET, .path = "a" }, 404 },
        { "slash at the end",
          { .code = GET, .path = "hello", .options = { { 11, "" } } },
          404 },
        { "parent", { .code = GET, .options = { { 11, "2e2e" } } }, 404 },
        { "zero byte", { .code = GET, .options = { { 11, "68006c" } } }, 404 },
        { "not UTF-8", { .code = GET, .options = { { 11, "ff" } } }, 404 },
        { "no PUT", { .code = PUT, .path = "hello" }, 405 },
        { "no POST", { .code = POST, .path = "time" }, 405 },
        { "no DELETE", { .code = DELETE, .path = "n" }, 405 },
        { "no FETCH", { .code = FETCH, .path = "hello" }, 405 },
        { "unknown method", { .code = 0x1f, .path = "hello" }, 405 },
        { "no GET", { .code = GET, .path = "once" }, 405 },
        { "counter without POST", { .code = POST, .path = "ticks" }, 405 },
        { "Accept of another format",
          { .code = GET, .path = "hello", .options = { { 17, "fde8" } } },
          406 },
        { "Accept of CBOR, of a text",
          { .code = GET, .path = "time", .options = { { 17, "3c" } } },
          406 },
        { "Content-Format of another format",
          { .code = PUT, .path = "v", .options = { { 12, "3c" } } },
          415 },
        { "too long", { .code = PUT, .path = "v", .body = "123456789" }, 413 },
        { "If-None-Match, exists",
          { .code = PUT, .path = "v", .options = { { 5, "" } } },
          412 },
        { "If-Match, another ETag",
          { .code = PUT, .path = "v", .options = { { 1, "0102" } } },
          412 },
        { "If-Match, no ETag at all",
          { .code = POST, .path = "n", .options = { { 1, "0102" } } },
          412 },
        { "If-Match of a GET",
          { .code = GET, .path = "hello", .options = { { 1, "0102" } } },
          412 },
        { "not secured", { .code = GET, .path = "locked" }, 401 },
        { "not secured, wrong method",
          { .code = PUT, .path = "locked" },
          401 },
        { "no roles", { .code = GET, .path = "role", .secured = true }, 403 },
        { "another role",
          { .code = GET,
            .path = "role",
            .secured = true,
            .roles = COVEY_GROUP_RESPONDER },
          403 },
        { "role without security",
          { .code = GET, .path = "role", .roles = COVEY_GROUP_REQUESTER },
          401 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        kit_case(cases[i].why);
        const struct heard h = hear(&cases[i].ask);
        assert_int_equal(cases[i].code, h.code);
        assert_int_equal(0, h.len);
        assert_int_equal(RESOURCE_NO_FORMAT, h.answer.format);
        assert_false(h.answer.has_etag);
        assert_false(h.answer.reject);
        assert_null(h.answer.changed);
        assert_null(h.answer.observed);
    }
    kit_case(NULL);
}

static void clients_of_dtls_have_names(void **state)
{
    static const struct {
        const char *why;
        struct ask ask;
        int code;
    } cases[] = {
        { "anybody in a session",
          { .code = GET, .path = "inside", .peer = &nobody },
          205 },
        { "by key", { .code = GET, .path = "two", .peer = &by_key }, 205 },
        { "by name", { .code = GET, .path = "two", .peer = &by_name }, 205 },
        { "no session", { .code = GET, .path = "inside" }, 401 },
        { "OSCORE is no session",
          { .code = GET, .path = "inside", .secured = true },
          401 },
        { "no session, and clients wanted",
          { .code = GET, .path = "two" },
          401 },
        { "no name", { .code = GET, .path = "two", .peer = &nobody }, 403 },
        { "another", { .code = GET, .path = "two", .peer = &someone }, 403 },
        { "a session is no OSCORE",
          { .code = GET, .path = "locked", .peer = &by_key },
          401 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        kit_case(cases[i].why);
        assert_int_equal(cases[i].code, hear(&cases[i].ask).code);
    }
    kit_case(NULL);
}

/* RFC 7252 Sections 5.4.1, 5.4.3, 5.4.5: what is not understood, or has a
 * length that is not allowed, or is repeated without permission. */
static void bad_options_reject(void **state)
{
    static const struct {
        const char *why;
        struct ask_option option;
    } cases[] = {
        { "unknown critical", { 9999, "" } },
        { "OSCORE that nobody opened", { 9, "09" } },
        { "Uri-Path-Abbrev", { 13, "00" } },
        { "Q-Block1", { 19, "" } },
        { "Q-Block2", { 31, "" } },
        { "Uri-Host, empty", { 3, "" } },
        { "Uri-Port, 3 bytes", { 7, "010203" } },
        { "Accept, 3 bytes", { 17, "010203" } },
        { "If-None-Match with a value", { 5, "01" } },
        { "If-Match, 9 bytes", { 1, "010203040506070809" } },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        kit_case(cases[i].why);
        const struct heard h = hear(&(struct ask){
            .code = GET, .path = "hello", .options = { cases[i].option } });
        assert_int_equal(402, h.code);
        assert_true(h.answer.reject);
    }
    kit_case("Uri-Host, twice");
    const struct heard h =
        hear(&(struct ask){ .code = GET,
                            .path = "hello",
                            .options = { { 3, "61" }, { 3, "61" } } });
    assert_int_equal(402, h.code);
    kit_case(NULL);
}

static void this_is_no_proxy(void **state)
{
    static const uint16_t numbers[] = { 35, 39, 235, 239 };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        const struct heard h =
            hear(&(struct ask){ .code = GET,
                                .path = "hello",
                                .options = { { numbers[i], "61" } } });
        assert_int_equal(505, h.code);
        assert_false(h.answer.reject);
    }
}

static void elective_options_do_no_harm(void **state)
{
    const struct ask a = { .code = GET,
                           .path = "hello",
                           .options = { { 6, "01020304" },
                                        { 12, "010203" },
                                        { 16, "0102" },
                                        { 60, "0102030405" },
                                        { 9998, "00" } } };

    (void)state;
    assert_int_equal(205, hear(&a).code);
}

static void paths_are_compared_segment_by_segment(void **state)
{
    const struct ask odd = { .code = GET,
                             .options = { { 11, "2f" }, { 11, "00" } } };
    const struct ask empty = { .code = GET,
                               .options = { { 11, "78" }, { 11, "" } } };
    const struct ask joined = { .code = GET, .options = { { 11, "612f62" } } };

    (void)state;
    struct heard h = hear(&odd);
    CHECK_BODY("odd", h);
    h = hear(&empty);
    CHECK_BODY("empty segment", h);
    assert_int_equal(404, hear(&joined).code); /* "a/b" as one segment */
}

static void path_longer_than_any_is_not_found(void **state)
{
    uint8_t bytes[1500];
    covey_writer w = covey_writer_of(bytes, sizeof bytes);
    const covey_coap_message head = { .code = GET };
    covey_coap_composer c = covey_coap_compose(&w, &head);
    covey_coap_message m;
    struct resource_answer a;

    (void)state;
    for (int i = 0; i < 200; i++) {
        covey_coap_put_option(&c, COVEY_OPTION_URI_PATH, SPAN("hello"));
    }
    CHECK_STATUS(COVEY_OK, covey_coap_finish(&c));
    CHECK_STATUS(COVEY_OK, covey_coap_parse(&m, covey_written(&w)));
    const struct resource_request rq = { .message = &m, .now = ask_now };
    resources_answer(&config->resources, &rq, &a);
    assert_int_equal(404, AS_NUMBER(a.code));
    resource_end(&a);
}

static void etag_makes_a_get_valid(void **state)
{
    struct ask a = { .code = GET, .path = "hello" };
    const struct heard full = hear(&a);
    char hex[2 * RESOURCE_ETAG + 1];

    (void)state;
    assert_true(full.answer.has_etag);
    for (size_t i = 0; i < RESOURCE_ETAG; i++) {
        snprintf(hex + 2 * i, 3, "%02x", (unsigned)full.answer.etag[i]);
    }
    a.options[0] = (struct ask_option){ 4, "01" };
    assert_int_equal(205, hear(&a).code);
    a.options[1] = (struct ask_option){ 4, hex };
    const struct heard valid = hear(&a);
    assert_int_equal(203, valid.code);
    assert_int_equal(0, valid.len);
    assert_int_equal(RESOURCE_NO_FORMAT, valid.answer.format);
    CHECK_SPAN(covey_bytes_of(full.answer.etag, RESOURCE_ETAG),
               covey_bytes_of(valid.answer.etag, RESOURCE_ETAG));
    a.options[0] = (struct ask_option){ 1, hex };
    a.options[1].number = 0;
    assert_int_equal(205, hear(&a).code);
}

static void value_is_written_deleted_and_created(void **state)
{
    const struct ask get = { .code = GET, .path = "v" };
    const struct ask put = {
        .code = PUT, .path = "v", .options = { { 12, "" } }, .body = "on"
    };
    const struct ask if_there = {
        .code = PUT, .path = "v", .options = { { 1, "" } }, .body = "x"
    };
    const struct ask if_not = {
        .code = PUT, .path = "v", .options = { { 5, "" } }, .body = "new"
    };
    const struct ask delete = { .code = DELETE, .path = "v" };
    const struct ask post = { .code = POST, .path = "v" };

    (void)state;
    const struct heard before = hear(&get);
    struct heard h = hear(&put);
    assert_int_equal(204, h.code);
    assert_ptr_equal(before.answer.observed, h.answer.changed);
    h = hear(&get);
    CHECK_BODY("on", h);
    assert_memory_not_equal(before.answer.etag, h.answer.etag, RESOURCE_ETAG);
    assert_int_equal(204, hear(&if_there).code);
    assert_int_equal(202, hear(&delete).code);
    assert_int_equal(404, hear(&get).code);
    assert_int_equal(412, hear(&if_there).code);
    h = hear(&delete);
    assert_int_equal(202, h.code); /* idempotent */
    assert_null(h.answer.changed);
    assert_int_equal(201, hear(&if_not).code);
    h = hear(&get);
    CHECK_BODY("new", h);
    assert_int_equal(204, hear(&post).code);
    h = hear(&get);
    assert_int_equal(205, h.code);
    CHECK_BODY("", h);
}

static void length_that_would_be_taken_is_told(void **state)
{
    (void)state;
    const struct heard h =
        hear(&(struct ask){ .code = PUT, .path = "v", .body = "123456789" });
    assert_int_equal(413, h.code);
    assert_int_equal(8, h.answer.size1);
    assert_int_equal(
        204,
        hear(&(struct ask){ .code = PUT, .path = "v", .body = "12345678" })
            .code);
}

static void counters_count(void **state)
{
    const struct ask post = { .code = POST, .path = "n" };

    (void)state;
    struct heard h = hear(&post);
    assert_int_equal(204, h.code);
    assert_non_null(h.answer.changed);
    h = hear(&(struct ask){ .code = GET, .path = "n" });
    CHECK_BODY("1", h);
    assert_ptr_equal(h.answer.observed, hear(&post).answer.changed);
    assert_int_equal(RESOURCE_MAX_AGE, h.answer.max_age);

    h = hear(&(struct ask){ .code = GET, .path = "ticks" });
    assert_int_equal(3, h.answer.max_age);
    assert_null(h.answer.observed);
}

static void what_changes_by_itself_says_when(void **state)
{
    const covey_time now = { 10000, 0, false };
    const struct resource ticks = { .kind = RESOURCE_COUNTER, .period = 3000 };
    const struct resource still = { .kind = RESOURCE_COUNTER };
    const struct resource clock = { .kind = RESOURCE_TIME };

    (void)state;
    assert_int_equal(12000, resource_next_change(&ticks, now));
    assert_true(resource_next_change(&still, now) == COVEY_NEVER);
    assert_int_equal(11000, resource_next_change(&clock, now));
}

static void time_that_is_not_known_is_not_told(void **state)
{
    const covey_time kept = ask_now;

    (void)state;
    ask_now.unix_known = false;
    const struct heard h = hear(&(struct ask){ .code = GET, .path = "time" });
    ask_now = kept;
    assert_int_equal(503, h.code);
    assert_int_equal(0, h.len);
}

static void pattern_is_the_same_from_everywhere(void **state)
{
    const struct resource_body body = { .kind = BODY_PATTERN, .size = 2000 };
    uint8_t whole[2001];
    uint8_t part[64];

    (void)state;
    assert_int_equal(2000, resource_read(&body, 0, whole, sizeof whole));
    assert_memory_equal("00000000\n00000009\n00000018\n", whole, 27);
    for (uint64_t at = 0; at < 2010; at += 7) {
        const size_t len = resource_read(&body, at, part, sizeof part);
        assert_int_equal(at >= 2000       ? 0
                         : at > 2000 - 64 ? 2000 - at
                                          : 64,
                         len);
        assert_memory_equal(whole + (at < 2000 ? at : 0), part, len);
    }
}

static void secured_requests_get_what_they_may(void **state)
{
    (void)state;
    struct heard h =
        hear(&(struct ask){ .code = GET, .path = "locked", .secured = true });
    assert_int_equal(205, h.code);
    CHECK_BODY("secret", h);
    h = hear(
        &(struct ask){ .code = PUT,
                       .path = "role",
                       .body = "x",
                       .secured = true,
                       .roles = COVEY_GROUP_MONITOR | COVEY_GROUP_RESPONDER });
    assert_int_equal(204, h.code);
}

static void members_of_groups_are_told_apart(void **state)
{
    struct ask a = { .code = PUT, .path = "group", .secured = true };

    (void)state;
    assert_int_equal(401, hear(&a).code);
    a.member = true;
    assert_int_equal(204, hear(&a).code);
    a.suspicious = true; /* may have been turned here: reading is harmless */
    assert_int_equal(403, hear(&a).code);
    a.code = GET;
    assert_int_equal(205, hear(&a).code);
}

/* Who may not read it learns that at once, and is not asked again later. */
static void slow_resource_answers_get_later(void **state)
{
    struct ask a = { .code = GET, .path = "slow" };
    struct heard h = hear(&a);

    (void)state;
    assert_int_equal(401, h.code);
    assert_null(h.answer.later);
    a.secured = true;
    h = hear(&a);
    assert_non_null(h.answer.later);
    assert_int_equal(1200, h.answer.wait);
    assert_int_equal(0, h.len);
    a.code = PUT;
    a.body = "t";
    assert_int_equal(204, hear(&a).code);
    a = (struct ask){ .code = GET, .path = "slow", .late = true };
    h = hear(&a);
    assert_int_equal(205, h.code);
    CHECK_BODY("t", h);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(get_gives_representations),
        EACH(refuses_requests),
        EACH(members_of_groups_are_told_apart),
        EACH(clients_of_dtls_have_names),
        EACH(bad_options_reject),
        EACH(this_is_no_proxy),
        EACH(elective_options_do_no_harm),
        EACH(paths_are_compared_segment_by_segment),
        EACH(path_longer_than_any_is_not_found),
        EACH(etag_makes_a_get_valid),
        EACH(value_is_written_deleted_and_created),
        EACH(length_that_would_be_taken_is_told),
        EACH(counters_count),
        EACH(what_changes_by_itself_says_when),
        EACH(time_that_is_not_known_is_not_told),
        EACH(pattern_is_the_same_from_everywhere),
        EACH(secured_requests_get_what_they_may),
        EACH(slow_resource_answers_get_later),
    };

    return KIT_RUN(tests);
}
