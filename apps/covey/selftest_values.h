/* SPDX-License-Identifier: BSD-2-Clause */
/* Values of a case: read from JSON and kept as long as the case, and compared
 * with what was computed. */
#ifndef COVEY_APP_SELFTEST_VALUES_H
#define COVEY_APP_SELFTEST_VALUES_H

#include <covey/coap.h>
#include <json.h>

#include <stdio.h>

/* --- reading ------------------------------------------------------------- */

/* All zeros is empty. */
typedef struct selftest_pool {
    uint8_t **bytes; /* owned */
    size_t count;
} selftest_pool;

void selftest_pool_free(selftest_pool *pool);
/* `len` bytes in the pool, NULL if there is no memory. */
uint8_t *selftest_pool_take(selftest_pool *pool, size_t len);

/* One row for each member of an object that holds hex digits. What is absent
 * or null leaves *to as it is. */
typedef struct selftest_member {
    const char *name;
    covey_bytes *to;
} selftest_member;

/* Reads one. false: `why` says what is wrong. */
bool selftest_read_hex(selftest_pool *pool, struct fy_node *node,
                       const char *name, covey_bytes *to, FILE *why);
/* Reads all members in the table; `others`, ended by NULL, are known besides.
 * false: `why` says which is wrong, or not known. A runner that passes over an
 * expectation proves nothing. */
bool selftest_read(selftest_pool *pool, struct fy_node *node,
                   const selftest_member *members, size_t count,
                   const char *const *others, FILE *why);
bool selftest_read_number(struct fy_node *node, const char *name, uint64_t max,
                          uint64_t *out, FILE *why);
/* The same, but negative numbers too, and null or no member is `absent`. */
bool selftest_read_alg(struct fy_node *node, const char *name, int32_t absent,
                       int32_t *out, FILE *why);

#define SELFTEST_COUNT(a) (sizeof(a) / sizeof(a)[0])

/* --- comparing ----------------------------------------------------------- */

/* Where the first difference is told. */
typedef struct selftest_check {
    FILE *expected;
    FILE *got;
} selftest_check;

/* Always false. */
bool selftest_differs(const selftest_check *k, const char *expected,
                      const char *got);
/* True if a value is as expected, or nothing is. */
bool selftest_same(const selftest_check *k, const char *what,
                   covey_bytes expected, covey_bytes got);
bool selftest_done(const selftest_check *k, const char *what,
                   covey_status status);
/* True if a message is the original one again, but for the value of Observe in
 * a notification, where the Partial IV takes its place (RFC 8613 Section
 * 4.1.3.5.2). */
bool selftest_same_message(const selftest_check *k, covey_bytes original,
                           covey_bytes got, bool request);

#endif
