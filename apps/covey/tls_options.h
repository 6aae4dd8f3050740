/* SPDX-License-Identifier: BSD-2-Clause */
/* Options about certificates and trust that `covey tls` and the verbs that
 * talk to servers have in common: names and meaning are in covey-tls(1). */
#ifndef COVEY_APP_TLS_OPTIONS_H
#define COVEY_APP_TLS_OPTIONS_H

#include <tls_setup.h>

enum {
    TLS_LIST_MAX = 8
};

/* Items between commas: calls `one` for each; how many, or 0. */
typedef bool tls_item(const char *text, size_t len, void *into, size_t at);
size_t tls_each(const char *value, tls_item *one, void *into);
bool tls_same(const char *name, const char *text, size_t len);
/* NULL, or what was expected. */
const char *tls_number(const char *value, unsigned long least,
                       unsigned long most, unsigned long *out);

/* Each sets a field of the tls_setup_options that `into` points to: NULL, or
 * what was expected. Certificate, key, chain and PSID are of the identity
 * that the last --cert-type has begun. */
const char *tls_set_cert(void *into, const char *value);
const char *tls_set_cert_type(void *into, const char *value);
const char *tls_set_chain(void *into, const char *value);
const char *tls_set_crl(void *into, const char *value);
const char *tls_set_key(void *into, const char *value);
const char *tls_set_key_log(void *into, const char *value);
const char *tls_set_peer_type(void *into, const char *value);
const char *tls_set_policy(void *into, const char *value);
const char *tls_set_psid(void *into, const char *value);
const char *tls_set_repository(void *into, const char *value);
const char *tls_set_trust(void *into, const char *value);
const char *tls_set_trust_key(void *into, const char *value);
const char *tls_set_whole(void *into, const char *value);

/* Who has a certificate of ITS expects one; the other side says otherwise. */
void tls_options_complete(tls_setup_options *o);
/* The option that is missing; NULL: none. */
const char *tls_options_missing(const tls_setup_options *o);

#endif
