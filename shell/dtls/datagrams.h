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

/* The records that a datagram begins with, as long as they are whole and those
 * of an epoch after the first have `least` bytes; and how many the latter are
 * (RFC 6347 Section 4.1). libssl would take what is missing of one from the
 * next datagram, and end a session for one that is shorter than its own tag:
 * anybody can send both. Absent: there is none. */
covey_bytes datagrams_whole(covey_bytes datagram, size_t least,
                            uint32_t *later);

#endif
