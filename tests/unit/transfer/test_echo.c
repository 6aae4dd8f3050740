/* SPDX-License-Identifier: BSD-2-Clause */
/* Echo: who repeats what was given to him, in time, is there. */
#include "kit.h"

#include <covey/transfer.h>

#define ROWS 8u

struct fixture {
    covey_echo echo;
    covey_echo_row rows[ROWS];
    kit_random random;
    bool fails;
};

static covey_status fill(void *user, covey_writer *out)
{
    struct fixture *f = user;

    if (f->fails) {
        return COVEY_E_CRYPTO;
    }
    while (out->pos < out->cap) {
        covey_write_u8(out, (uint8_t)(kit_next(&f->random) >> 9));
    }
    return COVEY_OK;
}

static void init(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    CHECK_STATUS(COVEY_OK, covey_echo_init(&f->echo, f->rows, ROWS,
                                           (covey_random){ fill, f }));
}

static covey_path peer(uint8_t n)
{
    covey_path p;

    memset(&p, 0, sizeof p);
    p.peer.family = COVEY_FAMILY_IPV4;
    p.peer.ip[3] = n;
    return p;
}

/* A request with this Echo: 252 is dx ef. */
static covey_coap_message request(const uint8_t *value, uint8_t len)
{
    static uint8_t options[64];
    covey_coap_message m = { 0 };

    options[0] = (uint8_t)(0xd0 | len);
    options[1] = 252 - 13;
    memcpy(options + 2, value, len);
    m.options = covey_bytes_of(options, 2u + len);
    return m;
}

static void accepts_what_it_gave_in_time(void **state)
{
    struct fixture f;
    uint8_t value[COVEY_ECHO_LEN];
    uint8_t again[COVEY_ECHO_LEN];
    covey_path one = peer(1);
    covey_path two = peer(2);
    covey_coap_message m;

    (void)state;
    init(&f);
    CHECK_STATUS(COVEY_OK,
                 covey_echo_challenge(&f.echo, 1000, &one, 0, 500, value));
    m = request(value, sizeof value);
    assert_false(covey_echo_is_verified(&f.echo, 1000, &one, 9999));
    assert_false(covey_echo_is_fresh(&f.echo, 1001, &two, 0, &m, 500));
    assert_false(covey_echo_is_fresh(&f.echo, 1501, &one, 0, &m, 500));
    assert_true(covey_echo_is_fresh(&f.echo, 1500, &one, 0, &m, 500));
    assert_true(covey_echo_is_verified(&f.echo, 2000, &one, 500));
    assert_false(covey_echo_is_verified(&f.echo, 2001, &one, 500));
    assert_false(covey_echo_is_verified(&f.echo, 1500, &two, 500));
    /* The same value for the same time, then another one. */
    CHECK_STATUS(COVEY_OK,
                 covey_echo_challenge(&f.echo, 1500, &one, 0, 500, again));
    assert_memory_equal(value, again, sizeof value);
    CHECK_STATUS(COVEY_OK,
                 covey_echo_challenge(&f.echo, 1501, &one, 0, 500, again));
    assert_memory_not_equal(value, again, sizeof value);
    assert_false(covey_echo_is_fresh(&f.echo, 1501, &one, 0, &m, 500));
    /* What was shown before stays shown. */
    assert_true(covey_echo_is_verified(&f.echo, 1501, &one, 500));
}

/* Under new keys nothing counts that was given under the old ones, but that
 * the peer is where it says. */
static void values_end_with_their_epoch(void **state)
{
    struct fixture f;
    uint8_t old[COVEY_ECHO_LEN];
    uint8_t value[COVEY_ECHO_LEN];
    covey_path one = peer(1);
    covey_coap_message m;

    (void)state;
    init(&f);
    CHECK_STATUS(COVEY_OK, covey_echo_challenge(&f.echo, 0, &one, 3, 9, old));
    m = request(old, sizeof old);
    assert_false(covey_echo_is_fresh(&f.echo, 0, &one, 4, &m, 9));
    assert_false(covey_echo_is_fresh(&f.echo, 0, &one, 0, &m, 9));
    CHECK_STATUS(COVEY_OK,
                 covey_echo_challenge(&f.echo, 0, &one, 4, 9, value));
    assert_memory_not_equal(value, old, sizeof old);
    assert_false(covey_echo_is_fresh(&f.echo, 0, &one, 4, &m, 9));
    assert_false(covey_echo_is_verified(&f.echo, 0, &one, 9));
    assert_true(covey_echo_is_fresh(&f.echo, 0, &one, 3, &m, 9));
    assert_true(covey_echo_is_verified(&f.echo, 0, &one, 9));
}

static void refuses_other_values(void **state)
{
    struct fixture f;
    uint8_t value[COVEY_ECHO_LEN];
    covey_path one = peer(1);
    covey_coap_message m = { 0 };

    (void)state;
    init(&f);
    CHECK_STATUS(COVEY_OK,
                 covey_echo_challenge(&f.echo, 0, &one, 0, 500, value));
    assert_false(covey_echo_is_fresh(&f.echo, 0, &one, 0, &m, 500));
    for (unsigned bit = 0; bit < 64; bit++) {
        value[bit / 8] ^= (uint8_t)(1u << bit % 8);
        m = request(value, sizeof value);
        assert_false(covey_echo_is_fresh(&f.echo, 0, &one, 0, &m, 500));
        value[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    m = request(value, 7);
    assert_false(covey_echo_is_fresh(&f.echo, 0, &one, 0, &m, 500));
    m = request(value, 0);
    assert_false(covey_echo_is_fresh(&f.echo, 0, &one, 0, &m, 500));
    assert_false(covey_echo_is_verified(&f.echo, 0, &one, 500));
}

static void needs_rows_and_randomness(void **state)
{
    struct fixture f;
    uint8_t value[COVEY_ECHO_LEN];
    covey_path one = peer(1);

    (void)state;
    init(&f);
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 covey_echo_init(&f.echo, f.rows, 0, f.echo.random));
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 covey_echo_init(&f.echo, f.rows, 6, f.echo.random));
    f.fails = true;
    CHECK_STATUS(COVEY_E_CRYPTO,
                 covey_echo_challenge(&f.echo, 0, &one, 0, 500, value));
    CHECK_STATUS(COVEY_E_CRYPTO,
                 covey_echo_init(&f.echo, f.rows, ROWS, f.echo.random));
    assert_false(f.rows[0].used);
}

/* However many peers ask: the newest can always answer. */
static void a_flood_pushes_out_the_oldest(void **state)
{
    struct fixture f;
    uint8_t value[COVEY_ECHO_LEN];
    unsigned left = 0;

    (void)state;
    init(&f);
    for (unsigned n = 0; n < 200; n++) {
        covey_path p = peer((uint8_t)n);
        covey_coap_message m;
        CHECK_STATUS(COVEY_OK,
                     covey_echo_challenge(&f.echo, n, &p, 0, 500, value));
        m = request(value, sizeof value);
        assert_true(covey_echo_is_fresh(&f.echo, n, &p, 0, &m, 500));
    }
    for (unsigned n = 0; n < 200; n++) {
        covey_path p = peer((uint8_t)n);
        left += covey_echo_is_verified(&f.echo, 200, &p, 500);
    }
    assert_int_equal(ROWS, left);
}

static void answers_unknown_peers_in_proportion(void **state)
{
    (void)state;
    assert_int_equal(136, covey_echo_allowance(4, 3));
    assert_int_equal(3 * (10 + 62) - 62, covey_echo_allowance(10, 3));
    assert_int_equal(10, covey_echo_allowance(10, 1));
    assert_int_equal(0, covey_echo_allowance(10, 0));
    assert_true(covey_echo_allowance(SIZE_MAX, 1) == UINT32_MAX);
    assert_true(covey_echo_allowance(SIZE_MAX, UINT32_MAX) >= UINT32_MAX);
}

static void repeats_once(void **state)
{
    static const uint8_t value[] = { 1, 2, 3 };
    covey_coap_message m = request(value, sizeof value);
    covey_bytes echo = { 0 };

    (void)state;
    m.code = 0x81;
    assert_false(covey_echo_repeat(&m, true, &echo));
    assert_true(covey_echo_repeat(&m, false, &echo));
    CHECK_SPAN(covey_bytes_of(value, 3), echo);
    m.code = 0x84;
    assert_false(covey_echo_repeat(&m, false, &echo));
    m.code = 0x81;
    m.options.len = 0;
    assert_false(covey_echo_repeat(&m, false, &echo));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_what_it_gave_in_time),
        cmocka_unit_test(values_end_with_their_epoch),
        cmocka_unit_test(refuses_other_values),
        cmocka_unit_test(needs_rows_and_randomness),
        cmocka_unit_test(a_flood_pushes_out_the_oldest),
        cmocka_unit_test(answers_unknown_peers_in_proportion),
        cmocka_unit_test(repeats_once),
    };

    return KIT_RUN(tests);
}
