/* SPDX-License-Identifier: BSD-2-Clause */
/* Both structures around one external_aad, against those of covey/cose.h,
 * which are put together in another way; their greatest lengths, and every
 * lack of room. */
#include "kit.h"

#include <covey/cbor.h>
#include <covey/cose.h>
#include <covey/group_aad.h>

/* Lengths at which the head of the external_aad or of the ciphertext changes,
 * and around them. */
static const size_t lengths[] = {
    0, 1, 23, 24, 255, 256, 65300, 65535, 65536
};

#define LONG 65536u
static uint8_t content[LONG];
static uint8_t scratch[4 * LONG];
static uint8_t expected[4 * LONG];

static const covey_group_algorithms all = {
    COVEY_AES_CCM_16_64_128,
    COVEY_A128CTR,
    COVEY_EDDSA,
    COVEY_ECDH_SS_HKDF_256,
};

/* With these lengths of the credentials. */
static covey_group_binding binding(size_t sender_cred, size_t gm_cred)
{
    const covey_group_binding b = {
        .request_kid = SPAN("client"),
        .request_piv = SPAN("\1"),
        .request_kid_context = SPAN("gid"),
        .option = SPAN("\x09\x01"),
        .sender_cred = covey_bytes_of(content, sender_cred),
        .gm_cred = covey_bytes_of(content, gm_cred),
    };

    return b;
}

/* The external_aad that an Enc_structure of ours holds. */
static covey_bytes inside(covey_bytes enc_structure)
{
    covey_cbor_reader r =
        covey_cbor_reader_of(enc_structure, COVEY_CBOR_DETERMINISTIC);
    covey_bytes external_aad;

    assert_int_equal(covey_cbor_get_array(&r), 3);
    CHECK_SPAN(SPAN("Encrypt0"), covey_cbor_get_text(&r));
    CHECK_SPAN(SPAN(""), covey_cbor_get_bytes(&r));
    external_aad = covey_cbor_get_bytes(&r);
    assert_true(covey_cbor_done(&r));
    return external_aad;
}

static void agrees_with_the_structures_of_cose(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof content; i++) {
        content[i] = (uint8_t)(i * 7 + 1);
    }
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        const covey_group_binding b = binding(lengths[i], 3);

        for (size_t k = 0; k < COUNT_OF(lengths); k++) {
            const covey_bytes sealed = covey_bytes_of(content, lengths[k]);
            covey_writer w = covey_writer_of(expected, sizeof expected);
            covey_group_inputs in;
            covey_bytes external_aad;
            covey_bytes tbs;

            CHECK_STATUS(COVEY_OK,
                         covey_group_inputs_begin(&in, scratch, sizeof scratch,
                                                  &all, &b));
            external_aad = inside(covey_group_enc_structure(&in));
            covey_cose_put_enc_structure(&w, external_aad);
            CHECK_SPAN(covey_written(&w), covey_group_enc_structure(&in));

            w = covey_writer_of(expected, sizeof expected);
            covey_cose_put_countersign_structure(&w, external_aad, sealed);
            CHECK_STATUS(COVEY_OK,
                         covey_group_to_be_signed(&in, sealed, &tbs));
            CHECK_SPAN(covey_written(&w), tbs);
        }
    }
}

/* Which of the four is which, and null where there is none. */
static void names_the_algorithms_of_the_group_in_order(void **state)
{
    static const struct {
        const char *why;
        covey_group_algorithms algorithms;
        const char *array;
    } cases[] = {
        { "all", { 10, -65534, -8, -27 }, "840a39fffd27381a" },
        { "group mode alone", { 0, 10, -7, 0 }, "84f60a26f6" },
        { "pairwise mode alone", { 24, 0, 0, -28 }, "841818f6f6381b" },
        { "the longest",
          { INT32_MIN, INT32_MAX, INT32_MIN, INT32_MAX },
          "843a7fffffff1a7fffffff3a7fffffff1a7fffffff" },
    };
    const covey_group_binding b = binding(0, 0);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        covey_writer w = covey_writer_of(scratch, sizeof scratch);
        covey_cbor_reader r;

        kit_case(cases[i].why);
        covey_group_put_external_aad(&w, &cases[i].algorithms, &b);
        r = covey_cbor_reader_of(covey_written(&w), COVEY_CBOR_DETERMINISTIC);
        assert_int_equal(covey_cbor_get_array(&r), 9);
        assert_int_equal(covey_cbor_get_uint(&r), 1);
        CHECK_HEX(cases[i].array, covey_cbor_get_item(&r));
    }
    kit_case(NULL);
}

/* Section 3.4, and class I options where there are any. */
static void keeps_the_order_of_the_standard(void **state)
{
    const covey_group_binding b = {
        .request_kid = SPAN("a"),
        .request_piv = SPAN("b"),
        .request_kid_context = SPAN("d"),
        .options = SPAN("c"),
        .option = SPAN("e"),
        .sender_cred = SPAN("f"),
        .gm_cred = SPAN("g"),
    };
    covey_writer w = covey_writer_of(scratch, sizeof scratch);

    (void)state;
    covey_group_put_external_aad(&w, &all, &b);
    CHECK_HEX("89 01 840a39fffd27381a 4161 4162 4163 4164 4165 4166 4167",
              covey_written(&w));
}

static void never_needs_more_than_its_greatest_length(void **state)
{
    const covey_group_algorithms longest = { INT32_MIN, INT32_MIN, INT32_MIN,
                                             INT32_MIN };
    covey_group_binding b = binding(LONG, LONG);
    covey_writer w = covey_writer_of(scratch, sizeof scratch);
    size_t bound;
    covey_group_inputs in;
    covey_bytes tbs;

    (void)state;
    b.request_kid = SPAN("\1\2\3\4\5\6\7");
    b.request_piv = SPAN("\1\2\3\4\5");
    b.request_kid_context = covey_bytes_of(content, 255);
    b.option = covey_bytes_of(content, 270);
    bound = COVEY_GROUP_AAD_MAX(255u, 270u, LONG, LONG);
    covey_group_put_external_aad(&w, &longest, &b);
    assert_true(w.pos <= bound);
    bound = COVEY_GROUP_INPUTS_MAX(w.pos, LONG);
    assert_true(bound <= sizeof scratch);
    CHECK_STATUS(COVEY_OK,
                 covey_group_inputs_begin(&in, scratch, bound, &longest, &b));
    CHECK_STATUS(COVEY_OK, covey_group_to_be_signed(
                               &in, covey_bytes_of(content, LONG), &tbs));
    assert_int_equal(tbs.len, bound); /* with five bytes in either head */
}

/* Storage of exactly so many bytes, so that the sanitizers see one more. */
static void says_at_every_length_when_there_is_no_room(void **state)
{
    static const uint8_t untouched[sizeof(covey_group_inputs)] = { 0 };
    const covey_bytes sealed = covey_bytes_of(content, 40);
    const covey_group_binding b = binding(30, 300);
    covey_group_inputs in;
    covey_writer w = covey_writer_of(scratch, sizeof scratch);
    size_t whole;
    size_t sign_from;

    (void)state;
    covey_group_put_external_aad(&w, &all, &b);
    whole = 26 + w.pos;         /* drawn in core/group_aad/aad.c */
    sign_from = whole + 2 + 40; /* head and ciphertext */
    for (size_t cap = 0; cap <= sign_from; cap++) {
        uint8_t *room = test_malloc(cap + 1);
        covey_bytes tbs = { NULL, 0 };
        covey_status st;

        memset(&in, 0, sizeof in);
        room[cap] = 0xee;
        st = covey_group_inputs_begin(&in, room, cap, &all, &b);
        CHECK_STATUS(cap < whole ? COVEY_E_ROOM : COVEY_OK, st);
        if (st == COVEY_OK) {
            st = covey_group_to_be_signed(&in, sealed, &tbs);
            CHECK_STATUS(cap < sign_from ? COVEY_E_ROOM : COVEY_OK, st);
            assert_int_equal(tbs.ptr == NULL, cap < sign_from);
        } else {
            assert_memory_equal(&in, untouched, sizeof in);
        }
        assert_int_equal(room[cap], 0xee);
        test_free(room);
    }
}

/* Lengths beyond what a head of five bytes says are refused before anything
 * is read, whatever the capacity is said to be. */
static void refuses_four_gigabytes(void **state)
{
    covey_group_binding b = binding(0, 0);
    covey_group_inputs in;

    (void)state;
    b.sender_cred.len = UINT32_MAX;
    CHECK_STATUS(COVEY_E_ROOM,
                 covey_group_inputs_begin(&in, scratch, SIZE_MAX, &all, &b));
}

static void lets_a_failure_stick(void **state)
{
    const covey_group_binding b = binding(10, 10);
    covey_writer w = covey_writer_of(scratch, sizeof scratch);

    (void)state;
    w.failed = COVEY_E_ROOM;
    covey_group_put_external_aad(&w, &all, &b);
    assert_int_equal(w.pos, 0);
    CHECK_STATUS(COVEY_E_ROOM, w.failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_structures_of_cose),
        cmocka_unit_test(names_the_algorithms_of_the_group_in_order),
        cmocka_unit_test(keeps_the_order_of_the_standard),
        cmocka_unit_test(never_needs_more_than_its_greatest_length),
        cmocka_unit_test(says_at_every_length_when_there_is_no_room),
        cmocka_unit_test(refuses_four_gigabytes),
        cmocka_unit_test(lets_a_failure_stick),
    };

    return KIT_RUN(tests);
}
