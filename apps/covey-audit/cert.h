/* SPDX-License-Identifier: BSD-2-Clause */
/* What is wrong with the certificates of a server: TL-03. In the worker they
 * come from the target; for a lint, from files of the owner. */
#ifndef COVEY_AUDIT_CERT_H
#define COVEY_AUDIT_CERT_H

#include "flight.h"
#include "probe.h"

#include <covey/its_chain.h>

/* The end entity's first. */
void cert_judge_x509(probe *p, const covey_bytes *chain, size_t count);
void cert_judge_its(probe *p, const covey_bytes *chain, size_t count);

/* Into a store for so many, the anchors of ITS that the inventory has for this
 * host; false: it has none. The store is the caller's to clear. cert_its.c. */
bool cert_its_anchors(probe *p, covey_its_store *store, covey_its_known *room,
                      size_t count);

/* --- whether the server has the key of its first certificate: cert_proof.c */

/* By the key exchange of TLS 1.2 or DTLS 1.2, where there is one. */
void cert_judge_exchange(probe *p, const flight *f,
                         const uint8_t client_random[FLIGHT_RANDOM]);
/* A note of what has shown it. */
void cert_tell_proof(probe *p, const char *by);
/* A note of why nothing has; what is found from now on says so, too. */
void cert_tell_doubt(probe *p, const char *why);
/* A finding: somebody shows a certificate that is not his. */
void cert_tell_fraud(probe *p, const char *what);

#endif
