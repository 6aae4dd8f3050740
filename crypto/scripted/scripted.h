/* SPDX-License-Identifier: BSD-2-Clause */
/* A provider for tests: it counts calls, fails at the n-th with
 * COVEY_E_CRYPTO, knows how many handles are alive, and its random bytes are
 * the same in every run. The cryptography is that of a provider given to it,
 * or a toy without libraries, so that MemorySanitizer sees all of it. */
#ifndef COVEY_CRYPTO_SCRIPTED_H
#define COVEY_CRYPTO_SCRIPTED_H

#include <covey/crypto.h>

enum {
    COVEY_SCRIPTED_NEVER = 0x7fffffff
};

typedef struct covey_scripted {
    const covey_crypto *inner;
    int calls;          /* so far; the drop functions do not count */
    int fail_at;        /* the number of the call that fails, the first is 0 */
    int live;           /* handles made and not yet dropped */
    covey_bytes random; /* given out first, kept; then made-up bytes follow */
    uint64_t seed;      /* of these */
} covey_scripted;

/* Fills the table with functions on `s`, which is overwritten and kept.
 * `inner` (kept) does the work; NULL is the toy. */
void covey_scripted_open(covey_scripted *s, const covey_crypto *inner,
                         covey_crypto *crypto);

/* Counts from 0 again and fails at call `fail_at` (COVEY_SCRIPTED_NEVER:
 * succeeds), with random bytes from the beginning; handles stay alive. A loop
 * over fail_at from 0 until success meets every call once:
 *     for (int n = 0;; n++) {
 *         covey_scripted_rewind(&s, n);
 *         st = work(&crypto);
 *         if (st == COVEY_OK) break;
 *         CHECK_STATUS(COVEY_E_CRYPTO, st);
 *     } */
void covey_scripted_rewind(covey_scripted *s, int fail_at);

/* The toy alone: every length and refusal of covey/crypto.h for the same
 * algorithms and curves as crypto/openssl, outputs depend on every bit of the
 * inputs (agreement: on four bytes of the peer's key), key agreement commutes,
 * nothing is secure, and no value is the real one. It needs neither heap nor
 * state, and keeps all keys in their handles. */
extern const covey_crypto covey_toy;

#endif
