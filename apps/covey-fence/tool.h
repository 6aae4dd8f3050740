/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process behind the fence: first ours, to build its end of the cable, and
 * then the tool, without a right but that to raw sockets of its own network.
 * It is the first process of a namespace: when it ends, all that it has
 * started ends. */
#ifndef COVEY_FENCE_TOOL_H
#define COVEY_FENCE_TOOL_H

#include "route.h"

typedef struct fence_tool {
    char *const *command; /* program and arguments, then NULL */
    int output;           /* descriptors, or -1 */
    int errors;
    const fence_route *route;
    const covey_address *target;
    pid_t pid; /* 0: there is none */
    int pipe;  /* to it, until it has become the tool */
} fence_tool;

/* In namespaces of its own. False with a message. */
bool tool_prepare(fence_tool *t);
/* Its end of the cable, which has been laid. */
bool tool_connect(fence_tool *t);
/* Sends the canary. */
bool tool_send_canary(fence_tool *t);
/* Becomes the tool; false: it could not. */
bool tool_start(fence_tool *t);
/* Kills it and all of its own, and waits; its status as of waitpid. */
int tool_end(fence_tool *t);

#endif
