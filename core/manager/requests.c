/* SPDX-License-Identifier: BSD-2-Clause */
/* Where requests and operators' decisions come in. */
#include "manager_internal.h"

#include <string.h>

static covey_manager_node *find_node(const covey_manager *m, covey_bytes name)
{
    for (uint32_t i = 0; name.ptr != NULL && i < m->memory.node_count; i++) {
        covey_manager_node *n = &m->memory.nodes[i];

        if (covey_bytes_equal(n->name, name) && n->name.len > 0 &&
            n->name.len <= COVEY_MANAGER_NODE_MAX) {
            return n;
        }
    }
    return NULL;
}

/* Answers that are due go first: they show what is stored now. */
static bool must_wait(const covey_manager *m)
{
    return m->in_flight || m->pending_next < m->pending_released ||
           m->pending_used == m->memory.pending_count;
}

covey_status covey_manager_receive(covey_manager *m, covey_time now,
                                   const covey_manager_request *request,
                                   covey_manager_answer *answer,
                                   covey_writer *out)
{
    covey__manager_call c = {
        .m = m, .request = request, .answer = answer, .out = out
    };
    covey_status st;

    m->now = now;
    memset(answer, 0, sizeof *answer);
    answer->user = request->user;
    answer->format = COVEY_MANAGER_NO_FORMAT;
    if (must_wait(m)) {
        return covey__manager_wait(m);
    }
    c.node = find_node(m, request->node);
    if (c.node == NULL) {
        st = covey__manager_code(&c, COVEY_COAP_CODE(4, 1));
    } else {
        st = covey__manager_route(&c);
    }
    if (answer->code >= COVEY_COAP_CODE(4, 0)) {
        answer->observable = false;
        m->counters.refused++;
    }
    return st;
}

/* --- operators ----------------------------------------------------------- */

/* NULL: *st says why. */
static covey_manager_group *find(covey_manager *m, covey_time now,
                                 covey_bytes name, covey_status *st)
{
    covey_manager_group *g;

    m->now = now;
    if (must_wait(m)) {
        *st = covey__manager_wait(m);
        return NULL;
    }
    *st = COVEY_E_NO_CONTEXT;
    g = covey__manager_group_by_name(m, name);
    return g == NULL || (g->flags & GROUP_LOST) != 0 || g->deleted ? NULL : g;
}

covey_status covey_manager_evict(covey_manager *m, covey_time now,
                                 covey_bytes group, covey_bytes node)
{
    covey_status st;
    covey_manager_group *g = find(m, now, group, &st);
    covey_manager_member *r;

    if (g == NULL) {
        return st;
    }
    r = covey__manager_member_of(m, g, node);
    if (r == NULL || r->standing != COVEY_MANAGER_PRESENT) {
        return COVEY_E_NO_CONTEXT;
    }
    if ((r->flags & MEMBER_STAGED) != 0) {
        return covey__manager_wait(m);
    }
    covey__manager_remove(m, g, r, true);
    covey__manager_want_rekey(m, g, COVEY_MANAGER_BY_EVICTION);
    return COVEY_OK;
}

covey_status covey_manager_rekey(covey_manager *m, covey_time now,
                                 covey_bytes group)
{
    covey_status st;
    covey_manager_group *g = find(m, now, group, &st);

    if (g == NULL) {
        return st;
    }
    if (g->version >= COVEY_MANAGER_VERSION_MAX) {
        return COVEY_E_EXHAUSTED;
    }
    covey__manager_want_rekey(m, g, COVEY_MANAGER_BY_OPERATOR);
    return COVEY_OK;
}

covey_status covey_manager_tune(covey_manager *m, covey_time now,
                                covey_bytes group, uint32_t lifetime,
                                bool rekey_on_join)
{
    covey_status st;
    covey_manager_group *g = find(m, now, group, &st);

    if (g == NULL) {
        return st;
    }
    g->lifetime = lifetime;
    g->rekey_on_join = rekey_on_join;
    covey__manager_set_due(m, g);
    covey__manager_log(m, COVEY_MANAGER_DID_CONFIGURE, g, NULL);
    covey__manager_stage(m, g);
    return COVEY_OK;
}
