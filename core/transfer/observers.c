/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of observers of RFC 7641 Section 4.1. Who has to be told is a
 * queue of rows, not of messages: so a state that nobody has been told of is
 * replaced by a newer one at no cost (Section 4.5.2). */
#include <covey/transfer.h>

#include <string.h>

#define NONE UINT32_MAX

/* Lists of a row. */
enum {
    BY_RESOURCE,
    BY_PEER
};

void covey_observers_init(covey_observers *o, const covey_observers_memory *m,
                          const covey_observers_config *config, uint64_t key)
{
    memset(o, 0, sizeof *o);
    memset(m->rows, 0, (size_t)m->count * sizeof *m->rows);
    o->rows = m->rows;
    o->lists = m->lists;
    o->count = m->count;
    o->config = *config;
    o->key = key;
    o->ready_first = NONE;
    o->ready_last = NONE;
    covey_slots_init(&o->slots, m->slots, m->count);
    covey_timers_init(&o->timers, m->timers, m->count, 0);
    for (uint32_t i = 0; i < m->count; i++) {
        m->lists[i].head[BY_RESOURCE] = NONE;
        m->lists[i].head[BY_PEER] = NONE;
        m->rows[i].next[0] = i + 1 < m->count ? i + 1 : NONE;
    }
}

static uint32_t *head_of(const covey_observers *o, uint32_t hash, unsigned by)
{
    return &o->lists[hash % o->count].head[by];
}

static uint32_t spread(uint64_t h)
{
    return (uint32_t)(h * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

static uint32_t *list_of(const covey_observers *o, const covey_observer *row,
                         unsigned by)
{
    return head_of(o,
                   by == BY_PEER ? covey_path_hash(&row->path, o->key)
                                 : spread(o->key ^ row->resource),
                   by);
}

static uint32_t key_hash(const covey_observers *o, const covey_observer *row)
{
    uint64_t h = covey_path_hash(&row->path, o->key);

    for (unsigned i = 0; i < row->token_len; i++) {
        h = (h ^ row->token[i]) * UINT64_C(0x100000001b3);
    }
    return spread(h);
}

/* Only a connection can be lost. */
static bool is_listed(const covey_observer *row, unsigned by)
{
    return by != BY_PEER || row->path.connection != 0;
}

static void link_row(covey_observers *o, uint32_t i, unsigned by)
{
    covey_observer *rows = o->rows;
    uint32_t *head;

    if (!is_listed(&rows[i], by)) {
        return;
    }
    head = list_of(o, &rows[i], by);
    rows[i].prev[by] = NONE;
    rows[i].next[by] = *head;
    if (*head != NONE) {
        rows[*head].prev[by] = i;
    }
    *head = i;
}

static void unlink_row(covey_observers *o, uint32_t i, unsigned by)
{
    covey_observer *rows = o->rows;
    const uint32_t prev = rows[i].prev[by];
    const uint32_t next = rows[i].next[by];

    if (!is_listed(&rows[i], by)) {
        return;
    }
    if (next != NONE) {
        rows[next].prev[by] = prev;
    }
    if (prev != NONE) {
        rows[prev].next[by] = next;
    } else {
        *list_of(o, &rows[i], by) = next;
    }
}

/* The observer with the path and token of `like`, which have this hash, or
 * NONE. */
static uint32_t find(const covey_observers *o, const covey_observer *like,
                     uint32_t hash)
{
    covey_slots_search s = covey_slots_seek(&o->slots, hash);
    uint32_t i;

    do {
        i = covey_slots_next(&o->slots, &s);
    } while (i != NONE &&
             (o->rows[i].token_len != like->token_len ||
              memcmp(o->rows[i].token, like->token, like->token_len) != 0 ||
              !covey_path_same_peer(&o->rows[i].path, &like->path)));
    return i;
}

static bool names(const covey_observers *o, covey_observer_ref ref)
{
    return ref.serial != 0 && ref.row < o->count &&
           o->rows[ref.row].serial == ref.serial;
}

static bool is_stream(const covey_observer *row)
{
    return row->path.transport == COVEY_TCP ||
           row->path.transport == COVEY_TLS;
}

/* A row is told something now, or as soon as it may be. */
static void schedule(covey_observers *o, covey_ms now, uint32_t i)
{
    covey_observer *row = &o->rows[i];

    if (row->waiting || row->queued) {
        return;
    }
    if (row->changed && now >= row->not_before) {
        covey_timers_cancel(&o->timers, i);
        row->queued = true;
        row->ready_next = NONE;
        row->ready_prev = o->ready_last;
        if (o->ready_last != NONE) {
            o->rows[o->ready_last].ready_next = i;
        } else {
            o->ready_first = i;
        }
        o->ready_last = i;
    } else if (row->changed) {
        covey_timers_set(&o->timers, i, row->not_before);
    } else if (!is_stream(row)) {
        /* Section 4.5: whoever has gone is found out within a day. */
        covey_timers_set(&o->timers, i,
                         row->confirmed + o->config.confirm_within);
    }
}

static void leave_queue(covey_observers *o, uint32_t i)
{
    covey_observer *rows = o->rows;
    const uint32_t prev = rows[i].ready_prev;
    const uint32_t next = rows[i].ready_next;

    if (prev != NONE) {
        rows[prev].ready_next = next;
    } else {
        o->ready_first = next;
    }
    if (next != NONE) {
        rows[next].ready_prev = prev;
    } else {
        o->ready_last = prev;
    }
    rows[i].queued = false;
}

static void drop(covey_observers *o, uint32_t i)
{
    covey_observer *row = &o->rows[i];

    covey_slots_remove(&o->slots, row->hash, i);
    unlink_row(o, i, BY_RESOURCE);
    unlink_row(o, i, BY_PEER);
    covey_timers_cancel(&o->timers, i);
    if (row->queued) {
        leave_queue(o, i);
    }
    row->serial = 0;
    row->next[0] = o->free;
    o->free = i;
}

/* A row for a client that was not there, or NONE. */
static uint32_t add(covey_observers *o, const covey_observer *like,
                    uint32_t hash)
{
    const uint32_t i = o->free;
    covey_observer *row;

    if (i == NONE) {
        return NONE;
    }
    row = &o->rows[i];
    o->free = row->next[0];
    row->path = like->path;
    memcpy(row->token, like->token, sizeof row->token);
    row->token_len = like->token_len;
    row->resource = like->resource;
    row->sequence = 0;
    row->queued = false;
    o->serial++;
    o->serial += o->serial == 0;
    row->serial = o->serial;
    row->hash = hash;
    covey_slots_insert(&o->slots, hash, i);
    link_row(o, i, BY_RESOURCE);
    link_row(o, i, BY_PEER);
    return i;
}

covey_status covey_observers_register(covey_observers *o, covey_ms now,
                                      const covey_observers_entry *entry,
                                      covey_observer_ref *ref,
                                      uint32_t *sequence)
{
    covey_observer like;
    covey_observer *row;
    uint32_t hash;
    uint32_t i;

    if (entry->token.len > COVEY_OBSERVER_TOKEN_MAX) {
        return COVEY_E_RANGE;
    }
    memset(&like, 0, sizeof like);
    like.path = entry->path;
    like.resource = entry->resource;
    like.token_len = (uint8_t)entry->token.len;
    if (entry->token.len > 0) {
        memcpy(like.token, entry->token.ptr, entry->token.len);
    }
    hash = key_hash(o, &like);
    i = find(o, &like, hash);
    if (i != NONE && o->rows[i].resource != entry->resource) {
        drop(o, i); /* the client uses its token for something else */
        i = NONE;
    }
    if (i == NONE) {
        i = add(o, &like, hash);
    }
    if (i == NONE) {
        return COVEY_E_ROOM;
    }
    row = &o->rows[i];
    if (row->queued) {
        leave_queue(o, i); /* the response tells the present state */
    }
    row->user = entry->user;
    row->changed = false;
    row->waiting = false;
    row->unconfirmed = 0;
    row->confirmed = now;
    row->not_before = now + (is_stream(row) ? 0 : o->config.interval);
    row->sequence = covey_observe_sequence(row->sequence, now);
    covey_timers_cancel(&o->timers, i);
    schedule(o, now, i);
    *ref = (covey_observer_ref){ i, row->serial };
    *sequence = row->sequence;
    return COVEY_OK;
}

void covey_observers_remove(covey_observers *o, covey_observer_ref ref)
{
    if (names(o, ref)) {
        drop(o, ref.row);
    }
}

void covey_observers_cancel(covey_observers *o, const covey_path *path,
                            covey_bytes token)
{
    covey_observer like;
    uint32_t i;

    if (token.len > COVEY_OBSERVER_TOKEN_MAX) {
        return;
    }
    memset(&like, 0, sizeof like);
    like.path = *path;
    like.token_len = (uint8_t)token.len;
    if (token.len > 0) {
        memcpy(like.token, token.ptr, token.len);
    }
    i = find(o, &like, key_hash(o, &like));
    if (i != NONE) {
        drop(o, i);
    }
}

void covey_observers_lost(covey_observers *o, const covey_path *path)
{
    covey_observer like;
    uint32_t i;

    memset(&like, 0, sizeof like);
    like.path = *path;
    i = *list_of(o, &like, BY_PEER);
    while (i != NONE) {
        const uint32_t next = o->rows[i].next[BY_PEER];
        if (covey_path_same_peer(&o->rows[i].path, path)) {
            drop(o, i);
        }
        i = next;
    }
}

void covey_observers_changed(covey_observers *o, covey_ms now,
                             uint32_t resource)
{
    covey_observer like;
    uint32_t i;

    memset(&like, 0, sizeof like);
    like.resource = resource;
    i = *list_of(o, &like, BY_RESOURCE);
    for (; i != NONE; i = o->rows[i].next[BY_RESOURCE]) {
        if (o->rows[i].resource == resource) {
            o->rows[i].changed = true;
            schedule(o, now, i);
        }
    }
}

void covey_observers_acknowledged(covey_observers *o, covey_ms now,
                                  covey_observer_ref ref)
{
    if (names(o, ref) && o->rows[ref.row].waiting) {
        o->rows[ref.row].waiting = false;
        o->rows[ref.row].confirmed = now;
        o->rows[ref.row].not_before = now;
        schedule(o, now, ref.row);
    }
}

/* Section 4.5: now and then one has to be Confirmable; over streams none. */
static bool is_confirmable(const covey_observers *o, const covey_observer *row,
                           covey_ms now)
{
    return !is_stream(row) &&
           (row->unconfirmed + 1 >= o->config.confirm_every ||
            now - row->confirmed >= o->config.confirm_within);
}

/* Timers that have come: a change held back, or a day of silence. */
static void turn(covey_observers *o, covey_ms now)
{
    uint32_t i;

    while ((i = covey_timers_take(&o->timers, now)) != COVEY_TIMERS_NONE) {
        o->rows[i].changed = true;
        o->rows[i].not_before = now;
        schedule(o, now, i);
    }
}

bool covey_observers_next(covey_observers *o, covey_ms now,
                          covey_notification *out)
{
    covey_observer *row;
    uint32_t i;

    turn(o, now);
    i = o->ready_first;
    if (i == NONE) {
        return false;
    }
    leave_queue(o, i);
    row = &o->rows[i];
    row->changed = false;
    row->sequence = covey_observe_sequence(row->sequence, now);
    out->confirmable = is_confirmable(o, row, now);
    if (out->confirmable) {
        row->unconfirmed = 0;
        row->confirmed = now;
        row->waiting = true;
    } else {
        row->unconfirmed++;
        row->not_before = now + (is_stream(row) ? 0 : o->config.interval);
        schedule(o, now, i);
    }
    out->ref = (covey_observer_ref){ i, row->serial };
    out->path = row->path;
    out->token = covey_bytes_of(row->token, row->token_len);
    out->resource = row->resource;
    out->user = row->user;
    out->sequence = row->sequence;
    return true;
}

covey_ms covey_observers_deadline(const covey_observers *o)
{
    return o->ready_first != NONE ? 0 : covey_timers_next(&o->timers);
}
