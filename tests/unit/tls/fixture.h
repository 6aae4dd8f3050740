/* SPDX-License-Identifier: BSD-2-Clause */
/* A pair with the toy's cryptography, made anew for each test, which must
 * leave no handle behind. */
#ifndef TLS_FIXTURE_H
#define TLS_FIXTURE_H

#include "pair.h"

#include "crypto/scripted/scripted.h"

extern covey_scripted scripted;
extern struct pair p;

int fixture_begin(void **state);
int fixture_end(void **state);
#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_begin, fixture_end)

/* The toy, behind `scripted`. */
const covey_crypto *fixture_crypto(void);

covey_tls_info info_of(const struct side *s);
/* A handshake that succeeds; one in which `s` refuses. */
void connect_pair(void);
void refuse_pair(const struct side *s, unsigned alert);
/* Data both ways, and the same keys exported. */
void talk(void);

#endif
