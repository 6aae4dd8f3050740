/* SPDX-License-Identifier: BSD-2-Clause */
/* Sequence numbers of those who send to a whole group, for late joiners (seed
 * 002 Section 7.2, last method). The shell listens in the group and checks who
 * sent what; here it is noted with which number. A row has the number after
 * the last one, so that 0 is nobody. */
#include "manager_internal.h"

covey_status covey_manager_parameters(const covey_manager *m, uint16_t serial,
                                      uint8_t gid[COVEY_MANAGER_GID_MAX],
                                      covey_group_parameters *out)
{
    const covey_manager_group *g = covey__manager_group_by_serial(m, serial);

    if (serial == 0 || g == NULL || (g->flags & GROUP_LOST) != 0) {
        return COVEY_E_NO_CONTEXT;
    }
    *out = covey__manager_parameters(m, g, gid);
    return COVEY_OK;
}

/* NULL if these are not the present keys of a group. */
static const covey_manager_group *group_of(const covey_manager *m,
                                           covey_bytes gid)
{
    uint8_t storage[COVEY_MANAGER_GID_MAX];

    for (uint32_t i = 0; i < m->memory.group_count; i++) {
        const covey_manager_group *g = &m->memory.groups[i];

        if (g->serial != 0 && (g->flags & GROUP_LOST) == 0 &&
            covey_bytes_equal(covey_manager_gid(m, g, storage), gid)) {
            return g;
        }
    }
    return NULL;
}

static covey_manager_member *find(const covey_manager *m, covey_bytes gid,
                                  covey_bytes id)
{
    const covey_manager_group *g = group_of(m, gid);
    covey_manager_member *r = NULL;

    while (g != NULL && (r = covey__manager_next(m, g, r)) != NULL) {
        if (r->standing == COVEY_MANAGER_PRESENT && r->id_len > 0 &&
            (r->roles & COVEY_KEYING_REQUESTER) != 0 &&
            covey_bytes_equal(covey__manager_id(r), id)) {
            return r;
        }
    }
    return NULL;
}

const covey_manager_member *covey_manager_hears(const covey_manager *m,
                                                covey_bytes gid,
                                                covey_bytes id,
                                                uint64_t number)
{
    const covey_manager_member *r = find(m, gid, id);

    return r != NULL && number >= r->number && number < COVEY_OSCORE_SSN_END
               ? r
               : NULL;
}

void covey_manager_heard(covey_manager *m, covey_bytes gid, covey_bytes id,
                         uint64_t number)
{
    covey_manager_member *r = find(m, gid, id);

    if (r != NULL && number >= r->number && number < COVEY_OSCORE_SSN_END) {
        r->number = number + 1;
    }
}
