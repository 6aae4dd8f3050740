/* SPDX-License-Identifier: BSD-2-Clause */
/* What TLS needs of the command line. */
#ifndef COVEY_APP_REQUEST_TLS_H
#define COVEY_APP_REQUEST_TLS_H

#include "request_target.h"

#include <covey/crypto.h>

/* target->tls from the options; an exit code, anything but EXIT_DONE has been
 * explained. Close it with tls_setup_close once no loop uses it. */
int request_tls_open(const struct request_args *a,
                     struct request_target *target,
                     const covey_crypto *crypto);

#endif
