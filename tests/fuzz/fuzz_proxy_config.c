/* SPDX-License-Identifier: BSD-2-Clause */
/* The configuration of the proxy. What it accepts keeps its promises: nobody
 * is taken at an address unless the file says so, and no group is among the
 * servers; what it refuses it explains in lines that a terminal can show. */
#include "conf_oracle.h"

#include <config.h>

static void check_clients(const struct proxy_config *config)
{
    bool context = false;

    for (size_t i = 0; i < config->client_count; i++) {
        const struct proxy_client *c = &config->clients[i];
        check((c->context != NULL) == (c->state != NULL));
        check((c->context != NULL) == (c->ahead > 0));
        check((c->from.family == COVEY_FAMILY_NONE) == (c->context != NULL));
        context = context || c->context != NULL;
    }
    for (size_t i = 0; i < config->listen_count; i++) {
        const covey_address *a = &config->listen[i].address;
        check(!covey_address_is_group(a));
        check(context || covey_address_is_loopback(a));
    }
}

static void check_rules(const struct proxy_config *config)
{
    const covey_address somebody = { .ip = { 127, 0, 0, 1 },
                                     .port = 5683,
                                     .family = COVEY_FAMILY_IPV4 };
    uint32_t number;

    for (size_t i = 0; i < config->rule_count; i++) {
        const covey_proxy_rule *r = &config->rules[i];
        const covey_proxy_rule *found;
        check(r->client < config->client_count);
        check(r->group == covey_address_is_group(&r->address));
        if (r->group) {
            check(covey_proxy_allow(config->rules, config->rule_count,
                                    r->client, &r->address,
                                    &found) != COVEY_PROXY_FORBIDDEN);
        }
    }
    check(!proxy_config_client(config, &somebody, &number) ||
          (number < config->client_count &&
           config->clients[number].context == NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = NULL;
    size_t len = 0;
    FILE *messages = open_memstream(&text, &len);

    check(messages != NULL);
    struct proxy_config *config =
        proxy_config_load_text((const char *)data, size, "t", messages);
    check(fclose(messages) == 0);
    check_messages(text, len, config == NULL);
    free(text);
    if (config != NULL) {
        check(config->listen_count > 0 && config->requests > 0);
        check_clients(config);
        check_rules(config);
    }
    proxy_config_free(config);
    return 0;
}
