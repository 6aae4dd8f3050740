/* SPDX-License-Identifier: BSD-2-Clause */
#include "tls_conf.h"

#include <string.h>

#define MANUAL "covey-server.conf(5)"

static const char *const type_words[] = { "x509", "rpk", "1609dot2" };
static const conf_names types = { type_words, 3, MANUAL };
static const covey_tls_cert_type type_of[] = { COVEY_TLS_X509,
                                               COVEY_TLS_RAW_PUBLIC_KEY,
                                               COVEY_TLS_1609DOT2 };

/* Paths of a list, or one alone. */
static size_t read_paths(conf_reader *c, const conf_value *v, size_t max,
                         const char **out)
{
    conf_value item;
    void *at = NULL;
    size_t count = 0;

    if (conf_is_missing(v)) {
        return 0;
    }
    if (!conf_is_list(v)) {
        return conf_file(c, v, &out[0]) ? 1 : 0;
    }
    if (conf_count(v) > max) {
        conf_error(c, v, MANUAL, "expected at most %zu files", max);
        return 0;
    }
    while (conf_next(v, &at, &item)) {
        count += conf_file(c, &item, &out[count]);
    }
    return count;
}

static bool read_identity(conf_reader *c, const conf_value *item, void *out)
{
    enum {
        I_TYPE,
        I_CERT,
        I_KEY,
        I_CHAIN,
        I_PSID,
        I_COUNT
    };
    static const char *const words[I_COUNT] = { "type", "cert", "key", "chain",
                                                "psid" };
    static const conf_names names = { words, I_COUNT, "an identity" };
    tls_identity *id = out;
    conf_value v[I_COUNT] = { { NULL, NULL } };
    unsigned which = 0;

    if (!conf_keys(c, item, &names, v)) {
        return false;
    }
    (void)conf_word(c, &v[I_TYPE], &types, &which);
    id->type = type_of[which];
    id->chain_count = read_paths(
        c, &v[I_CHAIN], sizeof id->chain / sizeof id->chain[0], id->chain);
    if (id->type == COVEY_TLS_1609DOT2) {
        id->has_psid = conf_required(c, item, &v[I_PSID], words[I_PSID],
                                     "RFC 8902 Section 5") &&
                       conf_number(c, &v[I_PSID], 0, UINT32_MAX,
                                   "1609.2 6.3.18", &id->psid);
    } else if (!conf_is_missing(&v[I_PSID])) {
        conf_error(c, &v[I_PSID], MANUAL, "expected 'type: 1609dot2'");
    }
    return conf_required(c, item, &v[I_KEY], words[I_KEY], MANUAL) &&
           conf_file(c, &v[I_KEY], &id->key) &&
           (id->type == COVEY_TLS_RAW_PUBLIC_KEY ||
            (conf_required(c, item, &v[I_CERT], words[I_CERT], MANUAL) &&
             conf_file(c, &v[I_CERT], &id->cert)));
}

static void read_peers(conf_reader *c, const conf_value *v,
                       tls_setup_options *out)
{
    conf_value item;
    void *at = NULL;
    unsigned which = 0;

    if (conf_is_missing(v)) {
        return;
    }
    if (!conf_is_list(v) || conf_count(v) > TLS_SETUP_TYPES) {
        conf_error(c, v, MANUAL, "expected a list of x509, rpk, 1609dot2");
        return;
    }
    while (conf_next(v, &at, &item)) {
        if (conf_word(c, &item, &types, &which)) {
            out->peer_types[out->peer_type_count++] = (uint8_t)type_of[which];
        }
    }
}

static void read_psk(conf_reader *c, const conf_value *item,
                     tls_setup_options *out)
{
    static const char *const words[] = { "identity", "key" };
    static const conf_names names = { words, 2, "a pre-shared key" };
    static const conf_wanted of_text = { 1, 255, false, "RFC 8446 4.2.11" };
    static const conf_wanted of_key = { 16, TLS_SETUP_PSK_MAX, true,
                                        "RFC 8446 4.2.11" };
    conf_value v[2] = { { NULL, NULL } };
    size_t len = 0;

    if (!conf_is_missing(item) && conf_keys(c, item, &names, v) &&
        conf_required(c, item, &v[0], words[0], MANUAL) &&
        conf_required(c, item, &v[1], words[1], MANUAL)) {
        (void)conf_text(c, &v[0], &of_text, &out->psk_identity, &len);
        (void)conf_bytes(c, &v[1], &of_key, &out->psk);
    }
}

bool tls_conf_read(conf_reader *c, const conf_value *item,
                   tls_setup_options *out, conf_value *address)
{
    enum {
        T_ADDRESS,
        T_IDENTITIES,
        T_PEERS,
        T_REQUIRE,
        T_TRUST,
        T_KEYS,
        T_CRLS,
        T_REPOSITORY,
        T_POLICY,
        T_PSK,
        T_COUNT
    };
    static const char *const words[T_COUNT] = {
        "address",    "identities", "peers",      "require", "trust",
        "trust_keys", "crls",       "repository", "policy",  "psk"
    };
    static const conf_names names = { words, T_COUNT, "a place of TLS" };
    const unsigned errors = c->errors;
    conf_value v[T_COUNT] = { { NULL, NULL } };
    tls_identity *own = NULL;

    if (!conf_keys(c, item, &names, v) ||
        !conf_required(c, item, &v[T_ADDRESS], words[T_ADDRESS], MANUAL)) {
        return false;
    }
    *address = v[T_ADDRESS];
    memset(out, 0, sizeof *out);
    out->server = true;
    if (!conf_is_missing(&v[T_IDENTITIES])) {
        out->own_count = conf_list(c, &v[T_IDENTITIES], TLS_SETUP_IDENTITIES,
                                   sizeof *own, read_identity, &own);
    }
    for (size_t i = 0; own != NULL && i < out->own_count; i++) {
        out->own[i] = own[i];
    }
    read_peers(c, &v[T_PEERS], out);
    (void)conf_flag(c, &v[T_REQUIRE], &out->require_client);
    out->trust_count = read_paths(c, &v[T_TRUST], TLS_SETUP_FILES, out->trust);
    out->trust_key_count =
        read_paths(c, &v[T_KEYS], TLS_SETUP_FILES, out->trust_keys);
    out->crl_count = read_paths(c, &v[T_CRLS], TLS_SETUP_FILES, out->crls);
    (void)conf_path(c, &v[T_REPOSITORY], &out->repository);
    (void)conf_file(c, &v[T_POLICY], &out->policy);
    read_psk(c, &v[T_PSK], out);
    if (c->errors == errors && out->own_count == 0 && out->psk.ptr == NULL) {
        conf_error(c, item, MANUAL, "expected 'identities' or 'psk'");
    }
    return c->errors == errors;
}
