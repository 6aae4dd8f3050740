/* SPDX-License-Identifier: BSD-2-Clause */
#include "config.h"

#include <covey/coap.h>
#include <covey/cose.h>
#include <covey/oscore.h>

#include <enrol.h>
#include <status.h>
#include <stdlib.h>
#include <string.h>
#include <system_address.h>

#define MANUAL "covey-gm.conf(5)"

enum {
    K_LISTEN,
    K_STORE,
    K_STORE_KEY,
    K_ENROLMENT,
    K_GID_PREFIX,
    K_IDENTITIES,
    K_GROUPS,
    K_COMMIT_WINDOW,
    K_LIFETIME,
    K_AHEAD,
    K_TELL,
    K_LIMITS,
    K_STATUS,
    K_HEAR,
    K_EVENTS,
    K_COUNT
};
static const char *const keys[K_COUNT] = {
    "listen",     "store",  "store_key",     "enrolment", "gid_prefix",
    "identities", "groups", "commit_window", "lifetime",  "ahead",
    "tell",       "limits", "status",        "hear",      "events"
};
static const conf_names names = { keys, K_COUNT, "a configuration" };

/* A number of a mapping: where it goes, and its bounds. */
struct number {
    uint64_t *out;
    uint64_t min;
    uint64_t max;
};

/* --- addresses ----------------------------------------------------------- */

static bool parse_address(conf_reader *c, const conf_value *item,
                          uint16_t port, bool group, covey_address *out)
{
    static const conf_wanted wanted = { 1, ADDRESS_TEXT_MAX, false, MANUAL };
    const char *text = NULL;
    size_t len = 0;

    if (!conf_text(c, item, &wanted, &text, &len)) {
        return false;
    }
    if (strlen(text) != len || !address_parse_port(text, port, out) ||
        covey_address_is_group(out) != group) {
        conf_error(
            c, item, MANUAL, "expected an address of %s, or with a port %s",
            group ? "a group such as 224.0.1.187" : "ours such as 127.0.0.1",
            group ? "[ff05::fd]:5683" : "[::1]:5683");
        return false;
    }
    return true;
}

static bool read_address(conf_reader *c, const conf_value *item, uint16_t port,
                         covey_address *out)
{
    return parse_address(c, item, port, false, out);
}

static bool read_hear(conf_reader *c, const conf_value *item, void *out)
{
    enum {
        H_ADDRESS,
        H_INTERFACE,
        H_COUNT
    };
    static const char *const words[H_COUNT] = { "address", "interface" };
    static const conf_names of_hear = { words, H_COUNT, "a multicast group" };
    static const conf_wanted wanted = { 1, 15, false, MANUAL };
    struct gm_hear *h = out;
    conf_value v[H_COUNT] = { { NULL, NULL } };
    size_t len;

    if (!conf_keys(c, item, &of_hear, v)) {
        return false;
    }
    conf_text(c, &v[H_INTERFACE], &wanted, &h->interface, &len);
    return conf_required(c, item, &v[H_ADDRESS], words[H_ADDRESS], MANUAL) &&
           parse_address(c, &v[H_ADDRESS], COVEY_COAP_PORT, true, &h->address);
}

/* Two sockets at one port, one of them for all addresses, do not go. */
static void check_hear(conf_reader *c, const conf_value *list,
                       const struct gm_config *config)
{
    static const uint8_t any[sizeof config->listen->ip];

    for (size_t i = 0; i < config->hear_count; i++) {
        const covey_address *a = &config->hear[i].address;
        for (size_t k = 0; k < config->listen_count; k++) {
            const covey_address *l = &config->listen[k];
            if (l->family == a->family && l->port == a->port &&
                memcmp(l->ip, any, sizeof any) == 0) {
                conf_error(c, list, MANUAL,
                           "expected addresses of this host in 'listen', not "
                           "all of them, where a group has the same port %u",
                           (unsigned)a->port);
                return;
            }
        }
    }
}

static bool read_listen(conf_reader *c, const conf_value *item, void *out)
{
    return read_address(c, item, COVEY_COAP_PORT, out);
}

/* Without any, only this host is served. */
static void listen_to_loopback(conf_reader *c, struct gm_config *config)
{
    config->listen = conf_alloc(c, 2 * sizeof *config->listen);
    if (config->listen != NULL &&
        address_parse("127.0.0.1", COVEY_COAP_PORT, &config->listen[0]) &&
        address_parse("::1", COVEY_COAP_PORT, &config->listen[1])) {
        config->listen_count = 2;
    }
}

/* --- keys of the manager ------------------------------------------------- */

static const struct {
    covey_cose_credential_kind kind;
    int32_t cred_fmt;
} formats[] = {
    { COVEY_CREDENTIAL_CCS, 14 },
    { COVEY_CREDENTIAL_CWT, 13 },
    { COVEY_CREDENTIAL_X509, 33 },
};

static bool read_credential(conf_reader *c, const conf_value *v,
                            struct gm_identity *id)
{
    static const conf_wanted wanted = { 1, 4096, false,
                                        "RFC 10021 Section 2.4" };
    covey_cose_key key;

    if (!conf_bytes(c, v, &wanted, &id->credential)) {
        return false;
    }
    const covey_cose_credential_kind kind =
        covey_cose_credential_kind_of(id->credential);
    const covey_status st = covey_cose_credential_key(&key, id->credential);
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (formats[i].kind == kind) {
            id->cred_fmt = formats[i].cred_fmt;
        }
    }
    if (st != COVEY_OK || id->cred_fmt == 0) {
        conf_error(c, v, wanted.source,
                   "no public key can be taken from this %s: %s",
                   covey_cose_credential_name(kind), covey_status_text(st));
        return false;
    }
    id->curve = key.curve;
    return true;
}

bool gm_identity_open(const struct gm_identity *id, const covey_crypto *crypto,
                      covey_key *out)
{
    uint8_t own[COVEY_PUBLIC_MAX];
    uint8_t said[COVEY_PUBLIC_MAX];
    covey_writer o = covey_writer_of(own, sizeof own);
    covey_writer s = covey_writer_of(said, sizeof said);
    covey_cose_key key;
    covey_status st = crypto->private_key(crypto->provider, (int32_t)id->curve,
                                          id->private_key, out);

    if (st != COVEY_OK) {
        return false;
    }
    st = crypto->public_of(crypto->provider, out, &o);
    if (st == COVEY_OK) {
        st = covey_cose_credential_key(&key, id->credential);
    }
    if (st == COVEY_OK) {
        covey_cose_key_put_public(&s, &key);
    }
    /* One of them may be compressed. */
    if (st == COVEY_OK && s.failed == COVEY_OK && s.pos <= o.pos &&
        covey_bytes_equal(covey_bytes_of(said + s.pos - 32, 32),
                          covey_bytes_of(own + o.pos - 32, 32))) {
        return true;
    }
    crypto->key_drop(crypto->provider, out);
    return false;
}

static void look_at_identity(conf_reader *c, const conf_value *v,
                             const struct gm_identity *id)
{
    covey_key key = { 0 };

    if (c->check == NULL) {
        return;
    }
    if (gm_identity_open(id, c->check, &key)) {
        c->check->key_drop(c->check->provider, &key);
    } else {
        conf_error(c, v, MANUAL, "it is not that of the credential");
    }
}

static bool read_identity(conf_reader *c, const conf_value *item, void *out)
{
    enum {
        I_CREDENTIAL,
        I_PRIVATE_KEY,
        I_COUNT
    };
    static const char *const words[I_COUNT] = { "credential", "private_key" };
    static const conf_names of_identity = { words, I_COUNT, "an identity" };
    static const conf_wanted secret = { 32, 32, true, MANUAL };
    struct gm_identity *id = out;
    conf_value v[I_COUNT] = { { NULL, NULL } };

    if (!conf_keys(c, item, &of_identity, v) ||
        !conf_required(c, item, &v[I_CREDENTIAL], words[I_CREDENTIAL],
                       MANUAL) ||
        !conf_required(c, item, &v[I_PRIVATE_KEY], words[I_PRIVATE_KEY],
                       MANUAL) ||
        !read_credential(c, &v[I_CREDENTIAL], id) ||
        !conf_bytes(c, &v[I_PRIVATE_KEY], &secret, &id->private_key)) {
        return false;
    }
    look_at_identity(c, &v[I_PRIVATE_KEY], id);
    return true;
}

/* --- groups -------------------------------------------------------------- */

static bool read_span(conf_reader *c, const conf_value *v, size_t max,
                      covey_bytes *out)
{
    const conf_wanted wanted = { 1, max, false, MANUAL };
    const char *text = NULL;
    size_t len = 0;

    if (!conf_text(c, v, &wanted, &text, &len)) {
        return false;
    }
    *out = covey_bytes_of((const uint8_t *)text, len);
    return true;
}

static bool read_mode(conf_reader *c, const conf_value *item, void *out)
{
    static const char *const words[] = { "group", "pairwise" };
    static const conf_names of_mode = { words, 2, "RFC 10021 Section 1" };
    unsigned which;

    if (!conf_word(c, item, &of_mode, &which)) {
        return false;
    }
    *(unsigned *)out = which;
    return true;
}

static void read_modes(conf_reader *c, const conf_value *v, group_config *out)
{
    unsigned *modes = NULL;

    out->has_modes = true;
    out->group_mode = out->pairwise_mode = conf_is_missing(v);
    if (conf_is_missing(v)) {
        return;
    }
    const size_t count = conf_list(c, v, 2, sizeof *modes, read_mode, &modes);
    for (size_t i = 0; i < count; i++) {
        out->group_mode = out->group_mode || modes[i] == 0;
        out->pairwise_mode = out->pairwise_mode || modes[i] == 1;
    }
}

static void read_curve(conf_reader *c, const conf_value *v, group_config *out)
{
    static const char *const words[] = { "Ed25519", "P-256", "X25519" };
    static const covey_curve curves[] = { COVEY_ED25519, COVEY_P256,
                                          COVEY_X25519 };
    static const conf_names of_curve = { words, 3, "RFC 9053 Section 7.1" };
    unsigned which;

    if (conf_word(c, v, &of_curve, &which)) {
        out->has_curve = true;
        out->curve = curves[which];
    }
}

static bool read_group(conf_reader *c, const conf_value *item, void *out)
{
    enum {
        G_NAME,
        G_DESCRIPTION,
        G_MODES,
        G_CURVE,
        G_CHECK_INTERVAL,
        G_LIFETIME,
        G_REKEY_ON_JOIN,
        G_COUNT
    };
    static const char *const words[G_COUNT] = {
        "name",           "description", "modes",        "curve",
        "check_interval", "lifetime",    "rekey_on_join"
    };
    static const conf_names of_group = { words, G_COUNT, "a group" };
    struct gm_group *g = out;
    conf_value v[G_COUNT] = { { NULL, NULL } };
    uint64_t interval = 0;
    uint64_t lifetime = 0;
    bool rekey = true;

    if (!conf_keys(c, item, &of_group, v) ||
        !conf_required(c, item, &v[G_NAME], words[G_NAME], MANUAL)) {
        return false;
    }
    g->config.has_active = true;
    g->config.active = true;
    read_modes(c, &v[G_MODES], &g->config);
    read_curve(c, &v[G_CURVE], &g->config);
    conf_number(c, &v[G_CHECK_INTERVAL], 1, UINT32_MAX, MANUAL, &interval);
    conf_number(c, &v[G_LIFETIME], 1, UINT32_MAX, MANUAL, &lifetime);
    conf_flag(c, &v[G_REKEY_ON_JOIN], &rekey);
    g->config.check_interval = (uint32_t)interval;
    g->lifetime = (uint32_t)lifetime;
    g->keep_on_join = !rekey;
    return (conf_is_missing(&v[G_DESCRIPTION]) ||
            read_span(c, &v[G_DESCRIPTION], COVEY_MANAGER_TEXT_MAX,
                      &g->config.description)) &&
           read_span(c, &v[G_NAME], COVEY_MANAGER_NAME_MAX, &g->config.name);
}

/* --- numbers ------------------------------------------------------------- */

static void read_numbers(conf_reader *c, const conf_value *v,
                         const conf_names *of, const struct number *numbers)
{
    conf_value values[8] = { { NULL, NULL } };

    if (conf_is_missing(v) || !conf_keys(c, v, of, values)) {
        return;
    }
    for (size_t i = 0; i < of->count; i++) {
        conf_number(c, &values[i], numbers[i].min, numbers[i].max, MANUAL,
                    numbers[i].out);
    }
}

static void read_tell(conf_reader *c, const conf_value *v,
                      struct gm_config *config)
{
    static const char *const words[] = { "at_a_time", "attempts", "pause" };
    static const conf_names of = { words, 3, "a mapping of 'tell'" };
    const struct number numbers[] = {
        { &config->tell_max, 1, 4096 },
        { &config->tell_attempts, 1, 255 },
        { &config->tell_pause, 1, 3600000 },
    };

    config->tell_max = 64;
    config->tell_attempts = 4;
    config->tell_pause = 2000;
    read_numbers(c, v, &of, numbers);
}

static void read_limits(conf_reader *c, const conf_value *v,
                        struct gm_config *config)
{
    static const char *const words[] = {
        "groups", "members", "nodes", "credential", "requests", "observers"
    };
    static const conf_names of = { words, 6, "a mapping of 'limits'" };
    const struct number numbers[] = {
        { &config->group_max, 1, 65535 },
        { &config->member_max, 1, 1 << 20 },
        { &config->node_max, 1, 1 << 20 },
        { &config->credential_max, 32, 4096 },
        { &config->requests, 1, 1 << 16 },
        { &config->observers, 1, 1 << 16 },
    };

    config->group_max = 64;
    config->member_max = 4096;
    config->node_max = 4096;
    config->credential_max = 256;
    config->requests = 512;
    config->observers = 1024;
    read_numbers(c, v, &of, numbers);
}

/* --- other files --------------------------------------------------------- */

static void read_store_key(conf_reader *c, const conf_value *v,
                           const char **out)
{
    char why[512];

    if (conf_path(c, v, out) && c->check != NULL &&
        !store_key_check(*out, why, sizeof why)) {
        conf_error(c, v, MANUAL, "%s", why);
    }
}

static void read_enrolment(conf_reader *c, const conf_value *v,
                           const char **out)
{
    enrol_file *f;

    if (!conf_path(c, v, out) || c->check == NULL) {
        return;
    }
    f = enrol_load(*out, c->messages);
    if (f == NULL) {
        conf_error(c, v, "covey-enrol(5)", "the nodes in %s cannot be used",
                   *out);
    }
    enrol_free(f);
}

/* --- all of it ----------------------------------------------------------- */

static void read_lists(conf_reader *c, const conf_value v[K_COUNT],
                       struct gm_config *config)
{
    if (conf_is_missing(&v[K_LISTEN])) {
        listen_to_loopback(c, config);
    } else {
        config->listen_count =
            conf_list(c, &v[K_LISTEN], GM_LISTEN_MAX, sizeof *config->listen,
                      read_listen, &config->listen);
    }
    if (!conf_is_missing(&v[K_HEAR])) {
        config->hear_count =
            conf_list(c, &v[K_HEAR], GM_HEAR_MAX, sizeof *config->hear,
                      read_hear, &config->hear);
        check_hear(c, &v[K_HEAR], config);
    }
    if (!conf_is_missing(&v[K_IDENTITIES])) {
        config->identity_count = conf_list(
            c, &v[K_IDENTITIES], GM_IDENTITIES_MAX, sizeof *config->identities,
            read_identity, &config->identities);
    }
    if (!conf_is_missing(&v[K_GROUPS])) {
        config->group_count =
            conf_list(c, &v[K_GROUPS], GM_GROUPS_MAX, sizeof *config->groups,
                      read_group, &config->groups);
    }
}

static void read_root(conf_reader *c, const conf_value *root, void *object)
{
    static const conf_wanted prefix = { 0, COVEY_MANAGER_PREFIX_MAX, false,
                                        MANUAL };
    struct gm_config *config = object;
    conf_value v[K_COUNT] = { { NULL, NULL } };

    if (!conf_keys(c, root, &names, v)) {
        return;
    }
    config->commit_window = 5;
    config->lifetime = 86400;
    config->ahead = 64;
    config->events = 1000000;
    if (conf_required(c, root, &v[K_STORE], keys[K_STORE],
                      "RFC 8613 Section 7.5")) {
        conf_database(c, &v[K_STORE], &config->store);
    }
    read_store_key(c, &v[K_STORE_KEY], &config->store_key);
    read_enrolment(c, &v[K_ENROLMENT], &config->enrolment);
    conf_bytes(c, &v[K_GID_PREFIX], &prefix, &config->gid_prefix);
    conf_number(c, &v[K_COMMIT_WINDOW], 0, 1000, MANUAL,
                &config->commit_window);
    conf_number(c, &v[K_LIFETIME], 1, UINT32_MAX, MANUAL, &config->lifetime);
    conf_number(c, &v[K_AHEAD], 4, 1 << 20, "RFC 8613 Appendix B.1",
                &config->ahead);
    conf_number(c, &v[K_EVENTS], 1, UINT32_MAX, MANUAL, &config->events);
    read_tell(c, &v[K_TELL], config);
    read_limits(c, &v[K_LIMITS], config);
    if (!conf_is_missing(&v[K_STATUS])) {
        (void)read_address(c, &v[K_STATUS], STATUS_PORT, &config->status);
    }
    read_lists(c, v, config);
}

static void drop(void *object)
{
    gm_config_free(object);
}

const conf_kind gm_config_kind = { MANUAL,
                                   "a configuration",
                                   sizeof(struct gm_config),
                                   offsetof(struct gm_config, memory),
                                   read_root,
                                   drop };

struct gm_config *gm_config_load(const char *path, FILE *messages)
{
    return conf_open(&gm_config_kind, path, messages);
}

struct gm_config *gm_config_load_text(const char *text, size_t len,
                                      const char *name, FILE *messages)
{
    return conf_open_text(&gm_config_kind, text, len, name, messages);
}

void gm_config_free(struct gm_config *config)
{
    if (config != NULL) {
        conf_free(&config->memory);
        free(config);
    }
}
