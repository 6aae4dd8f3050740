/* SPDX-License-Identifier: BSD-2-Clause */
/* An empty store for a test: a file of SQLite, or a schema of the PostgreSQL
 * server that with_postgres.py has started (COVEY_TEST_STORE). */
#ifndef COVEY_TEST_STORE_LAB_H
#define COVEY_TEST_STORE_LAB_H

#include "internal.h"
#include "kit.h"

struct lab {
    char folder[64];
    char where[256];
    bool postgres;
};

struct lab lab_begin(void);
void lab_end(struct lab *lab);
/* A connection of its own; fails the test if there is none. */
store *lab_open(const struct lab *lab);
/* What open says if it must fail. */
void lab_refused(const struct lab *lab, const char *key_file,
                 const covey_crypto *crypto, const char *expected);
/* A file in the folder; its path lives until the next call. */
const char *lab_file(const struct lab *lab, const char *name,
                     const char *text);

#define CHECK_STORE(expected, s, actual)                                      \
    lab_check((expected), (s), (actual), __FILE__, __LINE__)
void lab_check(store_result expected, const store *s, store_result actual,
               const char *file, int line);

#endif
