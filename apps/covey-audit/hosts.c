/* SPDX-License-Identifier: BSD-2-Clause */
/* The hosts of a clause, one after the other. */
#include "audit.h"

#include <string.h>

uint32_t audit_host_count(const covey_audit_range *r)
{
    const unsigned bits =
        (r->net.family == COVEY_FAMILY_IPV4 ? 32u : 128u) - r->prefix;

    return bits <= 10 ? 1u << bits : 0;
}

covey_address audit_host_at(const covey_audit_range *r, uint32_t n)
{
    const size_t last = r->net.family == COVEY_FAMILY_IPV4 ? 3 : 15;
    covey_address a = r->net;

    a.ip[last] = (uint8_t)(a.ip[last] | (n & 0xff));
    a.ip[last - 1] = (uint8_t)(a.ip[last - 1] | n >> 8);
    return a;
}

/* The first and the last address of an IPv4 network are no hosts (RFC 1122
 * Section 3.2.1.3). */
bool audit_host_is(const covey_audit_range *r, uint32_t n)
{
    const uint32_t count = audit_host_count(r);

    return r->net.family != COVEY_FAMILY_IPV4 || count <= 2 ||
           (n != 0 && n != count - 1);
}

bool audit_host_in(const covey_audit_range *r, const covey_address *host)
{
    const unsigned whole = r->prefix / 8;
    const unsigned rest = r->prefix % 8;

    return r->net.family == host->family && r->net.zone == host->zone &&
           memcmp(r->net.ip, host->ip, whole) == 0 &&
           (rest == 0 ||
            (r->net.ip[whole] ^ host->ip[whole]) >> (8 - rest) == 0);
}
