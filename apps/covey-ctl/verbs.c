/* SPDX-License-Identifier: BSD-2-Clause */
/* At the store itself: it is the truth for all managers, whether they run or
 * not, and wakes those that do. Who may do this is whoever may open it. */
#include "ctl.h"

#include <copy.h>
#include <enrol.h>
#include <errno.h>
#include <groups.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <text.h>

enum {
    WHY_MAX = 512,
    EVENTS = 100 /* at a time */
};

static int status_of(store_result r)
{
    switch (r) {
    case STORE_OK:
        return CTL_DONE;
    case STORE_NONE:
        return CTL_NEGATIVE;
    case STORE_TAKEN:
    case STORE_REFUSED:
        return CTL_REFUSED;
    case STORE_AGAIN:
    case STORE_BROKEN:
        break;
    }
    return CTL_IO;
}

/* NULL: it has been told why. A wrong name is not a new store without
 * anything, unless nodes are to be put into it. */
static store *open_store(const struct ctl *c, bool may_be_new)
{
    char why[WHY_MAX];
    store *s = may_be_new ? store_open(&c->options, why, sizeof why)
                          : store_open_existing(&c->options, why, sizeof why);

    if (s == NULL) {
        fprintf(stderr, "covey ctl: %s\n", why);
    }
    return s;
}

static int finish(store *s, store_result r, const char *what)
{
    if (r != STORE_OK) {
        fprintf(stderr, "covey ctl: %s: %s\n", what,
                r == STORE_NONE ? "there is none" : store_error(s));
    }
    store_close(s);
    return status_of(r);
}

/* Text out of a store, which a terminal can show. */
static void print_text(covey_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        putchar(text.ptr[i] > 0x20 && text.ptr[i] < 0x7f ? text.ptr[i] : '?');
    }
}

static void print_words(covey_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        putchar(text.ptr[i] >= 0x20 && text.ptr[i] < 0x7f ? text.ptr[i] : '?');
    }
}

/* --- nodes --------------------------------------------------------------- */

int ctl_enrol(struct ctl *c)
{
    enrol_file *f = enrol_load(c->operands[0], stderr);
    char name[64] = "";
    size_t row = 0;

    if (f == NULL) {
        return errno != 0 ? CTL_IO : CTL_NEGATIVE;
    }
    store *s = open_store(c, true);
    if (s == NULL) {
        enrol_free(f);
        return CTL_IO;
    }
    const store_result r = enrol_put(s, f, &row);
    if (enrol_count(f) > 0) {
        const covey_bytes n = enrol_row(f, row)->name;
        (void)snprintf(name, sizeof name, "%.*s", (int)n.len,
                       (const char *)n.ptr);
    }
    if (r == STORE_OK) {
        printf("%zu nodes\n", enrol_count(f));
    }
    enrol_free(f);
    return finish(s, r, name);
}

int ctl_disenrol(struct ctl *c)
{
    store *s = open_store(c, false);
    const char *what = "";

    if (s == NULL) {
        return CTL_IO;
    }
    store_result r = store_begin(s);
    for (size_t i = 0; r == STORE_OK && i < c->count; i++) {
        what = c->operands[i];
        r = store_disenrol(s, covey_bytes_text(what));
    }
    if (r == STORE_OK) {
        r = store_wake(s);
    }
    if (r == STORE_OK) {
        r = store_commit(s);
    } else {
        store_rollback(s);
    }
    return finish(s, r, what);
}

static void on_node(void *user, const store_enrolment *e)
{
    (void)user;
    print_text(e->name);
    fputs(" id ", stdout);
    for (size_t i = 0; i < e->recipient_id.len; i++) {
        printf("%02x", e->recipient_id.ptr[i]);
    }
    putchar('\n');
}

int ctl_nodes(struct ctl *c)
{
    store *s = open_store(c, false);

    if (s == NULL) {
        return CTL_IO;
    }
    const store_result r =
        store_enrolments(s, covey_bytes_of(NULL, 0), on_node, NULL);
    return finish(s, r == STORE_NONE ? STORE_OK : r, "nodes");
}

/* --- events -------------------------------------------------------------- */

struct last {
    uint64_t seq;
    size_t count;
};

static void on_event(void *user, const store_event *e)
{
    struct last *last = user;
    char at[TEXT_TIME_MAX];

    last->seq = e->seq;
    last->count++;
    printf("%" PRIu64 " %s ", e->seq, text_time((int64_t)e->at, at));
    print_text(e->what);
    printf(" serial=%u", (unsigned)e->serial);
    if (e->node.len > 0) {
        fputs(" node=", stdout);
        print_text(e->node);
    }
    if (e->detail.len > 0) {
        putchar(' ');
        print_words(e->detail);
    }
    putchar('\n');
}

int ctl_events(struct ctl *c)
{
    struct last last = { c->after, EVENTS };
    store *s = open_store(c, false);
    store_result r = STORE_OK;

    if (s == NULL) {
        return CTL_IO;
    }
    while (r == STORE_OK && last.count == EVENTS) {
        last.count = 0;
        r = store_events(s, last.seq, EVENTS, on_event, &last);
    }
    return finish(s, r == STORE_NONE ? STORE_OK : r, "events");
}

/* --- copies -------------------------------------------------------------- */

int ctl_backup(struct ctl *c)
{
    store *s = open_store(c, false);

    if (s == NULL) {
        return CTL_IO;
    }
    return finish(s, store_backup(s, c->operands[0]), c->operands[0]);
}

int ctl_restore(struct ctl *c)
{
    char why[WHY_MAX];

    const store_result r =
        store_restore(c->operands[0], &c->options, why, sizeof why);

    if (r != STORE_OK) {
        fprintf(stderr, "covey ctl: restore: %s\n", why);
        return r == STORE_NONE ? CTL_IO : status_of(r);
    }
    fputs("restored: who was evicted or disenrolled since the backup is in"
          " again\n",
          stderr);
    return CTL_DONE;
}
