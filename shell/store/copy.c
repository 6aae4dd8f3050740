/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows from one store into another, table by table. */
#include "copy.h"

#include "groups.h"
#include "internal.h"
#include "state_file.h"

#include <covey/oscore.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    COLUMNS_MAX = 13,
    PATH_CAP = 1024
};

/* A table, each before those that refer to it. */
struct table {
    const char *kinds; /* of its columns: n, t, b */
    const char *select;
    const char *insert;
    const char *restore; /* NULL: with on_group, or not at all */
    bool is_group;
};

/* Numbers at the distance that copy.h promises; a context whose numbers end
 * before is over. Every value is named, be it times 0: drivers bind all. */
static const char restore_lease[] =
    "INSERT INTO lease (id, owner, epoch, wanted, ssn, recv_window,"
    " windows_invalid, peer) VALUES ($1, 0 * $2, $3 + 1, 0 * $4,"
    " CASE WHEN $5 + 4294967296 < 1099511627776"
    " THEN $5 + 4294967296 ELSE 1099511627776 END, 0 * $6 - 1, 0 * $7 + 1,"
    " $8)";
static const char restore_counter[] =
    "INSERT INTO counter (name, next) VALUES ($1,"
    " CASE WHEN $1 = 'group' THEN $2 + 256 ELSE $2 + 4294967296 END)";

#define GROUP_COLUMNS                                                         \
    "serial, revision, name, active, deleted, version, stale_from,"           \
    " sender_next, sender_floor, keyed_at, master_secret, master_salt,"       \
    " settings"
#define MEMBER_COLUMNS                                                        \
    "serial, name, standing, roles, sender_id, credential, n_c, uri, joined," \
    " told"
#define ENROLMENT_COLUMNS                                                     \
    "name, aead, hkdf, sender_id, recipient_id, context, master_secret,"      \
    " master_salt, scope, credential"

#define INSERT_ENROLMENT                                                      \
    "INSERT INTO enrolment (" ENROLMENT_COLUMNS ")"                           \
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
#define INSERT_MEMBERSHIP                                                     \
    "INSERT INTO membership (name, lease, saved) VALUES ($1, $2, $3)"
#define INSERT_EVENT                                                          \
    "INSERT INTO event (at, what, serial, node, detail)"                      \
    " VALUES ($1, $2, $3, $4, $5)"

static const struct table tables[] = {
    { "tn", "SELECT name, next FROM counter ORDER BY name",
      "INSERT INTO counter (name, next) VALUES ($1, $2)", restore_counter,
      false },
    { "bnnnnnnt",
      "SELECT id, owner, epoch, wanted, ssn, recv_window, windows_invalid,"
      " peer FROM lease ORDER BY id",
      "INSERT INTO lease (id, owner, epoch, wanted, ssn, recv_window,"
      " windows_invalid, peer) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
      restore_lease, false },
    { "bbn", "SELECT lease, id, number FROM recipient ORDER BY lease, id",
      "INSERT INTO recipient (lease, id, number) VALUES ($1, $2, $3)", NULL,
      false },
    { "n", "SELECT serial FROM serial ORDER BY serial",
      "INSERT INTO serial (serial) VALUES ($1)", NULL, false },
    { "nntnnnnnnnbbb", "SELECT " GROUP_COLUMNS " FROM grp ORDER BY serial",
      "INSERT INTO grp (" GROUP_COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6,"
      " $7, $8, $9, $10, $11, $12, $13)",
      NULL, true },
    /* those whose group is gone; the others came with it */
    { "n", "SELECT serial FROM serial ORDER BY serial DESC", NULL,
      "INSERT INTO serial (serial) VALUES ($1) ON CONFLICT DO NOTHING",
      false },
    { "ntnnbbbtnn",
      "SELECT " MEMBER_COLUMNS " FROM member ORDER BY serial, name",
      "INSERT INTO member (" MEMBER_COLUMNS ") VALUES ($1, $2, $3, $4, $5,"
      " $6, $7, $8, $9, $10)",
      "INSERT INTO member (" MEMBER_COLUMNS ") VALUES ($1, $2, $3, $4, $5,"
      " $6, $7, $8, $9, 0 * $10)",
      false },
    { "nnb",
      "SELECT serial, version, sender_id FROM stale"
      " ORDER BY serial, version, sender_id",
      "INSERT INTO stale (serial, version, sender_id) VALUES ($1, $2, $3)",
      NULL, false },
    { "tnnbbbbbbb",
      "SELECT " ENROLMENT_COLUMNS " FROM enrolment ORDER BY name",
      INSERT_ENROLMENT, INSERT_ENROLMENT, false },
    { "tbb", "SELECT name, lease, saved FROM membership ORDER BY name",
      INSERT_MEMBERSHIP, INSERT_MEMBERSHIP, false },
    { "ntntt", "SELECT at, what, serial, node, detail FROM event ORDER BY seq",
      INSERT_EVENT, INSERT_EVENT, false },
};

/* --- rows ---------------------------------------------------------------- */

struct copying {
    store *to; /* NULL: only the sum is wanted */
    const struct table *table;
    bool restore;
    store_result result;
    uint64_t sum; /* of everything that was read */
};

/* FNV-1a: finds mistakes, not forgery. */
static void add_byte(struct copying *c, unsigned byte)
{
    c->sum = (c->sum ^ byte) * UINT64_C(0x100000001b3);
}

static void add_value(struct copying *c, const store_value *v)
{
    const uint64_t len = v->bytes.ptr != NULL ? v->bytes.len + 1 : 0;

    for (unsigned shift = 0; shift < 64; shift += 8) {
        add_byte(c, (unsigned)(v->number >> shift) & 255);
        add_byte(c, (unsigned)(len >> shift) & 255);
    }
    for (size_t i = 0; i < v->bytes.len; i++) {
        add_byte(c, v->bytes.ptr[i]);
    }
}

/* With the column's kind also where there is nothing. */
static void read_row(struct copying *c, const store_row *row,
                     store_value v[COLUMNS_MAX])
{
    for (int i = 0; i < row->columns; i++) {
        const char kind = c->table->kinds[i];
        row->store->driver->value(row, i, &v[i]);
        v[i].kind = kind == 'n'   ? STORE_NUMBER
                    : kind == 't' ? STORE_TEXT
                                  : STORE_BYTES;
        add_value(c, &v[i]);
    }
}

/* A group begins anew, under a version that was never used, and with keys that
 * are overdue. */
static store_result restore_group(store *to, const store_value v[COLUMNS_MAX])
{
    uint8_t secret[STORE_SECRET_MAX];
    covey_writer w = covey_writer_of(secret, sizeof secret);
    store_group g = { .serial = (uint32_t)v[0].number,
                      .revision = 1,
                      .name = v[2].bytes,
                      .active = v[3].number != 0,
                      .deleted = v[4].number != 0,
                      .version = v[5].number,
                      .sender_next = v[7].number,
                      .sender_floor = v[8].number,
                      .keyed_at = 1,
                      .master_salt = v[11].bytes,
                      .settings = v[12].bytes };
    const store_place place = { "grp.master_secret", g.name, g.version };
    store_result r = store__unseal(to, &place, v[10].bytes, &w);

    g.version += STORE_COPY_VERSIONS;
    g.stale_from = g.version;
    if (r == STORE_OK) {
        g.master_secret = covey_written(&w);
        r = store_group_put(to, &g);
    }
    covey_wipe(secret, sizeof secret);
    return r;
}

static void on_row(void *user, const store_row *row)
{
    struct copying *c = user;
    store_value v[COLUMNS_MAX] = { { .kind = STORE_NULL } };
    const char *sql = c->restore ? c->table->restore : c->table->insert;
    const store_query q = { sql, v, (size_t)row->columns, NULL, NULL };

    read_row(c, row, v);
    if (c->result != STORE_OK || c->to == NULL) {
        return;
    }
    if (c->restore && c->table->is_group) {
        c->result = restore_group(c->to, v);
    } else if (sql != NULL) {
        c->result = store__run(c->to, &q);
    }
}

/* All tables; the sum of what was read. */
static store_result copy_rows(store *from, store *to, bool restore,
                              uint64_t *sum)
{
    struct copying c = { .to = to,
                         .restore = restore,
                         .sum = UINT64_C(0xcbf29ce484222325) };
    store_result r = STORE_OK;

    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        const store_query q = { tables[i].select, NULL, 0, on_row, &c };
        c.table = &tables[i];
        if (r == STORE_OK) {
            r = store__run(from, &q);
        }
        if (r == STORE_OK && c.result != STORE_OK) {
            return store__fail(from, c.result, "%s", store_error(to));
        }
    }
    *sum = c.sum;
    return r;
}

/* --- backup -------------------------------------------------------------- */

static store_result copy_key(store *from, store *to)
{
    uint8_t value[32];
    size_t len;
    store_result r = store__info_get(from, "key", value, sizeof value, &len);

    if (r == STORE_OK) {
        r = store__info_put(to, "key", covey_bytes_of(value, len));
    } else if (r == STORE_NONE) {
        r = STORE_OK;
    }
    return r == STORE_OK ? store__info_put(to, "copy", covey_bytes_text("1"))
                         : r;
}

static store_result fill(store *s, store *to, uint64_t *sum)
{
    store_result r = store_begin(to);

    if (r == STORE_OK) {
        r = s->driver->script(s, s->driver->begin_snapshot);
    }
    if (r != STORE_OK) {
        return r;
    }
    s->open = true;
    r = copy_key(s, to);
    if (r == STORE_OK) {
        r = copy_rows(s, to, false, sum);
    }
    store_rollback(s);
    return r == STORE_OK ? store_commit(to) : r;
}

static void on_check(void *user, const store_row *row)
{
    *(bool *)user =
        covey_bytes_equal(store__bytes_at(row, 0), covey_bytes_text("ok"));
}

/* Opened again, as whoever needs it will. */
static store_result check(store *s, const store_options *options,
                          uint64_t expected)
{
    static const char sql[] = "PRAGMA integrity_check";
    bool good = false;
    const store_query q = { sql, NULL, 0, on_check, &good };
    uint64_t sum = 0;
    store *copy = store__open(options, true, s->why, sizeof s->why);

    if (copy == NULL) {
        return STORE_BROKEN;
    }
    store_result r = store__run(copy, &q);
    if (r == STORE_OK) {
        r = copy_rows(copy, NULL, false, &sum);
    }
    if (r != STORE_OK) {
        store__fail(s, r, "%s", store_error(copy));
    } else if (!good || sum != expected) {
        r = store__fail(s, STORE_BROKEN, "the copy is not like the store");
    }
    store_close(copy);
    return r;
}

static bool lock_live(int fd, struct stat *about)
{
    const struct flock byte = { .l_type = F_WRLCK, .l_len = 1 };

    return fcntl(fd, F_OFD_SETLK, &byte) == 0 && fstat(fd, about) == 0;
}

/* A backup that is being made is its maker's alone: otherwise another one of
 * the same name would begin the file anew, and what got that name would not be
 * whole. A lock on the byte at 0 of its -live, which stores leave free. -1: it
 * is somebody else's. */
static int claim(store *s, const char *made, store_result *r)
{
    struct stat about = { .st_nlink = 0 };
    char name[PATH_CAP + 16];
    int fd = -1;

    snprintf(name, sizeof name, "%s-live", made);
    /* Without a name: it was removed by one who has just finished. */
    do {
        if (fd >= 0) {
            close(fd);
        }
        fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    } while (fd >= 0 && lock_live(fd, &about) && about.st_nlink == 0);
    if (about.st_nlink > 0) {
        return fd;
    }
    const int why = errno;
    *r = fd >= 0 && (why == EAGAIN || why == EACCES)
             ? store__fail(s, STORE_REFUSED, "%s: it is being made by another",
                           made)
             : store__fail(s, STORE_BROKEN, "%s: %s", name, strerror(why));
    if (fd >= 0) {
        close(fd);
    }
    return -1;
}

static void remove_all(const char *path)
{
    static const char *const parts[] = { "", "-wal", "-shm" };
    char name[PATH_CAP + 16];

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        snprintf(name, sizeof name, "%s%s", path, parts[i]);
        (void)unlink(name);
    }
}

/* Under its own name only when it is whole; never over another file. */
static store_result publish(store *s, const char *made, const char *path)
{
    if (link(made, path) != 0) {
        return store__fail(s, errno == EEXIST ? STORE_REFUSED : STORE_BROKEN,
                           "%s: %s", path, strerror(errno));
    }
    return state_file_sync_name(path)
               ? STORE_OK
               : store__fail(s, STORE_BROKEN, "%s: %s", path, strerror(errno));
}

static store_result make(store *s, const char *made, const char *path)
{
    const store_options options = { made, NULL, NULL };
    uint64_t sum = 0;

    remove_all(made); /* of an attempt that was cut short */
    store *to = store__open(&options, true, s->why, sizeof s->why);
    store_result r = to != NULL ? fill(s, to, &sum) : STORE_BROKEN;
    if (to != NULL && r != STORE_OK && store_error(to)[0] != '\0') {
        store__fail(s, r, "%s", store_error(to));
    }
    store_close(to);
    if (r == STORE_OK) {
        r = check(s, &options, sum);
    }
    if (r == STORE_OK) {
        r = publish(s, made, path);
    }
    remove_all(made);
    return r;
}

store_result store_backup(store *s, const char *path)
{
    char made[PATH_CAP];
    char live[PATH_CAP + 16];
    store_result r = STORE_BROKEN;

    if (s->open) {
        return store__fail(s, STORE_REFUSED, "a transaction is open");
    }
    const int len = snprintf(made, sizeof made, "%s%s.new",
                             strchr(path, '/') != NULL ? "" : "./", path);
    if (len < 0 || (size_t)len >= sizeof made) {
        return store__fail(s, STORE_REFUSED, "the name is too long");
    }
    if (access(path, F_OK) == 0) {
        return store__fail(s, STORE_REFUSED, "%s: there is such a file", path);
    }
    const int claimed = claim(s, made, &r);
    if (claimed >= 0) {
        r = make(s, made, path);
        snprintf(live, sizeof live, "%s-live", made);
        (void)unlink(live);
        close(claimed);
    }
    return r;
}

/* --- restoring ----------------------------------------------------------- */

static void on_count(void *user, const store_row *row)
{
    *(uint64_t *)user += store__number_at(row, 0);
}

static store_result check_empty(store *s)
{
    static const char sql[] =
        "SELECT (SELECT count(*) FROM lease) + (SELECT count(*) FROM serial)"
        " + (SELECT count(*) FROM counter)"
        " + (SELECT count(*) FROM enrolment)"
        " + (SELECT count(*) FROM event)";
    uint64_t count = 0;
    const store_query q = { sql, NULL, 0, on_count, &count };
    const store_result r = store__run(s, &q);

    return r == STORE_OK && count != 0
               ? store__fail(s, STORE_REFUSED, "not empty")
               : r;
}

/* Before anything is made: a backup, whose secrets are sealed with this key,
 * as those of the store will be. */
static store_result check_source(store *from, const char *key_file)
{
    uint8_t value[32];
    size_t len;
    const store_result r =
        store__info_get(from, "copy", value, sizeof value, &len);

    if (r == STORE_NONE) {
        return store__fail(from, STORE_REFUSED, "not a backup, but a store");
    }
    if (r != STORE_OK) {
        return r;
    }
    from->copying = false; /* it is asked as a store is */
    return store__key_open(from, key_file, false);
}

static store_result restore(store *from, store *to)
{
    uint64_t sum;
    store_result r = store_begin(to);

    if (r == STORE_OK) {
        r = check_empty(to);
    }
    if (r == STORE_OK) {
        r = copy_rows(from, to, true, &sum);
        if (r != STORE_OK && store_error(to)[0] == '\0') {
            store__fail(to, r, "%s", store_error(from));
        }
    }
    if (r == STORE_OK) {
        return store_commit(to);
    }
    store_rollback(to);
    return r;
}

store_result store_restore(const char *path, const store_options *into,
                           char *error, size_t cap)
{
    const store_options options = { path, NULL, into->crypto };
    store_result r;
    store *to;

    if (access(path, F_OK) != 0) {
        r = errno == ENOENT ? STORE_NONE : STORE_BROKEN;
        snprintf(error, cap, "%s: %s", path, strerror(errno));
        return r;
    }
    store *from = store__open(&options, true, error, cap);
    if (from == NULL) {
        return STORE_BROKEN;
    }
    r = check_source(from, into->key_file);
    if (r != STORE_OK) {
        snprintf(error, cap, "%s: %s", path, store_error(from));
        store_close(from);
        return r;
    }
    to = store_open(into, error, cap);
    r = to != NULL ? restore(from, to) : STORE_BROKEN;
    if (to != NULL && r != STORE_OK) {
        snprintf(error, cap, "%s", store_error(to));
    }
    store_close(to);
    store_close(from);
    return r;
}
