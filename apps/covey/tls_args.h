/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line of `covey tls` (covey-tls(1)). */
#ifndef COVEY_APP_TLS_ARGS_H
#define COVEY_APP_TLS_ARGS_H

#include <covey/address.h>
#include <covey/tls.h>

enum {
    TLS_LIST_MAX = 8,
    TLS_KEYS_MAX = 8
};

typedef struct tls_args {
    bool server;
    covey_address address;
    bool local_only; /* of the operand: it named no address */
    uint8_t cert_type;
    uint8_t peer_types[TLS_LIST_MAX];
    size_t peer_type_count;
    const char *cert;
    const char *key;
    const char *trust;
    const char *trust_keys[TLS_KEYS_MAX];
    size_t trust_key_count;
    bool no_verify;
    bool verify; /* server: a client certificate is required */
    const char *name;
    uint16_t suites[TLS_LIST_MAX];
    size_t suite_count;
    uint16_t groups[TLS_LIST_MAX];
    size_t group_count;
    size_t shares;
    covey_bytes alpn[TLS_LIST_MAX];
    size_t alpn_count;
    const char *psk; /* hex */
    const char *psk_identity;
    const char *key_log;
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
