/* SPDX-License-Identifier: BSD-2-Clause */
/* Resources that are functions of a program. */
#include "ask.h"

#include <crypto/openssl/openssl.h>
#include <program.h>
#include <serve.h>

/* Does what the test says, and counts. */
struct wanted {
    void (*what)(serve_call *call);
    unsigned calls;
};

static void obey(serve_call *call, void *user)
{
    struct wanted *w = user;

    w->calls++;
    if (w->what != NULL) {
        w->what(call);
    }
}

static struct wanted wanted;
static uint8_t storage[2000 + 1];
static const struct program program = {
    { NULL, obey, obey, obey, obey, obey, obey, obey }, &wanted
};
static const uint8_t key[] = { 1, 'p' };

static struct resource make(size_t cap)
{
    const struct resource r = { .kind = RESOURCE_PROGRAM,
                                .key = { key, sizeof key },
                                .methods = METHOD_GET | METHOD_POST |
                                           METHOD_PUT | METHOD_DELETE |
                                           METHOD_FETCH | METHOD_PATCH |
                                           METHOD_IPATCH,
                                .observable = true,
                                .format = 0,
                                .bytes = storage,
                                .cap = cap,
                                .program = &program };

    return r;
}

static struct heard say(struct resource *r, uint8_t code,
                        void (*what)(serve_call *call))
{
    struct resources all = { .rows = r, .count = 1 };
    const struct ask a = { .code = code, .path = "p", .body = "body" };

    wanted.what = what;
    return ask(&all, &a);
}

static void say_text(serve_call *call)
{
    serve_text(call, "%d degrees", 22);
}

static void say_forbidden(serve_call *call)
{
    serve_code(call, COVEY_COAP_CODE(4, 3));
}

static void say_valid(serve_call *call)
{
    serve_code(call, COVEY_COAP_CODE(2, 3));
}

static void say_body_back(serve_call *call)
{
    assert_non_null(serve_request(call));
    serve_reply(call, serve_body(call));
}

static uint8_t long_body[2001];

static void say_1025(serve_call *call)
{
    serve_reply(call, covey_bytes_of(long_body, 1025));
}

static void say_2001(serve_call *call)
{
    serve_reply(call, covey_bytes_of(long_body, 2001));
}

static void say_long_text(serve_call *call)
{
    serve_text(call, "%2001s", "");
}

static void get_is_what_the_program_says(void **state)
{
    struct resource r = make(2000);
    struct heard h = say(&r, GET, say_text);

    (void)state;
    assert_int_equal(205, h.code);
    CHECK_BODY("22 degrees", h);
    assert_true(h.answer.has_etag);
    assert_ptr_equal(&r, h.answer.observed);
    assert_int_equal(205, say(&r, GET, say_1025).code);
    assert_int_equal(403, say(&r, GET, say_forbidden).code);
}

static void equal_bytes_have_equal_tags(void **state)
{
    struct resource r = make(2000);
    const struct heard one = say(&r, GET, say_text);
    const struct heard same = say(&r, GET, say_text);
    const struct heard other = say(&r, GET, say_1025);

    (void)state;
    assert_memory_equal(one.answer.etag, same.answer.etag, RESOURCE_ETAG);
    assert_memory_not_equal(one.answer.etag, other.answer.etag, RESOURCE_ETAG);
}

static void get_without_an_answer_is_an_error_of_ours(void **state)
{
    struct resource r = make(2000);

    (void)state;
    assert_int_equal(500, say(&r, GET, NULL).code);
    assert_int_equal(500, say(&r, GET, say_valid).code);
    assert_int_equal(500, say(&r, GET, say_2001).code);
    assert_int_equal(500, say(&r, GET, say_long_text).code);
}

static void changes_have_their_codes(void **state)
{
    static const struct {
        uint8_t method;
        void (*what)(serve_call *call);
        int code;
        bool changed;
    } cases[] = {
        { PUT, NULL, 204, true },
        { POST, NULL, 204, true },
        { DELETE, NULL, 202, true },
        { PUT, say_text, 204, true },
        { PUT, say_forbidden, 403, false },
        { POST, say_1025, 500, false },
        { POST, say_body_back, 204, true },
        { PATCH, NULL, 204, true },
        { IPATCH, say_text, 204, true },
        { PATCH, say_forbidden, 403, false },
        { IPATCH, say_1025, 500, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct resource r = make(2000);
        const struct heard h = say(&r, cases[i].method, cases[i].what);
        assert_int_equal(cases[i].code, h.code);
        assert_true((h.answer.changed != NULL) == cases[i].changed);
    }
}

/* RFC 8132 Section 2: safe, and with a representation. */
static void fetch_reads(void **state)
{
    static const struct {
        void (*what)(serve_call *call);
        int code;
    } cases[] = {
        { say_body_back, 205 }, { say_text, 205 },  { NULL, 500 },
        { say_forbidden, 403 }, { say_valid, 500 }, { say_1025, 500 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct resource r = make(2000);
        const struct heard h = say(&r, FETCH, cases[i].what);
        assert_int_equal(cases[i].code, h.code);
        assert_null(h.answer.changed);
        assert_null(h.answer.observed);
    }
}

/* The resource is text; what asks for a part of it, or changes one, is not. */
static void formats_of_rfc_8132_are_not_the_resource_s(void **state)
{
    static const struct {
        uint8_t method;
        uint16_t option;
        int code;
    } cases[] = {
        { FETCH, COVEY_OPTION_CONTENT_FORMAT, 205 },
        { PATCH, COVEY_OPTION_CONTENT_FORMAT, 204 },
        { IPATCH, COVEY_OPTION_CONTENT_FORMAT, 204 },
        { PUT, COVEY_OPTION_CONTENT_FORMAT, 415 },
        { FETCH, COVEY_OPTION_ACCEPT, 406 },
        { PATCH, COVEY_OPTION_ACCEPT, 204 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct resource r = make(2000);
        struct resources all = { .rows = &r, .count = 1 };
        const struct ask a = { .code = cases[i].method,
                               .path = "p",
                               .options = { { cases[i].option, "3c" } } };
        wanted.what = say_text;
        assert_int_equal(cases[i].code, ask(&all, &a).code);
    }
}

static void reply_of_post_is_its_body(void **state)
{
    struct resource r = make(2000);
    const struct heard h = say(&r, POST, say_body_back);

    (void)state;
    CHECK_BODY("body", h);
}

static void body_that_is_too_long_reaches_nobody(void **state)
{
    struct resource r = make(3);

    (void)state;
    wanted.calls = 0;
    assert_int_equal(413, say(&r, PUT, NULL).code);
    assert_int_equal(0, wanted.calls);
}

/* The second block of an answer to POST must not be a second POST. */
static void further_blocks_are_no_further_calls(void **state)
{
    struct resource r = make(2000);
    struct resources all = { .rows = &r, .count = 1 };
    const struct ask a = { .code = POST,
                           .path = "p",
                           .options = { { COVEY_OPTION_BLOCK2, "10" } } };

    (void)state;
    wanted.calls = 0;
    assert_int_equal(400, ask(&all, &a).code);
    assert_int_equal(0, wanted.calls);
}

static void observers_are_told_without_a_request(void **state)
{
    struct resource r = make(2000);
    struct resource_answer answer;

    (void)state;
    wanted.what = say_text;
    resource_represent(&r, ask_now, &answer);
    assert_int_equal(COVEY_COAP_CODE(2, 5), answer.code);
    assert_int_equal(10, answer.body.size);
    resource_end(&answer);
}

/* --- later --------------------------------------------------------------- */

/* As the server's: what is asked for a place to wait. */
struct places {
    uint64_t name;
    unsigned asked;
};

static uint64_t find_place(void *user)
{
    struct places *p = user;

    p->asked++;
    return p->name;
}

static uint64_t told; /* the handler */

static void say_later(serve_call *call)
{
    told = serve_later(call);
}

static void say_later_or_text(serve_call *call)
{
    say_later(call);
    if (told == 0) {
        say_text(call);
    }
}

/* Asks the program itself; NULL: there is nowhere to wait. */
static struct resource_answer say_at(struct resource *r, uint8_t code,
                                     void (*what)(serve_call *call),
                                     struct places *places)
{
    static const uint8_t path[] = { 0xb1, 'p' };
    const covey_coap_message m = { .code = code,
                                   .options = { path, sizeof path } };
    const struct resource_request rq = { .message = &m,
                                         .find_place = places != NULL
                                                           ? find_place
                                                           : NULL,
                                         .user = places };
    struct resources all = { .rows = r, .count = 1 };
    struct resource_answer a;

    wanted.what = what;
    resources_answer(&all, &rq, &a);
    resource_end(&a);
    return a;
}

static void answer_may_come_later(void **state)
{
    static const uint8_t methods[] = { GET,   PUT,   POST,  DELETE,
                                       FETCH, PATCH, IPATCH };
    struct resource r = make(2000);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        struct places places = { .name = 77 };
        const struct resource_answer a =
            say_at(&r, methods[i], say_later, &places);
        assert_int_equal(77, told);
        assert_int_equal(1, places.asked);
        assert_ptr_equal(&r, a.later);
        assert_int_equal(0, a.wait);
        assert_null(a.changed);
    }
}

static void who_finds_no_place_says_so_or_something_else(void **state)
{
    struct places full = { .name = 0 };
    struct resource r = make(2000);
    struct resource_answer a = say_at(&r, PUT, say_later, &full);

    (void)state;
    /* The server knows why, and what to say. */
    assert_ptr_equal(&r, a.later);
    assert_null(a.changed);
    assert_int_equal(0, told);
    a = say_at(&r, GET, say_later_or_text, &full);
    assert_null(a.later);
    assert_int_equal(COVEY_COAP_CODE(2, 5), a.code);
}

static void what_has_waited_is_answered_now(void **state)
{
    struct resource r = make(2000);
    struct resource_answer a = say_at(&r, GET, say_later, NULL);

    (void)state;
    assert_null(a.later);
    assert_int_equal(COVEY_COAP_CODE(5, 3), a.code);
    assert_int_equal(0, told);
    a = say_at(&r, GET, say_later_or_text, NULL);
    assert_int_equal(COVEY_COAP_CODE(2, 5), a.code);
    /* Observers are told at once. */
    resource_represent(&r, ask_now, &a);
    assert_int_equal(COVEY_COAP_CODE(2, 5), a.code);
}

/* --- serve_open ---------------------------------------------------------- */

static void wrong_resources_are_refused(void **state)
{
    static const struct {
        const char *host;
        serve_resource rows[2];
    } cases[] = {
        { "localhost", { { .path = "/a" } } },
        { NULL, { { .path = NULL } } },
        { NULL, { { .path = "a" } } },
        { NULL, { { .path = "/" } } },
        { NULL, { { .path = "/a?b" } } },
        { NULL, { { .path = "/a" }, { .path = "/%61" } } },
        { NULL, { { .path = "/a", .length = SERVE_BODY_MAX + 1 } } },
    };
    FILE *nowhere = fopen("/dev/null", "w");
    const log_sink log = { .out = nowhere };
    covey_crypto crypto;
    loop *l = loop_new();

    (void)state;
    CHECK_STATUS(COVEY_OK, covey_openssl_open(&crypto));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const serve_options o = {
            .host = cases[i].host,
            .resources = cases[i].rows,
            .count = cases[i].rows[1].path != NULL ? 2 : 1,
            .log = &log,
            .crypto = &crypto,
        };
        assert_null(serve_open(l, &o));
    }
    loop_free(l);
    covey_openssl_close(&crypto);
    fclose(nowhere);
}

static void server_stands_on_free_ports(void **state)
{
    const serve_resource rows[] = { { .path = "/a", .observable = true } };
    FILE *nowhere = fopen("/dev/null", "w");
    const log_sink log = { .out = nowhere };
    covey_crypto crypto;
    loop *l = loop_new();

    (void)state;
    CHECK_STATUS(COVEY_OK, covey_openssl_open(&crypto));
    const serve_options o = {
        .resources = rows, .count = 1, .log = &log, .crypto = &crypto
    };
    serve *s = serve_open(l, &o);
    assert_non_null(s);
    assert_true(serve_changed(s, "/a"));
    assert_false(serve_changed(s, "/b"));
    assert_false(serve_answer(s, 0, obey, NULL));
    assert_false(serve_answer(s, 1, obey, NULL));
    serve_close(s);
    serve_close(NULL);
    loop_free(l);
    covey_openssl_close(&crypto);
    fclose(nowhere);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(get_is_what_the_program_says),
        cmocka_unit_test(equal_bytes_have_equal_tags),
        cmocka_unit_test(get_without_an_answer_is_an_error_of_ours),
        cmocka_unit_test(changes_have_their_codes),
        cmocka_unit_test(fetch_reads),
        cmocka_unit_test(formats_of_rfc_8132_are_not_the_resource_s),
        cmocka_unit_test(reply_of_post_is_its_body),
        cmocka_unit_test(body_that_is_too_long_reaches_nobody),
        cmocka_unit_test(further_blocks_are_no_further_calls),
        cmocka_unit_test(observers_are_told_without_a_request),
        cmocka_unit_test(answer_may_come_later),
        cmocka_unit_test(who_finds_no_place_says_so_or_something_else),
        cmocka_unit_test(what_has_waited_is_answered_now),
        cmocka_unit_test(wrong_resources_are_refused),
        cmocka_unit_test(server_stands_on_free_ports),
    };

    return KIT_RUN(tests);
}
