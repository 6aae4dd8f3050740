/* SPDX-License-Identifier: BSD-2-Clause */
/* Observers. A notification is the answer to the request that registered it,
 * made anew: so who is no member any more gets 4.04 and is told no more. Each
 * is Confirmable: new keys are worth it. */
#include "gm.h"

#include <covey/coap_options.h>

#include <stdlib.h>
#include <string.h>

enum {
    SZX = 6,
    REQUEST_MAX = 256 /* bytes of a request, its head and all */
};

static void row_free(struct gm_watch *w)
{
    free(w->message);
    memset(w, 0, sizeof *w);
}

static bool has_memory(const struct gm *g)
{
    const covey_observers_memory *m = &g->observer_memory;

    return g->watches != NULL && m->rows != NULL && m->lists != NULL &&
           m->slots != NULL && m->timers != NULL;
}

bool watch_open(struct gm *g)
{
    const covey_observers_config config = { .confirm_every = 1,
                                            .confirm_within = 86400000,
                                            .interval = 0 };
    const uint32_t count = (uint32_t)g->config->observers;
    covey_observers_memory *m = &g->observer_memory;

    g->watches = calloc(count, sizeof *g->watches);
    m->rows = calloc(count, sizeof *m->rows);
    m->lists = calloc(count, sizeof *m->lists);
    m->slots = calloc(COVEY_SLOTS((size_t)count), sizeof *m->slots);
    m->timers = calloc(count, sizeof *m->timers);
    m->count = count;
    if (!has_memory(g)) {
        return false;
    }
    covey_observers_init(&g->observers, m, &config, g->key);
    return true;
}

void watch_forget_all(struct gm *g)
{
    for (uint32_t i = 0; i < g->config->observers; i++) {
        if (g->watches[i].used) {
            covey_observers_remove(&g->observers, g->watches[i].ref);
            row_free(&g->watches[i]);
        }
    }
}

void watch_close(struct gm *g)
{
    if (has_memory(g)) {
        watch_forget_all(g);
    }
    free(g->watches);
    free(g->observer_memory.rows);
    free(g->observer_memory.lists);
    free(g->observer_memory.slots);
    free(g->observer_memory.timers);
}

/* That of the same client and token, or an empty one. */
static struct gm_watch *row_for(const struct gm *g,
                                const covey_endpoint_request *r)
{
    struct gm_watch *empty = NULL;

    for (uint32_t i = 0; i < g->config->observers; i++) {
        struct gm_watch *w = &g->watches[i];
        if (!w->used) {
            empty = w;
        } else if (covey_path_same_peer(&w->request.path, &r->path) &&
                   w->request.token_len == r->token_len &&
                   memcmp(w->request.token, r->token, r->token_len) == 0) {
            return w;
        }
    }
    return empty;
}

/* What the request says, as a message of its own. That it was fresh does not
 * matter any more. */
static bool keep_request(struct gm_watch *w, const covey_coap_message *m)
{
    uint8_t storage[REQUEST_MAX];
    covey_writer out = covey_writer_of(storage, sizeof storage);
    const covey_coap_message head = { .code = m->code };
    covey_coap_composer c = covey_coap_compose(&out, &head);
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_coap_option o;

    while (covey_coap_option_next(&it, &o)) {
        if (o.number != COVEY_OPTION_ECHO) {
            covey_coap_put_option(&c, o.number, o.value);
        }
    }
    if (covey_coap_finish(&c) != COVEY_OK) {
        return false;
    }
    w->message = malloc(out.pos);
    if (w->message == NULL) {
        return false;
    }
    memcpy(w->message, storage, out.pos);
    w->len = out.pos;
    return true;
}

static void drop(struct gm *g, struct gm_watch *w)
{
    covey_observers_remove(&g->observers, w->ref);
    row_free(w);
}

/* A node that asks for the same once more, under another token, has forgotten
 * the old one: nothing else of it would say so before the next change. */
static void drop_older(struct gm *g, const struct gm_watch *w)
{
    for (uint32_t i = 0; i < g->config->observers; i++) {
        struct gm_watch *other = &g->watches[i];
        if (other->used && other != w && other->node == w->node &&
            other->len == w->len &&
            memcmp(other->message, w->message, w->len) == 0) {
            drop(g, other);
        }
    }
}

void watch_add(struct gm *g, peer *p, covey_time now,
               const covey_endpoint_in *in, uint16_t group,
               struct gm_reply *reply)
{
    const covey_endpoint_request *r = &in->request;
    struct gm_watch *w = row_for(g, r);
    covey_observers_entry entry = {
        .path = r->path,
        .token = covey_bytes_of(r->token, r->token_len),
        .resource = group,
    };

    if (w == NULL) {
        return;
    }
    if (w->used) {
        drop(g, w);
    }
    entry.user = (uint64_t)(w - g->watches);
    if (!keep_request(w, &in->message) ||
        covey_observers_register(&g->observers, now.mono, &entry, &w->ref,
                                 &reply->observe) != COVEY_OK) {
        row_free(w);
        return;
    }
    reply->has_observe = true;
    w->used = true;
    w->node = reply->node;
    w->group = group;
    w->peer = p;
    w->request = *r;
    drop_older(g, w);
}

bool watch_has(const struct gm *g, uint32_t node, uint16_t group)
{
    for (uint32_t i = 0; i < g->config->observers; i++) {
        const struct gm_watch *w = &g->watches[i];
        if (w->used && w->node == node && w->group == group) {
            return true;
        }
    }
    return false;
}

void watch_cancel(struct gm *g, const covey_endpoint_in *in)
{
    struct gm_watch *w = row_for(g, &in->request);

    if (w != NULL && w->used) {
        drop(g, w);
    }
}

void watch_drop_node(struct gm *g, uint32_t node)
{
    for (uint32_t i = 0; i < g->config->observers; i++) {
        if (g->watches[i].used && g->watches[i].node == node) {
            drop(g, &g->watches[i]);
        }
    }
}

void watch_changed(struct gm *g, covey_time now, uint16_t group)
{
    covey_observers_changed(&g->observers, now.mono, group);
}

/* A group with changes that are not stored answers later: it tells of them
 * then, too. */
static void notify(struct gm *g, covey_time now, struct gm_watch *w,
                   uint32_t sequence)
{
    const covey_endpoint_reply how = { COVEY_COAP_CON, true,
                                       (uint64_t)(w - g->watches) };
    struct gm_reply reply = {
        .node = w->node, .szx = SZX, .observe = sequence, .how = &how
    };
    covey_writer out = covey_writer_of(g->out, g->out_len);
    covey_manager_request request = { .user = GM_OURS,
                                      .node = g->tables.nodes[w->node].name,
                                      .notification = true };
    covey_manager_answer answer;
    covey_coap_message m;

    if (covey_coap_parse(&m, covey_bytes_of(w->message, w->len)) != COVEY_OK) {
        return;
    }
    request.message = &m;
    if (covey_manager_receive(&g->manager, now, &request, &answer, &out) !=
        COVEY_OK) {
        return;
    }
    w->keys = answer.keys;
    reply.has_observe = answer.code >> 5 == 2;
    reply.answer = &answer;
    request_reply(g, w->peer, now, &w->request, &reply);
    if (!reply.has_observe) {
        drop(g, w);
    }
}

void watch_notify(struct gm *g, covey_time now)
{
    covey_notification n;

    while (!g->stale && covey_observers_next(&g->observers, now.mono, &n)) {
        notify(g, now, &g->watches[n.user], n.sequence);
    }
}

void watch_report(struct gm *g, covey_time now,
                  const covey_endpoint_report *report)
{
    struct gm_watch *w;

    if (report->user >= g->config->observers) {
        return;
    }
    w = &g->watches[report->user];
    if (!w->used) {
        return;
    }
    if (report->what == COVEY_ENDPOINT_REPLY_ACKNOWLEDGED) {
        covey_observers_acknowledged(&g->observers, now.mono, w->ref);
        covey_manager_got(&g->manager, now, w->group,
                          g->tables.nodes[w->node].name, w->keys);
    } else {
        drop(g, w); /* it does not want them, or is not there */
    }
}
