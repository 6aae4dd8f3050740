/* SPDX-License-Identifier: BSD-2-Clause */
#include "relay.h"

#include <errno.h>
#include <loop.h>
#include <stdlib.h>
#include <string.h>

/* The post has two ends: the process with the page reads one, and all others
 * say what they have to say into the other. */
enum {
    PAGE,
    OTHERS,
    ENDS
};

struct relay {
    post *post;
    log_sink *log;
    unsigned me;
    covey_ms second; /* in which */
    unsigned events; /* so many were sent */
    unsigned requests;
    uint64_t counted[LOG_LEVEL_DEBUG]; /* not told yet */
    loop_alarm *alarm;
    bool waits; /* for the alarm */
    void (*due)(void *user);
    relay_heard *heard;
    void *user;
};

/* --- what is told -------------------------------------------------------- */

static void begin_second(struct relay *r)
{
    const covey_ms second = loop_now().mono / 1000;

    if (second != r->second) {
        r->second = second;
        r->events = 0;
        r->requests = 0;
    }
}

static void wait_for_more(struct relay *r)
{
    if (r->alarm != NULL && !r->waits) {
        r->waits = true;
        loop_alarm_set(r->alarm, loop_now().mono + RELAY_PAUSE);
    }
}

bool relay_send(struct relay *r, enum relay_kind kind, covey_bytes body)
{
    struct relay_head head;

    memset(&head, 0, sizeof head); /* what lies between its members, too */
    head.kind = kind;
    head.from = r->me;
    memcpy(head.counted, r->counted, sizeof head.counted);
    if (!post_send(r->post, PAGE,
                   covey_bytes_of((const uint8_t *)&head, sizeof head),
                   body)) {
        return false;
    }
    memset(r->counted, 0, sizeof r->counted);
    return true;
}

static void tap(void *user, log_level level, const char *name,
                const char *line)
{
    struct relay *r = user;

    (void)name;
    r->counted[level]++;
    begin_second(r);
    if (r->events++ >= RELAY_RATE ||
        !relay_send(r, RELAY_EVENT, covey_bytes_text(line))) {
        wait_for_more(r);
    }
}

bool relay_wants_request(struct relay *r)
{
    begin_second(r);
    wait_for_more(r);
    return r->requests++ < RELAY_RATE;
}

static void on_due(void *user)
{
    struct relay *r = user;

    r->waits = false;
    loop_alarm_set(r->alarm, loop_now().mono + RELAY_REPEAT);
    r->due(r->user);
}

/* --- what is heard ------------------------------------------------------- */

static void on_letter(void *user, unsigned from, covey_bytes message)
{
    const struct relay *r = user;
    struct relay_head head;

    (void)from; /* is always the same end */
    if (message.len < sizeof head) {
        return;
    }
    memcpy(&head, message.ptr, sizeof head);
    r->heard(
        r->user, &head,
        covey_bytes_of(message.ptr + sizeof head, message.len - sizeof head));
}

/* --- life ---------------------------------------------------------------- */

struct relay *relay_new(log_sink *log)
{
    struct relay *r = calloc(1, sizeof *r);

    if (r == NULL) {
        return NULL;
    }
    r->post = post_new(ENDS);
    if (r->post == NULL) {
        const int why = errno;
        free(r);
        errno = why;
        return NULL;
    }
    post_be(r->post, OTHERS);
    r->me = RELAY_PARENT;
    r->log = log;
    log->tap = tap;
    log->tap_user = r;
    return r;
}

void relay_free(struct relay *r)
{
    if (r == NULL) {
        return;
    }
    if (r->log->tap == tap) {
        r->log->tap = NULL;
    }
    post_free(r->post);
    free(r);
}

void relay_become(struct relay *r, unsigned me)
{
    r->me = me;
    memset(r->counted, 0, sizeof r->counted); /* the parent tells of those */
}

bool relay_hear(struct relay *r, loop *l, relay_heard *heard, void *user)
{
    r->heard = heard;
    r->user = user;
    return post_open(r->post, l, PAGE, on_letter, r);
}

bool relay_follow(struct relay *r, loop *l, void (*due)(void *user),
                  void *user)
{
    r->due = due;
    r->user = user;
    r->alarm = loop_alarm_new(l, on_due, r);
    if (r->alarm == NULL) {
        return false;
    }
    r->waits = true;
    loop_alarm_set(r->alarm, loop_now().mono);
    return true;
}

void relay_close(struct relay *r)
{
    if (r->alarm != NULL) {
        loop_alarm_end(r->alarm);
        r->alarm = NULL;
    }
    post_close(r->post);
}
