/* SPDX-License-Identifier: BSD-2-Clause */
/* The examples of draft-ietf-schc-8824-update-09 from the CoAP message to the
 * bits on the link and back, each intermediate value exact. The ciphertexts
 * that the draft prints are no output of an AEAD, so the provider here gives
 * them out for the plaintext that they stand for, and takes no other. */
#include "join.h"

#include "fake.h"

/* The file whose figures are meant. */
static struct vectors v;

struct printed {
    struct fake fake; /* keys, and whatever else a context asks for */
    struct octets plaintext;
    struct octets ciphertext;
};

static covey_status printed_seal(void *provider, covey_key *key,
                                 covey_bytes nonce, covey_bytes aad,
                                 covey_bytes plaintext, covey_writer *out)
{
    const struct printed *p = provider;

    (void)key, (void)nonce, (void)aad;
    CHECK_SPAN(octets_span(&p->plaintext), plaintext);
    covey_write_bytes(out, octets_span(&p->ciphertext));
    return COVEY_OK;
}

static covey_status printed_open(void *provider, covey_key *key,
                                 covey_bytes nonce, covey_bytes aad,
                                 covey_bytes sealed, covey_writer *out)
{
    const struct printed *p = provider;

    (void)key, (void)nonce, (void)aad;
    CHECK_SPAN(octets_span(&p->ciphertext), sealed);
    covey_write_bytes(out, octets_span(&p->plaintext));
    return COVEY_OK;
}

static void printed_init(struct printed *p)
{
    fake_open(&p->fake);
    p->fake.crypto.seal = printed_seal;
    p->fake.crypto.open = printed_open;
}

/* The inner figure says what is encrypted, and what comes of it. */
static void expect(struct printed *p, const char *figure)
{
    p->plaintext.len = kit_hex(vectors_hex(&v, figure, "schc_packet_hex"),
                               p->plaintext.bytes, JOIN_MAX)
                           .len;
    p->ciphertext.len =
        kit_hex(vectors_oscore(&v, figure, "ciphertext_and_tag"),
                p->ciphertext.bytes, JOIN_MAX)
            .len;
}

/* The figures of one message: as the application has it, what is inside, and
 * what the link carries. */
struct figures {
    const char *plain;
    const char *inner;
    const char *outer;
};

static void check_out(struct printed *p, struct end *from,
                      covey_schc_direction way, const struct figures *f,
                      struct steps *s)
{
    kit_case(f->outer);
    expect(p, f->inner);
    join_send(from, way, vectors_hex(&v, f->plain, "packet_hex"), s);
    CHECK_HEX(vectors_hex(&v, f->inner, "packet_hex"),
              octets_span(&s->plaintext));
    CHECK_HEX(vectors_hex(&v, f->inner, "schc_packet_hex"),
              octets_span(&s->inner));
    CHECK_HEX(vectors_hex(&v, f->outer, "packet_hex"),
              octets_span(&s->sealed));
    CHECK_HEX(vectors_hex(&v, f->outer, "schc_packet_hex"),
              octets_span(&s->frame));
}

static void check_in(struct end *to, covey_schc_direction way,
                     const struct figures *f, struct steps *s)
{
    struct arrival a;

    kit_case(f->outer);
    memset(&s->plaintext, 0, sizeof s->plaintext);
    memset(&s->message, 0, sizeof s->message);
    a = join_receive(to, way, s);
    assert_int_equal(a.stop, DELIVERED);
    CHECK_HEX(vectors_hex(&v, f->outer, "packet_hex"),
              octets_span(&s->sealed));
    CHECK_HEX(vectors_hex(&v, f->inner, "packet_hex"),
              octets_span(&s->plaintext));
    /* Only the code differs from what the application has sent: the outer one
     * is gone. */
    CHECK_HEX(vectors_hex(&v, f->plain, "packet_hex"),
              octets_span(&s->message));
    kit_case(NULL);
}

static void end_to_end(void **state)
{
    static const struct figures get = { "8824u-fig16-plain-get",
                                        "8824u-fig10-inner-get",
                                        "8824u-fig14-outer-get" };
    static const struct figures content = { "8824u-fig17-plain-content",
                                            "8824u-fig11-inner-content",
                                            "8824u-fig15-outer-content" };
    static struct printed provider;
    static struct steps s;
    struct join_pair p;

    (void)state;
    vectors_open(&v, SECTION_8);
    printed_init(&provider);
    join_open(&p, &provider.fake.crypto, &v, SPAN("client"));
    check_out(&provider, &p.near, COVEY_SCHC_UP, &get, &s);
    check_in(&p.far, COVEY_SCHC_UP, &get, &s);
    check_out(&provider, &p.far, COVEY_SCHC_DOWN, &content, &s);
    check_in(&p.near, COVEY_SCHC_DOWN, &content, &s);
    join_close(&p);
    vectors_close(&v);
}

/* The proxy has the outer rules of both links, and no key. */
static void hop(const covey_schc_context *rules, covey_schc_direction way,
                uint16_t message_id, covey_bytes token, const char *outer,
                struct octets *frame)
{
    struct octets in;
    struct octets out;

    kit_case(outer);
    CHECK_STATUS(COVEY_OK, expand(rules, way, octets_span(frame), &in));
    forward(&in, message_id, token, &out);
    CHECK_HEX(vectors_hex(&v, outer, "packet_hex"), octets_span(&out));
    CHECK_STATUS(COVEY_OK, squeeze(rules, way, octets_span(&out), frame));
    CHECK_HEX(vectors_hex(&v, outer, "schc_packet_hex"), octets_span(frame));
}

static void through_a_proxy(void **state)
{
    static const struct figures get = { "8824u-fig20-proxy-get-dev-to-proxy",
                                        "8824u-fig26-inner-get",
                                        "8824u-fig29-outer-get-dev-to-proxy" };
    static const struct figures heard = {
        "8824u-fig22-proxy-get-proxy-to-server", "8824u-fig26-inner-get",
        "8824u-fig31-outer-get-proxy-to-server"
    };
    static const struct figures content = {
        "8824u-fig23-proxy-content-server-to-proxy",
        "8824u-fig27-inner-content",
        "8824u-fig33-outer-content-server-to-proxy"
    };
    static const struct figures answer = {
        "8824u-fig25-proxy-content-proxy-to-dev", "8824u-fig27-inner-content",
        "8824u-fig35-outer-content-proxy-to-dev"
    };
    static struct printed provider;
    static struct steps s;
    struct join_pair p;

    (void)state;
    vectors_open(&v, SECTION_10);
    printed_init(&provider);
    join_open(&p, &provider.fake.crypto, &v, SPAN("\x00\x05"));
    check_out(&provider, &p.near, COVEY_SCHC_UP, &get, &s);
    hop(&p.near.outer, COVEY_SCHC_UP, 0x0004, SPAN("\x75"), heard.outer,
        &s.frame);
    check_in(&p.far, COVEY_SCHC_UP, &heard, &s);
    check_out(&provider, &p.far, COVEY_SCHC_DOWN, &content, &s);
    hop(&p.near.outer, COVEY_SCHC_DOWN, 0x0001, SPAN("\x82"), answer.outer,
        &s.frame);
    check_in(&p.near, COVEY_SCHC_DOWN, &answer, &s);
    join_close(&p);
    vectors_close(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(end_to_end),
        cmocka_unit_test(through_a_proxy),
    };

    return KIT_RUN(tests);
}
