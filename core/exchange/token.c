/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of requests, found by token, and by connection if that is lost. */
#include "exchange_internal.h"

#include <string.h>

/* The first bit of a token. */
#define GROUP_BIT 0x80u
/* How many tokens are tried: twice as many as one byte has for a kind, so
 * that each of those is tried, and few enough to be a constant cost. */
#define ATTEMPTS       256u
#define MS_PER_S       1000u
#define TOKEN_LEN_MASK 15u

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
static uint32_t hash_of(const covey_exchange_table *t, const covey_path *path,
                        covey_bytes token)
{
    uint64_t h = load(token) ^ t->key;

    if ((token.ptr[0] & GROUP_BIT) == 0) {
        h ^= (uint64_t)covey_path_hash(path, t->key) << 24;
    }
    h *= UINT64_C(0x9e3779b97f4a7c15); /* 2^64 by the golden ratio, odd */
    return (uint32_t)(h >> 32);
}

static uint32_t *peer_of(const covey_exchange_table *t, const covey_path *path)
{
    const uint32_t hash = covey_path_hash(path, t->key);

    return &t->memory.rows[hash % t->memory.row_count].peers;
}

static bool is_of(const covey_exchange_row *row, const covey_path *path,
                  covey_bytes token)
{
    if (row->token_len != token.len ||
        memcmp(row->token, token.ptr, token.len) != 0) {
        return false;
    }
    return row->group ? row->peer.transport == path->transport
                      : covey_peer_is(&row->peer, path);
}

static uint32_t find(const covey_exchange_table *t, const covey_path *path,
                     covey_bytes token, uint32_t hash)
{
    covey_slots_search s = covey_slots_seek(&t->slots, hash);
    uint32_t i;

    do {
        i = covey_slots_next(&t->slots, &s);
    } while (i != NONE && !is_of(&t->memory.rows[i], path, token));
    return i;
}

uint32_t covey__exchange_find(const covey_exchange_table *t,
                              const covey_path *path, covey_bytes token)
{
    if (token.len == 0 || token.len > COVEY_EXCHANGE_TOKEN_MAX) {
        return NONE; /* none that we have sent */
    }
    return find(t, path, token, hash_of(t, path, token));
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

/* --- connections --------------------------------------------------------- */

static bool is_listed(const covey_exchange_row *row)
{
    return !row->group && row->peer.connection != 0;
}

static void join_peer(covey_exchange_table *t, uint32_t i,
                      const covey_path *path)
{
    covey_exchange_row *rows = t->memory.rows;
    uint32_t *head;

    if (!is_listed(&rows[i])) {
        return;
    }
    head = peer_of(t, path);
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

    if (!is_listed(&rows[i])) {
        return;
    }
    if (rows[i].next != NONE) {
        rows[rows[i].next].prev = rows[i].prev;
    }
    if (rows[i].prev != NONE) {
        rows[rows[i].prev].next = rows[i].next;
    } else {
        path = covey_peer_path(&rows[i].peer);
        *peer_of(t, &path) = rows[i].next;
    }
}

uint32_t covey__exchange_of_peer(const covey_exchange_table *t,
                                 const covey_path *path)
{
    const covey_exchange_row *rows = t->memory.rows;
    uint32_t i = *peer_of(t, path);

    while (i != NONE && !covey_peer_is(&rows[i].peer, path)) {
        i = rows[i].next;
    }
    return i;
}

/* --- rows ---------------------------------------------------------------- */

void covey__exchange_free(covey_exchange_table *t, uint32_t i)
{
    covey_exchange_row *row = &t->memory.rows[i];
    const covey_path path = covey_peer_path(&row->peer);
    const covey_bytes token = covey_bytes_of(row->token, row->token_len);

    covey_slots_remove(&t->slots, hash_of(t, &path, token), i);
    row->state = ROW_FREE;
    row->next = t->free;
    t->free = i;
}

covey_status covey_exchange_init(covey_exchange_table *t,
                                 const covey_exchange_memory *m,
                                 covey_random random, covey_ms now)
{
    uint8_t key[8];
    covey_writer w = covey_writer_of(key, sizeof key);
    covey_status st;

    if (m->row_count == 0 || m->row_count > COVEY_SLOTS_ROWS_MAX) {
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
    covey_slots_init(&t->slots, m->slots, m->row_count);
    memset(m->rows, 0, (size_t)m->row_count * sizeof *m->rows);
    for (uint32_t i = 0; i < m->row_count; i++) {
        m->rows[i].peers = NONE;
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
                                 uint8_t *token, uint32_t *hash)
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
        *hash = hash_of(t, &request->path, span);
        if (find(t, &request->path, span, *hash) == NONE) {
            return COVEY_OK;
        }
        step(token, request->token_len);
    }
    return COVEY_E_EXHAUSTED;
}

/* The time that a token rests, as the row keeps it. */
static uint16_t rest_of(uint32_t ms)
{
    const uint32_t seconds = ms / MS_PER_S + (ms % MS_PER_S != 0);

    return (uint16_t)(seconds < UINT16_MAX ? seconds : UINT16_MAX);
}

static void fill_row(covey_exchange_row *row,
                     const covey_exchange_request *request,
                     const uint8_t *token)
{
    row->peer = covey_peer_of(&request->path);
    row->group = request->path.group;
    row->local_port = request->path.local.port;
    row->user = request->user;
    row->prev = NONE;
    row->rest = rest_of(request->rest);
    row->responses = 0;
    row->limit = request->limit;
    row->server_limit = request->server_limit;
    row->many = request->many;
    memcpy(row->token, token, request->token_len);
    row->token_len = request->token_len & TOKEN_LEN_MASK;
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
    uint32_t hash = 0;
    covey_status st;

    if (request->token_len == 0 ||
        request->token_len > COVEY_EXCHANGE_TOKEN_MAX || request->limit == 0 ||
        request->server_limit == 0) {
        return COVEY_E_ARGUMENT;
    }
    if (i == NONE) {
        return COVEY_E_ROOM;
    }
    st = choose_token(t, request, chosen, &hash);
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
    covey_slots_insert(&t->slots, hash, i);
    join_peer(t, i, &request->path);
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
