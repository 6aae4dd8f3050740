/* SPDX-License-Identifier: BSD-2-Clause */
#include "compose.h"

static covey_coap_message reparse(covey_writer *w, covey_coap_composer *c)
{
    covey_coap_message m;

    CHECK_STATUS(COVEY_OK, covey_coap_finish(c));
    CHECK_STATUS(COVEY_OK, covey_coap_parse_inner(&m, covey_written(w)));
    return m;
}

static void check_options(const covey_coap_message *m,
                          const struct option *expected)
{
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_coap_option o;

    for (; covey_coap_option_next(&it, &o); expected++) {
        assert_int_equal(expected->number, o.number);
        covey_bytes v = covey_bytes_text(expected->text);
        v.len = expected->len > 0 ? expected->len : v.len;
        CHECK_SPAN(v, o.value);
    }
    assert_int_equal(expected->number, 0);
    CHECK_SPAN(SPAN("payload"), m->payload);
}

static void onward_how(const struct option *in, covey_proxy_onward how,
                       const struct option *out)
{
    uint8_t storage[512];
    uint8_t list[512];
    uint8_t host[COVEY_PROXY_HOST_MAX];
    covey_writer hw = covey_writer_of(host, sizeof host);
    covey_writer w = covey_writer_of(list, sizeof list);
    covey_coap_composer c = covey_coap_compose_inner(&w, 5);
    const covey_coap_message m = compose(storage, sizeof storage, 5, in);
    covey_proxy_target t;

    CHECK_STATUS(COVEY_OK, covey_proxy_target_read(&t, &m, &hw));
    how.target = &t;
    covey_proxy_put_request(&c, &m, &how);
    const covey_coap_message got = reparse(&w, &c);
    assert_int_equal(got.code, 5);
    check_options(&got, out);
}

static void onward(const struct option *in, uint8_t hops,
                   const struct option *out)
{
    const covey_proxy_onward how = { .hop_limit = hops };

    onward_how(in, how, out);
}

/* REQ-CHAIN-01: the next proxy reads what this one has read. */
static void leaves_the_target_to_the_next_proxy(void **state)
{
    const covey_proxy_wait seed = { COVEY_PROXY_SEED, 7 };
    const covey_proxy_wait wg = { COVEY_PROXY_07, 0 };
    const covey_proxy_wait none = { COVEY_PROXY_NONE, 0 };

    (void)state;
    kit_case("Proxy-Uri, the seed's option, Hop-Limit");
    onward_how((struct option[]){ { 14, "x", 0 },
                                  { 35, "coap://Lamp/a?b", 0 },
                                  { 65002, "\x3c", 0 },
                                  { 0 } },
               (covey_proxy_onward){ .hop_limit = 9, .chain = &seed },
               (struct option[]){ { 16, "\x09", 0 },
                                  { 35, "coap://Lamp/a?b", 0 },
                                  { 65002, "\7", 0 },
                                  { 0 } });
    kit_case("Proxy-Scheme with Uri-*, and nothing wanted");
    onward_how((struct option[]){ { 2, "\x3c", 0 },
                                  { 3, "lamp", 0 },
                                  { 7, "\x16\x35", 0 },
                                  { 11, "p", 0 },
                                  { 39, "coap", 0 },
                                  { 0 } },
               (covey_proxy_onward){ .chain = &wg },
               (struct option[]){ { 2, "", 0 },
                                  { 3, "lamp", 0 },
                                  { 7, "\x16\x35", 0 },
                                  { 11, "p", 0 },
                                  { 39, "coap", 0 },
                                  { 0 } });
    kit_case("a CRI to one server");
    onward_how((struct option[]){ { 235, "\x82\x20\x81\x61g", 0 }, { 0 } },
               (covey_proxy_onward){ .chain = &none },
               (struct option[]){ { 235, "\x82\x20\x81\x61g", 0 }, { 0 } });
    kit_case(NULL);
}

/* REQ-P-06, REQ-P-25, REQ-SEC-05, REQ-P-27. */
static void sends_on_what_was_asked(void **state)
{
    (void)state;
    kit_case("Proxy-Uri becomes Uri-*, timeouts and proxy options stay here");
    onward((struct option[]){ { 2, "\3", 0 },
                              { 35, "coap://224.0.1.187/a%2Fb/c?d=e&f", 0 },
                              { 0 } },
           0,
           (struct option[]){ { 11, "a/b", 0 },
                              { 11, "c", 0 },
                              { 15, "d=e", 0 },
                              { 15, "f", 0 },
                              { 0 } });
    kit_case("the name goes on, the literal does not");
    onward((struct option[]){ { 35, "coap://Lamp/", 0 }, { 0 } }, 0,
           (struct option[]){ { 3, "lamp", 0 }, { 0 } });
    kit_case("Proxy-Scheme: path and query pass");
    onward((struct option[]){ { 3, "224.0.1.187", 0 },
                              { 7, "\x16\x35", 0 },
                              { 11, "p", 0 },
                              { 15, "q", 0 },
                              { 39, "coap", 0 },
                              { 65002, "\5", 0 },
                              { 0 } },
           0, (struct option[]){ { 11, "p", 0 }, { 15, "q", 0 }, { 0 } });
    kit_case("safe options pass, known or not; OSCORE is one of them");
    onward((struct option[]){ { 9, "\x09\1k", 0 },
                              { 35, "coap://192.0.2.1/", 0 },
                              { 252, "echo", 0 },
                              { 9997, "x", 0 },
                              { 0 } },
           0,
           (struct option[]){ { 9, "\x09\1k", 0 },
                              { 252, "echo", 0 },
                              { 9997, "x", 0 },
                              { 0 } });
    kit_case("blocks of streams become those of datagrams");
    onward(
        (struct option[]){ { 23, "\x1f", 0 },
                           { 27, "\x12\x37", 0 },
                           { 35, "coap://192.0.2.1/", 0 },
                           { 0 } },
        0,
        (struct option[]){ { 23, "\x1e", 0 }, { 27, "\x12\x36", 0 }, { 0 } });
    kit_case("other blocks stay, and a first one without bytes");
    onward((struct option[]){ { 23, "", 0 },
                              { 27, "\x0b", 0 },
                              { 35, "coap://192.0.2.1/", 0 },
                              { 0 } },
           0, (struct option[]){ { 23, "", 0 }, { 27, "\x0b", 0 }, { 0 } });
    kit_case("Hop-Limit is replaced, Observe passes");
    onward((struct option[]){ { 6, "", 0 },
                              { 14, "x", 0 },
                              { 16, "\x10", 0 },
                              { 17, "2", 0 },
                              { 35, "coap://192.0.2.1/x?y", 0 },
                              { 0 } },
           15,
           (struct option[]){ { 6, "", 0 },
                              { 11, "x", 0 },
                              { 15, "y", 0 },
                              { 16, "\x0f", 0 },
                              { 17, "2", 0 },
                              { 0 } });
    kit_case(NULL);
}

static void fails_for_segments_that_no_option_holds(void **state)
{
    static char uri[320] = "coap://192.0.2.1/";
    uint8_t storage[512];
    uint8_t list[512];
    uint8_t host[COVEY_PROXY_HOST_MAX];
    covey_writer hw = covey_writer_of(host, sizeof host);
    covey_writer w = covey_writer_of(list, sizeof list);
    covey_coap_composer c = covey_coap_compose_inner(&w, 5);
    covey_proxy_target t;

    (void)state;
    memset(uri + 17, 'x', 256);
    const covey_coap_message m =
        compose(storage, sizeof storage, 5,
                (struct option[]){ { 35, uri, 17 + 256 }, { 0 } });
    CHECK_STATUS(COVEY_OK, covey_proxy_target_read(&t, &m, &hw));
    const covey_proxy_onward how = { .target = &t };
    covey_proxy_put_request(&c, &m, &how);
    CHECK_STATUS(COVEY_E_ROOM, covey_coap_finish(&c));
}

/* REQ-P-05. */
static void screens_unsafe_options(void **state)
{
    static const struct {
        const char *why;
        struct option list[3];
        uint8_t request;
        uint8_t response;
    } cases[] = {
        { "none", { { 0 } }, 0, 0 },
        { "unknown and unsafe", { { 9998, "x", 0 }, { 0 } }, 0x82, 0xa2 },
        { "critical and unsafe", { { 9999, "x", 0 }, { 0 } }, 0x82, 0xa2 },
        { "critical and safe", { { 9997, "x", 0 }, { 0 } }, 0, 0 },
        { "Q-Block1", { { 19, "x", 0 }, { 0 } }, 0x82, 0xa2 },
        { "Q-Block2", { { 31, "x", 0 }, { 0 } }, 0x82, 0xa2 },
        { "Proxy-Cri", { { 235, "x", 0 }, { 0 } }, 0, 0xa2 },
        { "Listen-To-Multicast", { { 47, "x", 0 }, { 0 } }, 0x82, 0xa2 },
        { "Max-Age (aiocoap)", { { 14, "x", 0 }, { 0 } }, 0, 0 },
        { "Observe", { { 6, "", 0 }, { 0 } }, 0, 0 },
        { "long Observe", { { 6, "1234", 0 }, { 0 } }, 0x82, 0xa2 },
        { "Proxy-Uri twice", { { 35, "a", 0 }, { 35, "a", 0 } }, 0x82, 0xa2 },
        { "Uri-Port of three bytes", { { 7, "123", 0 }, { 0 } }, 0x82, 0xa2 },
        { "No-Response", { { 258, "x", 0 }, { 0 } }, 0, 0xa2 },
    };
    uint8_t storage[64];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const covey_coap_message m =
            compose(storage, sizeof storage, 1, cases[i].list);
        kit_case(cases[i].why);
        assert_int_equal(cases[i].request, covey_proxy_screen_request(&m));
        assert_int_equal(cases[i].response, covey_proxy_screen_response(&m));
    }
    kit_case(NULL);
}

static void homeward(covey_proxy_profile profile, const struct option *in,
                     const struct option *out)
{
    uint8_t storage[512];
    uint8_t list[512];
    covey_writer w = covey_writer_of(list, sizeof list);
    covey_coap_composer c = covey_coap_compose_inner(&w, 0x45);
    const covey_coap_message m = compose(storage, sizeof storage, 0x45, in);
    covey_proxy_homeward how = { .profile = profile, .group_port = 5685 };

    how.origin.address.port = 5685;
    assert_true(covey_proxy_ip_get(SPAN("192.0.2.5"), &how.origin.address));
    covey_proxy_put_response(&c, &m, &how);
    const covey_coap_message got = reparse(&w, &c);
    check_options(&got, out);
}

/* REQ-P-08, REQ-P-22, REQ-P-23, REQ-OBS-01, REQ-CHAIN-02. */
static void tells_who_answered(void **state)
{
    static const char cri[] = "\x82\x20\x82\x44\xc0\0\2\5\x19\x16\x35";
    static const struct option plain[] = {
        { 6, "\1", 0 }, { 14, "\x3c", 0 }, { 252, "e", 0 }, { 0 }
    };

    (void)state;
    kit_case("07");
    homeward(COVEY_PROXY_07, plain,
             (struct option[]){ { 6, "\1", 0 },
                                { 14, "\x3c", 0 },
                                { 248, cri, sizeof cri - 1 },
                                { 252, "e", 0 },
                                { 0 } });
    kit_case("seed, the group's port left off");
    homeward(COVEY_PROXY_SEED, plain,
             (struct option[]){ { 6, "\1", 0 },
                                { 14, "\x3c", 0 },
                                { 252, "e", 0 },
                                { 65004, "coap://192.0.2.5", 0 },
                                { 0 } });
    kit_case("a server does not speak for the proxy");
    homeward(COVEY_PROXY_07,
             (struct option[]){ { 2, "\1", 0 },
                                { 248, "liesliesl", 0 },
                                { 65002, "\1", 0 },
                                { 65004, "coap://192.0.2.66", 0 },
                                { 0 } },
             (struct option[]){ { 248, cri, sizeof cri - 1 }, { 0 } });
    kit_case("unicast passes as it is");
    homeward(COVEY_PROXY_NONE,
             (struct option[]){ { 2, "", 0 }, { 248, "opaque", 0 }, { 0 } },
             (struct option[]){ { 2, "", 0 }, { 248, "opaque", 0 }, { 0 } });
    kit_case(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sends_on_what_was_asked),
        cmocka_unit_test(leaves_the_target_to_the_next_proxy),
        cmocka_unit_test(fails_for_segments_that_no_option_holds),
        cmocka_unit_test(screens_unsafe_options),
        cmocka_unit_test(tells_who_answered),
    };

    return KIT_RUN(tests);
}
