/* SPDX-License-Identifier: BSD-2-Clause */
#include "observers.h"

#include <stdlib.h>
#include <string.h>

enum {
    UNCONFIRMED = 32,         /* so many, or */
    CONFIRM_AFTER = 86400000, /* so many ms: RFC 7641 Section 4.5 */
    PATIENCE = 93000          /* MAX_TRANSMIT_WAIT, RFC 7252 Section 4.8.2 */
};

bool observers_open(struct observers *o, uint32_t count, size_t resources,
                    uint64_t key)
{
    o->rows = calloc(count, sizeof *o->rows);
    o->heads = malloc(count * sizeof *o->heads);
    o->peers = malloc(count * sizeof *o->peers);
    o->firsts = malloc((resources + 1) * sizeof *o->firsts);
    o->count = count;
    o->key = key;
    o->serial = 0;
    o->free = 0;
    if (o->rows == NULL || o->heads == NULL || o->peers == NULL ||
        o->firsts == NULL) {
        observers_close(o);
        return false;
    }
    memset(o->heads, 0xff, count * sizeof *o->heads);
    memset(o->peers, 0xff, count * sizeof *o->peers);
    memset(o->firsts, 0xff, (resources + 1) * sizeof *o->firsts);
    for (uint32_t i = 0; i < count; i++) {
        o->rows[i].next = i + 1 < count ? i + 1 : OBSERVER_NONE;
        o->rows[i].resource = OBSERVER_NONE;
    }
    return true;
}

void observers_close(struct observers *o)
{
    free(o->rows);
    free(o->heads);
    free(o->peers);
    free(o->firsts);
    o->rows = NULL;
    o->heads = o->peers = o->firsts = NULL;
}

static uint32_t *head_of(const struct observers *o,
                         const covey_endpoint_request *r)
{
    uint64_t key = o->key;

    for (size_t i = 0; i < r->token_len; i++) {
        key = (key ^ r->token[i]) * UINT64_C(1099511628211);
    }
    return &o->heads[covey_path_hash(&r->path, key) & (o->count - 1)];
}

static uint32_t *peer_of(const struct observers *o, const covey_path *path)
{
    return &o->peers[covey_path_hash(path, ~o->key) & (o->count - 1)];
}

static void enter_peer(struct observers *o, struct observer *row)
{
    uint32_t *head = peer_of(o, &row->request.path);
    const uint32_t i = (uint32_t)(row - o->rows);

    row->peer_next = *head;
    row->peer_prev = OBSERVER_NONE;
    if (row->peer_next != OBSERVER_NONE) {
        o->rows[row->peer_next].peer_prev = i;
    }
    *head = i;
}

static void leave_peer(struct observers *o, const struct observer *row)
{
    if (row->peer_prev != OBSERVER_NONE) {
        o->rows[row->peer_prev].peer_next = row->peer_next;
    } else {
        *peer_of(o, &row->request.path) = row->peer_next;
    }
    if (row->peer_next != OBSERVER_NONE) {
        o->rows[row->peer_next].peer_prev = row->peer_prev;
    }
}

struct observer *observers_find(struct observers *o, const void *link,
                                const covey_endpoint_request *r)
{
    uint32_t i = *head_of(o, r);

    while (i != OBSERVER_NONE) {
        struct observer *row = &o->rows[i];
        if (row->link == link && row->request.token_len == r->token_len &&
            memcmp(row->request.token, r->token, r->token_len) == 0 &&
            covey_path_same_peer(&row->request.path, &r->path)) {
            return row;
        }
        i = row->chain;
    }
    return NULL;
}

struct observer *observers_add(struct observers *o, void *link,
                               const covey_endpoint_request *r,
                               uint32_t resource)
{
    struct observer *row = observers_find(o, link, r);

    if (row != NULL) {
        observers_remove(o, row);
    }
    if (o->free == OBSERVER_NONE) {
        return NULL;
    }
    const uint32_t i = o->free;
    uint32_t *head = head_of(o, r);
    row = &o->rows[i];
    o->free = row->next;
    *row = (struct observer){ .request = *r,
                              .link = link,
                              .serial = ++o->serial,
                              .next = o->firsts[resource],
                              .prev = OBSERVER_NONE,
                              .chain = *head,
                              .resource = resource };
    if (row->next != OBSERVER_NONE) {
        o->rows[row->next].prev = i;
    }
    o->firsts[resource] = i;
    *head = i;
    enter_peer(o, row);
    return row;
}

void observers_remove(struct observers *o, struct observer *row)
{
    const uint32_t i = (uint32_t)(row - o->rows);
    uint32_t *at = head_of(o, &row->request);

    while (*at != i) {
        at = &o->rows[*at].chain;
    }
    *at = row->chain;
    leave_peer(o, row);
    if (row->prev != OBSERVER_NONE) {
        o->rows[row->prev].next = row->next;
    } else {
        o->firsts[row->resource] = row->next;
    }
    if (row->next != OBSERVER_NONE) {
        o->rows[row->next].prev = row->prev;
    }
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
            covey_path_same_peer(&row->request.path, path)) {
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
    struct observer *row = &o->rows[name >> 32 & (o->count - 1)];

    return row->resource != OBSERVER_NONE && row->serial == (uint32_t)name
               ? row
               : NULL;
}
