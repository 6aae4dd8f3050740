/* SPDX-License-Identifier: BSD-2-Clause */
/* The smallest test runner: for a microcontroller without an operating system
 * and without stdio. A program says CHECK, and returns run_result(). */
#ifndef COVEY_TARGET_RUNNER_H
#define COVEY_TARGET_RUNNER_H

#include <covey/bytes.h>

/* Counts; prints where and what if it does not hold. */
#define CHECK(condition) run_check((condition), #condition, __FILE__, __LINE__)

void run_check(bool holds, const char *what, const char *file, int line);
/* Says which case the checks that follow belong to. */
void run_case(const char *name);
void run_print_number(const char *label, uint32_t value, const char *unit);

/* Prints "N passed, M failed"; what main returns. */
int run_result(void);

/* The deepest use of the stack by one call of f, in bytes: what is below the
 * stack pointer is painted, f runs, and the lowest changed word counts. */
uint32_t run_stack_of(void (*f)(void));

#endif
