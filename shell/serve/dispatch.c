/* SPDX-License-Identifier: BSD-2-Clause */
/* From a request to its reply. */
#include "server.h"

#include <time.h>

#define CODE(class_, detail) ((uint8_t)COVEY_COAP_CODE(class_, detail))

enum {
    /* How old a value of Echo may be, ms. */
    ECHO_AGE = 60000
};

/* False: it would be longer than may go to where the request says that it
 * comes from, and nothing has been sent. */
static bool send(struct link *k, covey_ms now, const covey_endpoint_in *in,
                 const struct respond *how,
                 const struct resource_answer *answer)
{
    covey_writer w = link_departure(k);
    covey_draft draft;
    covey_endpoint_sent sent;

    covey_endpoint_reply_begin(&k->endpoint, &draft, &in->request,
                               answer->code, &w);
    respond_put(&draft.composer, how, answer);
    if (how->echo.ptr == NULL &&
        !reach_allows(&server_of(k)->reach, now, in,
                      draft.composer.out->pos - draft.composer.start)) {
        return false;
    }
    /* What cannot be sent is as if it had been lost on its way. */
    if (covey_endpoint_reply_send(&k->endpoint, now, &draft, NULL, &sent) ==
        COVEY_OK) {
        link_commit(k, &sent, &w);
    }
    return true;
}

static struct resource_answer only_code(uint8_t code)
{
    const struct resource_answer answer = { .code = code,
                                            .format = RESOURCE_NO_FORMAT,
                                            .max_age = RESOURCE_MAX_AGE };

    return answer;
}

/* --- Echo ---------------------------------------------------------------- */

/* The request is to come again with this value. */
static void ask_again(struct link *k, covey_ms now,
                      const covey_endpoint_in *in,
                      const uint8_t value[COVEY_ECHO_LEN])
{
    const struct resource_answer answer = only_code(CODE(4, 1));
    const struct respond how = { .slice = { .whole = true },
                                 .echo =
                                     covey_bytes_of(value, COVEY_ECHO_LEN) };

    send(k, now, in, &how, &answer);
}

/* It is not known whether the client is where it seems to be. A group is not
 * made to ask: there the answer is short enough, or there is none. */
static void ask_where(struct link *k, covey_ms now,
                      const covey_endpoint_in *in)
{
    uint8_t value[COVEY_ECHO_LEN];

    if (!in->request.path.group &&
        reach_challenge(&server_of(k)->reach, now, in, value)) {
        ask_again(k, now, in, value);
    }
}

/* Authentic, but perhaps a replay (RFC 8613 Appendix B.1.2): it is to come
 * again with a value that proves that it is not. */
static bool challenge(struct link *k, covey_time now, covey_endpoint_in *in)
{
    struct server *s = server_of(k);
    const uint32_t epoch = in->opened.epoch;
    uint8_t value[COVEY_ECHO_LEN];

    if (covey_echo_is_fresh(&s->echo, now.mono, &in->request.path, epoch,
                            &in->message, ECHO_AGE)) {
        return covey_endpoint_recover(&k->endpoint, now.mono, in) == COVEY_OK;
    }
    if (covey_echo_challenge(&s->echo, now.mono, &in->request.path, epoch,
                             ECHO_AGE, value) == COVEY_OK) {
        in->request.terms.always = true; /* also of a group request */
        ask_again(k, now.mono, in, value);
    }
    return false;
}

/* --- bodies in blocks ---------------------------------------------------- */

static uint8_t code_of(covey_assembly_result result)
{
    switch (result) {
    case COVEY_ASSEMBLY_DONE:
        return 0;
    case COVEY_ASSEMBLY_MORE:
    case COVEY_ASSEMBLY_AGAIN:
        return CODE(2, 31);
    case COVEY_ASSEMBLY_GAP:
        return CODE(4, 8);
    case COVEY_ASSEMBLY_BAD:
        return CODE(4, 0);
    case COVEY_ASSEMBLY_TOO_BIG:
        return CODE(4, 13);
    }
    return CODE(5, 0);
}

/* Whether rq->body is whole now; otherwise *answer is what to say. */
static bool collect(struct link *k, const covey_endpoint_in *in,
                    struct resource_request *rq, struct respond *how,
                    struct resource_answer *answer)
{
    struct server *s = server_of(k);
    struct upload_block b = { .link = k,
                              .path = &in->request.path,
                              .security =
                                  in->request.security.protector != NULL
                                      ? in->request.security.context
                                      : NULL,
                              .message = &in->message,
                              .now = rq->now.mono };

    rq->body = in->message.payload;
    if (!covey_option_sound_block(&in->message, COVEY_OPTION_BLOCK1,
                                  &b.block)) {
        return true;
    }
    if (in->message.code == CODE(0, 1)) {
        *answer = only_code(CODE(4, 0)); /* a GET has no body */
        return false;
    }
    struct resource *r = resources_admit(s->setup.resources, rq, answer);
    if (r == NULL) {
        return false;
    }
    if (b.block.szx == COVEY_SZX_BERT &&
        in->request.path.transport != COVEY_TCP &&
        in->request.path.transport != COVEY_TLS) {
        *answer = only_code(CODE(4, 0)); /* RFC 7959 Section 2.2 */
        return false;
    }
    b.resource = r;
    how->has_block1 = true;
    how->block1 = b.block;
    const uint8_t code = code_of(uploads_add(&s->uploads, &b, &rq->body));
    if (code != 0) {
        *answer = only_code(code);
        answer->size1 = code == CODE(4, 13) ? (uint32_t)r->cap : 0;
    }
    return code == 0;
}

/* --- observation --------------------------------------------------------- */

/* RFC 7641 Section 4.1: 0 registers, 1 takes it back; whatever is no
 * registration that succeeds gets an answer without Observe. False: nobody
 * knows yet where all the notifications would go. */
static bool observe(struct link *k, const covey_endpoint_in *in,
                    covey_time now, struct respond *how,
                    const struct resource_answer *answer)
{
    struct server *s = server_of(k);
    struct observer *row;
    uint32_t value;

    if (in->message.code != CODE(0, 1) ||
        !covey_option_sound_uint(&in->message, COVEY_OPTION_OBSERVE, &value)) {
        return true;
    }
    if (value == 0 && answer->observed != NULL) {
        if (!reach_allows(&s->reach, now.mono, in, SIZE_MAX)) {
            return in->request.path.group;
        }
        row = observers_add(
            &s->observers, k, &in->request,
            (uint32_t)(answer->observed - s->setup.resources->rows));
        if (row != NULL) {
            row->confirmed = now.mono;
            row->szx = how->slice.block.szx;
            how->has_observe = true;
            how->observe = s->observe =
                covey_observe_sequence(s->observe, now.mono);
        }
    } else if (value == 1) {
        row = observers_find(&s->observers, k, &in->request);
        if (row != NULL) {
            observers_remove(&s->observers, row);
        }
    }
    return true;
}

/* --- requests ------------------------------------------------------------ */

/* Who asks a group cannot be asked back, and gets short blocks instead. */
static void slice(struct link *k, const covey_endpoint_in *in,
                  struct respond *how, struct resource_answer *a)
{
    const bool group = in->request.path.group;
    const struct respond_bounds bounds = {
        .group = group,
        .room = group ? reach_room(&server_of(k)->reach, in) : SIZE_MAX,
        .bert = respond_bert(link_bert(k, &in->request.path)),
    };

    respond_slice(how, &in->message, &bounds, a);
}

static uint64_t microseconds(void)
{
    struct timespec t = { 0, 0 };

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* A clock is looked at only for somebody who wants to know. */
static void tell_answered(const struct server *s, const covey_endpoint_in *in,
                          uint8_t code, uint64_t begun)
{
    const struct server_answered what = { in, code, microseconds() - begun };

    s->setup.answered(s->setup.user, &what);
}

static void answer(struct link *k, covey_time now, const covey_endpoint_in *in)
{
    struct server *s = server_of(k);
    struct respond how = { .slice = { .whole = true } };
    struct resource_request rq = {
        .message = &in->message,
        .secured = in->request.security.protector != NULL,
        .member = in->opened.member,
        .suspicious = in->opened.suspicious,
        .roles = in->opened.roles,
        .peer = crew_peer(k, &in->request.path),
        .tls = link_tls_peer(k, &in->request.path),
        .now = now,
    };
    const uint64_t begun = s->setup.answered != NULL ? microseconds() : 0;
    struct resource_answer a;

    shared_lock(crew_shared(s));
    if (collect(k, in, &rq, &how, &a)) {
        resources_answer(s->setup.resources, &rq, &a);
    }
    if (a.reject && in->request.type == COVEY_COAP_NON && !rq.secured) {
        covey_endpoint_reject(&k->endpoint, &in->request);
        shared_unlock(crew_shared(s));
        return;
    }
    if (a.body.kind != BODY_NONE) {
        slice(k, in, &how, &a);
    }
    if (!observe(k, in, now, &how, &a) || !send(k, now.mono, in, &how, &a)) {
        ask_where(k, now.mono, in);
    } else if (s->setup.answered != NULL) {
        tell_answered(s, in, a.code, begun);
    }
    resource_end(&a);
    shared_unlock(crew_shared(s));
    if (a.changed != NULL) {
        crew_changed(s, a.changed);
        notify(s, a.changed, now);
    }
}

void dispatch(struct link *k, covey_time now, const covey_path *path,
              covey_endpoint_in *in)
{
    const uint32_t leisure = server_of(k)->setup.leisure;

    (void)path;
    if (in->kind != COVEY_ENDPOINT_RESPONSE && in->request.path.group &&
        leisure != 0) {
        in->request.leisure = leisure;
    }
    switch (in->kind) {
    case COVEY_ENDPOINT_REQUEST:
        answer(k, now, in);
        break;
    case COVEY_ENDPOINT_CHALLENGE:
        if (challenge(k, now, in)) {
            answer(k, now, in);
        }
        break;
    case COVEY_ENDPOINT_NOTHING:
    case COVEY_ENDPOINT_RESPONSE: /* nothing was asked */
        break;
    }
}
