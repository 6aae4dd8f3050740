/* SPDX-License-Identifier: BSD-2-Clause */
/* News to nodes: new keys by POST to the control resource, the end of a
 * membership by DELETE. A node is where it was last heard (place.c), unless
 * its control URI says where. What does not arrive is the manager's to try
 * again. */
#include "gm.h"

#include <covey/coap_options.h>
#include <covey/keying.h>

#include <stdlib.h>
#include <string.h>
#include <system_address.h>

enum {
    SZX = 6,
    PATIENCE = 8000 /* ms, for each message */
};

static const char scheme[] = "coap://";

static uint64_t user_of(const struct gm *g, const struct gm_tell *t)
{
    return (uint64_t)t->serial << 32 | (uint32_t)(t - g->tells);
}

static struct gm_tell *tell_of(const struct gm *g, uint64_t user)
{
    const uint32_t at = (uint32_t)user;
    struct gm_tell *t = &g->tells[at < g->tell_count ? at : 0];

    return t->used && user_of(g, t) == user ? t : NULL;
}

static struct gm_tell *tell_new(struct gm *g)
{
    for (uint32_t i = 0; i < g->tell_count; i++) {
        if (!g->tells[i].used) {
            return &g->tells[i];
        }
    }
    return NULL;
}

static void tell_free(struct gm_tell *t)
{
    if (t->body != NULL) {
        covey_wipe(t->body, t->len);
        free(t->body);
    }
    memset(t, 0, sizeof *t);
}

static void finish(struct gm *g, covey_time now, struct gm_tell *t,
                   bool confirmed)
{
    const uint64_t ref = t->ref;

    tell_free(t);
    covey_manager_told(&g->manager, now, ref, confirmed);
}

/* --- where --------------------------------------------------------------- */

/* The address of an absolute URI. */
static bool read_authority(const struct gm *g, covey_bytes uri,
                           size_t *path_at, struct gm_tell *t)
{
    char text[ADDRESS_TEXT_MAX];
    const size_t begin = sizeof scheme - 1;
    size_t end = begin;

    while (end < uri.len && uri.ptr[end] != '/') {
        end++;
    }
    if (end - begin >= sizeof text) {
        return false;
    }
    memcpy(text, uri.ptr + begin, end - begin);
    text[end - begin] = '\0';
    *path_at = end;
    if (!address_parse_port(text, COVEY_COAP_PORT, &t->path.peer) ||
        covey_address_is_group(&t->path.peer)) {
        return false;
    }
    t->peer = nodes_peer_of(g, &t->path);
    return t->peer != NULL;
}

static bool find_way(const struct gm *g, covey_bytes uri, struct gm_tell *t)
{
    const struct gm_node *n = &g->nodes[t->node];
    size_t at = 0;

    if (uri.len >= sizeof scheme - 1 &&
        memcmp(uri.ptr, scheme, sizeof scheme - 1) == 0) {
        if (!read_authority(g, uri, &at, t)) {
            return false;
        }
    } else if (n->peer == NULL) {
        return false;
    } else {
        t->peer = n->peer;
        t->path = n->path;
        t->path.group = false;
    }
    if (uri.len - at > COVEY_MANAGER_URI_MAX) {
        return false;
    }
    memcpy(t->uri, uri.ptr + at, uri.len - at);
    t->uri[uri.len - at] = '\0';
    return true;
}

/* --- sending ------------------------------------------------------------- */

static void put_path(covey_coap_composer *c, const char *path)
{
    while (*path != '\0') {
        const size_t len = strcspn(path, "/");
        if (len > 0) {
            covey_coap_put_option(c, COVEY_OPTION_URI_PATH,
                                  covey_bytes_of((const uint8_t *)path, len));
        }
        path += len + (path[len] == '/' ? 1 : 0);
    }
}

static void put_block1(covey_coap_composer *c, const covey_block *block,
                       size_t total)
{
    covey_coap_put_block(c, COVEY_OPTION_BLOCK1, block);
    if (block->num == 0) {
        covey_coap_put_uint(c, COVEY_OPTION_SIZE1, (uint32_t)total);
    }
}

static bool send_next(struct gm *g, covey_time now, struct gm_tell *t,
                      covey_bytes echo)
{
    const covey_endpoint_call call = {
        .path = t->path,
        .type = COVEY_COAP_CON,
        .code = t->evict ? COVEY_COAP_CODE(0, 4) : COVEY_COAP_CODE(0, 2),
        .protector = g->protectors[0],
        .context = &g->nodes[t->node].context,
        .patience = PATIENCE,
        .user = user_of(g, t),
    };
    covey_endpoint *e = peer_endpoint(t->peer);
    covey_fetch_request parts;
    covey_endpoint_sent sent;
    covey_draft draft;
    covey_writer w;

    if (covey_fetch_next(&t->fetch, &parts) != COVEY_OK) {
        return false;
    }
    w = peer_departure(t->peer);
    covey_endpoint_request_begin(e, &draft, &call, &w);
    put_path(&draft.composer, t->uri);
    if (!t->evict) {
        covey_coap_put_uint(&draft.composer, COVEY_OPTION_CONTENT_FORMAT,
                            COVEY_KEYING_FORMAT);
    }
    if (parts.has_block1) {
        put_block1(&draft.composer, &parts.block1, t->len);
    }
    if (echo.ptr != NULL) {
        covey_coap_put_option(&draft.composer, COVEY_OPTION_ECHO, echo);
    }
    covey_coap_put_payload(&draft.composer, parts.payload);
    if (covey_endpoint_request_send(e, now.mono, &draft, &call, &sent) !=
        COVEY_OK) {
        return false;
    }
    t->exchange = sent.exchange;
    t->until = now.mono + PATIENCE;
    peer_commit(t->peer, &sent, &w);
    return true;
}

/* False: it cannot be told now. */
static bool begin(struct gm *g, covey_time now,
                  const covey_manager_departure *to, struct gm_tell *t)
{
    const covey_bytes payload = to->answer.payload;
    const int node = nodes_named(g, to->node);
    covey_fetch_config config = { .buffer = t->answer,
                                  .cap = sizeof t->answer,
                                  .szx = SZX };

    if (node == GM_NONE) {
        return false;
    }
    t->node = (uint32_t)node;
    /* With the lease comes where the node was heard by whoever had it. */
    if (nodes_hold(g, t->node, false) != STORE_OK ||
        !find_way(g, to->uri, t)) {
        return false;
    }
    t->body = malloc(payload.len + 1);
    if (t->body == NULL) {
        return false;
    }
    t->len = payload.len;
    if (payload.len > 0) {
        memcpy(t->body, payload.ptr, payload.len);
        config.body = covey_bytes_of(t->body, t->len);
    }
    return covey_fetch_init(&t->fetch, &config) == COVEY_OK &&
           send_next(g, now, t, covey_bytes_of(NULL, 0));
}

/* Who observes gets its keys that way; if it has not acknowledged them when
 * it would be told again, it may have forgotten us. */
static bool is_notified(const struct gm *g, const covey_manager_departure *to)
{
    const covey_manager_member *m = &g->tables.members[(uint32_t)to->ref];
    const int node = nodes_named(g, to->node);

    return to->kind == COVEY_MANAGER_TELL && m->attempts == 1 &&
           node != GM_NONE && watch_has(g, (uint32_t)node, m->serial);
}

void tell_begin(struct gm *g, covey_time now,
                const covey_manager_departure *to)
{
    struct gm_tell *t = tell_new(g);
    const uint32_t row = (uint32_t)to->ref;

    if (t == NULL) {
        covey_manager_told(&g->manager, now, to->ref, false);
        return;
    }
    t->used = true;
    t->serial = ++g->serial;
    t->ref = to->ref;
    t->group = g->tables.members[row].serial;
    t->evict = to->kind == COVEY_MANAGER_EVICT;
    if (is_notified(g, to) || !begin(g, now, to, t)) {
        finish(g, now, t, false);
    }
}

/* --- how it went --------------------------------------------------------- */

static bool is_confirmed(const struct gm_tell *t,
                         const covey_coap_message *response)
{
    /* Who has no such resource any more knows that it is out. */
    return response->code >> 5 == 2 ||
           (t->evict && response->code == COVEY_COAP_CODE(4, 4));
}

void tell_response(struct gm *g, covey_time now, const covey_endpoint_in *in)
{
    struct gm_tell *t = tell_of(g, in->user);
    covey_bytes echo;

    if (t == NULL) {
        return;
    }
    if (covey_echo_repeat(&in->message, t->repeated, &echo)) {
        t->repeated = true;
        if (!send_next(g, now, t, echo)) {
            finish(g, now, t, false);
        }
        return;
    }
    switch (covey_fetch_response(&t->fetch, &in->message)) {
    case COVEY_FETCH_NEXT:
        if (!send_next(g, now, t, covey_bytes_of(NULL, 0))) {
            finish(g, now, t, false);
        }
        break;
    case COVEY_FETCH_DONE:
        finish(g, now, t, is_confirmed(t, &in->message));
        break;
    case COVEY_FETCH_FAILED:
        finish(g, now, t, false);
        break;
    }
}

void tell_ended(struct gm *g, covey_time now,
                const covey_endpoint_report *report)
{
    struct gm_tell *t = tell_of(g, report->user);

    /* An answer has been looked at already. */
    if (t == NULL || report->what == COVEY_ENDPOINT_ANSWERED ||
        t->exchange.row != report->exchange.row ||
        t->exchange.serial != report->exchange.serial) {
        return;
    }
    finish(g, now, t, false);
}

static void stop(struct gm *g, covey_time now, struct gm_tell *t, bool told)
{
    covey_endpoint *e = peer_endpoint(t->peer);
    const covey_exchange_ref exchange = t->exchange;

    if (told) {
        finish(g, now, t, false);
    } else {
        tell_free(t);
    }
    covey_endpoint_cancel(e, exchange);
}

void tell_stop(struct gm *g, covey_time now, uint16_t group, uint32_t node,
               bool told)
{
    for (uint32_t i = 0; i < g->tell_count; i++) {
        struct gm_tell *t = &g->tells[i];
        if (t->used && (group == 0 || t->group == group) &&
            (node == UINT32_MAX || t->node == node)) {
            stop(g, now, t, told);
        }
    }
}

void tell_expire(struct gm *g, covey_time now)
{
    for (uint32_t i = 0; i < g->tell_count; i++) {
        struct gm_tell *t = &g->tells[i];
        if (t->used && t->until <= now.mono) {
            stop(g, now, t, true);
        }
    }
}

covey_ms tell_deadline(const struct gm *g)
{
    covey_ms at = COVEY_NEVER;

    for (uint32_t i = 0; i < g->tell_count; i++) {
        if (g->tells[i].used) {
            at = covey_earlier(at, g->tells[i].until);
        }
    }
    return at;
}

void tell_forget_all(struct gm *g)
{
    for (uint32_t i = 0; i < g->tell_count; i++) {
        tell_free(&g->tells[i]);
    }
}
