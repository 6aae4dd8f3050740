/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests under OSCORE: the context of --context or --proxy-context, its
 * numbers stored where --state or --proxy-state says before a datagram that
 * uses them leaves. */
#ifndef COVEY_APP_REQUEST_OSCORE_H
#define COVEY_APP_REQUEST_OSCORE_H

#include "request_args.h"
#include <group_state.h>

#include "joined.h"

#include <context.h>
#include <covey/endpoint.h>
#include <membership.h>

struct request_oscore {
    const struct request_args *args;
    const struct request_keys *keys; /* in there */
    context_file *file;              /* NULL: no context */
    covey_oscore_context context;
    membership *member;   /* of a group, instead */
    struct joined joined; /* or of one with a Group Manager */
    bool managed;
    struct group_state group_state;
    struct oscore_state state;
    covey_oscore_protector protector;
    const covey_protector *protectors[1];
};

/* The loop that keys are followed in, for the request to run in, too; NULL:
 * there is none. */
loop *request_oscore_loop(const struct request_oscore *o);
/* Is it a group's? */
bool request_oscore_is_group(const struct request_oscore *o);
/* Nothing happens without a context. An exit code; anything but EXIT_DONE has
 * been explained. Close it in any case; it stays where it is until then. */
int request_oscore_open(struct request_oscore *o, const struct request_args *a,
                        const struct request_keys *keys,
                        const covey_crypto *crypto);
/* Is the context one for this target, a multicast address or not? An exit
 * code, as above. */
int request_oscore_check(struct request_oscore *o, bool group);
/* Protects a call: to a group in group mode, to one of its members, `to` or
 * else the one of the command line, in pairwise mode where the group has it.
 * Nothing without a context. */
void request_oscore_call(struct request_oscore *o, covey_bytes to, bool group,
                         covey_endpoint_call *call);
/* Before the provider. */
void request_oscore_close(struct request_oscore *o);

#endif
