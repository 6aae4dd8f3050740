/* SPDX-License-Identifier: BSD-2-Clause */
/* From a request to its reply, at once or later. */
#include "engine.h"
#include "program.h"
#include "server.h"

#include <stdlib.h>
#include <time.h>

enum {
    /* How old a value of Echo may be, ms. */
    ECHO_AGE = 60000,
    /* How long a program may think about an answer, ms. */
    PATIENCE = 600000
};

/* What is being answered. */
struct asked {
    struct link *link;
    covey_time now;
    const covey_endpoint_in *in;
    uint64_t begun; /* us; 0 if nobody wants to know */
    /* It has waited: it was let in, and where it comes from is true. */
    bool late;
    struct observer *observer; /* that it has become; NULL: none */
    struct later_row *place;   /* where it can wait; NULL: not asked for, or */
    bool unknown;              /* nobody knows where it comes from, or */
    uint8_t refused;           /* this is why not */
};

/* If it leaves as a message of its own, a Reset ends what it began. */
static covey_endpoint_reply reply_of(const struct asked *q)
{
    const covey_endpoint_reply reply = {
        .type = (covey_coap_type)q->in->request.type,
        .watch = q->observer != NULL,
        .user =
            q->observer != NULL
                ? observers_name(&server_of(q->link)->observers, q->observer)
                : 0,
    };

    return reply;
}

/* False: it would be longer than may go to where the request says that it
 * comes from, and nothing has been sent. */
static bool send(const struct asked *q, const struct respond *how,
                 const struct resource_answer *answer)
{
    struct link *k = q->link;
    const covey_endpoint_reply reply = reply_of(q);
    covey_writer w = link_departure(k);
    covey_draft draft;
    covey_endpoint_sent sent;

    covey_endpoint_reply_begin(&k->endpoint, &draft, &q->in->request,
                               answer->code, &w);
    respond_put(&draft.composer, how, answer);
    if (how->echo.ptr == NULL && !q->late &&
        !reach_allows(&server_of(k)->reach, q->now.mono, q->in,
                      draft.composer.out->pos - draft.composer.start)) {
        return false;
    }
    /* What cannot be sent is as if it had been lost on its way. */
    if (covey_endpoint_reply_send(&k->endpoint, q->now.mono, &draft, &reply,
                                  &sent) == COVEY_OK) {
        if (q->observer != NULL && reply.type == COVEY_COAP_CON) {
            q->observer->sent = sent.message; /* nothing, if piggybacked */
        }
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
static void ask_again(const struct asked *q,
                      const uint8_t value[COVEY_ECHO_LEN])
{
    const struct resource_answer answer = only_code(CODE(4, 1));
    const struct respond how = { .slice = { .whole = true },
                                 .echo =
                                     covey_bytes_of(value, COVEY_ECHO_LEN) };

    send(q, &how, &answer);
}

/* It is not known whether the client is where it seems to be. A group is not
 * made to ask: there the answer is short enough, or there is none. */
static void ask_where(const struct asked *q)
{
    uint8_t value[COVEY_ECHO_LEN];

    if (!q->in->request.path.group &&
        reach_challenge(&server_of(q->link)->reach, q->now.mono, q->in,
                        value)) {
        ask_again(q, value);
    }
}

/* Authentic, but perhaps a replay (RFC 8613 Appendix B.1.2): it is to come
 * again with a value that proves that it is not. */
static bool challenge(struct link *k, covey_time now, covey_endpoint_in *in)
{
    struct server *s = server_of(k);
    const struct asked q = { .link = k, .now = now, .in = in };
    const uint32_t epoch = in->opened.epoch;
    uint8_t value[COVEY_ECHO_LEN];

    if (covey_echo_is_fresh(&s->echo, now.mono, &in->request.path, epoch,
                            &in->message, ECHO_AGE)) {
        return covey_endpoint_recover(&k->endpoint, now.mono, in) == COVEY_OK;
    }
    if (covey_echo_challenge(&s->echo, now.mono, &in->request.path, epoch,
                             ECHO_AGE, value) == COVEY_OK) {
        in->request.terms.always = true; /* also of a group request */
        ask_again(&q, value);
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

/* RFC 7641 Section 4.1: 0 registers, 1 takes it back. */
static bool says_observe(const covey_endpoint_in *in, uint32_t *value)
{
    return in->message.code == CODE(0, 1) &&
           covey_option_sound_uint(&in->message, COVEY_OPTION_OBSERVE, value);
}

/* Whatever is no registration that succeeds gets an answer without Observe.
 * False: nobody knows yet where all the notifications would go. */
static bool observe(struct asked *q, struct respond *how,
                    const struct resource_answer *answer)
{
    const covey_endpoint_in *in = q->in;
    struct server *s = server_of(q->link);
    uint32_t value;

    if (answer->observed == NULL || !says_observe(in, &value) || value != 0) {
        return true;
    }
    if (!q->late && !reach_allows(&s->reach, q->now.mono, in, SIZE_MAX)) {
        return in->request.path.group;
    }
    q->observer =
        observers_add(&s->observers, q->link, &in->request,
                      (uint32_t)(answer->observed - s->setup.resources->rows));
    if (q->observer != NULL) {
        q->observer->confirmed = q->now.mono;
        q->observer->szx = how->slice.block.szx;
        how->has_observe = true;
        how->observe = s->observe =
            covey_observe_sequence(s->observe, q->now.mono);
    }
    return true;
}

/* A token stands for one request at a time: what this client is still waiting
 * for under this one it does not want any more. */
static void supersede(struct server *s, struct link *k,
                      const covey_endpoint_in *in)
{
    struct later_row *waiting = later_find(&s->later, k, &in->request);
    struct observer *row;
    uint32_t value;

    if (in->duplicate) {
        return;
    }
    if (waiting != NULL) {
        later_drop(&s->later, waiting);
    }
    /* Most servers have nobody who observes. */
    if (s->observers.fresh > 0 && says_observe(in, &value) && value == 1) {
        row = observers_find(&s->observers, k, &in->request);
        if (row != NULL) {
            observers_remove(&s->observers, row);
        }
    }
}

/* --- answers ------------------------------------------------------------- */

/* Who asks a group cannot be asked back, and gets short blocks instead. */
static void slice(const struct asked *q, struct respond *how,
                  struct resource_answer *a)
{
    const covey_endpoint_in *in = q->in;
    const bool group = in->request.path.group;
    const struct respond_bounds bounds = {
        .group = group,
        .room = group ? reach_room(&server_of(q->link)->reach, in) : SIZE_MAX,
        .bert = respond_bert(link_bert(q->link, &in->request.path)),
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
static uint64_t begin(const struct server *s)
{
    return s->setup.answered != NULL ? microseconds() : 0;
}

static void tell_answered(const struct asked *q, uint8_t code)
{
    const struct server *s = server_of(q->link);

    if (s->setup.answered != NULL) {
        const struct server_answered what = { q->in, code,
                                              microseconds() - q->begun };
        s->setup.answered(s->setup.user, &what);
    }
}

/* What was decided is said. */
static void say(struct asked *q, struct respond *how,
                struct resource_answer *a)
{
    if (a->body.kind != BODY_NONE) {
        slice(q, how, a);
    }
    if (observe(q, how, a) && send(q, how, a)) {
        tell_answered(q, a->code);
    } else {
        ask_where(q);
    }
    resource_end(a);
}

static void tell_changed(struct server *s, struct resource *changed,
                         covey_time now)
{
    if (changed != NULL) {
        crew_changed(s, changed);
        notify(s, changed, now);
    }
}

/* --- answers that come later --------------------------------------------- */

/* Places are for those of whom it is known where they are. */
static uint64_t find_place(void *user)
{
    struct asked *q = user;
    struct server *s = server_of(q->link);

    if (q->place == NULL &&
        !reach_allows(&s->reach, q->now.mono, q->in, SIZE_MAX)) {
        q->unknown = true;
    } else if (q->place == NULL) {
        q->place = later_take(&s->later, &q->in->request.path, &q->refused);
    }
    return q->place != NULL ? later_name(&s->later, q->place) : 0;
}

/* True: nothing is said now. */
static bool put_off(struct asked *q, struct resource_answer *a)
{
    struct server *s = server_of(q->link);
    const covey_ms wait = a->wait != 0 ? a->wait : (covey_ms)PATIENCE;
    struct later_row *row;

    if (a->wait != 0) {
        (void)find_place(q); /* a program has done so */
    }
    row = q->place;
    q->place = NULL;
    if (row != NULL && later_put(&s->later, row, q->link, q->in, a->later,
                                 q->now.mono + wait)) {
        row->begun = q->begun;
        loop_alarm_set(s->later_alarm, later_deadline(&s->later));
        return true;
    }
    if (q->unknown && !q->in->request.path.group) {
        ask_where(q);
        return true;
    }
    *a = only_code(q->refused != 0 ? q->refused : CODE(5, 3));
    return false;
}

/* True: nothing is said now. */
static bool decide(struct asked *q, struct resource_request *rq,
                   struct resource_answer *a)
{
    struct server *s = server_of(q->link);
    bool waits;

    rq->find_place = find_place;
    rq->user = q;
    resources_answer(s->setup.resources, rq, a);
    waits = a->later != NULL && put_off(q, a);
    if (q->place != NULL) {
        later_return(&s->later, q->place);
    }
    return waits;
}

/* What has waited is answered: by this program, or by the resource itself; a
 * program that has thought for too long has not answered. */
static void answer_late(struct server *s, const struct later_row *row,
                        covey_time now, const struct program *program)
{
    const covey_endpoint_in in = later_request(row);
    struct asked q = { .link = row->link,
                       .now = now,
                       .in = &in,
                       .begun = row->begun,
                       .late = true };
    const struct resource_request rq = {
        .message = &in.message, .late = true, .program = program, .now = now
    };
    struct respond how = { .slice = { .whole = true } };
    struct resource_answer a = only_code(CODE(5, 3));

    how.has_block1 = covey_option_sound_block(&in.message, COVEY_OPTION_BLOCK1,
                                              &how.block1);
    shared_lock(crew_shared(s));
    if (program != NULL || row->resource->kind != RESOURCE_PROGRAM) {
        resources_answer(s->setup.resources, &rq, &a);
    }
    say(&q, &how, &a);
    shared_unlock(crew_shared(s));
    tell_changed(s, a.changed, now);
}

void dispatch_late(struct server *s, struct later_row *row,
                   const struct program *program)
{
    const covey_time now = loop_now();
    const struct later_row taken = later_remove(&s->later, row);

    answer_late(s, &taken, now, program);
    free(taken.options);
    link_settle(taken.link, now.mono);
}

void dispatch_due(void *user)
{
    struct server *s = user;
    const covey_ms now = loop_now().mono;
    struct later_row *row;

    while ((row = later_due(&s->later, now)) != NULL) {
        dispatch_late(s, row, NULL);
    }
    loop_alarm_set(s->later_alarm, later_deadline(&s->later));
}

/* --- requests ------------------------------------------------------------ */

static void answer(struct link *k, covey_time now, const covey_endpoint_in *in)
{
    struct server *s = server_of(k);
    struct asked q = { .link = k, .now = now, .in = in, .begun = begin(s) };
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
    struct resource_answer a;
    bool waits = false;

    supersede(s, k, in);
    shared_lock(crew_shared(s));
    if (collect(k, in, &rq, &how, &a)) {
        waits = decide(&q, &rq, &a);
    }
    if (a.reject && in->request.type == COVEY_COAP_NON && !rq.secured) {
        covey_endpoint_reject(&k->endpoint, &in->request);
    } else if (!waits) {
        say(&q, &how, &a);
    }
    shared_unlock(crew_shared(s));
    tell_changed(s, a.changed, now);
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
