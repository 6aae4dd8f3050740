/* SPDX-License-Identifier: BSD-2-Clause */
/* The helper beside the provider's table. What the hash is, is the provider's
 * (test_known_answers). */
#include "kit.h"

#include "crypto/scripted/scripted.h"

static covey_scripted s;
static covey_crypto crypto;

static void parts_are_one_text(void **state)
{
    const covey_bytes whole = SPAN("abcdef");
    const covey_bytes parts[] = { SPAN("ab"), SPAN(""), SPAN("cdef") };
    const covey_bytes other[] = { SPAN("ab"), SPAN("cdeg") };
    uint8_t a[COVEY_SHA_256_LEN];
    uint8_t b[COVEY_SHA_256_LEN];

    (void)state;
    covey_scripted_open(&s, NULL, &crypto);
    CHECK_STATUS(COVEY_OK, covey_crypto_sha256(&crypto, &whole, 1, a));
    CHECK_STATUS(COVEY_OK, covey_crypto_sha256(&crypto, parts, 3, b));
    assert_memory_equal(a, b, sizeof a);
    CHECK_STATUS(COVEY_OK, covey_crypto_sha256(&crypto, other, 2, b));
    assert_memory_not_equal(a, b, sizeof a);
    CHECK_STATUS(COVEY_OK, covey_crypto_sha256(&crypto, NULL, 0, b));
    assert_int_equal(0, s.live);
}

static void a_failure_leaves_nothing(void **state)
{
    const covey_bytes parts[] = { SPAN("ab"), SPAN("cd") };
    const uint8_t before[COVEY_SHA_256_LEN] = { 7 };
    uint8_t out[COVEY_SHA_256_LEN] = { 7 };
    covey_status st;
    int n = 0;

    (void)state;
    covey_scripted_open(&s, NULL, &crypto);
    for (;; n++) {
        covey_scripted_rewind(&s, n);
        st = covey_crypto_sha256(&crypto, parts, 2, out);
        assert_int_equal(0, s.live);
        if (st == COVEY_OK) {
            break;
        }
        CHECK_STATUS(COVEY_E_CRYPTO, st);
        assert_memory_equal(before, out, sizeof out);
    }
    assert_int_equal(4, n); /* begin, two updates, finish */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_one_text),
        cmocka_unit_test(a_failure_leaves_nothing),
    };
    return KIT_RUN(tests);
}
