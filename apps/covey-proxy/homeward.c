/* SPDX-License-Identifier: BSD-2-Clause */
/* What comes back from servers. */
#include "proxy.h"

#define CODE(class_, detail) ((uint8_t)COVEY_COAP_CODE(class_, detail))

void homeward_end(struct proxy *p, covey_proxy_ref ref)
{
    covey_exchange_ref exchange;

    if (covey_proxy_exchange(&p->decisions, ref, &exchange)) {
        struct link *far = proxy_far(p, ref);
        covey_proxy_close(&p->decisions, ref);
        if (exchange.serial != 0) {
            covey_endpoint_cancel(&far->endpoint, exchange);
        }
    }
}

/* The request, as far as it can be answered. */
static bool recall(const struct proxy *p, covey_proxy_ref ref,
                   covey_endpoint_request *request)
{
    covey_proxy_from from;

    return covey_proxy_whose(&p->decisions, ref, &from) &&
           covey_endpoint_recall(request, &p->asked[ref.row].request,
                                 &from.path, from.token) == COVEY_OK;
}

/* Who observes without a word may be gone: from time to time a notification
 * has to be acknowledged, and ends it if it is not (RFC 7641 Section 4.5). */
static covey_coap_type type_of(const struct proxy *p, struct asked *a,
                               covey_ms now, uint8_t asked,
                               const covey_coap_message *m)
{
    const uint32_t seconds = (uint32_t)(now / 1000);

    if (asked == COVEY_COAP_NON && covey_oscore_has_observe(m) &&
        seconds - a->heard >= p->config->check) {
        a->heard = seconds;
        return COVEY_COAP_CON;
    }
    return (covey_coap_type)asked;
}

/* To the client as a message of its own, or as the acknowledgement that is
 * still owed. */
static void give_back(struct proxy *p, covey_ms now, covey_proxy_ref ref,
                      const covey_path *path, const covey_coap_message *m)
{
    struct asked *a = &p->asked[ref.row];
    struct link *near = proxy_near(p, ref);
    covey_endpoint_reply reply = { .watch = true, .user = proxy_user(ref) };
    covey_proxy_homeward how = { .group_port = a->group_port,
                                 .origin = { (covey_proxy_scheme)a->scheme,
                                             path->peer } };
    covey_writer w = link_departure(near);
    covey_endpoint_request request;
    covey_draft draft;
    covey_endpoint_sent sent;

    if (!recall(p, ref, &request)) {
        return;
    }
    reply.type = type_of(p, a, now, request.type, m);
    if (!a->chained) {
        (void)covey_proxy_known(&p->decisions, ref, &how.profile);
    }
    covey_proxy_normalise(&how.origin.address);
    covey_endpoint_reply_begin(&near->endpoint, &draft, &request, m->code, &w);
    covey_proxy_put_response(&draft.composer, m, &how);
    /* What cannot be sent is as if it had been lost on its way. */
    if (covey_endpoint_reply_send(&near->endpoint, now, &draft, &reply,
                                  &sent) == COVEY_OK) {
        link_commit(near, &sent, &w);
        p->counters.answers++;
        show_answer(p->show, now, ref, &path->peer, m);
    } else {
        p->counters.dropped++;
    }
}

static void refuse(struct proxy *p, covey_ms now, covey_proxy_ref ref,
                   uint8_t code, const char *text)
{
    const struct answer answer = { .code = code, .text = text };
    covey_endpoint_request request;

    if (recall(p, ref, &request)) {
        metrics_refused(p, code, &request.path.peer, text);
        answer_send(proxy_near(p, ref), now, &request, &answer);
    }
}

void homeward(struct link *far, covey_ms now, const covey_path *path,
              const covey_endpoint_in *in)
{
    struct proxy *p = proxy_of(far);
    const covey_proxy_ref ref = proxy_ref(in->user);
    covey_proxy_profile profile;
    uint32_t sequence;
    const bool observed =
        in->message.code >> 5 == 2 &&
        covey_option_sound_uint(&in->message, COVEY_OPTION_OBSERVE, &sequence);

    if (!covey_proxy_known(&p->decisions, ref, &profile)) {
        p->counters.late++;
        return;
    }
    if (covey_proxy_screen_response(&in->message) != 0) {
        if (profile == COVEY_PROXY_NONE) {
            refuse(p, now, ref, CODE(5, 2),
                   "the response has an option that a proxy must understand");
        }
        return;
    }
    switch (covey_proxy_answer(&p->decisions, now, ref, observed)) {
    case COVEY_PROXY_FORWARD:
        give_back(p, now, ref, path, &in->message);
        break;
    case COVEY_PROXY_LATE:
        p->counters.late++;
        break;
    case COVEY_PROXY_SURPLUS:
        p->counters.surplus++;
        break;
    }
}

void homeward_event(struct proxy *p, covey_ms now,
                    const covey_endpoint_report *event)
{
    const covey_proxy_ref ref = proxy_ref(event->user);
    covey_proxy_profile profile;

    if (!covey_proxy_known(&p->decisions, ref, &profile)) {
        return;
    }
    switch (event->what) {
    case COVEY_ENDPOINT_TIMED_OUT:
        if (profile == COVEY_PROXY_NONE) {
            refuse(p, now, ref, CODE(5, 4), "the server does not answer");
        }
        break;
    case COVEY_ENDPOINT_RESET:
        refuse(p, now, ref, CODE(5, 2), "the server rejects the request");
        break;
    case COVEY_ENDPOINT_ANSWERED:
    case COVEY_ENDPOINT_COLLECTED:
    case COVEY_ENDPOINT_CANCELLED:
    case COVEY_ENDPOINT_LOST:
    case COVEY_ENDPOINT_UNPROTECTED:
    case COVEY_ENDPOINT_UNDONE:
        break;
    case COVEY_ENDPOINT_REPLY_ACKNOWLEDGED:
    case COVEY_ENDPOINT_REPLY_RESET:
    case COVEY_ENDPOINT_REPLY_TIMED_OUT:
        return; /* not on a leg that asks */
    }
    covey_proxy_close(&p->decisions, ref);
}
