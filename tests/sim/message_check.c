/* SPDX-License-Identifier: BSD-2-Clause */
#include "message_check.h"

#include "message_internal.h"

/* Rows of a list, or more than the table has if its links are broken. */
static uint32_t length(const covey_message_table *t,
                       const covey_message_list *list)
{
    uint32_t before = COVEY__ROW_NONE;
    uint32_t n = 0;

    for (uint32_t i = list->first; i != COVEY__ROW_NONE && n <= t->count;
         i = covey__links(t, i)->next) {
        if (i >= t->count || covey__links(t, i)->prev != before) {
            return UINT32_MAX;
        }
        before = i;
        n++;
    }
    return list->last == before ? n : UINT32_MAX;
}

/* Rows that are found by their slots, or more than there are. */
static uint32_t found(const covey_message_table *t)
{
    uint32_t n = 0;

    for (uint32_t c = 0; c < t->slots.count; c++) {
        const covey_slot *slot = &t->slots.slot[c];
        covey_slots_search s = covey_slots_seek(&t->slots, slot->hash);
        uint32_t i;
        if (slot->row == COVEY__ROW_NONE) {
            continue;
        }
        do {
            i = covey_slots_next(&t->slots, &s);
        } while (i != slot->row && i != COVEY__ROW_NONE);
        if (i >= t->count) {
            return UINT32_MAX;
        }
        n++;
    }
    return n;
}

static const char *seen_fault(const covey_message_layer *l)
{
    uint32_t live = 0;
    uint32_t pending = 0;
    uint32_t replied = 0;
    uint32_t chunks = 0;

    for (uint32_t i = 0; i < l->seen.count; i++) {
        const covey_message_seen *row = covey__seen_row(l, i);
        live += row->serial != 0;
        pending += row->state == COVEY__SEEN_PENDING;
        if (row->state == COVEY__SEEN_REPLIED) {
            replied++;
            chunks += (uint32_t)covey_chunks_for(row->reply.len);
        }
        if (row->serial == 0 && row->state != COVEY__SEEN_SILENT) {
            return "a row of seen without message has a state";
        }
        if (!row->confirmable && row->state != COVEY__SEEN_SILENT &&
            row->serial != 0) {
            return "a Non-confirmable message is not silent";
        }
    }
    return live != l->seen_used                       ? "seen: rows in use"
           : found(&l->seen) != live                  ? "seen: slots"
           : length(&l->seen, &l->pending) != pending ? "pending"
           : length(&l->seen, &l->stored) != replied  ? "stored"
           : l->stored_chunks != chunks               ? "chunks of stored"
                                                      : NULL;
}

static bool timed(uint8_t state)
{
    return state == COVEY__OUT_DELAYED || state == COVEY__OUT_FLIGHT ||
           state == COVEY__OUT_EXPECTED || state == COVEY__OUT_WATCHED;
}

static const char *out_row_fault(const covey_message_layer *l, uint32_t i)
{
    const covey_message_out *row = covey__out_row(l, i);
    bool counted = row->state == COVEY__OUT_READY
                       ? row->confirmable || row->request
                       : row->state == COVEY__OUT_FLIGHT ||
                             row->state == COVEY__OUT_EXPECTED;
    bool bytes =
        row->state >= COVEY__OUT_DELAYED && row->state <= COVEY__OUT_FLIGHT;

    if (covey_timers_is_set(&l->timers, i) != timed(row->state)) {
        return "out: a timer too many or too few";
    }
    if (row->state == COVEY__OUT_FREE) {
        return row->serial != 0 ? "out: a free row has a name" : NULL;
    }
    return row->serial == 0                ? "out: a row without a name"
           : row->counted != counted       ? "out: counted or not"
           : (row->bytes.len > 0) != bytes ? "out: bytes kept or not"
                                           : NULL;
}

/* Rows that are known by their peers. */
static uint32_t alone(const covey_message_layer *l)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < l->peers.count; i++) {
        const covey_message_peer *peer = covey__peer_row(l, i);
        n += peer->rows != 0 && peer->alone != COVEY__ROW_NONE;
    }
    return n;
}

static bool is_its(const covey_message_layer *l, uint32_t row, uint32_t peer)
{
    return row < l->out.count && covey__out_row(l, row)->peer == peer &&
           covey__out_row(l, row)->state != COVEY__OUT_FREE;
}

static const char *out_fault(const covey_message_layer *l)
{
    uint32_t in_state[COVEY__OUT_DONE + 1] = { 0 };

    for (uint32_t i = 0; i < l->out.count; i++) {
        const char *fault = out_row_fault(l, i);
        if (fault != NULL) {
            return fault;
        }
        in_state[covey__out_row(l, i)->state]++;
    }
    if (length(&l->out, &l->free) != in_state[COVEY__OUT_FREE] ||
        length(&l->out, &l->ready) != in_state[COVEY__OUT_READY] ||
        length(&l->out, &l->watched) != in_state[COVEY__OUT_WATCHED] ||
        length(&l->out, &l->events) != in_state[COVEY__OUT_DONE]) {
        return "out: a list";
    }
    return found(&l->out) + alone(l) !=
                   l->out.count - in_state[COVEY__OUT_FREE]
               ? "out: slots"
               : NULL;
}

static const char *peer_fault(const covey_message_layer *l, uint32_t p,
                              uint32_t *waiting)
{
    const covey_message_peer *peer = covey__peer_row(l, p);
    uint32_t rows = 0;
    uint32_t outstanding = 0;

    for (uint32_t i = 0; i < l->out.count; i++) {
        const covey_message_out *row = covey__out_row(l, i);
        if (row->state != COVEY__OUT_FREE && row->peer == p) {
            rows++;
            outstanding += row->counted;
        }
    }
    if (!peer->known) {
        return peer->rows + rows != 0 ? "peers: an unknown one has rows"
                                      : NULL;
    }
    *waiting += length(&l->out, &peer->waiting);
    if (peer->rows != rows || peer->outstanding != outstanding) {
        return "peers: rows or outstanding";
    }
    if (rows != 0 && peer->alone != COVEY__ROW_NONE &&
        !is_its(l, peer->alone, p)) {
        return "peers: the one without a slot";
    }
    if (outstanding > l->parameters.nstart) {
        return "peers: more than NSTART";
    }
    return peer->waiting.first != COVEY__ROW_NONE &&
                   outstanding < l->parameters.nstart
               ? "peers: waits for nothing"
               : NULL;
}

static const char *peers_fault(const covey_message_layer *l)
{
    uint32_t known = 0;
    uint32_t busy = 0;
    uint32_t waiting = 0;
    uint32_t expected = 0;

    for (uint32_t i = 0; i < l->peers.count; i++) {
        const char *fault = peer_fault(l, i, &waiting);
        if (fault != NULL) {
            return fault;
        }
        known += covey__peer_row(l, i)->known;
        busy += covey__peer_row(l, i)->rows != 0;
    }
    for (uint32_t i = 0; i < l->out.count; i++) {
        expected += covey__out_row(l, i)->state == COVEY__OUT_WAITING;
    }
    return found(&l->peers) != known ? "peers: slots"
           : length(&l->peers, &l->idle) != l->peers.count - busy
               ? "peers: idle"
           : waiting != expected ? "peers: waiting"
                                 : NULL;
}

const char *sim_message_fault(const covey_message_layer *l)
{
    const char *fault = seen_fault(l);

    fault = fault == NULL ? out_fault(l) : fault;
    return fault == NULL ? peers_fault(l) : fault;
}

uint32_t sim_message_chunks(const covey_message_layer *l)
{
    uint32_t chunks = l->stored_chunks;

    for (uint32_t i = 0; i < l->out.count; i++) {
        const covey_message_out *row = covey__out_row(l, i);
        if (row->state != COVEY__OUT_FREE) {
            chunks += (uint32_t)covey_chunks_for(row->bytes.len);
        }
    }
    return chunks;
}
