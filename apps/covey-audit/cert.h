/* SPDX-License-Identifier: BSD-2-Clause */
/* What is wrong with the certificates of a server: TL-03. They come from the
 * target, so this runs in the worker only. */
#ifndef COVEY_AUDIT_CERT_H
#define COVEY_AUDIT_CERT_H

#include "probe.h"

/* The end entity's first. */
void cert_judge_x509(probe *p, const covey_bytes *chain, size_t count);
void cert_judge_its(probe *p, const covey_bytes *chain, size_t count);

#endif
