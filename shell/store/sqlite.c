/* SPDX-License-Identifier: BSD-2-Clause */
/* A store in a file. Write-ahead log, synchronised at each commit: what was
 * committed survives a loss of power, if the disk does not lie.
 *
 * Beside the file FILE and what SQLite adds (-wal, -shm) there is FILE-live.
 * Nothing is stored in it. Each process that has the store open holds a lock
 * on the byte whose place is its owner number, which the kernel takes away
 * when it dies; and who wakes the others writes the byte at 0. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PATH_CAP = 1024,
    STATEMENTS_MAX = 128,
    BUSY_MS = 10000,
    PAUSE_MS = 10,
    APPLICATION_ID = 0x636f7679 /* "covy" */
};

struct prepared {
    const char *sql;
    sqlite3_stmt *stmt;
};

struct file {
    sqlite3 *db;
    int live;
    struct prepared prepared[STATEMENTS_MAX];
    size_t count;
};

/* --- results ------------------------------------------------------------- */

static store_result failed(store *s, int code)
{
    const struct file *f = s->native;
    const int primary = code & 0xff;

    store__fail(s, STORE_OK, "%s",
                f->db != NULL ? sqlite3_errmsg(f->db) : sqlite3_errstr(code));
    return primary == SQLITE_BUSY || primary == SQLITE_LOCKED ? STORE_AGAIN
                                                              : STORE_BROKEN;
}

static store_result failed_errno(store *s, const char *what)
{
    return store__fail(s, STORE_BROKEN, "%s: %s", what, strerror(errno));
}

static store_result script(store *s, const char *sql)
{
    const struct file *f = s->native;
    const int code = sqlite3_exec(f->db, sql, NULL, NULL, NULL);

    return code == SQLITE_OK ? STORE_OK : failed(s, code);
}

/* --- statements ---------------------------------------------------------- */

static int prepare(struct file *f, const char *sql, sqlite3_stmt **out)
{
    for (size_t i = 0; i < f->count; i++) {
        if (f->prepared[i].sql == sql) {
            *out = f->prepared[i].stmt;
            return SQLITE_OK;
        }
    }
    if (f->count == STATEMENTS_MAX) {
        return SQLITE_FULL;
    }
    const int code = sqlite3_prepare_v3(f->db, sql, -1,
                                        SQLITE_PREPARE_PERSISTENT, out, NULL);
    if (code == SQLITE_OK) {
        f->prepared[f->count].sql = sql;
        f->prepared[f->count++].stmt = *out;
    }
    return code;
}

static int bind_one(sqlite3_stmt *stmt, int at, const store_value *v)
{
    const char *text = (const char *)v->bytes.ptr;

    if (v->kind == STORE_NUMBER) {
        return sqlite3_bind_int64(stmt, at, (sqlite3_int64)v->number);
    }
    if (v->kind == STORE_NULL || v->bytes.ptr == NULL) {
        return sqlite3_bind_null(stmt, at);
    }
    if (v->kind == STORE_TEXT) {
        return sqlite3_bind_text64(stmt, at, text, v->bytes.len, SQLITE_STATIC,
                                   SQLITE_UTF8);
    }
    return v->bytes.len == 0
               ? sqlite3_bind_zeroblob(stmt, at, 0)
               : sqlite3_bind_blob64(stmt, at, v->bytes.ptr, v->bytes.len,
                                     SQLITE_STATIC);
}

static int bind_all(sqlite3_stmt *stmt, const store_query *q)
{
    int code = SQLITE_OK;

    for (size_t i = 0; i < q->count && code == SQLITE_OK; i++) {
        char name[8];
        snprintf(name, sizeof name, "$%u", (unsigned)i + 1);
        const int at = sqlite3_bind_parameter_index(stmt, name);
        code = at != 0 ? bind_one(stmt, at, &q->values[i]) : SQLITE_RANGE;
    }
    return code;
}

static store_result run(store *s, const store_query *q)
{
    struct file *f = s->native;
    sqlite3_stmt *stmt = NULL;
    int code = prepare(f, q->sql, &stmt);

    if (code == SQLITE_OK) {
        code = bind_all(stmt, q);
    }
    if (code != SQLITE_OK) {
        return failed(s, code);
    }
    store_row row = { s, stmt, 0, sqlite3_column_count(stmt) };
    while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
        if (q->row != NULL) {
            q->row(q->user, &row);
        }
        row.index++;
    }
    s->changed = (uint64_t)sqlite3_changes64(f->db);
    const store_result r = code == SQLITE_DONE ? STORE_OK : failed(s, code);
    sqlite3_reset(stmt);
    sqlite3_clear_bindings(stmt);
    return r;
}

static void value(const store_row *row, int column, store_value *out)
{
    static const uint8_t none[1];
    sqlite3_stmt *stmt = row->native;
    const int type = sqlite3_column_type(stmt, column);

    memset(out, 0, sizeof *out);
    if (type == SQLITE_INTEGER) {
        *out = store__number((uint64_t)sqlite3_column_int64(stmt, column));
    } else if (type == SQLITE_TEXT || type == SQLITE_BLOB) {
        const uint8_t *bytes = sqlite3_column_blob(stmt, column);
        const int len = sqlite3_column_bytes(stmt, column);
        out->kind = type == SQLITE_TEXT ? STORE_TEXT : STORE_BYTES;
        out->bytes = covey_bytes_of(bytes != NULL ? bytes : none, (size_t)len);
    }
}

/* --- who is alive, and waking -------------------------------------------- */

static struct flock byte_at(uint64_t owner, short type)
{
    const struct flock lock = { .l_type = type,
                                .l_whence = SEEK_SET,
                                .l_start = (off_t)owner,
                                .l_len = 1 };
    return lock;
}

static store_result alive(store *s, uint64_t owner, bool *out)
{
    const struct file *f = s->native;
    struct flock lock = byte_at(owner, F_WRLCK);

    /* A lock of one's own is not in one's own way. */
    if (owner == s->owner) {
        *out = true;
        return STORE_OK;
    }
    if (fcntl(f->live, F_OFD_GETLK, &lock) != 0) {
        return failed_errno(s, "lock");
    }
    *out = lock.l_type != F_UNLCK;
    return STORE_OK;
}

static store_result wake(store *s)
{
    const struct file *f = s->native;
    const uint8_t byte = 0;

    return pwrite(f->live, &byte, 1, 0) == 1 ? STORE_OK
                                             : failed_errno(s, "wake");
}

static bool woken(store *s)
{
    char events[1024];
    bool any = false;

    while (s->fd >= 0 && read(s->fd, events, sizeof events) > 0) {
        any = true;
    }
    return any;
}

static store_result open_live(store *s, const char *path)
{
    struct file *f = s->native;
    char name[PATH_CAP + 8];

    snprintf(name, sizeof name, "%s-live", path);
    f->live = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (f->live < 0) {
        return failed_errno(s, name);
    }
    do {
        if (getrandom(&s->owner, sizeof s->owner, 0) !=
            (ssize_t)sizeof s->owner) {
            return failed_errno(s, "getrandom");
        }
        s->owner &= INT64_MAX >> 1;
    } while (s->owner == 0);
    struct flock lock = byte_at(s->owner, F_WRLCK);
    if (fcntl(f->live, F_OFD_SETLK, &lock) != 0) {
        return failed_errno(s, "lock");
    }
    s->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (s->fd < 0 || inotify_add_watch(s->fd, name, IN_MODIFY) < 0) {
        return failed_errno(s, "inotify");
    }
    return STORE_OK;
}

/* --- opening ------------------------------------------------------------- */

/* Made before SQLite sees it, so that nobody else can ever read it. */
static store_result make_file(store *s, const char *path)
{
    struct stat st;
    const int make = s->existing ? 0 : O_CREAT;
    const int fd = open(path, O_RDWR | make | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0 || fstat(fd, &st) != 0) {
        store__fail(s, STORE_OK, "%s", strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return STORE_BROKEN;
    }
    /* No lock of SQLite's is held yet that this would drop. */
    close(fd);
    if (!S_ISREG(st.st_mode)) {
        return store__fail(s, STORE_BROKEN, "not a file");
    }
    if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return store__fail(s, STORE_BROKEN,
                           "others may read or write it: mode %04o, expected "
                           "0600",
                           (unsigned)st.st_mode & 07777U);
    }
    return STORE_OK;
}

/* What a file says of itself. */
struct kind {
    uint64_t application;
    uint64_t tables;
};

static void on_kind(void *user, const store_row *row)
{
    struct kind *k = user;

    k->application = store__number_at(row, 0);
    k->tables = store__number_at(row, 1);
}

/* Another program's database is left alone. Asked in one statement: between
 * two, another process could begin the file. */
static store_result check_kind(store *s)
{
    static const char sql[] =
        "SELECT application_id, (SELECT count(*) FROM sqlite_schema)"
        " FROM pragma_application_id";
    struct kind kind = { 0 };
    const store_query ask = { sql, NULL, 0, on_kind, &kind };
    store_result r = run(s, &ask);

    if (r == STORE_OK && kind.application != APPLICATION_ID &&
        (kind.application != 0 || kind.tables != 0)) {
        return store__fail(s, STORE_BROKEN, "a database of another program");
    }
    if (r == STORE_OK && kind.application == 0) {
        r = script(s, "PRAGMA application_id = 1668249209");
    }
    return r;
}

static store_result set_up_once(store *s)
{
    store_result r = check_kind(s);
    if (r != STORE_OK) {
        return r;
    }
    return script(s, "PRAGMA journal_mode = WAL;"
                     "PRAGMA synchronous = FULL;"
                     "PRAGMA foreign_keys = ON;"
                     "PRAGMA secure_delete = ON;"
                     "PRAGMA temp_store = MEMORY;"
                     "PRAGMA cell_size_check = ON");
}

/* SQLite's own patience does not help two processes that begin the file at the
 * same time: who would wait in the middle of the change to a write-ahead log
 * is refused at once, since both could wait for each other. It begins after
 * this one: together they would multiply. */
static store_result set_up(store *s)
{
    const struct file *f = s->native;
    store_result r = STORE_AGAIN;

    sqlite3_db_config(f->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(f->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    for (int i = 0; r == STORE_AGAIN && i < BUSY_MS / PAUSE_MS; i++) {
        if (i > 0) {
            sqlite3_sleep(PAUSE_MS);
        }
        r = set_up_once(s);
    }
    sqlite3_busy_timeout(f->db, BUSY_MS);
    return r;
}

static store_result open_file(store *s)
{
    struct file *f = calloc(1, sizeof *f);
    char path[PATH_CAP];

    if (f == NULL) {
        return store__fail(s, STORE_BROKEN, "out of memory");
    }
    f->live = -1;
    s->native = f;
    /* ":memory:" is a name like any other. */
    const int len =
        snprintf(path, sizeof path, "%s%s",
                 strchr(s->where, '/') != NULL ? "" : "./", s->where);
    if (len < 0 || (size_t)len >= sizeof path) {
        return store__fail(s, STORE_BROKEN, "the name is too long");
    }
    store_result r = make_file(s, path);
    if (r != STORE_OK) {
        return r;
    }
    const int code = sqlite3_open_v2(
        path, &f->db,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
        NULL);
    r = code == SQLITE_OK ? set_up(s) : failed(s, code);
    return r == STORE_OK ? open_live(s, path) : r;
}

static void close_file(store *s)
{
    struct file *f = s->native;

    if (f == NULL) {
        return;
    }
    for (size_t i = 0; i < f->count; i++) {
        sqlite3_finalize(f->prepared[i].stmt);
    }
    sqlite3_close(f->db);
    if (f->live >= 0) {
        close(f->live);
    }
    if (s->fd >= 0) {
        close(s->fd);
    }
    free(f);
}

const store_driver store__sqlite = {
    .open = open_file,
    .close = close_file,
    .run = run,
    .script = script,
    .alive = alive,
    .wake = wake,
    .woken = woken,
    .value = value,
    .begin = "BEGIN IMMEDIATE",
    .begin_snapshot = "BEGIN",
    .schema = store__schema_sqlite,
};
