/* SPDX-License-Identifier: BSD-2-Clause */
/* A bar for transfers of many blocks, on a terminal only. */
#ifndef COVEY_APP_REQUEST_PROGRESS_H
#define COVEY_APP_REQUEST_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* All zero: nothing is shown. */
struct request_progress {
    bool shown;
    uint64_t last; /* when it was drawn, ms */
};

/* `total` 0: not known. */
void request_progress_show(struct request_progress *p, uint64_t done,
                           uint64_t total, uint64_t now);
/* Gives the line back. */
void request_progress_end(struct request_progress *p);

#endif
