/* SPDX-License-Identifier: BSD-2-Clause */
/* SIGKILL at every step on the way to the disk, with whole and with torn
 * writes. Before each change a child says what will be true, and after it that
 * it is; whatever its parent finds afterwards is one or the other. */
#include "dying.h"
#include "groups.h"
#include "lab.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define ID   SPAN("\x01\x02\x03")
#define NAME SPAN("north")

enum {
    MEMBERS = 3
};

/* What one can see of a store. */
struct view {
    uint64_t ssn;
    uint64_t window;
    uint64_t recipient;
    uint64_t serial;
    uint64_t revision;
    uint64_t version;
    uint64_t members;
    uint64_t stale;
    uint64_t told; /* of all members together */
    uint64_t events;
};

struct report {
    uint32_t done; /* 0: is about to be */
    struct view view;
};

/* --- the child ----------------------------------------------------------- */

struct child {
    store *s;
    store_lease lease;
    struct view now;
    struct view next;
    int out;
};

static void say(const struct child *c, uint32_t done)
{
    const struct report r = { done, c->next };

    if (write(c->out, &r, sizeof r) != (ssize_t)sizeof r) {
        _exit(3);
    }
}

static void done(struct child *c, store_result r)
{
    if (r != STORE_OK) {
        _exit(4);
    }
    say(c, 1);
    c->now = c->next;
}

static void keep(struct child *c, uint64_t ssn, uint64_t window)
{
    const store_numbers next = { ssn, window, false };

    c->next.ssn = ssn;
    c->next.window = window;
    say(c, 0);
    done(c, store_lease_keep(c->s, &c->lease, &next));
}

static void reserve(struct child *c)
{
    uint64_t first;

    c->next.ssn += 64;
    say(c, 0);
    done(c, store_reserve_piv(c->s, &c->lease, 64, &first));
}

static void hear(struct child *c, uint64_t number)
{
    c->next.recipient = number;
    say(c, 0);
    done(c, store_lease_recipient(c->s, &c->lease, ID, number));
}

static store_result put_group(struct child *c)
{
    const store_group g = { .serial = 1,
                            .revision = c->next.revision,
                            .name = NAME,
                            .version = c->next.version,
                            .master_secret = SPAN("0123456789abcdef"),
                            .master_salt = SPAN(""),
                            .settings = SPAN("") };

    return store_group_put(c->s, &g);
}

static store_result put_member(struct child *c, unsigned i)
{
    char name[8];

    snprintf(name, sizeof name, "n%u", i);
    const store_member m = { .serial = 1,
                             .name = covey_bytes_text(name),
                             .told = 0 };
    return store_member_put(c->s, &m);
}

/* A group with its members, an event, and the next serial: one batch. */
static void create(struct child *c)
{
    const store_event e = { .at = 1, .what = SPAN("create"), .serial = 1 };

    c->next.serial = 2;
    c->next.revision = 1;
    c->next.members = MEMBERS;
    c->next.events = 1;
    say(c, 0);
    store_result r = store_begin(c->s);
    if (r == STORE_OK) {
        r = store_serial_put(c->s, 2);
    }
    if (r == STORE_OK) {
        r = put_group(c);
    }
    for (unsigned i = 0; r == STORE_OK && i < MEMBERS; i++) {
        r = put_member(c, i);
    }
    if (r == STORE_OK) {
        r = store_event_put(c->s, &e);
    }
    done(c, r == STORE_OK ? store_commit(c->s) : r);
}

/* One member goes, the group is rekeyed. */
static void evict(struct child *c)
{
    const store_stale stale = { 1, c->now.version, SPAN("\x07") };

    c->next.revision++;
    c->next.version++;
    c->next.members--;
    c->next.stale++;
    say(c, 0);
    store_result r = store_begin(c->s);
    if (r == STORE_OK) {
        r = put_group(c);
    }
    if (r == STORE_OK) {
        r = store_member_delete(c->s, 1, SPAN("n0"));
    }
    if (r == STORE_OK) {
        r = store_stale_put(c->s, &stale);
    }
    done(c, r == STORE_OK ? store_commit(c->s) : r);
}

static void tell(struct child *c, covey_bytes name)
{
    c->next.told += c->next.version;
    say(c, 0);
    done(c, store_member_told(c->s, 1, name, c->next.version));
}

static void take(struct child *c)
{
    const store_numbers first = { 5, 0, false };

    c->next.ssn = 5;
    say(c, 0);
    done(c, store_lease_take(c->s, ID, &first, &c->lease));
}

static void live(const char *where, int out, unsigned step, int torn)
{
    const store_options options = { where, NULL, NULL };
    char why[STORE_WHY_MAX];
    struct child c = { .out = out };

    dying_at(step, torn);
    c.s = store_open(&options, why, sizeof why);
    if (c.s == NULL) {
        _exit(5);
    }
    take(&c);
    keep(&c, 64, 32);
    hear(&c, 10);
    create(&c);
    reserve(&c);
    evict(&c);
    tell(&c, SPAN("n1"));
    tell(&c, SPAN("n2"));
    hear(&c, 20);
    keep(&c, 200, 100);
    store_close(c.s);
    _exit(0);
}

/* --- the parent ---------------------------------------------------------- */

static void on_recipient(void *user, covey_bytes recipient, uint64_t number)
{
    struct view *v = user;

    CHECK_SPAN(ID, recipient);
    v->recipient = number;
}

static void on_group(void *user, const store_group *g)
{
    struct view *v = user;

    CHECK_SPAN(SPAN("0123456789abcdef"), g->master_secret);
    v->revision = g->revision;
    v->version = g->version;
}

static void on_member(void *user, const store_member *m)
{
    struct view *v = user;

    v->members++;
    v->told += m->told;
}

static void on_stale(void *user, const store_stale *stale)
{
    struct view *v = user;

    (void)stale;
    v->stale++;
}

static void on_event(void *user, const store_event *e)
{
    struct view *v = user;

    (void)e;
    v->events++;
}

/* As somebody who starts after the crash sees it. */
static struct view look(const struct lab *lab)
{
    const store_numbers never = { 0, 0, false };
    store *s = lab_open(lab);
    store_lease lease;
    struct view v = { 0 };
    uint32_t serial = 0;

    CHECK_STORE(STORE_OK, s, store_lease_take(s, ID, &never, &lease));
    v.ssn = lease.numbers.ssn;
    v.window = lease.numbers.window;
    CHECK_STORE(STORE_OK, s,
                store_lease_recipients(s, &lease, on_recipient, &v));
    CHECK_STORE(STORE_OK, s, store_serial(s, &serial));
    v.serial = serial > 1 ? serial : 0;
    CHECK_STORE(STORE_OK, s, store_groups(s, 0, on_group, &v));
    CHECK_STORE(STORE_OK, s, store_members(s, 1, on_member, &v));
    CHECK_STORE(STORE_OK, s, store_stales(s, 1, on_stale, &v));
    CHECK_STORE(STORE_OK, s, store_events(s, 0, 100, on_event, &v));
    store_close(s);
    return v;
}

static bool same(const struct view *a, const struct view *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* The last that is promised, and what was about to be. */
static void listen_to(int in, struct view *promised, struct view *intended)
{
    struct report r;

    while (read(in, &r, sizeof r) == (ssize_t)sizeof r) {
        *intended = r.view;
        if (r.done != 0) {
            *promised = r.view;
        }
    }
}

/* True if the child came to its end. */
static bool one_life(unsigned step, int torn)
{
    struct lab lab = lab_begin();
    struct view promised = { 0 };
    struct view intended = { 0 };
    int ends[2];
    int status = 0;

    assert_int_equal(0, pipe(ends));
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(ends[0]);
        live(lab.where, ends[1], step, torn);
    }
    close(ends[1]);
    listen_to(ends[0], &promised, &intended);
    close(ends[0]);
    assert_int_equal(pid, waitpid(pid, &status, 0));
    const bool ended = WIFEXITED(status);
    if (ended) {
        assert_int_equal(0, WEXITSTATUS(status));
    } else {
        assert_int_equal(SIGKILL, WTERMSIG(status));
    }
    const struct view found = look(&lab);
    if (!same(&found, &promised) && !same(&found, &intended)) {
        fail_msg("step %u%s: ssn %u, window %u, revision %u, members %u is "
                 "neither what was nor what was to be",
                 step, torn ? " torn" : "", (unsigned)found.ssn,
                 (unsigned)found.window, (unsigned)found.revision,
                 (unsigned)found.members);
    }
    lab_end(&lab);
    return ended;
}

static void survives(int torn)
{
    unsigned step = 1;

    while (!one_life(step, torn)) {
        step++;
    }
    print_message("%u steps\n", step - 1);
    /* it was not for nothing: each change takes at least two */
    assert_true(step > 30);
}

static void survives_death_before_every_step(void **state)
{
    (void)state;
    survives(0);
}

static void survives_torn_writes(void **state)
{
    (void)state;
    survives(1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(survives_death_before_every_step),
        cmocka_unit_test(survives_torn_writes),
    };

    return KIT_RUN(tests);
}
