/* SPDX-License-Identifier: BSD-2-Clause */
/* Clauses of a scope: read once, compared many times. */
#include "audit_internal.h"

#include <string.h>

#define MAPPED UINT64_C(0x0000ffff00000000) /* ::ffff:0:0/96, lower half */

enum {
    MAPPED_BITS = 96,
    IP_BITS = 128
};

static uint64_t load(const uint8_t *p)
{
    uint64_t v = 0;

    for (int i = 0; i < 8; i++) {
        v = v << 8 | p[i];
    }
    return v;
}

/* --- one address -------------------------------------------------------- */

static bool is_mapped(const uint64_t ip[2])
{
    return ip[0] == 0 && (ip[1] & ~UINT64_C(0xffffffff)) == MAPPED;
}

static bool is_group(const uint64_t ip[2])
{
    return is_mapped(ip) ? (ip[1] & 0xf0000000u) == 0xe0000000u
                         : ip[0] >> 56 == 0xff;
}

/* Only within one link: fe80::/10, ff01::/16 and ff02::/16 with their flags
 * (RFC 4291 Sections 2.5.6 and 2.7). */
static bool needs_zone(const uint64_t ip[2])
{
    const uint64_t scope = ip[0] >> 48 & 0x0f;

    return ip[0] >> 54 == 0x3fa ||
           (ip[0] >> 56 == 0xff && (scope == 1 || scope == 2));
}

static bool normalise(const covey_address *a, covey__audit_key *key)
{
    covey__audit_key k = { .zone = a->zone };

    if (a->family == COVEY_FAMILY_IPV4) {
        k.ip[1] = MAPPED | load(a->ip) >> 32;
    } else if (a->family == COVEY_FAMILY_IPV6) {
        k.ip[0] = load(a->ip);
        k.ip[1] = load(a->ip + 8);
    } else {
        return false;
    }
    k.group = is_group(k.ip);
    *key = k;
    return true;
}

static bool zone_fits(const uint64_t ip[2], uint32_t zone)
{
    return needs_zone(ip) == (zone != 0);
}

bool covey__audit_key_of(const covey_address *a, covey__audit_key *key)
{
    return normalise(a, key) && zone_fits(key->ip, key->zone);
}

/* --- ranges of them ------------------------------------------------------ */

static uint64_t mask_of(unsigned bits)
{
    return bits == 0 ? 0 : bits >= 64 ? UINT64_MAX : ~(UINT64_MAX >> bits);
}

static bool read_range(covey_audit_clause *c, const covey_audit_range *range,
                       unsigned *bits)
{
    const bool ipv4 = range->net.family == COVEY_FAMILY_IPV4;
    covey__audit_key key;

    if (range->prefix > (ipv4 ? 32 : IP_BITS) || range->first > range->last ||
        !normalise(&range->net, &key)) {
        return false;
    }
    *bits = range->prefix + (ipv4 ? (unsigned)MAPPED_BITS : 0u);
    c->mask[0] = mask_of(*bits);
    c->mask[1] = mask_of(*bits > 64 ? *bits - 64 : 0);
    memcpy(c->net, key.ip, sizeof c->net);
    c->zone = key.zone;
    c->first = range->first;
    c->last = range->last;
    c->protocol = range->protocol;
    c->responders = range->responders;
    return (c->net[0] & ~c->mask[0]) == 0 && (c->net[1] & ~c->mask[1]) == 0;
}

/* Whether the range holds this network, and more than it. */
static bool holds_more(const covey_audit_clause *c, unsigned bits,
                       const uint64_t net[2], unsigned net_bits)
{
    return bits < net_bits && (net[0] & c->mask[0]) == c->net[0] &&
           (net[1] & c->mask[1]) == c->net[1];
}

covey_status covey_audit_scope(covey_audit_clause *clause,
                               const covey_audit_range *range)
{
    static const uint64_t groups[] = { UINT64_C(0xff) << 56, 0 };
    static const uint64_t groups4[] = { 0, MAPPED | 0xe0000000u };
    static const uint64_t mapped[] = { 0, MAPPED };
    covey_audit_clause c;
    unsigned bits;

    if (!read_range(&c, range, &bits) || holds_more(&c, bits, groups, 8) ||
        holds_more(&c, bits, groups4, MAPPED_BITS + 4) ||
        holds_more(&c, bits, mapped, MAPPED_BITS)) {
        return COVEY_E_RANGE;
    }
    if (is_group(c.net) != (c.responders != 0) ||
        (c.responders != 0 && bits != IP_BITS) || !zone_fits(c.net, c.zone)) {
        return COVEY_E_RANGE;
    }
    *clause = c;
    return COVEY_OK;
}

covey_status covey_audit_exclude(covey_audit_clause *clause,
                                 const covey_audit_range *range)
{
    covey_audit_clause c;
    unsigned bits;

    if (!read_range(&c, range, &bits)) {
        return COVEY_E_RANGE;
    }
    *clause = c;
    return COVEY_OK;
}
