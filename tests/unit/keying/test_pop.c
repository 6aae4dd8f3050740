/* SPDX-License-Identifier: BSD-2-Clause */
/* Inputs of the proofs of possession: figures of RFC 9594, and the limits. */
#include "kit.h"

#include <covey/keying.h>

#define SCOPE "\x82\x66group1\x66sender"
#define N_S   "\x01\x8a\x27\x8f\x7f\xaa\xb5\x5a"
#define N_C   "\x25\xa8\x99\x1c\xd7\x00\xac\x01"
#define N_KDC "\xce\xf0\x4b\x2a\xa7\x91\xbc\x6d"

static uint8_t storage[2000];

static void gives_what_rfc_9594_prints(void **state)
{
    covey_writer w = covey_writer_of(storage, sizeof storage);

    (void)state;
    CHECK_STATUS(COVEY_OK, covey_keying_client_pop(&w, SPAN(SCOPE), SPAN(N_S),
                                                   SPAN(N_C)));
    CHECK_HEX("4f 826667726f7570316673656e646572 48 018a278f7faab55a"
              "48 25a8991cd700ac01",
              covey_written(&w));
    w = covey_writer_of(storage, sizeof storage);
    CHECK_STATUS(COVEY_OK, covey_keying_kdc_pop(&w, SPAN(N_C), SPAN(N_KDC)));
    CHECK_HEX("48 25a8991cd700ac01 48 cef04b2aa791bc6d", covey_written(&w));
}

/* Heads of two and three bytes, so that a long challenge is no other one. */
static void lengths_are_part_of_it(void **state)
{
    static const uint8_t challenge[300] = { 7 };
    covey_writer w = covey_writer_of(storage, sizeof storage);

    (void)state;
    CHECK_STATUS(COVEY_OK,
                 covey_keying_kdc_pop(&w, covey_bytes_of(challenge, 24),
                                      covey_bytes_of(challenge, 300)));
    assert_int_equal(2 + 24 + 3 + 300, w.pos);
    CHECK_HEX("58 18 07", covey_bytes_of(storage, 3));
    CHECK_HEX("59 012c 07", covey_bytes_of(storage + 26, 4));
}

static void begins_where_the_writer_stands(void **state)
{
    covey_writer w = covey_writer_of(storage, sizeof storage);

    (void)state;
    covey_write_u8(&w, 0xee);
    CHECK_STATUS(COVEY_OK, covey_keying_kdc_pop(&w, SPAN("a"), SPAN("b")));
    CHECK_HEX("ee 41 61 41 62", covey_written(&w));
}

static void proves_nothing_without_all_parts(void **state)
{
    const covey_bytes absent = { NULL, 0 };
    const covey_bytes empty = SPAN("");
    const covey_bytes nothing[] = { absent, empty };
    const covey_bytes x = SPAN("x");

    (void)state;
    for (size_t i = 0; i < COUNT_OF(nothing); i++) {
        const covey_bytes n = nothing[i];
        covey_writer w = covey_writer_of(storage, sizeof storage);

        CHECK_STATUS(COVEY_E_ARGUMENT, covey_keying_client_pop(&w, n, x, x));
        CHECK_STATUS(COVEY_E_ARGUMENT, covey_keying_client_pop(&w, x, n, x));
        CHECK_STATUS(COVEY_E_ARGUMENT, covey_keying_client_pop(&w, x, x, n));
        CHECK_STATUS(COVEY_E_ARGUMENT, covey_keying_kdc_pop(&w, n, x));
        CHECK_STATUS(COVEY_E_ARGUMENT, covey_keying_kdc_pop(&w, x, n));
        assert_int_equal(0, w.pos);
        assert_int_equal(COVEY_OK, w.failed);
    }
}

static void says_when_there_is_no_room(void **state)
{
    (void)state;
    for (size_t cap = 0; cap < 6; cap++) {
        covey_writer w = covey_writer_of(storage, cap);
        CHECK_STATUS(COVEY_E_ROOM, covey_keying_client_pop(
                                       &w, SPAN("s"), SPAN("n"), SPAN("c")));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_what_rfc_9594_prints),
        cmocka_unit_test(lengths_are_part_of_it),
        cmocka_unit_test(begins_where_the_writer_stands),
        cmocka_unit_test(proves_nothing_without_all_parts),
        cmocka_unit_test(says_when_there_is_no_room),
    };

    return KIT_RUN(tests);
}
