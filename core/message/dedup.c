/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages that were received, RFC 7252 Section 4.5: a ring in the order of
 * arrival. A message is known by its source, by the address that it was sent
 * to (one source numbers its messages anew for each of our addresses) and by
 * its Message ID; a response also by a hash of its token, since there are
 * servers that answer a Non-confirmable request under the request's own
 * Message ID.
 *
 * Rows of Confirmable messages live longer than others, so a row can outlive
 * its time behind an older one; it is then found no more. */
#include "message_internal.h"

static uint32_t token_hash(const covey_message_layer *l,
                           const covey_coap_message *m)
{
    uint64_t h = l->key;

    if (covey__is_request(m->code)) {
        return 0;
    }
    for (size_t i = 0; i < m->token.len; i++) {
        h = (h ^ m->token.ptr[i]) * UINT64_C(0x100000001b3);
        h ^= h >> 32;
    }
    return (uint32_t)(h >> 16) | 1u;
}

static uint32_t row_hash(const covey_message_layer *l, const covey_path *path,
                         uint16_t message_id, uint32_t token)
{
    uint32_t h = covey_path_hash(path, l->key) ^ token;

    return covey__spread(h ^ covey__spread(message_id));
}

static bool alive(const covey_message_layer *l, const covey_message_seen *row,
                  covey_ms now)
{
    covey_ms age = now - row->born;

    return age < (row->confirmable ? l->exchange_lifetime : l->non_lifetime);
}

uint32_t covey__seen_find(const covey_message_layer *l, covey_ms now,
                          const covey_path *path, const covey_coap_message *m,
                          uint32_t *hash)
{
    uint32_t token = token_hash(l, m);
    covey_slots_search s;
    uint32_t i;

    *hash = row_hash(l, path, m->message_id, token);
    s = covey_slots_seek(&l->seen.slots, *hash);
    while ((i = covey_slots_next(&l->seen.slots, &s)) != COVEY__ROW_NONE) {
        const covey_message_seen *row = covey__seen_row(l, i);
        if (row->token == token && row->message_id == m->message_id &&
            covey_path_same_peer(&row->path, path) &&
            covey_address_equal(&row->path.local, &path->local) &&
            alive(l, row, now)) {
            break;
        }
    }
    return i;
}

static uint32_t oldest(const covey_message_layer *l)
{
    return l->seen_next >= l->seen_used
               ? l->seen_next - l->seen_used
               : l->seen_next + (l->seen.count - l->seen_used);
}

/* Out of the list that its state stands for, and without what it stored. */
static void leave(covey_message_layer *l, uint32_t i)
{
    covey_message_seen *row = covey__seen_row(l, i);

    if (row->state == COVEY__SEEN_PENDING) {
        covey__list_remove(&l->seen, &l->pending, i);
    } else if (row->state == COVEY__SEEN_REPLIED) {
        covey__list_remove(&l->seen, &l->stored, i);
        l->stored_chunks -= (uint32_t)covey_chunks_for(row->reply.len);
        covey_chunks_free(l->chunks, &row->reply);
    }
    row->state = COVEY__SEEN_SILENT;
}

static void drop_oldest(covey_message_layer *l)
{
    uint32_t i = oldest(l);
    covey_message_seen *row = covey__seen_row(l, i);

    leave(l, i);
    covey_slots_remove(&l->seen.slots, row->hash, i);
    row->serial = 0;
    l->seen_used--;
}

void covey__seen_expire(covey_message_layer *l, covey_ms now)
{
    for (unsigned k = 0; k < 2 && l->seen_used > 0; k++) {
        const covey_message_seen *row = covey__seen_row(l, oldest(l));
        if (alive(l, row, now)) {
            return;
        }
        drop_oldest(l);
    }
}

/* Never 0. */
static uint32_t next_serial(covey_message_layer *l)
{
    l->serial += l->serial == UINT32_MAX ? 2 : 1;
    return l->serial;
}

uint32_t covey__seen_add(covey_message_layer *l, covey_ms now,
                         const covey_path *path, const covey_coap_message *m,
                         uint32_t hash)
{
    uint32_t i = l->seen_next;
    covey_message_seen *row = covey__seen_row(l, i);

    covey__seen_expire(l, now);
    if (l->seen_used == l->seen.count) {
        drop_oldest(l);
        l->counters.forgotten++;
    }
    row->path = *path;
    row->serial = next_serial(l);
    row->token = token_hash(l, m);
    row->hash = hash;
    row->reply = (covey_chain){ 0, 0 };
    row->born = now;
    row->ack_after = 0;
    row->message_id = m->message_id;
    row->state = COVEY__SEEN_SILENT;
    row->confirmable = m->type == COVEY_COAP_CON;
    row->safe = false;
    covey_slots_insert(&l->seen.slots, hash, i);
    l->seen_used++;
    l->seen_next = i + 1 == l->seen.count ? 0 : i + 1;
    return i;
}

covey_message_seen *covey__seen_named(const covey_message_layer *l,
                                      covey_message_ref ref)
{
    covey_message_seen *row;

    if (ref.serial == 0 || ref.row >= l->seen.count) {
        return NULL;
    }
    row = covey__seen_row(l, ref.row);
    return row->serial == ref.serial ? row : NULL;
}

void covey__seen_await(covey_message_layer *l, uint32_t i, covey_ms now)
{
    covey_message_seen *row = covey__seen_row(l, i);

    leave(l, i);
    row->state = COVEY__SEEN_PENDING;
    row->ack_after = (uint32_t)(now - row->born) + l->parameters.ack_delay;
    covey__list_append(&l->seen, &l->pending, i);
}

void covey__seen_become(covey_message_layer *l, uint32_t i,
                        enum covey__seen_state state)
{
    covey_message_seen *row = covey__seen_row(l, i);

    leave(l, i);
    row->state = (uint8_t)state;
    if (state == COVEY__SEEN_REPLIED) {
        covey__list_append(&l->seen, &l->stored, i);
        l->stored_chunks += (uint32_t)covey_chunks_for(row->reply.len);
    }
}

covey_ms covey__seen_due(const covey_message_layer *l, uint32_t i)
{
    const covey_message_seen *row = covey__seen_row(l, i);

    return row->born + row->ack_after;
}

bool covey__store(covey_message_layer *l, covey_bytes head, covey_bytes tail,
                  covey_chain *chain)
{
    size_t reach = (size_t)covey_chunks_left(l->chunks) + l->stored_chunks;

    if (covey_chunks_for(head.len + tail.len) > reach) {
        return false;
    }
    while (covey_chunks_put(l->chunks, head, tail, chain) != COVEY_OK) {
        leave(l, l->stored.first);
        l->counters.taken_back++;
    }
    return true;
}
