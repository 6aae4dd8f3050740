/* SPDX-License-Identifier: BSD-2-Clause */
/* The provider for hosts: libcrypto 3 for AES, ChaCha20, hashes and P-256,
 * libsodium for Ed25519 and X25519.
 *
 * Content encryption: all of covey_alg_id. HMAC, HKDF, hashes: all. Curves:
 * P-256, Ed25519, X25519. Signatures: EdDSA with Ed25519, ES256. The rest is
 * COVEY_E_UNSUPPORTED.
 *
 * Nothing is left in libcrypto's error queue, and what was there before a
 * failure is gone after it. */
#ifndef COVEY_CRYPTO_OPENSSL_H
#define COVEY_CRYPTO_OPENSSL_H

#include <covey/crypto.h>

/* Fetches all algorithms and fills the table; a process may have several
 * providers, one per thread. COVEY_E_CRYPTO: out of memory, or this build of
 * libcrypto lacks an algorithm; `crypto` is unchanged then. */
COVEY_MUST_USE covey_status covey_openssl_open(covey_crypto *crypto);

/* Frees the provider; its keys and hashes must have been dropped before. The
 * table is all zeros afterwards; closing it again is allowed. */
void covey_openssl_close(covey_crypto *crypto);

#endif
