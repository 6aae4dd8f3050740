/* SPDX-License-Identifier: BSD-2-Clause */
/* Endpoints that messages go to, and the Message IDs that they get (RFC 7252
 * Section 4.4).
 *
 * A peer's Message IDs are its hash and a position that goes on by one with
 * each message, in the bits that they have. The first position is the time, in
 * steps of four milliseconds, a little slower than EXCHANGE_LIFETIME has room
 * for; or, if that is further, the furthest that a peer had come whose row was
 * given away. So a peer that comes back begins behind all that it was sent.
 * Which IDs are used up is known for each half of the number space; a half is
 * begun again when the last one of it is EXCHANGE_LIFETIME old.
 */
#include "message_internal.h"

#define MS_PER_ID 4u
#define MS_PER_S  1000u
#define NEVER     UINT32_MAX

/* SplitMix64: nothing here must be secret, only different. */
uint64_t covey__random(covey_message_layer *l)
{
    uint64_t z = l->random += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

void covey__peers_init(covey_message_layer *l)
{
    covey__list_init(&l->idle);
    for (uint32_t i = 0; i < l->peers.count; i++) {
        covey_message_peer *p = covey__peer_row(l, i);
        p->known = false;
        p->rows = 0;
        covey__list_append(&l->peers, &l->idle, i);
    }
}

static uint32_t find(const covey_message_layer *l, const covey_path *path,
                     uint32_t hash)
{
    covey_slots_search s = covey_slots_seek(&l->peers.slots, hash);
    uint32_t i;

    do {
        i = covey_slots_next(&l->peers.slots, &s);
    } while (i != COVEY__ROW_NONE &&
             !covey_peer_is(&covey__peer_row(l, i)->peer, path));
    return i;
}

uint32_t covey__peer_find(const covey_message_layer *l, const covey_path *path)
{
    return find(l, path, covey_path_hash(path, l->key));
}

static void become(covey_message_layer *l, uint32_t i, const covey_path *path,
                   uint32_t hash, covey_ms now)
{
    covey_message_peer *p = covey__peer_row(l, i);

    if (p->known) {
        covey_slots_remove(&l->peers.slots, p->hash, i);
        l->floor = p->position > l->floor ? p->position : l->floor;
    }
    p->peer = covey_peer_of(path);
    p->hash = hash;
    covey__list_init(&p->waiting);
    p->probe_end = 0;
    p->left[0] = NEVER;
    p->left[1] = NEVER;
    p->outstanding = 0;
    p->position = now / MS_PER_ID > l->floor ? now / MS_PER_ID : l->floor;
    p->known = true;
    covey_slots_insert(&l->peers.slots, hash, i);
}

uint32_t covey__peer_get(covey_message_layer *l, const covey_path *path,
                         covey_ms now)
{
    uint32_t hash = covey_path_hash(path, l->key);
    uint32_t i = find(l, path, hash);

    if (i == COVEY__ROW_NONE) {
        i = l->idle.first;
        if (i == COVEY__ROW_NONE) {
            return i;
        }
        become(l, i, path, hash, now);
    }
    if (covey__peer_row(l, i)->rows == 0 && l->idle.last != i) {
        covey__list_remove(&l->peers, &l->idle, i);
        covey__list_append(&l->peers, &l->idle, i);
    }
    return i;
}

void covey__peer_hold(covey_message_layer *l, uint32_t i)
{
    covey_message_peer *p = covey__peer_row(l, i);

    if (p->rows++ == 0) {
        covey__list_remove(&l->peers, &l->idle, i);
        p->alone = COVEY__ROW_NONE;
    }
}

void covey__peer_release(covey_message_layer *l, uint32_t i)
{
    if (--covey__peer_row(l, i)->rows == 0) {
        covey__list_append(&l->peers, &l->idle, i);
    }
}

/* The next Message ID without the bits that all have in common. */
static uint16_t next_id(const covey_message_layer *l,
                        const covey_message_peer *p)
{
    const uint32_t mask = (1u << l->parameters.message_id_bits) - 1;

    return (uint16_t)((p->hash + p->position) & mask);
}

static uint16_t half_of(const covey_message_layer *l)
{
    return (uint16_t)(1u << (l->parameters.message_id_bits - 1));
}

bool covey__peer_exhausted(const covey_message_layer *l, uint32_t i,
                           covey_ms now)
{
    const covey_message_peer *p = covey__peer_row(l, i);
    const uint32_t left = p->left[next_id(l, p) / half_of(l)];

    return left != NEVER &&
           now < (covey_ms)left * MS_PER_S + l->exchange_lifetime;
}

uint16_t covey__peer_message_id(covey_message_layer *l, uint32_t i,
                                covey_ms now)
{
    covey_message_peer *p = covey__peer_row(l, i);
    const uint16_t id = next_id(l, p);
    const uint16_t half = half_of(l);

    if (id % half == 0) {
        p->left[1 - id / half] = (uint32_t)((now + MS_PER_S - 1) / MS_PER_S);
    }
    p->position++;
    return (uint16_t)(l->parameters.message_id_first | id);
}
