/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages between the workers of a daemon, which are processes: a pair of
 * sockets for each two of them, made before they are. What finds no room is
 * lost, as in a network; what waits for a worker that ends is read by the one
 * that takes its place. */
#ifndef COVEY_SHELL_POST_H
#define COVEY_SHELL_POST_H

#include <covey/bytes.h>
#include <loop.h>

enum {
    POST_WORKERS_MAX = 16,
    POST_MESSAGE_MAX = 1 << 14
};

typedef struct post post;

/* For so many workers; NULL: the system refused, errno says why. */
post *post_new(unsigned workers);
/* NULL is allowed. */
void post_free(post *p);

typedef void post_received(void *user, unsigned from, covey_bytes message);

/* In the process of worker `me`: tells what comes while the loop runs; spans
 * live until the handler returns. False: no memory. Post_close in any case,
 * before the loop is freed. */
bool post_open(post *p, loop *l, unsigned me, post_received *received,
               void *user);
void post_close(post *p);
/* In the process of worker `me`, if it hears nothing and only sends. */
void post_be(post *p, unsigned me);
/* To another worker, in one piece. False: it has no room, or it is too long.
 */
bool post_send(const post *p, unsigned to, covey_bytes head, covey_bytes body);

#endif
