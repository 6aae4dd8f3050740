/* SPDX-License-Identifier: BSD-2-Clause */
/* The provider fails at each of its calls: nothing but a number is lost, and
 * nothing is kept. */
#include "fake.h"

#define CALLS_MAX 16

static covey_oscore_parameters parameters(bool client)
{
    covey_oscore_parameters p = {
        .aead = COVEY_AES_CCM_16_64_128,
        .hkdf = COVEY_HMAC_256_256,
        .master_secret = SPAN("secret"),
        .sender_id = client ? SPAN("c") : SPAN("s"),
        .recipient_id = client ? SPAN("s") : SPAN("c"),
    };
    return p;
}

static void set_up(struct fake *f, covey_oscore_context *c, bool client)
{
    const covey_oscore_parameters p = parameters(client);
    const covey_oscore_start start = { .window_in_memory = true };
    covey_oscore_state next;

    CHECK_STATUS(COVEY_OK, covey_oscore_setup(c, &f->crypto, &p, &start));
    assert_true(covey_oscore_due(c, &next));
    CHECK_STATUS(COVEY_OK, covey_oscore_stored(c, &next));
}

static void derives_all_or_nothing(void **state)
{
    const covey_oscore_parameters p = parameters(true);
    covey_oscore_keys keys;
    covey_oscore_keys before;
    struct fake f;
    covey_status st = COVEY_E_CRYPTO;
    int n = 0;

    (void)state;
    memset(&keys, 0xee, sizeof keys);
    before = keys;
    for (; st != COVEY_OK; n++) {
        fake_open(&f);
        f.fail_at = n;
        st = covey_oscore_derive(&keys, &p, &f.crypto);
        if (st != COVEY_OK) {
            CHECK_STATUS(COVEY_E_CRYPTO, st);
            assert_memory_equal(&keys, &before, sizeof keys);
        }
        assert_true(n < CALLS_MAX);
    }
    assert_int_equal(n, 4); /* two keys, the Common IV, and success */
}

static void sets_up_all_or_nothing(void **state)
{
    const covey_oscore_parameters p = parameters(true);
    const covey_oscore_start start = { .ahead = 0 };
    covey_oscore_context c;
    covey_oscore_context empty;
    struct fake f;
    covey_status st = COVEY_E_CRYPTO;
    int n = 0;

    (void)state;
    memset(&empty, 0, sizeof empty);
    for (; st != COVEY_OK; n++) {
        fake_open(&f);
        f.fail_at = n;
        memset(&c, 0xee, sizeof c);
        st = covey_oscore_setup(&c, &f.crypto, &p, &start);
        if (st != COVEY_OK) {
            CHECK_STATUS(COVEY_E_CRYPTO, st);
            assert_memory_equal(&c, &empty, sizeof c);
            assert_int_equal(f.keys, 0);
        }
        assert_true(n < CALLS_MAX);
    }
    assert_int_equal(n, 6);
    covey_oscore_drop(&c);
}

static void spends_a_number_on_a_request_that_fails(void **state)
{
    const covey_coap_message m = { .code = 1, .token = SPAN("") };
    uint8_t scratch[16];
    uint8_t output[64];
    const covey_oscore_work work = { .scratch = scratch,
                                     .scratch_cap = sizeof scratch };
    covey_writer out = covey_writer_of(output, sizeof output);
    covey_oscore_exchange x;
    covey_oscore_context c;
    covey_oscore_context expected;
    struct fake f;

    (void)state;
    fake_open(&f);
    set_up(&f, &c, true);
    expected = c;
    expected.ssn++;
    fake_fail_next(&f);
    memset(&x, 0xee, sizeof x);
    CHECK_STATUS(COVEY_E_CRYPTO,
                 covey_oscore_protect_request(&c, &x, &m, &work, &out));
    assert_memory_equal(&c, &expected, sizeof c);
    assert_int_equal(x.kid_len, 0xee);
    assert_int_equal(out.pos, 0);
    CHECK_STATUS(COVEY_OK,
                 covey_oscore_protect_request(&c, &x, &m, &work, &out));
    CHECK_HEX("40020000 93090163 ff 01 0000000000000000", covey_written(&out));
    covey_oscore_drop(&c);
}

/* The wire form of a request from kid c with number 0. */
static covey_coap_message request(void)
{
    const covey_coap_message m = {
        .code = 2,
        .token = SPAN(""),
        .options = SPAN("\x93\x09\0c"),
        .payload = SPAN("\x01\0\0\0\0\0\0\0\0"),
    };
    return m;
}

static void receives_again_what_the_provider_failed_to_open(void **state)
{
    const covey_coap_message m = request();
    uint8_t scratch[16];
    uint8_t output[64];
    const covey_oscore_work work = { .scratch = scratch,
                                     .scratch_cap = sizeof scratch };
    covey_writer out = covey_writer_of(output, sizeof output);
    covey_oscore_exchange x;
    covey_oscore_received r;
    covey_oscore_context c;
    covey_oscore_context before;
    struct fake f;

    (void)state;
    fake_open(&f);
    set_up(&f, &c, false);
    before = c;
    fake_fail_next(&f);
    assert_int_equal(
        covey_oscore_unprotect_request(&c, &x, &m, &work, &out, &r),
        COVEY_UNPROTECT_REFUSED);
    assert_int_equal(r.fault, COVEY_OSCORE_OURS);
    CHECK_STATUS(COVEY_E_CRYPTO, r.status);
    assert_memory_equal(&c, &before, sizeof c);
    assert_int_equal(
        covey_oscore_unprotect_request(&c, &x, &m, &work, &out, &r),
        COVEY_UNPROTECT_FRESH);
    covey_oscore_drop(&c);
}

/* The nonce of the request is gone with the first attempt to answer. */
static void answers_with_another_nonce_after_a_failure(void **state)
{
    const covey_coap_message m = request();
    const covey_coap_message answer = { .code = 0x44, .token = SPAN("") };
    uint8_t scratch[16];
    uint8_t output[64];
    const covey_oscore_work work = { .scratch = scratch,
                                     .scratch_cap = sizeof scratch };
    covey_writer out = covey_writer_of(output, sizeof output);
    covey_oscore_exchange x;
    covey_oscore_received r;
    covey_oscore_context c;
    struct fake f;

    (void)state;
    fake_open(&f);
    set_up(&f, &c, false);
    assert_int_equal(
        covey_oscore_unprotect_request(&c, &x, &m, &work, &out, &r),
        COVEY_UNPROTECT_FRESH);
    out.pos = 0;
    fake_fail_next(&f);
    CHECK_STATUS(COVEY_E_CRYPTO,
                 covey_oscore_protect_response(&c, &x, &answer, &work, &out));
    assert_int_equal(out.pos, 0);
    CHECK_STATUS(COVEY_OK,
                 covey_oscore_protect_response(&c, &x, &answer, &work, &out));
    CHECK_HEX("40440000 920100 ff 44 0000000000000000", covey_written(&out));
    fake_fail_next(&f);
    out.pos = 0;
    CHECK_STATUS(COVEY_E_CRYPTO,
                 covey_oscore_protect_response(&c, &x, &answer, &work, &out));
    assert_int_equal(c.ssn, 2);
    covey_oscore_drop(&c);
}

static void leaves_an_exchange_alone_when_a_response_fails(void **state)
{
    const covey_coap_message get = { .code = 1, .token = SPAN("") };
    const covey_coap_message m = {
        .code = 0x44,
        .token = SPAN(""),
        .options = SPAN("\x90"),
        .payload = SPAN("\x44\0\0\0\0\0\0\0\0"),
    };
    uint8_t scratch[16];
    uint8_t output[64];
    const covey_oscore_work work = { .scratch = scratch,
                                     .scratch_cap = sizeof scratch };
    covey_writer out = covey_writer_of(output, sizeof output);
    covey_oscore_exchange x;
    covey_oscore_exchange before;
    covey_oscore_received r;
    covey_oscore_context c;
    struct fake f;

    (void)state;
    fake_open(&f);
    set_up(&f, &c, true);
    CHECK_STATUS(COVEY_OK,
                 covey_oscore_protect_request(&c, &x, &get, &work, &out));
    before = x;
    out.pos = 0;
    fake_fail_next(&f);
    assert_int_equal(
        covey_oscore_unprotect_response(&c, &x, &m, &work, &out, &r),
        COVEY_UNPROTECT_REFUSED);
    CHECK_STATUS(COVEY_E_CRYPTO, r.status);
    assert_memory_equal(&x, &before, sizeof x);
    assert_int_equal(
        covey_oscore_unprotect_response(&c, &x, &m, &work, &out, &r),
        COVEY_UNPROTECT_FRESH);
    covey_oscore_drop(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(derives_all_or_nothing),
        cmocka_unit_test(sets_up_all_or_nothing),
        cmocka_unit_test(spends_a_number_on_a_request_that_fails),
        cmocka_unit_test(receives_again_what_the_provider_failed_to_open),
        cmocka_unit_test(answers_with_another_nonce_after_a_failure),
        cmocka_unit_test(leaves_an_exchange_alone_when_a_response_fails),
    };

    return KIT_RUN(tests);
}
