/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of requests, found by token and by peer. Chains run by index
 * through the rows; row i also holds the heads of chain i. */
#include "exchange_internal.h"

#include <string.h>

/* The first bit of a token. */
#define GROUP_BIT 0x80u
/* How many tokens are tried: twice as many as one byte has for a kind, so
 * that each of those is tried, and few enough to be a constant cost. */
#define ATTEMPTS 256u

static uint64_t load(covey_bytes token)
{
    uint64_t v = token.len;

    for (size_t i = 0; i < token.len; i++) {
        v = v << 8 | token.ptr[i];
    }
    return v;
}

/* RFC 7252 Section 5.3.2 matches unicast responses by peer and token, Section
 * 8.2 those to a group by token alone: each has its own hash. */
static uint32_t token_chain(const covey_exchange_table *t,
                            const covey_path *path, covey_bytes token)
{
    uint64_t h = load(token) ^ t->key;

    if ((token.ptr[0] & GROUP_BIT) == 0) {
        h ^= (uint64_t)covey_path_hash(path, t->key) << 24;
    }
    h *= UINT64_C(0x9e3779b97f4a7c15); /* 2^64 by the golden ratio, odd */
    return (uint32_t)(h >> 32) % t->memory.row_count;
}

static uint32_t peer_list(const covey_exchange_table *t,
                          const covey_path *path)
{
    return covey_path_hash(path, t->key) % t->memory.row_count;
}

covey_path covey__exchange_path(const covey_exchange_row *row)
{
    covey_path path;

    memset(&path, 0, sizeof path);
    path.peer = row->peer;
    path.connection = row->connection;
    path.transport = row->transport;
    path.group = row->group;
    return path;
}

static bool is_of(const covey_exchange_row *row, const covey_path *path,
                  covey_bytes token)
{
    covey_path own;

    if (row->token_len != token.len ||
        memcmp(row->token, token.ptr, token.len) != 0 ||
        row->transport != path->transport) {
        return false;
    }
    if (row->group) {
        return true;
    }
    own = covey__exchange_path(row);
    return covey_path_same_peer(&own, path);
}

uint32_t covey__exchange_find(const covey_exchange_table *t,
                              const covey_path *path, covey_bytes token)
{
    uint32_t i;

    if (token.len == 0 || token.len > COVEY_EXCHANGE_TOKEN_MAX) {
        return NONE; /* none that we have sent */
    }
    i = t->memory.rows[token_chain(t, path, token)].token_head;
    while (i != NONE && !is_of(&t->memory.rows[i], path, token)) {
        i = t->memory.rows[i].chain;
    }
    return i;
}

covey_exchange_row *covey__exchange_waiting(covey_exchange_table *t,
                                            covey_exchange_ref ref)
{
    covey_exchange_row *row;

    if (ref.serial == 0 || ref.row >= t->memory.row_count) {
        return NULL;
    }
    row = &t->memory.rows[ref.row];
    return row->serial == ref.serial && row->state == ROW_WAITING ? row : NULL;
}

static void join_peer(covey_exchange_table *t, uint32_t i,
                      const covey_path *path)
{
    covey_exchange_row *rows = t->memory.rows;
    uint32_t *head = &rows[peer_list(t, path)].peer_head;

    rows[i].prev = NONE;
    rows[i].next = *head;
    if (*head != NONE) {
        rows[*head].prev = i;
    }
    *head = i;
}

void covey__exchange_leave_peer(covey_exchange_table *t, uint32_t i)
{
    covey_exchange_row *rows = t->memory.rows;
    covey_path path;

    if (rows[i].group) {
        return;
    }
    if (rows[i].next != NONE) {
        rows[rows[i].next].prev = rows[i].prev;
    }
    if (rows[i].prev != NONE) {
        rows[rows[i].prev].next = rows[i].next;
    } else {
        path = covey__exchange_path(&rows[i]);
        rows[peer_list(t, &path)].peer_head = rows[i].next;
    }
}

uint32_t covey__exchange_of_peer(const covey_exchange_table *t,
                                 const covey_path *path)
{
    const covey_exchange_row *rows = t->memory.rows;
    uint32_t i = rows[peer_list(t, path)].peer_head;

    while (i != NONE) {
        const covey_path own = covey__exchange_path(&rows[i]);
        if (covey_path_same_peer(&own, path)) {
            break;
        }
        i = rows[i].next;
    }
    return i;
}

void covey__exchange_free(covey_exchange_table *t, uint32_t i)
{
    covey_exchange_row *rows = t->memory.rows;
    const covey_path path = covey__exchange_path(&rows[i]);
    uint32_t *at =
        &rows[token_chain(t, &path,
                          covey_bytes_of(rows[i].token, rows[i].token_len))]
             .token_head;

    while (*at != i) {
        at = &rows[*at].chain;
    }
    *at = rows[i].chain;
    rows[i].state = ROW_FREE;
    rows[i].next = t->free;
    t->free = i;
}

covey_status covey_exchange_init(covey_exchange_table *t,
                                 const covey_exchange_memory *m,
                                 covey_random random, covey_ms now)
{
    uint8_t key[8];
    covey_writer w = covey_writer_of(key, sizeof key);
    covey_status st;

    if (m->row_count == 0 || m->row_count > COVEY_TIMERS_MAX) {
        return COVEY_E_ARGUMENT;
    }
    st = random.fill(random.user, &w);
    if (st != COVEY_OK) {
        return st;
    }
    memset(t, 0, sizeof *t);
    t->memory = *m;
    t->random = random;
    t->key = load(covey_bytes_of(key, sizeof key));
    t->ended_first = NONE;
    t->ended_last = NONE;
    covey_timers_init(&t->timers, m->timers, m->row_count, now);
    memset(m->rows, 0, (size_t)m->row_count * sizeof *m->rows);
    for (uint32_t i = 0; i < m->row_count; i++) {
        m->rows[i].token_head = NONE;
        m->rows[i].peer_head = NONE;
        m->rows[i].next = i + 1 < m->row_count ? i + 1 : NONE;
    }
    for (uint32_t i = 0; i < m->responder_count; i++) {
        m->responders[i].head = NONE;
        m->responders[i].sibling = i + 1 < m->responder_count ? i + 1 : NONE;
    }
    t->free_responder = m->responder_count > 0 ? 0 : NONE;
    return COVEY_OK;
}

/* The next token of this length: the number one higher, its kind the same. */
static void step(uint8_t *token, size_t len)
{
    const uint8_t kind = token[0] & GROUP_BIT;

    for (size_t i = len; i-- > 0;) {
        token[i]++;
        if (token[i] != 0) {
            break;
        }
    }
    token[0] = (uint8_t)((token[0] & ~GROUP_BIT) | kind);
}

static covey_status choose_token(covey_exchange_table *t,
                                 const covey_exchange_request *request,
                                 uint8_t *token)
{
    const covey_bytes span = covey_bytes_of(token, request->token_len);
    covey_writer w = covey_writer_of(token, request->token_len);
    covey_status st = t->random.fill(t->random.user, &w);

    if (st != COVEY_OK) {
        return st;
    }
    token[0] = (uint8_t)((token[0] & ~GROUP_BIT) |
                         (request->path.group ? GROUP_BIT : 0));
    for (unsigned n = 0; n < ATTEMPTS; n++) {
        if (covey__exchange_find(t, &request->path, span) == NONE) {
            return COVEY_OK;
        }
        step(token, request->token_len);
    }
    return COVEY_E_EXHAUSTED;
}

static void fill_row(covey_exchange_row *row,
                     const covey_exchange_request *request,
                     const uint8_t *token)
{
    row->peer = request->path.peer;
    row->connection = request->path.connection;
    row->transport = request->path.transport;
    row->group = request->path.group;
    row->local_port = request->path.local.port;
    row->user = request->user;
    row->responders = NONE;
    row->rest = request->rest;
    row->responses = 0;
    row->limit = request->limit;
    row->server_limit = request->server_limit;
    row->many = request->many;
    memcpy(row->token, token, request->token_len);
    row->token_len = request->token_len;
    row->state = ROW_WAITING;
    row->kept = false;
}

covey_status covey_exchange_begin(covey_exchange_table *t,
                                  const covey_exchange_request *request,
                                  uint8_t token[COVEY_EXCHANGE_TOKEN_MAX],
                                  covey_bytes *span, covey_exchange_ref *ref)
{
    uint8_t chosen[COVEY_EXCHANGE_TOKEN_MAX];
    const uint32_t i = t->free;
    covey_exchange_row *row;
    uint32_t *head;
    covey_status st;

    if (request->token_len == 0 ||
        request->token_len > COVEY_EXCHANGE_TOKEN_MAX || request->limit == 0 ||
        request->server_limit == 0) {
        return COVEY_E_ARGUMENT;
    }
    if (i == NONE) {
        return COVEY_E_ROOM;
    }
    st = choose_token(t, request, chosen);
    if (st != COVEY_OK) {
        return st;
    }
    row = &t->memory.rows[i];
    t->free = row->next;
    fill_row(row, request, chosen);
    t->serial++;
    t->serial += t->serial == 0;
    row->serial = t->serial;
    memcpy(token, chosen, request->token_len);
    *span = covey_bytes_of(token, request->token_len);
    *ref = (covey_exchange_ref){ i, row->serial };
    head = &t->memory.rows[token_chain(t, &request->path, *span)].token_head;
    row->chain = *head;
    *head = i;
    if (!row->group) {
        join_peer(t, i, &request->path);
    }
    covey_timers_set(&t->timers, i, request->deadline);
    return COVEY_OK;
}

covey_status covey_exchange_token(covey_exchange_table *t,
                                  covey_exchange_ref ref,
                                  uint8_t token[COVEY_EXCHANGE_TOKEN_MAX],
                                  covey_bytes *span)
{
    const covey_exchange_row *row = covey__exchange_waiting(t, ref);

    if (row == NULL) {
        return COVEY_E_ARGUMENT;
    }
    memcpy(token, row->token, row->token_len);
    *span = covey_bytes_of(token, row->token_len);
    return COVEY_OK;
}
