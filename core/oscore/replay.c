/* SPDX-License-Identifier: BSD-2-Clause */
/* The replay window. Its bits are a ring: number n has bit n modulo capacity,
 * so that moving forward clears what is passed and shifts nothing. */
#include <covey/oscore.h>

#include <string.h>

#define WORD_BITS 32u

covey_status covey_oscore_window_init(covey_oscore_window *w, uint64_t floor,
                                      uint16_t size, uint32_t *words,
                                      uint16_t count)
{
    /* Of more words than that, as many are used as are left modulo 2048. */
    const uint16_t capacity =
        (uint16_t)(words != NULL ? WORD_BITS * count
                                 : COVEY_OSCORE_WINDOW_OWN);

    if (size == 0) {
        size = COVEY_OSCORE_WINDOW_DEFAULT;
    }
    if (size > capacity || (capacity & (capacity - 1u)) != 0) {
        return COVEY_E_ARGUMENT;
    }
    w->words = words;
    w->capacity = capacity;
    w->size = size;
    covey_oscore_window_restart(w, floor);
    return COVEY_OK;
}

void covey_oscore_window_restart(covey_oscore_window *w, uint64_t floor)
{
    memset(w->words != NULL ? w->words : w->own, 0, w->capacity / 8u);
    w->next = floor;
    w->floor = floor;
}

/* The upper half of a number makes no difference. */
static uint32_t bit_of(const covey_oscore_window *w, uint32_t number,
                       size_t *word)
{
    const uint32_t at = number & (w->capacity - 1u);

    *word = at / WORD_BITS;
    return UINT32_C(1) << (at % WORD_BITS);
}

bool covey_oscore_window_check(const covey_oscore_window *w, uint64_t number)
{
    const uint32_t *bits = w->words != NULL ? w->words : w->own;
    size_t word;
    uint32_t bit;

    if (number >= w->next) {
        return number < COVEY_OSCORE_SSN_END;
    }
    if (number < w->floor || w->next - number > w->size) {
        return false;
    }
    bit = bit_of(w, (uint32_t)number, &word);
    return (bits[word] & bit) == 0;
}

void covey_oscore_window_commit(covey_oscore_window *w, uint64_t number)
{
    uint32_t *bits = w->words != NULL ? w->words : w->own;
    size_t word;
    uint32_t bit;

    if (number >= w->next) {
        const uint64_t passed = number - w->next;
        uint32_t clear = passed < w->capacity ? (uint32_t)passed : w->capacity;
        for (; clear > 0; clear--) {
            bit = bit_of(w, (uint32_t)number - clear, &word);
            bits[word] &= ~bit;
        }
        w->next = number + 1;
    }
    bit = bit_of(w, (uint32_t)number, &word);
    bits[word] |= bit;
}
