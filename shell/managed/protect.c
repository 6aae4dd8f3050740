/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of a member, and its protection of an endpoint. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

enum {
    LOOK_UP_PAUSE = 100 /* ms: a forger costs the manager no more than that */
};

/* Numbers that are left when another Sender ID is asked for. */
#define RENEW_LEFT ((uint64_t)1 << 20)

/* --- what the protector asks --------------------------------------------- */

static bool is_usable(const managed *g)
{
    return managed_is_in(g) && g->save_at == COVEY_NEVER;
}

static covey_group *find(void *user, covey_bytes gid, const covey_path *path)
{
    managed *g = user;
    const covey_address *address = g->options.address;

    if (!g->options.serves || !is_usable(g)) {
        return NULL;
    }
    if (address != NULL && path->group &&
        (path->local.family != address->family ||
         memcmp(path->local.ip, address->ip, sizeof address->ip) != 0)) {
        return NULL;
    }
    return covey_bytes_equal(gid, covey_group_gid_of(&g->group)) ? &g->group
                                                                 : NULL;
}

/* It is asked for; the message that it was needed for is lost. */
static covey_status meet(void *user, const covey_group *group,
                         covey_group_member *member)
{
    managed *g = user;
    const covey_ms now = loop_now().mono;

    (void)group;
    if (now >= g->look_up && covey_member_look_up(&g->member, member->id)) {
        g->look_up = now + LOOK_UP_PAUSE;
        managed__set_alarm(g);
    }
    return COVEY_E_NO_CONTEXT;
}

/* What others have been heard with need not be stored: after a restart they
 * are challenged. */
static covey_status store(void *user, const covey_group *group,
                          const covey_group_record *record)
{
    managed *g = user;
    const managed_storage *s = &g->options.storage;

    (void)group;
    if (g->save_at != COVEY_NEVER) {
        return COVEY_E_NOT_STORED;
    }
    if (record->id.ptr != NULL || s->keep == NULL) {
        return COVEY_OK;
    }
    if (!s->keep(s->user, record->number)) {
        return COVEY_E_NOT_STORED;
    }
    if (covey_group_usage_of(&g->group).left < RENEW_LEFT) {
        managed_renew(g);
    }
    return COVEY_OK;
}

/* --- tables -------------------------------------------------------------- */

bool managed__open_tables(managed *g)
{
    const context_managed *c = g->options.context;
    covey_group_protector *p = &g->protector;
    covey_group_answers *a = &p->answers;
    const size_t members = c->members + (size_t)1;

    a->count = g->options.requests;
    a->each = (uint16_t)members;
    a->rows = calloc((size_t)a->count * a->each + 1, sizeof *a->rows);
    a->next = calloc(a->count + 1u, sizeof *a->next);
    g->table = calloc(members, sizeof *g->table);
    g->peers = calloc(members, sizeof *g->peers);
    g->credentials = malloc((members + 1) * MANAGED_CREDENTIAL_MAX);
    g->request = malloc(MANAGED_REQUEST_MAX);
    p->scratch_len = COVEY_GROUP_SCRATCH(
        g->options.message_max, MANAGED_CREDENTIAL_MAX, COVEY_MEMBER_GID_MAX);
    p->scratch = malloc(p->scratch_len);
    p->find = find;
    p->meet = meet;
    p->store = store;
    p->user = g;
    p->reply = g->options.reply;
    covey_group_protector_init(p);
    return a->rows != NULL && a->next != NULL && g->table != NULL &&
           g->peers != NULL && g->credentials != NULL && g->request != NULL &&
           p->scratch != NULL;
}

void managed__close_tables(managed *g)
{
    free(g->protector.answers.rows);
    free(g->protector.answers.next);
    free(g->protector.scratch);
    free(g->request);
    free(g->credentials);
    free(g->peers);
    free(g->table);
}
