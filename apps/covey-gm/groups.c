/* SPDX-License-Identifier: BSD-2-Clause */
/* Groups of the configuration, and what other managers do to groups. */
#include "gm.h"
#include "rekeys.h"
#include "show.h"

#include <covey/coap_options.h>
#include <covey/keying.h>
#include <group_manager.h>

#include <stdlib.h>
#include <string.h>

enum {
    TRIES = 3,
    LOOK_MIN = 5000, /* ms */
    LOOK_MAX = 300000,
    LEARN = 1000
};

static covey_manager_group *row_named(const struct gm *g, covey_bytes name)
{
    for (uint32_t i = 0; i < g->tables.group_count; i++) {
        covey_manager_group *row = &g->tables.groups[i];
        if (row->serial != 0 &&
            covey_bytes_equal(name, covey_bytes_of((const uint8_t *)row->name,
                                                   row->name_len))) {
            return row;
        }
    }
    return NULL;
}

/* --- creating ------------------------------------------------------------ */

/* As an administrator would; the code of the answer. */
static uint8_t post(struct gm *g, covey_time now, covey_bytes payload)
{
    uint8_t storage[GROUP_CONFIG_MAX + 32];
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_writer out = covey_writer_of(g->out, g->out_len);
    const covey_coap_message head = { .code = COVEY_COAP_CODE(0, 2) };
    covey_coap_composer c = covey_coap_compose(&w, &head);
    covey_manager_request request = { .user = GM_OURS,
                                      .node =
                                          g->tables.nodes[GROUPS_NODE].name };
    covey_coap_message m;
    covey_manager_answer answer;

    covey_coap_put_option(&c, COVEY_OPTION_URI_PATH,
                          covey_bytes_text("manage"));
    covey_coap_put_uint(&c, COVEY_OPTION_CONTENT_FORMAT, COVEY_KEYING_FORMAT);
    covey_coap_put_payload(&c, payload);
    if (covey_coap_finish(&c) != COVEY_OK ||
        covey_coap_parse(&m, covey_written(&w)) != COVEY_OK) {
        return COVEY_COAP_CODE(5, 0);
    }
    request.message = &m;
    g->local_code = 0;
    if (covey_manager_receive(&g->manager, now, &request, &answer, &out) !=
        COVEY_OK) {
        return COVEY_COAP_CODE(5, 3);
    }
    if (answer.code != 0) {
        return answer.code;
    }
    now.mono += g->config->commit_window;
    gm_pump(g, now);
    return g->local_code;
}

static bool tune(struct gm *g, covey_time now, const struct gm_group *from)
{
    const uint32_t lifetime =
        from->lifetime != 0 ? from->lifetime : (uint32_t)g->config->lifetime;

    if (from->lifetime == 0 && !from->keep_on_join) {
        return true;
    }
    if (covey_manager_tune(&g->manager, now, from->config.name, lifetime,
                           !from->keep_on_join) != COVEY_OK) {
        return false;
    }
    now.mono += g->config->commit_window;
    gm_pump(g, now);
    return !g->stale;
}

static bool create(struct gm *g, covey_time now, const struct gm_group *from)
{
    uint8_t storage[GROUP_CONFIG_MAX];
    covey_writer w = covey_writer_of(storage, sizeof storage);
    uint8_t code = 0;

    group_config_put(&w, &from->config);
    for (int i = 0; i < TRIES && !g->stale; i++) {
        if (row_named(g, from->config.name) != NULL) {
            return true; /* another manager was faster */
        }
        code = post(g, now, covey_written(&w));
        if (code >> 5 == 2) {
            return tune(g, now, from);
        }
        if (groups_follow(g, now) != STORE_OK) {
            break;
        }
    }
    char name[COVEY_MANAGER_NAME_MAX + 1] = "";
    memcpy(name, from->config.name.ptr, from->config.name.len);
    gm_tell_log(g, LOG_LEVEL_ERROR, "gm.create", name,
                code == COVEY_COAP_CODE(5, 3)
                    ? "no manager has keys for such a group, or nothing "
                      "can be stored"
                    : "the group cannot be as it is configured");
    return false;
}

bool groups_create(struct gm *g, covey_time now)
{
    static const uint8_t all[] = { 0x81, 0x82, 0xf5, 0x18, 0x3f };
    covey_manager_node *node = &g->tables.nodes[GROUPS_NODE];

    node->name = covey_bytes_text(".");
    node->scope = covey_bytes_of(all, sizeof all);
    for (size_t i = 0; i < g->config->group_count; i++) {
        if (row_named(g, g->config->groups[i].config.name) == NULL &&
            !create(g, now, &g->config->groups[i])) {
            return false;
        }
    }
    return true;
}

/* --- other managers ------------------------------------------------------ */

struct revision {
    uint16_t serial;
    uint64_t revision;
};

struct revisions {
    struct revision *rows;
    size_t count;
    size_t cap;
};

static void on_group(void *user, const store_group *row)
{
    struct revisions *all = user;

    if (all->count < all->cap) {
        all->rows[all->count].serial = (uint16_t)row->serial;
        all->rows[all->count++].revision = row->revision;
    }
}

static store_result load_again(struct gm *g, covey_time now, uint16_t serial)
{
    store_result r;

    tell_stop(g, now, serial, UINT32_MAX, false);
    if (!covey_manager_forget(&g->manager, serial)) {
        return STORE_OK; /* it has changes: storing them will fail */
    }
    r = store_manager_reload(g->store, &g->manager, serial);
    watch_changed(g, now, serial);
    return r;
}

static uint64_t stored_revision(const struct revisions *all, uint16_t serial)
{
    for (size_t i = 0; i < all->count; i++) {
        if (all->rows[i].serial == serial) {
            return all->rows[i].revision;
        }
    }
    return 0;
}

const covey_manager_group *groups_row(const struct gm *g, uint32_t serial)
{
    for (uint32_t i = 0; i < g->tables.group_count; i++) {
        if (serial != 0 && g->tables.groups[i].serial == serial) {
            return &g->tables.groups[i];
        }
    }
    return NULL;
}

static store_result follow(struct gm *g, covey_time now,
                           const struct revisions *all)
{
    store_result r = STORE_OK;

    for (uint32_t i = 0; r == STORE_OK && i < g->tables.group_count; i++) {
        const covey_manager_group *row = &g->tables.groups[i];
        if (row->serial != 0 &&
            stored_revision(all, row->serial) != row->revision) {
            r = load_again(g, now, row->serial);
        }
    }
    for (size_t i = 0; r == STORE_OK && i < all->count; i++) {
        if (groups_row(g, all->rows[i].serial) == NULL) {
            r = store_manager_reload(g->store, &g->manager,
                                     all->rows[i].serial);
        }
    }
    return r == STORE_OK ? store_manager_reload(g->store, &g->manager, 0) : r;
}

/* Others may have told some; asked for once a second, as nothing but the page
 * depends on it. */
static void expect(struct gm *g, covey_time now)
{
    const covey_ms next = g->learned + LEARN;

    if (show_is_seen(g->show)) {
        g->learn = next > now.mono ? next : now.mono;
    }
}

static void on_told(void *user, const store_member *m)
{
    covey_manager_heed(user, (uint16_t)m->serial, m->name, (uint32_t)m->told);
}

void groups_learn(struct gm *g, covey_time now)
{
    if (now.mono < g->learn || !gm_commit(g)) {
        return;
    }
    g->learn = COVEY_NEVER;
    g->learned = now.mono;
    for (uint32_t i = 0; !g->stale && i < g->tables.group_count; i++) {
        const covey_manager_group *row = &g->tables.groups[i];
        if (row->serial != 0 &&
            rekeys_current(g, row->serial, row->version) < row->members) {
            g->stale = store_members_told(g->store, row->serial, row->version,
                                          on_told, &g->manager) != STORE_OK;
        }
    }
}

store_result groups_follow(struct gm *g, covey_time now)
{
    struct revisions all = { calloc(g->tables.group_count, sizeof *all.rows),
                             0, g->tables.group_count };
    store_result r = STORE_AGAIN;

    if (all.rows != NULL && gm_commit(g)) {
        r = store_groups(g->store, 0, on_group, &all);
    }
    if (r == STORE_OK) {
        r = follow(g, now, &all);
    }
    if (r == STORE_OK) {
        r = show_follow(g->show, now.mono);
        expect(g, now);
    }
    free(all.rows);
    g->stale = g->stale || r != STORE_OK;
    return r;
}

/* A member whose association another manager has is told by that one. If it
 * dies meanwhile, nobody else does: so who was passed over is looked at again,
 * seldom, as long as its row says that it has not been told. */
static bool is_left(const struct gm *g, const covey_manager_member *m)
{
    const int node =
        nodes_named(g, covey_bytes_of((const uint8_t *)m->name, m->name_len));

    return m->serial != 0 && m->uri_len > 0 && node != GM_NONE &&
           g->nodes[node].elsewhere;
}

void groups_look(struct gm *g, covey_time now)
{
    bool any = false;

    if (now.mono < g->look) {
        return;
    }
    for (uint32_t i = 0; !g->stale && i < g->tables.group_count; i++) {
        const covey_manager_group *row = &g->tables.groups[i];
        bool left = false;
        if (row->serial == 0 || row->owing != 0) {
            continue;
        }
        for (uint32_t k = 0; k < g->tables.member_count; k++) {
            const covey_manager_member *m = &g->tables.members[k];
            left = left || (m->serial == row->serial &&
                            m->told < row->version && is_left(g, m));
        }
        if (left && gm_commit(g)) {
            any = true;
            g->stale = load_again(g, now, row->serial) != STORE_OK;
        }
    }
    g->look_pause = !any                            ? LOOK_MIN
                    : g->look_pause >= LOOK_MAX / 2 ? LOOK_MAX
                                                    : 2 * g->look_pause;
    g->look = now.mono + g->look_pause;
}
