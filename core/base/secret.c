/* SPDX-License-Identifier: BSD-2-Clause */
/* Wiping and comparing secrets. Nothing here may depend on secret values in
 * its timing; tests/ct runs it with poisoned secrets under valgrind. */
#include <covey/bytes.h>

void covey_wipe(void *p, size_t n)
{
    volatile uint8_t *v = p;

    /* A compiler may not join volatile stores; it can at least be spared the
     * loop around most of them. */
    while (n >= 8) {
        n -= 8;
        v[n] = 0;
        v[n + 1] = 0;
        v[n + 2] = 0;
        v[n + 3] = 0;
        v[n + 4] = 0;
        v[n + 5] = 0;
        v[n + 6] = 0;
        v[n + 7] = 0;
    }
    while (n > 0) {
        n--;
        v[n] = 0;
    }
}

bool covey_secret_equal(const uint8_t *a, const uint8_t *b, size_t n)
{
    volatile uint8_t diff = 0;

    for (size_t i = 0; i < n; i++) {
        diff = (uint8_t)(diff | (a[i] ^ b[i]));
    }
    return diff == 0;
}
