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

enum {
    IN_SCOPE_DOCUMENTS = 17 /* a mandate and what may be added to it */
};

bool audit_in_scope(const covey_audit_mandate *m, uint8_t protocol,
                    const covey_address *target, size_t *clause)
{
    static const covey_audit_window always = { 0, INT64_MAX };
    covey_audit_document wide[IN_SCOPE_DOCUMENTS];
    const covey_audit_counters none = { .stages = UINT32_MAX };
    const covey_time now = { .unix_s = 1, .unix_known = true };
    const covey_audit_act act = { .technique = COVEY_AUDIT_PORTS_UDP,
                                  .protocol = protocol,
                                  .target = *target,
                                  .packets = 1 };
    const covey_audit_mandate all = { .documents = wide, .count = m->count };

    if (m->count > IN_SCOPE_DOCUMENTS) {
        return false;
    }
    for (size_t i = 0; i < m->count; i++) {
        wide[i] = m->documents[i];
        wide[i].windows = &always;
        wide[i].window_count = 1;
        wide[i].techniques = UINT32_MAX;
    }
    const covey_audit_verdict v = covey_audit_decide(&all, &act, &now, &none);
    *clause = v.clause;
    return v.reason == COVEY_AUDIT_ALLOWED;
}
