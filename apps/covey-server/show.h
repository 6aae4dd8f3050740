/* SPDX-License-Identifier: BSD-2-Clause */
/* What covey-server shows of itself, covey-status(7). */
#ifndef COVEY_SERVER_SHOW_H
#define COVEY_SERVER_SHOW_H

#include "config.h"
#include "contexts.h"

#include <loop.h>
#include <server.h>
#include <status.h>

/* What it is shown of is the caller's to fill in, and kept. */
struct show {
    const struct server *server;
    const struct contexts *contexts;
    unsigned workers;
    const struct link_counts *counts; /* of workers_counts; NULL: one alone */
    status_page *page;                /* NULL: nobody is to see anything */
};

/* As the configuration says. False: it has been told why. Closing is allowed
 * in any case. The log is kept. */
bool show_open(struct show *s, const struct server_config *config,
               const char *version, log_sink *log, loop *l);
void show_close(struct show *s);

#endif
