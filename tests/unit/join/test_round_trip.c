/* SPDX-License-Identifier: BSD-2-Clause */
/* The same ways with real keys: what the application sent comes out at the
 * other end, through the link alone and through a proxy without keys. */
#include "join.h"

#include <crypto/openssl/openssl.h>

#define GET "41010001 82 bb74656d7065726174757265"
#define PROXY_GET                                                             \
    "41010001 82 3b6578616d706c652e636f6d "                                   \
    "8b74656d7065726174757265 d40f636f6170"
/* The same behind the proxy. */
#define SERVER_GET                                                            \
    "41010004 75 3b6578616d706c652e636f6d "                                   \
    "8b74656d7065726174757265"

/* Responses that the rules know; the first two are those of the draft. */
static const struct {
    const char *why;
    const char *message; /* Message ID 0001, Token 82 */
    size_t inner;        /* bytes after inner compression, Section 8 */
} answers[] = {
    { "2.05 with the draft's payload", "61450001 82 ff 32332043", 6 },
    { "2.05 with nothing", "61450001 82", 2 },
    { "4.04 with nothing", "61840001 82", 2 },
    { "4.04 with one byte", "61840001 82 ff 00", 3 },
    { "a payload of zeros", "61450001 82 ff 0000000000000000", 10 },
    { "a payload like a marker", "61450001 82 ff ffff", 4 },
};

static struct steps s;

static void delivered(struct end *to, covey_schc_direction way,
                      const char *message)
{
    struct arrival a;

    memset(&s.message, 0, sizeof s.message);
    a = join_receive(to, way, &s);
    assert_int_equal(a.stop, DELIVERED);
    CHECK_HEX(message, octets_span(&s.message));
}

static void comes_back(void **state)
{
    struct join_pair p;
    struct vectors v;
    covey_crypto crypto;

    (void)state;
    vectors_open(&v, SECTION_8);
    CHECK_STATUS(COVEY_OK, covey_openssl_open(&crypto));
    join_open(&p, &crypto, &v, SPAN("client"));
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        kit_case(answers[i].why);
        join_send(&p.near, COVEY_SCHC_UP, GET, &s);
        /* RuleID, 19 bits and 9 bytes: 24 bytes without SCHC. */
        assert_int_equal(s.frame.len, 13);
        delivered(&p.far, COVEY_SCHC_UP, GET);
        join_send(&p.far, COVEY_SCHC_DOWN, answers[i].message, &s);
        assert_int_equal(s.inner.len, answers[i].inner);
        /* RuleID and 7 bits, then ciphertext and tag. */
        assert_int_equal(s.frame.len, 2 + answers[i].inner + 8);
        delivered(&p.near, COVEY_SCHC_DOWN, answers[i].message);
    }
    kit_case(NULL);
    join_close(&p);
    covey_openssl_close(&crypto);
    vectors_close(&v);
}

/* Decompresses with the rules of one link, forwards, compresses with those of
 * the other. */
static void hop(const covey_schc_context *rules, covey_schc_direction way,
                uint16_t message_id, covey_bytes token)
{
    struct octets in;
    struct octets out;

    CHECK_STATUS(COVEY_OK, expand(rules, way, octets_span(&s.frame), &in));
    forward(&in, message_id, token, &out);
    CHECK_STATUS(COVEY_OK, squeeze(rules, way, octets_span(&out), &s.frame));
}

static void comes_back_through_a_proxy(void **state)
{
    struct join_pair p;
    struct vectors v;
    covey_crypto crypto;

    (void)state;
    vectors_open(&v, SECTION_10);
    CHECK_STATUS(COVEY_OK, covey_openssl_open(&crypto));
    join_open(&p, &crypto, &v, SPAN("\x00\x05"));
    for (unsigned i = 0; i < 8; i++) {
        join_send(&p.near, COVEY_SCHC_UP, PROXY_GET, &s);
        assert_int_equal(s.frame.len, 25);
        hop(&p.near.outer, COVEY_SCHC_UP, 0x0004, SPAN("\x75"));
        assert_int_equal(s.frame.len, 25);
        delivered(&p.far, COVEY_SCHC_UP, SERVER_GET);
        join_send(&p.far, COVEY_SCHC_DOWN, "61450004 75 ff 32332043", &s);
        assert_int_equal(s.frame.len, 16);
        hop(&p.near.outer, COVEY_SCHC_DOWN, 0x0001, SPAN("\x82"));
        assert_int_equal(s.frame.len, 16);
        delivered(&p.near, COVEY_SCHC_DOWN, "61450001 82 ff 32332043");
    }
    join_close(&p);
    covey_openssl_close(&crypto);
    vectors_close(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back),
        cmocka_unit_test(comes_back_through_a_proxy),
    };

    return KIT_RUN(tests);
}
