/* SPDX-License-Identifier: BSD-2-Clause */
/* A request on its way: sent, in blocks if need be, answered, observed. */
#ifndef COVEY_APP_REQUEST_RUN_H
#define COVEY_APP_REQUEST_RUN_H

#include "request_args.h"
#include "request_layers.h"
#include "request_target.h"

/* Tries the addresses of the target one after the other as long as the
 * network says that there is nobody. An exit code; anything but EXIT_DONE has
 * been explained. `a` gets its options put in order. */
int request_run(struct request_args *a, const struct request_target *target,
                struct request_layers *layers, const covey_crypto *crypto);

/* All of it, with a provider of its own (cmd_request.c). An exit code. */
int request_perform(struct request_args *a);

#endif
