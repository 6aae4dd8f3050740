/* SPDX-License-Identifier: BSD-2-Clause */
/* What `covey tls` prints of a connection, on standard error. */
#ifndef COVEY_APP_TLS_REPORT_H
#define COVEY_APP_TLS_REPORT_H

#include "tls_args.h"

/* "connected: TLS_AES_128_GCM_SHA256, x25519, peer x509 0123..., resumed". */
void tls_report_connected(const tls_args *args, const covey_tls *t, FILE *to);
/* What both ends do alike: answers, key log, reports. False: it failed. */
bool tls_report_take(const tls_args *args, tls_setup *setup, covey_tls *t,
                     const covey_tls_report *report);

#endif
