/* SPDX-License-Identifier: BSD-2-Clause */
/* Wiping and comparing secrets. Nothing here may depend on secret values in
 * its timing; tests/ct runs it with poisoned secrets under valgrind. */
#include <covey/bytes.h>

void covey_wipe(void *p, size_t n)
{
    volatile uint8_t *v = p;

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
