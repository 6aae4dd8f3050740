/* SPDX-License-Identifier: BSD-2-Clause */
#include "tls_args.h"

#include "cmd.h"
#include "verb_options.h"

#include <shell/address/system_address.h>

#include <getopt.h>
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

static const char *set_cert_type(void *into, const char *value)
{
    tls_args *a = into;

    return one_type(value, strlen(value), &a->cert_type, 0) ? NULL
                                                            : "x509 or rpk";
}

static const char *set_peer_type(void *into, const char *value)
{
    tls_args *a = into;

    a->peer_type_count = each(value, one_type, a->peer_types);
    return a->peer_type_count > 0 ? NULL : "a list of x509 and rpk";
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

static const char *set_trust_key(void *into, const char *value)
{
    tls_args *a = into;

    if (a->trust_key_count == TLS_KEYS_MAX) {
        return "no more than eight of them";
    }
    a->trust_keys[a->trust_key_count++] = value;
    return NULL;
}

#define SET_TEXT(field)                                                       \
    static const char *set_##field(void *into, const char *value)             \
    {                                                                         \
        ((tls_args *)into)->field = value;                                    \
        return NULL;                                                          \
    }
#define SET_FLAG(field)                                                       \
    static const char *set_##field(void *into, const char *value)             \
    {                                                                         \
        (void)value;                                                          \
        ((tls_args *)into)->field = true;                                     \
        return NULL;                                                          \
    }

/* clang-format off */
SET_TEXT(cert)
SET_TEXT(key)
SET_TEXT(trust)
SET_TEXT(name)
SET_TEXT(psk)
SET_TEXT(psk_identity)
SET_TEXT(key_log)
SET_FLAG(no_verify)
SET_FLAG(verify)
SET_FLAG(www)
SET_FLAG(resume)
SET_FLAG(key_update)
SET_FLAG(cookie)
SET_FLAG(plain)
/* clang-format on */

/* --- options ------------------------------------------------------------- */

static const verb_option rows[] = {
    { "accept", 0, "N", set_accept, "ends after so many connections" },
    { "alpn", 0, "LIST", set_alpn, "application protocols, by preference" },
    { "cert", 'c', "FILE", set_cert, "own chain in PEM, end entity first" },
    { "cert-type", 0, "TYPE", set_cert_type, "own type: x509 or rpk" },
    { "cookie", 0, NULL, set_cookie, "HelloRetryRequest carries a cookie" },
    { "groups", 0, "LIST", set_groups, "groups, by preference" },
    { "key", 'k', "FILE", set_key, "own private key in PEM" },
    { "key-update", 0, NULL, set_key_update, "new keys after the handshake" },
    { "keylog", 0, "FILE", set_key_log, "appends secrets for Wireshark" },
    { "name", 'n', "NAME", set_name, "name of the server" },
    { "no-verify", 0, NULL, set_no_verify, "trusts anybody" },
    { "padding", 0, "N", set_padding, "pads records to a multiple of N" },
    { "peer-type", 0, "LIST", set_peer_type, "types taken: x509, rpk" },
    { "plain", 0, NULL, set_plain, "does not look like TLS 1.2" },
    { "psk", 0, "HEX", set_psk, "a secret known beforehand" },
    { "psk-identity", 0, "TEXT", set_psk_identity, "and what it is called" },
    { "record-size", 0, "N", set_record_size, "record_size_limit" },
    { "resume", 0, NULL, set_resume, "connects twice, with a ticket" },
    { "shares", 0, "N", set_shares, "groups for which a key is sent" },
    { "suites", 0, "LIST", set_suites, "suites, by preference" },
    { "trust", 't', "FILE", set_trust, "anchors in PEM" },
    { "trust-key", 0, "FILE", set_trust_key, "a raw public key in DER" },
    { "verify", 0, NULL, set_verify, "clients need a certificate" },
    { "www", 0, NULL, set_www, "answers a line with what was negotiated" },
};
_Static_assert(COUNT(rows) <= VERB_OPTIONS_MAX, "see verb_options.h");

#define BOTH                                                                  \
    "alpn cert cert-type groups key key-update keylog no-verify padding "     \
    "peer-type psk psk-identity record-size suites trust trust-key "

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
        a->name = a->name != NULL ? a->name : "localhost";
    }
    return number(port, a->server ? 0 : 1, UINT16_MAX, &n) == NULL &&
           address_parse(host, (uint16_t)n, &a->address);
}

static int check(const tls_args *a, const verb_options *o)
{
    if (a->psk != NULL && a->psk_identity == NULL) {
        return verb_options_usage(o, "--psk-identity", NULL, "missing");
    }
    if (a->server && a->key == NULL && a->psk == NULL) {
        return verb_options_usage(o, "--key", NULL, "missing");
    }
    if (a->key != NULL && a->cert == NULL && a->cert_type == COVEY_TLS_X509) {
        return verb_options_usage(o, "--cert", NULL, "missing");
    }
    if (!a->server && a->psk == NULL && a->trust == NULL &&
        a->trust_key_count == 0 && !a->no_verify) {
        return verb_options_usage(o, "--trust", NULL, "missing");
    }
    return EXIT_DONE;
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
