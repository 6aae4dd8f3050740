/* SPDX-License-Identifier: BSD-2-Clause */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */

#include "bench.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <valgrind/callgrind.h>

enum {
    MAX_CASES = 32,
    MAX_ROUNDS = 101
};

struct settings {
    bool json;
    uint32_t count; /* 0: times are taken */
    unsigned rounds;
    unsigned milliseconds; /* per case and round */
};

struct result {
    uint32_t times;
    double ns[MAX_ROUNDS];
};

static double now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static bool number(const char *text, unsigned max, unsigned *out)
{
    char *end = NULL;
    unsigned long v = strtoul(text, &end, 10);

    if (*text == 0 || *end != 0 || v < 1 || v > max) {
        return false;
    }
    *out = (unsigned)v;
    return true;
}

static bool parse(int argc, char **argv, struct settings *s)
{
    for (int i = 1; i < argc; i++) {
        bool more = i + 1 < argc;
        if (strcmp(argv[i], "--json") == 0) {
            s->json = true;
        } else if (more && strcmp(argv[i], "--rounds") == 0) {
            if (!number(argv[++i], MAX_ROUNDS, &s->rounds)) {
                return false;
            }
        } else if (more && strcmp(argv[i], "--milliseconds") == 0) {
            if (!number(argv[++i], 10000, &s->milliseconds)) {
                return false;
            }
        } else if (more && strcmp(argv[i], "--count") == 0) {
            if (!number(argv[++i], 1000000, &s->count)) {
                return false;
            }
        } else {
            return false;
        }
    }
    return true;
}

/* How many times fill the wished time; found by doubling. */
static uint32_t calibrate(const bench_case *c, double wish_ns)
{
    uint32_t times = 1;

    for (;;) {
        double t = now_ns();
        volatile uint32_t sink = c->work(c->state, times);
        (void)sink;
        t = now_ns() - t;
        if (t * 2 > wish_ns || times > UINT32_MAX / 4) {
            return times;
        }
        times *= 2;
    }
}

static int compare(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;

    return *x < *y ? -1 : *x > *y;
}

static double median(const double *values, unsigned count)
{
    double sorted[MAX_ROUNDS];

    memcpy(sorted, values, count * sizeof sorted[0]);
    qsort(sorted, count, sizeof sorted[0], compare);
    return sorted[count / 2];
}

/* Round by round: what disturbs a round disturbs both. */
static double relative(const struct result *r, const struct result *base,
                       unsigned rounds)
{
    double ratio[MAX_ROUNDS] = { 0 };

    for (unsigned i = 0; i < rounds; i++) {
        ratio[i] = r->ns[i] / base->ns[i];
    }
    return median(ratio, rounds);
}

static double least(const struct result *r, unsigned rounds)
{
    double best = r->ns[0];

    for (unsigned i = 1; i < rounds; i++) {
        best = r->ns[i] < best ? r->ns[i] : best;
    }
    return best;
}

static void print_text(const bench_case *c, const struct result *r,
                       const struct result *base, unsigned rounds)
{
    double ns = median(r->ns, rounds);

    printf("%-44s %9.1f %9.1f %12.0f", c->name, ns, least(r, rounds),
           1e9 / ns);
    if (base) {
        printf(" %8.2f", relative(r, base, rounds));
    } else {
        printf(" %8s", "-");
    }
    printf(" %6zu\n", c->bytes);
}

static void print_json(const bench_case *c, const struct result *r,
                       const struct result *base, unsigned rounds, bool last)
{
    double ns = median(r->ns, rounds);

    printf("    {\"name\": \"%s\", \"median_ns\": %.2f, \"least_ns\": %.2f, "
           "\"per_second\": %.0f, \"bytes\": %zu",
           c->name, ns, least(r, rounds), 1e9 / ns, c->bytes);
    if (base) {
        printf(", \"times_baseline\": %.3f", relative(r, base, rounds));
    }
    printf("}%s\n", last ? "" : ",");
}

static void print_all(const bench_case *cases, const struct result *results,
                      size_t count, const struct settings *s, const char *note)
{
    if (s->json) {
        printf("{\n  \"rounds\": %u,\n  \"note\": \"%s\",\n"
               "  \"benchmarks\": [\n",
               s->rounds, note ? note : "");
    } else {
        printf("%-44s %9s %9s %12s %8s %6s\n", "", "median ns", "least ns",
               "per second", "x base", "bytes");
    }
    for (size_t i = 0; i < count; i++) {
        const struct result *base =
            cases[i].baseline >= 0 ? &results[cases[i].baseline] : NULL;
        if (s->json) {
            print_json(&cases[i], &results[i], base, s->rounds,
                       i + 1 == count);
        } else {
            print_text(&cases[i], &results[i], base, s->rounds);
        }
    }
    if (s->json) {
        puts("  ]\n}");
    } else if (note) {
        printf("%s\n", note);
    }
}

/* Under valgrind --tool=callgrind: one part of its output for each case. */
static int count_all(const bench_case *cases, size_t count, uint32_t times)
{
    for (size_t i = 0; i < count; i++) {
        CALLGRIND_START_INSTRUMENTATION;
        (void)cases[i].work(cases[i].state, times); /* caches are warm */
        CALLGRIND_ZERO_STATS;
        (void)cases[i].work(cases[i].state, times);
        CALLGRIND_DUMP_STATS_AT(cases[i].name);
        CALLGRIND_STOP_INSTRUMENTATION;
    }
    return 0;
}

int bench_main(int argc, char **argv, const bench_case *cases, size_t count,
               const char *note)
{
    static struct result results[MAX_CASES];
    struct settings s = { false, 0, 15, 20 };

    if (!parse(argc, argv, &s) || count > MAX_CASES) {
        fprintf(stderr,
                "usage: %s [--json] [--rounds 1..%d] [--milliseconds N] "
                "[--count N]\n",
                argv[0], MAX_ROUNDS);
        return 2;
    }
    if (s.count != 0) {
        return count_all(cases, count, s.count);
    }
    for (size_t i = 0; i < count; i++) {
        results[i].times = calibrate(&cases[i], s.milliseconds * 1e6);
    }
    for (unsigned round = 0; round < s.rounds; round++) {
        for (size_t i = 0; i < count; i++) {
            double t = now_ns();
            volatile uint32_t sink =
                cases[i].work(cases[i].state, results[i].times);
            (void)sink;
            results[i].ns[round] = (now_ns() - t) / results[i].times;
        }
    }
    print_all(cases, results, count, &s, note);
    return 0;
}
