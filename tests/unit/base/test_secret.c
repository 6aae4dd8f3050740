/* SPDX-License-Identifier: BSD-2-Clause */
/* What wiping and comparing give; that they do not depend on secrets in
 * their timing is shown by tests/ct. */
#include "kit.h"

static void wipes_exactly_the_bytes_asked_for(void **state)
{
    (void)state;
    for (size_t n = 0; n <= 32; n++) {
        uint8_t storage[34];
        memset(storage, 0xa5, sizeof storage);
        covey_wipe(storage + 1, n);
        assert_int_equal(storage[0], 0xa5);
        for (size_t i = 0; i < sizeof storage - 1; i++) {
            assert_int_equal(storage[1 + i], i < n ? 0 : 0xa5);
        }
    }
}

static void equal_secrets_are_equal_at_every_length(void **state)
{
    uint8_t a[33];
    uint8_t b[33];

    (void)state;
    for (size_t i = 0; i < sizeof a; i++) {
        a[i] = b[i] = (uint8_t)(0x80 + i);
    }
    for (size_t n = 0; n <= sizeof a; n++) {
        assert_true(covey_secret_equal(a, b, n));
    }
}

static void one_wrong_bit_anywhere_is_seen(void **state)
{
    uint8_t a[33] = { 0 };
    uint8_t b[33];

    (void)state;
    for (size_t i = 0; i < sizeof a * 8; i++) {
        memset(b, 0, sizeof b);
        b[i / 8] = (uint8_t)(1u << i % 8);
        assert_false(covey_secret_equal(a, b, sizeof a));
        assert_false(covey_secret_equal(b, a, sizeof a));
        /* Up to the byte before, they are the same. */
        assert_true(covey_secret_equal(a, b, i / 8));
    }
}

static void differences_do_not_cancel_out(void **state)
{
    const uint8_t a[] = { 0x00, 0x00, 0x55, 0xaa };
    const uint8_t b[] = { 0xff, 0xff, 0xaa, 0x55 };

    (void)state;
    assert_false(covey_secret_equal(a, b, 2));
    assert_false(covey_secret_equal(a + 2, b + 2, 2));
    assert_false(covey_secret_equal(a, b, 4));
}

static void no_bytes_are_equal(void **state)
{
    (void)state;
    assert_true(covey_secret_equal(NULL, NULL, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wipes_exactly_the_bytes_asked_for),
        cmocka_unit_test(equal_secrets_are_equal_at_every_length),
        cmocka_unit_test(one_wrong_bit_anywhere_is_seen),
        cmocka_unit_test(differences_do_not_cancel_out),
        cmocka_unit_test(no_bytes_are_equal),
    };

    return KIT_RUN(tests);
}
