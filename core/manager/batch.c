/* SPDX-License-Identifier: BSD-2-Clause */
/* Batches: what is staged, settled, walked by the shell, and then released
 * or lost. Nothing is undone in memory: a group whose changes were not stored
 * is dropped whole and loaded again. */
#include "manager_internal.h"

#include <string.h>

#define LAZY_MS 1000u

void covey__manager_stage(covey_manager *m, covey_manager_group *g)
{
    g->flags |= GROUP_STAGED;
    if (m->staged_at == COVEY_NEVER) {
        m->staged_at = m->now.mono;
    }
}

covey_manager_pending *covey__manager_defer(covey__manager_call *c,
                                            enum pending_kind kind,
                                            uint8_t code)
{
    covey_manager *m = c->m;
    covey_manager_pending *p = &m->memory.pending[m->pending_used++];

    memset(p, 0, sizeof *p);
    p->user = c->request->user;
    p->kind = (uint8_t)kind;
    p->code = code;
    p->error = REFUSE_NOTHING;
    p->group = (uint32_t)(c->group - m->memory.groups);
    p->member =
        c->member != NULL ? (uint32_t)(c->member - m->memory.members) : NO_ROW;
    c->answer->code = 0;
    return p;
}

void covey__manager_log(covey_manager *m, covey_manager_deed deed,
                        const covey_manager_group *g,
                        const covey_manager_member *r)
{
    covey_manager_log *row;

    if (m->log_used == m->memory.log_count) {
        m->counters.unlogged++;
        return;
    }
    row = &m->memory.log[m->log_used++];
    memset(row, 0, sizeof *row);
    row->deed = deed;
    row->serial = g->serial;
    row->version = g->version;
    row->causes = g->causes;
    row->count = deed == COVEY_MANAGER_DID_FINISH ? g->reached : g->members;
    if (r != NULL) {
        row->name_len = r->name_len;
        memcpy(row->name, r->name, r->name_len);
    }
}

/* --- losing -------------------------------------------------------------- */

/* The group is not what is stored: forget it and ask for it again. */
static void lose(covey_manager *m, covey_manager_group *g)
{
    const covey_manager_group lost = *g;
    const uint32_t at = (uint32_t)(g - m->memory.groups);

    for (uint32_t i = m->pending_next; i < m->pending_used; i++) {
        covey_manager_pending *p = &m->memory.pending[i];

        if (p->group == at) {
            p->kind = PENDING_DONE;
            p->error = REFUSE_BUSY;
            p->member = NO_ROW;
        }
    }
    covey__manager_group_free(m, g);
    m->counters.failures++;
    if ((lost.flags & GROUP_NEW) != 0) {
        return; /* it was never there */
    }
    g->serial = lost.serial;
    g->first = NO_ROW;
    g->name_len = lost.name_len;
    memcpy(g->name, lost.name, lost.name_len);
    g->flags = GROUP_LOST | GROUP_NOTIFY;
    g->due = COVEY_NEVER;
}

static void lose_all(covey_manager *m)
{
    for (uint32_t i = 0; i < m->memory.group_count; i++) {
        if ((m->memory.groups[i].flags & GROUP_STAGED) != 0) {
            lose(m, &m->memory.groups[i]);
        }
    }
    if (m->serial_staged) {
        m->reload_serial = true;
        m->serial_staged = false;
    }
    m->log_used = m->log_released;
}

/* --- settling ------------------------------------------------------------ */

static bool settle_all(covey_manager *m)
{
    bool any = m->serial_staged;

    for (uint32_t i = 0; i < m->memory.group_count; i++) {
        covey_manager_group *g = &m->memory.groups[i];

        if ((g->flags & GROUP_STAGED) == 0) {
            continue;
        }
        if (covey__manager_settle(m, g) != COVEY_OK) {
            lose(m, g);
        } else {
            any = true;
        }
    }
    return any;
}

static void rekey_by_time(covey_manager *m)
{
    for (uint32_t i = 0; i < m->memory.group_count; i++) {
        covey_manager_group *g = &m->memory.groups[i];

        if (g->serial != 0 && g->due <= m->now.mono &&
            (g->flags & GROUP_LOST) == 0) {
            g->due = COVEY_NEVER;
            covey__manager_want_rekey(m, g, COVEY_MANAGER_BY_TIME);
        }
    }
}

static void release(covey_manager *m)
{
    m->pending_released = m->pending_used;
    m->log_released = m->log_used;
    m->urgent = false;
}

/* A batch begins; false: there is none, or it has failed already. */
static bool begin(covey_manager *m, covey_manager_event *event)
{
    bool any = m->lazy_at <= m->now.mono;

    if (m->staged_at != COVEY_NEVER &&
        (m->urgent || m->now.mono >= m->staged_at + m->config.commit_window)) {
        m->staged_at = COVEY_NEVER;
        any = settle_all(m) || any;
        if (!any) {
            release(m);
        }
    } else if (m->staged_at != COVEY_NEVER) {
        return false; /* what is lazy goes along */
    }
    if (!any) {
        return false;
    }
    m->lazy_at = COVEY_NEVER;
    m->in_flight = true;
    m->batch++;
    memset(event, 0, sizeof *event);
    event->kind = COVEY_MANAGER_PERSIST;
    event->batch = m->batch;
    return true;
}

/* --- events -------------------------------------------------------------- */

static bool notify(covey_manager *m, covey_manager_event *event)
{
    memset(event, 0, sizeof *event);
    if (m->reload_serial) {
        m->reload_serial = false;
        event->kind = COVEY_MANAGER_RELOAD;
        return true;
    }
    for (uint32_t i = 0; i < m->memory.group_count; i++) {
        covey_manager_group *g = &m->memory.groups[i];

        if ((g->flags & GROUP_NOTIFY) != 0) {
            g->flags &= (uint8_t)~GROUP_NOTIFY;
            event->kind = (g->flags & GROUP_LOST) != 0 ? COVEY_MANAGER_RELOAD
                                                       : COVEY_MANAGER_CHANGED;
            event->serial = g->serial;
            return true;
        }
    }
    if (m->log_next < m->log_released) {
        event->kind = COVEY_MANAGER_LOG;
        event->log = &m->memory.log[m->log_next++];
        event->serial = event->log->serial;
        return true;
    }
    return false;
}

/* Once all has been told the table is empty again. */
static void restart_log(covey_manager *m)
{
    if (m->log_next == m->log_used) {
        m->log_next = 0;
        m->log_used = 0;
        m->log_released = 0;
    }
}

bool covey_manager_event_next(covey_manager *m, covey_time now,
                              covey_manager_event *event)
{
    m->now = now;
    if (m->in_flight) {
        return false;
    }
    if (notify(m, event)) {
        return true;
    }
    restart_log(m);
    rekey_by_time(m);
    return begin(m, event) || notify(m, event);
}

/* --- the walk ------------------------------------------------------------ */

enum walk_part {
    WALK_SERIAL,
    WALK_GROUPS,
    WALK_CUTS,
    WALK_MEMBERS,
    WALK_STALE,
    WALK_END
};

static bool walk_group(const covey_manager *m, uint32_t at, bool cuts,
                       covey_manager_change *change)
{
    const covey_manager_group *g = &m->memory.groups[at];

    if ((g->flags & GROUP_STAGED) == 0) {
        return false;
    }
    change->group = g;
    change->serial = g->serial;
    if (cuts) {
        change->kind = COVEY_MANAGER_DROP_STALE;
        change->number = g->stale_from;
        return (g->flags & GROUP_CUT) != 0 && (g->flags & GROUP_REMOVE) == 0;
    }
    change->kind = (g->flags & GROUP_REMOVE) != 0 ? COVEY_MANAGER_DELETE_GROUP
                                                  : COVEY_MANAGER_PUT_GROUP;
    return true;
}

static bool walk_member(const covey_manager *m, uint32_t at,
                        covey_manager_change *change)
{
    const covey_manager_member *r = &m->memory.members[at];

    if (r->serial == 0) {
        return false;
    }
    change->member = r;
    change->serial = r->serial;
    if ((r->flags & MEMBER_REMOVE) != 0) {
        change->kind = COVEY_MANAGER_DELETE_MEMBER;
        return true;
    }
    change->kind = (r->flags & MEMBER_STAGED) != 0 ? COVEY_MANAGER_PUT_MEMBER
                                                   : COVEY_MANAGER_TOLD;
    return (r->flags & (MEMBER_STAGED | MEMBER_TOLD)) != 0;
}

static bool walk_stale(const covey_manager *m, uint32_t at,
                       covey_manager_change *change)
{
    const covey_manager_stale *s = &m->memory.stale[at];

    change->kind = COVEY_MANAGER_PUT_STALE;
    change->stale = s;
    change->serial = s->serial;
    return s->serial != 0 && (s->flags & STALE_NEW) != 0;
}

static bool walk_row(const covey_manager *m, const covey_manager_walk *walk,
                     covey_manager_change *change)
{
    switch ((enum walk_part)walk->part) {
    case WALK_SERIAL:
        change->kind = COVEY_MANAGER_PUT_SERIAL;
        change->number = m->next_serial;
        return m->serial_staged;
    case WALK_GROUPS:
        return walk_group(m, walk->at, false, change);
    case WALK_CUTS:
        return walk_group(m, walk->at, true, change);
    case WALK_MEMBERS:
        return walk_member(m, walk->at, change);
    case WALK_STALE:
        return walk_stale(m, walk->at, change);
    case WALK_END:
        break;
    }
    return false;
}

bool covey_manager_change_next(const covey_manager *m,
                               covey_manager_walk *walk,
                               covey_manager_change *change)
{
    const uint32_t rows[] = {
        [WALK_SERIAL] = 1,
        [WALK_GROUPS] = m->memory.group_count,
        [WALK_CUTS] = m->memory.group_count,
        [WALK_MEMBERS] = m->memory.member_count,
        [WALK_STALE] = m->memory.stale_count,
    };

    while (m->in_flight && walk->part < WALK_END) {
        while (walk->at < rows[walk->part]) {
            bool found;

            memset(change, 0, sizeof *change);
            found = walk_row(m, walk, change);
            walk->at++;
            if (found) {
                return true;
            }
        }
        walk->part++;
        walk->at = 0;
    }
    return false;
}

const covey_manager_log *covey_manager_deed_next(const covey_manager *m,
                                                 uint32_t *at)
{
    const uint32_t staged = m->log_used - m->log_released;

    return m->in_flight && *at < staged
               ? &m->memory.log[m->log_released + (*at)++]
               : NULL;
}

/* --- stored -------------------------------------------------------------- */

static void clean_members(covey_manager *m)
{
    for (uint32_t i = 0; i < m->memory.member_count; i++) {
        covey_manager_member *r = &m->memory.members[i];

        if (r->serial == 0) {
            continue;
        }
        if ((r->flags & MEMBER_REMOVE) != 0) {
            covey__manager_member_free(
                m, covey__manager_group_by_serial(m, r->serial), r);
        } else {
            r->flags &= (uint8_t) ~(MEMBER_STAGED | MEMBER_TOLD);
        }
    }
    for (uint32_t i = 0; i < m->memory.stale_count; i++) {
        m->memory.stale[i].flags &= (uint8_t)~STALE_NEW;
    }
}

static void clean_groups(covey_manager *m)
{
    for (uint32_t i = 0; i < m->memory.group_count; i++) {
        covey_manager_group *g = &m->memory.groups[i];

        if ((g->flags & GROUP_STAGED) == 0) {
            continue;
        }
        if ((g->flags & GROUP_REMOVE) != 0) {
            covey__manager_group_free(m, g);
            continue;
        }
        if ((g->flags & GROUP_REKEYED) != 0) {
            g->reached = 0;
        }
        g->flags = GROUP_NOTIFY;
        covey__manager_owe(m, g);
    }
}

covey_status covey_manager_stored(covey_manager *m, covey_time now,
                                  uint32_t batch, covey_status result)
{
    if (!m->in_flight || batch != m->batch) {
        return COVEY_E_ARGUMENT;
    }
    m->now = now;
    m->in_flight = false;
    if (result != COVEY_OK) {
        lose_all(m);
        m->lazy_at = now.mono + LAZY_MS;
    } else {
        m->counters.batches++;
        m->serial_staged = false;
        clean_members(m);
        clean_groups(m);
    }
    release(m);
    return COVEY_OK;
}

covey_ms covey_manager_deadline(const covey_manager *m)
{
    covey_ms at = m->lazy_at;

    if (m->in_flight) {
        return COVEY_NEVER;
    }
    if (m->reload_serial || m->pending_next < m->pending_released ||
        m->log_next < m->log_released) {
        return 0;
    }
    if (m->staged_at != COVEY_NEVER) {
        at = m->urgent ? 0 : m->staged_at + m->config.commit_window;
    }
    for (uint32_t i = 0; i < m->memory.group_count; i++) {
        const covey_manager_group *g = &m->memory.groups[i];

        if (g->serial != 0) {
            at =
                covey_earlier(at, (g->flags & GROUP_NOTIFY) != 0 ? 0 : g->due);
        }
    }
    for (uint32_t i = 0; m->owing > 0 && i < m->memory.member_count; i++) {
        const covey_manager_member *r = &m->memory.members[i];

        if ((r->flags & (MEMBER_OWED | MEMBER_TELLING)) == MEMBER_OWED &&
            m->telling < m->config.tell_max) {
            at = covey_earlier(at, r->tell_at);
        }
    }
    return at;
}
