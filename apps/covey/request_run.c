/* SPDX-License-Identifier: BSD-2-Clause */
/* What the client tells, and one address after the other. */
#include "request_run.h"

#include "cmd.h"
#include "request_exchange.h"
#include "request_many.h"
#include "request_rest.h"

#include <stdlib.h>
#include <string.h>
#include <system_address.h>

enum {
    COLLECT_MARGIN = 1000 /* ms for the way, beside the leisure */
};

/* --- what the client tells ----------------------------------------------- */

static void on_response(void *user, const covey_path *path,
                        const covey_endpoint_in *in)
{
    struct request_run *r = user;

    if (r->leaving) {
        return;
    }
    r->opened = in->opened;
    if (in->opened.kind != COVEY_REPLY_OPEN) {
        request_trace_message(r, "received", path, &in->message);
    }
    if (r->path.group || r->many) {
        request_many_take(r, path, in);
        return;
    }
    loop_alarm_set(r->timeout, COVEY_NEVER);
    if (request_repeat_with_echo(r, in)) {
        return;
    }
    r->repeated = false;
    if (request_many_retry(r, &in->message)) {
        return;
    }
    if (in->last) {
        if (in->exchange.serial == r->first.serial) {
            r->registered = false; /* or never was */
            loop_alarm_set(r->stale, COVEY_NEVER);
        } else {
            r->follows = false;
        }
    } else if (!request_take_notification(r, &in->message)) {
        return;
    }
    request_take(r, path, in->message);
}

/* Nothing has come for longer than the last value was good for: perhaps the
 * server has forgotten us. Under the same token, so that one that has not has
 * one observation still (RFC 7641 Section 3.3.1). */
static void on_stale(void *user)
{
    struct request_run *r = user;

    r->older = r->first;
    r->registered = false;
    request_begin(r);
    request_send_next(r, &r->first);
}

static void on_pong(struct request_run *r)
{
    const struct request_answer answer = { .origin = r->path.peer,
                                           .delay =
                                               loop_now().mono - r->sent };

    request_report_pong(r->args, &answer);
    request_finish(r, EXIT_DONE);
}

static void on_silence(struct request_run *r)
{
    const covey_ms waited = loop_now().mono - r->sent;
    char peer[ADDRESS_TEXT_MAX];

    request_finish(r, request_fail(r->args, EXIT_IO,
                                   "no answer from %s in %llu.%llu s",
                                   address_text(&r->path.peer, peer),
                                   (unsigned long long)(waited / 1000),
                                   (unsigned long long)(waited % 1000 / 100)));
}

/* Who could not open the request may say so, and so may anybody else. */
static void on_unprotected(struct request_run *r, uint8_t code)
{
    char text[REQUEST_CODE_TEXT];

    request_finish(
        r, request_fail(r->args, EXIT_NEGATIVE,
                        "%s, not protected, so that nobody vouches for "
                        "it: the %s did not open the request (RFC 8613 "
                        "Section 8.2)%s%s",
                        request_code_text(code, text),
                        r->args->proxy != NULL ? "server or proxy" : "server",
                        r->args->unopened != NULL ? "; " : "",
                        r->args->unopened != NULL ? r->args->unopened : ""));
}

static void tell_unobservable(const struct request_run *r)
{
    if (r->args->verb->kind == REQUEST_OBSERVE) {
        request_fail(r->args, EXIT_DONE,
                     "not observable: these are the only answers");
    }
}

static void on_ended(void *user, const covey_endpoint_report *report)
{
    struct request_run *r = user;
    char peer[ADDRESS_TEXT_MAX];

    if ((r->path.group || r->many || r->leaving) &&
        report->exchange.serial != r->first.serial) {
        request_rest_ended(r, report);
        return; /* what one member was asked besides */
    }
    if (r->leaving) {
        loop_stop(r->loop);
        return;
    }
    switch (report->what) {
    case COVEY_ENDPOINT_ANSWERED:
    case COVEY_ENDPOINT_CANCELLED:
    case COVEY_ENDPOINT_LOST:
    case COVEY_ENDPOINT_REPLY_ACKNOWLEDGED:
        break;
    case COVEY_ENDPOINT_COLLECTED:
        if (r->args->has_collect && r->args->collect == 0) {
            request_finish(r, EXIT_DONE); /* nobody was to answer */
        } else if (request_rest_waits(r)) {
            break;
        } else if (r->answers == 0) {
            on_silence(r);
        } else {
            tell_unobservable(r);
            request_finish(r, request_verdict(r));
        }
        break;
    case COVEY_ENDPOINT_TIMED_OUT:
    case COVEY_ENDPOINT_REPLY_TIMED_OUT:
        on_silence(r);
        break;
    case COVEY_ENDPOINT_RESET:
        request_finish(r,
                       request_fail(r->args, EXIT_IO,
                                    "%s rejects the message (Reset, RFC 7252 "
                                    "Section 4.2)",
                                    address_text(&r->path.peer, peer)));
        break;
    case COVEY_ENDPOINT_UNPROTECTED:
        on_unprotected(r, report->code);
        break;
    case COVEY_ENDPOINT_UNDONE:
        request_finish(
            r, request_fail(r->args, EXIT_NEGATIVE,
                            "somebody on the way has cut the answer into "
                            "blocks that do not make a message again (RFC "
                            "8613 Section 4.1.3.4.2)"));
        break;
    case COVEY_ENDPOINT_REPLY_RESET:
        on_pong(r);
        break;
    }
}

static void on_unreachable(void *user, const covey_path *path)
{
    struct request_run *r = user;
    char peer[ADDRESS_TEXT_MAX];

    if (!r->path.group && !r->leaving &&
        covey_address_equal(&path->peer, &r->path.peer)) {
        r->gone = true;
        request_finish(
            r, request_fail(r->args, EXIT_IO,
                            "nobody is at %s: the network says that it "
                            "cannot be reached (ICMP)",
                            address_text(&r->path.peer, peer)));
    }
}

static void on_unsendable(void *user, int reason)
{
    struct request_run *r = user;
    char peer[ADDRESS_TEXT_MAX];

    r->gone = true;
    request_finish(r, request_fail(r->args, EXIT_IO, "%s: %s",
                                   address_text(&r->path.peer, peer),
                                   strerror(reason)));
}

static bool is_empty_ack(covey_bytes datagram)
{
    covey_coap_message m;

    return covey_coap_parse(&m, datagram) == COVEY_OK &&
           m.type == COVEY_COAP_ACK && m.code == COVEY_COAP_EMPTY;
}

static void on_datagram(void *user, bool sent, const covey_path *path,
                        covey_bytes bytes)
{
    const struct request_run *r = user;
    const struct request_trace t = { sent ? "sent" : "received", path->peer,
                                     loop_now().mono - r->began,
                                     r->path.transport == COVEY_TCP ||
                                         r->path.transport == COVEY_TLS };

    if (r->args->explain) {
        request_trace_datagram(r->args, &t, bytes);
    }
    if (r->leaving && !sent && is_empty_ack(bytes)) {
        loop_stop(r->loop); /* the proxy knows, and nobody will answer */
    }
}

static void start(struct request_run *r);

static void on_ready(void *user)
{
    struct request_run *r = user;

    r->connected = true;
    start(r);
}

static void on_closed(void *user, const char *reason)
{
    struct request_run *r = user;
    char peer[ADDRESS_TEXT_MAX];

    if (r->finished) {
        return; /* it was the last that we wanted of it */
    }
    r->gone = !r->connected;
    request_finish(r,
                   request_fail(r->args, EXIT_IO, "the connection with %s: %s",
                                address_text(&r->path.peer, peer), reason));
}

static void on_packet(void *user, bool sent, const covey_path *path,
                      covey_bytes bytes)
{
    const struct request_run *r = user;
    const struct request_trace t = { .what = sent ? "sent" : "received",
                                     .peer = path->peer,
                                     .at = loop_now().mono - r->began };

    if (r->args->explain) {
        request_trace_packet(r->args, &t, r->schc, bytes);
    }
}

static void on_timeout(void *user)
{
    on_silence(user);
}

static void on_duration(void *user)
{
    struct request_run *r = user;

    request_finish(r, request_verdict(r));
}

/* --- one address --------------------------------------------------------- */

static bool has_option(const struct coap_draft *d, uint16_t number)
{
    for (size_t i = 0; i < d->option_count; i++) {
        if (d->options[i].number == number) {
            return true;
        }
    }
    return false;
}

/* The rules have said themselves what is wrong with them. */
static bool open_schc(struct request_run *r, char error[CLIENT_ERROR_MAX])
{
    const schc_link_options options = {
        .rules = r->args->schc,
        .sends = r->args->schc_up ? COVEY_SCHC_UP : COVEY_SCHC_DOWN,
        .message_max = CLIENT_MESSAGE_MAX,
    };

    if (r->args->schc != NULL) {
        r->schc = schc_link_open(&options, stderr);
        snprintf(error, CLIENT_ERROR_MAX, "%s: no rules of a link",
                 r->args->schc);
    }
    return r->args->schc == NULL || r->schc != NULL;
}

static bool open_all(struct request_run *r, char error[CLIENT_ERROR_MAX])
{
    if (!open_schc(r, error)) {
        return false;
    }
    const client_options options = {
        .transport = (covey_transport)r->path.transport,
        .peer = r->path.peer,
        .dtls = r->dtls,
        .tls = r->tls,
        .server_name = r->server_name,
        .family = (covey_family)r->path.peer.family,
        .interface = r->path.interface,
        .crypto = r->crypto,
        .protectors = r->layers->protectors,
        .protector_count = r->layers->protector_count,
        .schc = r->schc,
        .token_len = r->args->token_len,
        .message_id_bits = r->args->message_id_bits,
        .message_id_first = r->args->message_id_first,
        .on = { .response = on_response,
                .ended = on_ended,
                .unreachable = on_unreachable,
                .unsendable = on_unsendable,
                .ready = on_ready,
                .closed = on_closed,
                .datagram = on_datagram,
                .packet = on_packet,
                .user = r },
    };

    snprintf(error, CLIENT_ERROR_MAX, "out of memory or descriptors");
    r->loop = request_oscore_loop(&r->layers->end);
    r->own_loop = r->loop == NULL;
    if (r->own_loop) {
        r->loop = loop_new();
    }
    if (r->loop == NULL || (r->own_loop && !loop_stop_on_signals(r->loop))) {
        return false;
    }
    r->timeout = loop_alarm_new(r->loop, on_timeout, r);
    r->duration = loop_alarm_new(r->loop, on_duration, r);
    r->stale = loop_alarm_new(r->loop, on_stale, r);
    r->buffer = malloc(REQUEST_BODY_MAX);
    if (r->timeout == NULL || r->duration == NULL || r->stale == NULL ||
        r->buffer == NULL) {
        return false;
    }
    r->client = client_open(r->loop, &options, error);
    return r->client != NULL;
}

/* The time begins when the connection is wanted. */
static void set_alarms(struct request_run *r)
{
    r->began = loop_now().mono;
    r->sent = r->began;
    if (r->args->timeout != 0 && !r->path.group && !r->many) {
        loop_alarm_set(r->timeout, r->began + r->args->timeout);
    }
    if (r->args->duration != 0) {
        loop_alarm_set(r->duration, r->began + r->args->duration);
    }
}

static void start(struct request_run *r)
{
    if (r->args->verb->kind == REQUEST_PING) {
        r->sent = loop_now().mono;
        const covey_status st = client_ping(r->client, &r->path);
        if (st != COVEY_OK) {
            request_explain_send(r, st);
        }
        return;
    }
    request_begin(r);
    request_send_next(r, &r->first);
}

/* Stopped by a signal: an observation has its answers, others do not. */
static void judge_signal(struct request_run *r)
{
    if (loop_signal(r->loop) == 0) {
        return;
    }
    request_progress_end(&r->progress);
    r->status = request_verdict(r);
    if (r->answers == 0) {
        request_fail(r->args, EXIT_IO, "stopped before an answer came");
    }
}

/* One that others still need lives on, without our alarms. */
static void close_loop(const struct request_run *r)
{
    if (r->own_loop) {
        loop_free(r->loop);
        return;
    }
    loop_alarm_end(r->timeout);
    loop_alarm_end(r->duration);
    loop_alarm_end(r->stale);
}

static int attempt(struct request_run *r)
{
    char error[CLIENT_ERROR_MAX];

    if (open_all(r, error)) {
        set_alarms(r);
        if (r->path.transport == COVEY_UDP) {
            start(r);
        }
        loop_run(r->loop);
        judge_signal(r);
        request_many_leave(r);
    } else {
        r->status = request_fail(r->args, EXIT_IO, "%s", error);
    }
    request_trace_link(r->args, r->schc);
    request_rest_free(r);
    client_close(r->client);
    schc_link_close(r->schc);
    close_loop(r);
    free(r->buffer);
    return r->status;
}

int request_run(struct request_args *a, const struct request_target *target,
                struct request_layers *layers, const covey_crypto *crypto)
{
    const uint32_t collect =
        covey_reply_leisure(request_oscore_is_group(&layers->end)
                                ? COVEY_REPLY_GROUP_MODE
                                : COVEY_REPLY_OPEN) +
        COLLECT_MARGIN;
    int status = EXIT_IO;
    bool gone = true;

    if (target->many) {
        request_proxy_wait(a, collect);
    }
    coap_draft_sort(&a->draft);
    for (size_t i = 0; i < target->count && gone; i++) {
        struct request_run *r = calloc(1, sizeof *r);
        if (r == NULL) {
            return request_fail(a, EXIT_IO, "out of memory");
        }
        r->args = a;
        r->layers = layers;
        r->collect = collect;
        r->crypto = crypto;
        r->path.peer = target->addresses[i];
        r->path.interface = target->interface;
        r->path.group = target->group;
        r->many = target->many;
        r->path.transport = (uint8_t)target->transport;
        r->dtls = target->dtls;
        r->tls = target->tls;
        r->server_name = target->named ? target->host : NULL;
        r->manual = has_option(&a->draft, COVEY_OPTION_BLOCK1) ||
                    has_option(&a->draft, COVEY_OPTION_BLOCK2);
        status = attempt(r);
        gone = r->gone;
        free(r);
    }
    return status;
}
