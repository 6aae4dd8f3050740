/* SPDX-License-Identifier: BSD-2-Clause */
#include "request_many.h"

#include "cmd.h"
#include "request_rest.h"

#include <system_address.h>

/* A member of the group that does not know our numbers yet. */
static bool is_late_joiner(const struct request_run *r,
                           const covey_endpoint_in *in, covey_bytes *echo)
{
    return in->opened.member && in->exchange.serial == r->first.serial &&
           covey_echo_repeat(&in->message, false, echo);
}

/* Who of many it is from. What a proxy says of itself has no origin. */
static bool find_origin(struct request_run *r, const covey_endpoint_in *in,
                        covey_proxy_origin *origin)
{
    struct request_origin *told = &r->layers->origin;
    const bool known = told->known;

    if (in->user > 0) { /* one that was asked alone */
        *origin = r->servers.list[in->user - 1].origin;
        return true;
    }
    if (told->inner == NULL) { /* not protected end to end */
        return covey_proxy_origin_find(origin, &in->message, told->group_port);
    }
    *origin = told->origin;
    told->known = false;
    return known && in->opened.layers != 1;
}

/* The proxy refuses, or cannot go on. */
static void on_proxy_error(struct request_run *r, const covey_path *path,
                           const covey_coap_message *m)
{
    const covey_bytes why = m->payload;
    char peer[ADDRESS_TEXT_MAX];
    char code[REQUEST_CODE_TEXT];
    const bool shown = coap_is_printable(why) && why.len > 0;

    if (r->args->json) {
        const struct request_peer proxy = { path, NULL };
        request_report(r, &proxy, m);
    }
    request_finish(
        r, request_fail(r->args, EXIT_NEGATIVE, "the proxy at %s: %s%s%.*s",
                        address_text(&path->peer, peer),
                        request_code_text(m->code, code), shown ? ": " : "",
                        shown ? (int)why.len : 0, (const char *)why.ptr));
}

/* Newer than all that this server has said before? */
static bool is_news(struct request_run *r, const covey_proxy_origin *origin,
                    const covey_coap_message *m)
{
    struct request_server *s = request_servers_get(&r->servers, origin);
    uint32_t observe = 0;

    return s == NULL ||
           !covey_option_sound_uint(m, COVEY_OPTION_OBSERVE, &observe) ||
           covey_observation_fresh(&s->observation, observe, loop_now().mono);
}

static bool is_enough(const struct request_run *r)
{
    return r->args->count != 0 && r->answers >= r->args->count;
}

/* As it is. */
static void list(struct request_run *r, const struct request_peer *peer,
                 const covey_coap_message *m)
{
    r->registered |=
        r->many && m->code >> 5 == 2 && covey_oscore_has_observe(m);
    request_report(r, peer, m);
    if (is_enough(r)) {
        request_finish(r, request_verdict(r));
    }
}

void request_many_take(struct request_run *r, const covey_path *path,
                       const covey_endpoint_in *in)
{
    covey_proxy_origin origin;
    struct request_peer peer = { path, NULL };
    covey_bytes echo;

    if (r->finished || request_rest_take(r, path, in)) {
        return; /* the rest of a batch, or of an answer */
    }
    if (r->many && find_origin(r, in, &origin)) {
        peer.origin = &origin;
    } else if (r->many && in->message.code >> 5 != 2) {
        if (!request_repeat_with_echo(r, in)) {
            on_proxy_error(r, path, &in->message);
        }
        return;
    }
    if (peer.origin != NULL && !is_news(r, &origin, &in->message)) {
        return;
    }
    if (is_late_joiner(r, in, &echo) &&
        request_send_echo(r, &peer, in->opened.sender, echo)) {
        return;
    }
    if (request_rest_begin(r, path, in)) {
        return;
    }
    list(r, &peer, &in->message);
}

/* --- a proxy that nobody knew of ----------------------------------------- */

/* draft-ietf-core-groupcomm-proxy-07 Section 8: what was asked for are the
 * resources of a group. */
bool request_many_retry(struct request_run *r, const covey_coap_message *m)
{
    covey_bytes timeout;

    if (r->args->proxy != NULL || !r->args->has_collect || r->many ||
        m->code != COVEY_COAP_CODE(4, 0) ||
        !covey_option_sound(m, COVEY_OPTION_MULTICAST_TIMEOUT, &timeout) ||
        timeout.len != 0) {
        return false;
    }
    r->many = true;
    r->args->profile = COVEY_PROXY_07;
    request_proxy_wait(r->args, r->args->collect);
    coap_draft_sort(&r->args->draft);
    request_begin(r);
    request_send_next(r, &r->first);
    return true;
}

/* --- the end ------------------------------------------------------------- */

/* A proxy that still collects or observes is told that nobody wants it. The
 * seed has no word to end a collection early. */
void request_many_leave(struct request_run *r)
{
    const bool observes = r->args->verb->kind == REQUEST_OBSERVE;

    if ((r->args->proxy == NULL && !r->many) || r->gone ||
        !(observes ? r->registered : r->many && loop_signal(r->loop) != 0)) {
        return;
    }
    if ((observes || r->args->profile == COVEY_PROXY_07) &&
        request_send_end(r)) {
        loop_alarm_set(r->timeout, COVEY_NEVER);
        loop_alarm_set(r->duration, loop_now().mono + REQUEST_MARGIN);
        loop_alarm_set(r->stale, COVEY_NEVER);
        loop_run(r->loop);
    }
}
