/* SPDX-License-Identifier: BSD-2-Clause */
#include "tls_args.h"

#include "cmd.h"
#include "verb_options.h"

#include <shell/address/system_address.h>

#include <getopt.h>
#include <hex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* --- values -------------------------------------------------------------- */

/* Calls `one` for each item between commas; how many, or 0. */
static size_t each(const char *value,
                   bool (*one)(const char *, size_t, void *, size_t),
                   void *into)
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

static bool same(const char *name, const char *text, size_t len)
{
    return name != NULL && strlen(name) == len &&
           strncmp(name, text, len) == 0;
}

static bool one_suite(const char *text, size_t len, void *into, size_t at)
{
    for (unsigned id = 0x1301; id <= 0x1305; id++) {
        const char *name = covey_tls_suite_name(id);
        if (same(name, text, len) || same(name + 4, text, len)) {
            ((uint16_t *)into)[at] = (uint16_t)id;
            return true;
        }
    }
    return false;
}

static bool one_group(const char *text, size_t len, void *into, size_t at)
{
    static const uint16_t ids[] = { COVEY_TLS_X25519, COVEY_TLS_SECP256R1,
                                    COVEY_TLS_SECP384R1 };

    for (size_t i = 0; i < COUNT(ids); i++) {
        if (same(covey_tls_group_name(ids[i]), text, len)) {
            ((uint16_t *)into)[at] = ids[i];
            return true;
        }
    }
    return false;
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
        if (same(types[i].name, text, len)) {
            ((uint8_t *)into)[at] = types[i].type;
            return true;
        }
    }
    return false;
}

static bool one_protocol(const char *text, size_t len, void *into, size_t at)
{
    ((covey_bytes *)into)[at] = covey_bytes_of((const uint8_t *)text, len);
    return len <= UINT8_MAX;
}

/* The identity that options are about: the last, which --cert-type begins. */
static tls_identity *own(tls_args *a)
{
    a->setup.own_count += a->setup.own_count == 0;
    return &a->setup.own[a->setup.own_count - 1];
}

static const char *set_cert_type(void *into, const char *value)
{
    tls_args *a = into;
    uint8_t type = 0;

    if (!one_type(value, strlen(value), &type, 0)) {
        return "x509, rpk or 1609dot2";
    }
    if (own(a)->key != NULL) {
        if (a->setup.own_count == TLS_SETUP_IDENTITIES) {
            return "no more than three of them";
        }
        a->setup.own_count++;
    }
    own(a)->type = (covey_tls_cert_type)type;
    return NULL;
}

static const char *set_cert(void *into, const char *value)
{
    own(into)->cert = value;
    return NULL;
}

static const char *set_key(void *into, const char *value)
{
    own(into)->key = value;
    return NULL;
}

static const char *set_chain(void *into, const char *value)
{
    tls_identity *id = own(into);

    if (id->chain_count == COUNT(id->chain)) {
        return "no more than seven of them";
    }
    id->chain[id->chain_count++] = value;
    return NULL;
}

static const char *set_whole(void *into, const char *value)
{
    (void)value;
    own(into)->whole = true;
    return NULL;
}

static const char *set_peer_type(void *into, const char *value)
{
    tls_args *a = into;
    uint8_t types[TLS_LIST_MAX];
    size_t count = each(value, one_type, types);

    if (count == 0 || count > TLS_SETUP_TYPES) {
        return "a list of x509, rpk and 1609dot2";
    }
    memcpy(a->setup.peer_types, types, count);
    a->setup.peer_type_count = count;
    return NULL;
}

static const char *set_suites(void *into, const char *value)
{
    tls_args *a = into;

    a->suite_count = each(value, one_suite, a->suites);
    return a->suite_count > 0 ? NULL : "a list such as AES_128_GCM_SHA256";
}

static const char *set_groups(void *into, const char *value)
{
    tls_args *a = into;

    a->group_count = each(value, one_group, a->groups);
    return a->group_count > 0 ? NULL
                              : "a list of x25519, secp256r1 and secp384r1";
}

static const char *set_alpn(void *into, const char *value)
{
    tls_args *a = into;

    a->alpn_count = each(value, one_protocol, a->alpn);
    return a->alpn_count > 0 ? NULL : "a list of protocols";
}

static const char *number(const char *value, unsigned long least,
                          unsigned long most, unsigned long *out)
{
    char *end = NULL;

    *out = strtoul(value, &end, 10);
    return value[0] >= '0' && value[0] <= '9' && *end == '\0' &&
                   *out >= least && *out <= most
               ? NULL
               : "a number in its range";
}

static const char *set_shares(void *into, const char *value)
{
    unsigned long n = 0;
    const char *bad = number(value, 1, 3, &n);

    ((tls_args *)into)->shares = n;
    return bad;
}

static const char *set_accept(void *into, const char *value)
{
    unsigned long n = 0;
    const char *bad = number(value, 1, 1000000, &n);

    ((tls_args *)into)->accept = (unsigned)n;
    return bad;
}

static const char *set_record_size(void *into, const char *value)
{
    unsigned long n = 0;
    const char *bad = number(value, 64, 16385, &n);

    ((tls_args *)into)->record_size = (uint16_t)n;
    return bad;
}

static const char *set_padding(void *into, const char *value)
{
    unsigned long n = 0;
    const char *bad = number(value, 2, 16384, &n);

    ((tls_args *)into)->padding = (uint16_t)n;
    return bad;
}

static const char *set_psid(void *into, const char *value)
{
    unsigned long n = 0;
    const char *bad = number(value, 0, UINT32_MAX, &n);

    own(into)->psid = n;
    own(into)->has_psid = true;
    return bad;
}

static const char *set_psk(void *into, const char *value)
{
    tls_args *a = into;
    char error[160];
    uint8_t *bytes = NULL;
    size_t len = 0;

    if (!hex_parse(value, strlen(value), &bytes, &len, error, sizeof error) ||
        len == 0 || len > sizeof a->psk) {
        free(bytes);
        return "1 to 64 bytes in hex";
    }
    memcpy(a->psk, bytes, len);
    a->setup.psk = covey_bytes_of(a->psk, len);
    covey_wipe(bytes, len);
    free(bytes);
    return NULL;
}

static const char *add(const char **list, size_t *count, const char *value)
{
    if (*count == TLS_SETUP_FILES) {
        return "no more than sixteen of them";
    }
    list[(*count)++] = value;
    return NULL;
}

static const char *set_trust(void *into, const char *value)
{
    tls_setup_options *o = &((tls_args *)into)->setup;

    return add(o->trust, &o->trust_count, value);
}

static const char *set_trust_key(void *into, const char *value)
{
    tls_setup_options *o = &((tls_args *)into)->setup;

    return add(o->trust_keys, &o->trust_key_count, value);
}

static const char *set_crl(void *into, const char *value)
{
    tls_setup_options *o = &((tls_args *)into)->setup;

    return add(o->crls, &o->crl_count, value);
}

#define SET_TEXT(name, field)                                                 \
    static const char *set_##name(void *into, const char *value)              \
    {                                                                         \
        ((tls_args *)into)->field = value;                                    \
        return NULL;                                                          \
    }
#define SET_FLAG(name, field)                                                 \
    static const char *set_##name(void *into, const char *value)              \
    {                                                                         \
        (void)value;                                                          \
        ((tls_args *)into)->field = true;                                     \
        return NULL;                                                          \
    }
/* clang-format off */
SET_TEXT(name, setup.name)
SET_TEXT(psk_identity, setup.psk_identity)
SET_TEXT(key_log, setup.key_log)
SET_TEXT(policy, setup.policy)
SET_TEXT(repository, setup.repository)
SET_FLAG(no_verify, setup.trust_anybody)
SET_FLAG(verify, verify)
SET_FLAG(www, www)
SET_FLAG(resume, resume)
SET_FLAG(key_update, key_update)
SET_FLAG(cookie, cookie)
SET_FLAG(plain, plain)
SET_FLAG(show_id, show_id)
SET_FLAG(wrapped, setup.accept_wrapped)
/* clang-format on */

/* --- options ------------------------------------------------------------- */

static const verb_option rows[] = {
    { "accept", 0, "N", set_accept, "ends after so many connections" },
    { "alpn", 0, "LIST", set_alpn, "application protocols, by preference" },
    { "cert", 'c', "FILE", set_cert, "own chain in PEM, end entity first" },
    { "cert-type", 0, "TYPE", set_cert_type, "own: x509, rpk, 1609dot2" },
    { "chain", 0, "FILE", set_chain, "1609dot2: sent behind --cert" },
    { "cookie", 0, NULL, set_cookie, "HelloRetryRequest carries a cookie" },
    { "crl", 0, "FILE", set_crl, "1609dot2: signed revocation list" },
    { "groups", 0, "LIST", set_groups, "groups, by preference" },
    { "key", 'k', "FILE", set_key, "own private key in PEM" },
    { "key-update", 0, NULL, set_key_update, "new keys after the handshake" },
    { "keylog", 0, "FILE", set_key_log, "appends secrets for Wireshark" },
    { "name", 'n', "NAME", set_name, "name of the server" },
    { "no-verify", 0, NULL, set_no_verify, "trusts anybody" },
    { "padding", 0, "N", set_padding, "pads records to a multiple of N" },
    { "peer-type", 0, "LIST", set_peer_type, "taken: x509, rpk, 1609dot2" },
    { "plain", 0, NULL, set_plain, "does not look like TLS 1.2" },
    { "policy", 0, "FILE", set_policy, "1609dot2: PSIDs that are taken" },
    { "psid", 0, "N", set_psid, "1609dot2: what --cert is used for" },
    { "psk", 0, "HEX", set_psk, "a secret known beforehand" },
    { "psk-identity", 0, "TEXT", set_psk_identity, "and what it is called" },
    { "record-size", 0, "N", set_record_size, "record_size_limit" },
    { "repository", 0, "DIR", set_repository, "1609dot2: missing issuers" },
    { "resume", 0, NULL, set_resume, "connects twice, with a ticket" },
    { "shares", 0, "N", set_shares, "groups for which a key is sent" },
    { "show-id", 0, NULL, set_show_id, "prints HashedId8 of ITS peers" },
    { "suites", 0, "LIST", set_suites, "suites, by preference" },
    { "trust", 't', "FILE", set_trust, "anchors in PEM, or of ITS" },
    { "trust-key", 0, "FILE", set_trust_key, "a raw public key in DER" },
    { "verify", 0, NULL, set_verify, "clients need a certificate" },
    { "whole", 0, NULL, set_whole, "1609dot2: signs with all of --cert" },
    { "wrapped", 0, NULL, set_wrapped, "1609dot2: takes wrapped signatures" },
    { "www", 0, NULL, set_www, "answers a line with what was negotiated" },
};
_Static_assert(COUNT(rows) <= VERB_OPTIONS_MAX, "see verb_options.h");

#define BOTH                                                                  \
    "alpn cert cert-type chain crl groups key key-update keylog no-verify "   \
    "padding peer-type policy psid psk psk-identity record-size repository "  \
    "show-id suites trust trust-key whole wrapped "

static verb_options options_of(bool server)
{
    const verb_options o = {
        .command = "tls",
        .verb = server ? "server" : "client",
        .rows = rows,
        .count = COUNT(rows),
        .taken = server ? BOTH "accept cookie verify www "
                        : BOTH "name plain resume shares ",
        .width = 22,
    };
    return o;
}

/* "4433", "192.0.2.1:4433", "[::1]:4433", "localhost:4433". */
static bool read_operand(tls_args *a, const char *text)
{
    char host[64] = "127.0.0.1";
    const char *colon = strrchr(text, ':');
    const char *port = colon != NULL ? colon + 1 : text;
    unsigned long n = 0;

    if (colon != NULL) {
        size_t len = (size_t)(colon - text);
        bool brackets = len > 2 && text[0] == '[' && text[len - 1] == ']';
        if (len == 0 || len >= sizeof host) {
            return false;
        }
        memcpy(host, text + (brackets ? 1 : 0), len - (brackets ? 2 : 0));
        host[len - (brackets ? 2 : 0)] = '\0';
    }
    if (strcmp(host, "localhost") == 0) {
        snprintf(host, sizeof host, "127.0.0.1");
        a->setup.name = a->setup.name != NULL ? a->setup.name : "localhost";
    }
    return number(port, a->server ? 0 : 1, UINT16_MAX, &n) == NULL &&
           address_parse(host, (uint16_t)n, &a->address);
}

static bool has_its(const tls_setup_options *o)
{
    bool found = false;

    for (size_t i = 0; i < o->own_count; i++) {
        found = found || o->own[i].type == COVEY_TLS_1609DOT2;
    }
    return found;
}

/* Who has a certificate of ITS expects one; the other side says otherwise. */
static void complete(tls_args *a)
{
    tls_setup_options *o = &a->setup;

    o->server = a->server;
    if (o->peer_type_count == 0 && has_its(o)) {
        o->peer_types[0] = COVEY_TLS_1609DOT2;
        o->peer_type_count = 1;
    }
    if (o->own_count > 0 && own(a)->key == NULL && own(a)->cert == NULL) {
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
static const char *missing_for_peer(const tls_args *a)
{
    const tls_setup_options *o = &a->setup;

    if (!a->server && o->psk.len == 0 && o->trust_count == 0 &&
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

static const char *missing(const tls_args *a)
{
    const tls_setup_options *o = &a->setup;
    const char *what = NULL;

    if (o->psk.len > 0 && o->psk_identity == NULL) {
        return "--psk-identity";
    }
    if (a->server && o->own_count == 0 && o->psk.len == 0) {
        return "--key";
    }
    for (size_t i = 0; i < o->own_count && what == NULL; i++) {
        what = missing_of(&o->own[i]);
    }
    return what != NULL ? what : missing_for_peer(a);
}

static int check(tls_args *a, const verb_options *o)
{
    const char *what = NULL;

    complete(a);
    what = missing(a);
    return what != NULL ? verb_options_usage(o, what, NULL, "missing")
                        : EXIT_DONE;
}

int tls_args_read(tls_args *args, int argc, char **argv)
{
    const verb_options o = options_of(args->server);
    int rc = verb_options_read(&o, argc, argv, args, NULL);

    if (rc == -1) {
        printf("usage: covey tls %s [option ...] [address:]port\n\n", o.verb);
        verb_options_help(&o);
        return -1;
    }
    if (rc != EXIT_DONE) {
        return rc;
    }
    if (optind + 1 != argc) {
        return verb_options_usage(&o, "[ADDRESS:]PORT", NULL,
                                  optind == argc ? "missing"
                                                 : "one is enough");
    }
    if (!read_operand(args, argv[optind])) {
        return verb_options_usage(&o, "[ADDRESS:]PORT", argv[optind],
                                  "expected an IP address and a port");
    }
    return check(args, &o);
}
