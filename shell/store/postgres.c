/* SPDX-License-Identifier: BSD-2-Clause */
/* A store that several hosts share. Tables are in the schema that the URI
 * leads to (search_path; by default public).
 *
 * Each open store holds a session lock on its owner number, which the server
 * takes away when the connection is gone; who wakes the others notifies the
 * channel. A lost connection is made anew with the next call, under the same
 * owner number: if somebody else took a lease meanwhile, its epoch says so.
 *
 * After store_begin_later statements go into libpq's pipeline, from BEGIN on.
 * One whose result is wanted goes in last, and all results before it come with
 * it; so does everything once before COMMIT. A join is a part of two round
 * trips then, and not four of its own. */
#include "internal.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum {
    STATEMENTS_MAX = 128,
    VALUES_MAX = 16,
    NAME_MAX_LEN = 24,
    /* Results that are not read: what the server writes of them must fit into
     * the buffers between, or both would wait for each other. */
    DUE_MAX = 256,
    /* pg_type.dat */
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_TEXT = 25
};

#define CHANNEL "covey_store"
/* Both halves of the locks' numbers: of migrations, here in ASCII. */
#define LOCK_SCHEMA "7165064744911536449"

struct connection {
    PGconn *pg;
    const char *prepared[STATEMENTS_MAX];
    size_t count;
    bool piped;            /* in pipeline mode */
    bool changes[DUE_MAX]; /* of results that are due: it has to */
    size_t due;
    bool called; /* and nobody has looked yet */
};

/* --- results ------------------------------------------------------------- */

/* SQLSTATEs after which another attempt may succeed: connections, deadlocks
 * and timeouts, servers that stop, start, are full or only read, a unique
 * value that somebody else stored at the same time. */
static bool passes_by(const char *state)
{
    static const char *const prefixes[] = { "08",    "57P",   "40",
                                            "55P03", "53",    "57014",
                                            "25006", "25P03", "23505" };

    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        if (strncmp(state, prefixes[i], strlen(prefixes[i])) == 0) {
            return true;
        }
    }
    return false;
}

/* One line of what libpq says. */
static void say(store *s, const char *text)
{
    store__fail(s, STORE_OK, "%.*s", (int)strcspn(text, "\n"), text);
}

static store_result failed(store *s, const PGresult *result)
{
    const struct connection *c = s->native;
    const char *state =
        result != NULL ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;

    say(s, PQerrorMessage(c->pg));
    if (PQstatus(c->pg) != CONNECTION_OK) {
        return STORE_AGAIN;
    }
    return state != NULL && passes_by(state) ? STORE_AGAIN : STORE_BROKEN;
}

/* Also frees the result. */
static store_result judge(store *s, PGresult *result)
{
    const ExecStatusType status = PQresultStatus(result);
    const bool good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    const store_result r = good ? STORE_OK : failed(s, result);

    PQclear(result);
    return r;
}

/* --- connections --------------------------------------------------------- */

static void silent(void *user, const PGresult *result)
{
    (void)user;
    (void)result;
}

/* A number that was durable must not come back. */
static store_result check_durable(store *s)
{
    const struct connection *c = s->native;
    PGresult *result = PQexec(c->pg, "SHOW fsync");

    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
        return judge(s, result);
    }
    const bool on = strcmp(PQgetvalue(result, 0, 0), "on") == 0;
    PQclear(result);
    return on ? STORE_OK
              : store__fail(s, STORE_BROKEN,
                            "the server has fsync off: what it has stored "
                            "does not survive");
}

static store_result set_up(store *s)
{
    static const char session[] =
        "SELECT set_config('synchronous_commit', 'on', false)"
        " WHERE current_setting('synchronous_commit') IN ('off', 'local');"
        /* Conditions are about what is there now: who has waited for a lock
         * must see what was stored meanwhile. */
        "SET default_transaction_isolation = 'read committed';"
        "SET lock_timeout = '10s';"
        "SET statement_timeout = '30s';"
        "SET idle_in_transaction_session_timeout = '60s';"
        "LISTEN " CHANNEL ";";
    struct connection *c = s->native;
    char lock[96];

    c->count = 0;
    PQsetNoticeReceiver(c->pg, silent, NULL);
    s->fd = PQsocket(c->pg);
    store_result r = check_durable(s);
    if (r == STORE_OK) {
        r = judge(s, PQexec(c->pg, session));
    }
    if (r == STORE_OK) {
        snprintf(lock, sizeof lock, "SELECT pg_advisory_lock(%lld)",
                 (long long)s->owner);
        r = judge(s, PQexec(c->pg, lock));
    }
    return r;
}

/* A connection that is usable, or why there is none. */
static store_result reach(store *s)
{
    struct connection *c = s->native;

    if (PQstatus(c->pg) == CONNECTION_OK) {
        return STORE_OK;
    }
    c->piped = false;
    c->due = 0;
    if (s->open) {
        return STORE_AGAIN;
    }
    PQreset(c->pg);
    if (PQstatus(c->pg) != CONNECTION_OK) {
        say(s, PQerrorMessage(c->pg));
        s->fd = -1;
        return STORE_AGAIN;
    }
    return set_up(s);
}

static store_result open_server(store *s)
{
    /* What the URI says comes last and so counts. */
    const char *const keywords[] = {
        "connect_timeout",  "keepalives_idle",  "keepalives_interval",
        "keepalives_count", "tcp_user_timeout", "application_name",
        "client_encoding",  "dbname",           NULL
    };
    const char *const values[] = { "5",     "10",   "5",      "3", "15000",
                                   "covey", "UTF8", s->where, NULL };
    struct connection *c = calloc(1, sizeof *c);

    if (c == NULL) {
        return store__fail(s, STORE_BROKEN, "out of memory");
    }
    s->native = c;
    do {
        if (getrandom(&s->owner, sizeof s->owner, 0) !=
            (ssize_t)sizeof s->owner) {
            return store__fail(s, STORE_BROKEN, "no random numbers");
        }
        s->owner &= INT64_MAX;
    } while (s->owner == 0);
    c->pg = PQconnectdbParams(keywords, values, 1);
    if (PQstatus(c->pg) != CONNECTION_OK) {
        say(s, PQerrorMessage(c->pg));
        return STORE_AGAIN;
    }
    return set_up(s);
}

static void close_server(store *s)
{
    struct connection *c = s->native;

    if (c != NULL) {
        /* The server notices the end of a connection a little later. */
        PQclear(PQexec(c->pg, "SELECT pg_advisory_unlock_all()"));
        PQfinish(c->pg);
        free(c);
    }
}

/* --- statements ---------------------------------------------------------- */

struct parameters {
    Oid types[VALUES_MAX];
    const char *values[VALUES_MAX];
    int lengths[VALUES_MAX];
    int formats[VALUES_MAX];
    uint8_t numbers[VALUES_MAX][8];
};

static void set_parameter(struct parameters *p, size_t i, const store_value *v)
{
    p->formats[i] = 1;
    if (v->kind == STORE_NUMBER) {
        for (int k = 0; k < 8; k++) {
            p->numbers[i][k] = (uint8_t)(v->number >> (56 - 8 * k));
        }
        p->types[i] = OID_INT8;
        p->values[i] = (const char *)p->numbers[i];
        p->lengths[i] = 8;
        return;
    }
    p->types[i] = v->kind == STORE_TEXT ? OID_TEXT : OID_BYTEA;
    p->values[i] = (const char *)v->bytes.ptr;
    p->lengths[i] = (int)v->bytes.len;
}

static void name_of(const char *sql, char name[NAME_MAX_LEN])
{
    snprintf(name, NAME_MAX_LEN, "q%llx", (unsigned long long)(uintptr_t)sql);
}

static bool is_prepared(const struct connection *c, const char *sql)
{
    size_t i = 0;

    while (i < c->count && c->prepared[i] != sql) {
        i++;
    }
    return i < c->count;
}

static store_result prepare(store *s, const store_query *q,
                            const struct parameters *p)
{
    struct connection *c = s->native;
    char name[NAME_MAX_LEN];

    if (is_prepared(c, q->sql)) {
        return STORE_OK;
    }
    if (c->count == STATEMENTS_MAX) {
        return store__fail(s, STORE_BROKEN, "too many statements");
    }
    name_of(q->sql, name);
    const store_result r =
        judge(s, PQprepare(c->pg, name, q->sql, (int)q->count, p->types));
    if (r == STORE_OK) {
        c->prepared[c->count++] = q->sql;
    }
    return r;
}

static void take_rows(store *s, const store_query *q, PGresult *result)
{
    store_row row = { s, result, 0, PQnfields(result) };
    const int rows =
        PQresultStatus(result) == PGRES_TUPLES_OK ? PQntuples(result) : 0;

    for (; q->row != NULL && row.index < rows; row.index++) {
        q->row(q->user, &row);
    }
    s->changed = strtoull(PQcmdTuples(result), NULL, 10);
}

/* --- the pipeline -------------------------------------------------------- */

static store_result send_failed(store *s)
{
    return failed(s, NULL) == STORE_AGAIN ? STORE_AGAIN : STORE_BROKEN;
}

/* The next result of those that are due; `q`, unless NULL, wants its rows. */
static store_result take_due(store *s, size_t i, const store_query *q)
{
    struct connection *c = s->native;
    PGresult *result = PQgetResult(c->pg);
    const ExecStatusType status = PQresultStatus(result);

    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
        if (q != NULL) {
            take_rows(s, q, result);
        }
        s->taken =
            s->taken || (c->changes[i] && PQcmdTuples(result)[0] == '0');
    }
    const store_result r = judge(s, result);
    PQclear(PQgetResult(c->pg)); /* NULL: the end of it */
    return r;
}

/* All results that are due; `last`, unless NULL, is the last of them. Gives
 * the first failure: what comes after it is not done. */
static store_result read_due(store *s, const store_query *last)
{
    struct connection *c = s->native;
    const size_t due = c->due;
    store_result r = STORE_OK;

    c->due = 0;
    if (!c->piped) {
        return STORE_OK;
    }
    if (PQpipelineSync(c->pg) != 1) {
        r = send_failed(s);
    }
    for (size_t i = 0; i < due && PQstatus(c->pg) == CONNECTION_OK; i++) {
        const bool wanted = i + 1 == due && r == STORE_OK;
        const store_result one = take_due(s, i, wanted ? last : NULL);
        r = r == STORE_OK ? one : r;
    }
    if (PQstatus(c->pg) == CONNECTION_OK) {
        PQclear(PQgetResult(c->pg)); /* the synchronisation */
        c->piped = PQexitPipelineMode(c->pg) != 1;
    }
    return PQstatus(c->pg) == CONNECTION_OK ? r : STORE_AGAIN;
}

static store_result settle(store *s)
{
    return read_due(s, NULL);
}

static store_result enter_pipeline(store *s)
{
    struct connection *c = s->native;

    if (c->due == DUE_MAX) {
        const store_result r = read_due(s, NULL);
        if (r != STORE_OK) {
            return r;
        }
    }
    c->piped = c->piped || PQenterPipelineMode(c->pg) == 1;
    return c->piped ? STORE_OK : send_failed(s);
}

/* Without values and rows. */
static store_result send_script(store *s, const char *sql)
{
    struct connection *c = s->native;
    const store_result r = enter_pipeline(s);

    if (r != STORE_OK) {
        return r;
    }
    if (PQsendQueryParams(c->pg, sql, 0, NULL, NULL, NULL, NULL, 1) != 1) {
        return send_failed(s);
    }
    c->changes[c->due++] = false;
    return STORE_OK;
}

static store_result send_query(store *s, const store_query *q,
                               const struct parameters *p)
{
    struct connection *c = s->native;
    char name[NAME_MAX_LEN];
    store_result r = STORE_OK;

    if (!is_prepared(c, q->sql)) {
        r = read_due(s, NULL);
        if (r == STORE_OK) {
            r = prepare(s, q, p);
        }
    }
    if (r == STORE_OK) {
        r = enter_pipeline(s);
    }
    if (r != STORE_OK) {
        return r;
    }
    name_of(q->sql, name);
    if (PQsendQueryPrepared(c->pg, name, (int)q->count, p->values, p->lengths,
                            p->formats, 1) != 1) {
        return send_failed(s);
    }
    c->changes[c->due++] = s->when == STORE_LATER_CHANGE;
    s->changed = 1;
    return s->when != STORE_NOW ? STORE_OK : read_due(s, q);
}

static store_result run_now(store *s, const store_query *q,
                            const struct parameters *p)
{
    struct connection *c = s->native;
    char name[NAME_MAX_LEN];
    const store_result r = prepare(s, q, p);

    if (r != STORE_OK) {
        return r;
    }
    name_of(q->sql, name);
    PGresult *result = PQexecPrepared(c->pg, name, (int)q->count, p->values,
                                      p->lengths, p->formats, 1);
    take_rows(s, q, result);
    return judge(s, result);
}

static store_result run(store *s, const store_query *q)
{
    struct parameters p;
    store_result r = reach(s);

    if (q->count > VALUES_MAX) {
        return store__fail(s, STORE_BROKEN, "too many values");
    }
    if (r != STORE_OK) {
        return r;
    }
    for (size_t i = 0; i < q->count; i++) {
        set_parameter(&p, i, &q->values[i]);
    }
    r = (s->later ? send_query : run_now)(s, q, &p);
    covey_wipe(&p, sizeof p);
    return r;
}

static store_result script(store *s, const char *sql)
{
    struct connection *c = s->native;
    store_result r = reach(s);

    if (r != STORE_OK) {
        return r;
    }
    if (s->later && strcmp(sql, "COMMIT") != 0 &&
        strcmp(sql, "ROLLBACK") != 0) {
        return send_script(s, sql);
    }
    r = read_due(s, NULL); /* whatever came of it before ROLLBACK */
    if (r != STORE_OK && strcmp(sql, "ROLLBACK") != 0) {
        return r;
    }
    PGresult *result = PQexec(c->pg, sql);
    /* After an error inside a transaction COMMIT succeeds as a rollback. */
    if (strcmp(sql, "COMMIT") == 0 &&
        PQresultStatus(result) == PGRES_COMMAND_OK &&
        strcmp(PQcmdStatus(result), "COMMIT") != 0) {
        PQclear(result);
        return store__fail(s, STORE_AGAIN, "rolled back");
    }
    return judge(s, result);
}

static uint64_t number_of(const uint8_t *bytes, int len)
{
    uint64_t n = len > 0 && (bytes[0] & 0x80) != 0 ? UINT64_MAX : 0;

    for (int i = 0; i < len; i++) {
        n = n << 8 | bytes[i];
    }
    return n;
}

static void value(const store_row *row, int column, store_value *out)
{
    const PGresult *result = row->native;
    const uint8_t *bytes =
        (const uint8_t *)PQgetvalue(result, row->index, column);
    const int len = PQgetlength(result, row->index, column);
    const Oid type = PQftype(result, column);

    memset(out, 0, sizeof *out);
    if (PQgetisnull(result, row->index, column)) {
        return;
    }
    if (type == OID_TEXT || type == OID_BYTEA) {
        out->kind = type == OID_TEXT ? STORE_TEXT : STORE_BYTES;
        out->bytes = covey_bytes_of(bytes, (size_t)len);
    } else { /* integers of any length, truth values */
        *out = store__number(number_of(bytes, len));
    }
}

/* --- who is alive, and waking -------------------------------------------- */

static void on_alive(void *user, const store_row *row)
{
    *(bool *)user = store__number_at(row, 0) != 0;
}

static store_result alive(store *s, uint64_t owner, bool *out)
{
    static const char sql[] =
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
        " AND database = (SELECT oid FROM pg_database"
        " WHERE datname = current_database())"
        " AND classid::bigint = ($1 >> 32)"
        " AND objid::bigint = ($1 & 4294967295)"
        " AND objsubid = 1 AND granted";
    const store_value v = store__number(owner);
    const store_query q = { sql, &v, 1, on_alive, out };

    return run(s, &q);
}

static store_result wake(store *s)
{
    return script(s, "NOTIFY " CHANNEL);
}

/* Of what has been read from the server. */
static bool called(store *s)
{
    struct connection *c = s->native;
    PGnotify *notice;

    while ((notice = PQnotifies(c->pg)) != NULL) {
        c->called = c->called || notice->be_pid != PQbackendPID(c->pg);
        PQfreemem(notice);
    }
    return c->called;
}

static bool woken(store *s)
{
    struct connection *c = s->native;

    PQconsumeInput(c->pg);
    const bool any = called(s);
    c->called = false;
    /* Who was away may have missed a call. */
    return any || (PQstatus(c->pg) != CONNECTION_OK && reach(s) == STORE_OK);
}

const store_driver store__postgres = {
    .open = open_server,
    .close = close_server,
    .run = run,
    .settle = settle,
    .script = script,
    .alive = alive,
    .wake = wake,
    .woken = woken,
    .called = called,
    .value = value,
    .wakes_inside = true,
    .begin = "BEGIN",
    .begin_snapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    .lock_schema = "SELECT pg_advisory_xact_lock(" LOCK_SCHEMA ")",
    .schema = store__schema_postgres,
};
