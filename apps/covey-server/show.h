/* SPDX-License-Identifier: BSD-2-Clause */
/* What covey-server shows of itself, covey-status(7). */
#ifndef COVEY_SERVER_SHOW_H
#define COVEY_SERVER_SHOW_H

#include "config.h"
#include "contexts.h"
#include "relay.h"

#include <loop.h>
#include <server.h>
#include <status.h>

enum {
    SHOW_REQUESTS = 20, /* the last ones */
    SHOW_PATH = 64      /* bytes of a path */
};

/* Of a request that was protected no more is shown than everybody could see
 * on its way: what it asks is not the business of whoever sees the page. */
struct show_request {
    double at; /* unix s */
    covey_address from;
    bool secured;
    bool member; /* of a group */
    uint8_t id_len;
    uint8_t id[COVEY_OSCORE_ID_MAX]; /* who asks */
    uint8_t method;                  /* of open ones, as what follows */
    uint8_t code;
    char path[SHOW_PATH + 1];
    uint64_t us;
};

/* What it is shown of is the caller's to fill in, and kept. */
struct show {
    const struct server *server;
    const struct contexts *contexts;
    unsigned workers;
    const struct link_counts *counts; /* of workers_counts; NULL: one alone */
    struct relay *relay; /* NULL: as counts, or nobody is to see anything */
    status_page *page;   /* NULL: this process has none */
    json_t *others[POST_WORKERS_MAX]; /* groups of other workers */
    uint64_t dropped;                 /* events of theirs */
    uint64_t told;
    struct show_request requests[SHOW_REQUESTS];
};

/* server_setup.answered; user is the show. */
void show_answered(void *user, const struct server_answered *what);
/* As the configuration says: a page, or what goes to the process with the
 * page. False: it has been told why. Closing is allowed in any case. The log
 * is kept. */
bool show_open(struct show *s, const struct server_config *config,
               const char *version, log_sink *log, loop *l);
void show_close(struct show *s);

#endif
