/* SPDX-License-Identifier: BSD-2-Clause */
/* Bodies cut into blocks and put together, against an array of bytes. */
#include "kit.h"

#include <covey/transfer.h>

static void cuts_a_body(void **state)
{
    static const struct {
        uint64_t total;
        uint64_t offset;
        uint8_t szx;
        uint32_t room;
        uint32_t num;
        uint32_t len;
        bool more;
        bool whole;
    } cases[] = {
        { 0, 0, 6, 0, 0, 0, false, true },
        { 1024, 0, 6, 0, 0, 1024, false, true },
        { 1025, 0, 6, 0, 0, 1024, true, false },
        { 1025, 1024, 6, 0, 1, 1, false, false },
        { 100, 96, 0, 0, 6, 4, false, false },
        { 5000, 0, 7, 4000, 0, 3072, true, false },
        { 5000, 3072, 7, 4000, 3, 1928, false, false },
        { 16u << 20, (16u << 20) - 16, 0, 0, 0xfffff, 16, false, false },
    };
    covey_slice s;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CHECK_STATUS(COVEY_OK,
                     covey_slice_at(&s, cases[i].total, cases[i].offset,
                                    cases[i].szx, cases[i].room));
        assert_int_equal(cases[i].num, s.block.num);
        assert_int_equal(cases[i].szx, s.block.szx);
        assert_int_equal(cases[i].len, s.len);
        assert_int_equal(cases[i].more, s.block.more);
        assert_int_equal(cases[i].whole, s.whole);
    }
}

static void refuses_to_cut(void **state)
{
    covey_slice s;

    (void)state;
    CHECK_STATUS(COVEY_E_ARGUMENT, covey_slice_at(&s, 10, 0, 8, 9999));
    CHECK_STATUS(COVEY_E_ARGUMENT, covey_slice_at(&s, 10, 0, 7, 1023));
    CHECK_STATUS(COVEY_E_RANGE, covey_slice_at(&s, 100, 8, 0, 0));
    CHECK_STATUS(COVEY_E_RANGE, covey_slice_at(&s, 64, 64, 0, 0));
    CHECK_STATUS(COVEY_E_RANGE, covey_slice_at(&s, 64, 128, 0, 0));
    CHECK_STATUS(COVEY_E_RANGE, covey_slice_at(&s, 0, 16, 0, 0));
    CHECK_STATUS(COVEY_E_RANGE, covey_slice_at(&s, (16u << 20) + 1, 0, 0, 0));
    CHECK_STATUS(COVEY_E_RANGE, covey_slice_at(&s, UINT64_MAX, 0, 6, 0));
}

/* Block2 is 23: d1 0a value. */
static void serves_what_is_asked_for(void **state)
{
    static const struct {
        const char *why;
        const char *hex;
        covey_serve serve;
        uint8_t code;
        uint64_t offset;
        uint32_t len;
        uint8_t szx;
    } cases[] = {
        { "no Block2", "", { 3000, 0, 6, false }, 0, 0, 1024, 6 },
        { "1/0/64", "d10a12", { 3000, 0, 6, false }, 0, 64, 64, 2 },
        { "smaller than asked",
          "d10a16",
          { 3000, 0, 4, false },
          0,
          1024,
          256,
          4 },
        { "the last", "d10a26", { 3000, 0, 6, false }, 0, 2048, 952, 6 },
        { "beyond the end", "d10a36", { 3000, 0, 6, false }, 0x80, 0, 0, 0 },
        { "far beyond", "d30afffff6", { 3000, 0, 6, false }, 0x80, 0, 0, 0 },
        { "SZX 7 on datagrams",
          "d10a07",
          { 3000, 0, 6, false },
          0x80,
          0,
          0,
          0 },
        { "BERT", "d10a07", { 3000, 2500, 7, false }, 0, 0, 2048, 7 },
        { "BERT, later", "d10a27", { 3000, 2500, 7, false }, 0, 2048, 952, 7 },
        { "BERT without room", "", { 3000, 1000, 7, false }, 0, 0, 1024, 6 },
        { "group, first", "d10a02", { 3000, 0, 6, true }, 0, 0, 64, 2 },
        { "group, second", "d10a12", { 3000, 0, 6, true }, 0x80, 0, 0, 0 },
        { "Block2 of four bytes",
          "d40a00000012",
          { 3000, 0, 6, false },
          0,
          0,
          1024,
          6 },
        { "nothing to serve", "", { 0, 0, 6, false }, 0, 0, 0, 6 },
    };
    uint8_t room[16];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        covey_coap_message m = { 0 };
        covey_slice s = { { 0, false, 0 }, false, 0, 0 };
        kit_case(cases[i].why);
        m.options = kit_hex(cases[i].hex, room, sizeof room);
        assert_int_equal(cases[i].code,
                         covey_serve_block(&s, &m, &cases[i].serve));
        assert_int_equal(cases[i].offset, s.offset);
        assert_int_equal(cases[i].len, s.len);
        assert_int_equal(cases[i].szx, s.block.szx);
    }
    kit_case(NULL);
}

static bool is_same(const covey_assembly *a, const covey_assembly *b)
{
    return a->buffer == b->buffer && a->cap == b->cap && a->len == b->len &&
           a->szx == b->szx;
}

static covey_assembly_result add(covey_assembly *a, uint32_t num, bool more,
                                 uint8_t szx, size_t len)
{
    static const uint8_t body[4096] = { 1, 2, 3 };
    const covey_block block = { num, more, szx };
    const covey_assembly before = *a;
    const covey_assembly_result r =
        covey_assembly_add(a, &block, covey_bytes_of(body, len));

    if (r != COVEY_ASSEMBLY_MORE && r != COVEY_ASSEMBLY_DONE) {
        assert_true(is_same(&before, a));
    }
    return r;
}

static void refuses_blocks_that_do_not_fit(void **state)
{
    static uint8_t buffer[64];
    covey_assembly a = { buffer, 60, 0, 0 };

    (void)state;
    assert_int_equal(COVEY_ASSEMBLY_GAP, add(&a, 1, true, 0, 16));
    assert_int_equal(COVEY_ASSEMBLY_BAD, add(&a, 0, true, 0, 15));
    assert_int_equal(COVEY_ASSEMBLY_BAD, add(&a, 0, true, 0, 0));
    assert_int_equal(COVEY_ASSEMBLY_BAD, add(&a, 0, false, 0, 17));
    assert_int_equal(COVEY_ASSEMBLY_BAD, add(&a, 0, true, 7, 1000));
    assert_int_equal(COVEY_ASSEMBLY_BAD, add(&a, 0, true, 7, 0));
    assert_int_equal(COVEY_ASSEMBLY_TOO_BIG, add(&a, 0, true, 2, 64));
    assert_int_equal(COVEY_ASSEMBLY_TOO_BIG, add(&a, 0, false, 7, 61));
    assert_int_equal(COVEY_ASSEMBLY_MORE, add(&a, 0, true, 0, 16));
    assert_int_equal(COVEY_ASSEMBLY_MORE, add(&a, 1, true, 0, 16));
    assert_int_equal(COVEY_ASSEMBLY_AGAIN, add(&a, 1, true, 0, 16));
    assert_int_equal(COVEY_ASSEMBLY_GAP, add(&a, 3, true, 0, 16));
    assert_int_equal(COVEY_ASSEMBLY_GAP, add(&a, 0xfffff, true, 0, 16));
    buffer[20] = 9; /* not the bytes that were taken */
    assert_int_equal(COVEY_ASSEMBLY_GAP, add(&a, 1, true, 0, 16));
    assert_int_equal(COVEY_ASSEMBLY_TOO_BIG, add(&a, 1, true, 1, 32));
    assert_int_equal(COVEY_ASSEMBLY_DONE, add(&a, 1, false, 1, 28));
    assert_int_equal(60, a.len);
    /* The first begins anew; an empty body is one. */
    assert_int_equal(COVEY_ASSEMBLY_DONE, add(&a, 0, false, 6, 0));
    assert_int_equal(0, a.len);
}

/* Cut with sizes that change where they may, put together again. */
static void puts_together_what_was_cut(void **state)
{
    static uint8_t body[70000];
    static uint8_t buffer[70000];
    kit_random dice = { 11 };

    (void)state;
    for (size_t i = 0; i < sizeof body; i++) {
        body[i] = (uint8_t)kit_next(&dice);
    }
    for (int run = 0; run < 300; run++) {
        const uint32_t total = kit_next(&dice) % sizeof body;
        covey_assembly a = { buffer, total, 0, 0 };
        covey_assembly_result r = COVEY_ASSEMBLY_MORE;
        uint8_t szx = (uint8_t)(kit_next(&dice) % 8);
        covey_slice s;

        memset(buffer, 0, sizeof buffer);
        for (uint32_t at = 0; r == COVEY_ASSEMBLY_MORE; at += s.len) {
            CHECK_STATUS(COVEY_OK,
                         covey_slice_at(&s, total, at, szx,
                                        1024 + kit_next(&dice) % 4000));
            r = covey_assembly_add(&a, &s.block,
                                   covey_bytes_of(body + at, s.len));
            if (szx > 0 && kit_next(&dice) % 8 == 0) {
                szx--;
            }
        }
        assert_int_equal(COVEY_ASSEMBLY_DONE, r);
        assert_int_equal(total, a.len);
        assert_memory_equal(body, buffer, total);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_a_body),
        cmocka_unit_test(refuses_to_cut),
        cmocka_unit_test(serves_what_is_asked_for),
        cmocka_unit_test(refuses_blocks_that_do_not_fit),
        cmocka_unit_test(puts_together_what_was_cut),
    };

    return KIT_RUN(tests);
}
