/* SPDX-License-Identifier: BSD-2-Clause */
/* What the other processes of covey-server tell the one that has the status
 * page: their events, requests and groups. Letters of a post of its own, so
 * that a flood of them takes no room from messages of clients; at most so many
 * a second, and what is left out is counted. */
#ifndef COVEY_SERVER_RELAY_H
#define COVEY_SERVER_RELAY_H

#include <log.h>
#include <post.h>

enum {
    RELAY_RATE = 50,      /* events a second, and requests, of each process */
    RELAY_PAUSE = 1000,   /* ms between the groups of each */
    RELAY_REPEAT = 10000, /* likewise, where nothing happens */
    RELAY_ROOM = POST_MESSAGE_MAX - 128 /* bytes of one letter */
};

enum relay_kind {
    RELAY_EVENT, /* a line of JSON */
    RELAY_REQUEST,
    RELAY_GROUPS,
    RELAY_NOTHING /* but what was counted */
};

/* In front of each letter. */
struct relay_head {
    enum relay_kind kind;
    unsigned from; /* which worker; the parent of all: RELAY_PARENT */
    /* Events by level since the letter before, with the one in this. */
    uint64_t counted[LOG_LEVEL_DEBUG];
};

enum {
    RELAY_PARENT = POST_WORKERS_MAX
};

struct relay;

/* Before there are workers. It has the tap of the log from now on, in all of
 * them but the one that gives it to a page. The log is kept. NULL: the system
 * refused, errno says why. */
struct relay *relay_new(log_sink *log);
/* NULL is allowed. */
void relay_free(struct relay *r);
/* In the process of a worker. */
void relay_become(struct relay *r, unsigned me);

typedef void relay_heard(void *user, const struct relay_head *head,
                         covey_bytes body);

/* In the one with the page: tells what comes while the loop runs. False: no
 * memory. Relay_close in any case, before the loop is freed. */
bool relay_hear(struct relay *r, loop *l, relay_heard *heard, void *user);
/* In another one: `due` is called at once, later at most once a RELAY_PAUSE
 * after something has been sent, or left out, and once a RELAY_REPEAT in any
 * case, since the one with the page may be new; it sends the groups. */
bool relay_follow(struct relay *r, loop *l, void (*due)(void *user),
                  void *user);
void relay_close(struct relay *r);

/* Whether one more request would be sent in this second. */
bool relay_wants_request(struct relay *r);
/* False: there was no room. */
bool relay_send(struct relay *r, enum relay_kind kind, covey_bytes body);

#endif
