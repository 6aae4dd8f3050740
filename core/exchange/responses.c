/* SPDX-License-Identifier: BSD-2-Clause */
/* Responses to the requests of token.c, how many of them, and the end. */
#include "exchange_internal.h"

#define OUTCOME_MASK 7u
#define MS_PER_S     1000u

static uint32_t responder_chain(const covey_exchange_table *t, uint32_t row,
                                const covey_path *path)
{
    const uint32_t h = covey_path_hash(path, t->key ^ row);

    return h % t->memory.responder_count;
}

/* The server at the other end of this path among those that answered, or
 * NONE. */
static uint32_t find_responder(const covey_exchange_table *t, uint32_t row,
                               const covey_path *path)
{
    const covey_exchange_responder *r = t->memory.responders;
    uint32_t i;

    if (t->memory.responder_count == 0) {
        return NONE;
    }
    i = r[responder_chain(t, row, path)].head;
    while (i != NONE && (r[i].row != row ||
                         !covey_address_equal(&r[i].address, &path->peer))) {
        i = r[i].chain;
    }
    return i;
}

/* Whether it matters who of a group has answered. */
static bool counts_servers(const covey_exchange_row *row)
{
    return row->group && row->server_limit < row->limit;
}

static covey_exchange_verdict drop(uint64_t *counter,
                                   covey_exchange_verdict verdict)
{
    (*counter)++;
    return verdict;
}

covey_exchange_verdict covey_exchange_match(covey_exchange_table *t,
                                            const covey_path *path,
                                            covey_bytes token,
                                            covey_exchange_answer *answer)
{
    const uint32_t i = covey__exchange_find(t, path, token);
    const covey_exchange_row *row = &t->memory.rows[i == NONE ? 0 : i];
    uint16_t of_server = 0;

    if (i == NONE || (row->local_port != 0 && path->local.port != 0 &&
                      row->local_port != path->local.port)) {
        return drop(&t->counters.unknown, COVEY_EXCHANGE_UNKNOWN);
    }
    if (row->state != ROW_WAITING) {
        return drop(&t->counters.late, COVEY_EXCHANGE_DROPPED);
    }
    if (counts_servers(row)) {
        const uint32_t r = find_responder(t, i, path);
        of_server = r != NONE ? t->memory.responders[r].responses : 0;
    }
    if (row->responses == row->limit ||
        (counts_servers(row) && of_server == row->server_limit)) {
        return drop(&t->counters.surplus, COVEY_EXCHANGE_DROPPED);
    }
    answer->ref = (covey_exchange_ref){ i, row->serial };
    answer->user = row->user;
    answer->group = row->group;
    return COVEY_EXCHANGE_EXPECTED;
}

/* A row for a server that has not answered before, or NONE. */
static uint32_t add_responder(covey_exchange_table *t, uint32_t row,
                              const covey_path *path)
{
    covey_exchange_responder *r = t->memory.responders;
    const uint32_t i = t->free_responder;
    uint32_t chain;

    if (i == NONE) {
        return NONE;
    }
    t->free_responder = r[i].sibling;
    chain = responder_chain(t, row, path);
    r[i].address = path->peer;
    r[i].row = row;
    r[i].responses = 0;
    r[i].chain = r[chain].head;
    r[chain].head = i;
    r[i].sibling = t->memory.rows[row].prev;
    t->memory.rows[row].prev = i;
    return i;
}

static void drop_responders(covey_exchange_table *t, covey_exchange_row *row)
{
    covey_exchange_responder *r = t->memory.responders;
    covey_path path = covey_peer_path(&row->peer);

    if (!row->group) {
        return;
    }
    while (row->prev != NONE) {
        const uint32_t i = row->prev;
        uint32_t *at;

        path.peer = r[i].address;
        at = &r[responder_chain(t, r[i].row, &path)].head;
        while (*at != i) {
            at = &r[*at].chain;
        }
        *at = r[i].chain;
        row->prev = r[i].sibling;
        r[i].sibling = t->free_responder;
        t->free_responder = i;
    }
}

static void end(covey_exchange_table *t, uint32_t i,
                covey_exchange_outcome outcome)
{
    covey_exchange_row *rows = t->memory.rows;

    covey_timers_cancel(&t->timers, i);
    covey__exchange_leave_peer(t, i);
    drop_responders(t, &rows[i]);
    rows[i].state = ROW_ENDED;
    rows[i].outcome = (unsigned)outcome & OUTCOME_MASK;
    rows[i].next = NONE;
    if (t->ended_last != NONE) {
        rows[t->ended_last].next = i;
    } else {
        t->ended_first = i;
    }
    t->ended_last = i;
}

/* Stops before 65535: that limit stands for an observation without end. */
static void count_one(uint16_t *responses)
{
    if (*responses < UINT16_MAX - 1) {
        *responses = (uint16_t)(*responses + 1);
    }
}

covey_status covey_exchange_accept(covey_exchange_table *t,
                                   covey_exchange_ref ref,
                                   const covey_path *path, bool more)
{
    covey_exchange_row *row = covey__exchange_waiting(t, ref);
    uint32_t server;

    if (row == NULL) {
        return COVEY_E_ARGUMENT;
    }
    if (counts_servers(row)) {
        server = find_responder(t, ref.row, path);
        if (server == NONE) {
            server = add_responder(t, ref.row, path);
        }
        if (server == NONE) {
            t->counters.no_room++;
            return COVEY_E_ROOM;
        }
        count_one(&t->memory.responders[server].responses);
    }
    count_one(&row->responses);
    row->kept = row->kept || more;
    if (!row->group && !row->many && !more) {
        end(t, ref.row, COVEY_EXCHANGE_ANSWERED);
    }
    return COVEY_OK;
}

void covey_exchange_until(covey_exchange_table *t, covey_exchange_ref ref,
                          covey_ms deadline)
{
    if (covey__exchange_waiting(t, ref) != NULL) {
        covey_timers_set(&t->timers, ref.row, deadline);
    }
}

void covey_exchange_again(covey_exchange_table *t, covey_exchange_ref ref,
                          covey_ms deadline, uint64_t user)
{
    covey_exchange_row *row = covey__exchange_waiting(t, ref);

    if (row != NULL) {
        row->kept = false;
        row->user = user;
        covey_timers_set(&t->timers, ref.row, deadline);
    }
}

void covey_exchange_end(covey_exchange_table *t, covey_exchange_ref ref,
                        covey_exchange_outcome outcome)
{
    if (covey__exchange_waiting(t, ref) != NULL) {
        end(t, ref.row, outcome);
    }
}

void covey_exchange_lost(covey_exchange_table *t, const covey_path *path)
{
    uint32_t i;

    while ((i = covey__exchange_of_peer(t, path)) != NONE) {
        end(t, i, COVEY_EXCHANGE_LOST);
    }
}

/* What time has made due: ends, and tokens that may be used again. */
static void turn(covey_exchange_table *t, covey_ms now)
{
    uint32_t i;

    while ((i = covey_timers_take(&t->timers, now)) != COVEY_TIMERS_NONE) {
        covey_exchange_row *row = &t->memory.rows[i];
        if (row->state == ROW_RESTING) {
            covey__exchange_free(t, i);
        } else if (!row->kept) {
            end(t, i,
                row->responses > 0 ? COVEY_EXCHANGE_ANSWERED
                                   : COVEY_EXCHANGE_TIMED_OUT);
        }
    }
}

bool covey_exchange_event_next(covey_exchange_table *t, covey_ms now,
                               covey_exchange_event *event)
{
    covey_exchange_row *row;
    uint32_t i;

    turn(t, now);
    i = t->ended_first;
    if (i == NONE) {
        return false;
    }
    row = &t->memory.rows[i];
    t->ended_first = row->next;
    if (row->next == NONE) {
        t->ended_last = NONE;
    }
    event->outcome = (covey_exchange_outcome)row->outcome;
    event->ref = (covey_exchange_ref){ i, row->serial };
    event->user = row->user;
    event->responses = row->responses;
    row->serial = 0; /* from now on the ref names nothing */
    if (row->rest == 0 || row->token_len == COVEY_EXCHANGE_TOKEN_MAX) {
        covey__exchange_free(t, i);
    } else {
        row->state = ROW_RESTING;
        covey_timers_set(&t->timers, i, now + (covey_ms)row->rest * MS_PER_S);
    }
    return true;
}

covey_ms covey_exchange_deadline(const covey_exchange_table *t)
{
    return t->ended_first != NONE ? 0 : covey_timers_next(&t->timers);
}
