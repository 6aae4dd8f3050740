/* SPDX-License-Identifier: BSD-2-Clause */
/* What may go wrong between the two halves: rules that the other end has not,
 * residues that no compressor makes, frames that were damaged on the way. What
 * was authentic has been received, even if nothing can be made of it (RFC 8613
 * Section 8.2); what was not leaves no trace. */
#include "join.h"

#include <crypto/openssl/openssl.h>

#define GET     "41010001 82 bb74656d7065726174757265"
#define CONTENT "61450001 82 ff 32332043"
/* To the proxy of Section 10, whose inner rule sends the code. */
#define PROXY_GET                                                             \
    "41010001 82 3b6578616d706c652e636f6d 8b74656d7065726174757265 "          \
    "d40f636f6170"

struct fixture {
    struct join_pair p;
    struct vectors v;
    covey_crypto crypto;
    struct steps s;
};

static struct fixture f;

static void fixture_open(bool proxy)
{
    memset(&f, 0, sizeof f);
    vectors_open(&f.v, proxy ? SECTION_10 : SECTION_8);
    CHECK_STATUS(COVEY_OK, covey_openssl_open(&f.crypto));
    join_open(&f.p, &f.crypto, &f.v,
              proxy ? SPAN("\x00\x05") : SPAN("client"));
}

static void fixture_close(void)
{
    join_close(&f.p);
    covey_openssl_close(&f.crypto);
    vectors_close(&f.v);
}

/* A peer with other rules, or with none, has encrypted these bytes. */
static struct arrival arrive(struct end *from, struct end *to,
                             covey_schc_direction way, const char *message,
                             const char *inner)
{
    uint8_t bytes[32];

    join_send_inner(from, way, message, kit_hex(inner, bytes, sizeof bytes),
                    &f.s);
    memset(&f.s.message, 0, sizeof f.s.message);
    return join_receive(to, way, &f.s);
}

static void refuses_requests_with_other_rules_inside(void **state)
{
    static const struct {
        const char *why;
        bool proxy;
        const char *inner;
        covey_status status;
    } cases[] = {
        { "no rule has this RuleID", false, "05", COVEY_E_NO_RULE },
        { "as it was composed: no rule 01", false,
          "01bb74656d7065726174757265", COVEY_E_NO_RULE },
        { "a rule of the link", true, "03", COVEY_E_NO_RULE },
        { "no residue of the code", true, "02", COVEY_E_SHORT },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arrival a;
        kit_case(cases[i].why);
        fixture_open(cases[i].proxy);
        a = arrive(&f.p.near, &f.p.far, COVEY_SCHC_UP,
                   cases[i].proxy ? PROXY_GET : GET, cases[i].inner);
        assert_int_equal(a.stop, AT_INNER);
        CHECK_STATUS(cases[i].status, a.status);
        assert_int_equal(f.s.message.len, 0);
        /* It has been received all the same. */
        a = join_receive(&f.p.far, COVEY_SCHC_UP, &f.s);
        assert_int_equal(a.stop, AT_OPEN);
        assert_int_equal(a.received.fault, COVEY_OSCORE_REPLAY);
        fixture_close();
    }
    kit_case(NULL);
}

/* The exchange stays open: the right response may still come. */
static void refuses_responses_with_other_rules_inside(void **state)
{
    static const struct {
        const char *why;
        const char *inner;
        covey_status status;
    } cases[] = {
        { "no rule has this RuleID", "05", COVEY_E_NO_RULE },
        { "a request as it is compressed: no residue", "00", COVEY_E_SHORT },
        { "as it was composed: no rule 45", "45ff32332043", COVEY_E_NO_RULE },
    };

    (void)state;
    fixture_open(false);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        covey_oscore_exchange before;
        struct arrival a;
        kit_case(cases[i].why);
        join_send(&f.p.near, COVEY_SCHC_UP, GET, &f.s);
        assert_int_equal(join_receive(&f.p.far, COVEY_SCHC_UP, &f.s).stop,
                         DELIVERED);
        before = f.p.near.exchange;
        a = arrive(&f.p.far, &f.p.near, COVEY_SCHC_DOWN, CONTENT,
                   cases[i].inner);
        assert_int_equal(a.stop, AT_INNER);
        CHECK_STATUS(cases[i].status, a.status);
        assert_int_equal(f.s.message.len, 0);
        assert_memory_equal(&before, &f.p.near.exchange, sizeof before);
    }
    kit_case(NULL);
    fixture_close();
}

/* An inner rule that lets any code through. */
static void refuses_codes_of_the_other_direction(void **state)
{
    static const covey_schc_field code = { .id = COVEY_SCHC_COAP_CODE,
                                           .position = 1,
                                           .direction =
                                               COVEY_SCHC_DI_BIDIRECTIONAL,
                                           .length = COVEY_SCHC_FL_FIXED,
                                           .bits = 8,
                                           .mo = COVEY_SCHC_MO_IGNORE,
                                           .cda = COVEY_SCHC_CDA_VALUE_SENT };
    covey_schc_rule rule = {
        .id = 0, .id_bits = 8, .field_count = 1, .fields = &code
    };
    const covey_schc_rules any = { .rules = &rule, .count = 1 };
    struct arrival a;

    (void)state;
    rule.layers = covey_schc_rule_layers(&rule);
    assert_int_equal(covey_schc_check(&any).fault, COVEY_SCHC_SOUND);
    fixture_open(false);
    f.p.near.inner.rules = &any;
    f.p.far.inner.rules = &any;
    a = arrive(&f.p.near, &f.p.far, COVEY_SCHC_UP, GET, "0045");
    assert_int_equal(a.stop, AT_ASSEMBLE);
    CHECK_STATUS(COVEY_E_FORMAT, a.status);
    a = arrive(&f.p.near, &f.p.far, COVEY_SCHC_UP, GET, "0001");
    assert_int_equal(a.stop, DELIVERED);
    CHECK_HEX("41010001 82", octets_span(&f.s.message));
    a = arrive(&f.p.far, &f.p.near, COVEY_SCHC_DOWN, CONTENT, "0001");
    assert_int_equal(a.stop, AT_ASSEMBLE);
    assert_int_equal(a.received.fault, COVEY_OSCORE_BAD_PLAINTEXT);
    fixture_close();
}

/* What the rules do not know never comes as far as a key. */
static void seals_nothing_that_no_inner_rule_fits(void **state)
{
    static const struct {
        const char *why;
        covey_schc_direction way;
        const char *message;
    } cases[] = {
        { "another path", COVEY_SCHC_UP, "41010001 82 b174" },
        { "a query too", COVEY_SCHC_UP,
          "41010001 82 bb74656d7065726174757265 4161" },
        { "another method", COVEY_SCHC_UP,
          "41030001 82 bb74656d7065726174757265" },
        { "another code", COVEY_SCHC_DOWN, "61a00001 82" },
        { "a Content-Format", COVEY_SCHC_DOWN, "61450001 82 c0 ff 32" },
    };

    (void)state;
    fixture_open(false);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const covey_oscore_work work = { .inner = NULL };
        covey_writer plain = covey_writer_of(f.s.plaintext.bytes, JOIN_MAX);
        covey_coap_message m;
        kit_case(cases[i].why);
        CHECK_STATUS(COVEY_OK, covey_coap_parse(&m, kit_hex(cases[i].message,
                                                            f.s.message.bytes,
                                                            JOIN_MAX)));
        CHECK_STATUS(COVEY_OK, covey_oscore_compose(&plain, &m, &work));
        CHECK_STATUS(COVEY_E_NO_RULE,
                     squeeze(&f.p.near.inner, cases[i].way,
                             covey_written(&plain), &f.s.inner));
        assert_int_equal(f.s.inner.len, 0);
    }
    kit_case(NULL);
    fixture_close();
}

/* Is it what was sent, but for the outer header, which nothing protects? */
static bool same_inside(const char *sent, const struct octets *got)
{
    uint8_t storage[64];
    covey_coap_message a;
    covey_coap_message b;

    CHECK_STATUS(COVEY_OK,
                 covey_coap_parse(&a, kit_hex(sent, storage, sizeof storage)));
    CHECK_STATUS(COVEY_OK, covey_coap_parse(&b, octets_span(got)));
    return a.code == b.code && covey_bytes_equal(a.options, b.options) &&
           covey_bytes_equal(a.payload, b.payload);
}

/* Every bit of the frame, one at a time; how many changes did no harm. */
static unsigned flip_all(struct end *to, covey_schc_direction way,
                         const char *sent)
{
    const struct octets frame = f.s.frame;
    const covey_oscore_context before = *to->context;
    const covey_oscore_exchange exchange = to->exchange;
    unsigned harmless = 0;

    for (size_t bit = 0; bit < frame.len * 8; bit++) {
        struct arrival a;
        f.s.frame = frame;
        f.s.frame.bytes[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
        a = join_receive(to, way, &f.s);
        if (a.stop == DELIVERED) {
            assert_true(same_inside(sent, &f.s.message));
            harmless++;
        } else {
            /* Nothing but the counter of forgeries. */
            to->context->forged = before.forged;
            assert_memory_equal(to->context, &before, sizeof before);
            assert_memory_equal(&to->exchange, &exchange, sizeof exchange);
        }
        *to->context = before;
        to->exchange = exchange;
    }
    f.s.frame = frame;
    return harmless;
}

static void finds_every_changed_bit(void **state)
{
    (void)state;
    fixture_open(false);
    join_send(&f.p.near, COVEY_SCHC_UP, GET, &f.s);
    /* Message ID 4, Token 3, and 5 bits of padding after 99. */
    assert_int_equal(flip_all(&f.p.far, COVEY_SCHC_UP, GET), 4 + 3 + 5);
    assert_int_equal(join_receive(&f.p.far, COVEY_SCHC_UP, &f.s).stop,
                     DELIVERED);
    join_send(&f.p.far, COVEY_SCHC_DOWN, CONTENT, &f.s);
    /* The same, and one bit after 127. */
    assert_int_equal(flip_all(&f.p.near, COVEY_SCHC_DOWN, CONTENT), 4 + 3 + 1);
    assert_int_equal(join_receive(&f.p.near, COVEY_SCHC_DOWN, &f.s).stop,
                     DELIVERED);
    fixture_close();
}

static void refuses_every_prefix(void **state)
{
    covey_oscore_context before;
    struct octets frame;

    (void)state;
    fixture_open(false);
    join_send(&f.p.near, COVEY_SCHC_UP, GET, &f.s);
    before = f.p.server;
    frame = f.s.frame;
    for (size_t len = 0; len < frame.len; len++) {
        f.s.frame = frame;
        f.s.frame.len = len;
        assert_int_not_equal(join_receive(&f.p.far, COVEY_SCHC_UP, &f.s).stop,
                             DELIVERED);
        f.p.server.forged = before.forged;
        assert_memory_equal(&before, &f.p.server, sizeof before);
    }
    fixture_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_requests_with_other_rules_inside),
        cmocka_unit_test(refuses_responses_with_other_rules_inside),
        cmocka_unit_test(refuses_codes_of_the_other_direction),
        cmocka_unit_test(seals_nothing_that_no_inner_rule_fits),
        cmocka_unit_test(finds_every_changed_bit),
        cmocka_unit_test(refuses_every_prefix),
    };

    return KIT_RUN(tests);
}
