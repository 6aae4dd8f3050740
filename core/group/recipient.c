/* SPDX-License-Identifier: BSD-2-Clause */
/* Recipient Contexts, RFC 10021 Section 2.2: a table of the caller's. What is
 * derived for a recipient is derived when it is first needed, and dropped with
 * it, with the context, or with either Sender ID. */
#include "group_internal.h"

covey_group_recipient *covey_group_find(const covey_group *g, covey_bytes id)
{
    for (size_t i = 0; i < g->recipient_max; i++) {
        covey_group_recipient *r = &g->recipients[i];
        if (r->present &&
            covey_bytes_equal(covey__group_recipient_id(r), id)) {
            return r;
        }
    }
    return NULL;
}

const covey_group_recipient *covey_group_next(const covey_group *g, size_t *at)
{
    while (*at < g->recipient_max) {
        const covey_group_recipient *r = &g->recipients[(*at)++];
        if (r->present) {
            return r;
        }
    }
    return NULL;
}

void covey__group_drop_derived(covey_group *g, covey_group_recipient *r)
{
    covey_key *const keys[] = { &r->key, &r->pairwise_in, &r->pairwise_out };

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        g->crypto->key_drop(g->crypto->provider, keys[i]);
    }
    r->has_key = false;
    r->has_pairwise_in = false;
    r->has_pairwise_out = false;
}

void covey__group_forget(covey_group *g, covey_group_recipient *r)
{
    covey__group_drop_derived(g, r);
    g->crypto->key_drop(g->crypto->provider, &r->public_key);
    covey_wipe(r, offsetof(covey_group_recipient, window));
}

void covey_group_remove(covey_group *g, covey_group_recipient *r)
{
    /* A number that was handed in comes from before a restart, or from the
     * Group Manager: it goes with the row, and replays would be new again. */
    if (r->heard || r->window_stored > 0) {
        g->windows_invalid = true;
    }
    covey__group_forget(g, r);
}

void covey__group_new_window(covey_group_recipient *r, uint64_t floor)
{
    r->window_valid = true;
    covey_oscore_window_restart(&r->window, floor);
}

static covey_group_recipient *free_row(const covey_group *g)
{
    for (size_t i = 0; i < g->recipient_max; i++) {
        if (!g->recipients[i].present) {
            return &g->recipients[i];
        }
    }
    return NULL;
}

static covey_status check_member(const covey_group *g,
                                 const covey_group_member *member)
{
    if (member->id.ptr == NULL || member->credential.len == 0 ||
        (!g->silent &&
         covey_bytes_equal(member->id, covey__group_sender_id(g)))) {
        return COVEY_E_ARGUMENT;
    }
    return member->id.len > covey_group_id_max(&g->algorithms) ? COVEY_E_RANGE
                                                               : COVEY_OK;
}

covey_status covey_group_add(covey_group *g, const covey_group_member *member,
                             covey_group_recipient **added)
{
    const bool known = member->number != COVEY_GROUP_NUMBER_UNKNOWN;
    const uint64_t number = known ? member->number : 0;
    covey_group_recipient *r = covey_group_find(g, member->id);
    covey_key key;
    covey_status st = check_member(g, member);

    if (st == COVEY_OK && number > COVEY_OSCORE_SSN_END) {
        st = COVEY_E_RANGE;
    }
    if (st != COVEY_OK) {
        return st;
    }
    if (r == NULL) {
        r = free_row(g);
    }
    if (r == NULL) {
        return COVEY_E_ROOM;
    }
    st = g->crypto->public_key(g->crypto->provider, g->curve,
                               member->public_key, &key);
    if (st != COVEY_OK) {
        return st;
    }
    if (r->present) {
        covey_group_remove(g, r);
    }
    r->public_key = key;
    r->credential = member->credential;
    r->id_len = (uint8_t)member->id.len;
    covey_oscore_copy(r->id, member->id);
    r->roles = member->roles;
    r->present = true;
    r->window_stored = number;
    covey__group_new_window(r, number);
    r->window_valid = known || !g->windows_invalid;
    if (added != NULL) {
        *added = r;
    }
    return st;
}

/* Sender Key or Recipient Key of group mode, into the provider. */
static covey_status member_key(const covey_group *g, covey_bytes id,
                               covey_key *key)
{
    uint8_t storage[COVEY_KEY_MAX];
    covey_writer raw = covey_writer_of(storage, g->sek_len);
    covey_status st = covey__group_member_key(g, id, &raw);

    if (st == COVEY_OK) {
        st =
            g->crypto->cipher_key(g->crypto->provider, g->algorithms.group_enc,
                                  covey_written(&raw), key);
    }
    covey_wipe(storage, sizeof storage);
    return st;
}

covey_status covey__group_become(covey_group *g, covey_bytes sender_id)
{
    g->silent = sender_id.ptr == NULL;
    g->sender_id_len = (uint8_t)sender_id.len;
    covey_oscore_copy(g->sender_id, sender_id);
    g->own_ids++;
    g->ssn = 0;
    g->ssn_stored = 0;
    g->encrypted = 0;
    return g->silent || g->sek_len == 0
               ? COVEY_OK
               : member_key(g, sender_id, &g->sender_key);
}

/* Secrets on the way to a pairwise key. */
struct secrets {
    uint8_t shared[COVEY_SHARED_MAX];
    uint8_t sender[COVEY_KEY_MAX];
    uint8_t key[COVEY_KEY_MAX];
};

/* A pairwise key between this member and a recipient; `pair` has everything
 * but the secrets. */
static covey_status derive_pairwise(const covey_group *g,
                                    covey_group_recipient *r,
                                    covey_group_pair *pair,
                                    const covey_oscore_work *work,
                                    covey_key *key)
{
    const covey_group_algorithms *a = &g->algorithms;
    struct secrets s;
    covey_writer shared = covey_writer_of(s.shared, sizeof s.shared);
    covey_writer sender = covey_writer_of(
        s.sender, covey_aead_find(covey__group_key_alg(a))->key_len);
    covey_writer raw =
        covey_writer_of(s.key, covey_aead_find(a->aead)->key_len);
    covey_writer scratch = covey_writer_of(work->scratch, work->scratch_cap);
    covey_status st = g->crypto->agree(g->crypto->provider, g->private_key,
                                       &r->public_key, &shared);

    if (st == COVEY_OK) {
        st = covey__group_member_key(g, pair->sender_id, &sender);
    }
    pair->shared_secret = covey_written(&shared);
    pair->sender_key = covey_written(&sender);
    if (st == COVEY_OK) {
        st = covey__group_pairwise(g, pair, &scratch, &raw);
    }
    if (st == COVEY_OK) {
        st = g->crypto->cipher_key(g->crypto->provider, a->aead,
                                   covey_written(&raw), key);
    }
    covey_wipe(&s, sizeof s);
    return st;
}

covey_status covey__group_send_key(covey_group *g, covey__group_text *t,
                                   covey_group_recipient *peer,
                                   const covey_oscore_work *work)
{
    covey_group_pair pair;
    covey_status st = COVEY_OK;

    if (peer == NULL) {
        t->alg = covey_aead_find(g->algorithms.group_enc);
        t->key = &g->sender_key;
        return st;
    }
    t->alg = covey_aead_find(g->algorithms.aead);
    t->key = &peer->pairwise_out;
    if (t->alg != NULL && !peer->has_pairwise_out) {
        pair.sender_id = covey__group_sender_id(g);
        pair.sender_cred = g->credential;
        pair.recipient_cred = peer->credential;
        st = derive_pairwise(g, peer, &pair, work, t->key);
        peer->has_pairwise_out = st == COVEY_OK;
    }
    return st;
}

covey_status covey__group_receive_key(covey_group *g, covey__group_text *t,
                                      covey_group_recipient *peer,
                                      bool pairwise,
                                      const covey_oscore_work *work)
{
    const covey_bytes id = covey__group_recipient_id(peer);
    bool *const has = pairwise ? &peer->has_pairwise_in : &peer->has_key;
    covey_group_pair pair;
    covey_status st = COVEY_OK;

    t->alg = covey_aead_find(pairwise ? g->algorithms.aead
                                      : g->algorithms.group_enc);
    t->key = pairwise ? &peer->pairwise_in : &peer->key;
    if (*has) {
        return st;
    }
    if (pairwise) {
        pair.sender_id = id;
        pair.sender_cred = peer->credential;
        pair.recipient_cred = g->credential;
        st = derive_pairwise(g, peer, &pair, work, t->key);
    } else {
        st = member_key(g, id, t->key);
    }
    *has = st == COVEY_OK;
    return st;
}
