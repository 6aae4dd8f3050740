/* SPDX-License-Identifier: BSD-2-Clause */
/* The configuration of the Group Manager. What it accepts is within its
 * bounds; what it refuses it explains. */
#include "conf_oracle.h"

#include <config.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_config(const struct gm_config *c)
{
    check(c->store != NULL && c->listen_count <= GM_LISTEN_MAX);
    check(c->gid_prefix.len <= COVEY_MANAGER_PREFIX_MAX);
    check(c->commit_window <= 1000 && c->group_max > 0 && c->member_max > 0 &&
          c->node_max > 0 && c->requests > 0 && c->tell_max > 0);
    for (size_t i = 0; i < c->identity_count; i++) {
        check(c->identities[i].private_key.len == 32 &&
              c->identities[i].cred_fmt != 0);
    }
    for (size_t i = 0; i < c->group_count; i++) {
        const group_config *g = &c->groups[i].config;
        check(g->name.len > 0 && g->name.len <= COVEY_MANAGER_NAME_MAX);
        check(g->description.len <= COVEY_MANAGER_TEXT_MAX);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = NULL;
    size_t len = 0;
    FILE *messages = open_memstream(&text, &len);

    check(messages != NULL);
    struct gm_config *config =
        gm_config_load_text((const char *)data, size, "t", messages);
    check(fclose(messages) == 0);
    check_messages(text, len, config == NULL);
    free(text);
    if (config != NULL) {
        check_config(config);
        gm_config_free(config);
    }
    return 0;
}
