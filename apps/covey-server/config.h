/* SPDX-License-Identifier: BSD-2-Clause */
/* The configuration of the server, covey-server.conf(5). */
#ifndef COVEY_SERVER_CONFIG_H
#define COVEY_SERVER_CONFIG_H

#include <conf.h>
#include <setup.h>

/* What a context must not be. */
#define SERVER_CONTEXT_ADDRESS                                                \
    "expected a context of type group: it has an address"
#define SERVER_CONTEXT_CHECKER                                                \
    "expected a member of the group: a checker of signatures cannot read "    \
    "requests"

/* A security context. */
struct server_context {
    const char *file;
    uint32_t ahead; /* numbers reserved at a time; 0: the default */
    /* Of a group. */
    bool has_address; /* its requests come to this one alone */
    covey_address address;
    uint8_t replies; /* covey_group_reply */
};

struct server_config {
    struct link_listen *listen;
    size_t listen_count;
    struct link_group *groups;
    size_t group_count;
    struct server_context *contexts;
    size_t context_count;
    const char *store; /* of their state; NULL only if there are none */
    struct resources resources;
    uint32_t amplification; /* these as in struct server_setup */
    uint32_t leisure;
    uint32_t duplicates;
    covey_address status; /* of covey-status(7); no family: there is none */
    uint32_t observers;
    uint32_t unfragmented;
    uint32_t workers;
    conf_memory memory;
};

/* As context_load: NULL if there is an error, which has been told. */
struct server_config *server_config_load(const char *path, FILE *messages);
/* From memory; directories and contexts are refused. */
struct server_config *server_config_load_text(const char *text, size_t len,
                                              const char *name,
                                              FILE *messages);
/* What --check-config reads (daemon_check.h). */
extern const conf_kind server_config_kind;
/* NULL is allowed. */
void server_config_free(struct server_config *config);

/* config_resource.c. One entry of the list of resources. */
bool server_read_resource(conf_reader *c, const conf_value *item,
                          struct resource *r);

#endif
