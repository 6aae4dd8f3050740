/* SPDX-License-Identifier: BSD-2-Clause */
/* Handshakes of GnuTLS in memory, for bench_tls. */
#ifndef COVEY_BENCH_GNUTLS_PAIR_H
#define COVEY_BENCH_GNUTLS_PAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Both ends show this certificate, in PEM, and trust it. */
bool gnutls_pair_open(const char *cert, size_t cert_len, const char *key,
                      size_t key_len);
void gnutls_pair_close(void);
/* For bench_case: mutual, with X25519 and AES-128-GCM, without tickets. */
uint32_t gnutls_pair_handshake(void *state, uint32_t times);

#endif
