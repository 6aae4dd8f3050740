/* SPDX-License-Identifier: BSD-2-Clause */
/* Run by tests/ct/run: `core`, `oscore` and `group` must give no report.
 * `leaky` is a comparison that stops at the first difference, `lookup` a table
 * indexed by a secret, `oscore-leaky` one indexed by a derived secret: all
 * must be reported, or the method proves nothing. */
#include "ct.h"

#include <stdio.h>
#include <string.h>

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
    ct_poison(a, sizeof a);
    ct_poison(b, sizeof b);
}

/* A verdict is public: only from here on may somebody branch on it. */
static bool reveal(bool verdict)
{
    ct_reveal(&verdict, sizeof verdict);
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

static int oscore(void)
{
    return ct_oscore() ? 0 : 1;
}

static int group(void)
{
    return ct_group() ? 0 : 1;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(void);
    } rows[] = {
        { "core", core },     { "leaky", leaky },
        { "lookup", lookup }, { "oscore", oscore },
        { "group", group },   { "oscore-leaky", ct_oscore_leaky },
    };
    const char *what = argc == 2 ? argv[1] : "";

    if (RUNNING_ON_VALGRIND == 0) {
        fprintf(stderr, "ct: only under valgrind; see tests/ct/run\n");
        return 2;
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(what, rows[i].name) == 0) {
            return rows[i].run();
        }
    }
    fprintf(stderr, "usage: ct core|leaky|lookup|oscore|group|oscore-leaky\n");
    return 2;
}
