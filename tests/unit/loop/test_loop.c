/* SPDX-License-Identifier: BSD-2-Clause */
#include "kit.h"

#include <loop.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

/* What a test has seen. */
struct seen {
    loop *l;
    loop_watch *watch;
    loop_alarm *alarm;
    int fd;
    int events;
    int calls;
    covey_ms when;
};

static void on_pipe(void *user, int events)
{
    struct seen *s = user;
    char byte;

    s->events |= events;
    s->calls++;
    assert_int_equal(read(s->fd, &byte, 1), 1);
    loop_stop(s->l);
}

static void a_descriptor_becomes_ready(void **state)
{
    struct seen s = { .l = loop_new() };
    int ends[2];

    (void)state;
    assert_non_null(s.l);
    assert_int_equal(pipe(ends), 0);
    s.fd = ends[0];
    s.watch = loop_watch_new(s.l, s.fd, LOOP_READ, on_pipe, &s);
    assert_non_null(s.watch);
    assert_int_equal(write(ends[1], "x", 1), 1);
    loop_run(s.l);
    assert_int_equal(s.calls, 1);
    assert_int_equal(s.events, LOOP_READ);
    loop_free(s.l); /* the watch with it */
    close(ends[0]);
    close(ends[1]);
}

/* Takes what is there: at first an error that the network tells. */
static void on_datagram(void *user, int events)
{
    struct seen *s = user;
    struct sockaddr_in own;
    socklen_t len = sizeof own;
    char byte;

    s->events |= events;
    s->calls++;
    if (recv(s->fd, &byte, 1, MSG_DONTWAIT) == 1) {
        loop_stop(s->l);
        return;
    }
    /* connected to itself it can hear itself */
    assert_int_equal(getsockname(s->fd, (struct sockaddr *)&own, &len), 0);
    assert_int_equal(connect(s->fd, (struct sockaddr *)&own, len), 0);
    assert_int_equal(send(s->fd, "x", 1, 0), 1);
}

/* A peer that cannot be reached ends nothing. */
static void socket_with_an_error_is_watched_on(void **state)
{
    struct seen s = { .l = loop_new() };
    const struct sockaddr_in nobody = { .sin_family = AF_INET,
                                        .sin_port = htons(9),
                                        .sin_addr = {
                                            htonl(INADDR_LOOPBACK) } };

    (void)state;
    s.fd = socket(AF_INET, SOCK_DGRAM, 0);
    assert_int_equal(
        connect(s.fd, (const struct sockaddr *)&nobody, sizeof nobody), 0);
    s.watch = loop_watch_new(s.l, s.fd, LOOP_READ, on_datagram, &s);
    assert_non_null(s.watch);
    assert_int_equal(send(s.fd, "x", 1, 0), 1);
    loop_run(s.l);
    assert_int_equal(s.calls, 2);
    loop_free(s.l);
    close(s.fd);
}

static void on_writable(void *user, int events)
{
    struct seen *s = user;

    s->events |= events;
    s->calls++;
    loop_watch_set(s->watch, 0);
}

/* A watch that wants nothing keeps the loop from nothing. */
static void wishes_change(void **state)
{
    struct seen s = { .l = loop_new() };
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    s.fd = ends[1];
    s.watch = loop_watch_new(s.l, s.fd, 0, on_writable, &s);
    loop_run(s.l);
    assert_int_equal(s.calls, 0);
    loop_watch_set(s.watch, LOOP_WRITE);
    loop_run(s.l);
    assert_int_equal(s.calls, 1);
    assert_int_equal(s.events, LOOP_WRITE);
    loop_watch_end(s.watch);
    loop_free(s.l);
    close(ends[0]);
    close(ends[1]);
}

static void on_due(void *user)
{
    struct seen *s = user;

    s->calls++;
    s->when = loop_now().mono;
}

static void deadlines_are_never_early(void **state)
{
    (void)state;
    for (covey_ms wait = 0; wait < 30; wait += 7) {
        struct seen s = { .l = loop_new() };
        const covey_ms deadline = loop_now().mono + wait;
        s.alarm = loop_alarm_new(s.l, on_due, &s);
        loop_alarm_set(s.alarm, deadline);
        loop_run(s.l);
        assert_int_equal(s.calls, 1);
        assert_true(s.when >= deadline);
        loop_free(s.l);
    }
}

static void an_alarm_is_moved_and_taken_back(void **state)
{
    struct seen s = { .l = loop_new() };
    const covey_ms now = loop_now().mono;

    (void)state;
    s.alarm = loop_alarm_new(s.l, on_due, &s);
    loop_alarm_set(s.alarm, now + 3600000);
    loop_alarm_set(s.alarm, 0); /* long ago */
    loop_run(s.l);
    assert_int_equal(s.calls, 1);
    loop_alarm_set(s.alarm, now + 10);
    loop_alarm_set(s.alarm, COVEY_NEVER);
    loop_run(s.l);
    assert_int_equal(s.calls, 1);
    loop_alarm_end(s.alarm);
    loop_free(s.l);
}

static void on_due_again(void *user)
{
    struct seen *s = user;

    s->calls++;
    loop_alarm_set(s->alarm, 0); /* long ago */
}

static void on_pipe_stop(void *user, int events)
{
    struct seen *s = user;

    s->events |= events;
    if (s->calls > 2) { /* both have their turn */
        loop_stop(s->l);
    }
}

static void an_alarm_that_is_always_due_leaves_room(void **state)
{
    struct seen s = { .l = loop_new() };
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    s.watch = loop_watch_new(s.l, ends[0], LOOP_READ, on_pipe_stop, &s);
    s.alarm = loop_alarm_new(s.l, on_due_again, &s);
    loop_alarm_set(s.alarm, 0);
    assert_int_equal(write(ends[1], "x", 1), 1);
    loop_run(s.l);
    assert_int_equal(s.events, LOOP_READ);
    loop_free(s.l);
    close(ends[0]);
    close(ends[1]);
}

static void on_due_raise(void *user)
{
    (void)user;
    raise(SIGTERM);
}

static void a_signal_stops_it(void **state)
{
    struct seen s = { .l = loop_new() };
    loop_alarm *forever;

    (void)state;
    assert_true(loop_stop_on_signals(s.l));
    assert_true(loop_stop_on_signals(s.l));
    assert_int_equal(loop_signal(s.l), 0);
    s.alarm = loop_alarm_new(s.l, on_due_raise, &s);
    forever = loop_alarm_new(s.l, on_due, &s);
    loop_alarm_set(s.alarm, 0);
    loop_alarm_set(forever, loop_now().mono + 3600000);
    loop_run(s.l);
    assert_int_equal(loop_signal(s.l), SIGTERM);
    assert_int_equal(s.calls, 0);
    loop_free(s.l);
}

static void descriptors_that_are_none_are_refused(void **state)
{
    struct seen s = { .l = loop_new() };

    (void)state;
    assert_null(loop_watch_new(s.l, -1, LOOP_READ, on_pipe, &s));
    loop_watch_end(NULL);
    loop_alarm_end(NULL);
    loop_free(s.l);
    loop_free(NULL);
}

static void time_goes_forward(void **state)
{
    const covey_time a = loop_now();
    const covey_time b = loop_now();

    (void)state;
    assert_true(b.mono >= a.mono);
    assert_true(a.unix_known);
    assert_true(a.unix_s > 1600000000);
}

static void tell(void *user)
{
    struct seen *s = user;

    if (++s->calls < 3) {
        assert_int_equal(raise(SIGUSR1), 0);
    } else {
        loop_stop(s->l);
    }
}

/* Again and again, and it keeps nobody running. */
static void a_signal_is_told(void **state)
{
    struct seen s = { .l = loop_new() };

    (void)state;
    assert_true(loop_on_signal(s.l, SIGUSR1, tell, &s));
    s.alarm = loop_alarm_new(s.l, tell, &s); /* what keeps it running */
    assert_int_equal(raise(SIGUSR1), 0);
    loop_alarm_set(s.alarm, loop_now().mono + 60000);
    loop_run(s.l);
    assert_int_equal(s.calls, 3);
    assert_int_equal(loop_signal(s.l), 0);
    loop_free(s.l);
    s.l = loop_new();
    assert_true(loop_on_signal(s.l, SIGUSR1, tell, &s));
    loop_run(s.l);
    loop_free(s.l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_descriptor_becomes_ready),
        cmocka_unit_test(wishes_change),
        cmocka_unit_test(deadlines_are_never_early),
        cmocka_unit_test(an_alarm_is_moved_and_taken_back),
        cmocka_unit_test(an_alarm_that_is_always_due_leaves_room),
        cmocka_unit_test(a_signal_stops_it),
        cmocka_unit_test(descriptors_that_are_none_are_refused),
        cmocka_unit_test(socket_with_an_error_is_watched_on),
        cmocka_unit_test(time_goes_forward),
        cmocka_unit_test(a_signal_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
