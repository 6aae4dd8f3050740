/* SPDX-License-Identifier: BSD-2-Clause */
/* What libssl reads from and writes to: one datagram a call. */
#ifndef COVEY_SHELL_DTLS_DATAGRAMS_H
#define COVEY_SHELL_DTLS_DATAGRAMS_H

#include <covey/bytes.h>
#include <openssl/bio.h>

struct datagrams {
    covey_bytes in; /* the one that has come; absent: none */
    void (*depart)(void *user, covey_bytes datagram);
    void *user;
};

/* NULL: no memory. `d` outlives it. */
BIO_METHOD *datagrams_method(void);
BIO *datagrams_bio(const BIO_METHOD *method, struct datagrams *d);

#endif
