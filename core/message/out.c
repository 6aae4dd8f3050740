/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages on their way out, from `send` to their end.
 *
 *   send -> DELAYED -> WAITING -> READY -> FLIGHT   -> DONE    Confirmable
 *                                       -> EXPECTED -> WATCHED  NON request
 *                                       -> WATCHED              NON, watched
 *
 * Any of the first four may be skipped. From the moment that it may leave
 * until its end or, for a Non-confirmable request, until no response is
 * expected any more, a message counts among the outstanding interactions of
 * its peer (RFC 7252 Section 4.7); replies that are Non-confirmable never do.
 *
 * How long a response is expected: PROBING_RATE bytes a second may go to a
 * peer that does not respond, so each request adds its length to the time
 * until which the peer is taken as asked; when it is heard, that is over. */
#include "message_internal.h"

#define MS_PER_S   1000u
#define THOUSANDS  1000u
#define COUNT_MASK 31u

static uint32_t row_hash(uint32_t peer, uint16_t message_id)
{
    return covey__spread(peer ^ covey__spread(message_id));
}

void covey__out_init(covey_message_layer *l)
{
    covey__list_init(&l->free);
    covey__list_init(&l->ready);
    covey__list_init(&l->watched);
    covey__list_init(&l->events);
    for (uint32_t i = 0; i < l->out.count; i++) {
        covey_message_out *row = covey__out_row(l, i);
        row->state = COVEY__OUT_FREE;
        row->serial = 0;
        covey__list_append(&l->out, &l->free, i);
    }
}

/* Most peers have one message under way (NSTART): it is known by its peer and
 * has no slot, so that the memory of two slots is not touched for it. */
static void enter(covey_message_layer *l, uint32_t i)
{
    const covey_message_out *row = covey__out_row(l, i);
    covey_message_peer *p = covey__peer_row(l, row->peer);

    covey__peer_hold(l, row->peer);
    if (p->alone == COVEY__ROW_NONE) {
        p->alone = i;
    } else {
        covey_slots_insert(&l->out.slots, row_hash(row->peer, row->message_id),
                           i);
    }
}

static void withdraw(covey_message_layer *l, uint32_t i)
{
    const covey_message_out *row = covey__out_row(l, i);
    covey_message_peer *p = covey__peer_row(l, row->peer);

    if (p->alone == i) {
        p->alone = COVEY__ROW_NONE;
    } else {
        covey_slots_remove(&l->out.slots, row_hash(row->peer, row->message_id),
                           i);
    }
    covey__peer_release(l, row->peer);
}

/* Was it sent to this peer under this Message ID, and can it be answered? */
static bool is_answerable(const covey_message_layer *l, uint32_t i,
                          uint32_t peer, uint16_t message_id)
{
    const covey_message_out *row = covey__out_row(l, i);

    return row->peer == peer && row->message_id == message_id &&
           row->state >= COVEY__OUT_FLIGHT && row->state <= COVEY__OUT_WATCHED;
}

uint32_t covey__out_find(const covey_message_layer *l, const covey_path *path,
                         uint16_t message_id)
{
    const uint32_t peer = covey__peer_find(l, path);
    const covey_message_peer *p;
    covey_slots_search s;
    uint32_t i;

    if (peer == COVEY__ROW_NONE || covey__peer_row(l, peer)->rows == 0) {
        return COVEY__ROW_NONE;
    }
    p = covey__peer_row(l, peer);
    if (p->alone != COVEY__ROW_NONE) {
        if (is_answerable(l, p->alone, peer, message_id)) {
            return p->alone;
        }
        if (p->rows == 1) {
            return COVEY__ROW_NONE;
        }
    }
    s = covey_slots_seek(&l->out.slots, row_hash(peer, message_id));
    do {
        i = covey_slots_next(&l->out.slots, &s);
    } while (i != COVEY__ROW_NONE && !is_answerable(l, i, peer, message_id));
    return i;
}

uint32_t covey__out_take(covey_message_layer *l, uint32_t peer,
                         uint16_t message_id)
{
    covey_message_out *row;
    uint32_t i;

    if (l->free.first == COVEY__ROW_NONE &&
        l->watched.first != COVEY__ROW_NONE) {
        covey__out_release(l, l->watched.first);
    }
    i = covey__list_take(&l->out, &l->free);
    if (i == COVEY__ROW_NONE) {
        return i;
    }
    row = covey__out_row(l, i);
    l->serial += l->serial == UINT32_MAX ? 2 : 1;
    row->serial = l->serial;
    row->bytes = (covey_chain){ 0, 0 };
    row->peer = peer;
    row->message_id = message_id;
    row->count = 0;
    row->counted = false;
    row->muted = false;
    row->has_way = false;
    enter(l, i);
    return i;
}

/* No longer outstanding: the next that waits is ready. */
static void settle(covey_message_layer *l, covey_message_out *row)
{
    covey_message_peer *p = covey__peer_row(l, row->peer);
    uint32_t next;

    if (!row->counted) {
        return;
    }
    row->counted = false;
    p->outstanding--;
    next = covey__list_take(&l->out, &p->waiting);
    if (next != COVEY__ROW_NONE) {
        covey_message_out *n = covey__out_row(l, next);
        n->counted = true;
        p->outstanding++;
        n->state = COVEY__OUT_READY;
        covey__list_append(&l->out, &l->ready, next);
    }
}

/* Out of the list or off the timer that its state stands for. */
static void leave(covey_message_layer *l, uint32_t i)
{
    covey_message_out *row = covey__out_row(l, i);

    covey_timers_cancel(&l->timers, i);
    switch ((enum covey__out_state)row->state) {
    case COVEY__OUT_WAITING:
        covey__list_remove(&l->out, &covey__peer_row(l, row->peer)->waiting,
                           i);
        break;
    case COVEY__OUT_READY:
        covey__list_remove(&l->out, &l->ready, i);
        break;
    case COVEY__OUT_WATCHED:
        covey__list_remove(&l->out, &l->watched, i);
        break;
    case COVEY__OUT_DONE:
        covey__list_remove(&l->out, &l->events, i);
        break;
    case COVEY__OUT_FREE:
    case COVEY__OUT_DELAYED:
    case COVEY__OUT_FLIGHT:
    case COVEY__OUT_EXPECTED:
        break;
    }
}

void covey__out_release(covey_message_layer *l, uint32_t i)
{
    covey_message_out *row = covey__out_row(l, i);

    leave(l, i);
    settle(l, row);
    covey_chunks_free(l->chunks, &row->bytes);
    withdraw(l, i);
    row->state = COVEY__OUT_FREE;
    row->serial = 0;
    covey__list_append(&l->out, &l->free, i);
}

bool covey__out_start(covey_message_layer *l, uint32_t i)
{
    covey_message_out *row = covey__out_row(l, i);
    covey_message_peer *p = covey__peer_row(l, row->peer);

    if (!row->confirmable && !row->request) {
        return true;
    }
    if (p->outstanding < l->parameters.nstart) {
        row->counted = true;
        p->outstanding++;
        return true;
    }
    row->state = COVEY__OUT_WAITING;
    covey__list_append(&l->out, &p->waiting, i);
    return false;
}

void covey__out_delay(covey_message_layer *l, uint32_t i, covey_ms due)
{
    covey__out_row(l, i)->state = COVEY__OUT_DELAYED;
    covey_timers_set(&l->timers, i, due);
}

static void watch(covey_message_layer *l, uint32_t i, covey_ms now)
{
    covey__out_row(l, i)->state = COVEY__OUT_WATCHED;
    covey__list_append(&l->out, &l->watched, i);
    covey_timers_set(&l->timers, i, now + l->non_lifetime);
}

static void expect(covey_message_layer *l, uint32_t i, covey_ms now,
                   size_t len)
{
    covey_message_out *row = covey__out_row(l, i);
    covey_message_peer *p = covey__peer_row(l, row->peer);
    uint64_t rate = l->parameters.probing_rate;

    if (p->probe_end < now) {
        p->probe_end = now;
    }
    p->probe_end += ((uint64_t)len * MS_PER_S + rate - 1) / rate;
    row->state = COVEY__OUT_EXPECTED;
    covey_timers_set(&l->timers, i, p->probe_end);
}

/* Section 4.2: between ACK_TIMEOUT and that times ACK_RANDOM_FACTOR. */
static uint32_t first_timeout(covey_message_layer *l)
{
    uint64_t least = l->parameters.ack_timeout;
    uint64_t range =
        least * (l->parameters.ack_random_factor - THOUSANDS) / THOUSANDS;

    return (uint32_t)(least + covey__random(l) % (range + 1));
}

void covey__out_left(covey_message_layer *l, uint32_t i, covey_ms now,
                     size_t len)
{
    covey_message_out *row = covey__out_row(l, i);

    if (row->confirmable) {
        row->timeout = first_timeout(l);
        row->state = COVEY__OUT_FLIGHT;
        covey_timers_set(&l->timers, i, now + row->timeout);
        return;
    }
    covey_chunks_free(l->chunks, &row->bytes);
    if (row->request) {
        expect(l, i, now, len);
    } else if (row->watch) {
        watch(l, i, now);
    } else {
        covey__out_release(l, i);
    }
}

void covey__out_finish(covey_message_layer *l, uint32_t i,
                       covey_message_outcome outcome)
{
    covey_message_out *row = covey__out_row(l, i);

    if (row->muted) {
        covey__out_release(l, i);
        return;
    }
    leave(l, i);
    settle(l, row);
    covey_chunks_free(l->chunks, &row->bytes);
    row->count = (unsigned)outcome & COUNT_MASK;
    row->state = COVEY__OUT_DONE;
    covey__list_append(&l->out, &l->events, i);
}

/* Section 4.2: as often as MAX_RETRANSMIT says, each time twice as late. */
static bool retransmit(covey_message_layer *l, uint32_t i, covey_ms now)
{
    covey_message_out *row = covey__out_row(l, i);

    if (row->count == l->parameters.max_retransmit) {
        covey__out_finish(l, i, COVEY_MESSAGE_TIMED_OUT);
        return false;
    }
    row->count++;
    row->timeout *= 2;
    covey_timers_set(&l->timers, i, now + row->timeout);
    l->counters.retransmissions++;
    return true;
}

bool covey__out_timer(covey_message_layer *l, uint32_t i, covey_ms now)
{
    covey_message_out *row = covey__out_row(l, i);

    switch ((enum covey__out_state)row->state) {
    case COVEY__OUT_DELAYED:
        return covey__out_start(l, i);
    case COVEY__OUT_FLIGHT:
        return retransmit(l, i, now);
    case COVEY__OUT_EXPECTED:
        if (row->muted) {
            covey__out_release(l, i);
        } else {
            settle(l, row);
            watch(l, i, now);
        }
        break;
    case COVEY__OUT_WATCHED:
        covey__out_release(l, i);
        break;
    case COVEY__OUT_FREE: /* these have no timer */
    case COVEY__OUT_WAITING:
    case COVEY__OUT_READY:
    case COVEY__OUT_DONE:
        break;
    }
    return false;
}

void covey__out_heard(covey_message_layer *l, const covey_path *path)
{
    uint32_t peer = covey__peer_find(l, path);

    if (peer != COVEY__ROW_NONE) {
        covey__peer_row(l, peer)->probe_end = 0;
    }
}
