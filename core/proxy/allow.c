/* SPDX-License-Identifier: BSD-2-Clause */
/* Who may reach what. Only addresses are compared, in one form each, and they
 * are those that a datagram would really be sent to. */
#include <covey/proxy.h>

#include <string.h>

static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255 };

void covey_proxy_normalise(covey_address *a)
{
    if (a->family != COVEY_FAMILY_IPV6 ||
        memcmp(a->ip, mapped, sizeof mapped) != 0) {
        return;
    }
    memmove(a->ip, a->ip + sizeof mapped, 4);
    memset(a->ip + 4, 0, sizeof a->ip - 4);
    a->family = COVEY_FAMILY_IPV4;
    a->zone = 0;
}

/* 0.0.0.0/8, 240.0.0.0/4 with the broadcast address; ::, ::/96 with what was
 * IPv4 in IPv6 once, but for ::1. */
static bool is_impossible(const covey_address *a)
{
    static const uint8_t zero[12];

    if (a->port == 0) {
        return true;
    }
    if (a->family == COVEY_FAMILY_IPV4) {
        return a->ip[0] == 0 || a->ip[0] >= 240;
    }
    return memcmp(a->ip, zero, sizeof zero) == 0 &&
           !(a->ip[12] == 0 && a->ip[13] == 0 && a->ip[14] == 0 &&
             a->ip[15] == 1);
}

static bool begins_alike(const uint8_t *a, const uint8_t *b, unsigned bits)
{
    const unsigned rest = bits % 8;
    const unsigned whole = bits / 8;

    return memcmp(a, b, whole) == 0 &&
           (rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0);
}

static bool covers(const covey_proxy_rule *r, uint32_t client, bool group,
                   const covey_address *to)
{
    const unsigned most = r->address.family == COVEY_FAMILY_IPV6 ? 128 : 32;
    const unsigned bits = r->group || r->prefix > most ? most : r->prefix;

    return r->group == group &&
           (r->client == client || r->client == COVEY_PROXY_EVERY_CLIENT) &&
           r->address.family == to->family &&
           (r->address.port == 0 || r->address.port == to->port) &&
           (r->address.zone == 0 || to->zone == 0 ||
            r->address.zone == to->zone) &&
           begins_alike(r->address.ip, to->ip, bits);
}

covey_proxy_verdict covey_proxy_allow(const covey_proxy_rule *rules,
                                      size_t count, uint32_t client,
                                      const covey_address *to,
                                      const covey_proxy_rule **rule)
{
    covey_address a = *to;
    bool groups = false;

    covey_proxy_normalise(&a);
    if ((a.family != COVEY_FAMILY_IPV4 && a.family != COVEY_FAMILY_IPV6) ||
        is_impossible(&a)) {
        return COVEY_PROXY_IMPOSSIBLE;
    }
    const bool group = covey_address_is_group(&a);
    for (size_t i = 0; i < count; i++) {
        groups = groups || rules[i].group;
        if (covers(&rules[i], client, group, &a)) {
            *rule = &rules[i];
            return COVEY_PROXY_ALLOWED;
        }
    }
    return group && !groups ? COVEY_PROXY_NO_GROUPS : COVEY_PROXY_FORBIDDEN;
}
