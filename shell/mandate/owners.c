/* SPDX-License-Identifier: BSD-2-Clause */
/* No program can know who owns an address. An administrator says it, in a file
 * of his own; what no key is pinned to cannot be in any mandate. */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    OWNERS_MAX = 256,
    PREFIXES_MAX = 256
};

typedef struct owner {
    mandate_key key;
    covey_audit_document owned; /* only its scope */
} owner;

struct mandate_owners {
    conf_memory memory;
    owner *rows;
    size_t count;
};

static bool read_prefix(conf_reader *c, const conf_value *item, void *out)
{
    covey_audit_range range = { .protocol = COVEY_AUDIT_ANY_PROTOCOL,
                                .last = UINT16_MAX,
                                .responders = UINT16_MAX };

    if (!scope_prefix(c, item, &range)) {
        return false;
    }
    if (covey_audit_exclude(out, &range) != COVEY_OK) {
        conf_error(c, item, MANDATE_MANUAL,
                   "expected no bits behind the prefix");
        return false;
    }
    return true;
}

static bool read_owner(conf_reader *c, const conf_value *item, void *out)
{
    static const char *const words[] = { "name", "key", "prefixes" };
    static const conf_names known = { words, COUNT(words), "an owner" };
    owner *o = out;
    conf_value v[COUNT(words)] = { { NULL, NULL } };
    covey_audit_clause *clauses = NULL;
    size_t len;

    if (!conf_keys(c, item, &known, v) ||
        !conf_required(c, item, &v[1], "key", MANDATE_MANUAL) ||
        !conf_required(c, item, &v[2], "prefixes", MANDATE_MANUAL)) {
        return false;
    }
    const char *text = conf_scalar(c, &v[1], &len, "a key");
    if (text == NULL) {
        return false;
    }
    if (!mandate_key_parse(text, len, &o->key)) {
        conf_error(c, &v[1], MANDATE_MANUAL,
                   "expected ed25519: or p256: and the key in hex");
        return false;
    }
    o->owned.scope_count = conf_list(c, &v[2], PREFIXES_MAX, sizeof *clauses,
                                     read_prefix, &clauses);
    o->owned.scope = clauses;
    return true;
}

struct reading {
    conf_reader *c;
    mandate_owners *owners;
};

static void read_root(void *user, const conf_value *root)
{
    static const char *const words[] = { "owners" };
    static const conf_names known = { words, 1, "a file of owners" };
    struct reading *r = user;
    conf_value v = { NULL, NULL };

    if (conf_keys(r->c, root, &known, &v) &&
        conf_required(r->c, root, &v, "owners", MANDATE_MANUAL)) {
        r->owners->count =
            conf_list(r->c, &v, OWNERS_MAX, sizeof *r->owners->rows,
                      read_owner, &r->owners->rows);
    }
}

mandate_owners *mandate_owners_load(const char *path, FILE *messages)
{
    mandate_owners *o = calloc(1, sizeof *o);
    struct reading r = { .owners = o };

    if (o == NULL) {
        fprintf(messages, "%s: error: out of memory\n", path);
        return NULL;
    }
    conf_reader c = { .messages = messages,
                      .manual = MANDATE_MANUAL,
                      .what = "a file of owners",
                      .memory = &o->memory };
    r.c = &c;
    if (!conf_load(&c, path, read_root, &r)) {
        const int why = errno;
        mandate_owners_free(o);
        errno = why;
        return NULL;
    }
    return o;
}

void mandate_owners_free(mandate_owners *o)
{
    if (o != NULL) {
        conf_free(&o->memory);
        free(o);
    }
}

static bool holds(const mandate_owners *o, const mandate_key *key,
                  const covey_audit_document *one)
{
    size_t which;

    for (size_t n = 0; n < o->count; n++) {
        if (mandate_key_equal(&o->rows[n].key, key) &&
            covey_audit_widens(&o->rows[n].owned, one, &which) !=
                COVEY_AUDIT_WIDENS_SCOPE) {
            return true;
        }
    }
    return false;
}

bool owners_hold(const mandate_owners *o, const mandate_key *key,
                 const covey_address *host)
{
    const covey_audit_range range = {
        .net = *host,
        .prefix = host->family == COVEY_FAMILY_IPV4 ? 32 : 128,
        .protocol = COVEY_AUDIT_ANY_PROTOCOL,
        .last = UINT16_MAX
    };
    covey_audit_clause clause;
    const covey_audit_document one = { .scope = &clause, .scope_count = 1 };

    return covey_audit_scope(&clause, &range) == COVEY_OK &&
           holds(o, key, &one);
}

bool owners_cover(const mandate_owners *o, const mandate_key *key,
                  const covey_audit_document *d, const char *const *names,
                  conf_reader *c)
{
    for (size_t i = 0; i < d->scope_count; i++) {
        const covey_audit_document one = { .scope = &d->scope[i],
                                           .scope_count = 1 };
        if (!holds(o, key, &one)) {
            fprintf(c->messages,
                    "%s: error: clause %s: the principal's key is pinned to "
                    "no network that holds it (%s)\n",
                    c->name, names[i], MANDATE_MANUAL);
            c->errors++;
            return false;
        }
    }
    return true;
}
