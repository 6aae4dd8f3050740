/* SPDX-License-Identifier: BSD-2-Clause */
/* The pool against plain copies of what was put into it. */
#include "kit.h"

#include <covey/chunks.h>

#define CHUNKS  40u
#define HOLDERS 16u
#define LONGEST 700u

struct holder {
    covey_chain chain;
    uint8_t copy[LONGEST];
};

static covey_chunk storage[CHUNKS];
static struct holder holder[HOLDERS];

static covey_status put_one(covey_chunks *pool, covey_bytes bytes,
                            covey_chain *out)
{
    return covey_chunks_put(pool, covey_bytes_of(NULL, 0), bytes, out);
}

static void check_holder(const covey_chunks *pool, const struct holder *h)
{
    uint8_t out[LONGEST + 4];
    covey_writer w = covey_writer_of(out, sizeof out);

    covey_write_u32(&w, 0xdeadbeef);
    covey_chunks_write(pool, &h->chain, &w);
    CHECK_STATUS(COVEY_OK, w.failed);
    assert_int_equal(w.pos, 4 + h->chain.len);
    assert_memory_equal(out + 4, h->copy, h->chain.len);
}

static void compare(const covey_chunks *pool)
{
    size_t used = 0;

    for (unsigned i = 0; i < HOLDERS; i++) {
        used += covey_chunks_for(holder[i].chain.len);
        check_holder(pool, &holder[i]);
    }
    assert_int_equal(covey_chunks_left(pool), CHUNKS - used);
}

static void put(covey_chunks *pool, struct holder *h, kit_random *r)
{
    uint8_t bytes[LONGEST];
    size_t len = kit_next(r) % (kit_next(r) % 2 ? 150 : LONGEST + 1);
    bool fits = covey_chunks_for(len) <= covey_chunks_left(pool);
    covey_chain chain = { 77, 77 };

    for (size_t i = 0; i < len; i++) {
        bytes[i] = (uint8_t)kit_next(r);
    }
    CHECK_STATUS(fits ? COVEY_OK : COVEY_E_ROOM,
                 put_one(pool, covey_bytes_of(bytes, len), &chain));
    if (!fits) {
        assert_true(chain.first == 77 && chain.len == 77);
        return;
    }
    covey_chunks_free(pool, &h->chain);
    assert_int_equal(h->chain.len, 0);
    h->chain = chain;
    memcpy(h->copy, bytes, len);
}

static void the_pool_agrees_with_the_model(void **state)
{
    covey_chunks pool;
    kit_random r = { 0xc0de };

    (void)state;
    memset(holder, 0, sizeof holder);
    covey_chunks_init(&pool, storage, CHUNKS);
    for (unsigned i = 0; i < 20000; i++) {
        struct holder *h = &holder[kit_next(&r) % HOLDERS];
        if (kit_next(&r) % 3 == 0) {
            covey_chunks_free(&pool, &h->chain);
        } else {
            put(&pool, h, &r);
        }
        compare(&pool);
    }
    for (unsigned i = 0; i < HOLDERS; i++) {
        covey_chunks_free(&pool, &holder[i].chain);
    }
    assert_int_equal(covey_chunks_left(&pool), CHUNKS);
}

static void every_length_up_to_the_pool_is_kept(void **state)
{
    static uint8_t bytes[CHUNKS * COVEY_CHUNK_LEN + 1];
    static uint8_t out[sizeof bytes];
    covey_chunks pool;

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(i * 7 + i / 256);
    }
    covey_chunks_init(&pool, storage, CHUNKS);
    for (size_t len = 0; len < sizeof bytes; len++) {
        covey_bytes in = covey_bytes_of(bytes, len);
        covey_writer w = covey_writer_of(out, sizeof out);
        covey_chain chain;
        CHECK_STATUS(COVEY_OK, put_one(&pool, in, &chain));
        covey_chunks_write(&pool, &chain, &w);
        CHECK_SPAN(in, covey_written(&w));
        covey_chunks_free(&pool, &chain);
        assert_int_equal(covey_chunks_left(&pool), CHUNKS);
    }
}

static void refuses_one_byte_too_many(void **state)
{
    static const uint8_t bytes[CHUNKS * COVEY_CHUNK_LEN + 1];
    covey_chunks pool;
    covey_chain chain = { 5, 6 };

    (void)state;
    covey_chunks_init(&pool, storage, CHUNKS);
    CHECK_STATUS(COVEY_E_ROOM,
                 put_one(&pool, covey_bytes_of(bytes, sizeof bytes), &chain));
    assert_true(chain.first == 5 && chain.len == 6);
    assert_int_equal(covey_chunks_left(&pool), CHUNKS);
}

static void refuses_what_32_bits_cannot_count(void **state)
{
    covey_chunks pool;
    covey_chain chain = { 5, 6 };
    covey_bytes vast = covey_bytes_of(storage[0].bytes, SIZE_MAX);

    (void)state;
    covey_chunks_init(&pool, storage, CHUNKS);
    CHECK_STATUS(COVEY_E_ROOM, put_one(&pool, vast, &chain));
    assert_true(chain.first == 5 && chain.len == 6);
}

static void a_short_writer_gets_nothing(void **state)
{
    uint8_t out[99];
    covey_writer w = covey_writer_of(out, sizeof out);
    static const uint8_t bytes[100] = { 1 };
    covey_chunks pool;
    covey_chain chain;

    (void)state;
    covey_chunks_init(&pool, storage, CHUNKS);
    CHECK_STATUS(COVEY_OK,
                 put_one(&pool, covey_bytes_of(bytes, sizeof bytes), &chain));
    covey_chunks_write(&pool, &chain, &w);
    CHECK_STATUS(COVEY_E_ROOM, w.failed);
    assert_int_equal(w.pos, 0);
}

static void a_pool_of_nothing_keeps_only_nothing(void **state)
{
    covey_chunks pool;
    covey_chain chain = { 5, 6 };

    (void)state;
    covey_chunks_init(&pool, NULL, 0);
    CHECK_STATUS(COVEY_OK, put_one(&pool, SPAN(""), &chain));
    assert_int_equal(chain.len, 0);
    covey_chunks_free(&pool, &chain);
    CHECK_STATUS(COVEY_E_ROOM, put_one(&pool, SPAN("a"), &chain));
}

/* Both spans of every length, and every part of them. */
static void two_spans_become_one_chain(void **state)
{
    enum {
        SPAN_MAX = 2 * COVEY_CHUNK_LEN + 3,
        ALL = 6
    };
    static uint8_t in[2 * SPAN_MAX];
    static uint8_t out[2 * SPAN_MAX];
    covey_chunk chunk[ALL];
    covey_chunks pool;

    (void)state;
    for (size_t i = 0; i < sizeof in; i++) {
        in[i] = (uint8_t)(i * 7 + 1);
    }
    covey_chunks_init(&pool, chunk, ALL);
    for (size_t head = 0; head <= SPAN_MAX; head += head % 59 == 0 ? 1 : 29) {
        for (size_t tail = 0; tail <= SPAN_MAX; tail++) {
            covey_chain chain;
            CHECK_STATUS(COVEY_OK,
                         covey_chunks_put(&pool, covey_bytes_of(in, head),
                                          covey_bytes_of(in + head, tail),
                                          &chain));
            assert_int_equal(head + tail, chain.len);
            for (size_t from = 0; from <= head + tail; from += 13) {
                const size_t len = head + tail - from;
                covey_writer w = covey_writer_of(out, sizeof out);
                covey_chunks_write_part(&pool, &chain, from, len, &w);
                assert_int_equal(len, w.pos);
                assert_memory_equal(in + from, out, len);
            }
            covey_chunks_free(&pool, &chain);
            assert_int_equal(ALL, covey_chunks_left(&pool));
        }
    }
}

static void two_spans_need_room_together(void **state)
{
    static const uint8_t in[COVEY_CHUNK_LEN];
    covey_chunk chunk[1];
    covey_chunks pool;
    covey_chain chain = { 5, 6 };

    (void)state;
    covey_chunks_init(&pool, chunk, 1);
    CHECK_STATUS(COVEY_E_ROOM,
                 covey_chunks_put(&pool, covey_bytes_of(in, 1),
                                  covey_bytes_of(in, COVEY_CHUNK_LEN),
                                  &chain));
    assert_int_equal(chain.first, 5);
    CHECK_STATUS(COVEY_OK,
                 covey_chunks_put(&pool, covey_bytes_of(in, 1),
                                  covey_bytes_of(in, COVEY_CHUNK_LEN - 1),
                                  &chain));
    assert_int_equal(0, covey_chunks_left(&pool));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_spans_become_one_chain),
        cmocka_unit_test(two_spans_need_room_together),
        cmocka_unit_test(the_pool_agrees_with_the_model),
        cmocka_unit_test(every_length_up_to_the_pool_is_kept),
        cmocka_unit_test(refuses_one_byte_too_many),
        cmocka_unit_test(refuses_what_32_bits_cannot_count),
        cmocka_unit_test(a_short_writer_gets_nothing),
        cmocka_unit_test(a_pool_of_nothing_keeps_only_nothing),
    };
    return KIT_RUN(tests);
}
