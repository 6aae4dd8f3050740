/* SPDX-License-Identifier: BSD-2-Clause */
#include "config.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <system_address.h>

#define MANUAL "covey-proxy.conf(5)"

enum {
    K_LISTEN,
    K_INSECURE,
    K_CLIENTS,
    K_LIMITS,
    K_COUNT
};
static const char *const keys[K_COUNT] = { "listen", "insecure", "clients",
                                           "limits" };
static const conf_names names = { keys, K_COUNT, "a configuration" };

struct loader {
    conf_reader conf;
    struct proxy_config *config;
};

/* --- addresses ----------------------------------------------------------- */

static const char *text_of(conf_reader *c, const conf_value *v)
{
    static const conf_wanted wanted = { 1, ADDRESS_TEXT_MAX, false, MANUAL };
    const char *text = NULL;
    size_t len = 0;

    return conf_text(c, v, &wanted, &text, &len) && strlen(text) == len ? text
                                                                        : NULL;
}

static bool read_address(conf_reader *c, const conf_value *v, bool group,
                         covey_address *out)
{
    const char *text = text_of(c, v);

    if (text == NULL || !address_parse_port(text, COVEY_COAP_PORT, out) ||
        covey_address_is_group(out) != group) {
        conf_error(c, v, MANUAL, "expected %s address, perhaps with a port",
                   group ? "a multicast" : "a unicast");
        return false;
    }
    covey_proxy_normalise(out);
    return true;
}

static bool read_prefix(conf_reader *c, const conf_value *v,
                        covey_address *out, uint8_t *prefix)
{
    const char *text = text_of(c, v);

    if (text == NULL || !address_parse_prefix(text, out, prefix) ||
        covey_address_is_group(out)) {
        conf_error(c, v, MANUAL,
                   "expected addresses such as 192.0.2.0/24 or 2001:db8::/32");
        return false;
    }
    return true;
}

static bool is_loopback(const covey_address *a)
{
    static const uint8_t one[16] = { [15] = 1 };

    return a->family == COVEY_FAMILY_IPV4
               ? a->ip[0] == 127
               : memcmp(a->ip, one, sizeof one) == 0;
}

/* Nothing protects what comes here yet, so nothing may come from afar. */
static bool read_listen(conf_reader *c, const conf_value *item, void *out)
{
    covey_address *a = out;
    const char *text = text_of(c, item);

    if (text == NULL || !address_parse_port(text, COVEY_COAP_PORT, a) ||
        !is_loopback(a)) {
        conf_error(c, item, "seed 003 Section 4, REQ2",
                   "expected a loopback address: clients elsewhere would not "
                   "be authenticated");
        return false;
    }
    return true;
}

/* --- clients ------------------------------------------------------------- */

static bool read_group(conf_reader *c, const conf_value *item, void *out)
{
    enum {
        G_ADDRESS,
        G_INTERFACE,
        G_COUNT
    };
    static const char *const words[G_COUNT] = { "address", "interface" };
    static const conf_names of_group = { words, G_COUNT, "a group" };
    covey_proxy_rule *r = out;
    conf_value v[G_COUNT] = { { NULL, NULL } };

    if (!conf_keys(c, item, &of_group, v) ||
        !conf_required(c, item, &v[G_ADDRESS], words[G_ADDRESS], MANUAL) ||
        !read_address(c, &v[G_ADDRESS], true, &r->address)) {
        return false;
    }
    r->group = true;
    if (!conf_is_missing(&v[G_INTERFACE])) {
        const char *name = text_of(c, &v[G_INTERFACE]);
        r->interface = name != NULL ? if_nametoindex(name) : 0;
        if (r->interface == 0) {
            conf_error(c, &v[G_INTERFACE], MANUAL,
                       "there is no such network interface");
            return false;
        }
    }
    return true;
}

static bool read_server(conf_reader *c, const conf_value *item, void *out)
{
    covey_proxy_rule *r = out;

    return read_prefix(c, item, &r->address, &r->prefix);
}

static bool read_client(conf_reader *c, const conf_value *item, void *out)
{
    enum {
        C_FROM,
        C_GROUPS,
        C_SERVERS,
        C_COUNT
    };
    static const char *const words[C_COUNT] = { "from", "groups", "servers" };
    static const conf_names of_client = { words, C_COUNT, "a client" };
    struct proxy_client *p = out;
    conf_value v[C_COUNT] = { { NULL, NULL } };

    if (!conf_keys(c, item, &of_client, v) ||
        !conf_required(c, item, &v[C_FROM], words[C_FROM], MANUAL) ||
        !read_prefix(c, &v[C_FROM], &p->from, &p->prefix)) {
        return false;
    }
    if (!conf_is_missing(&v[C_GROUPS])) {
        p->group_count = conf_list(c, &v[C_GROUPS], PROXY_RULES_MAX,
                                   sizeof *p->groups, read_group, &p->groups);
    }
    if (!conf_is_missing(&v[C_SERVERS])) {
        p->server_count =
            conf_list(c, &v[C_SERVERS], PROXY_RULES_MAX, sizeof *p->servers,
                      read_server, &p->servers);
    }
    return true;
}

/* The rules of all clients in one list, each with the number of its client. */
static void gather(conf_reader *c, struct proxy_config *config)
{
    size_t count = 0;

    for (size_t i = 0; i < config->client_count; i++) {
        count +=
            config->clients[i].group_count + config->clients[i].server_count;
    }
    config->rules = conf_alloc(c, (count + 1) * sizeof *config->rules);
    if (config->rules == NULL) {
        return;
    }
    for (size_t i = 0; i < config->client_count; i++) {
        const struct proxy_client *p = &config->clients[i];
        for (size_t k = 0; k < p->group_count + p->server_count; k++) {
            covey_proxy_rule *r = &config->rules[config->rule_count++];
            *r = k < p->group_count ? p->groups[k]
                                    : p->servers[k - p->group_count];
            r->client = (uint32_t)i;
        }
    }
}

/* --- limits -------------------------------------------------------------- */

static void read_limits(conf_reader *c, const conf_value *map,
                        struct proxy_config *config)
{
    static const char *const words[] = { "requests",
                                         "requests_per_client",
                                         "requests_per_group",
                                         "answers",
                                         "rate",
                                         "burst",
                                         "collect",
                                         "hop_limit",
                                         "nstart" };
    enum {
        COUNT = sizeof words / sizeof words[0]
    };
    static const conf_names of_limits = { words, COUNT, "limits" };
    static const struct {
        uint64_t min;
        uint64_t max;
    } range[COUNT] = { { 1, 65536 }, { 1, 65536 },   { 1, 65536 },
                       { 1, 65534 }, { 0, 1000000 }, { 1, 1000000 },
                       { 1, 86400 }, { 0, 255 },     { 1, 1000 } };
    uint64_t n[COUNT] = { 1024, 64, 1, 1024, 10, 10, 300, 16, 1 };
    conf_value v[COUNT] = { { NULL, NULL } };

    if (map != NULL && !conf_keys(c, map, &of_limits, v)) {
        return;
    }
    for (size_t i = 0; i < COUNT; i++) {
        conf_number(c, &v[i], range[i].min, range[i].max, MANUAL, &n[i]);
    }
    config->requests = n[0];
    config->limits = (covey_proxy_limits){ .per_client = (uint32_t)n[1],
                                           .per_group = (uint32_t)n[2],
                                           .answers = (uint32_t)n[3],
                                           .rate = (uint32_t)n[4],
                                           .burst = (uint32_t)n[5] };
    config->collect = n[6];
    config->hop_limit = n[7];
    config->nstart = n[8];
}

/* --- the whole ----------------------------------------------------------- */

static void read_root(void *user, const conf_value *root)
{
    struct loader *l = user;
    conf_reader *c = &l->conf;
    struct proxy_config *config = l->config;
    conf_value v[K_COUNT] = { { NULL, NULL } };
    bool insecure = false;

    if (!conf_keys(c, root, &names, v) ||
        !conf_required(c, root, &v[K_LISTEN], keys[K_LISTEN], MANUAL) ||
        !conf_required(c, root, &v[K_INSECURE], keys[K_INSECURE],
                       "seed 003 Section 4, REQ2")) {
        return;
    }
    if (conf_flag(c, &v[K_INSECURE], &insecure) && !insecure) {
        conf_error(c, &v[K_INSECURE], "seed 003 Section 4, REQ2",
                   "clients can only be taken at their address so far, which "
                   "has to be said: true");
    }
    config->listen_count =
        conf_list(c, &v[K_LISTEN], PROXY_LISTEN_MAX, sizeof *config->listen,
                  read_listen, &config->listen);
    if (!conf_is_missing(&v[K_CLIENTS])) {
        config->client_count =
            conf_list(c, &v[K_CLIENTS], PROXY_CLIENTS_MAX,
                      sizeof *config->clients, read_client, &config->clients);
    }
    read_limits(c, conf_is_missing(&v[K_LIMITS]) ? NULL : &v[K_LIMITS],
                config);
    gather(c, config);
}

static struct proxy_config *begin(struct loader *l, const char *name,
                                  FILE *messages)
{
    struct proxy_config *config = calloc(1, sizeof *config);

    if (config == NULL) {
        fprintf(messages, "%s: error: out of memory\n", name);
        return NULL;
    }
    l->config = config;
    l->conf = (conf_reader){ .messages = messages,
                             .manual = MANUAL,
                             .what = "a configuration",
                             .memory = &config->memory };
    return config;
}

struct proxy_config *proxy_config_load_text(const char *text, size_t len,
                                            const char *name, FILE *messages)
{
    struct loader l;
    struct proxy_config *config = begin(&l, name, messages);

    if (config != NULL &&
        !conf_load_text(&l.conf, text, len, name, read_root, &l)) {
        proxy_config_free(config);
        return NULL;
    }
    return config;
}

struct proxy_config *proxy_config_load(const char *path, FILE *messages)
{
    struct loader l;
    struct proxy_config *config = begin(&l, path, messages);

    if (config != NULL && !conf_load(&l.conf, path, read_root, &l)) {
        const int why = errno;
        proxy_config_free(config);
        errno = why;
        return NULL;
    }
    return config;
}

void proxy_config_free(struct proxy_config *config)
{
    if (config != NULL) {
        conf_free(&config->memory);
        free(config);
    }
}

bool proxy_config_client(const struct proxy_config *config,
                         const covey_address *peer, uint32_t *number)
{
    covey_address a = *peer;

    covey_proxy_normalise(&a);
    for (size_t i = 0; i < config->client_count; i++) {
        const struct proxy_client *p = &config->clients[i];
        /* A rule as of those for destinations, whose port does not count. */
        const covey_proxy_rule from = { .address = p->from,
                                        .prefix = p->prefix };
        const covey_proxy_rule *rule;
        if (covey_proxy_allow(&from, 1, 0, &a, &rule) == COVEY_PROXY_ALLOWED) {
            *number = (uint32_t)i;
            return true;
        }
    }
    return false;
}
