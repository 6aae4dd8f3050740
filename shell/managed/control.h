/* SPDX-License-Identifier: BSD-2-Clause */
/* The server's side of an association: what the manager sends by itself. */
#ifndef COVEY_SHELL_MANAGED_CONTROL_H
#define COVEY_SHELL_MANAGED_CONTROL_H

#include "association.h"

#include <peer.h>

enum {
    CONTROL_BODIES = 2
};

/* Bodies that come in blocks. */
typedef struct control {
    covey_uploads uploads;
    covey_upload_row rows[CONTROL_BODIES];
    uint8_t storage[CONTROL_BODIES * ASSOCIATION_NEWS_MAX];
} control;

/* False: no random bytes. */
bool control_open(control *c, const covey_crypto *crypto);
void control_close(control *c);

typedef struct control_call {
    peer *peer;
    covey_time now;
    const covey_endpoint_in *in;
    const association_listener *listeners;
} control_call;

/* Answers a request. */
void control_take(control *c, const control_call *call);

#endif
