/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a node is: the address that it was last heard from, and ours that it
 * was heard at. It stands in the row of the lease, written in the transaction
 * that the answer waits for: so it survives the manager, and goes along with
 * the association from one manager to another. As text, in our words:
 *     [2001:db8::7]:40123 [2001:db8::1]:5683 */
#include "gm.h"

#include <stdio.h>
#include <string.h>
#include <system_address.h>

_Static_assert((int)STORE_PEER_MAX >= 2 * (int)ADDRESS_TEXT_MAX,
               "both addresses fit");

static bool is_all_zero(const covey_address *a)
{
    static const uint8_t none[sizeof a->ip];

    return memcmp(a->ip, none, sizeof none) == 0;
}

/* Whether what comes to this address comes to a socket bound like that. */
static bool is_bound_to(const covey_address *bound, const covey_address *a)
{
    return bound->family == a->family && bound->port == a->port &&
           (is_all_zero(bound) || memcmp(bound->ip, a->ip, sizeof a->ip) == 0);
}

/* That which has path->local, else one of the family: then the node sees
 * another address of ours, as it does after a change of managers. */
peer *nodes_peer_of(const struct gm *g, const covey_path *path)
{
    peer *other = NULL;

    for (size_t i = 0; i < g->peer_count; i++) {
        const covey_address bound = peer_local(g->peers[i]);
        if (is_bound_to(&bound, &path->local)) {
            return g->peers[i];
        }
        if (other == NULL && bound.family == path->peer.family) {
            other = g->peers[i];
        }
    }
    return other;
}

void nodes_heard(struct gm *g, uint32_t node, peer *p, const covey_path *path)
{
    struct gm_node *n = &g->nodes[node];
    const bool known =
        n->peer == p && covey_address_equal(&n->path.peer, &path->peer);
    char theirs[ADDRESS_TEXT_MAX];
    char ours[ADDRESS_TEXT_MAX];
    char text[STORE_PEER_MAX + 1];

    n->peer = p;
    n->path = *path;
    n->path.group = false;
    if (known) {
        return;
    }
    const int len =
        snprintf(text, sizeof text, "%s %s", address_text(&path->peer, theirs),
                 address_text(&path->local, ours));
    store_result r = gm_begin(g);
    if (r == STORE_OK) {
        r = store_lease_peer(
            g->store, &n->lease,
            covey_bytes_of((const uint8_t *)text, (size_t)len));
    }
    g->stale = g->stale || r == STORE_AGAIN || r == STORE_TAKEN;
}

void nodes_place(const struct gm *g, struct gm_node *n)
{
    char text[STORE_PEER_MAX + 1] = "";
    covey_path path = { .interface = 0 };
    char *ours;

    memcpy(text, n->lease.peer, n->lease.peer_len);
    ours = strchr(text, ' ');
    if (ours == NULL) {
        return; /* nobody has heard it */
    }
    *ours++ = '\0';
    /* An address on an interface that is gone is none. */
    if (address_parse_port(text, 0, &path.peer) &&
        address_parse_port(ours, 0, &path.local)) {
        n->peer = nodes_peer_of(g, &path);
        n->path = path;
        memset(&n->path.local, 0, sizeof n->path.local);
    }
}
