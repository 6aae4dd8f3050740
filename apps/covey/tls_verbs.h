/* SPDX-License-Identifier: BSD-2-Clause */
/* The verbs of `covey tls`; each returns an exit code of cmd.h. */
#ifndef COVEY_APP_TLS_VERBS_H
#define COVEY_APP_TLS_VERBS_H

#include "tls_args.h"

int tls_server(const tls_args *args, tls_setup *setup); /* tls_server.c */
int tls_client(const tls_args *args, tls_setup *setup); /* tls_client.c */

#endif
