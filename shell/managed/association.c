/* SPDX-License-Identifier: BSD-2-Clause */
#include "association.h"

#include "control.h"

#include <peer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SZX = 6, /* blocks of 1024 bytes */
    BLOCK = 1024,
    PATIENCE = 30000, /* ms, after the manager has acknowledged */
    EXCHANGES = 24,
    DUPLICATES = 64,
    ECHO_MAX = 40
};

struct association {
    association_options options;
    loop *loop;
    peer *peer;
    covey_path path;
    covey_oscore_context context;
    covey_oscore_protector protector;
    const covey_protector *protectors[1];
    control control;
    association_listener *listeners;
    association_call *first; /* the first one is under way, if `asking` */
    association_call *last;
    loop_alarm *begin;
    bool asking;
    covey_exchange_ref exchange;
    covey_fetch fetch;
    uint8_t *buffer;
    uint8_t echo[ECHO_MAX];
    size_t echo_len;
    bool repeated;
};

/* --- what the protector asks --------------------------------------------- */

static covey_oscore_context *find(void *user, covey_bytes kid,
                                  covey_bytes kid_context)
{
    association *a = user;
    const covey_oscore_parameters *p = &a->options.context->parameters;

    return covey_oscore_is_recipient(p, kid, kid_context) ? &a->context : NULL;
}

static covey_status store(void *user, const covey_oscore_context *context,
                          const covey_oscore_state *state)
{
    const association *a = user;

    (void)context;
    return a->options.keep == NULL || a->options.keep(a->options.user, state)
               ? COVEY_OK
               : COVEY_E_NOT_STORED;
}

/* --- asking -------------------------------------------------------------- */

static void compose(const association *a, const covey_member_request *r,
                    const covey_fetch_request *want, covey_coap_composer *c)
{
    for (size_t i = 0; i < r->segment_count; i++) {
        covey_coap_put_option(c, COVEY_OPTION_URI_PATH, r->segment[i]);
    }
    if (r->format != UINT16_MAX) {
        covey_coap_put_uint(c, COVEY_OPTION_CONTENT_FORMAT, r->format);
    }
    if (want->has_block2) {
        covey_coap_put_block(c, COVEY_OPTION_BLOCK2, &want->block2);
    }
    if (want->has_block1) {
        covey_coap_put_block(c, COVEY_OPTION_BLOCK1, &want->block1);
    }
    if (want->has_block1 && want->block1.num == 0) {
        covey_coap_put_uint(c, COVEY_OPTION_SIZE1, (uint32_t)r->payload.len);
    }
    if (a->echo_len > 0) {
        covey_coap_put_option(c, COVEY_OPTION_ECHO,
                              covey_bytes_of(a->echo, a->echo_len));
    }
    covey_coap_put_payload(c, want->payload);
}

static covey_endpoint_call call_of(association *a, uint8_t code)
{
    const covey_endpoint_call call = {
        .path = a->path,
        .type = COVEY_COAP_CON,
        .code = code,
        .protector = a->protectors[0],
        .context = &a->context,
        .patience = PATIENCE,
    };

    return call;
}

static covey_status send(association *a)
{
    const covey_member_request *r = &a->first->request;
    const covey_endpoint_call call = call_of(a, r->code);
    covey_endpoint *e = peer_endpoint(a->peer);
    covey_writer out = peer_departure(a->peer);
    covey_fetch_request want = { .payload = r->payload };
    covey_endpoint_sent sent;
    covey_draft d;
    covey_status st = covey_fetch_next(&a->fetch, &want);

    if (st != COVEY_OK) {
        return st;
    }
    covey_endpoint_request_begin(e, &d, &call, &out);
    compose(a, r, &want, &d.composer);
    st = covey_endpoint_request_send(e, loop_now().mono, &d, &call, &sent);
    if (st == COVEY_OK) {
        a->exchange = sent.exchange;
        peer_commit(a->peer, &sent, &out);
    }
    return st;
}

/* The first in the queue is done, and leaves it. */
static void finish(association *a, uint8_t code, covey_bytes body,
                   const char *reason)
{
    association_call *call = a->first;

    a->asking = false;
    a->first = call->next;
    if (a->first == NULL) {
        a->last = NULL;
    } else {
        loop_alarm_set(a->begin, 0);
    }
    call->waiting = false;
    call->done(call->user, code, body, reason);
}

static void send_next(association *a)
{
    const covey_bytes none = { NULL, 0 };
    const covey_status st = send(a);

    if (st != COVEY_OK) {
        finish(a, 0, none,
               st == COVEY_E_NOT_STORED ? "sequence numbers are not stored"
                                        : covey_status_text(st));
    }
}

static void on_begin(void *user)
{
    association *a = user;
    const covey_bytes none = { NULL, 0 };

    if (a->asking || a->first == NULL) {
        return;
    }
    const covey_bytes body = a->first->request.payload;
    const covey_fetch_config config = { .body = body.len > 0 ? body : none,
                                        .buffer = a->buffer,
                                        .cap = ASSOCIATION_BODY_MAX,
                                        .room = BLOCK,
                                        .szx = SZX };
    a->asking = true;
    a->echo_len = 0;
    a->repeated = false;
    if (covey_fetch_init(&a->fetch, &config) == COVEY_OK) {
        send_next(a);
    }
    peer_flush(a->peer, loop_now());
}

void association_ask(association *a, association_call *call)
{
    call->next = NULL;
    call->waiting = true;
    if (a->last != NULL) {
        a->last->next = call;
    } else {
        a->first = call;
        loop_alarm_set(a->begin, 0);
    }
    a->last = call;
}

void association_withdraw(association *a, association_call *call)
{
    association_call **at = &a->first;
    association_call *before = NULL;

    if (!call->waiting) {
        return;
    }
    call->waiting = false;
    if (a->first == call && a->asking) {
        covey_endpoint_cancel(peer_endpoint(a->peer), a->exchange);
        a->asking = false;
        loop_alarm_set(a->begin, 0);
    }
    while (*at != call) {
        before = *at;
        at = &before->next;
    }
    *at = call->next;
    if (a->last == call) {
        a->last = before;
    }
}

/* --- answers ------------------------------------------------------------- */

static bool same(covey_exchange_ref a, covey_exchange_ref b)
{
    return a.row == b.row && a.serial == b.serial;
}

static bool wants_echo(association *a, const covey_coap_message *m)
{
    covey_bytes value;

    if (!covey_echo_repeat(m, a->repeated, &value) ||
        value.len > sizeof a->echo) {
        a->echo_len = 0;
        return false;
    }
    memcpy(a->echo, value.ptr, value.len);
    a->echo_len = value.len;
    a->repeated = true;
    return true;
}

static void take(association *a, const covey_coap_message *m)
{
    const covey_bytes none = { NULL, 0 };

    if (wants_echo(a, m)) {
        send_next(a);
        return;
    }
    a->repeated = false;
    switch (covey_fetch_response(&a->fetch, m)) {
    case COVEY_FETCH_NEXT:
        send_next(a);
        return;
    case COVEY_FETCH_DONE:
        finish(a, m->code, covey_fetch_body(&a->fetch), "");
        return;
    case COVEY_FETCH_FAILED:
        break;
    }
    finish(a, 0, none, "the blocks of the answer do not fit together");
}

/* Older ones are refused by their Partial IV (RFC 8613 Section 7.4.1). */
static void take_notification(association_listener *l,
                              const covey_coap_message *m, bool last)
{
    const covey_bytes none = { NULL, 0 };
    uint32_t block = 0;
    const bool whole =
        !covey_option_sound_uint(m, COVEY_OPTION_BLOCK2, &block) ||
        (block & 8u) == 0;

    l->observing = l->observing && !last;
    l->notified(l->user, m->code >> 5 == 2 && whole ? m->payload : none);
}

static void on_response(void *user, peer *p, covey_time now,
                        const covey_endpoint_in *in)
{
    association *a = user;

    (void)p;
    (void)now;
    if (a->asking && same(in->exchange, a->exchange)) {
        take(a, &in->message);
        return;
    }
    for (association_listener *l = a->listeners; l != NULL; l = l->next) {
        if (l->observing && same(in->exchange, l->exchange)) {
            take_notification(l, &in->message, in->last);
            return;
        }
    }
}

/* Errors that nobody vouches for are as good as silence. */
static const char *reason_of(const covey_endpoint_report *report)
{
    switch (report->what) {
    case COVEY_ENDPOINT_TIMED_OUT:
        return "no answer";
    case COVEY_ENDPOINT_RESET:
        return "the message was rejected";
    case COVEY_ENDPOINT_UNPROTECTED:
        return "an error that is not protected: the manager may not know "
               "this association, or has seen its numbers before";
    case COVEY_ENDPOINT_UNDONE:
        return "the answer came in blocks that make no message";
    case COVEY_ENDPOINT_LOST:
        return "the connection was lost";
    case COVEY_ENDPOINT_ANSWERED:
    case COVEY_ENDPOINT_COLLECTED:
    case COVEY_ENDPOINT_CANCELLED:
    case COVEY_ENDPOINT_REPLY_ACKNOWLEDGED:
    case COVEY_ENDPOINT_REPLY_RESET:
    case COVEY_ENDPOINT_REPLY_TIMED_OUT:
        break;
    }
    return NULL;
}

static void on_report(void *user, peer *p, covey_time now,
                      const covey_endpoint_report *report)
{
    association *a = user;
    const covey_bytes none = { NULL, 0 };
    const char *reason = reason_of(report);

    (void)p;
    (void)now;
    if (reason == NULL) {
        return;
    }
    if (a->asking && same(report->exchange, a->exchange)) {
        finish(a, 0, none, reason);
        return;
    }
    for (association_listener *l = a->listeners; l != NULL; l = l->next) {
        if (l->observing && same(report->exchange, l->exchange)) {
            l->observing = false;
        }
    }
}

/* --- observing ----------------------------------------------------------- */

void association_listen(association *a, association_listener *listener)
{
    listener->next = a->listeners;
    listener->observing = false;
    a->listeners = listener;
}

static void stop_observing(association *a, association_listener *l)
{
    if (l->observing) {
        covey_endpoint_cancel(peer_endpoint(a->peer), l->exchange);
        l->observing = false;
    }
}

void association_forget(association *a, association_listener *listener)
{
    association_listener **at = &a->listeners;

    while (*at != NULL && *at != listener) {
        at = &(*at)->next;
    }
    if (*at != NULL) {
        stop_observing(a, listener);
        *at = listener->next;
    }
}

/* What came of it is seen by what comes: who observes looks at the version
 * now and then all the same. */
void association_observe(association *a, association_listener *listener)
{
    covey_endpoint_call call = call_of(a, COVEY_COAP_CODE(0, 1));
    covey_endpoint *e = peer_endpoint(a->peer);
    covey_endpoint_sent sent;
    covey_draft d;

    /* Under the same token, so that a manager that has not forgotten it has
     * one of us still (RFC 7641 Section 3.3.1). */
    if (listener->observing) {
        call.instead = listener->exchange;
    }
    covey_writer out = peer_departure(a->peer);
    covey_endpoint_request_begin(e, &d, &call, &out);
    covey_coap_put_uint(&d.composer, COVEY_OPTION_OBSERVE, 0);
    for (size_t i = 0; i < 2; i++) {
        covey_coap_put_option(&d.composer, COVEY_OPTION_URI_PATH,
                              listener->segment[i]);
    }
    if (covey_endpoint_request_send(e, loop_now().mono, &d, &call, &sent) ==
        COVEY_OK) {
        listener->exchange = sent.exchange;
        listener->observing = true;
        peer_commit(a->peer, &sent, &out);
    }
    peer_flush(a->peer, loop_now());
}

/* --- opening ------------------------------------------------------------- */

static void on_request(void *user, peer *p, covey_time now,
                       covey_endpoint_in *in)
{
    association *a = user;
    const control_call call = { p, now, in, a->listeners };

    control_take(&a->control, &call);
}

/* Whoever has a manager on this host hears nobody else. */
static covey_address local_of(const covey_address *manager)
{
    covey_address local = { .family = manager->family };

    if (covey_address_is_loopback(manager)) {
        memcpy(local.ip, manager->ip, sizeof local.ip);
    }
    return local;
}

static bool open_peer(association *a, char error[ASSOCIATION_ERROR_MAX])
{
    const peer_options options = {
        .local = local_of(&a->options.manager),
        .protectors = a->protectors,
        .protector_count = 1,
        .random = { a->options.crypto->random, a->options.crypto->provider },
        .requests = EXCHANGES,
        .duplicates = DUPLICATES,
        .outstanding = EXCHANGES,
        .on = { .request = on_request,
                .response = on_response,
                .report = on_report,
                .user = a },
    };

    a->peer = peer_open(a->loop, &options, error);
    return a->peer != NULL;
}

static covey_status start(association *a)
{
    const association_options *o = &a->options;
    const covey_oscore_start how = {
        .state = o->state,
        .ahead = o->ahead,
        .window_size = o->context->replay_window.size,
        .window_word_count = o->context->replay_window.word_count,
        .window_words = o->context->replay_window.words
    };

    a->protector.find = find;
    a->protector.store = store;
    a->protector.user = a;
    covey_oscore_protector_init(&a->protector);
    a->protectors[0] = &a->protector.protector;
    return covey_oscore_setup(&a->context, o->crypto, &o->context->parameters,
                              &how);
}

association *association_open(loop *l, const association_options *options,
                              char error[ASSOCIATION_ERROR_MAX])
{
    association *a = calloc(1, sizeof *a);
    covey_status st;

    snprintf(error, ASSOCIATION_ERROR_MAX, "out of memory");
    if (a == NULL) {
        return NULL;
    }
    a->options = *options;
    a->loop = l;
    a->path.peer = options->manager;
    a->buffer = malloc(ASSOCIATION_BODY_MAX);
    a->begin = loop_alarm_new(l, on_begin, a);
    if (a->buffer == NULL || a->begin == NULL ||
        !control_open(&a->control, options->crypto)) {
        association_close(a);
        return NULL;
    }
    st = start(a);
    if (st != COVEY_OK) {
        snprintf(error, ASSOCIATION_ERROR_MAX,
                 "no context can be derived: %s [%s]", covey_status_text(st),
                 covey_status_name(st));
    } else if (open_peer(a, error)) {
        return a;
    }
    association_close(a);
    return NULL;
}

void association_close(association *a)
{
    if (a == NULL) {
        return;
    }
    peer_close(a->peer);
    if (a->begin != NULL) {
        loop_alarm_end(a->begin);
    }
    if (a->buffer != NULL) {
        covey_wipe(a->buffer, ASSOCIATION_BODY_MAX);
    }
    free(a->buffer);
    control_close(&a->control);
    covey_oscore_drop(&a->context);
    free(a);
}

covey_address association_local(const association *a)
{
    return peer_local(a->peer);
}

covey_oscore_state association_exact(const association *a)
{
    const covey_oscore_state state = {
        .ssn = COVEY_OSCORE_SSN_END - covey_oscore_usage_of(&a->context).left,
        .window = covey_oscore_window_of(&a->context),
    };

    return state;
}
