/* SPDX-License-Identifier: BSD-2-Clause */
/* The configuration of the proxy, covey-proxy.conf(5). */
#ifndef COVEY_PROXY_CONFIG_H
#define COVEY_PROXY_CONFIG_H

#include <coap_link.h>
#include <conf.h>
#include <covey/proxy.h>
#include <tls_permission.h>

enum {
    PROXY_CLIENTS_MAX = 256,
    PROXY_RULES_MAX = 256, /* of a client */
    PROXY_AHEAD = 1024,
    PROXY_AHEAD_MAX = 1 << 20
};

/* A group that may be asked. */
struct proxy_group {
    covey_proxy_rule rule;
    const char *senders; /* a file; NULL: signatures are not checked */
};

/* Who asks: who has this security context, or this name in a session of DTLS,
 * or a certificate of ITS like these over TLS, or else everybody of this host
 * from these addresses. */
struct proxy_client {
    const char *context; /* a file; NULL: none */
    const char *peer;    /* as of dtls_peer_is; NULL: none */
    const tls_permission *its;
    size_t its_count; /* 0: none */
    const char *state;
    uint32_t ahead; /* sequence numbers that are reserved at a time */
    covey_address from;
    uint8_t prefix;
    covey_address via; /* the next proxy; family NONE: none */
    struct proxy_group *groups;
    size_t group_count;
    covey_proxy_rule *servers;
    size_t server_count;
};

struct proxy_config {
    struct link_listen *listen;
    size_t listen_count;
    struct link_schc onward; /* of the way to servers, if it is thin */
    bool thin;
    uint8_t token_len; /* of requests there; 0: the usual */
    struct proxy_client *clients;
    size_t client_count;
    covey_proxy_rule *rules; /* those of all clients */
    size_t rule_count;
    const char **senders; /* of each rule; NULL: none */
    covey_proxy_limits limits;
    covey_address status; /* of covey-status(7); no family: there is none */
    uint64_t requests;    /* under way altogether */
    uint64_t collect;     /* the longest T', s */
    uint64_t hop_limit;   /* put into requests without one; 0: none */
    uint64_t nstart;      /* of a server */
    uint64_t check;       /* s between notifications that are Confirmable */
    uint64_t margin;      /* by which T' of the next proxy is less, s */
    conf_memory memory;
};

/* NULL if there is an error, which has been told; errno is 0 if what is in the
 * file was refused. */
struct proxy_config *proxy_config_load(const char *path, FILE *messages);
struct proxy_config *proxy_config_load_text(const char *text, size_t len,
                                            const char *name, FILE *messages);
/* What --check-config reads (daemon_check.h). */
extern const conf_kind proxy_config_kind;
/* NULL is allowed. */
void proxy_config_free(struct proxy_config *config);

/* Is it one of this host, by its address? */
static inline bool proxy_config_by_address(const struct proxy_client *c)
{
    return c->context == NULL && c->peer == NULL && c->its_count == 0;
}
/* The number of the client that has proved to be this, or false. */
bool proxy_config_peer(const struct proxy_config *config,
                       const dtls_peer *peer, uint32_t *number);
/* The same by a certificate of ITS; `peer` may be NULL. */
bool proxy_config_its(const struct proxy_config *config,
                      const covey_tls_peer *peer, uint32_t *number);
/* The number of the client at this address of our host, or false. */
bool proxy_config_client(const struct proxy_config *config,
                         const covey_address *peer, uint32_t *number);

#endif
