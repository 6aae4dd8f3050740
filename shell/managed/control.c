/* SPDX-License-Identifier: BSD-2-Clause */
#include "control.h"

#include <string.h>

#define CODE(class_, detail) ((uint8_t)COVEY_COAP_CODE(class_, detail))

bool control_open(control *c, const covey_crypto *crypto)
{
    uint8_t secret[sizeof c->uploads.secret];
    covey_writer w = covey_writer_of(secret, sizeof secret);

    c->uploads.rows = c->rows;
    c->uploads.storage = c->storage;
    c->uploads.count = CONTROL_BODIES;
    c->uploads.slot = ASSOCIATION_NEWS_MAX;
    c->uploads.expiry = 247000;
    c->uploads.szx = 6;
    if (crypto->random(crypto->provider, &w) != COVEY_OK) {
        return false;
    }
    memcpy(&c->uploads.secret, secret, sizeof secret);
    return true;
}

void control_close(control *c)
{
    covey_wipe(c->storage, sizeof c->storage);
}

/* "/name/group" of two segments. */
static bool is_at(const association_listener *l, const covey_coap_message *m)
{
    const char *rest = l->path;
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_coap_option o;

    while (covey_coap_option_next(&it, &o)) {
        if (o.number != COVEY_OPTION_URI_PATH) {
            continue;
        }
        if (rest[0] != '/' || strlen(rest) < o.value.len + 1 ||
            memcmp(rest + 1, o.value.ptr, o.value.len) != 0) {
            return false;
        }
        rest += o.value.len + 1;
    }
    return rest[0] == '\0';
}

static const association_listener *listener_of(const control_call *call)
{
    const association_listener *l = call->listeners;

    while (l != NULL && !is_at(l, &call->in->message)) {
        l = l->next;
    }
    return l;
}

/* 4.02 for what would have to be understood (RFC 7252 Section 5.4.1). */
static bool is_understood(const covey_coap_message *m)
{
    static const uint16_t known[] = { COVEY_OPTION_URI_PATH,
                                      COVEY_OPTION_CONTENT_FORMAT,
                                      COVEY_OPTION_BLOCK1 };
    uint16_t number;

    return covey_option_screen(m, known, sizeof known / sizeof known[0],
                               &number) == COVEY_OK;
}

static uint8_t answer(control *c, const control_call *call,
                      covey_upload *upload)
{
    const covey_coap_message *m = &call->in->message;
    const association_listener *l;
    uint8_t code;

    if (call->in->request.security.protector == NULL) {
        return CODE(4, 1);
    }
    l = listener_of(call);
    if (l == NULL) {
        return CODE(4, 4);
    }
    if (m->code != CODE(0, 2) && m->code != CODE(0, 4)) {
        return CODE(4, 5);
    }
    if (!is_understood(m)) {
        return CODE(4, 2);
    }
    code = covey_uploads_receive(&c->uploads, call->now.mono,
                                 &call->in->request.path, 0, m, upload);
    return code != 0 ? code : l->control(l->user, m->code, upload->body);
}

void control_take(control *c, const control_call *call)
{
    const covey_endpoint_request *r = &call->in->request;
    covey_endpoint *e = peer_endpoint(call->peer);
    covey_upload upload = { .has_block1 = false };
    covey_endpoint_sent sent;
    uint8_t bytes[4];
    covey_bytes block;
    covey_draft d;
    uint8_t code;

    if (call->in->kind != COVEY_ENDPOINT_REQUEST) {
        covey_endpoint_reject(e, r); /* our window is always stored */
        return;
    }
    code = answer(c, call, &upload);
    covey_writer out = peer_departure(call->peer);
    covey_endpoint_reply_begin(e, &d, r, code, &out);
    if (upload.has_block1 &&
        covey_block_encode(&upload.block1, bytes, &block) == COVEY_OK) {
        covey_coap_put_option(&d.composer, COVEY_OPTION_BLOCK1, block);
    }
    if (covey_endpoint_reply_send(e, call->now.mono, &d, NULL, &sent) ==
        COVEY_OK) {
        peer_commit(call->peer, &sent, &out);
    }
}
