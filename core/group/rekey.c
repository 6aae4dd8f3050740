/* SPDX-License-Identifier: BSD-2-Clause */
/* New keying material, RFC 10021 Section 2.6.3: for the whole group, or a new
 * Sender ID for this member. Everything that can fail is done beside the old
 * context, which is then replaced.
 *
 * Nothing of the old context is kept for messages that are late. Old pairwise
 * keys must not survive, and a window for two contexts cannot be had. */
#include "group_internal.h"

#include <string.h>

/* Is this ID somebody else's, once the stale ones are gone? */
static bool is_taken(const covey_group *g, covey_bytes id,
                     const covey_bytes *stale, size_t stale_count)
{
    bool taken = covey_group_find(g, id) != NULL;

    for (size_t i = 0; i < stale_count; i++) {
        taken = taken && !covey_bytes_equal(stale[i], id);
    }
    return taken;
}

/* The recipients under the new Gid. */
static void renew_recipients(covey_group *g, const covey_bytes *stale,
                             size_t stale_count)
{
    for (size_t i = 0; i < stale_count; i++) {
        covey_group_recipient *r = covey_group_find(g, stale[i]);
        if (r != NULL) {
            covey__group_forget(g, r);
        }
    }
    for (size_t i = 0; i < g->recipient_max; i++) {
        covey_group_recipient *r = &g->recipients[i];
        if (r->present) {
            covey__group_drop_derived(g, r);
            covey__group_new_window(r, 0);
            r->window_stored = 0;
            r->forged = 0;
            r->heard = false;
        }
    }
}

/* The new one takes the place of the old one. */
static void replace(covey_group *g, covey_group *next)
{
    g->crypto->key_drop(g->crypto->provider, &g->sender_key);
    *g = *next;
    covey_wipe(next, sizeof *next);
}

covey_status covey_group_rekey(covey_group *g, const covey_group_parameters *p,
                               covey_bytes sender_id, const covey_bytes *stale,
                               size_t stale_count)
{
    const covey_bytes id = sender_id.ptr != NULL || g->silent
                               ? sender_id
                               : covey__group_sender_id(g);
    covey_group next = *g;
    covey_status st = covey_group_check(p);

    memset(&next.sender_key, 0, sizeof next.sender_key);
    covey__group_adopt(&next, p);
    /* The same Gid with numbers from 0 again would repeat nonces. */
    if (st == COVEY_OK &&
        (next.curve != g->curve || g->silent != (id.ptr == NULL) ||
         covey_bytes_equal(next.gid, g->gid) ||
         is_taken(g, id, stale, stale_count))) {
        st = COVEY_E_ARGUMENT;
    }
    if (st == COVEY_OK && id.len > covey_group_id_max(&p->algorithms)) {
        st = COVEY_E_RANGE;
    }
    if (st == COVEY_OK) {
        st = covey__group_install(&next, p, id);
    }
    if (st != COVEY_OK) {
        covey_wipe(&next, sizeof next);
        return st;
    }
    next.epoch++;
    next.windows_invalid = false;
    next.windows_invalid_stored = false;
    next.windows_low = false;
    replace(g, &next);
    renew_recipients(g, stale, stale_count);
    return COVEY_OK;
}

covey_status covey_group_change_sender(covey_group *g, covey_bytes sender_id)
{
    covey_group next = *g;
    covey_status st = COVEY_OK;

    memset(&next.sender_key, 0, sizeof next.sender_key);
    if (g->silent || sender_id.ptr == NULL ||
        covey_bytes_equal(sender_id, covey__group_sender_id(g)) ||
        covey_group_find(g, sender_id) != NULL) {
        st = COVEY_E_ARGUMENT;
    } else if (sender_id.len > covey_group_id_max(&g->algorithms)) {
        st = COVEY_E_RANGE;
    }
    if (st == COVEY_OK) {
        st = covey__group_become(&next, sender_id);
    }
    if (st != COVEY_OK) {
        covey_wipe(&next, sizeof next);
        return st;
    }
    replace(g, &next);
    for (size_t i = 0; i < g->recipient_max; i++) {
        covey__group_drop_derived(g, &g->recipients[i]);
    }
    return COVEY_OK;
}
