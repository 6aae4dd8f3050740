/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a URI leads: addresses of its host. */
#ifndef COVEY_APP_REQUEST_TARGET_H
#define COVEY_APP_REQUEST_TARGET_H

#include "request_args.h"

#include <covey/address.h>
#include <dtls.h>
#include <tls_setup.h>

enum {
    REQUEST_ADDRESSES = 16,
    REQUEST_HOST_MAX = 256
};

struct request_target {
    covey_address addresses[REQUEST_ADDRESSES]; /* in the order to try them */
    size_t count;
    uint32_t interface; /* that multicast leaves by; 0: any */
    bool group;         /* multicast addresses */
    bool many;          /* a proxy's, and the URI names a group */
    covey_transport transport;
    const dtls_options *dtls;    /* its keys; for DTLS, set by the caller */
    tls_setup *tls;              /* the same for TLS */
    bool named;                  /* the host is a name, not an address */
    char host[REQUEST_HOST_MAX]; /* as in the URI, without brackets */
};

/* An exit code; anything but EXIT_DONE has been explained. */
int request_target_find(const struct request_args *a,
                        struct request_target *t);

#endif
