/* SPDX-License-Identifier: BSD-2-Clause */
/* Reader, writer and comparison of spans. The exhaustive part drives the
 * reader through every sequence of up to four calls over every length of up
 * to six bytes and compares it with a model that only counts. */
#include "kit.h"

#include <stdlib.h>

static const uint8_t counting[] = { 0x01, 0x02, 0x03, 0x04, 0x05, 0x06 };

/* --- comparison ------------------------------------------------------- */

static void equal_spans_have_the_same_length_and_content(void **state)
{
    const uint8_t same[] = { 0x01, 0x02, 0x03 };
    const uint8_t first[] = { 0x81, 0x02, 0x03 };
    const uint8_t last[] = { 0x01, 0x02, 0x02 };
    covey_bytes a = covey_bytes_of(counting, 3);

    (void)state;
    assert_true(covey_bytes_equal(a, covey_bytes_of(same, 3)));
    assert_false(covey_bytes_equal(a, covey_bytes_of(same, 2)));
    assert_false(covey_bytes_equal(covey_bytes_of(same, 2), a));
    assert_false(covey_bytes_equal(a, covey_bytes_of(first, 3)));
    assert_false(covey_bytes_equal(a, covey_bytes_of(last, 3)));
}

static void absent_equals_only_absent(void **state)
{
    covey_bytes absent = covey_bytes_of(NULL, 0);
    covey_bytes empty = covey_bytes_of(counting, 0);

    (void)state;
    assert_true(covey_bytes_equal(absent, absent));
    assert_true(covey_bytes_equal(empty, covey_bytes_of(counting + 1, 0)));
    assert_false(covey_bytes_equal(absent, empty));
    assert_false(covey_bytes_equal(empty, absent));
}

/* --- reader ----------------------------------------------------------- */

static void reads_integers_in_network_byte_order(void **state)
{
    const uint8_t bytes[] = { 0x80, 0xff, 0x7f, 0xfe, 0xdc, 0xba, 0x98 };
    covey_reader r = covey_reader_of(covey_bytes_of(bytes, sizeof bytes));

    (void)state;
    assert_int_equal(covey_read_u8(&r), 0x80);
    assert_int_equal(covey_read_u16(&r), 0xff7f);
    assert_true(covey_read_u32(&r) == 0xfedcba98u);
    assert_true(covey_read_done(&r));
}

static void spans_point_into_the_storage(void **state)
{
    covey_reader r = covey_reader_of(covey_bytes_of(counting, 6));
    covey_bytes two = covey_read_bytes(&r, 2);
    covey_bytes none = covey_read_bytes(&r, 0);
    covey_bytes rest = covey_read_rest(&r);
    covey_bytes end = covey_read_rest(&r);

    (void)state;
    assert_ptr_equal(two.ptr, counting);
    assert_int_equal(two.len, 2);
    assert_ptr_equal(none.ptr, counting + 2);
    assert_int_equal(none.len, 0);
    assert_ptr_equal(rest.ptr, counting + 2);
    assert_int_equal(rest.len, 4);
    assert_non_null(end.ptr);
    assert_int_equal(end.len, 0);
    assert_true(covey_read_done(&r));
}

static void an_absent_span_reads_as_empty(void **state)
{
    covey_reader r = covey_reader_of(covey_bytes_of(NULL, 0));

    (void)state;
    assert_true(covey_read_done(&r));
    assert_int_equal(covey_read_left(&r), 0);
    assert_int_equal(covey_read_rest(&r).len, 0);
    assert_int_equal(covey_read_u8(&r), 0);
    CHECK_STATUS(COVEY_E_SHORT, r.failed);
}

static void refuses_a_length_that_would_wrap(void **state)
{
    covey_reader r = covey_reader_of(covey_bytes_of(counting, 6));
    covey_bytes b;

    (void)state;
    (void)covey_read_u8(&r);
    b = covey_read_bytes(&r, SIZE_MAX);
    assert_null(b.ptr);
    assert_int_equal(b.len, 0);
    CHECK_STATUS(COVEY_E_SHORT, r.failed);
    assert_int_equal(r.pos, 1);
}

static void not_done_while_something_is_left(void **state)
{
    covey_reader r = covey_reader_of(covey_bytes_of(counting, 2));

    (void)state;
    assert_false(covey_read_done(&r));
    (void)covey_read_u8(&r);
    assert_false(covey_read_done(&r));
    assert_int_equal(covey_read_left(&r), 1);
    (void)covey_read_u8(&r);
    assert_true(covey_read_done(&r));
}

enum call {
    READ_U8,
    READ_U16,
    READ_U32,
    READ_0,
    READ_3,
    READ_REST,
    CALLS
};

/* What a call takes from `left` bytes. */
static size_t wanted_by(enum call call, size_t left)
{
    static const size_t fixed[] = { 1, 2, 4, 0, 3 };
    return call == READ_REST ? left : fixed[call];
}

/* Performs a call; the number that its bytes form, first byte highest. */
static uint32_t perform(covey_reader *r, enum call call, bool *absent)
{
    covey_bytes b = { NULL, 0 };
    uint32_t v = 0;

    *absent = false;
    switch (call) {
    case READ_U8:
        return covey_read_u8(r);
    case READ_U16:
        return covey_read_u16(r);
    case READ_U32:
        return covey_read_u32(r);
    case READ_0:
        b = covey_read_bytes(r, 0);
        break;
    case READ_3:
        b = covey_read_bytes(r, 3);
        break;
    case READ_REST:
    case CALLS:
        b = covey_read_rest(r);
        break;
    }
    for (size_t i = 0; i < b.len; i++) {
        v = v << 8 | b.ptr[i];
    }
    *absent = b.ptr == NULL;
    return v;
}

static void one_sequence(const uint8_t *bytes, size_t len, unsigned sequence)
{
    covey_reader r = covey_reader_of(covey_bytes_of(bytes, len));
    size_t pos = 0;
    bool failed = false;

    for (int i = 0; i < 4; i++, sequence /= CALLS) {
        enum call call = (enum call)(sequence % CALLS);
        size_t want = wanted_by(call, len - pos);
        uint32_t expected = 0;
        bool absent = false;
        failed = failed || want > len - pos;
        for (size_t k = 0; k < want && !failed; k++) {
            expected = expected << 8 | bytes[pos++];
        }
        assert_true(perform(&r, call, &absent) == expected);
        assert_int_equal(absent, failed && call >= READ_0);
        CHECK_STATUS(failed ? COVEY_E_SHORT : COVEY_OK, r.failed);
        assert_int_equal(r.pos, pos);
        assert_int_equal(covey_read_left(&r), failed ? 0 : len - pos);
        assert_int_equal(covey_read_done(&r), !failed && pos == len);
    }
}

static void agrees_with_a_counting_model_in_every_sequence(void **state)
{
    (void)state;
    for (size_t len = 0; len <= sizeof counting; len++) {
        /* An exact-sized copy: a sanitizer sees the first byte beyond. */
        uint8_t *bytes = malloc(len > 0 ? len : 1);
        assert_non_null(bytes);
        memcpy(bytes, counting, len);
        for (unsigned s = 0; s < CALLS * CALLS * CALLS * CALLS; s++) {
            one_sequence(bytes, len, s);
        }
        free(bytes);
    }
}

/* --- writer ----------------------------------------------------------- */

static void writes_integers_in_network_byte_order(void **state)
{
    uint8_t storage[9];
    covey_writer w = covey_writer_of(storage, sizeof storage);

    (void)state;
    covey_write_u8(&w, 0x80);
    covey_write_u16(&w, 0xff7f);
    covey_write_u32(&w, 0xfedcba98u);
    covey_write_bytes(&w, covey_bytes_of(counting, 2));
    CHECK_STATUS(COVEY_OK, w.failed);
    CHECK_HEX("80 ff7f fedcba98 0102", covey_written(&w));
}

static void reserved_bytes_are_zero_and_the_callers(void **state)
{
    uint8_t storage[4] = { 0xff, 0xff, 0xff, 0xff };
    covey_writer w = covey_writer_of(storage, sizeof storage);
    uint8_t *p;

    (void)state;
    covey_write_u8(&w, 0x11);
    p = covey_write_reserve(&w, 2);
    assert_ptr_equal(p, storage + 1);
    CHECK_HEX("11 0000", covey_written(&w));
    p[1] = 0x22;
    CHECK_HEX("11 0022", covey_written(&w));
    assert_int_equal(storage[3], 0xff);
    assert_null(covey_write_reserve(&w, 2));
    CHECK_STATUS(COVEY_E_ROOM, w.failed);
}

static void refuses_to_reserve_a_length_that_would_wrap(void **state)
{
    uint8_t storage[4] = { 0 };
    covey_writer w = covey_writer_of(storage, sizeof storage);

    (void)state;
    covey_write_u8(&w, 0x11);
    assert_null(covey_write_reserve(&w, SIZE_MAX));
    CHECK_STATUS(COVEY_E_ROOM, w.failed);
    CHECK_HEX("11", covey_written(&w));
}

static void absent_and_empty_spans_write_nothing(void **state)
{
    uint8_t storage[1] = { 0xff };
    covey_writer w = covey_writer_of(storage, 0);
    covey_writer none = covey_writer_of(NULL, 0);

    (void)state;
    covey_write_bytes(&w, covey_bytes_of(NULL, 0));
    covey_write_bytes(&w, covey_bytes_of(counting, 0));
    covey_write_bytes(&none, covey_bytes_of(NULL, 0));
    assert_null(covey_write_reserve(&none, 0));
    CHECK_STATUS(COVEY_OK, w.failed);
    CHECK_STATUS(COVEY_OK, none.failed);
    assert_int_equal(storage[0], 0xff);
    covey_write_u8(&none, 1);
    CHECK_STATUS(COVEY_E_ROOM, none.failed);
}

/* Writes n bytes by one of the ways there are for that length. */
static void write_some(covey_writer *w, unsigned way, size_t *n)
{
    uint8_t *p;

    switch (way) {
    case 0:
        covey_write_u8(w, 0xa1);
        *n = 1;
        break;
    case 1:
        covey_write_u16(w, 0xa1a1);
        *n = 2;
        break;
    case 2:
        covey_write_u32(w, 0xa1a1a1a1u);
        *n = 4;
        break;
    case 3:
        covey_write_bytes(w, SPAN("\xa1\xa1\xa1"));
        *n = 3;
        break;
    default:
        p = covey_write_reserve(w, 2);
        if (p) {
            memset(p, 0xa1, 2);
        }
        *n = 2;
        break;
    }
}

static void fails_for_good_and_writes_nothing_beyond(void **state)
{
    (void)state;
    for (size_t cap = 0; cap <= 8; cap++) {
        for (unsigned s = 0; s < 5 * 5 * 5 * 5; s++) {
            uint8_t storage[9];
            covey_writer w = covey_writer_of(storage, cap);
            size_t pos = 0;
            bool failed = false;
            memset(storage, 0x5e, sizeof storage);
            for (unsigned i = 0, rest = s; i < 4; i++, rest /= 5) {
                size_t n = 0;
                write_some(&w, rest % 5, &n);
                failed = failed || n > cap - pos;
                pos += failed ? 0 : n;
                assert_int_equal(w.pos, pos);
                CHECK_STATUS(failed ? COVEY_E_ROOM : COVEY_OK, w.failed);
            }
            for (size_t i = 0; i < sizeof storage; i++) {
                assert_int_equal(storage[i], i < pos ? 0xa1 : 0x5e);
            }
            assert_int_equal(covey_written(&w).len, pos);
        }
    }
}

static void texts_of_ours(void **state)
{
    char longest[COVEY_TEXT_MAX + 2];

    (void)state;
    assert_int_equal(covey_bytes_text("").len, 0);
    assert_non_null(covey_bytes_text("").ptr);
    assert_int_equal(covey_bytes_text("lamp").len, 4);
    memset(longest, 'x', sizeof longest);
    longest[COVEY_TEXT_MAX] = '\0';
    assert_int_equal(covey_bytes_text(longest).len, COVEY_TEXT_MAX);
    longest[COVEY_TEXT_MAX] = 'x'; /* longer: cut, never read beyond */
    assert_int_equal(covey_bytes_text(longest).len, COVEY_TEXT_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_of_ours),
        cmocka_unit_test(equal_spans_have_the_same_length_and_content),
        cmocka_unit_test(absent_equals_only_absent),
        cmocka_unit_test(reads_integers_in_network_byte_order),
        cmocka_unit_test(spans_point_into_the_storage),
        cmocka_unit_test(an_absent_span_reads_as_empty),
        cmocka_unit_test(refuses_a_length_that_would_wrap),
        cmocka_unit_test(not_done_while_something_is_left),
        cmocka_unit_test(agrees_with_a_counting_model_in_every_sequence),
        cmocka_unit_test(writes_integers_in_network_byte_order),
        cmocka_unit_test(reserved_bytes_are_zero_and_the_callers),
        cmocka_unit_test(refuses_to_reserve_a_length_that_would_wrap),
        cmocka_unit_test(absent_and_empty_spans_write_nothing),
        cmocka_unit_test(fails_for_good_and_writes_nothing_beyond),
    };

    return KIT_RUN(tests);
}
