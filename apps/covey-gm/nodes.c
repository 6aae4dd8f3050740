/* SPDX-License-Identifier: BSD-2-Clause */
/* Nodes and their associations. An association is leased when it is first
 * needed: two managers over one database have different ones, and hand them
 * over when a node turns to the other.
 *
 * Its numbers are stored like this. While it is held the row says that the
 * window is lost: whoever takes it over from a manager that has died asks the
 * node for Echo first, and nothing that was accepted is accepted again. Given
 * back in order, the row says exactly what was accepted: what is older is
 * asked for Echo, what is newer is taken. So the window costs no writes. */
#include "gm.h"

#include <covey/coap_options.h>

#include <stdlib.h>
#include <string.h>

enum {
    PARK_MS = 3000
};

/* --- finding ------------------------------------------------------------- */

static uint32_t hash(const struct gm *g, covey_bytes id)
{
    uint32_t h = UINT32_C(2166136261);

    for (size_t i = 0; i < id.len; i++) {
        h = (h ^ id.ptr[i]) * UINT32_C(16777619);
    }
    return h & (g->head_count - 1);
}

/* RFC 8613 Section 8.2: by the kid, which is our Recipient ID, and by the kid
 * context if there is one. */
static int find_kid(const struct gm *g, covey_bytes kid, covey_bytes context)
{
    int i = g->heads[hash(g, kid)];

    while (i != GM_NONE) {
        const store_enrolment *e = &g->nodes[i].enrolment;
        if (covey_bytes_equal(e->recipient_id, kid) &&
            (context.ptr == NULL ||
             covey_bytes_equal(e->id_context, context))) {
            return i;
        }
        i = g->nodes[i].next;
    }
    return GM_NONE;
}

int nodes_named(const struct gm *g, covey_bytes name)
{
    for (uint32_t i = 0; i < g->tables.node_count; i++) {
        if (g->nodes[i].used &&
            covey_bytes_equal(g->nodes[i].enrolment.name, name)) {
            return (int)i;
        }
    }
    return GM_NONE;
}

uint32_t nodes_of_context(const struct gm *g, const void *context)
{
    const uint8_t *at = context;
    const size_t offset = (size_t)(at - (const uint8_t *)g->nodes);

    return (uint32_t)(offset / sizeof *g->nodes);
}

static covey_oscore_context *find(void *user, covey_bytes kid,
                                  covey_bytes kid_context)
{
    const struct gm *g = user;
    const int i = find_kid(g, kid, kid_context);

    return i != GM_NONE && g->nodes[i].held ? &g->nodes[i].context : NULL;
}

/* --- numbers ------------------------------------------------------------- */

static void tell_store(const struct gm *g, const struct gm_node *n)
{
    char name[COVEY_MANAGER_NODE_MAX + 1] = "";

    memcpy(name, n->enrolment.name.ptr, n->enrolment.name.len);
    gm_tell_log(g, LOG_LEVEL_ERROR, "oscore.store", name,
                store_error(g->store));
}

/* Durable when gm_commit has said so, and nothing leaves before. */
static covey_status keep(void *user, const covey_oscore_context *context,
                         const covey_oscore_state *state)
{
    struct gm *g = user;
    struct gm_node *n = &g->nodes[nodes_of_context(g, context)];
    const store_numbers next = { state->ssn, state->window, false };
    store_result r = gm_begin(g);

    if (r == STORE_OK) {
        r = store_lease_keep(g->store, &n->lease, &next);
    }
    if (r == STORE_OK) {
        return COVEY_OK;
    }
    tell_store(g, n);
    g->stale = g->stale || r == STORE_AGAIN || r == STORE_TAKEN;
    return COVEY_E_NOT_STORED;
}

static covey_oscore_parameters parameters_of(const store_enrolment *e)
{
    const covey_oscore_parameters p = {
        .aead = e->aead,
        .hkdf = e->hkdf,
        .master_secret = e->master_secret,
        .master_salt = e->master_salt,
        .id_context = e->id_context,
        .sender_id = e->sender_id,
        .recipient_id = e->recipient_id,
    };

    return p;
}

/* Reserves at once what will be needed: one transaction for both. */
static store_result start(struct gm *g, struct gm_node *n,
                          const covey_oscore_parameters *p)
{
    const covey_oscore_start begin = { .state = { n->lease.numbers.ssn,
                                                  n->lease.numbers.window },
                                       .ahead = (uint32_t)g->config->ahead,
                                       .window_in_memory = true };
    covey_oscore_state next;

    if (covey_oscore_setup(&n->context, g->crypto, p, &begin) != COVEY_OK) {
        return STORE_REFUSED;
    }
    n->held = true;
    if (covey_oscore_due(&n->context, &next) &&
        (keep(g, &n->context, &next) != COVEY_OK ||
         covey_oscore_stored(&n->context, &next) != COVEY_OK)) {
        covey_oscore_drop(&n->context);
        n->held = false;
        return STORE_AGAIN;
    }
    return STORE_OK;
}

store_result nodes_hold(struct gm *g, uint32_t node, bool want)
{
    static const store_numbers first = { 0, 0, false };
    struct gm_node *n = &g->nodes[node];
    const covey_oscore_parameters p = parameters_of(&n->enrolment);
    uint8_t id[STORE_KEY_ID];
    store_result r;

    if (n->held) {
        return STORE_OK;
    }
    if (store_oscore_id(g->crypto, &p, id) != COVEY_OK) {
        return STORE_REFUSED;
    }
    r = gm_begin(g);
    if (r == STORE_OK) {
        r = (want ? store_lease_take : store_lease_try)(
            g->store, covey_bytes_of(id, sizeof id), &first, &n->lease);
    }
    n->elsewhere = r == STORE_TAKEN;
    if (r == STORE_OK) {
        nodes_place(g, n);
        r = start(g, n, &p);
    }
    if (r != STORE_OK && r != STORE_TAKEN) {
        tell_store(g, n);
        g->stale = g->stale || r == STORE_AGAIN;
    }
    return r;
}

/* --- giving back --------------------------------------------------------- */

void nodes_body_drop(struct gm_node *n)
{
    if (n->body.bytes != NULL) {
        covey_wipe(n->body.bytes, n->body.len);
        free(n->body.bytes);
    }
    memset(&n->body, 0, sizeof n->body);
}

/* The context is gone; the lease is the caller's business. */
static void forget(struct gm_node *n)
{
    if (n->held) {
        covey_oscore_drop(&n->context);
    }
    nodes_body_drop(n);
    memset(&n->lease, 0, sizeof n->lease);
    n->held = n->wanted = false;
    n->busy = 0;
    n->peer = NULL; /* the row of the lease says it */
}

/* What was not used may be used by the next owner, and what was accepted is
 * accepted by nobody else. */
static store_result release(struct gm *g, struct gm_node *n)
{
    const covey_oscore_usage usage = covey_oscore_usage_of(&n->context);
    const store_numbers exact = { COVEY_OSCORE_SSN_END - usage.left,
                                  covey_oscore_window_of(&n->context), false };
    store_result r = gm_begin(g);

    if (r == STORE_OK) {
        r = store_lease_release(g->store, &n->lease, &exact);
    }
    if (r == STORE_OK) {
        forget(n);
    }
    return r;
}

void nodes_forget(struct gm *g)
{
    for (uint32_t i = 0; i < g->tables.node_count; i++) {
        if (g->nodes[i].used) {
            forget(&g->nodes[i]);
        }
    }
}

void nodes_drop(struct gm *g, covey_time now, uint32_t node)
{
    struct gm_node *n = &g->nodes[node];

    tell_stop(g, now, 0, node, true);
    watch_drop_node(g, node);
    if (n->held) {
        (void)release(g, n);
    }
    forget(n);
}

void nodes_release(struct gm *g)
{
    for (uint32_t i = 0; i < g->tables.node_count; i++) {
        struct gm_node *n = &g->nodes[i];
        if (n->used && n->held && release(g, n) != STORE_OK) {
            return; /* these numbers are lost, which harms nobody */
        }
    }
    (void)gm_commit(g);
}

static void on_wanted(void *user, covey_bytes id)
{
    struct gm *g = user;

    for (uint32_t i = 0; i < g->tables.node_count; i++) {
        struct gm_node *n = &g->nodes[i];
        if (n->used && n->held &&
            covey_bytes_equal(covey_bytes_of(n->lease.id, n->lease.id_len),
                              id)) {
            n->wanted = true;
        }
    }
}

void nodes_give(struct gm *g, covey_time now)
{
    bool any = false;

    (void)store_wanted(g->store, on_wanted, g);
    for (uint32_t i = 0; i < g->tables.node_count; i++) {
        struct gm_node *n = &g->nodes[i];
        if (!n->wanted || n->busy > 0) {
            continue;
        }
        tell_stop(g, now, 0, i, true);
        watch_drop_node(g, i);
        any = release(g, n) == STORE_OK || any;
    }
    if (any) {
        (void)gm_commit(g);
    }
}

/* --- datagrams that wait for a lease ------------------------------------- */

static void park(struct gm *g, peer *p, covey_time now, const covey_path *path,
                 covey_bytes datagram)
{
    struct gm_parked *oldest = g->parked;

    for (size_t i = 1; i < GM_PARKED; i++) {
        if (g->parked[i].until < oldest->until) {
            oldest = &g->parked[i];
        }
    }
    oldest->until = now.mono + PARK_MS;
    oldest->peer = p;
    oldest->path = *path;
    oldest->len = datagram.len;
    if (datagram.len > 0) {
        memcpy(oldest->bytes, datagram.ptr, datagram.len);
    }
}

void nodes_unpark(struct gm *g, covey_time now)
{
    for (size_t i = 0; i < GM_PARKED; i++) {
        struct gm_parked *row = &g->parked[i];
        struct gm_parked copy;
        if (row->until == 0) {
            continue;
        }
        if (row->until < now.mono) {
            row->until = 0;
            continue;
        }
        copy = *row;
        row->until = 0;
        peer_take(copy.peer, now, &copy.path,
                  covey_bytes_of(copy.bytes, copy.len));
    }
}

/* Nobody but the node makes its association change hands. That it may be a
 * replay is judged later. */
static bool is_authentic(const struct gm *g, uint32_t node,
                         const covey_coap_message *outer)
{
    static const covey_oscore_start start = {
        .state = { 0, COVEY_OSCORE_WINDOW_LOST }, .window_in_memory = true
    };
    const covey_oscore_parameters p = parameters_of(&g->nodes[node].enrolment);
    uint8_t plain[PEER_DATAGRAM_MAX];
    uint8_t scratch[PEER_DATAGRAM_MAX];
    const covey_oscore_work work = { .scratch = scratch,
                                     .scratch_cap = sizeof scratch };
    covey_writer w = covey_writer_of(plain, sizeof plain);
    covey_oscore_context context;
    covey_oscore_exchange x;
    covey_oscore_received r;
    bool authentic;

    if (covey_oscore_setup(&context, g->crypto, &p, &start) != COVEY_OK) {
        return false;
    }
    authentic = covey_oscore_unprotect_request(&context, &x, outer, &work, &w,
                                               &r) != COVEY_UNPROTECT_REFUSED;
    covey_oscore_drop(&context);
    covey_wipe(plain, sizeof plain);
    covey_wipe(scratch, sizeof scratch);
    return authentic;
}

bool nodes_admit(struct gm *g, peer *p, covey_time now, const covey_path *path,
                 covey_bytes datagram)
{
    covey_coap_message m;
    covey_oscore_option option;
    covey_bytes value;

    if (g->stale) {
        return false;
    }
    if (covey_coap_parse(&m, datagram) != COVEY_OK || m.code == 0 ||
        m.code >> 5 != 0 ||
        covey_oscore_value_find(&option, &value, &m) != COVEY_OK ||
        option.kid.ptr == NULL) {
        return true;
    }
    const int node = find_kid(g, option.kid, option.kid_context);
    if (node == GM_NONE ||
        (!g->nodes[node].held && !is_authentic(g, (uint32_t)node, &m))) {
        return true; /* what is wrong with it the endpoint says */
    }
    const store_result r = nodes_hold(g, (uint32_t)node, true);
    if (r == STORE_TAKEN) {
        park(g, p, now, path, datagram);
    }
    return r == STORE_OK;
}

/* --- opening ------------------------------------------------------------- */

void nodes_chain(struct gm *g)
{
    memset(g->heads, 0xff, g->head_count * sizeof *g->heads);
    for (uint32_t i = 1; i < g->tables.node_count; i++) {
        struct gm_node *n = &g->nodes[i];
        if (n->used) {
            const uint32_t h = hash(g, n->enrolment.recipient_id);
            n->next = g->heads[h];
            g->heads[h] = (int)i;
        }
    }
}

bool nodes_open(struct gm *g)
{
    uint32_t heads = 16;

    while (heads < g->tables.node_count) {
        heads *= 2;
    }
    g->head_count = heads;
    g->nodes = calloc(g->tables.node_count, sizeof *g->nodes);
    g->heads = calloc(heads, sizeof *g->heads);
    g->parked = calloc(GM_PARKED, sizeof *g->parked);
    if (g->nodes == NULL || g->heads == NULL || g->parked == NULL) {
        return false;
    }
    nodes_chain(g);
    g->oscore.find = find;
    g->oscore.store = keep;
    g->oscore.user = g;
    covey_oscore_protector_init(&g->oscore);
    g->protectors[0] = &g->oscore.protector;
    return true;
}

void nodes_close(struct gm *g)
{
    for (uint32_t i = 0; g->nodes != NULL && i < g->tables.node_count; i++) {
        struct gm_node *n = &g->nodes[i];
        forget(n);
        if (n->memory != NULL) {
            covey_wipe(n->memory, n->memory_len);
            free(n->memory);
        }
    }
    free(g->nodes);
    free(g->heads);
    free(g->parked);
}
