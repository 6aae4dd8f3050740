/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests under OSCORE: the context of --context, its numbers stored where
 * --state says before a datagram that uses them leaves. */
#ifndef COVEY_APP_REQUEST_OSCORE_H
#define COVEY_APP_REQUEST_OSCORE_H

#include "request_args.h"
#include <oscore_state.h>

#include <context.h>
#include <covey/endpoint.h>

struct request_oscore {
    const struct request_args *args;
    context_file *file; /* NULL: no --context */
    covey_oscore_context context;
    struct oscore_state state;
    covey_oscore_protector protector;
    const covey_protector *protectors[1];
};

/* Nothing happens without --context. An exit code; anything but EXIT_DONE has
 * been explained. Close it in any case; it stays where it is until then. */
int request_oscore_open(struct request_oscore *o, const struct request_args *a,
                        const covey_crypto *crypto);
/* Before the provider. */
void request_oscore_close(struct request_oscore *o);

#endif
