/* SPDX-License-Identifier: BSD-2-Clause */
#include "request_target.h"

#include "cmd.h"
#include "request_proxy.h"

#include <netdb.h>
#include <string.h>
#include <strings.h>
#include <system_address.h>

enum {
    HOST_CAP = REQUEST_HOST_MAX
};

/* --- addresses ----------------------------------------------------------- */

/* An address that says little without an interface: fe80::/10, and groups of
 * the scopes 1 and 2. */
static bool is_local_scope(const covey_address *a)
{
    const uint8_t scope = a->ip[1] & 0x0f;

    return a->family == COVEY_FAMILY_IPV6 &&
           ((a->ip[0] == 0xfe && (a->ip[1] & 0xc0) == 0x80) ||
            (a->ip[0] == 0xff && (scope == 1 || scope == 2)));
}

/* A literal without its brackets; the percent sign before a zone is written
 * %25 in URIs (RFC 6874), and often is not. */
static bool read_literal(const char *host, uint16_t port, covey_address *out)
{
    char text[HOST_CAP];
    const char *zone = strchr(host, '%');

    if (zone != NULL && strncmp(zone, "%25", 3) == 0) {
        snprintf(text, sizeof text, "%.*s%%%s", (int)(zone - host), host,
                 zone + 3);
        return address_parse(text, port, out);
    }
    return address_parse(host, port, out);
}

/* --- names --------------------------------------------------------------- */

static void take(struct request_target *t, const struct addrinfo *found,
                 uint16_t port)
{
    system_address a;

    if (found->ai_addrlen > sizeof a || t->count == REQUEST_ADDRESSES) {
        return;
    }
    memset(&a, 0, sizeof a);
    memcpy(&a, found->ai_addr, found->ai_addrlen);
    t->addresses[t->count] = address_from_system(&a);
    t->addresses[t->count].port = port;
    t->count += t->addresses[t->count].family != COVEY_FAMILY_NONE;
}

static int resolve(const struct request_args *a, const char *name,
                   uint16_t port, struct request_target *t)
{
    const struct addrinfo hints = { .ai_family = AF_UNSPEC,
                                    .ai_socktype = SOCK_DGRAM };
    struct addrinfo *list;
    const int failed = getaddrinfo(name, NULL, &hints, &list);

    if (failed != 0) {
        return request_fail(a, EXIT_IO, "host '%s': %s", name,
                            gai_strerror(failed));
    }
    for (const struct addrinfo *i = list; i != NULL; i = i->ai_next) {
        take(t, i, port);
    }
    freeaddrinfo(list);
    if (t->count == 0) {
        return request_fail(a, EXIT_IO,
                            "host '%s' has no address of IPv4 or "
                            "IPv6",
                            name);
    }
    return EXIT_DONE;
}

/* --- URIs ---------------------------------------------------------------- */

static int read_scheme(const struct request_args *a, const covey_uri *u,
                       covey_transport *transport)
{
    static const struct {
        const char *scheme;
        covey_transport transport;
    } known[] = { { "coap", COVEY_UDP },
                  { "coaps", COVEY_DTLS },
                  { "coap+tcp", COVEY_TCP },
                  { "coaps+tcp", COVEY_TLS } };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strlen(known[i].scheme) == u->scheme.len &&
            strncasecmp(known[i].scheme, (const char *)u->scheme.ptr,
                        u->scheme.len) == 0) {
            *transport = known[i].transport;
            return EXIT_DONE;
        }
    }
    return request_fail(a, EXIT_USAGE,
                        "%.*s: only coap, coaps, coap+tcp and coaps+tcp are "
                        "spoken",
                        (int)u->scheme.len, (const char *)u->scheme.ptr);
}

/* The host as a string: percent-decoded if it is a name. */
static bool host_of(const covey_uri *u, char host[HOST_CAP])
{
    covey_writer w = covey_writer_of((uint8_t *)host, HOST_CAP - 1);
    covey_bytes value = u->host;

    if (u->host_is_literal) {
        covey_write_bytes(&w, u->host);
    } else if (covey_uri_host(u, &w, &value) != COVEY_OK) {
        return false;
    }
    host[w.pos] = '\0';
    return w.failed == COVEY_OK && strlen(host) == w.pos;
}

static int check_zones(const struct request_args *a, struct request_target *t)
{
    t->interface = a->interface;
    for (size_t i = 0; i < t->count; i++) {
        covey_address *address = &t->addresses[i];
        if (!is_local_scope(address)) {
            continue;
        }
        if (address->zone == 0) {
            address->zone = a->interface;
        }
        if (address->zone == 0) {
            return request_fail(a, EXIT_USAGE,
                                "this address says little without an "
                                "interface: give --interface, or a zone as "
                                "in [fe80::1%%25eth0] (RFC 6874)");
        }
        if (t->interface == 0) {
            t->interface = address->zone;
        }
    }
    t->group = covey_address_is_group(&t->addresses[0]);
    if (t->group && t->transport != COVEY_UDP) {
        return request_fail(a, EXIT_USAGE,
                            "a connection is made with one peer, not with a "
                            "group");
    }
    return EXIT_DONE;
}

/* A proxy is asked in the place of whom the URI names. */
static int check_proxy(const struct request_args *a, const covey_uri *u,
                       struct request_target *t)
{
    if (a->proxy == NULL) {
        return EXIT_DONE;
    }
    t->many = request_proxy_many(a);
    if (t->group) {
        return request_fail(a, EXIT_USAGE,
                            "a proxy has an address of its own: a group is "
                            "none");
    }
    if (u->path.len > 1 || u->query.ptr != NULL) {
        return request_fail(a, EXIT_USAGE,
                            "'%s': a proxy is named by scheme, host and port",
                            a->proxy);
    }
    return EXIT_DONE;
}

int request_target_find(const struct request_args *a, struct request_target *t)
{
    const char *uri = a->proxy != NULL ? a->proxy : a->uri;
    char *host = t->host;
    covey_uri u;
    int status;

    memset(t, 0, sizeof *t);
    if (covey_uri_parse(&u, covey_bytes_of((const uint8_t *)uri,
                                           strlen(uri))) != COVEY_OK ||
        !host_of(&u, host)) {
        return request_fail(a, EXIT_USAGE,
                            "'%s' has no host that could be "
                            "asked",
                            uri);
    }
    status = read_scheme(a, &u, &t->transport);
    if (status == EXIT_DONE) {
        if (read_literal(host, u.port, &t->addresses[0])) {
            t->count = 1;
        } else if (u.host_is_literal) {
            return request_fail(a, EXIT_USAGE,
                                "%s: no address, or an interface that does "
                                "not exist",
                                host);
        } else {
            t->named = true;
            status = resolve(a, host, u.port, t);
        }
    }
    if (status == EXIT_DONE) {
        status = check_zones(a, t);
    }
    return status == EXIT_DONE ? check_proxy(a, &u, t) : status;
}
