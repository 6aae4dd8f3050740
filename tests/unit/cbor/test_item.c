/* SPDX-License-Identifier: BSD-2-Clause */
#include <covey/cbor.h>

#include "kit.h"

#define DET COVEY_CBOR_DETERMINISTIC
#define ANY COVEY_CBOR_WELL_FORMED

struct fault {
    const char *why;
    const char *hex;
    covey_cbor_mode mode;
    covey_status expected;
    size_t at; /* of the item at fault */
};

/* clang-format off */
static const struct fault faults[] = {
    { "a key twice", "a2 0100 0100", DET, COVEY_E_FORMAT, 3 },
    { "keys out of order", "a3 0100 0300 0200", DET, COVEY_E_FORMAT, 5 },
    { "the first two keys out of order", "a3 0300 0100 0400", DET,
      COVEY_E_FORMAT, 3 },
    { "keys by length first, RFC 7049's order", "a2 617a00 186400", DET,
      COVEY_E_FORMAT, 4 },
    { "keys out of order in an inner map", "81a10ba2 0200 0100", DET,
      COVEY_E_FORMAT, 6 },
    { "a map as key, twice", "a2 a10102 00 a10102 00", DET, COVEY_E_FORMAT,
      5 },
    { "a longer head in a key", "a1 180100", DET, COVEY_E_FORMAT, 1 },
    { "a longer head behind a tag", "c11801", DET, COVEY_E_FORMAT, 1 },
    { "floating point inside", "8201f93c00", DET, COVEY_E_UNSUPPORTED, 2 },
    { "indefinite length inside", "819fff", DET, COVEY_E_FORMAT, 1 },
    { "string inside too long", "82 00 4243", ANY, COVEY_E_SHORT, 2 },
    { "array inside too long", "82 83 00 00", ANY, COVEY_E_SHORT, 1 },
    { "last item missing", "9f 82 00", ANY, COVEY_E_SHORT, 1 },
    { "break after a key", "bf 00 ff", ANY, COVEY_E_FORMAT, 2 },
    { "break in an array of definite length", "81 ff", ANY, COVEY_E_FORMAT,
      1 },
    { "break after a tag", "9f c1 ff ff", ANY, COVEY_E_FORMAT, 2 },
    { "array as a chunk", "5f 80 ff", ANY, COVEY_E_FORMAT, 1 },
    { "text as a chunk of bytes", "5f 60 ff", ANY, COVEY_E_FORMAT, 1 },
    { "chunk that is itself in chunks", "7f 7f ff ff", ANY, COVEY_E_FORMAT,
      1 },
    { "float as a chunk", "5f f90000 ff", ANY, COVEY_E_FORMAT, 1 },
};
/* clang-format on */

static void refuses_whole_items(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        uint8_t storage[32];
        covey_cbor_reader r = covey_cbor_reader_of(
            kit_hex(faults[i].hex, storage, sizeof storage), faults[i].mode);
        covey_bytes item;

        kit_case(faults[i].why);
        item = covey_cbor_get_item(&r);
        assert_null(item.ptr);
        CHECK_STATUS(faults[i].expected, r.in.failed);
        assert_int_equal(faults[i].at, r.in.pos);
    }
    kit_case(NULL);
}

static void keys_need_no_order_where_well_formed_is_enough(void **state)
{
    uint8_t storage[8];
    covey_bytes bytes = kit_hex("a3 0300 0100 0100", storage, sizeof storage);
    covey_cbor_reader r = covey_cbor_reader_of(bytes, ANY);

    (void)state;
    CHECK_SPAN(bytes, covey_cbor_get_item(&r));
}

/* `depth` of these first bytes, one inside the other, and what ends them. */
static covey_status nested(const char *opening, size_t depth,
                           const char *ending)
{
    uint8_t storage[256];
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_cbor_reader r;
    uint8_t hex[8];

    for (size_t i = 0; i < depth; i++) {
        covey_write_bytes(&w, kit_hex(opening, hex, sizeof hex));
    }
    covey_write_u8(&w, 0);
    for (size_t i = 0; i < depth; i++) {
        covey_write_bytes(&w, kit_hex(ending, hex, sizeof hex));
    }
    r = covey_cbor_reader_of(covey_written(&w), ANY);
    covey_cbor_skip(&r);
    return r.in.failed != COVEY_OK || covey_cbor_done(&r) ? r.in.failed
                                                          : COVEY_E_FORMAT;
}

static void nests_as_deep_as_it_says(void **state)
{
    static const char *const kinds[][2] = {
        { "81", "" },   { "c1", "" },     { "a100", "" },   { "a1", "00" },
        { "9f", "ff" }, { "bf00", "ff" }, { "820181", "" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        size_t levels = i == COUNT_OF(kinds) - 1 ? 2 : 1;
        size_t most = COVEY_CBOR_DEPTH / levels;

        kit_case(kinds[i][0]);
        CHECK_STATUS(COVEY_OK, nested(kinds[i][0], most, kinds[i][1]));
        CHECK_STATUS(COVEY_E_UNSUPPORTED,
                     nested(kinds[i][0], most + 1, kinds[i][1]));
        CHECK_STATUS(COVEY_E_UNSUPPORTED,
                     nested(kinds[i][0], 60, kinds[i][1]));
    }
    kit_case(NULL);
}

static void depth_is_not_used_up_by_siblings(void **state)
{
    uint8_t storage[512];
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_cbor_reader r;

    (void)state;
    covey_cbor_put_array(&w, 200);
    for (int i = 0; i < 100; i++) {
        covey_cbor_put_array(&w, 1);
        covey_cbor_put_map(&w, 0);
        covey_cbor_put_tag(&w, 1);
        covey_cbor_put_null(&w);
    }
    r = covey_cbor_reader_of(covey_written(&w), DET);
    CHECK_SPAN(covey_written(&w), covey_cbor_get_item(&r));
    assert_true(covey_cbor_done(&r));
}

/* One random item; maps have ascending integers for keys. */
static void put_random(covey_writer *w, kit_random *random, unsigned depth)
{
    static const uint8_t text[300] = { 'x' };
    unsigned what = kit_next(random) % (depth > 0 ? 8 : 5);
    uint64_t value = (uint64_t)kit_next(random) << 32 | kit_next(random);
    size_t count = kit_next(random) % 4;

    value >>= kit_next(random) % 64;
    switch (what) {
    case 0:
        covey_cbor_put_uint(w, value);
        break;
    case 1:
        covey_cbor_put_int(w, -1 - (int64_t)(value >> 1));
        break;
    case 2:
        covey_cbor_put_bytes(w, covey_bytes_of(text, value % 300));
        break;
    case 3:
        covey_cbor_put_text(w, covey_bytes_of(text, value % 30));
        break;
    case 4:
        covey_cbor_put_bool(w, value % 2);
        break;
    case 5:
        covey_cbor_put_tag(w, value);
        put_random(w, random, depth - 1);
        break;
    case 6:
        covey_cbor_put_array(w, count);
        for (size_t i = 0; i < count; i++) {
            put_random(w, random, depth - 1);
        }
        break;
    default:
        covey_cbor_put_map(w, count);
        for (size_t i = 0; i < count; i++) {
            covey_cbor_put_uint(w, i * 1000);
            put_random(w, random, depth - 1);
        }
        break;
    }
}

/* Whatever is written is one deterministic item; no prefix of it is. */
static void takes_what_is_written_and_no_prefix_of_it(void **state)
{
    static uint8_t storage[65536];
    kit_random random = { 8949 };

    (void)state;
    for (int i = 0; i < 2000; i++) {
        covey_writer w = covey_writer_of(storage, sizeof storage);
        covey_cbor_reader r;

        put_random(&w, &random, 5);
        assert_int_equal(COVEY_OK, w.failed);
        r = covey_cbor_reader_of(covey_written(&w), DET);
        CHECK_SPAN(covey_written(&w), covey_cbor_get_item(&r));
        for (size_t len = 0; len < w.pos && len < 500; len++) {
            r = covey_cbor_reader_of(covey_bytes_of(storage, len), DET);
            covey_cbor_skip(&r);
            CHECK_STATUS(COVEY_E_SHORT, r.in.failed);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_whole_items),
        cmocka_unit_test(keys_need_no_order_where_well_formed_is_enough),
        cmocka_unit_test(nests_as_deep_as_it_says),
        cmocka_unit_test(depth_is_not_used_up_by_siblings),
        cmocka_unit_test(takes_what_is_written_and_no_prefix_of_it),
    };
    return KIT_RUN(tests);
}
