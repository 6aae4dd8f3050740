/* SPDX-License-Identifier: BSD-2-Clause */
/* Resources whose methods are functions of a program. */
#ifndef COVEY_SERVE_PROGRAM_H
#define COVEY_SERVE_PROGRAM_H

#include "resource.h"
#include "serve.h"

enum {
    PROGRAM_METHODS = 8
};

/* What a resource of this kind has besides. */
struct program {
    serve_handler *methods[PROGRAM_METHODS]; /* by code; [0] is none */
    void *user;
};

/* Calls the handler of the method; `rq->message` NULL: for observers. 0, or
 * the code of what went wrong; a->code is then set by none. */
uint8_t program_get(struct resource *r, const struct resource_request *rq,
                    struct resource_answer *a);
void program_change(struct resource *r, const struct resource_request *rq,
                    struct resource_answer *a);

#endif
