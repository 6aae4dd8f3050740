/* SPDX-License-Identifier: BSD-2-Clause */
/* What a daemon with links (coap_link.h) shows of them. */
#ifndef COVEY_SHELL_STATUS_LINKS_H
#define COVEY_SHELL_STATUS_LINKS_H

#include "status.h"

struct link;

/* Links that lie beside each other. */
typedef struct status_links {
    const struct link *links;
    size_t count;
    /* Those of all workers: of the first one `count`, and so on. NULL: the
     * links' own are all there are. */
    const struct link_counts *shared;
    size_t workers; /* 0 or 1: there is no other */
} status_links;

/* What there is to say about all of them, for describe and measure; those
 * that are not open are passed over. */
void status_describe_links(json_t *root, const status_links *sets, size_t n);
void status_measure_links(status_figures *all, const status_links *sets,
                          size_t n);

#endif
