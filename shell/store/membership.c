/* SPDX-License-Identifier: BSD-2-Clause */
/* What a member of groups got from its Group Managers. */
#include "internal.h"

static store_place saved_of(covey_bytes name)
{
    const store_place place = { "membership.saved", name, 0 };
    return place;
}

store_result store_membership_put(store *s, const store_membership *m)
{
    static const char sql[] =
        "INSERT INTO membership (name, lease, saved) VALUES ($1, $2, $3)"
        " ON CONFLICT (name) DO UPDATE SET lease = excluded.lease,"
        " saved = excluded.saved";
    uint8_t sealed[STORE_SEALED_MAX];
    covey_writer w = covey_writer_of(sealed, sizeof sealed);
    const store_place place = saved_of(m->name);
    store_result r;

    if (m->name.len == 0 || m->saved.len == 0) {
        return store__fail(s, STORE_REFUSED, "no such membership can be");
    }
    r = store__seal(s, &place, m->saved, &w);
    if (r == STORE_OK) {
        const store_value v[] = { store__text(m->name), store__bytes(m->lease),
                                  store__bytes(covey_written(&w)) };
        const store_query q = { sql, v, sizeof v / sizeof v[0], NULL, NULL };
        r = store__run(s, &q);
    }
    covey_wipe(sealed, sizeof sealed);
    return r;
}

store_result store_membership_delete(store *s, covey_bytes name)
{
    static const char sql[] = "DELETE FROM membership WHERE name = $1";
    const store_value v = store__text(name);
    const store_query q = { sql, &v, 1, NULL, NULL };
    const store_result r = store__run(s, &q);

    return r == STORE_OK && s->changed == 0
               ? store__fail(s, STORE_NONE, "no such membership")
               : r;
}

struct reading {
    covey_bytes name;
    store_on_membership *each;
    void *user;
    store_result result;
};

static void on_row(void *user, const store_row *row)
{
    struct reading *c = user;
    uint8_t saved[STORE_SECRET_MAX];
    covey_writer w = covey_writer_of(saved, sizeof saved);
    const store_place place = saved_of(c->name);

    c->result = store__unseal(row->store, &place, store__bytes_at(row, 1), &w);
    if (c->result == STORE_OK) {
        const store_membership m = { c->name, store__bytes_at(row, 0),
                                     covey_written(&w) };
        c->each(c->user, &m);
    }
    covey_wipe(saved, sizeof saved);
}

store_result store_membership_get(store *s, covey_bytes name,
                                  store_on_membership *each, void *user)
{
    static const char sql[] =
        "SELECT lease, saved FROM membership WHERE name = $1";
    struct reading c = { name, each, user, STORE_NONE };
    const store_value v = store__text(name);
    const store_query q = { sql, &v, 1, on_row, &c };
    const store_result r = store__run(s, &q);

    if (r == STORE_OK && c.result == STORE_NONE) {
        return store__fail(s, STORE_NONE, "no such membership");
    }
    return r == STORE_OK ? c.result : r;
}
