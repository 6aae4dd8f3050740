/* SPDX-License-Identifier: BSD-2-Clause */
#include "proxy.h"

#include <outer.h>
#include <stdlib.h>
#include <string.h>

enum {
    DUPLICATES = 1 << 16,
    ECHO_ROWS = 1 << 10,
    QUESTIONS = 64, /* about names, at a time */
    UPLOADS = 32,
    UPLOAD_LIFE = 60000, /* ms without a further block */
    TOKEN_REST = 250000  /* ms; MIN_TOKEN_REUSE_TIME of groupcomm-bis */
};

static void tell(const struct proxy *p, log_level level, const char *name,
                 const char *why)
{
    const log_value value = log_string("what", why);
    const log_event event = {
        .level = level, .name = name, .values = &value, .count = 1
    };

    log_write(p->owner.log, &event);
}

/* A provider takes longer to begin than for a few more bytes: they are drawn
 * ahead, each serves once and is gone then. */
static covey_status fill(void *user, covey_writer *out)
{
    struct proxy *p = user;
    struct proxy_pool *pool = &p->pool;
    const size_t wanted = out->cap - out->pos;

    if (wanted > sizeof pool->bytes) {
        return p->crypto->random(p->crypto->provider, out);
    }
    if (pool->left < wanted) {
        covey_writer w = covey_writer_of(pool->bytes, sizeof pool->bytes);
        const covey_status st = p->crypto->random(p->crypto->provider, &w);
        if (st != COVEY_OK) {
            return st;
        }
        pool->left = sizeof pool->bytes;
    }
    pool->left -= wanted;
    covey_write_bytes(out, covey_bytes_of(pool->bytes + pool->left, wanted));
    covey_wipe(pool->bytes + pool->left, wanted);
    return COVEY_OK;
}

/* Of the provider; for this thread. */
static covey_random random_of(struct proxy *p)
{
    return (covey_random){ fill, p };
}

/* --- what links tell ----------------------------------------------------- */

static bool is_far(const struct link *k)
{
    const struct proxy *p = proxy_of(k);

    return k >= p->far && k < p->far + PROXY_FAR;
}

static void received(struct link *k, covey_time now, const covey_path *path,
                     covey_endpoint_in *in)
{
    switch (in->kind) {
    case COVEY_ENDPOINT_REQUEST:
        if (is_far(k)) {
            covey_endpoint_reject(&k->endpoint, &in->request);
        } else {
            forward(k, now.mono, in);
        }
        break;
    case COVEY_ENDPOINT_CHALLENGE:
        forward_challenge(k, now.mono, in);
        break;
    case COVEY_ENDPOINT_RESPONSE:
        homeward(k, now.mono, path, in);
        break;
    case COVEY_ENDPOINT_NOTHING:
        break;
    }
}

static void on_event(struct link *k, covey_ms now,
                     const covey_endpoint_report *event)
{
    if (is_far(k)) {
        homeward_event(proxy_of(k), now, event);
    } else {
        forward_event(proxy_of(k), event);
    }
}

/* Whose connection has ended wants nothing any more. */
static void lost(struct link *k, const covey_path *path)
{
    struct proxy *p = proxy_of(k);
    covey_proxy_ref ref = { 0, 0 };

    parked_lost(p, path);
    while (covey_proxy_of_path(&p->decisions, path, &ref)) {
        p->counters.stopped++;
        homeward_end(p, ref);
    }
}

/* A request on one link makes another one send. Near ones last: what far ones
 * tell becomes their answers. */
static void settle(void *user, covey_ms now)
{
    struct proxy *p = user;

    for (size_t i = 0; i < PROXY_FAR; i++) {
        if (p->far[i].kind != NULL) {
            link_settle(&p->far[i], now);
        }
    }
    for (size_t i = 0; i < p->near_count; i++) {
        link_settle(&p->near[i], now);
    }
}

/* --- opening and closing ------------------------------------------------- */

static bool open_uploads(struct proxy *p)
{
    const covey_random random = random_of(p);
    covey_uploads *u = &p->uploads;
    covey_writer w = covey_writer_of((uint8_t *)&u->secret, sizeof u->secret);

    u->rows = p->upload_rows;
    u->storage = p->upload_storage;
    u->count = UPLOADS;
    u->slot = PROXY_DATAGRAM;
    u->expiry = UPLOAD_LIFE;
    u->szx = COVEY_SZX_BERT;
    return random.fill(random.user, &w) == COVEY_OK;
}

static bool open_tables(struct proxy *p)
{
    const struct proxy_config *c = p->config;
    const covey_random random = random_of(p);
    covey_proxy_memory m = { .row_count = (uint32_t)c->requests,
                             .client_count = (uint32_t)c->client_count + 1 };
    uint64_t key = 0;
    covey_writer w = covey_writer_of((uint8_t *)&key, sizeof key);

    m.rows = p->rows = calloc(m.row_count, sizeof *p->rows);
    m.clients = p->clients = calloc(m.client_count, sizeof *p->clients);
    p->asked = calloc(m.row_count, sizeof *p->asked);
    p->near = calloc(c->listen_count, sizeof *p->near);
    p->echo_rows = calloc(ECHO_ROWS, sizeof *p->echo_rows);
    p->parked = parked_new(p);
    p->names = resolver_new(p->owner.loop, QUESTIONS);
    p->upload_rows = calloc(UPLOADS, sizeof *p->upload_rows);
    p->upload_storage = calloc(UPLOADS, PROXY_DATAGRAM);
    return p->rows != NULL && p->clients != NULL && p->asked != NULL &&
           p->near != NULL && p->echo_rows != NULL && p->parked != NULL &&
           p->names != NULL && p->upload_rows != NULL &&
           p->upload_storage != NULL &&
           random.fill(random.user, &w) == COVEY_OK && open_uploads(p) &&
           covey_echo_init(&p->echo, p->echo_rows, ECHO_ROWS, random) ==
               COVEY_OK &&
           covey_proxy_init(&p->decisions, &m, &c->limits, key,
                            loop_now().mono) == COVEY_OK;
}

/* What has been seen of a member is the same for all rules of its file. */
static bool open_senders(struct proxy *p)
{
    const struct proxy_config *c = p->config;

    p->senders = calloc(c->rule_count + 1, sizeof *p->senders);
    for (size_t i = 0; p->senders != NULL && i < c->rule_count; i++) {
        size_t same = 0;
        if (c->senders[i] == NULL) {
            continue;
        }
        while (same < i && (c->senders[same] == NULL ||
                            strcmp(c->senders[same], c->senders[i]) != 0)) {
            same++;
        }
        p->senders[i] =
            same < i ? p->senders[same]
                     : senders_open(c->senders[i], p->crypto, p->owner.log);
        if (p->senders[i] == NULL) {
            return false;
        }
    }
    return p->senders != NULL;
}

static void close_senders(struct proxy *p)
{
    for (size_t i = 0; p->senders != NULL && i < p->config->rule_count; i++) {
        struct senders *s = p->senders[i];
        for (size_t k = i; s != NULL && k < p->config->rule_count; k++) {
            p->senders[k] = p->senders[k] == s ? NULL : p->senders[k];
        }
        senders_close(s);
    }
    free(p->senders);
}

static struct link_setup setup_of(struct proxy *p)
{
    struct link_setup setup = {
        .endpoint = { .message = covey_message_defaults(),
                      .random = random_of(p),
                      .passes_sealed = true },
        .duplicates = DUPLICATES,
    };

    setup.endpoint.message.nstart = (uint32_t)p->config->nstart;
    return setup;
}

/* Where nobody may send to nothing is kept ready. */
static bool is_reached(const struct proxy_config *c, uint8_t family)
{
    for (size_t i = 0; i < c->rule_count; i++) {
        const covey_proxy_rule *r = &c->rules[i];
        const uint8_t via = r->via.family;
        if ((via != COVEY_FAMILY_NONE ? via : r->address.family) == family) {
            return true;
        }
    }
    return false;
}

static bool open_far(struct proxy *p)
{
    static const uint8_t families[PROXY_FAR] = { COVEY_FAMILY_IPV4,
                                                 COVEY_FAMILY_IPV6 };
    struct link_setup setup = setup_of(p);

    setup.exchanges = (uint32_t)p->config->requests;
    setup.endpoint.token_len = p->config->token_len;
    setup.endpoint.token_rest = p->config->token_len > 0 ? TOKEN_REST : 0;
    for (size_t i = 0; i < PROXY_FAR; i++) {
        const struct link_listen any = {
            .address = { .family = families[i] },
            .schc = p->config->thin ? &p->config->onward : NULL,
        };
        if (is_reached(p->config, families[i]) &&
            !link_open(&p->far[i], &p->owner, &setup, &any)) {
            return false;
        }
    }
    return true;
}

static bool open_near(struct proxy *p)
{
    struct link_setup setup = setup_of(p);
    char text[LINK_TEXT_MAX];

    setup.endpoint.protectors = p->secured.protectors;
    setup.endpoint.protector_count = p->secured.protector_count;
    setup.unfragmented = OUTER_DEFAULT;
    for (size_t i = 0; i < p->config->listen_count; i++) {
        p->near_count = i + 1;
        if (!link_open(&p->near[i], &p->owner, &setup,
                       &p->config->listen[i])) {
            return false;
        }
        tell(p, LOG_LEVEL_NOTICE, "proxy.listen",
             link_text(&p->near[i], text));
    }
    return true;
}

bool proxy_open(struct proxy *p, struct proxy_config *config,
                const covey_crypto *crypto, const log_sink *log, loop *l)
{
    memset(p, 0, sizeof *p);
    p->config = config;
    p->crypto = crypto;
    p->owner = (struct link_owner){ .user = p,
                                    .log = log,
                                    .loop = l,
                                    .received = received,
                                    .event = on_event,
                                    .lost = lost,
                                    .settle = settle };
    if (!open_tables(p)) {
        tell(p, LOG_LEVEL_ERROR, "proxy.start",
             "out of memory or of random bytes");
        return false;
    }
    return clients_open(&p->secured, config, crypto, log) && open_senders(p) &&
           open_far(p) && open_near(p);
}

void proxy_close(struct proxy *p)
{
    resolver_end(p->names);
    for (size_t i = 0; i < p->near_count; i++) {
        link_close(&p->near[i]);
    }
    for (size_t i = 0; i < PROXY_FAR; i++) {
        link_close(&p->far[i]);
    }
    clients_close(&p->secured);
    close_senders(p);
    free(p->parked);
    free(p->upload_storage);
    free(p->upload_rows);
    free(p->echo_rows);
    free(p->near);
    free(p->asked);
    free(p->clients);
    free(p->rows);
    covey_wipe(&p->pool, sizeof p->pool);
}
