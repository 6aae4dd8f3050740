/* SPDX-License-Identifier: BSD-2-Clause */
/* Everything of the configuration but what a resource is. */
#include "config.h"

#include <covey/coap.h>

#include <context.h>
#include <link_conf.h>
#include <outer.h>
#include <post.h>
#include <status.h>
#include <stdlib.h>
#include <string.h>
#include <system_address.h>
#include <unistd.h>

#define MANUAL "covey-server.conf(5)"

enum {
    GROUPS_MAX = 64,
    CONTEXTS_MAX = 1024,
    RESOURCES_MAX = 4096,
    LEISURE_MAX = 3600, /* s */
    AMPLIFICATION_MAX = 1000,
    DUPLICATES_MAX = 1 << 24,
    OBSERVERS_MAX = 1 << 20,
    AHEAD_MAX = 1 << 20
};

enum {
    K_LISTEN,
    K_GROUPS,
    K_CONTEXTS,
    K_STORE,
    K_RESOURCES,
    K_AMPLIFICATION,
    K_LEISURE,
    K_TCP,
    K_SCHC,
    K_DUPLICATES,
    K_DTLS,
    K_TLS,
    K_STATUS,
    K_OBSERVERS,
    K_WORKERS,
    K_UNFRAGMENTED,
    K_COUNT
};
static const char *const keys[K_COUNT] = {
    "listen",    "groups",        "contexts", "store",
    "resources", "amplification", "leisure",  "tcp",
    "schc",      "duplicates",    "dtls",     "tls",
    "status",    "observers",     "workers",  "unfragmented"
};
static const conf_names names = { keys, K_COUNT, "a configuration" };

/* --- addresses ----------------------------------------------------------- */

static bool read_group(conf_reader *c, const conf_value *item, void *out)
{
    enum {
        G_ADDRESS,
        G_INTERFACE,
        G_COUNT
    };
    static const char *const words[G_COUNT] = { "address", "interface" };
    static const conf_names of_group = { words, G_COUNT, "a group" };
    static const conf_wanted wanted = { 1, 15, false, MANUAL };
    struct link_group *g = out;
    conf_value v[G_COUNT] = { { NULL, NULL } };
    size_t len;

    if (!conf_keys(c, item, &of_group, v)) {
        return false;
    }
    conf_text(c, &v[G_INTERFACE], &wanted, &g->interface, &len);
    return conf_required(c, item, &v[G_ADDRESS], words[G_ADDRESS], MANUAL) &&
           link_conf_address(c, &v[G_ADDRESS], true, COVEY_COAP_PORT,
                             &g->address);
}

/* A datagram to a group comes only to a socket that listens everywhere. */
static void check_groups(conf_reader *c, const conf_value *list,
                         const struct server_config *config)
{
    for (size_t i = 0; i < config->group_count; i++) {
        const struct link_group *g = &config->groups[i];
        const bool v4 = g->address.family == COVEY_FAMILY_IPV4;
        bool heard = false;
        for (size_t k = 0; k < config->listen_count; k++) {
            heard = heard || link_group_is_at(g, &config->listen[k].address);
        }
        if (!heard) {
            conf_error(c, list, MANUAL,
                       "a group needs '%s:%u' among the addresses of "
                       "'listen'",
                       v4 ? "0.0.0.0" : "[::]", (unsigned)g->address.port);
        }
    }
}

/* Without any, only this host is served. */
static void listen_to_loopback(conf_reader *c, struct server_config *config)
{
    struct link_listen *both = conf_alloc(c, 2 * sizeof *both);

    if (both != NULL) {
        memset(both, 0, 2 * sizeof *both);
    }
    if (both != NULL &&
        address_parse("127.0.0.1", COVEY_COAP_PORT, &both[0].address) &&
        address_parse("::1", COVEY_COAP_PORT, &both[1].address)) {
        config->listen = both;
        config->listen_count = 2;
    }
}

/* --- contexts ------------------------------------------------------------ */

/* As contexts.c uses it. */
static void look(conf_reader *c, const conf_value *v,
                 const struct server_context *s)
{
    context_file *file = context_look(c, v, s->file);

    if (file == NULL) {
        return;
    }
    if (file->type == CONTEXT_OSCORE && s->has_address) {
        conf_error(c, v, MANUAL, SERVER_CONTEXT_ADDRESS);
    }
    if (file->type == CONTEXT_GROUP &&
        file->group.parameters.master_secret.ptr == NULL) {
        conf_error(c, v, "RFC 10021 Section 7.5", SERVER_CONTEXT_CHECKER);
    }
    context_free(file);
}

static bool read_context(conf_reader *c, const conf_value *item, void *out)
{
    enum {
        C_FILE,
        C_ADDRESS,
        C_REPLIES,
        C_AHEAD,
        C_COUNT
    };
    static const char *const words[C_COUNT] = { "file", "address", "replies",
                                                "ahead" };
    static const char *const modes[] = { "as-asked", "pairwise", "group" };
    static const conf_names of_mode = { modes, 3, MANUAL };
    static const conf_names of_context = { words, C_COUNT,
                                           "a security context" };
    struct server_context *s = out;
    conf_value v[C_COUNT] = { { NULL, NULL } };
    unsigned which = 0; /* covey_group_reply */
    uint64_t ahead = 0;

    if (!conf_keys(c, item, &of_context, v)) {
        return false;
    }
    s->has_address = !conf_is_missing(&v[C_ADDRESS]);
    conf_word(c, &v[C_REPLIES], &of_mode, &which);
    s->replies = (uint8_t)which;
    conf_number(c, &v[C_AHEAD], 1, AHEAD_MAX, "RFC 8613 Appendix B.1", &ahead);
    s->ahead = (uint32_t)ahead;
    if (!conf_required(c, item, &v[C_FILE], words[C_FILE], MANUAL) ||
        !conf_path(c, &v[C_FILE], &s->file)) {
        return false;
    }
    look(c, &v[C_FILE], s);
    return !s->has_address || link_conf_address(c, &v[C_ADDRESS], true,
                                                COVEY_COAP_PORT, &s->address);
}

static void read_contexts(conf_reader *c, const conf_value *root,
                          const conf_value v[K_COUNT],
                          struct server_config *config)
{
    if (conf_is_missing(&v[K_CONTEXTS])) {
        return;
    }
    config->context_count =
        conf_list(c, &v[K_CONTEXTS], CONTEXTS_MAX, sizeof *config->contexts,
                  read_context, &config->contexts);
    if (conf_required(c, root, &v[K_STORE], keys[K_STORE],
                      "RFC 8613 Section 7.5")) {
        conf_database(c, &v[K_STORE], &config->store);
    }
}

/* --- resources ----------------------------------------------------------- */

static bool read_resource(conf_reader *c, const conf_value *item, void *out)
{
    return server_read_resource(c, item, out);
}

/* /.well-known/core. */
static void add_links(conf_reader *c, struct resources *all)
{
    struct resource *rows = conf_alloc(c, (all->count + 1) * sizeof *rows);
    struct resource links = resource_links();

    for (size_t i = 0; i < all->count; i++) {
        links.cap += links_room(&all->rows[i]);
    }
    links.bytes = conf_alloc(c, links.cap + 1);
    if (rows == NULL || links.bytes == NULL) {
        return;
    }
    if (all->count > 0) {
        memcpy(rows, all->rows, all->count * sizeof *rows);
    }
    rows[all->count++] = links;
    all->rows = rows;
}

static void sort_resources(conf_reader *c, const conf_value *list,
                           struct resources *all)
{
    if (all->count > 1) {
        qsort(all->rows, all->count, sizeof *all->rows, resource_compare);
    }
    for (size_t i = 1; i < all->count; i++) {
        if (resource_compare(&all->rows[i - 1], &all->rows[i]) == 0) {
            conf_error(c, list, MANUAL, "two resources have the path %s",
                       (const char *)all->rows[i].path.ptr);
        }
    }
}

static void read_limits(conf_reader *c, const conf_value *v,
                        struct server_config *config)
{
    uint64_t factor = SERVER_AMPLIFICATION;
    uint64_t duplicates = SERVER_DUPLICATES;
    uint64_t observers = SERVER_OBSERVERS;
    uint64_t workers = 1;
    uint64_t unfragmented = OUTER_DEFAULT;

    conf_number(c, &v[K_AMPLIFICATION], 0, AMPLIFICATION_MAX,
                "RFC 9175 Section 2.6", &factor);
    conf_number(c, &v[K_DUPLICATES], 1, DUPLICATES_MAX, "RFC 7252 Section 4.5",
                &duplicates);
    conf_number(c, &v[K_OBSERVERS], 1, OBSERVERS_MAX, "RFC 7641 Section 4.1",
                &observers);
    conf_number(c, &v[K_WORKERS], 1, POST_WORKERS_MAX, MANUAL, &workers);
    conf_number(c, &v[K_UNFRAGMENTED], 0, OUTER_MAX,
                "RFC 8613 Section 4.1.3.4.2", &unfragmented);
    config->workers = (uint32_t)workers;
    config->unfragmented = (uint32_t)unfragmented;
    config->amplification = (uint32_t)factor;
    config->duplicates = (uint32_t)duplicates;
    config->observers = (uint32_t)observers;
}

/* In seconds; 0 is as short as it can be said in ms. */
static void read_leisure(conf_reader *c, const conf_value *v,
                         struct server_config *config)
{
    uint64_t seconds = 0;

    if (conf_number(c, v, 0, LEISURE_MAX, "RFC 7252 Section 8.2", &seconds)) {
        config->leisure = seconds == 0 ? 1 : (uint32_t)seconds * 1000;
    }
}

static void read_links(conf_reader *c, const conf_value v[K_COUNT],
                       struct server_config *config)
{
    static const struct {
        unsigned key;
        conf_read_item *read;
    } kinds[] = { { K_LISTEN, link_conf_udp },
                  { K_SCHC, link_conf_schc },
                  { K_TCP, link_conf_tcp },
                  { K_DTLS, link_conf_dtls },
                  { K_TLS, link_conf_tls } };

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        config->listen_count =
            link_conf_add(c, &v[kinds[i].key], kinds[i].read, &config->listen,
                          config->listen_count);
    }
}

static void read_root(conf_reader *c, const conf_value *root, void *object)
{
    struct server_config *config = object;
    conf_value v[K_COUNT] = { { NULL, NULL } };

    if (!conf_keys(c, root, &names, v)) {
        return;
    }
    if (conf_is_missing(&v[K_LISTEN])) {
        listen_to_loopback(c, config);
    }
    read_links(c, v, config);
    if (!conf_is_missing(&v[K_GROUPS])) {
        config->group_count =
            conf_list(c, &v[K_GROUPS], GROUPS_MAX, sizeof *config->groups,
                      read_group, &config->groups);
        check_groups(c, &v[K_GROUPS], config);
    }
    read_contexts(c, root, v, config);
    read_limits(c, v, config);
    read_leisure(c, &v[K_LEISURE], config);
    (void)link_conf_address(c, &v[K_STATUS], false, STATUS_PORT,
                            &config->status);
    if (conf_required(c, root, &v[K_RESOURCES], keys[K_RESOURCES], MANUAL)) {
        struct resources *all = &config->resources;
        all->count = conf_list(c, &v[K_RESOURCES], RESOURCES_MAX,
                               sizeof *all->rows, read_resource, &all->rows);
        add_links(c, all);
        sort_resources(c, &v[K_RESOURCES], all);
    }
}

/* --- files --------------------------------------------------------------- */

static void drop(void *object)
{
    server_config_free(object);
}

const conf_kind server_config_kind = { MANUAL,
                                       "a configuration",
                                       sizeof(struct server_config),
                                       offsetof(struct server_config, memory),
                                       read_root,
                                       drop };

struct server_config *server_config_load(const char *path, FILE *messages)
{
    return conf_open(&server_config_kind, path, messages);
}

struct server_config *server_config_load_text(const char *text, size_t len,
                                              const char *name, FILE *messages)
{
    return conf_open_text(&server_config_kind, text, len, name, messages);
}

void server_config_free(struct server_config *config)
{
    if (config == NULL) {
        return;
    }
    for (size_t i = 0; i < config->resources.count; i++) {
        if (config->resources.rows[i].kind == RESOURCE_DIRECTORY) {
            close(config->resources.rows[i].folder);
        }
    }
    conf_free(&config->memory);
    free(config);
}
