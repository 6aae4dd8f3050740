/* SPDX-License-Identifier: BSD-2-Clause */
/* Asymmetric keys as vectors give them: Ed25519 and X25519 in 32 bytes, P-256
 * with a public key of x | y. */
#ifndef COVEY_APP_SELFTEST_KEYS_H
#define COVEY_APP_SELFTEST_KEYS_H

#include "selftest_values.h"

#include <covey/crypto.h>

/* The keys of one endpoint; either may be missing. */
typedef struct selftest_keys {
    covey_bytes private_raw;
    covey_bytes public_raw;
    covey_key private_key;
    covey_key public_key;
} selftest_keys;

/* Makes the handles of what is there, and compares the public key with that
 * of the private one. */
bool selftest_keys_open(selftest_keys *keys, const covey_crypto *crypto,
                        covey_curve curve, const selftest_check *k);
void selftest_keys_close(selftest_keys *keys, const covey_crypto *crypto);
/* The public key as covey_crypto's public_key takes it, into storage. */
covey_bytes selftest_public_encoded(covey_bytes public_raw, covey_curve curve,
                                    uint8_t storage[COVEY_PUBLIC_MAX]);

/* Verifies the signature of a vector, and one of our own; compares both if the
 * algorithm is deterministic. Without a private key only the first. */
bool selftest_check_signature(selftest_keys *keys, const covey_crypto *crypto,
                              int32_t alg, covey_bytes tbs,
                              covey_bytes signature, const selftest_check *k);
/* The shared secret of both, computed from either side. */
bool selftest_check_shared(selftest_keys *a, selftest_keys *b,
                           const covey_crypto *crypto, covey_bytes secret,
                           const selftest_check *k);

#endif
