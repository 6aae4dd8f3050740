/* SPDX-License-Identifier: BSD-2-Clause */
/* Nodes as they are enrolled in the store: looked at when the manager begins,
 * and whenever somebody has changed something there. */
#include "gm.h"

#include <stdlib.h>
#include <string.h>

static bool same(const store_enrolment *a, const store_enrolment *b)
{
    return a->aead == b->aead && a->hkdf == b->hkdf &&
           covey_bytes_equal(a->sender_id, b->sender_id) &&
           covey_bytes_equal(a->recipient_id, b->recipient_id) &&
           covey_bytes_equal(a->id_context, b->id_context) &&
           (a->id_context.ptr == NULL) == (b->id_context.ptr == NULL) &&
           covey_bytes_equal(a->master_secret, b->master_secret) &&
           covey_bytes_equal(a->master_salt, b->master_salt);
}

static covey_bytes copy(uint8_t **at, covey_bytes from)
{
    covey_bytes to = { from.ptr != NULL ? *at : NULL, from.len };

    if (from.ptr != NULL && from.len > 0) {
        memcpy(*at, from.ptr, from.len);
        *at += from.len;
    }
    return to;
}

/* Spans of an enrolment, in memory of the node. */
static bool take_copy(struct gm_node *n, const store_enrolment *e)
{
    const size_t len = e->name.len + e->sender_id.len + e->recipient_id.len +
                       e->id_context.len + e->master_secret.len +
                       e->master_salt.len + e->scope.len + e->credential.len;
    uint8_t *memory = malloc(len + 1);
    uint8_t *at = memory;

    if (memory == NULL) {
        return false;
    }
    n->enrolment = *e;
    n->enrolment.name = copy(&at, e->name);
    n->enrolment.sender_id = copy(&at, e->sender_id);
    n->enrolment.recipient_id = copy(&at, e->recipient_id);
    n->enrolment.id_context = copy(&at, e->id_context);
    n->enrolment.master_secret = copy(&at, e->master_secret);
    n->enrolment.master_salt = copy(&at, e->master_salt);
    n->enrolment.scope = copy(&at, e->scope);
    n->enrolment.credential = copy(&at, e->credential);
    if (n->memory != NULL) {
        covey_wipe(n->memory, n->memory_len);
        free(n->memory);
    }
    n->memory = memory;
    n->memory_len = len;
    return true;
}

struct loading {
    struct gm *gm;
    bool *seen;
    bool any_gone; /* another association under an old name */
    uint32_t lost; /* no row, or no memory */
};

static int empty_row(const struct gm *g)
{
    /* The first is the configuration's own (groups.c). */
    for (uint32_t i = 1; i < g->tables.node_count; i++) {
        if (!g->nodes[i].used) {
            return (int)i;
        }
    }
    return GM_NONE;
}

static void on_enrolment(void *user, const store_enrolment *e)
{
    struct loading *l = user;
    struct gm *g = l->gm;
    int i = nodes_named(g, e->name);
    covey_manager_node *row;

    if (i == GM_NONE) {
        i = empty_row(g);
    }
    if (i == GM_NONE || e->name.len > COVEY_MANAGER_NODE_MAX ||
        e->name.ptr[0] == '.') {
        l->lost++;
        return;
    }
    struct gm_node *n = &g->nodes[i];
    /* Another association under the old name: the old one is given up, but
     * not while the store is being read. */
    if (n->used && !same(&n->enrolment, e)) {
        l->any_gone = true; /* nor seen */
        return;
    }
    if (!take_copy(n, e)) {
        l->lost++;
        return;
    }
    n->used = true;
    l->seen[i] = true;
    row = &g->tables.nodes[i];
    row->name = n->enrolment.name;
    row->scope = n->enrolment.scope;
    row->credential = n->enrolment.credential.len > 0
                          ? n->enrolment.credential
                          : covey_bytes_of(NULL, 0);
}

static void drop(struct gm *g, uint32_t i)
{
    struct gm_node *n = &g->nodes[i];

    nodes_drop(g, loop_now(), i);
    if (n->memory != NULL) {
        covey_wipe(n->memory, n->memory_len);
        free(n->memory);
    }
    memset(n, 0, sizeof *n);
    memset(&g->tables.nodes[i], 0, sizeof g->tables.nodes[i]);
}

/* Once; those whose association has changed are left without a row. */
static store_result load_once(struct loading *l)
{
    struct gm *g = l->gm;
    const store_result r =
        store_enrolments(g->store, covey_bytes_of(NULL, 0), on_enrolment, l);

    if (r != STORE_OK && r != STORE_NONE) {
        return r;
    }
    for (uint32_t i = 1; i < g->tables.node_count; i++) {
        if (g->nodes[i].used && !l->seen[i]) {
            drop(g, i);
        }
    }
    return STORE_OK;
}

store_result nodes_load(struct gm *g)
{
    const size_t count = g->tables.node_count;
    struct loading l = { .gm = g, .seen = calloc(count, sizeof *l.seen) };
    store_result r = STORE_AGAIN;

    if (l.seen != NULL) {
        r = load_once(&l);
    }
    if (r == STORE_OK && l.any_gone) {
        memset(l.seen, 0, count * sizeof *l.seen);
        r = load_once(&l);
    }
    free(l.seen);
    nodes_chain(g);
    if (l.lost > 0) {
        gm_tell_log(g, LOG_LEVEL_ERROR, "gm.nodes", "limits",
                    "more nodes are enrolled than there is room for");
    }
    return r;
}
