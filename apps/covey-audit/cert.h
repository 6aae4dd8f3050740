/* SPDX-License-Identifier: BSD-2-Clause */
/* What is wrong with the certificates of a server: TL-03. In the worker they
 * come from the target; for a lint, from files of the owner. */
#ifndef COVEY_AUDIT_CERT_H
#define COVEY_AUDIT_CERT_H

#include "probe.h"

/* The end entity's first. */
void cert_judge_x509(probe *p, const covey_bytes *chain, size_t count);
void cert_judge_its(probe *p, const covey_bytes *chain, size_t count);

#endif
