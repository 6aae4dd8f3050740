/* SPDX-License-Identifier: BSD-2-Clause */
#include "loop.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <uv.h>

struct loop {
    uv_loop_t uv;
    uv_signal_t interrupt;
    uv_signal_t terminate;
    bool signals;
    int signal;
};

/* A signal that is told. */
struct loop_signal {
    uv_signal_t uv; /* first: freed by its address */
    loop_due *due;
    void *user;
};

struct loop_watch {
    uv_poll_t uv; /* first: freed by its address */
    loop_ready *ready;
    void *user;
    int events;
};

struct loop_alarm {
    uv_timer_t uv; /* first: freed by its address */
    loop_due *due;
    void *user;
    covey_ms deadline;
    bool ringing;
};

loop *loop_new(void)
{
    loop *l = calloc(1, sizeof *l);

    if (l != NULL && uv_loop_init(&l->uv) != 0) {
        free(l);
        l = NULL;
    }
    return l;
}

static void release(uv_handle_t *handle)
{
    free(handle);
}

/* All are allocated one by one, but the signals that stop the loop. */
static void close_handle(uv_handle_t *handle, void *user)
{
    loop *l = user;
    const uv_handle_t *const own[] = { (uv_handle_t *)&l->interrupt,
                                       (uv_handle_t *)&l->terminate };

    if (uv_is_closing(handle)) {
        return;
    }
    if (handle == own[0] || handle == own[1]) {
        uv_close(handle, NULL);
    } else if (handle->type == UV_POLL || handle->type == UV_TIMER ||
               handle->type == UV_SIGNAL) {
        uv_close(handle, release);
    }
}

void loop_free(loop *l)
{
    if (l == NULL) {
        return;
    }
    uv_walk(&l->uv, close_handle, l);
    uv_run(&l->uv, UV_RUN_DEFAULT);
    (void)uv_loop_close(&l->uv); /* nothing is open any more */
    free(l);
}

struct uv_loop_s *loop_native(loop *l)
{
    return &l->uv;
}

void loop_run(loop *l)
{
    uv_run(&l->uv, UV_RUN_DEFAULT);
}

void loop_stop(loop *l)
{
    uv_stop(&l->uv);
}

static void on_signal(uv_signal_t *handle, int number)
{
    loop *l = handle->data;

    l->signal = number;
    uv_stop(&l->uv);
}

static bool on(loop *l, uv_signal_t *handle, int number)
{
    if (uv_signal_init(&l->uv, handle) != 0) {
        return false;
    }
    handle->data = l;
    /* Waiting for a signal alone keeps nobody running. */
    uv_unref((uv_handle_t *)handle);
    return uv_signal_start(handle, on_signal, number) == 0;
}

bool loop_stop_on_signals(loop *l)
{
    if (l->signals) {
        return true;
    }
    l->signals = on(l, &l->interrupt, SIGINT) && on(l, &l->terminate, SIGTERM);
    return l->signals;
}

static void on_told_signal(uv_signal_t *handle, int number)
{
    const struct loop_signal *s = handle->data;

    (void)number;
    s->due(s->user);
}

bool loop_on_signal(loop *l, int number, loop_due *due, void *user)
{
    struct loop_signal *s = calloc(1, sizeof *s);

    if (s == NULL || uv_signal_init(&l->uv, &s->uv) != 0) {
        free(s);
        return false;
    }
    s->due = due;
    s->user = user;
    s->uv.data = s;
    uv_unref((uv_handle_t *)&s->uv);
    return uv_signal_start(&s->uv, on_told_signal, number) == 0;
}

int loop_signal(const loop *l)
{
    return l->signal;
}

covey_time loop_now(void)
{
    struct timespec mono = { 0, 0 };
    struct timespec real = { 0, 0 };
    covey_time t;

    /* These two cannot fail with clocks that exist. */
    (void)clock_gettime(CLOCK_BOOTTIME, &mono);
    (void)clock_gettime(CLOCK_REALTIME, &real);
    t.mono = (covey_ms)mono.tv_sec * 1000u + (covey_ms)mono.tv_nsec / 1000000u;
    t.unix_s = real.tv_sec;
    t.unix_known = true;
    return t;
}

static int native_events(int events)
{
    return ((events & LOOP_READ) != 0 ? UV_READABLE : 0) |
           ((events & LOOP_WRITE) != 0 ? UV_WRITABLE : 0);
}

static void on_poll(uv_poll_t *handle, int status, int events)
{
    loop_watch *w = handle->data;
    int ready = 0;

    /* An error is found by whoever reads or writes. libuv has stopped to watch
     * then, but an ICMP error is not the end of a socket. */
    if (status != 0 && w->events != 0) {
        uv_poll_start(handle, native_events(w->events), on_poll);
    }
    if (status != 0 || (events & UV_READABLE) != 0) {
        ready |= LOOP_READ;
    }
    if (status != 0 || (events & UV_WRITABLE) != 0) {
        ready |= LOOP_WRITE;
    }
    ready &= w->events;
    if (ready != 0) {
        w->ready(w->user, ready);
    }
}

void loop_watch_set(loop_watch *w, int events)
{
    if (w->events == events) {
        return;
    }
    w->events = events;
    if (events == 0) {
        uv_poll_stop(&w->uv);
    } else {
        uv_poll_start(&w->uv, native_events(events), on_poll);
    }
}

loop_watch *loop_watch_new(loop *l, int fd, int events, loop_ready *ready,
                           void *user)
{
    loop_watch *w = calloc(1, sizeof *w);

    if (w == NULL || uv_poll_init(&l->uv, &w->uv, fd) != 0) {
        free(w);
        return NULL;
    }
    w->uv.data = w;
    w->ready = ready;
    w->user = user;
    loop_watch_set(w, events);
    return w;
}

void loop_watch_end(loop_watch *w)
{
    if (w != NULL) {
        uv_close((uv_handle_t *)&w->uv, release);
    }
}

static void on_timer(uv_timer_t *handle)
{
    loop_alarm *a = handle->data;
    const covey_ms now = loop_now().mono;

    /* libuv's clock stands still while the system sleeps, and its beginning
     * of a millisecond is not ours: never before the deadline. */
    if (now < a->deadline) {
        loop_alarm_set(a, a->deadline);
        return;
    }
    a->deadline = COVEY_NEVER;
    a->ringing = true;
    a->due(a->user);
    a->ringing = false; /* if it was ended, it is freed later */
}

loop_alarm *loop_alarm_new(loop *l, loop_due *due, void *user)
{
    loop_alarm *a = calloc(1, sizeof *a);

    if (a == NULL || uv_timer_init(&l->uv, &a->uv) != 0) {
        free(a);
        return NULL;
    }
    a->uv.data = a;
    a->due = due;
    a->user = user;
    a->deadline = COVEY_NEVER;
    return a;
}

void loop_alarm_set(loop_alarm *a, covey_ms deadline)
{
    const covey_ms now = loop_now().mono;

    a->deadline = deadline;
    if (deadline == COVEY_NEVER) {
        uv_timer_stop(&a->uv);
        return;
    }
    uv_update_time(a->uv.loop);
    /* libuv runs timers until none is due: one that is due at once whenever it
     * rings would keep it from everything else. */
    const covey_ms least = a->ringing ? 1 : 0;
    const covey_ms wait = deadline > now ? deadline - now : 0;
    uv_timer_start(&a->uv, on_timer, wait > least ? wait : least, 0);
}

void loop_alarm_end(loop_alarm *a)
{
    if (a != NULL) {
        uv_close((uv_handle_t *)&a->uv, release);
    }
}
