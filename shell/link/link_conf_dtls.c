/* SPDX-License-Identifier: BSD-2-Clause */
/* One address of DTLS in the configuration. */
#include "link_conf.h"

#include <covey/coap.h>

#include <key_file.h>
#include <stdlib.h>
#include <string.h>

enum {
    SESSIONS_MAX = 1 << 20,
    IDLE_MAX = 86400 /* s */
};

enum {
    D_ADDRESS,
    D_KEYS,
    D_CERTIFICATE,
    D_PRIVATE_KEY,
    D_CA,
    D_CLIENTS,
    D_SESSIONS,
    D_HANDSHAKES,
    D_PER_ADDRESS,
    D_IDLE,
    D_COUNT
};
static const char *const words[D_COUNT] = {
    "address", "keys",     "certificate", "private_key", "ca",
    "clients", "sessions", "handshakes",  "per_address", "idle"
};
static const conf_names names = { words, D_COUNT, "an address of DTLS" };

/* --- pre-shared keys ----------------------------------------------------- */

/* A name in what others compare and print. */
static bool read_identity(conf_reader *c, const conf_value *v, char *out)
{
    static const conf_wanted wanted = { 1, DTLS_IDENTITY_MAX, false,
                                        "RFC 4279 Section 5.3" };
    const char *text = NULL;
    size_t len = 0;

    if (!conf_text(c, v, &wanted, &text, &len)) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) {
            conf_error(c, v, wanted.source, "expected no control characters");
            return false;
        }
    }
    memcpy(out, text, len);
    return true;
}

static bool read_key(conf_reader *c, const conf_value *item, void *out)
{
    enum {
        P_IDENTITY,
        P_FILE,
        P_COUNT
    };
    static const char *const parts[P_COUNT] = { "identity", "file" };
    static const conf_names of_key = { parts, P_COUNT, "a pre-shared key" };
    dtls_key *key = out;
    conf_value v[P_COUNT] = { { NULL, NULL } };
    char error[DTLS_ERROR_MAX];
    const char *path = NULL;
    size_t len = 0;

    if (!conf_keys(c, item, &of_key, v) ||
        !conf_required(c, item, &v[P_IDENTITY], parts[P_IDENTITY],
                       c->manual) ||
        !conf_required(c, item, &v[P_FILE], parts[P_FILE], c->manual) ||
        !read_identity(c, &v[P_IDENTITY], key->identity) ||
        !conf_path(c, &v[P_FILE], &path)) {
        return false;
    }
    if (dtls_key_read(path, key->key, &len, error) != DTLS_FILE_GOOD) {
        conf_error(c, &v[P_FILE], "RFC 7252 Section 9.1.3.1", "%s", error);
        return false;
    }
    key->len = (uint16_t)len;
    return true;
}

static int compare_identities(const void *a, const void *b)
{
    const dtls_key *const *x = a;
    const dtls_key *const *y = b;

    return strcmp((*x)->identity, (*y)->identity);
}

static void refuse_doubles(conf_reader *c, const conf_value *list,
                           const dtls_server_options *o)
{
    const dtls_key **sorted =
        conf_alloc(c, (o->key_count + 1) * sizeof *sorted);

    for (size_t i = 0; sorted != NULL && i < o->key_count; i++) {
        sorted[i] = &o->keys[i];
    }
    if (sorted == NULL || o->key_count == 0) {
        return;
    }
    qsort(sorted, o->key_count, sizeof *sorted, compare_identities);
    for (size_t i = 1; i < o->key_count; i++) {
        if (compare_identities(&sorted[i - 1], &sorted[i]) == 0) {
            conf_error(c, list, c->manual, "two keys have the identity %s",
                       sorted[i]->identity);
        }
    }
}

static void read_keys(conf_reader *c, const conf_value *list,
                      dtls_server_options *o)
{
    dtls_key *keys = NULL;

    if (conf_is_missing(list)) {
        return;
    }
    o->key_count =
        conf_list(c, list, DTLS_KEYS_MAX, sizeof *keys, read_key, &keys);
    o->keys = keys;
    refuse_doubles(c, list, o);
}

/* --- certificates -------------------------------------------------------- */

/* Both of ours, and the anchors of theirs. */
static void read_certificates(conf_reader *c, const conf_value *item,
                              const conf_value *v, dtls_server_options *o)
{
    static const char *const modes[] = { "anybody", "may-show", "must-show" };
    const conf_names of_mode = { modes, 3, c->manual };
    char error[DTLS_ERROR_MAX];
    unsigned mode = DTLS_CLIENTS_ANY;

    if (conf_is_missing(&v[D_CERTIFICATE])) {
        for (size_t i = D_PRIVATE_KEY; i <= D_CLIENTS; i++) {
            if (!conf_is_missing(&v[i])) {
                conf_error(c, &v[i], c->manual,
                           "expected 'certificate' beside it");
            }
        }
        return;
    }
    conf_file(c, &v[D_CERTIFICATE], &o->certificate);
    if (conf_required(c, item, &v[D_PRIVATE_KEY], words[D_PRIVATE_KEY],
                      c->manual) &&
        conf_path(c, &v[D_PRIVATE_KEY], &o->private_key) &&
        dtls_secret_check(o->private_key, error) != DTLS_FILE_GOOD) {
        conf_error(c, &v[D_PRIVATE_KEY], c->manual, "%s", error);
    }
    conf_word(c, &v[D_CLIENTS], &of_mode, &mode);
    o->clients = (dtls_clients)mode;
    conf_file(c, &v[D_CA], &o->ca);
    if ((o->clients != DTLS_CLIENTS_ANY) == conf_is_missing(&v[D_CA])) {
        conf_error(c, item, "RFC 7252 Section 9.1.3.3",
                   "'ca' belongs to 'clients: may-show' and 'must-show'");
    }
}

/* Once its files can be read, whether libssl takes them. */
static void look(conf_reader *c, const conf_value *v,
                 const dtls_server_options *o)
{
    char error[DTLS_ERROR_MAX];
    dtls_server *s = dtls_server_new(o, error);

    if (s == NULL) {
        conf_error(c, v, c->manual, "%s", error);
    }
    dtls_server_end(s);
}

/* --- the whole ----------------------------------------------------------- */

static uint32_t read_bound(conf_reader *c, const conf_value *v, uint64_t max)
{
    uint64_t number = 0; /* the default */

    conf_number(c, v, 1, max, c->manual, &number);
    return (uint32_t)number;
}

static void read_bounds(conf_reader *c, const conf_value *v,
                        dtls_server_options *o)
{
    o->sessions = read_bound(c, &v[D_SESSIONS], SESSIONS_MAX);
    o->handshakes = read_bound(c, &v[D_HANDSHAKES], SESSIONS_MAX);
    o->per_address = read_bound(c, &v[D_PER_ADDRESS], SESSIONS_MAX);
    o->idle = (covey_ms)read_bound(c, &v[D_IDLE], IDLE_MAX) * 1000;
}

bool link_conf_dtls(conf_reader *c, const conf_value *item, void *out)
{
    const unsigned errors = c->errors;
    struct link_listen *listen = out;
    dtls_server_options *o = conf_alloc(c, sizeof *o);
    conf_value v[D_COUNT] = { { NULL, NULL } };

    if (o == NULL || !conf_keys(c, item, &names, v)) {
        return false;
    }
    listen->transport = LINK_DTLS;
    listen->dtls = o;
    read_keys(c, &v[D_KEYS], o);
    read_certificates(c, item, v, o);
    read_bounds(c, v, o);
    if (o->key_count == 0 && conf_is_missing(&v[D_CERTIFICATE])) {
        conf_error(c, item, "RFC 7252 Section 9.1",
                   "expected 'keys', 'certificate' or both");
    }
    if (c->check != NULL && c->errors == errors) {
        look(c, item, o);
    }
    return conf_required(c, item, &v[D_ADDRESS], words[D_ADDRESS],
                         c->manual) &&
           link_conf_address(c, &v[D_ADDRESS], false, COVEY_COAPS_PORT,
                             &listen->address);
}

/* --- clients ------------------------------------------------------------- */

bool link_conf_peer(conf_reader *c, const conf_value *v, void *out)
{
    const conf_wanted wanted = { 1, DTLS_NAME_MAX - 1, false, c->manual };
    const char **name = out;
    size_t len = 0;

    if (!conf_text(c, v, &wanted, name, &len)) {
        return false;
    }
    if (strlen(*name) != len || !dtls_name_sound(*name)) {
        conf_error(c, v, c->manual,
                   "expected a name such as psk:lamp, subject:CN=lamp, "
                   "dns:lamp.example, uri:urn:dev:lamp, email:, ip:, found "
                   "'%s'",
                   *name);
        return false;
    }
    return true;
}
