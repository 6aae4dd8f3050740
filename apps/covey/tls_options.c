/* SPDX-License-Identifier: BSD-2-Clause */
#include "tls_options.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* --- values -------------------------------------------------------------- */

size_t tls_each(const char *value, tls_item *one, void *into)
{
    size_t count = 0;

    for (const char *at = value; count < TLS_LIST_MAX; count++) {
        size_t len = strcspn(at, ",");
        if (len == 0 || !one(at, len, into, count)) {
            return 0;
        }
        if (at[len] == '\0') {
            return count + 1;
        }
        at += len + 1;
    }
    return 0;
}

bool tls_same(const char *name, const char *text, size_t len)
{
    return name != NULL && strlen(name) == len &&
           strncmp(name, text, len) == 0;
}

const char *tls_number(const char *value, unsigned long least,
                       unsigned long most, unsigned long *out)
{
    char *end = NULL;

    *out = strtoul(value, &end, 10);
    return value[0] >= '0' && value[0] <= '9' && *end == '\0' &&
                   *out >= least && *out <= most
               ? NULL
               : "a number in its range";
}

static bool one_type(const char *text, size_t len, void *into, size_t at)
{
    static const struct {
        const char *name;
        uint8_t type;
    } types[] = {
        { "x509", COVEY_TLS_X509 },
        { "rpk", COVEY_TLS_RAW_PUBLIC_KEY },
        { "1609dot2", COVEY_TLS_1609DOT2 },
    };

    for (size_t i = 0; i < COUNT(types); i++) {
        if (tls_same(types[i].name, text, len)) {
            ((uint8_t *)into)[at] = types[i].type;
            return true;
        }
    }
    return false;
}

/* --- options ------------------------------------------------------------- */

/* The identity that options are about: the last, which --cert-type begins. */
static tls_identity *own(tls_setup_options *o)
{
    o->own_count += o->own_count == 0;
    return &o->own[o->own_count - 1];
}

const char *tls_set_cert_type(void *into, const char *value)
{
    tls_setup_options *o = into;
    uint8_t type = 0;

    if (!one_type(value, strlen(value), &type, 0)) {
        return "x509, rpk or 1609dot2";
    }
    if (own(o)->key != NULL) {
        if (o->own_count == TLS_SETUP_IDENTITIES) {
            return "no more than three of them";
        }
        o->own_count++;
    }
    own(o)->type = (covey_tls_cert_type)type;
    return NULL;
}

const char *tls_set_cert(void *into, const char *value)
{
    own(into)->cert = value;
    return NULL;
}

const char *tls_set_key(void *into, const char *value)
{
    own(into)->key = value;
    return NULL;
}

const char *tls_set_chain(void *into, const char *value)
{
    tls_identity *id = own(into);

    if (id->chain_count == COUNT(id->chain)) {
        return "no more than seven of them";
    }
    id->chain[id->chain_count++] = value;
    return NULL;
}

const char *tls_set_whole(void *into, const char *value)
{
    (void)value;
    own(into)->whole = true;
    return NULL;
}

const char *tls_set_peer_type(void *into, const char *value)
{
    tls_setup_options *o = into;
    uint8_t types[TLS_LIST_MAX];
    size_t count = tls_each(value, one_type, types);

    if (count == 0 || count > TLS_SETUP_TYPES) {
        return "a list of x509, rpk and 1609dot2";
    }
    memcpy(o->peer_types, types, count);
    o->peer_type_count = count;
    return NULL;
}

const char *tls_set_psid(void *into, const char *value)
{
    unsigned long n = 0;
    const char *bad = tls_number(value, 0, UINT32_MAX, &n);

    own(into)->psid = n;
    own(into)->has_psid = true;
    return bad;
}

static const char *add(const char **list, size_t *count, const char *value)
{
    if (*count == TLS_SETUP_FILES) {
        return "no more than sixteen of them";
    }
    list[(*count)++] = value;
    return NULL;
}

const char *tls_set_trust(void *into, const char *value)
{
    tls_setup_options *o = into;

    return add(o->trust, &o->trust_count, value);
}

const char *tls_set_trust_key(void *into, const char *value)
{
    tls_setup_options *o = into;

    return add(o->trust_keys, &o->trust_key_count, value);
}

const char *tls_set_crl(void *into, const char *value)
{
    tls_setup_options *o = into;

    return add(o->crls, &o->crl_count, value);
}

const char *tls_set_policy(void *into, const char *value)
{
    ((tls_setup_options *)into)->policy = value;
    return NULL;
}

const char *tls_set_repository(void *into, const char *value)
{
    ((tls_setup_options *)into)->repository = value;
    return NULL;
}

const char *tls_set_key_log(void *into, const char *value)
{
    ((tls_setup_options *)into)->key_log = value;
    return NULL;
}

/* --- all together -------------------------------------------------------- */

static bool has_its(const tls_setup_options *o)
{
    bool found = false;

    for (size_t i = 0; i < o->own_count; i++) {
        found = found || o->own[i].type == COVEY_TLS_1609DOT2;
    }
    return found;
}

void tls_options_complete(tls_setup_options *o)
{
    if (o->peer_type_count == 0 && has_its(o)) {
        o->peer_types[0] = COVEY_TLS_1609DOT2;
        o->peer_type_count = 1;
    }
    if (o->own_count > 0 && own(o)->key == NULL && own(o)->cert == NULL) {
        o->own_count--;
    }
}

/* NULL: nothing is missing. */
static const char *missing_of(const tls_identity *id)
{
    if (id->key == NULL) {
        return "--key";
    }
    if (id->cert == NULL && id->type != COVEY_TLS_RAW_PUBLIC_KEY) {
        return "--cert";
    }
    return id->type == COVEY_TLS_1609DOT2 && !id->has_psid ? "--psid" : NULL;
}

/* What trust in the other side needs. */
static const char *missing_for_peer(const tls_setup_options *o)
{
    if (!o->server && o->psk.len == 0 && o->trust_count == 0 &&
        o->trust_key_count == 0 && !o->trust_anybody) {
        return "--trust";
    }
    for (size_t i = 0; i < o->peer_type_count; i++) {
        if (o->peer_types[i] == COVEY_TLS_1609DOT2 && !has_its(o) &&
            o->policy == NULL) {
            return "--policy";
        }
    }
    return NULL;
}

const char *tls_options_missing(const tls_setup_options *o)
{
    const char *what = NULL;

    if (o->psk.len > 0 && o->psk_identity == NULL) {
        return "--psk-identity";
    }
    if (o->server && o->own_count == 0 && o->psk.len == 0) {
        return "--key";
    }
    for (size_t i = 0; i < o->own_count && what == NULL; i++) {
        what = missing_of(&o->own[i]);
    }
    return what != NULL ? what : missing_for_peer(o);
}
