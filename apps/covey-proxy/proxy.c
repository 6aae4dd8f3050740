/* SPDX-License-Identifier: BSD-2-Clause */
#include "proxy.h"

#include <stdlib.h>
#include <string.h>

void proxy_tell(const struct proxy *p, log_level level, const char *name,
                const char *why)
{
    const log_value value = log_string("what", why);
    const log_event event = {
        .level = level, .name = name, .values = &value, .count = 1
    };

    log_write(p->log, &event);
}

static covey_status fill(void *user, covey_writer *out)
{
    const covey_crypto *crypto = user;

    return crypto->random(crypto->provider, out);
}

covey_random proxy_random(const struct proxy *p)
{
    covey_crypto *crypto;

    /* A random source has no const; this one changes nothing of the table. */
    memcpy(&crypto, &p->crypto, sizeof crypto);
    return (covey_random){ fill, crypto };
}

static bool open_tables(struct proxy *p)
{
    const struct proxy_config *c = p->config;
    const covey_random random = proxy_random(p);
    covey_proxy_memory m = { .row_count = (uint32_t)c->requests,
                             .client_count = (uint32_t)c->client_count + 1 };
    uint64_t key = 0;
    covey_writer w = covey_writer_of((uint8_t *)&key, sizeof key);

    m.rows = p->rows = calloc(m.row_count, sizeof *p->rows);
    m.clients = p->clients = calloc(m.client_count, sizeof *p->clients);
    p->asked = calloc(m.row_count, sizeof *p->asked);
    p->near = calloc(c->listen_count, sizeof *p->near);
    return p->rows != NULL && p->clients != NULL && p->asked != NULL &&
           p->near != NULL && random.fill(random.user, &w) == COVEY_OK &&
           covey_proxy_init(&p->decisions, &m, &c->limits, key,
                            loop_now().mono) == COVEY_OK;
}

bool proxy_open(struct proxy *p, struct proxy_config *config,
                const covey_crypto *crypto, const log_sink *log, loop *l)
{
    static const uint8_t families[PROXY_FAR] = { COVEY_FAMILY_IPV4,
                                                 COVEY_FAMILY_IPV6 };

    memset(p, 0, sizeof *p);
    p->config = config;
    p->crypto = crypto;
    p->log = log;
    p->loop = l;
    if (!open_tables(p)) {
        proxy_tell(p, LOG_LEVEL_ERROR, "proxy.start",
                   "out of memory or of random bytes");
        return false;
    }
    for (size_t i = 0; i < PROXY_FAR; i++) {
        const covey_address any = { .family = families[i] };
        if (!leg_open(&p->far[i], p, &any, true)) {
            return false;
        }
    }
    for (size_t i = 0; i < config->listen_count; i++) {
        p->near_count = i + 1;
        if (!leg_open(&p->near[i], p, &config->listen[i], false)) {
            return false;
        }
    }
    return true;
}

void proxy_close(struct proxy *p)
{
    for (size_t i = 0; i < p->near_count; i++) {
        leg_close(&p->near[i]);
    }
    for (size_t i = 0; i < PROXY_FAR; i++) {
        leg_close(&p->far[i]);
    }
    free(p->near);
    free(p->asked);
    free(p->clients);
    free(p->rows);
}
