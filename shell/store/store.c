/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening, migrations, transactions and counters. */
#include "store.h"

#include "internal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- results ------------------------------------------------------------- */

const char *store_result_name(store_result r)
{
    switch (r) {
    case STORE_OK:
        return "ok";
    case STORE_NONE:
        return "none";
    case STORE_TAKEN:
        return "taken";
    case STORE_REFUSED:
        return "refused";
    case STORE_AGAIN:
        return "again";
    case STORE_BROKEN:
        return "broken";
    }
    return "unknown";
}

const char *store_error(const store *s)
{
    return s->why;
}

static bool ends_transaction(store_result r)
{
    return r == STORE_AGAIN || r == STORE_BROKEN;
}

store_result store__fail(store *s, store_result r, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(s->why, sizeof s->why, format, args);
    va_end(args);
    s->lost = s->lost || (s->open && ends_transaction(r));
    return r;
}

/* --- values -------------------------------------------------------------- */

store_value store__number(uint64_t number)
{
    const store_value v = { STORE_NUMBER, number, { NULL, 0 } };
    return v;
}

store_value store__text(covey_bytes text)
{
    const store_value v = { STORE_TEXT, 0, text };
    return v;
}

store_value store__bytes(covey_bytes bytes)
{
    const store_value v = { STORE_BYTES, 0, bytes };
    return v;
}

uint64_t store__number_at(const store_row *row, int column)
{
    store_value v;

    row->store->driver->value(row, column, &v);
    return v.number;
}

covey_bytes store__bytes_at(const store_row *row, int column)
{
    store_value v;

    row->store->driver->value(row, column, &v);
    return v.bytes;
}

/* --- transactions -------------------------------------------------------- */

static store_result run(store *s, const store_query *q, store_when when)
{
    store_result r;

    if (s->lost) {
        return STORE_AGAIN;
    }
    s->when = when;
    r = s->driver->run(s, q);
    s->lost = s->open && ends_transaction(r);
    return r;
}

store_result store__run(store *s, const store_query *q)
{
    return run(s, q, STORE_NOW);
}

store_result store__run_later(store *s, const store_query *q, store_when when)
{
    const store_result r = run(s, q, s->later ? when : STORE_NOW);

    if (r == STORE_OK && s->when == STORE_LATER_CHANGE && s->changed == 0) {
        s->taken = true;
        s->changed = 1;
    }
    return r;
}

static store_result begin(store *s, bool later)
{
    store_result r;

    if (s->open) {
        return store__fail(s, STORE_REFUSED, "a transaction is open already");
    }
    s->later = later;
    s->taken = false;
    r = s->driver->script(s, s->driver->begin);
    s->open = r == STORE_OK;
    s->later = later && s->open;
    s->lost = false;
    s->waking = false;
    return r;
}

store_result store_begin(store *s)
{
    return begin(s, false);
}

store_result store_begin_later(store *s)
{
    return begin(s, true);
}

void store_rollback(store *s)
{
    if (s->open) {
        char why[STORE_WHY_MAX];
        /* What went wrong before is what people want to know. */
        memcpy(why, s->why, sizeof why);
        (void)s->driver->script(s, "ROLLBACK");
        memcpy(s->why, why, sizeof why);
    }
    s->open = false;
    s->lost = false;
    s->later = false;
}

/* All that was asked for is done, and all of it is as it should be. */
static store_result settle(store *s)
{
    store_result r = STORE_OK;

    if (s->waking && s->driver->wakes_inside) {
        s->waking = false;
        r = s->driver->wake(s);
    }
    if (r == STORE_OK && s->driver->settle != NULL) {
        r = s->driver->settle(s);
    }
    return r == STORE_OK && s->taken
               ? store__fail(s, STORE_TAKEN,
                             "it has been changed by somebody else")
               : r;
}

store_result store_commit(store *s)
{
    store_result r;

    if (!s->open || s->lost) {
        store_rollback(s);
        return STORE_AGAIN;
    }
    r = settle(s);
    if (r == STORE_OK) {
        r = s->driver->script(s, "COMMIT");
    }
    if (r != STORE_OK) {
        store_rollback(s);
        return r;
    }
    s->open = false;
    s->later = false;
    store__unsure_settle(s);
    if (s->waking) {
        s->waking = false;
        (void)s->driver->wake(s);
    }
    return STORE_OK;
}

store_result store__enter(store *s, store_scope *scope)
{
    scope->own = !s->open;
    if (scope->own) {
        return store_begin(s);
    }
    return s->lost ? STORE_AGAIN : STORE_OK;
}

store_result store__leave(store *s, const store_scope *scope, store_result r)
{
    if (!scope->own || !s->open) {
        return r;
    }
    if (r == STORE_OK) {
        return store_commit(s);
    }
    store_rollback(s);
    return r;
}

/* --- waking -------------------------------------------------------------- */

int store_fd(const store *s)
{
    return s->fd;
}

bool store_woken(store *s)
{
    return s->driver->woken(s);
}

bool store_called(store *s)
{
    return s->driver->called != NULL && s->driver->called(s);
}

store_result store_wake(store *s)
{
    if (s->open) {
        s->waking = true;
        return STORE_OK;
    }
    return s->driver->wake(s);
}

/* --- info, counters ------------------------------------------------------ */

struct copy {
    uint8_t *out;
    size_t cap;
    size_t len;
    bool found;
};

static void on_info(void *user, const store_row *row)
{
    struct copy *c = user;
    const covey_bytes value = store__bytes_at(row, 0);

    c->found = value.len <= c->cap;
    if (c->found && value.len > 0) {
        memcpy(c->out, value.ptr, value.len);
        c->len = value.len;
    }
}

store_result store__info_get(store *s, const char *name, uint8_t *out,
                             size_t cap, size_t *len)
{
    static const char sql[] = "SELECT value FROM info WHERE name = $1";
    struct copy c = { out, cap, 0, false };
    const store_value v = store__text(covey_bytes_text(name));
    const store_query q = { sql, &v, 1, on_info, &c };
    const store_result r = store__run(s, &q);

    *len = c.len;
    return r == STORE_OK && !c.found ? STORE_NONE : r;
}

store_result store__info_put(store *s, const char *name, covey_bytes value)
{
    static const char sql[] =
        "INSERT INTO info (name, value) VALUES ($1, $2) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    const store_value v[] = { store__text(covey_bytes_text(name)),
                              store__bytes(value) };
    const store_query q = { sql, v, 2, NULL, NULL };

    return store__run(s, &q);
}

static void on_next(void *user, const store_row *row)
{
    *(uint64_t *)user = store__number_at(row, 0);
}

store_result store_next(store *s, const char *name, uint32_t count,
                        uint64_t *first)
{
    static const char sql[] =
        "INSERT INTO counter (name, next) VALUES ($1, $2) "
        "ON CONFLICT (name) DO UPDATE SET next = counter.next + $2 "
        "RETURNING next";
    const store_value v[] = { store__text(covey_bytes_text(name)),
                              store__number(count) };
    uint64_t next = 0;
    const store_query q = { sql, v, 2, on_next, &next };
    const store_result r = store__run(s, &q);

    if (r == STORE_OK) {
        *first = next - count;
    }
    return r;
}

/* --- migrations ---------------------------------------------------------- */

struct migrations {
    uint64_t count;  /* that were made */
    uint64_t unlike; /* the first that is not ours; 0: none */
};

static size_t schema_count(const store *s)
{
    size_t n = 0;

    while (s->driver->schema[n] != NULL) {
        n++;
    }
    return n;
}

static void on_migration(void *user, const store_row *row)
{
    struct migrations *m = user;
    const uint64_t version = store__number_at(row, 0);
    const covey_bytes digest = store__bytes_at(row, 1);
    const bool ours =
        version <= schema_count(row->store) && version == m->count + 1 &&
        covey_bytes_equal(
            digest, covey_bytes_text(store__schema_digests[version - 1]));

    m->count = version;
    if (!ours && m->unlike == 0) {
        m->unlike = version;
    }
}

static store_result migrate_one(store *s, size_t version)
{
    static const char sql[] =
        "INSERT INTO migration (version, digest) VALUES ($1, $2)";
    const store_value v[] = { store__number(version),
                              store__text(covey_bytes_text(
                                  store__schema_digests[version - 1])) };
    const store_query q = { sql, v, 2, NULL, NULL };
    const store_result r =
        s->driver->script(s, s->driver->schema[version - 1]);

    return r == STORE_OK ? store__run(s, &q) : r;
}

/* Forward only: a store of a newer program is left alone. */
static store_result migrate(store *s, bool *fresh)
{
    static const char sql[] =
        "SELECT version, digest FROM migration ORDER BY version";
    struct migrations m = { 0, 0 };
    const store_query q = { sql, NULL, 0, on_migration, &m };
    const size_t ours = schema_count(s);
    store_result r = s->driver->lock_schema != NULL
                         ? s->driver->script(s, s->driver->lock_schema)
                         : STORE_OK;

    if (r == STORE_OK) {
        r = s->driver->script(
            s, "CREATE TABLE IF NOT EXISTS migration "
               "(version BIGINT NOT NULL PRIMARY KEY, digest TEXT NOT NULL)");
    }
    if (r == STORE_OK) {
        r = store__run(s, &q);
    }
    if (r == STORE_OK && m.count > ours) {
        return store__fail(s, STORE_BROKEN,
                           "made by a newer version: schema %" PRIu64
                           ", this program has %zu",
                           m.count, ours);
    }
    if (r == STORE_OK && m.unlike != 0) {
        return store__fail(s, STORE_BROKEN,
                           "schema %" PRIu64 " is not that of this program",
                           m.unlike);
    }
    *fresh = m.count == 0;
    for (size_t n = m.count + 1; r == STORE_OK && n <= ours; n++) {
        r = migrate_one(s, n);
    }
    return r;
}

/* A backup has numbers that have been used since. */
static store_result check_copy(store *s)
{
    uint8_t value[32];
    size_t len;
    const store_result r =
        store__info_get(s, "copy", value, sizeof value, &len);

    if (r == STORE_OK && !s->copying) {
        return store__fail(s, STORE_BROKEN,
                           "a backup, whose numbers may have been used since: "
                           "restore it");
    }
    return r == STORE_NONE ? STORE_OK : r;
}

static store_result prepare(store *s, const char *key_file)
{
    bool fresh = false;
    store_scope scope;
    store_result r = store__enter(s, &scope);

    if (r == STORE_OK) {
        r = migrate(s, &fresh);
    }
    if (r == STORE_OK) {
        r = check_copy(s);
    }
    if (r == STORE_OK) {
        r = store__key_open(s, key_file, fresh);
    }
    return store__leave(s, &scope, r);
}

/* --- opening ------------------------------------------------------------- */

static bool is_postgres(const char *where)
{
    return strncmp(where, "postgresql://", 13) == 0 ||
           strncmp(where, "postgres://", 11) == 0;
}

static store *open_as(const store_options *options, bool copying,
                      bool existing, char *error, size_t cap)
{
    store *s = calloc(1, sizeof *s);

    if (s == NULL) {
        snprintf(error, cap, "out of memory");
        return NULL;
    }
    const bool postgres = is_postgres(options->where);
    s->driver = postgres ? &store__postgres : &store__sqlite;
    s->where = options->where;
    s->crypto = options->crypto;
    s->fd = -1;
    s->copying = copying;
    s->existing = existing;
    store_result r = s->driver->open(s);
    if (r == STORE_OK) {
        r = prepare(s, options->key_file);
    }
    if (r != STORE_OK) {
        /* A URI may have a password in it. */
        snprintf(error, cap, "%s: %s",
                 postgres ? "PostgreSQL" : options->where, s->why);
        store_close(s);
        return NULL;
    }
    s->where = NULL;
    return s;
}

store *store__open(const store_options *options, bool copying, char *error,
                   size_t cap)
{
    return open_as(options, copying, false, error, cap);
}

store *store_open(const store_options *options, char *error, size_t cap)
{
    return open_as(options, false, false, error, cap);
}

store *store_open_existing(const store_options *options, char *error,
                           size_t cap)
{
    return open_as(options, false, true, error, cap);
}

void store_close(store *s)
{
    if (s == NULL) {
        return;
    }
    store_rollback(s);
    store__key_close(s);
    store__unsure_free(s);
    s->driver->close(s);
    covey_wipe(s, sizeof *s);
    free(s);
}
