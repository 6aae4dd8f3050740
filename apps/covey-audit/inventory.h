/* SPDX-License-Identifier: BSD-2-Clause */
/* The inventory of an audit (covey-inventory(5)): what the owner says his
 * hosts are, against which checks hold what they find. */
#ifndef COVEY_AUDIT_INVENTORY_H
#define COVEY_AUDIT_INVENTORY_H

#include <covey/address.h>
#include <covey/bytes.h>

#include <stdio.h>

typedef struct inventory inventory;

/* NULL with messages; errno is 0 unless a file could not be read. */
inventory *inventory_load(const char *path, FILE *messages);
void inventory_free(inventory *i);

/* As in fact.h; nothing if the host is not in it. `i` may be NULL. Lives as
 * long as the inventory. */
covey_bytes inventory_facts(const inventory *i, const covey_address *host);

#endif
