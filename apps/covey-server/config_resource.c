/* SPDX-License-Identifier: BSD-2-Clause */
/* One resource of the configuration. */
#include "config.h"

#include <context.h>
#include <covey/coap_options.h>

#include <errno.h>
#include <fcntl.h>
#include <link_conf.h>
#include <media.h>
#include <string.h>
#include <unistd.h>

#define MANUAL "covey-server.conf(5)"

enum {
    /* what a block number can count, RFC 7959 Section 2.2 */
    SIZE_LIMIT = 1 << 30,
    VALUE_MAX = 1 << 20,
    VALUE_DEFAULT = 1024,
    DELAY_MAX = 600000,
    CLIENTS_MAX = 1024, /* of a resource */
    ITS_MAX = 256
};

enum {
    K_PATH,
    K_TYPE,
    K_TITLE,
    K_RT,
    K_IF,
    K_FORMAT,
    K_OBSERVABLE,
    K_POLICY,
    K_ROLES,
    K_TEXT,
    K_BYTES,
    K_METHODS,
    K_MAX,
    K_PERIOD,
    K_SIZE,
    K_FOLDER,
    K_ETAG,
    K_CLIENTS,
    K_ITS,
    K_DELAY,
    K_COUNT
};

#define KIND(kind) (1u << (kind))
#define ALL        (KIND(RESOURCE_DIRECTORY) * 2 - 1)
#define BYTES      (KIND(RESOURCE_STATIC) | KIND(RESOURCE_VALUE))
#define CHANGES    (KIND(RESOURCE_VALUE) | KIND(RESOURCE_COUNTER))

static const char *const keys[K_COUNT] = {
    "path",           "type",       "title",   "rt",     "if",
    "content_format", "observable", "policy",  "roles",  "value",
    "bytes",          "methods",    "max",     "period", "size",
    "folder",         "etag",       "clients", "its",    "delay",
};
static const conf_names names = { keys, K_COUNT, "a resource" };

/* Which kinds have a key. */
static const unsigned kinds_of[K_COUNT] = {
    [K_PATH] = ALL,
    [K_TYPE] = ALL,
    [K_ITS] = ALL,
    [K_TITLE] = ALL,
    [K_RT] = ALL,
    [K_IF] = ALL,
    [K_FORMAT] = ALL & ~KIND(RESOURCE_DIRECTORY),
    [K_OBSERVABLE] = CHANGES | KIND(RESOURCE_TIME),
    [K_POLICY] = ALL,
    [K_ROLES] = ALL,
    [K_TEXT] = BYTES,
    [K_BYTES] = BYTES,
    [K_METHODS] = CHANGES,
    [K_MAX] = KIND(RESOURCE_VALUE) | KIND(RESOURCE_DIRECTORY),
    [K_PERIOD] = KIND(RESOURCE_COUNTER),
    [K_SIZE] = KIND(RESOURCE_LARGE),
    [K_FOLDER] = KIND(RESOURCE_DIRECTORY),
    [K_ETAG] = BYTES,
    [K_CLIENTS] = ALL,
    [K_DELAY] = ALL,
};

static const char *const kind_words[] = { "static", "value", "counter",
                                          "time",   "large", "directory" };
static const conf_names kind_names = {
    kind_words, sizeof kind_words / sizeof kind_words[0], MANUAL
};

/* Methods that a kind has if the configuration names none, and can have. */
static const struct kind_methods {
    uint8_t usual;
    uint8_t possible;
} kind_methods[] = {
    [RESOURCE_STATIC] = { METHOD_GET, METHOD_GET },
    [RESOURCE_VALUE] = { METHOD_GET | METHOD_PUT, METHOD_GET | METHOD_PUT |
                                                      METHOD_POST |
                                                      METHOD_DELETE },
    [RESOURCE_COUNTER] = { METHOD_GET | METHOD_POST,
                           METHOD_GET | METHOD_POST },
    [RESOURCE_TIME] = { METHOD_GET, METHOD_GET },
    [RESOURCE_LARGE] = { METHOD_GET, METHOD_GET },
    [RESOURCE_DIRECTORY] = { METHOD_GET, METHOD_GET },
};

/* --- the path ------------------------------------------------------------ */

static bool make_key(conf_reader *c, const conf_value *v, struct resource *r)
{
    uint8_t *key = conf_alloc(c, RESOURCE_KEY_MAX);
    covey_writer w = covey_writer_of(key, key != NULL ? RESOURCE_KEY_MAX : 0);

    const covey_status st = resource_key(r->path, &w);

    if (st == COVEY_E_FORMAT) {
        conf_error(c, v, "RFC 3986 Section 3.3",
                   "expected a path such as /a/b");
    } else if (st == COVEY_E_RANGE) {
        conf_error(c, v, "RFC 7252 Section 5.10",
                   "expected segments of up to 255 bytes");
    }
    r->key = covey_written(&w);
    return st == COVEY_OK;
}

static bool read_path(conf_reader *c, const conf_value *v, struct resource *r)
{
    static const conf_wanted wanted = { 1, RESOURCE_KEY_MAX / 2, false,
                                        "RFC 3986 Section 3.3" };
    const char *text = NULL;
    size_t len = 0;

    if (!conf_text(c, v, &wanted, &text, &len)) {
        return false;
    }
    r->path = covey_bytes_of((const uint8_t *)text, len);
    if (len >= 12 && memcmp(text, "/.well-known", 12) == 0) {
        conf_error(c, v, "RFC 8615", "this path is the server's own");
        return false;
    }
    return make_key(c, v, r);
}

/* --- what all resources have --------------------------------------------- */

/* Goes into a quoted string of the link format (RFC 6690 Section 2). */
static void read_attribute(conf_reader *c, const conf_value *v,
                           covey_bytes *out)
{
    static const conf_wanted wanted = { 1, 200, false, "RFC 6690 Section 2" };
    const char *text = NULL;
    size_t len = 0;

    if (!conf_text(c, v, &wanted, &text, &len)) {
        return;
    }
    for (size_t i = 0; i < len; i++) {
        const unsigned char b = (unsigned char)text[i];
        if (b < 0x20 || b == 0x7f || b == '"' || b == '\\') {
            conf_error(c, v, "RFC 6690 Section 2",
                       "expected no quotes, backslashes or control "
                       "characters");
            return;
        }
    }
    *out = covey_bytes_of((const uint8_t *)text, len);
}

static void read_format(conf_reader *c, const conf_value *v,
                        struct resource *r)
{
    static const char expected[] =
        "a media type such as text/plain, or the number of one";
    size_t len;

    r->format = r->kind == RESOURCE_LARGE ? 42 : 0;
    if (conf_is_missing(v)) {
        return;
    }
    const char *text = conf_scalar(c, v, &len, expected);
    if (text == NULL) {
        return;
    }
    r->format = media_of_text(text, len);
    if (r->format < 0) {
        conf_error(c, v, "RFC 7252 Section 12.3", "expected %s, found '%.*s'",
                   expected, (int)(len < 40 ? len : 40), text);
    }
}

static void read_clients(conf_reader *c, const conf_value *v,
                         struct resource_policy *p)
{
    const char **clients = NULL;

    if (conf_is_missing(v)) {
        return;
    }
    p->client_count = conf_list(c, v, CLIENTS_MAX, sizeof *clients,
                                link_conf_peer, &clients);
    p->clients = clients;
    if (!p->dtls) {
        conf_error(c, v, MANUAL, "expected 'policy: dtls' beside it");
    } else if (p->client_count == 0) {
        conf_error(c, v, MANUAL, "expected at least one client");
    }
}

static void read_policy(conf_reader *c, const conf_value *policy,
                        const conf_value *roles, struct resource *r)
{
    static const char *const words[] = { "open", "oscore", "group", "dtls" };
    static const conf_names of_policy = { words, 4, MANUAL };
    unsigned which = 0;

    conf_word(c, policy, &of_policy, &which);
    r->policy.secured = which == 1 || which == 2;
    r->policy.group = which == 2;
    r->policy.dtls = which == 3;
    if (conf_is_missing(roles)) {
        return;
    }
    r->policy.roles = context_roles(c, roles);
    if (!r->policy.secured) {
        conf_error(c, roles, MANUAL,
                   "expected 'policy: oscore' or 'group' beside it");
    }
}

/* Who of those with certificates of ITS. */
static void read_its(conf_reader *c, const conf_value *v, struct resource *r)
{
    tls_permission *list = NULL;

    if (!conf_is_missing(v)) {
        r->policy.its_count =
            conf_list(c, v, ITS_MAX, sizeof *list, tls_permission_read, &list);
        r->policy.its = list;
    }
}

/* --- what some have ------------------------------------------------------ */

static void read_methods(conf_reader *c, const conf_value *v,
                         struct resource *r)
{
    static const char *const words[] = { "get", "post", "put", "delete" };
    static const conf_names of_method = { words, 4, MANUAL };
    const struct kind_methods *m = &kind_methods[r->kind];
    conf_value item;
    void *at = NULL;
    unsigned which;

    r->methods = m->usual;
    if (conf_is_missing(v)) {
        return;
    }
    if (!conf_is_list(v)) {
        conf_error(c, v, MANUAL, "expected a list");
        return;
    }
    r->methods = 0;
    while (conf_next(v, &at, &item)) {
        if (!conf_word(c, &item, &of_method, &which)) {
            continue;
        }
        const uint8_t method = (uint8_t)(METHOD_GET << which);
        if ((method & m->possible) == 0) {
            conf_error(c, &item, MANUAL, "a %s has no method '%s'",
                       kind_words[r->kind], words[which]);
        }
        r->methods |= method;
    }
}

static void read_bytes(conf_reader *c, const conf_value *item,
                       const conf_value *v, struct resource *r)
{
    const bool text = !conf_is_missing(&v[K_TEXT]);
    const conf_wanted wanted = { 0, VALUE_MAX, false, MANUAL };
    covey_bytes bytes = { NULL, 0 };
    uint64_t max = VALUE_DEFAULT;
    const char *value = NULL;

    if (text == !conf_is_missing(&v[K_BYTES])) {
        conf_error(c, item, MANUAL, "expected either 'value' or 'bytes'");
        return;
    }
    if (text) {
        conf_text(c, &v[K_TEXT], &wanted, &value, &bytes.len);
        bytes.ptr = (const uint8_t *)value;
    } else {
        conf_bytes(c, &v[K_BYTES], &wanted, &bytes);
    }
    conf_number(c, &v[K_MAX], 0, VALUE_MAX, MANUAL, &max);
    r->cap = bytes.len > max || r->kind == RESOURCE_STATIC ? bytes.len
                                                           : (size_t)max;
    r->bytes = conf_alloc(c, r->cap);
    if (r->bytes == NULL || bytes.ptr == NULL) {
        return;
    }
    memcpy(r->bytes, bytes.ptr, bytes.len);
    r->len = bytes.len;
}

static void read_folder(conf_reader *c, const conf_value *item,
                        const conf_value *v, struct resource *r)
{
    const char *path = NULL;

    r->size = (uint64_t)1 << 24;
    conf_number(c, &v[K_MAX], 1, SIZE_LIMIT, "RFC 7959 Section 2.2", &r->size);
    if (!conf_required(c, item, &v[K_FOLDER], keys[K_FOLDER], MANUAL) ||
        !conf_path(c, &v[K_FOLDER], &path)) {
        return;
    }
    r->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (r->folder < 0) {
        conf_error(c, &v[K_FOLDER], "", "%s: %s", path, strerror(errno));
    }
}

static void read_kind(conf_reader *c, const conf_value *item,
                      const conf_value *v, struct resource *r)
{
    uint64_t number = 0;

    switch (r->kind) {
    case RESOURCE_STATIC:
    case RESOURCE_VALUE:
        read_bytes(c, item, v, r);
        break;
    case RESOURCE_COUNTER:
        conf_number(c, &v[K_PERIOD], 1, 86400, MANUAL, &number);
        r->period = number * 1000;
        break;
    case RESOURCE_LARGE:
        if (conf_required(c, item, &v[K_SIZE], keys[K_SIZE], MANUAL)) {
            conf_number(c, &v[K_SIZE], 0, SIZE_LIMIT, "RFC 7959 Section 2.2",
                        &r->size);
        }
        break;
    case RESOURCE_DIRECTORY:
        read_folder(c, item, v, r);
        break;
    case RESOURCE_TIME:
    case RESOURCE_LINKS:
    case RESOURCE_PROGRAM:
        break;
    }
}

bool server_read_resource(conf_reader *c, const conf_value *item,
                          struct resource *r)
{
    const unsigned errors = c->errors;
    conf_value v[K_COUNT] = { { NULL, NULL } };
    unsigned kind;

    r->folder = -1;
    r->tagged = true;
    if (!conf_keys(c, item, &names, v) ||
        !conf_required(c, item, &v[K_PATH], keys[K_PATH], MANUAL) ||
        !conf_required(c, item, &v[K_TYPE], keys[K_TYPE], MANUAL) ||
        !conf_word(c, &v[K_TYPE], &kind_names, &kind)) {
        return false;
    }
    r->kind = (enum resource_kind)kind;
    for (size_t i = 0; i < K_COUNT; i++) {
        if (v[i].key != NULL && (kinds_of[i] & KIND(kind)) == 0) {
            conf_error(c, &v[i], MANUAL,
                       "a resource of type %s has no such key",
                       kind_words[kind]);
        }
    }
    read_path(c, &v[K_PATH], r);
    read_attribute(c, &v[K_TITLE], &r->title);
    read_attribute(c, &v[K_RT], &r->type);
    read_attribute(c, &v[K_IF], &r->interface);
    read_format(c, &v[K_FORMAT], r);
    read_policy(c, &v[K_POLICY], &v[K_ROLES], r);
    read_clients(c, &v[K_CLIENTS], &r->policy);
    read_its(c, &v[K_ITS], r);
    read_methods(c, &v[K_METHODS], r);
    conf_flag(c, &v[K_OBSERVABLE], &r->observable);
    conf_flag(c, &v[K_ETAG], &r->tagged);
    conf_number(c, &v[K_DELAY], 0, DELAY_MAX, MANUAL, &r->delay);
    read_kind(c, item, v, r);
    resource_tag(r);
    if (c->errors == errors) {
        return true;
    }
    if (r->folder >= 0) {
        close(r->folder);
    }
    return false;
}
