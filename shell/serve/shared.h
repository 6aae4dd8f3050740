/* SPDX-License-Identifier: BSD-2-Clause */
/* Resources of several processes: what changes of them is in memory that all
 * have at the same place, behind one lock. A process that dies while it
 * changes one leaves it as it was before. NULL stands for one process alone:
 * then all of this is nothing. */
#ifndef COVEY_SERVE_SHARED_H
#define COVEY_SERVE_SHARED_H

#include "resource.h"

struct shared;

/* Before there are processes: the rows of `all` and their values move there.
 * NULL: no memory, and nothing has been done. */
struct shared *shared_open(struct resources *all);
/* In each process; `all` is where it was before, with the values of then. NULL
 * is allowed. */
void shared_close(struct shared *s, struct resources *all);

/* Whatever reads or changes a resource, or uses an answer, is between these
 * two. */
void shared_lock(struct shared *s);
void shared_unlock(struct shared *s);
/* A resource will be changed until shared_unlock or shared_changed. */
void shared_change(struct shared *s, const struct resource *r);
/* It has been. */
void shared_changed(struct shared *s, const struct resource *r);
/* How often this resource was changed. */
uint64_t shared_version(const struct shared *s, size_t which);

#endif
