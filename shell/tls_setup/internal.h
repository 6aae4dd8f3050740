/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COVEY_SHELL_TLS_SETUP_INTERNAL_H
#define COVEY_SHELL_TLS_SETUP_INTERNAL_H

#include "tls_setup.h"

#include <conf.h>
#include <covey/x509.h>
#include <its_trust.h>

enum {
    DER_MAX = 1 << 16,
    SPKI_MAX = 1024,
    TICKETS = 64,
    RULES_MAX = 64,
    ISSUERS_MAX = 8,
    PATH_LEN = 1024
};

/* An identity, loaded. */
struct own {
    covey_key key;
    bool has_key;
    covey_its_signer signer;
    bool has_signer;
    uint8_t *der; /* what the entries point into */
    uint8_t *files[COVEY_TLS_ENTRIES_MAX];
    size_t file_count;
    covey_bytes entries[COVEY_TLS_ENTRIES_MAX];
};

struct rule_bytes {
    uint8_t value[COVEY_TLS_SSP_MAX];
    uint8_t mask[COVEY_TLS_SSP_MAX];
};

struct tls_setup {
    const covey_crypto *crypto;
    bool server;
    bool trust_anybody;
    const char *name;
    covey_tls_config config;
    covey_tls_credential credentials[TLS_SETUP_IDENTITIES];
    struct own own[TLS_SETUP_IDENTITIES];
    size_t own_count;
    uint8_t peer_types[TLS_SETUP_TYPES];
    /* X.509 */
    uint8_t *anchor_der;
    size_t anchor_len;
    covey_bytes anchors[COVEY_X509_ANCHORS_MAX];
    size_t anchor_count;
    /* raw public keys */
    uint8_t *trust_key[TLS_SETUP_FILES];
    covey_bytes trust_keys[TLS_SETUP_FILES];
    size_t trust_key_count;
    /* 1609Dot2 */
    its_trust its;
    covey_tls_its taken;
    covey_tls_its_rule rules[RULES_MAX];
    struct rule_bytes rule_bytes[RULES_MAX];
    const char *repository;
    /* pre-shared */
    covey_tls_psk psk;
    uint8_t psk_secret[TLS_SETUP_PSK_MAX];
    char *psk_identity;
    covey_bytes alpn;
    covey_tls_ticket rows[TICKETS];
    covey_tls_tickets tickets;
    FILE *key_log;
    char *error; /* of tls_setup_open */
};

/* setup.c: leaves a sentence, and gives TLS_SETUP_FAILED. */
tls_setup_result tls_setup__fail(tls_setup *s, const char *file,
                                 const char *what);
/* The whole of a file; `secret` as of its_file_read_raw. */
tls_setup_result tls_setup__read(tls_setup *s, const char *path, bool secret,
                                 uint8_t **bytes, size_t *len);

/* identity.c */
tls_setup_result tls_setup__identity(tls_setup *s, size_t at,
                                     const tls_identity *id);
void tls_setup__forget(tls_setup *s, struct own *own);

/* trust.c */
tls_setup_result tls_setup__trust(tls_setup *s, const tls_setup_options *o);

/* permission.c; `id` may be NULL: there must be none. */
bool tls_setup__rule(conf_reader *c, const conf_value *item,
                     covey_tls_its_rule *rule, covey_bytes *id);

/* policy.c */
tls_setup_result tls_setup__policy(tls_setup *s, const tls_setup_options *o);

#endif
