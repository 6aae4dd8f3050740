/* SPDX-License-Identifier: BSD-2-Clause */
/* Secrets are marked as undefined, so valgrind reports every branch and every
 * address that depends on one. Run by tests/ct/run: `core` must give no
 * report; `leaky` is a comparison that stops at the first difference, and
 * `lookup` a table indexed by a secret: both must be reported, or the method
 * proves nothing. */
#include <covey/bytes.h>

#include <stdio.h>
#include <string.h>

#include <valgrind/memcheck.h>

enum {
    LENGTH = 32
};

static uint8_t a[LENGTH];
static uint8_t b[LENGTH];

static void poison(void)
{
    for (unsigned i = 0; i < LENGTH; i++) {
        a[i] = b[i] = (uint8_t)(0x41 + i);
    }
    b[LENGTH - 1] ^= 1;
    (void)VALGRIND_MAKE_MEM_UNDEFINED(a, sizeof a);
    (void)VALGRIND_MAKE_MEM_UNDEFINED(b, sizeof b);
}

/* A verdict is public: only from here on may somebody branch on it. */
static bool reveal(bool verdict)
{
    (void)VALGRIND_MAKE_MEM_DEFINED(&verdict, sizeof verdict);
    return verdict;
}

static bool leaky_equal(const uint8_t *x, const uint8_t *y, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (x[i] != y[i]) {
            return false;
        }
    }
    return true;
}

static int core(void)
{
    bool different;
    bool same;

    poison();
    different = reveal(covey_secret_equal(a, b, LENGTH));
    same = reveal(covey_secret_equal(a, b, LENGTH - 1));
    covey_wipe(a, sizeof a);
    covey_wipe(b, sizeof b);
    /* Defined again: a branch on what was wiped is no report. */
    return !different && same && a[0] == 0 && b[LENGTH - 1] == 0 ? 0 : 1;
}

static int leaky(void)
{
    poison();
    return reveal(leaky_equal(a, b, LENGTH)) ? 1 : 0;
}

static int lookup(void)
{
    static volatile uint8_t table[256];

    poison();
    return table[a[0]];
}

int main(int argc, char **argv)
{
    const char *what = argc == 2 ? argv[1] : "";

    if (RUNNING_ON_VALGRIND == 0) {
        fprintf(stderr, "ct: only under valgrind; see tests/ct/run\n");
        return 2;
    }
    if (strcmp(what, "core") == 0) {
        return core();
    }
    if (strcmp(what, "leaky") == 0) {
        return leaky();
    }
    if (strcmp(what, "lookup") == 0) {
        return lookup();
    }
    fprintf(stderr, "usage: ct core|leaky|lookup\n");
    return 2;
}
