/* SPDX-License-Identifier: BSD-2-Clause */
#include "gm.h"
#include "show.h"

#include <covey/coap_options.h>
#include <group_manager.h>

#include <string.h>

enum {
    WHY_MAX = 512,
    RETRY_MS = 1000
};

void gm_tell_log(const struct gm *g, log_level level, const char *name,
                 const char *what, const char *why)
{
    const log_value values[] = { log_string("what", what),
                                 log_string("why", why) };
    const log_event event = {
        .level = level, .name = name, .values = values, .count = 2
    };

    log_write(g->log, &event);
}

static covey_status fill(void *user, covey_writer *out)
{
    const covey_crypto *crypto = user;

    return crypto->random(crypto->provider, out);
}

covey_random gm_random(const struct gm *g)
{
    covey_crypto *crypto;

    /* A random source has no const; this one changes nothing of the table. */
    memcpy(&crypto, &g->crypto, sizeof crypto);
    return (covey_random){ fill, crypto };
}

/* --- the store ----------------------------------------------------------- */

static void set_stale(struct gm *g, const char *what)
{
    if (!g->stale) {
        gm_tell_log(g, LOG_LEVEL_ERROR, "store.failed", what,
                    store_error(g->store));
    }
    g->stale = true;
}

store_result gm_begin(struct gm *g)
{
    store_result r = STORE_OK;

    if (g->stale) {
        return STORE_AGAIN;
    }
    if (!g->open) {
        r = store_begin_later(g->store);
        g->open = r == STORE_OK;
    }
    if (r != STORE_OK) {
        set_stale(g, "begin");
    }
    return r;
}

bool gm_commit(struct gm *g)
{
    if (g->stale) {
        return false;
    }
    if (g->open) {
        g->open = false;
        if (store_commit(g->store) != STORE_OK) {
            set_stale(g, "commit");
        }
    }
    return !g->stale;
}

static store_result write_batch(struct gm *g, covey_time now)
{
    store_result r = store_begin_later(g->store);

    if (r != STORE_OK) {
        return r;
    }
    r = store_manager_persist(g->store, &g->manager);
    if (r == STORE_OK) {
        r = audit_batch(g, now);
    }
    if (r == STORE_OK) {
        return store_commit(g->store);
    }
    store_rollback(g->store);
    return r;
}

static void persist(struct gm *g, covey_time now, uint32_t batch)
{
    const store_result r = gm_commit(g) ? write_batch(g, now) : STORE_AGAIN;

    if (r == STORE_AGAIN || r == STORE_BROKEN) {
        set_stale(g, "batch");
        return; /* of what is in memory nothing is kept */
    }
    if (r != STORE_OK) {
        gm_tell_log(g, LOG_LEVEL_NOTICE, "store.taken", "batch",
                    store_error(g->store));
    }
    if (covey_manager_stored(&g->manager, now, batch,
                             r == STORE_OK ? COVEY_OK : COVEY_E_NOT_STORED) !=
        COVEY_OK) {
        set_stale(g, "batch");
    }
}

static void reload(struct gm *g, covey_time now, uint16_t serial)
{
    tell_stop(g, now, serial, UINT32_MAX, false);
    if (!gm_commit(g) ||
        store_manager_reload(g->store, &g->manager, serial) != STORE_OK) {
        set_stale(g, "reload");
    }
    watch_changed(g, now, serial);
}

/* --- the manager --------------------------------------------------------- */

static void on_event(struct gm *g, covey_time now,
                     const covey_manager_event *ev)
{
    switch (ev->kind) {
    case COVEY_MANAGER_PERSIST:
        persist(g, now, ev->batch);
        break;
    case COVEY_MANAGER_RELOAD:
        reload(g, now, ev->serial);
        break;
    case COVEY_MANAGER_CHANGED:
        watch_changed(g, now, ev->serial);
        break;
    case COVEY_MANAGER_LOG:
        audit_log(g, now, ev->log);
        break;
    }
}

static bool transmit(struct gm *g, covey_time now)
{
    covey_writer out = covey_writer_of(g->out, g->out_len);
    covey_manager_departure to;

    if (!covey_manager_transmit(&g->manager, now, &to, &out)) {
        return false;
    }
    if (to.kind == COVEY_MANAGER_ANSWER) {
        request_answer(g, now, &to.answer);
    } else {
        tell_begin(g, now, &to);
    }
    covey_wipe(g->out, out.pos);
    return true;
}

void gm_pump(struct gm *g, covey_time now)
{
    covey_manager_event ev;
    bool more = true;

    while (more && !g->stale) {
        more = false;
        while (!g->stale && covey_manager_event_next(&g->manager, now, &ev)) {
            on_event(g, now, &ev);
            more = true;
        }
        while (!g->stale && transmit(g, now)) {
            more = true;
        }
    }
}

/* Bodies that nobody reads on. */
static void sweep(struct gm *g, covey_time now)
{
    if (now.mono < g->sweep) {
        return;
    }
    g->sweep = COVEY_NEVER;
    for (uint32_t i = 0; i < g->tables.node_count; i++) {
        struct gm_node *n = &g->nodes[i];
        if (n->body.bytes != NULL && n->body.until <= now.mono) {
            nodes_body_drop(n);
        } else if (n->body.bytes != NULL) {
            g->sweep = covey_earlier(g->sweep, n->body.until);
        }
    }
}

static covey_ms deadline(const struct gm *g)
{
    covey_ms at = covey_earlier(g->sweep, g->look);

    if (g->stale) {
        return g->retry;
    }
    at = covey_earlier(at, g->learn);
    at = covey_earlier(at, covey_manager_deadline(&g->manager));
    at = covey_earlier(at, tell_deadline(g));
    return covey_earlier(at, covey_observers_deadline(&g->observers));
}

/* Another manager, or an operator, has changed something. */
static void heed_call(struct gm *g, covey_time now)
{
    if (nodes_load(g) != STORE_OK) {
        set_stale(g, "nodes");
    }
    (void)groups_follow(g, now);
    nodes_give(g, now);
    nodes_unpark(g, now);
}

void gm_settle(struct gm *g, covey_time now)
{
    if (g->stale && now.mono >= g->retry) {
        (void)gm_restart(g, now);
    }
    if (!g->stale && store_called(g->store) && store_woken(g->store)) {
        heed_call(g, now);
    }
    if (!g->stale) {
        tell_expire(g, now);
        groups_look(g, now);
        groups_learn(g, now);
        sweep(g, now);
        gm_pump(g, now);
        watch_notify(g, now);
    }
    for (size_t i = 0; i < g->peer_count; i++) {
        peer_flush(g->peers[i], now);
    }
    (void)gm_commit(g); /* what nothing has waited for */
    loop_alarm_set(g->alarm, !g->stale && store_called(g->store)
                                 ? now.mono
                                 : deadline(g));
}

/* --- other managers, and operators --------------------------------------- */

static void on_woken(void *user, int events)
{
    struct gm *g = user;
    const covey_time now = loop_now();

    (void)events;
    if (g->stale) {
        loop_watch_set(g->woken, 0);
        return;
    }
    if (store_woken(g->store)) {
        heed_call(g, now);
    }
    gm_settle(g, now);
}

static bool watch_store(struct gm *g)
{
    const int fd = store_fd(g->store);

    loop_watch_end(g->woken);
    g->woken =
        fd >= 0 ? loop_watch_new(g->loop, fd, LOOP_READ, on_woken, g) : NULL;
    return fd < 0 || g->woken != NULL;
}

/* --- the beginning, and every other -------------------------------------- */

static bool open_store(struct gm *g)
{
    const store_options options = { g->config->store, g->config->store_key,
                                    g->crypto };
    char why[WHY_MAX];

    g->store = store_open(&options, why, sizeof why);
    if (g->store == NULL && !g->quiet) {
        gm_tell_log(g, LOG_LEVEL_ERROR, "store.open", "store", why);
    }
    g->quiet = g->store == NULL;
    return g->store != NULL;
}

void gm_shut(struct gm *g)
{
    if (g->store == NULL) {
        return;
    }
    loop_watch_end(g->woken);
    g->woken = NULL;
    store_close(g->store);
    g->store = NULL;
    g->open = false;
    covey_manager_drop(&g->manager);
}

static bool load(struct gm *g, covey_time now)
{
    covey_manager_config config = {
        .crypto = g->crypto,
        .identities = g->identities,
        .identity_count = g->config->identity_count,
        .gid_prefix = g->config->gid_prefix,
        .commit_window = (uint32_t)g->config->commit_window,
        .tell_max = (uint32_t)g->config->tell_max,
        .tell_attempts = (uint8_t)g->config->tell_attempts,
        .tell_pause = (uint32_t)g->config->tell_pause,
        .lifetime = (uint32_t)g->config->lifetime,
        .numbers = g->config->hear_count > 0,
    };

    if (covey_manager_init(&g->manager, &config, &g->tables, now) !=
        COVEY_OK) {
        return false;
    }
    return nodes_load(g) == STORE_OK &&
           store_manager_load(g->store, &g->manager) == STORE_OK &&
           show_follow(g->show, now.mono) == STORE_OK && watch_store(g);
}

static void forget(struct gm *g, covey_time now)
{
    request_forget_all(g);
    tell_forget_all(g);
    watch_forget_all(g);
    nodes_forget(g);
    for (size_t i = 0; i < GM_PARKED; i++) {
        g->parked[i].until = 0;
    }
    for (size_t i = 0; i < g->peer_count; i++) {
        (void)peer_forget(g->peers[i], now);
    }
}

bool gm_restart(struct gm *g, covey_time now)
{
    g->retry = now.mono + RETRY_MS;
    forget(g, now);
    gm_shut(g);
    g->stale = true;
    if (!open_store(g)) {
        return false;
    }
    if (!load(g, now)) {
        gm_tell_log(g, LOG_LEVEL_ERROR, "store.load", "store",
                    store_error(g->store));
        gm_shut(g);
        return false;
    }
    g->stale = false;
    g->look = now.mono;
    g->learn = COVEY_NEVER;
    gm_tell_log(g, LOG_LEVEL_NOTICE, "gm.loaded", "store", "ready");
    return true;
}
