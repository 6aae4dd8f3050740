/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests that are under way, and what may be: one row for each, found by
 * whose it is and by its group. All chains are short, their heads lie in the
 * rows; only init and of_path look through the table. */
#include <covey/proxy.h>

#include <string.h>

#define NONE UINT32_MAX

enum {
    REQUEST = 1000 /* credit for one */
};

covey_status covey_proxy_init(covey_proxy *p, const covey_proxy_memory *memory,
                              const covey_proxy_limits *limits, uint64_t key,
                              covey_ms now)
{
    if (memory->row_count == 0 || memory->row_count >= NONE ||
        memory->client_count == 0 || limits->per_client == 0 ||
        limits->per_group == 0 || limits->burst == 0 ||
        limits->burst > UINT32_MAX / REQUEST) {
        return COVEY_E_ARGUMENT;
    }
    *p = (covey_proxy){ .memory = *memory, .limits = *limits, .key = key };
    p->free = NONE;
    for (uint32_t i = memory->row_count; i-- > 0;) {
        covey_proxy_row *row = &memory->rows[i];
        memset(row, 0, sizeof *row);
        row->head = NONE;
        row->group_head = NONE;
        row->next = p->free;
        p->free = i;
    }
    for (uint32_t i = 0; i < memory->client_count; i++) {
        memory->clients[i] =
            (covey_proxy_client){ .filled = now,
                                  .credit = limits->burst * REQUEST };
    }
    return COVEY_OK;
}

/* --- finding ------------------------------------------------------------- */

static covey_proxy_row *row_of(const covey_proxy *p, covey_proxy_ref ref)
{
    covey_proxy_row *row;

    if (ref.serial == 0 || ref.row >= p->memory.row_count) {
        return NULL;
    }
    row = &p->memory.rows[ref.row];
    return row->live && row->serial == ref.serial ? row : NULL;
}

static uint32_t mix(uint32_t h, uint64_t v)
{
    h ^= (uint32_t)v ^ (uint32_t)(v >> 32);
    return (h ^ h >> 15) * 0x2c1b3c6du;
}

/* The chain of a client's token. */
static uint32_t *chain_of(const covey_proxy *p, const covey_path *path,
                          uint64_t association, covey_bytes token)
{
    uint32_t h = mix(covey_path_hash(path, p->key), association);

    for (size_t i = 0; i < token.len; i++) {
        h = mix(h, token.ptr[i]);
    }
    return &p->memory.rows[h % p->memory.row_count].head;
}

/* Groups are told apart by a keyed hash alone: two that are taken for one wait
 * for each other, and nobody can find such a pair. */
static uint64_t group_hash(const covey_proxy *p, const covey_address *group)
{
    const covey_path path = { .peer = *group };
    const uint64_t high = covey_path_hash(&path, ~p->key);

    return high << 32 | covey_path_hash(&path, p->key);
}

/* The row that has the head of this group's chain. */
static covey_proxy_row *group_chain(const covey_proxy *p, uint64_t group)
{
    return &p->memory.rows[(uint32_t)group % p->memory.row_count];
}

bool covey_proxy_find(const covey_proxy *p, const covey_proxy_from *from,
                      covey_proxy_ref *ref)
{
    uint32_t i;

    for (i = *chain_of(p, &from->path, from->association, from->token);
         i != NONE; i = p->memory.rows[i].next) {
        const covey_proxy_row *row = &p->memory.rows[i];
        if (row->association == from->association &&
            covey_path_same_peer(&row->client, &from->path) &&
            row->token_len == from->token.len &&
            (row->token_len == 0 ||
             memcmp(row->token, from->token.ptr, row->token_len) == 0)) {
            *ref = (covey_proxy_ref){ i, row->serial };
            return true;
        }
    }
    return false;
}

/* Looks through the table: connections end seldom. */
bool covey_proxy_of_path(const covey_proxy *p, const covey_path *path,
                         covey_proxy_ref *ref)
{
    uint32_t i = ref->serial == 0 ? 0 : ref->row + 1;

    for (; i < p->memory.row_count; i++) {
        const covey_proxy_row *row = &p->memory.rows[i];
        if (row->live && covey_path_same_peer(&row->client, path)) {
            *ref = (covey_proxy_ref){ i, row->serial };
            return true;
        }
    }
    return false;
}

/* Whether as many go to this group as may, and when the first of them ends.
 * The chain is looked through only if it has as many: then it is short, but
 * for limits that are wide. */
static bool is_busy(const covey_proxy *p, uint64_t group, covey_ms *until)
{
    const covey_proxy_row *chain = group_chain(p, group);
    uint32_t count = 0;
    uint32_t i;

    *until = COVEY_NEVER;
    if (chain->group_count < p->limits.per_group) {
        return false;
    }
    for (i = chain->group_head; i != NONE; i = p->memory.rows[i].group_next) {
        const covey_proxy_row *row = &p->memory.rows[i];
        if (row->group == group) {
            *until = covey_earlier(*until, row->until);
            count++;
        }
    }
    return count >= p->limits.per_group;
}

/* --- admission ----------------------------------------------------------- */

/* Credit grows with time, up to `burst` requests. */
static void refill(const covey_proxy *p, covey_proxy_client *c, covey_ms now)
{
    const uint64_t full = (uint64_t)p->limits.burst * REQUEST;
    const uint64_t passed = now - c->filled;
    const uint64_t credit =
        passed >= full ? full : c->credit + passed * p->limits.rate;

    c->credit = (uint32_t)(credit < full ? credit : full);
    c->filled = now;
}

static bool is_too_much(const covey_proxy *p, covey_proxy_client *c,
                        covey_ms now)
{
    if (p->limits.rate > 0) {
        refill(p, c, now);
        if (c->credit < REQUEST) {
            return true;
        }
    }
    return c->live >= p->limits.per_client;
}

static void enter_group(covey_proxy *p, uint64_t group, uint32_t i)
{
    covey_proxy_row *rows = p->memory.rows;
    covey_proxy_row *chain = group_chain(p, group);

    rows[i].group = group;
    rows[i].group_prev = NONE;
    rows[i].group_next = chain->group_head;
    if (chain->group_head != NONE) {
        rows[chain->group_head].group_prev = i;
    }
    chain->group_head = i;
    chain->group_count++;
}

static void leave_group(covey_proxy *p, uint32_t i)
{
    covey_proxy_row *rows = p->memory.rows;
    covey_proxy_row *chain = group_chain(p, rows[i].group);

    if (rows[i].group_next != NONE) {
        rows[rows[i].group_next].group_prev = rows[i].group_prev;
    }
    if (rows[i].group_prev != NONE) {
        rows[rows[i].group_prev].group_next = rows[i].group_next;
    } else {
        chain->group_head = rows[i].group_next;
    }
    chain->group_count--;
}

static void enter(covey_proxy *p, covey_ms now, const covey_proxy_ask *ask,
                  covey_proxy_ref *ref)
{
    const covey_proxy_from *from = &ask->from;
    const uint32_t i = p->free;
    covey_proxy_row *row = &p->memory.rows[i];
    uint32_t *chain = chain_of(p, &from->path, from->association, from->token);
    covey_proxy_client *client = &p->memory.clients[from->client];

    p->free = row->next;
    p->serial += p->serial == UINT32_MAX ? 2 : 1;
    row->client = from->path;
    row->association = from->association;
    row->number = from->client;
    row->serial = p->serial;
    row->token_len = (uint8_t)from->token.len;
    if (row->token_len > 0) {
        memcpy(row->token, from->token.ptr, row->token_len);
    }
    row->exchange = (covey_exchange_ref){ 0, 0 };
    row->answers = 0;
    row->observed = false;
    row->live = true;
    row->is_group = ask->group != NULL;
    row->profile =
        (uint8_t)(row->is_group ? ask->wait.profile : COVEY_PROXY_NONE);
    row->until =
        row->is_group ? now + (covey_ms)ask->wait.seconds * 1000 : COVEY_NEVER;
    row->next = *chain;
    *chain = i;
    if (row->is_group) {
        enter_group(p, group_hash(p, ask->group), i);
    }
    client->live++;
    client->credit -= p->limits.rate > 0 ? REQUEST : 0;
    *ref = (covey_proxy_ref){ i, row->serial };
}

covey_proxy_admission covey_proxy_admit(covey_proxy *p, covey_ms now,
                                        const covey_proxy_ask *ask,
                                        covey_proxy_ref *ref, covey_ms *retry)
{
    const covey_proxy_from *from = &ask->from;
    covey_ms until;

    if (from->client >= p->memory.client_count ||
        from->token.len > COVEY_PROXY_TOKEN_MAX) {
        return COVEY_PROXY_TOO_MANY;
    }
    if (covey_proxy_find(p, from, ref)) {
        return COVEY_PROXY_TOKEN_IN_USE;
    }
    if (is_too_much(p, &p->memory.clients[from->client], now)) {
        return COVEY_PROXY_TOO_MANY;
    }
    if (ask->group != NULL && is_busy(p, group_hash(p, ask->group), &until)) {
        *retry = until > now ? until - now : 0;
        return COVEY_PROXY_GROUP_BUSY;
    }
    if (p->free == NONE) {
        return COVEY_PROXY_FULL;
    }
    enter(p, now, ask, ref);
    return COVEY_PROXY_ADMITTED;
}

/* --- afterwards ---------------------------------------------------------- */

bool covey_proxy_whose(const covey_proxy *p, covey_proxy_ref ref,
                       covey_proxy_from *from)
{
    const covey_proxy_row *row = row_of(p, ref);

    if (row != NULL) {
        from->path = row->client;
        from->association = row->association;
        from->token = covey_bytes_of(row->token, row->token_len);
        from->client = row->number;
    }
    return row != NULL;
}

void covey_proxy_bind(covey_proxy *p, covey_proxy_ref ref,
                      covey_exchange_ref exchange)
{
    covey_proxy_row *row = row_of(p, ref);

    if (row != NULL) {
        row->exchange = exchange;
    }
}

bool covey_proxy_exchange(const covey_proxy *p, covey_proxy_ref ref,
                          covey_exchange_ref *exchange)
{
    const covey_proxy_row *row = row_of(p, ref);

    if (row != NULL) {
        *exchange = row->exchange;
    }
    return row != NULL;
}

bool covey_proxy_known(const covey_proxy *p, covey_proxy_ref ref,
                       covey_proxy_profile *profile)
{
    const covey_proxy_row *row = row_of(p, ref);

    if (row != NULL) {
        *profile = (covey_proxy_profile)row->profile;
    }
    return row != NULL;
}

covey_proxy_answer_verdict covey_proxy_answer(covey_proxy *p, covey_ms now,
                                              covey_proxy_ref ref,
                                              bool observed)
{
    covey_proxy_row *row = row_of(p, ref);

    if (row == NULL || (now >= row->until && !row->observed)) {
        return COVEY_PROXY_LATE;
    }
    row->observed = row->observed || observed;
    if (!row->observed && row->answers >= p->limits.answers) {
        return COVEY_PROXY_SURPLUS;
    }
    row->answers += row->answers < UINT32_MAX;
    return COVEY_PROXY_FORWARD;
}

static void leave(covey_proxy *p, uint32_t *chain, uint32_t i)
{
    while (*chain != i) {
        chain = &p->memory.rows[*chain].next;
    }
    *chain = p->memory.rows[i].next;
}

void covey_proxy_close(covey_proxy *p, covey_proxy_ref ref)
{
    covey_proxy_row *row = row_of(p, ref);

    if (row == NULL) {
        return;
    }
    leave(p,
          chain_of(p, &row->client, row->association,
                   covey_bytes_of(row->token, row->token_len)),
          ref.row);
    if (row->is_group) {
        leave_group(p, ref.row);
    }
    p->memory.clients[row->number].live--;
    row->live = false;
    row->next = p->free;
    p->free = ref.row;
}
