/* SPDX-License-Identifier: BSD-2-Clause */
/* What DTLS needs of the command line: the key of --psk-file. */
#ifndef COVEY_APP_REQUEST_DTLS_H
#define COVEY_APP_REQUEST_DTLS_H

#include "request_args.h"

#include <dtls.h>

struct request_dtls {
    dtls_options options;
    uint8_t key[DTLS_KEY_MAX];
};

/* An exit code; anything but EXIT_DONE has been explained. `name` is the host
 * of the URI and is kept. Close it in any case. */
int request_dtls_open(struct request_dtls *d, const struct request_args *a,
                      const char *name);
/* Wipes the key. */
void request_dtls_close(struct request_dtls *d);

#endif
