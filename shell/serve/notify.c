/* SPDX-License-Identifier: BSD-2-Clause */
/* Observers are told (RFC 7641 Section 4). Most notifications need no
 * acknowledgement; one now and then does, so that those who have gone are
 * noticed. */
#include "server.h"

static covey_endpoint_reply kind_of(const struct observers *o,
                                    struct observer *row, bool confirmable)
{
    const covey_endpoint_reply how = {
        .type = confirmable ? COVEY_COAP_CON : COVEY_COAP_NON,
        .watch = true,
        .user = observers_name(o, row),
    };
    struct link *k = row->link;

    if (row->sent.serial != 0) {
        covey_endpoint_reply_cancel(&k->endpoint, row->sent);
        row->sent.serial = 0;
    }
    return how;
}

/* What an observer is told. */
struct notice {
    covey_endpoint_request request;
    struct respond parts;
    const struct resource_answer *answer;
    covey_endpoint_reply how;
};

static covey_status say(struct link *k, covey_ms now, const struct notice *n,
                        covey_message_ref *message)
{
    covey_writer w = link_departure(k);
    covey_draft draft;
    covey_endpoint_sent sent;
    covey_status st;

    covey_endpoint_reply_begin(&k->endpoint, &draft, &n->request,
                               n->answer->code, &w);
    respond_put(&draft.composer, &n->parts, n->answer);
    st = covey_endpoint_reply_send(&k->endpoint, now, &draft, &n->how, &sent);
    if (st == COVEY_OK) {
        *message = sent.message;
        link_commit(k, &sent, &w);
    }
    return st;
}

/* False: there is nobody any more. */
static bool tell(struct server *s, struct observer *row, covey_ms now,
                 const struct resource_answer *a)
{
    struct link *k = row->link;
    const enum observer_turn turn = observers_turn(row, now);
    struct notice n = {
        .parts = { .slice = { .whole = true },
                   .has_observe = a->code >> 5 == 2,
                   .observe = s->observe },
        .answer = a,
        .how = kind_of(&s->observers, row, turn != OBSERVER_TOLD),
    };
    covey_message_ref message;
    covey_status st;

    if (turn == OBSERVER_FORSAKEN) {
        return false;
    }
    observers_request(row, &n.request);
    if (covey_slice_at(&n.parts.slice, a->body.size, 0, row->szx,
                       respond_bert(link_bert(k, &n.request.path))) !=
        COVEY_OK) {
        return true;
    }
    n.parts.sliced = !n.parts.slice.whole;
    st = say(k, now, &n, &message);
    if (st == COVEY_OK && n.how.type == COVEY_COAP_CON) {
        row->sent = message;
    } else if (st == COVEY_E_ROOM && n.how.type == COVEY_COAP_CON) {
        /* Many are asked at once: it is told without, and asked next time. */
        n.how.type = COVEY_COAP_NON;
        n.how.watch = false;
        row->notified = UINT8_MAX;
        (void)say(k, now, &n, &message);
    }
    /* To whom nothing could be sent the next one tells more, unless its keys
     * are too old for any. */
    return st != COVEY_E_STATE;
}

void notify(struct server *s, struct resource *r, covey_time now)
{
    struct resource_answer a;
    const size_t which = (size_t)(r - s->setup.resources->rows);
    uint32_t i = s->observers.firsts[which];

    if (i == OBSERVER_NONE) {
        return;
    }
    shared_lock(crew_shared(s));
    resource_represent(r, now, &a);
    s->observe = covey_observe_sequence(s->observe, now.mono);
    while (i != OBSERVER_NONE) {
        struct observer *row = &s->observers.rows[i];
        i = row->next;
        /* Anything but 2.xx is the last one: Section 4.2. */
        if (!tell(s, row, now.mono, &a) || a.code >> 5 != 2) {
            observers_remove(&s->observers, row);
        }
    }
    resource_end(&a);
    shared_unlock(crew_shared(s));
    for (size_t k = 0; k < s->link_count; k++) {
        if (s->links[k].kind != NULL) {
            link_settle(&s->links[k], now.mono);
        }
    }
}

void notify_forget(struct link *k, const covey_path *path)
{
    struct server *s = server_of(k);

    observers_lost(&s->observers, k, path);
    uploads_lost(&s->uploads, k, path);
    later_lost(&s->later, k, path);
}

void notify_lost(struct link *k, const covey_path *path)
{
    notify_forget(k, path);
    crew_lost(k, path);
}

void notify_event(struct link *k, covey_ms now,
                  const covey_endpoint_report *event)
{
    struct server *s = server_of(k);
    struct observer *row = observers_named(&s->observers, event->user);

    (void)now;
    if (row == NULL) {
        return;
    }
    if (event->what == COVEY_ENDPOINT_REPLY_ACKNOWLEDGED) {
        row->sent.serial = 0;
    } else if (event->what == COVEY_ENDPOINT_REPLY_RESET ||
               event->what == COVEY_ENDPOINT_REPLY_TIMED_OUT) {
        observers_remove(&s->observers, row);
    }
}

/* --- what changes by itself ---------------------------------------------- */

static void set_alarm(struct server *s)
{
    covey_ms next = COVEY_NEVER;

    for (size_t i = 0; i < s->setup.resources->count; i++) {
        next = covey_earlier(next, s->changes[i]);
    }
    loop_alarm_set(s->alarm, next);
}

void notify_soon(struct server *s, size_t which)
{
    s->changes[which] = 0;
    loop_alarm_set(s->alarm, 0);
}

void notify_begin(struct server *s, covey_time now)
{
    for (size_t i = 0; i < s->setup.resources->count; i++) {
        const struct resource *r = &s->setup.resources->rows[i];
        s->changes[i] =
            r->observable ? resource_next_change(r, now) : COVEY_NEVER;
    }
    set_alarm(s);
}

void notify_due(void *user)
{
    struct server *s = user;
    const covey_time now = loop_now();

    for (size_t i = 0; i < s->setup.resources->count; i++) {
        struct resource *r = &s->setup.resources->rows[i];
        if (s->changes[i] <= now.mono) {
            s->changes[i] = resource_next_change(r, now);
            notify(s, r, now);
        }
    }
    set_alarm(s);
}
