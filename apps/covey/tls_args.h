/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line of `covey tls` (covey-tls(1)). */
#ifndef COVEY_APP_TLS_ARGS_H
#define COVEY_APP_TLS_ARGS_H

#include "tls_options.h"

#include <covey/address.h>

typedef struct tls_args {
    tls_setup_options setup; /* first: tls_options.h sets it */
    bool server;
    covey_address address;
    uint8_t psk[TLS_SETUP_PSK_MAX];
    bool show_id; /* HashedId8 of a peer may be printed (RFC 8902 8) */
    bool verify;  /* server: a client certificate is required */
    uint16_t suites[TLS_LIST_MAX];
    size_t suite_count;
    uint16_t groups[TLS_LIST_MAX];
    size_t group_count;
    size_t shares;
    covey_bytes alpn[TLS_LIST_MAX];
    size_t alpn_count;
    unsigned accept; /* connections, 0: without end */
    bool www;
    bool resume;
    bool key_update;
    bool cookie;
    bool plain; /* not compatible with middleboxes */
    uint16_t record_size;
    uint16_t padding;
} tls_args;

/* EXIT_DONE: go on. -1: help was printed. EXIT_USAGE: a line was printed. */
int tls_args_read(tls_args *args, int argc, char **argv);

#endif
