/* SPDX-License-Identifier: BSD-2-Clause */
/* Groups, their members, and Sender IDs that were given up. */
#include "groups.h"

#include "internal.h"

/* --- serials ------------------------------------------------------------- */

static void on_number(void *user, const store_row *row)
{
    *(uint64_t *)user = store__number_at(row, 0);
}

store_result store_serial(store *s, uint32_t *next)
{
    static const char sql[] = "SELECT next FROM counter WHERE name = 'group'";
    uint64_t n = 1;
    const store_query q = { sql, NULL, 0, on_number, &n };
    const store_result r = store__run(s, &q);

    if (r == STORE_OK) {
        *next = (uint32_t)n;
    }
    return r;
}

store_result store_serial_put(store *s, uint32_t next)
{
    static const char sql[] =
        "INSERT INTO counter (name, next) VALUES ('group', $1)"
        " ON CONFLICT (name) DO UPDATE SET next = excluded.next"
        " WHERE counter.next < excluded.next";
    const store_value v = store__number(next);
    const store_query q = { sql, &v, 1, NULL, NULL };
    const store_result r = store__run(s, &q);

    return r == STORE_OK && s->changed == 0
               ? store__fail(s, STORE_TAKEN, "the serial is taken")
               : r;
}

/* --- groups -------------------------------------------------------------- */

enum {
    GROUP_COLUMNS = 13
};

static store_place secret_of(const store_group *g)
{
    const store_place place = { "grp.master_secret", g->name, g->version };
    return place;
}

static void values_of(const store_group *g, covey_bytes sealed,
                      store_value v[GROUP_COLUMNS])
{
    v[0] = store__number(g->serial);
    v[1] = store__number(g->revision);
    v[2] = store__text(g->name);
    v[3] = store__number(g->active);
    v[4] = store__number(g->deleted);
    v[5] = store__number(g->version);
    v[6] = store__number(g->stale_from);
    v[7] = store__number(g->sender_next);
    v[8] = store__number(g->sender_floor);
    v[9] = store__number(g->keyed_at);
    v[10] = store__bytes(sealed);
    v[11] = store__bytes(g->master_salt);
    v[12] = store__bytes(g->settings);
}

static void on_group_key(void *user, const store_row *row)
{
    store_group *g = user;

    g->revision = store__number_at(row, 0);
    g->version = store__number_at(row, 1);
    g->sender_next = store__number_at(row, 2);
}

/* Why nothing was changed. */
static store_result why_not(store *s, const store_group *g)
{
    static const char sql[] = "SELECT revision, version, sender_next FROM grp"
                              " WHERE serial = $1";
    store_group stored = { .revision = 0 };
    const store_value v = store__number(g->serial);
    const store_query q = { sql, &v, 1, on_group_key, &stored };
    const store_result r = store__run(s, &q);

    if (r != STORE_OK) {
        return r;
    }
    if (stored.revision != g->revision - 1) {
        return store__fail(s, STORE_TAKEN, "the group has changed meanwhile");
    }
    return store__fail(s, STORE_REFUSED, "a version or Sender ID goes back");
}

static store_result insert(store *s, const store_group *g,
                           const store_value v[GROUP_COLUMNS])
{
    static const char serial_sql[] =
        "INSERT INTO serial (serial) VALUES ($1) ON CONFLICT DO NOTHING";
    static const char undo_sql[] = "DELETE FROM serial WHERE serial = $1";
    static const char sql[] =
        "INSERT INTO grp (serial, revision, name, active, deleted, version,"
        " stale_from, sender_next, sender_floor, keyed_at, master_secret,"
        " master_salt, settings) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9,"
        " $10, $11, $12, $13) ON CONFLICT DO NOTHING";
    const store_query serial = { serial_sql, v, 1, NULL, NULL };
    const store_query undo = { undo_sql, v, 1, NULL, NULL };
    const store_query q = { sql, v, GROUP_COLUMNS, NULL, NULL };
    store_result r = store__run(s, &serial);

    if (r == STORE_OK && s->changed == 0) {
        return store__fail(s, STORE_REFUSED, "serial %u has been used before",
                           (unsigned)g->serial);
    }
    if (r == STORE_OK) {
        r = store__run(s, &q);
    }
    if (r == STORE_OK && s->changed == 0) {
        /* The transaction may go on without this group. */
        r = store__run(s, &undo);
        return r == STORE_OK ? store__fail(s, STORE_TAKEN,
                                           "a group has this name already")
                             : r;
    }
    return r;
}

static store_result update(store *s, const store_group *g,
                           const store_value v[GROUP_COLUMNS])
{
    static const char sql[] =
        "UPDATE grp SET revision = $2, name = $3, active = $4, deleted = $5,"
        " version = $6, stale_from = $7, sender_next = $8, sender_floor = $9,"
        " keyed_at = $10, master_secret = $11, master_salt = $12,"
        " settings = $13 WHERE serial = $1 AND revision = $2 - 1"
        " AND (version < $6 OR (version = $6 AND sender_next <= $8))";
    const store_query q = { sql, v, GROUP_COLUMNS, NULL, NULL };
    const store_result r = store__run_later(s, &q, STORE_LATER_CHANGE);

    return r == STORE_OK && s->changed == 0 ? why_not(s, g) : r;
}

store_result store_group_put(store *s, const store_group *g)
{
    uint8_t sealed[STORE_SEALED_MAX];
    covey_writer w = covey_writer_of(sealed, sizeof sealed);
    store_value v[GROUP_COLUMNS];
    const store_place place = secret_of(g);
    store_scope scope;
    store_result r;

    if (g->serial == 0 || g->revision == 0 || g->name.len == 0) {
        return store__fail(s, STORE_REFUSED, "no such group can be");
    }
    r = store__enter(s, &scope);
    if (r == STORE_OK) {
        r = store__seal(s, &place, g->master_secret, &w);
    }
    if (r == STORE_OK) {
        values_of(g, covey_written(&w), v);
        r = g->revision == 1 ? insert(s, g, v) : update(s, g, v);
    }
    covey_wipe(sealed, sizeof sealed);
    return store__leave(s, &scope, r);
}

store_result store_group_delete(store *s, uint32_t serial)
{
    static const char sql[] = "DELETE FROM grp WHERE serial = $1";
    const store_value v = store__number(serial);
    const store_query q = { sql, &v, 1, NULL, NULL };
    const store_result r = store__run(s, &q);

    return r == STORE_OK && s->changed == 0 ? STORE_NONE : r;
}

struct each_group {
    store_on_group *each;
    void *user;
    store_result result;
    size_t count;
};

static void on_group(void *user, const store_row *row)
{
    struct each_group *e = user;
    uint8_t secret[STORE_SECRET_MAX];
    covey_writer w = covey_writer_of(secret, sizeof secret);
    store_group g = {
        .serial = (uint32_t)store__number_at(row, 0),
        .revision = store__number_at(row, 1),
        .name = store__bytes_at(row, 2),
        .active = store__number_at(row, 3) != 0,
        .deleted = store__number_at(row, 4) != 0,
        .version = store__number_at(row, 5),
        .stale_from = store__number_at(row, 6),
        .sender_next = store__number_at(row, 7),
        .sender_floor = store__number_at(row, 8),
        .keyed_at = store__number_at(row, 9),
        .master_salt = store__bytes_at(row, 11),
        .settings = store__bytes_at(row, 12),
    };
    const store_place place = secret_of(&g);

    if (e->result != STORE_OK) {
        return;
    }
    e->count++;
    e->result =
        store__unseal(row->store, &place, store__bytes_at(row, 10), &w);
    if (e->result == STORE_OK) {
        g.master_secret = covey_written(&w);
        e->each(e->user, &g);
    }
    covey_wipe(secret, sizeof secret);
}

store_result store_groups(store *s, uint32_t serial, store_on_group *each,
                          void *user)
{
    static const char sql[] =
        "SELECT serial, revision, name, active, deleted, version, stale_from,"
        " sender_next, sender_floor, keyed_at, master_secret, master_salt,"
        " settings FROM grp WHERE serial = $1 OR $1 = 0 ORDER BY serial";
    struct each_group e = { each, user, STORE_OK, 0 };
    const store_value v = store__number(serial);
    const store_query q = { sql, &v, 1, on_group, &e };
    const store_result r = store__run(s, &q);

    if (r != STORE_OK || e.result != STORE_OK) {
        return r != STORE_OK ? r : e.result;
    }
    return serial != 0 && e.count == 0 ? STORE_NONE : STORE_OK;
}

/* --- members ------------------------------------------------------------- */

store_result store_member_put(store *s, const store_member *m)
{
    static const char sql[] =
        "INSERT INTO member (serial, name, standing, roles, sender_id,"
        " credential, n_c, uri, joined, told)"
        " SELECT serial, $2, $3, $4, $5, $6, $7, $8, $9, $10 FROM grp"
        " WHERE serial = $1"
        " ON CONFLICT (serial, name) DO UPDATE SET"
        " standing = excluded.standing, roles = excluded.roles,"
        " sender_id = excluded.sender_id, credential = excluded.credential,"
        " n_c = excluded.n_c, uri = excluded.uri, joined = excluded.joined,"
        " told = excluded.told";
    const store_value v[] = {
        store__number(m->serial),   store__text(m->name),
        store__number(m->standing), store__number(m->roles),
        store__bytes(m->sender_id), store__bytes(m->credential),
        store__bytes(m->n_c),       store__text(m->uri),
        store__number(m->joined),   store__number(m->told)
    };
    const store_query q = { sql, v, sizeof v / sizeof v[0], NULL, NULL };
    store_result r;

    if (m->name.len == 0) {
        return store__fail(s, STORE_REFUSED, "a member without a name");
    }
    r = store__run_later(s, &q, STORE_LATER_CHANGE);
    return r == STORE_OK && s->changed == 0 ? STORE_NONE : r;
}

store_result store_member_delete(store *s, uint32_t serial, covey_bytes name)
{
    static const char sql[] =
        "DELETE FROM member WHERE serial = $1 AND name = $2";
    const store_value v[] = { store__number(serial), store__text(name) };
    const store_query q = { sql, v, 2, NULL, NULL };
    const store_result r = store__run_later(s, &q, STORE_LATER);

    return r == STORE_OK && s->changed == 0 ? STORE_NONE : r;
}

store_result store_member_told(store *s, uint32_t serial, covey_bytes name,
                               uint64_t version)
{
    static const char sql[] =
        "UPDATE member SET told = CASE WHEN told < $3 THEN $3 ELSE told END"
        " WHERE serial = $1 AND name = $2";
    const store_value v[] = { store__number(serial), store__text(name),
                              store__number(version) };
    const store_query q = { sql, v, 3, NULL, NULL };
    const store_result r = store__run_later(s, &q, STORE_LATER);

    return r == STORE_OK && s->changed == 0 ? STORE_NONE : r;
}

struct each_member {
    store_on_member *each;
    void *user;
};

static void on_member(void *user, const store_row *row)
{
    const struct each_member *e = user;
    const store_member m = {
        .serial = (uint32_t)store__number_at(row, 0),
        .name = store__bytes_at(row, 1),
        .standing = (uint8_t)store__number_at(row, 2),
        .roles = (uint8_t)store__number_at(row, 3),
        .sender_id = store__bytes_at(row, 4),
        .credential = store__bytes_at(row, 5),
        .n_c = store__bytes_at(row, 6),
        .uri = store__bytes_at(row, 7),
        .joined = store__number_at(row, 8),
        .told = store__number_at(row, 9),
    };

    e->each(e->user, &m);
}

store_result store_members(store *s, uint32_t serial, store_on_member *each,
                           void *user)
{
    static const char sql[] =
        "SELECT serial, name, standing, roles, sender_id, credential, n_c,"
        " uri, joined, told FROM member WHERE serial = $1 OR $1 = 0"
        " ORDER BY serial, name";
    struct each_member e = { each, user };
    const store_value v = store__number(serial);
    const store_query q = { sql, &v, 1, on_member, &e };

    return store__run(s, &q);
}

static void on_told(void *user, const store_row *row)
{
    const struct each_member *each = user;
    const store_member m = { .serial = (uint32_t)store__number_at(row, 0),
                             .name = store__bytes_at(row, 1),
                             .told = store__number_at(row, 2) };

    each->each(each->user, &m);
}

store_result store_members_told(store *s, uint32_t serial, uint64_t version,
                                store_on_member *each, void *user)
{
    static const char sql[] = "SELECT serial, name, told FROM member"
                              " WHERE serial = $1 AND told >= $2";
    struct each_member e = { each, user };
    const store_value v[] = { store__number(serial), store__number(version) };
    const store_query q = { sql, v, 2, on_told, &e };

    return store__run(s, &q);
}

/* --- stale Sender IDs ---------------------------------------------------- */

store_result store_stale_put(store *s, const store_stale *stale)
{
    static const char sql[] = "INSERT INTO stale (serial, version, sender_id)"
                              " VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    const store_value v[] = { store__number(stale->serial),
                              store__number(stale->version),
                              store__bytes(stale->sender_id) };
    const store_query q = { sql, v, 3, NULL, NULL };

    return store__run_later(s, &q, STORE_LATER);
}

store_result store_stale_drop(store *s, uint32_t serial, uint64_t version)
{
    static const char sql[] =
        "DELETE FROM stale WHERE serial = $1 AND version < $2";
    const store_value v[] = { store__number(serial), store__number(version) };
    const store_query q = { sql, v, 2, NULL, NULL };

    return store__run_later(s, &q, STORE_LATER);
}

struct each_stale {
    store_on_stale *each;
    void *user;
};

static void on_stale(void *user, const store_row *row)
{
    const struct each_stale *e = user;
    const store_stale stale = { (uint32_t)store__number_at(row, 0),
                                store__number_at(row, 1),
                                store__bytes_at(row, 2) };

    e->each(e->user, &stale);
}

store_result store_stales(store *s, uint32_t serial, store_on_stale *each,
                          void *user)
{
    static const char sql[] = "SELECT serial, version, sender_id FROM stale"
                              " WHERE serial = $1 OR $1 = 0"
                              " ORDER BY serial, version, sender_id";
    struct each_stale e = { each, user };
    const store_value v = store__number(serial);
    const store_query q = { sql, &v, 1, on_stale, &e };

    return store__run(s, &q);
}
