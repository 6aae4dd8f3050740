/* SPDX-License-Identifier: BSD-2-Clause */
/* A small runner for benchmarks. The machine is shared and noisy, so all
 * cases are run in turn, round after round, and the median of the rounds is
 * what counts; a baseline in the same round (raw primitive, memcpy) gives a
 * ratio, whose median does not depend on the machine's mood.
 *
 * usage: bench_x [--json] [--rounds N] [--milliseconds N] [--count N]
 *
 * With --count each case is run that often under callgrind, which counts its
 * instructions and the lines of memory that it misses (bench_outstanding.py).
 */
#ifndef COVEY_BENCH_H
#define COVEY_BENCH_H

#include <stddef.h>
#include <stdint.h>

/* Does the work `times` times. What it computes goes into the result, so
 * that nothing is optimised away; all rounds must give the same per time. */
typedef uint32_t bench_work(void *state, uint32_t times);

typedef struct bench_case {
    const char *name;
    bench_work *work;
    void *state;
    int baseline; /* index of the case to compare with, or -1 */
    size_t bytes; /* per operation; 0: says nothing */
} bench_case;

/* Runs and prints; the value for main to return. `note` is a line about the
 * sizes and conditions, may be NULL. */
int bench_main(int argc, char **argv, const bench_case *cases, size_t count,
               const char *note);

#endif
