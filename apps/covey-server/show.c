/* SPDX-License-Identifier: BSD-2-Clause */
#include "show.h"

#include <status_links.h>
#include <string.h>

static void describe(json_t *root, void *user)
{
    const struct show *s = user;
    const status_links links = { s->server->links, s->server->link_count };

    status_describe_links(root, &links, 1);
}

static void measure(status_figures *all, void *user)
{
    const struct show *s = user;
    const struct server *server = s->server;
    const status_links links = { server->links, server->link_count };
    const status_figure resources = {
        .name = "covey_server_resources",
        .help = "Resources that are served.",
        .value = (double)server->setup.resources->count
    };

    status_measure_links(all, &links, 1);
    status_figure_add(all, &resources);
}

bool show_open(struct show *s, const struct server_config *config,
               const char *version, const struct server *server, log_sink *log,
               loop *l)
{
    const status_source source = { .program = "covey-server",
                                   .version = version,
                                   .describe = describe,
                                   .measure = measure,
                                   .user = s };

    memset(s, 0, sizeof *s);
    s->server = server;
    if (config->status.family == COVEY_FAMILY_NONE) {
        return true;
    }
    s->page = status_open(l, &config->status, log, &source);
    return s->page != NULL;
}

void show_close(struct show *s)
{
    status_close(s->page);
}
