/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening and closing: memory, sockets, keys. */
#include "gm.h"

#include <stdlib.h>
#include <string.h>
#include <system_address.h>

enum {
    DUPLICATES = 1 << 14,
    LOGS = 4096,
    /* What an answer has beside the members. */
    ANSWER_BASE = 8192,
    ANSWER_MEMBER = 24
};

/* --- sockets ------------------------------------------------------------- */

static bool on_admit(void *user, peer *p, covey_time now,
                     const covey_path *path, covey_bytes datagram)
{
    return nodes_admit(user, p, now, path, datagram);
}

static void on_request(void *user, peer *p, covey_time now,
                       covey_endpoint_in *in)
{
    request_take(user, p, now, in);
}

static void on_refused(void *user, peer *p, const covey_path *path,
                       const covey_opened *opened)
{
    struct gm *g = user;

    (void)p;
    refused_message(&g->refused, g->log, &path->peer, opened);
}

static void on_response(void *user, peer *p, covey_time now,
                        const covey_endpoint_in *in)
{
    (void)p;
    tell_response(user, now, in);
}

static void on_report(void *user, peer *p, covey_time now,
                      const covey_endpoint_report *report)
{
    struct gm *g = user;

    (void)p;
    switch (report->what) {
    case COVEY_ENDPOINT_REPLY_ACKNOWLEDGED:
    case COVEY_ENDPOINT_REPLY_RESET:
    case COVEY_ENDPOINT_REPLY_TIMED_OUT:
        watch_report(g, now, report);
        break;
    case COVEY_ENDPOINT_ANSWERED:
    case COVEY_ENDPOINT_COLLECTED:
    case COVEY_ENDPOINT_TIMED_OUT:
    case COVEY_ENDPOINT_RESET:
    case COVEY_ENDPOINT_CANCELLED:
    case COVEY_ENDPOINT_LOST:
    case COVEY_ENDPOINT_UNPROTECTED:
    case COVEY_ENDPOINT_UNDONE:
        tell_ended(g, now, report);
        break;
    }
}

static void on_settle(void *user, covey_time now)
{
    gm_settle(user, now);
}

static bool on_leave(void *user)
{
    return gm_commit(user);
}

static bool open_peers(struct gm *g)
{
    const struct gm_config *c = g->config;
    peer_options options = {
        .protectors = g->protectors,
        .protector_count = 1,
        .random = gm_random(g),
        .requests = 2 * g->tell_count,
        .duplicates = DUPLICATES,
        .on = { .admit = on_admit,
                .request = on_request,
                .refused = on_refused,
                .response = on_response,
                .report = on_report,
                .settle = on_settle,
                .leave = on_leave,
                .user = g },
    };
    char error[PEER_ERROR_MAX];
    char text[ADDRESS_TEXT_MAX];

    for (size_t i = 0; i < c->listen_count; i++) {
        options.local = c->listen[i];
        g->peers[i] = peer_open(g->loop, &options, error);
        if (g->peers[i] == NULL) {
            gm_tell_log(g, LOG_LEVEL_ERROR, "udp.open",
                        address_text(&options.local, text), error);
            return false;
        }
        g->peer_count++;
        const covey_address bound = peer_local(g->peers[i]);
        gm_tell_log(g, LOG_LEVEL_NOTICE, "gm.listen",
                    address_text(&bound, text), "ready");
    }
    return true;
}

/* --- memory -------------------------------------------------------------- */

static bool allocate_manager(struct gm *g)
{
    const struct gm_config *c = g->config;
    covey_manager_memory *m = &g->tables;

    m->group_count = (uint32_t)c->group_max;
    m->member_count = (uint32_t)c->member_max;
    m->credential_max = (uint16_t)c->credential_max;
    m->stale_count = m->member_count;
    m->node_count = (uint32_t)c->node_max + 1;
    m->pending_count = (uint32_t)c->requests;
    m->log_count = LOGS;
    m->groups = calloc(m->group_count, sizeof *m->groups);
    m->members = calloc(m->member_count, sizeof *m->members);
    m->credentials = calloc(m->member_count, m->credential_max);
    m->stale = calloc(m->stale_count, sizeof *m->stale);
    m->nodes = calloc(m->node_count, sizeof *m->nodes);
    m->pending = calloc(m->pending_count, sizeof *m->pending);
    m->log = calloc(m->log_count, sizeof *m->log);
    return m->groups != NULL && m->members != NULL && m->credentials != NULL &&
           m->stale != NULL && m->nodes != NULL && m->pending != NULL &&
           m->log != NULL;
}

static bool allocate_rest(struct gm *g)
{
    const struct gm_config *c = g->config;

    g->tell_count = (uint32_t)c->tell_max;
    g->out_len =
        ANSWER_BASE + c->member_max * (c->credential_max + ANSWER_MEMBER);
    g->out = malloc(g->out_len);
    g->tickets = calloc(c->requests, sizeof *g->tickets);
    g->tells = calloc(g->tell_count, sizeof *g->tells);
    g->peers = calloc(c->listen_count, sizeof *g->peers);
    g->echo_rows = calloc(GM_ECHO, sizeof *g->echo_rows);
    g->uploads.rows = calloc(GM_UPLOADS, sizeof *g->uploads.rows);
    g->uploads.storage = calloc(GM_UPLOADS, GM_UPLOAD_MAX);
    g->uploads.count = GM_UPLOADS;
    g->uploads.slot = GM_UPLOAD_MAX;
    g->uploads.expiry = 60000;
    g->uploads.szx = 6;
    g->keys = calloc(c->identity_count + 1, sizeof *g->keys);
    g->identities = calloc(c->identity_count + 1, sizeof *g->identities);
    return g->out != NULL && g->tickets != NULL && g->tells != NULL &&
           g->peers != NULL && g->echo_rows != NULL &&
           g->uploads.rows != NULL && g->uploads.storage != NULL &&
           g->keys != NULL && g->identities != NULL;
}

/* Two keys from the source of randomness. */
static bool draw(struct gm *g)
{
    const covey_random random = gm_random(g);
    covey_writer a = covey_writer_of((uint8_t *)&g->key, sizeof g->key);
    covey_writer b = covey_writer_of((uint8_t *)&g->uploads.secret,
                                     sizeof g->uploads.secret);

    return random.fill(random.user, &a) == COVEY_OK &&
           random.fill(random.user, &b) == COVEY_OK &&
           covey_echo_init(&g->echo, g->echo_rows, GM_ECHO, random) ==
               COVEY_OK;
}

static bool open_identity(struct gm *g, size_t i)
{
    const struct gm_identity *from = &g->config->identities[i];

    if (!gm_identity_open(from, g->crypto, &g->keys[i])) {
        gm_tell_log(g, LOG_LEVEL_ERROR, "gm.identity", "private_key",
                    "it is not that of the credential");
        return false;
    }
    g->identities[i] =
        (covey_manager_identity){ from->curve, from->cred_fmt,
                                  from->credential, &g->keys[i] };
    return true;
}

static void on_due(void *user)
{
    gm_settle(user, loop_now());
}

bool gm_open(struct gm *g, const struct gm_config *config,
             const covey_crypto *crypto, const log_sink *log, loop *l)
{
    const covey_time now = loop_now();

    memset(g, 0, sizeof *g);
    g->config = config;
    g->crypto = crypto;
    g->log = log;
    g->loop = l;
    g->sweep = COVEY_NEVER;
    g->alarm = loop_alarm_new(l, on_due, g);
    if (g->alarm == NULL || !allocate_manager(g) || !allocate_rest(g) ||
        !draw(g) || !watch_open(g) || !nodes_open(g)) {
        gm_tell_log(g, LOG_LEVEL_ERROR, "gm.start", "memory",
                    "out of memory or of random bytes");
        return false;
    }
    for (size_t i = 0; i < config->identity_count; i++) {
        if (!open_identity(g, i)) {
            return false;
        }
    }
    if (!hear_open(g) || !open_peers(g) || !gm_restart(g, now) ||
        !groups_create(g, now)) {
        return false;
    }
    gm_settle(g, now);
    return true;
}

static void free_tables(struct gm *g)
{
    covey_manager_memory *m = &g->tables;

    free(m->groups);
    free(m->members);
    free(m->credentials);
    free(m->stale);
    free(m->nodes);
    free(m->pending);
    free(m->log);
    free(g->out);
    free(g->tickets);
    free(g->tells);
    free(g->peers);
    free(g->echo_rows);
    free(g->uploads.rows);
    free(g->uploads.storage);
    free(g->identities);
}

void gm_close(struct gm *g)
{
    if (g->store != NULL && !g->stale && g->nodes != NULL) {
        nodes_release(g);
    }
    if (g->tells != NULL) {
        tell_forget_all(g);
    }
    hear_close(g);
    watch_close(g);
    nodes_close(g);
    for (size_t i = 0; i < g->peer_count; i++) {
        peer_close(g->peers[i]);
    }
    gm_shut(g);
    for (size_t i = 0; g->keys != NULL && i < g->config->identity_count; i++) {
        g->crypto->key_drop(g->crypto->provider, &g->keys[i]);
    }
    free(g->keys);
    if (g->alarm != NULL) {
        loop_alarm_end(g->alarm);
    }
    free_tables(g);
}
