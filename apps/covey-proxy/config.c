/* SPDX-License-Identifier: BSD-2-Clause */
#include "config.h"

#include "clients.h"
#include "senders.h"

#include <context.h>
#include <link_conf.h>
#include <net/if.h>
#include <status.h>
#include <stdlib.h>
#include <string.h>
#include <system_address.h>

#define MANUAL "covey-proxy.conf(5)"
#define REQ2   "seed 003 Section 4, REQ2"

enum {
    K_LISTEN,
    K_INSECURE,
    K_CLIENTS,
    K_LIMITS,
    K_TCP,
    K_SCHC,
    K_DTLS,
    K_TLS,
    K_ONWARD,
    K_STATUS,
    K_SHARED,
    K_COUNT
};
static const char *const keys[K_COUNT] = { "listen", "insecure", "clients",
                                           "limits", "tcp",      "schc",
                                           "dtls",   "tls",      "onward",
                                           "status", "shared" };
static const conf_names names = { keys, K_COUNT, "a configuration" };

/* --- addresses ----------------------------------------------------------- */

static const char *text_of(conf_reader *c, const conf_value *v)
{
    static const conf_wanted wanted = { 1, ADDRESS_TEXT_MAX, false, MANUAL };
    const char *text = NULL;
    size_t len = 0;

    return conf_text(c, v, &wanted, &text, &len) && strlen(text) == len ? text
                                                                        : NULL;
}

static bool read_group_address(conf_reader *c, const conf_value *v,
                               covey_address *out)
{
    if (!link_conf_address(c, v, true, COVEY_COAP_PORT, out)) {
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

/* --- clients ------------------------------------------------------------- */

static bool read_senders(conf_reader *c, const conf_value *v, const char **out)
{
    if (!conf_path(c, v, out)) {
        return false;
    }
    if (c->check != NULL) {
        struct senders *s = senders_load(*out, c->check, c->messages);
        if (s == NULL) {
            conf_error(c, v, REQ2, "%s: %s", *out, SENDERS_EXPECTED);
        }
        senders_close(s);
    }
    return true;
}

static bool read_group(conf_reader *c, const conf_value *item, void *out)
{
    enum {
        G_ADDRESS,
        G_INTERFACE,
        G_SENDERS,
        G_COUNT
    };
    static const char *const words[G_COUNT] = { "address", "interface",
                                                "senders" };
    static const conf_names of_group = { words, G_COUNT, "a group" };
    struct proxy_group *group = out;
    covey_proxy_rule *r = &group->rule;
    conf_value v[G_COUNT] = { { NULL, NULL } };

    if (!conf_keys(c, item, &of_group, v) ||
        !conf_required(c, item, &v[G_ADDRESS], words[G_ADDRESS], MANUAL) ||
        !read_group_address(c, &v[G_ADDRESS], &r->address)) {
        return false;
    }
    r->group = true;
    if (!conf_is_missing(&v[G_SENDERS]) &&
        !read_senders(c, &v[G_SENDERS], &group->senders)) {
        return false;
    }
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

enum {
    C_FROM,
    C_CONTEXT,
    C_PEER,
    C_ITS,
    C_STATE,
    C_AHEAD,
    C_GROUPS,
    C_SERVERS,
    C_VIA,
    C_COUNT
};
static const char *const client_keys[C_COUNT] = { "from",   "context", "peer",
                                                  "its",    "state",   "ahead",
                                                  "groups", "servers", "via" };

static bool read_context(conf_reader *c, const conf_value *v, const char **out)
{
    context_file *file;

    if (!conf_path(c, v, out)) {
        return false;
    }
    file = context_look(c, v, *out);
    if (file != NULL && file->type != CONTEXT_OSCORE) {
        conf_error(c, v, MANUAL, CLIENTS_EXPECTED);
    }
    context_free(file);
    return true;
}

/* Who it is: by address, or by what it has. */
static bool read_identity(conf_reader *c, const conf_value *item,
                          const conf_value v[C_COUNT], struct proxy_client *p)
{
    uint64_t ahead = PROXY_AHEAD;
    unsigned ways = 0;

    for (size_t i = C_FROM; i <= C_ITS; i++) {
        ways += !conf_is_missing(&v[i]);
    }
    if (ways != 1) {
        conf_error(c, item, MANUAL,
                   "expected one of 'context', 'peer', 'its' and 'from'");
        return false;
    }
    if (!conf_is_missing(&v[C_FROM])) {
        return read_prefix(c, &v[C_FROM], &p->from, &p->prefix);
    }
    if (!conf_is_missing(&v[C_PEER])) {
        return link_conf_peer(c, &v[C_PEER], &p->peer);
    }
    if (!conf_is_missing(&v[C_ITS])) {
        tls_permission *its = NULL;
        p->its_count = conf_list(c, &v[C_ITS], PROXY_RULES_MAX, sizeof *its,
                                 tls_permission_read, &its);
        p->its = its;
        return p->its_count > 0;
    }
    conf_number(c, &v[C_AHEAD], 1, PROXY_AHEAD_MAX, "RFC 8613 Appendix B.1",
                &ahead);
    p->ahead = (uint32_t)ahead;
    return read_context(c, &v[C_CONTEXT], &p->context) &&
           conf_required(c, item, &v[C_STATE], client_keys[C_STATE],
                         "RFC 8613 Section 7.5") &&
           conf_path(c, &v[C_STATE], &p->state);
}

static bool read_client(conf_reader *c, const conf_value *item, void *out)
{
    static const conf_names of_client = { client_keys, C_COUNT, "a client" };
    struct proxy_client *p = out;
    conf_value v[C_COUNT] = { { NULL, NULL } };

    if (!conf_keys(c, item, &of_client, v) || !read_identity(c, item, v, p)) {
        return false;
    }
    if (!conf_is_missing(&v[C_VIA]) &&
        !link_conf_address(c, &v[C_VIA], false, COVEY_COAP_PORT, &p->via)) {
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
    config->senders = conf_alloc(c, (count + 1) * sizeof *config->senders);
    if (config->rules == NULL || config->senders == NULL) {
        return;
    }
    for (size_t i = 0; i < config->client_count; i++) {
        const struct proxy_client *p = &config->clients[i];
        for (size_t k = 0; k < p->group_count + p->server_count; k++) {
            const bool group = k < p->group_count;
            covey_proxy_rule *r = &config->rules[config->rule_count];
            *r = group ? p->groups[k].rule : p->servers[k - p->group_count];
            config->senders[config->rule_count++] =
                group ? p->groups[k].senders : NULL;
            r->client = (uint32_t)i;
            r->via = p->via;
        }
    }
}

/* --- limits -------------------------------------------------------------- */

enum {
    REQUESTS,
    PER_CLIENT,
    PER_GROUP,
    ANSWERS,
    RATE,
    BURST,
    COLLECT,
    HOP_LIMIT,
    NSTART,
    MARGIN,
    CHECK,
    LIMITS
};

static void read_limits(conf_reader *c, const conf_value *map,
                        struct proxy_config *config)
{
    static const char *const words[LIMITS] = {
        [REQUESTS] = "requests",
        [PER_CLIENT] = "requests_per_client",
        [PER_GROUP] = "requests_per_group",
        [ANSWERS] = "answers",
        [RATE] = "rate",
        [BURST] = "burst",
        [COLLECT] = "collect",
        [HOP_LIMIT] = "hop_limit",
        [NSTART] = "nstart",
        [MARGIN] = "margin",
        [CHECK] = "check",
    };
    static const struct {
        uint64_t min;
        uint64_t max;
        uint64_t usual;
    } rows[LIMITS] = {
        [REQUESTS] = { 1, 65536, 1024 }, [PER_CLIENT] = { 1, 65536, 64 },
        [PER_GROUP] = { 1, 65536, 1 },   [ANSWERS] = { 1, 65534, 1024 },
        [RATE] = { 0, 1000000, 10 },     [BURST] = { 1, 1000000, 10 },
        [COLLECT] = { 1, 86400, 300 },   [HOP_LIMIT] = { 0, 255, 16 },
        [NSTART] = { 1, 1000, 1 },       [MARGIN] = { 1, 3600, 2 },
        [CHECK] = { 1, 86400, 3600 },
    };
    static const conf_names of_limits = { words, LIMITS, "limits" };
    uint64_t n[LIMITS];
    conf_value v[LIMITS] = { { NULL, NULL } };

    if (map != NULL && !conf_keys(c, map, &of_limits, v)) {
        return;
    }
    for (size_t i = 0; i < LIMITS; i++) {
        n[i] = rows[i].usual;
        conf_number(c, &v[i], rows[i].min, rows[i].max, MANUAL, &n[i]);
    }
    config->requests = n[REQUESTS];
    config->limits =
        (covey_proxy_limits){ .per_client = (uint32_t)n[PER_CLIENT],
                              .per_group = (uint32_t)n[PER_GROUP],
                              .answers = (uint32_t)n[ANSWERS],
                              .rate = (uint32_t)n[RATE],
                              .burst = (uint32_t)n[BURST] };
    config->collect = n[COLLECT];
    config->hop_limit = n[HOP_LIMIT];
    config->nstart = n[NSTART];
    config->margin = n[MARGIN];
    config->check = n[CHECK];
}

/* --- towards servers ----------------------------------------------------- */

static void read_onward(conf_reader *c, const conf_value *map,
                        struct proxy_config *config)
{
    static const char *const words[] = { LINK_CONF_THIN_KEYS, "token_length" };
    static const conf_names of_onward = { words, LINK_CONF_THIN + 1,
                                          "the way to servers" };
    conf_value v[LINK_CONF_THIN + 1] = { { NULL, NULL } };
    uint64_t token_len = 0;

    if (conf_keys(c, map, &of_onward, v)) {
        config->thin = link_conf_thin(c, map, v, &config->onward);
        conf_number(c, &v[LINK_CONF_THIN], 1, COVEY_EXCHANGE_TOKEN_MAX, MANUAL,
                    &token_len);
        config->token_len = (uint8_t)token_len;
    }
}

/* --- the whole ----------------------------------------------------------- */

/* The first list of addresses where anybody may speak. */
static const conf_value *first_of(const conf_value v[K_COUNT])
{
    static const unsigned open[] = { K_LISTEN, K_TCP, K_SCHC };
    size_t i = 0;

    while (i < 2 && conf_is_missing(&v[open[i]])) {
        i++;
    }
    return &v[open[i]];
}

/* Nobody is taken at an address that anybody could write, and who cannot be
 * authenticated is not listened to. */
static void check_protection(conf_reader *c, const conf_value *root,
                             const conf_value v[K_COUNT],
                             const struct proxy_config *config)
{
    bool insecure = false;
    bool by_address = false;
    bool by_context = false;
    bool open = false;
    bool remote = false;

    for (size_t i = 0; i < config->client_count; i++) {
        const struct proxy_client *p = &config->clients[i];
        by_context = by_context || p->context != NULL;
        by_address = by_address || proxy_config_by_address(p);
    }
    for (size_t i = 0; i < config->listen_count; i++) {
        const struct link_listen *k = &config->listen[i];
        if (k->transport != LINK_DTLS && k->transport != LINK_TLS) {
            open = true;
            remote = remote || !covey_address_is_loopback(&k->address);
        }
    }
    conf_flag(c, &v[K_INSECURE], &insecure);
    if (remote && !by_context) {
        conf_error(c, first_of(v), REQ2,
                   "expected loopback addresses: no client has a 'context', "
                   "so clients elsewhere would not be authenticated");
    } else if (!insecure && (by_address || (open && !by_context))) {
        conf_error(c, conf_is_missing(&v[K_INSECURE]) ? root : &v[K_INSECURE],
                   REQ2,
                   "clients of this host are taken at their address, which "
                   "has to be said by 'insecure: true'");
    }
}

/* Who is known by what a session proves needs a place for such sessions. */
static void check_places(conf_reader *c, const conf_value *clients,
                         const struct proxy_config *config)
{
    bool by_dtls = false;
    bool by_tls = false;

    for (size_t i = 0; i < config->listen_count; i++) {
        by_dtls = by_dtls || config->listen[i].transport == LINK_DTLS;
        by_tls = by_tls || config->listen[i].transport == LINK_TLS;
    }
    for (size_t i = 0; i < config->client_count; i++) {
        const struct proxy_client *p = &config->clients[i];
        if (p->peer != NULL && !by_dtls) {
            conf_error(c, clients, MANUAL,
                       "'%s' is proved over DTLS only: 'dtls' is missing",
                       p->peer);
        }
        if (p->its_count > 0 && !by_tls) {
            conf_error(c, clients, MANUAL,
                       "'its' is shown over TLS only: 'tls' is missing");
        }
    }
}

/* The numbers of a context are one process's: the kernel would deal out its
 * client to any. */
static void read_shared(conf_reader *c, const conf_value *v,
                        struct proxy_config *config)
{
    bool shared = false;

    conf_flag(c, v, &shared);
    for (size_t i = 0; shared && i < config->client_count; i++) {
        if (config->clients[i].context != NULL) {
            conf_error(c, v, MANUAL,
                       "a client has a 'context', which one proxy keeps: it "
                       "needs a proxy with an address of its own");
            return;
        }
    }
    for (size_t i = 0; i < config->listen_count; i++) {
        config->listen[i].reuse_port = shared;
    }
}

/* Where clients come from, and how it goes on. */
static void read_links(conf_reader *c, const conf_value *root,
                       const conf_value v[K_COUNT],
                       struct proxy_config *config)
{
    static const struct {
        unsigned key;
        conf_read_item *read;
    } kinds[] = { { K_LISTEN, link_conf_udp },
                  { K_TCP, link_conf_tcp },
                  { K_SCHC, link_conf_schc },
                  { K_DTLS, link_conf_dtls },
                  { K_TLS, link_conf_tls } };
    const unsigned errors = c->errors;
    bool any = false;

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const conf_value *list = &v[kinds[i].key];
        any = any || !conf_is_missing(list);
        config->listen_count = link_conf_add(
            c, list, kinds[i].read, &config->listen, config->listen_count);
    }
    if (!any) {
        conf_required(c, root, &v[K_LISTEN], keys[K_LISTEN], MANUAL);
    } else if (config->listen_count == 0 && c->errors == errors) {
        conf_error(c, root, MANUAL,
                   "expected at least one address where clients come from");
    }
    if (!conf_is_missing(&v[K_ONWARD])) {
        read_onward(c, &v[K_ONWARD], config);
    }
}

static void read_root(conf_reader *c, const conf_value *root, void *object)
{
    struct proxy_config *config = object;
    conf_value v[K_COUNT] = { { NULL, NULL } };
    unsigned errors;

    if (!conf_keys(c, root, &names, v)) {
        return;
    }
    errors = c->errors;
    read_links(c, root, v, config);
    if (!conf_is_missing(&v[K_CLIENTS])) {
        config->client_count =
            conf_list(c, &v[K_CLIENTS], PROXY_CLIENTS_MAX,
                      sizeof *config->clients, read_client, &config->clients);
    }
    if (c->errors == errors) {
        check_protection(c, root, v, config);
        check_places(c, &v[K_CLIENTS], config);
        read_shared(c, &v[K_SHARED], config);
    }
    (void)link_conf_address(c, &v[K_STATUS], false, STATUS_PORT,
                            &config->status);
    read_limits(c, conf_is_missing(&v[K_LIMITS]) ? NULL : &v[K_LIMITS],
                config);
    gather(c, config);
}

static void drop(void *object)
{
    proxy_config_free(object);
}

const conf_kind proxy_config_kind = { MANUAL,
                                      "a configuration",
                                      sizeof(struct proxy_config),
                                      offsetof(struct proxy_config, memory),
                                      read_root,
                                      drop };

struct proxy_config *proxy_config_load(const char *path, FILE *messages)
{
    return conf_open(&proxy_config_kind, path, messages);
}

struct proxy_config *proxy_config_load_text(const char *text, size_t len,
                                            const char *name, FILE *messages)
{
    return conf_open_text(&proxy_config_kind, text, len, name, messages);
}

void proxy_config_free(struct proxy_config *config)
{
    if (config != NULL) {
        conf_free(&config->memory);
        free(config);
    }
}

bool proxy_config_peer(const struct proxy_config *config,
                       const dtls_peer *peer, uint32_t *number)
{
    for (size_t i = 0; i < config->client_count; i++) {
        const char *name = config->clients[i].peer;
        if (name != NULL && dtls_peer_is(peer, name)) {
            *number = (uint32_t)i;
            return true;
        }
    }
    return false;
}

bool proxy_config_its(const struct proxy_config *config,
                      const covey_tls_peer *peer, uint32_t *number)
{
    for (size_t i = 0; i < config->client_count; i++) {
        const struct proxy_client *p = &config->clients[i];
        if (tls_permits(p->its, p->its_count, peer)) {
            *number = (uint32_t)i;
            return true;
        }
    }
    return false;
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
        if (proxy_config_by_address(p) &&
            covey_proxy_allow(&from, 1, 0, &a, &rule) == COVEY_PROXY_ALLOWED) {
            *number = (uint32_t)i;
            return true;
        }
    }
    return false;
}
