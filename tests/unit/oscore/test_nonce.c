/* SPDX-License-Identifier: BSD-2-Clause */
/* Partial IVs and nonces; the nonces of RFC 8613 Appendix C.1 to C.3. */
#include "kit.h"

#include <covey/oscore.h>

/* Nonces of these contexts at sequence number 0. */
static const struct {
    const char *why;
    const char *common_iv;
    const char *id;
    const char *nonce;
} published[] = {
    { "C.1.1 sender, an empty ID", "4622d4dd6d944168eefb54987c", "",
      "4622d4dd6d944168eefb54987c" },
    { "C.1.1 recipient", "4622d4dd6d944168eefb54987c", "01",
      "4722d4dd6d944169eefb54987c" },
    { "C.2.1 sender", "be35ae297d2dace910c52e99f9", "00",
      "bf35ae297d2dace910c52e99f9" },
    { "C.2.1 recipient", "be35ae297d2dace910c52e99f9", "01",
      "bf35ae297d2dace810c52e99f9" },
    { "C.3.1 sender", "2ca58fb85ff1b81c0b7181b85e", "",
      "2ca58fb85ff1b81c0b7181b85e" },
    { "C.3.1 recipient", "2ca58fb85ff1b81c0b7181b85e", "01",
      "2da58fb85ff1b81d0b7181b85e" },
};

static void gives_the_nonces_of_appendix_c(void **state)
{
    uint8_t iv_storage[COVEY_NONCE_MAX];
    uint8_t id_storage[COVEY_OSCORE_ID_MAX];
    uint8_t piv_storage[COVEY_OSCORE_PIV_MAX];
    uint8_t nonce[COVEY_NONCE_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(published); i++) {
        kit_case(published[i].why);
        CHECK_STATUS(
            COVEY_OK,
            covey_oscore_nonce(
                nonce,
                kit_hex(published[i].common_iv, iv_storage, sizeof iv_storage),
                kit_hex(published[i].id, id_storage, sizeof id_storage),
                covey_oscore_piv(0, piv_storage)));
        CHECK_HEX(published[i].nonce, covey_bytes_of(nonce, sizeof nonce));
    }
    kit_case(NULL);
}

static void puts_id_and_number_at_their_right_edges(void **state)
{
    static const uint8_t zeros[COVEY_NONCE_MAX] = { 0 };
    uint8_t nonce[COVEY_NONCE_MAX];

    (void)state;
    CHECK_STATUS(COVEY_OK,
                 covey_oscore_nonce(nonce, covey_bytes_of(zeros, 13),
                                    SPAN("\x11\x22\x33\x44\x55\x66\x77"),
                                    SPAN("\xa1\xa2\xa3\xa4\xa5")));
    CHECK_HEX("07 11223344556677 a1a2a3a4a5", covey_bytes_of(nonce, 13));
    CHECK_STATUS(COVEY_OK, covey_oscore_nonce(nonce, covey_bytes_of(zeros, 7),
                                              SPAN("\x11"), SPAN("\xa1")));
    CHECK_HEX("01 11 00000000a1", covey_bytes_of(nonce, 7));
}

static void refuses_lengths_that_do_not_fit(void **state)
{
    static const uint8_t zeros[COVEY_NONCE_MAX + 1] = { 0 };
    static const struct {
        const char *why;
        size_t iv;
        size_t id;
        size_t piv;
    } cases[] = {
        { "a nonce of six bytes", 6, 0, 1 },
        { "a nonce of fourteen bytes", 14, 0, 1 },
        { "an ID longer than the nonce leaves", 13, 8, 1 },
        { "the same with seven bytes of nonce", 7, 2, 1 },
        { "a Partial IV of six bytes", 13, 0, 6 },
    };
    uint8_t nonce[COVEY_NONCE_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        kit_case(cases[i].why);
        memset(nonce, 0xee, sizeof nonce);
        CHECK_STATUS(COVEY_E_ARGUMENT,
                     covey_oscore_nonce(nonce,
                                        covey_bytes_of(zeros, cases[i].iv),
                                        covey_bytes_of(zeros, cases[i].id),
                                        covey_bytes_of(zeros, cases[i].piv)));
        CHECK_HEX("eeeeeeeeeeeeeeeeeeeeeeeeee",
                  covey_bytes_of(nonce, sizeof nonce));
    }
    kit_case(NULL);
}

static void writes_partial_ivs_in_their_shortest_form(void **state)
{
    static const struct {
        uint64_t number;
        const char *piv;
    } cases[] = {
        { 0, "00" },
        { 1, "01" },
        { 255, "ff" },
        { 256, "0100" },
        { 0x123456, "123456" },
        { UINT64_C(0xffffffff), "ffffffff" },
        { UINT64_C(0x100000000), "0100000000" },
        { COVEY_OSCORE_SSN_END - 1, "ffffffffff" },
    };
    uint8_t storage[COVEY_OSCORE_PIV_MAX];
    uint64_t number = 1;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const covey_bytes piv = covey_oscore_piv(cases[i].number, storage);
        CHECK_HEX(cases[i].piv, piv);
        CHECK_STATUS(COVEY_OK, covey_oscore_piv_number(piv, &number));
        assert_true(number == cases[i].number);
    }
}

static void refuses_partial_ivs_that_nobody_writes(void **state)
{
    static const struct {
        const char *why;
        covey_bytes piv;
    } cases[] = {
        { "absent", { NULL, 0 } },
        { "six bytes", { (const uint8_t *)"\1\2\3\4\5\6", 6 } },
        { "two zeros", { (const uint8_t *)"\0\0", 2 } },
        { "a leading zero", { (const uint8_t *)"\0\1", 2 } },
    };
    uint64_t number = 42;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        kit_case(cases[i].why);
        CHECK_STATUS(COVEY_E_FORMAT,
                     covey_oscore_piv_number(cases[i].piv, &number));
        assert_true(number == 42);
    }
    kit_case(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_nonces_of_appendix_c),
        cmocka_unit_test(puts_id_and_number_at_their_right_edges),
        cmocka_unit_test(refuses_lengths_that_do_not_fit),
        cmocka_unit_test(writes_partial_ivs_in_their_shortest_form),
        cmocka_unit_test(refuses_partial_ivs_that_nobody_writes),
    };

    return KIT_RUN(tests);
}
