/* SPDX-License-Identifier: BSD-2-Clause */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

/* --- lists --------------------------------------------------------------- */

static struct session *row_at(const dtls_server *s, uint32_t i)
{
    return i != ROW_NONE ? &s->rows[i] : NULL;
}

static uint32_t index_of(const struct session *x)
{
    return (uint32_t)(x - x->server->rows);
}

static void append(struct session *x, enum session_state state)
{
    dtls_server *s = x->server;
    struct session_list *list = &s->lists[state];
    struct session *last = row_at(s, list->last);

    x->state = state;
    x->next = ROW_NONE;
    x->prev = list->last;
    list->last = index_of(x);
    if (last != NULL) {
        last->next = list->last;
    } else {
        list->first = list->last;
    }
    list->count++;
}

static void take_out(struct session *x)
{
    dtls_server *s = x->server;
    struct session_list *list = &s->lists[x->state];
    struct session *next = row_at(s, x->next);
    struct session *prev = row_at(s, x->prev);

    if (next != NULL) {
        next->prev = x->prev;
    } else {
        list->last = x->prev;
    }
    if (prev != NULL) {
        prev->next = x->next;
    } else {
        list->first = x->next;
    }
    list->count--;
}

/* --- chains, all of one IP address in the same one ----------------------- */

static uint32_t *head_of(const dtls_server *s, const covey_path *path)
{
    const covey_path host = { .peer = { .family = path->peer.family,
                                        .zone = path->peer.zone } };
    covey_path key = host;

    memcpy(key.peer.ip, path->peer.ip, sizeof key.peer.ip);
    return &s->heads[covey_path_hash(&key, s->hash_key) & s->head_mask];
}

static bool same_host(const covey_path *a, const covey_path *b)
{
    return a->peer.family == b->peer.family && a->peer.zone == b->peer.zone &&
           memcmp(a->peer.ip, b->peer.ip, sizeof a->peer.ip) == 0;
}

static bool same_path(const covey_path *a, const covey_path *b)
{
    return covey_address_equal(&a->peer, &b->peer) &&
           covey_address_equal(&a->local, &b->local);
}

static void unchain(const struct session *x)
{
    uint32_t *at = head_of(x->server, &x->path);

    while (*at != index_of(x)) {
        at = &x->server->rows[*at].chain;
    }
    *at = x->chain;
}

/* --- the table ----------------------------------------------------------- */

bool table_open(dtls_server *s)
{
    uint32_t heads = 1;

    s->row_count = s->options.sessions + s->options.handshakes;
    while (heads < s->row_count) {
        heads *= 2;
    }
    s->head_mask = heads - 1;
    s->rows = calloc(s->row_count, sizeof *s->rows);
    s->heads = malloc(heads * sizeof *s->heads);
    if (s->rows == NULL || s->heads == NULL) {
        return false;
    }
    for (size_t i = 0; i < SESSION_STATES; i++) {
        s->lists[i] = (struct session_list){ ROW_NONE, ROW_NONE, 0 };
    }
    for (uint32_t i = 0; i < heads; i++) {
        s->heads[i] = ROW_NONE;
    }
    for (uint32_t i = 0; i < s->row_count; i++) {
        s->rows[i].server = s;
        s->rows[i].path.connection = i * s->options.crew + s->options.me;
        append(&s->rows[i], SESSION_FREE);
    }
    return true;
}

void table_close(dtls_server *s)
{
    free(s->rows);
    free(s->heads);
}

struct session *table_named(const dtls_server *s, const covey_path *path)
{
    const uint32_t i = path->connection / s->options.crew % s->row_count;
    struct session *x = &s->rows[i];

    return x->state != SESSION_FREE && path->transport == COVEY_DTLS &&
                   x->path.connection == path->connection
               ? x
               : NULL;
}

struct session *table_find(const dtls_server *s, const covey_path *path,
                           enum session_state state)
{
    struct session *x = row_at(s, *head_of(s, path));

    while (x != NULL && (x->state != state || !same_path(&x->path, path))) {
        x = row_at(s, x->chain);
    }
    return x;
}

uint32_t table_count(const dtls_server *s, const covey_path *path,
                     enum session_state state, struct session **oldest)
{
    uint32_t count = 0;

    *oldest = NULL;
    for (struct session *x = row_at(s, *head_of(s, path)); x != NULL;
         x = row_at(s, x->chain)) {
        if (x->state != state || !same_host(&x->path, path)) {
            continue;
        }
        count++;
        if (*oldest == NULL || x->heard < (*oldest)->heard) {
            *oldest = x;
        }
    }
    return count;
}

struct session *table_oldest(const dtls_server *s, enum session_state state)
{
    return row_at(s, s->lists[state].first);
}

/* Names are the server, the row, and how often it was used; 0 is none, and
 * when they begin again a row has had thousands. */
static uint32_t next_name(const struct session *x)
{
    const uint32_t step = x->server->row_count * x->server->options.crew;
    const uint32_t name = x->path.connection;

    return name <= UINT32_MAX - step ? name + step : name % step + step;
}

struct session *table_add(dtls_server *s, const covey_path *path)
{
    struct session *x = &s->rows[s->lists[SESSION_FREE].first];
    const uint32_t name = next_name(x);
    uint32_t *head = head_of(s, path);

    x->path = *path;
    x->path.transport = COVEY_DTLS;
    x->path.connection = name;
    x->chain = *head;
    *head = index_of(x);
    table_move(x, SESSION_SHAKING);
    return x;
}

void table_move(struct session *x, enum session_state state)
{
    if (state == SESSION_FREE) {
        unchain(x);
    }
    take_out(x);
    append(x, state);
}
