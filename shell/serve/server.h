/* SPDX-License-Identifier: BSD-2-Clause */
/* The server around its resources: a link with an endpoint for each address
 * that it listens to, and what all of them share. */
#ifndef COVEY_SERVE_SERVER_H
#define COVEY_SERVE_SERVER_H

#include "crew.h"
#include "later.h"
#include "observers.h"
#include "reach.h"
#include "respond.h"
#include "setup.h"
#include "uploads.h"

#include <coap_link.h>

struct server {
    struct server_setup setup;
    struct link_owner owner; /* of the links */
    struct crew crew;
    const log_sink *log;
    loop *loop;
    struct uploads uploads;
    struct observers observers;
    struct later later;
    loop_alarm *later_alarm;
    covey_echo echo;
    covey_echo_row *echo_rows;
    struct reach reach;
    uint32_t observe; /* the last value of a notification */
    struct link *links;
    size_t link_count;
    loop_alarm *alarm; /* for what changes by itself */
    covey_ms *changes; /* when, for each resource */
};

/* What the setup points to is kept. False: it has been told why. Closing is
 * allowed in any case. */
bool server_open(struct server *s, const struct server_setup *setup,
                 const log_sink *log, loop *l);
void server_close(struct server *s);

static inline struct server *server_of(const struct link *k)
{
    return k->owner->user;
}

/* --- dispatch.c ---------------------------------------------------------- */

/* Answers what came. */
void dispatch(struct link *k, covey_time now, const covey_path *path,
              covey_endpoint_in *in);

/* The time of requests that wait has come. */
void dispatch_due(void *user);
/* This one is answered now, by the methods of this program; NULL: by its
 * resource itself. It waits no more before that: a handler may do anything. */
void dispatch_late(struct server *s, struct later_row *row,
                   const struct program *program);

/* --- notify.c ------------------------------------------------------------ */

/* Everybody who observes it is told how it is now. */
void notify(struct server *s, struct resource *r, covey_time now);
/* What waits for whom this path leads to is dropped. */
void notify_forget(struct link *k, const covey_path *path);
/* The connection of this path has ended; the others are told, too. */
void notify_lost(struct link *k, const covey_path *path);
/* The endpoint tells of a notification. */
void notify_event(struct link *k, covey_ms now,
                  const covey_endpoint_report *event);
/* As soon as the loop runs, for the resource of this number. */
void notify_soon(struct server *s, size_t which);
/* Sets the alarm for what changes by itself. */
void notify_begin(struct server *s, covey_time now);
void notify_due(void *user);

#endif
