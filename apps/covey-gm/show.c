/* SPDX-License-Identifier: BSD-2-Clause */
#include "show.h"

#include "rekeys.h"

#include <status.h>
#include <stdlib.h>
#include <string.h>
#include <system_address.h>

enum {
    MEMBERS = 200, /* of each group; further ones are counted */
    STATUS_NAME = COVEY_MANAGER_NAME_MAX + 1
};

struct show {
    const struct gm *g;
    status_page *page;
    struct rekeys rekeys;
};

/* --- what happens -------------------------------------------------------- */

bool show_is_seen(const struct show *show)
{
    return show != NULL && show->page != NULL;
}

void show_deed(struct show *show, covey_ms now, const char *group,
               const covey_manager_log *log)
{
    if (show_is_seen(show)) {
        rekeys_deed(&show->rekeys, show->g, now, group, log);
    }
}

store_result show_follow(struct show *show, covey_ms now)
{
    return show_is_seen(show) ? rekeys_follow(&show->rekeys, show->g, now)
                              : STORE_OK;
}

/* --- groups and members -------------------------------------------------- */

static json_t *text_json(const char *text, size_t len)
{
    json_t *s = json_stringn(text, len);

    return s != NULL ? s : json_string("?"); /* no UTF-8 */
}

static json_t *member_json(const covey_manager_member *m)
{
    json_t *one = json_object();

    json_object_set_new(one, "name", text_json(m->name, m->name_len));
    json_object_set_new(one, "id",
                        status_hex(covey_bytes_of(m->id, m->id_len)));
    json_object_set_new(one, "roles", status_roles(m->roles));
    json_object_set_new(one, "version", json_integer(m->told));
    json_object_set_new(one, "joined", json_integer(m->joined));
    return one;
}

static json_t *members_json(const struct gm *g, uint16_t serial)
{
    json_t *all = json_array();

    for (uint32_t i = 0; i < g->tables.member_count; i++) {
        const covey_manager_member *m = &g->tables.members[i];
        if (m->serial == serial && m->standing == COVEY_MANAGER_PRESENT &&
            json_array_size(all) < MEMBERS) {
            json_array_append_new(all, member_json(m));
        }
    }
    return all;
}

static json_t *group_json(const struct gm *g, const covey_manager_group *row)
{
    uint8_t gid[COVEY_MANAGER_GID_MAX];
    json_t *one = json_object();

    json_object_set_new(one, "name", text_json(row->name, row->name_len));
    json_object_set_new(one, "description",
                        text_json(row->description, row->description_len));
    json_object_set_new(one, "gid",
                        status_hex(covey_manager_gid(&g->manager, row, gid)));
    json_object_set_new(one, "version", json_integer(row->version));
    json_object_set_new(one, "active", json_boolean(row->active));
    json_object_set_new(one, "keyed_at",
                        json_integer((json_int_t)row->keyed_at));
    json_object_set_new(one, "lifetime", json_integer(row->lifetime));
    json_object_set_new(one, "count", json_integer(row->members));
    json_object_set_new(
        one, "current",
        json_integer(rekeys_current(g, row->serial, row->version)));
    json_object_set_new(one, "owing", json_integer(row->owing));
    json_object_set_new(one, "members", members_json(g, row->serial));
    return one;
}

static json_t *groups_json(const struct gm *g)
{
    json_t *all = json_array();

    for (uint32_t i = 0; i < g->tables.group_count; i++) {
        if (g->tables.groups[i].serial != 0) {
            json_array_append_new(all, group_json(g, &g->tables.groups[i]));
        }
    }
    return all;
}

/* --- all of it ----------------------------------------------------------- */

static json_t *links_json(const struct gm *g)
{
    json_t *all = json_array();

    for (size_t i = 0; i < g->peer_count; i++) {
        const covey_address local = peer_local(g->peers[i]);
        char text[ADDRESS_TEXT_MAX];
        json_t *one = json_object();
        json_object_set_new(one, "address",
                            json_string(address_text(&local, text)));
        json_object_set_new(
            one, "messages",
            json_integer((json_int_t)peer_received(g->peers[i])));
        json_array_append_new(all, one);
    }
    return all;
}

/* Without the one that stands for us. */
static uint32_t node_count(const struct gm *g)
{
    uint32_t count = 0;

    for (uint32_t i = GROUPS_NODE + 1; i < g->tables.node_count; i++) {
        count += g->nodes[i].used;
    }
    return count;
}

static void describe(json_t *root, void *user)
{
    const struct show *s = user;

    json_object_set_new(root, "store",
                        json_string(s->g->stale ? "away" : "ready"));
    json_object_set_new(root, "nodes", json_integer(node_count(s->g)));
    json_object_set_new(root, "links", links_json(s->g));
    json_object_set_new(root, "groups", groups_json(s->g));
    json_object_set_new(root, "rekeys", rekeys_json(&s->rekeys, s->g));
}

static void measure_links(const struct gm *g, status_figures *all)
{
    for (size_t i = 0; i < g->peer_count; i++) {
        const covey_address local = peer_local(g->peers[i]);
        char text[ADDRESS_TEXT_MAX];
        const status_figure named = { .name = "covey_messages_received_total",
                                      .help = "Messages that have arrived.",
                                      .label = "link",
                                      .of = address_text(&local, text) };
        status_count(all, &named, peer_received(g->peers[i]));
    }
    status_measure_refused(all, &g->refused);
}

/* One figure of every group: `value` takes it from its row. */
static void measure_groups(const struct gm *g, status_figures *all,
                           const status_figure *like,
                           uint32_t (*value)(const covey_manager_group *))
{
    for (uint32_t i = 0; i < g->tables.group_count; i++) {
        const covey_manager_group *row = &g->tables.groups[i];
        char name[STATUS_NAME];
        status_figure f = *like;
        if (row->serial == 0) {
            continue;
        }
        snprintf(name, sizeof name, "%.*s", row->name_len, row->name);
        f.label = "group";
        f.of = name;
        f.value = value(row);
        status_figure_add(all, &f);
    }
}

static uint32_t members_of(const covey_manager_group *row)
{
    return row->members;
}

static uint32_t version_of(const covey_manager_group *row)
{
    return row->version;
}

static uint32_t owing_of(const covey_manager_group *row)
{
    return row->owing;
}

static void measure_counters(const struct show *s, status_figures *all)
{
    const covey_manager_counters *c = &s->g->manager.counters;
    const struct {
        status_figure named;
        uint64_t value;
    } counts[] = {
        { { .name = "covey_gm_rekeys_total",
            .help = "Versions of keys that were made." },
          c->rekeys },
        { { .name = "covey_gm_rekeys_finished_total",
            .help = "Those that everybody who can be reached was told." },
          s->rekeys.finished },
        { { .name = "covey_gm_told_given_up_total",
            .help = "Members that could not be told of a version." },
          c->given_up },
        { { .name = "covey_gm_requests_refused_total",
            .help = "Requests with an answer other than 2.xx." },
          s->g->refusals },
        { { .name = "covey_gm_batches_total",
            .help = "Changes that were stored together." },
          c->batches },
        { { .name = "covey_gm_batches_failed_total",
            .help = "Those that could not be stored." },
          c->failures },
    };

    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        status_count(all, &counts[i].named, counts[i].value);
    }
    const status_figure spent = {
        .name = "covey_gm_rekey_seconds_total",
        .help = "From new keys to the last who was told of them.",
        .counter = true,
        .value = (double)s->rekeys.spent / 1e3
    };
    status_figure_add(all, &spent);
}

static void measure(status_figures *all, void *user)
{
    static const status_figure members = { .name = "covey_gm_members",
                                           .help = "Members of a group." };
    static const status_figure version = { .name = "covey_gm_key_version",
                                           .help = "Version of its keys." };
    static const status_figure owing = {
        .name = "covey_gm_members_untold",
        .help = "Members who are still to be told of its keys."
    };
    const struct show *s = user;
    const struct gm *g = s->g;

    measure_links(g, all);
    status_gauge(all, "covey_gm_store_up", "1 if the store answers.",
                 !g->stale);
    status_gauge(all, "covey_gm_nodes", "Nodes that are enrolled.",
                 node_count(g));
    measure_groups(g, all, &members, members_of);
    measure_groups(g, all, &version, version_of);
    measure_groups(g, all, &owing, owing_of);
    measure_counters(s, all);
}

bool show_open(struct show **show, const struct gm *g,
               const struct gm_config *config, const char *version,
               log_sink *log, loop *l)
{
    struct show *s = calloc(1, sizeof *s);
    const status_source source = { .program = "covey-gm",
                                   .version = version,
                                   .describe = describe,
                                   .measure = measure,
                                   .user = s };

    *show = s;
    if (s != NULL) {
        s->g = g;
    }
    return status_open(s != NULL ? &s->page : NULL, l, &config->status, log,
                       &source);
}

void show_close(struct show *show)
{
    if (show != NULL) {
        status_close(show->page);
        free(show);
    }
}
