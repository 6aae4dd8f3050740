/* SPDX-License-Identifier: BSD-2-Clause */
/* Private keys out of files as `openssl genpkey` writes them: PEM with PKCS #8
 * (RFC 5958, RFC 7468 Section 10) or SEC 1 (RFC 5915). */
#ifndef COVEY_CRYPTO_OPENSSL_PEM_H
#define COVEY_CRYPTO_OPENSSL_PEM_H

#include <covey/bytes.h>

/* The first private key in the text: its curve (covey_curve) and, appended to
 * `raw` (up to COVEY_PRIVATE_MAX bytes, to be wiped by the caller), what
 * covey_crypto's private_key takes.
 * COVEY_E_FORMAT: no private key in PEM. COVEY_E_UNSUPPORTED: encrypted, or
 * neither Ed25519, X25519, P-256 nor P-384. COVEY_E_ROOM. COVEY_E_CRYPTO: out
 * of memory. Nothing is written then. */
COVEY_MUST_USE covey_status covey_pem_private_key(covey_bytes text,
                                                  int32_t *curve,
                                                  covey_writer *raw);

#endif
