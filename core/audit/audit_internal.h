/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COVEY_AUDIT_INTERNAL_H
#define COVEY_AUDIT_INTERNAL_H

#include <covey/audit.h>

/* An address as clauses compare it: IPv6, or IPv4 mapped into it. */
typedef struct covey__audit_key {
    uint64_t ip[2];
    uint32_t zone;
    bool group;
} covey__audit_key;

/* False if there is no address, or a zone where none belongs, or none where
 * one does. */
bool covey__audit_key_of(const covey_address *a, covey__audit_key *key);

static inline bool covey__audit_covers(const covey_audit_clause *c,
                                       const covey__audit_key *key)
{
    return (key->ip[0] & c->mask[0]) == c->net[0] &&
           (key->ip[1] & c->mask[1]) == c->net[1];
}

#endif
