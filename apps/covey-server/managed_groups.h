/* SPDX-License-Identifier: BSD-2-Clause */
/* Groups that the server joins by itself (contexts of type member): their
 * associations with Group Managers, and where their state is kept. */
#ifndef COVEY_SERVER_MANAGED_GROUPS_H
#define COVEY_SERVER_MANAGED_GROUPS_H

#include "config.h"

#include <context.h>
#include <log.h>
#include <loop.h>
#include <store.h>

struct managed_association;
struct managed_group;

/* What they share with the other contexts. Kept. */
struct managed_groups {
    loop *loop;
    const covey_crypto *crypto;
    store *store;
    const log_sink *log;
    struct managed_association *associations;
    struct managed_group *groups;
};

/* Keeps both. The protection of the group, or NULL: it has been told why. */
const covey_protector *managed_groups_add(struct managed_groups *all,
                                          const struct server_context *from,
                                          const context_file *file);
/* The group of this file; NULL: it has not been opened. */
struct managed *managed_groups_find(const struct managed_groups *all,
                                    const context_file *file);
/* In good order: what is stored can be taken up again. */
void managed_groups_close(struct managed_groups *all);

#endif
