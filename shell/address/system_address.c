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

/* All of the text, up to `max`. */
static bool parse_number(const char *text, unsigned long max,
                         unsigned long *out)
{
    char *end;
    const unsigned long number = strtoul(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || *end != '\0' || number > max) {
        return false;
    }
    *out = number;
    return true;
}

/* Copies what stands before `end`; false if it does not fit. */
static bool copy_host(const char *begin, const char *end,
                      char host[ADDRESS_TEXT_MAX])
{
    if (end == NULL || end - begin >= ADDRESS_TEXT_MAX) {
        return false;
    }
    memcpy(host, begin, (size_t)(end - begin));
    host[end - begin] = '\0';
    return true;
}

bool address_parse_port(const char *text, uint16_t port, covey_address *out)
{
    const bool brackets = text[0] == '[';
    const char *begin = brackets ? text + 1 : text;
    const char *end = strchr(text, brackets ? ']' : ':');
    char host[ADDRESS_TEXT_MAX];
    unsigned long number = port;

    if (!brackets && (end == NULL || strchr(end + 1, ':') != NULL)) {
        end = text + strlen(text); /* no port, perhaps IPv6 */
    }
    if (!copy_host(begin, end, host)) {
        return false;
    }
    const char *rest = brackets ? end + 1 : end;
    if (*rest != '\0' &&
        (*rest != ':' || !parse_number(rest + 1, UINT16_MAX, &number))) {
        return false;
    }
    return address_parse(host, (uint16_t)number, out);
}

bool address_parse_prefix(const char *text, covey_address *out,
                          uint8_t *prefix)
{
    const char *slash = strchr(text, '/');
    const char *end = slash != NULL ? slash : text + strlen(text);
    char host[ADDRESS_TEXT_MAX];
    covey_address a;

    if (!copy_host(text, end, host) || !address_parse(host, 0, &a)) {
        return false;
    }
    unsigned long bits = a.family == COVEY_FAMILY_IPV4 ? 32 : 128;
    if (slash != NULL && !parse_number(slash + 1, bits, &bits)) {
        return false;
    }
    *out = a;
    *prefix = (uint8_t)bits;
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
