/* SPDX-License-Identifier: BSD-2-Clause */
/* Bodies of requests that come in blocks (RFC 7959 Section 2.5), a bounded
 * number of them at a time: when a further one begins, the one that has waited
 * longest is forgotten, and its client begins again (4.08). */
#ifndef COVEY_SERVE_UPLOADS_H
#define COVEY_SERVE_UPLOADS_H

#include "resource.h"

#include <covey/address.h>
#include <covey/transfer.h>

struct upload;

struct uploads {
    struct upload *rows;
    size_t count;
};

/* Room for `count` bodies of up to `cap` bytes. False: no memory. */
bool uploads_open(struct uploads *u, size_t count, size_t cap);
void uploads_close(struct uploads *u);

/* What makes blocks belong together: who sends them, for which resource, by
 * which method, under which Request-Tag and security context (RFC 9175 Section
 * 3.3). What is under way over a connection goes with it. */
struct upload_block {
    const void *link; /* connections have a number of their own on each */
    const covey_path *path;
    const void *security;
    const struct resource *resource;
    const covey_coap_message *message;
    covey_block block;
    covey_ms now;
};

/* All over a connection that has ended. */
void uploads_lost(struct uploads *u, const void *link, const covey_path *path);
/* Takes a block; after DONE *body is the whole, until the next call. */
covey_assembly_result uploads_add(struct uploads *u,
                                  const struct upload_block *b,
                                  covey_bytes *body);

#endif
