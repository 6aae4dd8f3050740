/* SPDX-License-Identifier: BSD-2-Clause */
/* What covey-server shows of itself, covey-status(7). */
#ifndef COVEY_SERVER_SHOW_H
#define COVEY_SERVER_SHOW_H

#include "config.h"

#include <loop.h>
#include <server.h>
#include <status.h>

struct show {
    const struct server *server;
    status_page *page; /* NULL: nobody is to see anything */
};

/* As the configuration says. False: it has been told why. Closing is allowed
 * in any case. The server and the log are kept. */
bool show_open(struct show *s, const struct server_config *config,
               const char *version, const struct server *server, log_sink *log,
               loop *l);
void show_close(struct show *s);

#endif
