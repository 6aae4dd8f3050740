/* SPDX-License-Identifier: BSD-2-Clause */
/* The security contexts of the server, and where their state is kept. */
#ifndef COVEY_SERVER_CONTEXTS_H
#define COVEY_SERVER_CONTEXTS_H

#include "config.h"
#include "managed_groups.h"

#include <covey/crypto.h>
#include <covey/endpoint.h>
#include <covey/group.h>
#include <log.h>

struct context_row;
struct store;

struct contexts {
    covey_crypto crypto;
    struct context_row *rows;
    size_t count;
    struct store *store; /* NULL if there are no contexts */
    struct managed_groups managed;
    covey_oscore_protector oscore;
    const covey_protector **protectors; /* plain OSCORE, then each group */
    size_t protector_count;             /* 0 if there are no contexts */
    const log_sink *log;
};

/* Derives keys and takes the leases of the contexts. False: it has been told
 * why. */
bool contexts_open(struct contexts *c, const struct server_config *config,
                   const log_sink *log, loop *l);
/* A group that the server belongs to, or wants to. */
struct contexts_group {
    covey_bytes name;         /* at its manager; absent: it has none */
    const char *file;         /* the context file */
    const covey_group *group; /* NULL: not in, or not yet */
    uint32_t version;         /* of the keys, where a manager counts them */
};
/* One after the other; *at begins with 0. */
bool contexts_group_next(const struct contexts *c, size_t *at,
                         struct contexts_group *out);

/* Before the loop is freed. */
void contexts_close(struct contexts *c);
/* That of the provider. */
covey_random contexts_random(const struct contexts *c);

#endif
