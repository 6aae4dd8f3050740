/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared inside shell/evidence. */
#ifndef COVEY_SHELL_EVIDENCE_INTERNAL_H
#define COVEY_SHELL_EVIDENCE_INTERNAL_H

#include "evidence.h"

#define EVIDENCE_ORIGIN "covey-audit/" /* and the name of the run */

/* --- scan.c -------------------------------------------------------------- */

/* A decimal number without a sign or leading zeros, and nothing else. */
bool evidence__number(covey_bytes text, uint64_t *out);
/* SHA-256 of the parts; false if the provider failed. */
bool evidence__sha256(const covey_crypto *crypto, const covey_bytes *parts,
                      size_t count, covey_merkle_hash *out);

#endif
