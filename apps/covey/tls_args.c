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

static bool one_suite(const char *text, size_t len, void *into, size_t at)
{
    for (unsigned id = 0x1301; id <= 0x1305; id++) {
        const char *name = covey_tls_suite_name(id);
        if (tls_same(name, text, len) || tls_same(name + 4, text, len)) {
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
        if (tls_same(covey_tls_group_name(ids[i]), text, len)) {
            ((uint16_t *)into)[at] = ids[i];
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

static const char *set_suites(void *into, const char *value)
{
    tls_args *a = into;

    a->suite_count = tls_each(value, one_suite, a->suites);
    return a->suite_count > 0 ? NULL : "a list such as AES_128_GCM_SHA256";
}

static const char *set_groups(void *into, const char *value)
{
    tls_args *a = into;

    a->group_count = tls_each(value, one_group, a->groups);
    return a->group_count > 0 ? NULL
                              : "a list of x25519, secp256r1 and secp384r1";
}

static const char *set_alpn(void *into, const char *value)
{
    tls_args *a = into;

    a->alpn_count = tls_each(value, one_protocol, a->alpn);
    return a->alpn_count > 0 ? NULL : "a list of protocols";
}

static const char *set_shares(void *into, const char *value)
{
    unsigned long n = 0;
    const char *bad = tls_number(value, 1, 3, &n);

    ((tls_args *)into)->shares = n;
    return bad;
}

static const char *set_accept(void *into, const char *value)
{
    unsigned long n = 0;
    const char *bad = tls_number(value, 1, 1000000, &n);

    ((tls_args *)into)->accept = (unsigned)n;
    return bad;
}

static const char *set_record_size(void *into, const char *value)
{
    unsigned long n = 0;
    const char *bad = tls_number(value, 64, 16385, &n);

    ((tls_args *)into)->record_size = (uint16_t)n;
    return bad;
}

static const char *set_padding(void *into, const char *value)
{
    unsigned long n = 0;
    const char *bad = tls_number(value, 2, 16384, &n);

    ((tls_args *)into)->padding = (uint16_t)n;
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
SET_FLAG(no_verify, setup.trust_anybody)
SET_FLAG(verify, verify)
SET_FLAG(www, www)
SET_FLAG(resume, resume)
SET_FLAG(key_update, key_update)
SET_FLAG(cookie, cookie)
SET_FLAG(plain, plain)
SET_FLAG(show_id, show_id)
SET_FLAG(wrapped, setup.accept_wrapped)
SET_FLAG(types_in_hello, setup.types_in_server_hello)
/* clang-format on */

/* --- options ------------------------------------------------------------- */

static const verb_option rows[] = {
    { "accept", 0, "N", set_accept, "ends after so many connections" },
    { "alpn", 0, "LIST", set_alpn, "application protocols, by preference" },
    { "cert", 'c', "FILE", tls_set_cert,
      "own chain in PEM, end entity first" },
    { "cert-type", 0, "TYPE", tls_set_cert_type, "own: x509, rpk, 1609dot2" },
    { "chain", 0, "FILE", tls_set_chain, "1609dot2: sent behind --cert" },
    { "cookie", 0, NULL, set_cookie, "HelloRetryRequest carries a cookie" },
    { "crl", 0, "FILE", tls_set_crl, "1609dot2: signed revocation list" },
    { "groups", 0, "LIST", set_groups, "groups, by preference" },
    { "key", 'k', "FILE", tls_set_key, "own private key in PEM" },
    { "key-update", 0, NULL, set_key_update, "new keys after the handshake" },
    { "keylog", 0, "FILE", tls_set_key_log, "appends secrets for Wireshark" },
    { "name", 'n', "NAME", set_name, "name of the server" },
    { "no-verify", 0, NULL, set_no_verify, "trusts anybody" },
    { "padding", 0, "N", set_padding, "pads records to a multiple of N" },
    { "peer-type", 0, "LIST", tls_set_peer_type,
      "taken: x509, rpk, 1609dot2" },
    { "plain", 0, NULL, set_plain, "does not look like TLS 1.2" },
    { "policy", 0, "FILE", tls_set_policy, "1609dot2: PSIDs that are taken" },
    { "psid", 0, "N", tls_set_psid, "1609dot2: what --cert is used for" },
    { "psk", 0, "HEX", set_psk, "a secret known beforehand" },
    { "psk-identity", 0, "TEXT", set_psk_identity, "and what it is called" },
    { "record-size", 0, "N", set_record_size, "record_size_limit" },
    { "repository", 0, "DIR", tls_set_repository,
      "1609dot2: missing issuers" },
    { "resume", 0, NULL, set_resume, "connects twice, with a ticket" },
    { "shares", 0, "N", set_shares, "groups for which a key is sent" },
    { "show-id", 0, NULL, set_show_id, "prints HashedId8 of ITS peers" },
    { "suites", 0, "LIST", set_suites, "suites, by preference" },
    { "trust", 't', "FILE", tls_set_trust, "anchors in PEM, or of ITS" },
    { "trust-key", 0, "FILE", tls_set_trust_key, "a raw public key in DER" },
    { "verify", 0, NULL, set_verify, "clients need a certificate" },
    { "types-in-hello", 0, NULL, set_types_in_hello,
      "types in ServerHello, as Q-Free has them" },
    { "whole", 0, NULL, tls_set_whole, "1609dot2: signs with all of --cert" },
    { "wrapped", 0, NULL, set_wrapped, "1609dot2: takes wrapped signatures" },
    { "www", 0, NULL, set_www, "answers a line with what was negotiated" },
};
_Static_assert(COUNT(rows) <= VERB_OPTIONS_MAX, "see verb_options.h");

#define BOTH                                                                  \
    "alpn cert cert-type chain crl groups key key-update keylog no-verify "   \
    "padding peer-type policy psid psk psk-identity record-size repository "  \
    "show-id suites trust trust-key types-in-hello whole wrapped "

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
    return tls_number(port, a->server ? 0 : 1, UINT16_MAX, &n) == NULL &&
           address_parse(host, (uint16_t)n, &a->address);
}

static int check(tls_args *a, const verb_options *o)
{
    const char *what = NULL;

    a->setup.server = a->server;
    tls_options_complete(&a->setup);
    what = tls_options_missing(&a->setup);
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
