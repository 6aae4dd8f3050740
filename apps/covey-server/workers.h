/* SPDX-License-Identifier: BSD-2-Clause */
/* Several processes that are one server: what they share, and who of them has
 * which security context. */
#ifndef COVEY_SERVER_WORKERS_H
#define COVEY_SERVER_WORKERS_H

#include "config.h"

#include "relay.h"

#include <crew.h>
#include <log.h>

struct workers;

/* Sockets for each worker, the resources in shared memory, the post between
 * them. NULL: the log says why. */
struct workers *workers_new(struct server_config *config, log_sink *log);
/* NULL is allowed. */
void workers_free(struct workers *w);

/* In the process of one: its sockets become those of config->listen, groups
 * that are none of its business are taken out, and so are contexts of others.
 */
const struct server_crew *workers_become(struct workers *w, unsigned me);

/* What each of them has counted: of the first one as many as config->listen
 * has rows, and so on. */
const struct link_counts *workers_counts(const struct workers *w);
/* NULL: there is no status page. */
struct relay *workers_relay(const struct workers *w);

#endif
