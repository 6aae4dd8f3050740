/* SPDX-License-Identifier: BSD-2-Clause */
/* Nodes that may ask the Group Manager, and what has been done. */
#include "groups.h"

#include "internal.h"

#include <covey/oscore.h>

/* --- enrolments ---------------------------------------------------------- */

static store_place secret_of(covey_bytes name)
{
    const store_place place = { "enrolment.master_secret", name, 0 };
    return place;
}

/* In SQL, NULLs are not equal: no ID Context is empty, any other one begins
 * with 01. */
static void context_of(covey_bytes id_context, covey_writer *w)
{
    if (id_context.ptr != NULL) {
        covey_write_u8(w, 1);
        covey_write_bytes(w, id_context);
    }
}

static void on_found(void *user, const store_row *row)
{
    (void)row;
    *(bool *)user = true;
}

/* Another node must not have what requests are told apart by. If two are
 * enrolled at the same time, the database's own constraint remains. */
static store_result check_unique(store *s, const store_value *v)
{
    static const char sql[] = "SELECT name FROM enrolment WHERE name <> $1"
                              " AND recipient_id = $2 AND context = $3";
    bool found = false;
    const store_query q = { sql, v, 3, on_found, &found };
    const store_result r = store__run(s, &q);

    return r == STORE_OK && found
               ? store__fail(s, STORE_TAKEN,
                             "another node has this ID in this ID Context")
               : r;
}

static store_result put(store *s, const store_enrolment *e,
                        covey_bytes context, covey_bytes sealed)
{
    static const char sql[] =
        "INSERT INTO enrolment (name, recipient_id, context, aead, hkdf,"
        " sender_id, master_secret, master_salt, scope, credential)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        " ON CONFLICT (name) DO UPDATE SET"
        " recipient_id = excluded.recipient_id, context = excluded.context,"
        " aead = excluded.aead, hkdf = excluded.hkdf,"
        " sender_id = excluded.sender_id,"
        " master_secret = excluded.master_secret,"
        " master_salt = excluded.master_salt, scope = excluded.scope,"
        " credential = excluded.credential";
    const store_value v[] = { store__text(e->name),
                              store__bytes(e->recipient_id),
                              store__bytes(context),
                              store__number((uint64_t)e->aead),
                              store__number((uint64_t)e->hkdf),
                              store__bytes(e->sender_id),
                              store__bytes(sealed),
                              store__bytes(e->master_salt),
                              store__bytes(e->scope),
                              store__bytes(e->credential) };
    const store_query q = { sql, v, sizeof v / sizeof v[0], NULL, NULL };
    const store_result r = check_unique(s, v);

    return r == STORE_OK ? store__run(s, &q) : r;
}

store_result store_enrol(store *s, const store_enrolment *e)
{
    uint8_t sealed[STORE_SEALED_MAX];
    uint8_t context[1 + COVEY_OSCORE_ID_CONTEXT_MAX];
    covey_writer w = covey_writer_of(sealed, sizeof sealed);
    covey_writer c = covey_writer_of(context, sizeof context);
    const store_place place = secret_of(e->name);
    store_scope scope;
    store_result r;

    context_of(e->id_context, &c);
    if (e->name.len == 0 || e->sender_id.ptr == NULL ||
        e->recipient_id.ptr == NULL || e->scope.ptr == NULL ||
        c.failed != COVEY_OK) {
        return store__fail(s, STORE_REFUSED, "no such enrolment can be");
    }
    r = store__enter(s, &scope);
    if (r == STORE_OK) {
        r = store__seal(s, &place, e->master_secret, &w);
    }
    if (r == STORE_OK) {
        r = put(s, e, covey_written(&c), covey_written(&w));
    }
    covey_wipe(sealed, sizeof sealed);
    return store__leave(s, &scope, r);
}

store_result store_disenrol(store *s, covey_bytes name)
{
    static const char sql[] = "DELETE FROM enrolment WHERE name = $1";
    const store_value v = store__text(name);
    const store_query q = { sql, &v, 1, NULL, NULL };
    const store_result r = store__run(s, &q);

    return r == STORE_OK && s->changed == 0 ? STORE_NONE : r;
}

struct each_enrolment {
    store_on_enrolment *each;
    void *user;
    store_result result;
    size_t count;
};

static covey_bytes id_context_of(covey_bytes context)
{
    return context.len == 0 ? covey_bytes_of(NULL, 0)
                            : covey_bytes_of(context.ptr + 1, context.len - 1);
}

static void on_enrolment(void *user, const store_row *row)
{
    struct each_enrolment *each = user;
    uint8_t secret[STORE_SECRET_MAX];
    covey_writer w = covey_writer_of(secret, sizeof secret);
    store_enrolment e = {
        .name = store__bytes_at(row, 0),
        .recipient_id = store__bytes_at(row, 1),
        .id_context = id_context_of(store__bytes_at(row, 2)),
        .aead = (int32_t)store__number_at(row, 3),
        .hkdf = (int32_t)store__number_at(row, 4),
        .sender_id = store__bytes_at(row, 5),
        .master_salt = store__bytes_at(row, 7),
        .scope = store__bytes_at(row, 8),
        .credential = store__bytes_at(row, 9),
    };
    const store_place place = secret_of(e.name);

    if (each->result != STORE_OK) {
        return;
    }
    each->count++;
    each->result =
        store__unseal(row->store, &place, store__bytes_at(row, 6), &w);
    if (each->result == STORE_OK) {
        e.master_secret = covey_written(&w);
        each->each(each->user, &e);
    }
    covey_wipe(secret, sizeof secret);
}

store_result store_enrolments(store *s, covey_bytes name,
                              store_on_enrolment *each, void *user)
{
    static const char sql[] =
        "SELECT name, recipient_id, context, aead, hkdf, sender_id,"
        " master_secret, master_salt, scope, credential FROM enrolment"
        " WHERE name = $1 OR $1 IS NULL ORDER BY name";
    struct each_enrolment e = { each, user, STORE_OK, 0 };
    const store_value v = store__text(name);
    const store_query q = { sql, &v, 1, on_enrolment, &e };
    const store_result r = store__run(s, &q);

    if (r != STORE_OK || e.result != STORE_OK) {
        return r != STORE_OK ? r : e.result;
    }
    return name.ptr != NULL && e.count == 0 ? STORE_NONE : STORE_OK;
}

/* --- events -------------------------------------------------------------- */

store_result store_event_put(store *s, const store_event *e)
{
    static const char sql[] =
        "INSERT INTO event (at, what, serial, node, detail)"
        " VALUES ($1, $2, $3, $4, $5)";
    const store_value v[] = { store__number(e->at), store__text(e->what),
                              store__number(e->serial), store__text(e->node),
                              store__text(e->detail) };
    const store_query q = { sql, v, 5, NULL, NULL };

    return store__run_later(s, &q, STORE_LATER);
}

store_result store_events_trim(store *s, uint64_t keep)
{
    static const char sql[] =
        "DELETE FROM event WHERE seq <= (SELECT max(seq) FROM event) - $1";
    const store_value v = store__number(keep);
    const store_query q = { sql, &v, 1, NULL, NULL };

    return store__run_later(s, &q, STORE_LATER);
}

struct each_event {
    store_on_event *each;
    void *user;
};

static void on_event(void *user, const store_row *row)
{
    const struct each_event *each = user;
    const store_event e = { .seq = store__number_at(row, 0),
                            .at = store__number_at(row, 1),
                            .what = store__bytes_at(row, 2),
                            .serial = (uint32_t)store__number_at(row, 3),
                            .node = store__bytes_at(row, 4),
                            .detail = store__bytes_at(row, 5) };

    each->each(each->user, &e);
}

store_result store_events(store *s, uint64_t seq, uint32_t count,
                          store_on_event *each, void *user)
{
    static const char sql[] =
        "SELECT seq, at, what, serial, node, detail FROM event"
        " WHERE seq > $1 ORDER BY seq LIMIT $2";
    struct each_event e = { each, user };
    const store_value v[] = { store__number(seq), store__number(count) };
    const store_query q = { sql, v, 2, on_event, &e };

    return store__run(s, &q);
}

store_result store_events_last(store *s, uint32_t count,
                               const covey_bytes what[2], store_on_event *each,
                               void *user)
{
    static const char sql[] =
        "SELECT seq, at, what, serial, node, detail FROM event"
        " WHERE seq > (SELECT max(seq) FROM event) - $1"
        " AND (what = $2 OR what = $3) ORDER BY seq";
    struct each_event e = { each, user };
    const store_value v[] = { store__number(count), store__text(what[0]),
                              store__text(what[1]) };
    const store_query q = { sql, v, 3, on_event, &e };

    return store__run(s, &q);
}
