/* SPDX-License-Identifier: BSD-2-Clause */
#include <covey/coap_options.h>

#include "kit.h"

static uint8_t storage[512];

struct split {
    const char *why;
    const char *hex;
    covey_kudos_layout kudos;
    uint16_t len[COVEY_OSCORE_PARTS];
};

/* clang-format off */
static const struct split splits[] = {
    /*                              flags piv ctx x nonce y old kid */
    { "all parts absent", "", COVEY_KUDOS_SEED,
      { 0, 0, 0, 0, 0, 0, 0, 0 } },
    { "RFC 8613 Section 6.3, example 1: kid 25, PIV 05",
      "09 05 25", COVEY_KUDOS_SEED,
      { 1, 1, 0, 0, 0, 0, 0, 1 } },
    { "example 2: empty kid, PIV 00", "09 00", COVEY_KUDOS_SEED,
      { 1, 1, 0, 0, 0, 0, 0, 0 } },
    { "example 3: empty kid, PIV 05, kid context 44616c656b",
      "19 05 05 44 61 6c 65 6b", COVEY_KUDOS_SEED,
      { 1, 1, 6, 0, 0, 0, 0, 0 } },
    { "a response with a PIV of five bytes", "05 01 02 03 04 05",
      COVEY_KUDOS_SEED, { 1, 5, 0, 0, 0, 0, 0, 0 } },
    { "only an empty kid", "08", COVEY_KUDOS_SEED,
      { 1, 0, 0, 0, 0, 0, 0, 0 } },
    { "an empty kid context", "10 00", COVEY_KUDOS_SEED,
      { 1, 0, 1, 0, 0, 0, 0, 0 } },
    { "group mode: kid context of 3, kid of 1",
      "39 14 03 44 61 6c 52", COVEY_KUDOS_SEED,
      { 1, 1, 4, 0, 0, 0, 0, 1 } },
    { "group flag alone", "20", COVEY_KUDOS_SEED,
      { 1, 0, 0, 0, 0, 0, 0, 0 } },
    { "second flag byte, nothing in it", "80 00", COVEY_KUDOS_SEED,
      { 2, 0, 0, 0, 0, 0, 0, 0 } },
    { "KUDOS, seed: m has three bits, so 0f is a nonce of 8",
      "81 01 00 0f 01 02 03 04 05 06 07 08", COVEY_KUDOS_SEED,
      { 2, 1, 0, 1, 8, 0, 0, 0 } },
    { "KUDOS, seed: everything, with a kid behind it",
      "99 01 00 02 37 cb 01 aa bb 01 02", COVEY_KUDOS_SEED,
      { 2, 1, 3, 1, 2, 0, 0, 2 } },
    { "KUDOS, seed: bit 0x40 of x announces nothing",
      "80 01 40 aa", COVEY_KUDOS_SEED,
      { 2, 0, 0, 1, 1, 0, 0, 0 } },
    { "KUDOS, four bits: 0f is a nonce of 16",
      "80 01 0f 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f",
      COVEY_KUDOS_14, { 2, 0, 0, 1, 16, 0, 0, 0 } },
    { "KUDOS, four bits: y and old nonce, then a kid",
      "88 01 40 aa 01 bb cc dd", COVEY_KUDOS_14,
      { 2, 0, 0, 1, 1, 1, 2, 1 } },
    { "KUDOS, convergent: bit 0x40 of x announces nothing, m has four bits",
      "81 01 00 4f 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f",
      COVEY_KUDOS_CONVERGENT, { 2, 1, 0, 1, 16, 0, 0, 0 } },
    { "KUDOS, convergent: the kid is right behind the nonce",
      "88 01 40 aa 01 bb cc dd", COVEY_KUDOS_CONVERGENT,
      { 2, 0, 0, 1, 1, 0, 0, 4 } },
};
/* clang-format on */

static void splits_into_parts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(splits); i++) {
        uint16_t len[COVEY_OSCORE_PARTS];
        covey_bytes value = kit_hex(splits[i].hex, storage, sizeof storage);
        size_t sum = 0;

        kit_case(splits[i].why);
        CHECK_STATUS(COVEY_OK,
                     covey_oscore_option_split(len, value, splits[i].kudos));
        for (size_t p = 0; p < COVEY_OSCORE_PARTS; p++) {
            assert_int_equal(splits[i].len[p], len[p]);
            sum += len[p];
        }
        assert_int_equal(value.len, sum);
    }
    kit_case(NULL);
}

struct refusal {
    const char *why;
    const char *hex;
    covey_status expected;
};

/* clang-format off */
static const struct refusal refusals[] = {
    { "all flags zero is the empty value, not 00", "00", COVEY_E_FORMAT },
    { "00 and more", "00 01", COVEY_E_FORMAT },
    { "reserved bit 0x40", "40", COVEY_E_FORMAT },
    { "reserved bit 0x40 beside others", "49 01", COVEY_E_FORMAT },
    { "n of 6", "06 01 02 03 04 05 06", COVEY_E_FORMAT },
    { "n of 7", "07 01 02 03 04 05 06 07", COVEY_E_FORMAT },
    { "n of 7 and nothing else", "0f", COVEY_E_FORMAT },
    { "PIV of 1 missing", "09", COVEY_E_SHORT },
    { "PIV one byte short", "05 01 02 03 04", COVEY_E_SHORT },
    { "s missing", "10", COVEY_E_SHORT },
    { "s missing behind a PIV", "11 05", COVEY_E_SHORT },
    { "kid context one byte short", "10 02 aa", COVEY_E_SHORT },
    { "kid context of 255 that is not there", "18 ff aa", COVEY_E_SHORT },
    { "a byte left over without k", "01 05 aa", COVEY_E_FORMAT },
    { "a byte left over behind a kid context", "10 01 aa bb",
      COVEY_E_FORMAT },
    { "a byte behind the group flag alone", "20 aa", COVEY_E_FORMAT },
    { "second flag byte missing", "80", COVEY_E_SHORT },
    { "unknown bit in the second flag byte", "80 02", COVEY_E_UNSUPPORTED },
    { "highest bit in the second flag byte", "80 80", COVEY_E_UNSUPPORTED },
    { "known and unknown bit", "80 81 00 aa", COVEY_E_UNSUPPORTED },
    { "x missing", "80 01", COVEY_E_SHORT },
    { "x missing behind a PIV", "81 01 00", COVEY_E_SHORT },
    { "nonce missing", "80 01 00", COVEY_E_SHORT },
    { "nonce one byte short", "80 01 02 aa bb", COVEY_E_SHORT },
    { "a byte behind the nonce", "80 01 00 aa bb", COVEY_E_FORMAT },
};
static const struct refusal refusals_14[] = {
    { "y missing", "80 01 40 aa", COVEY_E_SHORT },
    { "old nonce missing", "80 01 40 aa 00", COVEY_E_SHORT },
    { "old nonce one byte short", "80 01 40 aa 02 01 02", COVEY_E_SHORT },
    { "a byte behind the old nonce", "80 01 40 aa 00 01 02",
      COVEY_E_FORMAT },
    { "nonce of 16, one byte short",
      "80 01 0f 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e",
      COVEY_E_SHORT },
};
/* clang-format on */

static void check_refusals(const struct refusal *r, size_t count,
                           covey_kudos_layout kudos)
{
    for (size_t i = 0; i < count; i++) {
        uint16_t len[COVEY_OSCORE_PARTS];
        uint16_t untouched[COVEY_OSCORE_PARTS];
        covey_oscore_option o;
        covey_bytes value = kit_hex(r[i].hex, storage, sizeof storage);

        kit_case(r[i].why);
        memset(len, 0x5a, sizeof len);
        memset(untouched, 0x5a, sizeof untouched);
        CHECK_STATUS(r[i].expected,
                     covey_oscore_option_split(len, value, kudos));
        assert_memory_equal(untouched, len, sizeof len);
        CHECK_STATUS(r[i].expected,
                     covey_oscore_option_parse(&o, value, kudos));
    }
    kit_case(NULL);
}

static void refuses_what_is_malformed(void **state)
{
    (void)state;
    check_refusals(refusals, COUNT_OF(refusals), COVEY_KUDOS_SEED);
    check_refusals(refusals, COUNT_OF(refusals), COVEY_KUDOS_14);
    check_refusals(refusals, COUNT_OF(refusals), COVEY_KUDOS_CONVERGENT);
    check_refusals(refusals_14, COUNT_OF(refusals_14), COVEY_KUDOS_14);
}

static void refuses_more_than_255_bytes(void **state)
{
    (void)state;
    uint16_t len[COVEY_OSCORE_PARTS];

    memset(storage, 0, sizeof storage);
    storage[0] = COVEY_OSCORE_FLAG_K;
    CHECK_STATUS(COVEY_OK,
                 covey_oscore_option_split(len, covey_bytes_of(storage, 255),
                                           COVEY_KUDOS_SEED));
    assert_int_equal(254, len[COVEY_OSCORE_PART_KID]);
    CHECK_STATUS(COVEY_E_RANGE,
                 covey_oscore_option_split(len, covey_bytes_of(storage, 256),
                                           COVEY_KUDOS_SEED));
}

static void tells_absent_from_empty(void **state)
{
    (void)state;
    covey_oscore_option o;

    CHECK_STATUS(COVEY_OK,
                 covey_oscore_option_parse(&o, SPAN(""), COVEY_KUDOS_SEED));
    assert_null(o.partial_iv.ptr);
    assert_null(o.kid_context.ptr);
    assert_null(o.kid.ptr);
    assert_null(o.nonce.ptr);
    assert_false(o.group);
    CHECK_STATUS(COVEY_OK, covey_oscore_option_parse(&o, SPAN("\x18\x00"),
                                                     COVEY_KUDOS_SEED));
    assert_null(o.partial_iv.ptr);
    assert_non_null(o.kid_context.ptr);
    assert_int_equal(0, o.kid_context.len);
    assert_non_null(o.kid.ptr);
    assert_int_equal(0, o.kid.len);
}

static void names_every_part(void **state)
{
    (void)state;
    covey_oscore_option o;
    covey_bytes value = kit_hex("b9 01 14 02 37 cb 41 01 02 00 03 04 05",
                                storage, sizeof storage);

    CHECK_STATUS(COVEY_OK,
                 covey_oscore_option_parse(&o, value, COVEY_KUDOS_14));
    assert_true(o.group);
    CHECK_HEX("14", o.partial_iv);
    CHECK_HEX("37 cb", o.kid_context);
    assert_true(o.kudos);
    assert_int_equal(0x41, o.x);
    CHECK_HEX("01 02", o.nonce);
    assert_true(o.has_y);
    assert_int_equal(0x00, o.y);
    CHECK_HEX("03", o.old_nonce);
    CHECK_HEX("04 05", o.kid);
}

/* The one value that two spellings share: a second flag byte of zero. */
static bool is_canonical(covey_bytes value)
{
    return value.len < 2 || (value.ptr[0] & COVEY_OSCORE_FLAG_EXTENDED) == 0 ||
           value.ptr[1] != 0;
}

static void encodes_what_it_parsed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(splits); i++) {
        covey_oscore_option o;
        uint8_t room[300];
        covey_writer w = covey_writer_of(room, sizeof room);
        covey_bytes value = kit_hex(splits[i].hex, storage, sizeof storage);

        if (!is_canonical(value)) {
            continue;
        }
        kit_case(splits[i].why);
        CHECK_STATUS(COVEY_OK,
                     covey_oscore_option_parse(&o, value, splits[i].kudos));
        CHECK_STATUS(COVEY_OK,
                     covey_oscore_option_encode(&w, &o, splits[i].kudos));
        CHECK_HEX(splits[i].hex, covey_written(&w));
        /* No room for the last byte. */
        if (value.len > 0) {
            w = covey_writer_of(room, value.len - 1);
            CHECK_STATUS(COVEY_E_ROOM,
                         covey_oscore_option_encode(&w, &o, splits[i].kudos));
        }
    }
    kit_case(NULL);
}

static void does_not_encode_contradictions(void **state)
{
    static const uint8_t bytes[300] = { 0 };
    const covey_bytes two = covey_bytes_of(bytes, 2);
    const struct {
        const char *why;
        covey_oscore_option o;
        covey_kudos_layout kudos;
    } cases[] = {
        { "PIV of 0 bytes", { .partial_iv = { bytes, 0 } }, COVEY_KUDOS_SEED },
        { "PIV of 6 bytes", { .partial_iv = { bytes, 6 } }, COVEY_KUDOS_SEED },
        { "kid context of 256",
          { .kid_context = { bytes, 256 } },
          COVEY_KUDOS_SEED },
        { "kid context of 255, a value of 257",
          { .kid_context = { bytes, 255 } },
          COVEY_KUDOS_SEED },
        { "kid of 255, a value of 256",
          { .kid = { bytes, 255 } },
          COVEY_KUDOS_SEED },
        { "kid of 300", { .kid = { bytes, 300 } }, COVEY_KUDOS_SEED },
        { "nonce shorter than x says",
          { .kudos = true, .x = 2, .nonce = two },
          COVEY_KUDOS_SEED },
        { "nonce longer than x says",
          { .kudos = true, .x = 0, .nonce = two },
          COVEY_KUDOS_SEED },
        { "no nonce", { .kudos = true, .x = 0 }, COVEY_KUDOS_SEED },
        { "nonce of 16 in the layout of three bits",
          { .kudos = true, .x = 15, .nonce = { bytes, 16 } },
          COVEY_KUDOS_SEED },
        { "y without KUDOS",
          { .has_y = true, .old_nonce = two },
          COVEY_KUDOS_14 },
        { "y in the layout that has none",
          { .kudos = true,
            .x = 0x41,
            .nonce = two,
            .has_y = true,
            .y = 1,
            .old_nonce = two },
          COVEY_KUDOS_SEED },
        { "x announces y, none is there",
          { .kudos = true, .x = 0x41, .nonce = two },
          COVEY_KUDOS_14 },
        { "y that x does not announce",
          { .kudos = true,
            .x = 0x01,
            .nonce = two,
            .has_y = true,
            .y = 1,
            .old_nonce = two },
          COVEY_KUDOS_14 },
        { "old nonce longer than y says",
          { .kudos = true,
            .x = 0x41,
            .nonce = two,
            .has_y = true,
            .y = 0,
            .old_nonce = two },
          COVEY_KUDOS_14 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint8_t room[600];
        covey_writer w = covey_writer_of(room, sizeof room);
        kit_case(cases[i].why);
        CHECK_STATUS(COVEY_E_ARGUMENT, covey_oscore_option_encode(
                                           &w, &cases[i].o, cases[i].kudos));
        assert_int_equal(0, w.pos);
    }
    kit_case(NULL);
}

static void does_not_encode_y_in_convergent_messages(void **state)
{
    const covey_oscore_option o = {
        .kudos = true,
        .x = 0x41,
        .nonce = SPAN("ab"),
        .has_y = true,
        .y = 1,
        .old_nonce = SPAN("cd"),
    };
    uint8_t room[20];
    covey_writer w = covey_writer_of(room, sizeof room);

    (void)state;
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 covey_oscore_option_encode(&w, &o, COVEY_KUDOS_CONVERGENT));
    assert_int_equal(0, w.pos);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_into_parts),
        cmocka_unit_test(refuses_what_is_malformed),
        cmocka_unit_test(refuses_more_than_255_bytes),
        cmocka_unit_test(tells_absent_from_empty),
        cmocka_unit_test(names_every_part),
        cmocka_unit_test(encodes_what_it_parsed),
        cmocka_unit_test(does_not_encode_contradictions),
        cmocka_unit_test(does_not_encode_y_in_convergent_messages),
    };
    return KIT_RUN(tests);
}
