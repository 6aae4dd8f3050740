/* SPDX-License-Identifier: BSD-2-Clause */
#include "system_address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

socklen_t address_to_system(const covey_address *a, system_address *out)
{
    memset(out, 0, sizeof *out);
    if (a->family == COVEY_FAMILY_IPV4) {
        out->v4.sin_family = AF_INET;
        out->v4.sin_port = htons(a->port);
        memcpy(&out->v4.sin_addr, a->ip, sizeof out->v4.sin_addr);
        return sizeof out->v4;
    }
    out->v6.sin6_family = AF_INET6;
    out->v6.sin6_port = htons(a->port);
    out->v6.sin6_scope_id = a->zone;
    memcpy(&out->v6.sin6_addr, a->ip, sizeof out->v6.sin6_addr);
    return sizeof out->v6;
}

covey_address address_from_system(const system_address *in)
{
    covey_address a = { .family = COVEY_FAMILY_NONE };

    if (in->any.sa_family == AF_INET) {
        a.family = COVEY_FAMILY_IPV4;
        a.port = ntohs(in->v4.sin_port);
        memcpy(a.ip, &in->v4.sin_addr, sizeof in->v4.sin_addr);
    } else if (in->any.sa_family == AF_INET6) {
        a.family = COVEY_FAMILY_IPV6;
        a.port = ntohs(in->v6.sin6_port);
        a.zone = in->v6.sin6_scope_id;
        memcpy(a.ip, &in->v6.sin6_addr, sizeof in->v6.sin6_addr);
    }
    return a;
}

/* By name, or by number; 0: there is none. */
static uint32_t interface_of(const char *text)
{
    char *end;
    unsigned long index = if_nametoindex(text);

    if (index == 0 && text[0] >= '1' && text[0] <= '9') {
        index = strtoul(text, &end, 10);
        if (*end != '\0' || index > INT32_MAX) {
            index = 0;
        }
    }
    return (uint32_t)index;
}

bool address_parse(const char *text, uint16_t port, covey_address *out)
{
    covey_address a = { .port = port };
    char host[INET6_ADDRSTRLEN];
    const char *zone = strchr(text, '%');
    const size_t len = zone != NULL ? (size_t)(zone - text) : strlen(text);

    if (len >= sizeof host) {
        return false;
    }
    memcpy(host, text, len);
    host[len] = '\0';
    if (inet_pton(AF_INET6, host, a.ip) == 1) {
        a.family = COVEY_FAMILY_IPV6;
        if (zone != NULL) {
            a.zone = interface_of(zone + 1);
        }
    } else if (zone == NULL && inet_pton(AF_INET, host, a.ip) == 1) {
        a.family = COVEY_FAMILY_IPV4;
    } else {
        return false;
    }
    if (zone != NULL && a.zone == 0) {
        return false;
    }
    *out = a;
    return true;
}

const char *address_text(const covey_address *a, char out[ADDRESS_TEXT_MAX])
{
    char host[INET6_ADDRSTRLEN];
    char zone[IF_NAMESIZE + 1] = "";

    switch (a->family) {
    case COVEY_FAMILY_IPV4:
        inet_ntop(AF_INET, a->ip, host, sizeof host);
        snprintf(out, ADDRESS_TEXT_MAX, "%s:%u", host, a->port);
        break;
    case COVEY_FAMILY_IPV6:
        inet_ntop(AF_INET6, a->ip, host, sizeof host);
        if (a->zone != 0) {
            zone[0] = '%';
            if (if_indextoname(a->zone, zone + 1) == NULL) {
                snprintf(zone + 1, sizeof zone - 1, "%u", a->zone);
            }
        }
        snprintf(out, ADDRESS_TEXT_MAX, "[%s%s]:%u", host, zone, a->port);
        break;
    default:
        snprintf(out, ADDRESS_TEXT_MAX, "(no address)");
        break;
    }
    return out;
}
