/* SPDX-License-Identifier: BSD-2-Clause */
/* The replay window against a naive model, which remembers every number. */
#include "kit.h"

#include <covey/oscore.h>

#define NUMBERS 4096u

/* Received: one flag each; the window's edge is computed anew each time. */
struct model {
    bool received[NUMBERS];
    uint64_t floor;
    uint64_t size;
};

static bool model_is_new(const struct model *m, uint64_t number,
                         uint64_t range)
{
    uint64_t next = m->floor;

    for (uint64_t i = 0; i < range; i++) {
        if (m->received[i] && i + 1 > next) {
            next = i + 1;
        }
    }
    if (number >= next) {
        return true;
    }
    return number >= m->floor && next - number <= m->size &&
           !m->received[number];
}

/* Every sequence of `length` numbers below `range`. */
static void exhaust(uint16_t size, uint64_t floor, unsigned range,
                    unsigned length)
{
    static struct model m;
    unsigned long total = 1;

    for (unsigned i = 0; i < length; i++) {
        total *= range;
    }
    for (unsigned long sequence = 0; sequence < total; sequence++) {
        covey_oscore_window w;
        unsigned long left = sequence;

        memset(m.received, 0, range);
        m.floor = floor;
        m.size = size;
        CHECK_STATUS(COVEY_OK,
                     covey_oscore_window_init(&w, floor, size, NULL, 0));
        for (unsigned i = 0; i < length; i++) {
            const uint64_t number = left % range;
            const bool is_new = covey_oscore_window_check(&w, number);
            assert_int_equal(is_new, model_is_new(&m, number, range));
            if (is_new) {
                covey_oscore_window_commit(&w, number);
                m.received[number] = true;
            }
            left /= range;
        }
    }
}

static void agrees_with_the_model_on_every_short_sequence(void **state)
{
    (void)state;
    for (uint16_t size = 1; size <= 8; size++) {
        exhaust(size, 0, 7, 5);
        exhaust(size, 3, 7, 5);
    }
}

/* Numbers near the edges of the window, for long. */
static void agrees_on_random_walks(uint16_t size, uint32_t *words,
                                   uint16_t count)
{
    static struct model m;
    covey_oscore_window w;
    kit_random random = { size };
    uint64_t top = 5;

    memset(&m, 0, sizeof m);
    m.floor = 5;
    m.size = size;
    CHECK_STATUS(COVEY_OK,
                 covey_oscore_window_init(&w, 5, size, words, count));
    for (int i = 0; i < 3000; i++) {
        const uint32_t r = kit_next(&random);
        uint64_t number = top + r % 5;
        if (r % 3 != 0) {
            const uint64_t back = (r >> 8) % (2u * size + 4u);
            number = top > back ? top - back : 0;
        } else if (r % 31 == 0) {
            number = top + size + (r >> 8) % (3u * size);
        }
        if (number >= NUMBERS) {
            break;
        }
        assert_int_equal(covey_oscore_window_check(&w, number),
                         model_is_new(&m, number, NUMBERS));
        if (covey_oscore_window_check(&w, number)) {
            covey_oscore_window_commit(&w, number);
            m.received[number] = true;
            top = number > top ? number : top;
        }
    }
}

static void agrees_with_the_model_at_every_size(void **state)
{
    static uint32_t words[8];

    (void)state;
    for (uint16_t size = 1; size <= COVEY_OSCORE_WINDOW_OWN; size++) {
        agrees_on_random_walks(size, NULL, 0);
    }
    agrees_on_random_walks(32, words, 1);
    agrees_on_random_walks(65, words, 4);
    agrees_on_random_walks(256, words, 8);
}

static void forgets_what_it_jumps_over(void **state)
{
    covey_oscore_window w;

    (void)state;
    CHECK_STATUS(COVEY_OK, covey_oscore_window_init(&w, 0, 32, NULL, 0));
    for (uint64_t n = 0; n < 64; n++) {
        covey_oscore_window_commit(&w, n);
    }
    covey_oscore_window_commit(&w, UINT64_C(1) << 39);
    assert_false(covey_oscore_window_check(&w, UINT64_C(1) << 39));
    assert_false(covey_oscore_window_check(&w, (UINT64_C(1) << 39) - 32));
    for (uint64_t back = 1; back < 32; back++) {
        assert_true(covey_oscore_window_check(&w, (UINT64_C(1) << 39) - back));
    }
}

static void ends_where_the_numbers_end(void **state)
{
    covey_oscore_window w;

    (void)state;
    CHECK_STATUS(COVEY_OK, covey_oscore_window_init(&w, 0, 32, NULL, 0));
    assert_true(covey_oscore_window_check(&w, COVEY_OSCORE_SSN_END - 1));
    assert_false(covey_oscore_window_check(&w, COVEY_OSCORE_SSN_END));
    assert_false(covey_oscore_window_check(&w, UINT64_MAX));
    covey_oscore_window_commit(&w, COVEY_OSCORE_SSN_END - 1);
    assert_false(covey_oscore_window_check(&w, COVEY_OSCORE_SSN_END - 1));
}

static void check_changes_nothing(void **state)
{
    covey_oscore_window w;
    covey_oscore_window before;

    (void)state;
    memset(&w, 0, sizeof w);
    CHECK_STATUS(COVEY_OK, covey_oscore_window_init(&w, 7, 32, NULL, 0));
    covey_oscore_window_commit(&w, 9);
    before = w;
    for (uint64_t n = 0; n < 100; n++) {
        (void)covey_oscore_window_check(&w, n);
    }
    assert_memory_equal(&w, &before, sizeof w);
}

static void refuses_sizes_that_its_words_do_not_hold(void **state)
{
    static const struct {
        const char *why;
        uint16_t size;
        bool words;
        uint16_t count;
    } cases[] = {
        { "more than its own 64", 65, false, 0 },
        { "the default in no words", 0, true, 0 },
        { "more than one word", 33, true, 1 },
        { "no words", 1, true, 0 },
        { "three words are no power of two", 65, true, 3 },
        { "more words than are counted", 1, true, 2048 },
    };
    static uint32_t words[4];
    covey_oscore_window w;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        kit_case(cases[i].why);
        CHECK_STATUS(COVEY_E_ARGUMENT,
                     covey_oscore_window_init(&w, 0, cases[i].size,
                                              cases[i].words ? words : NULL,
                                              cases[i].count));
    }
    kit_case(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_model_on_every_short_sequence),
        cmocka_unit_test(agrees_with_the_model_at_every_size),
        cmocka_unit_test(forgets_what_it_jumps_over),
        cmocka_unit_test(ends_where_the_numbers_end),
        cmocka_unit_test(check_changes_nothing),
        cmocka_unit_test(refuses_sizes_that_its_words_do_not_hold),
    };

    return KIT_RUN(tests);
}
