/* SPDX-License-Identifier: BSD-2-Clause */
/* Contexts that are refused, what has to be stored when, the end of the
 * numbers, and the way back after a lost window (RFC 8613 Appendix B.1). */
#include "fake.h"

static const covey_oscore_parameters good = {
    .aead = COVEY_AES_CCM_16_64_128,
    .hkdf = COVEY_HMAC_256_256,
    .master_secret = { (const uint8_t *)"0123456789abcdef", 16 },
    .sender_id = { (const uint8_t *)"c", 1 },
    .recipient_id = { (const uint8_t *)"s", 1 },
};

/* The other side. */
static covey_oscore_parameters turned(void)
{
    covey_oscore_parameters p = good;

    p.sender_id = good.recipient_id;
    p.recipient_id = good.sender_id;
    return p;
}

static void refuses_parameters_that_are_not_safe(void **state)
{
    static const uint8_t zeros[256] = { 0 };
    struct fake f;
    covey_oscore_context c;
    covey_oscore_context empty;
    const covey_oscore_start start = { .ahead = 0 };

    (void)state;
    memset(&empty, 0, sizeof empty);
    fake_open(&f);
    for (int i = 0; i < 12; i++) {
        covey_oscore_parameters p = good;
        covey_status expected = COVEY_E_RANGE;
        switch (i) {
        case 0: /* encryption without authentication */
            p.aead = COVEY_A128CTR;
            expected = COVEY_E_UNSUPPORTED;
            break;
        case 1: /* a hash is no AEAD */
            p.aead = COVEY_SHA_256;
            expected = COVEY_E_UNSUPPORTED;
            break;
        case 2: /* an AEAD is no HKDF */
            p.hkdf = COVEY_A128GCM;
            expected = COVEY_E_UNSUPPORTED;
            break;
        case 3: /* unknown */
            p.hkdf = 4711;
            expected = COVEY_E_UNSUPPORTED;
            break;
        case 4:
            p.master_secret.len = 0;
            break;
        case 5: /* one byte more than the nonce leaves */
            p.sender_id = covey_bytes_of(zeros, 8);
            break;
        case 6:
            p.recipient_id = covey_bytes_of(zeros, 8);
            break;
        case 7: /* the same with seven bytes of nonce */
            p.aead = COVEY_AES_CCM_64_64_128;
            p.sender_id = covey_bytes_of(zeros, 2);
            break;
        case 8:
            p.id_context = covey_bytes_of(zeros, 256);
            break;
        case 9: /* its number is nobody else's */
            p.aead = COVEY_AES_CCM_24_64_128;
            expected = COVEY_E_UNSUPPORTED;
            break;
        case 10: /* both ends would use the same nonces */
            p.recipient_id = p.sender_id;
            expected = COVEY_E_ARGUMENT;
            break;
        default: /* the same with two empty IDs */
            p.sender_id.len = 0;
            p.recipient_id.len = 0;
            expected = COVEY_E_ARGUMENT;
            break;
        }
        memset(&c, 0xee, sizeof c);
        CHECK_STATUS(expected, covey_oscore_setup(&c, &f.crypto, &p, &start));
        assert_memory_equal(&c, &empty, sizeof c);
        assert_int_equal(f.calls, 0);
    }
}

static void refuses_state_that_cannot_be(void **state)
{
    const covey_oscore_start starts[] = {
        { .state = { .ssn = COVEY_OSCORE_SSN_END + 1 } },
        { .state = { .window = COVEY_OSCORE_SSN_END + 1 } },
        { .window_size = 65 },
    };
    struct fake f;
    covey_oscore_context c;

    (void)state;
    fake_open(&f);
    for (size_t i = 0; i < COUNT_OF(starts); i++) {
        CHECK_STATUS(COVEY_E_ARGUMENT,
                     covey_oscore_setup(&c, &f.crypto, &good, &starts[i]));
    }
    assert_int_equal(f.keys, 0);
}

static covey_status send_one(covey_oscore_context *c, uint8_t *storage,
                             size_t cap, size_t *len)
{
    const covey_coap_message m = {
        .code = 1,
        .token = SPAN(""),
        .options = SPAN("\xb1t"),
    };
    uint8_t scratch[32];
    const covey_oscore_work work = { .scratch = scratch,
                                     .scratch_cap = sizeof scratch };
    covey_writer out = covey_writer_of(storage, cap);
    covey_oscore_exchange x;
    const covey_status st =
        covey_oscore_protect_request(c, &x, &m, &work, &out);

    *len = out.pos;
    return st;
}

static covey_status send_only(covey_oscore_context *c)
{
    uint8_t storage[64];
    size_t len;

    return send_one(c, storage, sizeof storage, &len);
}

/* A request with this number, as it arrives. */
static covey_unprotect receive(covey_oscore_context *c, uint64_t number,
                               covey_oscore_received *r)
{
    uint8_t piv_storage[COVEY_OSCORE_PIV_MAX];
    uint8_t storage[32];
    uint8_t value[8];
    uint8_t scratch[32];
    const covey_bytes piv = covey_oscore_piv(number, piv_storage);
    covey_writer v = covey_writer_of(value, sizeof value);
    covey_writer options = covey_writer_of(storage, sizeof storage);
    covey_writer plain = covey_writer_of(scratch, sizeof scratch);
    covey_coap_message m = { .code = 2, .token = SPAN("") };
    covey_oscore_exchange x;

    covey_write_u8(&v, (uint8_t)(0x08u | piv.len));
    covey_write_bytes(&v, piv);
    covey_write_u8(&v, 'c');
    covey_write_u8(&options, (uint8_t)(0x90u | v.pos));
    covey_write_bytes(&options, covey_written(&v));
    m.options = covey_written(&options);
    m.payload = SPAN("\x01\0\0\0\0\0\0\0\0");
    return covey_oscore_open_request(c, &x, &m, &plain, r);
}

static void sends_nothing_before_its_number_is_stored(void **state)
{
    const covey_oscore_start start = { .state = { .ssn = 100 }, .ahead = 8 };
    struct fake f;
    covey_oscore_context c;
    covey_oscore_context before;
    covey_oscore_state next;

    (void)state;
    fake_open(&f);
    CHECK_STATUS(COVEY_OK, covey_oscore_setup(&c, &f.crypto, &good, &start));
    before = c;
    CHECK_STATUS(COVEY_E_NOT_STORED, send_only(&c));
    assert_memory_equal(&c, &before, sizeof c);
    assert_true(covey_oscore_due(&c, &next));
    assert_int_equal(next.ssn, 108);
    assert_int_equal(next.window, 8);
    CHECK_STATUS(COVEY_OK, covey_oscore_stored(&c, &next));
    assert_false(covey_oscore_due(&c, &next));
    for (int i = 0; i < 8; i++) {
        /* Due early enough for a slow store: with two of eight left. */
        assert_int_equal(covey_oscore_due(&c, &next), i >= 6);
        CHECK_STATUS(COVEY_OK, send_only(&c));
    }
    CHECK_STATUS(COVEY_E_NOT_STORED, send_only(&c));
    assert_int_equal(covey_oscore_usage_of(&c).encrypted, 8);
    covey_oscore_drop(&c);
    assert_int_equal(f.keys, 0);
}

static void never_goes_back_in_what_is_stored(void **state)
{
    const covey_oscore_start start = { .state = { 50, 60 } };
    const covey_oscore_state bad[] = {
        { 49, 60 },
        { 50, 59 },
        { COVEY_OSCORE_SSN_END + 1, 60 },
        { 50, COVEY_OSCORE_SSN_END + 1 },
    };
    struct fake f;
    covey_oscore_context c;
    covey_oscore_context before;

    (void)state;
    fake_open(&f);
    CHECK_STATUS(COVEY_OK, covey_oscore_setup(&c, &f.crypto, &good, &start));
    before = c;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        CHECK_STATUS(COVEY_E_ARGUMENT, covey_oscore_stored(&c, &bad[i]));
        assert_memory_equal(&c, &before, sizeof c);
    }
    covey_oscore_drop(&c);
}

static void stops_at_the_last_number(void **state)
{
    const covey_oscore_start start = {
        .state = { .ssn = COVEY_OSCORE_SSN_END - 2 },
        .window_in_memory = true,
    };
    struct fake f;
    covey_oscore_context c;
    covey_oscore_state next;

    (void)state;
    fake_open(&f);
    CHECK_STATUS(COVEY_OK, covey_oscore_setup(&c, &f.crypto, &good, &start));
    assert_true(covey_oscore_due(&c, &next));
    assert_true(next.ssn == COVEY_OSCORE_SSN_END);
    assert_true(next.window == COVEY_OSCORE_WINDOW_LOST);
    assert_int_equal(covey_oscore_window_of(&c), 0);
    CHECK_STATUS(COVEY_OK, covey_oscore_stored(&c, &next));
    assert_int_equal(covey_oscore_usage_of(&c).left, 2);
    CHECK_STATUS(COVEY_OK, send_only(&c));
    CHECK_STATUS(COVEY_OK, send_only(&c));
    CHECK_STATUS(COVEY_E_EXHAUSTED, send_only(&c));
    assert_int_equal(covey_oscore_usage_of(&c).left, 0);
    assert_false(covey_oscore_due(&c, &next));
    covey_oscore_drop(&c);
}

static void delivers_only_what_a_restart_would_refuse(void **state)
{
    const covey_oscore_parameters server = turned();
    const covey_oscore_start start = { .ahead = 16 };
    struct fake f;
    covey_oscore_context c;
    covey_oscore_state next;
    covey_oscore_received r;

    (void)state;
    fake_open(&f);
    CHECK_STATUS(COVEY_OK, covey_oscore_setup(&c, &f.crypto, &server, &start));
    assert_int_equal(receive(&c, 3, &r), COVEY_UNPROTECT_FRESH_ONCE_STORED);
    assert_true(covey_oscore_due(&c, &next));
    assert_int_equal(next.window, 20);
    CHECK_STATUS(COVEY_OK, covey_oscore_stored(&c, &next));
    assert_int_equal(receive(&c, 19, &r), COVEY_UNPROTECT_FRESH);
    assert_int_equal(receive(&c, 20, &r), COVEY_UNPROTECT_FRESH_ONCE_STORED);
    assert_int_equal(receive(&c, 20, &r), COVEY_UNPROTECT_REFUSED);
    covey_oscore_drop(&c);
}

static void asks_for_echo_after_the_window_was_lost(void **state)
{
    const covey_oscore_parameters server = turned();
    const covey_oscore_start start = {
        .state = { .window = COVEY_OSCORE_WINDOW_LOST },
    };
    struct fake f;
    covey_oscore_context c;
    covey_oscore_context before;
    covey_oscore_received r;
    covey_oscore_state next;

    (void)state;
    fake_open(&f);
    CHECK_STATUS(COVEY_OK, covey_oscore_setup(&c, &f.crypto, &server, &start));
    assert_true(covey_oscore_due(&c, &next));
    assert_true(next.window == COVEY_OSCORE_WINDOW_LOST);
    CHECK_STATUS(COVEY_OK, covey_oscore_stored(&c, &next));
    assert_true(covey_oscore_window_of(&c) == COVEY_OSCORE_WINDOW_LOST);
    before = c;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(receive(&c, 7, &r), COVEY_UNPROTECT_MAYBE_REPLAY);
        assert_memory_equal(&c.window, &before.window, sizeof c.window);
        assert_false(covey_oscore_due(&c, &next));
    }
    assert_int_equal(receive(&c, 8, &r), COVEY_UNPROTECT_MAYBE_REPLAY);
    assert_int_equal(covey_oscore_recover(&c, &r),
                     COVEY_UNPROTECT_FRESH_ONCE_STORED);
    assert_true(covey_oscore_due(&c, &next));
    assert_int_equal(next.window, 8 + 1 + 64);
    assert_int_equal(covey_oscore_window_of(&c), 9);
    /* The limit is where Echo was verified: below, nothing is taken. */
    for (uint64_t n = 0; n <= 8; n++) {
        assert_int_equal(receive(&c, n, &r), COVEY_UNPROTECT_REFUSED);
        assert_int_equal(r.fault, COVEY_OSCORE_REPLAY);
    }
    assert_int_equal(receive(&c, 9, &r), COVEY_UNPROTECT_FRESH_ONCE_STORED);
    /* A second challenge that comes back late is an ordinary message. */
    r.piv = 8;
    assert_int_equal(covey_oscore_recover(&c, &r), COVEY_UNPROTECT_REFUSED);
    r.piv = 10;
    assert_int_equal(covey_oscore_recover(&c, &r),
                     COVEY_UNPROTECT_FRESH_ONCE_STORED);
    covey_oscore_drop(&c);
}

/* Numbers below what was stored have been accepted, or have only been reserved
 * before the power was lost. */
static const covey_oscore_start reserved = {
    .state = { .ssn = 0, .window = 60 },
};

static void challenges_what_may_have_been_accepted(void **state)
{
    const covey_oscore_parameters server = turned();
    struct fake f;
    covey_oscore_context c;
    covey_oscore_received r;
    covey_oscore_state next;

    (void)state;
    fake_open(&f);
    CHECK_STATUS(COVEY_OK,
                 covey_oscore_setup(&c, &f.crypto, &server, &reserved));
    assert_int_equal(receive(&c, 20, &r), COVEY_UNPROTECT_MAYBE_REPLAY);
    assert_int_equal(receive(&c, 30, &r), COVEY_UNPROTECT_MAYBE_REPLAY);
    assert_int_equal(receive(&c, 31, &r), COVEY_UNPROTECT_MAYBE_REPLAY);
    /* Nothing has moved: what was stored still holds. */
    assert_true(covey_oscore_due(&c, &next));
    assert_int_equal(next.window, 60);
    assert_int_equal(covey_oscore_exact(&c).window, 60);
    r.piv = 21; /* the honest one is slower than its other messages */
    assert_int_equal(covey_oscore_recover(&c, &r), COVEY_UNPROTECT_FRESH);
    /* What has been answered with a challenge is not acted upon later. */
    for (uint64_t n = 0; n <= 31; n++) {
        assert_int_equal(receive(&c, n, &r), COVEY_UNPROTECT_REFUSED);
        assert_int_equal(r.fault, COVEY_OSCORE_REPLAY);
    }
    assert_int_equal(receive(&c, 33, &r), COVEY_UNPROTECT_FRESH);
    assert_int_equal(receive(&c, 32, &r), COVEY_UNPROTECT_FRESH);
    assert_int_equal(receive(&c, 32, &r), COVEY_UNPROTECT_REFUSED);
    assert_int_equal(covey_oscore_exact(&c).window, 34);
    assert_int_equal(receive(&c, 59, &r), COVEY_UNPROTECT_FRESH);
    assert_int_equal(receive(&c, 60, &r), COVEY_UNPROTECT_FRESH_ONCE_STORED);
    assert_true(covey_oscore_due(&c, &next));
    assert_int_equal(next.window, 61 + 64);
    covey_oscore_drop(&c);
}

static void takes_what_is_beyond_the_reserve_at_once(void **state)
{
    const covey_oscore_parameters server = turned();
    struct fake f;
    covey_oscore_context c;
    covey_oscore_received r;

    (void)state;
    fake_open(&f);
    CHECK_STATUS(COVEY_OK,
                 covey_oscore_setup(&c, &f.crypto, &server, &reserved));
    assert_int_equal(receive(&c, 59, &r), COVEY_UNPROTECT_MAYBE_REPLAY);
    assert_int_equal(receive(&c, 60, &r), COVEY_UNPROTECT_FRESH_ONCE_STORED);
    assert_int_equal(receive(&c, 59, &r), COVEY_UNPROTECT_REFUSED);
    /* The challenge that is met now comes too late. */
    assert_int_equal(covey_oscore_recover(&c, &r), COVEY_UNPROTECT_REFUSED);
    assert_int_equal(receive(&c, 61, &r), COVEY_UNPROTECT_FRESH_ONCE_STORED);
    covey_oscore_drop(&c);
}

/* Of what does not open below the reserve nothing is noted, not even its
 * number. */
static void what_does_not_open_is_not_challenged(void **state)
{
    const covey_oscore_parameters server = turned();
    struct fake f;
    covey_oscore_context c;
    covey_oscore_context before;
    covey_oscore_received r;

    (void)state;
    fake_open(&f);
    CHECK_STATUS(COVEY_OK,
                 covey_oscore_setup(&c, &f.crypto, &server, &reserved));
    before = c;
    fake_fail_next(&f);
    assert_int_equal(receive(&c, 59, &r), COVEY_UNPROTECT_REFUSED);
    assert_memory_equal(&c, &before, sizeof c);
    assert_int_equal(receive(&c, 20, &r), COVEY_UNPROTECT_MAYBE_REPLAY);
    assert_int_equal(covey_oscore_recover(&c, &r), COVEY_UNPROTECT_FRESH);
    assert_int_equal(receive(&c, 21, &r), COVEY_UNPROTECT_FRESH);
    covey_oscore_drop(&c);
}

/* A response to what may be a replay has a Partial IV of its own: that
 * request may have been answered before. */
static void answers_a_possible_replay_with_its_own_number(void **state)
{
    const covey_oscore_parameters server = turned();
    const covey_oscore_start start = {
        .state = { .window = COVEY_OSCORE_WINDOW_LOST },
    };
    static const uint8_t options[] = { 0x93, 0x09, 0x07, 'c' };
    const covey_coap_message m = {
        .code = 2,
        .token = SPAN(""),
        .options = { options, sizeof options },
        .payload = SPAN("\x01\0\0\0\0\0\0\0\0"),
    };
    const covey_coap_message answer = { .code = 0x81, .token = SPAN("") };
    uint8_t scratch[64];
    uint8_t output[64];
    const covey_oscore_work work = { .scratch = scratch,
                                     .scratch_cap = sizeof scratch };
    covey_writer out = covey_writer_of(output, sizeof output);
    covey_oscore_exchange x;
    covey_oscore_received r;
    covey_oscore_state next;
    struct fake f;
    covey_oscore_context c;

    (void)state;
    fake_open(&f);
    CHECK_STATUS(COVEY_OK, covey_oscore_setup(&c, &f.crypto, &server, &start));
    assert_true(covey_oscore_due(&c, &next));
    CHECK_STATUS(COVEY_OK, covey_oscore_stored(&c, &next));
    assert_int_equal(
        covey_oscore_unprotect_request(&c, &x, &m, &work, &out, &r),
        COVEY_UNPROTECT_MAYBE_REPLAY);
    out.pos = 0;
    CHECK_STATUS(COVEY_OK,
                 covey_oscore_protect_response(&c, &x, &answer, &work, &out));
    CHECK_HEX("40440000 920100 ff 81 0000000000000000", covey_written(&out));
    covey_oscore_drop(&c);
}

static void finds_out_which_context_is_meant(void **state)
{
    const struct {
        const char *why;
        covey_bytes kid;
        covey_bytes kid_context;
        bool meant;
    } cases[] = {
        { "no kid context fits any", SPAN("c"), { NULL, 0 }, true },
        { "the kid context", SPAN("c"), SPAN("ctx"), true },
        { "another one", SPAN("c"), SPAN("cty"), false },
        { "an empty one", SPAN("c"), SPAN(""), false },
        { "another kid", SPAN("cc"), { NULL, 0 }, false },
        { "no kid", { NULL, 0 }, { NULL, 0 }, false },
    };
    covey_oscore_parameters server = turned();
    const covey_oscore_start start = { .ahead = 0 };
    struct fake f;
    covey_oscore_context c;

    (void)state;
    fake_open(&f);
    server.id_context = SPAN("ctx");
    CHECK_STATUS(COVEY_OK, covey_oscore_setup(&c, &f.crypto, &server, &start));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const covey_oscore_option o = { .kid = cases[i].kid,
                                        .kid_context = cases[i].kid_context };
        kit_case(cases[i].why);
        assert_int_equal(cases[i].meant, covey_oscore_is_for(&c, &o));
        assert_int_equal(cases[i].meant, covey_oscore_is_recipient(
                                             &server, o.kid, o.kid_context));
    }
    kit_case(NULL);
    covey_oscore_drop(&c);
}

static void leaves_nothing_behind(void **state)
{
    const covey_oscore_start start = { .ahead = 0 };
    struct fake f;
    covey_oscore_context c;
    covey_oscore_context empty;

    (void)state;
    memset(&empty, 0, sizeof empty);
    fake_open(&f);
    CHECK_STATUS(COVEY_OK, covey_oscore_setup(&c, &f.crypto, &good, &start));
    covey_oscore_drop(&c);
    assert_memory_equal(&c, &empty, sizeof c);
    assert_int_equal(f.keys, 0);
    covey_oscore_drop(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_parameters_that_are_not_safe),
        cmocka_unit_test(refuses_state_that_cannot_be),
        cmocka_unit_test(sends_nothing_before_its_number_is_stored),
        cmocka_unit_test(never_goes_back_in_what_is_stored),
        cmocka_unit_test(stops_at_the_last_number),
        cmocka_unit_test(delivers_only_what_a_restart_would_refuse),
        cmocka_unit_test(asks_for_echo_after_the_window_was_lost),
        cmocka_unit_test(challenges_what_may_have_been_accepted),
        cmocka_unit_test(takes_what_is_beyond_the_reserve_at_once),
        cmocka_unit_test(what_does_not_open_is_not_challenged),
        cmocka_unit_test(answers_a_possible_replay_with_its_own_number),
        cmocka_unit_test(finds_out_which_context_is_meant),
        cmocka_unit_test(leaves_nothing_behind),
    };

    return KIT_RUN(tests);
}
