/* SPDX-License-Identifier: BSD-2-Clause */
/* Who a program is over TLS and whom it takes, out of files: certificates,
 * keys, anchors, revocation lists, the policy for PSIDs, a repository. From it
 * comes the configuration of engines (covey/tls.h), and the answers to what
 * they ask.
 *
 * How it is used, with tls_stream.h or another driver of the engine:
 *     tls_setup *s = tls_setup_open(&crypto, &options, &result, error);
 *     covey_tls_config *c = tls_setup_config(s);   may be changed before use
 *     ...            with every report:  tls_setup_answer(s, engine, report);
 *     tls_setup_close(s);                after the last engine is gone
 * Who the peer is, covey_tls_information says once it is connected: PSID, SSP
 * and HashedId8 of a certificate of ITS, for the decisions of the application.
 */
#ifndef COVEY_SHELL_TLS_SETUP_H
#define COVEY_SHELL_TLS_SETUP_H

#include <covey/tls.h>

#include <stdio.h>

enum {
    TLS_SETUP_ERROR_MAX = 400,
    TLS_SETUP_FILES = 16,     /* of a kind */
    TLS_SETUP_IDENTITIES = 3, /* one of each type */
    TLS_SETUP_TYPES = 3,
    TLS_SETUP_PSK_MAX = 64
};

/* What we show of ourselves. Without a key: nothing. */
typedef struct tls_identity {
    covey_tls_cert_type type;
    const char *key; /* PEM; 1609Dot2 also raw, in hex or base64 */
    /* X.509: the chain in PEM, end entity first; 1609Dot2: the end entity's */
    const char *cert;
    const char *chain[COVEY_TLS_ENTRIES_MAX - 1]; /* 1609Dot2: sent behind */
    size_t chain_count;
    bool has_psid; /* 1609Dot2: what it is used for */
    uint64_t psid;
    bool whole; /* 1609Dot2: signs with the certificate, not its HashedId8 */
} tls_identity;

typedef struct tls_setup_options {
    bool server;
    tls_identity own[TLS_SETUP_IDENTITIES]; /* by preference */
    size_t own_count;
    /* Types taken of the peer, by preference; none: X.509. */
    uint8_t peer_types[TLS_SETUP_TYPES];
    size_t peer_type_count;
    const char *name; /* client: which server its X.509 has to be for; kept */
    /* Anchors: PEM is for X.509, anything else for 1609Dot2, also a signed
     * trust list behind the certificate that signs it. */
    const char *trust[TLS_SETUP_FILES];
    size_t trust_count;
    const char *trust_keys[TLS_SETUP_FILES]; /* SubjectPublicKeyInfo, DER */
    size_t trust_key_count;
    const char *crls[TLS_SETUP_FILES]; /* 1609Dot2, behind all of trust */
    size_t crl_count;
    /* Folder of certificates that chains may lack, each named by its
     * HashedId8 and ".oer"; looked at whenever one is wanted. Kept. */
    const char *repository;
    /* Which PSIDs with which SSPs are taken (covey-tls-policy(5)). NULL: those
     * that we use ourselves. */
    const char *policy;
    bool request_client;        /* server: asks for a certificate */
    bool require_client;        /* server: refuses who has none */
    const char *alpn;           /* a protocol (RFC 7301); NULL: none; kept */
    bool accept_wrapped;        /* 1609Dot2: as covey_tls_its */
    bool types_in_server_hello; /* as covey_tls_config */
    bool trust_anybody;         /* X.509 and raw public keys; for tests */
    const char *psk_identity;
    covey_bytes psk;     /* up to TLS_SETUP_PSK_MAX bytes; copied */
    const char *key_log; /* appended to, for Wireshark */
} tls_setup_options;

typedef enum tls_setup_result {
    TLS_SETUP_DONE = 1,
    TLS_SETUP_FAILED, /* a file cannot be read, or does not say what it must */
    TLS_SETUP_REFUSED /* a private key that others may read */
} tls_setup_result;

typedef struct tls_setup tls_setup;

/* `crypto` is kept, `options` is not. NULL: *result says how, `error` has a
 * sentence. */
tls_setup *tls_setup_open(const covey_crypto *crypto,
                          const tls_setup_options *options,
                          tls_setup_result *result,
                          char error[TLS_SETUP_ERROR_MAX]);
/* NULL is allowed. */
void tls_setup_close(tls_setup *s);

/* May be changed until the first engine uses it. */
covey_tls_config *tls_setup_config(tls_setup *s);

/* Answers ASK_CHAIN and ASK_ISSUER, and writes KEY_LOG; others are not for it.
 */
void tls_setup_answer(tls_setup *s, covey_tls *t, const covey_tls_report *r);

/* A FAILED, as a line: which alert, who sent it, why; of certificates of ITS
 * also which one, what was found and expected, but no HashedId8 of the peer's
 * (RFC 8902 Section 8). */
void tls_setup_explain(FILE *to, const covey_tls_report *r);

#endif
