/* SPDX-License-Identifier: BSD-2-Clause */
/* Enc_structure and Countersign_structure. Whole messages with them are
 * compared in test_vectors.c. */
#include <covey/cose.h>

#include "kit.h"

static uint8_t storage[70000];
static const uint8_t content[66000];

/* RFC 8613 Appendix C.4: external_aad and AAD as printed there. */
static void makes_the_aad_of_rfc8613(void **state)
{
    uint8_t room[16];
    covey_writer w = covey_writer_of(storage, sizeof storage);

    (void)state;
    covey_cose_put_enc_structure(
        &w, kit_hex("8501810a40411440", room, sizeof room));
    CHECK_HEX("8368456e63727970743040488501810a40411440", covey_written(&w));
    assert_int_equal(covey_cose_enc_structure_size(8), w.pos);
}

/* "CounterSignature0", three byte strings of which two are empty, and the
 * ciphertext: five elements, not the four of another reading. */
static void signs_five_elements(void **state)
{
    covey_writer w = covey_writer_of(storage, sizeof storage);

    (void)state;
    covey_cose_put_countersign_structure(&w, SPAN("aad"), SPAN("sealed"));
    CHECK_HEX("85 71 436f756e7465725369676e617475726530 40 40 43 616164 "
              "46 7365616c6564",
              covey_written(&w));
    assert_int_equal(covey_cose_countersign_structure_size(3, 6), w.pos);
}

static void an_empty_aad_is_there(void **state)
{
    covey_bytes empty = { NULL, 0 };
    covey_writer w = covey_writer_of(storage, sizeof storage);

    (void)state;
    covey_cose_put_enc_structure(&w, empty);
    CHECK_HEX("8368456e63727970743040 40", covey_written(&w));
}

static void sizes_are_those_written(void **state)
{
    static const size_t lens[] = {
        0, 1, 23, 24, 255, 256, 65535, 65536, 65999
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lens); i++) {
        covey_bytes aad = covey_bytes_of(content, lens[i]);
        covey_bytes sealed =
            covey_bytes_of(content, lens[COUNT_OF(lens) - 1 - i] % 4000);
        covey_writer w = covey_writer_of(storage, sizeof storage);

        covey_cose_put_enc_structure(&w, aad);
        assert_int_equal(COVEY_OK, w.failed);
        assert_int_equal(covey_cose_enc_structure_size(aad.len), w.pos);
        w = covey_writer_of(storage, sizeof storage);
        covey_cose_put_countersign_structure(&w, aad, sealed);
        assert_int_equal(COVEY_OK, w.failed);
        assert_int_equal(
            covey_cose_countersign_structure_size(aad.len, sealed.len), w.pos);
    }
}

/* Written in place with a wrong guess, the same bytes come out. */
static void in_place_is_the_same(void **state)
{
    static uint8_t other[1024];

    (void)state;
    for (size_t guess = 0; guess < 600; guess += 150) {
        covey_bytes aad = covey_bytes_of(content, 300);
        covey_writer whole = covey_writer_of(storage, sizeof storage);
        covey_writer piece = covey_writer_of(other, sizeof other);
        covey_cbor_wrapping wrap;

        covey_cose_put_countersign_structure(&whole, aad, SPAN("sealed"));
        wrap = covey_cose_countersign_structure(&piece, guess);
        covey_write_bytes(&piece, covey_bytes_of(content, 100));
        covey_write_bytes(&piece, covey_bytes_of(content, 200));
        covey_cbor_wrap_end(&piece, wrap);
        covey_cbor_put_bytes(&piece, SPAN("sealed"));
        CHECK_SPAN(covey_written(&whole), covey_written(&piece));

        whole = covey_writer_of(storage, sizeof storage);
        piece = covey_writer_of(other, sizeof other);
        covey_cose_put_enc_structure(&whole, aad);
        wrap = covey_cose_enc_structure(&piece, guess);
        covey_write_bytes(&piece, aad);
        covey_cbor_wrap_end(&piece, wrap);
        CHECK_SPAN(covey_written(&whole), covey_written(&piece));
    }
}

static void says_when_there_is_no_room(void **state)
{
    size_t whole = covey_cose_countersign_structure_size(3, 6);

    (void)state;
    for (size_t cap = 0; cap < whole; cap++) {
        covey_writer w = covey_writer_of(storage, cap);

        covey_cose_put_countersign_structure(&w, SPAN("aad"), SPAN("sealed"));
        CHECK_STATUS(COVEY_E_ROOM, w.failed);
    }
    whole = covey_cose_enc_structure_size(3);
    for (size_t cap = 0; cap < whole; cap++) {
        covey_writer w = covey_writer_of(storage, cap);

        covey_cose_put_enc_structure(&w, SPAN("aad"));
        CHECK_STATUS(COVEY_E_ROOM, w.failed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_the_aad_of_rfc8613),
        cmocka_unit_test(signs_five_elements),
        cmocka_unit_test(an_empty_aad_is_there),
        cmocka_unit_test(sizes_are_those_written),
        cmocka_unit_test(in_place_is_the_same),
        cmocka_unit_test(says_when_there_is_no_room),
    };
    return KIT_RUN(tests);
}
