/* SPDX-License-Identifier: BSD-2-Clause */
/* The verbs of `covey tls`; each returns an exit code of cmd.h. */
#ifndef COVEY_APP_TLS_VERBS_H
#define COVEY_APP_TLS_VERBS_H

#include "tls_files.h"

int tls_server(tls_setup *s); /* tls_server.c */
int tls_client(tls_setup *s); /* tls_client.c */

#endif
