/* SPDX-License-Identifier: BSD-2-Clause */
/* The server around its resources: a link with an endpoint for each address
 * that it listens to, and what all of them share. */
#ifndef COVEY_SERVE_SERVER_H
#define COVEY_SERVE_SERVER_H

#include "observers.h"
#include "reach.h"
#include "respond.h"
#include "setup.h"
#include "uploads.h"

#include <covey/endpoint.h>
#include <log.h>
#include <loop.h>

struct link;
struct link_kind;

struct server {
    struct server_setup setup;
    const log_sink *log;
    loop *loop;
    struct uploads uploads;
    struct observers observers;
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

/* A line of the log about something that failed. */
void server_tell(const struct server *s, log_level level, const char *name,
                 const char *why);

/* --- link.c -------------------------------------------------------------- */

/* One address; kinds of links are in link.h. */
struct link {
    struct server *server;
    const struct link_kind *kind;
    void *state; /* the kind's */
    loop_alarm *alarm;
    covey_endpoint endpoint;
    covey_chunks chunks;
    void *memory[8];
    size_t memory_count;
};

bool link_open(struct link *k, struct server *s,
               const struct server_listen *listen);
void link_close(struct link *k);
/* Where the next message is written; failed if the network takes no more. */
covey_writer link_departure(struct link *k);
/* What was written there leaves, if it is to leave now. */
void link_commit(struct link *k, const covey_endpoint_sent *sent,
                 const covey_writer *written);
/* How many bytes of a body may go to this peer in one message of several
 * blocks; 0: it takes one block at most. */
uint32_t link_bert(const struct link *k, const covey_path *path);
/* What the endpoint owes and tells; then its messages leave. */
void link_settle(struct link *k, covey_ms now);

/* --- dispatch.c ---------------------------------------------------------- */

/* Answers what came. */
void dispatch(struct link *k, covey_time now, covey_endpoint_in *in);

/* --- notify.c ------------------------------------------------------------ */

/* Everybody who observes it is told how it is now. */
void notify(struct server *s, struct resource *r, covey_time now);
/* The connection of this path has ended. */
void server_lost(struct server *s, struct link *k, const covey_path *path);
/* The endpoint tells of a notification. */
void notify_event(struct server *s, const covey_endpoint_report *event);
/* As soon as the loop runs, for the resource of this number. */
void notify_soon(struct server *s, size_t which);
/* Sets the alarm for what changes by itself. */
void notify_begin(struct server *s, covey_time now);
void notify_due(void *user);

#endif
