/* SPDX-License-Identifier: BSD-2-Clause */
/* What client and server have in common: which protection they offer, how long
 * a datagram may be, and how they say what libssl has refused. */
#ifndef COVEY_SHELL_DTLS_POLICY_H
#define COVEY_SHELL_DTLS_POLICY_H

#include "dtls.h"

#include <openssl/ssl.h>

/* What libssl itself would say to the strength of something. */
struct policy {
    int (*usual)(const SSL *ssl, const SSL_CTX *ctx, int what, int bits,
                 int nid, void *other, void *more);
};

/* DTLS 1.2 and nothing older, without sessions to resume, without
 * renegotiation (RFC 7252 Section 9.1) and compression; authenticated
 * encryption only, with keys, certificates, or both. NULL: libssl has refused.
 * `p` outlives it. */
SSL_CTX *policy_context(struct policy *p, const SSL_METHOD *method, bool keys,
                        bool certificates);
/* Our certificate with its chain, and its key; either may be NULL. */
bool policy_identify(SSL_CTX *ctx, const char *certificate,
                     const char *private_key, char error[DTLS_ERROR_MAX]);
/* No datagram of it is longer than DTLS_MTU. */
void policy_bound(SSL *ssl);
/* The shortest record that this session can take, less its header. */
size_t policy_least(const SSL *ssl);
/* "what: why", with what libssl says. Returns false. */
bool policy_fail(char error[DTLS_ERROR_MAX], const char *what);
enum policy_turn {
    POLICY_DONE,
    POLICY_WAIT,  /* for more datagrams */
    POLICY_ENDED, /* by close_notify */
    POLICY_FAILED
};

/* What has become of a call to libssl that returned this. */
enum policy_turn policy_turn(const SSL *ssl, int result);
/* Why a session has failed, in libssl's words or those of the check of
 * certificates. */
const char *policy_reason(const SSL *ssl);

#endif
