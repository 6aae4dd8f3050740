/* SPDX-License-Identifier: BSD-2-Clause */
/* What `covey tls` reads out of files, and the configuration made of it. */
#ifndef COVEY_APP_TLS_FILES_H
#define COVEY_APP_TLS_FILES_H

#include "tls_args.h"

#include <covey/x509.h>

#include <stdio.h>

enum {
    TLS_DER_MAX = 1 << 17,
    TLS_SPKI_MAX = 128,
    TLS_TICKETS = 64
};

typedef struct tls_setup {
    const tls_args *args;
    covey_crypto crypto;
    covey_tls_config config;
    covey_tls_credential credential;
    covey_key key;
    bool has_key;
    covey_bytes chain[COVEY_X509_CHAIN_MAX];
    size_t chain_count;
    covey_bytes anchors[COVEY_X509_ANCHORS_MAX];
    size_t anchor_count;
    covey_bytes trust_keys[TLS_KEYS_MAX];
    covey_tls_psk psk;
    uint8_t psk_secret[64];
    covey_tls_ticket rows[TLS_TICKETS];
    covey_tls_tickets tickets;
    FILE *key_log;
    uint8_t spki[TLS_SPKI_MAX];
    uint8_t chain_der[TLS_DER_MAX];
    uint8_t anchor_der[TLS_DER_MAX];
    uint8_t key_der[TLS_KEYS_MAX][TLS_SPKI_MAX * 8];
} tls_setup;

/* EXIT_DONE, or a line was printed. tls_setup_close in any case. */
int tls_setup_open(tls_setup *s, const tls_args *args);
void tls_setup_close(tls_setup *s);

/* Judges a chain or a raw public key. */
covey_tls_verdict tls_setup_judge(const tls_setup *s,
                                  const covey_tls_report *report);

#endif
