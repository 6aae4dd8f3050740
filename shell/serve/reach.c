/* SPDX-License-Identifier: BSD-2-Clause */
#include "reach.h"

#include <stdlib.h>

enum {
    ROWS = 1 << 12,
    /* How old a value may be, and for how long it is believed that the client
     * is still there: ms. */
    AGE = 60000,
    BELIEVED = 3600000
};

bool reach_open(struct reach *r, uint32_t factor, covey_random random)
{
    r->factor = factor;
    r->rows = calloc(ROWS, sizeof *r->rows);
    return r->rows != NULL &&
           covey_echo_init(&r->echo, r->rows, ROWS, random) == COVEY_OK;
}

void reach_close(struct reach *r)
{
    free(r->rows);
    r->rows = NULL;
}

/* How long the datagram was; what is protected is not asked for. */
static size_t length_of(const covey_coap_message *m)
{
    return 4 + m->token.len + m->options.len +
           (m->payload.len > 0 ? 1 + m->payload.len : 0);
}

size_t reach_room(const struct reach *r, const covey_endpoint_in *in)
{
    const covey_endpoint_request *rq = &in->request;

    /* Who could protect it is not somebody else, and a connection has been
     * there and back. */
    if (r->factor == 0 || rq->security.protector != NULL ||
        rq->path.transport != COVEY_UDP || rq->path.connection != 0) {
        return SIZE_MAX;
    }
    return covey_echo_allowance(length_of(&in->message), r->factor);
}

bool reach_allows(struct reach *r, covey_ms now, const covey_endpoint_in *in,
                  size_t len)
{
    const size_t room = reach_room(r, in);
    const covey_path *path = &in->request.path;

    return len <= room ||
           covey_echo_is_fresh(&r->echo, now, path, 0, &in->message, AGE) ||
           covey_echo_is_verified(&r->echo, now, path, BELIEVED);
}

bool reach_challenge(struct reach *r, covey_ms now,
                     const covey_endpoint_in *in,
                     uint8_t value[COVEY_ECHO_LEN])
{
    return covey_echo_challenge(&r->echo, now, &in->request.path, 0, AGE,
                                value) == COVEY_OK;
}
