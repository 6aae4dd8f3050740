/* SPDX-License-Identifier: BSD-2-Clause */
/* Workers in processes of their own that write to each other. */
#include "kit.h"

#include <post.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    WORKERS = 3
};

struct worker {
    loop *l;
    post *p;
    unsigned count;
    unsigned from;
    char text[64];
    size_t len;
    bool answers;
};

static void on_letter(void *user, unsigned from, covey_bytes message)
{
    struct worker *w = user;

    w->count++;
    w->from = from;
    w->len = message.len;
    if (message.len <= sizeof w->text) {
        memcpy(w->text, message.ptr, message.len);
    }
    if (w->answers) {
        assert_true(post_send(w->p, from, SPAN("echo: "), message));
    } else {
        loop_stop(w->l);
    }
}

static void open_as(struct worker *w, post *p, unsigned me)
{
    w->l = loop_new();
    w->p = p;
    assert_non_null(w->l);
    assert_true(post_open(p, w->l, me, on_letter, w));
}

static void close_of(struct worker *w)
{
    post_close(w->p);
    loop_free(w->l);
}

/* A worker that answers until it is killed. */
static pid_t begin(post *p, unsigned me)
{
    const pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        struct worker w = { .answers = true };
        open_as(&w, p, me);
        loop_run(w.l);
        _exit(0);
    }
    return pid;
}

static void finish(pid_t pid)
{
    assert_int_equal(0, kill(pid, SIGKILL));
    assert_int_equal(pid, waitpid(pid, NULL, 0));
}

static void everybody_reaches_everybody(void **state)
{
    post *p = post_new(WORKERS);
    struct worker w = { 0 };
    pid_t pids[WORKERS] = { 0 };

    (void)state;
    assert_non_null(p);
    for (unsigned i = 1; i < WORKERS; i++) {
        pids[i] = begin(p, i);
    }
    open_as(&w, p, 0);
    for (unsigned i = 1; i < WORKERS; i++) {
        assert_true(post_send(p, i, SPAN("good "), SPAN("day")));
        loop_run(w.l);
        assert_int_equal(i, w.from);
        CHECK_SPAN(SPAN("echo: good day"),
                   covey_bytes_of((uint8_t *)w.text, w.len));
    }
    for (unsigned i = 1; i < WORKERS; i++) {
        finish(pids[i]);
    }
    close_of(&w);
    post_free(p);
}

/* What was sent to one that is no more is read by the next one. */
static void a_letter_waits_for_the_next_worker(void **state)
{
    post *p = post_new(WORKERS);
    struct worker w = { 0 };
    pid_t pid = begin(p, 1);

    (void)state;
    finish(pid);
    open_as(&w, p, 0);
    assert_true(post_send(p, 1, SPAN(""), SPAN("anybody?")));
    pid = begin(p, 1);
    loop_run(w.l);
    CHECK_SPAN(SPAN("echo: anybody?"),
               covey_bytes_of((uint8_t *)w.text, w.len));
    finish(pid);
    close_of(&w);
    post_free(p);
}

static void what_finds_no_room_is_lost(void **state)
{
    static const uint8_t much[POST_MESSAGE_MAX + 1];
    post *p = post_new(WORKERS);
    struct worker w = { 0 };
    unsigned sent = 0;

    (void)state;
    open_as(&w, p, 0);
    assert_false(post_send(p, 0, SPAN(""), SPAN("to itself")));
    assert_false(post_send(p, WORKERS, SPAN(""), SPAN("to nobody")));
    assert_false(
        post_send(p, 1, SPAN(""), covey_bytes_of(much, POST_MESSAGE_MAX + 1)));
    while (post_send(p, 1, SPAN(""), covey_bytes_of(much, 1000))) {
        sent++;
        assert_true(sent < 100000);
    }
    assert_true(sent > 10);
    assert_true(post_send(p, 2, SPAN(""), SPAN("another has room")));
    close_of(&w);
    post_free(p);
    post_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everybody_reaches_everybody),
        cmocka_unit_test(a_letter_waits_for_the_next_worker),
        cmocka_unit_test(what_finds_no_room_is_lost),
    };

    return KIT_RUN(tests);
}
