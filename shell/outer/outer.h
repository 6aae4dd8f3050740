/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory for protected messages that somebody on the way has cut into blocks
 * (covey_outer in covey/endpoint.h). */
#ifndef COVEY_SHELL_OUTER_H
#define COVEY_SHELL_OUTER_H

#include <covey/endpoint.h>

enum {
    /* MAX_UNFRAGMENTED_SIZE of RFC 8613 Section 4.1.3.4.2 where nothing else
     * is said, in bytes of the ciphertext. */
    OUTER_DEFAULT = 4096,
    OUTER_MAX = 1 << 16,
    /* A plain message may be longer than its ciphertext by its header and the
     * options that stand outside. */
    OUTER_AROUND = 512
};

typedef struct outer_options {
    uint32_t size;      /* MAX_UNFRAGMENTED_SIZE */
    uint32_t requests;  /* that are put together at a time */
    uint32_t responses; /* the same */
    uint32_t protected; /* security_count of the endpoint */
    bool streams;       /* as of covey_endpoint_config */
    covey_random random;
} outer_options;

/* One piece of memory, for free(). NULL: there is none, or there are no random
 * bytes. */
covey_outer *outer_new(const outer_options *options);

#endif
