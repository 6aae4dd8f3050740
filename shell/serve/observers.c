/* SPDX-License-Identifier: BSD-2-Clause */
#include "observers.h"

#include "asker.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum {
    UNCONFIRMED = 32,         /* so many, or */
    CONFIRM_AFTER = 86400000, /* so many ms: RFC 7641 Section 4.5 */
    PATIENCE = 93000          /* MAX_TRANSMIT_WAIT, RFC 7252 Section 4.8.2 */
};

/* The security of a protected one follows, at the first place behind the token
 * that is aligned for it; an open one ends with its token. */
struct observer_request {
    covey_path path;
    uint32_t hash; /* of path and token */
    covey_reply_terms terms;
    uint8_t type;
    uint8_t token_len;
    bool secured;
    uint8_t token[];
};

static size_t security_at(size_t token_len)
{
    const size_t align = _Alignof(covey_security);
    const size_t end = offsetof(struct observer_request, token) + token_len;

    return (end + align - 1) / align * align;
}

static struct observer_request *keep(const covey_endpoint_request *r)
{
    const bool secured = asker_secured(r);
    const size_t at = security_at(r->token_len);
    struct observer_request *kept =
        malloc(secured ? at + sizeof r->security : at);

    if (kept == NULL) {
        return NULL;
    }
    kept->path = r->path;
    kept->terms = r->terms;
    kept->type = r->type;
    kept->token_len = r->token_len;
    kept->secured = secured;
    memcpy(kept->token, r->token, r->token_len);
    if (secured) {
        memcpy((uint8_t *)kept + at, &r->security, sizeof r->security);
    }
    return kept;
}

void observers_request(const struct observer *row,
                       covey_endpoint_request *request)
{
    const struct observer_request *kept = row->request;

    *request = (covey_endpoint_request){ .path = kept->path,
                                         .terms = kept->terms,
                                         .type = kept->type,
                                         .token_len = kept->token_len };
    memcpy(request->token, kept->token, kept->token_len);
    if (kept->secured) {
        memcpy(&request->security,
               (const uint8_t *)kept + security_at(kept->token_len),
               sizeof request->security);
    }
}

bool observers_open(struct observers *o, uint32_t count, size_t resources,
                    uint64_t key)
{
    memset(o, 0, sizeof *o);
    o->rows = calloc(count, sizeof *o->rows);
    o->slot = malloc(COVEY_SLOTS((size_t)count) * sizeof *o->slot);
    o->firsts = malloc((resources + 1) * sizeof *o->firsts);
    o->count = count;
    o->key = key;
    o->free = OBSERVER_NONE;
    if (o->rows == NULL || o->slot == NULL || o->firsts == NULL) {
        observers_close(o);
        return false;
    }
    covey_slots_init(&o->slots, o->slot, count);
    for (uint32_t i = 0; i < count; i++) {
        o->rows[i].peers = OBSERVER_NONE;
    }
    memset(o->firsts, 0xff, (resources + 1) * sizeof *o->firsts);
    return true;
}

void observers_close(struct observers *o)
{
    for (uint32_t i = 0; o->rows != NULL && i < o->fresh; i++) {
        free(o->rows[i].request);
    }
    free(o->rows);
    free(o->slot);
    free(o->firsts);
    memset(o, 0, sizeof *o);
}

static uint32_t *peer_of(const struct observers *o, const covey_path *path)
{
    return &o->rows[covey_path_hash(path, ~o->key) % o->count].peers;
}

/* Only a connection can be lost. */
static void enter_peer(struct observers *o, struct observer *row)
{
    const covey_path *path = &row->request->path;
    const uint32_t i = (uint32_t)(row - o->rows);
    uint32_t *head;

    if (path->connection == 0) {
        return;
    }
    head = peer_of(o, path);
    row->peer_next = *head;
    row->peer_prev = OBSERVER_NONE;
    if (row->peer_next != OBSERVER_NONE) {
        o->rows[row->peer_next].peer_prev = i;
    }
    *head = i;
}

static void leave_peer(struct observers *o, const struct observer *row)
{
    if (row->request->path.connection == 0) {
        return;
    }
    if (row->peer_prev != OBSERVER_NONE) {
        o->rows[row->peer_prev].peer_next = row->peer_next;
    } else {
        *peer_of(o, &row->request->path) = row->peer_next;
    }
    if (row->peer_next != OBSERVER_NONE) {
        o->rows[row->peer_next].peer_prev = row->peer_prev;
    }
}

static struct observer *find(const struct observers *o, const void *link,
                             const covey_endpoint_request *r, uint32_t hash)
{
    covey_slots_search s = covey_slots_seek(&o->slots, hash);
    uint32_t i;

    while ((i = covey_slots_next(&o->slots, &s)) != COVEY_SLOTS_NONE) {
        struct observer *row = &o->rows[i];
        if (row->link == link && row->request->secured == asker_secured(r) &&
            row->request->token_len == r->token_len &&
            memcmp(row->request->token, r->token, r->token_len) == 0 &&
            covey_path_same_peer(&row->request->path, &r->path)) {
            return row;
        }
    }
    return NULL;
}

struct observer *observers_find(struct observers *o, const void *link,
                                const covey_endpoint_request *r)
{
    return find(o, link, r, asker_hash(&r->path, asker_token(r), o->key));
}

/* One that is not in use, or NULL. */
static struct observer *take_row(struct observers *o)
{
    struct observer *row = NULL;

    if (o->free != OBSERVER_NONE) {
        row = &o->rows[o->free];
        o->free = row->next;
    } else if (o->fresh < o->count) {
        row = &o->rows[o->fresh++];
    }
    return row;
}

static void enter(struct observers *o, struct observer *row)
{
    const uint32_t i = (uint32_t)(row - o->rows);

    row->next = o->firsts[row->resource];
    if (row->next != OBSERVER_NONE) {
        o->rows[row->next].prev = i;
    }
    o->firsts[row->resource] = i;
    covey_slots_insert(&o->slots, row->request->hash, i);
    enter_peer(o, row);
}

struct observer *observers_add(struct observers *o, void *link,
                               const covey_endpoint_request *r,
                               uint32_t resource)
{
    const uint32_t hash = asker_hash(&r->path, asker_token(r), o->key);
    struct observer_request *kept = keep(r);
    struct observer *row = find(o, link, r, hash);

    if (row != NULL) {
        observers_remove(o, row);
    }
    row = kept != NULL ? take_row(o) : NULL;
    if (row == NULL) {
        free(kept);
        return NULL;
    }
    kept->hash = hash;
    *row = (struct observer){ .request = kept,
                              .link = link,
                              .serial = ++o->serial,
                              .notified = (uint8_t)(o->serial % UNCONFIRMED),
                              .prev = OBSERVER_NONE,
                              .peers = row->peers,
                              .resource = resource };
    enter(o, row);
    return row;
}

void observers_remove(struct observers *o, struct observer *row)
{
    const uint32_t i = (uint32_t)(row - o->rows);

    covey_slots_remove(&o->slots, row->request->hash, i);
    leave_peer(o, row);
    if (row->prev != OBSERVER_NONE) {
        o->rows[row->prev].next = row->next;
    } else {
        o->firsts[row->resource] = row->next;
    }
    if (row->next != OBSERVER_NONE) {
        o->rows[row->next].prev = row->prev;
    }
    free(row->request);
    row->request = NULL;
    row->resource = OBSERVER_NONE;
    row->next = o->free;
    o->free = i;
}

void observers_lost(struct observers *o, const void *link,
                    const covey_path *path)
{
    uint32_t i = *peer_of(o, path);

    while (i != OBSERVER_NONE) {
        struct observer *row = &o->rows[i];
        i = row->peer_next;
        if (row->link == link &&
            covey_path_same_peer(&row->request->path, path)) {
            observers_remove(o, row);
        }
    }
}

enum observer_turn observers_turn(struct observer *row, covey_ms now)
{
    const bool waiting = row->sent.serial != 0;

    if (waiting && now - row->confirmed >= PATIENCE) {
        return OBSERVER_FORSAKEN;
    }
    if (!waiting && row->notified < UNCONFIRMED &&
        now - row->confirmed < CONFIRM_AFTER) {
        row->notified++;
        return OBSERVER_TOLD;
    }
    row->notified = 0;
    row->confirmed = waiting ? row->confirmed : now;
    return OBSERVER_ASKED;
}

uint64_t observers_name(const struct observers *o, const struct observer *row)
{
    return (uint64_t)(row - o->rows) << 32 | row->serial;
}

struct observer *observers_named(struct observers *o, uint64_t name)
{
    struct observer *row = &o->rows[(name >> 32) % o->count];

    return row->request != NULL && row->serial == (uint32_t)name ? row : NULL;
}
