/* SPDX-License-Identifier: BSD-2-Clause */
/* What `covey tls` prints of a connection, on standard error. */
#ifndef COVEY_APP_TLS_REPORT_H
#define COVEY_APP_TLS_REPORT_H

#include "tls_files.h"

/* "connected: TLS_AES_128_GCM_SHA256, x25519, peer x509 0123..., resumed". */
void tls_report_connected(const covey_tls *t, FILE *to);
void tls_report_failed(const covey_tls_report *report);
/* What both ends do alike: answers, key log, reports. False: it failed. */
bool tls_report_take(tls_setup *s, covey_tls *t, const covey_tls_report *r);

#endif
