/* SPDX-License-Identifier: BSD-2-Clause */
#include "show.h"

#include <status_links.h>
#include <string.h>

enum {
    MEMBERS = 200 /* of each group; further ones are counted */
};

static status_links links_of(const struct show *s)
{
    return (status_links){ .links = s->server->links,
                           .count = s->server->link_count,
                           .shared = s->counts,
                           .workers = s->workers };
}

/* --- groups -------------------------------------------------------------- */

static json_t *member_json(const covey_group_recipient *r)
{
    json_t *one = json_object();

    json_object_set_new(one, "id", status_hex(covey_group_id_of(r)));
    json_object_set_new(one, "roles", status_roles(covey_group_roles_of(r)));
    json_object_set_new(one, "heard", json_boolean(covey_group_was_heard(r)));
    return one;
}

static void describe_group(json_t *one, const covey_group *g)
{
    const covey_bytes own = covey_group_sender_of(g);
    const covey_group_recipient *r;
    json_t *members = json_array();
    json_int_t count = 0;
    size_t at = 0;

    while ((r = covey_group_next(g, &at)) != NULL) {
        if (count++ < MEMBERS) {
            json_array_append_new(members, member_json(r));
        }
    }
    json_object_set_new(one, "gid", status_hex(covey_group_gid_of(g)));
    if (own.ptr != NULL) {
        json_object_set_new(one, "own", status_hex(own));
    }
    json_object_set_new(one, "count", json_integer(count));
    json_object_set_new(one, "members", members);
}

static json_t *group_json(const struct contexts_group *g)
{
    const char *slash = strrchr(g->file, '/');
    json_t *one = json_object();
    json_t *name = json_stringn((const char *)g->name.ptr, g->name.len);

    if (name == NULL || g->name.ptr == NULL) {
        json_decref(name);
        name = json_string(slash != NULL ? slash + 1 : g->file);
    }
    json_object_set_new(one, "name", name);
    json_object_set_new(one, "in", json_boolean(g->group != NULL));
    if (g->version > 0) {
        json_object_set_new(one, "version", json_integer(g->version));
    }
    if (g->group != NULL) {
        describe_group(one, g->group);
    }
    return one;
}

static json_t *groups_json(const struct contexts *c)
{
    json_t *all = json_array();
    struct contexts_group g;
    size_t at = 0;

    while (contexts_group_next(c, &at, &g)) {
        json_array_append_new(all, group_json(&g));
    }
    return all;
}

/* --- all of it ----------------------------------------------------------- */

static void describe(json_t *root, void *user)
{
    const struct show *s = user;
    const status_links links = links_of(s);

    status_describe_links(root, &links, 1);
    json_object_set_new(root, "groups", groups_json(s->contexts));
    json_object_set_new(root, "workers", json_integer(s->workers));
}

static void measure(status_figures *all, void *user)
{
    const struct show *s = user;
    const status_links links = links_of(s);

    status_measure_links(all, &links, 1);
    status_gauge(all, "covey_server_resources", "Resources that are served.",
                 (double)s->server->setup.resources->count);
    status_gauge(all, "covey_server_workers", "Processes that serve them.",
                 s->workers);
}

bool show_open(struct show *s, const struct server_config *config,
               const char *version, log_sink *log, loop *l)
{
    const status_source source = { .program = "covey-server",
                                   .version = version,
                                   .describe = describe,
                                   .measure = measure,
                                   .user = s };

    return status_open(&s->page, l, &config->status, log, &source);
}

void show_close(struct show *s)
{
    status_close(s->page);
}
