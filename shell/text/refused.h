/* SPDX-License-Identifier: BSD-2-Clause */
/* Protected messages that were refused: how many for which reason, and a line
 * of the log for each, with the section that refuses it. */
#ifndef COVEY_SHELL_REFUSED_H
#define COVEY_SHELL_REFUSED_H

#include <covey/endpoint.h>
#include <log.h>

typedef struct refused_count {
    uint64_t of[COVEY_OSCORE_BASELINE + 1]; /* by covey_oscore_fault */
} refused_count;

/* Anybody can make this happen as often as he likes: the line is worked out
 * only if somebody wants it. */
void refused_message(refused_count *count, const log_sink *log,
                     const covey_address *from, const covey_opened *opened);
void refused_add(refused_count *sum, const refused_count *one);
/* The word for a reason: "bad-signature". */
const char *refused_word(size_t fault);

#endif
