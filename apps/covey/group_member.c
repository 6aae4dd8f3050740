/* SPDX-License-Identifier: BSD-2-Clause */
/* `covey group join`, `leave` and `status`: membership by a Group Manager,
 * that lasts from one call to the next in a state file. */
#include "cmd.h"
#include "group_admin_show.h"
#include "group_report.h"
#include "group_verbs.h"
#include "joined.h"

#include <crypto/openssl/openssl.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <system_address.h>

struct session {
    const group_args *args;
    covey_crypto crypto;
    context_file *file;
    struct joined joined;
    bool open;
};

/* --- opening ------------------------------------------------------------- */

static int load(struct session *s)
{
    s->file = context_load(s->args->context, stderr);
    if (s->file == NULL) {
        return errno != 0 ? EXIT_IO : EXIT_NEGATIVE;
    }
    if (s->file->type != CONTEXT_MANAGED) {
        return group_fail(s->args, EXIT_USAGE,
                          "%s: expected a context of type member "
                          "(covey-context(5))",
                          s->args->context);
    }
    return EXIT_DONE;
}

static int open_session(struct session *s, const group_args *args, bool joins)
{
    struct joined_options options = { .state = args->state, .joins = joins };
    int rc;

    memset(s, 0, sizeof *s);
    s->args = args;
    if (args->state == NULL) {
        group_fail(args, EXIT_USAGE,
                   "expected --state: a membership outlives this call, and so "
                   "do its numbers");
        return EXIT_USAGE;
    }
    if (covey_openssl_open(&s->crypto) != COVEY_OK) {
        group_fail(args, EXIT_IO, "libcrypto lacks an algorithm");
        return EXIT_IO;
    }
    rc = load(s);
    if (rc != EXIT_DONE) {
        return rc;
    }
    options.context = &s->file->managed;
    options.crypto = &s->crypto;
    options.first = s->file->managed.association->sequence_number;
    options.message_max = 1280;
    s->open = true;
    return joined_open(&s->joined, &options)
               ? EXIT_DONE
               : group_fail(args, EXIT_IO, "%s", s->joined.why);
}

static void close_session(struct session *s)
{
    if (s->open) {
        joined_close(&s->joined);
    }
    context_free(s->file);
    covey_openssl_close(&s->crypto);
}

static covey_ms patience(const group_args *args)
{
    return args->timeout != 0 ? args->timeout : JOINED_WAIT;
}

/* --- saying -------------------------------------------------------------- */

static void put_text(group_report *r, const char *name, covey_bytes text)
{
    char copy[COVEY_TEXT_MAX + 1] = "";

    memcpy(copy, text.ptr, text.len);
    group_report_text(r, name, copy);
}

static void put_keys(group_report *r, const struct joined *j)
{
    const covey_member *m = managed_member(j->group);
    const covey_group *g = managed_group(j->group);
    const covey_bytes id = covey_group_sender_of(g);
    covey_bytes one;

    group_report_number(r, "version", covey_member_version(m));
    group_report_bytes(r, "gid", covey_group_gid_of(g));
    if (id.ptr != NULL) {
        group_report_bytes(r, "sender_id", id);
        group_report_number(r, "sequence_number", managed_exact(j->group));
    }
    const size_t known = covey_member_known(m, UINT8_MAX, &one);
    group_report_number(r, "members_known", known);
    group_warn_many(known + 1);
}

/* state: "member", "out". */
static int say(const struct session *s, const char *state, bool current)
{
    const struct joined *j = &s->joined;
    const context_managed *c = &s->file->managed;
    char address[ADDRESS_TEXT_MAX];
    group_report r;

    group_report_begin(&r, s->args, &s->crypto);
    group_report_text(&r, "state", state);
    group_report_text(&r, "manager", address_text(&c->manager, address));
    put_text(&r, "group", c->group);
    put_text(&r, "node", c->node);
    if (j->group != NULL && managed_is_in(j->group)) {
        put_keys(&r, j);
        group_report_text(&r, "current", current ? "yes" : "unknown");
    }
    return group_report_end(&r, s->args);
}

/* What has gone wrong, with which group where. */
static int fail(const struct session *s, int rc)
{
    const context_managed *c = &s->file->managed;
    char address[ADDRESS_TEXT_MAX];

    return group_fail(s->args, rc, "group %.*s at coap://%s, node %.*s: %s",
                      (int)c->group.len, (const char *)c->group.ptr,
                      address_text(&c->manager, address), (int)c->node.len,
                      (const char *)c->node.ptr, s->joined.why);
}

/* --- verbs --------------------------------------------------------------- */

static int join(struct session *s)
{
    const int rc = joined_settle(&s->joined, patience(s->args));

    if (rc != EXIT_DONE) {
        return fail(s, rc);
    }
    return say(s, "member", true);
}

int group_verb_join(const group_args *args)
{
    struct session s;
    int rc = open_session(&s, args, true);

    if (rc == EXIT_DONE) {
        rc = join(&s);
    }
    close_session(&s);
    return rc;
}

static int leave(struct session *s)
{
    struct joined *j = &s->joined;
    managed_news news;

    if (j->group == NULL) {
        return group_fail(s->args, EXIT_NEGATIVE,
                          "%s: no member, there is nothing to leave",
                          s->args->state);
    }
    managed_leave(j->group);
    news = joined_wait(j,
                       JOINED_NEWS(MANAGED_LEFT) | JOINED_NEWS(MANAGED_OUT) |
                           JOINED_NEWS(MANAGED_SILENT),
                       patience(s->args));
    if (news != MANAGED_LEFT && news != MANAGED_OUT) {
        return fail(s, EXIT_IO);
    }
    return say(s, "out", true);
}

int group_verb_leave(const group_args *args)
{
    struct session s;
    int rc = open_session(&s, args, false);

    if (rc == EXIT_DONE) {
        rc = leave(&s);
    }
    close_session(&s);
    return rc;
}

/* The manager is asked whether these are the newest keys, and newer ones are
 * taken. */
static int status(struct session *s)
{
    struct joined *j = &s->joined;
    int rc;

    if (j->group == NULL) {
        rc = say(s, "out", true);
        return rc == EXIT_DONE ? EXIT_NEGATIVE : rc;
    }
    rc = joined_settle(j, patience(s->args));
    if (rc == EXIT_REFUSED) {
        fail(s, rc);
        (void)say(s, "out", true);
        return EXIT_NEGATIVE;
    }
    if (rc != EXIT_DONE) {
        fail(s, rc);
    }
    (void)say(s, "member", rc == EXIT_DONE);
    return rc;
}

int group_verb_status(const group_args *args)
{
    struct session s;
    int rc = open_session(&s, args, false);

    if (rc == EXIT_DONE) {
        rc = status(&s);
    }
    close_session(&s);
    return rc;
}
