/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The filter in the kernel. It belongs to this process: when that ends, in
 * whatever way, the kernel takes it out. */
#ifndef COVEY_FENCE_FILTER_H
#define COVEY_FENCE_FILTER_H

#include "rules.h"

typedef struct filter filter;

typedef struct filter_count {
    uint64_t packets;
    uint64_t bytes;
} filter_count;

/* All of it or nothing. NULL with a message. */
filter *filter_load(const fence_order *o, const fence_route *r,
                    const rules_names *names, FILE *messages);
/* Nothing passes any more when it returns true. */
bool filter_close(filter *f);
/* False: they cannot be read. */
bool filter_counts(filter *f, filter_count counts[COUNTERS]);
/* Takes the filter out. NULL is allowed. */
void filter_free(filter *f);

#endif
