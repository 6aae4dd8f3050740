/* SPDX-License-Identifier: BSD-2-Clause */
#include "outer.h"

#include <stdlib.h>

enum {
    LIFE = 93000, /* ms, MAX_TRANSMIT_WAIT of RFC 7252 Section 4.8.2 */
    SZX = 6,
    SENT_MAX = 1280 /* of a request of ours, to ask for another block with */
};

covey_outer *outer_new(const outer_options *options)
{
    const size_t rows = options->responses * sizeof(covey_outer_row);
    const size_t uploads = options->requests * sizeof(covey_upload_row);
    const size_t bodies = (size_t)options->size * options->responses;
    const size_t bodies_up = (size_t)options->size * options->requests;
    const uint32_t sent = options->responses != 0 ? SENT_MAX : 0;
    covey_outer *o =
        calloc(1, sizeof *o + rows + uploads + bodies + bodies_up +
                      (size_t)sent * options->protected);
    covey_writer secret;

    if (o == NULL) {
        return NULL;
    }
    o->rows = (covey_outer_row *)(o + 1);
    o->requests.rows = (covey_upload_row *)(o->rows + options->responses);
    o->requests.storage = (uint8_t *)(o->requests.rows + options->requests);
    o->storage = o->requests.storage + bodies_up;
    o->sent = o->storage + bodies;
    o->sent_len = sent;
    o->count = options->responses;
    o->slot = options->size;
    o->requests.count = options->requests;
    o->requests.slot = options->size;
    o->requests.expiry = LIFE;
    o->requests.szx = options->streams ? COVEY_SZX_BERT : SZX;
    secret = covey_writer_of((uint8_t *)&o->requests.secret,
                             sizeof o->requests.secret);
    if (options->random.fill(options->random.user, &secret) != COVEY_OK) {
        free(o);
        return NULL;
    }
    return o;
}
