/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of the manager as rows of the store, and back. What only the manager
 * looks at is one CBOR array, `settings`:
 *     [description, rekey_on_join, id_len, max_stale_sets,
 *      hkdf, cred_fmt, group_enc, signature, aead, agreement, curve,
 *      lifetime, check_interval, expiration_delta] */
#include "group_manager.h"

#include "groups.h"
#include "internal.h"

#include <covey/cbor.h>

#include <string.h>

enum {
    SETTINGS = 14,
    SETTINGS_MAX = 160
};

static covey_bytes bytes_of(const void *bytes, size_t len)
{
    return covey_bytes_of(bytes, len);
}

/* Nothing is not stored as something empty. */
static covey_bytes some(const void *bytes, size_t len)
{
    return covey_bytes_of(len > 0 ? bytes : NULL, len);
}

/* --- settings ------------------------------------------------------------ */

static void put_settings(covey_writer *w, const covey_manager_group *g)
{
    covey_cbor_put_array(w, SETTINGS);
    covey_cbor_put_text(w, bytes_of(g->description, g->description_len));
    covey_cbor_put_bool(w, g->rekey_on_join);
    covey_cbor_put_uint(w, g->id_len);
    covey_cbor_put_uint(w, g->max_stale_sets);
    covey_cbor_put_int(w, g->suite.hkdf);
    covey_cbor_put_int(w, g->suite.cred_fmt);
    covey_cbor_put_int(w, g->suite.group_enc);
    covey_cbor_put_int(w, g->suite.signature);
    covey_cbor_put_int(w, g->suite.aead);
    covey_cbor_put_int(w, g->suite.agreement);
    covey_cbor_put_int(w, (int64_t)g->suite.curve);
    covey_cbor_put_uint(w, g->lifetime);
    covey_cbor_put_uint(w, g->check_interval);
    covey_cbor_put_uint(w, g->expiration_delta);
}

static int32_t get_number(covey_cbor_reader *r)
{
    const int64_t n = covey_cbor_get_int(r);

    if (n < INT32_MIN || n > INT32_MAX) {
        covey_cbor_fail(r, COVEY_E_RANGE);
        return 0;
    }
    return (int32_t)n;
}

static uint32_t get_uint(covey_cbor_reader *r, uint32_t max)
{
    const uint64_t n = covey_cbor_get_uint(r);

    if (n > max) {
        covey_cbor_fail(r, COVEY_E_RANGE);
        return 0;
    }
    return (uint32_t)n;
}

static bool get_settings(covey_bytes settings, covey_manager_group *g)
{
    covey_cbor_reader r =
        covey_cbor_reader_of(settings, COVEY_CBOR_DETERMINISTIC);

    if (covey_cbor_get_array(&r) != SETTINGS) {
        return false;
    }
    const covey_bytes text = covey_cbor_get_text(&r);
    if (text.len > sizeof g->description) {
        return false;
    }
    if (text.len > 0) {
        memcpy(g->description, text.ptr, text.len);
    }
    g->description_len = (uint8_t)text.len;
    g->rekey_on_join = covey_cbor_get_bool(&r);
    g->id_len = (uint8_t)get_uint(&r, UINT8_MAX);
    g->max_stale_sets = (uint8_t)get_uint(&r, UINT8_MAX);
    g->suite.hkdf = get_number(&r);
    g->suite.cred_fmt = get_number(&r);
    g->suite.group_enc = get_number(&r);
    g->suite.signature = get_number(&r);
    g->suite.aead = get_number(&r);
    g->suite.agreement = get_number(&r);
    g->suite.curve = (covey_curve)get_uint(&r, INT32_MAX);
    g->lifetime = get_uint(&r, UINT32_MAX);
    g->check_interval = get_uint(&r, UINT32_MAX);
    g->expiration_delta = get_uint(&r, UINT32_MAX);
    return covey_cbor_done(&r);
}

/* --- into the store ------------------------------------------------------ */

static store_result put_group(store *s, const covey_manager_group *g)
{
    uint8_t settings[SETTINGS_MAX];
    covey_writer w = covey_writer_of(settings, sizeof settings);

    put_settings(&w, g);
    if (w.failed != COVEY_OK) {
        return store__fail(s, STORE_BROKEN, "settings are too long");
    }
    const store_group row = {
        .serial = g->serial,
        .revision = g->revision,
        .name = bytes_of(g->name, g->name_len),
        .active = g->active,
        .deleted = g->deleted,
        .version = g->version,
        .stale_from = g->stale_from,
        .sender_next = g->sender_next,
        .sender_floor = g->sender_floor,
        .keyed_at = (uint64_t)g->keyed_at,
        .master_secret = bytes_of(g->master_secret, sizeof g->master_secret),
        .master_salt = bytes_of(g->master_salt, sizeof g->master_salt),
        .settings = covey_written(&w)
    };
    return store_group_put(s, &row);
}

static store_result put_member(store *s, const covey_manager_member *m)
{
    const store_member row = { .serial = m->serial,
                               .name = bytes_of(m->name, m->name_len),
                               .standing = m->standing,
                               .roles = m->roles,
                               .sender_id = some(m->id, m->id_len),
                               .credential =
                                   some(m->credential.ptr, m->credential.len),
                               .n_c = some(m->n_c, m->n_c_len),
                               .uri = some(m->uri, m->uri_len),
                               .joined = m->joined,
                               .told = m->told };

    return store_member_put(s, &row);
}

static store_result put_stale(store *s, const covey_manager_stale *stale)
{
    const store_stale row = { stale->serial, stale->version,
                              bytes_of(stale->id, stale->id_len) };

    return store_stale_put(s, &row);
}

/* What is gone already need not go. */
static store_result gone(store_result r)
{
    return r == STORE_NONE ? STORE_OK : r;
}

static store_result apply(store *s, const covey_manager_change *c)
{
    const covey_manager_member *m = c->member;

    switch (c->kind) {
    case COVEY_MANAGER_PUT_SERIAL:
        return store_serial_put(s, c->number);
    case COVEY_MANAGER_PUT_GROUP:
        return put_group(s, c->group);
    case COVEY_MANAGER_DELETE_GROUP:
        return gone(store_group_delete(s, c->serial));
    case COVEY_MANAGER_PUT_MEMBER:
        return put_member(s, m);
    case COVEY_MANAGER_DELETE_MEMBER:
        return gone(
            store_member_delete(s, m->serial, bytes_of(m->name, m->name_len)));
    case COVEY_MANAGER_PUT_STALE:
        return put_stale(s, c->stale);
    case COVEY_MANAGER_DROP_STALE:
        return store_stale_drop(s, c->serial, c->number);
    case COVEY_MANAGER_TOLD:
        return gone(store_member_told(
            s, m->serial, bytes_of(m->name, m->name_len), m->told));
    }
    return store__fail(s, STORE_BROKEN, "an unknown change");
}

store_result store_manager_persist(store *s, const covey_manager *m)
{
    covey_manager_walk walk = { 0 };
    covey_manager_change change;
    store_scope scope;
    store_result r = store__enter(s, &scope);

    while (r == STORE_OK && covey_manager_change_next(m, &walk, &change)) {
        r = apply(s, &change);
    }
    if (r == STORE_OK) {
        r = store_wake(s);
    }
    return store__leave(s, &scope, r);
}

/* --- out of it ----------------------------------------------------------- */

struct loading {
    covey_manager *manager;
    covey_status status;
};

/* Copies what fits; the manager says what it does not take. */
static uint8_t take(void *out, size_t cap, covey_bytes from, struct loading *l)
{
    if (from.len > cap) {
        l->status = COVEY_E_ROOM;
        return 0;
    }
    if (from.len > 0) {
        memcpy(out, from.ptr, from.len);
    }
    return (uint8_t)from.len;
}

static void on_group(void *user, const store_group *row)
{
    struct loading *l = user;
    covey_manager_group g = { .serial = (uint16_t)row->serial,
                              .revision = row->revision,
                              .active = row->active,
                              .deleted = row->deleted,
                              .version = (uint32_t)row->version,
                              .stale_from = (uint32_t)row->stale_from,
                              .sender_next = row->sender_next,
                              .sender_floor = row->sender_floor,
                              .keyed_at = (int64_t)row->keyed_at };

    if (l->status != COVEY_OK) {
        return;
    }
    g.name_len = take(g.name, sizeof g.name, row->name, l);
    if (row->serial > UINT16_MAX || row->version > COVEY_MANAGER_VERSION_MAX ||
        row->master_secret.len != sizeof g.master_secret ||
        row->master_salt.len != sizeof g.master_salt ||
        !get_settings(row->settings, &g)) {
        l->status = COVEY_E_FORMAT;
    }
    if (l->status == COVEY_OK) {
        (void)take(g.master_secret, sizeof g.master_secret, row->master_secret,
                   l);
        (void)take(g.master_salt, sizeof g.master_salt, row->master_salt, l);
        l->status = covey_manager_load_group(l->manager, &g);
    }
    covey_wipe(&g, sizeof g);
}

static void on_member(void *user, const store_member *row)
{
    struct loading *l = user;
    covey_manager_member m = { .serial = (uint16_t)row->serial,
                               .standing = row->standing,
                               .roles = row->roles,
                               .joined = (uint32_t)row->joined,
                               .told = (uint32_t)row->told,
                               .credential = row->credential };

    if (l->status != COVEY_OK) {
        return;
    }
    m.name_len = take(m.name, sizeof m.name, row->name, l);
    m.id_len = take(m.id, sizeof m.id, row->sender_id, l);
    m.n_c_len = take(m.n_c, sizeof m.n_c, row->n_c, l);
    m.uri_len = take(m.uri, sizeof m.uri, row->uri, l);
    if (l->status == COVEY_OK) {
        l->status = covey_manager_load_member(l->manager, &m);
    }
}

static void on_stale(void *user, const store_stale *row)
{
    struct loading *l = user;
    covey_manager_stale stale = { .serial = (uint16_t)row->serial,
                                  .version = (uint32_t)row->version };

    if (l->status != COVEY_OK) {
        return;
    }
    stale.id_len = take(stale.id, sizeof stale.id, row->sender_id, l);
    if (l->status == COVEY_OK) {
        l->status = covey_manager_load_stale(l->manager, &stale);
    }
}

/* One group, or all (0). */
static store_result load_groups(store *s, covey_manager *m, uint16_t serial)
{
    struct loading l = { m, COVEY_OK };
    store_result r = gone(store_groups(s, serial, on_group, &l));

    if (r == STORE_OK) {
        r = store_members(s, serial, on_member, &l);
    }
    if (r == STORE_OK) {
        r = store_stales(s, serial, on_stale, &l);
    }
    return r == STORE_OK && l.status != COVEY_OK
               ? store__fail(s, STORE_BROKEN, "a row of a group: %s",
                             covey_status_text(l.status))
               : r;
}

static store_result load_serial(store *s, covey_manager *m)
{
    uint32_t next = 1;
    const store_result r = store_serial(s, &next);

    if (r == STORE_OK) {
        covey_manager_load_serial(m, next);
    }
    return r;
}

/* All of it as it is at one time. */
static store_result load(store *s, covey_manager *m, bool all, uint16_t serial)
{
    store_result r;

    if (s->open) {
        return store__fail(s, STORE_REFUSED, "a transaction is open");
    }
    r = s->driver->script(s, s->driver->begin_snapshot);
    if (r != STORE_OK) {
        return r;
    }
    s->open = true;
    r = all || serial == 0 ? load_serial(s, m) : STORE_OK;
    if (r == STORE_OK && (all || serial != 0)) {
        r = load_groups(s, m, serial);
    }
    store_rollback(s);
    return r;
}

store_result store_manager_reload(store *s, covey_manager *m, uint16_t serial)
{
    return load(s, m, false, serial);
}

store_result store_manager_load(store *s, covey_manager *m)
{
    return load(s, m, true, 0);
}
