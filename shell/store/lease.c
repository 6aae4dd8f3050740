/* SPDX-License-Identifier: BSD-2-Clause */
/* Leases. A lease is a row with the owner and an epoch that grows with every
 * change of hands. Everything that an owner stores names its epoch, in the
 * statement that changes the row: whoever was taken for dead changes nothing.
 *
 *      stored by the old owner       taken        stored by the new one
 *   ---|ssn=64, epoch 1|---------|epoch 2, from 64|---|ssn=128, epoch 2|---
 *            the old one may go on up to 64, the new one begins there
 *
 * The same holds for what is accepted: the new owner accepts nothing below
 * the stored window, the old one nothing above it. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

covey_status store_key_id(const covey_crypto *crypto, covey_bytes sender_key,
                          uint8_t out[STORE_KEY_ID])
{
    uint8_t digest[COVEY_HASH_MAX];
    covey_writer w = covey_writer_of(digest, sizeof digest);
    covey_status st =
        crypto->hmac(crypto->provider, COVEY_HMAC_256_256,
                     covey_bytes_text("covey store lease"), sender_key, &w);

    if (st == COVEY_OK) {
        memcpy(out, digest, STORE_KEY_ID);
    }
    return st;
}

covey_status store_oscore_id(const covey_crypto *crypto,
                             const covey_oscore_parameters *p,
                             uint8_t out[STORE_KEY_ID])
{
    covey_oscore_keys keys;
    covey_status st = covey_oscore_derive(&keys, p, crypto);

    if (st == COVEY_OK) {
        st = store_key_id(crypto,
                          covey_bytes_of(keys.sender_key, keys.key_len), out);
    }
    covey_wipe(&keys, sizeof keys);
    return st;
}

static store_value id_of(const store_lease *lease)
{
    return store__bytes(covey_bytes_of(lease->id, lease->id_len));
}

/* --- what this process may have ------------------------------------------ */

static struct store_unsure **find_unsure(store *s, covey_bytes id)
{
    struct store_unsure **at = &s->unsure;

    while (*at != NULL &&
           !covey_bytes_equal(covey_bytes_of((*at)->id, (*at)->id_len), id)) {
        at = &(*at)->next;
    }
    return at;
}

static void set_sure(store *s, covey_bytes id)
{
    struct store_unsure **at = find_unsure(s, id);
    struct store_unsure *gone = *at;

    if (gone != NULL) {
        *at = gone->next;
        free(gone);
    }
}

/* Without memory for it the lease stays taken until the process ends. */
static void set_unsure(store *s, covey_bytes id)
{
    struct store_unsure **at = find_unsure(s, id);

    if (*at == NULL) {
        *at = calloc(1, sizeof **at);
    }
    if (*at != NULL) {
        (*at)->in_transaction = s->open;
        (*at)->id_len = (uint8_t)id.len;
        memcpy((*at)->id, id.ptr, id.len);
    }
}

void store__unsure_settle(store *s)
{
    struct store_unsure **at = &s->unsure;

    while (*at != NULL) {
        struct store_unsure *u = *at;
        if (u->in_transaction) {
            *at = u->next;
            free(u);
        } else {
            at = &u->next;
        }
    }
}

void store__unsure_free(store *s)
{
    while (s->unsure != NULL) {
        struct store_unsure *next = s->unsure->next;
        free(s->unsure);
        s->unsure = next;
    }
}

/* --- taking -------------------------------------------------------------- */

static bool valid(const store_numbers *n)
{
    return n->ssn <= COVEY_OSCORE_SSN_END && n->window <= COVEY_OSCORE_SSN_END;
}

/* In the table a lost window is less than any other, so that it may be
 * followed by one. */
static store_value window_value(uint64_t window)
{
    return store__number(window == COVEY_OSCORE_WINDOW_LOST ? UINT64_MAX
                                                            : window);
}

static uint64_t window_at(const store_row *row, int column)
{
    const uint64_t value = store__number_at(row, column);

    return value == UINT64_MAX ? COVEY_OSCORE_WINDOW_LOST : value;
}

static void set_peer(store_lease *lease, covey_bytes peer)
{
    lease->peer_len = peer.len <= STORE_PEER_MAX ? (uint8_t)peer.len : 0;
    if (lease->peer_len > 0) {
        memcpy(lease->peer, peer.ptr, peer.len);
    }
}

static void on_taken(void *user, const store_row *row)
{
    store_lease *lease = user;

    set_peer(lease, store__bytes_at(row, 4));
    lease->epoch = store__number_at(row, 0);
    lease->numbers.ssn = store__number_at(row, 1);
    lease->numbers.window = window_at(row, 2);
    lease->numbers.windows_invalid = store__number_at(row, 3) != 0;
}

/* A context that was never stored: its row is made and taken at once. Nothing
 * is changed, or locked, if there is one. */
static store_result take_new(store *s, covey_bytes id,
                             const store_numbers *first, store_lease *lease)
{
    static const char sql[] =
        "INSERT INTO lease (id, owner, epoch, wanted, ssn, recv_window,"
        " windows_invalid) VALUES ($1, $5, 1, 0, $2, $3, $4)"
        " ON CONFLICT (id) DO NOTHING"
        " RETURNING epoch, ssn, recv_window, windows_invalid, peer";
    const store_value v[] = { store__bytes(id), store__number(first->ssn),
                              window_value(first->window),
                              store__number(first->windows_invalid),
                              store__number(s->owner) };
    const store_query q = { sql, v, 5, on_taken, lease };

    return store__run(s, &q);
}

struct holder {
    bool found;
    uint64_t owner;
    uint64_t epoch;
};

static void on_holder(void *user, const store_row *row)
{
    struct holder *h = user;

    h->found = true;
    h->owner = store__number_at(row, 0);
    h->epoch = store__number_at(row, 1);
}

static store_result find_holder(store *s, covey_bytes id, struct holder *h)
{
    static const char sql[] = "SELECT owner, epoch FROM lease WHERE id = $1";
    const store_value v = store__bytes(id);
    const store_query q = { sql, &v, 1, on_holder, h };

    return store__run(s, &q);
}

/* From the one who was seen to have it, who is nobody or dead. */
static store_result take_row(store *s, const struct holder *h,
                             store_lease *lease)
{
    static const char sql[] =
        "UPDATE lease SET owner = $2, epoch = epoch + 1, wanted = 0"
        " WHERE id = $1 AND epoch = $3 AND owner = $4"
        " RETURNING epoch, ssn, recv_window, windows_invalid, peer";
    const store_value v[] = { id_of(lease), store__number(s->owner),
                              store__number(h->epoch),
                              store__number(h->owner) };
    const store_query q = { sql, v, 4, on_taken, lease };
    const store_result r = store__run(s, &q);

    return r == STORE_OK && s->changed == 0 ? STORE_TAKEN : r;
}

static store_result want(store *s, covey_bytes id, const struct holder *h)
{
    static const char sql[] =
        "UPDATE lease SET wanted = $2 WHERE id = $1 AND epoch = $3";
    const store_value v[] = { store__bytes(id), store__number(s->owner),
                              store__number(h->epoch) };
    const store_query q = { sql, v, 3, NULL, NULL };
    store_result r = h->owner == s->owner ? STORE_OK : store__run(s, &q);

    if (r == STORE_OK && h->owner != s->owner) {
        r = store_wake(s);
    }
    return r == STORE_OK
               ? store__fail(s, STORE_TAKEN, "in use by %s",
                             h->owner == s->owner ? "this process already"
                                                  : "another process")
               : r;
}

/* After an attempt to change hands. */
static void note(store *s, covey_bytes id, store_result r)
{
    if (r == STORE_AGAIN || (r == STORE_OK && s->open)) {
        set_unsure(s, id);
    } else if (r == STORE_OK) {
        set_sure(s, id);
    }
}

/* From whoever has it, if nobody living does. */
static store_result take_over(store *s, covey_bytes id, bool wake,
                              store_lease *lease)
{
    struct holder h = { false, 0, 0 };
    bool alive = false;
    store_result r = find_holder(s, id, &h);
    const bool unsure = h.owner == s->owner && *find_unsure(s, id) != NULL;

    if (r == STORE_OK && !h.found) {
        return STORE_NONE;
    }
    if (r == STORE_OK && h.owner != 0 && !unsure) {
        r = s->driver->alive(s, h.owner, &alive);
    }
    if (r == STORE_OK && alive) {
        return wake ? want(s, id, &h)
                    : store__fail(s, STORE_TAKEN, "in use by somebody");
    }
    if (r == STORE_OK) {
        r = take_row(s, &h, lease);
        note(s, id, r);
    }
    return r;
}

/* Who only tries expects that it is somebody's already. */
static store_result take_any(store *s, const store_numbers *first, bool wake,
                             store_lease *lease)
{
    const covey_bytes id = covey_bytes_of(lease->id, lease->id_len);
    store_result r = wake ? STORE_NONE : take_over(s, id, wake, lease);

    if (r != STORE_NONE) {
        return r;
    }
    r = take_new(s, id, first, lease);
    if (r == STORE_OK && s->changed == 0) {
        return take_over(s, id, wake, lease);
    }
    note(s, id, r);
    return r;
}

static store_result take(store *s, covey_bytes id, const store_numbers *first,
                         bool wake, store_lease *out)
{
    store_lease lease = { .id_len = (uint8_t)id.len };
    store_result r;

    if (id.len == 0 || id.len > STORE_ID_MAX || !valid(first)) {
        return store__fail(s, STORE_REFUSED, "no such lease can be");
    }
    memcpy(lease.id, id.ptr, id.len);
    r = take_any(s, first, wake, &lease);
    if (r == STORE_NONE) {
        r = store__fail(s, STORE_TAKEN, "it was there a moment ago");
    }
    if (r == STORE_OK) {
        *out = lease;
    }
    return r;
}

store_result store_lease_take(store *s, covey_bytes id,
                              const store_numbers *first, store_lease *out)
{
    return take(s, id, first, true, out);
}

store_result store_lease_try(store *s, covey_bytes id,
                             const store_numbers *first, store_lease *out)
{
    return take(s, id, first, false, out);
}

/* --- storing ------------------------------------------------------------- */

/* Nothing was changed: was the lease lost, or is it less than before? */
static store_result why_not(store *s, const store_lease *lease)
{
    struct holder h = { false, 0, 0 };
    const store_result r =
        find_holder(s, covey_bytes_of(lease->id, lease->id_len), &h);

    if (r != STORE_OK) {
        return r;
    }
    if (h.owner != s->owner || h.epoch != lease->epoch) {
        return store__fail(s, STORE_TAKEN, "the lease was lost");
    }
    return store__fail(s, STORE_REFUSED, "less than what was stored");
}

store_result store_lease_keep(store *s, store_lease *lease,
                              const store_numbers *next)
{
    static const char sql[] =
        "UPDATE lease SET ssn = $4, recv_window = $5, windows_invalid = $6"
        " WHERE id = $1 AND owner = $2 AND epoch = $3 AND ssn <= $4"
        " AND (recv_window <= $5 OR $5 = -1)";
    const store_value v[] = { id_of(lease),
                              store__number(s->owner),
                              store__number(lease->epoch),
                              store__number(next->ssn),
                              window_value(next->window),
                              store__number(next->windows_invalid) };
    const store_query q = { sql, v, 6, NULL, NULL };

    if (!valid(next)) {
        return store__fail(s, STORE_REFUSED, "beyond the last number");
    }
    store_result r = store__run_later(s, &q, STORE_LATER_CHANGE);
    if (r == STORE_OK && s->changed == 0) {
        r = why_not(s, lease);
    }
    if (r == STORE_OK) {
        lease->numbers = *next;
    }
    return r;
}

store_result store_reserve_piv(store *s, store_lease *lease, uint32_t count,
                               uint64_t *first)
{
    store_numbers next = lease->numbers;

    if (count > COVEY_OSCORE_SSN_END - next.ssn) {
        return store__fail(s, STORE_REFUSED, "no sequence number is left");
    }
    const uint64_t from = next.ssn;
    next.ssn += count;
    const store_result r = store_lease_keep(s, lease, &next);
    if (r == STORE_OK) {
        *first = from;
    }
    return r;
}

store_result store_lease_peer(store *s, store_lease *lease, covey_bytes peer)
{
    static const char sql[] = "UPDATE lease SET peer = $4"
                              " WHERE id = $1 AND owner = $2 AND epoch = $3";
    const store_value v[] = { id_of(lease), store__number(s->owner),
                              store__number(lease->epoch), store__text(peer) };
    const store_query q = { sql, v, 4, NULL, NULL };
    store_result r;

    if (peer.len > STORE_PEER_MAX) {
        return store__fail(s, STORE_REFUSED, "the address is too long");
    }
    r = store__run_later(s, &q, STORE_LATER_CHANGE);
    if (r == STORE_OK && s->changed == 0) {
        r = why_not(s, lease);
    }
    if (r == STORE_OK) {
        set_peer(lease, peer);
    }
    return r;
}

/* --- recipients ---------------------------------------------------------- */

/* Holds the row of the lease for the rest of the transaction. */
static store_result hold(store *s, const store_lease *lease)
{
    static const char sql[] = "UPDATE lease SET epoch = epoch"
                              " WHERE id = $1 AND owner = $2 AND epoch = $3";
    const store_value v[] = { id_of(lease), store__number(s->owner),
                              store__number(lease->epoch) };
    const store_query q = { sql, v, 3, NULL, NULL };
    const store_result r = store__run(s, &q);

    return r == STORE_OK && s->changed == 0 ? why_not(s, lease) : r;
}

store_result store_lease_recipient(store *s, const store_lease *lease,
                                   covey_bytes recipient, uint64_t number)
{
    static const char sql[] =
        "INSERT INTO recipient (lease, id, number) VALUES ($1, $2, $3)"
        " ON CONFLICT (lease, id) DO UPDATE SET number = excluded.number"
        " WHERE recipient.number <= excluded.number";
    const store_value v[] = { id_of(lease), store__bytes(recipient),
                              store__number(number) };
    const store_query q = { sql, v, 3, NULL, NULL };
    store_scope scope;
    store_result r;

    if (recipient.ptr == NULL || number > COVEY_OSCORE_SSN_END) {
        return store__fail(s, STORE_REFUSED, "no such recipient can be");
    }
    r = store__enter(s, &scope);
    if (r == STORE_OK) {
        r = hold(s, lease);
    }
    if (r == STORE_OK) {
        r = store__run(s, &q);
    }
    if (r == STORE_OK && s->changed == 0) {
        r = store__fail(s, STORE_REFUSED, "less than what was stored");
    }
    return store__leave(s, &scope, r);
}

struct each_recipient {
    store_on_recipient *each;
    void *user;
};

static void on_recipient(void *user, const store_row *row)
{
    const struct each_recipient *e = user;

    e->each(e->user, store__bytes_at(row, 0), store__number_at(row, 1));
}

store_result store_lease_recipients(store *s, const store_lease *lease,
                                    store_on_recipient *each, void *user)
{
    static const char sql[] =
        "SELECT id, number FROM recipient WHERE lease = $1 ORDER BY id";
    struct each_recipient e = { each, user };
    const store_value v = id_of(lease);
    const store_query q = { sql, &v, 1, on_recipient, &e };

    return store__run(s, &q);
}

/* --- giving back --------------------------------------------------------- */

static store_result set_free(store *s, const store_lease *lease,
                             const store_numbers *exact)
{
    static const char sql[] = "UPDATE lease SET owner = 0, wanted = 0"
                              " WHERE id = $1 AND owner = $2 AND epoch = $3";
    static const char exact_sql[] =
        "UPDATE lease SET owner = 0, wanted = 0, ssn = $4, recv_window = $5"
        " WHERE id = $1 AND owner = $2 AND epoch = $3";
    const store_numbers *n = exact != NULL ? exact : &lease->numbers;
    const store_value v[] = { id_of(lease), store__number(s->owner),
                              store__number(lease->epoch),
                              store__number(n->ssn), window_value(n->window) };
    const store_query q = { exact != NULL ? exact_sql : sql, v,
                            exact != NULL ? 5 : 3, NULL, NULL };

    /* Above what was stored nothing may have been used. */
    if (!valid(n) || n->ssn > lease->numbers.ssn ||
        (n->window > lease->numbers.window &&
         n->window != COVEY_OSCORE_WINDOW_LOST)) {
        return store__fail(s, STORE_REFUSED, "more than what was stored");
    }
    const store_result r = store__run(s, &q);
    return r == STORE_OK && s->changed == 0 ? why_not(s, lease) : r;
}

store_result store_lease_release(store *s, store_lease *lease,
                                 const store_numbers *exact)
{
    const store_result r = set_free(s, lease, exact);

    /* A transaction may yet be rolled back. */
    if (r == STORE_AGAIN || (r == STORE_OK && s->open)) {
        set_unsure(s, covey_bytes_of(lease->id, lease->id_len));
    }
    if (r != STORE_OK) {
        return r;
    }
    memset(lease, 0, sizeof *lease);
    /* Who is not reached by it looks when it is back. */
    (void)store_wake(s);
    return STORE_OK;
}

store_result store_lease_forget(store *s, store_lease *lease)
{
    static const char sql[] =
        "DELETE FROM lease WHERE id = $1 AND owner = $2 AND epoch = $3";
    const store_value v[] = { id_of(lease), store__number(s->owner),
                              store__number(lease->epoch) };
    const store_query q = { sql, v, 3, NULL, NULL };
    store_result r = store__run(s, &q);

    if (r == STORE_OK && s->changed == 0) {
        r = why_not(s, lease);
    }
    if (r == STORE_OK) {
        memset(lease, 0, sizeof *lease);
    }
    return r;
}

struct each_id {
    store_on_id *each;
    void *user;
};

static void on_id(void *user, const store_row *row)
{
    const struct each_id *e = user;

    e->each(e->user, store__bytes_at(row, 0));
}

store_result store_wanted(store *s, store_on_id *each, void *user)
{
    static const char sql[] =
        "SELECT id FROM lease WHERE owner = $1 AND wanted <> 0 ORDER BY id";
    struct each_id e = { each, user };
    const store_value v = store__number(s->owner);
    const store_query q = { sql, &v, 1, on_id, &e };

    return store__run(s, &q);
}
