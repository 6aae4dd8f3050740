/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests of nodes, and their answers: blocks, Echo and Observe stand around
 * what the manager decides. */
#include "gm.h"

#include <covey/coap_options.h>
#include <covey/keying.h>

#include <stdlib.h>
#include <string.h>

#define CODE(class_, detail) ((uint8_t)COVEY_COAP_CODE(class_, detail))

enum {
    SZX = 6,
    TITLE_MAX = 80,
    BODY_LIFE = 60000 /* ms */
};

static uint64_t absorb(uint64_t h, covey_bytes bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        h = (h ^ bytes.ptr[i]) * UINT64_C(0x100000001b3);
        h ^= h >> 29;
    }
    return h;
}

/* What the blocks of one exchange have in common: method, path and query. */
static uint64_t key_of(const covey_coap_message *m)
{
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_coap_option o;
    uint64_t h =
        absorb(UINT64_C(0xcbf29ce484222325), covey_bytes_of(&m->code, 1));

    while (covey_coap_option_next(&it, &o)) {
        const uint8_t head[2] = { (uint8_t)o.number, (uint8_t)o.value.len };
        if (o.number == COVEY_OPTION_URI_PATH ||
            o.number == COVEY_OPTION_URI_QUERY) {
            h = absorb(absorb(h, covey_bytes_of(head, sizeof head)), o.value);
        }
    }
    return h;
}

/* --- replies ------------------------------------------------------------- */

/* Of the same bytes it is the same. */
static void put_etag(const struct gm *g, covey_coap_composer *c,
                     covey_bytes body)
{
    const uint64_t tag = absorb(g->key, body);

    covey_coap_put_option(c, COVEY_OPTION_ETAG,
                          covey_bytes_of((const uint8_t *)&tag, sizeof tag));
}

static void put_answer(const struct gm *g, covey_coap_composer *c,
                       const struct gm_reply *r, const covey_slice *slice)
{
    const covey_manager_answer *a = r->answer;

    if (!slice->whole) {
        put_etag(g, c, a->payload);
    }
    if (r->has_observe) {
        covey_coap_put_uint(c, COVEY_OPTION_OBSERVE, r->observe);
    }
    for (size_t i = 0; i < a->location_count; i++) {
        covey_coap_put_option(c, COVEY_OPTION_LOCATION_PATH, a->location[i]);
    }
    if (a->format != COVEY_MANAGER_NO_FORMAT) {
        covey_coap_put_uint(c, COVEY_OPTION_CONTENT_FORMAT, a->format);
    }
    if (!slice->whole) {
        covey_coap_put_block(c, COVEY_OPTION_BLOCK2, &slice->block);
    }
    if (r->has_block1) {
        covey_coap_put_block(c, COVEY_OPTION_BLOCK1, &r->block1);
    }
    if (!slice->whole && slice->block.num == 0) {
        covey_coap_put_uint(c, COVEY_OPTION_SIZE2, (uint32_t)a->payload.len);
    }
    if (r->echo.ptr != NULL) {
        covey_coap_put_option(c, COVEY_OPTION_ECHO, r->echo);
    }
    covey_coap_put_payload(
        c, slice->len > 0
               ? covey_bytes_of(a->payload.ptr + slice->offset, slice->len)
               : covey_bytes_of(NULL, 0));
}

/* The rest of it is asked for block by block; answers to POST cannot be made
 * again for that. */
static void keep_body(struct gm *g, covey_time now, const struct gm_reply *r)
{
    struct gm_node *n = &g->nodes[r->node];
    uint8_t *bytes = malloc(r->answer->payload.len);

    nodes_body_drop(n);
    if (bytes == NULL) {
        return;
    }
    memcpy(bytes, r->answer->payload.ptr, r->answer->payload.len);
    n->body = (struct gm_body){ .bytes = bytes,
                                .len = r->answer->payload.len,
                                .key = r->key,
                                .code = r->answer->code,
                                .format = r->answer->format,
                                .until = now.mono + BODY_LIFE };
    g->sweep = covey_earlier(g->sweep, n->body.until);
}

static bool slice_of(struct gm *g, covey_time now, const struct gm_reply *r,
                     covey_slice *slice)
{
    const size_t len = r->answer->payload.len;
    const uint8_t szx = r->szx < SZX ? r->szx : SZX;
    const uint64_t offset = (uint64_t)r->num << (r->szx + 4);

    *slice = (covey_slice){ .whole = true, .len = (uint32_t)len };
    if (r->num == 0 && len <= (size_t)16 << szx) {
        return true;
    }
    if (covey_slice_at(slice, len, offset, szx, 0) != COVEY_OK) {
        return false;
    }
    slice->whole = false;
    if (r->num == 0 && r->node != UINT32_MAX) {
        keep_body(g, now, r);
    }
    return true;
}

void request_reply(struct gm *g, peer *p, covey_time now,
                   const covey_endpoint_request *request,
                   const struct gm_reply *reply)
{
    static const covey_manager_answer no_block = {
        .code = CODE(4, 0), .format = COVEY_MANAGER_NO_FORMAT
    };
    struct gm_reply r = *reply;
    covey_endpoint *e = peer_endpoint(p);
    covey_endpoint_sent sent;
    covey_slice slice;
    covey_draft draft;
    covey_writer w;

    if (!slice_of(g, now, &r, &slice)) {
        r.answer = &no_block;
        slice = (covey_slice){ .whole = true };
    }
    w = peer_departure(p);
    covey_endpoint_reply_begin(e, &draft, request, r.answer->code, &w);
    put_answer(g, &draft.composer, &r, &slice);
    /* What cannot be sent is as if it had been lost on its way. */
    if (covey_endpoint_reply_send(e, now.mono, &draft, r.how, &sent) ==
        COVEY_OK) {
        peer_commit(p, &sent, &w);
    }
}

static void reply_code(struct gm *g, peer *p, covey_time now,
                       const covey_endpoint_in *in, uint8_t code,
                       const struct gm_reply *like)
{
    uint8_t title[TITLE_MAX];
    covey_writer w = covey_writer_of(title, sizeof title);
    covey_manager_answer answer = { .code = code,
                                    .format = COVEY_MANAGER_NO_FORMAT };
    struct gm_reply reply = *like;

    /* Strangers are told no more than they have said, and what is kept for
     * further blocks stays. 2.31 (Continue) refuses nothing. */
    covey_keying_put_title(&w, covey_keying_code_text(code));
    if (code >> 5 != 2 && like->node != UINT32_MAX &&
        w.pos <= (size_t)16 << like->szx) {
        answer.format = COVEY_KEYING_FORMAT_PROBLEM;
        answer.payload = covey_written(&w);
    }
    reply.answer = &answer;
    reply.num = 0;
    request_reply(g, p, now, &in->request, &reply);
}

/* --- Echo ---------------------------------------------------------------- */

/* Authentic, but perhaps a replay: the window did not survive (RFC 8613
 * Appendix B.1.2). */
static bool is_fresh(struct gm *g, peer *p, covey_time now,
                     covey_endpoint_in *in)
{
    uint8_t value[COVEY_ECHO_LEN];
    struct gm_reply reply = { .node = UINT32_MAX, .szx = SZX };

    if (covey_echo_is_fresh(&g->echo, now.mono, &in->request.path, 0,
                            &in->message, GM_ECHO_AGE)) {
        return covey_endpoint_recover(peer_endpoint(p), now.mono, in) ==
               COVEY_OK;
    }
    if (covey_echo_challenge(&g->echo, now.mono, &in->request.path, 0,
                             GM_ECHO_AGE, value) == COVEY_OK) {
        reply.echo = covey_bytes_of(value, sizeof value);
        reply_code(g, p, now, in, CODE(4, 1), &reply);
    }
    return false;
}

/* --- tickets ------------------------------------------------------------- */

static uint64_t user_of(const struct gm *g, const struct gm_ticket *t)
{
    return (uint64_t)t->serial << 32 | (uint32_t)(t - g->tickets);
}

static struct gm_ticket *ticket_new(struct gm *g)
{
    for (uint32_t i = 0; i < g->tables.pending_count; i++) {
        struct gm_ticket *t = &g->tickets[i];
        if (!t->used) {
            t->serial = ++g->serial;
            return t;
        }
    }
    return NULL;
}

void request_forget_all(struct gm *g)
{
    for (uint32_t i = 0; i < g->tables.pending_count; i++) {
        g->tickets[i].used = false;
    }
}

void request_answer(struct gm *g, covey_time now,
                    const covey_manager_answer *answer)
{
    const uint32_t at = (uint32_t)answer->user;
    struct gm_ticket *t;
    struct gm_reply reply;

    if (answer->user == GM_OURS) {
        g->local_code = answer->code;
        return;
    }
    t = &g->tickets[at];
    if (at >= g->tables.pending_count || !t->used ||
        user_of(g, t) != answer->user) {
        return;
    }
    t->used = false;
    g->nodes[t->node].busy--;
    reply = t->reply;
    reply.answer = answer;
    if (answer->code >> 5 != 2) {
        audit_refusal(g, &t->request.path, t->node, answer);
    }
    request_reply(g, t->peer, now, &t->request, &reply);
}

/* --- requests ------------------------------------------------------------ */

/* The group that a path leads to; 0: none. */
static uint16_t group_of(const struct gm *g, const covey_coap_message *m)
{
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_coap_option o;
    size_t at = 0;

    while (covey_coap_option_next(&it, &o)) {
        if (o.number != COVEY_OPTION_URI_PATH || at++ != 1) {
            continue;
        }
        for (uint32_t i = 0; i < g->tables.group_count; i++) {
            const covey_manager_group *row = &g->tables.groups[i];
            if (row->serial != 0 &&
                covey_bytes_equal(o.value,
                                  covey_bytes_of((const uint8_t *)row->name,
                                                 row->name_len))) {
                return row->serial;
            }
        }
    }
    return 0;
}

static void observe(struct gm *g, peer *p, covey_time now,
                    const covey_endpoint_in *in, bool observable,
                    struct gm_reply *reply)
{
    uint32_t value;

    if (in->message.code != CODE(0, 1) ||
        !covey_option_sound_uint(&in->message, COVEY_OPTION_OBSERVE, &value)) {
        return;
    }
    if (value == 0 && observable && reply->num == 0) {
        watch_add(g, p, now, in, group_of(g, &in->message), reply);
    } else if (value == 1) {
        watch_cancel(g, in);
    }
}

/* The manager may want to store something first. */
static covey_status ask(struct gm *g, covey_time now,
                        const covey_manager_request *request,
                        covey_manager_answer *answer)
{
    covey_status st = COVEY_E_NOT_STORED;

    for (int attempt = 0; attempt < 3 && !g->stale &&
                          (st == COVEY_E_NOT_STORED || st == COVEY_E_ROOM);
         attempt++) {
        covey_writer out = covey_writer_of(g->out, g->out_len);
        if (attempt > 0) {
            gm_pump(g, now);
        }
        st = covey_manager_receive(&g->manager, now, request, answer, &out);
    }
    return st;
}

/* "You are no member", "there is no such member": where managers share a store
 * what another one has written is known here a moment after it. So nobody is
 * refused for it before the store itself has said so. */
static covey_status ask_store(struct gm *g, covey_time now,
                              const covey_manager_request *request,
                              covey_manager_answer *answer)
{
    covey_status st = ask(g, now, request, answer);

    if (st == COVEY_OK && store_fd(g->store) >= 0 &&
        (answer->code == CODE(4, 3) || answer->code == CODE(4, 4))) {
        st = groups_follow(g, now) == STORE_OK ? ask(g, now, request, answer)
                                               : COVEY_E_NOT_STORED;
    }
    return st;
}

static void decide(struct gm *g, peer *p, covey_time now,
                   covey_endpoint_in *in, covey_bytes body,
                   const struct gm_reply *reply)
{
    covey_coap_message m = in->message;
    struct gm_ticket *t = ticket_new(g);
    covey_manager_request request = { .message = &m };
    covey_manager_answer answer;
    struct gm_reply full;

    m.payload = body;
    if (t == NULL) {
        gm_pump(g, now);
        t = ticket_new(g);
    }
    if (t == NULL) {
        reply_code(g, p, now, in, CODE(5, 3), reply);
        return;
    }
    request.user = user_of(g, t);
    if (reply->node != UINT32_MAX) {
        request.node = g->tables.nodes[reply->node].name;
    }
    if (ask_store(g, now, &request, &answer) != COVEY_OK) {
        reply_code(g, p, now, in, CODE(5, 3), reply);
        return;
    }
    if (answer.code == 0) {
        t->used = true;
        t->node = reply->node;
        t->peer = p;
        t->request = in->request;
        t->reply = *reply;
        g->nodes[t->node].busy++;
        return;
    }
    if (answer.code >> 5 != 2) {
        audit_refusal(g, &in->request.path, reply->node, &answer);
    }
    full = *reply;
    full.answer = &answer;
    observe(g, p, now, in, answer.observable, &full);
    request_reply(g, p, now, &in->request, &full);
}

/* A further block of an answer. True: that was all that was asked. */
static bool continue_body(struct gm *g, peer *p, covey_time now,
                          const covey_endpoint_in *in,
                          const struct gm_reply *reply)
{
    const struct gm_node *n = &g->nodes[reply->node];
    covey_manager_answer answer = { .code = n->body.code,
                                    .format = n->body.format };
    struct gm_reply full = *reply;

    if (reply->num == 0) {
        return false;
    }
    if (n->body.bytes != NULL && n->body.key == reply->key) {
        answer.payload = covey_bytes_of(n->body.bytes, n->body.len);
        full.answer = &answer;
        request_reply(g, p, now, &in->request, &full);
        return true;
    }
    if (in->message.code == CODE(0, 1) || in->message.code == CODE(0, 5)) {
        return false;
    }
    reply_code(g, p, now, in, CODE(4, 8), reply);
    return true;
}

static void take_secured(struct gm *g, peer *p, covey_time now,
                         covey_endpoint_in *in)
{
    const uint32_t node = nodes_of_context(g, in->request.security.context);
    struct gm_reply reply = { .node = node,
                              .key = key_of(&in->message),
                              .szx = SZX };
    covey_upload upload;
    covey_block block;
    uint8_t code;

    nodes_heard(g, node, p, &in->request.path);
    if (covey_option_sound_block(&in->message, COVEY_OPTION_BLOCK2, &block)) {
        reply.szx = block.szx < SZX ? block.szx : SZX;
        reply.num = block.num;
    }
    if (continue_body(g, p, now, in, &reply)) {
        return;
    }
    code = covey_uploads_receive(&g->uploads, now.mono, &in->request.path,
                                 node + 1, &in->message, &upload);
    reply.has_block1 = upload.has_block1;
    reply.block1 = upload.block1;
    if (code != 0) {
        reply_code(g, p, now, in, code, &reply);
        return;
    }
    decide(g, p, now, in, upload.body, &reply);
}

void request_take(struct gm *g, peer *p, covey_time now, covey_endpoint_in *in)
{
    struct gm_reply reply = { .node = UINT32_MAX, .szx = SZX };

    if (in->kind == COVEY_ENDPOINT_CHALLENGE && !is_fresh(g, p, now, in)) {
        return;
    }
    if (in->request.security.protector != NULL) {
        take_secured(g, p, now, in);
        return;
    }
    const covey_manager_answer unprotected = { .code = CODE(4, 1) };
    audit_refusal(g, &in->request.path, UINT32_MAX, &unprotected);
    reply_code(g, p, now, in, CODE(4, 1), &reply);
}
