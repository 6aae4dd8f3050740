/* SPDX-License-Identifier: BSD-2-Clause */
#include "request_exchange.h"

#include "cmd.h"
#include "request_compose.h"

#include <stdlib.h>
#include <string.h>

enum {
    SZX = 6, /* blocks of 1024 bytes */
    BLOCK = 1024,
    NON_TIMEOUT = 10000,
    MAX_AGE = 60 /* s, RFC 7252 Section 5.10.5 */
};

void request_finish(struct request_run *r, int status)
{
    request_progress_end(&r->progress);
    r->finished = true;
    r->status = status;
    loop_stop(r->loop);
}

int request_verdict(const struct request_run *r)
{
    if (r->broken) {
        return EXIT_IO;
    }
    if (r->good) {
        return EXIT_DONE;
    }
    return r->answers > 0 ? EXIT_NEGATIVE : EXIT_IO;
}

static bool is_observe(const struct request_run *r)
{
    return r->args->verb->kind == REQUEST_OBSERVE;
}

static bool is_protected(const struct request_run *r)
{
    return r->layers->protector_count > 0;
}

static bool is_success(const covey_coap_message *m)
{
    return m->code >> 5 == 2;
}

/* --- requests ------------------------------------------------------------ */

static uint32_t patience(const struct request_run *r)
{
    const covey_message_parameters p = covey_message_defaults();

    if (r->path.group) {
        return r->args->has_collect ? r->args->collect : r->collect;
    }
    if (r->many) {
        return request_proxy_patience(r->args, r->collect);
    }
    if (r->args->timeout != 0) {
        return r->args->timeout;
    }
    return r->args->non ? NON_TIMEOUT
                        : (uint32_t)covey_message_max_transmit_wait(&p);
}

static covey_endpoint_call call_of(const struct request_run *r)
{
    covey_endpoint_call call = {
        .path = r->path,
        .type =
            r->args->non || r->path.group ? COVEY_COAP_NON : COVEY_COAP_CON,
        .code = r->args->draft.head.code,
        .patience = patience(r),
        .many = r->many,
    };

    request_layers_call(r->layers, covey_bytes_of(NULL, 0),
                        r->path.group || r->many, &call);
    return call;
}

/* What is composed, for --explain, before protection hides it. */
void request_trace_message(const struct request_run *r, const char *what,
                           const covey_path *path, const covey_coap_message *m)
{
    const struct request_trace t = { what, path->peer,
                                     loop_now().mono - r->began, false };

    if (r->args->explain) {
        request_trace_plain(r->args, &t, m);
    }
}

static void trace_request(const struct request_run *r,
                          const struct request_parts *parts)
{
    uint8_t *bytes = app_alloc(UINT16_MAX);
    covey_writer w = covey_writer_of(bytes, UINT16_MAX);
    covey_coap_composer c =
        covey_coap_compose_inner(&w, r->args->draft.head.code);
    covey_coap_message m;

    request_compose(r->args, parts, &c);
    if (covey_coap_finish(&c) == COVEY_OK &&
        covey_coap_parse_inner(&m, covey_written(&w)) == COVEY_OK) {
        request_trace_message(r, "sent", &r->path, &m);
    }
    free(bytes);
}

/* Why a request could not be sent. */
void request_explain_send(struct request_run *r, covey_status st)
{
    if (st == COVEY_E_NOT_STORED) {
        request_finish(r, EXIT_IO); /* said where it happened */
    } else if (st == COVEY_E_NO_RULE) {
        request_finish(
            r, request_fail(r->args, EXIT_NEGATIVE,
                            "no rule of %s fits the request; covey schc "
                            "why-not tells why",
                            r->args->schc));
    } else if (st == COVEY_E_EXHAUSTED && !is_protected(r)) {
        request_finish(
            r, request_fail(r->args, EXIT_IO,
                            "all Message IDs have been used within "
                            "EXCHANGE_LIFETIME (RFC 7252 Section 4.4)"));
    } else if (st == COVEY_E_EXHAUSTED) {
        request_finish(
            r, request_fail(r->args, EXIT_REFUSED,
                            "no sequence number is left: another context "
                            "is needed (RFC 8613 Section 7.2.1)"));
    } else if (st == COVEY_E_ROOM) {
        request_finish(
            r, request_fail(r->args, EXIT_USAGE,
                            "the request is longer than a datagram may "
                            "be"));
    } else {
        request_finish(r, request_fail(r->args, EXIT_IO,
                                       "the request cannot be sent: %s [%s]",
                                       covey_status_text(st),
                                       covey_status_name(st)));
    }
}

static covey_status compose(struct request_run *r,
                            const covey_fetch_request *want,
                            covey_exchange_ref *ref)
{
    covey_endpoint_call call = call_of(r);
    const struct request_parts parts = {
        .want = want,
        .echo = covey_bytes_of(r->echo, r->echo_len),
        .observe = ref == &r->first,
    };

    if (r->args->explain && is_protected(r)) {
        trace_request(r, &parts);
    }
    call.instead = r->older;
    r->older.serial = 0;
    request_compose(r->args, &parts, client_begin(r->client, &call));
    return client_send(r->client, ref);
}

void request_send_next(struct request_run *r, covey_exchange_ref *ref)
{
    covey_fetch_request want = { .payload = r->args->draft.payload };
    covey_status st =
        r->manual ? COVEY_OK : covey_fetch_next(&r->fetch, &want);

    if (st == COVEY_OK) {
        st = compose(r, &want, ref);
    }
    if (st != COVEY_OK) {
        request_explain_send(r, st);
        return;
    }
    r->follows = ref == &r->block;
    r->sent = loop_now().mono;
}

/* Who has asked for it is the one whose layer it came in. */
static bool keep_echo(struct request_run *r, const covey_endpoint_in *in,
                      covey_bytes value)
{
    if (in->opened.layers == 1) {
        return request_layers_echo(r->layers, value);
    }
    if (value.len > sizeof r->echo) {
        return false;
    }
    memcpy(r->echo, value.ptr, value.len);
    r->echo_len = value.len;
    return true;
}

bool request_repeat_with_echo(struct request_run *r,
                              const covey_endpoint_in *in)
{
    covey_bytes value;

    if (!covey_echo_repeat(&in->message, r->repeated, &value) ||
        !keep_echo(r, in, value)) {
        (void)request_layers_echo(r->layers, covey_bytes_of(r->echo, 0));
        r->echo_len = 0;
        return false;
    }
    r->repeated = true;
    if (r->many) {
        client_cancel(r->client, r->first); /* more could come */
    }
    request_send_next(r, r->follows ? &r->block : &r->first);
    return true;
}

/* To the one member of the group that has asked for it, in pairwise mode (RFC
 * 10021 Section 9). What becomes of it is no matter of life and death. */
bool request_send_echo(struct request_run *r, const struct request_peer *peer,
                       covey_bytes sender, covey_bytes echo)
{
    const covey_fetch_request want = { .payload = r->args->draft.payload };
    struct request_parts parts = { .want = &want, .echo = echo };
    covey_endpoint_call call = call_of(r);
    uint8_t uri[REQUEST_PROXY_URI];
    covey_exchange_ref ref;

    if (r->many) {
        const struct request_server *s =
            peer->origin != NULL
                ? request_servers_get(&r->servers, peer->origin)
                : NULL;
        if (s == NULL) {
            return false;
        }
        parts.proxy_uri = request_proxy_at(r->args, peer->origin, uri);
        call.user = (uint64_t)(s - r->servers.list) + 1;
    }
    call.many = false;
    call.path.group = false;
    call.path.peer = peer->path->peer;
    call.type = r->args->non ? COVEY_COAP_NON : COVEY_COAP_CON;
    request_layers_call(r->layers, sender, false, &call);
    request_compose(r->args, &parts, client_begin(r->client, &call));
    return client_send(r->client, &ref) == COVEY_OK;
}

/* Observe of 1 (RFC 7641 Section 3.6); nobody waits for the answers of a
 * group. */
static void compose_cancellation(struct request_run *r, covey_coap_composer *c)
{
    struct coap_draft *d = &r->args->draft;
    const covey_fetch_request want = { .payload = d->payload };
    const struct request_parts parts = { .want = &want, .observe = true };
    static const uint8_t zero_or_one[] = { 0, 1 };

    for (size_t i = 0; i < d->option_count; i++) {
        struct coap_draft_option *o = &d->options[i];
        if (o->number == COVEY_OPTION_OBSERVE) {
            o->value = covey_bytes_of(zero_or_one + 1, 1);
        } else if (o->number == COVEY_OPTION_MULTICAST_TIMEOUT) {
            o->value = covey_bytes_of(zero_or_one, 0);
        } else if (o->number == COVEY_OPTION_MULTICAST_SIGNALING) {
            o->value = covey_bytes_of(zero_or_one, 1);
        }
    }
    request_compose(r->args, &parts, c);
}

bool request_send_end(struct request_run *r)
{
    covey_endpoint_call call = call_of(r);
    covey_coap_composer *c;

    call.instead = r->first;
    call.patience = REQUEST_MARGIN;
    if (is_observe(r)) {
        c = client_begin(r->client, &call);
        compose_cancellation(r, c);
    } else { /* Early Stop Request */
        call.code = COVEY_COAP_CODE(0, 1);
        call.protector = NULL;
        request_layers_call_proxy(r->layers, &call);
        c = client_begin(r->client, &call);
        covey_coap_put_uint(c, COVEY_OPTION_MULTICAST_TIMEOUT, 0);
    }
    r->leaving = client_send(r->client, &r->first) == COVEY_OK;
    return r->leaving;
}

void request_begin(struct request_run *r)
{
    const covey_bytes none = { NULL, 0 };
    const uint32_t bert = client_bert(r->client);
    const covey_bytes body = r->args->draft.payload;
    const covey_fetch_config config = { .body = body.len > 0 ? body : none,
                                        .buffer = r->buffer,
                                        .cap = REQUEST_BODY_MAX,
                                        .room = bert != 0 ? bert : BLOCK,
                                        .szx =
                                            bert != 0 ? COVEY_SZX_BERT : SZX };
    const covey_status st = covey_fetch_init(&r->fetch, &config);

    if (st != COVEY_OK) {
        request_explain_send(r, st);
    }
    r->total = 0;
}

/* --- responses ----------------------------------------------------------- */

/* A critical option that nobody here understands forbids to use the response
 * (RFC 7252 Section 5.4.1); who asks by hand wants to see it all the same. */
static bool is_understood(const struct request_run *r,
                          const covey_coap_message *m)
{
    static const uint16_t known[] = { COVEY_OPTION_BLOCK2,
                                      COVEY_OPTION_BLOCK1 };
    uint16_t number;

    if (covey_option_screen(m, known, sizeof known / sizeof known[0],
                            &number) == COVEY_OK) {
        return true;
    }
    request_fail(r->args, EXIT_NEGATIVE,
                 "the answer has the critical option %u, which is not "
                 "understood or malformed: it is not to be used (RFC 7252 "
                 "Section 5.4.1)",
                 (unsigned)number);
    return false;
}

void request_report(struct request_run *r, const struct request_peer *peer,
                    const covey_coap_message *m)
{
    struct request_answer answer = { .origin = peer->path->peer,
                                     .delay = loop_now().mono - r->sent,
                                     .message = m,
                                     .opened = &r->opened,
                                     .list = r->path.group || r->many };

    if (r->args->proxy != NULL || r->many) {
        answer.proxy = &peer->path->peer;
        answer.origin = peer->origin != NULL
                            ? peer->origin->address
                            : (covey_address){ .family = COVEY_FAMILY_NONE };
    }
    request_progress_end(&r->progress);
    request_report_answer(r->args, &answer);
    r->answers++;
    r->good |= is_success(m) && is_understood(r, m);
}

/* The whole answer is there. */
static void deliver(struct request_run *r, const covey_path *path,
                    const covey_coap_message *m)
{
    const struct request_peer peer = { path, NULL };

    request_report(r, &peer, m);
    if (!r->registered) {
        if (is_observe(r) && is_success(m)) {
            request_fail(r->args, EXIT_DONE,
                         "not observable: this is the "
                         "only answer");
        }
        request_finish(r, request_verdict(r));
    } else if (r->args->count != 0 && r->answers >= r->args->count) {
        request_finish(r, request_verdict(r));
    }
}

static void show_progress(struct request_run *r, const covey_coap_message *m)
{
    const covey_bytes body = covey_fetch_body(&r->fetch);
    uint32_t size;

    if (covey_option_sound_uint(m, COVEY_OPTION_SIZE2, &size)) {
        r->total = size;
    }
    if (body.len > 0) {
        request_progress_show(&r->progress, body.len, r->total, r->sent);
    } else {
        request_progress_show(&r->progress, r->fetch.sent,
                              r->args->draft.payload.len, r->sent);
    }
}

/* One of the messages of a transfer; `m` is a copy. */
void request_take(struct request_run *r, const covey_path *path,
                  covey_coap_message m)
{
    switch (r->manual ? COVEY_FETCH_DONE
                      : covey_fetch_response(&r->fetch, &m)) {
    case COVEY_FETCH_NEXT:
        show_progress(r, &m);
        request_send_next(r, &r->block);
        return;
    case COVEY_FETCH_DONE:
        if (!r->manual) {
            m.payload = covey_fetch_body(&r->fetch);
        }
        deliver(r, path, &m);
        return;
    case COVEY_FETCH_FAILED:
        break;
    }
    request_finish(
        r, request_fail(r->args, EXIT_IO,
                        "the blocks do not make a body of at most %d "
                        "bytes: one is missing, out of order, or changes "
                        "again and again (RFC 7959 Section 2.4)",
                        REQUEST_BODY_MAX));
}

/* --- observation --------------------------------------------------------- */

static uint32_t random_number(const struct request_run *r)
{
    uint8_t bytes[4];
    covey_writer w = covey_writer_of(bytes, sizeof bytes);
    uint32_t number = 0;

    if (r->crypto->random(r->crypto->provider, &w) == COVEY_OK) {
        memcpy(&number, bytes, sizeof number);
    }
    return number;
}

/* False: an older one, which nobody wants any more (RFC 7641 Section 3.4). */
bool request_take_notification(struct request_run *r,
                               const covey_coap_message *m)
{
    uint32_t observe = 0;
    uint32_t max_age = MAX_AGE;

    /* A connection keeps the order, and its end is noticed: RFC 8323 Appendix
     * A.1 and A.3. */
    if (r->path.transport != COVEY_TCP && r->path.transport != COVEY_TLS) {
        (void)covey_option_sound_uint(m, COVEY_OPTION_OBSERVE, &observe);
        /* Under OSCORE what is older has not come so far, and the answer to
         * the registration has no number (RFC 8613 Section 4.1.3.5.2). */
        if (!covey_observation_fresh(&r->observation, observe,
                                     loop_now().mono) &&
            !is_protected(r)) {
            return false;
        }
        (void)covey_option_sound_uint(m, COVEY_OPTION_MAX_AGE, &max_age);
        loop_alarm_set(r->stale,
                       covey_observation_stale(&r->observation, max_age,
                                               random_number(r)));
    }
    if (r->follows) {
        client_cancel(r->client, r->block);
        r->follows = false;
    }
    if (r->registered) {
        request_begin(r);
    }
    r->registered = true;
    return true;
}
