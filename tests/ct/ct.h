/* SPDX-License-Identifier: BSD-2-Clause */
/* Secrets are marked as undefined, so valgrind reports every branch and every
 * address that depends on one. */
#ifndef COVEY_CT_H
#define COVEY_CT_H

#include <covey/crypto.h>

#include <stdbool.h>

#include <valgrind/memcheck.h>

/* From here on a secret. */
static inline void ct_poison(void *p, size_t n)
{
    (void)VALGRIND_MAKE_MEM_UNDEFINED(p, n);
}

/* From here on public: verdicts, and what is sent. */
static inline void ct_reveal(const void *p, size_t n)
{
    (void)VALGRIND_MAKE_MEM_DEFINED(p, n);
}

/* The toy of crypto/scripted behind glass: it works on defined copies, and
 * what it derives, keys and keystreams, is undefined. The plaintext that it
 * gives back is not: what a message says is parsed and acted upon. */
extern const covey_crypto ct_provider;

/* Exchanges protected and unprotected with secrets that nobody may look at;
 * true if everything arrived. */
bool ct_oscore(void);
bool ct_group(void);
/* Indexes a table by the Common IV of such a context: must be reported. */
int ct_oscore_leaky(void);

#endif
