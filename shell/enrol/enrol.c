/* SPDX-License-Identifier: BSD-2-Clause */
#include "enrol.h"

#include <conf.h>
#include <context.h>
#include <covey/keying.h>
#include <covey/manager.h>

#include <stdlib.h>
#include <string.h>

#define MANUAL "covey-enrol(5)"

enum {
    NODES_MAX = 1 << 16,
    ENTRIES_MAX = 256, /* of a node's scope */
    CREDENTIAL_MAX = 4096,
    SCOPE_MAX = ENTRIES_MAX * (COVEY_MANAGER_NAME_MAX + 8)
};

struct node {
    store_enrolment row;
    context_file *context;
};

struct enrol_file {
    conf_memory memory;
    struct node *nodes;
    size_t count;
};

/* --- scopes -------------------------------------------------------------- */

struct entry {
    covey_bytes group; /* absent: all of them */
    uint32_t tperm;
};

static bool read_group(conf_reader *c, const conf_value *v, struct entry *out)
{
    static const conf_wanted wanted = { 1, COVEY_MANAGER_NAME_MAX, false,
                                        MANUAL };
    const char *text = NULL;
    size_t len = 0;

    if (!conf_text(c, v, &wanted, &text, &len)) {
        return false;
    }
    out->group = covey_bytes_of((const uint8_t *)text, len);
    return true;
}

static bool read_roles(conf_reader *c, const conf_value *item, void *out)
{
    enum {
        R_GROUP,
        R_ROLES,
        R_COUNT
    };
    static const char *const words[R_COUNT] = { "group", "roles" };
    static const conf_names names = { words, R_COUNT, "an entry of 'may'" };
    struct entry *e = out;
    conf_value v[R_COUNT] = { { NULL, NULL } };

    if (!conf_keys(c, item, &names, v) ||
        !conf_required(c, item, &v[R_GROUP], words[R_GROUP], MANUAL) ||
        !conf_required(c, item, &v[R_ROLES], words[R_ROLES], MANUAL)) {
        return false;
    }
    e->tperm = context_roles(c, &v[R_ROLES]);
    return read_group(c, &v[R_GROUP], e);
}

/* The place of a word is its bit in an admin entry. */
static bool read_permission(conf_reader *c, const conf_value *item, void *out)
{
    static const char *const words[] = { "list", "create", "read", "write",
                                         "delete" };
    static const conf_names names = { words, 5,
                                      "draft-ietf-ace-oscore-gm-admin" };
    unsigned which;

    if (!conf_word(c, item, &names, &which)) {
        return false;
    }
    *(uint32_t *)out = (uint32_t)COVEY_KEYING_LIST << which;
    return true;
}

static bool read_admin(conf_reader *c, const conf_value *item, void *out)
{
    enum {
        A_GROUP,
        A_PERMISSIONS,
        A_COUNT
    };
    static const char *const words[A_COUNT] = { "group", "permissions" };
    static const conf_names names = { words, A_COUNT,
                                      "an entry of 'administers'" };
    struct entry *e = out;
    conf_value v[A_COUNT] = { { NULL, NULL } };
    uint32_t *bits = NULL;

    if (!conf_keys(c, item, &names, v) ||
        !conf_required(c, item, &v[A_PERMISSIONS], words[A_PERMISSIONS],
                       MANUAL)) {
        return false;
    }
    const size_t count = conf_list(c, &v[A_PERMISSIONS], 5, sizeof *bits,
                                   read_permission, &bits);
    /* The draft has List set whatever else there is. */
    e->tperm = COVEY_KEYING_ADMIN | COVEY_KEYING_LIST;
    for (size_t i = 0; i < count; i++) {
        e->tperm |= bits[i];
    }
    return conf_is_missing(&v[A_GROUP]) || read_group(c, &v[A_GROUP], e);
}

static void put_entry(covey_writer *w, const struct entry *e)
{
    if (e->group.ptr != NULL) {
        covey_keying_put_scope(w, e->group, e->tperm);
        return;
    }
    covey_cbor_put_array(w, 2);
    covey_cbor_put_bool(w, true);
    covey_cbor_put_uint(w, e->tperm);
}

static bool read_scope(conf_reader *c, const conf_value *may,
                       const conf_value *administers, covey_bytes *out)
{
    struct entry *roles = NULL;
    struct entry *admin = NULL;
    size_t role_count = 0;
    size_t admin_count = 0;
    uint8_t storage[SCOPE_MAX];
    covey_writer w = covey_writer_of(storage, sizeof storage);

    if (!conf_is_missing(may)) {
        role_count = conf_list(c, may, ENTRIES_MAX / 2, sizeof *roles,
                               read_roles, &roles);
    }
    if (!conf_is_missing(administers)) {
        admin_count = conf_list(c, administers, ENTRIES_MAX / 2, sizeof *admin,
                                read_admin, &admin);
    }
    covey_cbor_put_array(&w, role_count + admin_count);
    for (size_t i = 0; i < role_count; i++) {
        put_entry(&w, &roles[i]);
    }
    for (size_t i = 0; i < admin_count; i++) {
        put_entry(&w, &admin[i]);
    }
    uint8_t *scope = conf_alloc(c, w.pos);
    if (scope == NULL || w.failed != COVEY_OK) {
        return false;
    }
    memcpy(scope, storage, w.pos);
    *out = covey_bytes_of(scope, w.pos);
    return true;
}

/* --- nodes --------------------------------------------------------------- */

/* It is a segment of paths. */
static bool read_name(conf_reader *c, const conf_value *v, covey_bytes *out)
{
    static const conf_wanted wanted = { 1, COVEY_MANAGER_NODE_MAX, false,
                                        "RFC 9594 Section 4.3.1" };
    const char *text = NULL;
    size_t len = 0;

    if (!conf_text(c, v, &wanted, &text, &len)) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        const unsigned char ch = (unsigned char)text[i];
        if (ch <= 0x20 || ch >= 0x7f || ch == '/' || ch == '?' || ch == '#' ||
            ch == '%' || text[0] == '.') {
            conf_error(c, v, MANUAL,
                       "expected a name without dot at its beginning, "
                       "spaces, '/', '?', '#' or '%%'");
            return false;
        }
    }
    *out = covey_bytes_of((const uint8_t *)text, len);
    return true;
}

static bool read_context(conf_reader *c, const conf_value *v,
                         struct node *node)
{
    const char *path = NULL;

    if (!conf_path(c, v, &path)) {
        return false;
    }
    node->context = context_load(path, c->messages);
    if (node->context == NULL) {
        conf_error(c, v, MANUAL, "the context in %s cannot be used", path);
        return false;
    }
    if (node->context->type != CONTEXT_OSCORE) {
        conf_error(c, v, MANUAL, "expected a context of type oscore in %s",
                   path);
        context_free(node->context);
        return false;
    }
    const covey_oscore_parameters *p = &node->context->oscore.parameters;
    store_enrolment *e = &node->row;
    e->aead = p->aead;
    e->hkdf = p->hkdf;
    e->sender_id = p->sender_id;
    e->recipient_id = p->recipient_id;
    e->id_context = p->id_context;
    e->master_secret = p->master_secret;
    e->master_salt = p->master_salt;
    return true;
}

static bool read_node(conf_reader *c, const conf_value *item, void *out)
{
    enum {
        N_NAME,
        N_CONTEXT,
        N_MAY,
        N_ADMINISTERS,
        N_CREDENTIAL,
        N_COUNT
    };
    static const char *const words[N_COUNT] = { "name", "context", "may",
                                                "administers", "credential" };
    static const conf_names names = { words, N_COUNT, "a node" };
    static const conf_wanted credential = { 1, CREDENTIAL_MAX, false,
                                            "RFC 9594 Section 4.3.1" };
    struct node *node = out;
    conf_value v[N_COUNT] = { { NULL, NULL } };

    if (!conf_keys(c, item, &names, v) ||
        !conf_required(c, item, &v[N_NAME], words[N_NAME], MANUAL) ||
        !conf_required(c, item, &v[N_CONTEXT], words[N_CONTEXT], MANUAL)) {
        return false;
    }
    conf_bytes(c, &v[N_CREDENTIAL], &credential, &node->row.credential);
    return read_name(c, &v[N_NAME], &node->row.name) &&
           read_scope(c, &v[N_MAY], &v[N_ADMINISTERS], &node->row.scope) &&
           read_context(c, &v[N_CONTEXT], node);
}

/* --- files --------------------------------------------------------------- */

static int compare_spans(covey_bytes a, covey_bytes b)
{
    const size_t len = a.len < b.len ? a.len : b.len;
    const bool both = a.ptr != NULL && b.ptr != NULL;
    const int order = both ? memcmp(a.ptr, b.ptr, len) : 0;

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_names(const void *a, const void *b)
{
    const struct node *const *x = a;
    const struct node *const *y = b;

    return compare_spans((*x)->row.name, (*y)->row.name);
}

/* What requests are told apart by: RFC 8613 Section 3.3. */
static int compare_ids(const void *a, const void *b)
{
    const store_enrolment *x = &(*(const struct node *const *)a)->row;
    const store_enrolment *y = &(*(const struct node *const *)b)->row;
    const int order = compare_spans(x->recipient_id, y->recipient_id);

    if (order != 0) {
        return order;
    }
    if ((x->id_context.ptr == NULL) != (y->id_context.ptr == NULL)) {
        return x->id_context.ptr == NULL ? -1 : 1;
    }
    return compare_spans(x->id_context, y->id_context);
}

static void check_unique(conf_reader *c, const conf_value *list,
                         const enrol_file *f)
{
    const struct node **sorted =
        conf_alloc(c, (f->count + 1) * sizeof *sorted);
    static const struct {
        int (*compare)(const void *a, const void *b);
        const char *why;
    } rules[] = {
        { compare_names, "two nodes are called" },
        { compare_ids, "another node has this ID in this ID Context:" },
    };

    for (size_t i = 0; sorted != NULL && i < f->count; i++) {
        sorted[i] = &f->nodes[i];
    }
    for (size_t k = 0; sorted != NULL && k < 2 && f->count > 1; k++) {
        qsort(sorted, f->count, sizeof *sorted, rules[k].compare);
        for (size_t i = 1; i < f->count; i++) {
            const covey_bytes name = sorted[i]->row.name;
            if (rules[k].compare(&sorted[i - 1], &sorted[i]) == 0) {
                conf_error(c, list, MANUAL, "%s %.*s", rules[k].why,
                           (int)name.len, (const char *)name.ptr);
                return;
            }
        }
    }
}

static void read_root(conf_reader *c, const conf_value *root, void *object)
{
    static const char *const words[] = { "nodes" };
    static const conf_names names = { words, 1, "an enrolment file" };
    enrol_file *file = object;
    conf_value v[1] = { { NULL, NULL } };

    if (!conf_keys(c, root, &names, v) ||
        !conf_required(c, root, &v[0], words[0], MANUAL)) {
        return;
    }
    file->count = conf_list(c, &v[0], NODES_MAX, sizeof *file->nodes,
                            read_node, &file->nodes);
    check_unique(c, &v[0], file);
}

static void drop(void *object)
{
    enrol_free(object);
}

static const conf_kind file_kind = { MANUAL,
                                     "an enrolment file",
                                     sizeof(enrol_file),
                                     offsetof(enrol_file, memory),
                                     read_root,
                                     drop };

enrol_file *enrol_load(const char *path, FILE *messages)
{
    return conf_open(&file_kind, path, messages);
}

enrol_file *enrol_load_text(const char *text, size_t len, const char *name,
                            FILE *messages)
{
    return conf_open_text(&file_kind, text, len, name, messages);
}

void enrol_free(enrol_file *f)
{
    if (f == NULL) {
        return;
    }
    for (size_t i = 0; i < f->count; i++) {
        context_free(f->nodes[i].context);
    }
    conf_free(&f->memory);
    free(f);
}

size_t enrol_count(const enrol_file *f)
{
    return f->count;
}

const store_enrolment *enrol_row(const enrol_file *f, size_t i)
{
    return &f->nodes[i].row;
}

store_result enrol_put(store *s, const enrol_file *f, size_t *row)
{
    store_result r = store_begin(s);

    for (size_t i = 0; r == STORE_OK && i < f->count; i++) {
        *row = i;
        r = store_enrol(s, &f->nodes[i].row);
    }
    if (r == STORE_OK) {
        r = store_wake(s);
    }
    if (r == STORE_OK) {
        return store_commit(s);
    }
    store_rollback(s);
    return r;
}
