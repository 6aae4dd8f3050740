/* SPDX-License-Identifier: BSD-2-Clause */
/* Which option travels where: RFC 8613 Section 4.1, and seed 003 Appendix A
 * between client and proxy. */
#include "fixture.h"

#define GET  COVEY_COAP_CODE(0, 1)
#define PING COVEY_COAP_CODE(7, 2)

static void agrees_with_the_table_of_options(void **state)
{
    (void)state;
    for (uint32_t n = 0; n <= COVEY_COAP_OPTION_NUMBER_MAX; n++) {
        const covey_option_def *def = covey_option_find((uint16_t)n);
        bool outer = false;
        if (def != NULL) {
            outer = def->oscore_class == COVEY_CLASS_U;
        }
        assert_int_equal(covey_oscore_outer((uint16_t)n, GET), outer);
        /* Section 4.3: in signalling everything else is inner. */
        assert_int_equal(covey_oscore_outer((uint16_t)n, PING),
                         n == COVEY_OPTION_OSCORE);
    }
}

/* A message with one option of this number and two bytes of value. */
static covey_coap_message one_option(struct buffers *b, uint16_t number,
                                     uint8_t code)
{
    const covey_coap_message head = { .code = code, .token = SPAN("t") };
    covey_writer w = covey_writer_of(b->input, sizeof b->input);
    covey_coap_composer c = covey_coap_compose(&w, &head);
    covey_coap_message m;

    covey_coap_put_option(&c, number, SPAN("xy"));
    CHECK_STATUS(COVEY_OK, covey_coap_finish(&c));
    CHECK_STATUS(COVEY_OK, covey_coap_parse(&m, covey_written(&w)));
    return m;
}

static bool carries(const covey_coap_message *m, uint16_t number)
{
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_coap_option o;

    while (covey_coap_option_next(&it, &o)) {
        if (o.number == number) {
            return true;
        }
    }
    return false;
}

/* Inside, outside, and back, for every option of the table and some unknown
 * ones. */
static void check_travel(struct pair *p, uint16_t number)
{
    struct buffers *b = buffers_new();
    const covey_coap_message m = one_option(b, number, GET);
    const bool outer = covey_oscore_outer(number, GET);
    static struct wire w;
    uint8_t plain[64];
    covey_writer inner = covey_writer_of(plain, sizeof plain);
    covey_coap_message in;
    covey_oscore_exchange asked;
    covey_oscore_exchange heard;
    covey_oscore_received r;

    CHECK_STATUS(COVEY_OK, covey_oscore_compose(&inner, &m, &b->work));
    CHECK_STATUS(COVEY_OK, covey_coap_parse_inner(&in, covey_written(&inner)));
    assert_int_equal(carries(&in, number), !outer);
    CHECK_STATUS(COVEY_OK, covey_oscore_protect_request(&p->client, &asked, &m,
                                                        &b->work, &b->out));
    w.len = b->out.pos;
    memcpy(w.bytes, b->output, w.len);
    wire_parse(&w);
    assert_int_equal(carries(&w.m, number),
                     outer || number == COVEY_OPTION_OBSERVE);
    assert_int_equal(w.m.code, number == COVEY_OPTION_OBSERVE
                                   ? COVEY_COAP_CODE(0, 5)
                                   : COVEY_COAP_CODE(0, 2));
    assert_int_equal(take_request(b, &p->server, &heard, &w, &r),
                     COVEY_UNPROTECT_FRESH);
    CHECK_SPAN(covey_bytes_of(b->input, b->out.pos), covey_written(&b->out));
}

static void brings_every_option_back(void **state)
{
    size_t count;
    const covey_option_def *all = covey_option_all(&count);
    static const uint16_t unknown[] = { 0, 2, 999, 65000, 65001, 65535 };
    struct pair p;

    (void)state;
    pair_open(&p);
    for (size_t i = 0; i < count; i++) {
        /* Neither is a value of these: they are for tests of their own. */
        if (all[i].number != COVEY_OPTION_OSCORE &&
            all[i].number != COVEY_OPTION_PROXY_URI) {
            kit_case(all[i].name);
            check_travel(&p, all[i].number);
        }
    }
    kit_case("an option that nobody knows");
    for (size_t i = 0; i < COUNT_OF(unknown); i++) {
        check_travel(&p, unknown[i]);
    }
    kit_case(NULL);
    pair_close(&p);
}

static void splits_a_proxy_uri(void **state)
{
    static const struct {
        const char *why;
        const char *uri;
        const char *outer;
        const char *plaintext;
    } cases[] = {
        { "Section 4.1.3.3", "coap://example.com/resource?q=1",
          "coap://example.com", "01 b87265736f75726365 43713d31" },
        { "a port, no path", "coap://h:1234", "coap://h:1234", "01" },
        { "a query without path", "coap://h?a&b", "coap://h",
          "01 d10261 0162" },
        { "percent-encoding goes where the options are", "coap://h/%41%2f",
          "coap://h", "01 b2412f" },
    };
    struct pair p;

    (void)state;
    pair_open(&p);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffers *b = buffers_new();
        const covey_coap_message head = { .code = GET, .token = SPAN("") };
        covey_writer w = covey_writer_of(b->input, sizeof b->input);
        covey_coap_composer c = covey_coap_compose(&w, &head);
        covey_writer plain = covey_writer_of(b->scratch, sizeof b->scratch);
        covey_coap_message m;
        covey_coap_option o;
        covey_coap_option_iter it;
        covey_oscore_exchange x;

        kit_case(cases[i].why);
        covey_coap_put_option(&c, COVEY_OPTION_PROXY_URI,
                              covey_bytes_of((const uint8_t *)cases[i].uri,
                                             strlen(cases[i].uri)));
        CHECK_STATUS(COVEY_OK, covey_coap_finish(&c));
        CHECK_STATUS(COVEY_OK, covey_coap_parse(&m, covey_written(&w)));
        CHECK_STATUS(COVEY_OK, covey_oscore_compose(&plain, &m, &b->work));
        CHECK_HEX(cases[i].plaintext, covey_written(&plain));
        CHECK_STATUS(COVEY_OK, covey_oscore_protect_request(
                                   &p.client, &x, &m, &b->work, &b->out));
        CHECK_STATUS(COVEY_OK, covey_coap_parse(&m, covey_written(&b->out)));
        it = covey_coap_options_of(&m);
        assert_true(covey_coap_option_next(&it, &o));
        assert_int_equal(o.number, COVEY_OPTION_OSCORE);
        assert_true(covey_coap_option_next(&it, &o));
        assert_int_equal(o.number, COVEY_OPTION_PROXY_URI);
        CHECK_SPAN(covey_bytes_of((const uint8_t *)cases[i].outer,
                                  strlen(cases[i].outer)),
                   o.value);
        assert_false(covey_coap_option_next(&it, &o));
    }
    kit_case(NULL);
    pair_close(&p);
}

static void refuses_originals_that_it_cannot_split(void **state)
{
    static const struct {
        const char *why;
        const char *original;
        covey_status status;
    } cases[] = {
        { "an OSCORE option already there", "40010001 9100",
          COVEY_E_ARGUMENT },
        { "Proxy-Uri beside Uri-Path", "40010001 b161 d80b636f61703a2f2f68",
          COVEY_E_ARGUMENT },
        { "Proxy-Uri beside Uri-Query", "40010001 d10261 d807636f61703a2f2f68",
          COVEY_E_ARGUMENT },
        { "Proxy-Uri of another scheme", "40010001 d816687474703a2f2f68",
          COVEY_E_UNSUPPORTED },
        { "Proxy-Uri that is no URI", "40010001 d4166e6f7065",
          COVEY_E_FORMAT },
    };
    struct pair p;

    (void)state;
    pair_open(&p);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffers *b = buffers_new();
        const covey_coap_message m = buffers_message(b, cases[i].original);
        const covey_oscore_context before = p.client;
        covey_oscore_exchange x;

        kit_case(cases[i].why);
        CHECK_STATUS(cases[i].status,
                     covey_oscore_protect_request(&p.client, &x, &m, &b->work,
                                                  &b->out));
        assert_int_equal(b->out.pos, 0);
        assert_memory_equal(&p.client, &before, sizeof before);
    }
    kit_case(NULL);
    pair_close(&p);
}

/* Uri-Host, OSCORE with kid 05, Proxy-Uri: all inside, nothing split. */
static void hides_everything_from_the_way_to_a_proxy(void **state)
{
    static const char original[] =
        "40020001 3161 63090105 d80d636f61703a2f2f67 ff616263";
    struct buffers *b = buffers_new();
    covey_coap_message m = buffers_message(b, original);
    covey_oscore_exchange asked;
    covey_oscore_exchange heard;
    covey_oscore_received r;
    static struct wire w;
    struct pair p;

    (void)state;
    pair_open(&p);
    b->work.inner = covey_oscore_proxy_inner;
    b->work.inner_count = covey_oscore_proxy_inner_count;
    CHECK_STATUS(COVEY_OK, covey_oscore_protect_request(&p.client, &asked, &m,
                                                        &b->work, &b->out));
    w.len = b->out.pos;
    memcpy(w.bytes, b->output, w.len);
    wire_parse(&w);
    CHECK_HEX("920900", w.m.options);
    assert_int_equal(take_request(b, &p.server, &heard, &w, &r),
                     COVEY_UNPROTECT_FRESH);
    CHECK_HEX(original, covey_written(&b->out));
    pair_close(&p);
}

/* Puts options of the attacker in front of the OSCORE option of a message
 * with token-less header and OSCORE option 0900. */
static void inject(struct wire *w, const char *before, const char *after)
{
    uint8_t changed[MESSAGE_MAX];
    uint8_t storage[64];
    covey_writer out = covey_writer_of(changed, sizeof changed);

    covey_write_bytes(&out, covey_bytes_of(w->bytes, 4));
    covey_write_bytes(&out, kit_hex(before, storage, sizeof storage));
    covey_write_bytes(&out, kit_hex(after, storage, sizeof storage));
    covey_write_u8(&out, 0xff);
    covey_write_bytes(&out, w->m.payload);
    memcpy(w->bytes, changed, out.pos);
    w->len = out.pos;
    wire_parse(w);
}

static void believes_no_outer_option_that_belongs_inside(void **state)
{
    static const struct {
        const char *why;
        const char *before;
        const char *after;
        const char *original;
    } cases[] = {
        { "If-Match and ETag", "1161 3162", "520900", "40010001 b174" },
        { "Uri-Path", "920900", "2161", "40010001 b174" },
        { "Observe", "60", "320900", "40010001 b174" },
        { "Max-Age, Block2 and an unknown one", "920900", "51ff 91aa e10300aa",
          "40010001 b174" },
        { "Uri-Host is only outside, and stays", "3168", "620900",
          "40010001 3168 8174" },
    };
    struct pair p;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffers *b;
        covey_oscore_exchange asked;
        covey_oscore_exchange heard;
        covey_oscore_received r;
        static struct wire w;

        kit_case(cases[i].why);
        pair_open(&p); /* so that the Partial IV is 00 */
        send_request(&w, &p.client, &asked, "40010001 b174");
        inject(&w, cases[i].before, cases[i].after);
        b = buffers_new();
        assert_int_equal(take_request(b, &p.server, &heard, &w, &r),
                         COVEY_UNPROTECT_FRESH);
        CHECK_HEX(cases[i].original, covey_written(&b->out));
        pair_close(&p);
    }
    kit_case(NULL);
}

static void lets_the_inner_one_stand_for_both(void **state)
{
    struct buffers *b = buffers_new();
    covey_coap_message m = buffers_message(b, "40010001 3161");
    covey_oscore_exchange asked;
    covey_oscore_exchange heard;
    covey_oscore_received r;
    static struct wire w;
    struct pair p;

    (void)state;
    pair_open(&p);
    b->work.inner = covey_oscore_proxy_inner;
    b->work.inner_count = covey_oscore_proxy_inner_count;
    CHECK_STATUS(COVEY_OK, covey_oscore_protect_request(&p.client, &asked, &m,
                                                        &b->work, &b->out));
    w.len = b->out.pos;
    memcpy(w.bytes, b->output, w.len);
    wire_parse(&w);
    inject(&w, "3165", "620900");
    assert_int_equal(take_request(b, &p.server, &heard, &w, &r),
                     COVEY_UNPROTECT_FRESH);
    CHECK_HEX("40010001 3161", covey_written(&b->out));
    pair_close(&p);
}

/* Where a proxy's options belong inside, nobody on the way adds one. */
static void takes_nothing_for_a_proxy_from_outside(void **state)
{
    static const struct {
        const char *why;
        const char *before;
        const char *after;
    } cases[] = {
        { "Multicast-Timeout", "213c", "720900" },
        { "Uri-Host", "3168", "620900" },
        { "Uri-Port", "721633", "220900" },
        { "Proxy-Uri", "920900", "d10d68" },
        { "Proxy-Scheme", "920900", "d11168" },
        { "Proxy-Cri", "920900", "d1d580" },
        { "Proxy-Scheme-Number", "920900", "d0d9" },
        { "Reply-From", "920900", "d1e280" },
        { "Multicast-Signaling", "920900", "e1fcd414" },
    };
    struct pair p;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffers *b = buffers_new();
        covey_oscore_exchange asked;
        covey_oscore_exchange heard;
        covey_oscore_received r;
        static struct wire w;

        kit_case(cases[i].why);
        pair_open(&p);
        send_request(&w, &p.client, &asked, "40010001 b174");
        inject(&w, cases[i].before, cases[i].after);
        b->work.inner = covey_oscore_proxy_inner;
        b->work.inner_count = covey_oscore_proxy_inner_count;
        assert_int_equal(take_request(b, &p.server, &heard, &w, &r),
                         COVEY_UNPROTECT_FRESH);
        CHECK_HEX("40010001 b174", covey_written(&b->out));
        pair_close(&p);
    }
    kit_case(NULL);
}

static void keeps_a_stream_a_stream(void **state)
{
    static const char original[] = "\x41\x01t\xb1\x61\xff\x62";
    struct buffers *b = buffers_new();
    covey_coap_message m;
    covey_oscore_exchange asked;
    covey_oscore_exchange heard;
    covey_oscore_received r;
    static struct wire w;
    size_t used;
    struct pair p;

    (void)state;
    pair_open(&p);
    b->work.stream = true;
    CHECK_STATUS(COVEY_OK, covey_coap_parse_stream(&m, SPAN(original), &used));
    assert_int_equal(used, 7);
    CHECK_STATUS(COVEY_OK, covey_oscore_protect_request(&p.client, &asked, &m,
                                                        &b->work, &b->out));
    w.len = b->out.pos;
    memcpy(w.bytes, b->output, w.len);
    CHECK_STATUS(COVEY_OK, covey_coap_parse_stream(
                               &w.m, covey_bytes_of(w.bytes, w.len), &used));
    assert_int_equal(used, w.len);
    b->out.pos = 0;
    assert_int_equal(covey_oscore_unprotect_request(&p.server, &heard, &w.m,
                                                    &b->work, &b->out, &r),
                     COVEY_UNPROTECT_FRESH);
    CHECK_HEX("41 01 74 b161 ff62", covey_written(&b->out));
    pair_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_table_of_options),
        cmocka_unit_test(brings_every_option_back),
        cmocka_unit_test(splits_a_proxy_uri),
        cmocka_unit_test(refuses_originals_that_it_cannot_split),
        cmocka_unit_test(hides_everything_from_the_way_to_a_proxy),
        cmocka_unit_test(believes_no_outer_option_that_belongs_inside),
        cmocka_unit_test(lets_the_inner_one_stand_for_both),
        cmocka_unit_test(takes_nothing_for_a_proxy_from_outside),
        cmocka_unit_test(keeps_a_stream_a_stream),
    };

    return KIT_RUN(tests);
}
