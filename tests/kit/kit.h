/* SPDX-License-Identifier: BSD-2-Clause */
/* The veneer over the test runner (cmocka on hosts): names of statuses, hex
 * differences of spans, tables of cases that say why. */
#ifndef COVEY_KIT_H
#define COVEY_KIT_H

#include <covey/bytes.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Length of an array. */
#define COUNT_OF(a) (sizeof(a) / sizeof(a)[0])

/* A span over a string literal without its terminator. */
#define SPAN(literal)                                                         \
    covey_bytes_of((const uint8_t *)(literal), sizeof(literal) - 1)

#define CHECK_STATUS(expected, actual)                                        \
    kit_check_status((expected), (actual), __FILE__, __LINE__)
#define CHECK_SPAN(expected, actual)                                          \
    kit_check_span((expected), (actual), __FILE__, __LINE__)
/* The expected bytes as hex digits; spaces are ignored. */
#define CHECK_HEX(expected_hex, actual)                                       \
    kit_check_hex((expected_hex), (actual), __FILE__, __LINE__)

void kit_check_status(covey_status expected, covey_status actual,
                      const char *file, int line);
void kit_check_span(covey_bytes expected, covey_bytes actual, const char *file,
                    int line);
void kit_check_hex(const char *expected, covey_bytes actual, const char *file,
                   int line);

/* Says which row of a table is being tested, for the messages above; NULL
 * ends the table. */
void kit_case(const char *why);

/* Bytes of a hex text into storage; fails the test if the text is not hex or
 * does not fit. Spaces are ignored. */
covey_bytes kit_hex(const char *hex, uint8_t *storage, size_t cap);

/* Runs every test; the value for main to return. */
#define KIT_RUN(tests) cmocka_run_group_tests((tests), NULL, NULL)

/* The same numbers in every run: a small generator for property tests. */
typedef struct kit_random {
    uint64_t state;
} kit_random;
uint32_t kit_next(kit_random *r);

#endif
