/* SPDX-License-Identifier: BSD-2-Clause */
/* New keys for a group: when, and what follows for Sender IDs and stale sets
 * (RFC 10021 Section 12.2, the profile's Section 11).
 *
 * A Sender ID is a number of id_len bytes that counts upwards and wraps. Those
 * between floor and next have been given out under the present keys and are
 * not given out again; those of present members are passed over. */
#include "manager_internal.h"

#include <string.h>

static uint64_t space_of(const covey_manager_group *g)
{
    return (uint64_t)1 << 8 * g->id_len;
}

static uint64_t used_of(const covey_manager_group *g)
{
    return g->sender_next - g->sender_floor;
}

void covey__manager_want_rekey(covey_manager *m, covey_manager_group *g,
                               unsigned cause)
{
    g->flags |= GROUP_REKEY;
    g->causes |= (uint8_t)cause;
    covey__manager_stage(m, g);
}

/* --- Sender IDs ---------------------------------------------------------- */

static bool is_held(const covey_manager *m, const covey_manager_group *g,
                    covey_bytes id)
{
    const covey_manager_member *r = NULL;

    while ((r = covey__manager_next(m, g, r)) != NULL) {
        if (r->standing == COVEY_MANAGER_PRESENT &&
            covey_bytes_equal(covey__manager_id(r), id)) {
            return true;
        }
    }
    return false;
}

bool covey__manager_take_id(covey_manager *m, covey_manager_group *g,
                            covey_manager_member *r)
{
    uint8_t id[COVEY_OSCORE_ID_MAX];

    while (used_of(g) < space_of(g)) {
        uint64_t n = g->sender_next++;

        for (size_t i = g->id_len; i > 0; i--) {
            id[i - 1] = (uint8_t)n;
            n >>= 8;
        }
        if (!is_held(m, g, covey_bytes_of(id, g->id_len))) {
            memcpy(r->id, id, g->id_len);
            r->id_len = g->id_len;
            r->number = 0;
            r->flags &= (uint8_t)~MEMBER_NEEDS_ID;
            return true;
        }
    }
    return false;
}

bool covey__manager_has_id(const covey_manager_group *g, uint32_t more)
{
    return (uint64_t)g->members + more < space_of(g);
}

/* --- stale sets ---------------------------------------------------------- */

/* Sets below this version go. */
static void cut_stale(covey_manager *m, covey_manager_group *g, uint32_t from)
{
    g->stale_from = from;
    g->flags |= GROUP_CUT;
    for (uint32_t i = 0; i < m->memory.stale_count; i++) {
        covey_manager_stale *s = &m->memory.stale[i];

        if (s->serial == g->serial && s->version < from) {
            memset(s, 0, sizeof *s);
        }
    }
}

static covey_manager_stale *stale_row(covey_manager *m)
{
    for (uint32_t i = 0; i < m->memory.stale_count; i++) {
        if (m->memory.stale[i].serial == 0) {
            return &m->memory.stale[i];
        }
    }
    return NULL;
}

void covey__manager_make_stale(covey_manager *m, covey_manager_group *g,
                               covey_bytes id)
{
    covey_manager_stale *s = stale_row(m);

    if (id.len == 0 || g->stale_from > g->version) {
        return; /* a monitor; or this set is incomplete already */
    }
    while (s == NULL && g->stale_from <= g->version) {
        cut_stale(m, g, g->stale_from + 1);
        s = stale_row(m);
    }
    if (s == NULL || g->stale_from > g->version) {
        return;
    }
    s->serial = g->serial;
    s->version = g->version;
    s->id_len = (uint8_t)id.len;
    s->flags = STALE_NEW;
    memcpy(s->id, id.ptr, id.len);
}

/* --- new keys ------------------------------------------------------------ */

/* Mono milliseconds from now until so many seconds before the keys expire. */
static covey_ms time_left(const covey_manager *m, const covey_manager_group *g)
{
    uint32_t ahead = m->config.rekey_ahead;
    int64_t left = g->lifetime;

    if (ahead == 0 || ahead >= g->lifetime) {
        ahead = g->lifetime / 10;
    }
    left -= ahead;
    if (m->now.unix_known && g->keyed_at != 0 && m->now.unix_s > g->keyed_at) {
        left -= m->now.unix_s - g->keyed_at;
    }
    return left > 0 ? (covey_ms)left * 1000 : 0;
}

void covey__manager_set_due(covey_manager *m, covey_manager_group *g)
{
    g->due = g->lifetime == 0 || !g->active || g->deleted
                 ? COVEY_NEVER
                 : m->now.mono + time_left(m, g);
}

covey_status covey__manager_draw_keys(const covey_manager *m,
                                      covey_manager_group *g)
{
    const covey_crypto *crypto = m->config.crypto;
    covey_writer secret = covey_writer_of(
        g->master_secret, covey__manager_secret_len(&g->suite));
    covey_writer salt =
        covey_writer_of(g->master_salt, COVEY_MANAGER_SALT_LEN);
    covey_status st = crypto->random(crypto->provider, &secret);

    return st == COVEY_OK ? crypto->random(crypto->provider, &salt) : st;
}

/* Who joins with this batch is told by the answer. */
static void renew_members(covey_manager *m, covey_manager_group *g)
{
    covey_manager_member *r = NULL;

    while ((r = covey__manager_next(m, g, r)) != NULL) {
        if ((g->flags & GROUP_REKEYED) != 0) {
            r->number = 0;
        }
        if (r->joined == UINT32_MAX) {
            r->joined = g->version;
            r->told = g->version;
        }
    }
}

static covey_status rekey(covey_manager *m, covey_manager_group *g)
{
    covey_status st;

    if (g->version >= COVEY_MANAGER_VERSION_MAX) {
        g->active = false; /* there is no Gid after this one */
        covey__manager_set_due(m, g);
        return COVEY_OK;
    }
    st = covey__manager_draw_keys(m, g);
    if (st != COVEY_OK) {
        return st;
    }
    g->version++;
    g->sender_floor = g->sender_next;
    if (g->version - g->stale_from >= g->max_stale_sets &&
        g->version >= g->stale_from) {
        cut_stale(m, g, g->version - g->max_stale_sets + 1);
    }
    g->keyed_at = m->now.unix_known ? m->now.unix_s : 0;
    g->flags |= GROUP_REKEYED;
    covey__manager_set_due(m, g);
    m->counters.rekeys++;
    covey__manager_log(m, COVEY_MANAGER_DID_REKEY, g, NULL);
    return COVEY_OK;
}

covey_status covey__manager_settle(covey_manager *m, covey_manager_group *g)
{
    covey_manager_member *r = NULL;
    covey_status st = COVEY_OK;

    /* The last eighth of the Sender IDs is for those who come meanwhile. */
    if (used_of(g) >= space_of(g) - space_of(g) / 8 && g->members > 0 &&
        (g->flags & GROUP_REMOVE) == 0) {
        covey__manager_want_rekey(m, g, COVEY_MANAGER_BY_EXHAUSTION);
    }
    if ((g->flags & GROUP_REKEY) != 0 && !g->deleted) {
        st = rekey(m, g);
    }
    renew_members(m, g);
    while (st == COVEY_OK && (r = covey__manager_next(m, g, r)) != NULL) {
        if ((r->flags & MEMBER_NEEDS_ID) != 0 &&
            !covey__manager_take_id(m, g, r)) {
            st = COVEY_E_EXHAUSTED;
        }
    }
    g->flags &= (uint8_t)~GROUP_REKEY;
    g->causes = 0;
    g->revision++;
    return st;
}

/* --- who is to be told --------------------------------------------------- */

void covey__manager_forgive(covey_manager *m, covey_manager_group *g,
                            covey_manager_member *r)
{
    if ((r->flags & MEMBER_OWED) != 0) {
        m->owing--;
        g->owing--;
    }
    if ((r->flags & MEMBER_TELLING) != 0) {
        m->telling--;
    }
    r->flags &= (uint8_t) ~(MEMBER_OWED | MEMBER_TELLING);
}

void covey__manager_owe(covey_manager *m, covey_manager_group *g)
{
    covey_manager_member *r = NULL;

    while ((r = covey__manager_next(m, g, r)) != NULL) {
        const bool evicted = r->standing == COVEY_MANAGER_EVICTED;

        if (r->uri_len == 0 || (r->flags & MEMBER_REMOVE) != 0 ||
            (!evicted && r->told >= g->version) ||
            (r->flags & MEMBER_OWED) != 0) {
            continue;
        }
        r->flags |= MEMBER_OWED;
        r->attempts = 0;
        r->tell_at = m->now.mono;
        m->owing++;
        g->owing++;
    }
}
