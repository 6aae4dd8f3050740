/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes that nobody can guess, for those modules of the core that must not
 * know a crypto provider. The type of `fill` is that of covey_crypto's
 * `random`, so that an endpoint passes its provider's on:
 *     covey_random random = { crypto->random, crypto->provider }; */
#ifndef COVEY_RANDOM_H
#define COVEY_RANDOM_H

#include <covey/bytes.h>

typedef struct covey_random {
    /* Fills the writer to its end; COVEY_E_CRYPTO if it cannot. */
    COVEY_MUST_USE covey_status (*fill)(void *user, covey_writer *out);
    void *user;
} covey_random;

#endif
